"""Small files that ask for much time or memory: each is refused by one line, before it has either."""

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sheetsim.errors import SheetsimError
from sheetsim.xlsx.read import budget, package, safe_xml, strings
from sheetsim.xlsx.read.workbook import read_workbook
from tests.limited import needs_posix, run_limited
from tests.xlsx.packages import WORKBOOK, WORKBOOK_RELS, parts_of, sheet_xml, zipped

CENTRAL = b"PK\x01\x02"


def refusal(path: Path, content: bytes | dict[str, bytes]) -> str:
    path.write_bytes(content if isinstance(content, bytes) else zipped(content))
    with pytest.raises(SheetsimError) as caught:
        read_workbook(path)
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert line.isprintable()
    return line


# -- entries that share bytes


def two_sheets(first: str, second: str) -> bytes:
    """A workbook of two sheets, not compressed."""
    parts = parts_of(sheet_xml(first))
    sheet = '<sheet name="one" sheetId="1" r:id="rId1"/>'
    parts["xl/workbook.xml"] = (
        WORKBOOK.replace("{more}", "").replace(sheet, sheet + '<sheet name="two" sheetId="2" r:id="rId9"/>')
    ).encode()
    link = WORKBOOK_RELS[WORKBOOK_RELS.index('<Relationship Id="rId1"') : WORKBOOK_RELS.index("/>") + 2]
    other = link.replace("rId1", "rId9").replace("sheet1", "sheet2")
    parts["xl/_rels/workbook.xml.rels"] = WORKBOOK_RELS.replace(link, link + other).encode()
    parts["xl/worksheets/sheet2.xml"] = sheet_xml(second).encode()
    return zipped(parts, zipfile.ZIP_STORED)


def moved(data: bytes, name: str, offset: Callable[[int], int]) -> bytes:
    """The zip with another offset for one entry in its directory."""
    at = data.rindex(name.encode()) - package.ENTRY.size
    assert data[at : at + 4] == CENTRAL
    (old,) = struct.unpack_from("<L", data, at + 42)
    return data[: at + 42] + struct.pack("<L", offset(old)) + data[at + 46 :]


CELL = '<row r="1"><c r="A1"><v>5</v></c></row>'


def test_parts_that_share_bytes_are_refused(tmp_path: Path) -> None:
    data = two_sheets(CELL, CELL)
    path = tmp_path / "book.xlsx"
    path.write_bytes(data)
    assert read_workbook(path)["two"].value("A1") == 5.0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        first = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    for offset in (first, first + 1, first + 100):
        shared = moved(data, "xl/worksheets/sheet2.xml", lambda old, offset=offset: offset)
        assert "its parts overlap" in refusal(path, shared)
    at = data.index(CENTRAL)
    assert "its parts overlap" in refusal(path, moved(data, "xl/worksheets/sheet2.xml", lambda old: at - 40))


def test_a_header_that_reaches_into_the_next_part_is_seen(tmp_path: Path) -> None:
    """The directory's lengths fit; the entry's own header says that its name is longer."""
    data = two_sheets(CELL, CELL)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        at = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    longer = data[: at + 28] + struct.pack("<H", 60) + data[at + 30 :]
    assert "it overlaps with another part" in refusal(tmp_path / "book.xlsx", longer)


def test_too_many_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MOST_ENTRIES", 3)
    assert "it holds more than 3 parts" in refusal(tmp_path / "book.xlsx", parts_of(sheet_xml(CELL)))


# -- tags and bytes beside what is stored


