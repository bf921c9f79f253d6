"""Walking down the rows with real `torch.optim` objects: what the gradient-descent lessons' `reference.py`
share.

A lesson says which optimizer it is and where that keeps its averages:

    def lesson_optimizer(params, lr, momentum):
        return torch.optim.SGD(params, lr, momentum, dampening=momentum, foreach=False)

    Rule(lesson_optimizer, ("lr", "momentum"), state={"m": "momentum_buffer"})

The model is `Line`, the gradients are autograd's, the averages are read from the optimizer's state after
each step. The lesson's convention is had from torch's own code by preloading that state.

How near to the sheet: torch rounds some products and sums once (fused) where cells round twice, and takes
others in another order (1 - beta2 times g, times g), so that values differ by a few units in the last place
a step. Against the values that real Excel stored, bit-identical cells and the largest distance (torch 2.13,
x86-64): sgd 249 of 351, 1600 ulp (in finite differences, a hundredfold; 132 in errors near 0); momentum 253
of 293, 55 ulp (averages near 0); rmsprop 225 of 263, 4 ulp; adam 267 of 319 step cells, 11 ulp; adam_ann 284
of 319 step cells, 16 ulp. All are within 2e-13 of the largest magnitude in their column; over ten epochs at
the default settings torch and NumPy stay within 1e-13 of it, in both conventions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import mse_loss
from torch.optim import Optimizer

from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.lesson import Inputs

Table = dict[str, NDArray[np.float64]]
Blocks = dict[str, NDArray[np.float64]]
Params = list[nn.Parameter]

STEADY = 1e12
"""A step count so large that 1 - beta^t is 1: Adam without corrections, the lesson's rule."""


class Line(nn.Module):
    """y = a*x + b in float64."""

    def __init__(self, b: float, a: float) -> None:
        super().__init__()
        self.b = nn.Parameter(torch.tensor(b, dtype=torch.float64))
        self.a = nn.Parameter(torch.tensor(a, dtype=torch.float64))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.a * x + self.b

    def weights(self) -> Params:
        """[b, a], in the order of the sheet's columns."""
        return [self.b, self.a]


@dataclass(frozen=True, slots=True)
class OptimizerRule:
    """An update rule. `optimizer(params, *numbers)` makes the torch.optim object from the inputs `names`;
    `state` maps a block to the key of the optimizer's state that it shows; `preload` is what else that state
    must hold in the lesson's convention. `corrected` shows Adam's bias corrections. `penalty` names the input
    that is the optimizer's weight_decay within the gradient, which the sheet's gradient cells show."""

    optimizer: Callable[..., Optimizer]
    names: tuple[str, ...]
    state: Mapping[str, str] = field(default_factory=dict)
    preload: Mapping[str, float] = field(default_factory=dict)
    corrected: bool = False
    penalty: str = ""

    def known(self, inputs: Inputs) -> bool:
        """Whether the inputs have all that this rule takes."""
        return {*self.names, self.penalty} - {""} <= inputs.keys()


