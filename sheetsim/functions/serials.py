"""Dates as Excel counts them: serial numbers of days, in both date systems, and times of day.

    1900   day 1 is 1 January 1900; day 60 is 29 February 1900, a day that never was; day 0 is "0 January"
    1904   day 0 is 1 January 1904

Which one a workbook uses is a setting of the workbook: whoever calculates one does so `with
date_system(...)`. Both end with 31 December 9999. Below, a serial is a whole number of days; `day_of` takes
the fraction off.

    serial(2024, 2, 30)     45352      1 March: days and months run over
    civil(60)               (1900, 2, 29)
    weekday(1)              6          Sunday, as Excel has it (0 is Monday)

Source: Microsoft, "Date systems in Excel"; "Excel incorrectly assumes that the year 1900 is a leap year".
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta

from sheetsim.values import ExcelError

_FROM_1904: ContextVar[bool] = ContextVar("from_1904", default=False)
_MOMENT: ContextVar[datetime | None] = ContextVar("moment", default=None)

SECONDS = 86_400
"""In a day."""

_FALSE_LEAP_DAY = 60
_ORDINAL_1900 = date(1899, 12, 30).toordinal()  # after the false leap day; one day more before it
_ORDINAL_1904 = date(1904, 1, 1).toordinal()
LAST_YEAR = 9999


@contextmanager
def date_system(from_1904: bool, moment: datetime | None = None) -> Iterator[None]:
    """What dates mean inside the block; `moment` is what NOW gives there (None: the time of each call)."""
    system, time = _FROM_1904.set(from_1904), _MOMENT.set(moment)
    try:
        yield
    finally:
        _FROM_1904.reset(system)
        _MOMENT.reset(time)


def from_1904() -> bool:
    return _FROM_1904.get()


def now() -> datetime:
    return _MOMENT.get() or datetime.now()


def serial(year: int, month: int, day: int) -> int | None:
    """The serial of a date whose month and day may run over; None outside the system."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    if not 1 <= year <= LAST_YEAR:
        return None
    first = date(year, month, 1).toordinal()
    if from_1904():
        found = first - _ORDINAL_1904
    else:
        found = first - _ORDINAL_1900
        found -= found <= _FALSE_LEAP_DAY
    found += day - 1
    return found if 0 <= found <= last_serial() else None


def first_day() -> date:
    """The day from which days are counted; in the system of 1900 so for those after the false leap day."""
    return date.fromordinal(_ORDINAL_1904 if from_1904() else _ORDINAL_1900)


def last_serial() -> int:
    """31 December 9999."""
    return date.max.toordinal() - (_ORDINAL_1904 if from_1904() else _ORDINAL_1900)


def civil(day: int) -> tuple[int, int, int]:
    """Year, month and day of a serial within the system."""
    if from_1904():
        found = date.fromordinal(day + _ORDINAL_1904)
    elif day > _FALSE_LEAP_DAY:
        found = date.fromordinal(day + _ORDINAL_1900)
    elif day == _FALSE_LEAP_DAY:
        return 1900, 2, 29
    elif day == 0:
        return 1900, 1, 0
    else:
        found = date.fromordinal(day + _ORDINAL_1900 + 1)
    return found.year, found.month, found.day


def month_length(year: int, month: int) -> int:
    """Days of a month; February 1900 has 29 in the system of 1900."""
    if (year, month) == (1900, 2) and not from_1904():
        return 29
    return calendar.monthrange(year, month)[1]


def weekday(day: int) -> int:
    """0 Monday to 6 Sunday; before March 1900 the names that Excel gives, one day off the true ones."""
    return (day + (4 if from_1904() else 5)) % 7


def day_of(value: float) -> int | ExcelError:
    """The serial in a number, its time taken off; #NUM! outside the system."""
    day = math.floor(value)
    return day if 0 <= day <= last_serial() else ExcelError.NUM


def nearest_day(value: float) -> int | ExcelError:
    """`day_of`, but half a second before midnight is the next day already: where a number is taken apart into
    year, month and day, Excel rounds to the second (its stored DAYS360(45992.000001,46000.999999) is 9)."""
    return day_of(value + 0.5 / SECONDS) if value >= 0 else ExcelError.NUM


def clock(value: float) -> tuple[int, int, int]:
    """Hour, minute and second of the time in a number, to the nearest second."""
    seconds = math.floor((value - math.floor(value)) * SECONDS + 0.5) % SECONDS
    return seconds // 3600, seconds // 60 % 60, seconds % 60


def serial_of(moment: datetime) -> float:
    """A moment as a number, to the hundredth of a second, which is as fine as NOW gets."""
    start = datetime(1904, 1, 1) if from_1904() else datetime(1899, 12, 30)
    return math.floor((moment - start) / timedelta(seconds=0.01)) / (100 * SECONDS)


def month_on(day: int, months: int) -> tuple[int, int] | None:
    """Year and month `months` after that of a serial; None past the years of a system."""
    year, month, _ = civil(day)
    index = year * 12 + month - 1 + months
    return (index // 12, index % 12 + 1) if 12 <= index < (LAST_YEAR + 1) * 12 else None


def shift_months(day: int, months: int) -> int | None:
    """The same day `months` later, or the last of a shorter month; None outside the system."""
    found = month_on(day, months)
    return None if found is None else serial(*found, min(civil(day)[2], month_length(*found)))
