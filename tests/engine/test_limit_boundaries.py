"""Each limit at its boundary: what needs exactly as much is computed, and with one less it is refused.

What each case needs is counted on paper; the limit is set to that, and then to one less.
"""

import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from sheetsim import limits
from sheetsim.address import Rect
from sheetsim.backends import cells
from sheetsim.errors import SheetsimError, Unsupported
from sheetsim.limits import Effort, TooLarge, TooMuch, room
from sheetsim.plan import names, regions
from sheetsim.plan.schedule import make_plan
from sheetsim.run import store
from sheetsim.run.execute import calculate
from sheetsim.values import ExcelError
from sheetsim.workbook import DefinedName, Workbook
from sheetsim.xlsx.read import budget, package, parts
from sheetsim.xlsx.read.workbook import read_workbook
from tests.xlsx.packages import parts_of, sheet_xml, zipped

Refusal = Callable[[Path], str]
"""Does what is limited (with a folder for files); the reason it was refused for, or ''."""


def computed(book: Workbook) -> str:
    try:
        found = calculate(book, make_plan(book))
    except SheetsimError as error:
        return str(error)
    return found.unsupported[0].reason if found.unsupported else ""


def of(formula: str, *, array: bool = False, used: str = "") -> Refusal:
    book = Workbook()
    sheet = book.add_sheet("s")
    sheet.fill("A1", formula, array=array)
    if used:
        sheet.set(used, 1.0)
    return lambda folder: computed(book)


def overlapping(folder: Path) -> str:
    """Three array formulas on one another, each pair once."""
    book = Workbook()
    sheet = book.add_sheet("s")
    for number in range(3):
        sheet.fill("A1:B2", f"{number}", array=True)
    try:
        list(regions._visible(sheet.fills))
    except SheetsimError as error:
        return str(error)
    return ""


def with_a_name(folder: Path) -> str:
    book = Workbook()
    book.add_sheet("s").fill("A1", "n.0")
    book.names = [DefinedName("n.0", "1+2+3")]
    return computed(book)


def reading(*, sheet: str = "", texts: str = "") -> Refusal:
    content = zipped(parts_of(sheet_xml(sheet), strings=texts))

    def read(folder: Path) -> str:
        path = folder / "small.xlsx"
        path.write_bytes(content)
        try:
            notices = read_workbook(path).notices
        except SheetsimError as error:
            return str(error)
        return "; ".join(notices)

    return read


TWO_ARRAYS = (
    '<row r="1"><c r="A1"><f t="array" ref="A1:B2">1</f><v>1</v></c>'
    '<c r="D1"><f t="array" ref="D1:D2">1</f><v>1</v></c></row>'
)

CASES: dict[str, tuple[ModuleType, str, int, Refusal, str]] = {
    "cells of an array": (limits, "MOST_AT_ONCE", 21, of("SUM(ROW(C1:C7)*COLUMN(A:C))", array=True), "array"),
    "areas of a reference": (cells, "MOST_AREAS", 6, of("SUM((B1,B2,B3) (B1:B9,B2:B9))", used="C9"), "areas"),
    "cells of all sheets": (store, "MOST_CELLS", 20, of("1", used="D5"), "too large"),
    "overlaps": (regions, "MOST_OVERLAPS", 3, overlapping, "overlap in more"),
    "nodes of a name": (names, "MOST_NODES", 5, with_a_name, "too long"),
    "cells of array formulas": (
        budget,
        "MOST_ARRAY_CELLS",
        6,
        reading(sheet=TWO_ARRAYS),
        "array formulas",
    ),
    "texts": (
        budget,
        "MOST_TEXT",
        2 * sys.getsizeof("a"),
        reading(texts="<si><t>a</t></si><si><t>b</t></si>"),
        "texts take more",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_limit_at_its_boundary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, case: str) -> None:
    module, name, needed, refusal, words = CASES[case]
    monkeypatch.setattr(module, name, needed)
    assert refusal(tmp_path) == ""
    monkeypatch.setattr(module, name, needed - 1)
    assert words in refusal(tmp_path)


def test_sheets_of_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from sheetsim.xlsx.write.workbook import write_workbook

    book = Workbook()
    for name in "abc":
        book.add_sheet(name).set("A1", 1.0)
    path = tmp_path / "three.xlsx"
    write_workbook(book, path)
    monkeypatch.setattr(parts, "MOST_SHEETS", 3)
    assert len(read_workbook(path).sheets) == 3
    monkeypatch.setattr(parts, "MOST_SHEETS", 2)
    with pytest.raises(SheetsimError, match="3 sheets; at most 2"):
        read_workbook(path)


def test_bytes_of_all_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    parts = parts_of(sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>'))
    path = tmp_path / "small.xlsx"
    path.write_bytes(zipped(parts))
    read_here = {"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels", "[Content_Types].xml"}
    read_here |= {"xl/worksheets/sheet1.xml"}
    monkeypatch.setattr(package, "MOST_INFLATED", sum(len(parts[name]) for name in read_here))
    assert read_workbook(path)["one"].value("A1") == 1.0
    monkeypatch.setattr(package, "MOST_INFLATED", min(len(parts[name]) for name in read_here) - 1)
    with pytest.raises(SheetsimError, match="unpacks to more"):
        read_workbook(path)
    with zipfile.ZipFile(path) as opened:  # a file that any program reads
        assert opened.testzip() is None


def test_room_and_effort_are_spent_to_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    room(limits.MOST_AT_ONCE)
    with pytest.raises(TooLarge):
        room(limits.MOST_AT_ONCE + 1)
    effort = Effort(10)
    effort.spend(4)
    effort.spend(6)
    with pytest.raises(TooMuch, match="more work"):
        effort.spend(1)
    monkeypatch.setattr(limits, "MOST_TEXT", 10)
    texts = Effort()
    texts.keep(7)
    texts.keep(3)
    with pytest.raises(TooMuch, match="more than 10 characters"):
        texts.keep(1)
    assert issubclass(TooMuch, Unsupported)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_longest_text_of_a_cell(rows: int) -> None:
    """32,767 characters, says Excel's specification; one more is #VALUE!. One cell, and a column at once."""
    book = Workbook()
    sheet = book.add_sheet("s")
    for row in range(rows):
        sheet.set((row, 0), "x" * 32_766)
        sheet.set((row, 1), "é")
    sheet.fill(Rect(0, 2, rows, 3), "A1&B1")
    sheet.fill(Rect(0, 3, rows, 4), "A1&B1&B1")
    found = calculate(book, make_plan(book))
    for row in range(rows):
        assert found.value("s", row, 2) == "x" * 32_766 + "é"
        assert found.value("s", row, 3) is ExcelError.VALUE
