"""A number shown as a date or a time by the tokens of a section.

The time is rounded to the smallest part of a second that is shown, to a whole second where none is; the
larger parts are cut, not rounded: 16:17:36.96 is 16:17 and 16:17:37.
"""

from __future__ import annotations

import math

from sheetsim.functions.formats.sections import Section, Token
from sheetsim.functions.reading import MONTHS
from sheetsim.functions.serials import SECONDS, civil, from_1904, last_serial, weekday

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_BUDDHIST = 543  # years that the Buddhist era is ahead


def show(value: float, section: Section) -> str | None:
    """The date and time of a serial number; None where it is none. Where dates count from 1904, a number
    below 0 is shown with its sign."""
    if value < 0:
        text = show(-value, section) if from_1904() else None
        return None if text is None else "-" + text
    fine = 10 ** max((len(token.text) for token in section.tokens if token.kind == "fraction"), default=0)
    day = math.floor(value)
    ticks = math.floor((value - day) * SECONDS * fine + 0.5)
    day, ticks = day + ticks // (SECONDS * fine), ticks % (SECONDS * fine)
    if day > last_serial():
        return None
    seconds, part = divmod(ticks, fine)
    half = any(token.kind == "half" for token in section.tokens)
    moment = _Moment(day, seconds, f"{part / fine:.15f}"[1:], half)
    return "".join(moment.show(token) for token in section.tokens)


class _Moment:
    """A day's serial, seconds of the day and the digits of the rest (".5000"); `half`: hours go to 12."""

    def __init__(self, day: int, seconds: int, part: str, half: bool) -> None:
        self.day, self.seconds, self.part = day, seconds, part
        self.year, self.month, self.number = civil(day)
        self.hour, self.minute, self.second = seconds // 3600, seconds // 60 % 60, seconds % 60
        self.half = half

    def show(self, token: Token) -> str:
        long = len(token.text)
        match token.kind:
            case "date":
                return self._date(token.text[0], long)
            case "minute":
                return f"{self.minute:0{long}d}"
            case "elapsed":
                all_seconds = self.day * SECONDS + self.seconds
                unit = {"h": 3600, "m": 60, "s": 1}[token.text[0]]
                return f"{all_seconds // unit:0{long}d}"
            case "fraction":
                return self.part[: long + 1]
            case "half":
                later = self.hour >= 12
                if long > 3:
                    return "PM" if later else "AM"
                return token.text[2] if later else token.text[0]
        return token.text

    def _date(self, letter: str, long: int) -> str:
        match letter:
            case "y" | "e":
                return f"{self.year % 100:02d}" if letter == "y" and long <= 2 else f"{self.year:04d}"
            case "b":
                year = self.year + _BUDDHIST
                return f"{year % 100:02d}" if long <= 2 else f"{year:04d}"
            case "m":
                return _named(self.month, MONTHS[self.month - 1], long, long == 5)
            case "d":
                return _named(self.number, WEEKDAYS[weekday(self.day)], long, False)
            case "h":
                hour = (self.hour % 12 or 12) if self.half else self.hour
                return f"{hour:0{long}d}"
        return f"{self.second:0{long}d}"


def _named(number: int, name: str, long: int, initial: bool) -> str:
    """A number of one or two digits, or its name: three letters, all, or the first."""
    if initial:
        return name[0]
    return f"{number:0{long}d}" if long <= 2 else name[:3] if long == 3 else name
