"""A sheet's XML read by regular expressions: fast, for XML as the common writers spell it.

Every byte of the rows has to fit the patterns below, one match beginning where the last ended; whatever does
not (a prefix, a comment, an attribute out of order, an entity that is none of the five) raises `Unsure`, and
the whole sheet goes to `sheet_expat`. So this reader may be narrow, but cannot misread. What stands before
`<sheetData>` and after `</sheetData>` is given to expat here too, which sees that the rest is in order.

Once a few rows in succession have looked the same, a `RowTemplate` takes over (see there).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from sheetsim.address import MAX_ROWS, column_index
from sheetsim.xlsx.read.cells import Cells
from sheetsim.xlsx.read.row_template import RowTemplate, make_template
from sheetsim.xlsx.read.safe_xml import SafeParser
from sheetsim.xlsx.read.scan_patterns import (
    CELL,
    ROW,
    Unsure,
    cell_type,
    check_row_attributes,
    formula_attributes,
    in_succession,
    plain_text,
)
from sheetsim.xlsx.read.sheet_expat import take_formula

LONGEST_HEAD = 16 << 20  # bytes before the rows
LONGEST_ROW = 16 << 20  # characters
PATIENCE = 3  # rows alike before a template is made
OPENING, CLOSING = b"<sheetData>", "</sheetData>"


class SheetScanner:
    """Gives the cells of one worksheet part to `cells`. Rows and columns are counted from 0."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._columns: dict[str, int] = {}
        self._template: RowTemplate | None = None
        self._alike = 0  # rows in succession that hold as many cells, with all formulas continued
        self._patience = PATIENCE
        self._last_row = -1
        self._last_count = -1
        self._prefixes: frozenset[str] = frozenset()
        self._mixed: set[int] = set()  # columns whose cells are seen to change their type
        self.plain = True  # no cell so far holds an ISO date or a richer value

    def read(self, pieces: Iterator[bytes]) -> None:
        """All of the part.

        Raises Unsure or BadXML when a real parser has to look, SheetsimError when a cell makes no sense.
        """
        frame = SafeParser()
        rest = self._head(pieces, frame)
        frame.feed(self._rows(rest, pieces))
        for piece in pieces:
            frame.feed(piece)
        frame.close()

    def _head(self, pieces: Iterator[bytes], frame: SafeParser) -> bytes:
        """Feed what comes before the rows to expat; give back the bytes that follow."""
        path: list[str] = []
        frame.start = lambda tag, attributes: path.append(tag)
        frame.end = lambda tag: path.pop()
        head, end = b"", -1
        while end < 0:
            piece = next(pieces, None)
            if piece is None or len(head) > LONGEST_HEAD:
                raise Unsure
            head += piece
            end = head.find(OPENING)
        end += len(OPENING)
        frame.feed(head[:end])
        known = frame.encoding in ("utf-8", "us-ascii") and head.startswith(b"<")  # no byte order mark
        if path != ["worksheet", "sheetData"] or not known:
            raise Unsure
        self._prefixes = frozenset(frame.prefixes)
        return head[end:]

    def _rows(self, first: bytes, pieces: Iterator[bytes]) -> bytes:
        """Scan up to `</sheetData>`; give back the bytes from there on."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        text = ""
        piece: bytes | None = first
        while piece is not None:
            try:
                text += decoder.decode(piece)
            except UnicodeDecodeError:
                raise Unsure from None
            end = text.find(CLOSING)
            if end >= 0:
                done = self._scan(text, end)
                if text[done:end].strip(" \t\r\n"):
                    raise Unsure
                return text[end:].encode() + decoder.getstate()[0]
            text = text[self._scan(text, max(0, text.rfind("<row"))) :]
            if len(text) > LONGEST_ROW:
                raise Unsure
            piece = next(pieces, None)
        raise Unsure

    def _scan(self, text: str, end: int) -> int:
        """Take the whole rows in text[:end]; give back where they end."""
        at = 0
        while at < end:
            if self._template is not None:
                at, rows = self._template.take(text, at, end, self._last_row + 1)
                if rows:
                    self._last_row += rows
                    self._alike = 0
                    continue
            after = self._row(text, at, end)
            if after == at:
                break
            if self._alike >= self._patience:
                self._make_template(text[at:after])
            at = after
        return at

    def _make_template(self, row: str) -> None:
        """The last row becomes the model; the more often models have been of no use, the later."""
        old = self._template
        useless = old is not None and old.rows_taken < 8
        self._patience = min(self._patience * 2, MAX_ROWS) if useless else PATIENCE
        self._alike = 0
        self._template = make_template(row, self._last_row, self._cells, self._prefixes, self._mixed)
        if self._template is None:
            self._patience = min(self._patience * 2, MAX_ROWS)

    def _row(self, text: str, at: int, end: int) -> int:
        """Take one row, cell by cell; give back where it ends (`at` when only white space is left)."""
        found = ROW.match(text, at, end)
        if found is None:
            if text[at:end].strip(" \t\r\n"):
                raise Unsure
            return at
        number, attributes, closed = found.groups()
        row = int(number) - 1
        if row >= MAX_ROWS:
            raise Unsure
        check_row_attributes(attributes, self._prefixes)
        position, count, continued = found.end(), 0, row == self._last_row + 1
        self._last_row = row
        if closed:
            self._alike, self._last_count = 0, 0
            return position
        cells, columns = self._cells, self._columns
        expected = self._template.kinds if self._template else {}
        for cell in in_succession(CELL, text, position, end):
            letters, digits, attributes, formula, formula_text, value, inline = cell.groups()
            if digits != number:
                raise Unsure
            column = columns.get(letters)
            if column is None:
                column = columns[letters] = _column(letters)
            kind, mark, richer = cell_type(attributes)
            if kind == "d" or richer is not None:
                self.plain = False
            if kind == "inlineStr":
                value = inline
            elif inline is not None:
                raise Unsure
            if value:
                plain = kind == "n" and "&" not in value
                cells.value(row, column, kind, value if plain else plain_text(value, kind), richer)
            elif value is not None:
                cells.value(row, column, kind, "")
            if formula is not None:
                known = formula_attributes(formula)
                words = plain_text(formula_text, "str") if formula_text else ""
                continued &= take_formula(cells, row, column, known, words, mark)
            seen = kind if value else ""
            if expected.get(column, seen) != seen and column not in self._mixed:
                self._mixed.add(column)
                self._template, self._alike = None, -1
            position = cell.end()
            count += 1
        if not text.startswith("</row>", position, end):
            raise Unsure
        self._alike = self._alike + 1 if continued and count == self._last_count else 0
        self._last_count = count
        return position + len("</row>")


def _column(letters: str) -> int:
    try:
        return column_index(letters)
    except ValueError:
        raise Unsure from None
