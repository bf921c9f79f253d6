"""`dotprod`: the course's stored values, other sizes, Solver, and what is said about it all."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import sheetsim
from sheetsim import SheetsimError, check, lesson
from sheetsim.address import Rect, parse_cell
from sheetsim.lessons.collab.dotprod import arrays, reference
from sheetsim.lessons.collab.dotprod.sheet import TRIES
from sheetsim.lessons.kit.export import choose, make_book
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.solve.problem import stored_problem
from sheetsim.xlsx.read.workbook import read_workbook
from tests.checking.packages import edit_cell
from tests.lessons.collab.course import course_book, course_file, exported, numbers

ULP = {"course22": ("Q33", 1), "course-v3": ("", 0)}


@pytest.mark.parametrize("course", ULP)
def test_every_number_of_the_course_is_bit_identical_but_one(course: str) -> None:
    book = course_book(course)
    inputs = {
        "ratings": numbers(book, "dotprod", "H2:V16"),
        "user_factors": numbers(book, "dotprod", "B25:F39"),
        "movie_factors": numbers(book, "dotprod", "H19:V23"),
    }
    found, stored = arrays.compute(inputs), numbers(book, "dotprod", "H25:V39")
    cells = [f"{'HIJKLMNOPQRSTUV'[c]}{25 + r}" for r, c in np.argwhere(found["predict"] != stored)]
    address, ulp = ULP[course]
    assert cells == [address] * bool(address)
    assert (np.abs(found["predict"] - stored) <= ulp * np.spacing(stored)).all()
    assert found["rmse"].item() == numbers(book, "dotprod", "V41").item()


@pytest.mark.parametrize("course", ULP)
def test_check_passes_on_the_courses_files(course: str) -> None:
    outcome = check(
        course_file(course), model="dotprod", sheet="dotprod", against=["arrays", "torch", "kernel"]
    )
    assert outcome.passed, str(outcome)


def test_check_fails_on_a_corrupted_course_file(tmp_path: Path) -> None:
    changed = edit_cell(course_file("course22"), tmp_path / "changed.xlsx", "dotprod", "J30", value="1.5")
    outcome = check(changed, model="dotprod", sheet="dotprod", against=["arrays", "torch", "kernel"])
    assert not outcome.passed
    assert {one.cell.rpartition("!")[2] for one in outcome.mismatches} == {"J30"}


def test_the_export_has_the_courses_addresses_and_gives_its_numbers(tmp_path: Path) -> None:
    """With the course's inputs put in, our formulas give what Excel stored, at the same addresses."""
    book = make_book(lesson("dotprod"))
    course = course_book("course22")
    for rect in ("H2:V16", "B25:F39", "H19:V23"):
        top, left = parse_cell(rect.partition(":")[0])
        for place, value in np.ndenumerate(numbers(course, "dotprod", rect)):
            book["dotprod"].set((top + place[0], left + place[1]), None if np.isnan(value) else float(value))
    calculation = calculate(book, make_plan(book))
    for rect in ("H25:V39", "V41"):
        stored = numbers(course, "dotprod", rect)
        found = calculation.block("dotprod", Rect.parse(rect)).numbers
        assert (np.abs(found - stored) <= np.spacing(stored)).all()
        assert (found == stored).sum() >= stored.size - 1
    differing = calculation.block("dotprod crosstab", Rect.parse("G1")).numbers.item()
    assert differing > 150  # the crosstab still shows our own ratings


@pytest.mark.parametrize(
    "settings",
    [
        {"users": 4, "movies": 3, "factors": 1, "weights_seed": 9},
        {"users": 3, "movies": 20, "factors": 7, "seed": 4},
        {"users": 30, "movies": 24, "count": 250},
    ],
)
def test_other_sizes(settings: dict[str, object], tmp_path: Path) -> None:
    outcome = check(
        exported("dotprod", tmp_path, **settings), against=["recalc", "arrays", "torch", "kernel"]
    )
    assert outcome.passed, str(outcome)


def test_blanks_count_for_nothing() -> None:
    """Whatever number stands where a rating is missing, errors are the same as of the others alone."""
    _, data, _ = choose(lesson("dotprod"), {}, {})
    found = arrays.compute(data)
    rating, given = data["ratings"], ~np.isnan(data["ratings"])
    assert (found["predict"][~given] == 0).all()
    expected = np.sqrt(np.mean((rating - found["predict"])[given] ** 2))
    assert found["rmse"].item() == pytest.approx(expected, rel=1e-14)
    assert np.isnan(found["unseen"][given]).all()


def test_a_user_who_has_rated_everything_gets_no_advice() -> None:
    _, data, _ = choose(lesson("dotprod"), {}, {})
    full = np.flatnonzero(~np.isnan(data["ratings"]).any(axis=1))
    assert len(full) > 0
    assert np.isnan(arrays.compute(data)["best"][full]).all()


