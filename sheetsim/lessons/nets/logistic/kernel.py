"""`logistic`, told by CUDA kernels: see kernel.cu and ../nets/dense.cuh."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.gpu.machine import Buffer
from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.nets.logistic import WEIGHT0, LogisticPlaces, labels_of

SOURCE = Path(__file__).with_name("kernel.cu")
ENTRIES = ("linear", "weight_grad", "sgd", "softmax_loss", "mean")
Array = NDArray[np.float64]


class LayerKernels:
    """The layer's kernels, with the sizes of one lesson."""

    def __init__(self, place: LogisticPlaces, device: str | None) -> None:
        self.place, self.kernels = place, Kernels(SOURCE, ENTRIES, device)

    def forward(self, x: Array | Buffer, labels: Array, weight: Buffer) -> dict[str, Buffer]:
        """Logits, softmax, loss, right and slopes of some pictures."""
        count, classes, empty = len(labels), self.place.classes, self.kernels.empty
        found = {name: empty((count, classes)) for name in ("logits", "p", "delta")}
        found |= {name: empty((count, 1)) for name in ("loss", "right")}
        sizes = count, classes, self.place.pixels
        self.kernels.launch("linear", count * classes, x, weight, found["logits"], *sizes)
        results = (found[name] for name in ("p", "loss", "right", "delta"))
        self.kernels.launch("softmax_loss", count, found["logits"], labels, *results, count, classes)
        return found

    def mean(self, values: Array) -> Array:
        """The mean of each row."""
        out = self.kernels.empty((len(values), 1))
        self.kernels.launch("mean", len(values), values, out, *values.shape)
        return self.kernels.download(out)


def compute(inputs: Inputs, device: str | None = None) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    place = LogisticPlaces(
        {name: float(inputs[name]) for name in ("classes", "size", "batch", "batches", "epochs", "valid")}
    )
    net = LayerKernels(place, device)
    kernels, pixels, classes = net.kernels, place.pixels, place.classes
    train_x, valid_x, start = (
        np.asarray(inputs[name], np.float64) for name in ("train_x", "valid_x", WEIGHT0)
    )
    train_y, valid_y = (labels_of(inputs, name).astype(np.float64) for name in ("train_y", "valid_y"))
    constants = float(inputs["lr"]), float(inputs["weight_decay"])
    weight, found = kernels.upload(start), {}
    losses, hits = np.empty((place.steps, place.batch)), np.empty((place.steps, place.batch))
    epochs = []
    for step in range(1, place.steps + 1):
        first = (step - 1) % place.batches * place.batch
        rows = slice(first, first + place.batch)
        x = kernels.upload(train_x[rows])
        told = net.forward(x, train_y[rows], weight)
        grad, stepped = kernels.empty(start.shape), kernels.empty(start.shape)
        kernels.launch("weight_grad", start.size, told["delta"], x, grad, place.batch, classes, pixels)
        kernels.launch("sgd", start.size, weight, grad, stepped, start.size, *constants)
        weight, cells = stepped, {name: kernels.download(buffer) for name, buffer in told.items()}
        found[f"step{step}.forward"] = np.hstack(
            [cells[name] for name in ("logits", "p", "loss", "right", "delta")]
        )
        found[f"step{step}.grad"] = kernels.download(grad)
        found[f"step{step + 1}.weight"] = kernels.download(weight)
        losses[step - 1], hits[step - 1] = cells["loss"][:, 0], cells["right"][:, 0]
        if step % place.batches == 0:
            told = net.forward(valid_x, valid_y, weight)
            cells = {name: kernels.download(buffer) for name, buffer in told.items()}
            found[f"valid{step // place.batches}"] = np.hstack(
                [cells[name] for name in ("logits", "loss", "right")]
            )
            seen = (rows[step - place.batches : step].reshape(1, -1) for rows in (losses, hits))
            train_loss, train_right = seen
            columns = train_loss, cells["loss"].T, train_right, cells["right"].T
            epochs.append(np.hstack([net.mean(np.ascontiguousarray(column)) for column in columns]))
    found["summary"] = np.concatenate(epochs)
    found["summary.steps"] = net.mean(losses)
    return found
