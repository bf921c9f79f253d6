"""Days between two dates as lenders count them, and fractions of a year: the bases of YEARFRAC, DAYS360 and
the financial functions.

    0   30 days a month, 360 a year, as in the United States (NASD)
    1   days there are, over the days of the years they lie in
    2   days there are, over 360
    3   days there are, over 365
    4   30 days a month, 360 a year, as in Europe

Dates are serials within their system (`serials`).

Source: Microsoft, YEARFRAC and DAYS360; David A. Wheeler, "YEARFRAC incompatibilities between Excel 2007 and
OOXML", which gives Excel's own rules for bases 0 and 1.
"""

from __future__ import annotations

import calendar

from sheetsim.functions.serials import civil, month_length


def days_360(start: int, end: int, european: bool) -> int:
    """DAYS360: days from `start` to `end` where each month has 30."""
    (year, month, day), (end_year, end_month, end_day) = civil(start), civil(end)
    if european:
        day, end_day = min(day, 30), min(end_day, 30)
    else:
        day = 30 if day == 31 or _ends_february(year, month, day) else day
        end_day = 30 if end_day == 31 and day == 30 else end_day
    return (end_year - year) * 360 + (end_month - month) * 30 + end_day - day


def _days_of_basis_0(start: int, end: int) -> int:
    """YEARFRAC's: an end on the 31st stays where the start is February's end, which pairs with its like."""
    (year, month, day), (end_year, end_month, end_day) = civil(start), civil(end)
    if _ends_february(year, month, day):
        day, end_day = 30, 30 if _ends_february(end_year, end_month, end_day) else end_day
    else:
        end_day = 30 if end_day == 31 and day >= 30 else end_day
        day = min(day, 30)
    return (end_year - year) * 360 + (end_month - month) * 30 + end_day - day


def year_fraction(start: int, end: int, basis: int) -> float:
    """The part of a year between two dates, in either order."""
    start, end = min(start, end), max(start, end)
    if basis == 0:
        return _days_of_basis_0(start, end) / 360
    if basis == 4:
        return days_360(start, end, True) / 360
    return (end - start) / (365.0 if basis == 3 else 360.0 if basis == 2 else _actual_year(start, end))


def _actual_year(start: int, end: int) -> float:
    """Basis 1: how long the year is that the dates lie in, on average where they are more than one apart."""
    (year, month, day), (end_year, end_month, end_day) = civil(start), civil(end)
    if year == end_year:
        return 366.0 if calendar.isleap(year) else 365.0
    if year + 1 == end_year and (month, day) >= (end_month, end_day):
        starts_before = calendar.isleap(year) and (month, day) <= (2, 29)
        ends_after = calendar.isleap(end_year) and (end_month, end_day) >= (2, 29)
        return 366.0 if starts_before or ends_after else 365.0
    years = end_year - year + 1
    return (365 * years + calendar.leapdays(year, end_year + 1)) / years


def _ends_february(year: int, month: int, day: int) -> bool:
    return month == 2 and day == month_length(year, month)
