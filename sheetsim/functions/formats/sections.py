"""Excel's number formats, read: a format is up to four sections, each a row of tokens.

    #,##0.00;[Red](#,##0.00);"-";@
    positive ;negative      ;zero;text

    token       text            what it shows

    literal     what it says    text in quotes or behind a backslash as it is; _x a space; *x nothing
    digit       0 # ?           a digit; without one a zero, nothing, a space
    point .     comma ,         percent %     slash /
    exponent    E+ E-
    date        y yy m ... s    parts of a date or a time; minute is an m beside hours or seconds
    elapsed     h m s           [h]: hours since day 0
    half        AM/PM A/P
    fraction    00              digits of a second after s
    general     General
    text        @

Colours are left out; conditions (`[>=100]`) choose the section; `[$kr-414]` shows its sign. Only English
names of months and days are known.

Source: Microsoft, "Number format codes"; ECMA-376 part 1, 18.8.31.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sheetsim.errors import Unsupported

TokenKind = Literal[
    "literal",
    "digit",
    "point",
    "comma",
    "percent",
    "slash",
    "exponent",
    "date",
    "minute",
    "elapsed",
    "half",
    "fraction",
    "general",
    "text",
]

MOST_SECTIONS = 4
_COLOUR = re.compile(r"black|blue|cyan|green|magenta|red|white|yellow|colou?r ?[0-9]{1,2}", re.IGNORECASE)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*([+-]?[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)")
_LOCALE = re.compile(r"\$([^-\]]*)(?:-([^\]]*))?")
_TESTS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}
_LONGEST = {"h": 2, "s": 2, "b": 4}
_SYSTEM = {"F800": "dddd, mmmm dd, yyyy", "F400": "h:mm:ss AM/PM"}  # the system's long date and time
_ENGLISH = 0x09


class BadFormat(Exception):
    """What is no number format."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: TokenKind
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """`condition`: an operator and a number. `names`: whether English names may stand in it."""

    tokens: tuple[Token, ...]
    condition: tuple[str, float] | None = None

    def holds(self, value: float) -> bool:
        return self.condition is not None and _TESTS[self.condition[0]](value, self.condition[1])

    @property
    def only_negative(self) -> bool:
        """Whether the condition lets nothing but negative numbers through."""
        if self.condition is None:
            return False
        sign, limit = self.condition
        return (sign == "<" and limit <= 0) or (sign in ("<=", "=") and limit < 0)

    def has(self, *kinds: TokenKind) -> bool:
        return any(token.kind in kinds for token in self.tokens)


@lru_cache(maxsize=1024)
def sections(code: str) -> tuple[Section, ...]:
    """The sections of a format. Raises BadFormat, and Unsupported for names in another language."""
    found = [_section(part) for part in _parts(code)]
    if len(found) > MOST_SECTIONS:
        raise BadFormat(code)
    return tuple(found)


def _parts(code: str) -> list[str]:
    """The code cut at the semicolons that stand for themselves."""
    parts, quoted, escaped = [""], False, False
    for character in code:
        if character == ";" and not quoted and not escaped:
            parts.append("")
            continue
        parts[-1] += character
        if escaped:
            escaped = False
        elif character == '"':
            quoted = not quoted
        elif character in "\\_*" and not quoted:
            escaped = True
    if quoted:
        raise BadFormat(code)
    return parts


