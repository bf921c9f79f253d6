"""The fast scanner against the real XML parser: the same sheets, spelled in many ways, and damaged ones."""

from __future__ import annotations

import random
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetsim.address import cell_name, column_name
from sheetsim.errors import SheetsimError
from sheetsim.formula.shift import moved
from sheetsim.workbook import Sheet
from sheetsim.xlsx.read.cells import Cells
from sheetsim.xlsx.read.marks import Marks
from sheetsim.xlsx.read.safe_xml import BadXML
from sheetsim.xlsx.read.scan_patterns import Unsure
from sheetsim.xlsx.read.sheet_expat import SheetReader
from sheetsim.xlsx.read.sheet_scan import SheetScanner
from tests.xlsx.packages import MAIN, sheet_xml

STRINGS = ["zero", "one & <two>", "", "drei"]


def contents(reader: type[SheetScanner] | type[SheetReader], data: bytes, piece: int = 1 << 20) -> dict:
    """Every value and every cell's own formula text, by (row, column)."""

    def report(text: str, row: int, column: int) -> SheetsimError:
        return SheetsimError(f"{row},{column}: {text}")

    cells, sheet = Cells(report, STRINGS, Marks(frozenset({"1"}))), Sheet("one")
    reader(cells).read(iter([data[at : at + piece] for at in range(0, len(data), piece)]))
    cells.finish(sheet)
    found: dict = {"odd": cells.odd.lines()}
    for column, held in sheet.columns.items():
        for row in held.rows.tolist():
            found[row, column] = sheet.value((row, column))
    for fill in sheet.fills:
        for row, column in fill.rect.cells():
            text = moved(fill.formula, row - fill.rect.top, column - fill.rect.left)
            found["formula", row, column] = (fill.rect, fill.formula, fill.dynamic) if fill.array else text
    return found


# A model of a sheet: rows of cells; a cell is (column, type, value text, formula element).
_texts = st.text(st.sampled_from("ab <&>\"'\n é_x41"), max_size=8)
_number = st.floats(allow_nan=False, allow_infinity=False).map(repr)
_value = st.one_of(
    st.tuples(st.just("n"), _number),
    st.tuples(st.just("n"), st.integers(-50, 50).map(str)),
    st.tuples(st.just("s"), st.integers(0, 3).map(str)),
    st.tuples(st.just("str"), _texts),
    st.tuples(st.just("inlineStr"), _texts),
    st.tuples(st.just("b"), st.sampled_from(["0", "1"])),
    st.tuples(st.just("e"), st.sampled_from(["#N/A", "#DIV/0!"])),
    st.tuples(st.just("n"), st.none()),
)
_FORMULAS = ["A{0}+B{1}*$D$2", 'IF(A{0}>B{0},"<A5>",LOG10(C{1}))', "SUM(A$1:A{0})", "'a\"b'!A{2}&1E5", "5:5"]


