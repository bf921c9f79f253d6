"""The sheets that engines are set beside each other on: how each is written, and what is right in it.

A sheet of `rows` rows is written by a bare xlsxwriter script, so it owes nothing to sheetsim, and every
formula but Adam's stores 0: an engine that gives the right values has calculated. What is right, in a few
rows spread over the sheet and always in the last one, is worked out here in plain Python, in the order the
formulas are written in.

    python benchmarks/sheets.py NAME FILE.xlsx ROWS
"""

from __future__ import annotations

import math
import sys
from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import adam_sheet
from array_sheets import (
    arrays_expected,
    arrays_write,
    lambdas_expected,
    lambdas_write,
    spills_expected,
    spills_write,
)
from cells import Expected, column, numbers, sampled


@dataclass(frozen=True)
class Sheet:
    """`write(path, rows)` makes the file, `expected(rows)` says what some of its cells must hold; `aim` is
    what the project wants of computing it."""

    title: str
    rows: int
    aim: str
    write: Callable[[str, int], None]
    expected: Callable[[int], Expected]


def write_rows(path: str, sheets: dict[str, Callable[[Any], None]]) -> None:
    """A file with the sheets, each filled by its function from the top down."""
    import xlsxwriter

    book = xlsxwriter.Workbook(path)
    for name, fill in sheets.items():
        fill(book.add_worksheet(name))
    book.close()


# --- Adam, and a chain from the bottom up ------------------------------------------------------------------


def adam_expected(rows: int) -> Expected:
    table = adam_sheet.plain_loop(*adam_sheet.data(rows))
    first = adam_sheet.FIRST_ROW - 1
    return {("adam", first + row, 8): table[row][adam_sheet.COLUMNS.index("I")] for row in sampled(rows)}


def chain_write(path: str, rows: int) -> None:
    def fill(sheet: Any) -> None:
        for row, value in enumerate(numbers(rows, 100)):
            sheet.write_number(row, 0, value)
            sheet.write_formula(row, 1, f"=B{row + 2}*0.999+A{row + 1}")

    write_rows(path, {"chain": fill})


def chain_expected(rows: int) -> Expected:
    found, value = [0.0] * rows, 0.0
    data = numbers(rows, 100)
    for row in reversed(range(rows)):
        value = found[row] = value * 0.999 + data[row]
    return column("chain", found, 1)


# --- ranges that grow and windows that slide ---------------------------------------------------------------


def sum_write(path: str, rows: int) -> None:
    def fill(sheet: Any) -> None:
        for row, value in enumerate(numbers(rows, 1000)):
            sheet.write_number(row, 0, value / 8)
            sheet.write_formula(row, 1, f"=SUM(A$1:A{row + 1})")

    write_rows(path, {"sums": fill})


def sum_expected(rows: int) -> Expected:
    found, total = [], 0.0
    for value in numbers(rows, 1000):
        total += value / 8
        found.append(total)
    return column("sums", found, 1)


WINDOW = 10


def running_write(path: str, rows: int) -> None:
    keys, values = numbers(rows, 500), numbers(rows, 100_000, 7)

    def fill(sheet: Any) -> None:
        for row in range(rows):
            r = row + 1
            sheet.write_number(row, 0, keys[row])
            sheet.write_number(row, 1, values[row] / 8)
            sheet.write_formula(row, 2, f"=COUNTIF(A$1:A{r},A{r})")
            sheet.write_formula(row, 3, f"=MAX(B$1:B{r})")
            sheet.write_formula(row, 4, f"=AVERAGE(B{r}:B{row + WINDOW})")

    write_rows(path, {"running": fill})


def running_expected(rows: int) -> Expected:
    keys, values = numbers(rows, 500), [value / 8 for value in numbers(rows, 100_000, 7)]
    seen: dict[int, int] = {}
    counts, tops, means, top = [], [], [], -math.inf
    for row in range(rows):
        seen[keys[row]] = seen.get(keys[row], 0) + 1
        top = max(top, values[row])
        counts.append(float(seen[keys[row]]))
        tops.append(top)
        window = values[row : row + WINDOW]
        means.append(sum(window) / len(window))
    places = (counts, tops, means)
    return {
        cell: value
        for i, found in enumerate(places, 2)
        for cell, value in column("running", found, i).items()
    }


def median_write(path: str, rows: int) -> None:
    def fill(sheet: Any) -> None:
        for row, value in enumerate(numbers(rows, 100_000)):
            sheet.write_number(row, 0, value)
            sheet.write_formula(row, 1, f"=MEDIAN(A$1:A{row + 1})")

    write_rows(path, {"medians": fill})


