"""Equal payments at a constant rate: PV FV PMT NPER RATE IPMT PPMT CUMIPMT CUMPRINC ISPMT, and rates that
compound: PDURATION RRI EFFECT NOMINAL FVSCHEDULE. Prices in fractions: DOLLARDE DOLLARFR.

All solve Microsoft's equation, with t = 1 for payments at the beginning of a period and 0 at its end:

    pv (1+r)^n + pmt (1 + r t) ((1+r)^n - 1) / r + fv = 0,   pmt n + pv + fv = 0 where r = 0

The order of operations is the one that gives Excel's stored values to the bit, (growth - 1) / rate first.
"""

from __future__ import annotations

import math
from functools import partial

from sheetsim.functions.plain import plain, strict_numbers_of
from sheetsim.limits import room
from sheetsim.values import ExcelError, Values

_LEAST_STEP = 1e-7  # RATE: "if the results don't converge to within 0.0000001 after 20 iterations"
_MOST_STEPS = (
    100  # Microsoft's page says 20; stored values of Excel are found after up to 30 (300 periods from 10 %)
)


def compound(rate: float, periods: float) -> float:
    """(1 + rate) ^ periods; ZeroDivisionError for a negative power of 0, ValueError for what is not real."""
    if rate == -1 and periods < 0:
        raise ZeroDivisionError
    return math.pow(1 + rate, periods)


def _when(kind: float) -> float:
    return 1.0 if kind else 0.0


def _fv(rate: float, periods: float, payment: float, present: float = 0.0, kind: float = 0.0) -> float:
    if rate == 0:
        return -(present + payment * periods)
    growth = compound(rate, periods)
    return -(present * growth + payment * (1 + rate * _when(kind)) * ((growth - 1) / rate))


def _pv(rate: float, periods: float, payment: float, future: float = 0.0, kind: float = 0.0) -> float:
    if rate == 0:
        return -(future + payment * periods)
    growth = compound(rate, periods)
    return (-future - payment * (1 + rate * _when(kind)) * ((growth - 1) / rate)) / growth


def _pmt(
    rate: float, periods: float, present: float, future: float = 0.0, kind: float = 0.0
) -> float | ExcelError:
    if periods == 0 or rate <= -1:
        return ExcelError.NUM
    if rate == 0:
        return -(present + future) / periods
    growth = compound(rate, periods)
    return (-future - present * growth) / ((1 + rate * _when(kind)) * ((growth - 1) / rate))


def _nper(
    rate: float, payment: float, present: float, future: float = 0.0, kind: float = 0.0
) -> float | ExcelError:
    if rate == 0:
        return -(present + future) / payment
    if rate <= -1:
        return ExcelError.NUM
    due = payment * (1 + rate * _when(kind))
    return math.log((due - future * rate) / (due + present * rate)) / math.log(1 + rate)


def _rate(
    periods: float,
    payment: float,
    present: float,
    future: float = 0.0,
    kind: float = 0.0,
    guess: float = 0.1,
) -> float | ExcelError:
    """Newton's method; Excel's answer is the root that it reaches, not any root."""
    if periods <= 0 or guess <= -1:
        return ExcelError.NUM
    rate = guess
    for _ in range(_MOST_STEPS):
        if rate <= -1:
            return ExcelError.NUM
        value, slope = _balance(rate, periods, payment, present, future, _when(kind))
        step = value / slope
        rate -= step
        if abs(step) < _LEAST_STEP:
            return _polished(rate, periods, payment, present, future, _when(kind))
    return ExcelError.NUM


def _polished(rate: float, *terms: float) -> float:
    """One step of Newton's more, which doubles the digits that are right."""
    if rate <= -1:
        raise ValueError("no rate")
    value, slope = _balance(rate, *terms)
    return rate - value / slope if slope else rate


def _balance(
    rate: float, n: float, payment: float, present: float, future: float, when: float
) -> tuple[float, float]:
    """The left side of the equation and its derivative by the rate."""
    if abs(rate) < 1e-11:  # the limit at 0
        slope = present * n + payment * n * (when + (n - 1) / 2)
        return present + payment * n + future + slope * rate, slope
    growth = compound(rate, n)
    slope = n * growth / (1 + rate)
    annuity = (growth - 1) / rate
    due = payment * (1 + rate * when)
    value = present * growth + due * annuity + future
    return value, present * slope + payment * when * annuity + due * (slope - annuity) / rate


