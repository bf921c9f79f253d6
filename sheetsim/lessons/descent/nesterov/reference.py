"""`nesterov` by torch.optim.SGD(nesterov=True).

torch's parameters are the points ahead, and its buffer is the lesson's average over 1 - momentum. With

    ahead = w - lr * momentum * m          m = (1 - momentum) * buf

the lesson's w - lr * m, and then the next ahead, is torch's ahead - lr*(1-momentum) * (g + momentum * buf):
the same rule at the learning rate lr * (1 - momentum).
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch.optim import SGD, Optimizer

from sheetsim.lessons.descent._shared.reference import Blocks, Descent, OptimizerRule, Params, tell
from sheetsim.lessons.kit.lesson import Inputs


def lesson_optimizer(params: Params, lr: float, momentum: float) -> Optimizer:
    return torch_optimizer(params, lr * (1 - momentum), momentum)


def torch_optimizer(params: Params, lr: float, momentum: float) -> Optimizer:
    """torch refuses nesterov without momentum, which is plain SGD."""
    return SGD(params, lr, momentum, nesterov=momentum != 0, foreach=False)


LESSON = OptimizerRule(lesson_optimizer, ("lr", "momentum"), {"m": "momentum_buffer"})
TORCH = OptimizerRule(torch_optimizer, ("torch_lr", "torch_momentum"), {"buf": "momentum_buffer"})


class LookAhead(Descent):
    """The lesson's w and m, told by an optimizer that keeps the points ahead and the buffer."""

    def __init__(self, rule: OptimizerRule, inputs: Inputs) -> None:
        super().__init__(rule, inputs)
        self.share = 1 - float(inputs["momentum"])
        self.reach = float(inputs["lr"]) * float(inputs["momentum"])

    def load(self, averages: Mapping[str, Any]) -> None:
        super().load({name: [m / self.share for m in pair] for name, pair in averages.items()})

    def averages(self) -> dict[str, list[float]]:
        return {"m": [buf * self.share for buf in super().averages()["m"]]}

    def place(self, p: tuple[float, float]) -> None:
        b, a = (w - self.reach * m for w, m in zip(p, self.averages()["m"], strict=True))
        super().place((b, a))

    def row(self, x: torch.Tensor, y: torch.Tensor) -> dict[str, list[float]]:
        before = self.averages()["m"]
        cells = super().row(x, y)
        return {
            "param": self.behind(cells["param"], before),
            "ahead": cells["param"],
            "pred": cells["pred"],
            "grad": cells["grad"],
            "m": cells["m"],
            "step": self.behind(cells["step"], cells["m"]),
        }

    def behind(self, ahead: list[float], m: list[float]) -> list[float]:
        return [w + self.reach * average for w, average in zip(ahead, m, strict=True)]


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    return tell(inputs, LESSON, TORCH, LookAhead)
