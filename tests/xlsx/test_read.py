"""What the reader makes of each thing that a sheet, and a workbook, can hold."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from openpyxl import Workbook as OpenpyxlWorkbook

from sheetsim.address import Rect
from sheetsim.values import ExcelError
from sheetsim.workbook import Fill, Workbook
from sheetsim.xlsx.read.workbook import read_workbook
from tests.xlsx.packages import DOCUMENT, parts_of, sheet_xml, write_package, zipped


@pytest.fixture
def read(tmp_path: Path):
    """Rows of a sheet's XML to the workbook that is read."""

    def reader(rows: str, **extra: str) -> Workbook:
        return read_workbook(write_package(tmp_path / "book.xlsx", rows, **extra))

    return reader


def test_each_type_of_cell(read) -> None:
    rows = (
        '<row r="1"><c r="A1"><v>0.1</v></c><c r="B1" t="n"><v>-1E-300</v></c><c r="C1" t="b"><v>1</v></c>'
        '<c r="D1" t="e"><v>#DIV/0!</v></c><c r="E1" t="s"><v>1</v></c>'
        '<c r="F1" t="str"><v>a&amp;b_x000D_</v></c>'
        '<c r="G1" t="inlineStr"><is><t> x </t></is></c><c r="H1" s="99"/><c r="I1"><v></v></c>'
        '<c r="J1" t="d"><v>2024-03-01T12:00:00Z</v></c><c r="K1" t="str"><v></v></c>'
        '<c r="L1" t="e"><v>#ERROR!</v></c>'
        '<c r="M1" t="inlineStr"><is><r><rPr><b/></rPr><t>ri</t></r><r><t>ch</t></r>'
        '<rPh sb="0" eb="1"><t>no</t></rPh></is></c></row>'
    )
    strings = (
        '<si><t>zero</t></si><si><r><t xml:space="preserve">o </t></r><r><t>ne</t></r>'
        '<rPh sb="0" eb="1"><t>no</t></rPh><phoneticPr fontId="1"/></si>'
    )
    book = read(rows, strings=strings)
    sheet = book["one"]
    values = [sheet.value((0, column)) for column in range(13)]
    assert values == [
        *(0.1, -1e-300, True, ExcelError.DIV0, "o ne", "a&b\r", " x ", None, None, 45352.5, ""),
        *(ExcelError.VALUE, "rich"),
    ]
    assert any("#ERROR!" in notice for notice in book.notices)
    assert sheet.fills == []


def test_an_escape_of_an_escape(read) -> None:
    sheet = read('<row r="1"><c r="A1" t="str"><v>_x005F_x000D_ _x000d_ _xD800_ _xZZZZ_</v></c></row>')["one"]
    assert sheet.value("A1") == "_x000D_ \r _xD800_ _xZZZZ_"


def test_shared_formulas_become_regions(read) -> None:
    sheet = read(
        '<row r="2"><c r="B2"><f t="shared" ref="B2:C4" si="0">A1*$A2</f><v>1</v></c>'
        '<c r="C2"><f t="shared" si="0"/><v>1</v></c></row>'
        '<row r="3"><c r="B3"><f t="shared" si="0"/><v>2</v></c><c r="C3"><f t="shared" si="0"/></c></row>'
        '<row r="4"><c r="B4"><f ca="1" t="shared" si="0"/></c><c r="C4"><f>7</f></c></row>'
        '<row r="9"><c r="A9"><f t="shared" si="0"/></c><c r="C9"><f t="shared" si="0"></f></c></row>'
    )["one"]
    assert [(str(fill.rect), fill.formula) for fill in sheet.fills] == [
        ("B2:B4", "A1*$A2"),
        ("C2:C3", "B1*$A2"),
        ("C4", "7"),
        ("A9", "#REF!*$A9"),  # its reference would lie left of column A
        ("C9", "B8*$A9"),
    ]


def test_neighbouring_columns_of_a_shared_formula_are_one_fill(read) -> None:
    cells = "".join(
        f'<row r="{r}">' + "".join(f'<c r="{c}{r}"><f t="shared" si="4"/></c>' for c in "CDE") + "</row>"
        for r in range(1, 30)
    )
    master = '<row r="40"><c r="Z40"><f t="shared" ref="C1:Z40" si="4">Z41+1</f></c></row>'
    sheet = read(cells + master)["one"]
    assert sheet.fills[0] == Fill(Rect.parse("C1:E29"), "C2+1")
    assert len(sheet.fills) == 2


