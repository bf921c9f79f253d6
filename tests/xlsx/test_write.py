"""The writer: what is written is what openpyxl, which shares no code with it, reads back."""

import math
import os
import re
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from openpyxl.formula.translate import Translator

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.style import ROLES, Chart, HeatMap, Limits, Look, Series
from sheetsim.values import ExcelError, Scalar, Values
from sheetsim.workbook import DefinedName, Fill, Workbook
from sheetsim.xlsx.read.workbook import read_workbook
from sheetsim.xlsx.write import rows
from sheetsim.xlsx.write.prefixes import prefixed
from sheetsim.xlsx.write.workbook import write_workbook


def constant(value: Scalar) -> Callable[[str, Rect], Values]:
    """Every cell has this value."""
    return lambda sheet, rect: Values.filled(rect.shape, value).simplified()


def written(book: Workbook, folder: Path, values: Callable[[str, Rect], Values] | None = None) -> Path:
    path = folder / "book.xlsx"
    write_workbook(book, path, values, force=True)
    return path


def part(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as package:
        return package.read(name).decode()


def one_sheet() -> Workbook:
    book = Workbook()
    book.add_sheet("one")
    return book


@pytest.mark.parametrize(
    "number", [0.1 + 0.2, 1 / 3, -0.0, 5e-324, 1.7976931348623157e308, 123456789.12345678, 2**53 - 1.0]
)
def test_numbers_typed_and_computed_keep_all_their_bits(tmp_path: Path, number: float) -> None:
    book = one_sheet()
    book["one"].set("A1", number)
    book["one"].fill("B1", "A1")
    sheet = openpyxl.load_workbook(written(book, tmp_path, constant(number)), data_only=True)["one"]
    for cell in ("A1", "B1"):
        assert float(sheet[cell].value) == number
        assert math.copysign(1, float(sheet[cell].value)) == math.copysign(1, number)


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "{=1+1}", "12", "1e5", "TRUE", "#N/A", "http://x.org", "mailto:a@b.c", "internal:one!A1"),
        *("", " both ends ", "a\nb", "<&>\"'", "tab\there", "ä€😀"),
    ],
)
def test_texts_stay_texts(tmp_path: Path, text: str) -> None:
    book = one_sheet()
    book["one"].set("A1", text)
    book["one"].fill("B1", "A1")
    path = written(book, tmp_path, constant(text))
    sheet = openpyxl.load_workbook(path, data_only=True)["one"]
    assert (sheet["A1"].value or "") == text
    assert sheet["A1"].data_type == "s"
    assert (sheet["B1"].value or "") == text
    assert "hyperlink" not in part(path, "xl/worksheets/sheet1.xml")
    assert part(path, "xl/worksheets/sheet1.xml").count("<f>") == 1


def test_what_xml_cannot_hold_is_escaped_as_the_format_says(tmp_path: Path) -> None:
    """ECMA-376 part 1, 22.9.2.19; openpyxl leaves these escapes as they are, so look at the text."""
    book = one_sheet()
    book["one"].set("A1", "bell\x07 _x0041_")
    book["one"].fill("B1", "A1")
    path = written(book, tmp_path, constant("bell\x07 _x0041_"))
    for name in ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"):
        assert "bell_x0007_ _x005F_x0041_<" in part(path, name)


@pytest.mark.parametrize(
    ("value", "marked"),
    [
        (True, 't="b"><f>B2</f><v>1</v>'),
        (False, 't="b"><f>B2</f><v>0</v>'),
        (ExcelError.DIV0, 't="e"><f>B2</f><v>#DIV/0!</v>'),
        (ExcelError.CALC, 't="e"><f>B2</f><v>#CALC!</v>'),
        ("", 't="str"><f>B2</f><v></v>'),
        ("a<b", 't="str"><f>B2</f><v>a&lt;b</v>'),
        (None, "><f>B2</f></c>"),
        (math.nan, 't="e"><f>B2</f><v>#NUM!</v>'),
        (math.inf, 't="e"><f>B2</f><v>#NUM!</v>'),
    ],
)
def test_stored_values_have_their_kinds(tmp_path: Path, value: Scalar, marked: str) -> None:
    book = one_sheet()
    book["one"].fill("A1", "B2")
    assert marked in part(written(book, tmp_path, constant(value)), "xl/worksheets/sheet1.xml")


def test_typed_booleans_and_errors(tmp_path: Path) -> None:
    book = one_sheet()
    book["one"].set("A1", True)
    book["one"].set("A2", ExcelError.NA)
    sheet = openpyxl.load_workbook(written(book, tmp_path))["one"]
    assert sheet["A1"].value is True
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("#N/A", "e")


