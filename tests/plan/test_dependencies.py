"""Areas against a cell by cell search; groups and their order; sweeps against what their rule says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsim.address import Rect
from sheetsim.formula import parse
from sheetsim.formula.nodes import CellRef, RangeRef
from sheetsim.plan.areas import area_of
from sheetsim.plan.graph import build_graph, components, survey
from sheetsim.plan.names import Names
from sheetsim.plan.recurrence import find_sweep
from sheetsim.plan.regions import find_regions
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.workbook import DefinedName, Workbook

offsets = st.integers(-3, 3)
corners = st.builds(CellRef, offsets, offsets, st.booleans(), st.booleans())
references = corners | st.builds(RangeRef, corners, corners)


@given(references, st.integers(3, 6), st.integers(3, 6), st.integers(1, 4), st.integers(1, 4))
def test_an_area_is_what_each_cell_sees(reference, top, left, rows, columns):
    region = Rect(top, left, top + rows, left + columns)
    area = area_of(reference, region, "s")
    first = last = reference
    if isinstance(reference, RangeRef):
        first, last = reference.first, reference.last
    seen = set()
    for row, column in region.cells():
        (r1, c1), (r2, c2) = first.at(row, column), last.at(row, column)
        wanted = Rect(min(r1, r2), min(c1, c2), max(r1, r2) + 1, max(c1, c2) + 1)
        assert area.at(row - top, column - left) == wanted
        seen |= set(wanted.cells())
    swept = area.swept(region)
    assert seen <= set(swept.cells())
    assert (min(r for r, _ in seen), max(c for _, c in seen) + 1) == (swept.top, swept.right)


@given(st.lists(st.lists(st.integers(0, 7), max_size=4), min_size=8, max_size=8))
def test_components_are_what_reaches_each_other_reads_first(reads):
    reach = [[a == b for b in range(8)] for a in range(8)]
    for a, targets in enumerate(reads):
        for b in targets:
            reach[a][b] = True
    for k in range(8):
        for a in range(8):
            for b in range(8):
                reach[a][b] |= reach[a][k] and reach[k][b]
    groups = components(reads)
    place = {node: number for number, group in enumerate(groups) for node in group}
    for a in range(8):
        for b in range(8):
            assert (place[a] == place[b]) == (reach[a][b] and reach[b][a])
            if reach[a][b]:
                assert place[b] <= place[a]


def groups_of(*fills: tuple[str, str]):
    book = Workbook()
    sheet = book.add_sheet("s")
    for rect, formula in fills:
        sheet.fill(rect, formula)
    regions = find_regions(book)
    surveys = [survey(region.node) for region in regions]
    return build_graph(regions, surveys), surveys


def sweep_of(*fills: tuple[str, str]):
    graph, surveys = groups_of(*fills)
    group = max(graph.groups, key=len)
    return find_sweep([graph.regions[n] for n in group], [surveys[n].references for n in group])


def names(sweep) -> str:
    return " ".join(str(region.rect) for region in sweep.members)


def test_only_what_is_in_the_recurrence_is_in_its_group():
    graph, _ = groups_of(
        ("C4", "C1"), ("C5:C32", "H4"), ("E4:E32", "C4+A4"), ("F4:F32", "C4*2"), ("H4:H32", "C4-F4")
    )
    groups = [[str(graph.regions[n].rect) for n in group] for group in graph.groups]
    assert sorted(map(len, groups)) == [1, 1, 3]
    assert ["C4"] in groups
    assert ["E4:E32"] in groups
    assert groups.index(["C4"]) < groups.index(max(groups, key=len)) < groups.index(["E4:E32"])


def test_a_shared_rectangle_of_many_regions_is_one_node():
    fills = [(f"A{row}", f"{row}*2") for row in range(1, 41)] + [
        (f"C{row}", f"SUM($A$1:$A$40)+{row}") for row in range(1, 41)
    ]
    graph, _ = groups_of(*fills)
    assert sum(map(len, graph.reads)) == 40 + 40
    assert len(graph.groups) == 80


def test_down_with_columns_in_their_order():
    sweep = sweep_of(("H5:H32", "C5-F5"), ("C5:C32", "H4"), ("F5:F32", "C5*2"))
    assert sweep.direction == "down"
    assert names(sweep) == "C5:C32 F5:F32 H5:H32"
    assert sweep.lags == (0, 0, 0)


def test_up_right_and_left():
    assert sweep_of(("A1:A9", "A2*2")).direction == "up"
    assert sweep_of(("B1:J1", "A1*2")).direction == "right"
    assert sweep_of(("B1:J1", "C1*2")).direction == "left"


def test_dynamic_programming_runs_through_its_lines():
    sweep = sweep_of(("B2:K20", "MIN(A2,B1)+1"))
    assert sweep.direction == "down"
    assert sweep.across == (1,)
    assert sweep_of(("B2:K20", "MIN(C2,B1)+1")).across == (-1,)


def test_tables_below_each_other_get_a_lag():
    sweep = sweep_of(("A3:A9", "A102+1"), ("A103:A109", "A3*2"))
    # row 103 reads row 3, so it comes after it in time although its number is 100 higher
    assert sweep is not None
    position = {str(region.rect): number for number, region in enumerate(sweep.members)}
    upper, lower = position["A3:A9"], position["A103:A109"]
    assert sweep.times(upper)[0] < sweep.times(lower)[0] < sweep.times(upper)[0] + 2


def test_an_absolute_reference_into_the_recurrence():
    assert sweep_of(("A2:A9", "A1+A$1")).direction == "down"
    assert sweep_of(("A2:A9", "A1+A$5")) is None


def test_expanding_sums():
    assert sweep_of(("A2:A9", "SUM(A$1:A1)")).direction == "down"
    assert sweep_of(("A2:A9", "SUM(A$1:A2)")) is None


def test_a_circle_has_no_sweep():
    assert sweep_of(("A1", "B1"), ("B1", "A1")) is None


def test_names_are_put_in_place():
    book = Workbook()
    book.add_sheet("s")
    book.define("lr", "s", "D2")
    book.names.append(DefinedName("twice", "2*lr"))
    book.names.append(DefinedName("me", "me+1"))
    resolved = Names(book).resolve(parse("twice*A1+unknown", 0, 1), "s")
    assert resolved == parse("(2*s!$D$2)*A1+#NAME?", 0, 1)


def test_offset_by_fixed_steps_is_a_reference():
    book = Workbook()
    book.add_sheet("s")
    resolve = Names(book).resolve
    assert resolve(parse("OFFSET(B4,-1,2)", 4, 4), "s") == parse("D3", 4, 4)
    assert survey(resolve(parse("OFFSET(B4,A1,2)", 4, 4), "s")).dynamic


@pytest.mark.parametrize("sums", ["B1", "B1:B2", "B1:B5", "$B$1", "INDEX(B1:B5,1)"])
@pytest.mark.parametrize("tested", ["A1:A5", "$A$1:$A$5", "A:A", "INDEX(A1:A5,0)"])
def test_what_a_range_in_the_size_of_another_reads_comes_first(tested: str, sums: str) -> None:
    """`SUMIF(A1:A5,">2",B1)` adds up B1:B5 (support.microsoft.com, SUMIF), so that all of it is computed
    before, though only B1 is named."""
    book = Workbook()
    sheet = book.add_sheet("s")
    for row in range(5):
        sheet.set((row, 0), float(row + 1))
    sheet.fill("D1", f'SUMIF({tested},">2",{sums})')
    sheet.fill("B1:B5", "C1*10")
    sheet.fill("C1:C5", "A1+0")
    calculation = calculate(book, make_plan(book))
    assert calculation.value("s", 0, 3) == 120.0
