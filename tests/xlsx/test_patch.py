"""Saving a copy in which only values differ: small workbooks made by hand, spelled in many ways."""

from __future__ import annotations

import math
import re
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetsim.address import Rect, cell_name
from sheetsim.errors import SheetsimError
from sheetsim.values import ExcelError, Scalar, Values
from sheetsim.xlsx.edit import splice
from sheetsim.xlsx.edit.patch import Saved, save_values
from sheetsim.xlsx.read import package
from sheetsim.xlsx.read.workbook import read_workbook
from tests.xlsx.packages import MAIN, parts_of, sheet_xml, zipped
from tests.xlsx.test_read_odd import rich_parts

SHEET = "xl/worksheets/sheet1.xml"


def saved(
    source: Path,
    computed: Mapping[str, Scalar],
    typed: Mapping[str, Scalar] | None = None,
    out: Path | None = None,
    force: bool = False,
) -> Saved:
    """Save with these values in the formula cells and typed cells of the first sheet, all others kept."""
    book = read_workbook(source)
    sheet = book.sheets[0]

    def values(name: str, rect: Rect) -> Values:
        block = book[name].block(rect).tolist()
        for r, c in Rect(0, 0, *rect.shape).cells():
            block[r][c] = computed.get(cell_name(r + rect.top, c + rect.left), block[r][c])
        return Values.of(block)

    inputs = {(sheet.name, Rect.parse(cell)): Values.of([[value]]) for cell, value in (typed or {}).items()}
    return save_values(
        source, out or source.with_name("out" + source.suffix), book, values, inputs, force=force
    )


def patched(
    tmp_path: Path,
    sheet: str | bytes,
    computed: Mapping[str, Scalar],
    typed: Mapping[str, Scalar] | None = None,
    **extra: str,
) -> str:
    """The sheet's XML (or rows) after saving; what is read from it is checked to be the values asked for."""
    xml = sheet if isinstance(sheet, bytes) or "<worksheet" in sheet else sheet_xml(sheet)
    (tmp_path / "in.xlsx").write_bytes(zipped(parts_of(xml, **extra)))
    saved(tmp_path / "in.xlsx", computed, typed, force=True)
    book = read_workbook(tmp_path / "out.xlsx")
    for cell, value in {**computed, **(typed or {})}.items():
        read = book.sheets[0].value(cell)
        assert read == value
        assert type(read) is type(value)
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        text = archive.read(SHEET).decode()
    found = re.fullmatch(r"<worksheet [^>]*><sheetData>(.*)</sheetData></worksheet>", text, re.DOTALL)
    return found[1] if found else text


# -- one cell


