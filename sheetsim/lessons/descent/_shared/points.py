"""The points of a gradient-descent lesson: the user's own, from a CSV file with the columns x and y (in any
order, among others, any case), or the default ones.

x,y
1,32
14,58
"""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sheetsim.address import MAX_ROWS
from sheetsim.errors import SheetsimError
from sheetsim.lessons.descent._shared.parameters import ROWS
from sheetsim.lessons.kit.lesson import Data, Lesson, Settings

COLUMNS = ("x", "y")
EASY_ROWS = 100_000  # rows of a sheet that a spreadsheet program still opens at once


def choose(
    lesson: Lesson, given: Mapping[str, object], sources: Mapping[str, str]
) -> tuple[Settings, Data, list[str]]:
    """All settings and the points, and a note on what is made less of because the points are many.
    SheetsimError when they do not fit into a sheet, or `rows` is not their number."""
    full, points = lesson.settings(given), None
    if "data" in sources:
        points = read_points(sources["data"])
        rows = len(points["x"])
        if "rows" in given and full["rows"] != rows:
            raise SheetsimError(
                f"{sources['data']}: has {rows} points, not rows={full['rows']:g}; leave rows out"
            )
        full["rows"] = rows
    usual = dict(full)
    _fit(full, given)
    check_size(full)
    fewer = [f"{key}={full[key]:g}" for key in ("epochs", "dry_passes") if full.get(key) != usual.get(key)]
    notes = [f"for so many points {' and '.join(fewer)}; --set chooses otherwise"] if fewer else []
    return full, make_points(full) if points is None else points, notes


def _fit(full: Settings, given: Mapping[str, object]) -> None:
    """Lower what the user left open: epochs (to 1 at least) so that no sheet has more than EASY_ROWS rows
    for it, dry passes so that they fit into a sheet at all."""
    rows = int(full["rows"])
    if "epochs" not in given:
        full["epochs"] = min(int(full["epochs"]), max(1, EASY_ROWS // rows))
    if "dry_passes" in full and "dry_passes" not in given:
        full["dry_passes"] = min(int(full["dry_passes"]), int(ROWS.high) // rows)


def check_size(settings: Settings) -> None:
    """SheetsimError when the epochs or the dry passes would not fit into a sheet's rows."""
    rows, room = int(settings["rows"]), MAX_ROWS - 8
    for key, what in (("epochs", "epochs"), ("dry_passes", "dry passes")):
        count = int(settings.get(key, 0))
        if rows * count > room:
            raise SheetsimError(
                f"rows={rows}: {count} {what} of {rows} rows each do not fit into a sheet ({MAX_ROWS} rows); "
                f"set {key} to {room // rows} or less"
            )


def make_points(settings: Settings) -> Data:
    """The default points: x from 1 to 100, y = 2x + 30, from the seed (Park and Miller's generator,
    Communications of the ACM 31(10), 1988: next = 16807*prev mod 2147483647)."""
    state, x = int(settings["seed"]), np.empty(int(settings["rows"]))
    for row in range(len(x)):
        state = 16807 * state % 2147483647
        x[row] = 1 + state * 100 // 2147483647
    return {"x": x, "y": 2 * x + 30}


def read_points(path: str | os.PathLike[str]) -> Data:
    """The points of a CSV file as {"x": numbers, "y": numbers}.

    SheetsimError, one line with the file's name and, where there is one, line and column: a missing file or
    column, text or nothing or no finite number where a number should be, fewer than two points, or more
    than fit into a sheet.
    """
    file = Path(path)
    found: dict[str, list[float]] = {name: [] for name in COLUMNS}
    try:
        with file.open(newline="", encoding="utf-8-sig") as text:
            reader = csv.reader(text, strict=True)
            header = next(reader, None)
            places = _places(file, header)
            for row in reader:
                if not any(cell.strip() for cell in row):
                    continue  # an empty line
                if any(cell.strip() for cell in row[len(header or ()) :]):  # 1,5 for 1.5 makes two of one
                    raise SheetsimError(
                        f"{file}: line {reader.line_num}: more values than the columns that line 1 names; "
                        "1.5 has a point, not a comma"
                    )
                for name, place in places.items():
                    found[name].append(_number(file, reader.line_num, name, row, place))
                if len(found["x"]) > ROWS.high:
                    raise SheetsimError(f"{file}: more than {ROWS.high:,.0f} points do not fit into a sheet")
    except OSError as error:
        raise SheetsimError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SheetsimError(f"{file}: is not a text file in UTF-8") from None
    except csv.Error as error:
        raise SheetsimError(f"{file}: line {reader.line_num}: not a CSV file: {error}") from None
    if len(found["x"]) < ROWS.low:
        raise SheetsimError(f"{file}: {len(found['x'])} points; a lesson needs {ROWS.low} or more")
    return {name: np.array(numbers) for name, numbers in found.items()}


def _places(file: Path, header: list[str] | None) -> dict[str, int]:
    """Where the columns stand, by the first line."""
    if header is None:
        raise SheetsimError(f"{file}: is empty; its first line names the columns x and y")
    names = [name.strip().casefold() for name in header]
    for name in COLUMNS:
        if names.count(name) != 1:
            problem = "no column" if name not in names else "more than one column"
            raise SheetsimError(f"{file}: line 1: {problem} {name!r}; there are {', '.join(header)[:200]}")
    return {name: names.index(name) for name in COLUMNS}


def _number(file: Path, line: int, name: str, row: list[str], place: int) -> float:
    text = row[place].strip() if place < len(row) else ""
    try:
        number = float(text)
    except ValueError:
        said = f"{text[:40]!r} is not a number" if text else "is empty"
        raise SheetsimError(f"{file}: line {line}, column {name}: {said}") from None
    if not math.isfinite(number):
        raise SheetsimError(f"{file}: line {line}, column {name}: {text[:40]!r} is not a finite number")
    return number
