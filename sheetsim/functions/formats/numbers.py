"""A number shown by the tokens of a section: digits, groups, percentages, powers of ten, fractions.

Excel rounds the 15 significant digits that it shows, half away from zero, so the arithmetic is decimal:

    show(2.675, tokens of "0.00")   "2.68"
    general(1 / 3)                  "0.333333333", what fits into a cell of 11 characters
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from math import floor

from sheetsim.functions.formats.sections import Section, Token

_DIGITS = Context(prec=800, rounding=ROUND_HALF_UP)
_WIDE = 11  # characters of a number in a cell of General
_LEFT = {"0": "0", "#": "", "?": " "}


def decimal(value: float) -> Decimal:
    """The 15 significant digits that Excel shows of a number."""
    return Decimal(f"{value:.14e}")


def rounded(value: float, places: int) -> float:
    """A number rounded as it is shown, half away from zero; below 0 places to tens, hundreds."""
    number = decimal(value)
    return float(_rounded(number, places)) if -number.adjusted() <= places + 1 else 0.0


def general(value: float) -> str:
    """A number as General shows it: at most 11 characters, scientific where it is too large or too small."""
    sign, number = ("-" if value < 0 else ""), abs(decimal(value))
    if not number:
        return "0"
    power = number.adjusted()
    if -5 < power < _WIDE:
        fitted = _rounded(number, max(_WIDE - 2 - max(power, 0), 0))
        if fitted.adjusted() < _WIDE:
            return sign + _trimmed(f"{fitted:f}")
    plain = _trimmed(f"{number:f}")
    if power < 0 and len(plain) <= _WIDE:
        return sign + plain
    mantissa = number.scaleb(-power, _DIGITS).quantize(Decimal("1.00000"), context=_DIGITS)
    if mantissa >= 10:
        mantissa, power = mantissa / 10, power + 1
    return f"{sign}{_trimmed(f'{mantissa:f}')}E{'-' if power < 0 else '+'}{abs(power):02d}"


def _trimmed(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def show(value: float, section: Section, signed: bool) -> str:
    """`value` by the tokens of a section; `signed`: a negative number shows its sign."""
    tokens = section.tokens
    if section.has("general"):
        shown = general(abs(value))
        sign = "-" if signed and value < 0 else ""
        return sign + "".join(shown if token.kind == "general" else token.text for token in tokens)
    if not section.has("digit"):
        return "".join(general(value) if token.kind == "text" else token.text for token in tokens)
    slash = _fraction_bar(tokens)
    body = _fraction(abs(value), tokens, slash) if slash else _Layout.of(tokens).show(abs(value))
    nothing = not any(digit in body.digits for digit in "123456789")
    return ("-" if signed and value < 0 and not nothing else "") + body.text


@dataclass(frozen=True, slots=True)
class _Shown:
    """A text, and the digits of the number in it (not those of literals)."""

    text: str
    digits: str


@dataclass(frozen=True, slots=True)
class _Layout:
    """Tokens sorted by their part: whole digits, then decimals, then those of the exponent. What scales the
    number is counted: `percents`, `thousands` (commas after the last digit)."""

    whole: tuple[Token, ...]
    decimals: tuple[Token, ...]
    exponent: tuple[Token, ...]
    point: bool
    grouped: bool
    percents: int
    thousands: int

    @classmethod
    def of(cls, tokens: Sequence[Token]) -> _Layout:
        parts: list[list[Token]] = [[], [], []]
        grouped, thousands, part = False, 0, 0
        for i, token in enumerate(tokens):
            if token.kind == "point" and part == 0:
                part = 1
            elif token.kind == "exponent":
                part = 2
                parts[2].append(token)
            elif token.kind == "comma" and any(t.kind == "digit" for t in tokens[:i]):
                if part == 0 and _more_digits(tokens[i:]):
                    grouped = True
                elif not _more_digits(tokens[i:]):
                    thousands += 1
            elif token.kind == "digit" or token.kind == "literal" or part != 1:
                parts[part].append(token)
            else:
                parts[part].append(Token("literal", token.text))
        percents = sum(token.kind == "percent" for token in tokens)
        whole, decimals, exponent = map(tuple, parts)
        return cls(
            whole, decimals, exponent, any(t.kind == "point" for t in tokens), grouped, percents, thousands
        )

    def show(self, value: float) -> _Shown:
        number = decimal(value).scaleb(2 * self.percents - 3 * self.thousands, _DIGITS)
        places = sum(token.kind == "digit" for token in self.decimals)
        power = 0
        if self.exponent:
            step = max(sum(token.kind == "digit" for token in self.whole), 1)
            power = floor(number.adjusted() / step) * step if number else 0
            mantissa = _rounded(number.scaleb(-power, _DIGITS), places)
            if mantissa >= 10**step:
                power += step
            number = number.scaleb(-power, _DIGITS)
        digits = f"{_rounded(number, places):f}"
        whole, _, decimals = digits.partition(".")
        whole = whole.lstrip("0")
        text = _whole_digits(whole, self.whole, self.grouped)
        if self.point:
            text += "." + _decimal_digits(decimals, self.decimals)
        return _Shown(text + _exponent_digits(power, self.exponent), whole + decimals)


def _more_digits(tokens: Sequence[Token]) -> bool:
    """Whether whole digits follow, before the point or the exponent."""
    for token in tokens:
        if token.kind in ("point", "exponent"):
            return False
        if token.kind == "digit":
            return True
    return False


def _rounded(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), context=_DIGITS)


def _whole_digits(digits: str, tokens: Sequence[Token], grouped: bool = False) -> str:
    """Digits put into their places from the right; the first place takes all that are left."""
    places = [i for i, token in enumerate(tokens) if token.kind == "digit"]
    if not places:
        return "".join(token.text for token in tokens) + digits
    shown, position = [], 0
    for i in range(len(tokens) - 1, -1, -1):
        token = tokens[i]
        if token.kind != "digit":
            shown.append(token.text)
            continue
        count = max(len(digits), 1) if i == places[0] else 1
        for _ in range(count):
            digit, digits = (digits[-1], digits[:-1]) if digits else (_LEFT[token.text], "")
            if digit and grouped and position and position % 3 == 0:
                shown.append("," if digit != " " else " ")
            shown.append(digit)
            position += 1
    return "".join(reversed(shown))


def _decimal_digits(digits: str, tokens: Sequence[Token]) -> str:
    used = len(digits.rstrip("0"))
    shown, place = [], 0
    for token in tokens:
        if token.kind != "digit":
            shown.append(token.text)
            continue
        shown.append(digits[place] if place < used else _LEFT[token.text])
        place += 1
    return "".join(shown)


def _exponent_digits(power: int, tokens: Sequence[Token]) -> str:
    if not tokens:
        return ""
    sign = "-" if power < 0 else "+" if tokens[0].text == "+" else ""
    return "E" + sign + _whole_digits(str(abs(power)) if power else "", tokens[1:])


# --- fractions ---------------------------------------------------------------------------------------------


def _fraction_bar(tokens: Sequence[Token]) -> int:
    """The place of the slash between a numerator and a denominator, 0 when there is none."""
    for i, token in enumerate(tokens):
        if token.kind == "slash":
            before = [t for t in tokens[:i] if t.text != " "]
            after = [t for t in tokens[i + 1 :] if t.text != " "]
            if before and after and before[-1].kind == "digit" and _is_below(after[0]):
                return i
    return 0


def _is_below(token: Token) -> bool:
    """A place or a digit of a denominator."""
    return token.kind == "digit" or (token.kind == "literal" and token.text.isdigit())


def _run(tokens: Sequence[Token], start: int, step: int) -> tuple[int, int]:
    """First and one past the last place of the denominator's or numerator's digits, from `start` on."""
    while tokens[start].text == " ":
        start += step
    end = start
    while 0 <= end < len(tokens) and (_is_below(tokens[end]) if step > 0 else tokens[end].kind == "digit"):
        end += step
    return (start, end) if step > 0 else (end + 1, start + 1)


def _fraction(value: float, tokens: Sequence[Token], slash: int) -> _Shown:
    over, under = _run(tokens, slash - 1, -1), _run(tokens, slash + 1, 1)
    mixed = any(token.kind == "digit" for token in tokens[: over[0]])
    below = "".join(token.text for token in tokens[slice(*under)])
    places = over[1] - over[0], under[1] - under[0]
    if any(digit in below for digit in "123456789"):
        bottom = int("".join(digit if digit.isdigit() else "0" for digit in below))
        top = floor(value * bottom + 0.5)
    else:
        width = min(max(places), 7)
        top, bottom = _ratio(value, 10**width - 1)
        places = width, width
    whole, top = divmod(top, bottom) if mixed else (0, top)
    head = tokens[: over[0]]
    hidden = mixed and top == 0
    digits = str(whole) if whole or (hidden and not any(t.text == "0" for t in head)) else ""
    if hidden and digits == "0":
        head = [Token("digit", "0") if token.kind == "digit" else token for token in head]
        digits = ""
    text = _whole_digits(digits, head) if mixed else "".join(token.text for token in head)
    between = [token.text for token in tokens[over[1] : under[0]]]
    if hidden:
        text += " " * (sum(places) + len("".join(between)))
    else:
        filler = "0" if tokens[over[0]].text == "0" else "" if tokens[over[0]].text == "#" else " "
        text += str(top).rjust(places[0], filler or " ") if filler else str(top)
        text += "".join(between) + str(bottom).ljust(places[1])
    return _Shown(text + "".join(token.text for token in tokens[under[1] :]), f"{whole}{top}")


def _ratio(value: float, most: int) -> tuple[int, int]:
    """Numerator and denominator (at most `most`) by continued fractions in floating point, as Excel does:
    their noise shows (1.3 is 1 1/3, but 2.3 is 2 2/7)."""
    tops, bottoms, rest = (0, 1), (1, 0), value
    top, bottom = 0, 0
    while bottoms[1] < most:
        part = floor(rest)
        top, bottom = part * tops[1] + tops[0], part * bottoms[1] + bottoms[0]
        if rest - part < 5e-8:
            break
        rest = 1 / (rest - part)
        tops, bottoms = (tops[1], top), (bottoms[1], bottom)
    if bottom <= most:
        return top, bottom
    return (tops[1], bottoms[1]) if bottoms[1] <= most else (tops[0], bottoms[0])
