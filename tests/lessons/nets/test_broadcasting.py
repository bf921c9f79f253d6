"""`broadcasting`: every pair of operands as torch combines them, the rule for thousands of shapes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from sheetsim import check
from sheetsim.errors import SheetsimError
from sheetsim.gpu.compile import find_compiler
from sheetsim.lessons.kit.export import choose
from sheetsim.lessons.nets.broadcasting import AXES, EXAMPLES, OPERANDS, OPERATORS, SHAPES, shape_of
from sheetsim.lessons.nets.broadcasting.arrays import compute, numbers, rule
from sheetsim.public_lesson import lesson
from tests.checking.packages import edit_cell
from tests.lessons.implementations import inputs_of, same, sheet, tell

LESSON = lesson("broadcasting")

needs_compiler = pytest.mark.skipif(not find_compiler(), reason="no C++ compiler")
PAIRS = [(left, right) for left in OPERANDS for right in OPERANDS]


@needs_compiler
@pytest.mark.parametrize("place", range(len(PAIRS)))
def test_every_pair_of_operands(place: int) -> None:
    left, right = PAIRS[place]
    operator = OPERATORS[place % len(OPERATORS)]
    draw = np.random.default_rng(place)
    data = {"c": draw.normal(size=(1, 3)), "m": draw.normal(size=(3, 3))}
    told = tell(LESSON, data, left=left, right=right, operator=operator)
    same(told)
    c, m = torch.tensor(data["c"][0]), torch.tensor(data["m"])
    operands = [c, c[:, None], m, m.mean(0), m.mean(1, keepdim=True), m.mean(1)]
    shape = np.broadcast_shapes(*(operands[list(OPERANDS).index(word)].shape for word in (left, right)))
    assert np.isfinite(told["sheet"]["own.result"]).sum() == np.prod(shape)


def test_the_course_examples() -> None:
    """c = 10, 20, 30 and m = 1 to 9, as the course has them."""
    settings, data, _ = choose(LESSON, {}, {})
    blocks = sheet(LESSON, settings, data)[1]
    assert blocks["rows.result"].tolist() == [[11, 22, 33], [14, 25, 36], [17, 28, 39]]
    assert blocks["columns.result"].tolist() == [[11, 12, 13], [24, 25, 26], [37, 38, 39]]
    assert blocks["outer.result"].tolist() == [[20, 30, 40], [30, 40, 50], [40, 50, 60]]
    assert blocks["compare.result"].tolist() == [[0, 1, 1], [0, 0, 1], [0, 0, 0]]
    for name in EXAMPLES:
        np.testing.assert_array_equal(blocks[f"{name}.array"], blocks[f"{name}.result"])
    assert blocks["kept.result"].sum(axis=1).tolist() == [0, 0, 0]
    assert blocks["trap.result"].sum(axis=1).tolist() == [-9, 0, 9]  # so says the about page


def test_the_rule_is_torchs() -> None:
    draw = np.random.default_rng(0)
    fitting = 0
    for _ in range(4000):
        a, b = (tuple(draw.choice([0, 1, 2, 3], draw.integers(0, AXES + 1)).tolist()) for _ in range(2))
        axes = rule(a, b)
        longest = max(len(a), len(b))
        try:
            want = tuple(torch.broadcast_shapes(a, b))
        except RuntimeError:
            assert np.isnan(axes[AXES - longest :]).any()
            assert np.isnan(numbers(a, b, axes)[2])
        else:
            fitting += 1
            assert tuple(axes[AXES - longest :]) == want
            assert np.isnan(axes[: AXES - longest]).all()
            assert numbers(a, b, axes)[2] == np.prod(want)
    assert 500 < fitting < 3500


def random_shapes(seed: int) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)
    shapes = np.full((2, len(SHAPES), AXES), np.nan)
    for place in np.ndindex(2, len(SHAPES)):
        count = int(draw.integers(0, AXES + 1))
        shapes[place][AXES - count :] = draw.choice([0, 1, 1, 4, 7], count)
    return {"shape_a": shapes[0], "shape_b": shapes[1]}


@needs_compiler
@pytest.mark.parametrize("seed", range(4))
def test_every_implementation_knows_the_rule(seed: int) -> None:
    told = tell(LESSON, random_shapes(seed))
    same(told, exactly=True)
    assert np.isnan(told["sheet"]["numbers"]).any()


def test_what_the_about_page_says_of_shapes() -> None:
    nan = np.nan
    assert np.isnan(rule((5, 4), (4, 1))[-2])
    assert rule((5, 4), (1, 1))[-2:] == [5, 4]
    assert rule((5, 4), (1,))[-2:] == [5, 4]
    assert np.isnan(rule((64, 3, 28, 28), (3,))[-1])
    assert rule((64, 3, 28, 28), (3, 1, 1)) == [64, 3, 28, 28]
    settings, data, _ = choose(LESSON, {"left": "c", "right": "column means"}, {})
    result = compute(inputs_of(LESSON, settings, data))["own.result"]
    np.testing.assert_array_equal(np.isfinite(result), [[True] * 3, [False] * 3, [False] * 3])
    assert [says for says, _, _ in SHAPES][-1] == "your own"
    assert shape_of(np.array([nan, nan, 5, 4]), "a") == SHAPES[-1][1]


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ([np.nan, 2.5, 1, 1], "2.5 is no size"),
        ([np.nan, np.nan, np.nan, -1], "-1 is no size"),
        ([1, 1, 1, 1e6], "1e\\+06 is no size; an axis has 0, 1, 2"),
        ([3, np.nan, 2, 1], "nothing blank between them"),
        ([np.nan, np.nan, 2, np.nan], "at the right"),
    ],
)
def test_what_is_no_shape(sizes: list[float], words: str) -> None:
    with pytest.raises(SheetsimError, match=words) as caught:
        shape_of(np.array(sizes), "shape a, line 1")
    assert "\n" not in str(caught.value)


def test_check_names_a_wrong_shape(tmp_path: Path) -> None:
    file = LESSON.export(tmp_path / "broadcasting.xlsx")
    wrong = edit_cell(file, tmp_path / "wrong.xlsx", "broadcasting rule", "E6", value="-3")
    with pytest.raises(SheetsimError, match="shape a, line 1: -3 is no size"):
        check(wrong, against=["arrays"])


def test_an_unknown_operand(tmp_path: Path) -> None:
    with pytest.raises(SheetsimError, match="left is one of c, column c, m"):
        LESSON.export(tmp_path / "x.xlsx", left="d")


def test_a_stale_value_is_a_difference(tmp_path: Path) -> None:
    """Also where check asks what rounding can do, and computes with sizes that are a little off."""
    file = LESSON.export(tmp_path / "broadcasting.xlsx")
    stale = edit_cell(file, tmp_path / "stale.xlsx", "broadcasting rule", "O6", value="4")
    outcome = check(stale, against=["arrays", "torch"])
    assert not outcome.passed
    assert [one.cell.rpartition("!")[2] for one in outcome.mismatches] == ["O6"] * len(outcome.mismatches)
