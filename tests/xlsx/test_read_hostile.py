"""Files that are no workbooks, are damaged, or mean harm: one line each, quickly, and nothing else."""

from __future__ import annotations

import io
import os
import random
import struct
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.values import ExcelError
from sheetsim.workbook import Workbook
from sheetsim.xlsx.read import budget, package
from sheetsim.xlsx.read.workbook import read_workbook
from tests.xlsx.packages import DOCUMENT, PACKAGE, WORKBOOK_RELS, parts_of, sheet_xml, zipped


def refusal(path: Path) -> str:
    """The one line that reading the file ends in."""
    with pytest.raises(SheetsimError) as caught:
        read_workbook(path)
    line = str(caught.value)
    assert line.startswith(str(path))
    assert "\n" not in line
    assert line.isprintable()
    return line.removeprefix(f"{path}: ")


@pytest.fixture
def refuse(tmp_path: Path):
    """Bytes, or parts, or rows of a sheet, to the line that refuses them."""

    def refused(content: bytes | dict[str, bytes] | str, name: str = "bad.xlsx") -> str:
        if isinstance(content, str):
            content = parts_of(sheet_xml(content))
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else zipped(content))
        return refusal(tmp_path / name)

    return refused


# -- no workbook at all


def test_no_such_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.xlsx") == "there is no such file"
    assert refusal(tmp_path) == "is a folder, not a workbook"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    assert refusal(tmp_path / "pipe.xlsx") == "is not a file that can be read"


@pytest.mark.skipif(
    os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all"
)
def test_no_permission(tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    path.write_bytes(b"PK")
    path.chmod(0)
    assert refusal(path) == "no permission to read it"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xlsx", b"", "is empty"),
        ("a.xlsx", b"%PDF-1.7 and more", "is a PDF"),
        ("a.csv", b"x,y\n1,2\n", "is a text file"),
        ("a.xlsx", b"x,y\n1,2\n", "is not a workbook"),
        ("a.xls", b"<html><table>", "HTML"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "Workbook".encode("utf-16-le"), ".xls)"),
        (
            "a.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "is password-protected",
        ),
        ("a.xlsx", b"PK\x05\x06" + bytes(18), "empty or split zip"),
        ("a.xlsx", b"PK\x03\x04", "cut short"),
    ],
)
def test_other_files(refuse, name: str, content: bytes, words: str) -> None:
    assert words in refuse(content, name)