class Descent:
    """A line, an optimizer and the points that take it down, a row a point."""

    def __init__(self, rule: OptimizerRule, inputs: Inputs) -> None:
        self.rule, self.inputs = rule, inputs
        self.start = (float(inputs["b"]), float(inputs["a"]))
        self.x, self.y = columns(inputs)
        self.line = Line(*self.start)
        self.penalty = float(inputs[rule.penalty]) if rule.penalty else 0.0
        numbers = [float(inputs[name]) for name in rule.names]
        try:
            self.optimizer = rule.optimizer(self.line.weights(), *numbers)
        except ValueError as refusal:
            raise SheetsimError(f"torch.optim refuses these settings: {refusal}") from None

    def warm_up(self) -> list[Table]:
        """Brings the optimizer's averages to where epoch 1 of the lesson starts: m0 and v0, the dry passes
        (each from b and a at the start, only the averages go on), then what is typed into the sheet. Returns
        the passes' tables."""
        keys = {block: LETTER[block] for block in self.rule.state}
        self.load({block: [self.inputs.get(f"{key}0", np.nan)] * 2 for block, key in keys.items()})
        dry = [self.walk(self.start) for _ in range(int(self.inputs.get("dry_passes", 0)))]
        for block, key in keys.items():
            if f"{key}_b" in self.inputs:
                self.load({block: [self.inputs[f"{key}_b"], self.inputs[f"{key}_a"]]})
        return dry

    def load(self, averages: Mapping[str, Any]) -> None:
        """Puts averages, [b's, a's] each, into the optimizer's state, with what else the rule preloads."""
        for place, weight in enumerate(self.line.weights()):
            state = self.optimizer.state[weight]
            for block, pair in averages.items():
                state[self.rule.state[block]] = torch.tensor(float(pair[place]), dtype=torch.float64)
            for key, value in self.rule.preload.items():
                state[key] = torch.tensor(value)

    def averages(self) -> dict[str, list[float]]:
        """The optimizer's averages now, [b's, a's] each; 0 before torch's first step."""
        states = [self.optimizer.state[weight] for weight in self.line.weights()]
        return {
            block: [float(state.get(key, 0)) for state in states] for block, key in self.rule.state.items()
        }

    def run(self, carry: str, before: Callable[[int], None] | None = None) -> list[Table]:
        """A table an epoch; each starts from the last row's `carry`, "param" or "step". `before(epoch)` may
        set the optimizer's lr."""
        p, tables = self.start, []
        for epoch in range(int(self.inputs.get("epochs", 1))):
            if before:
                before(epoch)
            tables.append(self.walk(p))
            b, a = tables[-1][carry][-1]
            p = (b, a)
        return tables

    def walk(self, p: tuple[float, float]) -> Table:
        """One pass over the points from p = (b, a): what each row's cells show."""
        self.place(p)
        rows = [self.row(x, y) for x, y in zip(self.x, self.y, strict=True)]
        return {name: np.array([row[name] for row in rows]) for name in rows[0]}

    def place(self, p: tuple[float, float]) -> None:
        """Moves the line to p."""
        with torch.no_grad():
            for weight, value in zip(self.line.weights(), p, strict=True):
                weight.fill_(value)

    def row(self, x: torch.Tensor, y: torch.Tensor) -> dict[str, list[float]]:
        """The cells of one row: loss, gradients, step."""
        weights = self.line.weights()
        self.optimizer.zero_grad()
        pred = self.line(x)
        ((pred - y) ** 2).backward()
        cells = {
            "param": [weight.item() for weight in weights],
            "pred": [pred.item()],
            "grad": [torch.add(weight.grad, weight, alpha=self.penalty).item() for weight in weights],
        }
        self.optimizer.step()
        self.mend()
        cells["step"] = [weight.item() for weight in weights]
        cells |= self.averages()
        if self.rule.corrected:
            t = self.optimizer.state[weights[0]]["step"].item()
            cells["correction"] = [1 - beta**t for beta in self.optimizer.param_groups[0]["betas"]]
        return cells

    def mend(self) -> None:
        """Two things that cells show and torch does not: without momentum there is no buffer (it is the
        gradient), and dividing by an average that has overflowed gives 0 (a cell has an error)."""
        unkept = self.optimizer.param_groups[0].get("momentum") == 0
        for weight in self.line.weights():
            state = self.optimizer.state[weight]
            for key in self.rule.state.values():
                if unkept and key == "momentum_buffer":
                    state[key] = weight.grad.clone()
                if not torch.isfinite(state[key]):
                    with torch.no_grad():
                        weight.fill_(np.nan)


LETTER = {"m": "m", "v": "v", "sum": "v"}
"""The letter of the inputs that an average starts from: v_b and v_a, or else v0, for "v" and "sum"."""


def tell(
    inputs: Inputs, lesson: OptimizerRule, torch_rule: OptimizerRule, kind: type[Descent] = Descent
) -> Blocks:
    """All blocks that a lesson's own rule (walked by `kind`) and torch's give; torch's are left out without
    its inputs."""
    descent = kind(lesson, inputs)
    dry = descent.warm_up()
    averages = descent.averages()
    epochs = descent.run(carry="param")
    found = lesson_blocks(epochs, dry, averages)
    found["summary.lesson"] = summary(epochs, inputs, "param", inputs["lr"])
    if torch_rule.known(inputs):
        epochs = Descent(torch_rule, inputs).run(carry="step")
        found |= named("torch", stack(epochs))
        found["summary.torch"] = summary(epochs, inputs, "step", inputs["torch_lr"])
    return found


def lesson_blocks(epochs: list[Table], dry: list[Table], averages: Mapping[str, list[float]]) -> Blocks:
    """The blocks on the lesson's own sheet, the start sheet and the epochs sheet."""
    found = named("lesson", epochs[0])
    if averages:
        found["lesson.start"] = np.array([[w for pair in averages.values() for w in pair]])
    for role, tables in (("dry", dry), ("epochs", epochs[1:])):
        if tables:
            found |= named(role, stack(tables))
    return found


def summary(epochs: list[Table], inputs: Inputs, carry: str, lr: Any) -> NDArray[np.float64]:
    """A row an epoch: root of the mean squared error of the predictions as they were made, b and a that the
    next epoch starts from, lr (a number, or one an epoch)."""
    _, y = columns(inputs)
    rmse = [mse_loss(torch.from_numpy(table["pred"][:, 0]), y).sqrt().item() for table in epochs]
    carried = np.array([table[carry][-1] for table in epochs])
    return np.column_stack([rmse, carried, np.broadcast_to(lr, len(epochs))])


def stack(tables: list[Table]) -> Table:
    """The tables one below another."""
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


def named(role: str, table: Table) -> Blocks:
    return {f"{role}.{name}": block for name, block in table.items()}


def columns(inputs: Inputs) -> tuple[torch.Tensor, torch.Tensor]:
    """The points' x and y."""
    x, y = (torch.tensor(np.asarray(inputs[name], np.float64)) for name in ("x", "y"))
    return x, y


def errors(param: torch.Tensor, inputs: Inputs) -> torch.Tensor:
    """The squared error of each row with that row's b and a, `param` (rows of whole passes, 2): (rows, 1)."""
    x, y = (data.repeat(len(param) // len(data))[:, None] for data in columns(inputs))
    return mse_loss(param[:, 1:] * x + param[:, :1], y, reduction="none")
