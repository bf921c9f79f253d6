"""Continuous distributions, old names and new: normal, lognormal, Student's t, chi-squared, F, gamma, beta,
Weibull, exponential; GAMMA GAMMALN GAUSS PHI FISHER FISHERINV.

Distribution functions are integrals that SciPy works out (incomplete gamma and beta functions and their
inverses); those of the normal distribution come from the standard library. Tails are worked out as such, not
as 1 - p.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from sheetsim.functions.plain import plain
from sheetsim.functions.special import special
from sheetsim.values import ExcelError

_STANDARD = NormalDist()
_MOST_DEGREES = 1e10
_ROOT = math.sqrt(2 * math.pi)

Result = float | ExcelError


# --- normal and lognormal --------------------------------------------------------------------------------


def normal_below(z: float) -> float:
    """The standard normal distribution function."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


def normal_quantile(p: float) -> Result:
    return _STANDARD.inv_cdf(p) if 0 < p < 1 else ExcelError.NUM


def _phi(z: float) -> float:
    return math.exp(-z * z / 2) / _ROOT


def _norm_dist(x: float, mean: float, sd: float, cumulative: bool) -> Result:
    if sd <= 0:
        return ExcelError.NUM
    z = (x - mean) / sd
    return normal_below(z) if cumulative else _phi(z) / sd


def _norm_inv(p: float, mean: float, sd: float) -> Result:
    z = normal_quantile(p)
    return ExcelError.NUM if isinstance(z, ExcelError) or sd <= 0 else mean + sd * z


def _lognorm_dist(x: float, mean: float, sd: float, cumulative: bool = True) -> Result:
    if x <= 0 or sd <= 0:
        return ExcelError.NUM
    z = (math.log(x) - mean) / sd
    return normal_below(z) if cumulative else _phi(z) / (sd * x)


def _lognorm_inv(p: float, mean: float, sd: float) -> Result:
    x = _norm_inv(p, mean, sd)
    return x if isinstance(x, ExcelError) else math.exp(x)


# --- t, chi-squared, F -----------------------------------------------------------------------------------


def t_tails(name: str, x: float, degrees: float) -> float:
    """The probability beyond x and -x together."""
    return float(special(name, "betainc")(degrees / 2, 0.5, degrees / (degrees + x * x)))


def _t_above(name: str, x: float, degrees: float) -> float:
    tails = t_tails(name, x, degrees) / 2
    return tails if x >= 0 else 1 - tails


def _t_dist(x: float, degrees: float, cumulative: bool) -> Result:
    if degrees < 1:
        return ExcelError.NUM
    if cumulative:
        return _t_above("T.DIST", -x, degrees)
    beta = float(special("T.DIST", "beta")(0.5, degrees / 2))
    return math.pow(1 + x * x / degrees, -(degrees + 1) / 2) / (math.sqrt(degrees) * beta)


def _t_dist_2t(x: float, degrees: float) -> Result:
    return t_tails("T.DIST.2T", x, degrees) if x >= 0 and degrees >= 1 else ExcelError.NUM


def _t_dist_rt(x: float, degrees: float) -> Result:
    return _t_above("T.DIST.RT", x, degrees) if degrees >= 1 else ExcelError.NUM


def _tdist(x: float, degrees: float, tails: float) -> Result:
    if x < 0 or degrees < 1 or tails not in (1.0, 2.0):
        return ExcelError.NUM
    return t_tails("TDIST", x, degrees) * tails / 2


def t_quantile(p: float, degrees: float) -> Result:
    """The x beyond which, and beyond -x, lies p."""
    if not 0 < p <= 1 or degrees < 1:
        return ExcelError.NUM
    if p > 0.5:  # the beta function's argument would be close to 1
        share = float(special("T.INV", "betaincinv")(0.5, degrees / 2, 1 - p))
        return math.sqrt(degrees * share / (1 - share))
    share = float(special("T.INV", "betaincinv")(degrees / 2, 0.5, p))
    return math.sqrt(degrees * (1 / share - 1))


def _t_inv(p: float, degrees: float) -> Result:
    if not 0 < p < 1:
        return ExcelError.NUM
    x = t_quantile(2 * min(p, 1 - p), degrees)
    return x if isinstance(x, ExcelError) or p > 0.5 else -x


