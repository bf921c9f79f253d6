"""Run in a Python of its own (see `ironcalc.py`): `ironcalc_script.py PACKAGES IN.xlsx OUT.json`.

IronCalc, which the folder PACKAGES holds, computes all formulas of IN.xlsx; OUT.json holds each sheet's cells
as [row, column, is an error, value]. It imports nothing of sheetsim, so that nothing has to be found.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(packages: str, source: str, out: str) -> None:
    sys.path.append(packages)  # behind the standard library
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
    main(*sys.argv[1:])