@pytest.mark.parametrize(
    ("cell", "value", "after"),
    [
        ("<f>B1</f><v>1</v>", 2.5, "<f>B1</f><v>2.5</v>"),
        ("<f>B1</f><v>1</v>", 0.1, "<f>B1</f><v>0.10000000000000001</v>"),
        ("<f>B1</f><v>1</v>", -1e-05, "<f>B1</f><v>-1.0000000000000001E-05</v>"),
        ("<f>B1</f>", 3.0, "<f>B1</f><v>3</v>"),
        ("<f>B1</f><v/>", 3.0, "<f>B1</f><v>3</v>"),
        ("<f>B1</f><v></v>", 3.0, "<f>B1</f><v>3</v>"),
        ("<f>B1</f><v><!-- 1 -->1</v>", 3.0, "<f>B1</f><v>3</v>"),
        ("<f>B1&lt;2</f><v><![CDATA[1]]></v>", 3.0, "<f>B1&lt;2</f><v>3</v>"),
        ("<f><![CDATA[\"</v><\"&B1]]></f><v>1</v>", 3.0, "<f><![CDATA[\"</v><\"&B1]]></f><v>3</v>"),
        ("<f ca='1'>B1</f >\n <v>1</v >\n ", 3.0, "<f ca='1'>B1</f >\n <v>3</v>\n "),
        ("<f>B1</f><v>1</v><extLst><ext uri='a'><c/></ext></extLst>", 3.0,
         "<f>B1</f><v>3</v><extLst><ext uri='a'><c/></ext></extLst>"),
    ],
)  # fmt: skip
def test_only_the_value_differs(tmp_path: Path, cell: str, value: Scalar, after: str) -> None:
    for attributes in ('r="A1"', 'r="A1" s="3"', "r='A1'  s = '3' t=\"n\"", 's="3" r="A1" ', "", 'cm="1"'):
        start = f"<c {attributes}".rstrip() if not attributes else f"<c {attributes}"
        rows = f'<row r="1" spans="1:1">{start}>%s</c></row>'
        assert patched(tmp_path, rows % cell, {"A1": value}) == rows % after


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ('t="str"><f>B1</f><v>a</v>', 2.0, "><f>B1</f><v>2</v>"),
        ('t="s"><f>B1</f><v>0</v>', 2.0, "><f>B1</f><v>2</v>"),
        ('t="s"><f>B1</f><v>0</v>', "b", ' t="str"><f>B1</f><v>b</v>'),
        ('t="b"><f>B1</f><v>1</v>', False, 't="b"><f>B1</f><v>0</v>'),
        ('t="e" vm="1"><f>B1</f><v>#VALUE!</v>', 1.0, "><f>B1</f><v>1</v>"),
        ('t="e" vm="1"><f>B1</f><v>#VALUE!</v>', ExcelError.NA, 't="e"><f>B1</f><v>#N/A</v>'),
        ("t='b'><f>B1</f><v>1</v>", True, None),
        ('t="inlineStr"><f>B1</f><is><t>x</t><rPh/></is>', 1.0, "><f>B1</f><v>1</v>"),
        ('t="inlineStr"><f>B1</f><is><t>x</t></is>', "y", ' t="str"><f>B1</f><v>y</v>'),
        ("><f>B1</f><v>1</v>", "<&>\n\"'", ' t="str"><f>B1</f><v>&lt;&amp;&gt;\n"\'</v>'),
        ("><f>B1</f><v>1</v>", " x ", ' t="str"><f>B1</f><v xml:space="preserve"> x </v>'),
        ('t="str"><f>B1</f><v xml:space="preserve"> x</v>', "y ",
         't="str"><f>B1</f><v xml:space="preserve">y </v>'),
        ("><f>B1</f><v>1</v>", "_x000D_\r\x01é😀", ' t="str"><f>B1</f><v>_x005F_x000D__x000D__x0001_é😀</v>'),
        ("><f>B1</f><v>1</v>", "", ' t="str"><f>B1</f><v></v>'),
        ("><f>B1</f><v>1</v>", None, "><f>B1</f>"),
        ('t="str"><f>B1</f><v>a</v>', None, "><f>B1</f>"),
        ("><f>B1</f><v>1</v>", True, ' t="b"><f>B1</f><v>1</v>'),
        ("><f>B1</f><v>1</v>", ExcelError.DIV0, ' t="e"><f>B1</f><v>#DIV/0!</v>'),
    ],
)  # fmt: skip
def test_the_type_follows_the_value(tmp_path: Path, before: str, value: Scalar, after: str | None) -> None:
    def row(cell: str) -> str:
        return f'<row r="1"><c r="A1"{"" if cell[0] in " >" else " "}{cell}</c></row>'

    written = patched(tmp_path, row(before), {"A1": value}, strings="<si><t>first</t></si>")
    assert written == row(before if after is None else after)


def test_no_infinity_is_written(tmp_path: Path) -> None:
    (tmp_path / "in.xlsx").write_bytes(
        zipped(parts_of(sheet_xml('<row r="1"><c r="A1"><f>B1</f></c></row>')))
    )
    saved(tmp_path / "in.xlsx", {"A1": math.inf})
    assert read_workbook(tmp_path / "out.xlsx")["one"].value("A1") is ExcelError.NUM


# -- typed cells, and cells that are not there


ROW = '<row r="3" spans="2:4" ht="20"><c r="B3"><v>1</v></c><c r="D3" s="1"/></row>'
WIDER = ROW.replace(' spans="2:4"', "")
SPACE = '"B3" t="inlineStr"><is><t xml:space="preserve"> </t></is>'


