"""`pca` in NumPy, sums strictly from left to right as Excel adds them up."""

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.kit.lesson import Inputs

Array = NDArray[np.float64]


def total(values: Array, axis: int = -1) -> Array:
    """The sum along an axis, one after another."""
    return np.asarray(np.cumsum(values, axis=axis).take(-1, axis=axis))


def sign(axis: Array) -> float:
    """1 or -1, so that the largest part becomes positive."""
    return 1.0 if axis.max() >= -axis.min() else -1.0


def power_iteration(matrix: Array, start: Array, steps: int) -> dict[str, Array]:
    """Every vector on the way to the matrix's main direction."""
    v = np.empty((steps + 1, len(matrix)))
    w = np.empty_like(v)
    length = np.empty((steps + 1, 1))
    v[0] = start / np.sqrt(total(start * start))
    for step in range(steps + 1):
        if step:
            v[step] = w[step - 1] / length[step - 1]
        w[step] = total(v[step][:, None] * matrix, axis=0)
        length[step] = np.sqrt(total(w[step] * w[step]))
    moved = np.sqrt(total((v[1:] - v[:-1]) ** 2))
    return {"start": v[:1], "v": v[1:], "w": w, "length": length, "moved": moved[:, None]}


def places_of(keys: Array) -> Array:
    """The place of each number, from 1 for the lowest; of equals the upper one comes first."""
    lower = (keys < keys[:, None]).sum(axis=1)
    before = np.tril(keys == keys[:, None]).sum(axis=1)
    return (lower + before).astype(np.float64)


def in_order(values: Array, places: Array) -> Array:
    """The values from the first place to the last; NaN for a place that none has."""
    found = np.full(len(values), np.nan)
    for place in range(len(values)):
        at = np.flatnonzero(places == place + 1)
        if len(at):
            found[place] = values[at[0]]
    return found


def components(factors: Array, start: Array, steps: int) -> dict[str, Array]:
    """The movies on three axes, and how these are found."""
    movies = len(factors)
    mean = total(factors, axis=0) / movies
    centred = factors - mean
    matrix = total(centred[:, :, None] * centred[:, None, :], axis=0) / (movies - 1)
    found = {"mean": mean[None, :], "centred": centred}
    axes, variance = [], []
    for n in (1, 2, 3):
        steps_of = power_iteration(matrix, start, steps)
        last, length = steps_of["v"][-1], steps_of["length"][-1, 0]
        axes.append(sign(last) * last)
        variance.append(length)
        found |= {f"matrix{n}": matrix, f"axis{n}": axes[-1][:, None]}
        found |= {f"{name}{n}": block for name, block in steps_of.items()}
        matrix = matrix - length * last[:, None] * last
    share = np.array(variance) / (total((centred * centred).ravel()) / (movies - 1))
    projected = [total(centred * axis) for axis in axes]
    return found | {
        "variance": np.array([variance]),
        "share": share[None, :],
        "so_far": np.cumsum(share)[None, :],
        "projected": np.column_stack(projected),
    }


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    factors, bias, start = (
        np.asarray(inputs[name], np.float64) for name in ("movie_factors", "movie_bias", "start")
    )
    titles = [str(title).casefold() for title in np.asarray(inputs["title"]).ravel()]
    wanted = str(np.asarray(inputs["chosen"]).ravel()[0]).casefold()
    place = titles.index(wanted) if wanted in titles else None
    with np.errstate(all="ignore"):
        found = components(factors, start[0], int(inputs["steps"]))
        one = factors[place] if place is not None else np.full(factors.shape[1], np.nan)
        lengths = np.sqrt(total(factors * factors)) * np.sqrt(total(one * one))
        distance = 1 - total(factors * one) / lengths
    by_bias = places_of(-bias)
    near = places_of(distance) if np.isfinite(distance).all() else np.full(len(bias), np.nan)
    return found | {
        "rank": by_bias[:, None],
        "by_bias": in_order(bias, by_bias)[:, None],
        "place": np.array([[np.nan if place is None else place + 1.0]]),
        "distance": distance[:, None],
        "near_rank": near[:, None],
        "by_distance": in_order(distance, near)[:, None],
    }
