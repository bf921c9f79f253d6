"""Dates on whole arrays: what `dates` says of one number, for a column of them, by NumPy's calendar.

Each function takes float arrays and gives results and error codes (0: none); arrays broadcast.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.coercion import with_errors
from sheetsim.functions.serials import (
    LAST_YEAR,
    SECONDS,
    first_day,
    from_1904,
    last_serial,
)
from sheetsim.values import ExcelError, Values

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Codes = NDArray[np.uint8]

_NUM = np.uint8(ExcelError.NUM)
_FALSE_LEAP_DAY = 60
_FAR = 1e7  # months or days beyond any date


def told(array: Callable[..., tuple[Floats, Codes]]) -> Callable[..., Values]:
    """The record's telling on arrays."""

    def many(*arguments: Values) -> Values:
        with np.errstate(all="ignore"):
            return with_errors(*array(*(argument.numbers for argument in arguments)))

    return many


def part_of_date(part: int) -> Callable[[Floats], tuple[Floats, Codes]]:
    """YEAR (0), MONTH (1) and DAY (2)."""

    def parts(values: Floats) -> tuple[Floats, Codes]:
        days, codes = _days(np.where(values >= 0, values + 0.5 / SECONDS, -1.0))
        return _civil(days)[part].astype(np.float64), codes

    return parts


def part_of_time(part: int) -> Callable[[Floats], tuple[Floats, Codes]]:
    """HOUR (0), MINUTE (1) and SECOND (2)."""

    def parts(values: Floats) -> tuple[Floats, Codes]:
        _, codes = _days(values)
        inside = np.where(codes == 0, values, 0.0)
        seconds = np.floor((inside - np.floor(inside)) * SECONDS + 0.5) % SECONDS
        return (seconds // 3600, seconds // 60 % 60, seconds % 60)[part], codes

    return parts


def weekday(values: Floats, kinds: Floats | None = None) -> tuple[Floats, Codes]:
    days, codes = _days(values)
    monday = (days + (4 if from_1904() else 5)) % 7
    kinds = np.trunc(np.ones(()) if kinds is None else kinds)
    start = np.where(kinds == 1, 6.0, np.where(kinds == 2, 0.0, kinds - 11))
    known = (kinds == 1) | (kinds == 2) | (kinds == 3) | ((kinds >= 11) & (kinds <= 17))
    start = np.where(known, start, 0.0)
    codes = np.where((codes == 0) & ~known, _NUM, codes)
    return np.where(kinds == 3, monday, (monday - start) % 7 + 1), codes


def date(years: Floats, months: Floats, days: Floats) -> tuple[Floats, Codes]:
    years = np.trunc(years)
    wrong = ~((years >= 0) & (years <= LAST_YEAR))
    years = np.where(years < 1900, years + 1900, years)
    months, days = np.floor(months), np.floor(days)
    wrong = wrong | (np.abs(months) > _FAR) | (np.abs(days) > _FAR)
    year, month, day = (np.where(wrong, 1.0, part).astype(np.int64) for part in (years, months, days))
    found, outside = _first(year * 12 + month - 1)
    found = found + day - 1
    outside = outside | wrong | (found < 0) | (found > last_serial())
    return found.astype(np.float64), np.where(outside, _NUM, np.uint8(0))


def months_on(end: bool) -> Callable[[Floats, Floats], tuple[Floats, Codes]]:
    """EDATE, and EOMONTH (`end`)."""

    def shifted(values: Floats, months: Floats) -> tuple[Floats, Codes]:
        days, codes = _days(values)
        far = ~(np.abs(months) < _FAR)
        year, month, number = _civil(days)
        index = year * 12 + month - 1 + np.where(far, 0.0, np.trunc(months)).astype(np.int64)
        first, outside = _first(index)
        last = _first(np.where(outside, 1900 * 12, index) + 1)[0] - 1
        last = np.where(index == LAST_YEAR * 12 + 11, last_serial(), last)
        found = last if end else np.minimum(first + number - 1, last)
        outside = outside | far | (found < 0)
        return found.astype(np.float64), np.where((codes == 0) & outside, _NUM, codes)

    return shifted


def _days(values: Floats) -> tuple[Whole, Codes]:
    """The serials in numbers, 1 where there is none."""
    days = np.floor(values)
    inside = (days >= 0) & (days <= last_serial())
    return np.where(inside, days, 1.0).astype(np.int64), np.where(inside, np.uint8(0), _NUM)


def _civil(days: Whole) -> tuple[Whole, Whole, Whole]:
    """Year, month and day of serials within the system."""
    shifted = days if from_1904() else days + (days < _FALSE_LEAP_DAY)
    stamps = np.datetime64(first_day()) + shifted.astype("timedelta64[D]")
    month = stamps.astype("datetime64[M]")
    index = month.astype(np.int64) + 1970 * 12
    number = (stamps - month).astype(np.int64) + 1
    if from_1904():
        return index // 12, index % 12 + 1, number
    false, zero = days == _FALSE_LEAP_DAY, days == 0
    year = np.where(zero, 1900, index // 12)
    number = np.where(false, 29, np.where(zero, 0, number))
    return year, np.where(zero, 1, np.where(false, 2, index % 12 + 1)), number


def _first(index: Whole) -> tuple[Whole, NDArray[np.bool_]]:
    """The serial of the first of a month (12 times the year, and the month from 0), which may be below 0; and
    whether there is no such month."""
    outside = (index < 12) | (index > LAST_YEAR * 12 + 11)
    month = (np.where(outside, 1900 * 12, index) - 1970 * 12).astype("datetime64[M]")
    found = (month.astype("datetime64[D]") - np.datetime64(first_day())).astype(np.int64)
    return found if from_1904() else found - (found <= _FALSE_LEAP_DAY), outside
