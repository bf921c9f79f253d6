"""The tables of a sheet: each is a small part of its own, to which the sheet's relationships point.

    <table displayName="Table1" ref="A1:D9" totalsRowCount="1">
      <tableColumns count="4"><tableColumn id="1" name="Age"/> ...

What makes no sense (a rectangle beyond the sheet's end, fewer names than columns, a name that another table
has) is told in a notice and left out; the cells and their stored values are read all the same, and formulas
that refer to such a table are reported as unsupported.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from sheetsim.address import Rect
from sheetsim.errors import printable
from sheetsim.workbook import Table, Workbook
from sheetsim.xlsx.read import parts
from sheetsim.xlsx.read.oddities import shown
from sheetsim.xlsx.read.package import Package
from sheetsim.xlsx.read.safe_xml import BadXML, parse
from sheetsim.xlsx.read.strings import unescaped

MOST_TABLES = 2000  # of one workbook
MOST_COLUMNS = 500_000  # of all of them together


def read_tables(package: Package, sheet: str, part: str, book: Workbook) -> None:
    """The tables of the sheet in `part`, and notices of those that cannot be read, into `book`."""
    for target in _targets(package, part):
        if len(book.tables) >= MOST_TABLES or sum(t.rect.columns for t in book.tables) > MOST_COLUMNS:
            raise package.error(f"it holds more than {MOST_TABLES} tables or {MOST_COLUMNS} columns: refused")
        try:
            table = _table(parse(package.read(target)), sheet)
            if any(other.name.casefold() == table.name.casefold() for other in book.tables):
                raise ValueError(f"its name, {shown(table.name)}, is taken")
        except (BadXML, ValueError) as problem:
            notice = f"sheet {sheet}: the table in {target} makes no sense ({problem}), left out"
            book.notices.append(printable(notice))
        else:
            book.tables.append(table)


def _targets(package: Package, part: str) -> Iterator[str]:
    for link in parts.relationships(package, part).values():
        if link.kind == "table" and link.target in package:
            yield link.target


def _table(root: Element, sheet: str) -> Table:
    """ValueError where it makes no sense."""
    if root.tag != "table":
        raise ValueError("it is no table")
    name = root.get("displayName") or root.get("name") or ""
    if not name:
        raise ValueError("it has no name")
    headings, totals = _count(root, "headerRowCount", 1), _count(root, "totalsRowCount", 0)
    columns = tuple(unescaped(column.get("name", "")) for column in root.iterfind("tableColumns/tableColumn"))
    return Table(name, sheet, _rect(root.get("ref", "")), columns, headings, totals)


def _rect(text: str) -> Rect:
    if not text.isascii() or len(text) > 30:
        raise ValueError("its range cannot be read")
    rect = Rect.parse(text)
    if not text[-1].isdigit() or not text[0].isalpha():
        raise ValueError(f"{text} is no rectangle")
    return rect


def _count(root: Element, attribute: str, otherwise: int) -> int:
    text = root.get(attribute, str(otherwise))
    if text not in ("0", "1"):
        raise ValueError(f"{attribute} is {shown(text)}")
    return int(text)
