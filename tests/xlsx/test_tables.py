"""Tables out of files, also out of files that mean harm, and into files."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.workbook import Table, Workbook
from sheetsim.xlsx.read import tables
from sheetsim.xlsx.read.workbook import read_workbook
from sheetsim.xlsx.write.workbook import write_workbook
from tests.xlsx.packages import DOCUMENT, MAIN, PACKAGE, parts_of, sheet_xml, zipped

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml"
ROWS = '<row r="1"><c r="A1"><f>SUM(Table1[x])</f><v>3</v></c></row>'


ONE = 'displayName="Table1" ref="C1:C3"'


def table_xml(attributes: str = ONE, columns: str = '<tableColumn name="x"/>') -> str:
    return f'<table xmlns="{MAIN}" {attributes}><tableColumns>{columns}</tableColumns></table>'


def with_tables(path: Path, *texts: str) -> Path:
    """A workbook of one sheet with these table parts."""
    numbers = range(1, len(texts) + 1)
    types = "".join(f'<Override PartName="/xl/tables/t{n}.xml" ContentType="{TYPE}"/>' for n in numbers)
    parts = parts_of(sheet_xml(ROWS), types=types)
    links = "".join(
        f'<Relationship Id="r{n}" Type="{DOCUMENT}/table" Target="../tables/t{n}.xml"/>' for n in numbers
    )
    rels = f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = rels.encode()
    parts |= {f"xl/tables/t{n}.xml": text.encode() for n, text in zip(numbers, texts, strict=True)}
    path.write_bytes(zipped(parts))
    return path


def test_tables_as_xlsxwriter_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "tables.xlsx"
    with xlsxwriter.Workbook(path) as package:
        first, second = package.add_worksheet("first"), package.add_worksheet("my second")
        columns = [{"header": header} for header in ("Age", "Price [$]", "two\nlines", "it's <&>")]
        first.add_table("B2:E10", {"name": "People", "columns": columns, "total_row": True})
        second.add_table("A1:B3", {"header_row": False})
    book = read_workbook(path)
    assert book.notices == []
    assert book.tables == [
        Table("People", "first", Rect.parse("B2:E10"), ("Age", "Price [$]", "two\nlines", "it's <&>"), 1, 1),
        Table("Table2", "my second", Rect.parse("A1:B3"), ("Column1", "Column2"), 0, 0),
    ]
    assert str(book.tables[0].data) == "B3:E9"


def test_escapes_in_the_names_of_columns(tmp_path: Path) -> None:
    path = with_tables(tmp_path / "a.xlsx", table_xml(columns='<tableColumn name="two_x000a_lines"/>'))
    assert read_workbook(path).tables[0].columns == ("two\nlines",)


@pytest.mark.parametrize(
    ("attributes", "columns", "reason"),
    [
        ('displayName="T" ref="C1:C1048577"', 1, "is not a range"),
        ('displayName="T" ref="XFD1:XFE3"', 2, "is not a range"),
        ('displayName="T" ref="C:C"', 1, "C:C is no rectangle"),
        ('displayName="T" ref="3:4"', 1, "3:4 is no rectangle"),
        ('displayName="T" ref="nonsense"', 1, "is not a range"),
        ('displayName="T" ref="' + "C" * 10_000 + '"', 1, "its range cannot be read"),
        ('displayName="T"', 1, "is not a range"),
        ('ref="C1:C3"', 1, "it has no name"),
        ('displayName="T" ref="C1:D3"', 1, "1 names for the 2 columns of C1:D3"),
        ('displayName="T" ref="C1:C3"', 2, "2 names for the 1 columns of C1:C3"),
        ('displayName="T" ref="C1:C3"', 0, "0 names"),
        ('displayName="T" ref="C1:C1"', 1, "1 rows of headings"),
        ('displayName="T" ref="C1:C2" totalsRowCount="1"', 1, "1 of totals"),
        ('displayName="T" ref="C1:C3" headerRowCount="-1"', 1, "headerRowCount is '-1'"),
        ('displayName="T" ref="C1:C3" totalsRowCount="1000000"', 1, "totalsRowCount is '1000000'"),
        ('displayName="T" ref="C1:XFD3"', 1_000_000, "more than 1,000,000 elements"),
    ],
)
def test_a_table_that_makes_no_sense_is_left_out(
    tmp_path: Path, attributes: str, columns: int, reason: str
) -> None:
    text = table_xml(attributes, '<tableColumn name="x"/>' * columns)
    book = read_workbook(with_tables(tmp_path / "a.xlsx", text, table_xml()))
    assert [table.name for table in book.tables] == ["Table1"]
    (notice,) = book.notices
    assert reason in notice
    assert "sheet one: the table in xl/tables/t1.xml makes no sense" in notice
    assert notice.isprintable()
    assert len(notice) < 250
    assert book["one"].value("A1") == 3


def test_a_doctype_or_broken_xml_is_told(tmp_path: Path) -> None:
    texts = ['<!DOCTYPE a [<!ENTITY b "c">]>' + table_xml(), "<table", "<tables/>"]
    book = read_workbook(with_tables(tmp_path / "a.xlsx", *texts))
    assert book.tables == []
    assert "document type" in book.notices[0]
    assert len(book.notices) == 3
    plan = make_plan(book)
    assert plan.unsupported[0].reason == "there is no table Table1"
    assert calculate(book, plan).block("one", Rect.parse("A1")).get((0, 0)) == 3


def test_two_tables_of_one_name(tmp_path: Path) -> None:
    twin = table_xml('displayName="TABLE1" ref="E1:E9"')
    book = read_workbook(with_tables(tmp_path / "a.xlsx", table_xml(), twin))
    assert [table.name for table in book.tables] == ["Table1"]
    assert "its name, 'TABLE1', is taken" in book.notices[0]


def test_overlapping_tables_keep_their_names(tmp_path: Path) -> None:
    """Excel has none such; what is named is still certain, and the short form means the first."""
    other = table_xml('displayName="Other" ref="C2:C9"', '<tableColumn name="y"/>')
    book = read_workbook(with_tables(tmp_path / "a.xlsx", table_xml(), other))
    assert len(book.tables) == 2
    for row, number in enumerate([1.0, 2.0, 4.0, 8.0], 1):
        book["one"].set(f"C{row}", number)
    book["one"].fill("D1", "SUM(Other[y])")
    book["one"].fill("C3", "ROWS([x])")
    calculation = calculate(book, make_plan(book))
    assert calculation.block("one", Rect.parse("A1")).get((0, 0)) == 4
    assert calculation.block("one", Rect.parse("D1")).get((0, 0)) == 10


def test_too_many_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = with_tables(tmp_path / "a.xlsx", *(table_xml(f'displayName="T{n}" ref="C1:C3"') for n in range(9)))
    assert len(read_workbook(path).tables) == 9
    monkeypatch.setattr(tables, "MOST_TABLES", 8)
    with pytest.raises(SheetsimError, match="more than 8 tables"):
        read_workbook(path)


def test_written_and_read_again(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.add_sheet("data")
    book.tables = [
        Table("People", "data", Rect.parse("B2:D6"), ("Age", "in '[$']", "Older"), 1, 1),
        Table("bare", "data", Rect.parse("F1:G2"), ("x", "y"), 0, 0),
    ]
    for address, heading in {"B2": "Age", "C2": "in '[$']", "D2": "Older", "B6": "all"}.items():
        sheet.set(address, heading)
    for row, age in enumerate((31.0, 42.0, 53.0), 3):
        sheet.set(f"B{row}", age)
    sheet.fill("D3:D5", "People[@Age]+1")
    sheet.fill("D6", "SUM(People[Older])")
    write_workbook(book, tmp_path / "out.xlsx", calculate(book, make_plan(book)).block)
    write_workbook(book, tmp_path / "again.xlsx", calculate(book, make_plan(book)).block)
    assert (tmp_path / "out.xlsx").read_bytes() == (tmp_path / "again.xlsx").read_bytes()
    back = read_workbook(tmp_path / "out.xlsx")
    assert back.tables == [*book.tables[:1], Table("bare", "data", Rect.parse("F1:G2"), ("x", "y"), 0, 0)]
    assert back["data"].fills[0].formula == "People[[#This Row],[Age]]+1"
    assert back["data"].value("D6") == 129


def test_a_table_that_excel_would_not_take_is_refused(tmp_path: Path) -> None:
    book = Workbook()
    book.add_sheet("data").set("A1", "x")
    book.tables = [Table("not a name", "data", Rect.parse("A1:A3"), ("x",))]
    with pytest.warns(UserWarning, match="not a name"), pytest.raises(ValueError, match="cannot be written"):
        write_workbook(book, tmp_path / "out.xlsx")
