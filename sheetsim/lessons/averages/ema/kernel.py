"""`ema`, told by CUDA kernels: see kernel.cu. Elementwise steps between them are NumPy's."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.lessons.averages.ema import SIZE, SPAN, WINDOW
from sheetsim.lessons.kit.lesson import Inputs

SOURCE = Path(__file__).with_name("kernel.cu")
ENTRIES = ("average", "approach", "moving_variance", "powers", "statistics", "dot")

Array = NDArray[np.float64]
Blocks = dict[str, Array]


class Averages:
    """The kernels on a device, called with arrays."""

    def __init__(self, device: str | None) -> None:
        self.kernels = Kernels(SOURCE, ENTRIES, device)

    def each(self, kernel: str, values: Array, *constants: float, threads: int = 1) -> Array:
        """A kernel that makes one number of each value."""
        result = self.kernels.empty(values.shape)
        numbers = [float(one) for one in constants]
        self.kernels.launch(kernel, threads, np.array(values), result, len(values), *numbers)
        return self.kernels.download(result)

    def powers(self, base: float, exponents: Array) -> Array:
        return self.each("powers", exponents, base, threads=len(exponents))

    def statistics(self, values: Array, span: int, step: int) -> Array:
        """Mean, variance, mean square of each window, [windows, 3]."""
        rows = (len(values) - span) // step + 1
        result = self.kernels.empty((rows, 3))
        self.kernels.launch("statistics", rows, np.array(values), result, rows, span, step)
        return self.kernels.download(result)

    def after_first(self, values: Array, share: float) -> Array:
        """Steps towards each value; the first is the start."""
        return np.concatenate([values[:1], self.each("approach", values[1:], values[0], share)])

    def average(self, inputs: Inputs) -> Blocks:
        """The first sheet."""
        beta, share, start = (float(inputs[key]) for key in ("beta", "share", "start"))
        batch, val = (np.asarray(inputs[key], np.float64) for key in ("batch", "val"))
        ema = self.each("average", val, start, beta, share)
        correction = 1 - self.powers(beta, batch)
        weights = share * self.powers(beta, batch[-1] - batch)
        total = self.kernels.empty((1, 1))
        self.kernels.launch("dot", 1, weights, val, total, len(val))
        rest = start * self.powers(beta, batch[-1:])
        with np.errstate(all="ignore"):
            corrected = ema / correction
        return {
            "average": np.column_stack([ema, correction, corrected]),
            "correction": (share + correction[:-1] * beta)[:, None],
            "window": self.statistics(val, WINDOW, 1)[:, :1],
            "left": self.powers(float(inputs["beta2"]), np.array([float(inputs["steps"])]))[:, None],
            "lerp": self.each("approach", val, start, share)[:, None],
            "weights": weights[:, None],
            "by_weights": self.kernels.download(total) + rest,
        }

    def variance(self, inputs: Inputs) -> Blocks:
        """The second sheet."""
        decay, x = float(inputs["decay"]), np.asarray(inputs["values"], np.float64)
        rest, squares = 1 - decay, x * x
        ma, msq = (
            np.concatenate([one[:1], self.each("average", one[1:], one[0], decay, rest)])
            for one in (x, squares)
        )
        delta = x[1:] - ma[:-1]
        start = self.statistics(x[:2], 2, 1)[:, 1:2]
        emv = self.each("moving_variance", delta[1:], start[0, 0], decay, rest)
        return {
            "rest": np.array([[rest]]),
            "first": np.array([[x[0], squares[0], squares[0]]]),
            "moving": np.column_stack([ma[1:], squares[1:], msq[1:], delta, ma[:-1] + delta * rest]),
            "emv_start": start,
            "emv": emv[:, None],
            "span_var": self.statistics(x, SPAN, 1)[:, 1:2],
            "by_squares": (msq[1:] - ma[1:] * ma[1:])[:, None],
        }

    def batchnorm(self, inputs: Inputs) -> Blocks:
        """The third sheet."""
        momentum, x = float(inputs["momentum"]), np.asarray(inputs["sample"], np.float64)
        mean, var, mean_sq, count = (
            np.asarray(inputs[key], np.float64) for key in ("mean", "var", "mean_sq", "count")
        )
        keep = 1 - momentum
        s, ss = count * mean, count * mean_sq
        mc, ms, ma2, mss = (self.after_first(one, momentum) for one in (count, s, mean, ss))
        with np.errstate(all="ignore"):
            sums = np.column_stack([mc, s, ms, ms / mc, ma2, ss, mss, mss / mc - (ms / mc) * (ms / mc)])
        unbiased = var * SIZE / (SIZE - 1)
        running = [
            self.each("average", values, start, keep, momentum)
            for values, start in ((mean, 0.0), (unbiased, 1.0))
        ]
        return {
            "group": (1 + np.arange(len(x)) // SIZE)[:, None].astype(np.float64),
            "squares": (x * x)[:, None],
            "keep": np.array([[keep]]),
            "bn_start": var[:1, None],
            "bn": self.each("average", var[1:], var[0], keep, momentum)[:, None],
            "sums_start": sums[:1],
            "sums": sums[1:],
            "pivot": self.statistics(x, SIZE, SIZE),
            "pivot_total": self.statistics(x, len(x), len(x)),
            "torch_bn": np.column_stack([unbiased, *running]),
        }


def compute(inputs: Inputs, device: str | None = None) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    averages = Averages(device)
    found: Blocks = {}
    if "val" in inputs:
        found |= averages.average(inputs)
    if "values" in inputs:
        found |= averages.variance(inputs)
    if "sample" in inputs:
        found |= averages.batchnorm(inputs)
    return found
