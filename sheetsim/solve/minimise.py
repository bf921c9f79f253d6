"""Minimise a function with known gradients, within bounds and under constraints, by one of several methods.

    found = minimise(function, start, method="auto", max_seconds=10)
    found.x, found.value, found.status

The methods are SciPy's (lbfgs, slsqp, trust-constr) and torch's (adam, sgd, which keep to bounds by going
back to them after each step, and take no other constraints). Whatever ends a run (the minimum, the time, the
number of iterations, Ctrl-C), the best point so far is kept: of those that meet the constraints the lowest,
else the one that comes closest to meeting them.
"""

from __future__ import annotations

import importlib
import os
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sheetsim.errors import MissingExtra, SheetsimError

Array = NDArray[np.float64]
Status = Literal["converged", "stalled", "max-seconds", "max-iterations", "interrupted", "unbounded"]

METHODS = ("auto", "lbfgs", "slsqp", "trust-constr", "adam", "sgd")

FEASIBLE = 1e-6
"""By how much a constraint may be missed, relative to its size: Excel's own default precision."""

FEW = 1000  # variables up to which slsqp, whose steps cost their cube, is the choice under constraints
PROBE_FROM, DOUBLINGS = 32, 6  # iterations before one looks far ahead, and how far
RATES = {"adam": 0.05, "sgd": 0.1}
MOST_STEPS = 5000  # of adam and sgd
SMALL_GRADIENT = 1e-9
UNBOUNDED = 1e12
"""How far beyond the start, relative to it, a point or a value below it is that nothing seems to hold."""

SMALL_GAIN = 1e-12  # relative; a restart of lbfgs that gains less ends it


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A point's value and gradient [n]; residuals [m] that must be 0 (the first `equal` of them) or not
    negative, and their Jacobian [m, n]."""

    value: float
    gradient: Array
    residuals: Array = field(default_factory=lambda: np.zeros(0))
    jacobian: Array = field(default_factory=lambda: np.zeros((0, 0)))
    equal: int = 0

    def missed(self) -> float:
        """By how much the worst constraint is missed; 0 where all are met."""
        equal, others = np.abs(self.residuals[: self.equal]), -self.residuals[self.equal :]
        return float(max(equal.max(initial=0.0), others.max(initial=0.0)))


Objective = Callable[[Array], Evaluation]
IterationProgress = Callable[[int, float, float], None]
"""Called with the number of iterations, the value and the gradient's norm."""


@dataclass(frozen=True, slots=True)
class Minimum:
    """`gradient_norm` is of the gradient without what only pushes against bounds."""

    x: Array
    value: float
    gradient_norm: float
    iterations: int
    status: Status
    missed: float = 0.0


def minimise(
    function: Objective,
    start: Array,
    *,
    lower: Array | None = None,
    upper: Array | None = None,
    method: str = "auto",
    max_seconds: float | None = None,
    max_iterations: int | None = None,
    rate: float | None = None,
    progress: IterationProgress | None = None,
) -> Minimum:
    """The best point found from `start`, which is moved into the bounds first. `rate` is the learning rate of
    adam and sgd.

    SheetsimError for an unknown method, for one that cannot take the constraints, and where the function is
    not a number at the start; MissingExtra without SciPy.
    """
    if method not in METHODS:
        raise SheetsimError(f"no method {method!r}; there are {', '.join(METHODS)}")
    low = np.full(start.shape, -np.inf) if lower is None else lower
    high = np.full(start.shape, np.inf) if upper is None else upper
    if (low > high).any():
        raise SheetsimError("the bounds of a changing cell exclude each other")
    run = _Run(function, low, high, max_seconds, max_iterations, progress)
    status: Status
    try:
        x = np.clip(start, low, high)
        constrained = len(run.at(x).residuals) > 0
        if not np.isfinite(run.best.value):
            raise SheetsimError("the objective is no number at the start values")
        if method == "auto":
            method = "lbfgs" if not constrained else "slsqp" if len(start) <= FEW else "trust-constr"
        if constrained and method in ("lbfgs", "adam", "sgd"):
            raise SheetsimError(
                f"{method} takes bounds only: use slsqp or trust-constr for these constraints"
            )
        status = _descent(run, x, method, rate) if method in RATES else _scipy(run, x, method)
    except _Stop as stop:
        status = stop.status
    except KeyboardInterrupt:
        status = "interrupted"
    return run.minimum(status)


class _Stop(Exception):
    def __init__(self, status: Status) -> None:
        super().__init__(status)
        self.status: Status = status