def test_values_may_come_from_the_workbook_itself(tmp_path: Path) -> None:
    book = one_sheet()
    book["one"].set("A1", 7.5)
    book["one"].fill("A1", "B2")
    path = written(book, tmp_path)
    assert openpyxl.load_workbook(path, data_only=True)["one"]["A1"].value == 7.5
    assert openpyxl.load_workbook(path)["one"]["A1"].value == "=B2"


def test_a_fill_reads_in_each_cell_as_a_spreadsheet_would_fill_it(tmp_path: Path) -> None:
    count = rows.CHUNK + 40  # past the border between two chunks
    formula = "IF(A1>=$B1,SUM(C$1:D2)&\"A1{}\",'A1 b'!E3)+LOG10(F2)*1E3"
    book = one_sheet()
    book.add_sheet("A1 b")
    book["one"].fill(Rect(1, 6, 1 + count, 8), formula)
    sheet = openpyxl.load_workbook(written(book, tmp_path, constant(1.0)))["one"]
    for row in (2, 3, rows.CHUNK, rows.CHUNK + 1, rows.CHUNK + 2, count + 1):
        for column in "GH":
            expected = Translator("=" + formula, origin="G2").translate_formula(f"{column}{row}")
            assert sheet[f"{column}{row}"].value == expected
    assert sheet.max_row == count + 1


def test_the_values_of_a_fill_stand_beside_their_formulas(tmp_path: Path) -> None:
    count = 2 * rows.CHUNK + 3
    book = one_sheet()
    book["one"].fill(Rect(0, 1, count, 2), "ROW()")
    numbers = np.arange(count, dtype=float)[:, None] / 7

    def values(sheet: str, rect: Rect) -> Values:
        return Values(numbers[rect.top : rect.bottom])

    sheet = openpyxl.load_workbook(written(book, tmp_path, values), data_only=True)["one"]
    assert [cell.value for cell in sheet["B"]] == numbers[:, 0].tolist()


def test_an_array_formula_stands_once_and_its_values_everywhere(tmp_path: Path) -> None:
    book = one_sheet()
    book["one"].fill("B2:C3", "TRANSPOSE(E1:F2)", array=True)
    table = [[1.5, ExcelError.NA], ["text", True]]

    def values(sheet: str, rect: Rect) -> Values:
        return Values.of(table)[:, rect.left - 1 : rect.right - 1]

    path = written(book, tmp_path, values)
    array = openpyxl.load_workbook(path)["one"]["B2"].value
    assert (array.ref, array.text) == ("B2:C3", "=TRANSPOSE(E1:F2)")
    sheet = openpyxl.load_workbook(path, data_only=True)["one"]
    assert [[cell.value for cell in row] for row in sheet["B2:C3"]] == [[1.5, "#N/A"], ["text", True]]
    assert sheet["C2"].data_type == "e"


def test_a_dynamic_array_formula_is_marked(tmp_path: Path) -> None:
    book = one_sheet()
    book["one"].fills.append(Fill(Rect.parse("A1:A2"), "SORT(C1:C2)", array=True, dynamic=True))
    path = written(book, tmp_path, constant(1.0))
    text = part(path, "xl/worksheets/sheet1.xml")
    assert '<c r="A1" cm="1"><f t="array" ref="A1:A2">_xlfn._xlws.SORT(C1:C2)</f>' in text
    assert "XLDAPR" in part(path, "xl/metadata.xml")


def test_newer_functions_get_the_prefix_that_files_need() -> None:
    assert prefixed("var.p(A1:A3)+SUM(B1)") == "_xlfn.var.p(A1:A3)+SUM(B1)"
    assert prefixed('"VAR.P("&IFS(A1,2)') == '"VAR.P("&_xlfn.IFS(A1,2)'
    assert prefixed("FILTER(A1:A3,B1:B3)") == "_xlfn._xlws.FILTER(A1:A3,B1:B3)"
    assert prefixed("_xlfn.VAR.P(A1:A3)") == "_xlfn.VAR.P(A1:A3)"


