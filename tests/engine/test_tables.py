"""A model in tables, hundreds of rows of structured references, against LibreOffice and IronCalc.

The workbook is a small regression with a ReLU by IF, as courses have it on the Titanic's passengers: a table
of data with calculated columns, a table of weights on another sheet, and formulas that look at both.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import xlsxwriter

from sheetsim.address import Rect
from sheetsim.checking import ironcalc, libreoffice
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.values import ExcelError, Scalar
from sheetsim.workbook import Workbook
from sheetsim.xlsx.read.workbook import read_workbook

ROWS = 400
LOG = "LOG10(Table1[[#This Row],[Fare '[$']]]+1)"
FEATURES = "Table1[[#This Row],[SibSp]:[Ones]]"
COLUMNS = {
    "Survived": "",
    "SibSp": "",
    "Fare [$]": "",
    "Age": "",
    "Ones": "",
    "log Fare": LOG,
    "Lin1": f"SUMPRODUCT({FEATURES},Weights!$B$2:$E$2)+Table1[[#This Row],[log Fare]]*Weights!$E$2",
    "Relu1": "IF(Table1[[#This Row],[Lin1]]<0,0,Table1[[#This Row],[Lin1]])",
    "Preds": "Table1[[#This Row],[Relu1]]+Table1[[#This Row],[Ones]]*0.1",
    "Loss": "(Table1[[#This Row],[Preds]]-Table1[[#This Row],[Survived]])^2",
}
SHORT = {  # the same in the forms that a person types
    "log Fare": "LOG10([@'Fare '[$']]+1)".replace("@'", "@"),
    "Lin1": "SUMPRODUCT(Table1[@[SibSp]:[Ones]],Weights!$B$2:$E$2)+[@[log Fare]]*Weights!$E$2",
    "Relu1": "IF([@Lin1]<0,0,table1[@LIN1])",
    "Preds": "[@Relu1]+[@Ones]*0.1",
    "Loss": "([@Preds]-[[#This Row],Survived])^2",
}
LOOKS = [
    "AVERAGE(Table1[Loss])",
    "SUM(Table1[Lin1])",
    "SUM(Table1[[SibSp]:[Ones]])",
    "SUMPRODUCT(Table1[Age],Table1[SibSp])",
    "SUMPRODUCT((Table1[Age]>0.5)*Table1[Relu1])",
    "SUMXMY2(Table1[Preds],Table1[Survived])/ROWS(Table1[Preds])",
    "MAX(Table1[[Age]:[Age]])",
    "COUNTIF(Table1[Survived],1)",
    "INDEX(Table1[Fare '[$']],3)",
    "Table1[Age]",  # the value in this row
    "Table1[[#This Row],[Age]]*2",
    "Table1[[#Headers],[Fare '[$']]]",
    "Weights[[#Totals],[Age]]",
    "SUM(Weights[[SibSp]:[Ones]])",
    "ROWS(Table1[#All])",
    "COUNTA(Table1[#Headers])",
    'MATCH("age",Table1[#Headers],0)',
    "ROWS(Table1[[#Headers],[#Data],[Age]])",
    "SUM(Weights[[#Headers],[SibSp]]:Weights[Ones])",
    "SUM(table1[age])",
]
# What only one of the two programs reads: LibreOffice 7.4 makes #NAME? or #VALUE! of whole items, IronCalc
# of several items, of ranges between references and of names in another case.
ONLY_IRONCALC = {"ROWS(Table1[#All])", "COUNTA(Table1[#Headers])", 'MATCH("age",Table1[#Headers],0)'}
ONLY_LIBREOFFICE = {
    "ROWS(Table1[[#Headers],[#Data],[Age]])",
    "SUM(Weights[[#Headers],[SibSp]]:Weights[Ones])",
    "SUM(table1[age])",
}


def made(path: Path, formulas: dict[str, str]) -> Path:
    draw = random.Random(3)
    data = [
        [draw.randint(0, 1), draw.randint(0, 4), round(draw.uniform(0, 300), 4), draw.randint(1, 80) / 80, 1]
        for _ in range(ROWS)
    ]
    columns = [
        {"header": name} | ({"formula": "=" + text} if text else {}) for name, text in formulas.items()
    ]
    with xlsxwriter.Workbook(path) as package:
        train, weights, looks = (package.add_worksheet(name) for name in ("Train", "Weights", "Looks"))
        train.add_table(2, 1, 2 + ROWS, len(formulas), {"name": "Table1", "data": data, "columns": columns})
        headings = [{"header": name} for name in ("Name", "SibSp", "Fare [$]", "Age", "Ones")]
        row = ["Params", -0.1, 0.004, -0.3, 0.1]
        weights.add_table("A1:E2", {"name": "Weights", "data": [row], "columns": headings})
        for at, formula in enumerate(LOOKS, 6):
            looks.write_formula(at, 0, "=" + formula)
    return path


def computed(book: Workbook) -> dict[tuple[str, str], Scalar]:
    """Every formula cell's value, by its address."""
    plan = make_plan(book)
    assert plan.unsupported == []
    calculation = calculate(book, plan)
    cells = [(region.sheet, cell) for region in plan.regions for cell in region.rect.cells()]
    return {
        (sheet, str(Rect.cell(*cell))): calculation.block(sheet, Rect.cell(*cell)).get((0, 0))
        for sheet, cell in cells
    }


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("tables") / "titanic.xlsx", COLUMNS)


