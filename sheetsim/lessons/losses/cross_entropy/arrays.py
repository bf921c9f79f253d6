"""`cross_entropy` in NumPy. A part is told where its inputs are: the courses' sheets have only some."""

import numpy as np

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.losses._shared.arrays import Array, divide, exp, known, largest, ln, log10, total

Blocks = dict[str, Array]
LN10 = np.log(np.array([10.0]))


def mean(x: Array) -> Array:
    """AVERAGE of each column, [1, columns]."""
    return total(x, 0)[None] / len(x)


def binary(y: Array, p: Array) -> Blocks:
    """A cat or not."""
    by_sum = -y * log10(p) - (1 - y) * log10(1 - p)
    by_if = -np.where(y == 1, log10(p), log10(1 - p))
    natural_sum = -y * ln(p) - (1 - y) * ln(1 - p)
    natural_if = -np.where(y == 1, ln(p), ln(1 - p))
    slope = divide(-y, p) + divide(1 - y, 1 - p)
    logit = ln(divide(p, 1 - p))
    sigmoid = divide(np.ones(()), 1 + exp(-logit))
    loss = np.maximum(logit, 0) - logit * y + ln(1 + exp(-np.abs(logit)))
    found = {
        "binary": np.column_stack([by_sum, by_if]),
        "natural": np.column_stack([natural_sum, natural_if, by_if * LN10, slope]),
        "from_logits": np.column_stack([logit, sigmoid, loss, sigmoid - y, (sigmoid - y) / len(y)]),
    }
    found["mean10"] = mean(found["binary"])
    found["mean"] = mean(found["natural"][:, :3])
    found["mean_logits"] = mean(loss[:, None])
    return found


def by_index(y: Array, p: Array) -> Blocks:
    """A cat or a dog: two logs, of which the place of the right class picks one."""
    is_dog = 1 - y
    place = np.where(y == 1, 1.0, np.where(is_dog == 1, 2.0, np.nan))

    def pick(cat: Array, dog: Array) -> Array:
        return np.where(place == 1, cat, np.where(place == 2, dog, np.nan))

    cat, dog = log10(p), log10(1 - p)
    ln_cat, ln_dog = ln(p), ln(1 - p)
    nll = -pick(ln_cat, ln_dog)
    slopes = [np.where(np.isnan(place), np.nan, -np.where(place == one, 1.0, 0.0) / len(y)) for one in (1, 2)]
    return {
        "is_dog": is_dog[:, None],
        "by_index": np.column_stack([cat, dog, -y * cat - is_dog * dog, place, pick(cat, dog)]),
        "nll": np.column_stack([ln_cat, ln_dog, nll, *slopes]),
        "nll_mean": mean(nll[:, None]),
    }


def pair(y: Array, p: Array) -> Blocks:
    """The other course's binary form; its sum is negated although the losses are positive already."""
    other = 1 - p
    by_sum = -y * log10(p) - (1 - y) * log10(other)
    by_if = -np.where(y == 1, log10(p), log10(other))
    return {
        "is_not_cat": (1 - y)[:, None],
        "pair": np.column_stack([other, by_sum, by_if]),
        "pair_sum": -total(by_sum[:, None], 0)[None],
    }


def classes(y: Array, p: Array) -> Blocks:
    """One of five classes."""
    terms = (y * log10(p))[:, None]
    loss = -total(terms, 0)[None]
    return {"x_entropy": terms, "x_entropy_sum": loss, "x_entropy_ln": loss * LN10}


def linked(y: Array, x: Array, typed: Array) -> Blocks:
    """The same from the logits."""
    e = exp(x - largest(x))
    p = divide(e, total(e))
    logs = x - largest(x) - ln(total(e))
    losses = -y * logs
    columns = [e, p, logs, losses, p * total(y) - y, np.round(typed - p, 6)]
    return {"linked": np.column_stack(columns), "linked_loss": total(losses[:, None], 0)[None]}


def batch(x: Array, target: Array, smoothing: float) -> Blocks:
    """Pictures in rows, classes in columns; the target by its place, spread a little over all."""
    rows, count = x.shape
    e = exp(x - largest(x))
    sums = total(e)[:, None]
    p = divide(e, sums)
    logs = x - largest(x) - ln(sums)
    there = (target >= 1) & (target < count + 1)
    place = np.where(there, target, 1).astype(int)[:, None] - 1
    right_log, right_p = (np.take_along_axis(cells, place, 1)[:, 0] for cells in (logs, p))
    loss = -(1 - smoothing) * right_log - smoothing / count * total(logs)
    right = np.where(right_p == largest(p)[:, 0], 1.0, 0.0)
    hit = np.where(np.arange(1, count + 1) == target[:, None], 1.0, 0.0)
    found = {
        "batch_exp": e,
        "batch_sum": sums,
        "batch_logs": logs,
        "batch_softmax": p,
        "batch_loss": np.where(there, loss, np.nan)[:, None],
        "batch_right": np.where(there, right, np.nan)[:, None],
        "batch_gradient": (p - (1 - smoothing) * hit - smoothing / count) / rows,
    }
    return found | {"batch_mean": mean(found["batch_loss"]), "batch_accuracy": mean(found["batch_right"])}


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    given = {name: np.asarray(inputs[name]) for name in inputs if name != "class"}
    found: Blocks = {}
    if "is_cat" in given:
        y, p = given["is_cat"], given["preds"]
        found |= binary(y, p) | by_index(y, p) | pair(y, p)
    if "probs" in given:
        found |= classes(given["actuals"], given["probs"])
    if "logits" in given:
        found |= linked(given["actuals"], given["logits"], given["probs"])
    if "scores" in given:
        found |= batch(given["scores"], given["target"], float(inputs["label_smoothing"]))
    if "p" in given:
        p = given["p"]
        found["curve"] = np.column_stack([-ln(p), -ln(1 - p), -log10(p)])
    return {name: known(block) for name, block in found.items()}