def dressed() -> Workbook:
    """A workbook with one of everything that a look can say."""
    book = one_sheet()
    book.add_sheet("the list").set("A1", 1.0)
    sheet = book["one"]
    for row in range(5):
        sheet.set((row, 0), float(row))
    sheet.fill("B1:B5", "A1^2")
    look = Look(frozen="B2", repeat=(0, 0), tab="#FF0000", gridlines=False)
    for place, role in enumerate(ROLES):
        look.paint(Rect.cell(place, 5), role, "0.00")
    look.widths = {"A": 20, "C:D": 30}
    look.heights = {1: 40}
    look.notes["A1"] = "a note\nof two lines"
    limits = [
        (0, 1, False, False),
        (0, 1, True, False),
        (-math.inf, 3, False, True),
        (2, math.inf, True, False),
    ]
    for place, (low, high, is_open, integer) in enumerate(limits):
        look.limits.append(Limits(Rect.cell(place, 0), "t" * 40, "m" * 300, low, high, is_open, integer))
    choices = ("the list", Rect.parse("A1:A1"))
    look.limits.append(Limits(Rect.cell(4, 0), "list", "any", 0, 1, choices=choices))
    look.heat = [HeatMap(Rect.parse("A1:A5"), limit=2)]
    look.heat.append(HeatMap(Rect.parse("B1:B5"), signed=False, colour="#123456"))
    look.dividers.append((Rect.parse("A2:B5"), "$A2<>$A1"))
    a, b = Rect.parse("A1:A5"), Rect.parse("B1:B5")
    two = (Series("a", "one", a, dashed=True), Series("b", "one", b, points=True, second_axis=True))
    look.charts.append(Chart("line", "Both", two, "H2", "x", "y", "y2", logarithmic=True))
    look.charts.append(Chart("scatter", "One", (Series("b", "one", b, a, line=False, points=True),), "H20"))
    sheet.look = look
    book.define("one.a", "one", "A1:A5")
    book.names.append(DefinedName("one.count", "5"))
    book.names.append(DefinedName("local", "one!$A$1", scope="one"))
    book.names.append(DefinedName("secret", "one!$A$2", hidden=True))
    book.properties = {"title": "A title"}
    return book


def test_a_look_is_read_back(tmp_path: Path) -> None:
    path = written(dressed(), tmp_path, constant(4.0))
    book = openpyxl.load_workbook(path)
    sheet = book["one"]
    assert sheet.freeze_panes == "B2"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet["A1"].comment.text == "a note\nof two lines"
    assert sheet.column_dimensions["A"].width == pytest.approx(20, abs=1)
    assert sheet.row_dimensions[2].height == 40
    assert sheet["F6"].number_format == "0.00"
    fills = {cell.fill.start_color.rgb for cell in sheet["F"] if cell.fill.fill_type}
    assert fills == {"FF" + style.fill[1:] for style in ROLES.values() if style.fill}
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert (rules["A1"].type, rules["A1"].formula1, rules["A1"].formula2) == ("decimal", "0", "1")
    assert rules["A3"].type == "whole"
    assert rules["A5"].formula1 == "'the list'!$A$1"
    assert len(rules["A1"].promptTitle) == 32
    assert sum(len(rules) for rules in sheet.conditional_formatting._cf_rules.values()) == 3
    assert book.defined_names["one.a"].attr_text == "one!$A$1:$A$5"
    assert book.defined_names["one.count"].attr_text == "5"
    assert sheet.defined_names["local"].attr_text == "one!$A$1"
    assert book.defined_names["secret"].hidden
    assert not book.defined_names["one.a"].hidden
    assert book.properties.title == "A title"


def test_a_name_that_is_none_is_refused(tmp_path: Path) -> None:
    book = one_sheet()
    book.define("AB12", "one", "A1")
    with pytest.warns(UserWarning, match="AB12"), pytest.raises(ValueError, match="cannot be a defined name"):
        written(book, tmp_path)


def test_charts_hold_the_values_that_they_show(tmp_path: Path) -> None:
    """A viewer that computes nothing draws what the chart itself holds."""
    text = part(written(dressed(), tmp_path, constant(4.25)), "xl/charts/chart1.xml")
    assert text.count("<c:v>4.25</c:v>") == 10


