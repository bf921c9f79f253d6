"""`collab_nn` in NumPy. Sums run in the order of the sheet's cells, one term after another."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.collab import DISCARDED
from sheetsim.lessons.collab.collab_nn import refuse_strangers
from sheetsim.lessons.kit.lesson import Inputs

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


def in_order(terms: Iterable[Array]) -> Array:
    """The sum of the terms, from the first on."""
    total: Array | float = 0.0
    for term in terms:
        total = total + term
    return np.asarray(total)


def draw(seed: int, count: int) -> Array:
    """States and uniform numbers of Park and Miller's generator."""
    states = np.empty(count)
    for place in range(count):
        seed = 16807 * seed % 2147483647
        states[place] = seed
    return np.column_stack([states, states / 2147483647])


def places(wanted: Array, ids: Array) -> Integers:
    """Where each id stands, from 1."""
    return (wanted[:, None] == ids).argmax(1) + 1


def rmse(errors: Array) -> float:
    """NaN of nothing."""
    return float(np.sqrt(np.add.accumulate(errors**2)[-1] / len(errors))) if len(errors) else float("nan")


def collected(slopes: Array, place: Integers, count: int) -> Array:
    """For each of `count` rows of an embedding the sum of the slopes of those that looked it up."""
    total = np.zeros((count, slopes.shape[1]))
    for row, slope in zip(place, slopes, strict=True):
        total[row - 1] += slope
    return total


class NetWeights:
    """The four arrays of weights, layers with the bias in the last column."""

    def __init__(self, uniform: Array, shapes: list[tuple[int, int]], spread: float) -> None:
        self.arrays: list[Array] = []
        for place, shape in enumerate(shapes):
            size = shape[0] * shape[1]
            drawn, uniform = 2 * uniform[:size].reshape(shape) - 1, uniform[size:]
            self.arrays.append(spread * drawn if place < 2 else drawn / np.sqrt(shape[1] - 1))

    def forward(self, user: Integers, movie: Integers) -> tuple[Array, Array, Array, Array]:
        """What is looked up, layer 1 before and after ReLU, and the output before the sigmoid."""
        users, movies, layer1, layer2 = self.arrays
        x = np.hstack([users[user - 1], movies[movie - 1]])
        before = in_order(x[:, k, None] * layer1[:, k] for k in range(x.shape[1])) + layer1[:, -1]
        after = np.maximum(0, before)
        z = in_order(after[:, k] * layer2[0, k] for k in range(after.shape[1])) + layer2[0, -1]
        return x, before, after, z

    def backward(self, x: Array, before: Array, after: Array, dz: Array) -> tuple[Array, Array, list[Array]]:
        """Slopes of layer 1 and of x, gradients of both layers."""
        _, _, layer1, layer2 = self.arrays
        slope1 = np.where(before > 0, dz[:, None] * layer2[0, :-1], 0)
        slope_x = in_order(slope1[:, h, None] * layer1[h, :-1] for h in range(slope1.shape[1]))
        joined = np.column_stack([x, np.ones(len(x))])
        grad1 = in_order(slope1[row, :, None] * joined[row] for row in range(len(x)))
        joined = np.column_stack([after, np.ones(len(x))])
        grad2 = in_order(dz[row] * joined[row] for row in range(len(x)))
        return slope1, slope_x, [grad1, grad2[None]]


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    refuse_strangers(inputs)
    names = ("users", "movies", "epochs", "batch", "user_factors", "movie_factors", "hidden")
    n, m, epochs, size, ku, km, h = (int(inputs[name]) for name in names)
    lr, decay, low, high = (float(inputs[name]) for name in ("lr", "weight_decay", "y_low", "y_high"))
    rating, by, rated, users, movies = (
        np.asarray(inputs[name], np.float64) for name in ("rating", "rated_by", "rated", "user", "movie")
    )
    user, movie = places(by, users), places(rated, movies)
    shapes = [(n, ku), (m, km), (h, ku + km + 1), (1, h + 1)]
    count = sum(rows * columns for rows, columns in shapes)
    draws = draw(int(inputs["start_seed"]), DISCARDED + count)
    net = NetWeights(draws[DISCARDED:, 1], shapes, float(inputs["spread"]))
    layers = ("user_emb", "movie_emb", "layer1", "layer2")
    stacks: dict[str, list[Array]] = {}
    batches = len(rating) // size

    def put(blocks: dict[str, Array]) -> None:
        for name, cells in blocks.items():
            stacks.setdefault(name, []).append(cells)

    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(epochs * batches):
            rows = slice(step % batches * size, (step % batches + 1) * size)
            put(dict(zip(layers, net.arrays, strict=True)))
            x, before, after, z = net.forward(user[rows], movie[rows])
            pred = low + (high - low) / (1 + np.exp(np.minimum(700, -z)))
            error = pred - rating[rows]
            dz = 2 / size * error * (pred - low) * (high - pred) / (high - low)
            slope1, slope_x, grads = net.backward(x, before, after, dz)
            grads = [
                collected(slope_x[:, :ku], user[rows], n),
                collected(slope_x[:, ku:], movie[rows], m),
                *grads,
            ]
            put({"looked_up": np.column_stack([user[rows], movie[rows], rating[rows]])})
            put({"x": x, "before": before, "after": after})
            put({"out": np.column_stack([z, pred, error, dz])})
            put({"after_slope": slope1, "x_slope": slope_x})
            put({f"{layer}_slope": grad for layer, grad in zip(layers, grads, strict=True)})
            net.arrays = [
                weight - lr * (grad + decay * weight) for weight, grad in zip(net.arrays, grads, strict=True)
            ]
        put(dict(zip(layers, net.arrays, strict=True)))
        found = _found(net, low, high, (n, m))
    guess = found["guess"][user - 1, movie - 1]
    errors = guess - rating
    trained = batches * size
    losses = np.array([rmse(out[:, 2]) for out in stacks["out"]])
    pitch = 1 + max(size, n, m, h)
    facts = [batches, epochs * batches, rmse(errors[:trained]), rmse(errors[trained:]), count]
    return {
        "facts": np.array(facts, np.float64)[:, None],
        "places": np.column_stack([user, movie]).astype(np.float64),
        "end": np.column_stack([guess, errors]),
        **{name: stacked(cells, pitch) for name, cells in stacks.items()},
        "loss": np.column_stack([losses, of_last(losses, batches)]),
        **found,
        "draws": draws,
    }


