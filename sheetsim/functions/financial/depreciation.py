"""What a thing loses in value: SLN SYD DB DDB VDB, and the French AMORDEGRC AMORLINC."""

from __future__ import annotations

import math

from sheetsim.functions.financial.daycount import bad_terms, to_date, year_fraction
from sheetsim.functions.plain import plain
from sheetsim.values import ExcelError

_MOST_PERIODS = 100_000  # of VDB, walked one by one


def _sln(cost: float, salvage: float, life: float) -> float:
    return (cost - salvage) / life


def _syd(cost: float, salvage: float, life: float, period: float) -> float | ExcelError:
    if life <= 0 or salvage < 0 or not 0 < period <= life:
        return ExcelError.NUM
    return (cost - salvage) * (life - period + 1) * 2 / (life * (life + 1))


def _db(cost: float, salvage: float, life: float, period: float, month: float = 12.0) -> float | ExcelError:
    """Fixed declining balance; the rate is rounded to three decimals."""
    month = math.trunc(month)
    if cost < 0 or salvage < 0 or life <= 0 or period < 1 or not 1 <= month <= 12:
        return ExcelError.NUM
    if math.trunc(period) > life + (month < 12) or life > _MOST_PERIODS:
        return ExcelError.NUM
    if cost == 0:
        return 0.0
    rate = math.floor((1 - math.pow(salvage / cost, 1 / life)) * 1000 + 0.5) / 1000
    period, total = math.trunc(period), 0.0
    lost = cost * rate * month / 12
    for _ in range(1, period):
        total += lost
        lost = (cost - total) * rate
    return lost * (12 - month) / 12 if period > life and period > 1 else lost


def _declining(cost: float, salvage: float, life: float, period: float, factor: float) -> float:
    """The loss of one period at the rate factor / life, never below the salvage."""
    rate = min(factor / life, 1.0)
    old = cost if period == 1 else cost * math.pow(1 - rate, period - 1)
    new = cost * math.pow(1 - rate, period)
    return max(old - max(new, salvage), 0.0)


def _ddb(cost: float, salvage: float, life: float, period: float, factor: float = 2.0) -> float | ExcelError:
    if cost < 0 or salvage < 0 or life <= 0 or not 0 < period <= life or factor <= 0:
        return ExcelError.NUM
    return _declining(cost, salvage, life, period, factor)


def _vdb(
    cost: float,
    salvage: float,
    life: float,
    start: float,
    end: float,
    factor: float = 2.0,
    no_switch: bool = False,
) -> float | ExcelError:
    """Declining balance between two moments, by straight line as soon as that takes more (unless
    `no_switch`); of a period cut by a moment, its share."""
    if cost < 0 or salvage < 0 or life <= 0 or factor <= 0 or not 0 <= start <= end <= life:
        return ExcelError.NUM
    if end > _MOST_PERIODS:
        return ExcelError.NUM
    lost, value = 0.0, cost
    for period in range(math.ceil(end)):
        loss = max(min(value * min(factor / life, 1.0), value - salvage), 0.0)
        if not no_switch:
            loss = max(loss, (value - salvage) / (life - period))
        share = min(end, period + 1) - max(start, period)
        lost += loss * max(share, 0.0)
        value -= loss
    return lost


def _amorlinc(
    cost: float,
    bought: float,
    first_end: float,
    salvage: float,
    period: float,
    rate: float,
    basis: float = 0.0,
) -> float | ExcelError:
    wrong = _bad_asset(cost, bought, first_end, salvage, period, rate, basis)
    if wrong is not None:
        return wrong
    yearly = cost * rate
    first = yearly * year_fraction(to_date(bought), to_date(first_end), int(basis))
    if period == 0:
        return min(first, cost - salvage)
    whole = math.trunc((cost - salvage - first) / yearly)
    if period <= whole:
        return yearly
    return max(cost - salvage - yearly * whole - first, 0.0) if period == whole + 1 else 0.0


def _coefficient(life: float) -> float | ExcelError:
    """By the useful life in years; Microsoft's page gives #NUM! for those between."""
    if life < 3 or 4 < life < 5:
        return ExcelError.NUM
    return 1.5 if life <= 4 else 2.0 if life <= 6 else 2.5


def _amordegrc(
    cost: float,
    bought: float,
    first_end: float,
    salvage: float,
    period: float,
    rate: float,
    basis: float = 0.0,
) -> float | ExcelError:
    """Declining by rate times coefficient, in whole amounts; half of the rest in the last period but one,
    all of it in the last."""
    wrong = _bad_asset(cost, bought, first_end, salvage, period, rate, basis)
    coefficient = _coefficient(1 / rate) if wrong is None else ExcelError.NUM
    if isinstance(coefficient, ExcelError):
        return coefficient
    rate *= coefficient
    loss = _half_up(year_fraction(to_date(bought), to_date(first_end), int(basis)) * rate * cost)
    value, rest = cost - loss, cost - loss - salvage
    for passed in range(int(min(period, _MOST_PERIODS))):
        loss = _half_up(rate * value)
        rest -= loss
        if rest < 0:
            return _half_up(value * 0.5) if period - passed <= 1 else 0.0
        value -= loss
    return loss


def _half_up(number: float) -> float:
    return float(math.floor(number + 0.5))


def _bad_asset(
    cost: float, bought: float, first_end: float, salvage: float, period: float, rate: float, basis: float
) -> ExcelError | None:
    if cost < 0 or not 0 <= salvage <= cost or rate <= 0 or period < 0 or bought > first_end or basis == 2:
        return ExcelError.NUM
    return bad_terms(basis)


plain("SLN", _sln, "number number number")
plain("SYD", _syd, "number number number number")
plain("DB", _db, "number number number number [number]")
plain("DDB", _ddb, "number number number number [number]")
plain("VDB", _vdb, "number number number number number [number boolean]")
plain("AMORLINC", _amorlinc, "strict whole whole strict whole strict [whole]")
plain("AMORDEGRC", _amordegrc, "strict whole whole strict whole strict [whole]")
