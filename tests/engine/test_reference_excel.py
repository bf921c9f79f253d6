"""The per-cell definition against real Excel: the courses' workbooks, whose values Excel computed and stored.

Every formula cell is worked out from its neighbours' stored values and must give its own, to the bit.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetsim.address import cell_name
from sheetsim.backends.cells import evaluate
from sheetsim.formula import parse
from sheetsim.functions import is_volatile, unsupported
from sheetsim.functions.lifting import fit
from sheetsim.values import Values
from sheetsim.xlsx.read.workbook import read_workbook
from tests.functions.helpers import BookLookup

# file: how many formula cells at least, and those that differ (by 2 to 4 units in the last place, as every
# order of operations that we tried)
FILES: dict[str, tuple[int, set[str]]] = {
    "course-v3/graddesc.xlsm": (1594, set()),
    "course-v3/entropy_example.xlsx": (75, set()),
    "course-v3/mom_bias.xlsx": (548, set()),
    "course-v3/collab_filter.xlsx": (1000, {"movielens_1hot!BH21", "movielens_emb!Y21"}),
    "course22/entropy_example.xlsx": (39, set()),
    "course22/collab_filter.xlsx": (800, {"dotprod!Q33", "bias!Q34"}),
    "course22/conv-example.xlsx": (8136, set()),
}
SLOW = {"collab_filter.xlsx": 7}  # every nth cell of a filled range


@pytest.mark.parametrize("name", FILES)
def test_every_cell_is_what_excel_stored(lessons_dir: Path, name: str) -> None:
    book = read_workbook(lessons_dir / name)
    least, excused = FILES[name]
    step = SLOW.get(name.split("/")[1], 1)
    lookup = BookLookup(book)
    cells, different = 0, {}
    for sheet in book.sheets:
        for fill in sheet.fills:
            rect = fill.rect
            node = parse(fill.formula, rect.top, rect.left)
            if unsupported(node) or is_volatile(node):
                continue
            place = {"sheet": sheet.name, "lookup": lookup}
            if fill.array:
                whole = evaluate(node, row=rect.top, column=rect.left, array=True, **place)  # type: ignore[arg-type]
                assert isinstance(whole, Values)
                whole = fit(whole, *rect.shape)
            for row, column in list(rect.cells())[::step]:
                if fill.array:
                    computed = whole.get((row - rect.top, column - rect.left))
                else:
                    computed = evaluate(node, row=row, column=column, **place)  # type: ignore[arg-type]
                stored = sheet.value((row, column))
                cells += 1
                if type(computed) is not type(stored) or computed != stored:
                    different[f"{sheet.name}!{cell_name(row, column)}"] = (fill.formula, stored, computed)
    assert cells >= least
    assert {cell: what for cell, what in different.items() if cell not in excused} == {}
    for _, stored, computed in different.values():
        assert abs(computed - stored) <= 1e-15 * abs(stored)