@st.composite
def sheets(draw: st.DrawFn) -> list[tuple[int, list[tuple[int, str, str | None, str]]]]:
    """Blocks of rows; in a block each column keeps to one formula and one type, more or less."""
    rows: list[tuple[int, list[tuple[int, str, str | None, str]]]] = []
    row, shared = draw(st.integers(0, 95)), 0
    for _ in range(draw(st.integers(1, 3))):
        row += draw(st.integers(0, 2))
        columns = sorted(draw(st.sets(st.integers(0, 5), min_size=1, max_size=4)))
        formulas = {c: draw(st.sampled_from(["", *_FORMULAS, "shared"])) for c in columns}
        kinds = {c: draw(_value) for c in columns}
        others = {c: draw(_value) if draw(st.booleans()) else kinds[c] for c in columns}
        first, odd, broken = True, draw(st.integers(0, 30)), draw(st.integers(0, 30))
        for step in range(draw(st.integers(1, 25))):
            cells = []
            for c in columns:
                kind, value = draw(_value) if step == odd else (kinds[c], others[c])[step * c // 3 % 2]
                if kind == "n" and value is not None and "." in value:
                    value = repr(float(value) / (step + 1))
                text = formulas[c]
                if step == broken and not first:
                    text = draw(st.sampled_from(["", "A{1}*2", text]))
                if text == "shared":
                    index = shared + c
                    own = f' ref="A1:B9">A{row + 7}*2</f>' if first else "/>"
                    text = f'<f t="shared" si="{index}"{own}'
                elif text:
                    text = f"<f>{escape(text.format(row + 1, row + 3 + (step == broken - 3), row + 20))}</f>"
                cells.append((c, kind, value, text))
            rows.append((row, cells))
            row, first = row + 1 + draw(st.integers(0, 40)) // 40, False
        shared += 10
    return rows


def plainly(model: list, style: int = 0) -> bytes:
    """As xlsxwriter or Excel spell it."""
    spelled = []
    for row, cells in model:
        spelled.append(f'<row r="{row + 1}" spans="1:9" x14ac:dyDescent="0.2">')
        for column, kind, value, formula in cells:
            mark = "" if kind == "n" else f' t="{kind}"'
            if style:
                mark = f' s="{row % style}"' + mark
            inside = formula
            if kind == "inlineStr":
                inside += f'<is><t xml:space="preserve">{escape(value)}</t></is>'
            elif value is not None:
                inside += f"<v>{escape(value)}</v>"
            spelled.append(f'<c r="{cell_name(row, column)}"{mark}>{inside}</c>')
        spelled.append("</row>")
    return sheet_xml("".join(spelled)).replace("<worksheet ", '<worksheet xmlns:x14ac="urn:x" ').encode()


def strangely(model: list, seed: int) -> bytes:
    """The same cells in XML that few write: prefixes, comments, CDATA, UTF-16, addresses left out."""
    chance = random.Random(seed)
    spelled = [
        f'<?xml version="1.0" encoding="utf-16"?><x:worksheet xmlns:x={quoteattr(MAIN)}>\n<x:sheetData>'
    ]
    last_row = -1
    for row, cells in model:
        address = "" if row == last_row + 1 else f" r='{row + 1}'"
        spelled.append(f"<x:row{address} >")
        last_row, last_column = row, -1
        for column, kind, value, formula in cells:
            address = "" if column == last_column + 1 else f"r = '{column_name(column)}{row + 1}'"
            last_column = column
            inside = formula.replace("<f", "<x:f").replace("</f", "</x:f")
            text = "" if value is None else f"<![CDATA[{value}]]>" if chance.random() < 0.3 else escape(value)
            if kind == "inlineStr":
                cut = len(value) // 2
                inside += f"<x:is><x:r><x:rPr/><x:t>{escape(value[:cut])}</x:t></x:r><x:r><x:t><!-- - -->"
                inside += f"{escape(value[cut:])}</x:t></x:r><x:rPh><x:t>no</x:t></x:rPh></x:is>"
            elif value is not None:
                inside += f"<x:v>{text}</x:v>"
            comment = "<!-- <c r='A1'><v>1</v></c> -->" if chance.random() < 0.2 else ""
            spelled.append(
                f"{comment}<x:c t='{kind}'\n{address}>{inside}<x:extLst><x:v>9</x:v></x:extLst></x:c>"
            )
        spelled.append("</x:row>\n")
    spelled.append("</x:sheetData></x:worksheet>")
    return "".join(spelled).encode("utf-16")


@settings(deadline=None, max_examples=150)
@given(sheets(), st.integers(0, 3), st.integers(0, 1 << 30), st.sampled_from([97, 1000, 1 << 20]))
def test_both_readers_agree(model: list, style: int, seed: int, piece: int) -> None:
    plain = plainly(model, style)
    fast = contents(SheetScanner, plain, piece)
    assert fast == contents(SheetReader, plain)
    try:
        expected = contents(SheetReader, strangely(model, seed))
    except BadXML:  # an escape as _x0041_ that is cut in two by the spelling is another text
        pytest.fail("the strange spelling is not well-formed")
    if not any("_x" in str(value) for _, cells in model for _, _, value, _ in cells):
        assert fast == expected


@settings(deadline=None, max_examples=300)
@given(sheets(), st.data())
def test_damaged_sheets_are_never_read_otherwise(model: list, data: st.DataObject) -> None:
    """Whatever the scanner accepts, the XML parser accepts, and reads alike."""
    plain = bytearray(plainly(model))
    body = plain.index(b"<sheetData>")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(body, len(plain) - 1))
        new = data.draw(
            st.sampled_from([b"", b"<", b">", b'"', b"&", b" ", b"/", b"0", b"7", b"A", b"\xff", b"\x01"])
        )
        plain[at : at + data.draw(st.integers(0, 2))] = new
    try:
        found = contents(SheetScanner, bytes(plain))
    except (Unsure, BadXML, SheetsimError):
        return
    assert found == contents(SheetReader, bytes(plain))


def test_the_scanner_hands_over_what_it_does_not_know() -> None:
    plain = sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>')
    assert contents(SheetScanner, plain.encode()) == {"odd": [], (0, 0): 1.0}
    for strange in (
        plain.replace("<row", "<!-- --><row"),
        plain.replace("<v>1", "<v><![CDATA[1]]>"),
        plain.replace("<v>", "<?x y?><v>"),
        plain.replace('<c r="A1"', "<c r='A1'"),
        plain.replace('<c r="A1"', "<c"),
        plain.replace('<c r="A1"', '<c t="n" r="A1"'),
        plain.replace('<c r="A1"', '<c xmlns="urn:other" r="A1"'),
        plain.replace("<v>1", "<v>&#49;&#x31;&one;"),
        plain.replace("sheetData>", "sheetData >"),
        "\ufeff" + plain,
    ):
        with pytest.raises(Unsure):
            contents(SheetScanner, strange.encode())
    with pytest.raises(Unsure):
        contents(SheetScanner, plain.replace('xmlns="', 'xmlns="urn:other/').encode())
