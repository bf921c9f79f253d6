"""Circular references worked out by iteration, where the workbook asks for it (File, Options, Formulas).

Excel calculates the cells of a circle in rounds, sheet by sheet in the order of the sheets' names, each from
left to right and from top to bottom, every cell with what the others have by then; it ends when no number has
moved by the workbook's maximum change or more, or after its number of rounds. Where it ends depends on this
order and on where it started: the values that the file stores.

Stored values that a first round does not move by the maximum change are an end, and stay. What does not come
to an end within the rounds (`=A1+1` in A1) differs with every calculation: it is not computed.
"""

from __future__ import annotations

from collections.abc import Sequence

from sheetsim.errors import Unsupported
from sheetsim.plan.regions import Region
from sheetsim.run.demand import Exact, Unit, units
from sheetsim.values import Scalar
from sheetsim.workbook import Workbook


def iterate(exact: Exact, book: Workbook, regions: Sequence[Region]) -> None:
    """Put the cells of some regions, which read each other, into the grids of `exact`. Unsupported where
    they do not settle."""
    order = in_order(regions)
    stored = [book[region.sheet].value((row, column)) for region, row, column in order]
    for unit, value in zip(order, stored, strict=True):
        _put(exact, unit, value)
    for round_ in range(book.iterate_count):
        before = [_value(exact, unit) for unit in order]
        for unit in order:
            exact.compute(*unit)
        after = [_value(exact, unit) for unit in order]
        if all(_near(old, new, book.iterate_delta) for old, new in zip(before, after, strict=True)):
            if round_ == 0:
                for unit, value in zip(order, stored, strict=True):
                    _put(exact, unit, value)
            return
    raise Unsupported(f"circular reference: it does not settle within {book.iterate_count} rounds")


def in_order(regions: Sequence[Region]) -> list[Unit]:
    """The cells in the order of Excel's rounds."""
    cells = [(region, row, column) for region in regions for row, column in units(region)]
    return sorted(cells, key=lambda unit: (unit[0].sheet.casefold(), unit[1], unit[2]))


def _value(exact: Exact, unit: Unit) -> Scalar:
    region, row, column = unit
    return exact.grids[region.sheet.casefold()].value(row, column)


def _put(exact: Exact, unit: Unit, value: Scalar) -> None:
    region, row, column = unit
    exact.grids[region.sheet.casefold()].put(row, column, value)


def _near(old: Scalar, new: Scalar, delta: float) -> bool:
    if isinstance(old, float) and isinstance(new, float):
        return old == new or abs(old - new) < delta
    return type(old) is type(new) and old == new