def _section(code: str) -> Section:
    tokens: list[Token] = []
    condition, foreign = None, ""
    place = 0
    while place < len(code):
        if code[place] == "[":
            end = code.find("]", place)
            inside = code[place + 1 : end]
            place = end + 1
            if end < 0:
                raise BadFormat(code)
            if found := _CONDITION.fullmatch(inside):
                condition = found[1], float(found[2])
            elif found := _LOCALE.fullmatch(inside):
                tokens += [Token("literal", sign) for sign in found[1]]
                if system := _SYSTEM.get((found[2] or "").upper()):
                    code, place = system, 0
                elif not _is_english(found[2] or ""):
                    foreign = found[2]
            elif inside.lower() in ("h", "hh", "m", "mm", "s", "ss"):
                tokens.append(Token("elapsed", inside.lower()))
            elif not _COLOUR.fullmatch(inside):
                raise BadFormat(code)
            continue
        token, place = _token(code, place, tokens)
        if token is not None:
            tokens.append(token)
    tokens = _with_minutes(tokens)
    if foreign and any(
        t.kind == "half" or (t.kind == "date" and t.text[:3] in ("mmm", "ddd")) for t in tokens
    ):
        raise Unsupported(f"names of months and days in the language {foreign} are not known")
    return Section(tuple(tokens), condition)


def _is_english(locale: str) -> bool:
    """Whether a locale of a format ("409", "en-US"; "" none) is English with usual digits and calendar."""
    if re.fullmatch("[0-9A-Fa-f]{1,8}", locale) and not re.fullmatch("[a-z]{2}", locale):
        number = int(locale, 16)
        return number & 0x3FF in (0, _ENGLISH) and number >> 16 & 0xFF < 2 and number >> 24 < 2
    return locale == "" or locale.lower().startswith("en")


def _token(code: str, place: int, before: list[Token]) -> tuple[Token | None, int]:
    """The token at `place`, None where it shows nothing, and the place after it."""
    character = code[place]
    rest = code[place : place + len("general")].lower()
    if character == '"':
        end = code.index('"', place + 1)
        return Token("literal", code[place + 1 : end]), end + 1
    if character in "\\_*":
        if place + 1 >= len(code):
            raise BadFormat(code)
        shown = {"\\": code[place + 1], "_": " ", "*": ""}[character]
        return Token("literal", shown), place + 2
    if rest.startswith("general"):
        return Token("general", "General"), place + 7
    for half in ("am/pm", "a/p"):
        if rest.startswith(half):
            return Token("half", code[place : place + len(half)]), place + len(half)
    if character in "eE" and code[place + 1 : place + 2] in ("+", "-") and _after_digit(before):
        return Token("exponent", code[place + 1]), place + 2
    if rest[0] in "ymdhseb":
        end = place + 1
        while end < len(code) and code[end].lower() == rest[0]:
            end += 1
        if end - place > _LONGEST.get(rest[0], 99):
            raise BadFormat(code)
        return Token("date", rest[0] * (end - place)), end
    if character == "." and (before and before[-1].kind in ("date", "elapsed") and before[-1].text[0] == "s"):
        end = place + 1
        while code[end : end + 1] == "0":
            end += 1
        if end > place + 1:
            return Token("fraction", code[place + 1 : end]), end
    if character in "0#?":
        return Token("digit", character), place + 1
    marks: dict[str, TokenKind] = {".": "point", ",": "comma", "%": "percent", "/": "slash", "@": "text"}
    if character in marks:
        return Token(marks[character], character), place + 1
    if character in "nNgG]":
        raise BadFormat(code)
    return Token("literal", character), place + 1


def _after_digit(tokens: list[Token]) -> bool:
    return any(token.kind == "digit" for token in tokens) and tokens[-1].kind in ("digit", "point", "comma")


def _with_minutes(tokens: list[Token]) -> list[Token]:
    """`m` and `mm` after hours or before seconds are minutes."""
    parts = [i for i, token in enumerate(tokens) if token.kind in ("date", "elapsed")]
    for number, i in enumerate(parts):
        if tokens[i].kind == "date" and tokens[i].text in ("m", "mm"):
            before = tokens[parts[number - 1]].text[0] if number else ""
            after = tokens[parts[number + 1]].text[0] if number + 1 < len(parts) else ""
            if before == "h" or after == "s":
                tokens[i] = Token("minute", tokens[i].text)
    if parts and any(token.kind in ("digit", "exponent", "general") for token in tokens):
        raise BadFormat("a date with digits")
    return tokens