def test_other_packages(refuse) -> None:
    assert "not a workbook" in refuse({"hello.txt": b"hello"})
    assert "OpenDocument" in refuse({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"})
    for kind, words in (
        ("ms-excel.sheet.binary.macroEnabled.main", ".xlsb"),
        ("openxmlformats-officedocument.wordprocessingml.document.main+xml", "not a workbook"),
    ):
        parts = parts_of(sheet_xml(""))
        types = parts["[Content_Types].xml"]
        old = b"openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
        parts["[Content_Types].xml"] = types.replace(old, kind.encode())
        assert words in refuse(parts)


# -- the zip


@pytest.fixture(scope="module")
def good() -> bytes:
    rows = "".join(f'<row r="{r}"><c r="A{r}"><f>B{r}</f><v>{r}</v></c></row>' for r in range(1, 400))
    return zipped(parts_of(sheet_xml(rows)))


def test_cut_anywhere(refuse, good: bytes) -> None:
    for size in range(4, len(good), 97):
        refuse(good[:size])


def test_wrong_checksum(refuse, good: bytes) -> None:
    at = good.rindex(b"PK\x01\x02")
    assert good[at + 46 :].startswith(b"xl/worksheets/sheet1.xml")
    assert "damaged" in refuse(good[: at + 16] + b"\1\2\3\4" + good[at + 20 :])


def test_two_parts_of_one_name(refuse) -> None:
    buffer = io.BytesIO(zipped(parts_of(sheet_xml(""))))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("XL/workbook.xml", b"<evil/>")
    assert "twice" in refuse(buffer.getvalue())


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/passwd", "xl/../../evil.xml", "..\\evil.xml"])
def test_unsafe_names(refuse, name: str) -> None:
    assert "unsafe" in refuse({**parts_of(sheet_xml("")), name: b"x"})


def test_encrypted_entries(refuse, good: bytes) -> None:
    spoiled = bytearray(good)
    at = good.rindex(b"PK\x01\x02")
    spoiled[at + 8] |= 1
    assert "encrypted" in refuse(bytes(spoiled))


def test_unknown_compression(refuse) -> None:
    assert "compressed" in refuse(zipped(parts_of(sheet_xml("")), zipfile.ZIP_LZMA))


def test_a_lying_directory(refuse, good: bytes) -> None:
    end = good.rindex(b"PK\x05\x06")
    for offset, size in ((12, 4), (16, 4)):
        spoiled = bytearray(good)
        spoiled[end + offset : end + offset + size] = struct.pack("<L", 0xFFFFFFF0)
        assert "damaged" in refuse(bytes(spoiled))


def test_a_zip_bomb_is_stopped_while_it_unpacks(refuse) -> None:
    bomb = zipped(parts_of(sheet_xml(" " * (100 << 20))))
    assert len(bomb) < 1 << 20
    tracemalloc.start()
    try:
        assert "300 times its size" in refuse(bomb)
        assert tracemalloc.get_traced_memory()[1] < 300 << 20
    finally:
        tracemalloc.stop()


def test_all_parts_together_are_bounded(refuse, monkeypatch: pytest.MonkeyPatch, good: bytes) -> None:
    monkeypatch.setattr(package, "MOST_INFLATED", 10_000)
    assert "unpacks to more than" in refuse(good)


def test_small_parts_are_bounded(refuse, monkeypatch: pytest.MonkeyPatch, good: bytes) -> None:
    monkeypatch.setattr(package, "MOST_PART", 300)
    assert "larger than" in refuse(good)


def test_a_zip64_directory_is_read(tmp_path: Path) -> None:
    """Written by hand: real ones of 4 GiB are beyond a test."""
    data = zipped(parts_of(sheet_xml('<row r="1"><c r="A1"><v>5</v></c></row>')))
    end = data.rindex(b"PK\x05\x06")
    count, length, offset = struct.unpack_from("<HLL", data, end + 10)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, length, offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    plain = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    (tmp_path / "large.xlsx").write_bytes(data[:end] + record + locator + plain)
    assert read_workbook(tmp_path / "large.xlsx")["one"].value("A1") == 5.0
    for at in (end + 48, end + len(record) + 8):  # the two offsets, made to point beyond all files
        lying = bytearray(data[:end] + record + locator + plain)
        lying[at : at + 8] = b"\xff" * 8
        (tmp_path / "lying.xlsx").write_bytes(lying)
        assert "damaged" in refusal(tmp_path / "lying.xlsx")


# -- XML


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
EXTERNAL = '<!DOCTYPE x [<!ENTITY c SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("evil", [LAUGHS, EXTERNAL])
@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml", "[Content_Types].xml"]
)
def test_no_document_types(refuse, evil: str, part: str) -> None:
    parts = parts_of(
        sheet_xml('<row r="1"><c r="A1" t="str"><v>x</v></c></row>'), strings="<si><t>x</t></si>"
    )
    parts[part] = evil.encode() + parts[part].replace(b">x<", b">&c;<")
    assert "document type" in refuse(parts)


def test_nesting_is_bounded(refuse) -> None:
    assert "levels deep" in refuse("<a>" * 100_000)
    assert "levels deep" in refuse({**parts_of(""), "xl/workbook.xml": b"<a>" * 100_000})


def test_a_part_of_a_million_elements(refuse) -> None:
    parts = parts_of(sheet_xml(""))
    parts["xl/workbook.xml"] = (
        b"<workbook>" + bytes(random.Random(1).choices(b"  ", k=9)) + b"<a/>" * 1_100_000
    )
    assert "elements" in refuse(parts)


@pytest.mark.parametrize("cut", [30, 60, 90])
def test_a_sheet_cut_in_the_middle(refuse, cut: int) -> None:
    parts = parts_of(sheet_xml('<row r="1"><c r="A1"><f>B1</f><v>1</v></c></row>'))
    whole = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = whole[: len(whole) * cut // 100]
    line = refuse(parts)
    assert "sheet one" in line
    assert "cannot be read" in line


def test_a_tail_that_is_cut(refuse) -> None:
    parts = parts_of(sheet_xml("").removesuffix("</worksheet>"))
    assert "sheet one" in refuse(parts)


# -- what the cells say


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ('<row r="3"><c r="B3"><v>abc</v></c></row>', "sheet one: cell B3: 'abc' is not a number"),
        ('<row r="3"><c r="B3"><v>1_0</v></c></row>', "'1_0' is not a number"),
        ('<row r="3"><c r="B3"><v>nan</v></c></row>', "'nan' is not a number"),
        ('<row r="3"><c r="B3"><v>1e999</v></c></row>', "'1e999' is not a number"),
        ('<row r="3"><c r="B3"><v>\n\x85\u2028</v></c></row>', r"'\n\x85\u2028' is not a number"),
        ('<row r="3"><c r="B3" t="s"><v>0</v></c></row>', "cell B3: there is no shared text number '0'"),
        ('<row r="3"><c r="B3" t="s"><v>-1</v></c></row>', "no shared text"),
        ('<row r="3"><c r="B3" t="b"><v>2</v></c></row>', "neither TRUE nor FALSE"),
        ('<row r="3"><c r="B3" t="e"><v>oops</v></c></row>', "not an error value"),
        ('<row r="3"><c r="B3" t="d"><v>yesterday</v></c></row>', "not a date"),
        ('<row r="3"><c r="B3" t="x"><v>1</v></c></row>', "type cannot be 'x'"),
        ('<row r="3"><c r="B3"><f t="x">A1</f></c></row>', "type cannot be 'x'"),
        ('<row r="1048577"><c r="A1048577"><v>1</v></c></row>', "cannot have the address 'A1048577'"),
        ('<row r="1"><c r="XFE1"><v>1</v></c></row>', "cannot have the address 'XFE1'"),
        ('<row r="1"><c r="ZZZZ1"><v>1</v></c></row>', "cannot have the address 'ZZZZ1'"),
        ('<row r="0"><c><v>1</v></c></row>', "cannot have the number '0'"),
        ('<row r="1"><c r="A2B"><v>1</v></c></row>', "cannot have the address 'A2B'"),
        (
            '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
            "cell A1: the sheet holds this cell twice",
        ),
        ('<row r="1"><c r="A1"><f>1</f></c><c r="A1"><f>2</f></c></row>', "two formulas"),
        ('<row r="1"><c r="A1"><f t="shared" si="1"/></c></row>', "cell A1: its shared formula is nowhere"),
        ('<row r="1"><c r="A1"><f t="array" ref="B1:B2">B1</f></c></row>', "does not begin"),
        ('<row r="1"><c r="A1"><f t="array">B1</f></c></row>', "not possible"),
        ('<row r="1"><c r="A1"><f t="dataTable" ref="A1:A9999999"/></c></row>', "not possible"),
    ],
)
def test_cells_that_make_no_sense_are_told_and_the_rest_is_read(
    tmp_path: Path, rows: str, words: str
) -> None:
    good = '<row r="9"><c r="C9"><f>1+1</f><v>2</v></c></row>'
    (tmp_path / "odd.xlsx").write_bytes(zipped(parts_of(sheet_xml(rows + good))))
    book = read_workbook(tmp_path / "odd.xlsx")
    assert book["one"].value("C9") == 2.0
    assert book["one"].fills[-1].formula == "1+1"
    (notice,) = book.notices
    assert notice.startswith("sheet one: ")
    assert words in notice
    assert notice.isprintable()


