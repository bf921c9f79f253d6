"""Solver problems, as Excel stores them in hidden names and as users type them."""

from pathlib import Path

import pytest

from sheetsim.book import read
from sheetsim.errors import SheetsimError
from sheetsim.solve.problem import Problem, stored_problem, stored_problems, typed_problem
from sheetsim.workbook import DefinedName, Workbook


def book_with(names: dict[str, str], sheet: str = "my sheet") -> Workbook:
    book = Workbook()
    book.add_sheet("other")
    book.add_sheet(sheet)
    book.names += [DefinedName(name, formula, sheet, hidden=True) for name, formula in names.items()]
    return book


BASE = {
    "solver_opt": "'my sheet'!$B$9",
    "solver_adj": "'my sheet'!$B$2:$B$4,'my sheet'!$D$2",
    "solver_typ": "2",
    "solver_val": "0",
    "solver_num": "0",
    "solver_neg": "2",
}


def stored(**changes: str) -> Problem:
    return stored_problem(book_with({**BASE, **changes}), "my sheet")


def test_the_parts_of_a_stored_problem() -> None:
    problem = stored(
        solver_typ="3",
        solver_val="2.5",
        solver_num="2",
        solver_lhs1="'my sheet'!$B$2:$B$4",
        solver_rel1="3",
        solver_rhs1="0.5",
        solver_lhs2="'my sheet'!$C$1",
        solver_rel2="1",
        solver_rhs2="'my sheet'!$C$2",
        solver_neg="1",
        solver_tim="100",
    )
    assert problem.describe() == [
        "objective    'my sheet'!B9 (value 2.5)",
        "changing     'my sheet'!B2:B4,'my sheet'!D2 (4 cells)",
        "subject to   'my sheet'!B2:B4 >= 0.5",
        "subject to   'my sheet'!C1 <= 'my sheet'!C2",
        "             changing cells without a bound are not negative",
    ]
    assert problem.max_seconds == 100
    assert not problem.fault


def test_the_goal() -> None:
    assert [stored(solver_typ=kind).goal for kind in "123"] == ["max", "min", 0.0]


def test_changing_cells_by_a_defined_name() -> None:
    book = book_with({**BASE, "solver_adj": "weights"})
    book.define("weights", "other", "A1:B3")
    assert stored_problem(book, "MY SHEET").variables == 6


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"solver_opt": "'my sheet'!#REF!"}, "the objective (solver_opt) is #REF! ('my sheet'!#REF!)"),
        ({"solver_adj": "'my sheet'!$A$1,#REF!"}, "the changing cells (solver_adj) is #REF!"),
        ({"solver_adj": ""}, "the changing cells (solver_adj) is missing"),
        ({"solver_opt": "'my sheet'!$A$1:$A$2"}, "is not one cell"),
        ({"solver_opt": "1+1"}, "is no cell"),
        (
            {
                "solver_num": "1",
                "solver_lhs1": "'my sheet'!$B$2",
                "solver_rel1": "4",
                "solver_rhs1": "integer",
            },
            "constraint 1 (solver_rel1): 'my sheet'!B2 must be whole numbers, which is not supported",
        ),
        (
            {"solver_num": "1", "solver_lhs1": "'my sheet'!$B$2:$B$4", "solver_rel1": "6"},
            "must all be different, which is not supported",
        ),
        (
            {"solver_num": "1", "solver_lhs1": "#REF!", "solver_rel1": "1", "solver_rhs1": "1"},
            "(solver_lhs1)",
        ),
    ],
)
def test_what_cannot_be_solved_is_one_line(changes: dict[str, str], fault: str) -> None:
    found = stored(**changes).fault
    assert found.startswith("my sheet: ")
    assert fault in found
    assert "\n" not in found


def test_which_sheet() -> None:
    book = book_with(BASE)
    assert stored_problem(book, None).sheet == "my sheet"
    with pytest.raises(
        SheetsimError, match="sheet 'other' has no Solver problem; these sheets have one: my sheet"
    ):
        stored_problem(book, "other")
    with pytest.raises(SheetsimError, match="no sheet 'none'"):
        stored_problem(book, "none")
    with pytest.raises(SheetsimError, match="no sheet has a Solver problem"):
        stored_problem(Workbook([book.sheets[0]]), None)


def test_a_typed_problem() -> None:
    book = book_with({})
    problem = typed_problem(
        book, "my sheet", "$b$9", "B2:B4,other!D2", "max", ["B2:B4>=0", "C1 <= C2", "D1=1e2"]
    )
    assert problem.describe() == [
        "objective    'my sheet'!B9 (max)",
        "changing     'my sheet'!B2:B4,other!D2 (4 cells)",
        "subject to   'my sheet'!B2:B4 >= 0",
        "subject to   'my sheet'!C1 <= 'my sheet'!C2",
        "subject to   'my sheet'!D1 = 100",
    ]
    assert typed_problem(book, None, "other!A1", "A2", "0.5").goal == 0.5
    assert typed_problem(book, None, "my sheet!B9", "my sheet!$B$2,other!A1").variables == 2


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (("B1:B2", "A1"), "the objective is one cell"),
        (("B1", "what"), "there is no such name"),
        (("B1", "1+"), "is no cell"),
        (("B1", "A1", "most"), "the goal is min, max or a number"),
        (("B1", "A1", "min", ["A1"]), "is no constraint"),
        (("B1", "A1", "min", ["A1<=what"]), "there is no such name"),
        (("nowhere!B1", "A1"), "the objective is #REF!"),
    ],
)
def test_a_typed_problem_that_is_none(request_: tuple[object, ...], words: str) -> None:
    with pytest.raises(SheetsimError, match=words):
        typed_problem(book_with({}), None, *request_)  # type: ignore[arg-type]


def test_the_courses_problems(lessons_dir: Path) -> None:
    problems = stored_problems(read(lessons_dir / "course-v3" / "collab_filter.xlsx").workbook)
    found = {problem.sheet: (problem.variables, problem.fault.partition(" (")[0]) for problem in problems}
    assert found == {
        "dotprod": (150, ""),
        "movielens_1hot": (150, "movielens_1hot: the objective"),
        "movielens_emb": (150, "movielens_emb: the objective"),
        "bias": (180, ""),
    }
