"""Text that reads as a number, by the rules of English (United States), as typing it into a cell would.

    numbers       3   -2.5   .5   1,234   1e3   5%   $3   -$3   (3)   1 1/2
    dates         1/2/2024   2024-01-02   2-Jan-24   2 January 2024   January 2, 2024   Jan 2024   1/2
    times         6:00   18:05:30.5   6 PM   30:00      and a date followed by a time

Of two digits a year is 1930 to 2029; a date without one is of the current year. What is none of these reads
as nothing: None.

Source: Microsoft, VALUE, DATEVALUE, TIMEVALUE and "Change the date system, format, or two-digit year
interpretation".
"""

from __future__ import annotations

import re
from functools import lru_cache

from sheetsim.functions.serials import from_1904, month_length, now, serial

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

_NUMBER = re.compile(
    r"(?P<open>\( *)?(?P<sign>[+-]?) *(?P<dollar>\$?) *(?P<sign2>[+-]?)"
    r"(?P<digits>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)"
    r"(?P<exponent>[eE][+-]?[0-9]+)? *(?P<percent>%?)(?P<close> *\))?"
)
_FRACTION = re.compile(r"(?P<sign>[+-]?)(?P<whole>[0-9]+) +(?P<over>[0-9]{1,5})/(?P<under>[0-9]{1,5})")
_TIME = re.compile(
    r"(?P<hour>[0-9]{1,4})(?::(?P<minute>[0-9]{1,2})(?::(?P<second>[0-9]{1,2})(?:\.(?P<part>[0-9]*))?)?)?"
    r"(?: +(?P<half>[aApP])[mM]?)?"
)
_MONTH = "(" + "|".join(rf"{name}|{name[:3]}" for name in MONTHS) + r")\.?"
_MAY_BE_MOMENT = re.compile(
    "[0-9]|(?:" + "|".join(name[:3] for name in MONTHS) + ")[^0-9]*[0-9]", re.IGNORECASE
)
_YEAR = "([0-9]{4}|[0-9]{2})"
_BY_NUMBERS = re.compile(r"([0-9]{1,4})([/-])([0-9]{1,4})(?:\2([0-9]{1,4}))?")
_DAY_FIRST = re.compile(f"([0-9]{{1,2}})[ -]*{_MONTH}(?:[ ,/-]*{_YEAR})?", re.IGNORECASE)
_MONTH_FIRST = re.compile(f"{_MONTH}[ /-]*([0-9]{{1,2}})(?: *, *| +|[/-]){_YEAR}", re.IGNORECASE)
_MONTH_AND = re.compile(f"{_MONTH}[ ,/-]*([0-9]{{4}}|[0-9]{{1,2}})", re.IGNORECASE)


def number_in(text: str) -> float | None:
    """The number that a text reads as, dates and times included, or None."""
    return _number_in(text, from_1904(), now().year if "/" in text or "-" in text or " " in text else 0)


@lru_cache(maxsize=8192)
def _number_in(text: str, _system: bool, _year: int) -> float | None:
    """`number_in`; what it depends on besides the text is part of the cache's key."""
    number = plain_number(text.strip(" "))
    return moment_in(text) if number is None else number


def plain_number(text: str) -> float | None:
    """A number, percentage, amount of money or mixed fraction; no date."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return _fraction(text)
    signs = found["sign"] + found["sign2"]
    if len(signs) > 1 or bool(found["open"]) != bool(found["close"]) or (found["open"] and signs):
        return None
    value = float(found["digits"].replace(",", "") + (found["exponent"] or ""))
    if value == float("inf"):
        return None
    value = value / 100 if found["percent"] else value
    return -value if signs == "-" or found["open"] else value


def _fraction(text: str) -> float | None:
    found = _FRACTION.fullmatch(text)
    if found is None or int(found["under"]) == 0:
        return None
    value = int(found["whole"]) + int(found["over"]) / int(found["under"])
    return -value if found["sign"] == "-" else value


def moment_in(text: str) -> float | None:
    """A date, a time of day, or a date followed by a time, as a number."""
    found = date_and_time(text)
    return None if found is None else found[0] + found[1]


def date_and_time(text: str) -> tuple[int, float] | None:
    """A date (0 where there is none) and a time (0 where there is none). A space in front makes it none,
    though a number may have spaces around it: Excel's stored values."""
    if not _MAY_BE_MOMENT.match(text):
        return None
    text = text.rstrip(" ")
    for space in [len(text), *(i for i, character in enumerate(text) if character == " ")]:
        date = date_in(text[:space])
        time = 0.0 if space == len(text) else time_in(text[space:])
        if date is not None and time is not None:
            return date, time
    time = time_in(text)
    return None if time is None else (0, time)


def time_in(text: str) -> float | None:
    """A time as a fraction of a day; more than 24 hours are more than 1."""
    found = _TIME.fullmatch(text.strip(" "))
    if found is None or (found["minute"] is None and found["half"] is None):
        return None
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    if minute > 59 or second > 59:
        return None
    if found["half"]:
        if not 0 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"] in "pP" else 0)
    return (hour * 3600 + minute * 60 + second + float("0." + (found["part"] or "0"))) / 86_400


def date_in(text: str) -> int | None:
    """A date's serial."""
    text = text.strip(" ")
    if found := _BY_NUMBERS.fullmatch(text):
        return _by_numbers(found[1], found[3], found[4])
    if found := _DAY_FIRST.fullmatch(text):
        return _serial(found[3], _month(found[2]), int(found[1]))
    if found := _MONTH_FIRST.fullmatch(text):
        return _serial(found[3], _month(found[1]), int(found[2]))
    if found := _MONTH_AND.fullmatch(text):
        return _day_or_year(_month(found[1]), found[2])
    return None


def _by_numbers(first: str, second: str, third: str | None) -> int | None:
    """month/day/year, year/month/day, month/day, month/year or year/month."""
    if third is not None:
        if len(first) > 2:
            return _serial(first, int(second), int(third)) if len(third) < 3 > len(second) else None
        return _serial(third, int(first), int(second)) if len(second) < 3 else None
    if len(first) > 2:
        return _serial(first, int(second), 1) if len(second) < 3 else None
    return _day_or_year(int(first), second)


def _day_or_year(month: int, number: str) -> int | None:
    """The current year's day, or where the month has no such day, that year's first of the month."""
    year = now().year
    if not 1 <= month <= 12 or len(number) == 3:
        return None
    if len(number) <= 2 and 1 <= int(number) <= month_length(year, month):
        return _serial(str(year), month, int(number))
    return None if len(number) == 1 else _serial(number, month, 1)


def _month(name: str) -> int:
    return next(i for i, month in enumerate(MONTHS, 1) if month[:3].lower() == name[:3].lower())


def _serial(year: str | None, month: int, day: int) -> int | None:
    number = now().year if year is None else int(year)
    if year is not None and len(year) == 3:
        return None
    if year is not None and len(year) <= 2:
        number += 2000 if number < 30 else 1900
    if not (1900 <= number <= 9999 and 1 <= month <= 12 and 1 <= day <= month_length(number, month)):
        return None
    return serial(number, month, day)
