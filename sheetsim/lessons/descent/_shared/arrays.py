"""Walking down the rows in NumPy: what the gradient-descent lessons' `arrays.py` share.

A lesson says its rule for one parameter w (b, then a), with its gradient g and the averages it keeps:

    def lesson_step(w, g, m, lr, momentum):
        m = m * momentum + (1 - momentum) * g
        return w - m * lr, m

    Rule(lesson_step, ("lr", "momentum"), averages=("m",))

This module takes y = a*x + b down the points with it, a row a point, and writes down what the sheet's cells
show. A *table* is what was written: {"param": (n, 2), "pred": (n, 1), "grad": (n, 2), "step": (n, 2), "m":
(n, 2)}; a pair of columns is b's and a's. Between epochs the two conventions differ by one word: the lesson
carries the last row's "param" (its macro copies the values from before the last step), torch its "step".

Every operation stands in the order in which the sheet's formula writes it, so that the two agree bit for
bit. Numbers are `np.float64`, one at a time (3 microseconds a row of Adam; as vectors of two they take twice
as long). They overflow and divide by zero without a word under `np.errstate`: where the sheet has an error,
here stands a number that is not finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.kit.lesson import Inputs

Number = np.float64
Array = NDArray[np.float64]
Table = dict[str, Array]
Blocks = dict[str, Array]

LETTER = {"m": "m", "v": "v", "sum": "v"}
"""The letter of the inputs that an average starts from: v_b and v_a, or else v0, for "v" and "sum"."""

PLACES = {
    "param": slice(0, 2),
    "pred": slice(2, 3),
    "grad": slice(3, 5),
    "step": slice(5, 7),
    "ahead": slice(7, 9),
}
"""Which of the columns of `rows_of` belong to which block."""


@dataclass(frozen=True, slots=True)
class UpdateRule:
    """An update rule, `step(w, g, *averages, *numbers, *now) -> (new w, *new averages)`.

    `names` are the inputs taken as numbers, lr first. `by_step(count, *numbers)` gives the numbers `now`
    that change from step to step, an array each; with `shown` they are a block of that name. `ahead(w,
    *averages, *numbers)` says where prediction and gradient are taken, if not at w itself. `penalty` names
    the input whose product with w is added to the gradient."""

    step: Callable[..., Any]
    names: tuple[str, ...]
    averages: tuple[str, ...] = ()
    by_step: Callable[..., tuple[Array, ...]] | None = None
    shown: str = ""
    ahead: Callable[..., Any] | None = None
    penalty: str = ""

    def known(self, inputs: Inputs) -> bool:
        """Whether the inputs have all that this rule takes."""
        return {*self.names, self.penalty} - {""} <= inputs.keys()


@np.errstate(all="ignore")
def tell(inputs: Inputs, lesson: UpdateRule, torch: UpdateRule) -> Blocks:
    """All blocks that a lesson's own rule and torch's give; torch's are left out without its inputs."""
    averages, dry = warm_up(lesson, inputs)
    epochs = run(lesson, inputs, averages, carry="param")
    found = lesson_blocks(epochs, dry, averages)
    found["summary.lesson"] = summary(epochs, inputs, "param", inputs["lr"])
    if torch.known(inputs):
        epochs = run(torch, inputs, zeros(torch), carry="step")
        found |= named("torch", stack(epochs))
        found["summary.torch"] = summary(epochs, inputs, "step", inputs["torch_lr"])
    return found


def warm_up(rule: UpdateRule, inputs: Inputs) -> tuple[Table, list[Table]]:
    """The averages that epoch 1 starts from, and the dry passes that gave them: each pass starts again from
    b and a, only the averages go on. What is typed into the sheet goes before the passes' averages."""
    averages = {name: np.full(2, inputs.get(f"{LETTER[name]}0", np.nan)) for name in rule.averages}
    dry = []
    for _ in range(integer(inputs, "dry_passes", 0)):
        dry.append(walk(rule, inputs, start(inputs), averages, numbers(rule, inputs)))
        averages = {name: dry[-1][name][-1] for name in averages}
    for name in averages:
        typed = [f"{LETTER[name]}_b", f"{LETTER[name]}_a"]
        if typed[0] in inputs:
            averages[name] = np.array([inputs[key] for key in typed])
    return averages, dry


def run(
    rule: UpdateRule,
    inputs: Inputs,
    averages: Table,
    carry: str,
    lr: Callable[[int, Table], Any] | None = None,
) -> list[Table]:
    """A table an epoch; each starts from the last row's `carry`, "param" or "step", and its averages.
    `lr(epoch, averages)` gives the learning rate before each epoch where it changes."""
    rows, epochs = len(columns(inputs)[0]), integer(inputs, "epochs", 1)
    p, given, tables = start(inputs), numbers(rule, inputs), []
    by_step = rule.by_step(rows * epochs, *given) if rule.by_step else ()
    for epoch in range(epochs):
        if lr:
            given[0] = lr(epoch, averages)
        now = [column[epoch * rows : (epoch + 1) * rows] for column in by_step]
        table = walk(rule, inputs, p, averages, given, now)
        p, averages = table[carry][-1], {name: table[name][-1] for name in averages}
        tables.append(table)
    return tables