def test_a_shared_formula_defined_twice(read) -> None:
    sheet = read(
        '<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">B1</f></c></row>'
        '<row r="2"><c r="A2"><f t="shared" si="0"/></c></row>'
        '<row r="3"><c r="A3"><f t="shared" ref="A3:A4" si="0">C3</f></c></row>'
        '<row r="4"><c r="A4"><f t="shared" si="0"/></c></row>'
    )["one"]
    assert [(str(fill.rect), fill.formula) for fill in sheet.fills] == [("A1:A2", "B1"), ("A3:A4", "C3")]


def test_array_formulas_and_data_tables(read) -> None:
    sheet = read(
        '<row r="1"><c r="A1" cm="1"><f t="array" ref="A1:B2" ca="1">MMULT(D1:E2,D1:E2)</f><v>1</v></c>'
        '<c r="B1"><f ca="1"/><v>2</v></c></row>'
        '<row r="5"><c r="A5"><f t="dataTable" ref="A5:B9" dt2D="1" dtr="1" r1="G1" r2="G2"/>'
        "<v>3</v></c></row>"
        '<row r="11"><c r="A11"><f t="dataTable" ref="A11:A12" r1="G1"/></c></row>'
    )["one"]
    assert sheet.fills == [
        Fill(Rect.parse("A1:B2"), "MMULT(D1:E2,D1:E2)", array=True),
        Fill(Rect.parse("A5:B9"), "TABLE(G1,G2)", array=True),
        Fill(Rect.parse("A11:A12"), "TABLE(,G1)", array=True),
    ]


def test_a_filled_down_column_is_one_fill_however_it_is_written(tmp_path: Path) -> None:
    def text(row: int) -> str:
        return f'=IF(A{row}>B$1,"A5"&"<A5>",LOG10(Sheet2!B{row})+\'A 1\'!$C{row + 2}*1E5)'

    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as made:
        sheet = made.add_worksheet()
        for row in range(2, 500):
            sheet.write_formula(row - 1, 3, text(row), None, row / 7)
    theirs = OpenpyxlWorkbook()
    for row in range(2, 500):
        theirs.active.cell(row, 4, f'=SUM($A{row}:B{row + 3})&"x{"<"}"')
    theirs.save(tmp_path / "b.xlsx")
    first = read_workbook(tmp_path / "a.xlsx").sheets[0]
    assert [str(fill.rect) for fill in first.fills] == ["D2:D499"]
    assert first.block("D2:D499").numbers[:, 0].tolist() == [row / 7 for row in range(2, 500)]
    second = read_workbook(tmp_path / "b.xlsx").sheets[0]
    assert second.fills == [Fill(Rect.parse("D2:D499"), 'SUM($A2:B5)&"x<"')]
    assert second.value("D2") is None


def test_one_odd_formula_in_a_filled_column_is_seen(read) -> None:
    texts = [f"A{row}*2" for row in range(1, 101)]
    texts[49], texts[70], texts[80] = "A51*2", "A71*2.0", "A81*3"
    rows = "".join(
        f'<row r="{row}"><c r="B{row}"><f>{text}</f><v>{row}</v></c></row>'
        for row, text in enumerate(texts, 1)
    )
    sheet = read(rows)["one"]
    assert [(str(fill.rect), fill.formula) for fill in sheet.fills] == [
        *[("B1:B49", "A1*2"), ("B50", "A51*2"), ("B51:B70", "A51*2"), ("B71", "A71*2.0")],
        *[("B72:B80", "A72*2"), ("B81", "A81*3"), ("B82:B100", "A82*2")],
    ]
    assert sheet.block("B1:B100").numbers[:, 0].tolist() == list(range(1, 101))


