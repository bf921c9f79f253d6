"""Bonds whose first or last coupon period is longer or shorter than the others: ODDFPRICE ODDFYIELD ODDLPRICE
ODDLYIELD, by the formulas of Microsoft's pages (their letters in the comments)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from sheetsim.functions.financial.bonds import solve_yield
from sheetsim.functions.financial.daycount import (
    add_months,
    bad_terms,
    coupon_dates,
    coupon_days,
    days_between,
    is_month_end,
    to_date,
)
from sheetsim.functions.plain import plain
from sheetsim.values import ExcelError


def _days(start: date, end: date, basis: int) -> int:
    return max(days_between(start, end, basis), 0)


@dataclass(frozen=True, slots=True)
class _OddFirst:
    settlement: date
    maturity: date
    issue: date
    first: date
    rate: float
    redemption: float
    frequency: int
    basis: int

    def price(self, yld: float) -> float:
        days = coupon_days(self.settlement, self.first, self.frequency, self.basis)  # E
        odd = _days(self.issue, self.first, self.basis)  # DFC
        return self._short(yld, days, odd) if odd < days else self._long(yld, days)

    def _short(self, yld: float, days: float, odd: float) -> float:
        number = coupon_dates(self.settlement, self.maturity, self.frequency)[2]
        coupon, x = 100 * self.rate / self.frequency, 1 + yld / self.frequency
        share = _days(self.settlement, self.first, self.basis) / days  # DSC / E
        price = self.redemption / math.pow(x, number - 1 + share) + coupon * odd / days / math.pow(x, share)
        price += sum(coupon / math.pow(x, k + share) for k in range(1, number))
        return price - coupon * _days(self.issue, self.settlement, self.basis) / days

    def _long(self, yld: float, days: float) -> float:
        """The odd period is cut into quasi-coupon periods, counted back from the first coupon."""
        frequency, basis = self.frequency, self.basis
        months, last = 12 // frequency, is_month_end(self.first)
        length = accrued = 0.0  # the sums of DC / NL and of A / NL
        late, number = self.first, coupon_dates(self.issue, self.first, frequency)[2]
        for back in range(1, number + 1):
            early = add_months(self.first, -months * back, last)
            normal = _days(early, late, basis) if basis == 1 else days
            length += (normal if back < number else _days(self.issue, late, basis)) / normal
            start, end = max(self.issue, early), min(self.settlement, late)
            accrued += (_days(start, end, basis) if start < end else 0) / normal
            late = early
        before, after, quasi = coupon_dates(self.settlement, self.first, frequency)
        if basis in (2, 3):
            left = float(_days(self.settlement, after, basis))
        else:
            left = days - _days(before, self.settlement, basis)
        share, quasi = left / days, quasi - 1
        number = coupon_dates(self.first, self.maturity, frequency)[2]
        coupon, x = 100 * self.rate / frequency, 1 + yld / frequency
        price = self.redemption / math.pow(x, share + quasi + number)
        price += coupon * length / math.pow(x, quasi + share)
        price += sum(coupon / math.pow(x, k + quasi + share) for k in range(1, number + 1))
        return price - coupon * accrued


def _odd_first(
    settlement: float,
    maturity: float,
    issue: float,
    first: float,
    rate: float,
    redemption: float,
    frequency: float,
    basis: float,
) -> _OddFirst | ExcelError:
    if bad_terms(basis, frequency) is not None or rate < 0 or redemption <= 0:
        return ExcelError.NUM
    if not maturity > first > settlement > issue:
        return ExcelError.NUM
    dates = to_date(settlement), to_date(maturity), to_date(issue), to_date(first)
    return _OddFirst(*dates, rate, redemption, int(frequency), int(basis))


def _oddfprice(
    settlement: float,
    maturity: float,
    issue: float,
    first: float,
    rate: float,
    yld: float,
    redemption: float,
    frequency: float,
    basis: float = 0.0,
) -> float | ExcelError:
    bond = _odd_first(settlement, maturity, issue, first, rate, redemption, frequency, basis)
    if isinstance(bond, ExcelError):
        return bond
    return bond.price(yld) if yld >= 0 else ExcelError.NUM


def _oddfyield(
    settlement: float,
    maturity: float,
    issue: float,
    first: float,
    rate: float,
    wanted: float,
    redemption: float,
    frequency: float,
    basis: float = 0.0,
) -> float | ExcelError:
    bond = _odd_first(settlement, maturity, issue, first, rate, redemption, frequency, basis)
    if isinstance(bond, ExcelError):
        return bond
    return solve_yield(bond.price, wanted, rate, int(frequency)) if wanted > 0 else ExcelError.NUM


def _odd_last(
    settlement: float, maturity: float, last: float, rate: float, frequency: float, basis: float
) -> tuple[float, float, float] | ExcelError:
    """The sums over the quasi-coupon periods after the last interest date: of DC / NL, A / NL, DSC / NL."""
    if bad_terms(basis, frequency) is not None or rate < 0 or not maturity > settlement > last:
        return ExcelError.NUM
    start, settled, end, b = to_date(last), to_date(settlement), to_date(maturity), int(basis)
    months, at_end = 12 // int(frequency), is_month_end(start)
    length = accrued = left = 0.0
    early, number = start, 0
    while early < end:
        number += 1
        late = add_months(start, months * number, at_end)
        normal = _days(early, late, b)
        stop = min(late, end)
        days = normal if late <= end else _days(early, end, b)
        length += days / normal
        accrued += (days if stop <= settled else _days(early, settled, b) if early < settled else 0) / normal
        left += (_days(max(settled, early), stop, b) if max(settled, early) < stop else 0) / normal
        early = late
    return length, accrued, left


def _oddlprice(
    settlement: float,
    maturity: float,
    last: float,
    rate: float,
    yld: float,
    redemption: float,
    frequency: float,
    basis: float = 0.0,
) -> float | ExcelError:
    sums = _odd_last(settlement, maturity, last, rate, frequency, basis)
    if isinstance(sums, ExcelError):
        return sums
    if yld < 0 or redemption <= 0:
        return ExcelError.NUM
    length, accrued, left = sums
    coupon = 100 * rate / frequency
    return (length * coupon + redemption) / (left * yld / frequency + 1) - accrued * coupon


def _oddlyield(
    settlement: float,
    maturity: float,
    last: float,
    rate: float,
    wanted: float,
    redemption: float,
    frequency: float,
    basis: float = 0.0,
) -> float | ExcelError:
    sums = _odd_last(settlement, maturity, last, rate, frequency, basis)
    if isinstance(sums, ExcelError):
        return sums
    if wanted <= 0 or redemption <= 0:
        return ExcelError.NUM
    length, accrued, left = sums
    coupon = 100 * rate / frequency
    paid = wanted + accrued * coupon
    return (length * coupon + redemption - paid) / paid * frequency / left


plain("ODDFPRICE", _oddfprice, "whole whole whole whole strict strict strict whole [whole]")
plain("ODDFYIELD", _oddfyield, "whole whole whole whole strict strict strict whole [whole]")
plain("ODDLPRICE", _oddlprice, "whole whole whole strict strict strict whole [whole]")
plain("ODDLYIELD", _oddlyield, "whole whole whole strict strict strict whole [whole]")
