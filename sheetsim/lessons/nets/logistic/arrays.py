"""`logistic` in NumPy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.nets._shared.arrays import Array, linear, mean, sgd, total, weight_grad
from sheetsim.lessons.nets.logistic import WEIGHT0, LogisticPlaces, labels_of

Labels = NDArray[np.int64]


def softmax(logits: Array) -> Array:
    """Each row's exponentials over their sum; the row's largest is taken off first."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / total(powers, 1)[:, None]


def cross_entropy(logits: Array, labels: Labels) -> Array:
    """-ln of the softmax at the label, without dividing: it stays finite where the softmax is 0."""
    above = logits - logits.max(axis=1, keepdims=True)
    return np.log(total(np.exp(above), 1)) - above[np.arange(len(labels)), labels]


def right(logits: Array, labels: Labels) -> Array:
    """1 where the largest logit, the first of them, is the label's."""
    return (logits.argmax(axis=1) == labels).astype(float)


@np.errstate(all="ignore")
def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    place = LogisticPlaces(
        {name: float(inputs[name]) for name in ("classes", "size", "batch", "batches", "epochs", "valid")}
    )
    lr, weight_decay = float(inputs["lr"]), float(inputs["weight_decay"])
    train_x, valid_x, weight = (
        np.asarray(inputs[name], np.float64) for name in ("train_x", "valid_x", WEIGHT0)
    )
    train_y, valid_y = labels_of(inputs, "train_y"), labels_of(inputs, "valid_y")
    found: dict[str, Array] = {}
    losses, rights, epochs = [], [], []
    for step in range(1, place.steps + 1):
        first = (step - 1) % place.batches * place.batch
        x, y = train_x[first : first + place.batch], train_y[first : first + place.batch]
        logits = linear(x, weight)
        p = softmax(logits)
        loss, hit = cross_entropy(logits, y), right(logits, y)
        delta = (p - np.eye(place.classes)[y]) / place.batch
        grad = weight_grad(delta, x)
        found[f"step{step}.forward"] = np.column_stack([logits, p, loss, hit, delta])
        found[f"step{step}.grad"] = grad
        weight = sgd(weight, grad, lr, weight_decay)
        found[f"step{step + 1}.weight"] = weight
        losses.append(loss)
        rights.append(hit)
        if step % place.batches == 0:
            logits = linear(valid_x, weight)
            loss, hit = cross_entropy(logits, valid_y), right(logits, valid_y)
            found[f"valid{step // place.batches}"] = np.column_stack([logits, loss, hit])
            seen, hits = (np.concatenate(rows[-place.batches :]) for rows in (losses, rights))
            epochs.append([mean(seen), mean(loss), mean(hits), mean(hit)])
    found["summary"] = np.array(epochs)
    found["summary.steps"] = np.array([[mean(loss)] for loss in losses])
    return found
