"""`bias`: both courses' stored values, the model in a range, Solver, and what is said about it all."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import sheetsim
from sheetsim import SheetsimError, check, lesson
from sheetsim.address import Rect, parse_cell
from sheetsim.lessons.collab.bias import BLANK_BIAS, LESSON, arrays, grids_of, reference
from sheetsim.lessons.collab.bias.sheet import adjusted, text_tries
from sheetsim.lessons.kit.export import choose, make_book
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.solve.problem import stored_problem, typed_problem
from sheetsim.workbook import Workbook
from sheetsim.xlsx.read.workbook import read_workbook
from sheetsim.xlsx.write.workbook import write_workbook
from tests.checking.packages import edit_cell
from tests.lessons.collab.course import course_book, course_file, exported, numbers

COURSES = {"course22": ("Q34", 2, 0.0), "course-v3": ("", 0, 1.0)}
GRIDS = grids_of(LESSON.settings())
TRIES = text_tries(GRIDS)
CHANGING = ",".join(f"'bias y_range'!{one}" for one in adjusted(GRIDS))


@pytest.mark.parametrize("course", COURSES)
def test_every_number_of_the_course_is_bit_identical_but_one(course: str) -> None:
    book = course_book(course)
    address, ulp, blank_bias = COURSES[course]
    inputs = {
        "ratings": numbers(book, "bias", "H2:V16"),
        "user_factors": numbers(book, "bias", "B26:F40"),
        "movie_factors": numbers(book, "bias", "H20:V24"),
        "user_bias": numbers(book, "bias", "A26:A40"),
        "movie_bias": numbers(book, "bias", "H19:V19"),
        BLANK_BIAS: blank_bias,
    }
    found, stored = arrays.compute(inputs), numbers(book, "bias", "H26:V40")
    cells = [f"{'HIJKLMNOPQRSTUV'[c]}{26 + r}" for r, c in np.argwhere(found["predict"] != stored)]
    assert cells == [address] * bool(address)
    assert (np.abs(found["predict"] - stored) <= ulp * np.spacing(np.abs(stored))).all()
    assert found["rmse"].item() == numbers(book, "bias", "V42").item()


@pytest.mark.parametrize("course", COURSES)
def test_check_passes_on_the_courses_files(course: str) -> None:
    outcome = check(course_file(course), model="bias", sheet="bias", against=["arrays", "torch", "kernel"])
    assert outcome.passed, str(outcome)


@pytest.mark.parametrize("cell", ["K27", "I30"])
def test_check_fails_on_a_corrupted_course_file(cell: str, tmp_path: Path) -> None:
    """I30 has no rating: there the two courses differ, and each is recognised."""
    for course in COURSES:
        changed = edit_cell(course_file(course), tmp_path / f"{course}.xlsx", "bias", cell, value="1.5")
        outcome = check(changed, model="bias", sheet="bias", against=["arrays", "torch", "kernel"])
        assert not outcome.passed
        assert cell in {one.cell.rpartition("!")[2] for one in outcome.mismatches}


def test_the_export_has_the_courses_addresses_and_gives_its_numbers() -> None:
    """With the course's inputs put in, our formulas give what Excel stored, at the same addresses."""
    book, course = make_book(LESSON), course_book("course22")
    for rect in ("H2:V16", "A26:F40", "H19:V24"):
        top, left = parse_cell(rect.partition(":")[0])
        for place, value in np.ndenumerate(numbers(course, "bias", rect)):
            book["bias"].set((top + place[0], left + place[1]), None if np.isnan(value) else float(value))
    calculation = calculate(book, make_plan(book))
    for rect in ("H26:V40", "V42"):
        stored = numbers(course, "bias", rect)
        found = calculation.block("bias", Rect.parse(rect)).numbers
        assert (np.abs(found - stored) <= 2 * np.spacing(stored)).all()
        assert (found == stored).sum() >= stored.size - 1


@pytest.mark.parametrize(
    "settings",
    [
        {"users": 4, "movies": 3, "factors": 1, "weights_seed": 9, "y_range": "no"},
        {"users": 3, "movies": 20, "factors": 7, "seed": 4, "y_low": -3, "y_high": 2},
        {"users": 30, "movies": 24, "count": 250},
    ],
)
def test_other_sizes(settings: dict[str, object], tmp_path: Path) -> None:
    outcome = check(exported("bias", tmp_path, **settings), against=["recalc", "arrays", "torch", "kernel"])
    assert outcome.passed, str(outcome)


def test_y_range_switched_off_is_the_first_model(tmp_path: Path) -> None:
    book = read_workbook(exported("bias", tmp_path, y_range="no"))
    assert (numbers(book, "bias y_range", "H26:V40") == numbers(book, "bias", "H26:V40")).all()
    assert numbers(book, "bias y_range", "V42") == numbers(book, "bias", "V42")


def test_no_prediction_leaves_the_range() -> None:
    _, data, _ = choose(LESSON, {}, {})
    wild = {f"y_range.{name}": data[name] * 50 for name in ("user_factors", "movie_factors")}
    found = arrays.compute({**LESSON.settings(), **data, **wild})["y_range.predict"]
    given = ~np.isnan(data["ratings"])
    assert (found[given] <= 5.5).all()
    assert found[given].min() > 0


