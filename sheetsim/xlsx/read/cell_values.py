"""The text of a cell's `<v>` as the value that it stands for. ValueError where it stands for none.

    >>> number("-1E-3"), moment("2021-01-01"), moment("2021-01-01", date1904=True), moment("12:00:00")
    (-0.001, 44197.0, 42735.0, 0.5)

A date is a number, days since the day before 1900-01-01, in which Excel counts a 29 February 1900 that never
was; or days since 1904-01-01. Times of day are fractions of a day.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from math import isfinite

XML_SPACE = " \t\r\n"
_NUMBER = re.compile(r"[-+]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][-+]?[0-9]+)?")
_TIME = re.compile(r"T?[0-9]{1,2}:.*")
_DURATION = re.compile(
    r"(-?)P(?:([0-9]{1,9})D)?(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,20})?)S)?)?"
)
_DAY = timedelta(days=1)
_ZERO_1900, _ZERO_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
_LEAP_DAY = datetime(1900, 3, 1)


def number(text: str) -> float:
    """A finite number."""
    if _NUMBER.fullmatch(text.strip(XML_SPACE)):
        found = float(text)
        if isfinite(found):
            return found
    raise ValueError


def boolean(text: str) -> float:
    """1 or 0."""
    text = text.strip(XML_SPACE).lower()
    if text not in ("0", "1", "true", "false"):
        raise ValueError
    return float(text in ("1", "true"))


def index(text: str, length: int) -> int:
    """A place in a list of `length`."""
    text = text.strip(XML_SPACE)
    if text.isascii() and text.isdecimal() and len(text) < 10 and int(text) < length:
        return int(text)
    raise ValueError


def moment(text: str, *, date1904: bool = False) -> float:
    """A date, a time of day, both, or a duration, as ISO 8601 writes them (time zones are passed over)."""
    text = text.strip(XML_SPACE)
    if found := _DURATION.fullmatch(text):
        sign, days, hours, minutes, seconds = found.groups()
        if not (days or hours or minutes or seconds):
            raise ValueError
        total = int(days or 0) * 86400 + int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds or 0)
        return (-total if sign else total) / 86400
    if _TIME.fullmatch(text):
        zero = _ZERO_1900
        when = datetime.fromisoformat("1899-12-30T" + text.removeprefix("T"))
    else:
        zero = _ZERO_1904 if date1904 else _ZERO_1900
        when = datetime.fromisoformat(text)
    when = when.replace(tzinfo=None)
    if zero is _ZERO_1900 and _ZERO_1900 + _DAY <= when < _LEAP_DAY:
        when -= _DAY
    return (when - zero) / _DAY