def table(texts: list[str], values: list[str] | None = None, start: int = 1) -> str:
    """Rows with a formula in column B, "" for a typed value."""
    rows = []
    for row, text in enumerate(texts, start):
        formula = f"<f>{text}</f>" if text else ""
        value = values[row - start] if values else row
        rows.append(f'<row r="{row}"><c r="B{row}">{formula}<v>{value}</v></c></row>')
    return "".join(rows)


def test_one_formula_that_points_a_row_too_far_is_seen(read) -> None:
    texts = [f"A{row + 1}*B{row + 3}" for row in range(1, 101)]
    texts[60] = "A62*B65"
    assert [str(fill.rect) for fill in read(table(texts))["one"].fills] == ["B1:B60", "B61", "B62:B100"]


def test_a_typed_value_in_a_filled_column_ends_the_fill(read) -> None:
    texts = [f"A{row}*2" for row in range(1, 101)]
    texts[60] = ""
    sheet = read(table(texts))["one"]
    assert [str(fill.rect) for fill in sheet.fills] == ["B1:B60", "B62:B100"]
    assert sheet.fills[1].formula == "A62*2"


def test_rows_left_out_end_the_fill(read) -> None:
    texts = [f"A{row}*2" for row in range(1, 101)]
    sheet = read(table(texts[:50]) + table(texts[52:], start=53))["one"]
    assert [str(fill.rect) for fill in sheet.fills] == ["B1:B50", "B53:B100"]


def test_a_fill_ends_where_its_references_leave_the_sheet(read) -> None:
    first = 1_048_500
    sheet = read(table([f"A{row + 2}*2" for row in range(first, 1_048_577)], start=first))["one"]
    assert [str(fill.rect) for fill in sheet.fills] == ["B1048500:B1048574", "B1048575", "B1048576"]


@pytest.mark.parametrize("bad", ["1e999", "1.2.3", "", "0x1", "nan", "1_000", "٣"])
def test_one_bad_number_in_a_filled_column(read, bad: str) -> None:
    values = [str(row / 8) for row in range(100)]
    values[70] = bad
    texts = [f"A{row}*2" for row in range(1, 101)]
    book = read(table(texts, values))
    sheet = book["one"]
    assert len(sheet.columns[1].rows) == 99
    assert [str(fill.rect) for fill in sheet.fills] == ["B1:B100"]
    assert len(book.notices) == bool(bad)
    assert all(notice.startswith("sheet one: cell B71: ") for notice in book.notices)


@pytest.mark.parametrize("typed", ['t="str"><v>a&amp;b</v>', 't="s"><v>0</v>', 't="e"><v>#N/A</v>', "><v/>"])
def test_a_column_of_changing_types(read, typed: str) -> None:
    formula = [f"<f>IF(A{row}&gt;1,&quot;&quot;,A{row})</f>" for row in range(1, 201)]
    rows = []
    for row in range(1, 201):
        mark, value = typed.split(">", 1) if row % 3 == 0 else ("", f"<v>{row}</v>")
        space = " " if mark else ""
        rows.append(f'<row r="{row}"><c r="B{row}"{space}{mark}>{formula[row - 1]}{value}</c></row>')
    sheet = read("".join(rows), strings="<si><t>a&amp;b</t></si>")["one"]
    assert sheet.fills == [Fill(Rect.parse("B1:B200"), 'IF(A1>1,"",A1)')]
    expected = None if typed == "><v/>" else ExcelError.NA if "N/A" in typed else "a&b"
    values = [sheet.value((row - 1, 1)) for row in range(1, 201)]
    assert values == [expected if row % 3 == 0 else row for row in range(1, 201)]


def test_a_column_of_changing_types_with_gaps(read) -> None:
    """A painted cell without a formula ends the fill, in a column whose types change, too."""
    rows = []
    for row in range(1, 201):
        mark, value = (' t="str"', "") if row % 3 == 0 else ("", str(row))
        cell = f'<c r="B{row}"{mark}><f>IF(A{row + 1}&gt;1,&quot;&quot;,A{row})</f><v>{value}</v></c>'
        gap = f'<c r="B{row}"/>'
        rows.append(f'<row r="{row}">{cell if row % 20 else gap}</row>')
    sheet = read("".join(rows))["one"]
    assert [str(fill.rect) for fill in sheet.fills] == [f"B{n + 1}:B{n + 19}" for n in range(0, 200, 20)]