def _degrees(*degrees: float) -> bool:
    return all(1 <= count <= _MOST_DEGREES for count in degrees)


def _chisq_dist(x: float, degrees: float, cumulative: bool) -> Result:
    if x < 0 or not _degrees(degrees):
        return ExcelError.NUM
    return _gamma_dist(x, degrees / 2, 2.0, cumulative)


def chisq_above(x: float, degrees: float) -> Result:
    if x < 0 or not _degrees(degrees):
        return ExcelError.NUM
    return float(special("CHISQ.DIST.RT", "gammaincc")(degrees / 2, x / 2))


def _chisq_inv(p: float, degrees: float) -> Result:
    if not 0 <= p < 1 or not _degrees(degrees):
        return ExcelError.NUM
    return 2 * float(special("CHISQ.INV", "gammaincinv")(degrees / 2, p))


def _chisq_inv_rt(p: float, degrees: float) -> Result:
    if not 0 < p <= 1 or not _degrees(degrees):
        return ExcelError.NUM
    return 2 * float(special("CHISQ.INV.RT", "gammainccinv")(degrees / 2, p))


def _f_dist(x: float, first: float, second: float, cumulative: bool) -> Result:
    if x < 0 or not _degrees(first, second):
        return ExcelError.NUM
    if cumulative:
        share = first * x / (first * x + second)
        return float(special("F.DIST", "betainc")(first / 2, second / 2, share))
    if x == 0:
        return ExcelError.NUM if first < 2 else 1.0 if first == 2 else 0.0
    ratio = first / second
    log = first / 2 * math.log(ratio) + (first / 2 - 1) * math.log(x)
    log -= (first + second) / 2 * math.log1p(ratio * x)
    return math.exp(log - float(special("F.DIST", "betaln")(first / 2, second / 2)))


def f_above(x: float, first: float, second: float) -> Result:
    if x < 0 or not _degrees(first, second):
        return ExcelError.NUM
    share = second / (first * x + second)
    return float(special("F.DIST.RT", "betainc")(second / 2, first / 2, share))


def _f_inv(p: float, first: float, second: float) -> Result:
    if not 0 <= p < 1 or not _degrees(first, second):
        return ExcelError.NUM
    share = float(special("F.INV", "betaincinv")(first / 2, second / 2, p))
    return second * share / (first * (1 - share))


def _f_inv_rt(p: float, first: float, second: float) -> Result:
    if not 0 < p <= 1 or not _degrees(first, second):
        return ExcelError.NUM
    share = float(special("F.INV.RT", "betaincinv")(second / 2, first / 2, p))
    return second / first * (1 / share - 1)


# --- gamma and beta --------------------------------------------------------------------------------------


def _gamma_dist(x: float, alpha: float, beta: float, cumulative: bool) -> Result:
    if x < 0 or alpha <= 0 or beta <= 0:
        return ExcelError.NUM
    if cumulative:
        return float(special("GAMMA.DIST", "gammainc")(alpha, x / beta))
    if x == 0:
        return ExcelError.NUM if alpha < 1 else 1 / beta if alpha == 1 else 0.0
    y = x / beta
    if alpha > 150:
        return math.exp((alpha - 1) * math.log(y) - y - math.lgamma(alpha)) / beta
    return math.pow(y, alpha - 1) * math.exp(-y) / (math.gamma(alpha) * beta)


def _gamma_inv(p: float, alpha: float, beta: float) -> Result:
    if not 0 <= p < 1 or alpha <= 0 or beta <= 0:
        return ExcelError.NUM
    return float(special("GAMMA.INV", "gammaincinv")(alpha, p)) * beta


def _gamma(x: float) -> Result:
    return ExcelError.NUM if x <= 0 and x == math.floor(x) else math.gamma(x)


def _gammaln(x: float) -> Result:
    return math.lgamma(x) if x > 0 else ExcelError.NUM


def _beta_dist(
    x: float, alpha: float, beta: float, cumulative: bool, low: float = 0.0, high: float = 1.0
) -> Result:
    if alpha <= 0 or beta <= 0 or not low <= x <= high or low == high:
        return ExcelError.NUM
    share = (x - low) / (high - low)
    if cumulative:
        return float(special("BETA.DIST", "betainc")(alpha, beta, share))
    if (share == 0 and alpha < 1) or (share == 1 and beta < 1):
        return ExcelError.NUM
    scale = float(special("BETA.DIST", "beta")(alpha, beta)) * (high - low)
    return math.pow(share, alpha - 1) * math.pow(1 - share, beta - 1) / scale


