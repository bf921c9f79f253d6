"""`entity_embeddings` in NumPy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.nets._shared.arrays import (
    Array,
    activate,
    input_grad,
    linear,
    mean,
    sgd,
    total,
    weight_grad,
)
from sheetsim.lessons.nets.entity_embeddings import PARAMETERS, STARTS, EntityPlaces, places


def embedding_grad(slopes: Array, place: NDArray[np.int64], shape: tuple[int, ...]) -> Array:
    """The slopes of all rows that looked up the same line, added up."""
    looked_up = place[:, None] == np.arange(shape[0])
    return total(np.where(looked_up[:, :, None], slopes[:, None, :], 0), 0)


@np.errstate(all="ignore")
def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    place = EntityPlaces(
        {one.name: float(inputs[one.name]) for one in PARAMETERS if one.integer and one.name != "seed"}
    )
    lr, decay = float(inputs["lr"]), float(inputs["weight_decay"])
    number, sold = (np.asarray(inputs[name], np.float64) for name in ("number", "sold"))
    where, rows = places(inputs), slice(0, place.rows)
    weights = dict(
        zip(
            ("day", "stall", "layer1", "layer2"),
            (np.asarray(inputs[n], np.float64) for n in STARTS),
            strict=True,
        )
    )
    found: dict[str, Array] = {"place": np.add(where, 1, dtype=np.float64)}
    summary = []
    for epoch in range(1, place.epochs + 1):
        layer2 = np.roll(weights["layer2"], 1, axis=1)  # the bias first
        looked = np.hstack([weights["day"][where[:, 0]], weights["stall"][where[:, 1]]])
        x = np.hstack([looked, number])
        z = linear(x, weights["layer1"])
        h = activate(z, 0)
        pred = linear(h, layer2)[:, 0]
        loss = (pred - sold) * (pred - sold)
        dpred = (2 * (pred - sold)[rows] / place.rows)[:, None]
        dz = input_grad(dpred, layer2) * np.where(z[rows] > 0, 1, 0)
        dx = input_grad(dz, weights["layer1"])[:, : place.looked]
        grads = {
            "day": embedding_grad(dx[:, : place.day], where[rows, 0], weights["day"].shape),
            "stall": embedding_grad(dx[:, place.day :], where[rows, 1], weights["stall"].shape),
            "layer1": weight_grad(dz, x[rows]),
            "layer2": np.roll(weight_grad(dpred, h[rows]), -1, axis=1),
        }
        name = f"epoch{epoch}"
        found |= {f"{name}.looked": looked, f"{name}.hidden": z}
        found[f"{name}.out"] = np.column_stack([h, np.ones(place.all), pred, loss])
        found[f"{name}.slopes"] = np.hstack([dpred, dz, dx])
        for which, grad in grads.items():
            found[f"{name}.grad_{which}"] = grad
            weights[which] = sgd(weights[which], grad, lr, decay)
            found[f"epoch{epoch + 1}.{which}"] = weights[which]
        summary.append([mean(loss[rows]), mean(loss[place.rows :])])
    return found | {"summary": np.array(summary)}
