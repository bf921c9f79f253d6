"""`adamw` in NumPy: `adam`, where w also shrinks by lr * weight_decay a step, outside the averages."""

from sheetsim.lessons.descent._shared.arrays import Blocks, UpdateRule, corrections, root, tell
from sheetsim.lessons.descent._shared.arrays import Number as N
from sheetsim.lessons.kit.lesson import Inputs


def lesson_step(w: N, g: N, m: N, v: N, lr: N, beta1: N, beta2: N, weight_decay: N) -> tuple[N, N, N]:
    """Adam's step, from a w that has shrunk; the gradient, and so m and v, know nothing of the decay."""
    m = m * beta1 + (1 - beta1) * g
    v = v * beta2 + (1 - beta2) * (g * g)
    return w * (1 - lr * weight_decay) - m * lr / root(v), m, v


def torch_step(
    w: N, g: N, m: N, v: N, lr: N, beta1: N, beta2: N, eps: N, weight_decay: N, correct1: N, correct2: N
) -> tuple[N, N, N]:
    """The same with both averages corrected for their start at 0, and eps beside the root."""
    m = m + (g - m) * (1 - beta1)
    v = beta2 * v + (1 - beta2) * (g * g)
    return w * (1 - lr * weight_decay) - lr / correct1 * m / (root(v) / root(correct2) + eps), m, v


LESSON = UpdateRule(lesson_step, ("lr", "beta1", "beta2", "weight_decay"), averages=("m", "v"))
TORCH = UpdateRule(
    torch_step,
    ("torch_lr", "torch_beta1", "torch_beta2", "eps", "torch_weight_decay"),
    averages=("m", "v"),
    by_step=corrections,
    shown="correction",
)


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    return tell(inputs, LESSON, TORCH)