def stacked(cells: list[Array], pitch: int) -> Array:
    """Step below step, blank between."""
    rows, columns = cells[0].shape
    whole = np.full((len(cells), pitch, columns), np.nan)
    whole[:, :rows] = cells
    return whole.reshape(-1, columns)[: (len(cells) - 1) * pitch + rows]


def of_last(losses: Array, batches: int) -> Array:
    """The root of the mean square over the last epoch's batches; nothing before its end."""
    found = np.full(len(losses), np.nan)
    for end in range(batches, len(losses) + 1):
        found[end - 1] = np.sqrt(np.add.accumulate(losses[end - batches : end] ** 2)[-1] / batches)
    return found


def _found(net: NetWeights, low: float, high: float, shape: tuple[int, int]) -> dict[str, Array]:
    """Guesses for all: layer 1 is a sum of what the user brings and what the movie brings."""
    users, movies, layer1, layer2 = net.arrays
    ku, km = users.shape[1], movies.shape[1]
    of_user = in_order(users[:, k, None] * layer1[:, k] for k in range(ku)) + layer1[:, -1]
    of_movie = in_order(movies[:, k] * layer1[:, ku + k, None] for k in range(km))
    units = (
        np.maximum(0, of_user[:, h, None] + of_movie[h]) * layer2[0, h] for h in range(layer2.shape[1] - 1)
    )
    z = in_order(units) + layer2[0, -1]
    return {
        "movie_part": of_movie,
        "user_part": of_user,
        "guess": low + (high - low) / (1 + np.exp(np.minimum(700, -z))),
    }
