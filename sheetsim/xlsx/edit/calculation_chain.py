"""The calculation chain: a list of all cells with formulas, in a part that Excel makes anew if missing.

A chain that names a cell without a formula makes Excel call the file damaged, so that it goes where formulas
are edited, with the lines that point to it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from sheetsim.xlsx.read import parts
from sheetsim.xlsx.read.package import Package

_ELEMENT = rb"<(?:[^\s:>/<]{1,60}:)?%b\s[^<>]*?%b[^<>]*?(?:/>|>\s*</[^<>]*>)"


def without_calculation_chain(package: Package) -> dict[str, Iterable[bytes] | None]:
    """The parts to be replaced: None for the chain itself."""
    types = parts.content_types(package)
    main = parts.workbook_part(package, types)
    links = parts.relationships(package, main)
    chain = {link.target for link in links.values() if link.kind == "calcChain" and link.target in package}
    if not chain:
        return {}
    folder, name = posixpath.split(main)
    rels = posixpath.join(folder, "_rels", name + ".rels")
    found: dict[str, Iterable[bytes] | None] = dict.fromkeys(chain)
    found[rels] = [_without(package.read(rels), b"Relationship", rb"relationships/calcChain[\"']")]
    if "[Content_Types].xml" in package:
        kind = rb"spreadsheetml\.calcChain\+xml[\"']"
        found["[Content_Types].xml"] = [_without(package.read("[Content_Types].xml"), b"Override", kind)]
    return found


def _without(xml: bytes, element: bytes, words: bytes) -> bytes:
    """The XML without the elements of that name in whose attributes the words stand."""
    return re.sub(_ELEMENT % (element, words), b"", xml)