@pytest.mark.parametrize(
    "rows",
    [
        ("<row>" + "<c/>" * 16_000 + "</row>") * 40,
        "<row/>" * 800_000,
        '<row r="1"><c r="A1"><v>1</v></c></row>' + "<!--x-->" * 800_000,
        '<row r="1">' + '<c r="A1"/>' * 800_000,
        "<row><c><is>" + "<t/>" * 800_000 + "</is></c></row>",
    ],
    ids=["cells", "rows", "comments", "one cell", "texts"],
)
def test_tags_are_bounded_by_the_bytes_they_came_from(
    tmp_path: Path, rows: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "FREE_TAGS", rows.count("<") // 2)
    assert "tags a byte: refused" in refusal(tmp_path / "book.xlsx", parts_of(sheet_xml(rows)))


@needs_posix
def test_the_most_blank_cells_that_are_read_take_seconds(tmp_path: Path) -> None:
    rows = "<row>" + "<c/>" * 16_000 + "</row>"
    (tmp_path / "book.xlsx").write_bytes(zipped(parts_of(sheet_xml(rows * 250))))
    done = run_limited("recalc", "book.xlsx", folder=tmp_path)
    done.is_fair()
    assert "tags a byte: refused" in done.err


def test_tags_are_counted_over_all_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "TAGS_A_BYTE", 1)
    monkeypatch.setattr(package, "FREE_TAGS", 20_000)
    rows, texts = "<row>" + "<c/>" * 16_000 + "</row>", "<si><t>a</t></si>" * 4_000
    path = tmp_path / "book.xlsx"
    for content in (parts_of(sheet_xml(rows)), parts_of(sheet_xml(CELL), strings=texts)):
        path.write_bytes(zipped(content))
        read_workbook(path)
    assert "tags a byte" in refusal(path, parts_of(sheet_xml(rows), strings=texts))


def test_many_cells_that_are_stored_are_read(tmp_path: Path) -> None:
    """What Excel writes has 2.4 tags for each stored byte at most: a formula, its value and its cell."""
    first = '<row r="1"><c r="A1"><f t="shared" ref="A1:A900000" si="0">1</f><v>1</v></c></row>'
    rows = first + "".join(
        f'<row r="{row}"><c r="A{row}"><f t="shared" si="0"></f><v>1</v></c></row>'
        for row in range(2, 900_001)
    )
    (tmp_path / "book.xlsx").write_bytes(zipped(parts_of(sheet_xml(rows))))
    assert read_workbook(tmp_path / "book.xlsx")["one"].value("A900000") == 1.0


# -- texts


@needs_posix
@pytest.mark.parametrize("kind", ["shared", "inlineStr", "str", "one"])
def test_texts_of_four_bytes_a_letter(tmp_path: Path, kind: str) -> None:
    """One emoji makes Python hold all letters of a text in four bytes each."""
    texts = [f"{number:06}" + "x" * 4000 + "\U0001f600" for number in range(30_000)]
    if kind == "shared":
        strings = "".join(f"<si><t>{text}</t></si>" for text in texts)
        content = parts_of(sheet_xml(CELL), strings=strings)
    else:
        if kind == "one":
            texts = ["".join(texts)]
        inner = (
            (lambda text: f'<c t="inlineStr"><is><t>{text}</t></is></c>')
            if kind == "inlineStr"
            else (lambda text: f'<c t="str"><v>{text}</v></c>')
        )
        content = parts_of(sheet_xml("".join(f"<row>{inner(text)}</row>" for text in texts)))
    (tmp_path / "book.xlsx").write_bytes(zipped(content))
    done = run_limited("recalc", "book.xlsx", folder=tmp_path)
    done.is_fair()
    assert done.code == 2
    assert "MiB" in done.err or "characters" in done.err


def test_all_texts_of_a_workbook_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_TEXT", 10_000)
    path = tmp_path / "book.xlsx"
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>' + "x" * 3000 + "</t></is></c></row>"
    path.write_bytes(two_sheets(cell, cell))
    read_workbook(path)
    monkeypatch.setattr(budget, "MOST_TEXT", 5_000)
    assert "texts take more than" in refusal(path, two_sheets(cell, cell))
    shared = parts_of(sheet_xml(cell), strings="<si><t>" + "y" * 3000 + "</t></si>")
    assert "texts take more than" in refusal(path, shared)