@pytest.mark.parametrize(
    ("typed", "after"),
    [
        ({"B3": 2.0}, ROW.replace("<v>1", "<v>2")),
        ({"D3": 2.0}, ROW.replace("/>", "><v>2</v></c>")),
        ({"B3": None}, ROW.replace("<v>1</v>", "")),
        ({"B3": "a"}, ROW.replace('"B3"><v>1</v>', '"B3" t="inlineStr"><is><t>a</t></is>')),
        ({"B3": " "}, ROW.replace('"B3"><v>1</v>', SPACE)),
        ({"A3": True}, WIDER.replace("<c r=\"B", '<c r="A3" t="b"><v>1</v></c><c r="B')),
        ({"C3": 5.0}, WIDER.replace("<c r=\"D", '<c r="C3"><v>5</v></c><c r="D')),
        ({"E3": 5.0}, WIDER.replace("</row", '<c r="E3"><v>5</v></c></row')),
        ({"B3": 1.0}, ROW),
        ({"E3": None, "A1": None}, ROW),
        ({"A1": 5.0}, '<row r="1"><c r="A1"><v>5</v></c></row>' + ROW),
        ({"A4": 5.0, "XFD4": 1.0}, ROW + '<row r="4"><c r="A4"><v>5</v></c><c r="XFD4"><v>1</v></c></row>'),
        ({"A1048576": 1.0}, ROW + '<row r="1048576"><c r="A1048576"><v>1</v></c></row>'),
    ],
)  # fmt: skip
def test_typed_cells(tmp_path: Path, typed: dict[str, Scalar], after: str) -> None:
    assert patched(tmp_path, ROW, {}, typed) == after


def test_empty_rows_and_sheets(tmp_path: Path) -> None:
    assert patched(tmp_path, '<row r="2" s="1"/>', {}, {"A2": 1.0}) == (
        '<row r="2" s="1"><c r="A2"><v>1</v></c></row>'
    )
    assert patched(tmp_path, '<row r="2" spans="3:4" />', {}, {"A2": 1.0}) == (
        '<row r="2" ><c r="A2"><v>1</v></c></row>'
    )
    empty = f'<worksheet xmlns="{MAIN}"><sheetData/><a/></worksheet>'
    full = '<sheetData><row r="2"><c r="A2"><v>1</v></c></row></sheetData>'
    assert patched(tmp_path, empty, {}, {"A2": 1.0}) == empty.replace("<sheetData/>", full)


def test_the_dimension_grows(tmp_path: Path) -> None:
    sheet = f'<worksheet xmlns="{MAIN}"><dimension ref="B2:C3"/><sheetData></sheetData></worksheet>'
    assert 'ref="B2:D3"' in patched(tmp_path, sheet, {}, {"C3": 1.0, "D3": 2.0})
    assert 'ref="B2:C3"' in patched(tmp_path, sheet, {}, {"C3": 1.0})
    openpyxl.load_workbook(tmp_path / "out.xlsx")


def test_array_formulas(tmp_path: Path) -> None:
    first = '<c r="A1"><f t="array" ref="A1:B3">D1:E3</f><v>1</v></c>'
    rows = f'<row r="1">{first}<c r="B1"><f ca="1"/><v>1</v></c></row><row r="2"><c r="A2" s="1"/></row>'
    new = {"A1": 2.0, "B1": "b", "A2": 3.0, "B2": ExcelError.NA, "B3": "x"}
    assert patched(tmp_path, rows, new) == (
        first.join(('<row r="1">', "")).replace("<v>1", "<v>2")
        + '<c r="B1" t="str"><f ca="1"/><v>b</v></c></row>'
        '<row r="2"><c r="A2" s="1"><v>3</v></c><c r="B2" t="e"><v>#N/A</v></c></row>'
        '<row r="3"><c r="B3" t="str"><v>x</v></c></row>'
    )


# -- the part as a whole


