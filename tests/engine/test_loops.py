"""Recurrences as generated loops: plain Python, LLVM and the definition of meaning give the same bits."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import event, given, note, settings
from hypothesis import strategies as st

from sheetsim.address import Rect
from sheetsim.backends import loops
from sheetsim.formula import unparse
from sheetsim.formula.nodes import Binary, Call, CellRef, Node, Number, RangeRef, Unary
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.values import ExcelError
from sheetsim.workbook import Workbook
from tests.engine.same import assert_same, same

ADAM = {
    "E": "C4+D4*A4",
    "F": "2*(D4*A4+C4-B4)",
    "G": "F4*A4",
    "H": "C4-J4*$D$2/SQRT(L4)",
    "I": "D4-K4*$D$2/SQRT(M4)",
    "J": "J3*$J$1+$K$1*F4",
    "K": "K3*$J$1+$K$1*G4",
    "L": "L3*$L$1+$M$1*F4^2",
    "M": "M3*$L$1+$M$1*G4^2",
}


def adam(rows: int, sheet_name: str = "adam", book: Workbook | None = None) -> Workbook:
    """The lesson's sheet with points of our own."""
    book = book or Workbook()
    sheet = book.add_sheet(sheet_name)
    for address, value in {
        "C1": 1.0,
        "C2": 1.0,
        "D2": 0.1,
        "J1": 0.9,
        "K1": 0.1,
        "L1": 0.9,
        "M1": 0.1,
    }.items():
        sheet.set(address, value)
    for address, value in {"J3": 0.0, "K3": 0.0, "L3": 10000.0, "M3": 10000.0}.items():
        sheet.set(address, value)
    points = np.random.default_rng(1).integers(1, 100, rows)
    for row, x in enumerate(points, 3):
        sheet.set((row, 0), float(x))
        sheet.set((row, 1), 2.0 * x + 30)
    last = rows + 3
    sheet.fill("C4", "C1")
    sheet.fill("D4", "C2")
    sheet.fill(f"C5:C{last}", "H4")
    sheet.fill(f"D5:D{last}", "I4")
    for column, formula in ADAM.items():
        sheet.fill(f"{column}4:{column}{last}", formula)
    return book


def test_adam_runs_in_one_generated_loop():
    loops._loops.clear()  # one that is compiled already would be taken
    book = adam(60)
    plan = make_plan(book)
    (sweep,) = [step for step in plan.steps if step.how == "sweep"]
    assert sweep.describe().endswith("sweep down, generated loop")
    assert "adam!E4:E63" not in sweep.describe()  # not part of the recurrence: whole array
    assert calculate(book, plan, loops="python").exact_cells == 0
    assert_same(book, loops="python")


@pytest.mark.parametrize(
    ("address", "value"),
    [("A30", "text"), ("A30", ExcelError.NA), ("B30", True), ("A30", None), ("L3", -1e9), ("A40", 1e200)],
)
def test_what_is_no_number_is_left_to_the_exact_evaluator(address, value):
    book = adam(60)
    book["adam"].set(address, value)
    assert_same(book, loops="python")


def test_one_odd_input_does_not_slow_the_rest():
    book = Workbook()
    sheet = book.add_sheet("s")
    for row in range(1, 400):
        sheet.set((row, 0), float(row % 7))
    sheet.set((200, 0), "3")  # text that reads as a number: only this row is not plain
    sheet.fill("B2:B400", "B1*0.5+A2")
    assert calculate(book, make_plan(book), loops="python").exact_cells == 1
    assert_same(book, loops="python")


def test_equal_recurrences_share_one_program():
    book = Workbook()
    for number in range(5):
        adam(20 + number, f"epoch {number}", book)
    loops._loops.clear()
    plan = make_plan(book)
    programs = {segment.loop.text() for step in plan.steps for segment in step.segments}
    assert len(programs) == len(loops._loops) == 2  # the first row has no C and D of its own


def test_code_is_built_from_the_tree():
    book = Workbook()
    book.add_sheet("s").fill("B2:B9", "(B1*$A$1-SQRT(ABS(A2)))")
    (step,) = make_plan(book).steps
    text = step.segments[0].loop.text()
    assert "x2 = (N0[b0 + u] * x1) - sqrt(abs(N0[b2 + u]))" in text
    assert "x1 = N0[b1]" in text


# -- random tables of columns that read each other


