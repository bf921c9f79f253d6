"""Dates and times as numbers: DATE DATEDIF DATEVALUE DAY DAYS DAYS360 EDATE EOMONTH HOUR ISOWEEKNUM MINUTE
MONTH NOW SECOND TIME TIMEVALUE TODAY WEEKDAY WEEKNUM YEAR YEARFRAC.

Serial numbers, and the two systems of counting them, are `serials`; text that reads as a date is `reading`.
A number below 0 or past the year 9999 is no date: #NUM!. The functions that were the Analysis ToolPak's
(EDATE, EOMONTH, WEEKNUM, YEARFRAC) take strict numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sheetsim.functions import date_arrays
from sheetsim.functions.date_arrays import told
from sheetsim.functions.day_counts import days_360, year_fraction
from sheetsim.functions.reading import date_and_time
from sheetsim.functions.registry import Function, Kind, register
from sheetsim.functions.serials import (
    SECONDS,
    civil,
    clock,
    day_of,
    month_length,
    month_on,
    nearest_day,
    now,
    serial,
    serial_of,
    shift_months,
    weekday,
)
from sheetsim.values import ExcelError, Scalar

_SOURCE = "support.microsoft.com, "
_MOST_OF_TIME = 32_767  # TIME's arguments
_YEAR = 365  # days of 1899 and of 1903


def _register(
    name: str,
    parameters: tuple[Kind, ...],
    least: int,
    scalar: Callable[..., Scalar],
    array: Callable[..., tuple[Any, Any]] | None = None,
    volatile: bool = False,
) -> None:
    register(
        Function(
            *(name, parameters, least, len(parameters), scalar, None if array is None else told(array)),
            volatile=volatile,
            source=_SOURCE + name,
        )
    )


def _date(year: float, month: float, day: float) -> Scalar:
    """Years below 1900 count from 1900; months and days run over."""
    whole_year = math.trunc(year)
    if not 0 <= whole_year <= 9999:
        return ExcelError.NUM
    if whole_year < 1900:
        whole_year += 1900
    found = serial(whole_year, math.floor(month), math.floor(day))
    return ExcelError.NUM if found is None else float(found)


def _datevalue(text: Scalar) -> Scalar:
    if not isinstance(text, str):
        return ExcelError.VALUE
    found = date_and_time(text)
    return ExcelError.VALUE if found is None else float(found[0])


def _timevalue(text: Scalar) -> Scalar:
    if not isinstance(text, str):
        return ExcelError.VALUE
    found = date_and_time(text)
    return ExcelError.VALUE if found is None else found[1] % 1


def _time(hour: float, minute: float, second: float) -> Scalar:
    parts = [math.trunc(part) for part in (hour, minute, second)]
    if max(parts) > _MOST_OF_TIME:
        return ExcelError.NUM
    seconds = parts[0] * 3600 + parts[1] * 60 + parts[2]
    return ExcelError.NUM if seconds < 0 else seconds % SECONDS / SECONDS


def _part_of_date(part: int) -> Callable[[float], Scalar]:
    def one(value: float) -> Scalar:
        day = nearest_day(value)
        return day if isinstance(day, ExcelError) else float(civil(day)[part])

    return one


def _part_of_time(part: int) -> Callable[[float], Scalar]:
    def one(value: float) -> Scalar:
        day = day_of(value)
        return day if isinstance(day, ExcelError) else float(clock(value)[part])

    return one


def _days(end: float, start: float) -> Scalar:
    last, first = day_of(end), day_of(start)
    if isinstance(last, ExcelError):
        return last
    return first if isinstance(first, ExcelError) else float(last - first)


def _days360(start: float, end: float, european: bool = False) -> Scalar:
    first, last = nearest_day(start), nearest_day(end)
    if isinstance(first, ExcelError):
        return first
    return last if isinstance(last, ExcelError) else float(days_360(first, last, european))


def _edate(value: float, months: float) -> Scalar:
    day = day_of(value)
    if isinstance(day, ExcelError):
        return day
    found = shift_months(day, math.trunc(months))
    return ExcelError.NUM if found is None else float(found)


def _eomonth(value: float, months: float) -> Scalar:
    day = day_of(value)
    if isinstance(day, ExcelError):
        return day
    month = month_on(day, math.trunc(months))
    end = None if month is None else serial(*month, month_length(*month))
    return ExcelError.NUM if end is None else float(end)


def _weekday(value: float, kind: float = 1.0) -> Scalar:
    """1 to 7 from Sunday (1), from Monday (2, 11), 0 to 6 from Monday (3), from Tuesday (12) to Sunday
    (17)."""
    day, kind = day_of(value), math.trunc(kind)
    if isinstance(day, ExcelError):
        return day
    if kind == 3:
        return float(weekday(day))
    start = {1: 6, 2: 0, **{11 + i: i for i in range(7)}}.get(int(kind))
    return ExcelError.NUM if start is None else float((weekday(day) - start) % 7 + 1)


def _weeknum(value: float, kind: float = 1.0) -> Scalar:
    """Week 1 is that of 1 January; type 21 counts as ISO 8601 does."""
    day, kind = day_of(value), math.trunc(kind)
    if isinstance(day, ExcelError):
        return day
    if kind == 21:
        return _isoweeknum(value)
    start = {1: 6, 2: 0, **{11 + i: i for i in range(7)}}.get(int(kind))
    if start is None:
        return ExcelError.NUM
    first = _first_of_year(civil(day)[0])
    return float((day - first + (weekday(first) - start) % 7) // 7 + 1)


def _isoweeknum(value: float) -> Scalar:
    """The number of the week's Thursday in its year."""
    day = day_of(value)
    if isinstance(day, ExcelError):
        return day
    thursday = day - weekday(day) + 3
    first = _first_of_year(civil(max(thursday, 0))[0])
    if thursday < first:  # in the year before the system's first
        first -= _YEAR
    return float((thursday - first) // 7 + 1)


def _first_of_year(year: int) -> int:
    return serial(year, 1, 1) or 0


def _datedif(start: float, end: float, unit: str) -> Scalar:
    """Whole years, months or days between two dates; "md", "ym", "yd" leave months and years out of account.

    "md" counts from the start's day in the month before the end's, and may be below 0 where that month is
    shorter: Microsoft warns of it.
    """
    first, last = day_of(start), day_of(end)
    if isinstance(first, ExcelError):
        return first
    if isinstance(last, ExcelError):
        return last
    if first > last:
        return ExcelError.NUM
    (year, month, day), (end_year, end_month, end_day) = civil(first), civil(last)
    months = (end_year - year) * 12 + end_month - month - (end_day < day)
    match unit.lower():
        case "y":
            return float(months // 12)
        case "m":
            return float(months)
        case "d":
            return float(last - first)
        case "ym":
            return float(months % 12)
        case "md":
            if end_day >= day:
                return float(end_day - day)
            before = shift_months(last, -1)
            return float(end_day - day + (month_length(*civil(before)[:2]) if before is not None else 31))
        case "yd":
            later = (end_month, end_day) >= (month, day)
            turned = serial(year if later else year + 1, end_month, end_day)
            return ExcelError.NUM if turned is None else float(turned - first)
    return ExcelError.NUM


def _yearfrac(start: float, end: float, basis: float = 0.0) -> Scalar:
    first, last, kind = day_of(start), day_of(end), math.trunc(basis)
    if isinstance(first, ExcelError):
        return first
    if isinstance(last, ExcelError):
        return last
    return year_fraction(first, last, kind) if 0 <= kind <= 4 else ExcelError.NUM


def _today() -> Scalar:
    return float(math.floor(serial_of(datetime.combine(now().date(), datetime.min.time()))))


_register("DATE", ("number", "number", "number"), 3, _date, date_arrays.date)
_register("DATEDIF", ("number", "number", "text"), 3, _datedif)
_register("DATEVALUE", ("any",), 1, _datevalue)
_register("TIMEVALUE", ("any",), 1, _timevalue)
_register("TIME", ("number", "number", "number"), 3, _time)
for _part, _name in enumerate(("YEAR", "MONTH", "DAY")):
    _register(_name, ("number",), 1, _part_of_date(_part), date_arrays.part_of_date(_part))
for _part, _name in enumerate(("HOUR", "MINUTE", "SECOND")):
    _register(_name, ("number",), 1, _part_of_time(_part), date_arrays.part_of_time(_part))
_register("DAYS", ("number", "number"), 2, _days)
_register("DAYS360", ("number", "number", "boolean"), 2, _days360)
_register("EDATE", ("strict", "strict"), 2, _edate, date_arrays.months_on(False))
_register("EOMONTH", ("strict", "strict"), 2, _eomonth, date_arrays.months_on(True))
_register("WEEKDAY", ("number", "number"), 1, _weekday, date_arrays.weekday)
_register("WEEKNUM", ("strict", "strict"), 1, _weeknum)
_register("ISOWEEKNUM", ("number",), 1, _isoweeknum)
_register("YEARFRAC", ("strict", "strict", "strict"), 2, _yearfrac)
_register("NOW", (), 0, lambda: serial_of(now()), volatile=True)
_register("TODAY", (), 0, _today, volatile=True)
