"""References into tables put in place: what they mean where, and regions cut where that changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.formula import unparse
from sheetsim.plan.areas import area_of
from sheetsim.plan.names import Names
from sheetsim.plan.regions import find_regions
from sheetsim.plan.schedule import make_plan
from sheetsim.workbook import DefinedName, Table, Workbook


def new_book() -> Workbook:
    """Two tables on `data`, side by side (one with totals), one on `other`, without headings."""
    book = Workbook()
    book.add_sheet("data")
    book.add_sheet("other")
    book.tables = [
        Table("Table1", "data", Rect.parse("B2:D10"), ("Age", "Price [$]", "Ones"), 1, 1),
        Table("Below", "data", Rect.parse("B11:D14"), ("Age", "Fare", "Ones")),
        Table("Beside", "data", Rect.parse("E2:E10"), ("Age",)),
        Table("bare", "other", Rect.parse("A1:B5"), ("x", "y"), 0, 0),
    ]
    return book


def placed(formula: str, cell: str = "F4", sheet: str = "data") -> str:
    """The formula in that cell, its references as plain ones."""
    book = new_book()
    book[sheet].fill(cell, formula)
    (region,) = find_regions(book)
    ((found, _),) = Names(book).regions(region)
    assert found.node is not None
    return unparse(found.node, found.rect.top, found.rect.left)


@pytest.mark.parametrize(
    ("formula", "plain"),
    [
        ("Table1[Age]", "$B$3:$B$9"),
        ("SUM(TABLE1[age])*2", "SUM($B$3:$B$9)*2"),
        ("Table1[]", "$B$3:$D$9"),
        ("Table1", "$B$3:$D$9"),
        ("ROWS(Table1[#All])", "ROWS($B$2:$D$10)"),
        ("Table1[#Data]", "$B$3:$D$9"),
        ("Table1[#Headers]", "$B$2:$D$2"),
        ("Table1[#Totals]", "$B$10:$D$10"),
        ("Table1[[#Headers],[Ones]]", "$D$2"),
        ("Table1[[#Headers],[#Data],[Age]]", "$B$2:$B$9"),
        ("Table1[[#Data],[#Totals],[Age]]", "$B$3:$B$10"),
        ("Below[[#Data],[#Totals],[Age]]", "$B$12:$B$14"),
        ("Table1[Price '[$']]", "$C$3:$C$9"),
        ("Table1[[Age]:[Ones]]", "$B$3:$D$9"),
        ("Table1[[Ones]:[Age]]", "$B$3:$D$9"),
        ("Table1[[Age]:[Age]]", "$B$3:$B$9"),
        ("Table1[@Age]", "$B4"),
        ("Table1[[#This Row],[Age]:[Price '[$']]]", "$B4:$C4"),
        ("Table1[@]", "$B4:$D4"),
        ("bare[@y]", "other!$B4"),
        ("bare[#All]", "other!$A$1:$B$5"),
        ("bare[#Headers]", "#REF!"),
        ("Below[#Totals]", "#REF!"),
        ("Below[@Fare]", "#VALUE!"),
        ("SUM(Table1[[#Headers],[Age]]:Table1[@Age])", "SUM($B$2:$B4)"),
        ("Table1[Age] Table1[@]", "$B$3:$B$9 $B4:$D4"),
        ("@Table1[Age]", "@$B$3:$B$9"),
    ],
)
def test_meaning(formula: str, plain: str) -> None:
    assert placed(formula) == plain


@pytest.mark.parametrize(
    ("cell", "formula", "plain"),
    [
        ("B4", "[@Age]", "$B4"),
        ("D10", "SUM([Age])", "SUM($B$3:$B$9)"),
        ("D12", "[@Fare]", "$C12"),
        ("D11", "[@Fare]", "#VALUE!"),
        ("E5", "[Age]", "$E$3:$E$9"),
    ],
)
def test_short_forms_mean_the_table_around_them(cell: str, formula: str, plain: str) -> None:
    expected = plain if cell != "E5" else "$E$3:$E$10"  # Beside has no totals
    assert placed(formula, cell) == expected


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("Nowhere[Age]", "there is no table Nowhere"),
        ("Table1[Weight]", "the table Table1 has no column 'Weight'"),
        ("Table1[[Age]:[Weight]]", "no column 'Weight'"),
        ("[Age]", "outside of any table"),
    ],
)
def test_what_is_not_there_keeps_its_stored_value(formula: str, reason: str) -> None:
    book = new_book()
    book["data"].fill("F4", formula)
    (region,) = find_regions(book)
    with pytest.raises(SheetsimError):
        Names(book).regions(region)
    plan = make_plan(book)
    assert not plan.steps
    assert reason in plan.unsupported[0].reason
    assert plan.unsupported[0].formula == formula


def test_a_calculated_column_is_one_region() -> None:
    book = new_book()
    for row in range(3, 10):
        book["data"].fill(f"F{row}", "Table1[[#This Row],[Age]]*2+Table1[[#This Row],[Ones]]")
    (region,) = make_plan(book).regions
    assert str(region) == "data!F3:F9"
    assert region.node is not None
    assert unparse(region.node, 2, 5) == "$B3*2+$D3"


def test_a_region_is_cut_where_a_table_ends() -> None:
    book = new_book()
    book["data"].fill("G1:G12", "Table1[@Age]*2")
    plan = make_plan(book)
    assert [str(region) for region in plan.regions] == ["data!G1:G2", "data!G3:G9", "data!G10:G12"]
    assert {region.text for region in plan.regions} == {"Table1[[#This Row],[Age]]*2"}
    texts = [unparse(r.node, r.rect.top, r.rect.left) for r in plan.regions if r.node]
    assert texts == ["#VALUE!*2", "$B3*2", "#VALUE!*2"]


def test_an_array_formula_is_not_cut() -> None:
    book = new_book()
    book["data"].fill("G3:G12", "Table1[Age]*Table1[@Ones]", array=True)
    (region,) = make_plan(book).regions
    assert str(region) == "data!G3:G12"
    assert region.node is not None
    assert unparse(region.node, 2, 6) == "$B$3:$B$9*$D3"


def test_names_may_stand_for_tables() -> None:
    book = new_book()
    book.names = [DefinedName("ages", "Table1[Age]"), DefinedName("mine", "Table1[@Age]")]
    book["data"].fill("G1:G3", "SUM(ages)+mine")
    plan = make_plan(book)
    texts = [unparse(r.node, r.rect.top, r.rect.left) for r in plan.regions if r.node]
    assert texts == ["SUM($B$3:$B$9)+#VALUE!", "SUM($B$3:$B$9)+$B3"]


forms = st.sampled_from(["[@Age]", "Table1[@Age]", "Below[@Age]", "[Age]", "Table1[Age]", "[@]", "[#All]"])
rects = st.builds(
    lambda top, left, rows, columns: Rect(top, left, top + rows, left + columns),
    st.integers(0, 14),
    st.integers(0, 5),
    st.integers(1, 14),
    st.integers(1, 5),
)


@given(st.lists(forms, min_size=1, max_size=3), rects)
def test_each_cell_means_what_it_means_alone(terms: list[str], rect: Rect) -> None:
    """The cut pieces cover the region once, and give each cell what the formula gives there by itself."""
    book = new_book()
    book["data"].fill(rect, "SUM(" + ",".join(terms) + ")")
    (region,) = find_regions(book)
    alone = {}
    for cell in rect.cells():
        single = new_book()
        single["data"].fill(Rect.cell(*cell), region.text)
        try:
            ((found, survey),) = Names(single).regions(find_regions(single)[0])
        except SheetsimError:
            with pytest.raises(SheetsimError):
                Names(book).regions(region)
            return
        assert found.node is not None
        alone[cell] = unparse(found.node, *cell)
        swept = [area_of(one, Rect.cell(*cell), "data").swept(Rect.cell(*cell)) for one in survey.references]
        assert all(Rect.parse("B2:E14").intersect(one) == one for one in swept)
    together = {
        cell: unparse(part.node, *cell)
        for part, _ in Names(book).regions(region)
        for cell in part.rect.cells()
        if part.node is not None
    }
    assert together == alone
    assert sum(part.rect.size for part, _ in Names(book).regions(region)) == rect.size
