"""`pca`, told by CUDA kernels: see kernel.cu."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.lessons.kit.lesson import Inputs

SOURCE = Path(__file__).with_name("kernel.cu")
ENTRIES = ("means", "centre", "covariance", "iterate", "deflate", "upright", "project", "distances", "ranks")
THREADS = 32  # of the one block that iterates

Array = NDArray[np.float64]
Blocks = dict[str, Array]


def components(kernels: Kernels, factors: Array, start: Array, steps: int) -> Blocks:
    """The movies on three axes, and how these are found."""
    movies, count = factors.shape
    mean, centred = kernels.empty((1, count)), kernels.empty(factors.shape)
    matrix = kernels.empty((count, count))
    kernels.launch("means", count, factors, mean, movies, count)
    kernels.launch("centre", factors.size, factors, mean, centred, movies, count)
    kernels.launch("covariance", count * count, centred, matrix, movies, count)
    found: Blocks = {"mean": kernels.download(mean), "centred": kernels.download(centred)}
    axes, variance = [], []
    for n in (1, 2, 3):
        v, w = kernels.empty((steps + 1, count)), kernels.empty((steps + 1, count))
        length, moved = kernels.empty((steps + 1, 1)), kernels.empty((steps + 1, 1))
        kernels.launch_blocks("iterate", 1, THREADS, matrix, start, v, w, length, moved, count, steps)
        vectors, lengths = kernels.download(v), kernels.download(length)
        last, axis = vectors[-1].copy(), kernels.empty((1, count))
        kernels.launch("upright", 1, last, axis, count)
        axes.append(kernels.download(axis))
        variance.append(lengths[-1, 0])
        found |= {f"matrix{n}": kernels.download(matrix), f"axis{n}": axes[-1].T}
        found |= {f"start{n}": vectors[:1], f"v{n}": vectors[1:], f"w{n}": kernels.download(w)}
        found |= {f"length{n}": lengths, f"moved{n}": kernels.download(moved)[1:]}
        rest = kernels.empty((count, count))
        kernels.launch("deflate", count * count, matrix, last, lengths[-1].copy(), rest, count)
        matrix = rest
    projected = kernels.empty((movies, len(axes)))
    kernels.launch(
        "project", movies * len(axes), centred, np.vstack(axes), projected, movies, count, len(axes)
    )
    square = np.cumsum(found["centred"].ravel() ** 2)[-1]
    share = np.array([variance]) / (square / (movies - 1))
    return found | {
        "variance": np.array([variance]),
        "share": share,
        "so_far": np.cumsum(share)[None, :],
        "projected": kernels.download(projected),
    }


def ranked(kernels: Kernels, values: Array, direction: float) -> tuple[Array, Array]:
    """Places and values in order; NaN where not all values are numbers."""
    if not np.isfinite(values).all():
        return np.full((len(values), 1), np.nan), np.full((len(values), 1), np.nan)
    place, order = kernels.empty((len(values), 1)), kernels.empty((len(values), 1))
    kernels.launch("ranks", len(values), values, place, order, len(values), direction)
    return kernels.download(place), kernels.download(order)


def compute(inputs: Inputs, device: str | None = None) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    kernels = Kernels(SOURCE, ENTRIES, device)
    factors, bias, start = (
        np.ascontiguousarray(inputs[name], np.float64) for name in ("movie_factors", "movie_bias", "start")
    )
    titles = [str(title).casefold() for title in np.asarray(inputs["title"]).flat]
    wanted = str(np.asarray(inputs["chosen"]).flat[0]).casefold()
    place, distance = np.nan, np.full(len(bias), np.nan)
    if wanted in titles:
        chosen = titles.index(wanted)
        buffer = kernels.empty((len(bias),))
        kernels.launch("distances", len(bias), factors, buffer, *factors.shape, chosen)
        place, distance = chosen + 1.0, kernels.download(buffer)
    rank, by_bias = ranked(kernels, bias, -1.0)
    near, by_distance = ranked(kernels, distance, 1.0)
    return components(kernels, factors, start[0].copy(), int(inputs["steps"])) | {
        "rank": rank,
        "by_bias": by_bias,
        "place": np.array([[place]]),
        "distance": distance[:, None],
        "near_rank": near,
        "by_distance": by_distance,
    }