def test_arrays_are_bounded(refuse) -> None:
    rows = '<row r="1"><c r="A1"><f t="array" ref="A1:XFD1048576">B1</f></c></row>'
    assert "more than 16,777,216 cells" in refuse(rows)


def test_a_shared_formula_over_a_billion_cells_costs_nothing(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><f t="shared" ref="A1:XFD1048576" si="0">1</f><v>1</v></c></row>'
    (tmp_path / "wide.xlsx").write_bytes(zipped(parts_of(sheet_xml(rows))))
    assert len(read_workbook(tmp_path / "wide.xlsx")["one"].fills) == 1


def test_a_sheet_has_a_budget(refuse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_CELLS", 1000)
    rows = "".join(f'<row r="{r}"><c r="A{r}"><v>{r}</v></c></row>' for r in range(1, 1100))
    assert "more cells" in refuse(rows)
    rows = "".join(f'<row r="{r}"><c r="A{r}" t="str"><v>x</v></c></row>' for r in range(1, 300))
    assert "more cells" in refuse(rows)
    rows = "".join(f'<row r="{r}"><c r="A{r}"><f>{r}</f></c></row>' for r in range(1, 100))
    assert "more cells" in refuse(rows)


def test_a_long_shared_formula_is_not_written_out_ten_thousand_times(
    refuse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each cell stands apart, so that each would get a text of its own."""
    monkeypatch.setattr(budget, "MOST_CELLS", 2_000_000)  # a hundredth, to see sooner that it ends
    long = "+".join(["B1"] * 2700)
    rows = f'<row r="1"><c r="A1"><f t="shared" ref="A1" si="0">{long}</f></c></row>' + "".join(
        f'<row r="{row}">'
        + "".join(f'<c r="{c}{row}"><f t="shared" si="0"/></c>' for c in "ACEGIKM")
        + "</row>"
        for row in range(3, 4000, 2)
    )
    assert "more cells, texts or different formulas" in refuse(rows)


@pytest.mark.parametrize("digits", ["1" * 5_000_000 + "x", "0." + "1" * 5_000_000 + "x"])
def test_a_number_without_end(tmp_path: Path, digits: str) -> None:
    rows = f'<row r="1"><c r="A1"><v>{digits}</v></c></row>'
    (tmp_path / "long.xlsx").write_bytes(zipped(parts_of(sheet_xml(rows))))
    (notice,) = read_workbook(tmp_path / "long.xlsx").notices
    assert "is not a number" in notice
    assert len(notice) < 200


# -- the parts between


def two_sheets() -> dict[str, bytes]:
    """A workbook of `one` and `two`, whose part is to be found through `rId9`."""
    parts = parts_of(sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>'))
    sheet = b'<sheet name="one" sheetId="1" r:id="rId1"/>'
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
        sheet, sheet + b'<sheet name="two" sheetId="2" r:id="rId9"/>'
    )
    parts["xl/_rels/workbook.xml.rels"] = WORKBOOK_RELS.replace(
        "</Relationships>",
        f'<Relationship Id="rId9" Type="{DOCUMENT}/worksheet" Target="worksheets/two.xml"/></Relationships>',
    ).encode()
    parts["xl/worksheets/two.xml"] = sheet_xml('<row r="1"><c r="A1"><v>2</v></c></row>').encode()
    return parts


@pytest.mark.parametrize(
    ("part", "old", "new", "words"),
    [
        ("xl/workbook.xml", b"rId9", b"", "the sheet two has no part"),
        ("xl/workbook.xml", b"rId9", b"rId7", "the sheet two has no part"),
        ("xl/workbook.xml", b"rId9", b"rId1", "the sheet two is the same part"),
        ("xl/workbook.xml", b'name="two"', b'name="ONE"', "the sheet ONE has no name or that of another"),
        ("xl/workbook.xml", b'name="two"', b'name=""', "has no name or that of another"),
        ("xl/_rels/workbook.xml.rels", b"worksheets/two", b"../../etc/two", "points outside the file"),
        ("xl/_rels/workbook.xml.rels", b"worksheets/two", b"worksheets/none", "the sheet two has no part"),
        ("xl/_rels/workbook.xml.rels", b"worksheets/two", b"workbook", "sheet two: its part xl/workbook.xml"),
        ("xl/_rels/workbook.xml.rels", b'Target="worksheets/two',
         b'TargetMode="External" Target="worksheets/two', "the sheet two has no part"),
        ("xl/_rels/workbook.xml.rels", b"/worksheet\" Target=\"worksheets/two",
         b"/xlMacrosheet\" Target=\"worksheets/two", "the sheet two holds no cells (macros"),
        ("xl/_rels/workbook.xml.rels", b"/worksheet\" Target=\"worksheets/two",
         b"/dialogsheet\" Target=\"worksheets/two", "the sheet two holds no cells (a dialogue"),
        ("xl/worksheets/two.xml", b"</sheetData>", b"", "sheet two: its part xl/worksheets/two.xml cannot"),
    ],
)  # fmt: skip
def test_a_sheet_that_cannot_be_read_is_told_and_left_out(
    tmp_path: Path, part: str, old: bytes, new: bytes, words: str
) -> None:
    parts = two_sheets()
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    (tmp_path / "odd.xlsx").write_bytes(zipped(parts))
    book = read_workbook(tmp_path / "odd.xlsx")
    assert [(sheet.name, sheet.value("A1")) for sheet in book.sheets] == [("one", 1.0)]
    assert any(words in notice for notice in book.notices)


def test_what_reads_a_sheet_that_was_left_out_is_not_computed(tmp_path: Path) -> None:
    """Its cells are not blank, and it is not gone: their values are not known."""
    parts = two_sheets()
    formulas = [
        "two!A1+1",
        "SUM(two!A1:A3)",
        "IFERROR(two!A1,7)",
        "SUM(one:two!C1)",
        "three!A1",
        "SUM(one:one!C1)+2",
    ]
    parts["xl/worksheets/sheet1.xml"] = sheet_xml(
        "".join(
            f'<row r="{row}"><c r="A{row}"><f>{text}</f></c></row>' for row, text in enumerate(formulas, 1)
        )
    ).encode()
    parts["xl/worksheets/two.xml"] = b"<worksheet"
    (tmp_path / "odd.xlsx").write_bytes(zipped(parts))
    book = read_workbook(tmp_path / "odd.xlsx")
    plan = make_plan(book)
    assert [str(record.rect) for record in plan.unsupported] == ["A1", "A2", "A3", "A4"]
    assert all("could not be read" in record.reason for record in plan.unsupported)
    values = calculate(book, plan).block("one", Rect.parse("A5:A6")).tolist()
    assert values == [[ExcelError.REF], [2.0]]


def test_no_sheet_can_be_read(refuse) -> None:
    parts = parts_of(sheet_xml(""))
    del parts["xl/worksheets/sheet1.xml"]
    assert "no sheet of it can be read: the sheet one has no part" in refuse(parts)
    parts["xl/worksheets/sheet1.xml"] = b"<worksheet"
    assert "no sheet of it can be read: sheet one: its part" in refuse(parts)
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
        b'<sheet name="one" sheetId="1" r:id="rId1"/>', b'<sheet name="s" sheetId="1" r:id="rId1"/>' * 3000
    )
    assert "sheets; at most" in refuse(parts)


def test_names_of_a_sheet_that_is_not_there(tmp_path: Path) -> None:
    parts = parts_of(
        sheet_xml(""),
        workbook='<definedNames><definedName name="x" localSheetId="7">1</definedName>'
        '<definedName name="y">2</definedName></definedNames>',
    )
    (tmp_path / "odd.xlsx").write_bytes(zipped(parts))
    book = read_workbook(tmp_path / "odd.xlsx")
    assert [name.name for name in book.names] == ["y"]
    assert book.notices == ["the name 'x' belongs to a sheet that is not there and was left out"]


def test_relationships_in_a_circle(refuse) -> None:
    circle = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="x/officeDocument" '
    )
    parts = parts_of(sheet_xml(""))
    parts["_rels/.rels"] = (circle + 'Target="_rels/.rels"/></Relationships>').encode()
    assert "not a workbook" in refuse(parts)


def test_names_out_of_the_file_cannot_break_the_line(refuse) -> None:
    parts = parts_of(sheet_xml('<row r="1"><c r="A1"><f t="array" ref="A1:XFD1048576">1</f></c></row>'))
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b'name="one"', b'name="a&#10;b&#x202e;"')
    assert "cell A1" in refuse(parts)


# -- bytes changed at random


def book_of_everything(path: Path) -> bytes:
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("data")
        for row in range(30):
            sheet.write_row(row, 0, [row, row / 3, f"text {row % 4}", row % 2 == 0])
            sheet.write_formula(row, 5, f"=A{row + 1}*$B$1", None, row / 3)
        sheet.write_array_formula("H1:H3", "{=A1:A3}", None, 1)
        made.define_name("lr", "=data!$A$1")
    return path.read_bytes()


@pytest.mark.parametrize("inside", [False, True], ids=["zip", "parts"])
def test_changed_bytes_give_a_workbook_or_one_line(tmp_path: Path, inside: bool) -> None:
    whole = book_of_everything(tmp_path / "whole.xlsx")
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    chance = random.Random(20)
    path = tmp_path / "fuzzed.xlsx"
    read, refused = 0, 0
    for _ in range(400):
        changed = (
            {name: bytearray(data) for name, data in parts.items()} if inside else {"": bytearray(whole)}
        )
        for _ in range(chance.choice([1, 1, 2, 8])):
            data = changed[chance.choice(list(changed))]
            at = chance.randrange(len(data))
            step = chance.choice([0, 1, 1, 5, 200])
            data[at : at + step] = chance.choice(
                [b"", bytes([chance.randrange(256)]), data[:50], b"<", b"99"]
            )
        path.write_bytes(zipped({k: bytes(v) for k, v in changed.items()}) if inside else bytes(changed[""]))
        start = time.perf_counter()
        try:
            assert isinstance(read_workbook(path), Workbook)
            read += 1
        except SheetsimError as problem:
            refused += str(problem).isprintable()
        assert time.perf_counter() - start < 5
    assert read > 20
    assert refused > 100
    assert read + refused == 400
