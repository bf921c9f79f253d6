"""Texts in a workbook: the shared strings, rich text, and Excel's own escapes.

Rich text is runs, `<si><r><t>bold </t></r><r><t>plain</t></r></si>`; its formatting and the phonetic parts
(`rPh`) are left out. `_x000D_` in any text stands for the character of that code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sheetsim.xlsx.read.budget import Budget
from sheetsim.xlsx.read.safe_xml import Forbidden, SafeParser

LONGEST = 1 << 20  # characters of one text; Excel's cells end at 32,767
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NOT_PLAIN = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")


def unescaped(text: str) -> str:
    """`a_x000D_b` as the text it stands for (ECMA-376 part 1, 22.9.2.19). Lone surrogates stay as written."""
    if "_x" not in text:
        return text
    return _ESCAPE.sub(lambda m: m[0] if 0xD800 <= int(m[1], 16) < 0xE000 else chr(int(m[1], 16)), text)


def escaped(text: str) -> str:
    """Text for an element's content; what XML cannot hold, and what would read as an escape, as `_xHHHH_`."""
    text = _NOT_PLAIN.sub(lambda found: f"_x{ord(found[0][0]):04X}_{found[0][1:]}", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class TextCollector:
    """Gathers the characters of `t` elements that are not phonetic; called as expat calls."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._phonetic = 0
        self._open = False

    def start(self, tag: str) -> None:
        if tag == "rPh":
            self._phonetic += 1
        elif tag == "t":
            self._open = not self._phonetic

    def end(self, tag: str) -> None:
        if tag == "rPh":
            self._phonetic -= 1
        elif tag == "t":
            self._open = False

    def text(self, text: str) -> None:
        if self._open:
            self._length += len(text)
            if self._length > LONGEST:
                raise Forbidden(f"it holds a text of more than {LONGEST:,} characters")
            self._parts.append(text)

    def take(self) -> str:
        """The text so far; starts anew."""
        whole = "".join(self._parts)
        self._parts.clear()
        self._length, self._phonetic, self._open = 0, 0, False
        return unescaped(whole)


def read_strings(pieces: Iterable[bytes], budget: Budget) -> list[str]:
    """The table of shared strings, from the bytes of its part. BadXML when it is not well-formed, Forbidden
    when the texts take more room than `budget` has left."""
    found: list[str] = []
    collector, parser = TextCollector(), SafeParser()
    parser.text = collector.text

    def start(tag: str, attributes: dict[str, str]) -> None:
        collector.start(tag)

    def end(tag: str) -> None:
        collector.end(tag)
        if tag == "si":
            text = collector.take()
            budget.keep(text)
            found.append(text)

    parser.start, parser.end = start, end
    for piece in pieces:
        parser.feed(piece)
    parser.close()
    return found
