"""One input of a large book changed and one output read, beside calculating all of it again.

    python benchmarks/edit.py [--rows 40000] [--markdown]

The sheet has ten columns of formulas: eight that work on their own row, one recurrence down the column, and
one in which every row reads one cell. Three inputs are changed, of which little, half a column and all of two
columns depend. `first` is the first change after a calculation (who reads what is looked up then), `later`
the median of the next ones, each with another number; `all` a calculation from the start. IronCalc is given
the same input and evaluates. What all find is compared to the bit.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from tables import FOLDER, machine, progress, short, show

import sheetsim as ss
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate

COLUMNS = 10
REPEATS = 7
HEADINGS = ["changed", "formulas that depend on it", "first", "later", "all", "IronCalc"]


def main() -> None:
    options = argparse.ArgumentParser(description="Time edits of a book.")
    options.add_argument("--rows", type=int, default=40_000)
    options.add_argument("--markdown", action="store_true", help="print a table for RESULTS.md")
    chosen = options.parse_args()
    rows, file = chosen.rows, written(chosen.rows)
    middle, last = rows // 2, rows
    cases = [  # input, output, formulas that depend on the input
        (f"A{middle}", f"I{middle}", 8),
        (f"K{middle}", f"J{last}", rows - middle + 1),
        ("M1", f"I{last}", 2 * rows),
    ]
    progress("IronCalc")
    beside = IronCalc(file)
    table = []
    for cell, output, count in cases:
        progress(cell)
        book = ss.read(file).calculate()
        values = [0.5 + number / 8 for number in range(REPEATS)]
        seconds, found = zip(*[edited(book, cell, output, value) for value in values], strict=True)
        theirs, right = zip(*[beside.edited(cell, output, value) for value in values[:2]], strict=True)
        start = time.perf_counter()
        whole = calculate(book.workbook, make_plan(book.workbook))
        everything = time.perf_counter() - start
        row, column = book["s"][output].rect.top, book["s"][output].rect.left
        if whole.value("s", row, column) != found[-1] or list(found[:2]) != list(right):
            raise SystemExit(
                f"{cell}: {found[:2]}, IronCalc {right}, from the start {whole.value('s', row, column)}"
            )
        figures = [seconds[0], median(seconds[1:]), everything, min(theirs)]
        table.append([cell, f"{count:,}", *map(short, figures)])
    show(f"Seconds, {COLUMNS * rows:,} formulas", HEADINGS, table, chosen.markdown)
    sys.stdout.write(f"\n{machine()}\n")


def edited(book: ss.Book, cell: str, output: str, value: float) -> tuple[float, float]:
    start = time.perf_counter()
    book["s"][cell] = value
    found = float(book.calculate()["s"][output][0, 0])
    return time.perf_counter() - start, found


class IronCalc:
    def __init__(self, file: Path) -> None:
        import ironcalc

        self._model: Any = ironcalc.load_from_xlsx(str(file), "en", "UTC", "en")
        self._model.evaluate()

    def edited(self, cell: str, output: str, value: float) -> tuple[float, float]:
        start = time.perf_counter()
        self._model.set_user_input(0, *_place(cell), str(value))
        self._model.evaluate()
        found = float(self._model.get_cell_value(0, *_place(output)))
        return time.perf_counter() - start, found


def _place(cell: str) -> tuple[int, int]:
    return int(cell[1:]), ord(cell[0]) - ord("A") + 1


def written(rows: int) -> Path:
    """The file, by a bare xlsxwriter script; its formulas store 0."""
    import xlsxwriter

    file = FOLDER / f"edit_{rows}.xlsx"
    if not file.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        book = xlsxwriter.Workbook(str(file))
        sheet = book.add_worksheet("s")
        sheet.write(0, 12, 0.25)
        for row in range(rows):
            at = row + 1
            sheet.write(row, 0, (row * 7919 % 1000) / 8)
            sheet.write(row, 10, (row * 104729 % 1000) / 1024)
            for column, left in zip("BCDEFGH", "ABCDEFG", strict=True):
                sheet.write_formula(row, ord(column) - 65, f"={left}{at}*0.5+A{at}")
            sheet.write_formula(row, 8, f"=H{at}+L{at}")
            sheet.write_formula(row, 9, f"=K{at}" if row == 0 else f"=J{row}*0.5+K{at}")
            sheet.write_formula(row, 11, f"=$M$1*A{at}")
        book.close()
    return file


if __name__ == "__main__":
    main()