def test_means_are_the_means() -> None:
    _, data, _ = choose(LESSON, {}, {})
    rating, found = data["ratings"], arrays.compute({**LESSON.settings(), **data})
    for name, axis, bias in (("user_means", 1, "user_bias"), ("movie_means", 0, "movie_bias")):
        assert np.allclose(found[name][:, 1], np.nanmean(rating, axis=axis), rtol=1e-14)
        assert np.allclose(found[name][:, 2], np.nanmean(rating, axis=axis) - np.nanmean(rating), atol=1e-14)
        assert (found[name][:, 3] == data[bias].ravel()).all()


@pytest.mark.parametrize("ranged", [False, True])
def test_slopes_through_the_sheet_are_autograds(ranged: bool, tmp_path: Path) -> None:
    """The RMSE's gradient with respect to factors and biases, of the sheet and of the torch module."""
    sheet, path = ("bias y_range" if ranged else "bias"), exported("bias", tmp_path)
    _, data, _ = choose(LESSON, {}, {})
    model = reference.DotProductBias(data, y_range=(0.0, 5.5) if ranged else None)
    rating = torch.tensor(data["ratings"]).reshape(-1)
    given = ~rating.isnan()
    user, movie = reference.pairs(15, 15)
    F.mse_loss(model(user[given], movie[given]), rating[given]).sqrt().backward()
    wrt = [f"'{sheet}'!{rect}" for rect in ("B26:F40", "H20:V24", "A26:A40", "H19:V19")]
    slopes = sheetsim.read(path).gradient(f"'{sheet}'!V42", wrt)
    layers = (model.user_factors, model.movie_factors, model.user_bias, model.movie_bias)
    for place, (mine, layer) in enumerate(zip(slopes, layers, strict=True)):
        expected = layer.weight.grad.numpy()
        assert np.allclose(mine, expected.T if place % 2 else expected, rtol=1e-9, atol=1e-13)


def solved(path: Path, objective: str = "", changing: str = "", iterations: int | None = None) -> Workbook:
    """The workbook with its problem solved."""
    pytest.importorskip("scipy", reason="SciPy is not installed")
    from sheetsim.solve.solver import save_solution, solve

    book = read_workbook(path)
    problem = typed_problem(book, None, objective, changing) if objective else stored_problem(book, None)
    out = path.with_name("solved.xlsx")
    save_solution(path, out, book, solve(book, problem, max_iterations=iterations), force=True)
    return read_workbook(out)


def correlation(book: Workbook) -> float:
    deviation, bias = numbers(book, "bias means", "K5:L19").T
    return float(np.corrcoef(deviation, bias)[0, 1])


def test_what_the_page_says_of_solving_is_so(tmp_path: Path) -> None:
    path = exported("bias", tmp_path)
    start = numbers(read_workbook(path), "bias", "V42").item()
    book = solved(path)
    end = numbers(book, "bias", "V42").item()
    assert end == pytest.approx(0.129301705, rel=1e-6)
    assert f"falls from {start:.2f} to {end:.2f}" in TRIES
    one = grids_of(LESSON.settings({"factors": 1}))
    few = exported("bias", tmp_path, factors=1)
    assert stored_problem(read_workbook(few), None).objective == ("bias", one.rmse)
    assert f"correlation {correlation(solved(few)):.2f}; with five factors {correlation(book):.2f}" in TRIES


def test_without_biases_it_is_dotprod_again(tmp_path: Path) -> None:
    path, free = tmp_path / "zero.xlsx", "bias!B26:F40,bias!H20:V24"
    settings, data, _ = choose(LESSON, {}, {})
    data |= {name: np.zeros_like(data[name]) for name in ("user_bias", "movie_bias")}
    book = LESSON.implementation("sheet").build(settings, data)
    write_workbook(book, path, calculate(book, make_plan(book)).block)
    assert numbers(solved(path, "bias!V42", free), "bias", "V42").item() == pytest.approx(
        0.172229537, rel=1e-6
    )


def test_the_model_in_a_range_can_be_solved_as_the_page_says(tmp_path: Path) -> None:
    assert f'--objective "\'bias y_range\'!V42" --changing "{CHANGING}"' in " ".join(TRIES.split())
    book = solved(exported("bias", tmp_path), "'bias y_range'!V42", CHANGING, iterations=400)
    assert 0.11 < numbers(book, "bias y_range", "V42").item() < 0.13
    predictions = numbers(book, "bias y_range", "H26:V40")
    assert predictions.max() < 5.5


def test_what_is_wrong_is_said_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(SheetsimError, match="y_range=perhaps: y_range is one of no, yes"):
        lesson("bias").export(tmp_path / "x.xlsx", y_range="perhaps")
    with pytest.raises(SheetsimError, match="takes no --data"):
        choose(LESSON, {}, {"data": "points.csv"})
    path = edit_cell(exported("bias", tmp_path), tmp_path / "y.xlsx", "bias", "B26", drop_value=True)
    with pytest.raises(SheetsimError, match=r"bias!B26 \(user_factors\) is blank; a number is needed"):
        check(path, against=["arrays"])
