"""A sheet's rows and cells as regular expressions over bytes, for `splice`: all of XML's ways to spell them.

    grammar(b"x:").cell matches  <x:c r='A1' s="2" t="str"><x:f>B1</x:f><!-- --><x:v>a</x:v></x:c>

Unlike `scan_patterns` these give the places of things, not their meaning, and they hold for any well-formed
sheet in which a cell's parts stand in the order of the standard (`f`, `v`, `is`, `extLst`) and have the
prefix of the cell. `<` begins nothing but markup in XML, also in attributes, so that text is `[^<]`. Every
repetition is possessive: whatever the file holds, no match is tried twice. Repeated groups are written as
atomic ones, since a possessive group that holds alternatives matches wrongly in Python before 3.11.5. The
patterns of rows and cells end in an empty alternative, for `scan_patterns.in_succession`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_ASIDE = rb"<!--.*?-->|<\?.*?\?>"
_DATA = rb"<!\[CDATA\[.*?\]\]>"
_BETWEEN = rb"(?>(?:[ \t\r\n]++|" + _ASIDE + rb")*)"
_TEXT = rb"(?>(?:[^<]++|" + _ASIDE + rb"|" + _DATA + rb")*)"
_ATTRIBUTE = rb"\s++([^\s=<>\"'/]++)\s*+=\s*+(?:\"([^\"<]*+)\"|'([^'<]*+)')"
_ATTRIBUTES = rb"(?>(?:\s++[^\s=<>\"'/]++\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'))*)\s*+"

ATTRIBUTE = re.compile(_ATTRIBUTE)
"""One attribute with the space before it; groups: name, value in double quotes, value in single ones."""


class Grammar(NamedTuple):
    """Patterns for the elements of one prefix (with its colon, or empty).

    opening   `<sheetData>`; groups: its attributes, the slash when it is empty
    row       a whole row; groups: the attributes, what is inside (None for `<row/>`)
    cell      a whole cell and what stands before it; groups: the letters of its address (where `r` stands
              first), other attributes, `<f>` and what is around it, `<f>`, `<v>`, the opening of `<v>`,
              what follows it, `<is>`, the rest (the last six None for `<c/>`)
    between   white space and comments
    closing   `</sheetData>`
    dimension `<dimension ref="A1:B2"/>` up to the address; groups: all before it, the address
    """

    opening: re.Pattern[bytes]
    row: re.Pattern[bytes]
    cell: re.Pattern[bytes]
    between: re.Pattern[bytes]
    closing: re.Pattern[bytes]
    dimension: re.Pattern[bytes]


@lru_cache(maxsize=64)
def grammar(prefix: bytes) -> Grammar:
    """The patterns for elements named like `<x:c>`, given `x:`."""

    def begin(name: bytes) -> bytes:
        return b"<" + re.escape(prefix) + name + rb"(?=[\s/>])"

    def end(name: bytes) -> bytes:
        return b"</" + re.escape(prefix) + name + rb"\s*+>"

    def inside(name: bytes) -> bytes:
        stop = b"/" + re.escape(prefix) + name + rb"[\s>]"
        return rb"(?>(?:[^<]++|" + _ASIDE + rb"|" + _DATA + rb"|<(?!" + stop + rb"|[!?]))*)"

    def element(name: bytes, content: bytes) -> bytes:
        return begin(name) + _ATTRIBUTES + rb"(?:/>|>" + content + end(name) + rb")"

    address = rb"(?>(?: r=\"([A-Z]{1,3})[0-9]{1,7}\")?)"
    formula = rb"(" + _BETWEEN + rb"(?>(?:(" + element(b"f", _TEXT) + rb")" + _BETWEEN + rb")?))"
    value = rb"(?>(?:((" + begin(b"v") + _ATTRIBUTES + rb")(?:/>|>" + _TEXT + end(b"v") + rb")))?)"
    inline = rb"((?>(?:" + element(b"is", inside(b"is")) + rb")?))"
    rest = rb"(" + _BETWEEN + rb"(?>(?:" + element(b"extLst", inside(b"extLst")) + _BETWEEN + rb")?))"
    content = formula + value + rb"(" + _BETWEEN + rb")" + inline + rest
    row, attributes = rb"(" + inside(b"row") + rb")" + end(b"row"), rb"(" + _ATTRIBUTES + rb")"
    patterns = (
        begin(b"sheetData") + attributes + rb"(/?)>",
        _BETWEEN + begin(b"row") + attributes + rb"(?:/>|>" + row + rb")|",
        _BETWEEN + begin(b"c") + address + attributes + rb"(?:/>|>" + content + end(b"c") + rb")|",
        _BETWEEN,
        end(b"sheetData"),
        rb"(" + begin(b"dimension") + rb"\s++ref\s*+=\s*+[\"'])([A-Z0-9:]++)",
    )
    return Grammar(*(re.compile(pattern, re.DOTALL) for pattern in patterns))
