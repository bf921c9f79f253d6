"""The Adam sheet at several sizes in sheetsim and in other engines: seconds and peak memory, in one run.

    python benchmarks/adam.py [--rows 1000 10000 100000 1000000] [--engines sheetsim IronCalc] [--markdown]

Each engine runs in a process of its own (engines.py), on one file that owes nothing to sheetsim
(adam_sheet.py, written once and kept in build/benchmarks), and must give the right value where the file
stores a wrong one. An engine that would need more than LIMIT seconds, going by its time for a tenth of the
rows, is left out and the estimate shown. The loops have the data in memory and read no file.
"""

from __future__ import annotations

import argparse
import sys

import adam_sheet
from engines import ENGINES, Figures, measure
from tables import machine, progress, short, show, written

LIMIT = 120.0
OURS = "sheetsim compiled"  # the engine that the ratios are of
RIGHT = "plain Python loop"  # the engine whose last value each other must give
PHASES = ("read", "plan", "load", "compile", "compute", "second")
HEADINGS = ["rows", "engine", *(f"{phase} s" for phase in PHASES), "all s", "peak MiB", "last a"]


def main() -> None:
    options = argparse.ArgumentParser(description="Time the Adam sheet in sheetsim and in other engines.")
    options.add_argument("--rows", type=int, nargs="+", default=[1000, 10_000, 100_000, 1_000_000])
    options.add_argument("--engines", nargs="+", choices=list(ENGINES), default=list(ENGINES), metavar="NAME")
    options.add_argument("--markdown", action="store_true", help="print tables for RESULTS.md")
    chosen = options.parse_args()

    table: list[list[str]] = []
    ratios: list[list[str]] = []
    expected: dict[str, tuple[int, float]] = {}  # engine -> rows and seconds of the size before
    for rows in sorted(chosen.rows):
        file = written("adam", rows)
        last = [("adam", adam_sheet.last_row(rows) - 1, 8)]
        found: dict[str, Figures] = {}
        for name in [RIGHT, *(name for name in chosen.engines if name != RIGHT)]:
            before_rows, before = expected.get(name, (rows, 0.0))
            estimate = before * rows / before_rows
            if estimate > LIMIT:
                table.append(
                    [f"{rows:,}", name, *[""] * len(PHASES), f"about {estimate:,.0f}, not run", "", ""]
                )
                continue
            progress(f"{name}, {rows:,} rows")
            figures = measure(name, file, last, 2 * LIMIT)
            if figures is None:
                expected[name] = (rows, LIMIT * 1.01)
                table.append(left_out(rows, name, f"more than {LIMIT:.0f}"))
                continue
            found[name] = figures
            expected[name] = (rows, total(figures))
            table.append(line(rows, name, figures, answer(found[RIGHT])))
        ratios += compare(rows, found)

    show("Seconds and memory", HEADINGS, table, chosen.markdown)
    show(
        "How many times that of sheetsim compiled",
        ["rows", "engine", "compute", "all but compiling"],
        ratios,
        chosen.markdown,
    )
    sys.stdout.write(f"\n{machine()}\n")


def total(figures: Figures) -> float:
    return sum(getattr(figures, phase) or 0.0 for phase in PHASES if phase != "second")


def line(rows: int, name: str, figures: Figures, right: float) -> list[str]:
    seconds = [getattr(figures, phase) for phase in PHASES]
    return [
        f"{rows:,}",
        name,
        *("" if value is None else short(value) for value in seconds),
        short(total(figures)),
        f"{figures.peak_mib:,.0f}",
        verdict(name, answer(figures), right),
    ]


def left_out(rows: int, name: str, why: str) -> list[str]:
    return [f"{rows:,}", name, *("" for _ in PHASES), why, "", ""]


def verdict(name: str, answer: float, right: float) -> str:
    """How far the answer is off. Ends the program when it is wrong (LibreOffice's has 15 digits)."""
    if answer == right:
        return "bit for bit"
    if abs(answer - right) <= 1e-12 * abs(right):
        return f"{abs(answer - right) / abs(right):.0e} off"
    sys.exit(f"{name} gave {answer!r} for the last new a, which is {right!r}")


def compare(rows: int, found: dict[str, Figures]) -> list[list[str]]:
    """Each engine's seconds over those of OURS."""
    ours = found.get(OURS)
    if ours is None:
        return []
    ratios = []
    for name, figures in found.items():
        if figures is not ours:
            whole = "" if figures.read is None else f"{warm(figures) / warm(ours):.2f}"
            ratios.append([f"{rows:,}", name, f"{best(figures) / best(ours):.2f}", whole])
    return ratios


def answer(figures: Figures) -> float:
    return float(figures.answers[0] or 0.0)


def best(figures: Figures) -> float:
    """Seconds of computing a second time, where there is one."""
    return figures.compute if figures.second is None else figures.second


def warm(figures: Figures) -> float:
    """Seconds of everything but compiling."""
    return total(figures) - (figures.compile or 0.0)


if __name__ == "__main__":
    main()
