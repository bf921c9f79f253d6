"""How the common writers spell a row and its cells, as regular expressions for `sheet_scan`.

    <row r="4" spans="1:3"><c r="A4" s="2"><f>B4*2</f><v>0.5</v></c><c r="B4" t="s"><v>7</v></c></row>

Whatever these do not match exactly is for the XML parser (`Unsure`). `CELL`, like the pattern of a row, ends
in an empty alternative: so `in_succession` stops where the next cell does not follow at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile
from operator import attrgetter
from typing import AnyStr

from sheetsim.xlsx.read.strings import unescaped

SPACE = '(?: xml:space="preserve")?'
_ATTRIBUTES = r'((?: [A-Za-z0-9]+="[^"<&]*")*)'
ROW_ATTRIBUTES = '((?: [A-Za-z0-9:]+="[^"<&]*")*)'
ROW = re.compile(rf'[ \t\r\n]*<row r="([1-9][0-9]{{0,6}})"{ROW_ATTRIBUTES}(/?)>')
CELL = re.compile(
    rf'<c r="([A-Z]{{1,3}})([1-9][0-9]{{0,6}})"{_ATTRIBUTES}'
    rf"(?:/>|>(?:<f{_ATTRIBUTES}(?:/>|>([^<]*)</f>))?"
    rf"(?:<v(?:/>|{SPACE}>([^<]*)</v>)|<is><t{SPACE}>([^<]*)</t></is>)?</c>)|"
)
_ATTRIBUTE = re.compile(r' ([A-Za-z0-9:]+)="([^"]*)"')
_PREFIXED = re.compile("([A-Za-z][A-Za-z0-9]*):[A-Za-z][A-Za-z0-9]*")
_ENTITY = re.compile(r"&([^;&]{0,10})(;?)")
_ODD_CHARACTER = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|]]>")  # \r: a parser would make it \n
_CODE = re.compile(r"#(?:[0-9]+|x[0-9A-Fa-f]+)")
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_CELL_ATTRIBUTES = {"s", "t", "cm", "vm", "ph"}
_ROW_ATTRIBUTES = {"spans", "s", "ht", "customHeight", "customFormat", "hidden", "outlineLevel", "collapsed"}
_ROW_ATTRIBUTES |= {"thickTop", "thickBot", "ph"}
_FORMULA_ATTRIBUTES = {"t", "ref", "si", "ca", "aca", "dt2D", "dtr", "r1", "r2", "del1", "del2", "bx"}


_ALLOWED = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Unsure(Exception):
    """The text is not as these patterns know it; a real XML parser has to look."""


@lru_cache(maxsize=4096)
def cell_type(attributes: str) -> tuple[str, str | None, str | None]:
    """`t`, `cm` and `vm` out of a cell's attributes (those behind `r`)."""
    known = _known(attributes, _CELL_ATTRIBUTES)
    return known.get("t", "n"), known.get("cm"), known.get("vm")


@lru_cache(maxsize=4096)
def formula_attributes(attributes: str) -> dict[str, str]:
    return _known(attributes, _FORMULA_ATTRIBUTES)


@lru_cache(maxsize=4096)
def check_row_attributes(attributes: str, prefixes: frozenset[str]) -> None:
    """Unsure for attributes of a row (those behind `r`) that no row has, or in no namespace that is open."""
    strange = _known(attributes, None).keys() - _ROW_ATTRIBUTES
    for name in strange:
        prefixed = _PREFIXED.fullmatch(name)
        if not prefixed or prefixed[1] not in prefixes:
            raise Unsure


def _known(attributes: str, names: set[str] | None) -> dict[str, str]:
    pairs = _ATTRIBUTE.findall(attributes)
    known = dict(pairs)
    unknown = names is not None and not names.issuperset(known)
    if unknown or len(known) != len(pairs) or _ODD_CHARACTER.search(attributes):
        raise Unsure
    return known


def in_succession(pattern: re.Pattern[AnyStr], text: AnyStr, at: int, end: int) -> Iterator[re.Match[AnyStr]]:
    """Matches of a pattern that ends in `|`, each beginning where the one before ended, the first at `at`."""
    return takewhile(attrgetter("lastindex"), pattern.finditer(text, at, end))


def plain_text(text: str, kind: str) -> str:
    """The text of a formula or value as an XML parser would give it; Excel's own escapes (`_x000D_`) too,
    in the kinds that may hold them."""
    if _ODD_CHARACTER.search(text):
        raise Unsure
    if "&" in text:
        text = _ENTITY.sub(_character, text)
    return unescaped(text) if kind in ("str", "inlineStr") else text


def _character(found: re.Match[str]) -> str:
    """`&lt;`, `&#10;` or `&#xA;` as the character it stands for."""
    name, closed = found.groups()
    character = _ENTITIES.get(name)
    if character is None and _CODE.fullmatch(name):
        code = int("0" + name[1:], 16) if name[1] == "x" else int(name[1:])
        if code < 0x110000 and _ALLOWED.fullmatch(chr(code)):
            character = chr(code)
    if character is None or not closed:
        raise Unsure
    return character
