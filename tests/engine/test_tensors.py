"""Workbooks as differentiable functions: values as NumPy's, slopes as central differences."""

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetsim.book import Book, read
from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.catalogue import lesson
from sheetsim.workbook import Workbook

torch = pytest.importorskip("torch", reason="torch is not installed")


def book_of(cells: dict[str, float | str], fills: dict[str, str]) -> Book:
    workbook = Workbook()
    sheet = workbook.add_sheet("s")
    for address, value in cells.items():
        sheet.set(address, value)
    for rect, formula in fills.items():
        sheet.fill(rect, formula)
    return Book(workbook)


def slopes(book: Book, inputs: list[str], output: str, at: list[object]) -> list[np.ndarray]:
    """The gradient of a cell by torch, after its value was compared with NumPy's."""
    tensors = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in at]
    value = book.function(inputs, [output], backend="torch")(*tensors)
    expected = book.function(inputs, [output], backend="numpy")(*at)
    assert value.item() == pytest.approx(expected, rel=1e-13)
    value.backward()
    return [tensor.grad.numpy() for tensor in tensors]


def central(
    book: Book, inputs: list[str], output: str, at: list[object], step: float = 1e-6
) -> list[np.ndarray]:
    """The same by central differences of NumPy's recalculation."""
    function = book.function(inputs, [output], backend="numpy")
    found = []
    for number, value in enumerate(at):
        array = np.asarray(value, float)
        grad = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            ends = []
            for sign in (1, -1):
                moved = array.copy()
                moved[index] += sign * step
                ends.append(function(*at[:number], moved, *at[number + 1 :]))
            grad[index] = (ends[0] - ends[1]) / (2 * step)
        found.append(grad)
    return found


@pytest.mark.parametrize(
    ("formula", "fills"),
    [
        ("SQRT(A1*A1+A2^2)-A3/A1", {}),
        ("SUM(A1:A4*2)", {}),
        ("SUMPRODUCT(A1:A4,A1:A4*A1:A4)", {}),
        ("SUMXMY2(A1:A4,B1:B4)", {}),
        ("IF(A1>1,A2*3,A2)+IFERROR(A3/0,A3)", {}),
        ("MAX(A1:A4)*MIN(A1:A4)+AVERAGE(A1:A4)+SUMSQ(A1:A4)", {}),
        ("ERF(A1/9)+ERF(A1/9,A2/9)+ERFC(A2/9)+NORM.S.DIST(A1/9,TRUE)*NORM.S.DIST(A2/9,FALSE)", {}),
        ("EXP(A1)+LN(A2)+LOG10(A3)+LOG(A4,2)+TANH(A1)+SIN(A2)*COS(A3)-ABS(-A4)+50%*A1^3", {}),
        ("SUM(C1:C4)", {"C1:C4": "A1*$A$2+A1^2"}),
        ("C4", {"C1": "A1", "C2:C4": "C1*0.5+A2"}),
        ("SUM(MMULT(A1:B2,A3:B4))", {}),
        ("SUM(C1:C3)", {"C1:C3": "SUM(A1:A2)*2"}),
        ("SUM(C1:C4)", {"C1:C4": "SUM(A$1:A1)*A1"}),
        ("VAR.P(A1:A4)+STDEV.S(A1:A4)+PRODUCT(A1:A3)", {}),
        ("A1^A2+A3^0.5+POWER(A4,-2)+MOD(A4,A2)", {}),
        ("IF(AND(A1>1,NOT(A2>1)),A3*A1,0)+IF(OR(A1<0,A2>0.5),A4^2,0)", {}),
        ("SUMPRODUCT(INDEX(A1:B4,3,0),INDEX(A1:B4,2,0))", {}),
        ("SUM(OFFSET(A1,1,0,3,1))+INDEX(A1:A4,2)", {}),
        ("SUM(C1:C3)", {"C1:C3": "OFFSET($A$1,MATCH(B1,$B$1:$B$4),0)*A1"}),
        ("SUM(C1:D4)", {"C1:D4": "IF($B1<0.5,0,MMULT($A1:$B1,A$3:A$4))"}),
        ("SQRT(SUMXMY2(A1:A6,B1:B6)/COUNT(A1:A6))", {}),
        ("SUM(C1:C4)", {"C1:C4": "@$A$1:$A$4*A1"}),
        ("SUM(C1:C4)", {"C1:C4": 'IF(B1<0.5,"",A1^2)'}),
    ],
)
def test_slopes_are_central_differences(formula: str, fills: dict[str, str]) -> None:
    cells = {"A1": 1.5, "A2": 0.7, "A3": 2.25, "A4": 3.1, "B1": 0.3, "B2": 0.9, "B3": 1.0, "B4": 2.0}
    book = book_of(cells, {**fills, "E1": formula})
    at = [[[1.5], [0.7], [2.25], [3.1]]]
    found = slopes(book, ["s!A1:A4"], "s!E1", at)
    expected = central(book, ["s!A1:A4"], "s!E1", at)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("formula", ["A1^A2", "POWER(A1,A2)"])
