"""One engine on one workbook, in a process of its own: seconds, peak memory, and the values it found.

    python benchmarks/engines.py NAME FILE.xlsx '[["adam", 100002, 8]]'      # prints one line of JSON

Each engine is a function (file, cells) -> `Figures`; `cells` are sheet, row and column (from 0) of the
values that are asked for. The files' stored values are wrong on purpose there, so an engine that gives the
right ones has calculated. `start` is importing it; `read` takes the file in; `plan` finds out in which order
to compute; `load` puts the inputs where they are computed with; `compile` is work that a second calculation
of the same workbook would not do again; `compute` calculates every formula cell; `second` is computing the
same file, read anew, in the same process.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import adam_sheet

REPEATS = 5
Cell = tuple[str, int, int]
Value = float | str | None


@dataclass
class Figures:
    """Seconds, None where the engine has no such phase."""

    answers: list[Value]
    compute: float
    start: float | None = None
    read: float | None = None
    plan: float | None = None
    load: float | None = None
    compile: float | None = None
    second: float | None = None
    peak_mib: float = 0.0


class Clock:
    """Seconds since it was made or last read."""

    def __init__(self) -> None:
        self.start = time.perf_counter()

    def lap(self) -> float:
        now = time.perf_counter()
        lap, self.start = now - self.start, now
        return lap


def first_and_best(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the first call and of the fastest of a few more."""
    clock = Clock()
    work()
    first = clock.lap()
    laps = []
    for _ in range(REPEATS):
        work()
        laps.append(clock.lap())
        if sum(laps) > 30:
            break
    return first, min(laps)


def sheetsim(file: str, cells: Sequence[Cell]) -> Figures:
    """As a user has it: one calculation, and the engine decides whether compiling pays."""
    return ours(file, cells, "auto", 1)


def sheetsim_compiled(file: str, cells: Sequence[Cell]) -> Figures:
    """Calculated again and again with the recurrence compiled: the fastest time."""
    return ours(file, cells, "llvm", REPEATS)


def ours(file: str, cells: Sequence[Cell], loops: Literal["auto", "llvm"], repeats: int) -> Figures:
    clock = Clock()
    from sheetsim.plan.schedule import make_plan
    from sheetsim.run.execute import calculate
    from sheetsim.xlsx.read.workbook import read_workbook

    started = clock.lap()
    book = read_workbook(Path(file))
    read = clock.lap()
    plan = make_plan(book)
    planned = clock.lap()
    first = calculate(book, plan, loops=loops)
    answers = [_plain(first.value(*cell)) for cell in cells]
    peak = peak_mib()
    book = read_workbook(Path(file))
    plan = make_plan(book)
    again = [calculate(book, plan, loops=loops).seconds["compute"] for _ in range(repeats)]
    return Figures(
        answers,
        first.seconds["compute"],
        started,
        read,
        planned,
        first.seconds["load"],
        first.seconds["compile"],
        min(again),
        peak,
    )


def ironcalc(file: str, cells: Sequence[Cell]) -> Figures:
    clock = Clock()
    import ironcalc as library

    started = clock.lap()
    model = library.load_from_xlsx(file)
    read = clock.lap()
    model.evaluate()
    compute = clock.lap()
    sheets = [sheet["name"] for sheet in model.get_worksheets_properties()]
    answers = [model.get_cell_value(sheets.index(sheet), row + 1, place + 1) for sheet, row, place in cells]
    peak = peak_mib()
    model = library.load_from_xlsx(file)
    clock.lap()
    model.evaluate()
    second = clock.lap()
    return Figures([_plain(value) for value in answers], compute, started, read, second=second, peak_mib=peak)


def formualizer(file: str, cells: Sequence[Cell]) -> Figures:
    clock = Clock()
    import formualizer as library

    started = clock.lap()
    model = library.load_workbook(file)
    read = clock.lap()
    model.evaluate_all()
    compute = clock.lap()
    answers = [_plain(model.get_value(sheet, row + 1, place + 1)) for sheet, row, place in cells]
    peak = peak_mib()
    model = library.load_workbook(file)
    clock.lap()
    model.evaluate_all()
    return Figures(answers, compute, started, read, second=clock.lap(), peak_mib=peak)


def formulas(file: str, cells: Sequence[Cell]) -> Figures:
    import formulas as library

    clock = Clock()
    model = library.ExcelModel().loads(file).finish()
    read = clock.lap()
    solution = model.calculate()
    compute = clock.lap()
    keys = {str(name).upper(): name for name in solution}
    answers: list[Value] = []
    for sheet, row, place in cells:
        key = f"'[{Path(file).name.upper()}]{sheet.upper()}'!{_name(row, place)}"
        answers.append(_plain(solution[keys[key]].value[0, 0]))
    return Figures(answers, compute, None, read)