def walk(
    rule: UpdateRule,
    inputs: Inputs,
    p: Array,
    averages: Table,
    given: list[Any],
    by_step: Sequence[Array] = (),
) -> Table:
    """The table of one pass over the points, from p = [b, a] and the averages, [b's, a's] each."""
    x, y = columns(inputs)
    penalty = np.float64(inputs[rule.penalty]) if rule.penalty else None
    kept = len(averages)
    written: Array = np.fromiter(
        rows_of(rule, zip(x, y, *by_step, strict=True), p, averages, given, penalty),
        np.dtype((np.float64, 9 + 2 * kept)),
        len(x),
    )
    table = {name: written[:, place] for name, place in PLACES.items()}
    for place, name in enumerate(averages, 9):
        table[name] = written[:, [place, place + kept]]
    if rule.ahead is None:
        del table["ahead"]
    if rule.shown:
        table[rule.shown] = np.column_stack(by_step)
    return table


def rows_of(
    rule: UpdateRule,
    points: Iterable[Sequence[Any]],
    p: Array,
    averages: Table,
    given: list[Any],
    penalty: Any,
) -> Iterator[tuple[Any, ...]]:
    """A row a point (x, y, *now): the columns of PLACES, then b's averages, then a's."""
    step, ahead = rule.step, rule.ahead
    b, a = p
    state_b, state_a = ([pair[k] for pair in averages.values()] for k in (0, 1))
    for x, y, *now in points:
        at_b = ahead(b, *state_b, *given) if ahead else b
        at_a = ahead(a, *state_a, *given) if ahead else a
        pred = at_b + at_a * x
        gb = 2 * (at_a * x + at_b - y)
        ga = gb * x
        if penalty is not None:
            gb, ga = gb + penalty * b, ga + penalty * a
        new_b, *state_b = step(b, gb, *state_b, *given, *now)
        new_a, *state_a = step(a, ga, *state_a, *given, *now)
        yield b, a, pred, gb, ga, new_b, new_a, at_b, at_a, *state_b, *state_a
        b, a = new_b, new_a


def lesson_blocks(epochs: list[Table], dry: list[Table], averages: Table) -> Blocks:
    """The blocks on the lesson's own sheet, the start sheet and the epochs sheet."""
    found = named("lesson", epochs[0])
    if averages:
        found["lesson.start"] = np.concatenate([*averages.values()])[None, :]
    for role, tables in (("dry", dry), ("epochs", epochs[1:])):
        if tables:
            found |= named(role, stack(tables))
    return found


def summary(epochs: list[Table], inputs: Inputs, carry: str, lr: Any) -> Array:
    """A row an epoch: root of the mean squared error of the predictions as they were made, b and a that the
    next epoch starts from, lr (a number, or one an epoch)."""
    _, y = columns(inputs)
    rmse = [np.sqrt(total(np.square(y - table["pred"][:, 0])) / len(y)) for table in epochs]
    carried = np.array([table[carry][-1] for table in epochs])
    return np.column_stack([rmse, carried, np.broadcast_to(lr, len(epochs))])


def stack(tables: list[Table]) -> Table:
    """The tables one below another."""
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


def named(role: str, table: Table) -> Blocks:
    return {f"{role}.{name}": block for name, block in table.items()}


def numbers(rule: UpdateRule, inputs: Inputs) -> list[Any]:
    return [np.float64(inputs[name]) for name in rule.names]


def start(inputs: Inputs) -> Array:
    """p = [b, a] at the start."""
    return np.array([inputs["b"], inputs["a"]], np.float64)


def zeros(rule: UpdateRule) -> Table:
    """torch's averages before the first step."""
    return {name: np.zeros(2) for name in rule.averages}


def columns(inputs: Inputs) -> tuple[Array, Array]:
    """The points' x and y."""
    return np.asarray(inputs["x"], np.float64), np.asarray(inputs["y"], np.float64)


def beside(table: Array, data: Array) -> Array:
    """A data column, over and over, beside the rows of whole passes: (rows, 1)."""
    return np.resize(data, (len(table), 1))


def integer(inputs: Inputs, name: str, default: int) -> int:
    return int(inputs.get(name, default))


# -- arithmetic as a sheet has it


def total(values: Array) -> np.float64:
    """SUM: strictly from the first to the last (np.sum adds in pairs)."""
    return np.cumsum(values)[-1]


def number(x: Any) -> Any:
    """What a cell can hold: an overflow is an error that stays one, where 1 / inf would be 0."""
    return x if math.isfinite(x) else np.float64(np.nan)


def root(x: Any) -> Any:
    """SQRT."""
    return np.sqrt(number(x))


def counted(count: int, *_: Any) -> tuple[Array, ...]:
    """t = 1, 2, 3..., the number of the step."""
    return (np.arange(1.0, count + 1),)


def corrections(count: int, _lr: Any, beta1: Any, beta2: Any, *_: Any) -> tuple[Array, ...]:
    """1 - beta1^t and 1 - beta2^t for t = 1, 2, 3..."""
    return 1 - powers(beta1, count), 1 - powers(beta2, count)


def powers(base: Any, count: int) -> Array:
    """base^1, base^2...: as Excel, by repeated multiplication, for large exponents (above 64) by NumPy."""
    t = np.arange(1.0, count + 1)
    return np.where(t <= 64, np.cumprod(np.full(count, base)), np.power(np.full(count, base), t))
