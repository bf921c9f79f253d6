"""Two or more variables: CORREL PEARSON RSQ COVARIANCE.P COVARIANCE.S COVAR SLOPE INTERCEPT STEYX FORECAST
FORECAST.LINEAR, and least squares with several: LINEST LOGEST TREND GROWTH.

Sums of products are taken of distances from the means, which keeps the digits that x y - n times the means
would lose.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.coercion import to_boolean
from sheetsim.functions.plain import first_error_of, paired, plain, scalars_of
from sheetsim.functions.statistical.moments import mean
from sheetsim.functions.statistics import total
from sheetsim.limits import room
from sheetsim.values import BLANK, NUMBER, ExcelError, Scalar, Values

Array = NDArray[np.float64]
Result = float | ExcelError

_LARGEST = 1e150  # numbers beyond have squares that are none


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Means of x and y, and sums of the products of the distances from them."""

    n: int
    x: float
    y: float
    xx: float
    yy: float
    xy: float


def _pairs(xs: Values, ys: Values) -> _Pairs | ExcelError:
    pairs = paired(xs, ys)
    if isinstance(pairs, ExcelError):
        return pairs
    if not pairs[0]:
        return ExcelError.DIV0
    x, y = mean(pairs[0]), mean(pairs[1])
    dx, dy = [value - x for value in pairs[0]], [value - y for value in pairs[1]]
    sums = [total([a * b for a, b in zip(*both, strict=True)]) for both in ((dx, dx), (dy, dy), (dx, dy))]
    return _Pairs(len(dx), x, y, *sums)


def _told(name: str, function: Callable[[_Pairs], Result], y_first: bool = False) -> None:
    def told(first: Values, second: Values) -> Result:
        pairs = _pairs(second, first) if y_first else _pairs(first, second)
        return pairs if isinstance(pairs, ExcelError) else function(pairs)

    plain(name, told, "array array")


def _correlation(p: _Pairs) -> Result:
    return p.xy / math.sqrt(p.xx * p.yy)


def _steyx(p: _Pairs) -> Result:
    if p.n < 3:
        return ExcelError.DIV0
    return math.sqrt(max(p.yy - p.xy * p.xy / p.xx, 0.0) / (p.n - 2))


def _forecast(x: float, ys: Values, xs: Values) -> Result:
    p = _pairs(xs, ys)
    if isinstance(p, ExcelError):
        return p
    slope = p.xy / p.xx
    return p.y - slope * p.x + slope * x


for _name in ("CORREL", "PEARSON"):
    _told(_name, _correlation)
for _name in ("COVARIANCE.P", "COVAR"):
    _told(_name, lambda p: p.xy / p.n)
_told("COVARIANCE.S", lambda p: p.xy / (p.n - 1))
_told("RSQ", lambda p: p.xy * p.xy / (p.xx * p.yy))
_told("SLOPE", lambda p: p.xy / p.xx, y_first=True)
_told("INTERCEPT", lambda p: p.y - p.xy / p.xx * p.x, y_first=True)
_told("STEYX", _steyx, y_first=True)
for _name in ("FORECAST", "FORECAST.LINEAR"):
    plain(_name, _forecast, "number array array")


# --- several variables -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Data:
    """y [n], x [n, k], and whether each observation is a row of the known cells."""

    y: Array
    x: Array
    down: bool


def _data(ys: Values, xs: Values | None) -> _Data | ExcelError:
    given = [ys] if xs is None else [ys, xs]
    wrong = first_error_of(*(value for block in given for value in scalars_of(block)))
    if wrong is not None:
        return wrong
    if any(not bool((block.kind_array() == NUMBER).all()) for block in given):
        return ExcelError.VALUE
    rows, columns = ys.shape
    y = ys.numbers.reshape(-1)
    down = columns == 1 or rows > 1
    if xs is None:
        return _Data(y, np.arange(1.0, y.size + 1)[:, None], down)
    if xs.shape == ys.shape:
        return _Data(y, xs.numbers.reshape(-1, 1), down)
    if columns == 1 and xs.shape[0] == rows:
        return _Data(y, xs.numbers, True)
    if rows == 1 and xs.shape[1] == columns:
        return _Data(y, xs.numbers.T, False)
    return ExcelError.REF


@dataclass(frozen=True, slots=True)
class _Fit:
    """y = intercept + x slopes. `inverse` is (x'x)^-1 of the variables that are kept: those that others make
    up have slope 0 and are left out."""

    slopes: Array
    intercept: float
    kept: list[int]
    inverse: Array
    means: Array
    residual: float
    explained: float
    degrees: int


def _fit(data: _Data, constant: bool) -> _Fit:
    n, k = data.x.shape
    means = data.x.mean(axis=0) if constant else np.zeros(k)
    middle = math.fsum(data.y) / n if constant else 0.0
    x, y = data.x - means, data.y - middle
    kept = _independent(x)
    slopes, inverse = np.zeros(k), np.zeros((0, 0))
    if kept:
        q, r = np.linalg.qr(x[:, kept])
        slopes[kept] = np.linalg.solve(r, q.T @ y)
        root = np.linalg.inv(r)
        inverse = root @ root.T
    rest = y - x @ slopes
    residual = math.fsum(rest * rest)
    explained = max(math.fsum(y * y) - residual, 0.0)
    intercept = float(middle - means @ slopes) if constant else 0.0
    return _Fit(slopes, intercept, kept, inverse, means, residual, explained, n - len(kept) - constant)


