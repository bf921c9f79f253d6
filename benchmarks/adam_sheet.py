"""The Adam sheet at any number of rows, written by a bare xlsxwriter script, and its recurrence as loops.

The layout is that of the lesson (`sheetsim export adam.xlsx`): x and y in A and B from row 4, eleven formulas
a row in C to M, the start state of the averages below the last row. The stored values come from `plain_loop`,
so the file owes nothing to sheetsim. One of them, the last new a, is stored as PLANTED, which is wrong: an
engine that gives the right value there has recalculated.

    python benchmarks/adam_sheet.py FILE.xlsx ROWS
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

FIRST_ROW = 4  # as Excel counts
COLUMNS = "CDEFGHIJKLM"  # the columns of formulas
LR, BETA1, BETA2 = 0.1, 0.9, 0.9
START = (1.0, 1.0, 0.0, 0.0, 10000.0, 10000.0)  # b, a, and the averages m_b, m_a, v_b, v_a
PLANTED = -1.0


def last_row(rows: int) -> int:
    """Excel's number of the last row of steps."""
    return FIRST_ROW + rows - 1


def formula_cells(rows: int) -> int:
    """Eleven a step, four in row 3 (the averages' start), 1-beta1 and 1-beta2."""
    return len(COLUMNS) * rows + 6


def data(rows: int) -> tuple[list[float], list[float]]:
    """x in 1..100 and y = 2x + 30 give or take 5, whole numbers. Without the noise the gradients of a long
    run, and then the averages of their squares, would reach 0, and a step would divide 0 by it."""
    xs, ys, state = [], [], 1
    for _ in range(rows):
        state = 16807 * state % 2147483647  # Park and Miller's generator
        x = float(1 + state % 100)
        state = 16807 * state % 2147483647
        xs.append(x)
        ys.append(2 * x + 30 + state % 11 - 5)
    return xs, ys


def plain_loop(xs: list[float], ys: list[float]) -> list[list[float]]:
    """Every formula cell of the steps: one list of eleven values a row, in the sheet's order."""
    b, a, m_b, m_a, v_b, v_a = START
    rest1, rest2 = 1 - BETA1, 1 - BETA2
    table = []
    for x, y in zip(xs, ys, strict=True):
        prediction = b + a * x
        de_db = 2 * (a * x + b - y)
        de_da = de_db * x
        m_b = m_b * BETA1 + rest1 * de_db
        m_a = m_a * BETA1 + rest1 * de_da
        v_b = v_b * BETA2 + rest2 * (de_db * de_db)
        v_a = v_a * BETA2 + rest2 * (de_da * de_da)
        new_b = b - m_b * LR / math.sqrt(v_b)
        new_a = a - m_a * LR / math.sqrt(v_a)
        table.append([b, a, prediction, de_db, de_da, new_b, new_a, m_b, m_a, v_b, v_a])
        b, a = new_b, new_a
    return table


def numba_loop() -> Callable[..., None]:
    """The same loop as one writes it by hand for numba, `loop(xs, ys, table)` with a table [11, rows]."""
    import numba

    def loop(xs: Any, ys: Any, table: Any) -> None:
        b, a, m_b, m_a, v_b, v_a = START
        rest1, rest2 = 1 - BETA1, 1 - BETA2
        for i in range(len(xs)):
            x, y = xs[i], ys[i]
            de_db = 2 * (a * x + b - y)
            de_da = de_db * x
            m_b = m_b * BETA1 + rest1 * de_db
            m_a = m_a * BETA1 + rest1 * de_da
            v_b = v_b * BETA2 + rest2 * (de_db * de_db)
            v_a = v_a * BETA2 + rest2 * (de_da * de_da)
            table[0, i], table[1, i], table[2, i] = b, a, b + a * x
            table[3, i], table[4, i] = de_db, de_da
            b = b - m_b * LR / math.sqrt(v_b)
            a = a - m_a * LR / math.sqrt(v_a)
            table[5, i], table[6, i] = b, a
            table[7, i], table[8, i], table[9, i], table[10, i] = m_b, m_a, v_b, v_a

    return numba.njit(loop)


def step_formulas(row: int) -> list[str]:
    """The formulas of C to M in a row, as Excel counts rows."""
    r, above = row, row - 1
    first = row == FIRST_ROW
    return [
        "C1" if first else f"H{above}",
        "C2" if first else f"I{above}",
        f"C{r}+D{r}*A{r}",
        f"2*(D{r}*A{r}+C{r}-B{r})",
        f"F{r}*A{r}",
        f"C{r}-J{r}*$D$2/SQRT(L{r})",
        f"D{r}-K{r}*$D$2/SQRT(M{r})",
        f"J{above}*$J$1+$K$1*F{r}",
        f"K{above}*$J$1+$K$1*G{r}",
        f"L{above}*$L$1+$M$1*F{r}^2",
        f"M{above}*$L$1+$M$1*G{r}^2",
    ]


def write(path: str, rows: int) -> None:
    import xlsxwriter

    xs, ys = data(rows)
    table = plain_loop(xs, ys)
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("adam")
    sheet.write_row("B1", ["intercept", START[0]])  # from the top down: that is what constant_memory asks
    sheet.write_row("I1", ["beta1", BETA1])
    sheet.write_formula("K1", "1-J1", None, 1 - BETA1)
    sheet.write("L1", BETA2)
    sheet.write_formula("M1", "1-L1", None, 1 - BETA2)
    sheet.write_row("B2", ["slope", START[1], LR])
    end = last_row(rows)
    for column, value in zip("JKLM", START[2:], strict=True):
        sheet.write_formula(f"{column}3", f"{column}{end + 1}", None, value)
    write_formula, write_number = sheet.write_formula, sheet.write_number
    for i, values in enumerate(table):
        row = FIRST_ROW - 1 + i
        write_number(row, 0, xs[i])
        write_number(row, 1, ys[i])
        if i == rows - 1:
            values[COLUMNS.index("I")] = PLANTED
        for place, formula in enumerate(step_formulas(row + 1)):
            write_formula(row, 2 + place, formula, None, values[place])
    sheet.write_row(end, 9, START[2:])
    book.close()


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]))
