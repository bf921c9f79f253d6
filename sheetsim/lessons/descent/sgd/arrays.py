"""`sgd` in NumPy: w is a parameter (b, then a), g its gradient; beside it the gradients are estimated by
finite differences, from the error with b, then a, a hundredth larger."""

import numpy as np

from sheetsim.lessons.descent._shared.arrays import (
    Array,
    Blocks,
    UpdateRule,
    beside,
    columns,
    root,
    tell,
    total,
)
from sheetsim.lessons.descent._shared.arrays import Number as N
from sheetsim.lessons.kit.lesson import Inputs


def lesson_step(w: N, g: N, lr: N) -> tuple[N]:
    """Against the gradient."""
    return (w - g * lr,)


def torch_step(w: N, g: N, lr: N) -> tuple[N]:
    """The same."""
    return (w - lr * g,)


def estimate(param: Array, x: Array, y: Array) -> Array:
    """The errors with b + 0.01 and with a + 0.01, each with the slope that it makes: (rows, 4)."""
    b, a = param[:, :1], param[:, 1:]
    err2 = np.square(y - (b + a * x))
    err2_b = np.square(b + 0.01 + x * a - y)
    err2_a = np.square((a + 0.01) * x + b - y)
    return np.hstack([err2_b, (err2_b - err2) / 0.01, err2_a, (err2_a - err2) / 0.01])


LESSON = UpdateRule(lesson_step, ("lr",))
TORCH = UpdateRule(torch_step, ("torch_lr",))


@np.errstate(all="ignore")
def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    found = tell(inputs, LESSON, TORCH)
    for role in ("lesson", "epochs"):
        if f"{role}.pred" in found:
            pred = found[f"{role}.pred"]
            x, y = (beside(pred, data) for data in columns(inputs))
            found[f"{role}.err2"] = np.square(y - pred)
            found[f"{role}.estimate"] = estimate(found[f"{role}.param"], x, y)
            found[f"{role}.step"] = found[f"{role}.step"][:, ::-1]  # the sheet has the new a first
    found["lesson.err2_root"] = np.array([[root(total(found["lesson.err2"][:, 0]))]])
    found["lesson.grad_norm"] = np.array([[root(total(np.square(g))) for g in found["lesson.grad"].T]])
    if "epochs.err2" in found:
        rows = len(found["lesson.err2"])
        found["lesson.epoch_list"] = np.array(
            [[root(total(err2))] for err2 in found["epochs.err2"].reshape(-1, rows)]
        )
    return found
