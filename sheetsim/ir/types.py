"""Types of terms: which kinds of values a term can hold, and along which named axes it varies.

A set of kinds is an integer with a bit for each kind of `values` (`NUMBERS | ERRORS`: a number or an error).
A term that can hold an error *may fail*; everything that can't costs nothing for errors.

The axes: `s` scenario, `r` and `c` rows and columns of the region, `h` and `w` of the array that stands in
each cell. They are told by name, never by position.

    Type(NUMBERS, frozenset("rc"))      a number for each cell
    Type(ANY, frozenset("rhw"))         a window of anything that moves from row to row
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from sheetsim.values import BLANK, BOOLEAN, ERROR, NUMBER, TEXT

BLANKS, NUMBERS, BOOLEANS, TEXTS, ERRORS = (1 << kind for kind in (BLANK, NUMBER, BOOLEAN, TEXT, ERROR))
ANY = BLANKS | NUMBERS | BOOLEANS | TEXTS | ERRORS
FUNCTIONS = 1 << 5  # a function value, which is no cell's value

AXES = "srchw"
ARRAY = frozenset("hw")


@dataclass(frozen=True, slots=True)
class Type:
    """`kinds` that may occur, and the axes along which values differ."""

    kinds: int
    axes: frozenset[str] = frozenset()

    @property
    def fails(self) -> bool:
        """May it be an error?"""
        return bool(self.kinds & ERRORS)

    def only(self, kinds: int) -> bool:
        """Is it surely of one of `kinds`?"""
        return not self.kinds & ~kinds

    def __str__(self) -> str:
        names = [
            name
            for name, bit in (
                ("blank", BLANKS),
                ("number", NUMBERS),
                ("boolean", BOOLEANS),
                ("text", TEXTS),
                ("error", ERRORS),
                ("function", FUNCTIONS),
            )
            if self.kinds & bit
        ]
        axes = "".join(axis for axis in AXES if axis in self.axes)
        return "|".join(names) + (f"[{axes}]" if axes else "")


def together(types: Iterable[Type]) -> frozenset[str]:
    """The axes of terms that meet element by element."""
    return reduce(frozenset.union, (t.axes for t in types), frozenset())