def test_equal_texts_with_a_relative_reference_are_different_formulas(read) -> None:
    rows = "".join(f'<row r="{row}"><c r="B{row}"><f>a5+$C$1</f><v>1</v></c></row>' for row in range(1, 30))
    assert len(read(rows)["one"].fills) == 29
    rows = rows.replace("a5", "$A$5")
    assert len(read(rows)["one"].fills) == 1


def test_rows_out_of_order_are_put_in_order(read) -> None:
    sheet = read(
        '<row r="7"><c r="B7"><v>7</v></c><c r="A7"><f>B7</f><v>1</v></c></row>'
        '<row r="2"><c r="B2"><v>2</v></c></row>'
    )["one"]
    assert sheet.columns[1].rows.tolist() == [1, 6]
    assert sheet.used == Rect.parse("A2:B7")


def test_strict_namespaces_and_absolute_targets(tmp_path: Path) -> None:
    parts = parts_of(
        sheet_xml('<row r="1"><c r="A1" t="s"><v>0</v></c></row>'), strings="<si><t>yes</t></si>"
    )
    for name, data in parts.items():
        data = data.replace(b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                            b"http://purl.oclc.org/ooxml/spreadsheetml/main")  # fmt: skip
        data = data.replace(DOCUMENT.encode(), b"http://purl.oclc.org/ooxml/officeDocument/relationships")
        parts[name] = data.replace(b'Target="worksheets', b'Target="/xl/worksheets')
    (tmp_path / "strict.xlsx").write_bytes(zipped(parts))
    assert read_workbook(tmp_path / "strict.xlsx")["one"].value("A1") == "yes"


def test_names_settings_and_notices(read) -> None:
    book = read(
        "",
        workbook='<definedNames><definedName name="lr" localSheetId="0">one!$A$1</definedName>'
        '<definedName name="_xlnm.x" hidden="1">1&lt;2</definedName></definedNames>'
        '<calcPr iterate="1" iterateCount="25" iterateDelta="1E-5"/>',
    )
    assert [(n.name, n.formula, n.scope, n.hidden) for n in book.names] == [
        ("lr", "one!$A$1", "one", False),
        ("_xlnm.x", "1<2", None, True),
    ]
    assert (book.iterate, book.iterate_count, book.iterate_delta) == (True, 25, 1e-5)
    assert book.full_precision
    assert not book.date1904
    assert book["one"].used is None


def test_dates_from_1904_are_told(tmp_path: Path) -> None:
    parts = parts_of(sheet_xml(""))
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
        b"<sheets>", b'<workbookPr date1904="1"/><sheets>'
    )
    (tmp_path / "mac.xlsx").write_bytes(zipped(parts))
    book = read_workbook(tmp_path / "mac.xlsx")
    assert book.date1904
    assert "1904" in book.notices[0]


def test_charts_and_comments_are_told(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "chart.xlsx") as made:
        made.set_properties({"title": "Adam", "author": "us"})
        sheet = made.add_worksheet("data")
        sheet.write_column(0, 0, [1, 2, 3])
        sheet.write_comment("B1", "look")
        chart = made.add_chart({"type": "line"})
        chart.add_series({"values": "=data!$A$1:$A$3"})
        sheet.insert_chart("D1", chart)
        chart = made.add_chart({"type": "line"})
        chart.add_series({"values": "=data!$A$1:$A$3"})
        made.add_chartsheet("picture").set_chart(chart)
    book = read_workbook(tmp_path / "chart.xlsx")
    assert [sheet.name for sheet in book.sheets] == ["data"]
    assert "2 charts, kept unread" in book.notices
    assert "a page of comments, kept unread" in book.notices
    assert any("picture" in notice for notice in book.notices)
    assert book.properties == {"title": "Adam", "author": "us"}


def test_to_the_last_row_and_column(read) -> None:
    rows = '<row r="1048576"><c r="A1048576"><v>1</v></c><c r="XFD1048576"><f>A1048576</f><v>1</v></c></row>'
    sheet = read(rows)["one"]
    assert str(sheet.used) == "1048576:1048576"
    assert sheet.value("XFD1048576") == 1.0
