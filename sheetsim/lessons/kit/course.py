"""All lessons in one workbook: a page of contents that links to each lesson's sheets, then these.

export_course("course.xlsx")            one workbook
export_all("lessons")                   a workbook a lesson, in a folder
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.catalogue import FAMILIES, NAMES, lesson
from sheetsim.lessons.kit.export import export, make_book, write
from sheetsim.style import Look
from sheetsim.workbook import Sheet, Workbook

CONTENTS = "contents"

Progress = Callable[[str], None]
"""Told what is being done, a few words each time."""


def export_course(
    path: str | os.PathLike[str], *, force: bool = False, progress: Progress | None = None
) -> Path:
    """Write all lessons, with their defaults, into one workbook. Errors as `export`."""
    from sheetsim.xlsx.write.workbook import check_target

    check_target(path, force=force)
    return write(make_course(progress=progress), path, force=force)


def export_all(
    folder: str | os.PathLike[str], *, force: bool = False, progress: Progress | None = None
) -> list[Path]:
    """Write each lesson, with its defaults, as NAME.xlsx into a folder, which is made where it is missing.

    SheetsimError when the folder cannot be made or one of the files is there already (and not `force`):
    nothing is written then.
    """
    from sheetsim.xlsx.write.workbook import check_target

    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SheetsimError(f"{place}: cannot be made: {error.strerror}") from None
    paths = {name: place / f"{name}.xlsx" for name in NAMES}
    for path in paths.values():
        check_target(path, force=force)
    for count, (name, path) in enumerate(paths.items(), 1):
        if progress:
            progress(f"{count} of {len(paths)}: {name}")
        export(lesson(name), path, force=force)
    return list(paths.values())


def make_course(names: Iterable[str] = NAMES, progress: Progress | None = None) -> Workbook:
    """The workbook of these lessons, not yet computed."""
    course = Workbook()
    contents = course.add_sheet(CONTENTS)
    sheets: dict[str, list[str]] = {}
    for name in names:
        if progress:
            progress(f"building {name}")
        book = make_book(lesson(name))
        taken = [sheet.name for sheet in book.sheets if course.find(sheet.name)]
        if taken:
            raise ValueError(f"{name} has a sheet {taken[0]!r}, as another lesson has")
        sheets[name] = [sheet.name for sheet in book.sheets]
        course.sheets += book.sheets
        course.names += book.names
        course.tables += book.tables
    contents.look = _contents(contents, sheets)
    course.properties = {
        "title": "Deep learning in a spreadsheet",
        "subject": "All lessons of sheetsim in one workbook",
        "author": "sheetsim",
        "keywords": "deep learning, spreadsheet",
    }
    return course


def _contents(page: Sheet, sheets: dict[str, list[str]]) -> Look:
    """Write the page of contents: families, lessons, a link to each sheet."""
    look = Look(tab="#1F3A5F", gridlines=False, frozen="A4")
    look.widths = {"A": 2, "B": 20, "C": 92, "D:J": 24}
    page.set("B1", "Deep learning in a spreadsheet")
    page.set("B2", "Each lesson's first sheet says what it shows and what to try. A click goes there.")
    look.paint("B1", "title")
    look.heights[0] = 28
    look.paint("B2", "subtitle")
    row = 4
    for family, names in FAMILIES.items():
        here = [name for name in names if name in sheets]
        if not here:
            continue
        page.set(f"B{row}", family)
        look.paint(f"B{row}:J{row}", "section")
        look.heights[row - 1] = 20
        row += 1
        for name in here:
            page.set(f"B{row}", name)
            look.link(f"B{row}", sheets[name][0])
            page.set(f"C{row}", lesson(name).line)
            look.paint(f"C{row}", "text")
            for place, sheet in enumerate(sheets[name][1:8]):
                cell = f"{'DEFGHIJ'[place]}{row}"
                page.set(cell, sheet)
                look.link(cell, sheet)
            row += 1
        row += 1
    return look
