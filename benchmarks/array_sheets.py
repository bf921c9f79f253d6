"""Sheets of dynamic arrays and LAMBDAs for `sheets.py`: written and answered likewise."""

from __future__ import annotations

from typing import Any

import xlsxwriter
from cells import Expected, column, numbers

KEYS = 1000


def _write(path: str, rows: int, formulas: dict[str, str]) -> None:
    """`rows` numbers in A and B, and formulas that spill from the cells named."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("arrays")
    for row, (amount, key) in enumerate(zip(numbers(rows, 10**6), numbers(rows, KEYS, 7), strict=True)):
        sheet.write_number(row, 0, amount)
        sheet.write_number(row, 1, key)
    for cell, formula in formulas.items():
        sheet.write_dynamic_array_formula(f"{cell}:{cell}", formula.format(n=rows))
    book.close()


def arrays_write(path: str, rows: int) -> None:
    _write(
        path,
        rows,
        {
            "D1": "=SORT(A1:A{n})",
            "E1": "=FILTER(A1:A{n},B1:B{n}>499)",
            "F1": "=UNIQUE(B1:B{n})",
            "G1": "=SORTBY(A1:A{n},B1:B{n},-1)",
        },
    )


def arrays_expected(rows: int) -> Expected:
    amounts, keys = numbers(rows, 10**6), numbers(rows, KEYS, 7)
    kept = [float(amount) for amount, key in zip(amounts, keys, strict=True) if key > 499]
    by_key = [float(amount) for amount, _ in sorted(zip(amounts, keys, strict=True), key=lambda p: -p[1])]
    found = column("arrays", [float(amount) for amount in sorted(amounts)], 3)
    found |= column("arrays", kept, 4)
    found |= column("arrays", [float(key) for key in dict.fromkeys(keys)], 5)
    return found | column("arrays", by_key, 6)


def lambdas_write(path: str, rows: int) -> None:
    _write(
        path,
        rows,
        {
            "D1": "=MAP(A1:A{n},LAMBDA(a,IF(a>1000,a*2,a)))",
            "E1": "=REDUCE(0,A1:A{n},LAMBDA(t,a,t+a*2))",
            "F1": "=SCAN(0,B1:B{n},LAMBDA(t,b,t+b))",
        },
    )


def lambdas_expected(rows: int) -> Expected:
    amounts, keys = numbers(rows, 10**6), numbers(rows, KEYS, 7)
    totals, total = [], 0.0
    for key in keys:
        total += key
        totals.append(total)
    found = column("arrays", [float(a * 2 if a > 1000 else a) for a in amounts], 3)
    found["arrays", 0, 4] = float(sum(2 * amount for amount in amounts))
    return found | column("arrays", totals, 5)


def spills_write(path: str, rows: int) -> None:
    """An array of three cells in each row, and one that reads it by `#`."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("arrays")
    for row, amount in enumerate(numbers(rows, 10**6)):
        sheet.write_number(row, 0, amount)
        sheet.write_dynamic_array_formula(row, 1, row, 1, f"=SEQUENCE(1,3,A{row + 1})")
        sheet.write_formula(row, 5, f"=SUM(_xlfn.ANCHORARRAY(B{row + 1}))")
    book.close()


def spills_expected(rows: int) -> Expected:
    amounts: list[Any] = numbers(rows, 10**6)
    found = column("arrays", [amount + 2.0 for amount in amounts], 3)
    return found | column("arrays", [3.0 * amount + 3.0 for amount in amounts], 5)
