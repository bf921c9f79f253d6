"""Shared formulas whose first cell was edited: the cells that pointed to it get formulas of their own.

<c r="A1"><f t="shared" ref="A1:A9" si="0">B1*2</f>...      edited
<c r="A2"><f t="shared" si="0"/>...                         becomes <f>B2*2</f>
"""

from __future__ import annotations

import re
from html import unescape

from sheetsim.formula.shift import moved
from sheetsim.xlsx.read.cell_patterns import ATTRIBUTE
from sheetsim.xlsx.read.strings import escaped

_PARTS = re.compile(rb"<[^\s>/]++((?:\s++[^<>/=]++=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'))*+)\s*+(?:/>|>([^<]*+)<)")


class Unshared:
    """The shared formulas of a sheet whose text is gone; true when there are any."""

    def __init__(self, prefix: bytes, encoding: str) -> None:
        self._prefix, self._encoding = prefix, encoding
        self._texts: dict[bytes, tuple[str, int, int]] = {}  # by number: text, and row and column of its cell

    def __bool__(self) -> bool:
        return bool(self._texts)

    def waits(self, text: bytes, row: re.Match[bytes]) -> bool:
        """Whether a row may hold cells that pointed to an edited one."""
        return bool(self._texts) and text.find(b"shared", row.start(), row.end()) >= 0

    def replaced(self, formula: bytes, row: int, column: int) -> bool:
        """A formula is being replaced; False when it cannot be understood."""
        attributes, text = _read(formula)
        if attributes.get(b"t") != b"shared":
            return True
        if text is None:
            return False
        if text.strip() and attributes.get(b"si", b"") not in self._texts:
            words = unescape(text.decode(self._encoding)).removeprefix("=")
            self._texts[attributes.get(b"si", b"")] = words, row, column
        return True

    def instead(self, formula: bytes, row: int, column: int) -> bytes | None:
        """The `<f>` that takes the place of one that pointed to an edited cell; None for all others."""
        if not self._texts or b"shared" not in formula:
            return None
        attributes, text = _read(formula)
        found = self._texts.get(attributes.get(b"si", b""))
        if found is None or attributes.get(b"t") != b"shared":
            return None
        if text and text.strip():  # the number is used anew from here on
            del self._texts[attributes[b"si"]]
            return None
        words = escaped(moved(found[0], row - found[1], column - found[2]))
        tag = self._prefix + b"f"
        return b"<%b>%b</%b>" % (tag, words.encode(self._encoding, "xmlcharrefreplace"), tag)


def _read(formula: bytes) -> tuple[dict[bytes, bytes], bytes | None]:
    """Attributes and text of an `<f>`; the text None where it is more than plain text."""
    found = _PARTS.match(formula)
    if found is None:
        return {}, None
    attributes = {name: double or single for name, double, single in ATTRIBUTE.findall(found[1])}
    ended = formula.endswith(b"/>") or formula.count(b"<") == 2
    return attributes, (found[2] or b"") if ended else None
