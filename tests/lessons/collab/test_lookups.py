"""`onehot`, `lookup` and `embeddings`: the courses' sheets, torch's own layers and gradients, other sizes,
what a learner may type, and what the about pages say."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sheetsim import SheetsimError, check
from sheetsim.address import Rect, cell_name
from sheetsim.checking.file import File
from sheetsim.checking.subject import find_subject
from sheetsim.lessons.collab import embeddings, lookup, onehot
from sheetsim.lessons.kit.catalogue import lesson
from sheetsim.lessons.kit.export import make_book
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.solve.problem import stored_problem
from sheetsim.solve.solver import solve
from tests.checking.packages import edit_cell
from tests.lessons.collab.books import edited, saved

IMPLEMENTATIONS = ["arrays", "torch", "kernel"]
# course, lesson, its sheet there, formula cells in its blocks, cells where Excel is an ulp away
COURSES = [
    ("course-v3", "onehot", "movielens_1hot", 9121, 1),
    ("course22", "lookup", "movielens_emb", 2913, 0),
    ("course-v3", "lookup", "movielens_emb", 2913, 1),
]


@pytest.mark.parametrize(("course", "name", "sheet", "cells", "exceptions"), COURSES)
def test_the_courses_sheets(
    lessons_dir: Path, course: str, name: str, sheet: str, cells: int, exceptions: int
) -> None:
    outcome = check(
        lessons_dir / course / "collab_filter.xlsx", model=name, sheet=sheet, against=IMPLEMENTATIONS
    )
    assert outcome.passed, str(outcome)
    for judge in ("arrays", "kernel"):
        told = outcome[judge]
        assert (told.cells, told.bit_identical) == (cells, cells - exceptions)
        assert told.max_ulp <= 1
        assert all(block.by_rounding == 0 for block in told.blocks)


@pytest.mark.parametrize(("course", "name", "sheet", "cells", "exceptions"), COURSES)
def test_a_changed_cell_of_the_courses_sheets_is_found(
    lessons_dir: Path, tmp_path: Path, course: str, name: str, sheet: str, cells: int, exceptions: int
) -> None:
    cell = "BB17" if name == "onehot" else "T17"
    original = lessons_dir / course / "collab_filter.xlsx"
    changed = edit_cell(original, tmp_path / "changed.xlsx", sheet, cell, value="0.25")
    outcome = check(changed, model=name, sheet=sheet, against=[*IMPLEMENTATIONS, "recalc"])
    assert {one.cell for one in outcome.mismatches} == {f"{sheet}!{cell}"}
    assert not any(outcome[judge].status == "passed" for judge in IMPLEMENTATIONS)


def test_gradients_of_a_plain_torch_model(lessons_dir: Path) -> None:
    """nn.Embedding, F.mse_loss and autograd, written down here once more, give the course's predictions and
    the lesson's slopes."""
    file = File(lessons_dir / "course22" / "collab_filter.xlsx")
    inputs = find_subject(file, "lookup", "movielens_emb").inputs
    layers = []
    for side in ("user", "movie"):
        table = torch.tensor(inputs[f"{side}_factors"])
        layers.append(nn.Embedding.from_pretrained(table, freeze=False))
    ids = [torch.tensor(np.searchsorted(inputs[f"{side}_id"], inputs[side])) for side in ("user", "movie")]
    predict = (layers[0](ids[0]) * layers[1](ids[1])).sum(1)
    F.mse_loss(predict, torch.tensor(inputs["rating"])).backward()
    for name in ("onehot", "lookup"):
        found = lesson(name).implementation("arrays").compute(inputs)
        assert np.allclose(found["predict"].ravel(), predict.detach(), rtol=1e-14)
        for side, layer in zip(("user", "movie"), layers, strict=True):
            assert layer.weight.grad is not None
            assert np.allclose(found[f"{side}_grad"], layer.weight.grad, rtol=0, atol=1e-15)


