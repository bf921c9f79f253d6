"""`softmax`, told by CUDA kernels: see kernel.cu."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.lessons.kit.lesson import Inputs

SOURCE = Path(__file__).with_name("kernel.cu")
ENTRIES = ("plain", "stable", "binary", "affine", "logarithm", "pick", "gradient", "add_up")

Array = NDArray[np.float64]
Blocks = dict[str, Array]


class Softmax:
    """The kernels on a device, called with arrays."""

    def __init__(self, device: str | None) -> None:
        self.kernels = Kernels(SOURCE, ENTRIES, device)

    def each(self, kernel: str, x: Array, *constants: float) -> Array:
        """A kernel that makes one number of each."""
        result = self.kernels.empty(x.shape)
        self.kernels.launch(kernel, x.size, x, result, x.size, *constants)
        return self.kernels.download(result)

    def rows(self, kernel: str, x: Array, results: int) -> list[Array]:
        """A kernel that makes `results` numbers of each, and two sums a row."""
        buffers = [*(self.kernels.empty(x.shape) for _ in range(results)), self.kernels.empty((len(x), 2))]
        self.kernels.launch(kernel, len(x), x, *buffers, *x.shape)
        return [self.kernels.download(buffer) for buffer in buffers]

    def sums(self, cells: Array, weights: Array | None = None) -> Array:
        """The sum of each column, [1, columns]."""
        result = self.kernels.empty((1, cells.shape[1]))
        weights = np.ones(len(cells)) if weights is None else weights
        self.kernels.launch("add_up", cells.shape[1], cells.copy(), weights.copy(), result, *cells.shape)
        return self.kernels.download(result)

    def images(self, inputs: Inputs) -> Blocks:
        """One image (course22) or two."""
        found: Blocks = {}
        names = [name for name in ("logits1", "logits2") if name in inputs]
        logits = np.array([inputs[name] for name in names], np.float64)
        e, share, totals = self.rows("plain", logits, 2)
        for place in range(len(names)):
            found[f"image{place + 1}"] = np.column_stack([e[place], share[place]])
            found[f"total{place + 1}"] = totals[place : place + 1]
        if len(names) == 2:
            found["binary"] = self.each("binary", e).T
            means = self.sums(logits.T) / logits.shape[1]
            found["offset"] = means[:, :1] - means[:, 1:]
            apart = (share[0] - share[1])[:, None]
            found["difference"] = np.round(self.sums(apart, apart[:, 0]), 12)
        return found

    def survive(self, inputs: Inputs) -> Blocks:
        """The two formulas for scaled and shifted outputs."""
        constants = float(inputs["scale"]), float(inputs["shift"])
        logits = self.each("affine", np.asarray(inputs["logits1"], np.float64)[None], *constants)
        e, share, totals = self.rows("plain", logits, 2)
        columns = self.rows("stable", logits, 4)
        return {
            "shifted": logits.T,
            "plain": np.vstack([e, share, self.each("logarithm", share)]).T,
            "plain_total": totals,
            "stable": np.vstack(columns[:4]).T,
            "stable_total": columns[4],
        }

    def several(self, inputs: Inputs) -> Blocks:
        """Softmax beside sigmoid."""
        scores, present = (np.asarray(inputs[name], np.float64) for name in ("scores", "present"))
        _, e, softmax, _, totals = self.rows("stable", scores, 4)
        names = ("sigmoid", "sigmoid_sum", "one", "one_wrong", "many", "many_wrong")
        rows = len(scores)
        results = {name: self.kernels.empty((rows, 1) if "_" in name else scores.shape) for name in names}
        threshold = float(inputs["threshold"])
        self.kernels.launch(
            "pick", rows, scores, present, softmax, *results.values(), *scores.shape, threshold
        )
        found = {name: self.kernels.download(result) for name, result in results.items()}
        found |= {f"{name}_total": self.sums(found[f"{name}_wrong"]) for name in ("one", "many")}
        return found | {
            "exp": e,
            "softmax": softmax,
            "exp_sum": totals[:, :1],
            "softmax_sum": totals[:, 1:],
        }

    def gradient(self, inputs: Inputs) -> Blocks:
        """Both losses of image 1 and their gradients."""
        x = np.asarray(inputs["logits1"], np.float64)
        count = len(x)
        _, e, p, _, totals = self.rows("stable", x[None], 4)
        shapes = {"of_softmax": (count, 6), "of_sigmoid": (count, 3), "jacobian": (count, count)}
        results = {name: self.kernels.empty(shape) for name, shape in shapes.items()}
        target = int(inputs["target"])
        self.kernels.launch("gradient", count, x, e, p, totals, *results.values(), count, target)
        found = {name: self.kernels.download(result) for name, result in results.items()}
        return found | {
            "loss_softmax": self.sums(found["of_softmax"][:, :4]),
            "gradient_softmax": np.round(self.sums(found["of_softmax"][:, 5:]), 12),
            "loss_sigmoid": self.sums(found["of_sigmoid"]),
            "chain": self.sums(found["jacobian"], found["of_softmax"][:, 4]),
        }


def compute(inputs: Inputs, device: str | None = None) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    softmax = Softmax(device)
    found = softmax.images(inputs)
    if "shift" in inputs:
        found |= softmax.survive(inputs)
    if "scores" in inputs:
        found |= softmax.several(inputs)
    if "target" in inputs:
        found |= softmax.gradient(inputs)
    return found
