"""Make docs/functions.md: every function, how it is computed, its source, and what Excel's files say.

    SHEETSIM_FUNCTIONS=... SHEETSIM_LESSONS=... python docs/functions.py

Where one of the folders is not given, the counts of cells stay as the page has them.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from excel_functions import FAMILIES

from sheetsim.address import cell_name, quote_sheet
from sheetsim.backends.tensor_bodies import smooth_body
from sheetsim.backends.tensor_operations import BY_KIND, REDUCING, SMOOTH, STEPS
from sheetsim.checking.recalc import recalculate
from sheetsim.formula.nodes import Call
from sheetsim.functions import FUNCTIONS, Function, is_volatile
from sheetsim.functions.outside import OUTSIDE
from sheetsim.plan.schedule import make_plan
from sheetsim.xlsx.read.workbook import read_workbook

PAGE = Path(__file__).with_suffix(".md")
FOLDERS = ("SHEETSIM_FUNCTIONS", "SHEETSIM_LESSONS")
SITE = "support.microsoft.com, "

CHOICES = frozenset({"IF", "IFERROR", "INDEX", "OFFSET"})
"""Slopes go through what they choose (`backends/tensor_formula.py`)."""
TRUTHS = frozenset({"AND", "NOT", "OR"})

HEAD = """# Functions

Made by `python docs/functions.py` from the records in `sheetsim/functions`; a test holds that it is
current. The families and names are those of support.microsoft.com, "Excel functions (by category)".

- **arguments**: the kinds, those that may be left out in brackets; `...` where the last go on. *number*,
  *text*, *boolean*: one value, coerced by Excel's rules; *strict*: a number, but no boolean (the former
  Analysis ToolPak); *any*, *given*, *corner*: one value as it is; *range*, *array*, *sized*: a rectangle of
  cells; *reference*, *lazy*: looked at before it is worked out, or perhaps not at all.
- **computed**: *primitives*: told once, and run on a cell at a time, on whole arrays, in generated loops
  and on a GPU; *arrays*: an implementation for whole arrays beside the one for a cell, which defines the
  meaning; *cells*: a cell at a time; *rule*: by the evaluators, as it takes references, functions or
  arguments that are not worked out. *Spans* goes with functions of ranges that many cells share, or that
  grow from cell to cell.
- **slope**: *yes*: `sheetsim grad`, `fit` and `solve` differentiate it; *0*: it is constant between its
  jumps; empty: it is taken as constant, with a note.
- **cells**, **apart**: how many formula cells of {files} workbooks that Excel (and, in the courses, Google
  Sheets) computed call it, and how many of those do not agree within 1e-12 with their stored values. Both
  are counted by cell, so a cell stands at every function that it calls. The cells apart are named, with the
  reasons, in `tests/functions/test_excel_files.py`.
- **page**: the page of support.microsoft.com that says what it means.
"""

TAIL = """## Reported by name

A cell that calls one of these is reported as unsupported, and so is what depends on it; nothing is guessed.

| function | why: it |
|---|---|
"""

Counts = dict[str, tuple[int, int]]
"""By function: cells that call it, and those that do not agree."""


def arguments(record: Function) -> str:
    shown = max(len(record.parameters), record.least)
    if not record.repeats:
        shown = min(shown, record.most)
    kinds = [record.kind(place) for place in range(shown)]
    needed, more = ", ".join(kinds[: record.least]), ", ".join(kinds[record.least :])
    if record.repeats:
        more = f"{more}, ..." if more else "..."
    if not more:
        return needed
    return f"{needed} [, {more}]" if needed else f"[{more}]"


def computed(record: Function) -> str:
    if record.rule is not None:
        way = "rule"
    elif record.body is not None:
        way = "primitives"
    else:
        way = "cells" if record.array is None else "arrays"
    return way if record.spans is None else f"{way}, spans"


def slope(record: Function) -> str:
    if record.name in STEPS or record.name in BY_KIND or record.name in TRUTHS:
        return "0"
    known = record.name in SMOOTH or record.name in REDUCING or record.name in CHOICES
    return "yes" if known or (record.most and smooth_body(record, max(record.least, 1))) else ""


def row(record: Function, counts: Counts) -> str:
    cells, apart = counts.get(record.name, (0, 0))
    source = record.source.removeprefix(SITE)
    parts = (record.name, arguments(record), computed(record), slope(record), f"{cells:,}", f"{apart:,}")
    return f"| {' | '.join(parts)} | {source} |"


def page(counts: Counts, files: int) -> str:
    """The page's text."""
    lines = [HEAD.format(files=files)]
    for family, text in FAMILIES.items():
        names = [name for name in text.split() if name in FUNCTIONS]
        if not names:
            continue
        lines += [f"## {family}\n", "| function | arguments | computed | slope | cells | apart | page |"]
        lines += ["|---|---|---|---|---|---|---|", *(row(FUNCTIONS[name], counts) for name in names), ""]
    return "\n".join([*lines, TAIL]) + "".join(
        f"| {name} | {why} |\n" for name, why in sorted(OUTSIDE.items())
    )


def read(text: str) -> tuple[Counts, int]:
    """The counts that stand in a page, and of how many files they are."""
    rows = re.findall(r"^\| (\S+) \|.*\| ([\d,]+) \| ([\d,]+) \| [^|]+ \|$", text, re.MULTILINE)
    files = re.search(r"formula cells of (\d+) workbooks", text)
    counts = {name: (_number(cells), _number(apart)) for name, cells, apart in rows}
    return counts, int(files[1]) if files else 0


def _number(digits: str) -> int:
    return int(digits.replace(",", ""))


def counted(files: Iterable[Path]) -> Counts:
    """By function: the formula cells of the files that call it and hold a value; those that do not agree."""
    cells: Counter[str] = Counter()
    apart: Counter[str] = Counter()
    for path in files:
        found = recalculate(path)
        differing = {one.cell for one in found.mismatches} | {one.cell for one in found.unsupported}
        book = read_workbook(path)
        for region in make_plan(book).regions:
            if region.node is None or is_volatile(region.node):
                continue
            names = {node.name for node in region.node.walk() if isinstance(node, Call)}
            held = [cell for cell in region.rect.cells() if book[region.sheet].value(cell) is not None]
            wrong = sum(f"{quote_sheet(region.sheet)}!{cell_name(*cell)}" in differing for cell in held)
            cells.update(dict.fromkeys(names, len(held)))
            apart.update(dict.fromkeys(names, wrong))
    return {name: (count, apart[name]) for name, count in cells.items()}


def main() -> None:
    places = [os.environ.get(name, "") for name in FOLDERS]
    if all(places):
        files = sorted(path for place in places for path in Path(place).rglob("*.xls[xm]"))
        counts, number = counted(files), len(files)
    else:
        counts, number = read(PAGE.read_text())
    PAGE.write_text(page(counts, number))


if __name__ == "__main__":
    main()
