"""A lesson as an .xlsx file: its sheet implementation built, computed by the engine, written.

export(lesson("adam"), "adam.xlsx", settings={"lr": 0.2, "epochs": 20})
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.lesson import Data, Lesson, Settings
from sheetsim.workbook import Workbook


def export(
    lesson: Lesson,
    path: str | os.PathLike[str],
    *,
    settings: Mapping[str, object] | None = None,
    sources: Mapping[str, str] | None = None,
    force: bool = False,
) -> Path:
    """Write the lesson's workbook to `path`, and return the path.

    `settings` are values (or their texts) for some of the lesson's parameters, `sources` files and the like
    for its data. SheetsimError, one line, when one of them is wrong, the rows do not fit into a sheet, the
    file is there already (and not `force`) or cannot be written; nothing is written then.
    """
    from sheetsim.xlsx.write.workbook import check_target

    check_target(path, force=force)
    return write(make_book(lesson, settings, sources), path, force=force)


def write(book: Workbook, path: str | os.PathLike[str], *, force: bool = False) -> Path:
    """Compute a workbook and write it to `path`, which is returned. SheetsimError as `export`."""
    from sheetsim.plan.schedule import make_plan
    from sheetsim.run.execute import calculate
    from sheetsim.xlsx.write.workbook import write_workbook

    write_workbook(book, path, calculate(book, make_plan(book)).block, force=force)
    return Path(path)


def make_book(
    lesson: Lesson,
    settings: Mapping[str, object] | None = None,
    sources: Mapping[str, str] | None = None,
) -> Workbook:
    """The lesson's workbook, not yet computed. Errors as `export`."""
    full, data, _ = choose(lesson, settings or {}, sources or {})
    book: Workbook = lesson.implementation("sheet").build(full, data)
    return book


def choose(
    lesson: Lesson, settings: Mapping[str, object], sources: Mapping[str, str]
) -> tuple[Settings, Data, list[str]]:
    """All settings, the data, and what the user should know about them. SheetsimError for a source that the
    lesson does not take, and for what is wrong with one that it takes."""
    for name in sources:
        if name not in lesson.sources:
            known = ", ".join(f"--{one}" for one in lesson.sources) or "its seed only"
            raise SheetsimError(f"{lesson.name} takes no --{name}; its data come from {known}")
    if lesson.choose is not None:
        return lesson.choose(settings, sources)
    full = lesson.settings(settings)
    return full, lesson.make_data(full), []
