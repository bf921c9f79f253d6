"""A solution saved by `solve -o`: other programs show it, and nothing else in the file has changed."""

import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from sheetsim.checking import libreoffice
from sheetsim.public_lesson import lesson
from sheetsim.solve.problem import stored_problem
from sheetsim.solve.solver import save_solution, solve
from sheetsim.xlsx.read.workbook import read_workbook
from tests.checking.packages import edit_cell

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("scipy", reason="SciPy is not installed")
needs_libreoffice = pytest.mark.skipif(libreoffice.program() is None, reason="LibreOffice is not installed")

COURSES, OWN = ("course22", "course-v3"), ("dotprod", "bias")


def source(name: str, lessons_dir: Path, tmp_path: Path) -> Path:
    if name in COURSES:
        return lessons_dir / name / "collab_filter.xlsx"
    return lesson(name).export(tmp_path / "in.xlsx")


def saved(path: Path, sheet: str, out: Path) -> float:
    """Solve the sheet's problem, save it to `out`; the objective there."""
    book = read_workbook(path)
    solution = solve(book, stored_problem(book, sheet))
    save_solution(path, out, book, solution)
    return solution.final


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def masked(sheet: bytes) -> bytes:
    """A worksheet without its cells' values."""
    return re.sub(rb"<v>[^<]*</v>", b"<v/>", sheet)


@needs_libreoffice
@pytest.mark.parametrize("name", [*COURSES, *OWN])
def test_libreoffice_shows_the_same_objective(name: str, lessons_dir: Path, tmp_path: Path) -> None:
    """Computed anew, whatever the file stores: a wrong stored objective does not survive."""
    sheet = "dotprod" if name in COURSES else name
    out = tmp_path / "out.xlsx"
    final = saved(source(name, lessons_dir, tmp_path), sheet, out)
    objective = stored_problem(read_workbook(out), sheet).objective
    assert objective is not None
    stored = read_workbook(out)[sheet].block(objective[1]).numbers.item()
    assert stored == final
    wrong = edit_cell(out, tmp_path / "wrong.xlsx", sheet, str(objective[1]), value="12345.5")
    assert read_workbook(wrong)[sheet].block(objective[1]).numbers.item() == 12345.5
    for file in (out, wrong):
        shown = libreoffice.recalculate(file)[sheet].block(objective[1]).numbers.item()
        assert shown == pytest.approx(final, rel=1e-12)


@pytest.mark.parametrize("name", [*COURSES, *OWN])
def test_every_other_part_is_byte_identical(name: str, lessons_dir: Path, tmp_path: Path) -> None:
    """Only worksheets differ, the one that is solved and those that refer to it, and in these only values."""
    sheet = "dotprod" if name in COURSES else name
    path, out = source(name, lessons_dir, tmp_path), tmp_path / "out.xlsx"
    saved(path, sheet, out)
    before, after = parts(path), parts(out)
    assert list(before) == list(after)
    changed = [part for part in before if before[part] != after[part]]
    assert changed
    for part in changed:
        assert part.startswith("xl/worksheets/sheet")
        assert masked(before[part]) == masked(after[part])
    books = read_workbook(path), read_workbook(out)
    for place in stored_problem(books[0], sheet).changing:
        start, end = (book[place[0]].block(place[1]).numbers for book in books)
        assert (start != end).mean() > 0.9
        assert np.isfinite(end).all()