def _beta_inv(p: float, alpha: float, beta: float, low: float = 0.0, high: float = 1.0) -> Result:
    if not 0 < p <= 1 or alpha <= 0 or beta <= 0 or low >= high:
        return ExcelError.NUM
    return low + float(special("BETA.INV", "betaincinv")(alpha, beta, p)) * (high - low)


# --- Weibull, exponential, and small ones ----------------------------------------------------------------


def _weibull_dist(x: float, alpha: float, beta: float, cumulative: bool) -> Result:
    if x < 0 or alpha <= 0 or beta <= 0:
        return ExcelError.NUM
    power = math.pow(x / beta, alpha)
    if cumulative:
        return -math.expm1(-power)
    return alpha / beta * math.pow(x / beta, alpha - 1) * math.exp(-power)


def _expon_dist(x: float, rate: float, cumulative: bool) -> Result:
    if x < 0 or rate <= 0:
        return ExcelError.NUM
    return -math.expm1(-rate * x) if cumulative else rate * math.exp(-rate * x)


def _standardize(x: float, mean: float, sd: float) -> Result:
    return (x - mean) / sd if sd > 0 else ExcelError.NUM


_TWO, _THREE, _FOUR = "number number", "number number number", "number number number boolean"
for _names, _scalar, _parameters in (
    ("NORM.DIST NORMDIST", _norm_dist, _FOUR),
    ("NORM.INV NORMINV", _norm_inv, _THREE),
    ("NORMSDIST", normal_below, "number"),
    ("NORM.S.INV NORMSINV", normal_quantile, "number"),
    ("GAUSS", lambda z: math.erf(z / math.sqrt(2)) / 2, "number"),
    ("PHI", _phi, "number"),
    ("LOGNORM.DIST", _lognorm_dist, _FOUR),
    ("LOGNORMDIST", _lognorm_dist, _THREE),
    ("LOGNORM.INV LOGINV", _lognorm_inv, _THREE),
    ("T.DIST", _t_dist, "number floor boolean"),
    ("T.DIST.2T", _t_dist_2t, "number floor"),
    ("T.DIST.RT", _t_dist_rt, "number floor"),
    ("TDIST", _tdist, "number floor floor"),
    ("T.INV", _t_inv, "number floor"),
    ("T.INV.2T TINV", t_quantile, "number floor"),
    ("CHISQ.DIST", _chisq_dist, "number floor boolean"),
    ("CHISQ.DIST.RT CHIDIST", chisq_above, "number floor"),
    ("CHISQ.INV", _chisq_inv, "number floor"),
    ("CHISQ.INV.RT CHIINV", _chisq_inv_rt, "number floor"),
    ("F.DIST", _f_dist, "number floor floor boolean"),
    ("F.DIST.RT FDIST", f_above, "number floor floor"),
    ("F.INV", _f_inv, "number floor floor"),
    ("F.INV.RT FINV", _f_inv_rt, "number floor floor"),
    ("GAMMA.DIST GAMMADIST", _gamma_dist, _FOUR),
    ("GAMMA.INV GAMMAINV", _gamma_inv, _THREE),
    ("GAMMA", _gamma, "number"),
    ("GAMMALN GAMMALN.PRECISE", _gammaln, "number"),
    ("BETA.DIST", _beta_dist, _FOUR + " [number number]"),
    ("BETADIST", lambda x, a, b, *ends: _beta_dist(x, a, b, True, *ends), _THREE + " [number number]"),
    ("BETA.INV BETAINV", _beta_inv, _THREE + " [number number]"),
    ("WEIBULL.DIST WEIBULL", _weibull_dist, _FOUR),
    ("EXPON.DIST EXPONDIST", _expon_dist, "number number boolean"),
    ("STANDARDIZE", _standardize, _THREE),
    ("FISHER", math.atanh, "number"),
    ("FISHERINV", math.tanh, "number"),
):
    for _name in _names.split():
        plain(_name, _scalar, _parameters)
