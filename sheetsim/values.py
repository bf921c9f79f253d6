"""Values of cells: numbers, text, booleans, error values and blanks, one by one and as whole arrays.

One cell's value is a plain Python object (a `Scalar`): `float`, `str`, `bool`, `ExcelError`, or None for a
blank. Many cells are a `Values`: a float64 array plus, only where not all are numbers, an array of kinds.

    kind      numbers holds             texts holds
    BLANK     0                         ""
    NUMBER    the number                ""
    BOOLEAN   0 or 1                    ""
    TEXT      0                         the text
    ERROR     the ERROR.TYPE code       ""

A blank is not zero until an operator makes it so: that is why it is a kind of its own (and why its number
is 0 already, so that arithmetic on a block of numbers and blanks needs no extra step). Error values are
values: they flow, and are never Python exceptions. Kinds are ordered so that a fresh `np.zeros` array is
all blank.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLANK, NUMBER, BOOLEAN, TEXT, ERROR = range(5)


class ExcelError(IntEnum):
    """Excel's error values; the number is what ERROR.TYPE returns (ECMA-376 part 1, 18.17.3).

    Files hold those from SPILL on as rich values: their `errorType` is one less than the number here. What
    PYTHON's is no document says: no file is read or written with it as a number.
    """

    NULL = 1
    DIV0 = 2
    VALUE = 3
    REF = 4
    NAME = 5
    NUM = 6
    NA = 7
    GETTING_DATA = 8
    SPILL = 9
    CONNECT = 10
    BLOCKED = 11
    UNKNOWN = 12
    FIELD = 13
    CALC = 14
    BUSY = 15
    EXTERNAL = 19
    TIMEOUT = 20
    PYTHON = 100

    @property
    def label(self) -> str:
        return ERROR_LABELS[self]

    def __str__(self) -> str:
        return self.label


ERROR_LABELS = {
    ExcelError.NULL: "#NULL!",
    ExcelError.DIV0: "#DIV/0!",
    ExcelError.VALUE: "#VALUE!",
    ExcelError.REF: "#REF!",
    ExcelError.NAME: "#NAME?",
    ExcelError.NUM: "#NUM!",
    ExcelError.NA: "#N/A",
    ExcelError.GETTING_DATA: "#GETTING_DATA",
    ExcelError.SPILL: "#SPILL!",
    ExcelError.CONNECT: "#CONNECT!",
    ExcelError.BLOCKED: "#BLOCKED!",
    ExcelError.UNKNOWN: "#UNKNOWN!",
    ExcelError.FIELD: "#FIELD!",
    ExcelError.CALC: "#CALC!",
    ExcelError.BUSY: "#BUSY!",
    ExcelError.EXTERNAL: "#EXTERNAL!",
    ExcelError.TIMEOUT: "#TIMEOUT!",
    ExcelError.PYTHON: "#PYTHON!",
}
ERRORS_BY_LABEL = {label: error for error, label in ERROR_LABELS.items()}


def in_capitals(word: str) -> str:
    """A word of Excel's (TRUE, SUM, #N/A), written in any case, in capitals. Other letters make it none
    and it stays as it is: in Python the capitals of the long s and the dotless i are S and I."""
    return word.upper() if word.isascii() else word


Scalar = float | str | bool | ExcelError | None


def kind_of(value: Scalar) -> int:
    """The kind of one cell's value. TypeError for anything that is no `Scalar`."""
    if value is None:
        return BLANK
    if isinstance(value, ExcelError):  # before int: an ExcelError is one
        return ERROR
    if isinstance(value, (bool, np.bool_)):
        return BOOLEAN
    if isinstance(value, (int, float, np.integer, np.floating)):
        return NUMBER
    if isinstance(value, str):
        return TEXT
    raise TypeError(f"{type(value).__name__} is not a cell's value")