def earlier(column: int) -> st.SearchStrategy[Node]:
    """References of column `column` (of 4) to rows above, and to columns on its left in its own row."""
    above = st.builds(lambda c, r: CellRef(r, c - column), st.integers(0, 3), st.sampled_from([-1, -1, -2]))
    left = [CellRef(0, c - column) for c in range(column)]
    typed = st.builds(lambda c: CellRef(0, c - column), st.sampled_from([-2, -1]))
    fixed = st.builds(lambda r, c: CellRef(r, c, True, True), st.integers(0, 1), st.integers(0, 1))
    return above | typed | fixed | (st.sampled_from(left) if left else above)


def windows(column: int) -> st.SearchStrategy[Node]:
    def window(first: int, last: int, c: int) -> RangeRef:
        return RangeRef(CellRef(first, c - column), CellRef(last, c - column))

    growing = st.builds(
        lambda c: RangeRef(CellRef(1, c - column, True), CellRef(-1, c - column)), st.integers(0, 3)
    )
    return st.builds(window, st.integers(-3, -2), st.just(-1), st.integers(-2, 3)) | growing


@cache
def expressions(column: int) -> st.SearchStrategy[Node]:
    leaves = earlier(column) | earlier(column) | st.sampled_from([Number(2.0), Number(0.5), Number(0.0)])

    def deeper(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        test = st.builds(Binary, st.sampled_from(["<", ">=", "=", "<>"]), inner, inner)
        junction = st.builds(lambda n, a, b: Call(n, (a, b)), st.sampled_from(["AND", "OR"]), test, test)
        one = ["SQRT", "ABS", "INT", "SIGN", "EXP", "TANH"]
        folds = ["SUM", "AVERAGE", "MIN", "MAX", "COUNT", "SUMSQ", "PRODUCT"]
        return st.one_of(
            st.builds(Binary, st.sampled_from(["+", "-", "*", "/"]), inner, inner),
            st.builds(Binary, st.sampled_from(["+", "-", "*"]), inner, test),
            st.builds(lambda a, n: Binary("^", a, Number(float(n))), inner, st.integers(1, 3)),
            st.builds(Unary, st.sampled_from(["-", "%"]), inner),
            st.builds(lambda t, a, b: Call("IF", (t, a, b)), test | junction | inner, inner, inner),
            st.builds(lambda n, a: Call(n, (a,)), st.sampled_from(one), inner),
            st.builds(lambda a, b: Call("MOD", (a, b)), inner, inner),
            st.builds(lambda n, w: Call(n, (w,)), st.sampled_from(folds), windows(column)),
            st.builds(lambda n, w, a: Call(n, (w, a)), st.sampled_from(folds), windows(column), inner),
            st.builds(
                lambda c, d: Call("SUMPRODUCT", (_pair(c, column), _pair(d, column))),
                *(2 * [st.integers(-2, 3)]),
            ),
        )

    return st.recursive(leaves, deeper, max_leaves=5)


def _pair(c: int, column: int) -> RangeRef:
    return RangeRef(CellRef(-2, c - column), CellRef(-1, c - column))


HEIGHT, LAST = 14, 30


def turned(node: Node, way: str) -> Node:
    """The same formula in a table that runs the other way."""

    def corner(ref: CellRef) -> CellRef:
        if way in ("up", "left"):
            ref = replace(ref, row=LAST - ref.row if ref.row_abs else -ref.row)
        if way in ("right", "left"):
            ref = CellRef(ref.column, ref.row, ref.column_abs, ref.row_abs)
        return ref

    match node:
        case CellRef():
            return corner(node)
        case RangeRef():
            return RangeRef(corner(node.first), corner(node.last))
        case Binary():
            return Binary(node.operator, turned(node.left, way), turned(node.right, way))
        case Unary():
            return Unary(node.operator, turned(node.operand, way))
        case Call():
            return Call(node.name, tuple(turned(argument, way) for argument in node.arguments))
    return node


@st.composite
def tables(draw):
    """Typed cells in columns A, B (and the first rows of C to F), formulas in C3:F14; turned some way."""
    way = draw(st.sampled_from(["down", "down", "up", "right", "left"]))
    book = Workbook()
    sheet = book.add_sheet("s")
    numbers = st.integers(-4, 9).map(float) | st.sampled_from([0.1, 0.25, 1e160])
    odd = st.sampled_from([None, "t", "2", True, ExcelError.NUM])

    def spot(row: int, column: int) -> tuple[int, int]:
        row = LAST - row if way in ("up", "left") else row
        return (column, row) if way in ("right", "left") else (row, column)

    for row in range(HEIGHT):
        for column in range(2 if row >= 2 else 6):
            sheet.set(spot(row, column), draw(numbers))
    for _ in range(draw(st.sampled_from([0, 0, 1, 3]))):
        sheet.set(spot(draw(st.integers(2, HEIGHT - 1)), draw(st.integers(0, 1))), draw(odd))
    for column in range(4):
        node = turned(draw(expressions(column)), way)
        start = draw(st.sampled_from([2, 2, 2, 3]))
        a, b = spot(start, column + 2), spot(HEIGHT - 1, column + 2)
        rect = Rect(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]) + 1, max(a[1], b[1]) + 1)
        sheet.fill(rect, unparse(node, rect.top, rect.left))
        if start == 3:
            sheet.set(spot(2, column + 2), draw(numbers))
    return book


