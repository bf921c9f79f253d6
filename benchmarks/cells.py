"""What the sheets of the benchmark share: numbers to write, and the cells in which values are compared."""

from __future__ import annotations

from typing import Any

Cell = tuple[str, int, int]
"""Sheet, row and column, both from 0."""

Value = float | str
Expected = dict[Cell, Value]
SAMPLED = 50


def numbers(count: int, most: int, seed: int = 1) -> list[int]:
    """Whole numbers 0 .. most - 1, from Park and Miller's generator."""
    found, state = [], seed
    for _ in range(count):
        state = 16807 * state % 2147483647
        found.append(state % most)
    return found


def sampled(rows: int) -> list[int]:
    """Rows, from 0, whose values are compared: spread evenly, the first and the last among them."""
    return sorted({round(i * (rows - 1) / (SAMPLED - 1)) for i in range(SAMPLED)})


def column(name: str, values: list[Any], place: int) -> Expected:
    return {(name, row, place): values[row] for row in sampled(len(values))}
