"""Texts, their parts and their characters: ASC CHAR CLEAN CODE DBCS EXACT LEFT LEN LOWER MID PROPER REPLACE
REPT RIGHT TRIM UNICHAR UNICODE UPPER, and LEFTB LENB MIDB REPLACEB RIGHTB, which count as their namesakes do
where the language is written with single bytes.

Characters are counted as `characters` says. CHAR and CODE know Windows' Western code page (1252).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable

from sheetsim.functions.characters import MAX_TEXT, bounded, each_cased, in_units, length
from sheetsim.functions.registry import Function, Kind, register
from sheetsim.values import ExcelError, Scalar

_SOURCE = "support.microsoft.com, "
_NOT_PRINTED = re.compile("[\x00-\x1f]")
_WORD = re.compile(r"[^\W\d_]+")


def _register(name: str, parameters: tuple[Kind, ...], scalar: Callable[..., Scalar], least: int = 0) -> None:
    record = Function(
        name, parameters, least or len(parameters), len(parameters), scalar, source=_SOURCE + name
    )
    register(record)


@in_units
def _left(text: str, count: float = 1.0) -> Scalar:
    return ExcelError.VALUE if count < 0 else text[: math.trunc(count)]


@in_units
def _right(text: str, count: float = 1.0) -> Scalar:
    return ExcelError.VALUE if count < 0 else text[max(len(text) - math.trunc(count), 0) :]


@in_units
def _mid(text: str, start: float, count: float) -> Scalar:
    if start < 1 or count < 0:
        return ExcelError.VALUE
    first = math.trunc(start) - 1
    return text[first : first + math.trunc(count)]


@in_units
def _replace(text: str, start: float, count: float, new: str) -> Scalar:
    if start < 1 or count < 0:
        return ExcelError.VALUE
    first = math.trunc(start) - 1
    return text[:first] + new + text[first + math.trunc(count) :]


def _rept(text: str, times: float) -> Scalar:
    count = math.trunc(times)
    if count < 0 or length(text) * count > MAX_TEXT:
        return ExcelError.VALUE
    return text * count if text else ""


def _trim(text: str) -> Scalar:
    """Without spaces at the ends and with single ones inside; other white space stays."""
    return re.sub(" +", " ", text.strip(" "))


def _proper(text: str) -> Scalar:
    """Each run of letters with a capital in front: `2-way` is 2-Way, `don't` Don'T."""
    return _WORD.sub(
        lambda word: each_cased(word[0][0], str.upper) + each_cased(word[0][1:], str.lower), text
    )


def _char(code: float) -> Scalar:
    number = math.trunc(code)
    if not 1 <= number <= 255:
        return ExcelError.VALUE
    try:
        return bytes([number]).decode("cp1252")
    except UnicodeDecodeError:  # five places of the code page are empty
        return chr(number)


def _code(text: str) -> Scalar:
    if not text:
        return ExcelError.VALUE
    if ord(text[0]) < 256:
        try:
            return float(text[0].encode("cp1252")[0])
        except UnicodeEncodeError:
            return float(ord(text[0])) if 128 <= ord(text[0]) < 160 else float(ord("?"))
    return float(text[0].encode("cp1252", "replace")[0])


def _unichar(code: float) -> Scalar:
    number = math.trunc(code)
    if not 1 <= number <= 0x10FFFF:
        return ExcelError.VALUE
    return ExcelError.NA if 0xD800 <= number <= 0xDFFF or number & 0xFFFE == 0xFFFE else chr(number)


def _unicode(text: str) -> Scalar:
    if not text or "\ud800" <= text[0] <= "\udfff":
        return ExcelError.VALUE
    return float(ord(text[0]))


# Full-width forms and what they are half-width. A voiced katakana is two half-width signs.
_HALF = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " "}
_WIDE = {half: full for full, half in _HALF.items()}
for _half in map(chr, range(0xFF61, 0xFFA0)):
    _full = unicodedata.normalize("NFKC", _half)
    _full = {"\u3099": "\u309b", "\u309a": "\u309c"}.get(_full, _full)
    _HALF[_full], _WIDE[_half] = _half, _full
    for _mark, _sign in {"\u3099": "\uff9e", "\u309a": "\uff9f"}.items():
        _voiced = unicodedata.normalize("NFC", _full + _mark)
        if len(_voiced) == 1 and _full not in "\u309b\u309c":
            _HALF[_voiced], _WIDE[_half + _sign] = _half + _sign, _voiced
_PAIRS = re.compile("|".join(sorted(map(re.escape, _WIDE), key=len, reverse=True)))


def _asc(text: str) -> Scalar:
    return bounded("".join(_HALF.get(character, character) for character in text))


def _dbcs(text: str) -> Scalar:
    return bounded(_PAIRS.sub(lambda found: _WIDE[found[0]], text))


for _name, _parameters, _scalar, _least in (
    ("LEFT", ("text", "number"), _left, 1),
    ("RIGHT", ("text", "number"), _right, 1),
    ("MID", ("text", "number", "number"), _mid, 3),
    ("REPLACE", ("text", "number", "number", "text"), _replace, 4),
    ("LEN", ("text",), lambda text: float(length(text)), 1),
):
    for _form in (_name, _name + "B"):
        _register(_form, _parameters, _scalar, _least)  # type: ignore[arg-type]
_register("REPT", ("text", "number"), _rept)
_register("EXACT", ("text", "text"), lambda a, b: a == b)
_register("TRIM", ("text",), _trim)
_register("CLEAN", ("text",), lambda text: _NOT_PRINTED.sub("", text))
_register("UPPER", ("text",), lambda text: each_cased(text, str.upper))
_register("LOWER", ("text",), lambda text: each_cased(text, str.lower))
_register("PROPER", ("text",), _proper)
_register("CHAR", ("number",), _char)
_register("CODE", ("text",), _code)
_register("UNICHAR", ("number",), _unichar)
_register("UNICODE", ("text",), _unicode)
_register("ASC", ("text",), _asc)
for _name in ("DBCS", "JIS"):
    _register(_name, ("text",), _dbcs)
