"""Read an .xlsx or .xlsm into a `Workbook`: stored values and formulas in one pass.

    >>> book = read_workbook("adam.xlsx")          # doctest: +SKIP
    >>> book["adam"].value("E4"), book["adam"].fills[0].formula   # doctest: +SKIP
    (26.377461897661405, 'C4+D4*A4')

The file is not trusted: sizes are bounded by what is inflated, XML has no DTD, nothing is run, fetched or
followed. What is left alone (macros, charts, pivot tables) is named in `Workbook.notices`. Each sheet is
scanned by `sheet_scan`, and, where that is not sure, by a real XML parser in `sheet_expat`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, nullcontext
from copy import copy
from pathlib import Path

from sheetsim.address import cell_name
from sheetsim.errors import SheetsimError, printable
from sheetsim.workbook import Sheet, Workbook
from sheetsim.xlsx.read import parts
from sheetsim.xlsx.read.budget import Budget
from sheetsim.xlsx.read.cells import Cells, Report
from sheetsim.xlsx.read.hidden_rows import HiddenRows
from sheetsim.xlsx.read.marks import Marks, read_marks
from sheetsim.xlsx.read.origin import Origin
from sheetsim.xlsx.read.package import Package
from sheetsim.xlsx.read.safe_xml import BadXML, Forbidden
from sheetsim.xlsx.read.scan_patterns import Unsure
from sheetsim.xlsx.read.sheet_expat import SheetReader
from sheetsim.xlsx.read.sheet_scan import SheetScanner
from sheetsim.xlsx.read.strings import read_strings
from sheetsim.xlsx.read.tables import read_tables


def read_workbook(source: str | Path | Package) -> Workbook:
    """The workbook in a file, with the values that it stores; an open package stays open.

    One odd part does not keep the rest from being read: what makes no sense is left out and told in
    `notices`. Raises SheetsimError, one line that names the file and, where known, sheet and cell, when the
    file is missing, is no .xlsx or .xlsm, is damaged, protected by a password, made to hurt, or beyond the
    limits of a sheet.
    """
    with nullcontext(source) if isinstance(source, Package) else Package(source) as package:
        types = parts.content_types(package)
        main = parts.workbook_part(package, types)
        book = Workbook()
        sheets = parts.read_workbook_part(package, main, book)
        links = parts.relationships(package, main)
        book.properties = parts.document_properties(package)
        budget = Budget()
        strings = _strings(package, links, budget)
        reader = _Reader(package, strings, read_marks(package, links), book.date1904, budget)
        has_tables = any(kind.endswith("spreadsheetml.table+xml") for kind in types.values())
        for listed in sheets:
            if listed.part is not None and (sheet := reader.sheet(listed.name, listed.part)):
                book.sheets.append(sheet)
                if has_tables:
                    read_tables(package, listed.name, listed.part, book)
            elif listed.lost or listed.part is not None:
                book.unread[listed.name] = len(book.sheets)
        if book.unread and not book.sheets:
            raise package.error(f"no sheet of it can be read: {package.notices[-1]}")
        book.origin = Origin(reader.scanned)
        book.notices += [*package.notices, *parts.kept_unread(types, package), *reader.notices]
    return book


def _strings(package: Package, links: Mapping[str, parts.Relationship], budget: Budget) -> list[str]:
    part = next((link.target for link in links.values() if link.kind == "sharedStrings"), None)
    if part is None or part not in package:
        return []
    try:
        with closing(package.stream(part)) as pieces:
            return read_strings(pieces, budget)
    except Forbidden as problem:
        raise package.error(f"its table of texts ({part}) cannot be read: {problem}") from None
    except BadXML as problem:
        package.note(f"the table of texts ({part}) cannot be read ({problem}) and was left out")
        return []


class _Reader:
    """Reads one sheet after another. `notices`: what is odd in their cells.
    `scanned`: the sheets that the scanner could read, with their checksums."""

    def __init__(
        self, package: Package, strings: list[str], marks: Marks, date1904: bool, budget: Budget
    ) -> None:
        self._package, self._strings, self._marks, self._date1904 = package, strings, marks, date1904
        self._budget = budget
        self.notices: list[str] = []
        self.scanned: dict[str, int] = {}

    def sheet(self, name: str, part: str) -> Sheet | None:
        """None, and a note, where its XML cannot be read."""
        report = _reporter(self._package, name)
        sheet = Sheet(name)
        try:
            hidden = HiddenRows()
            cells = self._cells(report, part, hidden)
            cells.finish(sheet)
            sheet.hidden = hidden.rows
        except Forbidden as problem:
            raise report(f"its part {part} cannot be read: {problem}", -1, -1) from None
        except BadXML as problem:
            self._package.note(f"sheet {name}: its part {part} cannot be read ({problem}) and was left out")
            return None
        self._budget = cells.budget
        self.notices += (printable(f"sheet {name}: {line}") for line in cells.odd.lines())
        return sheet

    def _cells(self, report: Report, part: str, hidden: HiddenRows) -> Cells:
        package = self._package
        cells = self._empty(report)
        try:
            with closing(package.stream(part)) as pieces:
                scanner = SheetScanner(cells)
                scanner.read(hidden.watch(pieces))
            if scanner.plain and not cells.odd.lines():
                self.scanned[part] = package.checksum(part)
        except (Unsure, BadXML):
            cells = self._empty(report)
            with closing(package.stream(part)) as pieces:
                SheetReader(cells).read(hidden.watch(pieces))
        return cells

    def _empty(self, report: Report) -> Cells:
        budget = copy(self._budget)  # what a reading that is begun anew has spent counts but once
        return Cells(report, self._strings, self._marks, date1904=self._date1904, budget=budget)


def _reporter(package: Package, sheet: str) -> Report:
    """Makes errors that name the file, the sheet and the cell (row -1: no cell in particular)."""

    def report(text: str, row: int, column: int) -> SheetsimError:
        cell = f", cell {cell_name(row, column)}" if row >= 0 else ""
        return package.error(f"sheet {sheet}{cell}: {text}")

    return report