def test_points_and_columns_bear_the_texts_of_their_cells(tmp_path: Path) -> None:
    """Cells, so that they follow, and what these hold now."""
    book = one_sheet()
    for row, words in enumerate(("Paper Boats", "Orbit of Glass")):
        book["one"].set((row, 3), words)
        book["one"].set((row, 4), float(row + 7))
    words, numbers = Rect.parse("D1:D2"), Rect.parse("E1:E2")
    dots = Series("dots", "one", numbers, numbers, line=False, points=True, labels=words)
    look = Look(charts=[Chart("scatter", "Map", (dots,), "G1")])
    look.charts.append(Chart("column", "Columns", (Series("columns", "one", numbers, words),), "G20"))
    book["one"].look = look
    path = written(book, tmp_path, lambda sheet, rect: book[sheet].block(rect))
    points, columns = (part(path, f"xl/charts/chart{number}.xml") for number in (1, 2))
    for row, words in enumerate(("Paper Boats", "Orbit of Glass"), 1):
        assert f"<c:f>one!$D${row}</c:f>" in points.replace("&apos;", "")
        assert words in points
        assert words in columns
    assert points.count('<c:showSerName val="1"/>') == 2


def test_same_workbook_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = written(dressed(), tmp_path, constant(4.0)).read_bytes()
    clock = time.time
    monkeypatch.setattr(time, "time", lambda: clock() + 4000.0)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    if hasattr(time, "tzset"):
        time.tzset()
    time.sleep(2.1)  # a package's times have a step of two seconds
    second = written(dressed(), tmp_path, constant(4.0)).read_bytes()
    assert first == second
    assert written(dressed(), tmp_path, constant(5.0)).read_bytes() != first


def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    path = tmp_path / "there.xlsx"
    path.write_text("mine")
    with pytest.raises(SheetsimError, match=r"there\.xlsx: is there already"):
        write_workbook(one_sheet(), path)
    assert path.read_text() == "mine"
    write_workbook(one_sheet(), path, force=True)
    assert path.read_bytes()[:2] == b"PK"


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def broken(sheet: str, rect: Rect) -> Values:
        raise RuntimeError("half way")

    book = one_sheet()
    book["one"].fill("A1:A9", "B1")
    with pytest.raises(RuntimeError):
        write_workbook(book, tmp_path / "book.xlsx", broken)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["missing/book.xlsx", ".", "book", "book.xlsm", "b" * 300 + ".xlsx"])
def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path, place: str) -> None:
    with pytest.raises(SheetsimError) as error:
        write_workbook(one_sheet(), tmp_path / place)
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX's")
def test_a_pipe_is_not_replaced_even_by_force(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.xlsx"
    os.mkfifo(pipe)
    with pytest.raises(SheetsimError, match=r"pipe\.xlsx: is a device or a pipe"):
        write_workbook(one_sheet(), pipe, force=True)
    assert pipe.is_fifo()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows asks for a privilege to make links")
def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    real, link = tmp_path / "folder" / "real.xlsx", tmp_path / "link.xlsx"
    link.symlink_to(real)
    write_workbook(one_sheet(), link)
    assert link.is_symlink()
    assert real.read_bytes()[:2] == b"PK"
    with pytest.raises(SheetsimError, match=r"link\.xlsx: is there already"):
        write_workbook(one_sheet(), link)


def test_a_folder_without_permission_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refused)
    with pytest.raises(SheetsimError, match=r"book\.xlsx: cannot be written: Permission denied"):
        write_workbook(one_sheet(), tmp_path / "book.xlsx")


def test_no_machine_name_or_date_goes_in(tmp_path: Path) -> None:
    path = written(dressed(), tmp_path, constant(4.0))
    core = part(path, "docProps/core.xml")
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2024-01-01T00:00:00Z"}


def test_an_empty_book_and_its_settings(tmp_path: Path) -> None:
    """A new book opens everywhere, and what it says about calculation is in the file as Excel spells it."""
    write_workbook(Workbook(), tmp_path / "empty.xlsx")
    assert openpyxl.load_workbook(tmp_path / "empty.xlsx").sheetnames == ["Sheet1"]
    book = Workbook(iterate=True, iterate_count=7, iterate_delta=1e-5, full_precision=False, date1904=True)
    sheet = book.add_sheet("new")
    sheet.set("A1", 1.5)
    sheet.fill("B1:B3", "A1*2")
    write_workbook(book, tmp_path / "new.xlsx", calculate(book, make_plan(book)).block)
    opened = openpyxl.load_workbook(tmp_path / "new.xlsx")
    settings = opened.calculation
    assert (settings.iterate, settings.iterateCount, settings.iterateDelta) == (True, 7, 1e-5)
    assert settings.fullPrecision is False
    assert opened.epoch.year == 1904
    read = read_workbook(tmp_path / "new.xlsx")
    assert (read.iterate, read.iterate_count, read.iterate_delta) == (True, 7, 1e-5)
    assert (read.full_precision, read.date1904) == (False, True)
    assert read["new"].block("A1:B1").tolist() == [[1.5, 3.0]]
