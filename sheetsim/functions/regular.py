"""Regular expressions: REGEXEXTRACT REGEXREPLACE REGEXTEST, by PCRE2 itself (the extra `regex`).

Patterns come with the file, so each match may only take so many steps (PCRE2's own match limit, counted, not
timed): a pattern that takes more is beyond the limits, and its cell is reported as not computed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from sheetsim.errors import Unsupported
from sheetsim.functions.characters import MAX_TEXT, bounded
from sheetsim.functions.coercion import optional
from sheetsim.functions.registry import Function, Kind, register
from sheetsim.limits import TooMuch
from sheetsim.values import ExcelError, Scalar, Values

_SOURCE = "support.microsoft.com, "
_MOST_STEPS = 1_000_000  # of one match; some 30 ms
_MOST_IN_ALL = 20_000_000  # of all matches in one text
_LEAST_STEPS = 2_000
_REFERENCE = re.compile(
    r"\$(?:(?P<dollar>\$)|(?P<number>[0-9]{1,2})|\{(?P<name>\w+)\}|(?P<bare>[A-Za-z_]\w*))"
)

_FIRST, _ALL, _GROUPS = range(3)
"""What REGEXEXTRACT gives: the first match, all matches, or the groups of the first."""


@lru_cache(maxsize=256)
def _compiled(pattern: str, any_case: bool, steps: int) -> Any:
    """The pattern, or None where it is none."""
    try:
        import pcre2
    except ImportError:
        reason = "REGEX functions need the package pcre2: pip install 'sheetsim[regex]'"
        raise Unsupported(reason) from None
    flags = pcre2.IGNORECASE if any_case else pcre2.NOFLAG
    try:
        return pcre2.compile(f"(*LIMIT_MATCH={steps})(*LIMIT_DEPTH={steps}){pattern}", flags, jit=False)
    except pcre2.LibraryError:
        return None


def _matches(pattern: str, text: str, case: float) -> Iterator[Any] | ExcelError:
    """The matches from left to right; #VALUE! for a pattern that is none."""
    if math.trunc(case) not in (0, 1) or not (_is_whole(text) and _is_whole(pattern)):
        return ExcelError.VALUE
    steps = max(min(_MOST_STEPS, _MOST_IN_ALL // (len(text) + 1)), _LEAST_STEPS)
    compiled = _compiled(pattern, math.trunc(case) == 1, steps)
    return ExcelError.VALUE if compiled is None else _limited(compiled, text)


def _is_whole(text: str) -> bool:
    """Whether there is no half of a character in the text, which PCRE2 refuses."""
    return text.isascii() or not any("\ud800" <= unit <= "\udfff" for unit in text)


def _limited(compiled: Any, text: str) -> Iterator[Any]:
    import pcre2

    try:
        yield from compiled.finditer(text)
    except pcre2.LibraryError as problem:
        raise TooMuch(f"a regular expression takes too long ({problem})") from None


def _test(text: str, pattern: str, case: Scalar = None) -> Scalar:
    given = optional(case, 0.0)
    if isinstance(given, ExcelError):
        return given
    found = _matches(pattern, text, given)
    return found if isinstance(found, ExcelError) else next(found, None) is not None


def _extract(text: str, pattern: str, mode: Scalar = None, case: Scalar = None) -> Scalar | Values:
    """Several matches or groups stand in a row."""
    given = optional(mode, 0.0), optional(case, 0.0)
    for option in given:
        if isinstance(option, ExcelError):
            return option
    found = _matches(pattern, text, given[1])
    if isinstance(found, ExcelError):
        return found
    if math.trunc(given[0]) not in (_FIRST, _ALL, _GROUPS):
        return ExcelError.VALUE
    if math.trunc(given[0]) == _ALL:
        texts = [match[0] for match in found]
        return Values.of([texts]) if texts else ExcelError.NA
    first = next(found, None)
    if first is None:
        return ExcelError.NA
    if math.trunc(given[0]) == _GROUPS and first.groups():
        return Values.of([[group or "" for group in first.groups()]])
    return str(first[0])


def _replace(text: str, pattern: str, new: str, occurrence: Scalar = None, case: Scalar = None) -> Scalar:
    """All matches (0), or one: counted from the end where it is below 0."""
    given = optional(occurrence, 0.0), optional(case, 0.0)
    for option in given:
        if isinstance(option, ExcelError):
            return option
    found = _matches(pattern, text, given[1])
    if isinstance(found, ExcelError):
        return found
    number, matches = math.trunc(given[0]), list(found)
    if number:
        if abs(number) > len(matches):
            return text
        matches = [matches[number - 1 if number > 0 else number]]
    pieces, end, room = [], 0, MAX_TEXT
    for match in matches:
        new_text = _filled(new, match)
        if isinstance(new_text, ExcelError):
            return new_text
        pieces += [text[end : match.start()], new_text]
        end, room = match.end(), room - len(new_text)
        if room < 0:
            return ExcelError.VALUE
    return bounded("".join(pieces) + text[end:])


def _filled(new: str, match: Any) -> str | ExcelError:
    """The replacement with its groups ($1, ${name}) put in; #VALUE! for one that is not there."""
    names = match.groupdict()
    pieces, end = [], 0
    for found in _REFERENCE.finditer(new):
        pieces.append(new[end : found.start()])
        end = found.end()
        name = found["name"] or found["bare"]
        if found["dollar"]:
            pieces.append("$")
        elif name in names:
            pieces.append(names[name] or "")
        else:
            number = int(found["number"] or name) if (found["number"] or name).isdigit() else -1
            if not 0 <= number <= len(match.groups()):
                return ExcelError.VALUE
            pieces.append(match[number] or "")
    return "".join(pieces) + new[end:]


def _register(name: str, parameters: tuple[Kind, ...], least: int, scalar: Any, array: bool = False) -> None:
    record = Function(
        name, parameters, least, len(parameters), scalar, gives_array=array, source=_SOURCE + name
    )
    register(record)


_register("REGEXTEST", ("text", "text", "any"), 2, _test)
_register("REGEXEXTRACT", ("text", "text", "any", "any"), 2, _extract, array=True)
_register("REGEXREPLACE", ("text", "text", "text", "any", "any"), 3, _replace)