@pytest.mark.parametrize("exponent", [2.0, 3.0])
def test_the_slope_by_an_exponent_that_is_whole_now(formula: str, exponent: float) -> None:
    """x^y ln x by the exponent (0.912 at 1.5^2), y x^(y-1) by the base: also where whole powers, whose
    exponent has no slope, give the same value."""
    book = book_of({"A1": 1.5, "A2": exponent}, {"B1": formula})
    by_exponent = 1.5**exponent * np.log(1.5)
    assert slopes(book, ["s!A2"], "s!B1", [exponent])[0] == pytest.approx(by_exponent, rel=1e-13)
    both = slopes(book, ["s!A1", "s!A2"], "s!B1", [1.5, exponent])
    assert both[0] == pytest.approx(exponent * 1.5 ** (exponent - 1), rel=1e-13)
    assert both[1] == pytest.approx(by_exponent, rel=1e-13)
    assert round(1.5**2 * np.log(1.5), 3) == 0.912


def test_the_slope_of_products_of_cells_that_index_picks_by_row_and_column() -> None:
    """E1:F3 = rows 2, 4, 2 and columns 3, 1 of A1:C4, squared and added up: 2x for each time x is picked."""
    table = np.arange(12.0).reshape(4, 3) * 10 + [1, 2, 3]
    cells = {f"{'ABC'[c]}{r + 1}": table[r, c] for r in range(4) for c in range(3)}
    cells |= {"D1": 2.0, "D2": 4.0, "D3": 2.0, "E5": 3.0, "F5": 1.0}
    book = book_of(cells, {"E1:F3": "INDEX($A$1:$C$4,$D1,E$5)", "G1": "SUMPRODUCT(E1:F3,E1:F3)"})
    wanted = np.zeros((4, 3))
    for row in (2, 4, 2):
        for column in (3, 1):
            wanted[row - 1, column - 1] += 2 * table[row - 1, column - 1]
    assert slopes(book, ["s!A1:C4"], "s!G1", [table.tolist()])[0].tolist() == wanted.tolist()


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("SUM(A1:A4)", [1.0, 1.0]),
        ("SUMSQ(A1:A4)", [4.0, 6.0]),
        ("PRODUCT(A1:A4)", [12.0, 8.0]),
        ("MAX(A1:A3)", [0.0, 1.0]),
        ("SUM(INDEX(A1:A4,3),A2)", [1.0, 1.0]),
    ],
)
def test_slopes_by_some_cells_of_a_range(formula: str, wanted: list[float]) -> None:
    book = book_of({"A1": 1.0, "A2": 2.0, "A3": 3.0, "A4": 4.0}, {"C1": formula})
    assert slopes(book, ["s!A2:A3"], "s!C1", [[[2.0], [3.0]]])[0].tolist() == [[wanted[0]], [wanted[1]]]
    assert slopes(book, ["s!A3"], "s!C1", [3.0])[0] == wanted[1]


@pytest.mark.parametrize("array", [False, True])
def test_no_slope_where_index_takes_several_cells_of_which_one_is_an_input(array: bool) -> None:
    book = book_of({"A1": 1.0, "A2": 2.0, "A3": 3.0, "A4": 4.0, "B1": 1.0, "B2": 3.0}, {})
    book.workbook["s"].fill("C1", "SUM(INDEX(A1:A4,B1:B2))", array=array)
    with pytest.raises(SheetsimError, match="s!C1") as refused:
        book.function(["s!A3"], ["s!C1"], backend="torch")
    assert "\n" not in str(refused.value)


def test_text_in_an_output_range_is_nought_and_has_no_slope() -> None:
    """Typed text, text that a formula gives and numbers, in one output range."""
    cells = {"A1": 1.5, "B2": "a note"}
    fills = {"B1": "A1*2", "B3": "A1^2", "B4": '"text"&A1', "B5": 'IF(A1>9,A1,"small")', "B6": "A1^3"}
    book = book_of(cells, fills)
    point = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
    block = book.function(["s!A1"], ["s!B1:B6"], backend="torch")(point)
    assert block[:, 0].tolist() == [3.0, 0.0, 2.25, 0.0, 0.0, 3.375]
    block.sum().backward()
    assert point.grad.item() == 2 + 2 * 1.5 + 3 * 1.5**2
    by_numpy = book.function(["s!A1"], ["s!B1:B6"], backend="numpy")(1.5)
    assert by_numpy[:, 0].tolist() == block[:, 0].tolist()


