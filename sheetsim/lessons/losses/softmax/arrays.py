"""`softmax` in NumPy. A part is told where its inputs are: the courses' sheets have only the images."""

import numpy as np

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.losses._shared.arrays import Array, divide, exp, known, largest, ln, total

Blocks = dict[str, Array]


def plain(logits: Array) -> tuple[Array, Array]:
    """exp and softmax as books have it, [classes, 2]; their sums, [1, 2]."""
    e = exp(logits)
    share = divide(e, total(e))
    found = np.column_stack([e, share])
    return found, total(found, 0)[None]


def images(inputs: Inputs) -> Blocks:
    """The course's sheet: one image (course22) or two."""
    first = np.asarray(inputs["logits1"])
    found: Blocks = {}
    found["image1"], found["total1"] = plain(first)
    if "logits2" not in inputs:
        return found
    second = np.asarray(inputs["logits2"])
    found["image2"], found["total2"] = plain(second)
    e = np.column_stack([found["image1"][:, 0], found["image2"][:, 0]])
    found["binary"] = divide(e, 1 + e)
    found["offset"] = np.array([[total(first) / len(first) - total(second) / len(second)]])
    apart = found["image1"][:, 1] - found["image2"][:, 1]
    found["difference"] = np.array([[np.floor(total(apart * apart) * 1e12 + 0.5) / 1e12]])
    return found


def survive(inputs: Inputs) -> Blocks:
    """The two formulas for scaled and shifted outputs."""
    logits = np.asarray(inputs["logits1"]) * float(inputs["scale"]) + float(inputs["shift"])
    by_book, by_book_total = plain(logits)
    less = logits - largest(logits)
    e = exp(less)
    share = divide(e, total(e))
    return {
        "shifted": logits[:, None],
        "plain": np.column_stack([by_book, ln(by_book[:, 1])]),
        "plain_total": by_book_total,
        "stable": np.column_stack([less, e, share, less - ln(total(e))]),
        "stable_total": np.array([[total(e), total(share)]]),
    }


def several(inputs: Inputs) -> Blocks:
    """Softmax beside sigmoid for pictures with any number of things in them."""
    scores, present = np.asarray(inputs["scores"]), np.asarray(inputs["present"])
    e = exp(scores - largest(scores))
    sums = total(e)[:, None]
    softmax = divide(e, sums)
    sigmoid = divide(np.ones(()), 1 + exp(-scores))
    one = np.where(softmax == largest(softmax), 1.0, 0.0)
    many = np.where(sigmoid > float(inputs["threshold"]), 1.0, 0.0)
    many[np.isnan(sigmoid)] = np.nan
    found = {"exp": e, "exp_sum": sums, "softmax": softmax, "softmax_sum": total(softmax)[:, None]}
    found |= {"sigmoid": sigmoid, "sigmoid_sum": total(sigmoid)[:, None]}
    for name, picks in {"one": one, "many": many}.items():
        wrong = total((picks - present) * (picks - present))[:, None]
        found |= {name: picks, f"{name}_wrong": wrong, f"{name}_total": total(wrong, 0)[None]}
    return found


def gradient(inputs: Inputs) -> Blocks:
    """Both losses of image 1 with one class right, and their gradients."""
    x = np.asarray(inputs["logits1"])
    y = np.where(np.arange(1, len(x) + 1) == float(inputs["target"]), 1.0, 0.0)
    e = exp(x - largest(x))
    p = divide(e, total(e))
    loss = -y * (x - largest(x) - ln(total(e)))
    by_p = divide(-y, p)
    s = divide(np.ones(()), 1 + exp(-x))
    loss_s = np.maximum(x, 0) - x * y + ln(1 + exp(-np.abs(x)))
    jacobian = p[:, None] * (np.eye(len(x)) - p)
    of_softmax = np.column_stack([e, p, y, loss, by_p, p - y])
    of_sigmoid = np.column_stack([s, loss_s, s - y])
    return {
        "of_softmax": of_softmax,
        "of_sigmoid": of_sigmoid,
        "loss_softmax": total(of_softmax[:, :4], 0)[None],
        "gradient_softmax": np.array([[np.round(total(p - y), 12)]]),
        "loss_sigmoid": total(of_sigmoid, 0)[None],
        "jacobian": jacobian,
        "chain": total(by_p[:, None] * jacobian, 0)[None],
    }


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    found = images(inputs)
    if "shift" in inputs:
        found |= survive(inputs)
    if "scores" in inputs:
        found |= several(inputs)
    if "target" in inputs:
        found |= gradient(inputs)
    return {name: known(block) for name, block in found.items()}
