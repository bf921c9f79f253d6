"""Problems that have no solution, or none that slopes lead to: one line that says so, soon."""

import json
from pathlib import Path

import pytest

from sheetsim.errors import SheetsimError
from sheetsim.solve.gradient import gradient
from sheetsim.solve.minimise import METHODS
from sheetsim.solve.problem import MOST_CELLS, stored_problem, stored_problems, typed_problem
from sheetsim.solve.solver import Solution, solve
from sheetsim.workbook import DefinedName, Workbook
from sheetsim.xlsx.write.workbook import write_workbook
from tests.limited import needs_posix, run_limited

pytest.importorskip("torch", reason="the extra solve is not installed")
pytest.importorskip("scipy", reason="the extra solve is not installed")


def book_of(*cells: float | str) -> Workbook:
    """Numbers, and formulas where they begin with =, from A1 down."""
    book = Workbook()
    sheet = book.add_sheet("s")
    for row, cell in enumerate(cells):
        if isinstance(cell, str):
            sheet.fill(f"A{row + 1}", cell[1:])
        else:
            sheet.set((row, 0), cell)
    return book


def solved(
    *cells: float | str, method: str = "auto", goal: str = "min", constraints: tuple[str, ...] = ()
) -> Solution:
    """The last cell minimised by the first."""
    book = book_of(*cells)
    problem = typed_problem(book, "s", f"A{len(cells)}", "A1", goal, constraints)
    return solve(book, problem, method=method, max_seconds=30)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("formula", "goal"),
    [
        ("A1*2", "min"),
        ("A1*2", "max"),
        ("A1*0.000001", "min"),
        ("0-A1^2", "min"),
        ("-EXP(A1)", "min"),
        ("A1^2", "max"),
        ("-SQRT(A1)", "min"),
    ],
)
def test_what_falls_for_ever_has_no_minimum(formula: str, goal: str, method: str) -> None:
    if method == "sgd" and formula == "-EXP(A1)":
        pytest.skip("its first steps leave the numbers: it ends at a wall")
    end = "maximum" if goal == "max" else "minimum"
    with pytest.raises(SheetsimError, match=rf"^the objective s!A2 has no {end}: .* add a constraint$"):
        solved(1.0, f"={formula}", method=method, goal=goal)


@pytest.mark.parametrize(
    ("formula", "goal", "least", "best"),
    [
        ("(A1-1000000000)^2", "min", 0.0, 1e9),
        ("SIN(A1)", "min", -1.0, None),
        ("ABS(A1-3)+(A1-3)^2", "min", 0.0, 3.0),
        ("1000000000000000000*(A1-2)^2", "min", 0.0, 2.0),
        ("5-(A1-2)^4", "max", 5.0, None),
    ],
)
def test_what_has_a_minimum_far_away_is_solved(
    formula: str, goal: str, least: float, best: float | None
) -> None:
    found = solved(0.5, f"={formula}", goal=goal)
    assert found.final == pytest.approx(least, abs=1e-6)
    if best is not None:
        assert found.values[0][1].item() == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("method", ["lbfgs", "slsqp", "trust-constr", "adam"])
def test_a_bound_ends_what_would_fall_for_ever(method: str) -> None:
    found = solved(1.0, "=A1*2", method=method, constraints=("A1>=-3",))
    assert found.final == pytest.approx(-6.0, abs=1e-3)  # trust-constr stays inside


def test_a_constraint_ends_what_would_fall_for_ever() -> None:
    found = solved(1.0, "=A1^2", "=A1*2", constraints=("A2<=9",))
    assert found.final == pytest.approx(-6.0, abs=1e-5)


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("IF(A1>3,10,1)", "IF chooses by A1>3"),
        ("ROUND(A1,0)", r"ROUND\(A1,0\)"),
        ("(A1>2)*5", "steps only"),
        ("INT(A1)+SIGN(A1)", "steps only"),
    ],
)
def test_steps_have_no_slope(formula: str, words: str) -> None:
    with pytest.raises(SheetsimError, match=rf"changes by steps only: it has no slope.*{words}|{words}"):
        solved(1.0, f"={formula}")


def test_an_objective_that_is_a_changing_cell() -> None:
    book = book_of(1.0, 2.0, "=A1")
    for objective, changing in (("A1", "A1"), ("A2", "A1:A2"), ("A1", "A2,A1")):
        problem = typed_problem(book, "s", objective, changing)
        assert "is one of the changing cells" in problem.fault
        with pytest.raises(SheetsimError, match="is one of the changing cells"):
            solve(book, problem)
    assert typed_problem(book, "s", "A3", "A1:A2").fault == ""


