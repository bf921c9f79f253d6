"""What the marks of cells stand for: `cm`, by which an array formula spills, and `vm`, a richer value.

    <c r="A1" t="e" vm="1"><v>#VALUE!</v></c>        is #SPILL!, if the marks say so

Errors that came after 2007 are stored as #VALUE! for older programs. `vm` (counted from 1) is a place in
xl/metadata.xml's `valueMetadata`; that points, through the block of the type XLRICHVALUE, to a value in
xl/richData/rdrichvalue.xml, which has the keys of a structure in rdrichvaluestructure.xml: of the structure
`_error`, `errorType` is the error ([MS-XLSX] 2.3.6.1.3; one less than ERROR.TYPE gives).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from sheetsim.values import ExcelError
from sheetsim.xlsx.read import parts
from sheetsim.xlsx.read.package import Package

_DYNAMIC, _RICH = "XLDAPR", "XLRICHVALUE"


@dataclass(frozen=True, slots=True)
class Marks:
    """dynamic: the values of `cm` that mark a spilling array formula. errors: the error of each `vm`."""

    dynamic: frozenset[str] = frozenset()
    errors: Mapping[str, ExcelError] = field(default_factory=dict)


NO_MARKS = Marks()


def read_marks(package: Package, links: Mapping[str, parts.Relationship]) -> Marks:
    """The marks of a workbook, given the relationships of its main part."""
    root = parts.linked_tree(package, links, "sheetMetadata")
    if root is None:
        return NO_MARKS
    types = {
        str(at): kind.get("name") for at, kind in enumerate(root.iterfind("metadataTypes/metadataType"), 1)
    }
    dynamic = {
        mark
        for mark, records in _blocks(root, "cellMetadata")
        if any(types.get(record.get("t", "")) == _DYNAMIC for record in records)
    }
    return Marks(frozenset(dynamic), _errors(root, types, _rich_errors(package, links)))


def _blocks(root: Element, name: str) -> Iterable[tuple[str, list[Element]]]:
    """Each block with the mark that means it."""
    return ((str(at), block.findall("rc")) for at, block in enumerate(root.iterfind(f"{name}/bk"), 1))


def _errors(
    root: Element, types: Mapping[str, str | None], values: Mapping[str, ExcelError]
) -> dict[str, ExcelError]:
    if not values:
        return {}
    pointers: list[str | None] = []  # of each block of rich values, the place of its value
    for future in root.iterfind("futureMetadata"):
        if future.get("name") == _RICH:
            for block in future.iterfind("bk"):
                pointers.append(next((e.get("i") for e in block.iter() if _name(e) == "rvb"), None))
    places = {str(at): pointer for at, pointer in enumerate(pointers)}
    found: dict[str, ExcelError] = {}
    for mark, records in _blocks(root, "valueMetadata"):
        for record in records:
            error = values.get(places.get(record.get("v", "")) or "")
            if types.get(record.get("t", "")) == _RICH and error is not None:
                found[mark] = error
    return found


def _rich_errors(package: Package, links: Mapping[str, parts.Relationship]) -> dict[str, ExcelError]:
    """By their places, counted from 0, the rich values that are errors."""
    structures = parts.linked_tree(package, links, "rdRichValueStructure")
    values = parts.linked_tree(package, links, "rdRichValue")
    if structures is None or values is None:
        return {}
    at: dict[str, int] = {}  # structure -> which of its values is the error's type
    for place, structure in enumerate(e for e in structures if _name(e) == "s"):
        keys = [key.get("n") for key in structure if _name(key) == "k"]
        if structure.get("t") == "_error" and "errorType" in keys:
            at[str(place)] = keys.index("errorType")
    found: dict[str, ExcelError] = {}
    for place, value in enumerate(e for e in values if _name(e) == "rv"):
        key = at.get(value.get("s", ""))
        contents = [e.text or "" for e in value if _name(e) == "v"]
        if key is not None and key < len(contents):
            error = _KNOWN.get(contents[key].strip())
            if error is not None:
                found[str(place)] = error
    return found


_KNOWN = {str(error - 1): error for error in ExcelError if error is not ExcelError.PYTHON}


def _name(element: Element) -> str:
    """The name without its namespace."""
    return element.tag.rpartition(" ")[2]
