"""Structured references, cells of a table by their names: text to node and back.

What stands in the brackets says which rows (an *item*, which starts with `#`) and which columns:

    Table1[Fare]                      the data of one column            Table1[]      all data
    Table1[[SibSp]:[Ones]]            of neighbouring columns           Table1[#All]  with headings, totals
    Table1[[#Totals],[Fare]]          the total of a column             Table1[[#Headers],[#Data],[Fare]]
    Table1[[#This Row],[Age]]         the formula's own row; also Table1[@Age], Table1[@[Age]:[Fare]], and, as
                                      xlsxwriter has it, Table1[[#This Row],Age]
    [@Age]  [Age]                     in the table itself its name may be left out

In a column's name `'` stands before each of `[ ] # '` (and `@`): `Table1[Price '[$']]`. Printed is the form
that files hold, `[#This Row]` and not `@`, which every program reads. Grammar: [MS-XLSX] 2.2.2.1; what the
items mean: support.microsoft.com, "Using structured references with Excel tables".
"""

from __future__ import annotations

import re

from sheetsim.formula.nodes import Error, Node, StructuredRef
from sheetsim.values import ExcelError

ALL, HEADERS, DATA, TOTALS, THIS_ROW = ITEMS = ("#All", "#Headers", "#Data", "#Totals", "#This Row")

_TOGETHER = {(), (HEADERS, DATA), (DATA, TOTALS), (HEADERS, DATA, TOTALS), *((item,) for item in ITEMS)}
_BY_NAME = {item.casefold(): item for item in ITEMS}
_PART = re.compile(r"\s*(?:\[((?:[^\[\]']|'[\s\S])++)\]\s*([,:]|\Z)|((?:[^\[\]':]|'[\s\S])++)(:|\Z))")
_ESCAPED = re.compile(r"'([\s\S])")
_TO_ESCAPE = re.compile(r"[\[\]#'@]")
_PLAIN = re.compile(r"\w(?:[\w ]*\w)?")  # a column's name that needs no brackets of its own
_NO_PLACE = "these brackets do not name rows and columns of a table"
_LOST = "#REF!"  # what Excel writes for a column that was deleted


def read(text: str) -> Node:
    """The node of a structured reference's whole text, from the table's name to the last bracket.

    #REF! where a column was deleted. ValueError, which says what is wrong, for brackets of another form.
    """
    table, _, inside = text.partition("[")
    inside = inside[:-1].strip()
    items: list[str] = []
    columns: list[str] = []
    if inside.startswith("@"):
        items.append(THIS_ROW)
        inside = inside[1:].lstrip()
    if inside.startswith("["):
        _read_parts(inside, items, columns)
    elif inside.startswith("#"):
        items.append(inside)
    elif inside:
        if re.search(r"[\[\]]", _ESCAPED.sub("", inside)):
            raise ValueError(_NO_PLACE)
        columns.append(_ESCAPED.sub(r"\1", inside))
    if _LOST in items:
        return Error(ExcelError.REF)
    known = [_BY_NAME.get(item.casefold(), item) for item in items]
    ordered = tuple(sorted(known, key=lambda item: ITEMS.index(item) if item in ITEMS else -1))
    if ordered not in _TOGETHER:
        raise ValueError(_NO_PLACE)
    return StructuredRef(table, ordered, *columns)


def _read_parts(inside: str, items: list[str], columns: list[str]) -> None:
    """`[#Headers],[Fare]:[Age]` into its items and columns."""
    position, before = 0, ","
    while position < len(inside):
        part = _PART.match(inside, position)
        if part is None or before != (":" if columns else ",") or len(columns) == 2:
            raise ValueError(_NO_PLACE)
        name = part[1] or part[3].strip()
        if not name or (part[1] is not None and name.startswith("#") and columns):
            raise ValueError(_NO_PLACE)
        if part[1] is not None and name.startswith("#"):
            items.append(name)
        else:
            columns.append(_ESCAPED.sub(r"\1", name))
        position, before = part.end(), part[2] or part[4] or ""
    if before:
        raise ValueError(_NO_PLACE)


def text_of(node: StructuredRef) -> str:
    """The text, as files hold it; reads as the same node again."""
    if node.first is None and len(node.items) < 2:
        return f"{node.table}[{''.join(node.items)}]"
    if node.first is not None and node.last is None and not node.items and _PLAIN.fullmatch(node.first):
        return f"{node.table}[{node.first}]"
    parts = [f"[{item}]" for item in node.items]
    if node.first is not None:
        columns = [node.first] if node.last is None else [node.first, node.last]
        parts.append(":".join(f"[{_TO_ESCAPE.sub(_escaped, column)}]" for column in columns))
    return f"{node.table}[{','.join(parts)}]"


def _escaped(found: re.Match[str]) -> str:
    return "'" + found[0]
