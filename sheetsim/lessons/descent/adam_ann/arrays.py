"""`adam_ann` in NumPy: `adam`, and between epochs lr is quartered when the roots of the squared averages have
outgrown their best."""

import numpy as np

from sheetsim.lessons.descent._shared import arrays as descent
from sheetsim.lessons.descent._shared.arrays import Array, Blocks, Table, number, root, total
from sheetsim.lessons.descent._shared.arrays import Number as N
from sheetsim.lessons.descent.adam.arrays import LESSON, TORCH
from sheetsim.lessons.kit.lesson import Inputs


def quartered(lr: N, size: N, best: N) -> N:
    """lr / 4 once `size`, the sum of roots, is more than twice its best so far."""
    ratio = number(size / best)
    return lr / 4 if ratio > 2 else lr + 0 * ratio  # where the ratio is an error, so is lr


def sum_of_roots(averages: Table) -> N:
    v_b, v_a = averages["v"]
    return root(v_b) + root(v_a)


class Anneal:
    """Gives lr before each epoch and writes down (lr, sum of roots, best so far). Without a best to begin
    with, it is the sum after epoch 1."""

    def __init__(self, lr: N, best: N | None = None) -> None:
        self.lr, self.best = lr, best
        self.log: list[tuple[N, ...]] = []

    def __call__(self, epoch: int, averages: Table) -> N:
        size = sum_of_roots(averages)
        if epoch and self.best is None:
            self.best = size
        elif epoch and self.best is not None:
            self.lr = quartered(self.lr, size, self.best)
            self.best = np.minimum(self.best, size)
        self.log.append((self.lr, size, N(0) if self.best is None else self.best))
        return self.lr

    def block(self, first: int, rows: int) -> Array:
        """The log from epoch `first` (from 0) on, in every row of an epoch."""
        return np.repeat(np.array(self.log[first:]), rows, axis=0)


@np.errstate(all="ignore")
def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    rows = len(descent.columns(inputs)[0])
    averages, dry = descent.warm_up(LESSON, inputs)
    best = N(inputs["best"]) if "best" in inputs else best_at_start(inputs, averages, dry)
    anneal = Anneal(N(inputs["lr"]), best)
    epochs = descent.run(LESSON, inputs, averages, "param", anneal)
    found = descent.lesson_blocks(epochs, dry, averages)
    if epochs[1:]:
        found["epochs.anneal"] = anneal.block(1, rows)
    found["summary.lesson"] = descent.summary(epochs, inputs, "param", [lr for lr, *_ in anneal.log])
    found |= original_extras(epochs[0], averages, best)
    if TORCH.known(inputs):
        anneal = Anneal(N(inputs["torch_lr"]))
        epochs = descent.run(TORCH, inputs, descent.zeros(TORCH), "step", anneal)
        found |= descent.named("torch", descent.stack(epochs))
        found["torch.anneal"] = anneal.block(0, rows)
        found["summary.torch"] = descent.summary(epochs, inputs, "step", [lr for lr, *_ in anneal.log])
    return found


def best_at_start(inputs: Inputs, averages: Table, dry: list[Table]) -> N:
    """The sum of roots before the last dry pass: the macro's reset reads it before the last copy is
    recalculated."""
    if len(dry) > 1:
        return sum_of_roots({"v": dry[-2]["v"][-1]})
    return sum_of_roots({"v": np.full(2, inputs["v0"])} if dry else averages)


def original_extras(table: Table, averages: Table, best: N) -> Blocks:
    """The cells around the original's table, which its macro looks at."""
    size = sum_of_roots(averages)
    return {
        "lesson.grad_norm": np.array([[root(total(np.square(g))) / len(g) for g in table["grad"].T]]),
        "lesson.anneal": np.array([[size], [size / best]]),
        "lesson.scratch": np.array([[1 / number(averages["m"][1]), 1 / number(averages["v"][0])]]),
    }
