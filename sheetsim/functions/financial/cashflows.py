"""Payments of different size: NPV IRR MIRR at equal intervals, XNPV XIRR on given days.

In ranges only numbers count, so that a blank does not take up a period; XNPV and XIRR want a number beside
each date.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from sheetsim.functions.coercion import to_strict_number
from sheetsim.functions.plain import first_error_of, numbers_of, plain, scalars_of
from sheetsim.functions.serials import last_serial
from sheetsim.values import ExcelError, Values

_CLOSE = 1e-7  # IRR, XIRR: "accurate within 0.00001 percent"
_MOST_STEPS = 100


def _present(rate: float, payments: Sequence[float]) -> float:
    """The payments' value one period before the first."""
    total, discount = 0.0, 1.0
    for payment in payments:
        discount *= 1 + rate
        total += payment / discount
    return total


def _npv(rate: float, *payments: Values) -> float | ExcelError:
    numbers = numbers_of(*payments)
    if isinstance(numbers, ExcelError):
        return numbers
    return _present(rate, numbers) if numbers else ExcelError.VALUE


def newton(
    function: Callable[[float], tuple[float, float]], guess: float, least: float, steps: int
) -> float | None:
    """The root that Newton's method reaches from `guess` above `least`, or None. `function` gives value and
    slope. A step that would pass `least` goes half the way there instead."""
    x = guess
    for _ in range(steps):
        value, slope = function(x)
        if value == 0:
            return x
        if slope == 0 or not math.isfinite(value / slope):
            return None
        step = value / slope
        x = x - step if x - step > least else (x + least) / 2
        if abs(step) <= _CLOSE * max(1.0, abs(x)):
            value, slope = function(x)
            return x - value / slope if slope else x
    return None


def _mixed(payments: Sequence[float]) -> bool:
    return any(payment > 0 for payment in payments) and any(payment < 0 for payment in payments)


def _irr(values: Values, guess: float = 0.1) -> float | ExcelError:
    payments = numbers_of(values)
    if isinstance(payments, ExcelError):
        return payments
    if guess <= -1:
        return ExcelError.VALUE
    if not _mixed(payments):
        return ExcelError.NUM

    def balance(rate: float) -> tuple[float, float]:
        value, slope, discount = 0.0, 0.0, 1.0
        for i, payment in enumerate(payments):
            value += payment * discount
            discount /= 1 + rate
            slope -= i * payment * discount
        return value, slope

    found = newton(balance, guess, -1.0, _MOST_STEPS)
    return ExcelError.NUM if found is None else found


def _mirr(values: Values, financing: float, reinvesting: float) -> float | ExcelError:
    """What is gained, at its value in the end, over what is spent, at its value in the beginning."""
    payments = numbers_of(values)
    if isinstance(payments, ExcelError):
        return payments
    if reinvesting == -1:
        return ExcelError.NUM
    n = len(payments)
    gained = sum(
        payment * (1 + reinvesting) ** (n - 1 - i) for i, payment in enumerate(payments) if payment > 0
    )
    spent = sum(payment / (1 + financing) ** i for i, payment in enumerate(payments) if payment < 0)
    if n < 2 or spent == 0:
        return ExcelError.DIV0
    ratio = -gained / spent
    return math.pow(ratio, 1 / (n - 1)) - 1


def _dated(values: Values, dates: Values) -> tuple[list[float], list[float]] | ExcelError:
    """Payments and the days from the first one to each."""
    given: list[list[float]] = []
    for block in (values, dates):
        numbers = [to_strict_number(value) for value in scalars_of(block)]
        wrong = first_error_of(*numbers)
        if wrong is not None:
            return wrong
        given.append([float(number) for number in numbers])
    payments, days = given[0], [float(math.floor(day)) for day in given[1]]
    if len(payments) != len(days) or not all(0 <= day <= last_serial() for day in days):
        return ExcelError.NUM
    if any(day < days[0] for day in days):
        return ExcelError.NUM
    return payments, [day - days[0] for day in days]


def _xnpv(rate: float, values: Values, dates: Values) -> float | ExcelError:
    dated = _dated(values, dates)
    if isinstance(dated, ExcelError):
        return dated
    if rate <= 0:  # Microsoft's page does not say so; Excel takes no rate of 0 or less
        return ExcelError.NUM
    return sum(payment / math.pow(1 + rate, days / 365) for payment, days in zip(*dated, strict=True))


def _xirr(values: Values, dates: Values, guess: float = 0.1) -> float | ExcelError:
    dated = _dated(values, dates)
    if isinstance(dated, ExcelError):
        return dated
    payments, days = dated
    if guess <= -1 or not _mixed(payments):
        return ExcelError.NUM

    def balance(rate: float) -> tuple[float, float]:
        value, slope = 0.0, 0.0
        for payment, day in zip(payments, days, strict=True):
            part = payment / math.pow(1 + rate, day / 365)
            value += part
            slope -= day / 365 * part / (1 + rate)
        return value, slope

    found = newton(balance, guess, -1.0, _MOST_STEPS)
    return ExcelError.NUM if found is None else found


plain("NPV", _npv, "number range...", direct="number")
plain("IRR", _irr, "range [number]", direct="number")
plain("MIRR", _mirr, "range number number", direct="number")
plain("XNPV", _xnpv, "strict array array")
plain("XIRR", _xirr, "array array [strict]")
