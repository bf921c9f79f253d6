"""Factorials, choices and divisors: COMBIN COMBINA FACT FACTDOUBLE GCD LCM MULTINOMIAL PERMUT PERMUTATIONA.

Worked out in whole numbers and rounded once; fractions of arguments are cut off.
"""

from __future__ import annotations

import math

from sheetsim.functions.plain import plain, strict_numbers_of
from sheetsim.values import BLANK, ExcelError, Values

_MOST_FACTORIAL = 170
_MOST_CHOSEN = 2.0**31  # numbers of things: "outside the range of whole numbers" is #NUM!
_EXACT = 2.0**53


def _fact(number: float) -> float | ExcelError:
    return float(math.factorial(int(number))) if 0 <= number <= _MOST_FACTORIAL else ExcelError.NUM


def _factdouble(number: float) -> float | ExcelError:
    """n (n-2) (n-4) ...; 1 for 0 and -1."""
    if not -1 <= number <= 300:
        return ExcelError.NUM
    return float(math.prod(range(int(number), 0, -2)))


def _choose(things: int, chosen: int) -> float:
    """A binomial coefficient; one that is far beyond a double is not worked out."""
    chosen = min(chosen, things - chosen)
    if math.lgamma(things + 1) - math.lgamma(chosen + 1) - math.lgamma(things - chosen + 1) > 710:
        raise OverflowError
    return float(math.comb(things, chosen))


def _combin(things: float, chosen: float) -> float | ExcelError:
    if not 0 <= chosen <= things < _MOST_CHOSEN:
        return ExcelError.NUM
    return _choose(int(things), int(chosen))


def _combina(things: float, chosen: float) -> float | ExcelError:
    if things < 0 or chosen < 0 or things + chosen >= _MOST_CHOSEN:
        return ExcelError.NUM
    if things == 0:
        return 1.0 if chosen == 0 else ExcelError.NUM
    return _choose(int(things + chosen) - 1, int(chosen))


def _permut(things: float, chosen: float) -> float | ExcelError:
    if not (0 < things < _MOST_CHOSEN and 0 <= chosen <= things):
        return ExcelError.NUM
    if math.lgamma(things + 1) - math.lgamma(things - chosen + 1) > 710:
        raise OverflowError
    return float(math.perm(int(things), int(chosen)))


def _permutationa(things: float, chosen: float) -> float | ExcelError:
    if not (0 <= things < _MOST_CHOSEN and 0 <= chosen < _MOST_CHOSEN):
        return ExcelError.NUM
    return math.pow(things, chosen)


def _wholes(blocks: tuple[Values, ...]) -> list[int] | ExcelError:
    """The numbers of the ranges, cut; #NUM! for negative ones and those from 2^53 on, #VALUE! for none. A
    blank
    cell is left out when it is given by itself, and 0 in a range."""
    found: list[int] = []
    for block in blocks:
        if block.numbers.size > 1 and bool((block.kind_array() == BLANK).any()):
            found.append(0)
        numbers = strict_numbers_of(block)
        if isinstance(numbers, ExcelError):
            return numbers
        if any(not 0 <= number < _EXACT for number in numbers):
            return ExcelError.NUM
        found.extend(int(number) for number in numbers)
    return found or ExcelError.VALUE


def _gcd(*blocks: Values) -> float | ExcelError:
    numbers = _wholes(blocks)
    return numbers if isinstance(numbers, ExcelError) else float(math.gcd(*numbers))


def _lcm(*blocks: Values) -> float | ExcelError:
    numbers = _wholes(blocks)
    if isinstance(numbers, ExcelError):
        return numbers
    result = 1
    for number in numbers:
        result = math.lcm(result, number)
        if result >= _EXACT:
            return ExcelError.NUM
    return float(result)


def _multinomial(*blocks: Values) -> float | ExcelError:
    numbers = _wholes(blocks)
    if isinstance(numbers, ExcelError):
        return numbers
    total, result = 0, 1.0
    for number in numbers:
        total += number
        if total >= _MOST_CHOSEN:
            return ExcelError.NUM
        result *= _choose(total, number)
    return result


plain("FACT", _fact, "floor")
plain("FACTDOUBLE", _factdouble, "whole")
plain("COMBIN", _combin, "floor floor")
plain("COMBINA", _combina, "floor floor")
plain("PERMUT", _permut, "floor floor")
plain("PERMUTATIONA", _permutationa, "floor floor")
plain("GCD", _gcd, "range...", direct="strict", tail="once")
plain("LCM", _lcm, "range...", direct="strict", tail="once")
plain("MULTINOMIAL", _multinomial, "range...", direct="strict", tail="once")
