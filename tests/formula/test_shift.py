"""Formula texts moved without parsing, against openpyxl's Translator."""

import pytest
from openpyxl.formula.translate import Translator

from sheetsim.formula.shift import moved, shifted

FORMULAS = [
    "C4-J4*$D$2/SQRT(L3)",
    "SUM(A$1:$B2)+LOG10(C3)*1E3",
    "'A1 b'!C5&\"A1\"",
    "SUM(A:C)+SUM($A:B)",
    "SUM(3:5)+SUM($3:5)",
    "IF(avg_grad2>A1,TRUE,#N/A)",
    "Sheet1!A1:B2 C3",
    "{1,2}*A1",
]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize(
    ("cell", "rows", "columns"), [("K9", 0, 0), ("K10", 1, 0), ("M9", 0, 2), ("L99", 90, 1)]
)
def test_a_moved_formula_reads_as_openpyxl_translates_it(
    formula: str, cell: str, rows: int, columns: int
) -> None:
    expected = Translator("=" + formula, origin="K9").translate_formula(cell)
    assert "=" + moved(formula, rows, columns) == expected


def test_relative_rows_are_left_open() -> None:
    assert shifted("C4-J3*$D$2", 2, 0) == ["C", 5, "-J", 4, "*$D$2"]


@pytest.mark.parametrize(("rows", "columns"), [(-4, 0), (0, -3), (1048573, 0), (0, 16382)])
def test_a_reference_cannot_leave_the_sheet(rows: int, columns: int) -> None:
    with pytest.raises(ValueError, match="leaves the sheet"):
        moved("C4", rows, columns)
