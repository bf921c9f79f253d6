"""Edited inputs and formulas in a copy of a file: styles kept, all else as it was, Excel's rules obeyed."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.formula.shift import moved
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.values import Scalar
from sheetsim.workbook import Fill, Sheet, Workbook
from sheetsim.xlsx.edit.patch import save_values
from sheetsim.xlsx.read.workbook import read_workbook
from tests.xlsx.packages import CONTENT_TYPES, DOCUMENT, MAIN, WORKBOOK_RELS, parts_of, sheet_xml, zipped

SHEET = "xl/worksheets/sheet1.xml"


def put(sheet: Sheet, cell: str, value: Scalar | Fill) -> Rect:
    """Put a value or a formula into a cell, as the library does: what the cell was is gone."""
    rect = Rect.parse(cell)
    fills: list[Fill] = []
    for fill in sheet.fills:
        for part in fill.rect.without(rect):
            text = moved(fill.formula, part.top - fill.rect.top, part.left - fill.rect.left)
            fills.append(Fill(part, text))
    if isinstance(value, Fill):
        fills.append(value)
        value = None
    sheet.fills = sorted(fills, key=lambda fill: (fill.rect.top, fill.rect.left))
    for place in rect.cells():
        sheet.set(place, value)
    return rect


def edit(
    source: Path, edits: Mapping[str, Scalar | Fill], sheet: str = "one", also: tuple[str, ...] = ()
) -> Workbook:
    """Edit cells, calculate, save; the copy read again."""
    book = read_workbook(source)
    rects = [put(book[sheet], cell, value) for cell, value in edits.items()] + [*map(Rect.parse, also)]
    calculation = calculate(book, make_plan(book))
    out = source.with_name("out.xlsx")
    save_values(source, out, book, calculation.block, edited={sheet: rects}, force=True)
    return read_workbook(out)


def edited_xml(tmp_path: Path, rows: str, edits: Mapping[str, Scalar | Fill], **more: object) -> str:
    """The rows as they are written."""
    sheet = rows if rows.startswith("<worksheet") else sheet_xml(rows)
    (tmp_path / "in.xlsx").write_bytes(zipped(parts_of(sheet)))
    edit(tmp_path / "in.xlsx", edits, **more)  # type: ignore[arg-type]
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        text = archive.read(SHEET).decode()
    return text.partition("<sheetData>")[2].partition("</sheetData>")[0]


def formula(cell: str, text: str) -> Fill:
    return Fill(Rect.parse(cell), text)


A, B = '<c r="A1" s="4"><v>1</v></c>', '<c r="B1" s="5" cm="1"><f>A1+1</f><v>2</v></c>'


@pytest.mark.parametrize(
    ("edits", "after"),
    [
        ({"A1": 5.0}, '<c r="A1" s="4"><v>5</v></c><c r="B1" s="5" cm="1"><f>A1+1</f><v>6</v></c>'),
        ({"B1": 5.0}, A + '<c r="B1" s="5"><v>5</v></c>'),
        ({"B1": None}, A + '<c r="B1" s="5"/>'),
        ({"B1": "x & y"}, A + '<c r="B1" s="5" t="inlineStr"><is><t>x &amp; y</t></is></c>'),
        ({"B1": formula("B1", "A1*3")}, A + '<c r="B1" s="5"><f>A1*3</f><v>3</v></c>'),
        ({"B1": formula("B1", 'A1&"<"')},
         A + '<c r="B1" s="5" t="str"><f>A1&amp;"&lt;"</f><v>1&lt;</v></c>'),
        ({"A1": formula("A1", "VAR.P(2,4)")},
         '<c r="A1" s="4"><f>_xlfn.VAR.P(2,4)</f><v>1</v></c>' + B),
        ({"C1": formula("C1", "A1=1")}, A + B + '<c r="C1" t="b"><f>A1=1</f><v>1</v></c>'),
        ({"A2": formula("A2", "A1/0")},
         A + B + '</row><row r="2"><c r="A2" t="e"><f>A1/0</f><v>#DIV/0!</v></c>'),
        ({"A1": True, "B1": 7.0}, '<c r="A1" s="4" t="b"><v>1</v></c><c r="B1" s="5"><v>7</v></c>'),
    ],
)  # fmt: skip
def test_a_cell(tmp_path: Path, edits: dict[str, Scalar | Fill], after: str) -> None:
    assert edited_xml(tmp_path, f'<row r="1">{A}{B}</row>', edits) == f'<row r="1">{after}</row>'


def test_new_cells_have_the_style_of_their_row_or_column(tmp_path: Path) -> None:
    sheet = (
        f'<worksheet xmlns="{MAIN}"><cols><col min="2" max="3" width="9" style="7"/>'
        '<col min="4" max="4"/></cols>'
        '<sheetData><row r="1"><c r="A1"/></row><row r="2" s="3" customFormat="1"/></sheetData></worksheet>'
    )
    assert edited_xml(tmp_path, sheet, {"B1": 1.0, "D1": 2.0, "B2": 3.0, "C3": 4.0}) == (
        '<row r="1"><c r="A1"/><c r="B1" s="7"><v>1</v></c><c r="D1"><v>2</v></c></row>'
        '<row r="2" s="3" customFormat="1"><c r="B2" s="3"><v>3</v></c></row>'
        '<row r="3"><c r="C3" s="7"><v>4</v></c></row>'
    )


# -- shared formulas


def shared(rows: int, text: str = "A1*2") -> str:
    """B1 downwards: one shared formula, spelled as Excel does."""
    return "".join(
        f'<row r="{row}"><c r="A{row}"><v>{row}</v></c><c r="B{row}">'
        + (f'<f t="shared" ref="B1:B{rows}" si="0">{text}</f>' if row == 1 else '<f t="shared" si="0"/>')
        + f"<v>{2 * row}</v></c></row>"
        for row in range(1, rows + 1)
    )


def test_a_shared_formulas_first_cell(tmp_path: Path) -> None:
    written = edited_xml(tmp_path, shared(4, 'A1*2+LEN("&amp;")-1'), {"B1": 0.5})
    assert 'r="B1"><v>0.5</v>' in written
    assert 'r="B2"><f>A2*2+LEN("&amp;")-1</f><v>4</v>' in written
    assert 'r="B4"><f>A4*2+LEN("&amp;")-1</f><v>8</v>' in written
    assert "shared" not in written


def test_another_cell_of_a_shared_formula(tmp_path: Path) -> None:
    written = edited_xml(tmp_path, shared(4), {"B3": formula("B3", "A3*5")})
    assert written == shared(4).replace('B3"><f t="shared" si="0"/><v>6', 'B3"><f>A3*5</f><v>15')


def test_a_number_of_a_shared_formula_that_is_used_twice(tmp_path: Path) -> None:
    again = '<row r="5"><c r="B5"><f t="shared" ref="B5:B6" si="0">A1*3</f><v>3</v></c></row>'
    again += '<row r="6"><c r="B6"><f t="shared" si="0"/><v>6</v></c></row>'
    written = edited_xml(tmp_path, shared(4) + again, {"B1": 0.5, "A2": 9.0})
    assert written.endswith(again.replace("<v>6", "<v>27"))
    assert '<c r="B2"><f>A2*2</f><v>18</v>' in written


def test_an_edit_among_many_rows(tmp_path: Path) -> None:
    """The rows far below are changed too: they pointed to the edited cell."""
    (tmp_path / "in.xlsx").write_bytes(zipped(parts_of(sheet_xml(shared(5000)))))
    book = edit(tmp_path / "in.xlsx", {"B1": 0.5, "A4000": 0.25})
    sheet = book["one"]
    assert [sheet.value(cell) for cell in ("B1", "B2", "B4000", "B5000")] == [0.5, 4.0, 0.5, 10000.0]
    assert [(str(fill.rect), fill.formula) for fill in sheet.fills] == [("B2:B5000", "A2*2")]


# -- array formulas


def test_arrays_come_and_go_as_wholes(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f t="array" ref="B1:B2">A1:A2*2</f><v>2</v></c></row>'
        '<row r="2"><c r="A2"><v>2</v></c><c r="B2" s="1"><v>4</v></c></row>'
    )
    gone = edited_xml(tmp_path, rows, {"B1:B2": None})
    assert '<c r="B1"/>' in gone
    assert '<c r="B2" s="1"/>' in gone
    array = Fill(Rect.parse("D1:D2"), "A1:A2*10", array=True)
    written = edited_xml(tmp_path, rows, {"D1:D2": array})
    assert '<c r="D1"><f t="array" ref="D1:D2">A1:A2*10</f><v>10</v></c>' in written
    assert '<c r="D2"><v>20</v></c>' in written


# -- the other parts


def test_the_calculation_chain_goes_when_formulas_are_edited(tmp_path: Path) -> None:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    parts = parts_of(sheet_xml('<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>'))
    override = f'<Override PartName="/xl/calcChain.xml" ContentType="{kind}"/>'
    link = f'<Relationship Id="rId5" Type="{DOCUMENT}/calcChain" Target="calcChain.xml"/>'
    before = CONTENT_TYPES.replace("{more}", ""), WORKBOOK_RELS
    parts["[Content_Types].xml"] = CONTENT_TYPES.replace("{more}", override).encode()
    parts["xl/_rels/workbook.xml.rels"] = WORKBOOK_RELS.replace("</Rel", link + "</Rel").encode()
    parts["xl/calcChain.xml"] = f'<calcChain xmlns="{MAIN}"><c r="A1" i="1"/></calcChain>'.encode()
    (tmp_path / "in.xlsx").write_bytes(zipped(parts))
    edit(tmp_path / "in.xlsx", {"A1": 3.0})
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        assert archive.testzip() is None
        assert "xl/calcChain.xml" not in archive.namelist()
        assert archive.read("[Content_Types].xml").decode() == before[0]
        assert archive.read("xl/_rels/workbook.xml.rels").decode() == before[1]


def test_the_dimension_grows_with_formulas(tmp_path: Path) -> None:
    sheet = f'<worksheet xmlns="{MAIN}"><dimension ref="A1"/><sheetData></sheetData></worksheet>'
    (tmp_path / "in.xlsx").write_bytes(zipped(parts_of(sheet)))
    edit(tmp_path / "in.xlsx", {"C4": formula("C4", "1+1"), "B9": None})
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        assert b'<dimension ref="A1:C4"/>' in archive.read(SHEET)


def test_a_tables_heading_is_not_edited(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "in.xlsx") as made:
        sheet = made.add_worksheet("one")
        sheet.add_table("B2:C4", {"columns": [{"header": "x"}, {"header": "y"}]})
    with pytest.raises(SheetsimError, match=r"sheet one, cell C2 is a heading of table Table1"):
        edit(tmp_path / "in.xlsx", {"C2": "z"})
    assert edit(tmp_path / "in.xlsx", {"C3": 1.0})["one"].value("C3") == 1.0


def test_a_book_of_xlsxwriters_keeps_all_else(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "in.xlsx") as made:
        bold = made.add_format({"bold": True})
        sheet = made.add_worksheet("one")
        other = made.add_worksheet("two")
        for row in range(300):
            sheet.write_number(row, 0, row, bold)
            sheet.write_formula(row, 1, f"=A{row + 1}*2", bold, row * 2)
        other.write_formula("A1", "=SUM(one!B1:B300)", None, 89700)
        sheet.conditional_format("A1:A9", {"type": "data_bar"})
    book = edit(tmp_path / "in.xlsx", {"A1": 0.5, "B300": formula("B300", "A300*3")})
    assert [book["one"].value(cell) for cell in ("B1", "B300")] == [1.0, 897.0]
    assert book["two"].value("A1") == 89700 + 1 + 299
    opened = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert opened["one"]["B300"].value == "=A300*3"
    assert all(opened["one"][cell].font.bold for cell in ("A1", "B300"))
    with zipfile.ZipFile(tmp_path / "in.xlsx") as old, zipfile.ZipFile(tmp_path / "out.xlsx") as new:
        changed = [name for name in old.namelist() if old.read(name) != new.read(name)]
        assert changed == ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"]
