"""One engine on one Adam sheet, in a process of its own: seconds, peak memory, and the value it found.

    python benchmarks/engines.py NAME FILE.xlsx ROWS      # prints one line of JSON

Each engine is a function (file, rows) -> `Figures`. `answer` is what it computed for the last new a, whose
stored value in the file is wrong on purpose (see adam_sheet.py). `read` takes the file in; `plan` finds out
in which order to compute; `load` puts the inputs where they are computed with; `compile` is work that a
second calculation of the same workbook would not do again; `compute` calculates every formula cell.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import adam_sheet

REPEATS = 5


@dataclass
class Figures:
    """Seconds, None where the engine has no such phase."""

    answer: float
    compute: float
    read: float | None = None
    plan: float | None = None
    load: float | None = None
    compile: float | None = None
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


def sheetsim(file: str, rows: int) -> Figures:
    """As a user has it: one calculation, and the engine decides whether compiling pays."""
    return ours(file, rows, "auto", 1)


def sheetsim_compiled(file: str, rows: int) -> Figures:
    """Calculated again and again with the recurrence compiled: the fastest time."""
    return ours(file, rows, "numba", REPEATS)


def ours(file: str, rows: int, loops: Literal["auto", "numba"], repeats: int) -> Figures:
    from sheetsim.address import Rect
    from sheetsim.plan.schedule import make_plan
    from sheetsim.run.execute import calculate
    from sheetsim.xlsx.read.workbook import read_workbook

    clock = Clock()
    book = read_workbook(Path(file))
    read = clock.lap()
    plan = make_plan(book)
    planned = clock.lap()
    found = calculate(book, plan, loops=loops)
    compiling = found.seconds["compile"]
    for _ in range(repeats - 1):
        again = calculate(book, plan, loops=loops)
        if again.seconds["compute"] < found.seconds["compute"]:
            found = again
    cell = Rect.parse(f"I{adam_sheet.last_row(rows)}")
    answer = float(found.block("adam", cell).numbers[0, 0])
    return Figures(answer, found.seconds["compute"], read, planned, found.seconds["load"], compiling)


def ironcalc(file: str, rows: int) -> Figures:
    import ironcalc as library

    clock = Clock()
    model = library.load_from_xlsx(file)
    read = clock.lap()
    model.evaluate()
    compute = clock.lap()
    answer: Any = model.get_cell_value(0, adam_sheet.last_row(rows), 9)
    return Figures(float(answer), compute, read)


def formulas(file: str, rows: int) -> Figures:
    import formulas as library

    clock = Clock()
    model = library.ExcelModel().loads(file).finish()
    read = clock.lap()
    solution = model.calculate()
    compute = clock.lap()
    cell = f"'[{Path(file).name.upper()}]ADAM'!I{adam_sheet.last_row(rows)}"
    key = next(name for name in solution if str(name).upper() == cell)
    return Figures(float(solution[key].value[0, 0]), compute, read)


def pycel(file: str, rows: int) -> Figures:
    from pycel import ExcelCompiler

    end = adam_sheet.last_row(rows)
    clock = Clock()
    model = ExcelCompiler(filename=file)
    read = clock.lap()
    model.evaluate(f"adam!C{adam_sheet.FIRST_ROW}:M{end}")  # builds its graph; believes the stored values
    plan = clock.lap()
    for cell in model.cell_map.values():
        if getattr(cell, "formula", True):  # a cell of a formula, or a range of cells
            cell.value = None
    # From the top down and cell by cell, because asking for the last cell first recurses to the first.
    for row in range(adam_sheet.FIRST_ROW, end + 1):
        for column in "CDEFGJKLMHI":
            answer = model.evaluate(f"adam!{column}{row}")
    return Figures(float(answer), clock.lap(), read, plan)


def plain(file: str, rows: int) -> Figures:
    xs, ys = adam_sheet.data(rows)
    table: list[list[float]] = []

    def work() -> None:
        table[:] = adam_sheet.plain_loop(xs, ys)

    _, best = first_and_best(work)
    return Figures(table[-1][adam_sheet.COLUMNS.index("I")], best)


def numba(file: str, rows: int) -> Figures:
    import numpy as np

    xs, ys = (np.array(column) for column in adam_sheet.data(rows))
    table = np.empty((len(adam_sheet.COLUMNS), rows))
    loop = adam_sheet.numba_loop()
    first, best = first_and_best(lambda: loop(xs, ys, table))
    return Figures(float(table[adam_sheet.COLUMNS.index("I"), -1]), best, compile=first - best)


ALWAYS, NEVER = 0, 1  # values of LibreOffice's "recalculation on file load"
SETTING = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>{mode}</value></prop></item></oor:items>
"""


def libreoffice(file: str, rows: int) -> Figures:
    """Whole runs of `soffice --convert-to csv`, told never and always to recalculate: the difference is the
    computing, and what the first takes beyond a run on a sheet of one step is the reading (with writing the
    CSV, which is a small part of it)."""
    with tempfile.TemporaryDirectory() as folder:
        one = os.path.join(folder, "one.xlsx")
        adam_sheet.write(one, 1)
        convert(one, folder, NEVER)  # makes the profile
        start, _ = convert(one, folder, NEVER)
        never, stale = convert(file, folder, NEVER)
        always, answer = convert(file, folder, ALWAYS)
    assert stale == adam_sheet.PLANTED, "LibreOffice was to keep the stored values"
    return Figures(answer, always - never, max(never - start, 0.0))


def convert(file: str, folder: str, mode: int) -> tuple[float, float]:
    """Seconds of one conversion, and the last new a as the CSV has it (15 digits)."""
    settings = Path(folder, f"profile{mode}", "user", "registrymodifications.xcu")
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(SETTING.format(mode=mode), encoding="utf-8")
    profile = settings.parent.parent.as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "csv"]
    clock = Clock()
    subprocess.run([*command, "--outdir", folder, file], check=True, capture_output=True)
    seconds = clock.lap()
    with open(Path(folder, Path(file).stem + ".csv"), encoding="utf-8") as lines:
        *_, step, _averages = lines
    return seconds, float(step.split(",")[8])


ENGINES: dict[str, Callable[[str, int], Figures]] = {
    "plain Python loop": plain,
    "numba loop": numba,
    "sheetsim": sheetsim,
    "sheetsim compiled": sheetsim_compiled,
    "IronCalc": ironcalc,
    "LibreOffice": libreoffice,
    "pycel": pycel,
    "formulas": formulas,
}


def peak_mib() -> float:
    """The most memory resident at a time, in MiB, of this process or of one that it started."""
    unit = 1 if sys.platform == "darwin" else 1024
    sizes = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return max(sizes) * unit / 2**20


def main(name: str, file: str, rows: str) -> None:
    figures = ENGINES[name](file, int(rows))
    figures.peak_mib = peak_mib()
    sys.stdout.write(json.dumps(asdict(figures)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
