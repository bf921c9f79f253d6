"""`adam` in NumPy: w is a parameter (b, then a), g its gradient, m and v running averages of g and g^2."""

from sheetsim.lessons.descent._shared.arrays import Blocks, UpdateRule, corrections, root, tell
from sheetsim.lessons.descent._shared.arrays import Number as N
from sheetsim.lessons.kit.lesson import Inputs


def lesson_step(w: N, g: N, m: N, v: N, lr: N, beta1: N, beta2: N) -> tuple[N, N, N]:
    """The average's direction, in units of the gradient's usual size."""
    m = m * beta1 + (1 - beta1) * g
    v = v * beta2 + (1 - beta2) * (g * g)
    return w - m * lr / root(v), m, v


def torch_step(
    w: N, g: N, m: N, v: N, lr: N, beta1: N, beta2: N, eps: N, correct1: N, correct2: N
) -> tuple[N, N, N]:
    """The same with both averages corrected for their start at 0, and eps beside the root."""
    m = m + (g - m) * (1 - beta1)
    v = beta2 * v + (1 - beta2) * (g * g)
    return w - lr / correct1 * m / (root(v) / root(correct2) + eps), m, v


LESSON = UpdateRule(lesson_step, ("lr", "beta1", "beta2"), averages=("m", "v"))
TORCH = UpdateRule(
    torch_step,
    ("torch_lr", "torch_beta1", "torch_beta2", "eps"),
    averages=("m", "v"),
    by_step=corrections,
    shown="correction",
)


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    return tell(inputs, LESSON, TORCH)
