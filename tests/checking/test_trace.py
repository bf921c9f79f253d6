"""The tree of a cell: what it reads, what reads it."""

import json
from pathlib import Path

import pytest

from sheetsim.checking.file import File
from sheetsim.checking.trace import as_json, trace, tree_lines
from sheetsim.errors import SheetsimError
from sheetsim.workbook import Workbook
from sheetsim.xlsx.write.workbook import write_workbook


@pytest.fixture
def file(tmp_path: Path) -> File:
    book = Workbook()
    sheet = book.add_sheet("a b")
    for row in range(5):
        sheet.set((row, 0), float(row + 1))
    sheet.fill("B1:B5", "A1*$D$1")
    sheet.fill("C2:C5", "C1+SUM(B$1:B2)")
    sheet.set("C1", 0.0)
    sheet.set("D1", 2.0)
    sheet.fill("E1", "OFFSET(A1,D1,0)+C5")
    write_workbook(book, tmp_path / "t.xlsx")
    return File(tmp_path / "t.xlsx")


def below(file: File, address: str, **options: object) -> list[str]:
    return [str(node.rect) for node in trace(file, address, depth=1, **options).below]  # type: ignore[arg-type]


def test_what_a_formula_reads(file: File) -> None:
    assert below(file, "'a b'!B3") == ["A3", "D1"]
    assert below(file, "'a b'!C4") == ["C3", "B1:B4"]
    assert below(file, "'a b'!A1") == []


def test_what_reads_a_cell(file: File) -> None:
    assert below(file, "'a b'!D1", dependents=True) == ["B1:B5", "E1"]
    assert below(file, "'a b'!B4", dependents=True) == ["C4:C5"]  # the sums that have grown so far
    assert below(file, "'a b'!C5", dependents=True) == ["E1"]
    assert below(file, "'a b'!C3", dependents=True) == ["C4"]


def test_a_range_of_one_formula_is_opened(file: File) -> None:
    root = trace(file, "'a b'!C5", depth=2)
    (window,) = (node for node in root.below if str(node.rect) == "B1:B5")
    assert [str(node.rect) for node in window.below] == ["A1:A5", "D1"]
    assert window.extent == (2.0, 10.0)


def test_what_only_the_computation_shows_is_said(file: File) -> None:
    assert "only when it is computed" in trace(file, "'a b'!E1", depth=0).note


def test_a_cell_is_opened_once_and_a_circle_ends(file: File) -> None:
    lines = list(tree_lines(trace(file, "'a b'!C5", depth=50)))
    assert len(lines) < 60
    assert lines[0].startswith("'a b'!C5")


def test_the_tree_as_json(file: File) -> None:
    tree = as_json(trace(file, "'a b'!B2", depth=1))
    assert json.loads(json.dumps(tree))["formula"] == "=A2*$D$1"


@pytest.mark.parametrize("address", ["'a b'!A1:A2", "A1", "nowhere!A1", "'a b'!A0"])
def test_what_is_no_cell_is_refused(file: File, address: str) -> None:
    with pytest.raises(SheetsimError):
        trace(file, address)
