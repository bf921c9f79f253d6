"""Workbooks of lessons with some cells typed over, computed anew, as a learner leaves them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.lessons.kit.catalogue import lesson
from sheetsim.lessons.kit.export import make_book
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import Calculation, calculate
from sheetsim.values import Scalar
from sheetsim.workbook import Workbook
from sheetsim.xlsx.write.workbook import write_workbook


@dataclass(frozen=True)
class Edited:
    """A workbook and what its formulas give."""

    book: Workbook
    calculation: Calculation

    def value(self, sheet: str, cell: str) -> Scalar:
        return self.calculation.block(sheet, Rect.parse(cell)).get((0, 0))

    def numbers(self, sheet: str, rect: str) -> NDArray[np.float64]:
        return self.calculation.block(sheet, Rect.parse(rect)).numbers


def edited(
    name: str, cells: Mapping[tuple[str, str], Scalar], settings: Mapping[str, object] | None = None
) -> Edited:
    """The lesson's workbook with other values in some cells (sheet, address)."""
    book = make_book(lesson(name), settings)
    for (sheet, cell), value in cells.items():
        book[sheet].set(cell, value)
    return Edited(book, calculate(book, make_plan(book)))


def saved(
    folder: Path,
    name: str,
    cells: Mapping[tuple[str, str], Scalar],
    settings: Mapping[str, object] | None = None,
) -> Path:
    """Such a workbook as a file."""
    found = edited(name, cells, settings)
    write_workbook(found.book, folder / f"{name}.xlsx", found.calculation.block)
    return folder / f"{name}.xlsx"
