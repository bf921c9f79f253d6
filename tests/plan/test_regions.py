"""Fills become regions: equal relative formulas that touch are one."""

from hypothesis import given
from hypothesis import strategies as st

from sheetsim.address import Rect
from sheetsim.formula import parse
from sheetsim.plan.index import Index
from sheetsim.plan.regions import find_regions
from sheetsim.workbook import Workbook
from tests.calls import calls_of


def rects_of(*fills: tuple[str, str]) -> dict[str, str]:
    book = Workbook()
    sheet = book.add_sheet("s")
    for rect, formula in fills:
        sheet.fill(rect, formula)
    return {str(region.rect): region.text for region in find_regions(book)}


def test_a_continued_fill_is_one_region():
    assert rects_of(("E4:E18", "C4+D4*A4"), ("E19:E32", "C19+D19*A19")) == {"E4:E32": "C4+D4*A4"}


def test_rows_of_equal_fills_become_one_rectangle():
    fills = [(f"AH{row}:BG{row}", f"SUM(A{row}:C{row})") for row in range(3, 29)]
    assert rects_of(*fills) == {"AH3:BG28": "SUM(A3:C3)"}


def test_absolute_references_that_differ_keep_fills_apart():
    assert len(rects_of(("A1:A2", "$D$1"), ("A3:A4", "$D$2"))) == 2


def test_fills_that_do_not_touch_stay_apart():
    assert len(rects_of(("A1:A2", "B1"), ("A4:A5", "B4"))) == 2


def test_array_formulas_of_several_rows_are_never_joined():
    book = Workbook()
    sheet = book.add_sheet("s")
    for row in (1, 3):
        sheet.fill(f"A{row}:B{row + 1}", f"D{row}:E{row + 1}*2", array=True)
    assert len(find_regions(book)) == 2
    assert not any(region.each for region in find_regions(book))


def test_the_later_of_two_overlapping_fills_wins():
    shown = rects_of(("A1:C3", "Z1+1"), ("B2:B2", "7"))
    assert shown == {"A1:C1": "Z1+1", "A2": "Z2+1", "B2": "7", "C2": "AB2+1", "A3:C3": "Z3+1"}


def test_a_formula_that_cannot_be_read_says_why():
    book = Workbook()
    book.add_sheet("s").fill("A1", "1+")
    (region,) = find_regions(book)
    assert region.node is None
    assert region.fault


def test_many_single_cells_are_cheap():
    def work(count: int) -> int:
        book = Workbook()
        sheet = book.add_sheet("s")
        for row in range(1, count + 1):
            sheet.fill(f"A{row}", f"{row}*2")  # no two alike
        found: list[object] = []
        calls = calls_of(lambda: found.extend(find_regions(book)))
        assert len(found) == count
        return calls

    assert work(5000) < 11 * work(500)


small_rects = st.builds(
    lambda top, left, rows, columns: Rect(top, left, top + rows, left + columns),
    *(st.integers(0, 6), st.integers(0, 6), st.integers(1, 4), st.integers(1, 4)),
)


@given(st.lists(st.tuples(small_rects, st.sampled_from(["A1", "$B$1", "C$1+1"])), max_size=6))
def test_every_filled_cell_is_in_just_one_region_with_its_formula(fills):
    book = Workbook()
    sheet = book.add_sheet("s")
    wanted = {}
    for rect, formula in fills:
        sheet.fill(rect, formula)
        wanted |= dict.fromkeys(rect.cells(), parse(formula, rect.top, rect.left))
    found = [(cell, region.node) for region in find_regions(book) for cell in region.rect.cells()]
    assert len(found) == len(wanted)
    assert dict(found) == wanted


@given(st.lists(small_rects, max_size=8), small_rects)
def test_the_index_finds_what_a_search_finds(rects, question):
    apart: list[Rect] = []
    for rect in rects:
        if not any(rect.intersect(other) for other in apart):
            apart.append(rect)
    index = Index((rect, rect) for rect in apart)
    assert not index.overlapping
    assert index.hits(question) == [rect for rect in apart if rect.intersect(question)]
    for row, column in question.cells():
        held = [rect for rect in apart if rect.contains(row, column)]
        assert index.at(row, column) == (held[0] if held else None)


@given(st.lists(small_rects, min_size=2, max_size=5))
def test_the_index_sees_overlaps(rects):
    overlap = any(a.intersect(b) for number, a in enumerate(rects) for b in rects[:number])
    assert Index((rect, None) for rect in rects).overlapping == overlap
