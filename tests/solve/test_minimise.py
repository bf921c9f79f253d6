"""Minimising known functions: where the minimum is, is known."""

import time

import numpy as np
import pytest

from sheetsim.errors import SheetsimError
from sheetsim.solve.minimise import Evaluation, Minimum, minimise

pytest.importorskip("scipy", reason="SciPy is not installed")

START = np.array([-1.2, 1.0])


def rosenbrock(x: np.ndarray) -> Evaluation:
    """Lowest, 0, at (1, 1)."""
    a, b = x
    gradient = np.array([-400 * a * (b - a * a) - 2 * (1 - a), 200 * (b - a * a)])
    return Evaluation(100 * (b - a * a) ** 2 + (1 - a) ** 2, gradient)


def in_the_disc(x: np.ndarray) -> Evaluation:
    """a + b where a^2 + b^2 <= 2: lowest at (-1, -1)."""
    a, b = x
    return Evaluation(a + b, np.ones(2), np.array([2 - a * a - b * b]), np.array([[-2 * a, -2 * b]]))


def on_the_line(x: np.ndarray) -> Evaluation:
    """a^2 + b^2 where a + b = 1: lowest at (1/2, 1/2)."""
    return Evaluation(float(x @ x), 2 * x, np.array([x.sum() - 1]), np.ones((1, 2)), equal=1)


@pytest.mark.parametrize("method", ["auto", "lbfgs", "slsqp", "trust-constr"])
def test_the_minimum_is_found(method: str) -> None:
    found = minimise(rosenbrock, START, method=method)
    np.testing.assert_allclose(found.x, [1, 1], atol=1e-5)
    assert found.status == "converged"
    assert found.gradient_norm < 1e-4


@pytest.mark.parametrize("method", ["adam", "sgd"])
def test_torch_goes_down_a_bowl(method: str) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    target = np.array([0.5, -2.0])
    found = minimise(
        lambda x: Evaluation(float((x - target) @ (x - target)), 2 * (x - target)), START, method=method
    )
    np.testing.assert_allclose(found.x, target, atol=1e-6)


@pytest.mark.parametrize("method", ["lbfgs", "slsqp", "trust-constr", "adam"])
def test_bounds_are_kept(method: str) -> None:
    upper = np.array([0.5, np.inf])
    found = minimise(rosenbrock, START, upper=upper, method=method, max_iterations=4000)
    np.testing.assert_allclose(found.x, [0.5, 0.25], atol=2e-3)
    assert found.x[0] <= 0.5
    assert method == "adam" or found.gradient_norm < 1e-3  # the push against the bound is not counted


@pytest.mark.parametrize("method", ["auto", "slsqp", "trust-constr"])
@pytest.mark.parametrize(("function", "x"), [(in_the_disc, [-1, -1]), (on_the_line, [0.5, 0.5])])
def test_constraints_are_met(method: str, function: object, x: list[float]) -> None:
    found = minimise(function, np.array([0.3, -0.4]), method=method)  # type: ignore[arg-type]
    np.testing.assert_allclose(found.x, x, atol=1e-5)
    assert found.missed < 1e-6


def test_the_best_so_far_is_kept_when_the_user_or_the_clock_stops_it() -> None:
    calls = 0

    def interrupted(x: np.ndarray) -> Evaluation:
        nonlocal calls
        calls += 1
        if calls > 10:
            raise KeyboardInterrupt
        return rosenbrock(x)

    found = minimise(interrupted, START)
    assert found.status == "interrupted"
    assert 0 < found.value < rosenbrock(START).value
    assert found.value == rosenbrock(found.x).value

    def slow(x: np.ndarray) -> Evaluation:
        time.sleep(0.01)
        return rosenbrock(x)

    began = time.perf_counter()
    late = minimise(slow, START, max_seconds=0.1)
    assert late.status == "max-seconds"
    assert time.perf_counter() - began < 2
    assert late.value < rosenbrock(START).value


def test_iterations_are_limited_and_told() -> None:
    told: list[tuple[int, float, float]] = []
    found = minimise(rosenbrock, START, max_iterations=7, progress=lambda *words: told.append(words))
    assert (found.status, found.iterations) == ("max-iterations", 7)
    assert [number for number, _, _ in told] == list(range(1, 8))
    values = [value for _, value, _ in told]
    assert values == sorted(values, reverse=True)


def test_an_error_value_is_a_wall() -> None:
    def logarithm(x: np.ndarray) -> Evaluation:
        """x - ln x, #NUM! from 0 down: lowest at 1."""
        if x[0] <= 0:
            return Evaluation(np.nan, np.full(1, np.nan))
        return Evaluation(float(x[0] - np.log(x[0])), 1 - 1 / x)

    found = minimise(logarithm, np.array([40.0]))
    np.testing.assert_allclose(found.x, [1.0], atol=1e-6)


@pytest.mark.parametrize("method", ["auto", "lbfgs", "slsqp", "adam"])
def test_a_minimum_close_to_a_wall_is_found(method: str) -> None:
    """10 a - ln a, #NUM! from 0 down, is lowest at 0.1; from 0.2, where the slope is 5, the first step of a
    line search goes past the wall."""
    beyond = 0

    def function(x: np.ndarray) -> Evaluation:
        nonlocal beyond
        if x[0] <= 0:
            beyond += 1
            return Evaluation(np.nan, np.full(1, np.nan))
        return Evaluation(float(10 * x[0] - np.log(x[0])), 10 - 1 / x)

    found = minimise(function, np.array([0.2]), method=method)
    np.testing.assert_allclose(found.x, [0.1], atol=1e-6)
    assert found.value == pytest.approx(1 + np.log(10), rel=1e-10)
    assert found.status in ("converged", "stalled", "max-iterations")
    assert beyond or method == "adam"


def refused(**request: object) -> Minimum:
    return minimise(**{"function": rosenbrock, "start": START, **request})  # type: ignore[arg-type]


def test_what_cannot_be_done_is_said() -> None:
    with pytest.raises(SheetsimError, match="no method 'newton'"):
        refused(method="newton")
    with pytest.raises(SheetsimError, match="bounds only"):
        refused(function=in_the_disc, start=np.zeros(2), method="adam")
    with pytest.raises(SheetsimError, match="exclude each other"):
        refused(lower=np.ones(2), upper=np.zeros(2))
    with pytest.raises(SheetsimError, match="no number at the start"):
        refused(function=lambda x: Evaluation(np.nan, np.zeros(2)))