def test_each_calculated_column_is_one_region(path: Path) -> None:
    plan = make_plan(read_workbook(path))
    columns = [str(region) for region in plan.regions if region.sheet == "Train"]
    assert columns == [f"Train!{letter}4:{letter}403" for letter in "GHIJK"]
    assert {step.how for step in plan.steps} == {"whole"}


def test_typed_forms_are_the_same(path: Path, tmp_path: Path) -> None:
    short = made(tmp_path / "short.xlsx", COLUMNS | SHORT)
    assert computed(read_workbook(short)) == computed(read_workbook(path))


def compared(path: Path, judge: Workbook, without: set[str], tolerance: float) -> None:
    ours = computed(read_workbook(path))
    left_out = {f"A{7 + LOOKS.index(formula)}" for formula in without}
    assert len(ours) == 5 * ROWS + len(LOOKS)
    for (sheet, address), value in ours.items():
        expected = judge[sheet].value(address)
        if sheet == "Looks" and address in left_out:
            assert expected != pytest.approx(value), f"{address} needs no exception"
            continue
        if isinstance(value, float) and isinstance(expected, float):
            assert value == pytest.approx(expected, rel=tolerance, abs=1e-15), (sheet, address)
        else:
            assert value == expected, (sheet, address)
            assert isinstance(value, (str, ExcelError))


@pytest.mark.skipif(libreoffice.program() is None, reason="LibreOffice is not installed")
def test_libreoffice_has_the_same_values(path: Path) -> None:
    compared(path, libreoffice.recalculate(path), ONLY_IRONCALC, 1e-13)


@pytest.mark.skipif(not ironcalc.installed(), reason="IronCalc is not installed")
def test_ironcalc_has_the_same_values(path: Path) -> None:
    compared(path, ironcalc.recalculate(path), ONLY_LIBREOFFICE, 1e-13)


def test_the_loss_has_a_slope(path: Path) -> None:
    """The torch plan goes through tables as through ranges: against central differences."""
    torch = pytest.importorskip("torch")
    import sheetsim

    loss = sheetsim.read(path).function(inputs=["Weights!B2:E2"], outputs=["Looks!A7"], backend="torch")
    start = torch.tensor([[-0.1, 0.004, -0.3, 0.1]], dtype=torch.float64, requires_grad=True)
    loss(start).sum().backward()
    for column in range(4):
        step = torch.zeros_like(start)
        step[0, column] = 1e-6
        difference = (loss(start + step) - loss(start - step)).item() / 2e-6
        assert start.grad[0, column].item() == pytest.approx(difference, rel=1e-5)
