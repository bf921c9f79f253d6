"""Distributions, Bessel functions and financial equations against mpmath, which works to any precision.

None of the values here comes from the library that the function itself calls (SciPy).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from sheetsim.functions import FUNCTIONS
from sheetsim.functions.calling import call_scalar
from sheetsim.values import Values

mp = pytest.importorskip("mpmath")
mp.mp.dps = 40


def ours(name: str, *arguments: object) -> float:
    value = call_scalar(FUNCTIONS[name], list(arguments))  # type: ignore[arg-type]
    assert isinstance(value, float), (name, arguments, value)
    return value


def _binomial(k: float, n: float, p: float) -> object:
    p = mp.mpf(p)
    return mp.binomial(n, k) * p**k * (1 - p) ** (n - k)


def _poisson(k: float, mean: float) -> object:
    return mp.exp(-mp.mpf(mean)) * mp.mpf(mean) ** k / mp.factorial(k)


def _hypergeometric(k: float, drawn: float, good: float, total: float) -> object:
    return mp.binomial(good, k) * mp.binomial(total - good, drawn - k) / mp.binomial(total, drawn)


def _t_above(x: float, degrees: float) -> object:
    x, v = mp.mpf(x), mp.mpf(degrees)
    tail = mp.betainc(v / 2, mp.mpf(1) / 2, 0, v / (v + x * x), regularized=True) / 2
    return tail if x >= 0 else 1 - tail


def _f_below(x: float, a: float, b: float) -> object:
    share = mp.mpf(a) * x / (mp.mpf(a) * x + b)
    return mp.betainc(mp.mpf(a) / 2, mp.mpf(b) / 2, 0, share, regularized=True)


def _gamma_below(x: float, a: float, scale: float) -> object:
    return mp.gammainc(a, 0, mp.mpf(x) / scale, regularized=True)


def _grid(*axes: tuple[float, ...]) -> list[tuple[float, ...]]:
    return list(itertools.product(*axes))


CASES: list[tuple[str, Callable[..., object], list[tuple[float, ...]], tuple[object, ...], float]] = [
    # name, what it is, arguments, further arguments of ours, relative tolerance
    (
        "NORM.S.DIST",
        mp.ncdf,
        _grid((-20.0, -8.0, -1.5, 0.0, 0.3, 4.0)),
        (True,),
        1e-13,
    ),
    (
        "NORM.S.INV",
        lambda p: mp.sqrt(2) * mp.erfinv(2 * mp.mpf(p) - 1),
        _grid((1e-12, 0.02, 0.4, 0.97)),
        (),
        1e-14,
    ),
    ("T.DIST.RT", _t_above, _grid((-30.0, -1.0, 0.0, 0.5, 12.0), (1.0, 2.0, 7.0, 300.0)), (), 1e-13),
    ("F.DIST", _f_below, _grid((0.01, 1.0, 7.0), (1.0, 6.0), (2.0, 40.0)), (True,), 1e-13),
    (
        "CHISQ.DIST",
        lambda x, v: _gamma_below(x, v / 2, 2.0),
        _grid((0.1, 3.0, 50.0), (1.0, 9.0)),
        (True,),
        1e-13,
    ),
    ("GAMMA.DIST", _gamma_below, _grid((0.1, 3.0, 40.0), (0.3, 4.0, 30.0), (0.5, 2.0)), (True,), 1e-13),
    (
        "BETA.DIST",
        lambda x, a, b: mp.betainc(a, b, 0, x, regularized=True),
        _grid((0.01, 0.6), (0.5, 8.0), (2.0, 10.0)),
        (True,),
        1e-13,
    ),
    (
        "BINOM.DIST",
        _binomial,
        [(3.0, 10.0, 0.2), (50.0, 1000.0, 0.05), (499_900.0, 1e6, 0.5), (0.0, 9.0, 0.1)],
        (False,),
        1e-12,
    ),
    ("POISSON.DIST", _poisson, [(0.0, 3.0), (4.0, 2.5), (1000.0, 1010.5), (99_900.0, 1e5)], (False,), 1e-12),
    ("HYPGEOM.DIST", _hypergeometric, [(1.0, 4.0, 8.0, 20.0), (30.0, 100.0, 300.0, 1000.0)], (False,), 1e-12),
    (
        "NEGBINOM.DIST",
        lambda f, s, p: mp.binomial(f + s - 1, f) * mp.mpf(p) ** s * (1 - mp.mpf(p)) ** f,
        [(10.0, 5.0, 0.25), (400.0, 90.0, 0.2)],
        (False,),
        1e-12,
    ),
    ("BESSELJ", lambda x, n: mp.besselj(n, x), _grid((-4.0, 0.1, 1.9, 30.0), (0.0, 1.0, 5.0)), (), 1e-12),
    ("BESSELI", lambda x, n: mp.besseli(n, x), _grid((-4.0, 0.1, 1.5, 30.0), (0.0, 1.0, 5.0)), (), 1e-12),
    ("BESSELK", lambda x, n: mp.besselk(n, x), _grid((0.1, 1.5, 30.0), (0.0, 1.0, 5.0)), (), 1e-12),
    ("BESSELY", lambda x, n: mp.bessely(n, x), _grid((0.1, 2.5, 30.0), (0.0, 1.0, 5.0)), (), 1e-12),
    ("GAMMA", mp.gamma, _grid((-3.75, 0.5, 2.5, 100.3)), (), 1e-13),
    ("GAMMALN", mp.loggamma, _grid((0.1, 4.0, 1e5)), (), 1e-13),
]


@pytest.mark.parametrize(
    ("name", "truth", "arguments", "more", "tolerance"),
    [(name, truth, a, more, tolerance) for name, truth, all_, more, tolerance in CASES for a in all_],
)
def test_function(
    name: str,
    truth: Callable[..., object],
    arguments: tuple[float, ...],
    more: tuple[object, ...],
    tolerance: float,
) -> None:
    expected = truth(*arguments)
    assert abs(ours(name, *arguments, *more) - expected) <= tolerance * abs(expected)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("inverse", "forward", "more", "probabilities"),
    [
        ("T.INV", "T.DIST", (5.0,), (1e-9, 0.2, 0.5, 0.93)),
        ("CHISQ.INV", "CHISQ.DIST", (3.0,), (1e-6, 0.4, 0.999)),
        ("F.INV", "F.DIST", (3.0, 8.0), (1e-6, 0.4, 0.999)),
        ("GAMMA.INV", "GAMMA.DIST", (2.5, 3.0), (1e-6, 0.4, 0.999)),
        ("BETA.INV", "BETA.DIST", (2.5, 3.0), (1e-6, 0.4, 0.999)),
        ("LOGNORM.INV", "LOGNORM.DIST", (0.5, 1.5), (1e-6, 0.4, 0.999)),
    ],
)
def test_inverses(
    inverse: str, forward: str, more: tuple[float, ...], probabilities: tuple[float, ...]
) -> None:
    """The distribution function, checked above, takes an inverse's value back."""
    for p in probabilities:
        assert ours(forward, ours(inverse, p, *more), *more, True) == pytest.approx(p, rel=1e-12)


def test_irr_is_a_root() -> None:
    """Excel stores -0.09927910153406139 for this one (IRR.xlsx, General!L57): no root."""
    payments = [-180.0, 30.0, 20.0, 30.0, 20.0, 30.0]
    rate = ours("IRR", Values.of([payments]))
    root = mp.findroot(lambda r: sum(mp.mpf(x) / (1 + r) ** i for i, x in enumerate(payments)), mp.mpf(rate))
    assert abs(rate - root) < 1e-15


def test_rate_is_a_root() -> None:
    rate = ours("RATE", 48.0, -200.0, 8000.0)
    root = mp.findroot(lambda r: 8000 * (1 + r) ** 48 - 200 * ((1 + r) ** 48 - 1) / r, mp.mpf(rate))
    assert abs(rate - root) < 1e-15
