"""Files that other programs wrote, or that somebody mended by hand: read all the same, and right.

Expected values come from the standards (ECMA-376, ISO 8601, [MS-XLSX]) and the cases of
`$SHEETSIM_CASES`.
"""

from __future__ import annotations

import codecs
import os
from pathlib import Path

import pytest

from sheetsim.checking.recalc import recalculate
from sheetsim.values import ExcelError
from sheetsim.workbook import Workbook
from sheetsim.xlsx.read.cell_values import moment
from sheetsim.xlsx.read.workbook import read_workbook
from tests.xlsx.packages import (
    CONTENT_TYPES,
    DOCUMENT,
    MAIN,
    PACKAGE,
    ROOT_RELS,
    WORKBOOK,
    WORKBOOK_RELS,
    parts_of,
    sheet_xml,
    zipped,
)

ONE = '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>'


@pytest.fixture
def read(tmp_path: Path):
    def reader(parts: dict[str, bytes]) -> Workbook:
        (tmp_path / "odd.xlsx").write_bytes(zipped(parts))
        return read_workbook(tmp_path / "odd.xlsx")

    return reader


def is_one(book: Workbook) -> bool:
    """Is it the workbook of the cell ONE?"""
    sheet = book["one"]
    return sheet.value("A1") == 2.0 and [fill.formula for fill in sheet.fills] == ["1+1"]


# -- the cases


@pytest.fixture(scope="module")
def cases() -> Path:
    folder = os.environ.get("SHEETSIM_CASES")
    if not folder:
        pytest.skip("SHEETSIM_CASES is not set")
    return Path(folder)


@pytest.mark.parametrize(
    ("case", "cell", "value", "note"),
    [
        ("iso_time", "A1", 36610 / 86400, None),
        ("iso_date_1904", "A1", 42735.0, "1904"),
        ("sheet_without_part", "A1", None, "Module1"),
        ("relation_outside", "A1", None, "outside the file"),
        ("orphan_shared_formula", "A1", 5.0, "shared formula is nowhere"),
    ],
)
def test_cases(cases: Path, case: str, cell: str, value: float | None, note: str | None) -> None:
    book = read_workbook(cases / f"{case}.xlsx")
    assert book.sheets[0].value(cell) == value
    assert note is None or any(note in notice for notice in book.notices)
    found = recalculate(cases / f"{case}.xlsx")
    assert not found.unsupported


# -- dates


@pytest.mark.parametrize(
    ("text", "since_1900", "since_1904"),
    [
        ("1900-01-01", 1.0, None),
        ("1900-02-28", 59.0, None),
        ("1900-03-01", 61.0, None),
        ("1904-01-01", 1462.0, 0.0),
        ("2021-01-01", 44197.0, 42735.0),
        ("2024-03-01T12:00:00Z", 45352.5, 43890.5),
        ("2024-03-01T12:00:00.0000000", 45352.5, 43890.5),
        ("2024-03-01T18:00:00+02:00", 45352.75, 43890.75),
        ("12:00:00", 0.5, 0.5),
        ("T06:00", 0.25, 0.25),
        ("10:10:10", 36610 / 86400, 36610 / 86400),
        ("PT36H", 1.5, 1.5),
        ("P1DT12H0M0S", 1.5, 1.5),
        ("-PT1H30M", -0.0625, -0.0625),
        (" 2021-01-01\n", 44197.0, 42735.0),
    ],
)
def test_iso_dates(text: str, since_1900: float, since_1904: float | None) -> None:
    assert moment(text) == since_1900
    if since_1904 is not None:
        assert moment(text, date1904=True) == since_1904


@pytest.mark.parametrize("text", ["", "P", "PT", "2021", "2021-13-01", "25:00", "yesterday", "T", "1:2:3:4"])
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - it has no message
        moment(text)


# -- errors kept as richer values

