"""The small parts of a package: which part is what, the workbook's sheets and names, what is left unread.

A *relationship* is how one part points to another: in `xl/_rels/workbook.xml.rels`, `rId1` says that the
first sheet is `worksheets/sheet1.xml`. Nothing outside the package is ever followed.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from sheetsim.errors import printable
from sheetsim.workbook import DefinedName, Workbook
from sheetsim.xlsx.read.cells import shown
from sheetsim.xlsx.read.package import Package
from sheetsim.xlsx.read.safe_xml import BadXML, parse, relationship_id

_WORKBOOK_TYPES = ("spreadsheetml.sheet.main+xml", "sheet.macroenabled.main+xml", "template.main+xml",
                   "template.macroenabled.main+xml", "addin.macroenabled.main+xml")  # fmt: skip

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
    """A sheet as the workbook part lists it; `part` None when it holds no cells (a chart sheet)."""

    name: str
    part: str | None


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


def relationships(package: Package, part: str) -> dict[str, Relationship]:
    """The relationships of a part ("" for the package itself) by their id; external ones left out."""
    folder, name = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", name + ".rels")
    found: dict[str, Relationship] = {}
    if rels not in package:
        return found
    for element in tree(package, rels):
        if element.get("TargetMode") == "External":
            continue
        target = element.get("Target", "").replace("\\", "/")
        whole = posixpath.normpath(posixpath.join("/", folder, target))
        if posixpath.normpath(posixpath.join(folder, target)).startswith("..") and not target.startswith("/"):
            raise package.error(f"its part {rels} points outside the file: refused")
        kind = element.get("Type", "").rpartition("/")[2]
        found[element.get("Id", "")] = Relationship(kind, whole.lstrip("/"))
    return found


def content_types(package: Package) -> dict[str, str]:
    """Content type, in lower case, of each part that has one of its own, by the part's name in lower case."""
    if "[Content_Types].xml" not in package:
        if "mimetype" in package and b"opendocument" in package.read("mimetype")[:100]:
            raise package.error("is an OpenDocument file: open it and save it as .xlsx")
        raise package.error("is a zip file, but not a workbook")
    defaults: dict[str, str] = {}
    found: dict[str, str] = {}
    for element in tree(package, "[Content_Types].xml"):
        kind = element.get("ContentType", "").lower()
        if element.tag.endswith("Default"):
            defaults[element.get("Extension", "").lower()] = kind
        else:
            found[element.get("PartName", "").lstrip("/").lower()] = kind
    for name in package.names:
        found.setdefault(name.lower(), defaults.get(name.rpartition(".")[2].lower(), ""))
    return found


def workbook_part(package: Package, types: dict[str, str]) -> str:
    """The name of the part that lists the sheets."""
    for relationship in relationships(package, "").values():
        if relationship.kind != "officeDocument":
            continue
        kind = types.get(relationship.target.lower(), "")
        if "binary" in kind:
            raise package.error("is a binary workbook (.xlsb): open it in Excel and save it as .xlsx")
        if "wordprocessingml" in kind or "presentationml" in kind:
            raise package.error("is a document or a presentation, not a workbook")
        if kind.endswith(_WORKBOOK_TYPES) or kind in ("", "application/xml"):
            return relationship.target
        raise package.error(f"is not a workbook that is known here (its type is {shown(kind)})")
    raise package.error("is a zip file, but not a workbook")


def read_workbook_part(package: Package, part: str, book: Workbook) -> list[SheetPart]:
    """Names, settings and notices into `book`; gives the sheets in their order."""
    root = tree(package, part)
    if root.tag != "workbook":
        raise package.error(f"its part {part} is not a workbook")
    links = relationships(package, part)
    sheets = [_sheet(package, element, links) for element in root.iterfind("sheets/sheet")]
    if not sheets:
        raise package.error("holds no sheet")
    names = [sheet.name.casefold() for sheet in sheets]
    if len(sheets) > MOST_SHEETS:
        raise package.error(f"holds {len(sheets):,} sheets; at most {MOST_SHEETS:,} are read")
    if "" in names or len(set(names)) != len(names):
        raise package.error("holds a sheet without a name or two of the same name")
    held = [sheet.part.lower() for sheet in sheets if sheet.part is not None]
    if len(set(held)) != len(held):
        raise package.error("two of its sheets are the same part of the file: refused")
    book.names += _names(package, root, sheets)
    calculation = root.find("calcPr")
    book.iterate = calculation is not None and calculation.get("iterate") in ("1", "true")
    properties = root.find("workbookPr")
    if properties is not None and properties.get("date1904") in ("1", "true"):
        book.notices.append("dates count from 1904 in this file; they are read as the numbers they are")
    for sheet in sheets:
        if sheet.part is None:
            notice = f"the sheet {sheet.name} holds no cells (a chart or dialogue), kept unread"
            book.notices.append(printable(notice))
    return sheets


def _sheet(package: Package, element: Element, links: dict[str, Relationship]) -> SheetPart:
    name = element.get("name", "")
    link = links.get(relationship_id(element) or "")
    if link is None:
        raise package.error(f"sheet {name}: its part is missing: open the file in Excel and save it again")
    return SheetPart(name, link.target if link.kind == "worksheet" else None)


def _names(package: Package, root: Element, sheets: list[SheetPart]) -> Iterator[DefinedName]:
    for element in root.iterfind("definedNames/definedName"):
        name, sheet = element.get("name", ""), element.get("localSheetId")
        scope = None
        if sheet is not None:
            if not (sheet.isascii() and sheet.isdecimal() and len(sheet) < 6 and int(sheet) < len(sheets)):
                raise package.error(f"the name {shown(name)} belongs to a sheet that is not there")
            scope = sheets[int(sheet)].name
        yield DefinedName(name, element.text or "", scope, element.get("hidden") in ("1", "true"))


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


def dynamic_marks(package: Package, links: dict[str, Relationship]) -> frozenset[str]:
    """The values of a cell's `cm` attribute that mark a spilling array formula (metadata type XLDAPR)."""
    part = next((link.target for link in links.values() if link.kind == "sheetMetadata"), None)
    if part is None or part not in package:
        return frozenset()
    root = tree(package, part)
    kinds = [kind.get("name") for kind in root.iterfind("metadataTypes/metadataType")]
    spilling = {str(at) for at, name in enumerate(kinds, 1) if name == "XLDAPR"}
    blocks = enumerate(root.iterfind("cellMetadata/bk"), 1)
    return frozenset(
        str(at) for at, block in blocks if any(rc.get("t") in spilling for rc in block.iterfind("rc"))
    )


def document_properties(package: Package) -> dict[str, str]:
    """Title, subject, author, keywords, comments and category, where the file has them."""
    names = {"title": "title", "subject": "subject", "creator": "author", "keywords": "keywords",
             "description": "comments", "category": "category"}  # fmt: skip
    part = next((r.target for r in relationships(package, "").values() if r.kind == "core-properties"), None)
    if part is None or part not in package:
        return {}
    found = {}
    for element in tree(package, part):
        name = names.get(element.tag.rpartition(" ")[2])
        if name and element.text:
            found[name] = element.text
    return found
