"""A user's own points, from a CSV file with the columns x and y (in any order, among others, any case).

x,y
1,32
14,58
"""

from __future__ import annotations

import csv
import math
import os
from pathlib import Path

import numpy as np

from sheetsim.errors import SheetsimError
from sheetsim.lessons.descent.spec import ROWS
from sheetsim.lessons.lesson import Data

COLUMNS = ("x", "y")


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
            places = _places(file, next(reader, None))
            for row in reader:
                if not any(cell.strip() for cell in row):
                    continue  # an empty line
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