def test_prefixes_quotes_comments_and_a_byte_order_mark(tmp_path: Path) -> None:
    sheet = (
        "\ufeff<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n<!-- <sheetData> -->"
        f"<x:worksheet xmlns:x='{MAIN}' xmlns:y='other'>\n<y:sheetData/><x:sheetData >\r\n"
        "<!-- <x:row r='1'/> --> <x:row y:a='>' r='1' >\n"
        "<x:c t='str' r='A1' ><x:f>B1</x:f><?pi </x:c>?><x:v>é</x:v></x:c ><!-- </x:row> -->"
        "</x:row ><x:row r='9'/></x:sheetData ><y:c/></x:worksheet>\n<!-- end -->"
    )
    written = patched(tmp_path, sheet.encode(), {"A1": 1.0}, {"C1": "ü", "B5": 2.0, "B9": True})
    assert written == (
        sheet.replace("t='str' r='A1' ", "r='A1' ")
        .replace("<x:v>é", "<x:v>1")
        .replace("</x:c >", '</x:c ><x:c r="C1" t="inlineStr"><x:is><x:t>ü</x:t></x:is></x:c>')
        .replace("<x:row r='9'/>", '<x:row r="5"><x:c r="B5"><x:v>2</x:v></x:c></x:row>'
                 "<x:row r='9'><x:c r=\"B9\" t=\"b\"><x:v>1</x:v></x:c></x:row>")
    )  # fmt: skip