RICH = "http://schemas.microsoft.com/office/spreadsheetml/2017/richdata"
METADATA = (
    f'<metadata xmlns="{MAIN}" xmlns:xlrd="{RICH}"><metadataTypes count="2"><metadataType name="XLDAPR"/>'
    '<metadataType name="XLRICHVALUE"/></metadataTypes><futureMetadata name="XLDAPR" count="1"><bk/>'
    '</futureMetadata><futureMetadata name="XLRICHVALUE" count="6">{blocks}</futureMetadata>'
    '<cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata><valueMetadata>{values}</valueMetadata>'
    "</metadata>"
)
# as Excel 16 spells them: a spill in its way, FILTER of nothing, FIELDVALUE of a number, a picture
STRUCTURES = (
    f'<rvStructures xmlns="{RICH}" count="4"><s t="_error"><k n="colOffset" t="i"/><k n="errorType" t="i"/>'
    '<k n="rwOffset" t="i"/><k n="subType" t="i"/></s><s t="_error"><k n="errorType" t="i"/>'
    '<k n="subType" t="i"/></s><s t="_error"><k n="errorType" t="i"/><k n="field" t="s"/>'
    '<k n="subType" t="i"/></s><s t="_localImage"><k n="CalcOrigin" t="i"/></s></rvStructures>'
)
VALUES = (
    f'<rvData xmlns="{RICH}" count="6"><rv s="0"><v>0</v><v>8</v><v>2</v><v>1</v></rv><rv s="1"><v>13</v>'
    '<v>3</v></rv><rv s="2"><v>12</v><v>x</v><v>0</v></rv><rv s="3"><v>5</v></rv><rv s="1"><v>10</v><v>0</v>'
    '</rv><rv s="1"><v>14</v><v>0</v></rv></rvData>'
)


def rich_parts(rows: str) -> dict[str, bytes]:
    parts = parts_of(sheet_xml(rows))
    order = [1, 0, 2, 3, 4, 5]  # the first block is of the second value
    blocks = "".join(
        f'<bk><extLst><ext uri="{{3e2802c4}}"><xlrd:rvb i="{value}"/></ext></extLst></bk>' for value in order
    )
    marks = "".join(f'<bk><rc t="2" v="{block}"/></bk>' for block in range(6))
    links = "".join(
        f'<Relationship Id="m{at}" Type="http://schemas.microsoft.com/office/2017/06/relationships/{kind}" '
        f'Target="{target}"/>'
        for at, (kind, target) in enumerate(
            [
                ("sheetMetadata", "metadata.xml"),
                ("rdRichValue", "richData/rdrichvalue.xml"),
                ("rdRichValueStructure", "richData/rdrichvaluestructure.xml"),
            ]
        )
    )
    texts = {
        "xl/_rels/workbook.xml.rels": WORKBOOK_RELS.replace("</Rel", links + "</Rel"),
        "xl/metadata.xml": METADATA.replace("{blocks}", blocks).replace("{values}", marks),
        "xl/richData/rdrichvalue.xml": VALUES,
        "xl/richData/rdrichvaluestructure.xml": STRUCTURES,
    }
    return parts | {name: text.encode() for name, text in texts.items()}


@pytest.mark.parametrize("strange", [False, True])
def test_errors_that_older_programs_see_as_value(read, strange: bool) -> None:
    cells = "".join(
        f'<c r="{column}1" t="e" vm="{mark}"><f>X1</f><v>#VALUE!</v></c>'
        for column, mark in zip("ABCDEFG", [1, 2, 3, 4, 5, 6, 99], strict=True)
    )
    rows = f'{"<!-- -->" if strange else ""}<row r="1">{cells}<c r="H1" t="e"><v>#VALUE!</v></c></row>'
    book = read(rich_parts(rows))
    assert [book["one"].value((0, column)) for column in range(8)] == [
        *(ExcelError.CALC, ExcelError.SPILL, ExcelError.FIELD, ExcelError.VALUE),
        *(ExcelError.BLOCKED, ExcelError.BUSY, ExcelError.VALUE, ExcelError.VALUE),
    ]
    assert len(book.notices) == 1
    assert "cell D1: a data type or a picture" in book.notices[0]
    assert "2 such cells" in book.notices[0]


