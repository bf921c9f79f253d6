"""A lesson as an .xlsx file: its sheet telling built, computed by the engine, written.

export(lesson("adam"), "adam.xlsx", settings={"lr": 0.2, "epochs": 20})
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from sheetsim.errors import SheetsimError
from sheetsim.lessons.descent.spec import ROWS, check_size
from sheetsim.lessons.lesson import Data, Lesson, Settings
from sheetsim.workbook import Workbook

EASY_ROWS = 100_000  # rows of a sheet that a spreadsheet program still opens at once


def export(
    lesson: Lesson,
    path: str | os.PathLike[str],
    *,
    settings: Mapping[str, object] | None = None,
    data: str | os.PathLike[str] | None = None,
    force: bool = False,
) -> Path:
    """Write the lesson's workbook to `path`, and return the path.

    `settings` are values (or their texts) for some of the lesson's parameters, `data` a CSV file with the
    points. SheetsimError, one line, when a setting or the data are wrong, the rows do not fit into a sheet,
    the file is there already (and not `force`) or cannot be written; nothing is written then.
    """
    from sheetsim.engine.arrays import calculate
    from sheetsim.engine.plan import make_plan
    from sheetsim.xlsx.write import check_target, write_workbook

    check_target(path, force=force)
    book = make_book(lesson, settings, data)
    calculation = calculate(book, make_plan(book))
    write_workbook(book, path, calculation.block, force=force)
    return Path(path)


def make_book(
    lesson: Lesson,
    settings: Mapping[str, object] | None = None,
    data: str | os.PathLike[str] | None = None,
) -> Workbook:
    """The lesson's workbook, not yet computed. Errors as `export`."""
    full, points = _choose(lesson, settings or {}, data)
    book: Workbook = lesson.telling("sheet").build(full, points)
    return book


def lowered(
    lesson: Lesson, settings: Mapping[str, object], data: str | os.PathLike[str] | None = None
) -> list[str]:
    """What `export` makes less of than the lesson's default because the points are many: "epochs=1", ..."""
    full, _ = _choose(lesson, settings, data)
    usual = lesson.settings(settings)
    return [f"{key}={full[key]:g}" for key in ("epochs", "dry_passes") if full.get(key) != usual.get(key)]


def _choose(
    lesson: Lesson, given: Mapping[str, object], data: str | os.PathLike[str] | None
) -> tuple[Settings, Data]:
    """All settings and the points."""
    full = lesson.settings(given)
    points: Data | None = None
    if data is not None:
        from sheetsim.lessons.points import read_points

        points = read_points(data)
        rows = len(points["x"])
        if "rows" in given and full["rows"] != rows:
            raise SheetsimError(f"{data}: has {rows} points, not rows={full['rows']:g}; leave rows out")
        full["rows"] = rows
    _fit(full, given)
    check_size(full)
    return full, lesson.make_data(full) if points is None else points


def _fit(full: Settings, given: Mapping[str, object]) -> None:
    """Lower what the user left open: epochs (to 1 at least) so that no sheet has more than EASY_ROWS rows
    for it, dry passes so that they fit into a sheet at all."""
    rows = int(full["rows"])
    if "epochs" not in given:
        full["epochs"] = min(int(full["epochs"]), max(1, EASY_ROWS // rows))
    if "dry_passes" in full and "dry_passes" not in given:
        full["dry_passes"] = min(int(full["dry_passes"]), int(ROWS.high) // rows)
