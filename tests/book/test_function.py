"""A book as a function: many scenarios at once give, bit for bit, what one after another gives."""

from collections.abc import Sequence

import numpy as np
import pytest

import sheetsim as ss
from sheetsim.run.batches import NumberFunction

COUNT = 40


@pytest.fixture(scope="module")
def adam(tmp_path_factory: pytest.TempPathFactory) -> ss.Book:
    path = tmp_path_factory.mktemp("adam") / "adam.xlsx"
    ss.lesson("adam").export(path)
    return ss.read(path)


def mixed() -> ss.Book:
    """Text, errors, truth values, look-ups, ranges that grow, a recurrence upwards, an array formula."""
    book = ss.new()
    s, t = book.add_sheet("s"), book.add_sheet("t")
    s["A1:A6"] = [1, 2, 3, 4, 5, 6]
    s["B1:B6"] = "=1/(A1-$F$1)"  # #DIV/0! where F1 is 1, 2, ...
    s["C1:C6"] = '=IF(B1>0.3,"big",B1*2)'
    s["D1:D6"] = "=IFERROR(SUM(B$1:B1),-1)"
    s["E6"] = "=F1"
    s["E1:E5"] = "=E2*0.5+A1"
    s["F1"] = 2.5
    s["F2"] = "=INDEX(A1:A6,MATCH(F1,A1:A6,1))"
    s["F3"] = '=COUNTIF(C1:C6,"big")'
    s["F4"] = "=F1>2"
    s["F5"] = '=IF(F4,C1&"x",F1)'
    s["F6"] = "=SUM(E1:E6)*F3"
    t["A1"] = "=LEN(s!F5)"
    t["A2"] = "=SUMPRODUCT(s!A1:A6,s!E1:E6)^2"
    t["A3"] = "=OFFSET(s!A1,s!F1,0)"
    book.workbook["t"].fill("B1:C2", "MMULT(s!A1:B2,s!E1:F2)", array=True)
    return book


def one_by_one(
    book: ss.Book, inputs: Sequence[str], outputs: Sequence[str], values: Sequence[np.ndarray]
) -> list[np.ndarray]:
    """Each scenario by putting its values into the book and calculating all of it from the start."""
    found: list[list[np.ndarray]] = []
    for scenario in range(COUNT):
        fresh = ss.Book(book.workbook)
        for address, value in zip(inputs, values, strict=True):
            sheet, cells = address.split("!")
            fresh[sheet][cells] = value[scenario] if value.ndim in (1, 3) else value
        fresh.calculate()
        found.append([np.asarray(fresh[a.split("!")[0]][a.split("!")[1]]) for a in outputs])
    return [np.stack(column) for column in zip(*found, strict=True)]


def check(
    book: ss.Book,
    inputs: Sequence[str],
    outputs: Sequence[str],
    values: Sequence[np.ndarray],
    ways: dict[str, str],
) -> None:
    expected = one_by_one(book, inputs, outputs, values)
    for backend, way in ways.items():
        function = book.function(inputs, outputs, backend=backend)
        assert isinstance(function, NumberFunction)
        found = function(*values)
        assert function.way == way
        for one, wanted in zip(found if len(outputs) > 1 else [found], expected, strict=True):
            np.testing.assert_array_equal(one.reshape(wanted.shape), wanted)


COMPILED = {"auto": "compiled loops", "llvm": "compiled loops", "numpy": "arrays"}
ARRAYS = {"auto": "arrays", "numpy": "arrays"}


def test_learning_rates(adam: ss.Book) -> None:
    pytest.importorskip("llvmlite")
    rates = np.linspace(0.001, 2, COUNT)
    check(adam, ["adam!D2"], ["adam!I32", "adam!E4:E32", "adam!A4"], [rates], COMPILED)