class _Run:
    """Watches the evaluations of one run: the clock, the iterations, the best point."""

    def __init__(
        self,
        function: Objective,
        lower: Array,
        upper: Array,
        max_seconds: float | None,
        max_iterations: int | None,
        progress: IterationProgress | None,
    ) -> None:
        self.function, self.lower, self.upper, self.progress = function, lower, upper, progress
        self.end = None if max_seconds is None else time.perf_counter() + max_seconds
        self.max_iterations = max_iterations
        self.iterations = 0
        self.best_x, self.best = np.zeros(0), Evaluation(np.nan, np.zeros(0))
        self._last_x, self._last = np.full(0, np.nan), self.best
        self._start = np.zeros(0)
        self._lowest = self._farthest = np.nan

    def at(self, x: Array) -> Evaluation:
        """The function at a point, worked out once where it is asked for again."""
        if np.array_equal(x, self._last_x):
            return self._last
        if self.end is not None and len(self._last_x) and time.perf_counter() > self.end:
            raise _Stop("max-seconds")
        found = self.function(x)
        if len(self.best_x) and not (np.isfinite(found.value) and np.isfinite(found.gradient).all()):
            # an error value: a wall, which a line search steps back from
            wall = self.best.value + 10.0 * (1.0 + abs(self.best.value))
            found = Evaluation(
                wall,
                np.zeros(x.shape),
                np.nan_to_num(found.residuals),
                np.nan_to_num(found.jacobian),
                found.equal,
            )
        elif not len(self.best_x):
            self.best_x, self.best, self._start = x.copy(), found, x.copy()
            self._lowest = -UNBOUNDED * (1.0 + abs(found.value))
            self._farthest = UNBOUNDED * (1.0 + float(np.abs(x).max(initial=0.0)))
        elif self._better(found):
            self.best_x, self.best = x.copy(), found
            if found.value < self._lowest or np.abs(x).max() > self._farthest:
                raise _Stop("unbounded")
        self._last_x, self._last = x.copy(), found
        return found

    def _better(self, found: Evaluation) -> bool:
        here, there = found.missed(), self.best.missed()
        if max(here, there) > FEASIBLE * (1.0 + np.abs(found.residuals).max(initial=0.0)):
            return here < there
        return found.value < self.best.value

    def step(self, *_: Any, **__: Any) -> None:
        """One iteration is done."""
        self.iterations += 1
        if self.progress is not None:
            self.progress(self.iterations, self.best.value, self.norm(self.best_x, self.best))
        if self.iterations >= PROBE_FROM and self.iterations & (self.iterations - 1) == 0:
            self._look_ahead()
        if self.max_iterations is not None and self.iterations >= self.max_iterations:
            raise _Stop("max-iterations")

    def _look_ahead(self) -> None:
        """Look far beyond the best point, in the direction from the start to it: where the function goes on
        falling there, doubling after doubling, the methods' small steps would never come to an end."""
        direction = self.best_x - self._start
        length = np.abs(direction).max(initial=0.0)
        if length == 0.0:
            return
        best = self.best_x, self.best
        for doubling in range(1, DOUBLINGS + 1):
            far = self._start + direction * (2.0**doubling * self._farthest / length)
            x = np.clip(far, self.lower, self.upper)
            found = self.function(x)
            if not (np.isfinite(found.value) and found.value < self.best.value and self._better(found)):
                self.best_x, self.best = best
                return
            self.best_x, self.best = x, found
        raise _Stop("unbounded")

    def end_at(self, x: Array) -> None:
        """A method's own end, taken rather than a point that is lower by missing the constraints a little."""
        found = self.at(x)
        if found.missed() <= max(self.best.missed(), SMALL_GRADIENT):
            self.best_x, self.best = x.copy(), found

    def norm(self, x: Array, found: Evaluation) -> float:
        gradient = found.gradient.copy()
        room = FEASIBLE * (1.0 + np.abs(x))
        low, high = x - self.lower <= room, self.upper - x <= room
        gradient[(low & (gradient > 0)) | (high & (gradient < 0))] = 0.0
        return float(np.sqrt(gradient @ gradient))

    def minimum(self, status: Status) -> Minimum:
        best = self.best
        return Minimum(
            self.best_x, best.value, self.norm(self.best_x, best), self.iterations, status, best.missed()
        )


