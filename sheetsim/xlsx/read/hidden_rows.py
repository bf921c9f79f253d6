"""Which rows of a sheet are not shown, seen in its XML as it goes by: `<row r="5" hidden="1">`.

hidden = HiddenRows()
for piece in hidden.watch(pieces): ...
hidden.rows          frozenset({4})
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ROW = re.compile(rb"<(?:[\w.-]+:)?row\b([^<>]{0,2000})>")
_HIDDEN = re.compile(rb"""\bhidden\s*=\s*["'](?:1|true)["']""")
_NUMBER = re.compile(rb"""(?<![\w:.-])r\s*=\s*["']([0-9]{1,7})["']""")
_LONGEST = 2100  # bytes of a tag


class HiddenRows:
    def __init__(self) -> None:
        self._rows: set[int] = set()

    @property
    def rows(self) -> frozenset[int]:
        """Their numbers, counted from 0."""
        return frozenset(self._rows)

    def watch(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The same pieces."""
        before = b""
        for piece in pieces:
            seen = before + piece
            if b"hidden" in seen:
                for found in _ROW.finditer(seen):
                    number = _NUMBER.search(found[1]) if _HIDDEN.search(found[1]) else None
                    if number is not None:
                        self._rows.add(int(number[1]) - 1)
            before = seen[-_LONGEST:]
            yield piece