@settings(deadline=None, max_examples=60)
@given(tables())
def test_loops_equal_cell_by_cell(book):
    note([(str(fill.rect), fill.formula) for fill in book.sheets[0].fills])
    for step in make_plan(book).steps:
        for segment in step.segments:
            event(f"{step.sweep.direction}, {segment.describe()[:30]}")
    assert_same(book, loops="python")


@settings(deadline=None, max_examples=15)
@given(tables())
def test_compiled_loops_equal_cell_by_cell(book):
    pytest.importorskip("llvmlite")
    assert_same(book, loops="llvm")


def dynamic_programming() -> Workbook:
    """Edit distance between two words of numbers, a table of 40 by 12: each cell reads its neighbours."""
    book = Workbook()
    sheet = book.add_sheet("s")
    for row in range(2, 42):
        sheet.set((row, 0), float(row * 7 % 5))
        sheet.set((row, 1), float(row - 1))
    for column in range(2, 14):
        sheet.set((0, column), float(column * 3 % 5))
        sheet.set((1, column), float(column - 1))
    sheet.set("B2", 0.0)
    sheet.fill("C3:N42", "MIN(B3+1,C2+1,B2+IF($A3=C$1,0,1))")
    return book


def averages() -> Workbook:
    """Windows, growing sums, MOD and a division by zero half way."""
    book = Workbook()
    sheet = book.add_sheet("s")
    for row in range(3, 200):
        sheet.set((row, 0), float(row % 11 - 5))
    for row in range(3):
        sheet.set((row, 1), 1.0)
        sheet.set((row, 2), 2.0)
    sheet.fill("B4:B200", "AVERAGE(C1:C3)+SUM(B$3:B3)/1000+MOD(A4,3)")
    sheet.fill("C4:C200", "IF(AND(A4>0,B4<50),B4-SUMPRODUCT(A2:A3,C2:C3)%,1/(A4+5))")
    return book


def upwards(rows: int = 150) -> Workbook:
    """Discounted sums from the last row up, on two sheets."""
    book = Workbook()
    first, second = book.add_sheet("one"), book.add_sheet("two")
    for row in range(rows):
        first.set((row, 0), float(row % 13))
    first.fill(f"B1:B{rows}", "A1+0.9*two!C2")
    second.fill(f"C1:C{rows}", "one!B1^2/(1+ABS(one!B1))")
    return book


@pytest.mark.parametrize("make", [lambda: adam(300), dynamic_programming, averages, upwards])
def test_llvm_gives_the_same_bits(make):
    pytest.importorskip("llvmlite")
    loops._loops.clear()
    book = make()
    plan = make_plan(book)
    python, compiled = (calculate(book, plan, loops=backend) for backend in ("python", "llvm"))
    assert compiled.seconds["compile"] > 0
    assert python.seconds["compile"] == 0
    for region in plan.computed:
        for row, column in region.rect.cells():
            assert same(python.value(region.sheet, row, column), compiled.value(region.sheet, row, column)), (
                f"{region}: row {row + 1}"
            )


@pytest.mark.parametrize("make", [dynamic_programming, averages, lambda: upwards(20)])
def test_plain_python_is_right(make):
    assert_same(make(), loops="python")


def test_a_long_loop_is_compiled():
    pytest.importorskip("llvmlite")
    loops._loops.clear()
    short, long = make_plan(adam(30)), make_plan(adam(30_000))
    assert "compiled" not in short.describe()
    assert "compiled loop" in long.describe()