def test_ascii_parts_stay_ascii(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><f>B1</f></c></row>'
    sheet = "<?xml version='1.0' encoding='US-ASCII'?>" + sheet_xml(rows)
    assert "<v>&#233;&#128512;</v>" in patched(tmp_path, sheet.encode(), {"A1": "é😀"})


@given(
    cells=st.dictionaries(
        st.tuples(st.integers(0, 5), st.integers(0, 4)),
        st.tuples(
            st.sampled_from(["typed", "formula", "bare", "empty"]),
            st.sampled_from([1.5, -2.0, "a", "x & y", True, ExcelError.NUM]),
        ),
        max_size=12,
    ),
    new=st.dictionaries(
        st.tuples(st.integers(0, 6), st.integers(0, 5)),
        st.one_of(
            st.floats(allow_nan=False, allow_infinity=False).map(lambda x: x + 0.0),
            st.text(st.characters(codec="utf-8"), max_size=6),
            st.booleans(),
            st.sampled_from(list(ExcelError)),
        ),
        max_size=12,
    ),
    prefix=st.sampled_from(["", "x:", "é.:"]),
    quote=st.sampled_from("'\""),
    space=st.sampled_from(["", " ", "\n<!-- </row></c> -->", "<?v <v>?>"]),
    addressed=st.booleans(),
    piece=st.sampled_from([7, 64, 4096]),
)
@settings(max_examples=60, deadline=None)
def test_any_spelling_reads_back_as_asked(
    tmp_path_factory: pytest.TempPathFactory,
    cells: dict[tuple[int, int], tuple[str, Scalar]],
    new: dict[tuple[int, int], Scalar],
    prefix: str,
    quote: str,
    space: str,
    addressed: bool,
    piece: int,
) -> None:
    """What is read from the copy is what the file held, with the new values over it."""
    from xml.sax.saxutils import escape

    def cell(row: int, column: int) -> str:
        how, value = cells[row, column]
        kind = "str" if isinstance(value, str) else "e" if isinstance(value, ExcelError) else ""
        kind = "b" if isinstance(value, bool) else kind
        text = "1" if value is True else escape(str(value))
        formula = f"<{prefix}f>1+1</{prefix}f>{space}" if how in ("formula", "bare") else ""
        held = f"<{prefix}v>{text}</{prefix}v>{space}" if how in ("formula", "typed") else ""
        mark = f" t={quote}{kind}{quote}" if kind and held else ""
        tag = f"{prefix}c r={quote}{cell_name(row, column)}{quote}{mark}"
        return f"<{tag}>{space}{formula}{held}</{prefix}c>{space}"

    rows = "".join(
        f"<{prefix}row{f' r={quote}{row + 1}{quote}' if addressed else ''}>"
        + "".join(cell(row, column) for column in range(5) if (row, column) in cells)
        + f"</{prefix}row>{space}"
        for row in range(6)
    )
    declared = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    sheet = f"<{prefix}worksheet {declared}={quote}{MAIN}{quote}>{space}<{prefix}sheetData>{rows}"
    sheet += f"</{prefix}sheetData>{space}</{prefix}worksheet>"
    folder = tmp_path_factory.mktemp("spelling")
    (folder / "in.xlsx").write_bytes(zipped(parts_of(sheet)))
    before = read_workbook(folder / "in.xlsx")["one"]
    formulas = {place for place, (how, _) in cells.items() if how in ("formula", "bare")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(package, "PIECE", piece)
        patch.setattr(splice, "_BITE", piece)
        saved(
            folder / "in.xlsx",
            {cell_name(*place): new[place] for place in formulas & new.keys()},
            {cell_name(*place): new[place] for place in new.keys() - formulas},
        )
    after = read_workbook(folder / "out.xlsx")["one"]
    for place in Rect(0, 0, 8, 7).cells():
        wanted = new.get(place, before.value(place))
        read = after.value(place)
        assert read == wanted or (wanted == "" and read in ("", None) and place not in formulas)
        assert type(read) is type(wanted) or wanted == ""
        if isinstance(wanted, float):
            assert math.copysign(1, read) == math.copysign(1, wanted)
    assert [(f.rect, f.formula) for f in after.fills] == [(f.rect, f.formula) for f in before.fills]


def test_a_large_sheet_passes_by_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "PIECE", 1 << 18)
    cells = "".join(f'<c r="{c}%d" s="1"><v>%d</v></c>' for c in "BCDEFGH")
    formula = '<c r="A%d"><f>B%d/7</f><v>1</v></c>'
    rows = "".join(f'<row r="{r}">{formula}{cells}</row>'.replace("%d", str(r)) for r in range(1, 30_001))
    source, size = tmp_path / "in.xlsx", len(rows)
    source.write_bytes(zipped(parts_of(sheet_xml(rows))))
    del rows
    book = read_workbook(source)

    def values(name: str, rect: Rect) -> Values:
        block = book[name].block(rect).numbers.copy()
        late = np.arange(rect.top, rect.bottom) >= 29_700
        block[late] = (np.arange(rect.top, rect.bottom)[late] - 29_700)[:, None] / 7
        return Values(block)

    tracemalloc.start()
    done = save_values(source, tmp_path / "out.xlsx", book, values)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert done.cells == 299  # one is 1 already
    assert most < size / 2
    block = read_workbook(tmp_path / "out.xlsx")["one"].block("A1:H30000").numbers
    assert np.array_equal(block[-300:, 0], np.arange(300) / 7)
    assert np.array_equal(block[:, 1:], np.repeat(np.arange(1.0, 30_001)[:, None], 7, 1))


# -- refusals


def line(source: Path, action: Callable[[], object]) -> str:
    """The one line that it ends in; nothing new is in the folder."""
    before = sorted(source.parent.iterdir())
    with pytest.raises(SheetsimError) as caught:
        action()
    assert str(caught.value).isprintable()
    assert sorted(source.parent.iterdir()) == before
    return str(caught.value)


FORMULA = '<row r="1"><c r="A1"><f>1+1</f></c></row>'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.xlsx"
    path.write_bytes(zipped(parts_of(sheet_xml(FORMULA))))
    return path


def test_nothing_is_overwritten_in_silence(source: Path) -> None:
    original = source.read_bytes()
    (source.parent / "out.xlsx").write_bytes(b"mine")
    assert "there already (--force" in line(source, lambda: saved(source, {"A1": 2.0}))
    assert "the file that is read (--force" in line(source, lambda: saved(source, {"A1": 2.0}, out=source))
    link = source.with_name("link.xlsx")
    link.symlink_to(source)
    assert "the file that is read" in line(source, lambda: saved(source, {"A1": 2.0}, out=link))
    assert source.read_bytes() == original
    saved(source, {"A1": 2.0}, force=True)
    saved(source, {"A1": 2.0}, out=source, force=True)
    assert source.read_bytes() == (source.parent / "out.xlsx").read_bytes() != original


@pytest.mark.parametrize("name", ["out.xlsm", "out", "no/out.xlsx", "x" * 300 + ".xlsx", "."])
def test_places_that_cannot_be(source: Path, name: str) -> None:
    line(source, lambda: saved(source, {"A1": 2.0}, out=source.parent / name))


def test_a_macro_workbooks_copy_is_named_as_one(source: Path) -> None:
    source.rename(source.with_suffix(".xlsm"))
    source = source.with_suffix(".xlsm")
    assert "ends in .xlsm" in line(source, lambda: saved(source, {}, out=source.with_name("out.xlsx")))
    saved(source, {"A1": 1.0})


def test_a_typed_value_does_not_hide_a_formula(source: Path) -> None:
    assert "sheet one, cell A1 holds a formula" in line(source, lambda: saved(source, {}, {"A1": 1.0}))


@pytest.mark.parametrize(
    ("rows", "typed", "words"),
    [
        ('<row r="2"/><row r="1"/>', "A1", "not in order"),
        ('<row r="1"/><row r="1"/>', "A3", "not in order"),
        ('<row r="1"><c r="B1"/><c r="A1"/></row>', "C1", "not in order"),
        ('<row r="1"><c r="A1"><v>1</v><f>2</f></c></row>', "A2", None),
        ('<row r="1"><c r="A1"><v>1</v><v>1</v></c></row>', "A1", "written in a way"),
        ('<row r="1"><y/><c r="A1"/></row>', "A1", "written in a way"),
        ('<y><row r="1"/></y><row r="1"/>', "A1", "written in a way"),
        (f'<row r="1"><x:c xmlns:x="{MAIN}" r="A1"/></row>', "A1", "written in a way"),
    ],
)
def test_rows_that_are_not_followed(tmp_path: Path, rows: str, typed: str, words: str | None) -> None:
    source = tmp_path / "in.xlsx"
    source.write_bytes(zipped(parts_of(sheet_xml(rows))))
    if words is None:
        saved(source, {}, {typed: 1.0})
    else:
        assert words in line(source, lambda: saved(source, {}, {typed: 2.0}))


def test_utf_16_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "in.xlsx"
    text = '<?xml version="1.0" encoding="UTF-16"?>' + sheet_xml(FORMULA)
    source.write_bytes(zipped(parts_of(text.encode("utf-16"))))
    assert "not written in UTF-8" in line(source, lambda: saved(source, {"A1": 1.0}))
    saved(source, {})  # nothing to change


def test_a_file_that_changed_meanwhile(source: Path) -> None:
    book = read_workbook(source)

    def save() -> None:
        one = Values(np.ones((1, 1)))
        save_values(source, source.with_name("out.xlsx"), book, lambda name, rect: one)

    for rows in ("", '<row r="1"><c r="A1"><v>3</v></c></row>'):
        source.write_bytes(zipped(parts_of(sheet_xml(rows))))
        assert "sheet one, cell A1: the file is not as it was" in line(source, save)
    source.write_bytes(
        zipped(parts_of(sheet_xml(FORMULA), workbook="")).replace(b"PK\x05\x06", b"PK\x05\x07")
    )
    assert "cut short" in line(source, save)


# -- errors that are kept as richer values


def test_errors_are_marked_as_the_file_marks_them(tmp_path: Path) -> None:
    """A new #SPILL! is kept as the file keeps that error, behind #VALUE!; one new to it by its name."""
    rows = (
        '<row r="1"><c r="A1" s="2" t="e" vm="1"><f>X1</f><v>#VALUE!</v></c><c r="B1"><f>X1</f><v>1</v></c>'
        '<c r="C1" t="e" vm="2"><f>X1</f><v>#VALUE!</v></c>'
        '<c r="D1" t="e" vm="2"><f>X1</f><v>#VALUE!</v></c></row>'
    )
    (tmp_path / "in.xlsx").write_bytes(zipped(rich_parts(rows)))
    new = {"A1": ExcelError.SPILL, "B1": ExcelError.CALC, "C1": ExcelError.SPILL, "D1": ExcelError.CONNECT}
    saved(tmp_path / "in.xlsx", new)
    book = read_workbook(tmp_path / "out.xlsx")
    assert {cell: book["one"].value(cell) for cell in new} == new
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        text = archive.read(SHEET).decode()
    assert '<c r="A1" s="2" t="e" vm="2"><f>X1</f><v>#VALUE!</v></c>' in text
    assert '<c r="B1" t="e" vm="1"><f>X1</f><v>#VALUE!</v></c>' in text
    assert '<c r="D1" t="e"><f>X1</f><v>#CONNECT!</v></c>' in text
