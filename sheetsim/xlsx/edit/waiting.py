"""The changes of a sheet row by row, spelled as the sheet's XML is to hold them.

waiting = Waiting(changes, b"", "utf-8", {})
waiting.look_to(99)                  # know the changes of rows 0 to 99
if waiting.row == 7:                 # the next row that holds some
    for new in waiting.take(): ...   # from left to right; that row is done
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import NamedTuple

import numpy as np

from sheetsim.address import MAX_COLUMNS, MAX_ROWS
from sheetsim.values import BLANK, BOOLEAN, ERROR, NUMBER, TEXT, ExcelError
from sheetsim.xlsx.edit.changes import NO_CHANGES, PUT, SPREAD, TYPED, Changes, PutFormula, SheetChanges
from sheetsim.xlsx.read.strings import escaped
from sheetsim.xlsx.write.prefixes import prefixed


class New(NamedTuple):
    """A value to write: its type `t` ("" for numbers and blanks) and the content of `<v>` (None: no `<v>`),
    or for a typed text of `<t>`."""

    column: int
    role: int
    kind: bytes
    content: bytes | None
    formula: bytes  # of an edited cell, as an element; empty for none
    mark: bytes  # attributes: `vm` of an error that #VALUE! stands for, `cm` of a formula that spills


NO_MORE = (MAX_COLUMNS, SPREAD, b"", None, b"", b"")


class Waiting:
    """What is still to be changed. Rows and columns are counted from 0."""

    def __init__(
        self,
        source: SheetChanges,
        prefix: bytes,
        encoding: str,
        marks: Mapping[ExcelError, bytes],
        spills: bytes = b"",
    ) -> None:
        self._source, self._prefix, self._encoding, self._known_marks = source, prefix, encoding, marks
        self._spills = b' cm="%b"' % spills if spills else b""
        self._changes = NO_CHANGES  # of some rows, and
        self._rows: list[int] = [MAX_ROWS]  # which of them hold changes, and where these begin
        self._starts: list[int] = [0]
        self._at = 0  # the first of these rows that is not done yet
        self._coming: Iterator[Changes] = iter(())  # the changes that follow
        self.upto = 0  # the changes above this row are known or done

    @property
    def row(self) -> int:
        """The next row, of those looked at, that holds changes; MAX_ROWS for none."""
        return self._rows[self._at]

    def done_to(self, row: int) -> None:
        """The changes above this row were made without being taken here."""
        self.upto = row

    def look_to(self, row: int) -> None:
        """Know the changes of all rows up to this one."""
        if row >= self.upto:
            more = self._source.pieces(self.upto, row + 1)
            self._coming, self.upto = chain(self._coming, more), row + 1
            if self.row == MAX_ROWS:
                self._next_changes()

    def _next_changes(self) -> None:
        """Go on to the next changes that are known."""
        self._rows, self._starts, self._at = [MAX_ROWS], [0], 0
        for changes in self._coming:
            if len(changes):
                rows, starts = np.unique(changes.rows, return_index=True)
                self._changes = changes
                self._rows = [*rows.tolist(), MAX_ROWS]
                self._starts = [*starts.tolist(), len(changes)]
                return

    def take(self) -> Iterator[tuple[int, int, bytes, bytes | None, bytes, bytes]]:
        """The changes of the next row that holds some, as the fields of a `New`; it is done with."""
        low, high = self._starts[self._at], self._starts[self._at + 1]
        changes = self._changes
        columns = changes.columns[low:high].tolist()
        roles = changes.roles[low:high].tolist()
        kinds = changes.kinds[low:high].tolist()
        numbers = changes.numbers[low:high].tolist()
        types = [b""] * len(kinds)
        contents: list[bytes | None] = [b"%.17G" % number for number in numbers]
        formulas, marks = [b""] * len(kinds), [b""] * len(kinds)
        if changes.formulas:
            given = [changes.formulas.get(index) for index in range(low, high)]
            formulas = [self._formula(formula) for formula in given]
            marks = [self._spills if formula and formula.dynamic else b"" for formula in given]
        if kinds.count(NUMBER) < len(kinds):
            for place, kind in enumerate(kinds):
                if kind != NUMBER:
                    text = changes.texts.get(low + place, "")
                    types[place], contents[place] = spelled(kind, numbers[place], text, self._encoding)
                    if kind == TEXT and roles[place] in (TYPED, PUT) and not formulas[place]:
                        types[place] = b"inlineStr"
                if kind == ERROR and (mark := self._known_marks.get(ExcelError(int(numbers[place])))):
                    contents[place] = b"#VALUE!"
                    marks[place] += b' vm="%b"' % mark
        self._source.count += high - low
        self._at += 1
        if self.row == MAX_ROWS:
            self._next_changes()
        return zip(columns, roles, types, contents, formulas, marks, strict=True)

    def _formula(self, formula: PutFormula | None) -> bytes:
        """`<f>` with a formula; nothing for none."""
        if formula is None:
            return b""
        array = b"" if formula.rect is None else b' t="array" ref="%b"' % str(formula.rect).encode()
        text = escaped(prefixed(formula.text)).encode(self._encoding, "xmlcharrefreplace")
        tag = self._prefix + b"f"
        return b"<%b%b>%b</%b>" % (tag, array, text, tag)


def spelled(kind: int, number: float, text: str, encoding: str) -> tuple[bytes, bytes | None]:
    """Type and content of the value of a formula; a number with as many digits as it takes to read it back
    exactly."""
    if kind == NUMBER:
        return b"", b"%.17G" % number
    if kind == TEXT:
        return b"str", escaped(text).encode(encoding, "xmlcharrefreplace")
    if kind == BOOLEAN:
        return b"b", b"%d" % number
    return (b"", None) if kind == BLANK else (b"e", str(ExcelError(int(number))).encode())
