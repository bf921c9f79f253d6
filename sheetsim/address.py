"""Addresses: A1 names, rectangles of cells, and the limits of a sheet.

Rows and columns are counted from 0 inside the program; A1 text appears only at its edges. A `Rect` is
half open, so that it slices an array as it stands:

    >>> Rect.parse("B2:C4")
    Rect(top=1, left=1, bottom=4, right=3)
    >>> str(Rect(1, 1, 4, 3)), Rect(1, 1, 4, 3).shape
    ('B2:C4', (3, 2))

Limits are those of Excel 2007 and later (1,048,576 rows by 16,384 columns, XFD).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")
_COLUMNS = re.compile(r"\$?([A-Za-z]{1,3}):\$?([A-Za-z]{1,3})")
_ROWS = re.compile(r"\$?([1-9][0-9]{0,6}):\$?([1-9][0-9]{0,6})")
_PLAIN_SHEET_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


@lru_cache(maxsize=MAX_COLUMNS)
def column_name(column: int) -> str:
    """The letters of a column counted from 0: 0 is A, 26 is AA, 16383 is XFD."""
    letters = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def column_index(letters: str) -> int:
    """The column, counted from 0, that `letters` name (A to Z, any case). ValueError where there is none."""
    column = 0
    if 0 < len(letters) <= 3 and letters.isascii() and letters.isalpha():
        for letter in letters.upper():
            column = column * 26 + ord(letter) - 64
    if not 0 < column <= MAX_COLUMNS:
        raise ValueError(f"no column {letters[:9]}: a sheet ends at column XFD")
    return column - 1


def cell_name(row: int, column: int) -> str:
    """A1 name of a cell: (3, 4) is E4."""
    return f"{column_name(column)}{row + 1}"


def parse_cell(text: str) -> tuple[int, int]:
    """Row and column of an A1 name, with or without `$`. ValueError when it is none."""
    found = _CELL.fullmatch(text)
    if not found or int(found[2]) > MAX_ROWS:
        raise ValueError(f"{_shown(text)} is not a cell address like B4")
    return int(found[2]) - 1, column_index(found[1])


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")


def quote_sheet(name: str) -> str:
    """A sheet's name as a formula writes it: quoted unless it is a plain word that is no address."""
    plain = _PLAIN_SHEET_NAME.fullmatch(name) and not _CELL.fullmatch(name)
    if plain and not re.fullmatch(r"[Rr]\d*([Cc]\d*)?|[Cc]\d*|TRUE|FALSE", name, re.IGNORECASE):
        return name
    return "'" + name.replace("'", "''") + "'"


def absolute(sheet: str, rect: Rect) -> str:
    """A rectangle as names and lists refer to it: `'my sheet'!$B$2:$C$5`."""
    corners = [(rect.top, rect.left), (rect.bottom - 1, rect.right - 1)][: 1 if rect.size == 1 else 2]
    return f"{quote_sheet(sheet)}!" + ":".join(f"${column_name(c)}${r + 1}" for r, c in corners)


def split_sheet(text: str) -> tuple[str | None, str]:
    """`'my sheet'!B2` into its sheet (None when there is none) and the rest."""
    sheet, mark, rest = text.rpartition("!")
    if not mark:
        return None, text
    if len(sheet) > 1 and sheet[0] == sheet[-1] == "'":
        sheet = sheet[1:-1].replace("''", "'")
    return sheet, rest


@dataclass(frozen=True, slots=True, order=True)
class Rect:
    """A rectangle of cells, from (top, left) up to, not with, (bottom, right)."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def parse(cls, text: str) -> Rect:
        """`B2`, `B2:C4` (corners in any order), `B:C` or `2:4`. ValueError when it is none of these."""
        first, colon, last = text.partition(":")
        if not colon:
            last = first
        try:
            corners = [parse_cell(first), parse_cell(last)]
        except ValueError:
            if columns := _COLUMNS.fullmatch(text):
                corners = [(0, column_index(columns[1])), (MAX_ROWS - 1, column_index(columns[2]))]
            elif rows := _ROWS.fullmatch(text):
                corners = [(int(rows[1]) - 1, 0), (int(rows[2]) - 1, MAX_COLUMNS - 1)]
            else:
                raise ValueError(f"{_shown(text)} is not a range like B2:C4") from None
        (top, bottom), (left, right) = (sorted(places) for places in zip(*corners, strict=True))
        if bottom >= MAX_ROWS:
            raise ValueError(f"{text!r} is not a range of a sheet (rows 1 to {MAX_ROWS})")
        return cls(top, left, bottom + 1, right + 1)

    @classmethod
    def cell(cls, row: int, column: int) -> Rect:
        return cls(row, column, row + 1, column + 1)

    @property
    def rows(self) -> int:
        return self.bottom - self.top

    @property
    def columns(self) -> int:
        return self.right - self.left

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.columns

    @property
    def size(self) -> int:
        return self.rows * self.columns

    def contains(self, row: int, column: int) -> bool:
        return self.top <= row < self.bottom and self.left <= column < self.right

    def intersect(self, other: Rect) -> Rect | None:
        """The cells in both, or None."""
        top, left = max(self.top, other.top), max(self.left, other.left)
        bottom, right = min(self.bottom, other.bottom), min(self.right, other.right)
        return Rect(top, left, bottom, right) if top < bottom and left < right else None

    def holds_within(self, other: Rect) -> bool:
        """Do all cells of `other` lie inside, none of them at an edge?"""
        rows = self.top < other.top and other.bottom < self.bottom
        return rows and self.left < other.left and other.right < self.right

    def around(self, other: Rect) -> Rect:
        """The smallest rectangle that holds both."""
        return Rect(
            min(self.top, other.top),
            min(self.left, other.left),
            max(self.bottom, other.bottom),
            max(self.right, other.right),
        )

    def without(self, hole: Rect) -> list[Rect]:
        """What is left when the cells of `hole` are taken out: at most four rectangles, none empty."""
        common = self.intersect(hole)
        if common is None:
            return [self]
        parts = [
            (self.top, self.left, common.top, self.right),
            (common.top, self.left, common.bottom, common.left),
            (common.top, common.right, common.bottom, self.right),
            (common.bottom, self.left, self.bottom, self.right),
        ]
        return [Rect(*part) for part in parts if part[0] < part[2] and part[1] < part[3]]

    def shift(self, rows: int, columns: int) -> Rect:
        return Rect(self.top + rows, self.left + columns, self.bottom + rows, self.right + columns)

    def cells(self) -> Iterator[tuple[int, int]]:
        """(row, column) of each cell in reading order."""
        for row in range(self.top, self.bottom):
            for column in range(self.left, self.right):
                yield row, column

    def __str__(self) -> str:
        first = cell_name(self.top, self.left)
        if self.size == 1:
            return first
        if self.top == 0 and self.bottom == MAX_ROWS:
            return f"{column_name(self.left)}:{column_name(self.right - 1)}"
        if self.left == 0 and self.right == MAX_COLUMNS:
            return f"{self.top + 1}:{self.bottom}"
        return f"{first}:{cell_name(self.bottom - 1, self.right - 1)}"
