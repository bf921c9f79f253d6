"""Complex numbers in texts such as "3-4i": COMPLEX, IMREAL IMAGINARY IMABS IMARGUMENT, IMSUM and the other
IM...

A result keeps its arguments' suffix, i or j; mixed ones are #VALUE!. Each part is written with 15 significant
digits, so that 15 are left of a number that goes through several functions.
"""

from __future__ import annotations

import cmath
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sheetsim.functions.coercion import number_text, to_text
from sheetsim.functions.plain import plain, scalars_of
from sheetsim.values import ExcelError, Scalar, Values

_UNSIGNED = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_REAL = re.compile(rf"[+-]?{_UNSIGNED}")
_COMPLEX = re.compile(
    rf"(?P<real>[+-]?{_UNSIGNED}(?=[+-]))?(?P<sign>[+-]?)(?P<size>{_UNSIGNED})?(?P<unit>[ij])"
)


@dataclass(frozen=True, slots=True)
class Complex:
    """A number and the suffix that it is written with; "" for a real one."""

    value: complex
    unit: str = ""

    @classmethod
    def read(cls, value: Scalar) -> Complex | ExcelError:
        """#VALUE! for booleans, #NUM! for text that is no number."""
        if isinstance(value, ExcelError):
            return value
        if isinstance(value, bool):
            return ExcelError.VALUE
        if value is None:
            return cls(0j)
        if isinstance(value, float):
            return cls(complex(value, 0.0))
        text = str(value).strip()
        if _REAL.fullmatch(text):
            return cls(complex(float(text), 0.0))
        found = _COMPLEX.fullmatch(text)
        if found is None:
            return ExcelError.NUM
        size = float(found["size"] or 1.0)
        return cls(
            complex(float(found["real"] or 0.0), -size if found["sign"] == "-" else size), found["unit"]
        )

    def write(self) -> str | ExcelError:
        real, imaginary = self.value.real, self.value.imag
        if not (math.isfinite(real) and math.isfinite(imaginary)):
            return ExcelError.NUM
        if imaginary == 0:
            return number_text(real)
        size = "" if abs(imaginary) == 1 else number_text(abs(imaginary))
        sign = "-" if imaginary < 0 else "+" if real else ""
        return f"{number_text(real) if real else ''}{sign}{size}{self.unit or 'i'}"


def _complex(real: float, imaginary: float, suffix: Scalar = None) -> object:
    unit = to_text(suffix)
    if unit not in ("", "i", "j"):
        return ExcelError.VALUE
    return Complex(complex(real, imaginary), str(unit)).write()


def _part(name: str, function: Callable[[complex], float | ExcelError]) -> None:
    """A function that gives a real number."""

    def told(value: Scalar) -> object:
        number = Complex.read(value)
        return number if isinstance(number, ExcelError) else function(number.value)

    plain(name, told, "any")


def _map(name: str, function: Callable[[complex], complex]) -> None:
    """A function of one number; a pole is #NUM!."""

    def told(value: Scalar) -> object:
        number = Complex.read(value)
        if isinstance(number, ExcelError):
            return number
        try:
            return Complex(function(number.value), number.unit).write()
        except ZeroDivisionError:
            return ExcelError.NUM

    plain(name, told, "any")


def _together(first: Complex, second: Complex) -> str | ExcelError:
    """The suffix of a result of both."""
    if first.unit and second.unit and first.unit != second.unit:
        return ExcelError.VALUE
    return first.unit or second.unit


def _pair(name: str, function: Callable[[complex, complex], complex]) -> None:
    def told(left: Scalar, right: Scalar) -> object:
        a, b = Complex.read(left), Complex.read(right)
        if isinstance(a, ExcelError):
            return a
        if isinstance(b, ExcelError):
            return b
        unit = _together(a, b)
        if isinstance(unit, ExcelError):
            return unit
        try:
            return Complex(function(a.value, b.value), unit).write()
        except ZeroDivisionError:
            return ExcelError.NUM

    plain(name, told, "any any")


def _fold(name: str, function: Callable[[complex, complex], complex]) -> None:
    """Over all numbers of the ranges. A blank cell given by itself is 0, those of a range are left out."""

    def told(*blocks: Values) -> object:
        result: Complex | None = None
        for value, alone in (
            (value, block.numbers.size == 1) for block in blocks for value in scalars_of(block)
        ):
            if value is None and not alone:
                continue
            number = Complex.read(value)
            if isinstance(number, ExcelError):
                return number
            if result is None:
                result = number
                continue
            unit = _together(result, number)
            if isinstance(unit, ExcelError):
                return unit
            result = Complex(function(result.value, number.value), unit)
        return (result or Complex(0j)).write()

    plain(name, told, "range...", direct="value")


def _product(a: complex, b: complex) -> complex:
    return complex(a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real)


def _argument(value: complex) -> float | ExcelError:
    return cmath.phase(value) if value else ExcelError.DIV0


def _logarithm(scale: float) -> Callable[[complex], complex]:
    def told(value: complex) -> complex:
        if not value:
            raise ZeroDivisionError
        return complex(math.log(abs(value)) / scale, cmath.phase(value) / scale)

    return told


def _power(value: Scalar, exponent: float) -> object:
    number = Complex.read(value)
    if isinstance(number, ExcelError):
        return number
    if not number.value:
        return ExcelError.NUM if exponent <= 0 else "0"
    size, angle = math.pow(abs(number.value), exponent), cmath.phase(number.value) * exponent
    return Complex(complex(size * math.cos(angle), size * math.sin(angle)), number.unit).write()


def _root(value: complex) -> complex:
    size, angle = math.sqrt(abs(value)), cmath.phase(value) / 2
    return complex(size * math.cos(angle), size * math.sin(angle))


def _reciprocal(function: Callable[[complex], complex]) -> Callable[[complex], complex]:
    return lambda value: 1 / function(value)


plain("COMPLEX", _complex, "strict strict [any]")
_part("IMREAL", lambda z: z.real)
_part("IMAGINARY", lambda z: z.imag)
_part("IMABS", abs)
_part("IMARGUMENT", _argument)
_maps: dict[str, Callable[[Any], complex]] = {
    "IMCONJUGATE": lambda z: complex(z.real, -z.imag),
    "IMSIN": cmath.sin,
    "IMCOS": cmath.cos,
    "IMTAN": cmath.tan,
    "IMCOT": _reciprocal(cmath.tan),
    "IMSEC": _reciprocal(cmath.cos),
    "IMCSC": _reciprocal(cmath.sin),
    "IMSINH": cmath.sinh,
    "IMCOSH": cmath.cosh,
    "IMSECH": _reciprocal(cmath.cosh),
    "IMCSCH": _reciprocal(cmath.sinh),
    "IMEXP": cmath.exp,
    "IMSQRT": _root,
    "IMLN": _logarithm(1.0),
    "IMLOG10": _logarithm(math.log(10)),
    "IMLOG2": _logarithm(math.log(2)),
}
for _name, _function in _maps.items():
    _map(_name, _function)
_pair("IMSUB", lambda a, b: a - b)
_pair("IMDIV", lambda a, b: a / b)
_fold("IMSUM", lambda a, b: a + b)
_fold("IMPRODUCT", _product)
plain("IMPOWER", _power, "any strict")