@dataclass(slots=True)
class Values:
    """An array of cells of any shape: numbers, and where needed kinds and texts (see the module's table).

    kinds None: every cell is a number. texts None: no cell is text. The arrays may be read-only views with
    zero strides (a broadcast); whoever changes one copies it first.
    """

    numbers: NDArray[np.float64]
    kinds: NDArray[np.uint8] | None = None
    texts: NDArray[np.object_] | None = None

    @classmethod
    def of(cls, rows: Iterable[Iterable[Scalar]]) -> Values:
        """A two-dimensional block from rows of scalars."""
        table = [list(row) for row in rows]
        block = cls.filled((len(table), len(table[0]) if table else 0), None)
        for r, row in enumerate(table):
            for c, value in enumerate(row):
                block.put((r, c), value)
        return block.simplified()

    @classmethod
    def filled(cls, shape: tuple[int, ...], value: Scalar) -> Values:
        """`shape` cells that all hold `value`; kinds always present, so that cells can be put in."""
        block = cls(np.zeros(shape), np.zeros(shape, np.uint8), None)
        if value is not None:
            kind = kind_of(value)
            assert block.kinds is not None
            block.kinds[...] = kind
            if kind == TEXT:
                block.texts = np.full(shape, value, object)
            else:
                block.numbers[...] = float(value)
        return block

    @property
    def shape(self) -> tuple[int, ...]:
        return self.numbers.shape

    @property
    def all_numbers(self) -> bool:
        return self.kinds is None

    def kind_array(self) -> NDArray[np.uint8]:
        """The kinds as an array, also where every cell is a number (then a zero-stride view)."""
        if self.kinds is None:
            return np.broadcast_to(np.uint8(NUMBER), self.numbers.shape)
        return self.kinds

    def get(self, index: tuple[int, ...]) -> Scalar:
        """One cell as a scalar."""
        kind = NUMBER if self.kinds is None else self.kinds[index]
        if kind == NUMBER:
            return float(self.numbers[index])
        if kind == BLANK:
            return None
        if kind == BOOLEAN:
            return bool(self.numbers[index])
        if kind == ERROR:
            return ExcelError(int(self.numbers[index]))
        return "" if self.texts is None else self.texts[index]

    def put(self, index: tuple[int, ...], value: Scalar) -> None:
        """Set one cell. The block must have kinds (`filled` gives such a one)."""
        kind = kind_of(value)
        assert self.kinds is not None
        self.kinds[index] = kind
        if kind == TEXT:
            if self.texts is None:
                self.texts = np.full(self.numbers.shape, "", object)
            self.texts[index] = value
            self.numbers[index] = 0.0
        else:
            self.numbers[index] = 0.0 if value is None else float(value)

    def with_part(self, where: tuple[slice, slice], part: Values) -> Values:
        """A copy with other cells in a part of it."""
        numbers, kinds, texts = self.numbers.copy(), np.array(self.kind_array()), self.texts
        numbers[where], kinds[where] = part.numbers, part.kind_array()
        if part.texts is not None:
            texts = np.full(self.shape, "", object) if texts is None else texts.copy()
            texts[where] = part.texts
        return Values(numbers, kinds, texts)

    def simplified(self) -> Values:
        """The same cells without the arrays that say nothing."""
        kinds = self.kinds
        if kinds is not None and bool((kinds == NUMBER).all()):
            kinds = None
        texts = self.texts
        if texts is not None and (kinds is None or not bool((kinds == TEXT).any())):
            texts = None
        return Values(self.numbers, kinds, texts)

    def __getitem__(self, index: Any) -> Values:
        """A slice of the cells, as views."""
        return Values(
            self.numbers[index],
            None if self.kinds is None else self.kinds[index],
            None if self.texts is None else self.texts[index],
        )

    def as_numbers(self) -> NDArray[np.float64]:
        """A copy of the numbers, C-ordered; NaN for error values, 0 for blanks and text."""
        numbers = np.array(self.numbers, np.float64, order="C")
        if self.kinds is not None:
            numbers[self.kinds == ERROR] = np.nan
        return numbers

    def tolist(self) -> list[list[Scalar]]:
        """Rows of scalars (two-dimensional blocks only)."""
        if self.kinds is None:
            numbers: list[list[Scalar]] = self.numbers.tolist()
            return numbers
        cells = self.numbers.astype(object)
        for kind in np.unique(self.kinds).tolist():
            where = self.kinds == kind
            if kind == BLANK:
                cells[where] = None
            elif kind == BOOLEAN:
                cells[where] = self.numbers[where].astype(bool)
            elif kind == TEXT:
                cells[where] = "" if self.texts is None else self.texts[where]
            elif kind == ERROR:
                for code in np.unique(self.numbers[where]).tolist():
                    cells[where & (self.numbers == code)] = ExcelError(int(code))
        scalars: list[list[Scalar]] = cells.tolist()
        return scalars
