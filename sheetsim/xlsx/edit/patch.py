"""A copy of a workbook's file with other values in some cells, and everything else as it is.

    book = read_workbook("prices.xlsm")
    calculation = calculate(book, make_plan(book))
    save_values("prices.xlsm", "copy.xlsm", book, calculation.block)

Charts, pivot tables, styles, macros, comments, hidden names: all other parts of the package keep their
compressed bytes, and in the sheets' XML only the values of the changed cells differ, and the formulas of
edited ones. The calculation settings stay as they are too, and so does the calculation chain unless formulas
were edited: then it goes, and Excel makes a new one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sheetsim.address import Rect, cell_name
from sheetsim.errors import SheetsimError
from sheetsim.values import ExcelError, Values
from sheetsim.workbook import Workbook
from sheetsim.xlsx.edit.calculation_chain import without_calculation_chain
from sheetsim.xlsx.edit.changes import BlockOf, SheetChanges
from sheetsim.xlsx.edit.repack import repack
from sheetsim.xlsx.edit.splice import splice
from sheetsim.xlsx.read import parts
from sheetsim.xlsx.read.marks import NO_MARKS, Marks, read_marks
from sheetsim.xlsx.read.origin import Origin
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
    edited: Mapping[str, Sequence[Rect]] | None = None,
    force: bool = False,
) -> Saved:
    """Write to `out` a copy of the file `source` with new values in its cells; an open package is closed.

    book: what `read_workbook(source)` gave, its stored values as they were read.
    values(sheet, rect): the values [rows, columns] of any cells, such as `Calculation.block`, of which those
    of formula cells are written. What a calculation does not compute it gives as stored, so that it stays.
    typed: values for cells without a formula, by sheet and rectangle; cells and rows are added where the
    file has none.
    edited: by sheet, rectangles in which the book's formulas and typed values are not the file's any more;
    they take the place of what the file has there, and the cells keep their styles. Array formulas have to
    lie in them as wholes, those of the file and those of the book.

    A number is written with 17 digits and reads back as the same float64. Nothing is left half written.
    SheetsimError, one line: `out` is there already or is `source` (and not `force`), its name does not end as
    that of `source`, a typed value meets a formula, a heading of a table is edited, or the file is damaged or
    has changed since it was read.
    """
    target = Path(out)
    check_copy(Path(source.path if isinstance(source, Package) else source), target, force=force)
    # closed before the copy takes its name, which may be that of the source
    with (
        replacing(target, force=force) as temporary,
        _opened(source) as package,
        open(temporary, "wb") as file,
    ):
        changes = _changes(book, values, typed or {}, edited or {})
        sheets = _sheet_parts(package, changes)
        known = book.origin if isinstance(book.origin, Origin) else Origin({})
        known_marks = _marks(package) if changes else NO_MARKS
        marks = {error: vm.encode() for vm, error in known_marks.errors.items()}
        spills = min(known_marks.dynamic, default="").encode()
        replaced: dict[str, Iterable[bytes] | None] = {}
        for name, part in sheets.items():
            replaced[part] = _spliced(
                package, name, part, changes[name], known.holds(package, part), marks, spills
            )
        if edited:
            replaced |= without_calculation_chain(package)
        repack(package, file, replaced)
    return Saved(target, sum(found.count for found in changes.values()), list(changes))


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
    book: Workbook,
    values: BlockOf,
    typed: Mapping[tuple[str, Rect], Values],
    edited: Mapping[str, Sequence[Rect]],
) -> dict[str, SheetChanges]:
    """By their names the sheets that change, and how."""
    found: dict[str, SheetChanges] = {}
    by_sheet: dict[str, list[tuple[Rect, Values]]] = {}
    for (name, rect), block in typed.items():
        by_sheet.setdefault(book[name].name, []).append((rect, block))
    put = {book[name].name: list(rects) for name, rects in edited.items()}
    for sheet in book.sheets:
        _check_headings(book, sheet.name, put.get(sheet.name, ()))
        changes = SheetChanges(sheet, values, by_sheet.get(sheet.name, ()), put.get(sheet.name, ()))
        if changes.any():
            found[sheet.name] = changes
    return found


def _check_headings(book: Workbook, sheet: str, edited: Sequence[Rect]) -> None:
    """Formulas know a table's columns by their headings, and Excel opens no file in which these differ."""
    for rect in edited:
        if found := book.heading(sheet, rect):
            table, common = found
            cell = cell_name(common.top, common.left)
            raise SheetsimError(
                f"sheet {sheet}, cell {cell} is a heading of table {table.name}: rename it in Excel"
            )


def _sheet_parts(package: Package, changes: Iterable[str]) -> dict[str, str]:
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


def _marks(package: Package) -> Marks:
    main = parts.workbook_part(package, parts.content_types(package))
    return read_marks(package, parts.relationships(package, main))


def _spliced(
    package: Package,
    sheet: str,
    part: str,
    changes: SheetChanges,
    known: bool,
    marks: Mapping[ExcelError, bytes],
    spills: bytes,
) -> Iterator[bytes]:
    """The new part, piece by piece."""

    def report(text: str, row: int, column: int) -> SheetsimError:
        cell = f", cell {cell_name(row, column)}" if row >= 0 else ""
        return package.error(f"sheet {sheet}{cell}: {text}")

    try:
        with closing(package.stream(part)) as pieces:
            yield from splice(pieces, changes, report, known=known, marks=marks, spills=spills)
    except BadXML as problem:
        raise report(f"its part {part} cannot be read: {problem}", -1, -1) from None
