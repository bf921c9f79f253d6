"""A million learning rates through the 29 rows of the Adam sheet, beside the same loop written by hand.

    python benchmarks/scenarios.py [--scenarios 1000000] [--rows 29] [--markdown]

Ours is `book.function(["adam!D2"], ["adam!I32"])` of an array of learning rates, by compiled loops and by
NumPy; by hand it is a loop over scenarios around a loop over rows, compiled by numba, with its state in
variables. Processor time, the least of three; `compile` is what the first call, of 32 scenarios, takes. All
are compared to the bit.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import adam_sheet
import numpy as np
from tables import FOLDER, machine, progress, short, show

import sheetsim as ss

HEADINGS = ["by", "compile", "seconds", "ns a row", "of the loop by hand"]


def main() -> None:
    options = argparse.ArgumentParser(description="Time scenarios of the Adam sheet.")
    options.add_argument("--scenarios", type=int, default=1_000_000)
    options.add_argument("--rows", type=int, default=29)
    options.add_argument("--markdown", action="store_true", help="print a table for RESULTS.md")
    chosen = options.parse_args()
    file = FOLDER / f"adam_{chosen.rows}.xlsx"
    if not file.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        script = Path(adam_sheet.__file__)
        subprocess.run([sys.executable, script, file, str(chosen.rows)], check=True)
    book = ss.read(file)
    output = f"adam!I{adam_sheet.last_row(chosen.rows)}"
    ways: dict[str, Callable[..., Any]] = {
        "a loop by hand (numba)": by_hand(chosen.rows),
        "compiled loops": book.function(["adam!D2"], [output], backend="llvm"),
        "NumPy": book.function(["adam!D2"], [output], backend="numpy"),
    }
    rates = np.linspace(0.001, 1, chosen.scenarios)
    table, right, base = [], None, 0.0
    for name, function in ways.items():
        progress(name)
        first = timed(function, rates[:32])[0]
        seconds, found = min((timed(function, rates) for _ in range(3)), key=lambda pair: pair[0])
        right, base = (found, seconds) if right is None else (right, base)
        if not np.array_equal(found, right):
            raise SystemExit(f"{name}: other values than by hand")
        row = 1e9 * seconds / (chosen.scenarios * chosen.rows)
        table.append([name, short(first), short(seconds), f"{row:.1f}", f"{seconds / base:.2f} x"])
    show(f"{chosen.scenarios:,} scenarios of {chosen.rows} rows", HEADINGS, table, chosen.markdown)
    sys.stdout.write(f"\n{machine()}\n")


def timed(function: Callable[..., Any], rates: Any) -> tuple[float, Any]:
    start = time.process_time()
    found = function(rates)
    return time.process_time() - start, found


def by_hand(rows: int) -> Callable[..., Any]:
    import numba

    xs, ys = (np.array(column) for column in adam_sheet.data(rows))

    def loop(rates: Any, xs: Any, ys: Any, found: Any) -> None:
        rest1, rest2 = 1 - adam_sheet.BETA1, 1 - adam_sheet.BETA2
        for s in range(len(rates)):
            lr = rates[s]
            b, a, m_b, m_a, v_b, v_a = adam_sheet.START
            for i in range(len(xs)):
                x, y = xs[i], ys[i]
                de_db = 2 * (a * x + b - y)
                de_da = de_db * x
                m_b = m_b * adam_sheet.BETA1 + rest1 * de_db
                m_a = m_a * adam_sheet.BETA1 + rest1 * de_da
                v_b = v_b * adam_sheet.BETA2 + rest2 * (de_db * de_db)
                v_a = v_a * adam_sheet.BETA2 + rest2 * (de_da * de_da)
                b = b - m_b * lr / math.sqrt(v_b)
                a = a - m_a * lr / math.sqrt(v_a)
            found[s] = a

    compiled = numba.njit(loop)

    def run(rates: Any) -> Any:
        found = np.empty(len(rates))
        compiled(rates, xs, ys, found)
        return found

    return run


if __name__ == "__main__":
    main()
