"""Small .xlsx packages made by hand, byte by byte, for the tests of the reader."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"

CONTENT_TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/>{more}</Types>'
)
ROOT_RELS = (
    f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
WORKBOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets>'
    '<sheet name="one" sheetId="1" r:id="rId1"/></sheets>{more}</workbook>'
)
WORKBOOK_RELS = (
    f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{DOCUMENT}/worksheet" '
    f'Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{DOCUMENT}/sharedStrings" '
    'Target="sharedStrings.xml"/></Relationships>'
)


def sheet_xml(rows: str, *, after: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'


def parts_of(
    sheet: str | bytes, *, strings: str = "", workbook: str = "", types: str = ""
) -> dict[str, bytes]:
    """The parts of a workbook with one sheet, called `one`."""
    texts = {
        "[Content_Types].xml": CONTENT_TYPES.replace("{more}", types),
        "_rels/.rels": ROOT_RELS,
        "xl/workbook.xml": WORKBOOK.replace("{more}", workbook),
        "xl/_rels/workbook.xml.rels": WORKBOOK_RELS,
        "xl/worksheets/sheet1.xml": sheet,
    }
    if strings:
        texts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'
    return {name: text.encode() if isinstance(text, str) else text for name, text in texts.items()}


def zipped(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return buffer.getvalue()


def write_package(path: Path, rows: str = "", **extra: str) -> Path:
    """A workbook whose one sheet holds `rows`."""
    path.write_bytes(zipped(parts_of(sheet_xml(rows), **extra)))
    return path
