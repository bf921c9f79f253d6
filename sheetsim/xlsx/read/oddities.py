"""What is odd in a sheet that is read all the same: each kind once, with its first cell and their number.

odd = Oddities()
odd.note("{} is not a number: left blank", 2, 1, "abc")
odd.lines()                                  # ["cell B3: 'abc' is not a number: left blank"]
"""

from __future__ import annotations

from sheetsim.address import cell_name


class Oddities:
    """Kinds are few: they are spelled in the program, only what stands for `{}` comes from the file."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[str, int]] = {}  # kind -> the line for its first cell, how many cells

    def note(self, kind: str, row: int, column: int, text: str = "") -> None:
        """`kind`: the sentence, `{}` where `text` stands. Row -1: no cell in particular."""
        line, count = self._found.get(kind, ("", 0))
        if not count:
            place = f"cell {cell_name(row, column)}: " if row >= 0 else ""
            line = place + kind.format(shown(text))
        self._found[kind] = line, count + 1

    def lines(self) -> list[str]:
        """One line a kind, in the order in which they were met."""
        return [
            line if count == 1 else f"{line} ({count:,} such cells)" for line, count in self._found.values()
        ]


def shown(text: str) -> str:
    """Text out of the file, quoted and short, safe to print in one line."""
    return ascii(text if len(text) <= 40 else text[:37] + "...")
