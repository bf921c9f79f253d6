"""What `recalc` found, by cause: one line for all cells that differ or are left out for the same reason.

    for cause in lacking(found):
        cause.words, cause.cells, cause.first      "the function FOO is not known", 12, the first of them

Cells that cannot be computed are grouped by the reason; cells that differ by the functions that their
formulas call. A cell that differs only because it reads one that differs is often in a group
further down: mend the first one first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sheetsim.checking.recalc import Mismatch, Recalculation, UnsupportedCell

_TEXT = re.compile(r'"[^"]*"|\'[^\']*\'')
_FUNCTION = re.compile(r"([A-Za-z_][A-Za-z0-9_.]*)\(")


T = TypeVar("T", Mismatch, UnsupportedCell)


@dataclass(slots=True)
class Cause(Generic[T]):
    """`cells` of one kind; `first` is the first of them."""

    words: str
    first: T
    cells: int = 0


def differing(found: Recalculation) -> list[Cause[Mismatch]]:
    """The cells that differ, by what their formulas call, in the order of their first cells."""
    return _grouped((_made_of(one.formula), one) for one in found.mismatches)


def lacking(found: Recalculation) -> list[Cause[UnsupportedCell]]:
    """The cells that cannot be computed, by the reason, in the order of their first cells."""
    return _grouped((one.reason, one) for one in found.unsupported)


def _grouped(pairs: Iterable[tuple[str, T]]) -> list[Cause[T]]:
    found: dict[str, Cause[T]] = {}
    for words, one in pairs:
        found.setdefault(words, Cause(words, one)).cells += 1
    return list(found.values())


def _made_of(formula: str) -> str:
    """The functions that a formula calls; where there are none, that it calls none."""
    names = dict.fromkeys(name.upper() for name in _FUNCTION.findall(_TEXT.sub("", formula)))
    return ", ".join(names) or "no function"
