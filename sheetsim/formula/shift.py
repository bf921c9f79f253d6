"""The text of a filled formula in each of its cells, without parsing it again for each.

A formula is cut once into literal text and relative references; moving it means printing the references'
new columns and rows between the same literals:

    >>> moved("C4-J4*$D$2/SQRT(L3)", 2, 1)
    'D6-K6*$D$2/SQRT(M5)'

For a whole column the rows are left open as gaps (offsets from the row of the cell), so that a writer can
fill them in for a hundred thousand rows with one format string.
"""

from __future__ import annotations

import re
from functools import lru_cache

from sheetsim.address import MAX_COLUMNS, MAX_ROWS, column_index, column_name
from sheetsim.formula.lexer import tokens

_PART = re.compile(r"(\$?)([A-Za-z]{1,3})(?![A-Za-z])|(\$?)([0-9]+)")

# A literal, or a column or row to move: its index counted from 0.
_Literal = str
_Column = tuple[str, int]
Piece = _Literal | _Column | int


@lru_cache(maxsize=4096)
def pieces(formula: str) -> tuple[Piece, ...]:
    """Literal text, ("column", index) for a relative column, and an int for a relative row, in order.

    FormulaError (a SheetsimError) when the text cannot be read.
    """
    found: list[Piece] = []
    end = 0
    for kind, text, _, start in tokens(formula):
        found.append(formula[end:start])
        end = start + len(text)
        if kind in ("cell", "range"):
            found += _reference(text)
        else:
            found.append(text)
    found.append(formula[end:])
    return tuple(_joined(found))


def moved(formula: str, rows: int, columns: int) -> str:
    """The formula as it reads that many rows further down and columns further right."""
    return "".join(
        piece if isinstance(piece, str) else str(piece + 1) for piece in shifted(formula, rows, columns)
    )


def shifted(formula: str, rows: int, columns: int) -> list[str | int]:
    """Literal text and, as ints counted from 0, the relative rows of the formula moved that far.

    ValueError when a reference would leave the sheet: Excel would show #REF!, no lesson means that.
    """
    found: list[Piece] = []
    for piece in pieces(formula):
        if isinstance(piece, tuple):
            index = piece[1] + columns
            if not 0 <= index < MAX_COLUMNS:
                raise ValueError(f"={formula} moved by {columns} columns leaves the sheet")
            found.append(column_name(index))
        elif isinstance(piece, int):
            if not 0 <= piece + rows < MAX_ROWS:
                raise ValueError(f"={formula} moved by {rows} rows leaves the sheet")
            found.append(piece + rows)
        else:
            found.append(piece)
    return [piece for piece in _joined(found) if not isinstance(piece, tuple)]


def _reference(text: str) -> list[Piece]:
    """The pieces of `$A1:B$2`, `A:C` or `2:4`: what `$` holds fast is literal."""
    found: list[Piece] = []
    end = 0
    for part in _PART.finditer(text):
        found.append(text[end : part.start()])
        end = part.end()
        column_fast, letters, row_fast, digits = part.groups()
        if column_fast or row_fast:
            found.append(part[0])
        else:
            found.append(("column", column_index(letters)) if letters else int(digits) - 1)
    found.append(text[end:])
    return found


def _joined(parts: list[Piece]) -> list[Piece]:
    """Neighbouring literals as one, empty ones left out."""
    found: list[Piece] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        elif part != "":
            found.append(part)
    return found