def test_marks_in_a_filled_column(read) -> None:
    """A row that carries a mark is no model for the rows below."""
    rows = "".join(
        f'<row r="{row}"><c r="A{row}" t="e"{" vm=" + chr(34) + "2" + chr(34) if row in (5, 40) else ""}>'
        f"<f>B{row}</f><v>#VALUE!</v></c></row>"
        for row in range(1, 60)
    )
    sheet = read(rich_parts(rows))["one"]
    spilled = [row for row in range(59) if sheet.value((row, 0)) is ExcelError.SPILL]
    assert spilled == [4, 39]
    assert [str(fill.rect) for fill in sheet.fills] == ["A1:A59"]


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/metadata.xml", b"</metadata>", b""),
        ("xl/richData/rdrichvalue.xml", b"</rvData>", b""),
        ("xl/richData/rdrichvaluestructure.xml", b'n="errorType"', b'n="other"'),
        ("xl/richData/rdrichvalue.xml", b"<v>13</v>", b"<v>x</v>"),
        ("xl/richData/rdrichvalue.xml", b"<v>13</v>", b"<v>-1</v>"),
    ],
)
def test_marks_that_make_no_sense(read, part: str, old: bytes, new: bytes) -> None:
    parts = rich_parts('<row r="1"><c r="A1" t="e" vm="1"><v>#VALUE!</v></c></row>')
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    book = read(parts)
    assert book["one"].value("A1") is ExcelError.VALUE
    assert book.notices


@pytest.mark.parametrize("label", ["#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!",
                                   "#PYTHON!", "#UNKNOWN!", "#EXTERNAL!", "#TIMEOUT!"])  # fmt: skip
def test_errors_written_out(read, label: str) -> None:
    book = read(parts_of(sheet_xml(f'<row r="1"><c r="A1" t="e"><v>{label}</v></c></row>')))
    assert str(book["one"].value("A1")) == label
    assert book.notices == []


