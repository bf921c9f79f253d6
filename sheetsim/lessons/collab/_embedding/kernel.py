"""What the kernels of the look-ups share on Python's side: see embedding.cuh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.gpu.machine import Buffer
from sheetsim.lessons.kit.lesson import Inputs

ENTRIES = ("find_places", "add_up", "predict", "root_mean")
SIDES = ("user", "movie")

Array = NDArray[np.float64]


def array(inputs: Inputs, name: str) -> Array:
    return np.ascontiguousarray(inputs[name], np.float64)


@dataclass(frozen=True)
class Vectors:
    """What an embedding gives. `uses`: which rows, as places or as one-hot rows; `cost`: multiplications,
    additions, bytes read, written and held; `blocks`: what it shows, by name."""

    uses: Buffer
    vector: Buffer
    cost: list[float]
    blocks: dict[str, Array]


def counted(kernels: Kernels, threads: int, launch: Callable[[Buffer], None]) -> list[float]:
    """What all threads of a launch together have done, as they count it themselves."""
    done, cost = kernels.empty((threads, 4)), kernels.empty((4,))
    launch(done)
    kernels.launch("add_up", 4, done, cost, threads)
    return [float(one) for one in kernels.download(cost)]


def places(kernels: Kernels, inputs: Inputs, side: str) -> Buffer:
    """For each rating the row of its user or movie, from 1."""
    wanted, ids = array(inputs, side).ravel(), array(inputs, f"{side}_id").ravel()
    place = kernels.empty((wanted.size, 1))
    kernels.launch("find_places", wanted.size, wanted, ids, place, wanted.size, ids.size)
    return place


def compute(
    kernels: Kernels, embed: Callable[[Kernels, Buffer, Array], Vectors], grad: str, inputs: Inputs
) -> dict[str, Array]:
    """All blocks of a lesson that embeds in its own way and has the slopes from the kernel `grad`."""
    tables = {side: array(inputs, f"{side}_factors") for side in SIDES}
    found: dict[str, Array] = {}
    made = {}
    for side, table in tables.items():
        made[side] = embed(kernels, places(kernels, inputs, side), table)
        found[f"{side}_number"] = np.arange(2.0, len(table) + 1)[:, None]
        found |= {f"{side}_{name}": block for name, block in made[side].blocks.items()}
    rating = array(inputs, "rating").ravel()
    count, factors = rating.size, tables["user"].shape[1]
    predict, squared, slope = (kernels.empty((count, 1)) for _ in range(3))
    rmse = kernels.empty((1, 1))
    vectors = [made[side].vector for side in SIDES]
    kernels.launch("predict", count, *vectors, rating, predict, squared, slope, count, factors)
    kernels.launch("root_mean", 1, squared, rmse, count)
    results = {"predict": predict, "squared_error": squared, "rmse": rmse, "predict_grad": slope}
    for side, other in zip(SIDES, reversed(SIDES), strict=True):
        results[f"{side}_grad"] = kernels.empty(tables[side].shape)
        sizes = (count, *tables[side].shape)
        uses = made[side].uses
        kernels.launch(
            grad, tables[side].size, uses, slope, made[other].vector, results[f"{side}_grad"], *sizes
        )
    costs = np.array([made[side].cost for side in SIDES]).T
    size = [[len(tables[side]) for side in SIDES], [count, count], [factors, factors]]
    found |= {"size": np.array(size, float), "cost": np.column_stack([costs, costs.sum(axis=1)])}
    return found | {name: kernels.download(buffer) for name, buffer in results.items()}
