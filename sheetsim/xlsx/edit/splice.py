"""New values put into a sheet's XML, byte by byte the same elsewhere, a few MiB at a time.

    splice(package.stream(part), changes, report)      # the new part, in pieces

Of a changed cell only the content of `<v>` changes and, where the kind of value does, its type `t`. What has
no cell yet gets one at its place in the row, and a row where there is none. XML that `cell_patterns` cannot
follow is refused: nothing is changed by guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from sheetsim.address import MAX_COLUMNS, MAX_ROWS, Rect, cell_name, column_index, parse_cell
from sheetsim.errors import SheetsimError
from sheetsim.values import BLANK, BOOLEAN, NUMBER, TEXT, ExcelError
from sheetsim.xlsx.edit.changes import FORMULA, SPREAD, TYPED, Changes
from sheetsim.xlsx.read.cell_patterns import ATTRIBUTE, Grammar, grammar
from sheetsim.xlsx.read.safe_xml import SafeParser
from sheetsim.xlsx.read.scan_patterns import in_succession
from sheetsim.xlsx.read.strings import escaped

LONGEST_HEAD = 16 << 20  # bytes before the rows
LONGEST_ROW = 64 << 20
_BITE = 1 << 16  # bytes of the head given to expat at once
_ROW_NUMBER = re.compile(rb"[1-9][0-9]{0,6}")
_MEND = "open the file in Excel and save it again"
_OTHER = "the file is not as it was when it was read: read it again"

Report = Callable[[str, int, int], SheetsimError]


class _New(NamedTuple):
    """A value to write: its type `t` ("" for numbers and blanks) and the content of `<v>` (None: no `<v>`),
    or for a typed text of `<t>`."""

    column: int
    role: int
    kind: bytes
    content: bytes | None


_NO_MORE = (MAX_COLUMNS, SPREAD, b"", None)


def splice(pieces: Iterator[bytes], changes: Changes, report: Report) -> Iterator[bytes]:
    """The sheet with the changes made. Raises what `report(text, row, column)` makes (row -1: no cell in
    particular), and BadXML."""
    head, rest, prefix, encoding = _head(pieces, report)
    sheet = _Splicer(grammar(prefix), prefix, encoding, changes, report)
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
        self, known: Grammar, prefix: bytes, encoding: str, changes: Changes, report: Report
    ) -> None:
        self._grammar = known
        self._prefix = prefix
        self._encoding = encoding
        self._changes = changes
        self._report = report
        rows, starts = np.unique(changes.rows, return_index=True)
        self._rows: list[int] = [*rows.tolist(), MAX_ROWS]  # that hold changes, and where these begin
        self._starts: list[int] = [*starts.tolist(), len(changes)]
        self._at = 0  # the first of these rows that is not done yet
        self._row = -1  # the last row that went by
        self._columns: dict[bytes, int] = {}
        self._opening = self._tag(b"v")
        self._open, self._close = self._opening + b">", self._tag(b"/v") + b">"

    def head(self, head: bytes) -> bytes:
        """What stands before the rows; the sheet's dimension widened where cells are put outside of it."""
        new = self._changes.new_cells
        found = self._grammar.dimension.search(head) if new else None
        if new is None or found is None:
            return head
        try:
            old = Rect.parse(found[2].decode())
        except ValueError:
            return head
        whole = Rect(
            min(old.top, new.top),
            min(old.left, new.left),
            max(old.bottom, new.bottom),
            max(old.right, new.right),
        )
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
            done, out = self._take(text)
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

    def _take(self, text: bytes) -> tuple[int, list[bytes]]:
        """The whole rows at the start of `text`, changed: where they end, and what is written for them."""
        out: list[bytes] = []
        kept = at = 0  # text[kept:at] is written as it is
        for found in in_succession(self._grammar.row, text, 0, len(text)):
            row = self._number(found[1])
            if self._rows[self._at] <= row:
                out.append(text[kept:at])
                kept = at
                out += self._new_rows(row)
                if self._rows[self._at] == row:
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
        waiting = self._news()
        out: list[bytes] = []
        new = wanted, role, kind, content = next(waiting, _NO_MORE)
        last, kept, at, grown = -1, start, start, False
        known, plain = self._columns, self._opening
        for cell in in_succession(self._grammar.cell, text, start, end):
            letters, attributes, formula, opening, inline = cell.group(1, 2, 4, 6, 8)
            column = known.get(letters, -1)
            if column <= last:
                column = self._column(letters, attributes, row, last)
            while wanted < column:
                out += text[kept:at], self._new_cell(row, _New._make(new))
                kept, grown = at, True
                new = wanted, role, kind, content = next(waiting, _NO_MORE)
            if wanted == column:
                if (  # the common case in few steps: a number in the place of a number or of nothing
                    not kind
                    and content
                    and (formula is not None) == (role == FORMULA)
                    and (opening == plain or (opening is None and inline == b""))
                    and b"t" not in attributes
                    and b"v" not in attributes
                ):
                    out += text[kept : cell.end(3)], self._open, content, self._close
                    kept = cell.end(3) if cell[5] is None else cell.end(5)
                else:
                    out += text[kept:at], self._cell(text, cell, row, _New._make(new))
                    kept = cell.end()
                new = wanted, role, kind, content = next(waiting, _NO_MORE)
            last, at = column, cell.end()
        rest = self._grammar.between.match(text, at, end)
        if rest is None or rest.end() != end:
            raise self._report(f"row {row + 1} is written in a way that is not known here: {_MEND}", -1, -1)
        out.append(text[kept:at])
        while new is not _NO_MORE:
            out.append(self._new_cell(row, _New._make(new)))
            new, grown = next(waiting, _NO_MORE), True
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

    def _cell(self, text: bytes, cell: re.Match[bytes], row: int, new: _New) -> bytes:
        """A cell with another value."""
        attributes, before, formula, opening, between = cell.group(2, 3, 4, 6, 7)
        if (formula is not None) != (new.role == FORMULA) and new.role != SPREAD:
            raise self._report(_OTHER, row, new.column)
        typed = _attributes(attributes).get(b"t", b"n")
        tag = text[cell.start() : cell.end(2)]
        place = cell.start(2) - cell.start()
        if typed != (new.kind or b"n"):
            tag = _without(tag, place, attributes, b"t", b"vm")
            tag += b' t="%b"' % new.kind if new.kind else b""
        elif b"vm" in attributes:  # it tells what the old value was besides
            tag = _without(tag, place, attributes, b"vm")
        content = self._content(new, opening)
        if before is None:
            return tag.rstrip() + (b">" + content + self._tag(b"/c") + b">" if content else b"/>")
        after = text[cell.start(9) : cell.end()]
        return b"".join((tag, b">", before, content, between, after))

    def _content(self, new: _New, opening: bytes | None = None) -> bytes:
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

    def _new_cell(self, row: int, new: _New) -> bytes:
        """A cell where there was none."""
        if new.role == FORMULA:
            raise self._report(_OTHER, row, new.column)
        content = self._content(new)
        if not content:
            return b""
        kind = b' t="%b"' % new.kind if new.kind else b""
        address = cell_name(row, new.column).encode()
        return self._tag(b'c r="%b"%b>' % (address, kind)) + content + self._tag(b"/c>")

    def _new_rows(self, before: int) -> Iterator[bytes]:
        """Rows for the changes above row `before`."""
        while (row := self._rows[self._at]) < before:
            cells = b"".join(self._new_cell(row, _New._make(new)) for new in self._news())
            if cells:
                yield self._tag(b'row r="%d">' % (row + 1)) + cells + self._tag(b"/row>")

    def _tag(self, name: bytes) -> bytes:
        """The beginning of a tag, `<x:v` for v."""
        return b"</" + self._prefix + name[1:] if name.startswith(b"/") else b"<" + self._prefix + name

    # -- the changes

    def _news(self) -> Iterator[tuple[int, int, bytes, bytes | None]]:
        """The changes of the next row that holds some, as the fields of a `_New`; it is done with."""
        low, high = self._starts[self._at], self._starts[self._at + 1]
        self._at += 1
        columns = self._changes.columns[low:high].tolist()
        roles = self._changes.roles[low:high].tolist()
        kinds = self._changes.kinds[low:high].tolist()
        numbers = self._changes.numbers[low:high].tolist()
        types = [b""] * len(kinds)
        # numbers with as many digits as it takes to read them back exactly
        contents: list[bytes | None] = [b"%.17G" % number for number in numbers]
        if kinds.count(NUMBER) < len(kinds):
            for place, kind in enumerate(kinds):
                if kind != NUMBER:
                    types[place], contents[place] = self._spelled(
                        low + place, kind, numbers[place], roles[place]
                    )
        return zip(columns, roles, types, contents, strict=True)

    def _spelled(self, index: int, kind: int, number: float, role: int) -> tuple[bytes, bytes | None]:
        """Type and content of a value that is no number."""
        if kind == TEXT:
            text = escaped(self._changes.texts[index])
            return b"inlineStr" if role == TYPED else b"str", text.encode(self._encoding, "xmlcharrefreplace")
        if kind == BOOLEAN:
            return b"b", b"%d" % number
        return (b"", None) if kind == BLANK else (b"e", str(ExcelError(int(number))).encode())


def _attributes(text: bytes) -> dict[bytes, bytes]:
    return {name: double or single for name, double, single in ATTRIBUTE.findall(text)}


def _without(tag: bytes, start: int, attributes: bytes, *names: bytes) -> bytes:
    """A tag whose attributes begin at `start`, some of them taken out."""
    kept = ATTRIBUTE.sub(lambda found: b"" if found[1] in names else found[0], attributes)
    return tag[:start] + kept + tag[start + len(attributes) :]
