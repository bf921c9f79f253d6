"""`momentum` in NumPy: w is a parameter (b, then a), g its gradient, m the running average of gradients."""

import numpy as np

from sheetsim.lessons.descent._shared.arrays import (
    Blocks,
    UpdateRule,
    beside,
    columns,
    counted,
    root,
    tell,
    total,
)
from sheetsim.lessons.descent._shared.arrays import Number as N
from sheetsim.lessons.kit.lesson import Inputs


def lesson_step(w: N, g: N, m: N, lr: N, momentum: N) -> tuple[N, N]:
    """The average is a gradient: a share of the old one, the rest from the new."""
    m = m * momentum + (1 - momentum) * g
    return w - m * lr, m


def torch_step(w: N, g: N, buf: N, lr: N, momentum: N, dampening: N, t: N) -> tuple[N, N]:
    """The buffer is a sum: it starts as the first gradient itself, and later ones count whole unless they
    are dampened. Without momentum there is nothing to dampen."""
    buf = g if t == 1 or momentum == 0 else momentum * buf + (1 - dampening) * g
    return w - lr * buf, buf


LESSON = UpdateRule(lesson_step, ("lr", "momentum"), averages=("m",))
TORCH = UpdateRule(
    torch_step, ("torch_lr", "torch_momentum", "dampening"), averages=("buf",), by_step=counted
)


@np.errstate(all="ignore")
def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    found = tell(inputs, LESSON, TORCH)
    _, y = columns(inputs)
    for role in ("lesson", "dry", "epochs"):
        if f"{role}.pred" in found:
            pred = found[f"{role}.pred"]
            found[f"{role}.err2"] = np.square(beside(pred, y) - pred)
    found["lesson.err2_root"] = np.array([[root(total(found["lesson.err2"][:, 0]))]])
    return found
