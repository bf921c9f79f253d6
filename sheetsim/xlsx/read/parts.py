"""The small parts of a package: which part is what, the workbook's sheets and names, what is left unread.

A *relationship* is how one part points to another: in `xl/_rels/workbook.xml.rels`, `rId1` says that the
first sheet is `worksheets/sheet1.xml`. Nothing outside the package is ever followed.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, unquote
from xml.etree.ElementTree import Element

from sheetsim.workbook import DefinedName, Workbook
from sheetsim.xlsx.read.oddities import shown
from sheetsim.xlsx.read.package import Package
from sheetsim.xlsx.read.safe_xml import BadXML, Forbidden, parse, relationship_id

_WORKBOOK_TYPES = ("spreadsheetml.sheet.main+xml", "sheet.macroenabled.main+xml", "template.main+xml",
                   "template.macroenabled.main+xml", "addin.macroenabled.main+xml")  # fmt: skip

_USUAL_PLACE = "xl/workbook.xml"
_TRUE = ("1", "true")
_WITHOUT_CELLS = {
    "chartsheet": "a chart",
    "dialogsheet": "a dialogue",
    "xlMacrosheet": "macros of Excel 4.0",
    "xlIntlMacrosheet": "macros of Excel 4.0",
}  # by the kind of its relationship

MOST_SHEETS = 2000

# What a part of some content type is called, one and many, in reading order of the notices.
_KEPT_UNREAD = (
    ("vbaproject", "a macro project", "macro projects"),
    ("pivottable+xml", "a pivot table", "pivot tables"),
    ("drawingml.chart+xml", "a chart", "charts"),
    ("chartex+xml", "a chart", "charts"),
    ("vnd.openxmlformats-officedocument.drawing+xml", "a drawing", "drawings"),
    ("comments+xml", "a page of comments", "pages of comments"),
    ("controlproperties", "a form control", "form controls"),
    ("oleobject", "an embedded object", "embedded objects"),
    ("activex", "an ActiveX control", "ActiveX controls"),
    ("externallink+xml", "a link to another workbook", "links to other workbooks"),
    ("connections+xml", "a page of data connections", "pages of data connections"),
    ("querytable+xml", "a query table", "query tables"),
    ("slicer+xml", "a page of slicers", "pages of slicers"),
)


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet as the workbook part lists it; `part` None when it holds no cells (a chart sheet) or is `lost`:
    it should hold some, but they cannot be read."""

    name: str
    part: str | None
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Relationship:
    """`kind` is the last word of its type: worksheet, sharedStrings, ... `target`: a part's name."""

    kind: str
    target: str


def tree(package: Package, part: str) -> Element:
    """A small part as a tree, with problems told as one line."""
    try:
        return parse(package.read(part))
    except BadXML as problem:
        raise package.error(f"its part {part} cannot be read: {problem}") from None


def tree_or_note(package: Package, part: str) -> Element | None:
    """A small part that the rest can do without; None, and a note, when it cannot be read."""
    if part not in package:
        package.note(f"the part {part} is missing")
        return None
    try:
        return parse(package.read(part))
    except Forbidden as problem:
        raise package.error(f"its part {part} cannot be read: {problem}") from None
    except BadXML as problem:
        package.note(f"the part {part} cannot be read ({problem}) and was left out")
        return None


def linked_tree(package: Package, links: Mapping[str, Relationship], kind: str) -> Element | None:
    """The part to which the first relationship of that kind points; None when there is none to be read."""
    part = next((link.target for link in links.values() if link.kind == kind), None)
    return None if part is None else tree_or_note(package, part)


def relationships(package: Package, part: str) -> dict[str, Relationship]:
    """The relationships of a part ("" for the package itself) by their id; external ones left out."""
    folder, name = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", name + ".rels")
    found: dict[str, Relationship] = {}
    root = tree_or_note(package, rels) if rels in package else None
    for element in () if root is None else root:
        if element.get("TargetMode") == "External":
            continue
        target = _target(package, folder, element.get("Target", "").strip().replace("\\", "/"))
        if target is None:
            package.note(f"a relation in {rels} points outside the file and was left out")
        else:
            kind = element.get("Type", "").rpartition("/")[2]
            found[element.get("Id", "")] = Relationship(kind, target)
    return found


def _target(package: Package, folder: str, target: str) -> str | None:
    """The part that a relationship of a part in `folder` means; None when it leads out of the package.

    Names may be spelled with %20 for a space, in the relationship or in the zip; some writers mean the
    package's root where they leave out the slash.
    """
    if not target.startswith("/") and posixpath.normpath(posixpath.join(folder, target)).startswith(".."):
        return None
    spelled = dict.fromkeys((target, unquote(target), quote(target, safe="/%")))
    wholes = [posixpath.normpath(posixpath.join("/", folder, each)).lstrip("/") for each in spelled]
    wholes += [posixpath.normpath(posixpath.join("/", each)).lstrip("/") for each in spelled]
    return next((whole for whole in wholes if whole in package), wholes[0])


def content_types(package: Package) -> dict[str, str]:
    """Content type, in lower case, of each part that has one of its own, by the part's name in lower case."""
    if "[Content_Types].xml" not in package:
        if "mimetype" in package and b"opendocument" in package.read("mimetype")[:100]:
            raise package.error("is an OpenDocument file: open it and save it as .xlsx")
        if _USUAL_PLACE not in package:
            raise package.error("is a zip file, but not a workbook")
    defaults: dict[str, str] = {}
    found: dict[str, str] = {}
    root = tree_or_note(package, "[Content_Types].xml")
    for element in () if root is None else root:
        kind = element.get("ContentType", "").lower()
        if element.tag.endswith("Default"):
            defaults[element.get("Extension", "").lower()] = kind
        else:
            found[element.get("PartName", "").lstrip("/").lower()] = kind
    for name in package.names:
        found.setdefault(name.lower(), defaults.get(name.rpartition(".")[2].lower(), ""))
    return found


