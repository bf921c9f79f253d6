"""`ema` in NumPy. A part is told where its inputs are: each of the course's sheets has one of them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.averages.ema import SIZE, SPAN, WINDOW
from sheetsim.lessons.kit.lesson import Inputs

Array = NDArray[np.float64]
Blocks = dict[str, Array]
MAX_REPEATED = 64


def power(base: float, exponent: Array) -> Array:
    """base^exponent, whole exponents by repeated multiplication."""
    found = np.power(np.full(exponent.shape, base), exponent)
    for place, times in enumerate(exponent):
        if times == int(times) and 0 <= times <= MAX_REPEATED:
            found[place] = 1.0
            for _ in range(int(times)):
                found[place] *= base
    return found


def carried(step: Callable[[float, float], float], start: float, values: Array) -> Array:
    """What each step makes of the result so far and the next value."""
    found = np.empty(len(values))
    for place, value in enumerate(values):
        found[place] = start = step(start, value)
    return found


def rows_total(x: Array) -> Array:
    """The sum of each row, from the first number to the last."""
    return np.asarray(np.cumsum(x, axis=1)[:, -1])


def backwards(values: Array, span: int) -> Array:
    """The last `span` values at each place that has so many, [places, span]."""
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(values, span))


def var_p(x: Array) -> Array:
    """VAR.P of each row, as Excel has it: from the sum of squares and the square of the sum."""
    n, total = x.shape[1], rows_total(x)
    return (n * rows_total(x * x) - total * total) / (n * n)


def average(inputs: Inputs) -> Blocks:
    """The first sheet."""
    beta, share, start, beta2 = (float(inputs[key]) for key in ("beta", "share", "start", "beta2"))
    batch, val = np.asarray(inputs["batch"]), np.asarray(inputs["val"])
    ema = carried(lambda held, value: held * beta + value * share, start, val)
    correction = 1 - power(beta, batch)
    with np.errstate(all="ignore"):
        corrected = ema / correction
    weights = share * power(beta, batch[-1] - batch)
    return {
        "average": np.column_stack([ema, correction, corrected]),
        "correction": (share + correction[:-1] * beta)[:, None],
        "window": (rows_total(backwards(val, WINDOW)) / WINDOW)[:, None],
        "left": power(beta2, np.array([float(inputs["steps"])]))[:, None],
        "lerp": carried(lambda held, value: held + share * (value - held), start, val)[:, None],
        "weights": weights[:, None],
        "by_weights": rows_total((weights * val)[None])[:, None] + start * power(beta, batch[-1:])[:, None],
    }


def variance(inputs: Inputs) -> Blocks:
    """The second sheet."""
    decay, x = float(inputs["decay"]), np.asarray(inputs["values"])
    rest = 1 - decay
    squares = x * x

    def moving(values: Array) -> Array:
        rows = carried(lambda held, value: held * decay + value * rest, values[0], values[1:])
        return np.concatenate([values[:1], rows])

    ma, msq = moving(x), moving(squares)
    delta = x[1:] - ma[:-1]
    start = var_p(x[None, :2])
    emv = carried(lambda held, d: decay * (held + d * d * rest), start[0], delta[1:])
    ma2 = ma[:-1] + delta * rest
    return {
        "rest": np.array([[rest]]),
        "first": np.array([[x[0], squares[0], squares[0]]]),
        "moving": np.column_stack([ma[1:], squares[1:], msq[1:], delta, ma2]),
        "emv_start": start[:, None],
        "emv": emv[:, None],
        "span_var": var_p(backwards(x, SPAN))[:, None],
        "by_squares": (msq[1:] - ma[1:] * ma[1:])[:, None],
    }


def batchnorm(inputs: Inputs) -> Blocks:
    """The third sheet."""
    momentum, x = float(inputs["momentum"]), np.asarray(inputs["sample"])
    mean, var, mean_sq, count = (np.asarray(inputs[key]) for key in ("mean", "var", "mean_sq", "count"))
    keep = 1 - momentum

    def running(values: Array) -> Array:
        rows = carried(lambda held, value: held + (value - held) * momentum, values[0], values[1:])
        return np.concatenate([values[:1], rows])

    bn = carried(lambda held, value: held * keep + momentum * value, var[0], var[1:])
    s, ss = count * mean, count * mean_sq
    mc, ms, mss = running(count), running(s), running(ss)
    with np.errstate(all="ignore"):
        ma = ms / mc
        sums = np.column_stack([mc, s, ms, ma, running(mean), ss, mss, mss / mc - ma * ma])
    batches, squares = x.reshape(-1, SIZE), (x * x).reshape(-1, SIZE)
    pivot = [rows_total(batches) / SIZE, var_p(batches), rows_total(squares) / SIZE]
    everything = [rows_total(x[None]) / len(x), var_p(x[None]), rows_total((x * x)[None]) / len(x)]
    unbiased = var * SIZE / (SIZE - 1)
    running_mean = carried(lambda held, value: held * keep + momentum * value, 0.0, mean)
    running_var = carried(lambda held, value: held * keep + momentum * value, 1.0, unbiased)
    return {
        "group": np.ceil(np.arange(1, len(x) + 1) / 10)[:, None],
        "squares": (x * x)[:, None],
        "keep": np.array([[keep]]),
        "bn_start": var[:1, None],
        "bn": bn[:, None],
        "sums_start": sums[:1],
        "sums": sums[1:],
        "pivot": np.column_stack(pivot),
        "pivot_total": np.column_stack(everything),
        "torch_bn": np.column_stack([unbiased, running_mean, running_var]),
    }


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    found: Blocks = {}
    if "val" in inputs:
        found |= average(inputs)
    if "values" in inputs:
        found |= variance(inputs)
    if "sample" in inputs:
        found |= batchnorm(inputs)
    return found