# -- where the parts are


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
        ("/xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
        ("./worksheets/../worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
        ("../xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
        (r"worksheets\sheet1.xml", "xl/worksheets/sheet1.xml"),
        (r"\xl\worksheets\sheet1.xml", r"xl\worksheets\sheet1.xml"),
        ("WorkSheets/Sheet1.XML", "xl/worksheets/sheet1.xml"),
        ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
        ("worksheets/my%20sheet.xml", "xl/worksheets/my sheet.xml"),
        ("worksheets/my%20sheet.xml", "xl/worksheets/my%20sheet.xml"),
        ("worksheets/my sheet.xml", "xl/worksheets/my%20sheet.xml"),
        ("worksheets/%E8%A1%A8.xml", "xl/worksheets/表.xml"),
    ],
)
def test_targets(read, target: str, name: str) -> None:
    parts = parts_of(sheet_xml(ONE))
    parts[name] = parts.pop("xl/worksheets/sheet1.xml")
    parts["xl/_rels/workbook.xml.rels"] = WORKBOOK_RELS.replace("worksheets/sheet1.xml", target).encode()
    book = read(parts)
    assert is_one(book)
    assert book.notices == []


@pytest.mark.parametrize(
    "lost", ["_rels/.rels", "[Content_Types].xml", "docProps/core.xml", "xl/sharedStrings.xml"]
)
@pytest.mark.parametrize("how", ["missing", "empty", "cut"])
def test_parts_that_the_rest_can_do_without(read, lost: str, how: str) -> None:
    parts = parts_of(sheet_xml(ONE), strings="<si><t>x</t></si>")
    parts["docProps/core.xml"] = b"<coreProperties/>"
    parts["_rels/.rels"] = ROOT_RELS.replace(
        "</Rel", f'<Relationship Id="c" Type="{DOCUMENT}/core-properties" Target="docProps/core.xml"/></Rel'
    ).encode()
    if how == "missing":
        del parts[lost]
    else:
        parts[lost] = parts[lost][: -5 if how == "cut" else 0]
    book = read(parts)
    assert is_one(book)
    assert how == "missing" or any(lost in notice for notice in book.notices)


def test_texts_that_are_lost(read) -> None:
    rows = '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="s"><v>0</v></c></row>'
    parts = parts_of(sheet_xml(rows), strings="<si><t>x</t></si>")
    parts["xl/sharedStrings.xml"] = b"<sst"
    book = read(parts)
    assert is_one(book)
    assert book["one"].value("B1") is None
    assert len(book.notices) == 2


@pytest.mark.parametrize(
    "suffix", ["template", "sheet.macroEnabled", "template.macroEnabled", "addin.macroEnabled"]
)
def test_kinds_of_workbooks(read, suffix: str) -> None:
    parts = parts_of(sheet_xml(ONE))
    kind = f"application/vnd.ms-excel.{suffix}.main+xml"
    old = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    parts["[Content_Types].xml"] = CONTENT_TYPES.replace("{more}", "").replace(old, kind).encode()
    assert is_one(read(parts))


# -- how the XML is spelled


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_encodings(read, encoding: str) -> None:
    named = "utf-8" if "8" in encoding else encoding.removesuffix("-le").removesuffix("-be")
    mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(encoding, b"")
    named = "iso-8859-1" if encoding == "latin-1" else named
    parts = parts_of(sheet_xml(ONE + '<row r="2"><c r="B2" t="str"><v>é</v></c></row>'))
    for name, data in parts.items():
        text = f'<?xml version="1.0" encoding="{named}"?>\n{data.decode()}'
        parts[name] = mark + text.encode(encoding)
    book = read(parts)
    assert is_one(book)
    assert book["one"].value("B2") == "é"


@pytest.mark.parametrize("prefix", ["x", "ns0", "_", "ss-2", "x14"])
def test_prefixes(read, prefix: str) -> None:
    def prefixed(text: str, uri: str) -> bytes:
        named = text.replace("</", f"</{prefix}:").replace("<", f"<{prefix}:").replace(f"<{prefix}:/", "</")
        return named.replace(f'xmlns="{uri}"', f'xmlns:{prefix}="{uri}"').encode()

    texts = '<si><t xml:space="preserve"> a </t></si>'
    rows = ONE + '<row r="2"><c r="B2" t="s"><v>0</v></c><c r="C2" t="inlineStr"><is><t>b</t></is></c></row>'
    parts = {
        "[Content_Types].xml": prefixed(CONTENT_TYPES.replace("{more}", ""), f"{PACKAGE}/content-types"),
        "_rels/.rels": prefixed(ROOT_RELS, f"{PACKAGE}/relationships"),
        "xl/workbook.xml": prefixed(WORKBOOK.replace("{more}", ""), MAIN),
        "xl/_rels/workbook.xml.rels": prefixed(WORKBOOK_RELS, f"{PACKAGE}/relationships"),
        "xl/worksheets/sheet1.xml": prefixed(sheet_xml(rows), MAIN),
        "xl/sharedStrings.xml": prefixed(f'<sst xmlns="{MAIN}">{texts}</sst>', MAIN),
    }
    book = read(parts)
    assert is_one(book)
    assert [book["one"].value(cell) for cell in ("B2", "C2")] == [" a ", "b"]
    assert book.notices == []


def test_cells_and_rows_without_their_addresses(read) -> None:
    rows = (
        '<row><c><f>1+1</f><v>2</v></c><c t="b"><v>true</v></c></row><row r="5"><c/><c><v>7</v></c>'
        '<c r="F5"><v>8</v></c><c><v>9</v></c></row><row><c><v>10</v></c></row>'
    )
    book = read(parts_of(sheet_xml(rows)))
    assert is_one(book)
    values = {cell: book["one"].value(cell) for cell in ("B1", "B5", "F5", "G5", "A6")}
    assert values == {"B1": True, "B5": 7.0, "F5": 8.0, "G5": 9.0, "A6": 10.0}


def test_a_cell_in_another_rows_element(read) -> None:
    """The cell's own address counts, as in openpyxl and LibreOffice."""
    book = read(
        parts_of(sheet_xml('<row r="4"><c r="A1"><f>1+1</f><v>2</v></c><c r="B4"><v>3</v></c></row>'))
    )
    assert is_one(book)
    assert book["one"].value("B4") == 3.0


def test_texts_in_place(read) -> None:
    rows = (
        '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="inlineStr"><v>old</v></c>'
        '<c r="C1" t="inlineStr"><is><r><t>ri</t></r><r><rPr><b/></rPr><t xml:space="preserve">ch </t></r>'
        '<rPh sb="0" eb="1"><t>no</t></rPh><phoneticPr fontId="1"/></is></c><c r="D1" t="inlineStr"><is/></c>'
        '<c r="E1" t="str"><v>_x0041__x005F_x0042_</v></c>'
        '<c r="F1" t="str"><v xml:space="preserve"> </v></c></row>'
    )
    sheet = read(parts_of(sheet_xml(rows)))["one"]
    assert [sheet.value((0, column)) for column in range(1, 6)] == ["old", "rich ", "", "A_x0042_", " "]


def test_formulas_with_an_equals_sign(read) -> None:
    rows = ONE.replace("1+1", "=1+1") + "".join(
        f'<row r="{row}"><c r="B{row}"><f>=A{row}*2</f><v>1</v></c></row>' for row in range(2, 30)
    )
    sheet = read(parts_of(sheet_xml(rows)))["one"]
    assert [(str(fill.rect), fill.formula) for fill in sheet.fills] == [("A1", "1+1"), ("B2:B29", "A2*2")]


def test_extensions_are_passed_over(read) -> None:
    x14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
    after = (
        f'<extLst><ext uri="{{a}}" xmlns:x14="{x14}" xmlns:xm="urn:xm"><x14:conditionalFormattings>'
        '<x14:conditionalFormatting><x14:cfRule type="dataBar"/><xm:sqref>A1</xm:sqref>'
        "</x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst>"
    )
    assert is_one(read(parts_of(sheet_xml(ONE, after=after))))
    choice = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        '<mc:Choice Requires="x14"><controls/></mc:Choice></mc:AlternateContent>'
    )
    assert is_one(read(parts_of(sheet_xml(ONE, after=choice))))


