"""Bonds with regular coupons: COUPDAYBS COUPDAYS COUPDAYSNC COUPNCD COUPNUM COUPPCD, PRICE YIELD DURATION
MDURATION, ACCRINT ACCRINTM.

Prices are for 100 of face value, without the interest accrued (clean prices).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

from sheetsim.functions.financial.cashflows import newton
from sheetsim.functions.financial.daycount import (
    accrued_days,
    add_months,
    bad_terms,
    coupon_dates,
    coupon_days,
    days_360_us,
    days_between,
    days_to_coupon,
    is_month_end,
    to_date,
    to_serial,
    year_fraction,
)
from sheetsim.functions.plain import plain
from sheetsim.values import ExcelError

_MOST_STEPS = 100  # YIELD: Newton's method, "100 iterations"


def _coupon(function: Callable[[date, date, int, int], float]) -> Callable[..., float | ExcelError]:
    """A function of settlement, maturity, frequency and basis."""

    def told(settlement: float, maturity: float, frequency: float, basis: float = 0.0) -> float | ExcelError:
        wrong = bad_terms(basis, frequency)
        if wrong is not None or settlement >= maturity:
            return ExcelError.NUM
        return function(to_date(settlement), to_date(maturity), int(frequency), int(basis))

    return told


def price(
    settlement: date, maturity: date, rate: float, yld: float, redemption: float, f: int, b: int
) -> float:
    """Microsoft's formula for PRICE; with one coupon left the yield is simple interest."""
    number = coupon_dates(settlement, maturity, f)[2]
    days, past = coupon_days(settlement, maturity, f, b), accrued_days(settlement, maturity, f, b)
    share, coupon, per = (days - past) / days, 100 * rate / f, yld / f
    accrued = coupon * past / days
    if number == 1:
        return (redemption + coupon) / (1 + share * per) - accrued
    paid = sum(coupon / math.pow(1 + per, k + share) for k in range(number))
    return redemption / math.pow(1 + per, number - 1 + share) + paid - accrued


def _price(
    settlement: float,
    maturity: float,
    rate: float,
    yld: float,
    redemption: float,
    frequency: float,
    basis: float = 0.0,
) -> float | ExcelError:
    wrong = bad_terms(basis, frequency)
    if wrong is not None or settlement >= maturity or rate < 0 or yld < 0 or redemption <= 0:
        return ExcelError.NUM
    terms = to_date(settlement), to_date(maturity), rate, yld, redemption, int(frequency), int(basis)
    return price(*terms)


def _yield(
    settlement: float,
    maturity: float,
    rate: float,
    wanted: float,
    redemption: float,
    frequency: float,
    basis: float = 0.0,
) -> float | ExcelError:
    wrong = bad_terms(basis, frequency)
    if wrong is not None or settlement >= maturity or rate < 0 or wanted <= 0 or redemption <= 0:
        return ExcelError.NUM
    start, end, f, b = to_date(settlement), to_date(maturity), int(frequency), int(basis)
    if coupon_dates(start, end, f)[2] == 1:
        days, past = coupon_days(start, end, f, b), accrued_days(start, end, f, b)
        coupon = 100 * rate / f
        invested = wanted + coupon * past / days
        return (redemption + coupon - invested) / invested * f * days / (days - past)
    return solve_yield(lambda yld: price(start, end, rate, yld, redemption, f, b), wanted, rate, f)


def solve_yield(
    price_at: Callable[[float], float], wanted: float, guess: float, frequency: int
) -> float | ExcelError:
    """The yield at which the price is as wanted; slopes by central differences."""

    def apart(yld: float) -> tuple[float, float]:
        width = 1e-6
        slope = (price_at(yld + width) - price_at(yld - width)) / (2 * width)
        return price_at(yld) - wanted, slope

    found = newton(apart, guess or 0.1, -float(frequency), _MOST_STEPS)
    if found is None:
        return ExcelError.NUM
    value, slope = apart(found)
    return found - value / slope if slope else found


