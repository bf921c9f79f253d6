"""A sheet's XML read by a real XML parser: slow, and right for whatever XML may look like.

Prefixes, comments, CDATA, UTF-16, attributes in any order, cells without an address: what
`sheet_scan` is not sure about ends here, and a test holds the two to the same result.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sheetsim.address import parse_cell
from sheetsim.xlsx.read.cells import Cells, inside
from sheetsim.xlsx.read.safe_xml import BadXML, Forbidden, SafeParser
from sheetsim.xlsx.read.strings import LONGEST, TextCollector, unescaped

_ROW_NUMBER = re.compile(r"[1-9][0-9]{0,6}")


class SheetReader:
    """Gives the cells of one worksheet part to `cells`. Rows and columns are counted from 0."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._path: list[str] = []
        self._row = self._column = -1
        self._place = -1, -1  # of the cell: it may lie in another row than its element
        self._cell: dict[str, str] = {}
        self._formula: dict[str, str] | None = None
        self._formula_text: list[str] = []
        self._length = 0  # of all texts in the cell
        self._value: list[str] | None = None
        self._inline: TextCollector | None = None
        self.parser = SafeParser()
        self.parser.start, self.parser.end, self.parser.text = self._start, self._end, self._text

    def read(self, pieces: Iterable[bytes]) -> None:
        """All of the part. BadXML when it is not well-formed, SheetsimError beyond the limits of a sheet."""
        for piece in pieces:
            self.parser.feed(piece)
        self.parser.close()

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        path = self._path
        path.append(tag)
        level = len(path)
        if level == 1 and tag != "worksheet":
            raise BadXML("it is not a worksheet")
        if level < 3 or path[1] != "sheetData":
            return
        if level == 3 and tag == "row":
            self._start_row(attributes)
        elif path[2] != "row":
            return
        elif level == 4 and tag == "c":
            self._start_cell(attributes)
        elif level >= 5 and path[3] == "c":
            if level == 5 and tag == "f":
                self._formula = attributes
            elif level == 5 and tag == "v":
                self._value = []
            elif level == 5 and tag == "is":
                self._inline = TextCollector()
            elif self._inline is not None:
                self._inline.start(tag)

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r", "")
        self._row += 1
        if _ROW_NUMBER.fullmatch(number):
            self._row = int(number) - 1
        elif number:
            self._cells.odd.note("a row cannot have the number {}: read as the next", -1, -1, number)
        self._column = -1

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._place = self._row, self._column + 1
        if address := attributes.get("r", ""):
            try:
                self._place = parse_cell(address)
            except ValueError:
                self._cells.odd.note("a cell cannot have the address {}: left out", -1, -1, address)
                self._place = -1, self._column
        self._column = self._place[1]
        self._cell = attributes
        self._formula, self._value, self._inline = None, None, None
        self._formula_text, self._length = [], 0

    def _end(self, tag: str) -> None:
        level = len(self._path)
        if level == 4 and tag == "c" and self._path[1] == "sheetData" and self._path[2] == "row":
            self._end_cell()
        elif level > 5 and self._inline is not None:
            self._inline.end(tag)
        self._path.pop()

    def _text(self, text: str) -> None:
        path = self._path
        if len(path) < 5 or path[3] != "c":
            return
        self._length += len(text)
        if self._length > LONGEST:
            raise Forbidden(f"it holds a cell of more than {LONGEST:,} characters")
        if len(path) == 5 and path[4] == "v" and self._value is not None:
            self._value.append(text)
        elif len(path) == 5 and path[4] == "f" and self._formula is not None:
            self._formula_text.append(text)
        elif self._inline is not None and path[4] == "is":
            self._inline.text(text)

    def _end_cell(self) -> None:
        kind, (row, column) = self._cell.get("t", "n"), self._place
        if not inside(row, column):
            if row >= 0:
                self._cells.odd.note("a cell lies outside the limits of a sheet and was left out", -1, -1)
            return
        text = None if self._value is None else "".join(self._value)
        if kind == "inlineStr" and self._inline is not None:
            text = self._inline.take()
        elif kind in ("str", "inlineStr") and text is not None:
            text = unescaped(text)
        self._cells.value(row, column, kind, text, self._cell.get("vm"))
        if self._formula is not None:
            formula = unescaped("".join(self._formula_text))
            take_formula(self._cells, row, column, self._formula, formula, self._cell.get("cm"))


def take_formula(
    cells: Cells, row: int, column: int, attributes: dict[str, str], text: str, mark: str | None = None
) -> bool:
    """Give a cell's `<f>` to `cells`. True when it only continued the formula of the cell above."""
    kind = attributes.get("t", "normal")
    text = text.removeprefix("=")
    index = attributes.get("si")
    if kind == "shared" and index is not None and len(index) <= 10:
        return cells.shared(row, column, index, text if text.strip() else None, "ref" in attributes)
    if kind == "dataTable":
        cells.data_table(row, column, attributes)
    elif not text.strip():  # Excel writes <f ca="1"/> into the cells that an array formula spills over
        return False
    elif kind == "array":
        cells.array(row, column, attributes.get("ref"), text, mark)
    elif kind in ("normal", "shared"):  # a shared one without a number
        return cells.formula(row, column, text)
    else:
        cells.odd.note("a formula's type cannot be {}: its stored value is read as typed", row, column, kind)
    return False