@pytest.mark.parametrize(
    "formula",
    [
        "A1*B1",
        "1/(A1*B1)",
        "1/(A1*1E108+A1*1E108)",
        "(A1*B1)^-1.5",
        "1/A1^2",
        "0.5^(A1*B1)",
        "1/SUMSQ(A1:B1)",
        "1/SUM(A1*1E108,A1*1E108)",
        "1/PRODUCT(A1:B1)",
        "1/SUMPRODUCT(A1:A1,B1:B1)",
        "1/SUMXMY2(A1:B1,D1:E1)",
        "1/MMULT(A1:A1,B1:B1)",
        "VAR.P(A1:B1)",
        "1/STDEV.S(A1:B1)",
        "MAX(A1*B1,1)",
        "MIN(A1*B1,1)",
        "MAX(-A1*B1,1)",
        "TANH(A1*B1)",
        "ERF(A1*B1)",
        "ERFC(A1*B1)",
        "NORM.S.DIST(A1*B1,TRUE)",
        "NORM.S.DIST(A1*B1,FALSE)",
        "EXP(-A1*B1)",
        "IF(A1*B1>1,2,3)*A1",
        "IF(A1*B1,2,3)*A1",
        "SIGN(A1*B1)+A1",
        "-(A1*B1)",
        "1/LN(A1*B1)",
        "1/SQRT(A1*B1)",
        "MOD(A1,A1*B1)",
    ],
)
def test_an_overflow_is_an_error_in_all_that_follows(formula: str) -> None:
    """Excel has no infinity: A1*B1 = 1E400 is #NUM!, and so is 1/(A1*B1), which must not come out as 0."""
    book = book_of({"A1": 1e200, "B1": 1e200, "D1": 0.0, "E1": 0.0}, {"C1": formula})
    assert np.isnan(book.function(["s!A1:B1"], ["s!C1"], backend="numpy")([[1e200, 1e200]]))
    found = book.function(["s!A1:B1"], ["s!C1"], backend="torch")
    assert torch.isnan(found(torch.tensor([[1e200, 1e200]], dtype=torch.float64)))
    # the same function, compiled at an error, is right again where there is none
    near = found(torch.tensor([[1.5, 0.7]], dtype=torch.float64))
    wanted = book.function(["s!A1:B1"], ["s!C1"], backend="numpy")([[1.5, 0.7]])
    np.testing.assert_allclose(near.item(), wanted, rtol=1e-13)


def test_an_overflow_is_rescued_by_iferror() -> None:
    book = book_of({"A1": 1e200, "B1": 1e200}, {"C1": "IFERROR(1/(A1*B1),A1)"})
    assert slopes(book, ["s!A1"], "s!C1", [1e200])[0] == 1.0


@pytest.mark.parametrize(("name", "less"), [("VAR.P", 0), ("VAR.S", 1)])
@pytest.mark.parametrize("far", [0.0, 1e8])
def test_a_variance_has_excels_bits(name: str, less: int, far: float) -> None:
    """(n * sum of squares - sum^2) over n (n - less), in this order; in two passes far from 0, where too much
    of that difference cancels. The slope is the same."""
    numbers = [far, far + 1.1, far + 3, far + 7]
    book = book_of({f"A{n}": x for n, x in enumerate(numbers, 1)}, {"B1": f"{name}(A1:A4)"})
    found = book.function(["s!A1:A4"], ["s!B1"], backend="torch")
    at = torch.tensor([[x] for x in numbers], dtype=torch.float64, requires_grad=True)
    value = found(at)
    sum_ = squares = 0.0
    for x in numbers:
        sum_ += x
        squares += x * x
    once = (4 * squares - sum_ * sum_) / (4 * (4 - less))
    assert (value.item() == once) == (far == 0)
    assert value.item() == pytest.approx(np.var(numbers, ddof=less), rel=1e-14)
    value.backward()
    mean = sum(numbers) / 4
    wanted = [2 * (x - mean) / (4 - less) for x in numbers]
    np.testing.assert_allclose(at.grad[:, 0].numpy(), wanted, rtol=1e-7)


