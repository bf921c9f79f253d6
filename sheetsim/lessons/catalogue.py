"""The catalogue: the lessons by name, in teaching order, by family."""

from __future__ import annotations

import importlib

from sheetsim.errors import SheetsimError
from sheetsim.lessons.lesson import Lesson, nearest

FAMILIES: dict[str, tuple[str, ...]] = {
    "Gradient descent": (
        "sgd",
        "momentum",
        "nesterov",
        "rmsprop",
        "adagrad",
        "adam",
        "adam_ann",
        "adamw",
        "weight_decay",
    ),
    "Collaborative filtering": (
        "dotprod",
        "bias",
        "onehot",
        "lookup",
        "embeddings",
        "word_emb",
        "pca",
        "embedding_size",
        "collab_gd",
        "collab_nn",
    ),
    "Losses and activations": ("softmax", "cross_entropy", "activations"),
    "Convolution and dropout": ("conv", "dropout", "conv_stride", "conv_matmul", "conv_train"),
    "Schedules and averages": (
        "one_cycle",
        "lr_finder",
        "ema",
    ),
    "Small networks": ("logistic", "mlp", "entity_embeddings", "broadcasting"),
}

NAMES = tuple(name for family in FAMILIES.values() for name in family)


def lesson(name: str) -> Lesson:
    """The lesson of that name. SheetsimError naming the nearest when there is none."""
    if name not in NAMES:
        raise SheetsimError(f"no lesson {name!r}{nearest(name, NAMES)}")
    found: Lesson = importlib.import_module(f"sheetsim.lessons.{name}").LESSON
    return found


def lessons() -> list[Lesson]:
    """All lessons."""
    return [lesson(name) for name in NAMES]