def test_more_cells_than_are_solved_for() -> None:
    book = book_of(1.0, "=A1")
    problem = typed_problem(book, "s", "A2", "B:C")
    assert f"at most {MOST_CELLS:,}" in problem.fault
    problem = typed_problem(book, "s", "A2", "A1", constraints=("D:F>=0",))
    assert f"at most {MOST_CELLS:,}" in problem.fault
    book = book_of(1.0, "=SUM(B1:Z3000)")
    problem = typed_problem(book, "s", "A2", "B1:Z3000", constraints=("AA1:AZ3000<=B1:Z3000",))
    with pytest.raises(SheetsimError, match="too many slopes"):
        solve(book, problem)


@pytest.mark.parametrize(
    "cells",
    [
        (1.0, "=NO.SUCH(A1)+A1^2"),
        (1.0, "=NO.SUCH(A1)", "=A1^2+A2"),
        (1.0, "=A1+1", "=NO.SUCH(A2)", "=A1^2+A3"),
        (1.0, "=NO.SUCH(A1", "=A1^2+A2"),
    ],
)
def test_what_cannot_be_computed_on_the_way_is_named(cells: tuple[float | str, ...]) -> None:
    """It would keep its stored value, and the minimum would be that of another function."""
    row = next(number for number, cell in enumerate(cells, 1) if "NO" in str(cell))
    with pytest.raises(SheetsimError, match=rf"^s!A{row}, which stands between, cannot be computed: "):
        solved(*cells)
    with pytest.raises(SheetsimError, match=rf"^s!A{row}, which stands between, cannot be computed: "):
        gradient(book_of(*cells), f"s!A{len(cells)}", ["s!A1"])


def test_what_cannot_be_computed_elsewhere_does_no_harm() -> None:
    assert solved(1.0, "=NO.SUCH(7)", "=(A1-2)^2+A2").final == pytest.approx(0.0, abs=1e-9)
    assert solved(1.0, "=NO.SUCH(A1)", "=(A1-2)^2").final == pytest.approx(0.0, abs=1e-9)


# -- stored problems that make no sense


def stored(**changes: str) -> Workbook:
    book = book_of(1.0, "=A1^2")
    names = {"opt": "s!$A$2", "adj": "s!$A$1", "typ": "2", "num": "0"} | changes
    book.names = [DefinedName(f"solver_{name}", text, "s", True) for name, text in names.items()]
    return book


@pytest.mark.parametrize("number", ["999999999", "1e308", "nan", "inf", "-1", "0.5", "1_0", "\u0661", "1"])
def test_how_many_constraints_there_are_is_not_believed(number: str) -> None:
    assert "the number of constraints (solver_num)" in stored_problems(stored(num=number))[0].fault


@pytest.mark.parametrize("goal", ["nan", "inf", "4", "2.5", "1e308", "two", ""])
def test_a_goal_that_is_none(goal: str) -> None:
    assert "the goal (solver_typ)" in stored_problem(stored(typ=goal), "s").fault


@pytest.mark.parametrize("relation", ["nan", "1e308", "1.5", "9", "x"])
def test_a_relation_that_is_none(relation: str) -> None:
    book = stored(num="1", rel1=relation, lhs1="s!$A$1", rhs1="5")
    assert "constraint 1 (solver_rel1)" in stored_problem(book, "s").fault


# -- as users run it


@needs_posix
@pytest.mark.parametrize("method", ["slsqp", "auto"])
@pytest.mark.parametrize("formula", ["A1*2", "IF(A1>3,10,1)", "NO.SUCH(A1)", "1/0*A1", "LN(A1-2)"])
def test_the_command_says_so_in_one_line(tmp_path: Path, formula: str, method: str) -> None:
    write_workbook(book_of(1.0, f"={formula}"), tmp_path / "book.xlsx")
    words = ("--objective", "s!A2", "--changing", "s!A1", "--method", method, "--json")
    done = run_limited("solve", "book.xlsx", *words, folder=tmp_path)
    done.is_fair()
    assert done.code == 2, done.out


def test_json_has_no_infinity(capsys: pytest.CaptureFixture[str]) -> None:
    from sheetsim.cli.output import print_json

    print_json({"a": float("-inf"), "b": [1.5, {"c": float("nan")}, (2, "x")], "d": None})
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert found == {"a": None, "b": [1.5, {"c": None}, [2, "x"]], "d": None}
