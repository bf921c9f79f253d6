"""The course's workbooks on collaborative filtering, and what these lessons' tests share."""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.lessons.kit.catalogue import lesson
from sheetsim.lessons.kit.export import export
from sheetsim.values import BLANK
from sheetsim.workbook import Workbook
from sheetsim.xlsx.read.workbook import read_workbook
from tests.folders import shared_folder


def course_file(course: str) -> Path:
    """The course's collab_filter.xlsx; the test is skipped where it is not."""
    return shared_folder("SHEETSIM_LESSONS") / course / "collab_filter.xlsx"


@cache
def course_book(course: str) -> Workbook:
    return read_workbook(course_file(course))


def numbers(book: Workbook, sheet: str, rect: str | Rect) -> NDArray[np.float64]:
    """Stored numbers, NaN for blanks."""
    block = book[sheet].block(rect)
    return np.where(block.kind_array() == BLANK, np.nan, block.numbers)


def exported(name: str, folder: Path, **settings: object) -> Path:
    return export(lesson(name), folder / f"{name}.xlsx", settings=settings, force=True)
