"""IronCalc as an independent judge: the workbook recalculated by the engine of that name (written in Rust).

It runs in a Python of its own (`python -m sheetsim.checking.ironcalc IN OUT`), which writes each cell as
[sheet, row, column, value] into a JSON file: a panic inside it ends that process, not ours.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

from sheetsim.errors import SheetsimError
from sheetsim.values import ERRORS_BY_LABEL, ExcelError, Scalar
from sheetsim.workbook import Workbook


def installed() -> bool:
    return importlib.util.find_spec("ironcalc") is not None


def recalculate(path: Path, timeout: float = 300) -> Workbook:
    """The workbook's cells with all formulas computed anew by IronCalc; it has values only, no formulas.

    SheetsimError when it is not installed, fails on the file, or is not done within `timeout` seconds.
    """
    if not installed():
        raise SheetsimError("IronCalc is not installed: pip install ironcalc")
    with tempfile.TemporaryDirectory(prefix="sheetsim-") as folder:
        out = Path(folder) / "cells.json"
        # -P: no module that lies beside the user's workbook is imported instead of the real one
        command = [sys.executable, "-P", "-m", "sheetsim.checking.ironcalc", str(path), str(out)]
        package = Path(__file__).parents[2]
        try:
            done = subprocess.run(
                command,
                env={**os.environ, "PYTHONPATH": f"{package}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"},
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise SheetsimError(f"IronCalc was not done after {timeout:g} s") from None
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


def _work(source: str, out: str) -> None:
    """In the process of its own: load, evaluate, write every cell."""
    import ironcalc as engine

    model = engine.load_from_xlsx(source)
    model.evaluate()
    names = [properties["name"] for properties in model.get_worksheets_properties()]
    content: dict[str, list[list[object]]] = {name: [] for name in names}
    for sheet, row, column in model.get_all_cells():
        value = model.get_cell_value(sheet, row, column)
        error = False
        if isinstance(value, str):
            error = model.get_cell_type(sheet, row, column) == engine.CellType.ErrorValue
        content[names[sheet]].append([row - 1, column - 1, error, value])
    Path(out).write_text(json.dumps(content, allow_nan=False), encoding="utf-8")


if __name__ == "__main__":
    _work(sys.argv[1], sys.argv[2])
