"""Read an .xlsx or .xlsm into a `Workbook`: stored values and formulas in one pass.

    >>> book = read_workbook("adam.xlsx")          # doctest: +SKIP
    >>> book["adam"].value("E4"), book["adam"].fills[0].formula   # doctest: +SKIP
    (26.377461897661405, 'C4+D4*A4')

The file is not trusted: sizes are bounded by what is inflated, XML has no DTD, nothing is run, fetched or
followed. What is left alone (macros, charts, pivot tables) is named in `Workbook.notices`. Each sheet is
scanned by `sheet_scan`, and, where that is not sure, by a real XML parser in `sheet_expat`.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sheetsim.address import cell_name
from sheetsim.errors import SheetsimError, printable
from sheetsim.workbook import Sheet, Workbook
from sheetsim.xlsx.read import parts
from sheetsim.xlsx.read.cells import Cells, Report
from sheetsim.xlsx.read.package import Package
from sheetsim.xlsx.read.safe_xml import BadXML
from sheetsim.xlsx.read.scan_patterns import Unsure
from sheetsim.xlsx.read.sheet_expat import SheetReader
from sheetsim.xlsx.read.sheet_scan import SheetScanner
from sheetsim.xlsx.read.strings import read_strings
from sheetsim.xlsx.read.tables import read_tables


def read_workbook(path: str | Path) -> Workbook:
    """The workbook in the file at `path`, with the values that the file stores.

    Raises SheetsimError, one line that names the file and, where known, sheet and cell, when the file is
    missing, is no .xlsx or .xlsm, is damaged, protected by a password, or beyond the limits of a sheet.
    """
    with Package(path) as package:
        types = parts.content_types(package)
        main = parts.workbook_part(package, types)
        book = Workbook()
        sheets = parts.read_workbook_part(package, main, book)
        links = parts.relationships(package, main)
        book.properties = parts.document_properties(package)
        book.notices += parts.kept_unread(types, package)
        strings = _strings(package, links)
        marks = parts.dynamic_marks(package, links)
        has_tables = any(kind.endswith("spreadsheetml.table+xml") for kind in types.values())
        for listed in sheets:
            if listed.part is not None:
                sheet = Sheet(listed.name)
                book.sheets.append(sheet)
                cells = _scan(package, sheet, listed.part, strings, marks)
                if has_tables:
                    read_tables(package, listed.name, listed.part, book)
                book.notices += (printable(f"sheet {sheet.name}: {notice}") for notice in cells.notices)
    return book


def _strings(package: Package, links: dict[str, parts.Relationship]) -> list[str]:
    part = next((link.target for link in links.values() if link.kind == "sharedStrings"), None)
    if part is None or part not in package:
        return []
    try:
        with closing(package.stream(part)) as pieces:
            return read_strings(pieces)
    except BadXML as problem:
        raise package.error(f"its table of texts ({part}) cannot be read: {problem}") from None


def _scan(package: Package, sheet: Sheet, part: str, strings: list[str], marks: frozenset[str]) -> Cells:
    report = _reporter(package, sheet.name)
    cells = Cells(report, strings, marks)
    try:
        with closing(package.stream(part)) as pieces:
            SheetScanner(cells).read(pieces)
    except (Unsure, BadXML):
        cells = Cells(report, strings, marks)
        try:
            with closing(package.stream(part)) as pieces:
                SheetReader(cells).read(pieces)
        except BadXML as problem:
            raise report(f"its part {part} cannot be read: {problem}", -1, -1) from None
    cells.finish(sheet)
    return cells


def _reporter(package: Package, sheet: str) -> Report:
    """Makes errors that name the file, the sheet and the cell (row -1: no cell in particular)."""

    def report(text: str, row: int, column: int) -> SheetsimError:
        cell = f", cell {cell_name(row, column)}" if row >= 0 else ""
        return package.error(f"sheet {sheet}{cell}: {text}")

    return report
