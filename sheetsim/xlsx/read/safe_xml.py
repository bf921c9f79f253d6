"""XML out of an untrusted file, through expat: no DTD, no entities, nothing fetched, bounded depth.

    >>> root = parse(b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>')
    >>> root.tag
    'workbook'

Names in the namespaces of SpreadsheetML (Transitional or Strict) appear as `row`, those of other namespaces
as `uri name`, so that a prefix makes no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main ",
    "http://purl.oclc.org/ooxml/spreadsheetml/main ",
)
RELATIONSHIP = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships ",
    "http://purl.oclc.org/ooxml/officeDocument/relationships ",
)
DEEPEST = 200  # levels; a sheet has about ten
MOST_NODES = 1_000_000  # elements and attributes of a part that is kept as a tree
LONGEST_TAG = 4 << 20  # bytes that expat may hold back, waiting for the end of a tag
PIECE = 1 << 20  # bytes that expat gets at once


class BadXML(Exception):
    """The text is not well-formed or not allowed; its text says what is wrong, without file or part."""


class Forbidden(BadXML):
    """The text is made to hurt: no workbook that holds it is read."""


class SafeParser:
    """Expat with the dangerous parts refused. Set `start`, `end` and `text`, then `feed` and `close`."""

    def __init__(self) -> None:
        self.start: Callable[[str, dict[str, str]], Any] = lambda tag, attributes: None
        self.end: Callable[[str], Any] = lambda tag: None
        self.text: Callable[[str], Any] = lambda text: None
        self.encoding = "utf-8"
        self.prefixes: set[str] = set()  # of the namespaces declared around the current place
        self._depth = 0
        self._fed = 0
        self._names: dict[str, str] = {}
        self._expat = expat.ParserCreate(namespace_separator=" ")
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._data
        self._expat.StartDoctypeDeclHandler = self._doctype
        self._expat.XmlDeclHandler = self._declaration
        self._expat.StartNamespaceDeclHandler = lambda prefix, uri: self.prefixes.add(prefix or "")
        self._expat.EndNamespaceDeclHandler = lambda prefix: self.prefixes.discard(prefix or "")

    def feed(self, data: bytes, last: bool = False) -> None:
        """Parse what comes next. In small pieces: a tag of many attributes takes 30 times its length."""
        for start in range(0, max(len(data), 1), PIECE):
            piece = data[start : start + PIECE]
            try:
                self._expat.Parse(piece, last and start + PIECE >= len(data))
            except expat.ExpatError as problem:
                raise BadXML(f"{expat.ErrorString(problem.code)}, line {problem.lineno}") from None
            except (UnicodeError, LookupError, ValueError):
                raise BadXML("its encoding is not known") from None
            self._fed += len(piece)
            if self._fed - self._expat.CurrentByteIndex > LONGEST_TAG:
                raise Forbidden("it holds a tag without end")

    @property
    def position(self) -> int:
        """Where, in bytes from the start, that begins which a handler is being called for."""
        return self._expat.CurrentByteIndex

    def close(self) -> None:
        self.feed(b"", True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Forbidden(f"it is nested more than {DEEPEST} levels deep")
        self.start(self._names.get(tag) or self._short(tag), attributes)

    def _end(self, tag: str) -> None:
        self._depth -= 1
        self.end(self._names.get(tag) or self._short(tag))

    def _data(self, text: str) -> None:
        self.text(text)

    def _short(self, tag: str) -> str:
        short = tag
        for namespace in MAIN:
            short = short.removeprefix(namespace)
        if len(self._names) < 1000:
            self._names[tag] = short
        return short

    def _doctype(self, *_: Any) -> None:
        raise Forbidden("it holds a document type (DTD), which a workbook never does")

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        self.encoding = (encoding or "utf-8").lower()


def parse(data: bytes | Iterable[bytes]) -> Element:
    """A small part as a tree. BadXML when it is not well-formed."""
    parser, builder = SafeParser(), TreeBuilder()
    count = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1 + len(attributes)
        if count > MOST_NODES:
            raise Forbidden(f"it holds more than {MOST_NODES:,} elements and attributes")
        builder.start(tag, attributes)

    parser.start, parser.end, parser.text = start, builder.end, builder.data
    for piece in [data] if isinstance(data, bytes) else data:
        parser.feed(piece)
    parser.close()
    return builder.close()


def relationship_id(element: Element) -> str | None:
    """The `r:id` attribute."""
    return next(
        (element.attrib[space + "id"] for space in RELATIONSHIP if space + "id" in element.attrib), None
    )