def test_a_variance_of_equal_numbers_is_nought() -> None:
    book = book_of({"A1": 0.1, "A2": 0.1, "A3": 0.1}, {"B1": "VAR.P(A1:A3)", "B2": "VAR.S(A1:A1)"})
    at = torch.full((3, 1), 0.1, dtype=torch.float64, requires_grad=True)
    value, too_few = book.function(["s!A1:A3"], ["s!B1", "s!B2"], backend="torch")(at)
    assert 0 <= value.item() < 1e-17
    assert torch.isnan(too_few)


def test_the_loss_of_an_adam_sheet_has_a_slope_by_the_learning_rate() -> None:
    adam = lesson("adam")
    settings = adam.settings({"epochs": 2})
    book = Book(adam.implementation("sheet").build(settings, adam.make_data(settings)))
    inputs, output, at = ["adam!D2", "adam!J1"], "adam summary!B4", [0.1, 0.9]
    found, expected = slopes(book, inputs, output, at), central(book, inputs, output, at)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert abs(found[0]) > 1  # the slope is there to be compared


def test_an_error_on_a_branch_not_taken_leaves_the_slope_alone() -> None:
    book = book_of({"A1": 0.0, "A2": 2.0}, {"B1:B2": "IF(A1=0,A1,1/A1)", "C1": "SUM(B1:B2)"})
    assert slopes(book, ["s!A1:A2"], "s!C1", [[[0.0], [2.0]]])[0].tolist() == [[1.0], [-0.25]]


def test_array_formulas_one_above_the_other_are_one_gather() -> None:
    workbook = Workbook()
    sheet = workbook.add_sheet("s")
    for row, (number, key) in enumerate([(1.5, 3.0), (0.7, 1.0), (2.25, 2.0), (3.0, 3.0)], 1):
        sheet.set(f"A{row}", number)
        sheet.set(f"B{row}", number * 2 - 1)
        sheet.set(f"D{row}", key)
        sheet.fill(f"F{row}:G{row}", f"OFFSET($A$1:$B$1,D{row},0)", array=True)
    sheet.fill("H1:H4", "SUMPRODUCT(F1:G1,F1:G1)")
    sheet.fill("J1", "SUM(H1:H4)")
    book = Book(workbook)
    at = [[[1.5, 2.0], [0.7, 0.4], [2.25, 3.5], [3.0, 5.0]]]
    found = slopes(book, ["s!A1:B4"], "s!J1", at)
    np.testing.assert_allclose(found, central(book, ["s!A1:B4"], "s!J1", at), rtol=1e-7, atol=1e-7)
    assert found[0][3].tolist() == [12.0, 20.0]  # looked up twice, 2 * 2x
    function = book.function(["s!A1:B4"], ["s!J1"], backend="torch")
    steps = function._program._steps
    assert len(steps) == 3


def test_array_formulas_that_build_on_the_one_above_are_told_apart() -> None:
    workbook = Workbook()
    sheet = workbook.add_sheet("s")
    for address, value in {"A1": 1.5, "B1": 0.5}.items():
        sheet.set(address, value)
    for row in (2, 3, 4):
        sheet.fill(f"A{row}:B{row}", f"A{row - 1}:B{row - 1}*A{row - 1}", array=True)
    found = slopes(Book(workbook), ["s!A1:B1"], "s!B4", [[[1.5, 0.5]]])
    # a, b -> a^2, ab -> a^4, a^3 b -> a^8, a^7 b
    np.testing.assert_allclose(found[0], [[7 * 1.5**6 * 0.5, 1.5**7]], rtol=1e-14)


@pytest.mark.parametrize("blank", ["A2", "B3"])
def test_a_pair_with_a_blank_has_no_slope(blank: str) -> None:
    cells = {"A1": 1.5, "A2": 0.7, "A3": 2.25, "B1": 0.3, "B2": 0.9, "B3": 1.0}
    del cells[blank]
    book = book_of(cells, {"E1": "SUMXMY2(A1:A3,B1:B3)"})
    found = slopes(book, ["s!A1"], "s!E1", [1.5])
    assert found[0].item() == pytest.approx(2 * 1.2)


def test_a_function_stays_right_where_the_inputs_change_what_is_chosen() -> None:
    fills = {"B1": "IF(A1>2,A1^2,3*A1)", "B2": "INDEX(D1:D4,ROUND(A1,0))*A1", "B3": 'IF(A1>3,"",A1)'}
    cells = {"A1": 1.0, "D1": 10.0, "D2": 20.0, "D3": 30.0, "D4": 40.0}
    book = book_of(cells, {**fills, "C1": "SUM(B1:B3)"})
    by_torch = book.function(["s!A1"], ["s!C1"], backend="torch")
    by_numpy = book.function(["s!A1"], ["s!C1"], backend="numpy")
    for number, slope in [(1.2, 14.0), (2.4, 25.8), (3.7, 47.4), (1.2, 14.0)]:
        point = torch.tensor(number, dtype=torch.float64, requires_grad=True)
        value = by_torch(point)
        value.backward()
        assert value.item() == pytest.approx(by_numpy(number), rel=1e-14)
        assert point.grad.item() == pytest.approx(slope, rel=1e-13)
    assert any("IF chooses by A1>2" in note for note in by_torch.notes)
    assert any("where INDEX" in note for note in by_torch.notes)


