"""A copy of a workbook's file with other values in some cells, and everything else as it is.

    book = read_workbook("prices.xlsm")
    calculation = calculate(book, make_plan(book))
    save_values("prices.xlsm", "copy.xlsm", book, calculation.block)

Charts, pivot tables, styles, macros, comments, hidden names: all other parts of the package keep their
compressed bytes, and in the sheets' XML only the values of the changed cells differ. The calculation chain
and the calculation settings stay as they are too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sheetsim.address import Rect, cell_name
from sheetsim.errors import SheetsimError
from sheetsim.values import Values
from sheetsim.workbook import Workbook
from sheetsim.xlsx.edit.changes import Changes, find_changes
from sheetsim.xlsx.edit.repack import repack
from sheetsim.xlsx.edit.splice import splice
from sheetsim.xlsx.read import parts
from sheetsim.xlsx.read.package import Package
from sheetsim.xlsx.read.safe_xml import BadXML
from sheetsim.xlsx.write.replacing import replacing
from sheetsim.xlsx.write.workbook import check_target

_SUFFIXES = {".xlsx", ".xlsm", ".xltx", ".xltm"}  # Excel opens no workbook under another one's


@dataclass(frozen=True, slots=True)
class Saved:
    """What was written: how many cells got another value, and on which sheets."""

    path: Path
    cells: int
    sheets: list[str]

    def as_json(self) -> dict[str, object]:
        return {"file": str(self.path), "changed_cells": self.cells, "changed_sheets": self.sheets}


def save_values(
    source: str | os.PathLike[str] | Package,
    out: str | os.PathLike[str],
    book: Workbook,
    values: Callable[[str, Rect], Values],
    typed: Mapping[tuple[str, Rect], Values] | None = None,
    *,
    force: bool = False,
) -> Saved:
    """Write to `out` a copy of the file `source` with new values in its cells; an open package is closed.

    book: what `read_workbook(source)` gave, its stored values as they were read.
    values(sheet, rect): the values [rows, columns] of formula cells, such as `Calculation.block`. What a
    calculation does not compute it gives as stored, so that it stays.
    typed: values for cells without a formula, by sheet and rectangle; cells and rows are added where the
    file has none.

    A number is written with 17 digits and reads back as the same float64. Nothing is left half written.
    SheetsimError, one line: `out` is there already or is `source` (and not `force`), its name does not end as
    that of `source`, a typed value meets a formula, or the file is damaged or has changed since it was read.
    """
    target = Path(out)
    check_copy(Path(source.path if isinstance(source, Package) else source), target, force=force)
    # closed before the copy takes its name, which may be that of the source
    with (
        replacing(target, force=force) as temporary,
        _opened(source) as package,
        open(temporary, "wb") as file,
    ):
        changes = _changes(book, values, typed or {})
        sheets = _sheet_parts(package, changes)
        replaced = {part: _spliced(package, name, part, changes[name]) for name, part in sheets.items()}
        repack(package, file, replaced)
    return Saved(target, sum(len(found) for found in changes.values()), list(changes))


def _opened(source: str | os.PathLike[str] | Package) -> Package:
    return source if isinstance(source, Package) else Package(Path(source))


def check_copy(source: Path, target: Path, *, force: bool = False) -> None:
    """SheetsimError when a copy of `source` cannot be written to `target`, as far as can be seen."""
    try:
        same = target.samefile(source)
    except (OSError, ValueError):  # one of them is not there, or cannot be
        same = False
    if same and not force:
        raise SheetsimError(f"{target}: is the file that is read (--force overwrites it)")
    suffix = source.suffix.lower()
    check_target(target, force=force, suffix=suffix if suffix in _SUFFIXES else ".xlsx")


def _changes(
    book: Workbook, values: Callable[[str, Rect], Values], typed: Mapping[tuple[str, Rect], Values]
) -> dict[str, Changes]:
    """By their names the sheets that change, and how."""
    found: dict[str, Changes] = {}
    by_sheet: dict[str, list[tuple[Rect, Values]]] = {}
    for (name, rect), block in typed.items():
        by_sheet.setdefault(book[name].name, []).append((rect, block))
    for sheet in book.sheets:
        changes = find_changes(sheet, values, by_sheet.get(sheet.name, ()))
        if len(changes):
            found[sheet.name] = changes
    return found


def _sheet_parts(package: Package, changes: Mapping[str, Changes]) -> dict[str, str]:
    """The parts of the sheets that change, by the sheets' names."""
    main = parts.workbook_part(package, parts.content_types(package))
    listed = {sheet.name: sheet.part for sheet in parts.read_workbook_part(package, main, Workbook())}
    found: dict[str, str] = {}
    for name in changes:
        part = listed.get(name)
        if part is None or part not in package:
            raise package.error(f"sheet {name} is not there: the file has changed since it was read")
        found[name] = part
    if len({part.lower() for part in found.values()}) != len(found):
        raise package.error("two of its sheets are one part: open the file in Excel and save it again")
    return found


def _spliced(package: Package, sheet: str, part: str, changes: Changes) -> Iterator[bytes]:
    """The new part, piece by piece."""

    def report(text: str, row: int, column: int) -> SheetsimError:
        cell = f", cell {cell_name(row, column)}" if row >= 0 else ""
        return package.error(f"sheet {sheet}{cell}: {text}")

    try:
        with closing(package.stream(part)) as pieces:
            yield from splice(pieces, changes, report)
    except BadXML as problem:
        raise report(f"its part {part} cannot be read: {problem}", -1, -1) from None
