"""`weight_decay` in NumPy: two ways to keep weights small, under SGD and under Adam.

L2: the penalty's gradient, weight_decay * w, is part of g. Decay: w shrinks by lr * weight_decay a step, and
g knows nothing of it. Under SGD the two are the same sum; Adam divides the penalty, as part of g, by the root
of v, so that a weight with large gradients shrinks less.
"""

from dataclasses import replace

import numpy as np

from sheetsim.lessons.descent._shared import arrays as descent
from sheetsim.lessons.descent._shared.arrays import Array, Blocks, Table, UpdateRule
from sheetsim.lessons.descent._shared.arrays import Number as N
from sheetsim.lessons.descent.adam import arrays as adam
from sheetsim.lessons.descent.adamw import arrays as adamw
from sheetsim.lessons.descent.sgd import arrays as sgd
from sheetsim.lessons.kit.lesson import Inputs


def sgd_decay_step(w: N, g: N, lr: N, weight_decay: N) -> tuple[N]:
    """Shrink, then against the gradient."""
    return (w * (1 - lr * weight_decay) - g * lr,)


LESSON = {
    "sgd_l2": UpdateRule(sgd.lesson_step, ("sgd_lr",), penalty="weight_decay"),
    "sgd_decay": UpdateRule(sgd_decay_step, ("sgd_lr", "weight_decay")),
    "adam_l2": replace(adam.LESSON, penalty="weight_decay"),
    "adam_decay": adamw.LESSON,
}
TORCH = {
    "sgd_l2": UpdateRule(sgd.torch_step, ("torch_sgd_lr",), penalty="torch_weight_decay"),
    "sgd_decay": UpdateRule(sgd_decay_step, ("torch_sgd_lr", "torch_weight_decay")),
    "adam_l2": replace(adam.TORCH, penalty="torch_weight_decay"),
    "adam_decay": adamw.TORCH,
}


@np.errstate(all="ignore")
def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    found: Blocks = {}
    summaries: list[Array] = []
    for name, rule in LESSON.items():
        averages, _ = descent.warm_up(rule, inputs)
        epochs = descent.run(rule, inputs, averages, "param")
        found[f"lesson.{name}"] = columns(epochs[0])
        if averages:
            found[f"lesson.start_{name.removeprefix('adam_')}"] = np.concatenate([*averages.values()])[None]
        if epochs[1:]:
            found[f"epochs.{name}"] = columns(descent.stack(epochs[1:]))
        summaries.append(descent.summary(epochs, inputs, "param", 0)[:, :3])
    found["summary.lesson"] = np.hstack(summaries)
    if all(rule.known(inputs) for rule in TORCH.values()):
        summaries = []
        for name, rule in TORCH.items():
            epochs = descent.run(rule, inputs, descent.zeros(rule), "step")
            table = descent.stack(epochs)
            if rule.shown:
                found["torch.correction"] = table.pop(rule.shown)
            found[f"torch.{name}"] = columns(table)
            summaries.append(descent.summary(epochs, inputs, "step", 0)[:, :3])
        found["summary.torch"] = np.hstack(summaries)
    return found


def columns(table: Table) -> Array:
    """A table's columns side by side, as the sheet has them."""
    return np.hstack([*table.values()])