CELLS = st.sampled_from(["A1", "$A$2", "A$3", "B1", "$B$4", "A2"])
RANGES = st.sampled_from(["A1:A2", "A$1:A$4", "$A$1:$B$2", "A1:B1", "$A$1:A1"])


def joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({}{}{})".format, inner, st.sampled_from("+-*"), inner),
        st.builds("({}/(1+{}^2))".format, inner, inner),
        st.builds("{}({}/4)".format, st.sampled_from(["EXP", "TANH", "SIN", "COS"]), inner),
        st.builds("IF({}>1.03,{},{})".format, CELLS, inner, inner),
        st.builds("LN(2+ABS({}))".format, inner),
        st.builds("SQRT(1+{}^2)".format, inner),
    )


LEAVES = st.one_of(
    CELLS,
    st.builds("{}({})".format, st.sampled_from(["SUM", "SUMSQ", "MAX", "AVERAGE"]), RANGES),
    st.sampled_from(
        ["0.5", "MMULT($A1:$B1,$A$1:$A$2)", "SUMPRODUCT($A$1:$A$4,$B$1:$B$4)", "INDEX($A$1:$B$4,2,1)"]
    ),
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(formula=st.recursive(LEAVES, joined, max_leaves=6), recurrent=st.booleans())
def test_slopes_of_made_up_formulas_are_central_differences(formula: str, recurrent: bool) -> None:
    cells = {"A1": 1.5, "A2": 0.7, "A3": 2.25, "A4": 3.1, "B1": 0.3, "B2": 0.9, "B3": 1.2, "B4": 2.0}
    fills = {"D1": "A1", "D2:D3": f"TANH(D1)+{formula}"} if recurrent else {"D1:D3": formula}
    book = book_of(cells, {**fills, "F1": "SUM(D1:D3)+A1"})
    at = [[[1.5, 0.3], [0.7, 0.9], [2.25, 1.2], [3.1, 2.0]]]
    found = slopes(book, ["s!A1:B4"], "s!F1", at)
    expected = central(book, ["s!A1:B4"], "s!F1", at)
    scale = np.abs(expected[0]).max()
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-6, atol=1e-7 * (1 + scale))


def test_a_loss_through_lookups_is_fast(lessons_dir: Path) -> None:
    book = read(lessons_dir / "course22" / "collab_filter.xlsx")
    inputs = ["movielens_emb!C4:G18", "movielens_emb!C22:G36"]
    function = book.function(inputs, ["movielens_emb!AA3"], backend="torch")
    points = [
        torch.tensor(np.array(book["movielens_emb"][i.split("!")[1]]), requires_grad=True) for i in inputs
    ]
    seconds = []
    for _ in range(20):
        start = time.perf_counter()
        loss = function(*points)
        loss.backward()
        seconds.append(time.perf_counter() - start)
    assert loss.item() == pytest.approx(book["movielens_emb"]["AA3"].item(), rel=1e-14)
    assert min(seconds) < 0.005  # half a millisecond on an idle machine
    assert not function.notes


def test_what_does_not_change_smoothly_is_named() -> None:
    book = book_of({"A1": 2.5}, {"B1": "A1*ROUND(A1,0)"})
    function = book.function(["s!A1"], ["s!B1"], backend="torch")
    lr = torch.tensor(2.5, dtype=torch.float64, requires_grad=True)
    function(lr).backward()
    assert lr.grad.item() == 3.0
    assert any("ROUND" in note and "s!B1" in note for note in function.notes)


def test_requests_that_cannot_be_met_say_why() -> None:
    book = book_of({"A1": 1.0, "A2": 2.0}, {"B1": "A1+1"})
    with pytest.raises(SheetsimError, match="does not depend on s!A2"):
        book.function(["s!A2"], ["s!B1"], backend="torch")
    with pytest.raises(SheetsimError, match="does not take an array of 1 x 2"):
        book.function(["s!A1"], ["s!B1"], backend="torch")(torch.zeros(1, 2))
    with pytest.raises(SheetsimError, match="nowhere"):
        book.function(["nowhere!A2"], ["s!B1"], backend="torch")