@pytest.mark.parametrize("name", ["onehot", "lookup", "embeddings"])
@pytest.mark.parametrize(
    "settings",
    [{"users": 4, "movies": 9, "count": 20, "factors": 1}, {"users": 11, "movies": 3, "seed": 5}],
)
def test_other_sizes(tmp_path: Path, name: str, settings: dict[str, float]) -> None:
    outcome = check(saved(tmp_path, name, {}, settings), against=["recalc", *IMPLEMENTATIONS])
    assert outcome.passed, str(outcome)


@pytest.mark.parametrize("name", ["onehot", "lookup", "embeddings"])
def test_wrong_settings(name: str) -> None:
    with pytest.raises(SheetsimError, match="count=10: 15 users and 15 movies have 30 to 225 ratings"):
        make_book(lesson(name), {"count": 10})
    with pytest.raises(SheetsimError, match="factors"):
        make_book(lesson(name), {"factors": 0})


def test_ratings_from_a_file(tmp_path: Path) -> None:
    """Ids need not be small, titles stand beside the movies."""
    rows = [f"{user},{movie},{(user + movie) % 9 / 2 + 0.5}" for user in (7, 900) for movie in (31, 2, 5000)]
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating\n" + "\n".join(rows) + "\n")
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n31,Some Film,Drama\n")
    book = make_book(lesson("lookup"), {}, {"ratings": str(tmp_path / "ratings.csv")})
    assert [book["lookup"].value(cell) for cell in ("B4", "B5", "H9", "H10")] == [
        *(7, 900),
        *("movie 2", "Some Film"),
    ]


@pytest.mark.parametrize(("id_", "place"), [(1000.0, 15.0), (11.0, 1.0), (1.0, None)])
@pytest.mark.parametrize("name", ["onehot", "lookup"])
def test_unknown_ids(tmp_path: Path, name: str, id_: float, place: float | None) -> None:
    """The row of the id before it, as the about page of lookup says; below all others there is none, and an
    error goes through to the RMSE in every implementation."""
    found = edited(name, {(name, "I3"): id_})
    cell = "K3" if name == "onehot" else "L3"
    assert found.value(name, cell) == place if place else str(found.value(name, cell)) == "#N/A"
    outcome = check(saved(tmp_path, name, {(name, "I3"): id_}), against=["recalc", *IMPLEMENTATIONS])
    assert outcome.passed, str(outcome)


@pytest.mark.parametrize("name", ["onehot", "lookup"])
def test_ids_that_are_not_sorted(tmp_path: Path, name: str) -> None:
    """Excel's bisection goes astray in its own way, and so does every implementation; twins are no
    trouble."""
    ids = [float(id_) for id_ in make_book(lesson(name))[name].block("B4:B18").numbers.ravel()]
    shuffled = [ids[place] for place in (3, 0, 14, 2, 1, 5, 5, 7, 8, 6, 10, 13, 12, 11, 9)]
    cells = {(name, f"B{row}"): id_ for row, id_ in enumerate(shuffled, 4)}
    outcome = check(saved(tmp_path, name, cells), against=["recalc", *IMPLEMENTATIONS])
    assert outcome.passed, str(outcome)


def test_half_of_two_users() -> None:
    """onehot's about page: 0.5 and 0.5 in a row is the mean of two embeddings."""
    found = edited("onehot", {})
    book = found.book
    rows = found.numbers("onehot", "C4:G5")
    hot = next(fill for fill in book["onehot"].fills if str(fill.rect).startswith("O3:"))
    book["onehot"].fills.remove(hot)
    book["onehot"].fill("O4:AC208", "IF($K4=O$2,1,0)")
    for column in range(14, 29):
        book["onehot"].set((2, column), 0.5 if column < 16 else 0.0)
    block = calculate(book, make_plan(book)).block("onehot", Rect.parse("AE3:AI4"))
    assert np.allclose(block.numbers[0], rows.mean(axis=0), rtol=1e-15)
    assert (block.numbers[1] == rows[0]).all()


