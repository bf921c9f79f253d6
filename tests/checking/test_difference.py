"""Two workbooks side by side: what changed, region by region."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sheetsim.address import Rect
from sheetsim.checking.compare import Tolerance
from sheetsim.checking.difference import (
    FormulaDifference,
    SheetOnlyIn,
    ValueDifference,
    differences,
    uncovered,
)
from sheetsim.workbook import Workbook


def made(formulas: dict[str, str], typed: dict[str, object], name: str = "s") -> Workbook:
    book = Workbook()
    sheet = book.add_sheet(name)
    for address, value in typed.items():
        sheet.set(address, value)  # type: ignore[arg-type]
    for address, formula in formulas.items():
        sheet.fill(address, formula)
    return book


def found(before: Workbook, after: Workbook, rtol: float = 0.0) -> list[object]:
    return list(differences(before, after, Tolerance(relative=rtol)))


def test_equal_books_have_none() -> None:
    book = made({"B1:B9": "A1*2"}, {"A1": 1.0, "B1": 2.0})
    assert found(book, made({"B1:B4": "A1*2", "B5:B9": "A5*2"}, {"A1": 1.0, "B1": 2.0})) == []


def test_one_changed_cell_of_a_filled_column_is_one_difference() -> None:
    after = made({"B1:B4": "A1*2", "B5": "A4*2", "B6:B9": "A6*2"}, {})
    assert found(made({"B1:B9": "A1*2"}, {}), after) == [
        FormulaDifference("s", Rect.parse("B5"), "A5*2", "A4*2")
    ]


def test_typed_over_and_new_formulas() -> None:
    before = made({"B1:C9": "A1*2"}, {})
    after = made({"B1:C3": "A1*2", "B4:B9": "A4*2", "C5:C9": "B5*2", "E1": "A1"}, {"C4": 7.0})
    assert found(before, after) == [
        FormulaDifference("s", Rect.parse("E1"), None, "A1"),
        FormulaDifference("s", Rect.parse("C4"), "B4*2", None),
    ]


def test_values_by_region_and_typed_runs() -> None:
    before = made({"B1:B3": "A1*2"}, {"A1": 1.0, "A2": 2.0, "B1": 2.0, "B2": 4.0, "D1": "x"})
    after = made({"B1:B3": "A1*2"}, {"A1": 3.0, "A2": 5.0, "B1": 6.0, "B2": 4.0, "D1": "x"})
    assert found(before, after) == [
        ValueDifference("s", Rect.parse("A1:A2"), 2, (0, 0), 1.0, 3.0, None),
        ValueDifference("s", Rect.parse("B1:B3"), 1, (0, 1), 2.0, 6.0, "A1*2"),
    ]
    near = made({"B1:B3": "A1*2"}, {"A1": 1.0 + 1e-13, "A2": 2.0, "B1": 2.0, "B2": 4.0, "D1": "x"})
    assert found(before, near, rtol=1e-12) == []


def test_sheets_that_one_book_has() -> None:
    assert found(made({}, {}, "old"), made({}, {}, "new")) == [
        SheetOnlyIn("old", before=True),
        SheetOnlyIn("new", before=False),
    ]


@given(st.lists(st.tuples(*[st.integers(0, 6)] * 2), max_size=8))
def test_uncovered_is_what_the_holes_leave(corners: list[tuple[int, int]]) -> None:
    rect, holes = Rect(1, 1, 6, 6), list({Rect(r, c, r + 1, c + 1) for r, c in corners})
    left = np.zeros((8, 8), int)
    for part in uncovered(rect, holes):
        left[part.top : part.bottom, part.left : part.right] += 1
    expected = np.zeros((8, 8), int)
    expected[1:6, 1:6] = 1
    for hole in holes:
        expected[hole.top, hole.left] = 0
    assert (left == expected).all()
