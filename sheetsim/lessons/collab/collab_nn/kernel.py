"""`collab_nn`, told by CUDA kernels: see kernel.cu."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.gpu.machine import Buffer
from sheetsim.lessons.collab import DISCARDED
from sheetsim.lessons.collab.collab_nn import refuse_strangers
from sheetsim.lessons.kit.lesson import Inputs

Array = NDArray[np.float64]
SOURCE = Path(__file__).with_name("kernel.cu")
ENTRIES = (
    *("draw_numbers", "start_weights", "find_places", "pass_batch", "move_weights"),
    *("split_layer", "guess_ratings"),
)
SIZES = ("users", "movies", "user_factors", "movie_factors", "hidden")


def part(buffer: Buffer, row: int) -> Buffer:
    """The memory from a row (an index of the first axis) on."""
    size = int(np.prod(buffer.shape[1:])) * buffer.dtype.itemsize
    return replace(buffer, address=buffer.address + row * size)


def compute(inputs: Inputs, device: str | None = None) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    refuse_strangers(inputs)
    kernels = Kernels(SOURCE, ENTRIES, device)
    n, m, ku, km, h = (int(inputs[name]) for name in SIZES)
    epochs, batch = int(inputs["epochs"]), int(inputs["batch"])
    lr, decay, low, high = (float(inputs[name]) for name in ("lr", "weight_decay", "y_low", "y_high"))
    rating = np.asarray(inputs["rating"], np.float64)
    batches, wide = len(rating) // batch, ku + km
    steps = epochs * batches
    shapes = {"user_emb": (n, ku), "movie_emb": (m, km), "layer1": (h, wide + 1), "layer2": (1, h + 1)}
    count = sum(rows * columns for rows, columns in shapes.values())

    sizes = kernels.upload(np.array([n, m, ku, km, h], np.int64))
    draws = kernels.empty((DISCARDED + count, 2))
    kernels.launch("draw_numbers", DISCARDED + count, draws, DISCARDED + count, int(inputs["start_seed"]))
    weights, slopes = kernels.empty((steps + 1, count)), kernels.empty((steps, count))
    useful = part(draws, DISCARDED)
    kernels.launch("start_weights", count, sizes, useful, weights, float(inputs["spread"]))
    users, movies = (
        _search(kernels, np.asarray(inputs[wanted], np.float64), np.asarray(inputs[ids], np.float64))
        for wanted, ids in (("rated_by", "user"), ("rated", "movie"))
    )
    given = kernels.upload(rating)
    columns = {"x": wide, "before": h, "after": h, "out": 4, "after_slope": h, "x_slope": wide}
    rows = {name: kernels.empty((steps, batch, width)) for name, width in columns.items()}
    for step in range(steps):
        first = step % batches * batch
        lists = [part(users, first), part(movies, first)]
        now, (x, *others) = part(weights, step), [part(buffer, step) for buffer in rows.values()]
        target = part(given, first)
        kernels.launch("pass_batch", batch, sizes, now, *lists, target, x, *others, batch, low, high)
        _, after, out, *back = others
        results = part(slopes, step), part(weights, step + 1)
        kernels.launch(
            "move_weights", count, sizes, now, *lists, x, after, out, *back, *results, batch, lr, decay
        )
    of_user, of_movie = kernels.empty((n, h)), kernels.empty((h, m))
    guess, last = kernels.empty((n, m)), part(weights, steps)
    kernels.launch("split_layer", (n + m) * h, sizes, last, of_user, of_movie)
    kernels.launch("guess_ratings", n * m, sizes, last, of_user, of_movie, guess, low, high)
    kernels.machine.synchronize()

    user, movie = (kernels.download(one) for one in (users, movies))
    guesses = kernels.download(guess)
    end = guesses[user - 1, movie - 1]
    done = {name: kernels.download(buffer) for name, buffer in rows.items()}
    taken = np.arange(batches * batch).reshape(batches, batch)
    batch_rows = np.stack([user[taken], movie[taken], rating[taken]], 2)
    done["looked_up"] = np.concatenate([batch_rows] * epochs)
    for table, ending in ((kernels.download(weights), ""), (kernels.download(slopes), "_slope")):
        place = 0
        for name, shape in shapes.items():
            size = shape[0] * shape[1]
            done[name + ending] = table[:, place : place + size].reshape(-1, *shape)
            place += size
    losses = np.array([_rmse(out[:, 2]) for out in done["out"]])
    errors, trained = end - rating, batches * batch
    facts = [batches, steps, _rmse(errors[:trained]), _rmse(errors[trained:]), count]
    pitch = 1 + max(batch, n, m, h)
    return {
        "facts": np.array(facts, np.float64)[:, None],
        "places": np.column_stack([user, movie]).astype(np.float64),
        "end": np.column_stack([end, errors]),
        **{name: _stacked(cells, pitch) for name, cells in done.items()},
        "loss": np.column_stack([losses, _of_last(losses, batches)]),
        "movie_part": kernels.download(of_movie),
        "user_part": kernels.download(of_user),
        "guess": guesses,
        "draws": kernels.download(draws),
    }


def _search(kernels: Kernels, wanted: Array, ids: Array) -> Buffer:
    places = kernels.empty(wanted.shape, np.int64)
    kernels.launch("find_places", len(wanted), wanted, len(wanted), ids, len(ids), places)
    return places


def _rmse(errors: Array) -> float:
    """Squares added from the first on; NaN of nothing."""
    total = 0.0
    for error in errors.tolist():
        total += error * error
    return float(np.sqrt(total / len(errors))) if len(errors) else float("nan")


def _of_last(losses: Array, batches: int) -> Array:
    """Over the last epoch's batches; nothing before its end."""
    found = [_rmse(losses[end - batches : end]) for end in range(batches, len(losses) + 1)]
    return np.array([*[np.nan] * (batches - 1), *found])


def _stacked(cells: Array, pitch: int) -> Array:
    """Step below step, blank between."""
    steps, rows, columns = cells.shape
    whole = np.full((steps, pitch, columns), np.nan)
    whole[:, :rows] = cells
    return whole.reshape(-1, columns)[: (steps - 1) * pitch + rows]
