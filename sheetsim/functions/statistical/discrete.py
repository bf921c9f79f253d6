"""Discrete distributions, old names and new: binomial, negative binomial, Poisson, hypergeometric; PROB.

Probabilities of single values follow Loader's saddle-point expansion ("Fast and accurate computation of
binomial probabilities", 2000), which keeps all digits where factorials and powers would overflow or cancel.
"""

from __future__ import annotations

import math

from sheetsim.functions.digits import same
from sheetsim.functions.plain import paired, plain
from sheetsim.functions.special import special
from sheetsim.functions.statistics import total
from sheetsim.limits import room
from sheetsim.values import ExcelError, Values

Result = float | ExcelError

_LOG_TWO_PI = math.log(2 * math.pi)
_STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360]


def _stirling_error(n: float) -> float:
    """log n! less Stirling's formula."""
    if n < 16:
        return math.lgamma(n + 1) - (n + 0.5) * math.log(n) + n - _LOG_TWO_PI / 2 if n else 0.0
    square = n * n
    result = 0.0
    for coefficient in reversed(_STIRLING):
        result = result / square + coefficient
    return result / n


def _deviance(x: float, mean: float) -> float:
    """x log(x / mean) + mean - x, without cancelling where the two are close."""
    if abs(x - mean) >= 0.1 * (x + mean):
        return x * math.log(x / mean) + mean - x
    v = (x - mean) / (x + mean)
    term, result, k = 2 * x * v, (x - mean) * v, 1
    while True:
        term *= v * v
        following = result + term / (2 * k + 1)
        if following == result:
            return result
        result, k = following, k + 1


def binomial(k: float, n: float, p: float) -> float:
    """The probability of k successes in n trials."""
    if p in (0.0, 1.0):
        return float(k == n * p)
    if k == 0:
        return math.exp(n * math.log1p(-p))
    if k == n:
        return math.pow(p, n)
    log = _stirling_error(n) - _stirling_error(k) - _stirling_error(n - k)
    log -= _deviance(k, n * p) + _deviance(n - k, n * (1 - p))
    return math.exp(log) * math.sqrt(n / (2 * math.pi * k * (n - k)))


def _at_most(k: float, n: float, p: float) -> float:
    """The probability of k successes or fewer."""
    if k >= n:
        return 1.0
    return float(special("BINOM.DIST", "betainc")(n - k, k + 1, 1 - p)) if k >= 0 else 0.0


def _binom_dist(k: float, n: float, p: float, cumulative: bool) -> Result:
    if not 0 <= k <= n or not 0 <= p <= 1:
        return ExcelError.NUM
    return _at_most(k, n, p) if cumulative else binomial(k, n, p)


def _binom_dist_range(n: float, p: float, low: float, high: float | None = None) -> Result:
    high = low if high is None else high
    if not 0 <= p <= 1 or not 0 <= low <= high <= n:
        return ExcelError.NUM
    if high == low:
        return binomial(low, n, p)
    return _at_most(high, n, p) - _at_most(low - 1, n, p)


def _binom_inv(n: float, p: float, alpha: float) -> Result:
    """The fewest successes whose distribution function reaches alpha."""
    if n < 0 or not 0 <= p <= 1 or not 0 < alpha < 1:
        return ExcelError.NUM
    low, high = 0.0, n
    while low < high:
        middle = math.floor((low + high) / 2)
        if _at_most(middle, n, p) >= alpha * (1 - 1e-15):
            high = middle
        else:
            low = middle + 1
    return low


def _negbinom_dist(failures: float, successes: float, p: float, cumulative: bool = False) -> Result:
    if failures < 0 or successes < 1 or not 0 <= p <= 1:
        return ExcelError.NUM
    if p == 0:
        return 0.0
    if cumulative:
        return float(special("NEGBINOM.DIST", "betainc")(successes, failures + 1, p))
    trials = failures + successes
    return successes / trials * binomial(successes, trials, p)


def _poisson_dist(k: float, mean: float, cumulative: bool) -> Result:
    if k < 0 or mean < 0:
        return ExcelError.NUM
    if mean == 0:
        return float(k == 0 or cumulative)
    if cumulative:
        return float(special("POISSON.DIST", "gammaincc")(k + 1, mean))
    if k == 0:
        return math.exp(-mean)
    return math.exp(-_stirling_error(k) - _deviance(k, mean)) / math.sqrt(2 * math.pi * k)


def _hypergeometric(k: float, drawn: float, good: float, total_: float) -> float:
    """k good ones among those drawn: three binomial probabilities, of any p."""
    p = drawn / total_
    if p == 1:
        return float(k == good)
    return binomial(k, good, p) * binomial(drawn - k, total_ - good, p) / binomial(drawn, total_, p)


def _hypgeom_dist(k: float, drawn: float, good: float, total_: float, cumulative: bool = False) -> Result:
    if not (0 < drawn <= total_ and 0 < good <= total_):
        return ExcelError.NUM
    least = max(0.0, drawn - (total_ - good))
    if k < 0 or k > min(drawn, good) or (k < least and not cumulative):
        return ExcelError.NUM
    if not cumulative:
        return _hypergeometric(k, drawn, good, total_)
    if k < least:
        return 0.0
    # from the likeliest count down and up, as far as terms matter: there may be a billion that do not
    likeliest = min(max(float(math.floor((drawn + 1) * (good + 1) / (total_ + 2))), least), k)
    peak = _hypergeometric(likeliest, drawn, good, total_)
    below = _terms(likeliest - 1, least, -1, peak, (drawn, good, total_))
    above = _terms(likeliest + 1, k, 1, peak, (drawn, good, total_))
    return total([*reversed(below), peak, *above])


def _terms(
    first: float, last: float, step: int, peak: float, shape: tuple[float, float, float]
) -> list[float]:
    """Hypergeometric probabilities of the counts from `first` to `last`, as far as they change a sum with
    `peak` in it."""
    found: list[float] = []
    while (last - first) * step >= 0:
        found.append(_hypergeometric(first, *shape))
        room(16 * len(found))
        if found[-1] <= 1e-20 * peak:
            break
        first += step
    return found


def _prob(xs: Values, probabilities: Values, low: float, high: float | None = None) -> Result:
    pairs = paired(xs, probabilities)
    if isinstance(pairs, ExcelError):
        return pairs
    if not pairs[0]:
        return ExcelError.DIV0
    if any(not 0 <= p <= 1 for p in pairs[1]) or not same(total(pairs[1]), 1.0):
        return ExcelError.NUM
    high = low if high is None else high
    return total([p for x, p in zip(*pairs, strict=True) if low <= x <= high])


for _names, _scalar, _parameters in (
    ("BINOM.DIST BINOMDIST", _binom_dist, "floor floor number boolean"),
    ("BINOM.DIST.RANGE", _binom_dist_range, "floor number floor [floor]"),
    ("BINOM.INV CRITBINOM", _binom_inv, "floor number number"),
    ("NEGBINOM.DIST", _negbinom_dist, "floor floor number boolean"),
    ("NEGBINOMDIST", _negbinom_dist, "floor floor number"),
    ("POISSON.DIST POISSON", _poisson_dist, "floor number boolean"),
    ("HYPGEOM.DIST", _hypgeom_dist, "floor floor floor floor boolean"),
    ("HYPGEOMDIST", _hypgeom_dist, "floor floor floor floor"),
    ("PROB", _prob, "array array number [number]"),
):
    for _name in _names.split():
        plain(_name, _scalar, _parameters)
