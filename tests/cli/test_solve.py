"""`solve` and `grad` as a user runs them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sheetsim.workbook import DefinedName, Workbook
from sheetsim.xlsx.read.workbook import read_workbook
from sheetsim.xlsx.write.workbook import write_workbook
from tests.cli.conftest import Run

Refused = Callable[..., str]

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("scipy", reason="SciPy is not installed")

KEYS = ["schema", "file", "sheet", "objective", "goal", "variables", "start", "final"]
KEYS += ["gradient_norm", "iterations", "seconds", "status"]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """C1 = (A1-3)^2 + (A2+1)^2, with a stored problem that keeps A1:A2 from being negative."""
    book = Workbook()
    sheet = book.add_sheet("s")
    for address, value in {"A1": 0.5, "A2": 0.5}.items():
        sheet.set(address, value)
    sheet.fill("C1", "(A1-3)^2+(A2+1)^2")
    sheet.set("C1", 8.5)
    names = {"opt": "s!$C$1", "adj": "s!$A$1:$A$2", "typ": "2", "val": "0", "num": "0", "neg": "1"}
    book.names += [DefinedName(f"solver_{name}", text, "s", hidden=True) for name, text in names.items()]
    write_workbook(book, tmp_path / "model.xlsx")
    return tmp_path / "model.xlsx"


def test_a_stored_problem(run: Run, model: Path) -> None:
    before = model.read_bytes()
    done = run("solve", "model.xlsx", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert list(report) == KEYS
    assert (report["file"], report["objective"], report["goal"]) == ("model.xlsx", "s!C1", "min")
    assert (report["variables"], report["status"], report["start"]) == (2, "converged", 8.5)
    assert report["final"] == pytest.approx(1.0)
    assert model.read_bytes() == before
    done = run("solve", "model.xlsx")
    assert "changing     s!A1:A2 (2 cells)" in done.stdout
    assert "s!A1:A2 = 3, 0" in done.stdout
    assert run("solve", "model.xlsx", "--quiet").stdout == ""


def test_a_typed_problem(run: Run, model: Path) -> None:
    words = ["--objective", "C1", "--changing", "A1,A2", "--goal", "4", "--constraint", "A1<=2"]
    report = json.loads(run("solve", model, *words, "--json").stdout)
    assert (report["goal"], report["final"]) == (4.0, pytest.approx(4.0))
    done = run("solve", model, *words[:4], "--method", "adam", "--iterations", "50", "--json")
    assert json.loads(done.stdout)["status"] == "max-iterations"


def test_list(run: Run, model: Path, lessons_dir: Path) -> None:
    (found,) = json.loads(run("solve", model, "--list", "--json").stdout)["problems"]
    assert (found["sheet"], found["changing"], found["not_negative"]) == ("s", "s!A1:A2", True)
    listed = run("solve", lessons_dir / "course-v3" / "collab_filter.xlsx", "--list").stdout
    assert listed.count("objective") == 6  # two of the four lines twice: these cannot be solved
    assert "cannot be solved: movielens_emb: the objective (solver_opt) is #REF!" in listed


def test_what_cannot_be_solved_is_one_line(refused: Refused, model: Path, lessons_dir: Path) -> None:
    assert "no sheet 'x'" in refused("solve", model, "--sheet", "x")
    assert "together" in refused("solve", model, "--objective", "C1")
    assert "--goal and --constraint are for" in refused("solve", model, "--goal", "max")
    assert "does not depend" in refused("solve", model, "--objective", "C1", "--changing", "B7")
    course = lessons_dir / "course-v3" / "collab_filter.xlsx"
    assert "(solver_opt) is #REF!" in refused("solve", course, "--sheet", "movielens_emb")
    assert "choose one with --sheet (dotprod, movielens_1hot" in refused("solve", course)


def test_grad(run: Run, refused: Refused, model: Path) -> None:
    done = run("grad", "model.xlsx", "--of", "s!C1", "--wrt", "s!A1:A2", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "schema": "sheetsim.grad/1",
        "file": "model.xlsx",
        "of": "s!C1",
        "value": 8.5,
        "gradient": {"s!A1:A2": [[-5.0], [3.0]]},
        "notes": [],
    }
    assert "by s!A1:A2:\n  -5\n  3\n" in run("grad", model, "--of", "s!C1", "--wrt", "s!A1:A2").stdout
    assert "does not depend on s!B1" in refused("grad", model, "--of", "s!C1", "--wrt", "s!B1")
    assert "give the sheet" in refused("grad", model, "--of", "C1", "--wrt", "s!A1")


def test_the_solution_is_saved_in_a_copy(run: Run, model: Path) -> None:
    done = run("solve", "model.xlsx", "-o", "solved.xlsx")
    assert (done.returncode, done.stderr) == (0, "")
    sheet = read_workbook(model.with_name("solved.xlsx"))["s"]
    assert sheet.value("A1") == pytest.approx(3)
    assert sheet.value("A2") == 0
    assert sheet.value("C1") == (sheet.value("A1") - 3) ** 2 + 1  # type: ignore[operator]
    again = run("solve", "model.xlsx", "-o", "solved.xlsx")
    assert again.returncode == 2
    assert "there already" in again.stderr