def _interest(
    rate: float, period: float, periods: float, present: float, future: float = 0.0, kind: float = 0.0
) -> float | ExcelError:
    if not 1 <= period < periods + 1:
        return ExcelError.NUM
    payment = _pmt(rate, periods, present, future, kind)
    if isinstance(payment, ExcelError):
        return payment
    if kind and period == 1:
        return 0.0
    owed = _fv(rate, period - 1, payment, present, kind) * rate
    return owed / (1 + rate) if kind else owed


def _principal(
    rate: float, period: float, periods: float, present: float, future: float = 0.0, kind: float = 0.0
) -> float | ExcelError:
    interest = _interest(rate, period, periods, present, future, kind)
    payment = _pmt(rate, periods, present, future, kind)
    if isinstance(interest, ExcelError):
        return interest
    return payment if isinstance(payment, ExcelError) else payment - interest


def _bad_loan(rate: float, periods: float, present: float, first: float, last: float, kind: float) -> bool:
    positive = rate > 0 and periods > 0 and present > 0
    return not positive or not 1 <= first <= last <= periods or kind not in (0.0, 1.0)


def _cumulated(
    rate: float, periods: float, present: float, first: float, last: float, kind: float, interest: bool
) -> float | ExcelError:
    """Interest or principal of the payments from `first` to `last`: what is owed before and after them tells
    the principal, and the rest of the payments is interest."""
    if _bad_loan(rate, periods, present, first, last, kind):
        return ExcelError.NUM
    room(16 * (int(last) - int(first)))
    total = 0.0
    for period in range(int(first), int(last) + 1):
        part = (_interest if interest else _principal)(rate, float(period), periods, present, 0.0, kind)
        if isinstance(part, ExcelError):
            return part
        total += part
    return total


def _ispmt(rate: float, period: float, periods: float, present: float) -> float:
    return present * rate * (period / periods - 1)


def _pduration(rate: float, present: float, future: float) -> float | ExcelError:
    if rate <= 0 or present <= 0 or future <= 0:
        return ExcelError.NUM
    return (math.log(future) - math.log(present)) / math.log(1 + rate)


def _rri(periods: float, present: float, future: float) -> float | ExcelError:
    if periods <= 0 or present == 0:
        return ExcelError.NUM
    return math.pow(future / present, 1 / periods) - 1


def _effect(nominal: float, times: float) -> float | ExcelError:
    if nominal <= 0 or times < 1:
        return ExcelError.NUM
    return math.pow(1 + nominal / times, times) - 1


def _nominal(effective: float, times: float) -> float | ExcelError:
    if effective <= 0 or times < 1:
        return ExcelError.NUM
    return (math.pow(1 + effective, 1 / times) - 1) * times


def _fvschedule(principal: float, schedule: Values) -> float | ExcelError:
    rates = strict_numbers_of(schedule)
    if isinstance(rates, ExcelError):
        return rates
    for rate in rates:
        principal *= 1 + rate
    return principal


def _fraction(parts: float) -> float | ExcelError:
    """What a fraction's digits are of: 16 -> 100."""
    if parts < 0:
        return ExcelError.NUM
    return 10.0 ** math.ceil(math.log10(parts)) if parts >= 1 else ExcelError.DIV0


def _dollarde(dollars: float, parts: float) -> float | ExcelError:
    tens = _fraction(parts)
    if isinstance(tens, ExcelError):
        return tens
    whole = math.trunc(dollars)
    return whole + (dollars - whole) * tens / parts


def _dollarfr(dollars: float, parts: float) -> float | ExcelError:
    tens = _fraction(parts)
    if isinstance(tens, ExcelError):
        return tens
    whole = math.trunc(dollars)
    return whole + (dollars - whole) * parts / tens


_THREE = "number number number [number number]"
plain("FV", _fv, _THREE)
plain("PV", _pv, _THREE)
plain("PMT", _pmt, _THREE)
plain("NPER", _nper, _THREE)
plain("RATE", _rate, "number number number [number number number]")
plain("IPMT", _interest, "number number number number [number number]")
plain("PPMT", _principal, "number number number number [number number]")
plain("CUMIPMT", partial(_cumulated, interest=True), "strict strict strict whole whole strict")
plain("CUMPRINC", partial(_cumulated, interest=False), "strict strict strict whole whole strict")
plain("ISPMT", _ispmt, "number number number number")
plain("PDURATION", _pduration, "number number number")
plain("RRI", _rri, "number number number")
plain("EFFECT", _effect, "strict whole")
plain("NOMINAL", _nominal, "strict whole")
plain("FVSCHEDULE", _fvschedule, "strict array")
plain("DOLLARDE", _dollarde, "strict whole")
plain("DOLLARFR", _dollarfr, "strict whole")
