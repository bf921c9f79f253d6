"""`adagrad`: each parameter's step divided by the root of the sum of its squared gradients so far."""

from sheetsim.address import Rect
from sheetsim.lessons.descent._shared import parameters, spec
from sheetsim.lessons.descent._shared.spec import Extra, Group, Layout
from sheetsim.lessons.kit.lesson import Parameter

PARAM = Group("param", "C", ("b", "a"), "intercept and slope before the step")
PRED = Group("pred", "E", ("pred",), "prediction a*x + b")
GRAD = Group("grad", "F", ("de/db", "de/da"), "gradient of the squared error")
STEP = Group("step", "H", ("new b", "new a"), "intercept and slope after the step")

LESSON = spec.descent_lesson(
    "adagrad",
    "Adagrad",
    "Each parameter's step is divided by the root of the sum of its squared gradients so far.",
    (
        *(parameters.ROWS, parameters.EPOCHS, parameters.SEED, parameters.B, parameters.A, parameters.lr(1)),
        *(
            parameters.dry_passes(0),
            Parameter("v0", 0, "sum of squared gradients at the start", 0),
            parameters.TORCH_LR,
        ),
        Parameter("lr_decay", 0, "torch's decay: lr / (1 + (step - 1) * lr_decay)", 0),
        parameters.eps(1e-10),
    ),
    Layout(
        lesson=(
            *(PARAM, PRED, GRAD, STEP),
            Group("sum", "J", ("sum_b", "sum_a"), "sum of squared gradients"),
        ),
        torch=(*(PARAM, PRED, GRAD, STEP), Group("sum", "J", ("sum_b", "sum_a"), "sum of squared gradients")),
        cells={"b": "C1", "a": "C2", "lr": "D2"},
        torch_cells={"torch_lr": "D2", "lr_decay": "J1", "eps": "L1"},
        state={"v_b": "J", "v_a": "K"},
        start_cells={"v0": "J3"},
        extras=(Extra("start", lambda n, _: Rect(2, 9, 3, 11), ("sum_b", "sum_a"), "sums at the start"),),
    ),
    None,
    "The same rule but for torch's eps and lr_decay, and for each epoch's last step, which the lesson throws "
    "away.",
)
