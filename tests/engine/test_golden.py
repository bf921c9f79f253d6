"""The courses' workbooks: what Excel computed and stored, recomputed to the last bit."""

import pytest

from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.xlsx.read.workbook import read_workbook
from tests.engine.same import same

# (file, formula cells that are computed, cells known to be 1 or 2 ulp off); produced by Excel, see
# docProps/app.xml of each
WORKBOOKS = [
    ("course-v3/graddesc.xlsm", 1594, set()),
    ("course-v3/mom_bias.xlsx", 548, set()),
    ("course-v3/entropy_example.xlsx", 75, set()),
    ("course22/entropy_example.xlsx", 39, set()),
    ("course22/conv-example.xlsx", 8136, set()),
    ("course22/collab_filter.xlsx", 3666, {("dotprod", 32, 16), ("bias", 33, 16)}),
    ("course-v3/collab_filter.xlsx", 12937, {("movielens_1hot", 20, 59), ("movielens_emb", 20, 24)}),
]


@pytest.mark.parametrize(("name", "count", "known"), WORKBOOKS)
def test_every_cell_is_what_excel_stored(lessons_dir, name, count, known):
    book = read_workbook(lessons_dir / name)
    plan = make_plan(book)
    found = calculate(book, plan)
    cells = [(region.sheet, *cell) for region in plan.computed for cell in region.rect.cells()]
    wrong = {
        (sheet, row, column)
        for sheet, row, column in cells
        if not same(book[sheet].value((row, column)), found.value(sheet, row, column))
    }
    assert wrong == known
    assert len(cells) == count
    assert found.exact_cells == 0  # nothing in the courses needs the slow evaluator
    for sheet, row, column in wrong:
        assert found.value(sheet, row, column) == pytest.approx(book[sheet].value((row, column)), rel=4e-16)


def test_a_planted_error_is_seen(lessons_dir):
    """The comparison above can fail: one changed input moves cells."""
    book = read_workbook(lessons_dir / "course-v3/graddesc.xlsm")
    book["adam"].set("D2", book["adam"].value("D2") * (1 + 1e-12))
    plan = make_plan(book)
    found = calculate(book, plan)
    assert not same(book["adam"].value("H32"), found.value("adam", 31, 7))
    assert same(book["momentum"].value("H32"), found.value("momentum", 31, 7))


def test_a_convolution_is_one_formula(lessons_dir):
    book = read_workbook(lessons_dir / "course22/conv-example.xlsx")
    lines = make_plan(book).describe().splitlines()
    assert "conv-example!AH3:BG28  array formulas  =MAX(0,SUM(A2:C4*$AD$11:$AF$13))" in lines
