"""`lr_finder` in NumPy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.schedules.lr_finder import COLUMNS, LAST_SKIPPED

Array = NDArray[np.float64]


@np.errstate(all="ignore")
def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    x, y = (np.asarray(inputs[name], np.float64) for name in ("x", "y"))
    names = ("start_lr", "end_lr", "beta", "stop", "b", "a")
    start_lr, end_lr, beta, stop, b, a = (np.float64(inputs[name]) for name in names)
    count = int(inputs["steps"])
    lr = start_lr * (end_lr / start_lr) ** (np.arange(count) / count)
    corrections = corrected(beta, count)
    average, best, running = np.float64(0), np.float64(np.inf), np.float64(1)
    rows = []
    for t in range(count):
        error = b + a * x - y
        loss = np.cumsum(error * error)[-1] / len(x)
        point = t % len(x)
        g_b = 2 * (a * x[point] + b - y[point])
        g_a = g_b * x[point]
        average = beta * average + (1 - beta) * loss
        smooth = average / corrections[t]
        best = np.minimum(best, smooth) if np.isfinite(smooth) else np.float64(np.nan)
        new_b, new_a = (b - lr[t] * g_b, a - lr[t] * g_a) if running else (b, a)
        if np.isnan(running):
            new_b = new_a = np.float64(np.nan)
        rows.append([lr[t], b, a, loss, g_b, g_a, average, smooth, best, running, new_b, new_a])
        known = np.isfinite([running, smooth, stop * best]).all()  # else an error, as AND gives it on
        running = np.float64(running == 1 and smooth <= stop * best) if known else np.float64(np.nan)
        b, a = new_b, new_a
    table = np.array(rows)
    found = {
        name: table[:, left - 3 : left - 3 + len(headings)]
        for name, (left, headings, _) in COLUMNS.items()
        if left < 3 + table.shape[1]
    }
    if np.isnan(found["running"]).any():  # how many steps were taken is an error, and all that looks at it
        nothing = np.full((count, 1), np.nan)
        return found | {"slope": nothing, "looked": nothing, "suggestion": np.full((3, 2), np.nan)}
    smooth_loss = found["smooth"][:, 1]
    last = int(found["running"].sum()) - LAST_SKIPPED  # the first that is not looked at
    looked = window(smooth_loss, count // 10, last)
    ratio = np.diff(smooth_loss, append=np.nan) / np.diff(np.log(lr), append=np.nan)
    slope = window(ratio, count // 10, last - 1)
    steep, lowest = first_lowest(slope), first_lowest(looked)
    chosen = [
        [np.nan] * 2 if place < 0 else [lr[place], smooth_loss[place]] for place in (steep, lowest, lowest)
    ]
    chosen[2][0] /= 10
    return found | {"slope": slope[:, None], "looked": looked[:, None], "suggestion": np.array(chosen)}


def corrected(beta: np.float64, count: int) -> Array:
    """1 - beta^t for t = 1, 2, 3...: by repeated multiplication, as Excel, for large t by NumPy."""
    t = np.arange(1.0, count + 1)
    products = np.cumprod(np.full(count, beta))
    return 1 - np.where(t <= 64, products, np.power(beta, t))


def window(values: Array, first: int, last: int) -> Array:
    """The values from `first` up to, not with, `last`; NaN, an empty text, elsewhere."""
    place = np.arange(len(values))
    return np.where((place >= first) & (place < last), values, np.nan)


def first_lowest(values: Array) -> int:
    """Where the lowest number stands first; -1 without numbers."""
    return int(np.nanargmin(values)) if np.isfinite(values).any() else -1
