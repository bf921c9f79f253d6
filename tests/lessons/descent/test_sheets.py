"""The sheet implementation: exported workbooks against the course's own, the schema, LibreOffice and
IronCalc."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from openpyxl.formula.translate import Translator

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.catalogue import lesson
from sheetsim.lessons.kit.export import export, make_book
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.values import NUMBER
from sheetsim.workbook import Workbook
from sheetsim.xlsx.write.workbook import write_workbook
from tests.lessons.descent.course import DESCENT, ORIGINALS, original

PLANTED = 12345.0  # a wrong stored value in adam's E5, to see that a judge recalculates


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each lesson exported with its defaults."""
    folder = tmp_path_factory.mktemp("exported")
    return {name: export(lesson(name), folder / f"{name}.xlsx") for name in DESCENT}


@pytest.fixture(scope="session")
def stored(exported: dict[str, Path]) -> dict[str, openpyxl.Workbook]:
    return {name: openpyxl.load_workbook(path, data_only=True) for name, path in exported.items()}


@pytest.fixture(scope="session")
def formulas(exported: dict[str, Path]) -> dict[str, openpyxl.Workbook]:
    return {name: openpyxl.load_workbook(path) for name, path in exported.items()}


@pytest.mark.parametrize("name", DESCENT)
def test_what_every_workbook_has(name: str, exported: dict[str, Path], formulas, stored) -> None:
    found, book = lesson(name), formulas[name]
    settings = found.settings()
    assert book.sheetnames[:2] == [f"{name} about", name]
    for place in (*found.inputs(settings), *found.blocks(settings)):
        text = book.defined_names[f"{name}.{place.name}"].attr_text
        sheet, _, cells = text.replace("$", "").replace("'", "").rpartition("!")
        assert (sheet, cells) == (place.sheet, str(place.rect))
    for key in ("rows", "epochs"):
        assert float(book.defined_names[f"{name}.{key}"].attr_text) == settings[key]
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    value = stored[name][sheet.title][cell.coordinate].value
                    assert isinstance(value, int | float), f"{sheet.title}!{cell.coordinate}: {value!r}"
        if sheet.title != f"{name} about":
            assert sheet.freeze_panes
            assert sheet.print_title_rows == "$1:$3"
        assert sheet.page_setup.orientation == "landscape"
    for role in ("", " summary"):
        assert book[f"{name}{role}"]._charts, "charts are lost"
    with zipfile.ZipFile(exported[name]) as package:
        names = package.namelist()
        text = b"".join(package.read(part) for part in names if part.startswith("xl/worksheets/sheet"))
    assert not [part for part in names if "vba" in part or "externalLink" in part]
    assert not re.search(rb"<f>[^<]*\b(RAND|NOW|TODAY|OFFSET|INDIRECT)", text)


@pytest.mark.parametrize("name", DESCENT)
def test_every_input_has_a_note_and_limits(name: str, formulas) -> None:
    found, book = lesson(name), formulas[name]
    for place in found.inputs(found.settings()):
        if place.optional or place.name in ("x", "y"):
            continue
        sheet, cell = book[place.sheet], str(place.rect)
        assert found.parameter(place.name).help in sheet[cell].comment.text
        assert sheet[cell].fill.fill_type == "solid"
        rules = [rule for rule in sheet.data_validations.dataValidation if cell in str(rule.sqref).split()]
        assert len(rules) == 1
        title, cells = rules[0].formula1.replace("$", "").replace("'", "").split("!")
        for choice in np.array(book[title][cells]).ravel():
            found.parameter(place.name).read(choice.value)


def table_head(name: str, role: str, column: str) -> bool:
    """Is row 2 of this column taken by an input or its label?"""
    implementation = lesson(name).implementation("sheet").IMPLEMENTATION
    table = {" torch": implementation.torch, " epochs": implementation.epochs or implementation.lesson}.get(
        role, implementation.lesson
    )
    places = [str(place.rect) for place in lesson(name).inputs(lesson(name).settings())]
    return f"{column}2" in table.head or f"{column}2" in places


@pytest.mark.parametrize("name", DESCENT)
def test_each_columns_formula_is_spelled_above_it(name: str, formulas) -> None:
    """In row 2, where the original has nothing there, and in the heading's note."""
    found, book = lesson(name), formulas[name]
    for role in ("", " torch", " epochs"):
        sheet = book[f"{name}{role}"]
        for column in range(5, sheet.max_column + 1):
            cell = sheet.cell(4, column)
            if cell.data_type != "f" or sheet.cell(3, column).value in ("step t", "epoch"):
                continue
            spelled = [str(sheet.cell(row, column).value or "") for row in (2, 3)]
            notes = [sheet.cell(row, column).comment for row in (2, 3)]
            assert any(note and "=" in note.text for note in notes), (
                f"{sheet.title}!{cell.coordinate} is not explained"
            )
            assert any(spelled), "row 2 tells the formula unless an input or its label stands there"
            if not table_head(name, role, cell.column_letter):
                assert any("=" in text for text in spelled)
    assert found.title in book[f"{name} about"]["B1"].value


def with_original(name: str, folder: Path) -> Workbook:
    """The lesson's workbook with the original's points, parameters and start state put in."""
    given = original(folder, name).inputs
    found = lesson(name)
    parameters = {parameter.name for parameter in found.parameters}
    settings = {"epochs": 1, "dry_passes": 0} if "dry_passes" in parameters else {"epochs": 1}
    book = make_book(found, {key: value for key, value in given.items() if key in parameters} | settings)
    for place in found.inputs(found.settings(settings)):
        if place.name in given and place.sheet == name:
            numbers = np.atleast_1d(given[place.name])
            for row, number in enumerate(numbers.tolist(), place.rect.top):
                book[name].set((row, place.rect.left), number)
            book[name].fills = [fill for fill in book[name].fills if fill.rect != place.rect]
    return book


