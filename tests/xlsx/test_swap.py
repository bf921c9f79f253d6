"""Values put into many rows at once, against the same put in cell by cell: the same bytes."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.values import BLANK, NUMBER, ExcelError, Scalar, Values
from sheetsim.workbook import Sheet
from sheetsim.xlsx.edit import splice as splicing
from sheetsim.xlsx.edit.changes import SheetChanges
from sheetsim.xlsx.edit.splice import splice
from sheetsim.xlsx.read.cells import Cells
from sheetsim.xlsx.read.marks import Marks
from sheetsim.xlsx.read.sheet_scan import SheetScanner
from tests.xlsx.packages import sheet_xml
from tests.xlsx.test_read_two_ways import STRINGS, plainly, sheets


def report(text: str, row: int, column: int) -> SheetsimError:
    return SheetsimError(f"{row},{column}: {text}")


def scanned(data: bytes) -> Sheet:
    cells, sheet = Cells(report, STRINGS, Marks(frozenset({"1"}))), Sheet("one")
    SheetScanner(cells).read(iter([data]))
    cells.finish(sheet)
    return sheet


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def changed(sheet: Sheet, seed: int, kinds: str) -> Sheet:
    """The sheet with other values in some of its formula cells."""
    chance, new = random.Random(seed), sheet.copy()
    values: dict[str, list[Scalar]] = {
        "numbers": [0.1, -3.0, 1e300],
        "all": [0.5, "x", " <é", True, None, 7.0, ExcelError.NA],
    }
    for fill in sheet.fills:
        for row, column in fill.rect.cells():
            if chance.random() < 0.7:
                new.set((row, column), chance.choice(values[kinds]))
    return new


@settings(max_examples=60, deadline=None)
@given(sheets(), st.integers(0, 1000), st.sampled_from(["numbers", "all"]), st.sampled_from([300, 5000]))
def test_the_same_bytes_as_cell_by_cell(model: list, seed: int, kinds: str, size: int) -> None:
    data = plainly(model)
    sheet = scanned(data)
    new = changed(sheet, seed, kinds)

    def spliced(known: bool) -> tuple[bytes, int]:
        changes = SheetChanges(sheet, lambda name, rect: new.block(rect))
        return b"".join(splice(pieces(data, size), changes, report, known=known)), changes.count

    assert spliced(True) == spliced(False)


@pytest.mark.parametrize("held", ["<v>1</v>", "", "<v></v>", "<v/>"])
def test_a_filled_column_is_put_in_at_once(held: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No row of it is looked at by itself."""
    rows = "".join(
        f'<row r="{r}"><c r="A{r}" t="str"><v>x</v></c><c r="B{r}"><f>C{r}*2</f>'
        f'{held}</c><c r="C{r}" s="1"/></row>'
        for r in range(1, 500)
    )
    data = sheet_xml(rows).encode()
    sheet = scanned(data)

    def values(name: str, rect: Rect) -> Values:
        block = sheet.block(rect)
        kinds = np.array(block.kind_array())
        kinds[kinds == BLANK] = NUMBER
        return Values(np.full(rect.shape, 1 / 3), kinds, block.texts)

    monkeypatch.setattr(splicing._Splicer, "_changed", None)
    changes = SheetChanges(sheet, values)
    written = b"".join(splice(pieces(data, 4000), changes, report, known=True))
    assert changes.count == 499
    third = b"0.33333333333333331"
    assert written == data.replace(b"</f>" + held.encode(), b"</f><v>" + third + b"</v>")
