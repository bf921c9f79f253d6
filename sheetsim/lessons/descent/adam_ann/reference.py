"""`adam_ann` by torch.optim.Adam (as `adam`), whose lr is set between epochs by the macro's rule: a quarter
of it once the roots of the squared averages have outgrown their best."""

import numpy as np
import torch
from numpy.typing import NDArray

from sheetsim.lessons.descent._shared import reference as descent
from sheetsim.lessons.descent._shared.reference import Blocks, Descent, Table
from sheetsim.lessons.descent.adam.reference import LESSON, TORCH
from sheetsim.lessons.kit.lesson import Inputs


def sum_of_roots(v: list[float]) -> torch.Tensor:
    """SQRT(v_b) + SQRT(v_a)."""
    return torch.tensor(v, dtype=torch.float64).sqrt().sum()


class OptimizerAnneal:
    """Sets the optimizer's lr before each epoch and writes down (lr, sum of roots, best so far). Without a
    best to begin with, it is the sum after epoch 1."""

    def __init__(self, walker: Descent, best: torch.Tensor | None = None) -> None:
        self.walker, self.best = walker, best
        self.log: list[tuple[float, float, float]] = []

    def __call__(self, epoch: int) -> None:
        group = self.walker.optimizer.param_groups[0]
        size = sum_of_roots(self.walker.averages()["v"])
        if epoch and self.best is None:
            self.best = size
        elif epoch and self.best is not None:
            ratio = size / self.best
            if ratio > 2:
                group["lr"] /= 4
            if not torch.isfinite(ratio):  # an error in the sheet, and then so is lr
                group["lr"] = np.nan
            self.best = torch.minimum(self.best, size)
        self.log.append((group["lr"], float(size), 0.0 if self.best is None else float(self.best)))

    def block(self, first: int) -> NDArray[np.float64]:
        """The log from epoch `first` (from 0) on, in every row of an epoch."""
        return np.repeat(np.array(self.log[first:]), len(self.walker.x), axis=0)

    def lrs(self) -> list[float]:
        return [lr for lr, _, _ in self.log]


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    walker = Descent(LESSON, inputs)
    dry = walker.warm_up()
    averages = walker.averages()
    best = best_at_start(inputs, averages, dry)
    anneal = OptimizerAnneal(walker, best)
    epochs = walker.run("param", anneal)
    found = descent.lesson_blocks(epochs, dry, averages)
    if epochs[1:]:
        found["epochs.anneal"] = anneal.block(1)
    found["summary.lesson"] = descent.summary(epochs, inputs, "param", anneal.lrs())
    found |= original_extras(epochs[0], averages, best)
    if TORCH.known(inputs):
        walker = Descent(TORCH, inputs)
        anneal = OptimizerAnneal(walker)
        epochs = walker.run("step", anneal)
        found |= descent.named("torch", descent.stack(epochs))
        found["torch.anneal"] = anneal.block(0)
        found["summary.torch"] = descent.summary(epochs, inputs, "step", anneal.lrs())
    return found


def best_at_start(inputs: Inputs, averages: dict[str, list[float]], dry: list[Table]) -> torch.Tensor:
    """What is typed as best, or the sum of roots before the last dry pass."""
    if "best" in inputs:
        return torch.tensor(float(inputs["best"]), dtype=torch.float64)
    if len(dry) > 1:
        return sum_of_roots(dry[-2]["v"][-1].tolist())
    return sum_of_roots([float(inputs["v0"])] * 2 if dry else averages["v"])


def original_extras(table: Table, averages: dict[str, list[float]], best: torch.Tensor) -> Blocks:
    """The cells around the original's table, which its macro looks at."""
    size = sum_of_roots(averages["v"])
    grad = torch.from_numpy(table["grad"])
    scratch = torch.tensor([[averages["m"][1], averages["v"][0]]], dtype=torch.float64)
    return {
        "lesson.grad_norm": (grad.norm(dim=0, keepdim=True) / len(grad)).numpy(),
        "lesson.anneal": torch.stack([size, size / best])[:, None].numpy(),
        "lesson.scratch": torch.where(scratch.isfinite(), 1 / scratch, np.nan).numpy(),
    }