def _duration(
    settlement: float,
    maturity: float,
    rate: float,
    yld: float,
    frequency: float,
    basis: float = 0.0,
) -> float | ExcelError:
    """Macaulay's: the mean time of the payments, weighted with their present values, in years."""
    wrong = bad_terms(basis, frequency)
    if wrong is not None or settlement >= maturity or rate < 0 or yld < 0:
        return ExcelError.NUM
    start, end, f, b = to_date(settlement), to_date(maturity), int(frequency), int(basis)
    number, days = coupon_dates(start, end, f)[2], coupon_days(start, end, f, b)
    share = (days - accrued_days(start, end, f, b)) / days
    weighted = total = 0.0
    for k in range(number):
        payment = 100 * rate / f + (100 if k == number - 1 else 0)
        present = payment / math.pow(1 + yld / f, k + share)
        weighted += present * (k + share)
        total += present
    return weighted / total / f


def _mduration(
    settlement: float,
    maturity: float,
    rate: float,
    yld: float,
    frequency: float,
    basis: float = 0.0,
) -> float | ExcelError:
    duration = _duration(settlement, maturity, rate, yld, frequency, basis)
    return duration if isinstance(duration, ExcelError) else duration / (1 + yld / frequency)


def _accrint(
    issue: float,
    first_interest: float,
    settlement: float,
    rate: float,
    par: float,
    frequency: float,
    basis: float = 0.0,
    from_issue: bool = True,
) -> float | ExcelError:
    """Each coupon period adds the share of its days that have passed."""
    wrong = bad_terms(basis, frequency)
    if wrong is not None or rate <= 0 or par <= 0 or issue >= settlement:
        return ExcelError.NUM
    terms = to_date(issue), to_date(first_interest), to_date(settlement)
    return par * rate / frequency * _periods_accrued(*terms, int(frequency), int(basis), from_issue)


def _periods_accrued(
    issue: date, first: date, settlement: date, frequency: int, basis: int, from_issue: bool
) -> float:
    """Coupon periods from the issue to the settlement, in fractions of periods. Excel divides the days of the
    last of them by the length of the period that ends with the first interest, not by its own length."""
    months, last = 12 // frequency, is_month_end(first)
    number = 0  # of the coupon date, counted from the first, that ends the period of the settlement
    while from_issue and add_months(first, months * number, last) < settlement:
        number += 1
    start = add_months(first, months * (number - 1), last)
    usual = coupon_days(add_months(first, -months, last), first, frequency, basis)
    total = days_between(max(issue, start), settlement, basis) / usual
    while start > issue:
        number -= 1
        start, end = add_months(first, months * (number - 1), last), start
        if issue <= start:
            total += float(from_issue)
        elif basis == 0:
            total += days_360_us(issue, end) / usual
        else:
            total += days_between(issue, end, basis) / coupon_days(start, end, frequency, basis)
    return total


def _accrintm(
    issue: float, settlement: float, rate: float, par: float = 1000.0, basis: float = 0.0
) -> float | ExcelError:
    if bad_terms(basis) is not None or rate <= 0 or par <= 0 or issue >= settlement:
        return ExcelError.NUM
    return par * rate * year_fraction(to_date(issue), to_date(settlement), int(basis))


_DATES = "whole whole "
plain("COUPDAYBS", _coupon(accrued_days), _DATES + "whole [whole]")
plain("COUPDAYS", _coupon(coupon_days), _DATES + "whole [whole]")
plain("COUPDAYSNC", _coupon(days_to_coupon), _DATES + "whole [whole]")
plain("COUPPCD", _coupon(lambda s, m, f, _: to_serial(coupon_dates(s, m, f)[0])), _DATES + "whole [whole]")
plain("COUPNCD", _coupon(lambda s, m, f, _: to_serial(coupon_dates(s, m, f)[1])), _DATES + "whole [whole]")
plain("COUPNUM", _coupon(lambda s, m, f, _: coupon_dates(s, m, f)[2]), _DATES + "whole [whole]")
plain("PRICE", _price, _DATES + "strict strict strict whole [whole]")
plain("YIELD", _yield, _DATES + "strict strict strict whole [whole]")
plain("DURATION", _duration, _DATES + "strict strict whole [whole]")
plain("MDURATION", _mduration, _DATES + "strict strict whole [whole]")
plain("ACCRINT", _accrint, "whole whole whole strict strict whole [whole boolean]")
plain("ACCRINTM", _accrintm, "whole whole strict [strict whole]")