# -- formulas that are shared, arrays, tables


def test_shared_formulas_whose_range_lies(read) -> None:
    """What counts is which cells point to the formula."""
    for ref in ("A1:A2", "XFD1:A1048576", "nonsense", "B7"):
        rows = f'<row r="1"><c r="A1"><f t="shared" ref="{ref}" si="0">1+1</f><v>2</v></c></row>' + "".join(
            f'<row r="{row}"><c r="A{row}"><f t="shared" si="0"/><v>2</v></c></row>' for row in range(2, 50)
        )
        sheet = read(parts_of(sheet_xml(rows)))["one"]
        assert [(str(fill.rect), fill.formula) for fill in sheet.fills] == [("A1:A49", "1+1")]


def test_a_shared_formula_without_a_number(read) -> None:
    rows = '<row r="1"><c r="A1"><f t="shared">1+1</f><v>2</v></c><c r="B1"><f t="shared"/><v>3</v></c></row>'
    assert is_one(read(parts_of(sheet_xml(rows))))


def test_two_formulas_for_a_cell(read) -> None:
    rows = (
        '<row r="1"><c r="A1"><f>1+1</f><v>1</v></c>'
        '<c r="A1"><f t="shared" si="0" ref="A1">3</f><v>2</v></c></row>'
    )
    book = read(parts_of(sheet_xml(rows)))
    assert book["one"].value("A1") == 2.0
    assert len(book["one"].fills) == 1
    assert len(book.notices) == 2


def test_data_tables_keep_their_inputs(read) -> None:
    rows = (
        '<row r="2"><c r="B2"><f t="dataTable" ref="B2:C3" dt2D="1" dtr="1" r1="E1" r2="E2"/><v>1</v></c>'
        "</row>"
        '<row r="5"><c r="B5"><f t="dataTable" ref="B5:B6" r1="E1"/><v>1</v></c>'
        '<c r="D5"><f t="dataTable" ref="D5:E5" dtr="1" r1="E1" del1="1"/><v>1</v></c></row>'
    )
    fills = read(parts_of(sheet_xml(rows)))["one"].fills
    assert [(str(fill.rect), fill.formula, fill.array) for fill in fills] == [
        ("B2:C3", "TABLE(E1,E2)", True),
        ("B5:B6", "TABLE(,E1)", True),
        ("D5:E5", "TABLE(#REF!,)", True),
    ]


# -- how the workbook wants to be calculated


@pytest.mark.parametrize(
    ("settings", "count", "delta"),
    [
        ('iterate="1"', 100, 0.001),
        ('iterate="1" iterateCount="5" iterateDelta="0.1"', 5, 0.1),
        ('iterate="1" iterateCount="99999999999999" iterateDelta="1e999"', 32767, 0.001),
        ('iterate="1" iterateCount="-3" iterateDelta="-1"', 1, 0.001),
        ('iterate="1" iterateCount="many" iterateDelta="nan"', 100, 0.001),
    ],
)
def test_iteration(read, settings: str, count: int, delta: float) -> None:
    book = read(parts_of(sheet_xml(ONE), workbook=f"<calcPr {settings}/>"))
    assert (book.iterate, book.iterate_count, book.iterate_delta) == (True, count, delta)


def test_precision_as_displayed_is_told(read) -> None:
    book = read(parts_of(sheet_xml(ONE), workbook='<calcPr fullPrecision="0"/>'))
    assert not book.full_precision
    assert any("precision as displayed" in notice for notice in book.notices)
