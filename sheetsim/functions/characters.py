"""Text as Excel counts it: in units of UTF-16, of which a character beyond U+FFFF (an emoji) is two.

    units("a\\U0001f600")      "a\\ud83d\\ude00": a str of one character a unit, to be counted and cut
    whole("\\ud83d\\ude00")    "\\U0001f600": pairs that have come together again are one character

A cell holds at most MAX_TEXT units; what is longer is #VALUE!.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from functools import wraps

from sheetsim.values import ExcelError, Scalar

MAX_TEXT = 32_767


def units(text: str) -> str:
    """The text with one character a unit."""
    if text.isascii() or max(text) <= "\uffff":
        return text
    return "".join(map(chr, array("H", text.encode("utf-16-le", "surrogatepass"))))


def whole(text: str) -> str:
    """The text with pairs of units joined to characters."""
    if text.isascii() or not any("\ud800" <= unit <= "\udfff" for unit in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def length(text: str) -> int:
    """In units."""
    return len(text) if text.isascii() else len(units(text))


def bounded(text: str) -> str | ExcelError:
    """The text, or #VALUE! where no cell could hold it."""
    return text if len(text) <= MAX_TEXT and length(text) <= MAX_TEXT else ExcelError.VALUE


def in_units(function: Callable[..., Scalar]) -> Callable[..., Scalar]:
    """A function of texts that sees them in units; its own text is made whole again, and bounded."""

    @wraps(function)
    def counted(*arguments: Scalar) -> Scalar:
        seen = [units(argument) if isinstance(argument, str) else argument for argument in arguments]
        result = function(*seen)
        return bounded(whole(result)) if isinstance(result, str) else result

    return counted


def each_cased(text: str, change: Callable[[str], str]) -> str:
    """Letter by letter, leaving those whose other case is not one letter (German sharp s) as they are."""
    changed = change(text)
    if len(changed) == len(text):
        return changed
    return "".join(new if len(new := change(letter)) == 1 else letter for letter in text)
