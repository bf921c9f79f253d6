"""Securities without coupons: DISC INTRATE RECEIVED PRICEDISC PRICEMAT YIELDDISC YIELDMAT TBILLEQ TBILLPRICE
TBILLYIELD, by Microsoft's formulas."""

from __future__ import annotations

import math

from sheetsim.functions.financial.daycount import (
    add_months,
    bad_terms,
    days_between,
    days_in_year,
    to_date,
    year_fraction,
)
from sheetsim.functions.plain import plain
from sheetsim.values import ExcelError


def _years(settlement: float, maturity: float, basis: float) -> float | ExcelError:
    if bad_terms(basis) is not None or settlement >= maturity:
        return ExcelError.NUM
    return year_fraction(to_date(settlement), to_date(maturity), int(basis))


def _disc(settlement: float, maturity: float, price: float, redemption: float, basis: float = 0.0) -> object:
    years = _years(settlement, maturity, basis)
    if isinstance(years, ExcelError) or price <= 0 or redemption <= 0:
        return ExcelError.NUM
    return (redemption - price) / redemption / years


def _intrate(
    settlement: float, maturity: float, invested: float, redeemed: float, basis: float = 0.0
) -> object:
    years = _years(settlement, maturity, basis)
    if isinstance(years, ExcelError) or invested <= 0 or redeemed <= 0:
        return ExcelError.NUM
    return (redeemed - invested) / invested / years


def _received(settlement: float, maturity: float, invested: float, rate: float, basis: float = 0.0) -> object:
    years = _years(settlement, maturity, basis)
    if isinstance(years, ExcelError) or invested <= 0 or rate <= 0 or rate * years >= 1:
        return ExcelError.NUM
    return invested / (1 - rate * years)


def _pricedisc(
    settlement: float, maturity: float, rate: float, redemption: float, basis: float = 0.0
) -> object:
    years = _years(settlement, maturity, basis)
    if isinstance(years, ExcelError) or rate <= 0 or redemption <= 0:
        return ExcelError.NUM
    return redemption - rate * redemption * years


def _yielddisc(
    settlement: float, maturity: float, price: float, redemption: float, basis: float = 0.0
) -> object:
    years = _years(settlement, maturity, basis)
    if isinstance(years, ExcelError) or price <= 0 or redemption <= 0:
        return ExcelError.NUM
    return (redemption / price - 1) / years


def _at_maturity(
    settlement: float, maturity: float, issue: float, rate: float, basis: float
) -> tuple[float, float, float] | ExcelError:
    """Interest at maturity, interest accrued (both for 1), and the years left."""
    if bad_terms(basis) is not None or not maturity > settlement >= issue or rate < 0:
        return ExcelError.NUM
    issued, settled, end, b = to_date(issue), to_date(settlement), to_date(maturity), int(basis)
    year = days_in_year(issued, settled, b)
    whole, passed = days_between(issued, end, b), days_between(issued, settled, b)
    return whole / year * rate, passed / year * rate, (whole - passed) / year


def _pricemat(
    settlement: float, maturity: float, issue: float, rate: float, yld: float, basis: float = 0.0
) -> object:
    terms = _at_maturity(settlement, maturity, issue, rate, basis)
    if isinstance(terms, ExcelError) or yld < 0:
        return ExcelError.NUM
    interest, accrued, years = terms
    return (100 + interest * 100) / (1 + years * yld) - accrued * 100


def _yieldmat(
    settlement: float, maturity: float, issue: float, rate: float, price: float, basis: float = 0.0
) -> object:
    terms = _at_maturity(settlement, maturity, issue, rate, basis)
    if isinstance(terms, ExcelError) or price <= 0:
        return ExcelError.NUM
    interest, accrued, years = terms
    paid = price / 100 + accrued
    return (1 + interest - paid) / paid / years


def _bill(settlement: float, maturity: float) -> int | ExcelError:
    """Days that a treasury bill has left: a year at most."""
    start, end = to_date(settlement), to_date(maturity)
    return (end - start).days if start < end <= add_months(start, 12) else ExcelError.NUM


def _tbillprice(settlement: float, maturity: float, discount: float) -> object:
    days = _bill(settlement, maturity)
    if isinstance(days, ExcelError) or discount <= 0:
        return ExcelError.NUM
    price = 100 * (1 - discount * days / 360)
    return price if price > 0 else ExcelError.NUM


def _tbillyield(settlement: float, maturity: float, price: float) -> object:
    days = _bill(settlement, maturity)
    if isinstance(days, ExcelError) or price <= 0:
        return ExcelError.NUM
    return (100 - price) / price * 360 / days


def _tbilleq(settlement: float, maturity: float, discount: float) -> object:
    """The yield of a bond that costs as much: simple interest up to half a year, then with one coupon
    between."""
    days = _bill(settlement, maturity)
    if isinstance(days, ExcelError) or discount <= 0:
        return ExcelError.NUM
    if days <= 182:
        left = 360 - discount * days
        return 365 * discount / left if left > 0 else ExcelError.NUM
    price, years = 1 - discount * days / 360, days / (366 if days == 366 else 365)
    if price <= 0:
        return ExcelError.NUM
    root = math.sqrt(years * years - (2 * years - 1) * (1 - 1 / price))
    return 2 * (root - years) / (2 * years - 1)


_DATES = "whole whole "
plain("DISC", _disc, _DATES + "strict strict [whole]")
plain("INTRATE", _intrate, _DATES + "strict strict [whole]")
plain("RECEIVED", _received, _DATES + "strict strict [whole]")
plain("PRICEDISC", _pricedisc, _DATES + "strict strict [whole]")
plain("YIELDDISC", _yielddisc, _DATES + "strict strict [whole]")
plain("PRICEMAT", _pricemat, _DATES + "whole strict strict [whole]")
plain("YIELDMAT", _yieldmat, _DATES + "whole strict strict [whole]")
plain("TBILLEQ", _tbilleq, _DATES + "strict")
plain("TBILLPRICE", _tbillprice, _DATES + "strict")
plain("TBILLYIELD", _tbillyield, _DATES + "strict")
