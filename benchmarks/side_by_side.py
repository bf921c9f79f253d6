"""Ten sheets in sheetsim and in other engines, side by side in one run: seconds, memory, growth.

    python benchmarks/side_by_side.py [--sheets sumif onehot] [--engines sheetsim IronCalc] [--markdown]
    python benchmarks/side_by_side.py --scale 0.01          # small sheets, to see that everything runs

The sheets are those of sheets.py, written on first use into build/benchmarks. Every engine runs in a process
of its own (engines.py), on each sheet of half the rows and then of all; `grows` is how computing grows with
that: 2 is linear (4 for the convolution, which doubles both ways), 4 quadratic. An engine stopped after LIMIT
seconds on the half is not asked for the whole. What an engine finds is compared with what is right (sheets.py
again): one that is wrong is shown as such and gets no figures. `ratio` is the engine's computing over ours.
"""

from __future__ import annotations

import argparse
import sys

from cells import Expected
from engines import ENGINES, Figures, Value, measure
from sheets import SHEETS, Sheet
from tables import machine, progress, short, show, written

LIMIT = 60.0
OURS = "sheetsim"
BESIDE = [OURS, "IronCalc", "formualizer", "LibreOffice"]
PHASES = ("start", "read", "plan", "load", "compile", "compute", "second")
HEADINGS = [
    "sheet",
    "rows",
    "engine",
    *(f"{phase} s" for phase in PHASES),
    "all s",
    "grows",
    "MiB",
    "ratio",
    "aim",
]
CLOSE = 1e-9
"""Of a number's size: LibreOffice compensates sums, others add in an order of their own."""


def main() -> None:
    options = argparse.ArgumentParser(description="Time ten sheets in sheetsim and in other engines.")
    options.add_argument("--sheets", nargs="+", choices=list(SHEETS), default=list(SHEETS), metavar="NAME")
    options.add_argument("--engines", nargs="+", choices=list(ENGINES), default=BESIDE, metavar="NAME")
    options.add_argument("--scale", type=float, default=1.0, help="of the sheets' rows")
    options.add_argument("--markdown", action="store_true", help="print a table for RESULTS.md")
    chosen = options.parse_args()
    table: list[list[str]] = []
    for name in chosen.sheets:
        sheet = SHEETS[name]
        rows = max(round(sheet.rows * chosen.scale), 20)
        ours: float | None = None
        for engine in chosen.engines:
            line, compute = one(name, sheet, rows, engine, ours)
            ours = compute if engine == OURS else ours
            table.append(line)
    show("Seconds and memory", HEADINGS, table, chosen.markdown)
    sys.stdout.write(f"\n{machine()}\n")


def one(
    name: str, sheet: Sheet, rows: int, engine: str, ours: float | None
) -> tuple[list[str], float | None]:
    """The line of an engine on a sheet, and its seconds of computing where it is right."""
    start = [sheet.title, f"{rows:,}", engine]
    halves: list[Figures] = []
    for size in (rows // 2, rows):
        progress(f"{engine}, {sheet.title}, {size:,} rows")
        right = sheet.expected(size)
        figures = measure(engine, written(name, size), list(right), LIMIT if size < rows else 5 * LIMIT)
        if figures is None:
            return [*start, *[""] * len(PHASES), f"over {LIMIT:.0f} at {size:,} rows", "", "", "", ""], None
        wrong = difference(right, figures.answers)
        if wrong:
            return [*start, *[""] * len(PHASES), f"wrong: {wrong}", "", "", "", ""], None
        halves.append(figures)
    half, whole = halves
    phases = [getattr(whole, phase) for phase in PHASES]
    everything = sum(value or 0.0 for value in phases[:-1])
    growth = whole.compute / half.compute if half.compute > 0 else 0.0
    ratio = "" if ours is None else f"{whole.compute / ours:.1f}"
    cells = ["" if value is None else short(value) for value in phases]
    line = [*start, *cells, short(everything), f"{growth:.1f}", f"{whole.peak_mib:,.0f}", ratio]
    line.append(sheet.aim if engine == OURS else "")
    return line, whole.compute


def difference(right: Expected, found: list[Value]) -> str:
    """The first cell that is wrong, in words; "" where none is."""
    for (cell, value), other in zip(right.items(), found, strict=True):
        if isinstance(value, str) or not isinstance(other, float):
            agree = value == other
        else:
            agree = abs(value - other) <= CLOSE * abs(value)
        if not agree:
            return f"{cell[0]} row {cell[1] + 1} column {cell[2] + 1} is {other!r}, not {value!r}"
    return ""


if __name__ == "__main__":
    main()