def workbook_part(package: Package, types: Mapping[str, str]) -> str:
    """The name of the part that lists the sheets."""
    targets = [link.target for link in relationships(package, "").values() if link.kind == "officeDocument"]
    targets += [name for name in package.names if types[name.lower()].endswith(_WORKBOOK_TYPES)]
    for target in [*targets, _USUAL_PLACE]:
        if target not in package:
            continue
        kind = types.get(target.lower(), "")
        if "binary" in kind:
            raise package.error("is a binary workbook (.xlsb): open it in Excel and save it as .xlsx")
        if "wordprocessingml" in kind or "presentationml" in kind:
            raise package.error("is a document or a presentation, not a workbook")
        return target
    raise package.error("is a zip file, but not a workbook")


def read_workbook_part(package: Package, part: str, book: Workbook) -> list[SheetPart]:
    """Names, settings and notices into `book`; gives the sheets in their order."""
    root = tree(package, part)
    if root.tag != "workbook":
        raise package.error(f"its part {part} is not a workbook")
    listed = root.findall("sheets/sheet")
    if not listed:
        raise package.error("holds no sheet")
    if len(listed) > MOST_SHEETS:
        raise package.error(f"holds {len(listed):,} sheets; at most {MOST_SHEETS:,} are read")
    links = relationships(package, part)
    sheets: list[SheetPart] = []
    for element in listed:
        sheets.append(_sheet(package, element, links, sheets))
    book.names += _names(package, root, sheets)
    _settings(package, root, book)
    return sheets


def _sheet(
    package: Package, element: Element, links: Mapping[str, Relationship], before: Sequence[SheetPart]
) -> SheetPart:
    """One sheet of the list; what keeps its cells from being read is noted."""
    name = element.get("name", "")
    link = links.get(relationship_id(element) or "")
    held = [other for other in before if other.part is not None]
    problem = None
    if link is not None and link.kind in _WITHOUT_CELLS:
        problem = f"holds no cells ({_WITHOUT_CELLS[link.kind]}), kept unread"
    elif link is None or link.target not in package:
        problem = "has no part in the file and was left out"
    elif not name or any(other.name.casefold() == name.casefold() for other in held):
        problem = "has no name or that of another sheet and was left out"
    elif any(str(other.part).lower() == link.target.lower() for other in held):
        problem = "is the same part of the file as another sheet and was left out"
    if problem is None and link is not None:
        return SheetPart(name, link.target)
    package.note(f"the sheet {name} {problem}")
    return SheetPart(name, None, lost=link is None or link.kind not in ("chartsheet", "dialogsheet"))


def _settings(package: Package, root: Element, book: Workbook) -> None:
    """How the workbook wants to be calculated."""
    properties, calculation = root.find("workbookPr"), root.find("calcPr")
    if properties is not None and properties.get("date1904") in _TRUE:
        book.date1904 = True
        package.note("dates count from 1904 in this file")
    if calculation is None:
        return
    book.iterate = calculation.get("iterate") in _TRUE
    book.full_precision = calculation.get("fullPrecision", "1") in _TRUE
    if not book.full_precision:
        package.note("the workbook asks for the precision as displayed; it is computed with full precision")
    with suppress(ValueError):
        book.iterate_count = min(max(int(calculation.get("iterateCount", "100")[:9]), 1), 32767)
    with suppress(ValueError):
        delta = float(calculation.get("iterateDelta", "0.001")[:40])
        book.iterate_delta = delta if 0 <= delta < 1e300 else book.iterate_delta


def _names(package: Package, root: Element, sheets: Sequence[SheetPart]) -> Iterator[DefinedName]:
    for element in root.iterfind("definedNames/definedName"):
        name, sheet = element.get("name", ""), element.get("localSheetId")
        scope = None
        if sheet is not None:
            if not (sheet.isascii() and sheet.isdecimal() and len(sheet) < 6 and int(sheet) < len(sheets)):
                package.note(f"the name {shown(name)} belongs to a sheet that is not there and was left out")
                continue
            scope = sheets[int(sheet)].name
        yield DefinedName(name, element.text or "", scope, element.get("hidden") in _TRUE)


def kept_unread(types: dict[str, str], package: Package) -> list[str]:
    """One notice for each kind of thing that the file holds and the reader leaves alone."""
    counts = dict.fromkeys(((one, many) for _, one, many in _KEPT_UNREAD), 0)
    for name, kind in types.items():
        for part, one, many in _KEPT_UNREAD:
            if part in kind and name in package:
                counts[one, many] += 1
                break
    found = [one if count == 1 else f"{count} {many}" for (one, many), count in counts.items() if count]
    return [f"{what}, kept unread" for what in found]


def document_properties(package: Package) -> dict[str, str]:
    """Title, subject, author, keywords, comments and category, where the file has them."""
    names = {"title": "title", "subject": "subject", "creator": "author", "keywords": "keywords",
             "description": "comments", "category": "category"}  # fmt: skip
    root = linked_tree(package, relationships(package, ""), "core-properties")
    found = {}
    for element in () if root is None else root:
        name = names.get(element.tag.rpartition(" ")[2])
        if name and element.text:
            found[name] = element.text
    return found