def _independent(x: Array) -> list[int]:
    """The columns that those before them do not make up."""
    kept: list[int] = []
    basis = np.zeros((x.shape[0], 0))
    for i in range(x.shape[1]):
        column = x[:, i]
        rest = column - basis @ (basis.T @ column)
        rest = rest - basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size > 1e-10 * max(float(np.linalg.norm(column)), 1e-290) and len(kept) < x.shape[0]:
            kept.append(i)
            basis = np.column_stack([basis, rest / size])
    return kept


def _known(ys: Values, xs: Values | None) -> tuple[Values, Values | None]:
    """x left empty (`LINEST(y,,TRUE)`) is x left out."""
    empty = xs is not None and xs.shape == (1, 1) and xs.kind_array()[0, 0] == BLANK
    return ys, None if empty else xs


def _line(ys: Values, xs: Values | None, constant: bool, curve: bool) -> tuple[_Data, _Fit] | ExcelError:
    """The data and the fit; of an exponential `curve`, to the logarithms."""
    data = _data(*_known(ys, xs))
    if isinstance(data, ExcelError):
        return data
    room(data.x.size)
    if max(np.abs(data.x).max(), np.abs(data.y).max()) > _LARGEST:
        return ExcelError.NUM
    if curve:
        if (data.y <= 0).any():
            return ExcelError.NUM
        data = _Data(np.log(data.y), data.x, data.down)
    return data, _fit(data, constant)


def _estimates(
    ys: Values, xs: Values | None, constant: bool, stats: bool, curve: bool
) -> Values | ExcelError:
    line = _line(ys, xs, constant, curve)
    if isinstance(line, ExcelError):
        return line
    fit = line[1]
    first: list[Scalar] = [*fit.slopes[::-1].tolist(), fit.intercept]
    if curve:
        first = [math.exp(value) for value in first if isinstance(value, float)]
    if not stats:
        return Values.of([first])
    width = len(first)
    table = [first, _errors(fit, constant, len(line[0].y)), *_summary(fit)]
    return Values.of([[*row, *[ExcelError.NA] * (width - len(row))][:width] for row in table])


def _errors(fit: _Fit, constant: bool, n: int) -> list[Scalar]:
    """Standard errors of the slopes and the intercept."""
    spread = fit.residual / fit.degrees if fit.degrees else 0.0
    errors = np.zeros(len(fit.slopes))
    errors[fit.kept] = np.sqrt(np.diag(fit.inverse) * spread)
    if not constant:
        return [*errors[::-1].tolist(), ExcelError.NA]
    means = fit.means[fit.kept]
    return [*errors[::-1].tolist(), math.sqrt(spread * (1 / n + float(means @ fit.inverse @ means)))]


def _summary(fit: _Fit) -> list[list[Scalar]]:
    """r² and the standard error of y; F and its degrees of freedom; sums of squares."""
    whole = fit.explained + fit.residual
    share = fit.explained / whole if whole else 1.0
    error = math.sqrt(fit.residual / fit.degrees) if fit.degrees else 0.0
    ratio: Scalar = ExcelError.NUM
    if fit.degrees and fit.residual and fit.kept:
        ratio = fit.explained / len(fit.kept) / (fit.residual / fit.degrees)
    return [[share, error], [ratio, float(fit.degrees)], [fit.explained, fit.residual]]


def _predicted(
    ys: Values, xs: Values | None, new: Values | None, constant: bool, curve: bool
) -> Values | ExcelError:
    """TREND and GROWTH: y at new x, or at the known ones."""
    line = _line(ys, xs, constant, curve)
    if isinstance(line, ExcelError):
        return line
    data, fit = line
    at = _known(ys, new)[1]
    if at is None:
        at, x, shape = ys, data.x, ys.shape
    else:
        wrong = first_error_of(*scalars_of(at))
        if wrong is not None:
            return wrong
        if not bool((at.kind_array() == NUMBER).all()):
            return ExcelError.VALUE
        variables = data.x.shape[1]
        if variables == 1:
            x, shape = at.numbers.reshape(-1, 1), at.shape
        elif data.down and at.shape[1] == variables:
            x, shape = at.numbers, (at.shape[0], 1)
        elif not data.down and at.shape[0] == variables:
            x, shape = at.numbers.T, (1, at.shape[1])
        else:
            return ExcelError.REF
    found = fit.intercept + x @ fit.slopes
    return Values((np.exp(found) if curve else found).reshape(shape))


def _constant(value: Scalar) -> bool | ExcelError:
    """Whether there is an intercept: yes where nothing is said."""
    return True if value is None else to_boolean(value)


def _estimate(name: str, curve: bool) -> None:
    def told(
        ys: Values, xs: Values | None = None, constant: Scalar = None, stats: bool = False
    ) -> Values | ExcelError:
        asked = _constant(constant)
        return asked if isinstance(asked, ExcelError) else _estimates(ys, xs, asked, stats, curve)

    plain(name, told, "array [array any boolean]", gives_array=True, tail="all")


def _prediction(name: str, curve: bool) -> None:
    def told(
        ys: Values, xs: Values | None = None, new: Values | None = None, constant: Scalar = None
    ) -> Values | ExcelError:
        asked = _constant(constant)
        return asked if isinstance(asked, ExcelError) else _predicted(ys, xs, new, asked, curve)

    plain(name, told, "array [array array any]", gives_array=True, tail="all")


_estimate("LINEST", False)
_estimate("LOGEST", True)
_prediction("TREND", False)
_prediction("GROWTH", True)
