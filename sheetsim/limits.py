"""How much one calculation may take: room for an array, and effort in all.

A small file can ask for a lot: `{=SUM(ROW(1:1048576)*COLUMN(A:XFD))}` is 17 billion numbers, and a column of
`MEDIAN(B$1:B2)` filled down reads half the square of its rows. What a formula asks for beyond these limits is
not computed: its cells keep their stored values and are reported, with the reason, as not supported.

    effort = Effort()
    effort.spend(n)         before work on n cells; TooMuch when that is more than is left
    room(n)                 before an array of n cells is made; TooLarge

Effort is counted, not timed, so that a workbook that can be computed can be computed everywhere.
"""

from __future__ import annotations

from sheetsim.errors import Unsupported

MOST_AT_ONCE = 1 << 24
"""Cells of one array: 128 MiB of numbers, of which an expression holds a few at a time."""

MOST_EFFORT = 3 << 30
"""Cell operations on whole arrays, at 3 to 5 ns each."""

MOST_TEXT = 1 << 28
"""Characters of all texts that formulas give."""

ONE_BY_ONE = 50
"""What looking at one cell in Python costs, in cell operations on whole arrays."""

LIFTED = 1000
"""What calling an operator or a function in Python for one element of an array costs: 2 microseconds."""

PER_FORMULA = 200
"""What evaluating one formula for one cell costs, whatever it reads."""


class TooMuch(Unsupported):
    """Work beyond the limits."""


class TooLarge(TooMuch):
    """An array beyond the limits; of fewer cells of the region it may be small enough."""


CHARACTERS = 8
"""That take as much room as a number."""


def room(cells: int) -> None:
    """TooLarge unless an array of so many cells may be made."""
    if cells > MOST_AT_ONCE:
        raise TooLarge(f"it takes an array of {cells:,} cells (at most {MOST_AT_ONCE:,} are computed)")


class Effort:
    """What is left to be spent, of work and of room for texts. One piece of work, from `begin` on, may take
    all but an eighth of what is left, so that one that takes too much leaves room for those after it."""

    def __init__(self, most: int = MOST_EFFORT) -> None:
        self.left = most
        self.characters = MOST_TEXT
        self._kept = 0

    def begin(self) -> None:
        """Another piece of work begins; what one before it took in vain is spent."""
        self.left = max(self.left, self._kept)
        self._kept = self.left // 8

    def keep(self, characters: int) -> None:
        """Count texts that are about to be put into cells."""
        self.characters -= characters
        if self.characters < 0:
            raise TooMuch(f"more than {MOST_TEXT:,} characters in the results of a workbook")

    def spend(self, operations: int) -> None:
        """Count work that is about to be done."""
        self.left -= operations
        if self.left < self._kept:
            raise TooMuch("more work than is done for one workbook")