def load(method: str) -> None:
    """Load the libraries that solving by a method takes, which is the longer part of a short run.
    MissingExtra where one is not installed."""
    if find_spec("torch") is None:
        raise MissingExtra("PyTorch", "solve", "solving")
    importlib.import_module("torch.optim" if method in RATES else "torch")
    if method not in RATES:
        _optimize(method)


# -- SciPy


def _scipy(run: _Run, x: Array, method: str) -> Status:
    optimize = _optimize(method)

    def value(x: Array) -> tuple[float, Array]:
        found = run.at(x)
        return found.value, found.gradient

    bounds = optimize.Bounds(run.lower, run.upper)
    if method == "lbfgs":
        # each stop may be only the line search's or the memory's: go on as long as that gains anything
        while True:
            before = run.best.value
            options = {"maxcor": 30, "maxiter": 10**9, "maxfun": 10**9, "ftol": 1e-15, "gtol": SMALL_GRADIENT}
            found = optimize.minimize(
                value, x, jac=True, method="L-BFGS-B", bounds=bounds, callback=run.step, options=options
            )
            x = run.best_x
            if before - run.best.value <= SMALL_GAIN * abs(before):
                return "converged" if found.success else "stalled"
    if method == "slsqp":
        found = optimize.minimize(
            value,
            x,
            jac=True,
            method="SLSQP",
            bounds=bounds,
            callback=run.step,
            constraints=_slsqp_constraints(run, x),
            options={"maxiter": 10**6, "ftol": 1e-14},
        )
        run.end_at(found.x)
        return "converged" if found.success else "stalled"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "delta_grad == 0.0")  # a linear part: nothing is wrong with it
        found = optimize.minimize(
            value,
            x,
            jac=True,
            hess=optimize.BFGS(),
            method="trust-constr",
            bounds=bounds,
            callback=run.step,
            constraints=_trust_constraints(run, x, optimize),
            options={"maxiter": 10**6, "gtol": SMALL_GRADIENT, "xtol": 1e-12},
        )
    run.end_at(np.clip(found.x, run.lower, run.upper))
    return "converged" if found.status in (1, 2) else "stalled"


def _optimize(method: str) -> Any:
    """SciPy's minimisers, loaded with a BLAS of one thread: L-BFGS works on tiny matrices, and on a busy
    machine threads that wait for each other made it a hundred times slower."""
    held = os.environ.get("OPENBLAS_NUM_THREADS")
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    try:
        from scipy import optimize
    except ImportError:
        raise MissingExtra("SciPy", "solve", f"minimising by {method}") from None
    finally:
        if held is None:
            del os.environ["OPENBLAS_NUM_THREADS"]
        else:
            os.environ["OPENBLAS_NUM_THREADS"] = held
    return optimize


def _slsqp_constraints(run: _Run, x: Array) -> list[dict[str, Any]]:
    first = run.at(x)
    parts = {"eq": slice(0, first.equal), "ineq": slice(first.equal, None)}
    return [
        {
            "type": kind,
            "fun": lambda x, part=part: run.at(x).residuals[part],
            "jac": lambda x, part=part: run.at(x).jacobian[part],
        }
        for kind, part in parts.items()
        if len(first.residuals[part])
    ]


def _trust_constraints(run: _Run, x: Array, optimize: Any) -> list[Any]:
    first = run.at(x)
    if not len(first.residuals):
        return []
    upper = np.where(np.arange(len(first.residuals)) < first.equal, 0.0, np.inf)
    return [
        optimize.NonlinearConstraint(
            lambda x: run.at(x).residuals,
            0.0,
            upper,
            jac=lambda x: run.at(x).jacobian,
            hess=optimize.BFGS(),
        )
    ]


# -- torch


def _descent(run: _Run, x: Array, method: str, rate: float | None) -> Status:
    """adam or sgd (with momentum), the learning rate falling to 0 along half a cosine."""
    import torch

    steps = run.max_iterations or MOST_STEPS
    point = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    start = rate or RATES[method]
    optimiser: Any = (
        torch.optim.Adam([point], lr=start)
        if method == "adam"
        else torch.optim.SGD([point], lr=start, momentum=0.9)
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    lower, upper = torch.tensor(run.lower), torch.tensor(run.upper)
    for _ in range(steps):
        found = run.at(point.detach().numpy())
        if run.norm(point.detach().numpy(), found) <= SMALL_GRADIENT:
            return "converged"
        point.grad = torch.tensor(found.gradient)
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            torch.clamp(point, lower, upper, out=point)
        run.step()
    run.at(point.detach().numpy())
    return "max-iterations"
