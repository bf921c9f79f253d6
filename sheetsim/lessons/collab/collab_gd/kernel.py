"""`collab_gd`, told by CUDA kernels: see kernel.cu."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.gpu.machine import Buffer
from sheetsim.lessons.collab import DISCARDED
from sheetsim.lessons.collab.collab_gd import SPREAD, STARTS
from sheetsim.lessons.kit.lesson import Inputs

Array = NDArray[np.float64]
SOURCE = Path(__file__).with_name("kernel.cu")
ENTRIES = (
    *("draw_numbers", "choose_split", "average_ratings", "start_weights", "predict_ratings"),
    *("find_steps", "make_step", "sum_up", "clear_panels", "rank_values"),
)
NUMBER = np.dtype(np.float64).itemsize


def part(buffer: Buffer, first: int) -> Buffer:
    """The memory from its number `first` on."""
    return replace(buffer, address=buffer.address + first * NUMBER)


def compute(inputs: Inputs, device: str | None = None) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    kernels = Kernels(SOURCE, ENTRIES, device)
    ratings = np.asarray(inputs["ratings"], np.float64)
    (n, m), most, epochs = ratings.shape, int(inputs["most_factors"]), int(inputs["epochs"])
    lr, momentum, decay = (float(inputs[name]) for name in ("lr", "momentum", "weight_decay"))
    low, high = SPREAD.get(STARTS[int(inputs["start"])], (0.0, 0.0))
    shape, size = (n, m, most), (1 + most + n) * (1 + most + m)

    given, draws = kernels.upload(ratings), kernels.empty((DISCARDED + n * m + (n + m) * most, 2))
    split, means, counts = kernels.empty((n, m)), kernels.empty((1 + n + m,)), kernels.empty((2,))
    kernels.launch("draw_numbers", draws.shape[0], draws, draws.shape[0], int(inputs["split_seed"]))
    useful = part(draws, 2 * DISCARDED)
    kernels.launch("choose_split", n * m, given, useful, split, n * m, float(inputs["test_share"]))
    kernels.launch("average_ratings", 1 + n + m, given, split, means, counts, n, m)

    model, slopes, steps = (kernels.empty((epochs + 1, 1 + most + n, 1 + most + m)) for _ in range(3))
    loss = kernels.empty((epochs + 1, 2))
    for panels in (slopes, steps):
        kernels.launch("clear_panels", size * (epochs + 1), panels, size * (epochs + 1))
    factors = min(int(inputs["factors"]), most)
    kernels.launch("start_weights", size, model, part(useful, 2 * n * m), *shape, factors, low, high)
    for epoch in range(epochs + 1):
        now = [part(panels, epoch * size) for panels in (model, slopes, steps)]
        last = part(steps, (epoch - 1) * size) if epoch else None
        kernels.launch("predict_ratings", n * m, given, split, means, *now, *shape)
        kernels.launch("find_steps", (n + m) * (1 + most), *now, last, counts, *shape, momentum, decay)
        if epoch < epochs:
            kernels.launch("make_step", size, now[0], now[2], part(model, (epoch + 1) * size), *shape, lr)
    kernels.launch("sum_up", epochs + 1, model, slopes, steps, loss, means, counts, epochs, *shape, lr)
    kernels.machine.synchronize()

    ends = part(model, epochs * size)
    ranks = [kernels.empty((count,)) for count in (m, n)]
    kernels.launch("rank_values", m, part(ends, 1 + most), ranks[0], m, 1)
    kernels.launch("rank_values", n, part(ends, (1 + most) * (1 + most + m)), ranks[1], n, 1 + most + m)
    names = ("draws", "split", "model", "slopes", "steps", "loss")
    buffers = (draws, split, model, slopes, steps, loss, means, counts, *ranks)
    *found, mean, count, movie_rank, user_rank = (kernels.download(buffer) for buffer in buffers)
    blocks = dict(zip(names, found, strict=True))
    tables = _tables(inputs, blocks["model"][-1], most, mean, movie_rank, user_rank)
    blocks["facts"] = _facts([*count, mean[0], low, high], blocks["loss"])
    return blocks | tables | {name: _stacked(blocks[name]) for name in ("model", "slopes", "steps")}


def _stacked(panels: Array) -> Array:
    """Panels below one another, a blank row between them."""
    gaps = np.full((len(panels), 1, panels.shape[2]), np.nan)
    return np.concatenate([panels, gaps], 1).reshape(-1, panels.shape[2])[:-1]


def _facts(first: list[float], loss: Array) -> Array:
    test = loss[:, 1]
    best = int(test.argmin())
    lowest = [test[best], best] if np.isfinite(test).all() else [np.nan, np.nan]
    return np.array([*first, *loss[-1], *lowest])[:, None]


def _tables(
    inputs: Inputs, end: Array, most: int, mean: Array, movie_rank: Array, user_rank: Array
) -> dict[str, Array]:
    """Biases and factors at the end, each beside its mean rating, then by rank; `mean` are those of all, of
    the users, of the movies."""
    n = len(user_rank)
    users, movies = mean[1 : 1 + n], mean[1 + n :]
    user_bias, movie_bias = end[1 + most :, 0], end[0, 1 + most :]
    axes = [int(inputs[name]) for name in ("x_factor", "y_factor")]
    shown = [end[axis, 1 + most :] if axis <= most else np.full(len(movies), np.nan) for axis in axes]
    ids = np.asarray(inputs["user"], np.float64)
    return {
        "movie_mean": movies[None],
        "user_mean": users[:, None],
        "movie_table": np.column_stack([movie_bias, movies, movie_rank, *shown]),
        "movie_order": _ranked(movie_rank, np.column_stack([movie_bias, movies])),
        "user_table": np.column_stack([user_bias, users, user_rank]),
        "user_order": _ranked(user_rank, np.column_stack([ids, user_bias, users])),
    }


def _ranked(rank: Array, table: Array) -> Array:
    """The table by rank; nothing where there are no ranks."""
    return np.where(np.isnan(rank).any(), np.nan, table[np.argsort(rank)])
