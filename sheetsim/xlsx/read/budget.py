"""What the cells of one workbook may take, counted while they are read.

    budget = Budget()
    budget.spend(64)             a formula
    budget.keep("some text")     Forbidden, with the reason, when no room is left

A few bytes of a file can stand for much more in memory: letters are stored deflated, and one emoji makes four
bytes of each letter of its text.
"""

from __future__ import annotations

import sys

from sheetsim.xlsx.read.safe_xml import Forbidden

MOST_CELLS = 1 << 27
"""Cells of a workbook; a text counts as 8 cells, a formula of its own as 64."""

MOST_ARRAY_CELLS = 1 << 24
"""Cells of all array formulas, which take no room in the file."""

MOST_TEXT = 384 << 20
"""Bytes of all texts, as Python holds them."""


class Budget:
    """What is left of the limits above. Beyond them each method raises Forbidden."""

    def __init__(self) -> None:
        self._cells, self._array_cells, self._text = MOST_CELLS, MOST_ARRAY_CELLS, MOST_TEXT

    def spend(self, cells: int) -> None:
        self._cells -= cells
        if self._cells < 0:
            raise Forbidden("it holds more cells, texts or different formulas than are read")

    def spread(self, cells: int) -> None:
        """An array formula over so many cells."""
        self._array_cells -= cells
        if self._array_cells < 0:
            raise Forbidden(f"the workbook's array formulas fill more than {MOST_ARRAY_CELLS:,} cells")

    def keep(self, text: str) -> None:
        self._text -= sys.getsizeof(text)
        if self._text < 0:
            raise Forbidden(f"the workbook's texts take more than {MOST_TEXT >> 20} MiB")
