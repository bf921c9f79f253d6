"""`sheetsim export adam.xlsx` beside a bare xlsxwriter script that writes the same cells: whole processes.

    python benchmarks/export.py [--repeats 11]

The script's cells are read back, once, from an exported file: the same numbers, texts, formulas and stored
values, without formats, charts, names and notes, and without anything to compute. The two take turns; the
median of the ratios must be at most LIMIT, or the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT = 3.0

BARE = """
import json, sys
import xlsxwriter
book = xlsxwriter.Workbook(sys.argv[2])
for name, cells in json.load(open(sys.argv[1])).items():
    sheet = book.add_worksheet(name)
    for row, column, formula, value in cells:
        if formula is not None:
            sheet.write_formula(row, column, formula, None, value)
        elif isinstance(value, str):
            sheet.write_string(row, column, value)
        else:
            sheet.write_number(row, column, value)
book.close()
"""


def main() -> None:
    options = argparse.ArgumentParser(description="Time `sheetsim export` beside a bare xlsxwriter script.")
    options.add_argument("--repeats", type=int, default=11)
    repeats = options.parse_args().repeats
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export = [sys.executable, "-m", "sheetsim", "export", "adam.xlsx", "--force"]
        seconds(export, folder)
        cells = read_back(folder / "adam.xlsx")
        (folder / "cells.json").write_text(json.dumps(cells), encoding="utf-8")
        (folder / "bare.py").write_text(BARE, encoding="utf-8")
        bare = [sys.executable, "bare.py", "cells.json", "bare.xlsx"]
        seconds(bare, folder)
        pairs = [(seconds(export, folder), seconds(bare, folder)) for _ in range(repeats)]
    ours, theirs = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    count = sum(len(sheet) for sheet in cells.values())
    sys.stdout.write(
        f"sheetsim export adam.xlsx  {ours:.3f} s\n"
        f"bare xlsxwriter script     {theirs:.3f} s  ({count:,} cells)\n"
        f"ratio                      {ratio:.2f}  (median of {repeats} pairs, at most {LIMIT:g})\n"
    )
    sys.exit(ratio > LIMIT)


def seconds(command: list[str], folder: Path) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - start


def read_back(file: Path) -> dict[str, list[list[object]]]:
    """[row, column, formula or None, value] of every cell, by sheet; rows and columns from 0."""
    import openpyxl

    stored = openpyxl.load_workbook(file, data_only=True)
    cells: dict[str, list[list[object]]] = {}
    for sheet in openpyxl.load_workbook(file).worksheets:
        cells[sheet.title] = [
            [
                cell.row - 1,
                cell.column - 1,
                formula_text(cell.value) if cell.data_type == "f" else None,
                stored[sheet.title][cell.coordinate].value,
            ]
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        ]
    return cells


def formula_text(value: object) -> str:
    """Of a plain or an array formula."""
    return str(getattr(value, "text", value))


if __name__ == "__main__":
    main()