def test_a_sheet_that_is_scanned_twice_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The prefix in the last row is for the XML parser, which reads the sheet from its start."""
    monkeypatch.setattr(budget, "MOST_CELLS", 150)
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 101))
    odd = '<row r="101"><c  r="A101"><v>1</v></c></row>'
    path = tmp_path / "book.xlsx"
    path.write_bytes(zipped(parts_of(sheet_xml(rows + odd))))
    assert read_workbook(path)["one"].value("A101") == 1.0


# -- attributes and addresses


@needs_posix
@pytest.mark.parametrize("part", ["[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"])
@pytest.mark.parametrize("where", ["one tag", "many tags"])
def test_attributes_without_end(tmp_path: Path, part: str, where: str) -> None:
    parts = parts_of(sheet_xml(CELL))
    if where == "one tag":
        many = "<x" + "".join(f' a{number}=""' for number in range(1_000_000)) + "/>"
    else:
        many = ("<x" + "".join(f' a{number}=""' for number in range(100)) + "/>") * 20_000
    data = parts[part]
    at = data.rindex(b"</")
    parts[part] = data[:at] + many.encode() + data[at:]
    (tmp_path / "book.xlsx").write_bytes(zipped(parts))
    done = run_limited("recalc", "book.xlsx", folder=tmp_path)
    done.is_fair()
    if where == "one tag" or part != "xl/worksheets/sheet1.xml":
        assert done.code == 2
        assert "a tag without end" in done.err or "elements and attributes" in done.err


def test_what_a_tree_holds_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_xml, "MOST_NODES", 6)
    safe_xml.parse(b'<a x="" y=""><b/><c z=""/></a>')
    for more in (b'<a x="" y=""><b/><c z=""/><d/></a>', b'<a x="" y=""><b/><c z="" q=""/></a>'):
        with pytest.raises(safe_xml.BadXML, match="more than 6 elements and attributes"):
            safe_xml.parse(more)


def test_long_texts_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "book.xlsx"
    long = "x" * (strings.LONGEST + 1)
    rich = "<r><t>" + "x" * 600_000 + "</t></r>"
    assert "characters" in refusal(path, parts_of(sheet_xml(CELL), strings=f"<si>{rich * 2}</si>"))
    assert "characters" in refusal(path, parts_of(sheet_xml(CELL), strings=f"<si><t>{long}</t></si>"))


LETTERS = "A" * 400_000
REFERENCES = {
    "array": (f'<row r="1"><c r="A1"><f t="array" ref="{LETTERS}1">1</f></c></row>', {}),
    "array to": (f'<row r="1"><c r="A1"><f t="array" ref="A1:{LETTERS}1">1</f></c></row>', {}),
    "table": (f'<row r="1"><c r="A1"><f t="dataTable" ref="{LETTERS}" r1="{LETTERS}1"/></c></row>', {}),
    "cell": (f'<row r="1"><c r="{LETTERS}1"><v>1</v></c></row>', {}),
    "row": (f'<row r="{"9" * 400_000}"/>', {}),
    "formula": (f'<row r="1"><c r="A1"><f>{LETTERS}1</f></c></row>', {}),
    "sqref": (CELL, {"after": f'<conditionalFormatting sqref="{LETTERS}1:B{"9" * 400_000}"/>'}),
    "name": (
        CELL,
        {"workbook": f'<definedNames><definedName name="n">{LETTERS}1</definedName></definedNames>'},
    ),
}


@needs_posix
@pytest.mark.parametrize("which", list(REFERENCES))
def test_addresses_of_many_letters(tmp_path: Path, which: str) -> None:
    rows, more = REFERENCES[which]
    after = more.get("after", "")
    content = parts_of(sheet_xml(rows, after=after), workbook=more.get("workbook", ""))
    (tmp_path / "book.xlsx").write_bytes(zipped(content))
    done = run_limited("recalc", "book.xlsx", folder=tmp_path)
    done.is_fair()
    assert done.seconds < 5
    done = run_limited("recalc", "book.xlsx", "-o", "copy.xlsx", folder=tmp_path)
    done.is_fair()
    assert done.seconds < 5


def test_a_dimension_of_many_letters_is_left_as_it_is(tmp_path: Path) -> None:
    content = parts_of(sheet_xml('<row r="1"><c r="A1"><f>1+1</f><v>3</v></c></row>'))
    head = b"<sheetData>"
    long = f'<dimension ref="{LETTERS}1:{LETTERS}2"/>'.encode()
    content["xl/worksheets/sheet1.xml"] = content["xl/worksheets/sheet1.xml"].replace(head, long + head)
    (tmp_path / "book.xlsx").write_bytes(zipped(content))
    done = run_limited("recalc", "book.xlsx", "-o", "copy.xlsx", folder=tmp_path)
    done.is_fair()
    assert done.seconds < 5
    assert done.code == 1  # 2 is stored as 3


# -- array formulas


def test_array_formulas_count_over_all_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_ARRAY_CELLS", 30)
    path = tmp_path / "book.xlsx"
    array = '<row r="1"><c r="A1"><f t="array" ref="A1:B10">1</f><v>1</v></c></row>'
    path.write_bytes(two_sheets(array, CELL))
    read_workbook(path)
    assert "cell A1: the workbook's array formulas fill more than 30 cells" in refusal(
        path, two_sheets(array, array)
    )