@pytest.mark.parametrize("name", ORIGINALS)
def test_formulas_and_values_are_the_originals(name: str, lessons_dir: Path, tmp_path: Path) -> None:
    """Every formula cell of the course's sheet: the same text at the same address, and, with the original's
    inputs, the very number that Excel stored."""
    book = with_original(name, lessons_dir)
    calculation = calculate(book, make_plan(book))
    path = tmp_path / "book.xlsx"
    write_workbook(book, path, calculation.block)
    ours, our_values = openpyxl.load_workbook(path)[name], openpyxl.load_workbook(path, data_only=True)[name]
    sheet_name = lesson(name).original_sheet
    file = lessons_dir / "course-v3" / "graddesc.xlsm"
    theirs = openpyxl.load_workbook(file)[sheet_name]
    values = openpyxl.load_workbook(file, data_only=True)[sheet_name]
    cells = 0
    for row in theirs["A1:N34"]:
        for cell in row:
            if cell.data_type == "f":
                cells += 1
                assert ours[cell.coordinate].value == cell.value, cell.coordinate
                assert our_values[cell.coordinate].value == values[cell.coordinate].value, cell.coordinate
            elif isinstance(cell.value, str) and cell.row <= 3:
                assert ours[cell.coordinate].value == cell.value, cell.coordinate
    assert cells > 250


def test_a_formula_that_differs_is_noticed(lessons_dir: Path) -> None:
    """The comparison above can fail: openpyxl spells shared formulas out in every cell."""
    file = lessons_dir / "course-v3" / "graddesc.xlsm"
    sheet = openpyxl.load_workbook(file)["adam"]
    expected = Translator(sheet["H5"].value, origin="H5").translate_formula("H20")
    assert sheet["H20"].value == expected == "=C20-J20*$D$2/SQRT(L20)"


def test_a_followed_parameter_is_a_formula_until_it_is_set() -> None:
    linked = make_book(lesson("adam"), {"lr": 0.3})
    assert [fill.formula for fill in linked["adam torch"].fills if fill.rect == Rect.parse("D2")] == [
        "adam!D2"
    ]
    typed = make_book(lesson("adam"), {"lr": 0.3, "torch_lr": 0.2})
    assert not [fill for fill in typed["adam torch"].fills if fill.rect == Rect.parse("D2")]
    assert typed["adam torch"].value("D2") == 0.2


@pytest.mark.parametrize("name", DESCENT)
@pytest.mark.parametrize(
    "settings", [{"epochs": 1}, {"rows": 2, "epochs": 3}, {"rows": 50, "epochs": 2, "dry_passes": 0}]
)
def test_other_sizes_agree_with_the_arrays(name: str, settings: dict[str, float]) -> None:
    """The engine's value of every block is the NumPy implementation's, bit for bit."""
    found = lesson(name)
    known = {parameter.name for parameter in found.parameters}
    given = {key: value for key, value in settings.items() if key in known}
    full = found.settings(given)
    book = make_book(found, given)
    calculation = calculate(book, make_plan(book))
    told = found.implementation("arrays").compute({**full, **found.make_data(full)})
    for block in found.blocks(full):
        values = calculation.block(block.sheet, block.rect)
        numbers = np.where(values.kind_array() == NUMBER, values.numbers, np.nan)
        expected = np.where(np.isfinite(told[block.name]), told[block.name], np.nan)
        np.testing.assert_array_equal(numbers, expected, err_msg=f"{name} {block.name}")


def test_ones_own_points(tmp_path: Path) -> None:
    csv = tmp_path / "points.csv"
    csv.write_text("y,x\n3.3000000000000003,1\n5,2\n7.5,3\n")
    path = export(lesson("sgd"), tmp_path / "mine.xlsx", sources={"data": str(csv)}, settings={"epochs": 2})
    sheet = openpyxl.load_workbook(path, data_only=True)["sgd"]
    assert [sheet[cell].value for cell in ("A4", "B4", "A6", "B6")] == [1, 3.3000000000000003, 3, 7.5]
    assert sheet["E7"].value == "rmse"
    with pytest.raises(SheetsimError, match="has 3 points, not rows=4"):
        export(lesson("sgd"), tmp_path / "no.xlsx", sources={"data": str(csv)}, settings={"rows": 4})
    assert not (tmp_path / "no.xlsx").exists()


def test_many_rows_leave_out_epochs_only_where_they_are_not_asked_for() -> None:
    def names(book: Workbook) -> dict[str, str]:
        return {name.name: name.formula for name in book.names}

    assert names(make_book(lesson("adam"), {"rows": 40_000}))["adam.epochs"] == "2"
    assert names(make_book(lesson("adam"), {"rows": 600_000}))["adam.dry_passes"] == "1"
    with pytest.raises(SheetsimError, match="set epochs to 1 or less"):
        make_book(lesson("adam"), {"rows": 600_000, "epochs": 2})


def test_export_needs_no_heavy_library(tmp_path: Path) -> None:
    code = (
        "import sys; from sheetsim.lessons.kit.catalogue import lesson; "
        "from sheetsim.lessons.kit.export import export; export(lesson('adam'), sys.argv[1]); "
        "print(sorted({'torch', 'pandas', 'llvmlite', 'rich', 'openpyxl', 'lxml'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "adam.xlsx")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "[]"
