"""`entity_embeddings`, told by CUDA kernels: see kernel.cu and ../nets/dense.cuh."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.gpu.machine import Buffer
from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.nets.entity_embeddings import NUMBERS, PARAMETERS, STARTS, EntityPlaces, places

SOURCE = Path(__file__).with_name("kernel.cu")
LAYERS = ("linear", "weight_grad", "input_grad", "sgd", "activate", "activation_grad", "mean_of")
ENTRIES = (*LAYERS, "join", "squared_error", "embedding_grad")
Array = NDArray[np.float64]


class EntityKernels:
    """The kernels with the sizes and the table of one lesson; layer 2's weights have their bias first."""

    def __init__(
        self, place: EntityPlaces, where: NDArray[np.int64], number: Array, device: str | None
    ) -> None:
        self.place, self.kernels = place, Kernels(SOURCE, ENTRIES, device)
        self.where = self.kernels.upload(np.ascontiguousarray(where))
        self.number = self.kernels.upload(np.ascontiguousarray(number))

    def forward(self, weights: dict[str, Buffer]) -> dict[str, Buffer]:
        """From the table to the predictions."""
        place, launch, empty = self.place, self.kernels.launch, self.kernels.empty
        count, hidden, inputs = place.all, place.hidden, place.inputs
        found = {"x": empty((count, inputs)), "z": empty((count, hidden)), "h": empty((count, hidden))}
        found["pred"] = empty((count, 1))
        tables = weights["day"], weights["stall"], self.number, self.where
        launch("join", count * inputs, *tables, found["x"], count, place.day, place.stall, len(NUMBERS))
        launch("linear", count * hidden, found["x"], weights["layer1"], found["z"], count, hidden, inputs)
        launch("activate", count * hidden, found["z"], found["h"], count * hidden, 0.0)
        launch("linear", count, found["h"], weights["layer2"], found["pred"], count, 1, hidden)
        return found

    def backward(
        self, told: dict[str, Buffer], dpred: Buffer, weights: dict[str, Buffer]
    ) -> dict[str, Buffer]:
        """Slopes dz and dx, and the gradient of each weight; only the first rows are trained on."""
        place, launch, empty = self.place, self.kernels.launch, self.kernels.empty
        rows, hidden, inputs = place.rows, place.hidden, place.inputs
        found = {"dz": empty((rows, hidden)), "dx": empty((rows, inputs))}
        found |= {which: empty(buffer.shape) for which, buffer in weights.items()}
        launch("input_grad", rows * hidden, dpred, weights["layer2"], found["dz"], rows, 1, hidden)
        launch("activation_grad", rows * hidden, told["z"], found["dz"], rows * hidden, 0.0)
        launch("input_grad", rows * inputs, found["dz"], weights["layer1"], found["dx"], rows, hidden, inputs)
        size = hidden * (1 + inputs)
        launch("weight_grad", size, found["dz"], told["x"], found["layer1"], rows, hidden, inputs)
        launch("weight_grad", 1 + hidden, dpred, told["h"], found["layer2"], rows, 1, hidden)
        for category, (which, first) in enumerate((("day", 0), ("stall", place.day))):
            lines, width = weights[which].shape
            sizes = rows, inputs, lines, width, first, category
            launch("embedding_grad", lines * width, found["dx"], self.where, found[which], *sizes)
        return found

    def mean(self, values: Array) -> float:
        out = self.kernels.empty((1,))
        self.kernels.launch("mean_of", 1, np.ascontiguousarray(values), out, len(values))
        return float(self.kernels.download(out)[0])


def compute(inputs: Inputs, device: str | None = None) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    place = EntityPlaces(
        {one.name: float(inputs[one.name]) for one in PARAMETERS if one.integer and one.name != "seed"}
    )
    where = places(inputs)
    number, sold = (np.asarray(inputs[name], np.float64) for name in ("number", "sold"))
    net = EntityKernels(place, where, number, device)
    kernels, constants = net.kernels, (float(inputs["lr"]), float(inputs["weight_decay"]))
    starts = [np.ascontiguousarray(np.asarray(inputs[name], np.float64)) for name in STARTS]
    starts[3] = np.roll(starts[3], 1, axis=1)
    weights = dict(zip(("day", "stall", "layer1", "layer2"), map(kernels.upload, starts), strict=True))
    found: dict[str, Array] = {"place": np.add(where, 1, dtype=np.float64)}
    summary = []
    for epoch in range(1, place.epochs + 1):
        told = net.forward(weights)
        loss, dpred = kernels.empty((place.all, 1)), kernels.empty((place.rows, 1))
        kernels.launch("squared_error", place.all, told["pred"], sold, loss, dpred, place.all, place.rows)
        grads = net.backward(told, dpred, weights)
        cells = {name: kernels.download(one) for name, one in {**told, "loss": loss, "dpred": dpred}.items()}
        slopes = [kernels.download(grads[one]) for one in ("dz", "dx")]
        name = f"epoch{epoch}"
        found |= {f"{name}.looked": cells["x"][:, : place.looked], f"{name}.hidden": cells["z"]}
        found[f"{name}.out"] = np.hstack([cells["h"], np.ones((place.all, 1)), cells["pred"], cells["loss"]])
        found[f"{name}.slopes"] = np.hstack([cells["dpred"], slopes[0], slopes[1][:, : place.looked]])
        for which, weight in list(weights.items()):
            shape = weight.shape
            stepped = kernels.empty(shape)
            count = shape[0] * shape[1]
            kernels.launch("sgd", count, weight, grads[which], stepped, count, *constants)
            weights[which] = stepped
            shown = [kernels.download(one) for one in (grads[which], stepped)]
            if which == "layer2":
                shown = [np.roll(one, -1, axis=1) for one in shown]
            found[f"{name}.grad_{which}"], found[f"epoch{epoch + 1}.{which}"] = shown
        parts = cells["loss"][: place.rows, 0], cells["loss"][place.rows :, 0]
        summary.append([net.mean(part) for part in parts])
    return found | {"summary": np.array(summary)}
