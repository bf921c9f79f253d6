"""The families of lessons, in teaching order: a folder each under `lessons/`, with a folder a lesson."""

from __future__ import annotations

_FOLDERS = (
    ("Gradient descent", "descent", "sgd momentum nesterov rmsprop adagrad adam adam_ann adamw weight_decay"),
    (
        "Collaborative filtering",
        "collab",
        "dotprod bias onehot lookup embeddings word_emb pca embedding_size collab_gd collab_nn",
    ),
    ("Losses and activations", "losses", "softmax cross_entropy activations"),
    ("Convolution and dropout", "vision", "conv dropout conv_stride conv_matmul conv_train"),
    ("Schedules and averages", "schedules", "one_cycle lr_finder"),
    ("Schedules and averages", "averages", "ema"),
    ("Small networks", "nets", "logistic mlp entity_embeddings broadcasting"),
)
"""Title, folder, lessons; two folders may share a title."""

FAMILIES: dict[str, tuple[str, ...]] = {}
for _title, _folder, _lessons in _FOLDERS:
    FAMILIES[_title] = FAMILIES.get(_title, ()) + tuple(_lessons.split())

NAMES = tuple(name for names in FAMILIES.values() for name in names)

_PACKAGES = {
    name: f"sheetsim.lessons.{folder}.{name}" for _, folder, lessons in _FOLDERS for name in lessons.split()
}


def package(name: str) -> str:
    """The dotted name of a lesson's package. KeyError when there is no such lesson."""
    return _PACKAGES[name]
