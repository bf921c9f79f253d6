"""`mlp`, told by CUDA kernels: see kernel.cu and ../nets/dense.cuh."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.gpu.machine import Buffer
from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.nets.mlp import GROUPS, LAYER1, LAYER2, MOST_GROUPS, MlpPlaces

SOURCE = Path(__file__).with_name("kernel.cu")
LAYERS = ("linear", "weight_grad", "input_grad", "sgd")
ENTRIES = (*LAYERS, "activate", "activation_grad", "sigmoid_loss", "one_layer", "mean_of", "slices")
Array = NDArray[np.float64]


class MlpKernels:
    """The kernels, with the sizes of one lesson. A layer's weights are a row a unit, the bias first."""

    def __init__(self, hidden: int, slope: float, device: str | None) -> None:
        self.kernels, self.hidden, self.slope = Kernels(SOURCE, ENTRIES, device), hidden, slope

    def linear(self, x: Buffer, layer: Buffer) -> Buffer:
        outputs, inputs = layer.shape[0], layer.shape[1] - 1
        out = self.kernels.empty((x.shape[0], outputs))
        self.kernels.launch("linear", out.shape[0] * outputs, x, layer, out, x.shape[0], outputs, inputs)
        return out

    def forward(self, x: Buffer, y: Array, layer1: Buffer, layer2: Buffer) -> dict[str, Buffer]:
        """From the points to the loss and its slope."""
        count = x.shape[0]
        found = {"z": self.linear(x, layer1), "h": self.kernels.empty((count, self.hidden))}
        self.kernels.launch(
            "activate", count * self.hidden, found["z"], found["h"], count * self.hidden, self.slope
        )
        found["logit"] = self.linear(found["h"], layer2)
        results = {name: self.kernels.empty((count, 1)) for name in ("p", "loss", "right", "delta")}
        self.kernels.launch("sigmoid_loss", count, found["logit"], y, *results.values(), count)
        return found | results

    def grad(self, delta: Buffer, x: Buffer, layer: Buffer) -> Buffer:
        """The gradient of a layer's weights."""
        outputs, inputs = layer.shape[0], layer.shape[1] - 1
        out = self.kernels.empty(layer.shape)
        threads = outputs * (1 + inputs)
        self.kernels.launch("weight_grad", threads, delta, x, out, x.shape[0], outputs, inputs)
        return out

    def back(self, delta: Buffer, z: Buffer, layer2: Buffer) -> Buffer:
        """The slopes of the hidden layer."""
        out, count = self.kernels.empty(z.shape), z.shape[0] * self.hidden
        self.kernels.launch("input_grad", count, delta, layer2, out, z.shape[0], 1, self.hidden)
        self.kernels.launch("activation_grad", count, z, out, count, self.slope)
        return out

    def step(self, layer: Buffer, grad: Buffer, lr: float, weight_decay: float) -> Buffer:
        out, count = self.kernels.empty(layer.shape), layer.shape[0] * layer.shape[1]
        self.kernels.launch("sgd", count, layer, grad, out, count, lr, weight_decay)
        return out

    def mean(self, values: Buffer) -> float:
        out = self.kernels.empty((1,))
        self.kernels.launch("mean_of", 1, values, out, values.shape[0])
        return float(self.kernels.download(out)[0])


def compute(inputs: Inputs, device: str | None = None) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    place = MlpPlaces({name: float(inputs[name]) for name in ("points", "valid", "hidden", "epochs")})
    names = ("train_x", "train_y", "valid_x", "valid_y", LAYER1, LAYER2)
    given = {name: np.ascontiguousarray(np.asarray(inputs[name], np.float64)) for name in names}
    net = MlpKernels(place.hidden, float(inputs["negative_slope"]), device)
    kernels, decay = net.kernels, float(inputs["weight_decay"])
    x, valid_x = kernels.upload(given["train_x"]), kernels.upload(given["valid_x"])
    layer1 = kernels.upload(np.ascontiguousarray(given[LAYER1].T))
    layer2 = kernels.upload(np.roll(given[LAYER2], 1, axis=1))
    rates = kernels.empty((MOST_GROUPS - 1, MOST_GROUPS))
    ends = float(inputs["lr_first"]), float(inputs["lr_last"])
    kernels.launch("slices", MOST_GROUPS - 1, rates, MOST_GROUPS - 1, MOST_GROUPS, *ends)
    found = {"slice": kernels.download(rates)}
    summary = []
    for epoch in range(1, place.epochs + 1):
        lr1, lr2 = found["slice"][GROUPS - 2, :GROUPS].tolist()
        frozen = epoch <= float(inputs["freeze_epochs"])
        lr1 = 0.0 if frozen else lr1
        told = net.forward(x, given["train_y"], layer1, layer2)
        dz = net.back(told["delta"], told["z"], layer2)
        grad1 = kernels.upload(np.zeros(layer1.shape)) if frozen else net.grad(dz, x, layer1)
        grad2 = net.grad(told["delta"], told["h"], layer2)
        layer1, layer2 = net.step(layer1, grad1, lr1, decay), net.step(layer2, grad2, lr2, decay)
        seen = net.forward(valid_x, given["valid_y"], layer1, layer2)
        cells, valid = (
            {name: kernels.download(buffer) for name, buffer in one.items()} for one in (told, seen)
        )
        name = f"epoch{epoch}"
        found |= {f"{name}.hidden": cells["z"], f"{name}.slopes": kernels.download(dz)}
        parts = [cells[part] for part in ("logit", "p", "loss", "right", "delta")]
        found[f"{name}.out"] = np.hstack([cells["h"], np.ones((place.points, 1)), *parts])
        found[f"{name}.grad1"] = kernels.download(grad1).T
        found[f"{name}.grad2"] = np.roll(kernels.download(grad2), -1, axis=1)
        found[f"epoch{epoch + 1}.layer1"] = kernels.download(layer1).T
        found[f"epoch{epoch + 1}.layer2"] = np.roll(kernels.download(layer2), -1, axis=1)
        found[f"valid{epoch}"] = np.hstack([valid[part] for part in ("logit", "loss", "right")])
        means = (net.mean(one[key]) for key in ("loss", "right") for one in (told, seen))
        summary.append([lr1, lr2, *means])
    single = kernels.empty((1, 3))
    kernels.launch("one_layer", 3, layer1, layer2, single, place.hidden, 2)
    z = net.linear(x, layer1)
    last = net.forward(x, given["train_y"], layer1, layer2)["logit"]
    logits = net.linear(z, layer2), net.linear(x, single), last
    found |= {"one.layer": kernels.download(single), "summary": np.array(summary)}
    return found | {"one.logits": np.hstack([kernels.download(one) for one in logits])}
