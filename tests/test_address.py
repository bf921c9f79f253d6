"""Ranges as people type them."""

from __future__ import annotations

import pytest

from sheetsim.address import MAX_COLUMNS, MAX_ROWS, Rect


@pytest.mark.parametrize(
    ("text", "rect"),
    [
        ("B2", Rect(1, 1, 2, 2)),
        ("$B$2:c4", Rect(1, 1, 4, 3)),
        ("C4:B2", Rect(1, 1, 4, 3)),
        ("B:C", Rect(0, 1, MAX_ROWS, 3)),
        ("$2:4", Rect(1, 0, 4, MAX_COLUMNS)),
        ("XFD1048576", Rect(MAX_ROWS - 1, MAX_COLUMNS - 1, MAX_ROWS, MAX_COLUMNS)),
    ],
)
def test_a_range_is_read(text: str, rect: Rect) -> None:
    assert Rect.parse(text) == rect


@pytest.mark.parametrize(
    "text", ["", ":", "E4:", ":E4", "E", "E0", "4", "E4:F", "0:3", "XFE1", "A1048577", "E4:F5:G6"]
)
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        Rect.parse(text)
