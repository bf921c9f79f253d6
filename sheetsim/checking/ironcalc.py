"""IronCalc as an independent judge: the workbook recalculated by the engine of that name (written in Rust).

It runs in a Python of its own (`ironcalc_script.py`), which writes the cells' values into a JSON file: a
panic inside it ends that process, not ours.
"""

from __future__ import annotations

import json
import tempfile
from itertools import pairwise
from pathlib import Path

from sheetsim.errors import SheetsimError
from sheetsim.processes import find_package, run_script
from sheetsim.values import ERRORS_BY_LABEL, ExcelError, Scalar
from sheetsim.workbook import Workbook

_SCRIPT = Path(__file__).with_name("ironcalc_script.py")


def installed() -> bool:
    return find_package("ironcalc") is not None


def recalculate(path: Path, timeout: float = 300) -> Workbook:
    """The workbook's cells with all formulas computed anew by IronCalc; it has values only, no formulas.

    SheetsimError when it is not installed, fails on the file, or is not done within `timeout` seconds.
    """
    with tempfile.TemporaryDirectory(prefix="sheetsim-") as folder:
        out = Path(folder) / "cells.json"
        files = [str(path.absolute()), str(out)]
        done = run_script(_SCRIPT, files, package="ironcalc", called="IronCalc", timeout=timeout)
        if done.returncode or not out.is_file():
            raise SheetsimError(f"IronCalc cannot compute {path.name}: {_reason(done.stderr)}")
        return _workbook(json.loads(out.read_text(encoding="utf-8")))


def _reason(said: str) -> str:
    """The line that says why: the panic's message, or the exception's (the last line)."""
    lines = [line for line in said.splitlines() if line.strip()]
    for line, following in pairwise(lines):
        if "panicked at" in line:
            return following.strip()
    return lines[-1].strip() if lines else "no reason given"


def _workbook(content: dict[str, list[list[object]]]) -> Workbook:
    book = Workbook()
    for name, cells in content.items():
        sheet = book.add_sheet(name)
        for row, column, error, value in cells:
            assert isinstance(row, int)
            assert isinstance(column, int)
            sheet.set((row, column), _scalar(value, bool(error)))
    return book


def _scalar(value: object, error: bool) -> Scalar:
    if error:  # what only IronCalc knows (#ERROR!, #CIRC!, #N/IMPL!) is no Excel value: no name for it
        return ERRORS_BY_LABEL.get(str(value), ExcelError.NAME)
    if value is None or isinstance(value, (bool, str)):
        return value
    assert isinstance(value, (int, float))
    return float(value)
