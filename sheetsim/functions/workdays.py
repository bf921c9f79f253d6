"""Working days: NETWORKDAYS NETWORKDAYS.INTL WORKDAY WORKDAY.INTL.

Which days of the week are free is told by a number (1 Saturday and Sunday, 2 Sunday and Monday, ... 7 Friday
and Saturday; 11 Sunday alone, ... 17 Saturday alone) or by seven digits from Monday on ("0000011"), 1 for a
free day. Holidays that fall on a free day count once.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence

from sheetsim.functions.coercion import to_number
from sheetsim.functions.registry import Function, Kind, register
from sheetsim.functions.serials import day_of, last_serial, weekday
from sheetsim.functions.statistics import cells
from sheetsim.values import ExcelError, Scalar, Values

_SOURCE = "support.microsoft.com, "
_USUAL = (False,) * 5 + (True,) * 2

Week = tuple[bool, ...]
"""From Monday on: is the day free?"""


def _week(value: Scalar) -> Week | ExcelError:
    if isinstance(value, ExcelError):
        return value
    if value is None:
        return _USUAL
    if isinstance(value, str):
        if len(value) != 7 or set(value) - {"0", "1"}:
            return ExcelError.VALUE
        return tuple(digit == "1" for digit in value)
    number = math.trunc(float(value))
    if 1 <= number <= 7:
        return tuple(day in ((number + 4) % 7, (number + 5) % 7) for day in range(7))
    if 11 <= number <= 17:
        return tuple(day == (number - 12) % 7 for day in range(7))
    return ExcelError.NUM


def _holidays(block: Values | None, week: Week) -> list[int] | ExcelError:
    """The holidays on days that are not free anyway, ascending, each once."""
    found: set[int] = set()
    for value in cells([block]) if block is not None else ():
        if value is None:
            continue
        number = ExcelError.VALUE if isinstance(value, bool) else to_number(value)
        day = number if isinstance(number, ExcelError) else day_of(number)
        if isinstance(day, ExcelError):
            return day
        if not week[weekday(day)]:
            found.add(day)
    return sorted(found)


def _worked(first: int, last: int, week: Week) -> int:
    """Days from `first` to `last`, both included, that are not free."""
    weeks, rest = divmod(last - first + 1, 7)
    return weeks * (7 - sum(week)) + sum(not week[weekday(first + i)] for i in range(rest))


def _networkdays_intl(
    start: float, end: float, weekend: Scalar = None, holidays: Values | None = None
) -> Scalar:
    first, last, week = day_of(start), day_of(end), _week(weekend)
    for value in (first, last, week):
        if isinstance(value, ExcelError):
            return value
    assert not isinstance(first, ExcelError)
    assert not isinstance(last, ExcelError)
    assert not isinstance(week, ExcelError)
    free = _holidays(holidays, week)
    if isinstance(free, ExcelError):
        return free
    low, high = min(first, last), max(first, last)
    days = _worked(low, high, week) - (bisect_right(free, high) - bisect_left(free, low))
    return float(days if first <= last else -days)


def _workday_intl(
    start: float, days: float, weekend: Scalar = None, holidays: Values | None = None
) -> Scalar:
    day, week = day_of(start), _week(weekend)
    if isinstance(day, ExcelError):
        return day
    if isinstance(week, ExcelError):
        return week
    if all(week):
        return ExcelError.VALUE
    free = _holidays(holidays, week)
    if isinstance(free, ExcelError):
        return free
    found = _step(day, math.trunc(days), week, free)
    return float(found) if 0 <= found <= last_serial() else ExcelError.NUM


def _step(day: int, days: int, week: Week, free: Sequence[int]) -> int:
    """The day that is `days` working days after `day` (before it, when below 0); it itself for 0."""
    way, left = (1 if days > 0 else -1), abs(days)
    while left > 0:
        if not -7 <= day <= last_serial() + 7:
            break
        weeks = (left - 1) // (7 - sum(week))  # whole weeks that cannot overshoot
        if weeks:
            reached = day + way * 7 * weeks
            low, high = (day + 1, reached) if way > 0 else (reached, day - 1)
            left -= weeks * (7 - sum(week)) - (bisect_right(free, high) - bisect_left(free, low))
            day = reached
            continue
        day += way
        at = bisect_left(free, day)
        left -= not week[weekday(day)] and not (at < len(free) and free[at] == day)
    return day


def _networkdays(start: float, end: float, holidays: Values | None = None) -> Scalar:
    return _networkdays_intl(start, end, None, holidays)


def _workday(start: float, days: float, holidays: Values | None = None) -> Scalar:
    return _workday_intl(start, days, None, holidays)


def _register(name: str, parameters: tuple[Kind, ...], scalar: Callable[..., Scalar]) -> None:
    register(Function(name, parameters, 2, len(parameters), scalar, source=_SOURCE + name))


_register("NETWORKDAYS", ("strict", "strict", "array"), _networkdays)
_register("WORKDAY", ("strict", "strict", "array"), _workday)
_register("NETWORKDAYS.INTL", ("number", "number", "any", "array"), _networkdays_intl)
_register("WORKDAY.INTL", ("number", "number", "any", "array"), _workday_intl)
