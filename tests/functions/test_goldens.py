"""Formulas against what LibreOffice, IronCalc and Excel's documentation say (see golden_formulas.py)."""

import json
from typing import Any

import pytest

from sheetsim.values import ExcelError
from sheetsim.workbook import Workbook
from tests.functions.golden_formulas import EXCEL, FORMULAS, SHEET, VALUES
from tests.functions.helpers import work_out

RECORD = json.loads(VALUES.read_text())


@pytest.fixture(scope="module")
def book() -> Workbook:
    book = Workbook()
    sheet = book.add_sheet("Sheet")
    for letter, values in SHEET.items():
        for row, value in enumerate(values, 1):
            if value is not None:
                sheet.set(f"{letter}{row}", value if isinstance(value, (str, bool)) else float(value))
    sheet.set("G1", ExcelError.DIV0)
    sheet.set("G2", ExcelError.NA)
    return book


def same(value: Any, expected: Any) -> bool:
    """Equal, numbers to 15 digits (what LibreOffice writes)."""
    if isinstance(value, bool) or isinstance(expected, bool) or isinstance(value, str):
        return type(value) is type(expected) and value == expected
    return not isinstance(expected, str) and abs(value - expected) <= 1e-14 * abs(expected)


@pytest.mark.parametrize("formula", FORMULAS)
def test_value(book: Workbook, formula: str) -> None:
    value: Any = work_out(book, formula)
    value = value.label if isinstance(value, ExcelError) else value
    answers = RECORD["values"][formula]
    if formula in EXCEL:
        assert same(value, EXCEL[formula][0]), (value, EXCEL[formula], answers)
        return
    assert same(answers["libreoffice"], answers["ironcalc"]), f"needs an entry in EXCEL: {answers}"
    assert same(value, answers["libreoffice"]), (value, answers)


def test_the_record_is_of_these_formulas() -> None:
    assert list(RECORD["values"]) == FORMULAS
    assert set(EXCEL) <= set(FORMULAS)
    assert RECORD["producers"].keys() == {"libreoffice", "ironcalc"}
    assert RECORD["date"]


def test_no_entry_is_needless() -> None:
    """EXCEL overrules the programs only where one of them says something else."""
    for formula, (value, source) in EXCEL.items():
        answers = RECORD["values"][formula]
        assert source, formula
        assert not all(same(value, answer) for answer in answers.values()), formula
