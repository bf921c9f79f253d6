"""Days between two dates as bond markets count them: the five bases of Excel's financial functions.

    0  US (NASD) 30/360     1  actual/actual     2  actual/360     3  actual/365     4  European 30/360

Dates are whole serial numbers of the 1900 system. A coupon date lies whole months before or after another; a
bond that matures on the last day of a month pays on last days. The rules are those of the OpenFormula
standard (part 2, 4.11.7) and Microsoft's pages; where these are silent (which end of a period a last of
February moves), those that Excel's stored values show.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from datetime import date, timedelta
from functools import lru_cache

from sheetsim.values import ExcelError

LAST_SERIAL = 2_958_465  # 31 December 9999
_EPOCH = date(1899, 12, 30)
_LEAP_BUG = 60  # 29 February 1900, which Excel believes in


@lru_cache(maxsize=8192)
def to_date(serial: float) -> date:
    """The day of a serial number; ValueError (which `plain` turns into #NUM!) outside the calendar. Day 0 and
    the day that never was are the last of their months."""
    if not 0 <= serial < LAST_SERIAL + 1:
        raise ValueError("no date")
    days = int(serial)
    return _EPOCH + timedelta(days + 1 if days < _LEAP_BUG else days)


def to_serial(day: date) -> float:
    days = (day - _EPOCH).days
    return float(days if days > _LEAP_BUG else days - 1)


def is_month_end(day: date) -> bool:
    return day.day == monthrange(day.year, day.month)[1]


def _is_february_end(day: date) -> bool:
    return day.month == 2 and is_month_end(day)


def add_months(day: date, months: int, last: bool = False) -> date:
    """The same day some months on, or the month's last where that is earlier (or with `last`)."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    end = monthrange(year, month + 1)[1]
    return date(year, month + 1, end if last else min(day.day, end))


def days_360_us(start: date, end: date, both: bool = False) -> int:
    """30/360 days by the US rule; `both`: the end is cut to 30 whatever the start is."""
    first, last = start.day, end.day
    if _is_february_end(end) and (_is_february_end(start) or both):
        last = 30
    if last == 31 and (first >= 30 or both):
        last = 30
    if first == 31 or _is_february_end(start):
        first = 30
    return _days_360(start, end, first, last)


def days_360_european(start: date, end: date) -> int:
    return _days_360(start, end, min(start.day, 30), min(end.day, 30))


def _days_360(start: date, end: date, first: int, last: int) -> int:
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first


def days_between(start: date, end: date, basis: int) -> int:
    """Days from one date to another by `basis`."""
    if basis == 0:
        return days_360_us(start, end)
    if basis == 4:
        return days_360_european(start, end)
    return (end - start).days


def days_in_year(start: date, end: date, basis: int) -> float:
    """How long a year is for the fraction of a year from `start` to `end`."""
    if basis == 1:
        return _actual_year(start, end)
    return 365.0 if basis == 3 else 360.0


def year_fraction(start: date, end: date, basis: int) -> float:
    """The years from the earlier to the later date (YEARFRAC)."""
    if start > end:
        start, end = end, start
    return days_between(start, end, basis) / days_in_year(start, end, basis)


def _actual_year(start: date, end: date) -> float:
    """Actual/actual: up to a year apart, 366 where a 29 February lies between; else the mean of the years."""
    if not _within_a_year(start, end):
        years = range(start.year, end.year + 1)
        return sum(366 if isleap(year) else 365 for year in years) / len(years)
    if start.year == end.year:
        return 366.0 if isleap(start.year) else 365.0
    leap_days = [date(year, 2, 29) for year in (start.year, end.year) if isleap(year)]
    return 366.0 if any(start <= day <= end for day in leap_days) else 365.0


def _within_a_year(start: date, end: date) -> bool:
    if start.year == end.year:
        return True
    return end.year == start.year + 1 and (start.month, start.day) >= (end.month, end.day)


# --- coupons ---------------------------------------------------------------------------------------------


def coupon_dates(settlement: date, maturity: date, frequency: int) -> tuple[date, date, int]:
    """The coupon dates before (or on) and after the settlement, counted back from the maturity, and how many
    are payable from the settlement on."""
    months, last = 12 // frequency, is_month_end(maturity)
    whole = (maturity.year - settlement.year) * 12 + maturity.month - settlement.month
    number = max(whole // months - 1, 0)
    while add_months(maturity, -months * number, last) > settlement:
        number += 1
    before = add_months(maturity, -months * number, last)
    return before, add_months(maturity, -months * (number - 1), last), number


def coupon_days(settlement: date, maturity: date, frequency: int, basis: int) -> float:
    """Days of the coupon period in which the settlement lies (COUPDAYS)."""
    if basis == 1:
        before, after, _ = coupon_dates(settlement, maturity, frequency)
        return float((after - before).days)
    return (365.0 if basis == 3 else 360.0) / frequency


def accrued_days(settlement: date, maturity: date, frequency: int, basis: int) -> int:
    """Days from the coupon date before to the settlement (COUPDAYBS)."""
    return days_between(coupon_dates(settlement, maturity, frequency)[0], settlement, basis)


def days_to_coupon(settlement: date, maturity: date, frequency: int, basis: int) -> int:
    """Days from the settlement to the coupon date after it (COUPDAYSNC)."""
    before, after, _ = coupon_dates(settlement, maturity, frequency)
    if basis == 0:
        return days_360_us(before, after, both=True) - days_360_us(before, settlement)
    return days_between(settlement, after, basis)


def bad_terms(basis: float, frequency: float = 1.0) -> ExcelError | None:
    """#NUM! for a basis or a frequency that there is not."""
    known = 0 <= basis <= 4 and frequency in (1.0, 2.0, 4.0)
    return None if known else ExcelError.NUM
