"""`nesterov` in NumPy: `momentum`, with the gradient taken where the average is about to lead."""

from sheetsim.lessons.descent._shared.arrays import Blocks, UpdateRule, counted, tell
from sheetsim.lessons.descent._shared.arrays import Number as N
from sheetsim.lessons.kit.lesson import Inputs


def ahead(w: N, m: N, lr: N, momentum: N) -> N:
    """Where the average alone would lead: the gradient g is taken there."""
    return w - lr * momentum * m


def lesson_step(w: N, g: N, m: N, lr: N, momentum: N) -> tuple[N, N]:
    """As momentum steps, with that gradient."""
    m = m * momentum + (1 - momentum) * g
    return w - m * lr, m


def torch_step(w: N, g: N, buf: N, lr: N, momentum: N, t: N) -> tuple[N, N]:
    """w is the point ahead itself: it steps by the gradient and by where the new buffer leads."""
    buf = g if t == 1 else momentum * buf + g
    return w - lr * (g + momentum * buf), buf


LESSON = UpdateRule(lesson_step, ("lr", "momentum"), averages=("m",), ahead=ahead)
TORCH = UpdateRule(torch_step, ("torch_lr", "torch_momentum"), averages=("buf",), by_step=counted)


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    return tell(inputs, LESSON, TORCH)
