"""New values put into a sheet's XML, byte by byte the same elsewhere, a few MiB at a time.

    splice(package.stream(part), changes, report)      # the new part, in pieces

Of a changed cell only the content of `<v>` changes and, where the kind of value does, its type `t`. What has
no cell yet gets one at its place in the row, and a row where there is none. XML that `cell_patterns` cannot
follow is refused: nothing is changed by guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import numpy as np

from sheetsim.address import MAX_ROWS, Rect, cell_name, column_index, parse_cell
from sheetsim.errors import SheetsimError
from sheetsim.values import ExcelError
from sheetsim.xlsx.edit.changes import FORMULA, PUT, SPREAD, SheetChanges
from sheetsim.xlsx.edit.swap import row_numbers, swapped
from sheetsim.xlsx.edit.unshared import Unshared
from sheetsim.xlsx.edit.waiting import NO_MORE, New, Waiting
from sheetsim.xlsx.read.cell_patterns import ATTRIBUTE, Grammar, grammar
from sheetsim.xlsx.read.safe_xml import SafeParser
from sheetsim.xlsx.read.scan_patterns import in_succession

LONGEST_HEAD = 16 << 20  # bytes before the rows
LONGEST_ROW = 64 << 20
_BITE = 1 << 16  # bytes of the head given to expat at once
_ROW_NUMBER = re.compile(rb"[1-9][0-9]{0,6}")
_COLUMN = re.compile(rb"<(?:[^\s:>/<]{1,60}:)?col((?:\s++[^<>]*+)?)>")
_MEND = "open the file in Excel and save it again"
_OTHER = "the file is not as it was when it was read: read it again"

Report = Callable[[str, int, int], SheetsimError]


def splice(
    pieces: Iterator[bytes],
    changes: SheetChanges,
    report: Report,
    *,
    known: bool = False,
    marks: Mapping[ExcelError, bytes] = MappingProxyType({}),
    spills: bytes = b"",
) -> Iterator[bytes]:
    """The sheet with the changes made. `known`: it is as the scanner has read it. `marks`: `vm` of the errors
    that the workbook keeps as richer values behind #VALUE!. `spills`: `cm` of formulas that spill. Raises
    what `report(text, row, column)` makes (row -1: no cell in particular), and BadXML."""
    head, rest, prefix, encoding = _head(pieces, report)
    sheet = _Splicer(grammar(prefix), prefix, encoding, changes, report, known, marks, spills)
    yield sheet.head(head)
    yield from sheet.rows(rest, pieces)
    yield from pieces


def _head(pieces: Iterator[bytes], report: Report) -> tuple[bytes, bytes, bytes, str]:
    """The bytes before `<sheetData`, those that follow, the prefix of its tag and the encoding."""
    parser = SafeParser()
    path: list[str] = []
    found = -1

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal found
        path.append(tag)
        if found < 0 and path == ["worksheet", "sheetData"]:
            found = parser.position

    parser.start, parser.end = start, lambda tag: path.pop()
    head, fed, ended = b"", 0, False
    while found < 0:
        if fed == len(head):
            piece = next(pieces, None)
            if piece is None and not ended:  # expat may have held something back
                ended = True
                parser.close()
                continue
            if piece is None or fed > LONGEST_HEAD:
                raise report(f"the rows of its part are nowhere to be seen: {_MEND}", -1, -1)
            head += piece
        parser.feed(head[fed : fed + _BITE])
        fed = min(fed + _BITE, len(head))
    name = re.match(rb"<((?:[^\s:>/]+:)?)sheetData", head[found : found + 200])
    if parser.encoding not in ("utf-8", "us-ascii") or name is None:
        raise report(f"its part is not written in UTF-8: {_MEND}", -1, -1)
    return head[:found], head[found:], name[1], parser.encoding


class _Splicer:
    """The changes, taken one after the other while the rows pass by. Rows and columns are counted from 0."""

    def __init__(
        self,
        spelled: Grammar,
        prefix: bytes,
        encoding: str,
        changes: SheetChanges,
        report: Report,
        known: bool,
        marks: Mapping[ExcelError, bytes],
        spills: bytes,
    ) -> None:
        self._grammar = spelled
        self._prefix = prefix
        self._encoding = encoding
        self._source = changes
        self._report = report
        self._known = known and not prefix
        self._waiting = Waiting(changes, prefix, encoding, marks, spills)
        self._unshared = Unshared(prefix, encoding)
        self._styles: list[tuple[int, int, bytes]] = []  # of columns: from, to, style
        self._row = -1  # the last row that went by
        self._columns: dict[bytes, int] = {}
        self._opening = self._tag(b"v")
        self._open, self._close = self._opening + b">", self._tag(b"/v") + b">"

    def head(self, head: bytes) -> bytes:
        """What stands before the rows; the sheet's dimension widened where cells are put outside of it."""
        self._styles = _column_styles(head)
        new = self._source.new_cells()
        found = self._grammar.dimension.search(head) if new else None
        if new is None or found is None:
            return head
        try:
            old = Rect.parse(found[2].decode())
        except ValueError:
            return head
        whole = old.around(new)
        return head if whole == old else head[: found.start(2)] + str(whole).encode() + head[found.end(2) :]

    def rows(self, first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """All from `<sheetData` to the end of the piece in which `</sheetData>` ends."""
        text = first
        while (opening := self._grammar.opening.match(text)) is None:
            text += self._more(pieces, text)
        if opening[2]:
            inner = b"".join(self._new_rows(MAX_ROWS))
            tag = text[: opening.end()]
            yield (tag[:-2] + b">" + inner + self._tag(b"/sheetData") + b">" if inner else tag)
            yield text[opening.end() :]
            return
        yield text[: opening.end()]
        text = text[opening.end() :]
        while True:
            done, out = self._swap(text) or self._take(text)
            yield b"".join(out)
            text = text[done:]
            closing = self._grammar.between.match(text).end()  # type: ignore[union-attr] # it may be empty
            if self._grammar.closing.match(text, closing):
                yield text[:closing]
                yield from self._new_rows(MAX_ROWS)
                yield text[closing:]
                return
            text += self._more(pieces, text)

    def _more(self, pieces: Iterator[bytes], text: bytes) -> bytes:
        """The next piece, where what is there ends within a row."""
        piece = next(pieces, None)
        if piece is None or len(text) > LONGEST_ROW:
            raise self._report(f"its rows are written in a way that is not known here: {_MEND}", -1, -1)
        return piece

    def _swap(self, text: bytes) -> tuple[int, list[bytes]] | None:
        """The same as `_take`, for many plain rows at once; None when it cannot be done so."""
        end = text.rfind(b"</row>") + len(b"</row>")
        if not self._known or self._waiting.row < MAX_ROWS or self._unshared or end < len(b"</row>"):
            return None
        rows = row_numbers(text[:end])
        if not len(rows) or rows[0] < self._waiting.upto or (np.diff(rows) <= 0).any():
            return None
        last = int(rows[-1])
        band = self._source.band(self._waiting.upto, last + 1)
        out = (
            None
            if band is None
            else [text[:end]]
            if not band.differ.any()
            else swapped(text[:end], band, self._encoding)
        )
        if out is None or band is None:
            return None
        self._source.count += int(band.differ.sum())
        self._row = last
        self._waiting.done_to(last + 1)
        return end, out

    def _take(self, text: bytes) -> tuple[int, list[bytes]]:
        """The whole rows at the start of `text`, changed: where they end, and what is written for them."""
        out: list[bytes] = []
        kept = at = 0  # text[kept:at] is written as it is
        whole = list(in_succession(self._grammar.row, text, 0, len(text)))
        self._waiting.look_to(self._row + len(whole))
        for found in whole:
            row = self._number(found[1])
            self._waiting.look_to(row)
            if self._waiting.row <= row or self._unshared.waits(text, found):
                out.append(text[kept:at])
                kept = at
                out += self._new_rows(row)
                if self._waiting.row == row or self._unshared.waits(text, found):
                    out.append(self._changed(text, found, row))
                    kept = found.end()
            self._row, at = row, found.end()
        out.append(text[kept:at])
        return at, out

    def _number(self, attributes: bytes) -> int:
        """The row that has these attributes; without `r` it is the next."""
        number = _attributes(attributes).get(b"r")
        if number is None:
            return self._row + 1
        if not _ROW_NUMBER.fullmatch(number) or not self._row < int(number) - 1 < MAX_ROWS:
            raise self._report(f"its rows are not in order: {_MEND}", -1, -1)
        return int(number) - 1

    # -- one row

    def _changed(self, text: bytes, found: re.Match[bytes], row: int) -> bytes:
        """What is written for a row that holds changes."""
        start, end = found.span(2) if found[2] is not None else (found.end(), found.end())
        waiting = self._waiting.take() if self._waiting.row == row else iter(())
        out: list[bytes] = []
        new = wanted, role, kind, content, put, _ = next(waiting, NO_MORE)
        row_style = self._row_style(found[1])
        last, kept, at, grown = -1, start, start, False
        known, plain = self._columns, self._opening
        for cell in in_succession(self._grammar.cell, text, start, end):
            letters, attributes, formula, opening, inline = cell.group(1, 2, 4, 6, 8)
            column = known.get(letters, -1)
            if column <= last:
                column = self._column(letters, attributes, row, last)
            while wanted < column:
                out += text[kept:at], self._new_cell(row, New._make(new), row_style)
                kept, grown = at, True
                new = wanted, role, kind, content, put, _ = next(waiting, NO_MORE)
            if wanted == column:
                if (  # the common case in few steps: a number in the place of a number or of nothing
                    not kind
                    and content
                    and not put
                    and (formula is not None) == (role == FORMULA)
                    and (opening == plain or (opening is None and inline == b""))
                    and b"t" not in attributes
                    and b"v" not in attributes
                    and not self._unshared
                ):
                    out += text[kept : cell.end(3)], self._open, content, self._close
                    kept = cell.end(3) if cell[5] is None else cell.end(5)
                else:
                    out += text[kept:at], self._cell(text, cell, row, New._make(new))
                    kept = cell.end()
                new = wanted, role, kind, content, put, _ = next(waiting, NO_MORE)
            elif formula is not None and (plain_formula := self._unshared.instead(formula, row, column)):
                out += text[kept : cell.start(4)], plain_formula
                kept = cell.end(4)
            last, at = column, cell.end()
        rest = self._grammar.between.match(text, at, end)
        if rest is None or rest.end() != end:
            raise self._report(f"row {row + 1} is written in a way that is not known here: {_MEND}", -1, -1)
        out.append(text[kept:at])
        while new is not NO_MORE:
            out.append(self._new_cell(row, New._make(new), row_style))
            new, grown = next(waiting, NO_MORE), True
        before = text[found.start() : start]
        if grown:  # `spans` says which columns the row's cells are in, and may be left out
            before = _without(before, found.start(1) - found.start(), found[1], b"spans")
        if found[2] is None:
            inner = b"".join(out)
            return before[:-2] + b">" + inner + self._tag(b"/row") + b">" if inner else before
        return b"".join([before, *out, text[at : found.end()]])

    def _column(self, letters: bytes | None, attributes: bytes, row: int, last: int) -> int:
        """The column of a cell; without an address it is the next."""
        try:
            if letters is not None:
                column = self._columns[letters] = column_index(letters.decode())
            elif (address := _attributes(attributes).get(b"r")) is None:
                column = last + 1
            else:
                place, column = parse_cell(address.decode("utf-8", "replace"))
                column = column if place == row else -1
        except ValueError:
            column = -1
        if column <= last:
            raise self._report(f"the cells of row {row + 1} are not in order: {_MEND}", -1, -1)
        return column

    def _cell(self, text: bytes, cell: re.Match[bytes], row: int, new: New) -> bytes:
        """A cell with another value, and where it is edited, another formula or none."""
        attributes, before, formula, opening, between = cell.group(2, 3, 4, 6, 7)
        if (formula is not None) != (new.role == FORMULA) and new.role not in (SPREAD, PUT):
            raise self._report(_OTHER, row, new.column)
        typed = _attributes(attributes).get(b"t", b"n")
        tag = text[cell.start() : cell.end(2)]
        place = cell.start(2) - cell.start()
        lost = [b"vm"] * (b"vm" in attributes)  # it tells what the old value was besides
        if typed != (new.kind or b"n"):
            lost.append(b"t")
        if new.role == PUT:
            lost.append(b"cm")
            if formula is not None and not self._unshared.replaced(formula, row, new.column):
                raise self._report(
                    f"its formula is written in a way that is not known here: {_MEND}", row, new.column
                )
            before = new.formula
        elif formula is not None and (plain := self._unshared.instead(formula, row, new.column)):
            before = plain
        tag = _without(tag, place, attributes, *lost)
        if b"t" in lost and new.kind:
            tag += b' t="%b"' % new.kind
        tag += new.mark
        content = self._content(new, opening)
        if before is None:
            return tag.rstrip() + (b">" + content + self._tag(b"/c") + b">" if content else b"/>")
        if not before and not content and new.role == PUT:
            return tag.rstrip() + b"/>"
        after = text[cell.start(9) : cell.end()] if cell[9] is not None else self._tag(b"/c") + b">"
        return b"".join((tag, b">", before, content, between or b"", after))

    def _content(self, new: New, opening: bytes | None = None) -> bytes:
        """`<v>` with the new value, or `<is>`; `opening`: how the old `<v` began."""
        if new.content is None:
            return b""
        spaced = new.content.strip() != new.content
        space = b' xml:space="preserve"' if spaced else b""
        if new.kind == b"inlineStr":
            tags = self._tag(b"is>"), self._tag(b"t" + space), self._tag(b"/t>"), self._tag(b"/is>")
            return b"%b%b>%b%b%b" % (*tags[:2], new.content, *tags[2:])
        if opening is None or (spaced and b"xml:space" not in opening):
            opening = self._tag(b"v" + space)
        return opening + b">" + new.content + self._tag(b"/v") + b">"

    def _new_cell(self, row: int, new: New, style: bytes | None = None) -> bytes:
        """A cell where there was none; `style`: that of its row."""
        if new.role == FORMULA:
            raise self._report(_OTHER, row, new.column)
        content = new.formula + self._content(new)
        if not content:
            return b""
        kind = b' t="%b"' % new.kind if new.kind else b""
        kind += new.mark
        address = cell_name(row, new.column).encode()
        style = style or next((s for low, high, s in self._styles if low <= new.column <= high), None)
        dressed = b' s="%b"' % style if style else b""
        return self._tag(b'c r="%b"%b%b>' % (address, dressed, kind)) + content + self._tag(b"/c>")

    def _row_style(self, attributes: bytes) -> bytes | None:
        """The style that a row gives to cells that have none."""
        known = _attributes(attributes) if b"customFormat" in attributes else {}
        return known.get(b"s") if known.get(b"customFormat") in (b"1", b"true") else None

    def _new_rows(self, before: int) -> Iterator[bytes]:
        """Rows for the changes above row `before`."""
        self._waiting.look_to(before - 1)
        while (row := self._waiting.row) < before:
            cells = b"".join(self._new_cell(row, New._make(new)) for new in self._waiting.take())
            if cells:
                yield self._tag(b'row r="%d">' % (row + 1)) + cells + self._tag(b"/row>")

    def _tag(self, name: bytes) -> bytes:
        """The beginning of a tag, `<x:v` for v."""
        return b"</" + self._prefix + name[1:] if name.startswith(b"/") else b"<" + self._prefix + name


def _attributes(text: bytes) -> dict[bytes, bytes]:
    return {name: double or single for name, double, single in ATTRIBUTE.findall(text)}


def _column_styles(head: bytes) -> list[tuple[int, int, bytes]]:
    """First and last column of each `<col>` that has a style, and the style."""
    found: list[tuple[int, int, bytes]] = []
    for column in _COLUMN.finditer(head):
        known = _attributes(column[1])
        low, high, style = known.get(b"min", b""), known.get(b"max", b""), known.get(b"style", b"0")
        if low.isdigit() and high.isdigit() and style.isdigit() and style != b"0" and len(low + high) < 12:
            found.append((int(low) - 1, int(high) - 1, style))
    return found


def _without(tag: bytes, start: int, attributes: bytes, *names: bytes) -> bytes:
    """A tag whose attributes begin at `start`, some of them taken out."""
    kept = ATTRIBUTE.sub(lambda found: b"" if found[1] in names else found[0], attributes)
    return tag[:start] + kept + tag[start + len(attributes) :]