def test_inputs_with_and_without_scenarios(adam: ss.Book) -> None:
    pytest.importorskip("llvmlite")
    draw = np.random.default_rng(1)
    values = [
        draw.uniform(0.01, 1, COUNT),
        draw.uniform(1, 50, (29, 1)),
        draw.uniform(30, 90, (COUNT, 29, 1)),
    ]
    check(
        adam, ["adam!D2", "adam!A4:A32", "adam!B4:B32"], ["adam!H32:I32"], values, {"auto": "compiled loops"}
    )


def test_errors_of_some_scenarios() -> None:
    pytest.importorskip("llvmlite")
    rates = np.arange(COUNT) / 8 + 1  # each eighth gives an error in B, and in what is made of it
    assert (rates == 3.0).any()
    check(mixed(), ["s!F1"], ["s!B1:B6", "s!D1:D6", "s!E1:E6", "s!F4"], [rates], COMPILED)


@pytest.mark.parametrize("output", ["s!C1:C6", "s!F2", "s!F3", "s!F6", "t!A1", "t!A2", "t!B1:C2"])
def test_text_look_ups_and_arrays(output: str) -> None:
    pytest.importorskip("llvmlite")
    rates = np.concatenate([np.arange(20) / 4, np.linspace(-3, 9, 20)])
    function = mixed().function(["s!F1"], [output])
    function(rates)
    assert function.way in ("arrays", "compiled loops")
    check(mixed(), ["s!F1"], [output], [rates], {"auto": function.way, "numpy": "arrays"})


def test_what_can_only_be_recalculated() -> None:
    check(
        mixed(),
        ["s!F1"],
        ["t!A3"],
        [np.arange(COUNT) % 7 * 1.0],
        {"auto": "recalculation", "numpy": "recalculation"},
    )


def test_few_scenarios_none_and_one_setting(adam: ss.Book) -> None:
    function = adam.function(["adam!D2"], ["adam!I32", "adam!H31:I32"])
    one, block = function(0.25)
    assert isinstance(one, float)
    assert block.shape == (2, 2)
    many, blocks = function([0.25, 0.5])
    assert many.shape == (2,)
    assert blocks.shape == (2, 2, 2)
    assert (many[0], blocks[0].tolist()) == (one, block.tolist())
    none, nothing = function(np.zeros(0))
    assert (none.shape, nothing.shape) == ((0,), (0, 2, 2))


def test_torch_takes_scenarios(adam: ss.Book) -> None:
    torch = pytest.importorskip("torch")
    rates = np.array([0.05, 0.1, 0.2])
    tensor = torch.tensor(rates, requires_grad=True)
    found = adam.function(["adam!D2"], ["adam!I32", "adam!E31:E32"], backend="torch")(tensor)
    wanted = adam.function(["adam!D2"], ["adam!I32", "adam!E31:E32"])(rates)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one.detach().numpy().reshape(other.shape), other, rtol=1e-13)
    found[0].sum().backward()
    each = []
    for rate in rates:
        lr = torch.tensor(rate, requires_grad=True)
        adam.function(["adam!D2"], ["adam!I32"], backend="torch")(lr).backward()
        each.append(lr.grad.item())
    assert tensor.grad.tolist() == each


def test_what_is_refused(adam: ss.Book) -> None:
    function = adam.function(["adam!D2", "adam!A4:A32"], ["adam!I32"])
    with pytest.raises(ss.SheetsimError, match="takes 2 inputs, not 1"):
        function(0.1)
    with pytest.raises(ss.SheetsimError, match="29 x 1 cells, does not take an array of 3 x 2"):
        function(0.1, np.zeros((3, 2)))
    with pytest.raises(ss.SheetsimError, match="inputs of 2 and 3 scenarios"):
        function(np.zeros(2), np.zeros((3, 29, 1)))
    with pytest.raises(ss.SheetsimError, match="overlap"):
        adam.function(["adam!D2", "adam!D2:D3"], ["adam!I32"])
    with pytest.raises(ss.SheetsimError, match="backend 'gpu'"):
        adam.function(["adam!D2"], ["adam!I32"], backend="gpu")
