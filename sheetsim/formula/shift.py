"""The text of a formula in the other cells of a fill, without parsing it.

Most writers spell out every formula of a filled-down column. The reader cuts the first one, once, at its
relative row numbers, and then only compares: what the next row would read if it were filled down is put
together from the pieces. Our own writer puts it together likewise.

    >>> cut("C3-J3*$D$2", 4).at(5)      # stands in row 4; what a fill puts into row 5
    'C4-J4*$D$2'
    >>> moved("SUM(A$1:B2)", 1, 2)
    'SUM(C$1:D3)'

Rows are counted from 1 here, as in the text. Texts in quotes, names of sheets, tables and functions (LOG10),
numbers (1E5) and everything behind `$` stay. Where a word *might* hold a reference that this module does not
know, there is no prediction, and each cell keeps a formula of its own: slower, never wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sheetsim.address import MAX_COLUMNS, MAX_ROWS, column_name

LONGEST = 32_767  # characters; Excel stops at 8,192

_CELL = r"\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}"
_END = r"(?![\w.(!\[\\?$])"  # else it is a longer name, a function, a sheet or a table

_TOKEN = re.compile(
    rf"""(?P<quoted>"(?>(?:[^"]|"")*)"|'(?>(?:[^']|'')*)')
    | (?P<table>\[(?>(?:[^\[\]']|'.|\[(?>(?:[^\[\]']|'.)*)\])*)\])
    | (?P<cells>{_CELL}(?::{_CELL})?{_END})
    | (?P<columns>\$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}}{_END})
    | (?P<rows>\$?[1-9][0-9]{{0,6}}:\$?[1-9][0-9]{{0,6}}{_END})
    | (?P<word>[\w.$\\?]+)
    | (?P<unsure>["'\[\]])
    | (?P<other>[^\w.$\\?"'\[\]]+)
    """,
    re.VERBOSE,
)
_END_OF_REFERENCE = re.compile(r"(\$?)(?:([A-Za-z]+)|([0-9]+))")
_KNOWN_WORD = re.compile(
    r"(?:[^\W\d]|\\)[\w.\\?]*(?<!\.)|[0-9]++(?:\.[0-9]*+)?(?:[eE][0-9]*)?|\.[0-9]++(?:[eE][0-9]*)?"
)
_LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]+")


@dataclass(frozen=True, slots=True)
class Corner:
    """Letters or a row number of a reference: where they stand in the text, and what they say."""

    start: int
    stop: int
    index: int  # counted from 1
    is_row: bool
    fixed: bool  # behind `$`

    def inside(self, by: int = 0) -> bool:
        """Is it still on the sheet when moved `by` rows or columns?"""
        return 1 <= self.index + by <= (MAX_ROWS if self.is_row else MAX_COLUMNS)


@dataclass(frozen=True, slots=True)
class Cut:
    """A formula cut at its relative row numbers: literal, row, literal, ..., literal."""

    literals: tuple[str, ...]
    offsets: tuple[int, ...]  # row number minus the row that the formula stands in
    lowest: int  # of the offsets
    highest: int

    def at(self, row: int) -> str | None:
        """The text in that row (counted from 1); None where a reference would leave the sheet."""
        if row + self.lowest < 1 or row + self.highest > MAX_ROWS:
            return None
        parts = [""] * (2 * len(self.offsets) + 1)
        parts[::2] = self.literals
        parts[1::2] = [str(row + offset) for offset in self.offsets]
        return "".join(parts)


def cut(text: str, row: int) -> Cut | None:
    """Cut the formula that stands in `row` (counted from 1); None when its text is not certain."""
    if len(text) > LONGEST:
        return None
    literals: list[str] = []
    offsets: list[int] = []
    end = 0
    for token in _TOKEN.finditer(text):
        corners = _corners(token)
        if not corners and not _harmless(token, text):
            return None
        for corner in corners:
            if corner.is_row and not corner.fixed:
                literals.append(text[end : corner.start])
                offsets.append(corner.index - row)
                end = corner.stop
    literals.append(text[end:])
    return Cut(tuple(literals), tuple(offsets), min(offsets, default=0), max(offsets, default=0))


def moved(text: str, rows: int, columns: int) -> str:
    """The formula as a fill writes it so many rows further down and columns further right.

    A reference that would leave the sheet becomes #REF!, as in Excel.
    """
    found: list[str] = []
    end = 0
    for corners in _references(text):
        steps = [0 if c.fixed else rows if c.is_row else columns for c in corners]
        first = corners[0].start - (text[corners[0].start - 1 : corners[0].start] == "$")
        found.append(text[end:first])
        end = first
        if all(corner.inside(step) for corner, step in zip(corners, steps, strict=True)):
            for corner, step in zip(corners, steps, strict=True):
                index = corner.index + step
                found.append(text[end : corner.start])
                found.append(str(index) if corner.is_row else column_name(index - 1))
                end = corner.stop
        else:
            found.append("#REF!")
            end = corners[-1].stop
    found.append(text[end:])
    return "".join(found)


def stays_inside(text: str, rows: tuple[int, int], columns: tuple[int, int]) -> bool:
    """Do all references stay on the sheet when the formula moves by anything from the first to the last?"""
    return all(
        corner.fixed or all(corner.inside(step) for step in (rows if corner.is_row else columns))
        for corners in _references(text)
        for corner in corners
    )


def _references(text: str) -> Iterator[list[Corner]]:
    for token in _TOKEN.finditer(text):
        corners = _corners(token)
        if corners:
            yield corners


def _corners(token: re.Match[str]) -> list[Corner]:
    """The corners of a reference; [] when the token is none."""
    if token.lastgroup not in ("cells", "columns", "rows"):
        return []
    corners = []
    for part in _END_OF_REFERENCE.finditer(token.string, token.start(), token.end()):
        fixed, letters, digits = part.groups()
        index = int(digits) if digits else _column_number(letters)
        corners.append(Corner(part.start() + len(fixed), part.end(), index, bool(digits), bool(fixed)))
    return corners if all(corner.inside() for corner in corners) else []


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _harmless(token: re.Match[str], text: str) -> bool:
    """Is it certain that the token holds no reference to move?"""
    if token.lastgroup == "word":
        called = text[token.end() : token.end() + 1] in ("(", "!", "[")
        return bool(_KNOWN_WORD.fullmatch(token[0])) and (called or not _LIKE_A_CELL.fullmatch(token[0]))
    return token.lastgroup in ("quoted", "table", "other")
