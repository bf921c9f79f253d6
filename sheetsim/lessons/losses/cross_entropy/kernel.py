"""`cross_entropy`, told by CUDA kernels: see kernel.cu."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.lessons.kit.lesson import Inputs

SOURCE = Path(__file__).with_name("kernel.cu")
ENTRIES = ("binary", "by_index", "terms", "log_softmax", "linked", "batch", "curve", "add_up")

Array = NDArray[np.float64]
Blocks = dict[str, Array]


class CrossEntropy:
    """The kernels on a device, called with arrays."""

    def __init__(self, device: str | None) -> None:
        self.kernels = Kernels(SOURCE, ENTRIES, device)

    def run(
        self, kernel: str, threads: int, *arguments: Array | int | float, shapes: Sequence[tuple[int, ...]]
    ) -> list[Array]:
        """A kernel whose arguments are arrays, then results of these shapes, then numbers."""
        arrays = [one for one in arguments if isinstance(one, np.ndarray)]
        numbers = [one for one in arguments if not isinstance(one, np.ndarray)]
        results = [self.kernels.empty(shape) for shape in shapes]
        self.kernels.launch(kernel, threads, *arrays, *results, *numbers)
        return [self.kernels.download(result) for result in results]

    def sums(self, cells: Array) -> Array:
        """The sum of each column, [1, columns]."""
        rows, columns = cells.shape
        return self.run("add_up", columns, cells.copy(), rows, columns, shapes=[(1, columns)])[0]

    def means(self, cells: Array) -> Array:
        return self.sums(cells) / len(cells)

    def two_classes(self, y: Array, p: Array) -> Blocks:
        """A cat or not, a cat or a dog."""
        n = len(y)
        tens, natural, logits = self.run("binary", n, y, p, n, shapes=[(n, 2), (n, 4), (n, 5)])
        is_dog, by_index, nll = self.run("by_index", n, y, p, n, shapes=[(n, 1), (n, 5), (n, 5)])
        return {
            "binary": tens,
            "natural": natural,
            "from_logits": logits,
            "mean10": self.means(tens),
            "mean": self.means(natural[:, :3]),
            "mean_logits": self.means(logits[:, 2:3]),
            "is_dog": is_dog,
            "by_index": by_index,
            "nll": nll,
            "nll_mean": self.means(nll[:, 2:3]),
            "is_not_cat": is_dog,
            "pair": np.column_stack([1 - p, tens]),
            "pair_sum": -self.sums(tens[:, :1]),
        }

    def classes(self, y: Array, p: Array) -> Blocks:
        """One of many classes."""
        (terms,) = self.run("terms", len(y), y, p, len(y), shapes=[(len(y), 1)])
        loss = -self.sums(terms)
        return {"x_entropy": terms, "x_entropy_sum": loss, "x_entropy_ln": loss * np.log(np.array([10.0]))}

    def log_softmax(self, x: Array) -> list[Array]:
        """exp, softmax, log-softmax; the sums, [rows, 1]."""
        rows, count = x.shape
        shapes = [(rows, count)] * 3 + [(rows, 1)]
        return self.run("log_softmax", rows, x, rows, count, shapes=shapes)

    def linked(self, y: Array, x: Array, typed: Array) -> Blocks:
        """One of many classes, from the logits."""
        e, p, logs, _ = self.log_softmax(x[None])
        n = len(y)
        columns = self.run("linked", n, y, typed, p, logs, n, shapes=[(n,)] * 3)
        cells = np.column_stack([e[0], p[0], logs[0], *columns])
        return {"linked": cells, "linked_loss": self.sums(cells[:, 3:4])}

    def batch(self, x: Array, target: Array, smoothing: float) -> Blocks:
        """Pictures in rows, classes in columns."""
        rows, count = x.shape
        e, p, logs, sums = self.log_softmax(x)
        shapes = [(rows, 1), (rows, 1), (rows, count)]
        loss, right, gradient = self.run(
            "batch", rows, target, p, logs, rows, count, smoothing, shapes=shapes
        )
        return {
            "batch_exp": e,
            "batch_sum": sums,
            "batch_logs": logs,
            "batch_softmax": p,
            "batch_loss": loss,
            "batch_right": right,
            "batch_gradient": gradient,
            "batch_mean": self.means(loss),
            "batch_accuracy": self.means(right),
        }


def compute(inputs: Inputs, device: str | None = None) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    kernels = CrossEntropy(device)
    given = {name: np.asarray(inputs[name], np.float64) for name in inputs if name != "class"}
    found: Blocks = {}
    if "is_cat" in given:
        found |= kernels.two_classes(given["is_cat"], given["preds"])
    if "probs" in given:
        found |= kernels.classes(given["actuals"], given["probs"])
    if "logits" in given:
        found |= kernels.linked(given["actuals"], given["logits"], given["probs"])
    if "scores" in given:
        smoothing = float(inputs["label_smoothing"])
        found |= kernels.batch(given["scores"], given["target"], smoothing)
    if "p" in given:
        n = len(given["p"])
        (found["curve"],) = kernels.run("curve", n, given["p"], n, shapes=[(n, 3)])
    return found