def median_expected(rows: int) -> Expected:
    ordered: list[int] = []
    found = []
    for value in numbers(rows, 100_000):
        insort(ordered, value)
        n = len(ordered)
        found.append((ordered[(n - 1) // 2] + ordered[n // 2]) / 2)
    return column("medians", found, 1)


# --- convolution, one-hot products -------------------------------------------------------------------------

KERNEL = [-1.0, 0.0, 1.0, -2.0, 0.0, 2.0, -1.0, 0.0, 1.0]


def conv_write(path: str, rows: int) -> None:
    from xlsxwriter.utility import xl_rowcol_to_cell as at

    image = numbers((rows + 2) * (rows + 2), 256)

    def fill(sheet: Any) -> None:
        for row in range(rows):
            for place in range(rows):
                window = f"image!{at(row, place)}:{at(row + 2, place + 2)}"
                sheet.write_formula(row, place, f"=MAX(0,SUMPRODUCT({window},kernel!$A$1:$C$3))")

    def pixels(sheet: Any) -> None:
        for place, value in enumerate(image):
            sheet.write_number(place // (rows + 2), place % (rows + 2), value)

    def kernel(sheet: Any) -> None:
        for place, value in enumerate(KERNEL):
            sheet.write_number(place // 3, place % 3, value)

    write_rows(path, {"conv": fill, "image": pixels, "kernel": kernel})


def conv_expected(rows: int) -> Expected:
    image = numbers((rows + 2) * (rows + 2), 256)
    found: Expected = {}
    for row in sampled(rows):
        for place in sampled(rows):
            total = 0.0
            for i, weight in enumerate(KERNEL):
                total += image[(row + i // 3) * (rows + 2) + place + i % 3] * weight
            found["conv", row, place] = max(0.0, total)
    return found


LEVELS, FACTORS = 15, 5


def onehot_write(path: str, rows: int) -> None:
    from xlsxwriter.utility import xl_rowcol_to_cell as at

    def fill(sheet: Any) -> None:
        for row, level in enumerate(numbers(rows, LEVELS)):
            sheet.write_number(row, 0, level)
            for place in range(LEVELS):
                sheet.write_formula(
                    row, 1 + place, f"=IF($A{row + 1}=levels!{at(0, place, row_abs=True)},1,0)"
                )
            first, last = 1 + LEVELS, LEVELS + FACTORS
            product = f"{{=MMULT(B{row + 1}:P{row + 1},u!$A$1:$E$15)}}"
            sheet.write_array_formula(row, first, row, last, product)

    def levels(sheet: Any) -> None:
        sheet.write_row(0, 0, range(LEVELS))

    def vectors(sheet: Any) -> None:
        for place, value in enumerate(numbers(LEVELS * FACTORS, 1000, 3)):
            sheet.write_number(place // FACTORS, place % FACTORS, value / 1000)

    write_rows(path, {"onehot": fill, "levels": levels, "u": vectors})


def onehot_expected(rows: int) -> Expected:
    vectors = [value / 1000 for value in numbers(LEVELS * FACTORS, 1000, 3)]
    ids = numbers(rows, LEVELS)
    return {
        ("onehot", row, 1 + LEVELS + place): vectors[ids[row] * FACTORS + place]
        for row in sampled(rows)
        for place in range(FACTORS)
    }


# --- look-ups ----------------------------------------------------------------------------------------------

KEYS = 1000


def sumif_write(path: str, rows: int) -> None:
    keys, values = numbers(rows, KEYS), numbers(rows, 10_000, 7)

    def fill(sheet: Any) -> None:
        for row in range(rows):
            r = row + 1
            sheet.write_number(row, 0, keys[row])
            sheet.write_number(row, 1, values[row] / 8)
            sheet.write_formula(row, 2, f"=SUMIF(A$1:A${rows},A{r},B$1:B${rows})")
            sheet.write_formula(row, 3, f"=COUNTIF(A$1:A${rows},A{r})")

    write_rows(path, {"sumif": fill})


def sumif_expected(rows: int) -> Expected:
    keys, values = numbers(rows, KEYS), numbers(rows, 10_000, 7)
    sums, counts = [0.0] * KEYS, [0.0] * KEYS
    for key, value in zip(keys, values, strict=True):
        sums[key] += value / 8
        counts[key] += 1
    found = column("sumif", [sums[key] for key in keys], 2)
    return found | column("sumif", [counts[key] for key in keys], 3)


def match_write(path: str, rows: int) -> None:
    ids = numbers(rows, KEYS)

    def fill(sheet: Any) -> None:
        for row in range(rows):
            r = row + 1
            sheet.write_number(row, 0, ids[row])
            sheet.write_formula(row, 1, f"=MATCH(A{r},u!$A$1:$A${KEYS},0)")
            for place, name in enumerate("BCDEF"):
                formula = f"=INDEX(u!{name}$1:{name}${KEYS},$B{r})"
                sheet.write_formula(row, 2 + place, formula)
            sheet.write_formula(row, 7, f"=SUMPRODUCT(C{r}:G{r},w!$A$1:$E$1)")

    def vectors(sheet: Any) -> None:
        table = numbers(KEYS * FACTORS, 1000, 3)
        for row in range(KEYS):
            sheet.write_number(row, 0, KEYS - 1 - row)
            for place in range(FACTORS):
                sheet.write_number(row, 1 + place, table[row * FACTORS + place] / 1000)

    def weights(sheet: Any) -> None:
        sheet.write_row(0, 0, range(1, FACTORS + 1))

    write_rows(path, {"match": fill, "u": vectors, "w": weights})


def match_expected(rows: int) -> Expected:
    table, found = numbers(KEYS * FACTORS, 1000, 3), []
    for key in numbers(rows, KEYS):
        total, start = 0.0, (KEYS - 1 - key) * FACTORS
        for place in range(FACTORS):
            total += table[start + place] / 1000 * (place + 1)
        found.append(total)
    return column("match", found, 7)


# --- text and conditions -----------------------------------------------------------------------------------

WORDS = ["ship", "train", "plane", "Train"]


def text_write(path: str, rows: int) -> None:
    amounts, words = numbers(rows, 10_000), numbers(rows, len(WORDS), 7)

    def fill(sheet: Any) -> None:
        for row in range(rows):
            r = row + 1
            sheet.write_number(row, 0, amounts[row])
            sheet.write_string(row, 1, WORDS[words[row]])
            sheet.write_formula(row, 2, f"=IF(A{r}>5000,ROUND(A{r}/7,2),IF(A{r}>100,A{r}*2,0))")
            sheet.write_formula(row, 3, f'=IF(B{r}="train",1,-1)')
            sheet.write_formula(row, 4, f'=B{r}&"-"&A{r}')
            sheet.write_formula(row, 5, f"=MIN(MAX(C{r},50),A{r},900)")

    write_rows(path, {"text": fill})


def text_expected(rows: int) -> Expected:
    amounts, words = numbers(rows, 10_000), numbers(rows, len(WORDS), 7)
    found: Expected = {}
    for row in sampled(rows):
        amount, word = amounts[row], WORDS[words[row]]
        # no amount / 7 lies near half a cent: rounding by integers is Excel's
        cents = math.floor(amount * 100 / 7 + 0.5) / 100
        first = cents if amount > 5000 else amount * 2.0 if amount > 100 else 0.0
        found["text", row, 2] = first
        found["text", row, 3] = 1.0 if word.casefold() == "train" else -1.0
        found["text", row, 4] = f"{word}-{amount}"
        found["text", row, 5] = float(min(max(first, 50.0), amount, 900))
    return found


SHEETS: dict[str, Sheet] = {
    "adam": Sheet(
        "Adam, 11 columns", 100_000, "first 5x, second 60x IronCalc", adam_sheet.write, adam_expected
    ),
    "chain": Sheet("chain written upwards", 100_000, "second 10x the best", chain_write, chain_expected),
    "sums": Sheet("SUM(A$1:A1)", 100_000, "50x the best", sum_write, sum_expected),
    "conv": Sheet("3x3 convolution, ReLU", 512, "20x IronCalc", conv_write, conv_expected),
    "onehot": Sheet("one-hot by IF, {=MMULT()}", 10_000, "20x IronCalc", onehot_write, onehot_expected),
    "sumif": Sheet("SUMIF + COUNTIF, 1,000 keys", 20_000, "50x the best", sumif_write, sumif_expected),
    "running": Sheet(
        "growing COUNTIF, MAX; sliding AVERAGE", 20_000, "20x the best", running_write, running_expected
    ),
    "text": Sheet("IF, ROUND, =, &, MIN/MAX", 100_000, "10x IronCalc", text_write, text_expected),
    "match": Sheet("MATCH, INDEX, SUMPRODUCT", 100_000, "20x IronCalc", match_write, match_expected),
    "arrays": Sheet("FILTER, SORT, SORTBY, UNIQUE", 100_000, "n log n", arrays_write, arrays_expected),
    "lambdas": Sheet("MAP, REDUCE, SCAN", 100_000, "linear", lambdas_write, lambdas_expected),
    "spills": Sheet("spilled arrays, A1#", 10_000, "linear", spills_write, spills_expected),
    "medians": Sheet("MEDIAN(A$1:A1)", 20_000, "n log n", median_write, median_expected),
}


if __name__ == "__main__":
    SHEETS[sys.argv[1]].write(sys.argv[2], int(sys.argv[3]))
