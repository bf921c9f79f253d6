"""docs/differences.md: each example in its tables is computed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sheetsim.values import ERRORS_BY_LABEL, Scalar
from sheetsim.workbook import Workbook
from tests.functions.helpers import work_out

PAGE = Path(__file__).parent.parent / "docs" / "differences.md"
ROW = re.compile(
    r"^\| (?P<rule>[^|]+) \| `(?P<formula>[^`]+)` \| `(?P<value>[^`]+)` \| (?P<evidence>[^|]+) \|$"
)
ROWS = [found for line in PAGE.read_text().splitlines() if (found := ROW.match(line))]


def _read(text: str) -> Scalar:
    if text in ERRORS_BY_LABEL:
        return ERRORS_BY_LABEL[text]
    return text == "TRUE" if text in ("TRUE", "FALSE") else float(text)


@pytest.mark.parametrize("row", ROWS, ids=[row["formula"] for row in ROWS])
def test_example(row: re.Match[str]) -> None:
    book = Workbook()
    book.add_sheet("Sheet")
    value, expected = work_out(book, row["formula"]), _read(row["value"])
    assert type(value) is type(expected)
    assert (
        value == pytest.approx(expected, rel=1e-15, abs=1e-25)
        if isinstance(expected, float)
        else value == expected
    )


def test_the_page_is_read() -> None:
    assert len(ROWS) >= 20
    assert all(row["evidence"].strip() for row in ROWS)
