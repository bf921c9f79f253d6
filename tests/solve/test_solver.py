"""Whole problems: Excel's own, to a better end than Excel's; and small ones whose answer is known."""

import json
from pathlib import Path

import numpy as np
import pytest

from sheetsim.book import Book, read
from sheetsim.errors import SheetsimError
from sheetsim.solve.problem import stored_problem, typed_problem
from sheetsim.solve.solver import Solution, solve
from sheetsim.workbook import Workbook

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("scipy", reason="SciPy is not installed")


@pytest.mark.parametrize(
    ("sheet", "objective", "variables", "best"),
    [
        ("dotprod", "dotprod!V41", 150, 0.392901),
        ("bias", "bias!V42", 180, 0.318656),
        ("movielens_emb", "movielens_emb!AA3", 150, 0.392901),
    ],
)
def test_the_courses_problems_end_at_the_best_there_is(
    lessons_dir: Path, sheet: str, objective: str, variables: int, best: float
) -> None:
    book = read(lessons_dir / "course22" / "collab_filter.xlsx").workbook
    solution = solve(book, stored_problem(book, sheet))
    report = solution.as_json("collab_filter.xlsx")
    assert round(report["final"], 6) <= best
    assert {key: report[key] for key in ("schema", "sheet", "objective", "goal", "variables", "status")} == {
        "schema": "sheetsim.solve/1",
        "sheet": sheet,
        "objective": objective,
        "goal": "min",
        "variables": variables,
        "status": "converged",
    }
    assert report["gradient_norm"] < 1e-6
    assert solution.notes == []
    assert book[sheet].value(objective.split("!")[1]) == report["start"]  # the book is left as it was
    json.dumps(report, allow_nan=False)
    for (name, rect), values in solution.values:
        put(book, name, rect.top, rect.left, values)
    assert Book(book).calculate()[sheet][objective.split("!")[1]].item() == report["final"]


def put(book: Workbook, name: str, top: int, left: int, values: np.ndarray) -> None:
    for (row, column), value in np.ndenumerate(values):
        book[name].set((top + row, left + column), float(value))


def quadratic() -> Workbook:
    """C1 = (A1-3)^2 + (A2+1)^2, D1 = A1+A2."""
    book = Workbook()
    sheet = book.add_sheet("s")
    sheet.set("A1", 0.0)
    sheet.set("B1", 2.0)
    sheet.fill("C1", "(A1-3)^2+(A2+1)^2")
    sheet.fill("D1", "A1+A2")
    return book


def solved(
    goal: str = "min", constraints: tuple[str, ...] = (), book: Workbook | None = None, **how: object
) -> Solution:
    book = book or quadratic()
    return solve(book, typed_problem(book, None, "C1", "A1:A2", goal, constraints), **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("constraints", "x"),
    [
        ((), [3, -1]),
        (("A1:A2>=0",), [3, 0]),
        (("A1<=B1", "A2>=-0.5"), [2, -0.5]),
        (("A1:A2=B1",), [2, 2]),
        (("D1=0",), [2, -2]),
        (("D1>=4",), [4, 0]),
        (("A1<=A2",), [1, 1]),
        (("A1<=A2", "A2<=0.5"), [0.5, 0.5]),
    ],
)
def test_constraints(constraints: tuple[str, ...], x: list[float]) -> None:
    solution = solved(constraints=constraints)
    np.testing.assert_allclose(solution.values[0][1].reshape(-1), x, atol=1e-6)
    assert solution.start == 10.0
    assert solution.missed < 1e-6


def test_goals() -> None:
    assert solved("5").final == pytest.approx(5.0, abs=1e-6)
    highest = solved("max", ("A1:A2>=-1", "A1:A2<=1"))
    assert highest.values[0][1].reshape(-1).tolist() == [-1.0, 1.0]
    assert highest.final == 20.0


def test_cells_without_a_bound_are_not_negative_where_excel_was_told_so() -> None:
    book = quadratic()
    problem = typed_problem(book, None, "C1", "A1:A2", "min", ["A2>=-0.25"])
    from dataclasses import replace

    solution = solve(book, replace(problem, not_negative=True))
    np.testing.assert_allclose(solution.values[0][1].reshape(-1), [3, -0.25], atol=1e-6)


def test_what_is_not_smooth_and_what_is_replaced_is_named() -> None:
    book = quadratic()
    book["s"].fill("A2", "B1*2")
    book["s"].fill("C1", "(A1-3)^2+(A2+1)^2+IF(A1>100,1,0)")
    solution = solved(book=book)
    assert [note.split(":")[1].split(" ")[1:3] for note in solution.notes] == [
        ["IF", "chooses"],
        ["A2", "holds"],
    ] or any("IF chooses by A1>100" in note for note in solution.notes)
    assert any("holds formulas" in note for note in solution.notes)


def test_problems_that_cannot_be_solved_say_why() -> None:
    book = quadratic()
    with pytest.raises(SheetsimError, match="s!D1 does not depend on the changing cells s!B1"):
        solve(book, typed_problem(book, None, "D1", "B1"))
    book["s"].fill("C1", "LN(A1)")
    with pytest.raises(SheetsimError, match="the objective s!C1 is #NUM! at the start values"):
        solved(book=book)
    with pytest.raises(SheetsimError, match="2 cells cannot be compared with 3"):
        solved(constraints=("A1:A2<=E1:E3",))
    with pytest.raises(SheetsimError, match="overlap"):
        solve(quadratic(), typed_problem(quadratic(), None, "C1", "A1:A2,A2"))


def test_progress_tells_the_objective_itself() -> None:
    told: list[float] = []
    solved("max", ("A1:A2>=-1", "A1:A2<=1"), progress=lambda number, value, norm: told.append(value))
    assert told[-1] == pytest.approx(20.0)


def test_gradient_of_a_book() -> None:
    book = Book(quadratic())
    assert book.gradient("s!C1", "s!A1:A2").tolist() == [[-6.0], [2.0]]  # type: ignore[union-attr]
    by_both = book.gradient("s!C1", ["s!A1", "s!B1"])
    assert [slopes.tolist() for slopes in by_both] == [[[-6.0]], [[0.0]]]
    with pytest.raises(SheetsimError, match="does not depend on s!B1"):
        book.gradient("s!C1", "s!B1")
    with pytest.raises(SheetsimError, match="of one cell"):
        book.gradient("s!C1:D1", "s!A1")