def pycel(file: str, cells: Sequence[Cell]) -> Figures:
    """Of the Adam sheet only: cell by cell from the top down, because asking for the last cell first recurses
    to the first."""
    from pycel import ExcelCompiler

    end = cells[0][1] + 1
    clock = Clock()
    model = ExcelCompiler(filename=file)
    read = clock.lap()
    model.evaluate(f"adam!C{adam_sheet.FIRST_ROW}:M{end}")  # builds its graph; believes the stored values
    plan = clock.lap()
    for cell in model.cell_map.values():
        if getattr(cell, "formula", True):  # a cell of a formula, or a range of cells
            cell.value = None
    for row in range(adam_sheet.FIRST_ROW, end + 1):
        for column in "CDEFGJKLMHI":
            answer = model.evaluate(f"adam!{column}{row}")
    return Figures([float(answer)], clock.lap(), None, read, plan)


def plain(file: str, cells: Sequence[Cell]) -> Figures:
    xs, ys = adam_sheet.data(_steps(cells))
    table: list[list[float]] = []

    def work() -> None:
        table[:] = adam_sheet.plain_loop(xs, ys)

    _, best = first_and_best(work)
    return Figures([table[-1][adam_sheet.COLUMNS.index("I")]], best)


def numba(file: str, cells: Sequence[Cell]) -> Figures:
    import numpy as np

    xs, ys = (np.array(column) for column in adam_sheet.data(_steps(cells)))
    table = np.empty((len(adam_sheet.COLUMNS), len(xs)))
    loop = adam_sheet.numba_loop()
    first, best = first_and_best(lambda: loop(xs, ys, table))
    return Figures([float(table[adam_sheet.COLUMNS.index("I"), -1])], best, compile=first - best)


def _steps(cells: Sequence[Cell]) -> int:
    """Rows of steps of the Adam sheet whose last new a is asked for."""
    return cells[0][1] - adam_sheet.FIRST_ROW + 2


def _plain(value: Any) -> Value:
    """What JSON can hold; errors, which each engine gives in its own way, as text."""
    return float(value) if isinstance(value, (int, float)) else None if value is None else str(value)


def _name(row: int, place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row + 1}"


ALWAYS, NEVER = 0, 1  # values of LibreOffice's "recalculation on file load"
SETTING = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>{mode}</value></prop></item></oor:items>
"""


def libreoffice(file: str, cells: Sequence[Cell]) -> Figures:
    """Whole runs of `soffice --convert-to csv`, told never and always to recalculate: the difference is the
    computing, and what the first takes beyond a run on a sheet of one cell is the reading (with writing the
    CSV, which is a small part of it). Only the first sheet is asked about."""
    import xlsxwriter

    with tempfile.TemporaryDirectory() as folder:
        one = os.path.join(folder, "one.xlsx")
        with xlsxwriter.Workbook(one) as book:
            book.add_worksheet().write_number(0, 0, 1)
        convert(one, folder, NEVER, [])  # makes the profile
        start, _ = convert(one, folder, NEVER, [])
        never, stale = convert(file, folder, NEVER, cells)
        always, answers = convert(file, folder, ALWAYS, cells)
    if stale == answers:
        sys.exit("LibreOffice was to keep the stored values, which are wrong")
    return Figures(answers, always - never, start, max(never - start, 0.0))


def convert(file: str, folder: str, mode: int, cells: Sequence[Cell]) -> tuple[float, list[Value]]:
    """Seconds of one conversion, and the cells as the CSV has them (15 digits)."""
    settings = Path(folder, f"profile{mode}", "user", "registrymodifications.xcu")
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(SETTING.format(mode=mode), encoding="utf-8")
    profile = settings.parent.parent.as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "csv"]
    clock = Clock()
    subprocess.run([*command, "--outdir", folder, file], check=True, capture_output=True)
    seconds = clock.lap()
    with open(Path(folder, Path(file).stem + ".csv"), encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    return seconds, [_read(rows[row][place]) for _, row, place in cells]


def _read(text: str) -> Value:
    try:
        return float(text)
    except ValueError:
        return text


ENGINES: dict[str, Callable[[str, Sequence[Cell]], Figures]] = {
    "plain Python loop": plain,
    "numba loop": numba,
    "sheetsim": sheetsim,
    "sheetsim compiled": sheetsim_compiled,
    "IronCalc": ironcalc,
    "formualizer": formualizer,
    "LibreOffice": libreoffice,
    "pycel": pycel,
    "formulas": formulas,
}


def measure(name: str, file: Path, cells: Sequence[Cell], limit: float) -> Figures | None:
    """What the engine's own process reports; None when it was stopped after `limit` seconds."""
    command = [sys.executable, __file__, name, str(file), json.dumps(cells)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=limit)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        sys.exit(f"{name} failed on {file.name}:\n{done.stderr[-2000:]}")
    return Figures(**json.loads(done.stdout.splitlines()[-1]))


def peak_mib() -> float:
    """The most memory resident at a time, in MiB, of this process or of one that it started."""
    unit = 1 if sys.platform == "darwin" else 1024
    sizes = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return max(sizes) * unit / 2**20


def main(name: str, file: str, cells: str) -> None:
    figures = ENGINES[name](file, [tuple(cell) for cell in json.loads(cells)])
    sys.stdout.write(json.dumps(asdict(figures)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
