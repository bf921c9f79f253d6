"""Finding and exchanging text: FIND SEARCH SUBSTITUTE TEXTAFTER TEXTBEFORE, and FINDB SEARCHB, which count as
their namesakes do where the language is written with single bytes.

SEARCH and the functions with `match_mode` 1 ignore case; only SEARCH knows wildcards.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from sheetsim.functions.characters import MAX_TEXT, in_units, length
from sheetsim.functions.coercion import optional, to_text
from sheetsim.functions.criteria import wildcard_pieces
from sheetsim.functions.registry import Function, Kind, register
from sheetsim.functions.statistics import cells
from sheetsim.values import ExcelError, Scalar, Values

_SOURCE = "support.microsoft.com, "


@in_units
def _find(wanted: str, text: str, start: float = 1.0) -> Scalar:
    first = _start(text, start)
    found = -1 if first is None else text.find(wanted, first)
    return ExcelError.VALUE if found < 0 else float(found + 1)


def _start(text: str, start: float) -> int | None:
    """The place from which to look; None before the text or behind it (an empty text has a first place)."""
    first = math.trunc(start) - 1
    return first if 0 <= first < max(len(text), 1) else None


@lru_cache(maxsize=1024)
def _pieces(pattern: str) -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(piece, re.DOTALL | re.IGNORECASE) for piece in wildcard_pieces(pattern.removesuffix("~"))
    )


@in_units
def _search(wanted: str, text: str, start: float = 1.0) -> Scalar:
    """What stands between stars is taken where it fits first: no later place can leave more for the rest."""
    place = _start(text, start)
    if place is None:
        return ExcelError.VALUE
    begin = -1
    for piece in _pieces(wanted):
        found = piece.search(text, place)
        if found is None:
            return ExcelError.VALUE
        begin, place = (found.start() if begin < 0 else begin), found.end()
    return float(begin + 1)


@in_units
def _substitute(text: str, old: str, new: str, instance: float | None = None) -> Scalar:
    if instance is not None and instance < 1:
        return ExcelError.VALUE
    if not old:
        return text
    if instance is None:
        longer = len(text) + text.count(old) * (len(new) - len(old))
        return text.replace(old, new) if longer <= MAX_TEXT else ExcelError.VALUE
    place = -len(old)
    for _ in range(math.trunc(min(instance, len(text) + 1))):
        place = text.find(old, place + len(old))
        if place < 0:
            return text
    return text[:place] + new + text[place + len(old) :]


def delimiters(block: Values, any_case: bool) -> re.Pattern[str] | ExcelError:
    """A pattern of all the texts of a block; of several that stand at one place the longest is taken."""
    texts = [to_text(value) for value in cells([block])]
    for text in texts:
        if isinstance(text, ExcelError):
            return text
    alternatives = sorted((str(text) for text in texts), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, alternatives)), re.IGNORECASE if any_case else re.NOFLAG)


def _cut(
    text: str, delimiter: Values, options: Sequence[Scalar], otherwise: Sequence[Scalar], after: bool
) -> Scalar:
    """TEXTBEFORE and TEXTAFTER: what stands before or after one of the places where a delimiter stands.
    `options` are the instance, the mode and whether the end of the text counts as a delimiter."""
    given = [optional(option, default) for option, default in zip(options, (1.0, 0.0, 0.0), strict=True)]
    for option in given:
        if isinstance(option, ExcelError):
            return option
    number, mode, end = (math.trunc(option) for option in given)
    if number == 0 or mode not in (0, 1) or end not in (0, 1) or abs(number) > max(length(text), 1):
        return ExcelError.VALUE
    pattern = delimiters(delimiter, mode == 1)
    if isinstance(pattern, ExcelError):
        return pattern
    if pattern.pattern == "":
        return text if after == (number > 0) else ""
    places = [found.span() for found in pattern.finditer(text) if found.end() > found.start()]
    if end:
        places = [*places, (len(text), len(text))] if number > 0 else [(0, 0), *places]
    if abs(number) > len(places):
        return otherwise[0] if otherwise else ExcelError.NA
    start, stop = places[number - 1 if number > 0 else number]
    return text[stop:] if after else text[:start]


def _cutter(after: bool) -> Callable[..., Scalar]:
    def one(
        text: str,
        delimiter: Values,
        instance: Scalar = None,
        mode: Scalar = None,
        end: Scalar = None,
        *otherwise: Scalar,
    ) -> Scalar:
        return _cut(text, delimiter, (instance, mode, end), otherwise, after)

    return one


def _register(name: str, parameters: tuple[Kind, ...], scalar: Callable[..., Scalar], least: int) -> None:
    register(Function(name, parameters, least, len(parameters), scalar, source=_SOURCE + name))


for _form in ("FIND", "FINDB"):
    _register(_form, ("text", "text", "number"), _find, 2)
for _form in ("SEARCH", "SEARCHB"):
    _register(_form, ("text", "text", "number"), _search, 2)
_register("SUBSTITUTE", ("text", "text", "text", "number"), _substitute, 3)
_OPTIONS: tuple[Kind, ...] = ("any", "any", "any", "any")
for _name, _after in {"TEXTBEFORE": False, "TEXTAFTER": True}.items():
    _register(_name, ("text", "array", *_OPTIONS), _cutter(_after), 2)