def test_the_tables_are_used_where_the_pages_say() -> None:
    """A changed number of a table changes the rows that copy it, and no other."""
    before, after = (edited("lookup", cells) for cells in ({}, {("lookup", "C4"): 9.0}))
    rect = str(lookup.rects(lesson("lookup").settings())["user_vector"])
    changed = before.numbers("lookup", rect) != after.numbers("lookup", rect)
    first = before.numbers("lookup", "L3:L208").ravel() == 1
    assert (changed[:, 0] == first).all()
    assert not changed[:, 1:].any()


def test_figures_of_the_about_pages() -> None:
    """Costs of the default export, and with twice as many users."""
    settings = lesson("onehot").settings()
    found = edited("onehot", {})
    assert found.value(onehot.COST, "B10") == 206 * 15 * 5
    more = edited("onehot", {}, {"users": 30, "count": 412})
    assert more.value(onehot.COST, "B10") == 4 * 206 * 15 * 5
    assert settings["count"] == 206
    both = edited("embeddings", {})
    assert both.value(embeddings.NAME, "J12") == 30_900
    assert both.value(embeddings.NAME, "L14") == 15
    assert both.value(embeddings.NAME, "K12") == 0
    assert both.numbers(embeddings.NAME, "M21:M25").ravel().tolist() == list(embeddings.VOCABULARY)
    one_hot = both.numbers(embeddings.ONEHOT, "O3:AC208"), both.numbers(embeddings.ONEHOT, "AK3:AY208")
    assert sum((hot != 0).sum() for hot in one_hot) * 5 == 2_060


def test_both_predict_the_same(tmp_path: Path) -> None:
    """The difference is 0, also after edits, and shows when one of them is meddled with."""
    cells = {
        (embeddings.LOOKUP, "C4"): 1 / 3,
        (embeddings.LOOKUP, "D25"): -0.7,
        (embeddings.LOOKUP, "I9"): 18.0,
    }
    for given in ({}, cells):
        found = edited("embeddings", given)
        assert found.value(embeddings.NAME, "F2") == 0
        assert not found.numbers(embeddings.NAME, "F5:F210").any()
    outcome = check(saved(tmp_path, "embeddings", cells), against=["recalc", *IMPLEMENTATIONS])
    assert outcome.passed, str(outcome)


def test_kernels_count_what_they_do() -> None:
    """The one-hot product's own count of bytes is 15 times the gather's, for 15 rows in a table."""
    inputs = lesson("onehot").make_data(lesson("onehot").settings())
    costs = [
        lesson(name).implementation("kernel").compute(inputs)["cost"][:, 2] for name in ("onehot", "lookup")
    ]
    assert costs[0].tolist() == [30_900, 28_840, 494_400, 16_480, 49_440]
    assert costs[1].tolist() == [0, 0, 32_960, 16_480, 3_296]


def test_solve_finds_what_the_pages_say() -> None:
    """The RMSE from 2.54 to 0.17; then the slopes, 0.3 and less at the start, are nearly nothing."""
    pytest.importorskip("scipy", reason="solve needs SciPy")
    start = edited("lookup", {})
    solution = solve(start.book, stored_problem(start.book, "lookup"))
    assert (round(solution.start, 2), round(solution.final, 2)) == (2.54, 0.17)
    typed = {
        ("lookup", cell_name(rect.top + r, rect.left + c)): float(value)
        for (_, rect), values in solution.values
        for (r, c), value in np.ndenumerate(values)
    }
    end = edited("lookup", typed)
    for found, low, high in ((start, 0.2, 0.4), (end, 0, 1e-6)):
        assert low <= np.abs(found.numbers(lookup.GRADIENT, "D5:H19")).max() <= high


@pytest.mark.parametrize("name", ["onehot", "lookup"])
def test_the_solvers_problem(name: str) -> None:
    book = make_book(lesson(name))
    problem = stored_problem(book, name)
    assert problem.variables == 150
    assert problem.goal == "min"
