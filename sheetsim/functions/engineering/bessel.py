"""BESSELI BESSELJ BESSELK BESSELY, of whole orders from 0 on, through SciPy.

SciPy's are right to the last digits; Excel's stored values are approximations that differ from the ninth
digit on in older versions.
"""

from __future__ import annotations

from sheetsim.functions.plain import plain
from sheetsim.functions.special import special
from sheetsim.values import ExcelError


def _bessel(name: str, function: str, positive: bool) -> None:
    def told(x: float, order: float) -> float | ExcelError:
        if order < 0 or (positive and x <= 0):
            return ExcelError.NUM
        return float(special(name, function)(order, x))

    plain(name, told, "strict whole")


_bessel("BESSELI", "iv", False)
_bessel("BESSELJ", "jv", False)
_bessel("BESSELK", "kv", True)
_bessel("BESSELY", "yv", True)