def test_slopes_through_the_sheet_are_autograds(tmp_path: Path) -> None:
    """What `solve` goes by: the RMSE's gradient, of the sheet's formulas and of the course's torch module."""
    path = exported("dotprod", tmp_path)
    _, data, _ = choose(lesson("dotprod"), {}, {})
    model = reference.DotProduct(torch.tensor(data["user_factors"]), torch.tensor(data["movie_factors"]).T)
    rating = torch.tensor(data["ratings"]).reshape(-1)
    given = ~rating.isnan()
    user, movie = reference.pairs(15, 15)
    F.mse_loss(model(user[given], movie[given]), rating[given]).sqrt().backward()
    wrt = ["dotprod!B25:F39", "dotprod!H19:V23"]
    slopes = sheetsim.read(path).gradient("dotprod!V41", wrt)
    expected = (model.user_factors.weight.grad, model.movie_factors.weight.grad.T)
    for mine, torchs in zip(slopes, expected, strict=True):
        assert np.allclose(mine, torchs.numpy(), rtol=1e-10, atol=1e-13)


def solved(path: Path) -> float:
    pytest.importorskip("scipy", reason="SciPy is not installed")
    from sheetsim.solve.solver import solve

    book = read_workbook(path)
    return solve(book, stored_problem(book, "dotprod")).final


def test_solver_finds_its_problem_and_ends_where_it_should(tmp_path: Path) -> None:
    """The stored problem, from two starts, at the same and best error; what the page says of it is so."""
    path = exported("dotprod", tmp_path)
    problem = stored_problem(read_workbook(path), None)
    assert str(problem.objective[1]) == "V41"
    assert [str(rect) for _, rect in problem.changing] == ["H19:V23", "B25:F39"]
    assert (problem.goal, problem.not_negative, problem.fault) == ("min", False, "")
    start = numbers(read_workbook(path), "dotprod", "V41").item()
    ends = [solved(path), solved(exported("dotprod", tmp_path, weights_seed=2))]
    assert ends == pytest.approx([0.172229537] * 2, rel=1e-6)
    assert f"falls from {start:.2f} to {ends[0]:.2f}" in TRIES
    few = [solved(exported("dotprod", tmp_path, factors=factors)) for factors in (1, 2, 3)]
    assert "ends at {:.2f}, {:.2f} and {:.2f}".format(*few) in TRIES


def test_what_solver_stores_is_hidden_and_spelled_as_excel_does(tmp_path: Path) -> None:
    with zipfile.ZipFile(exported("dotprod", tmp_path)) as package:
        workbook = package.read("xl/workbook.xml").decode()
    sheet = [one.name for one in read_workbook(tmp_path / "dotprod.xlsx").sheets].index("dotprod")
    start = f'localSheetId="{sheet}" hidden="1">'
    assert f'<definedName name="solver_opt" {start}dotprod!$V$41</definedName>' in workbook
    assert f'<definedName name="solver_typ" {start}2</definedName>' in workbook
    assert f'name="solver_adj" {start}dotprod!$H$19:$V$23,dotprod!$B$25:$F$39</definedName>' in workbook


RATINGS = "user,film,stars\n" + "".join(
    f"{user},{film},{1 + (user * film) % 5}\n" for user in range(1, 7) for film in range(1, 6) if user != film
)


def test_ratings_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(RATINGS)
    path = tmp_path / "out.xlsx"
    lesson("dotprod").export(path, ratings=file, columns="user,film,stars", users=4, movies=3)
    book = read_workbook(path)
    assert book["dotprod"].value("H1") == "movie 1"
    assert numbers(book, "dotprod", "H2:J5").shape == (4, 3)
    assert numbers(book, "dotprod crosstab", "G1").item() == 0
    assert check(path, against=["recalc", "arrays", "torch", "kernel"]).passed


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        ("users=1: users must be at least 2", {"users": 1}),
        ("count=20: 15 users and 15 movies have 30 to 225 ratings", {"count": 20}),
        ("factors=2.5: factors is a whole number", {"factors": 2.5}),
        ("--columns goes with --ratings FILE", {"columns": "a,b,c"}),
        ("cannot be read: No such file", {"ratings": "none.csv"}),
    ],
)
def test_what_is_wrong_is_said_in_a_line(words: str, settings: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(SheetsimError) as caught:
        lesson("dotprod").export(tmp_path / "x.xlsx", **settings)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_fewer_users_than_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(RATINGS)
    source = {"ratings": str(file), "columns": "user,film,stars"}
    settings, _, notes = choose(lesson("dotprod"), {}, source)
    assert (settings["users"], settings["movies"]) == (6, 5)
    assert notes == [
        f"{file} has 6 users among the busiest, fewer than 15",
        f"{file} has 5 movies among the busiest, fewer than 15",
    ]
    with pytest.raises(SheetsimError, match="6 users with ratings"):
        choose(lesson("dotprod"), {}, source | {"users": "7"})
    with pytest.raises(SheetsimError, match="is for the default ratings"):
        choose(lesson("dotprod"), {"seed": 2}, source)
