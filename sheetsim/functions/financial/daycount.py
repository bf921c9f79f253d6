"""Days between two dates as bond markets count them: the five bases of Excel's financial functions.

    0  US (NASD) 30/360     1  actual/actual     2  actual/360     3  actual/365     4  European 30/360

Dates are serial numbers of the workbook's system (`serials`), their times cut off. A coupon date lies whole
months before or after another; a bond that matures on the last day of a month pays on last days. The rules
are those of the OpenFormula standard (part 2, 4.11.7) and Microsoft's pages; where these are silent (which
end of a period a last of February moves), those that Excel's stored values show.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from functools import lru_cache

from sheetsim.functions import day_counts
from sheetsim.functions.serials import civil, day_of, serial
from sheetsim.values import ExcelError


def to_date(number: float) -> date:
    """The day of a serial number; ValueError (which `plain` turns into #NUM!) outside the calendar. Day 0 and
    the day that never was, 29 February 1900, are the last of their months."""
    day = day_of(number)
    if isinstance(day, ExcelError):
        raise ValueError("no date")
    return _date(*civil(day))


@lru_cache(maxsize=8192)
def _date(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1])) if day else date(year - 1, 12, 31)


def to_serial(day: date) -> float:
    found = serial(day.year, day.month, day.day)
    if found is None:
        raise ValueError("no serial number")
    return float(found)


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


def year_fraction(start: date, end: date, basis: int) -> float:
    """The part of a year between two dates (YEARFRAC)."""
    return day_counts.year_fraction(int(to_serial(start)), int(to_serial(end)), basis)


def days_in_year(start: date, end: date, basis: int) -> float:
    """How long the year is of which `year_fraction` counts the part."""
    return days_between(start, end, basis) / year_fraction(start, end, basis) if start < end else 365.0


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
