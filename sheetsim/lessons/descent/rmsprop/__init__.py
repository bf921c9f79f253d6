"""`rmsprop`: each parameter's step divided by the root of its running squared gradient."""

from sheetsim.address import Rect
from sheetsim.lessons.descent._shared import parameters, spec
from sheetsim.lessons.descent._shared.spec import Extra, Group, Layout

PARAM = Group("param", "C", ("b", "a"), "intercept and slope before the step")
PRED = Group("pred", "E", ("pred",), "prediction a*x + b")
GRAD = Group("grad", "F", ("de/db", "de/da"), "gradient of the squared error")
STEP = Group("step", "H", ("new b", "new a"), "intercept and slope after the step")

LESSON = spec.descent_lesson(
    "rmsprop",
    "RMSProp",
    "Each parameter's step is divided by the root of its running average of squared gradients.",
    (
        *(
            parameters.ROWS,
            parameters.EPOCHS,
            parameters.SEED,
            parameters.B,
            parameters.A,
            parameters.lr(0.02),
        ),
        parameters.fraction("alpha", 0.9, "share of the old average that is kept (beta)"),
        *(parameters.dry_passes(2), parameters.V0, parameters.TORCH_LR),
        parameters.fraction("torch_alpha", 0.99, "alpha on the torch sheet (torch's default)"),
        parameters.eps(1e-8),
    ),
    Layout(
        lesson=(
            *(PARAM, PRED, GRAD, STEP),
            Group("v", "J", ("v_b", "v_a"), "running average of squared gradients"),
        ),
        torch=(
            *(PARAM, PRED, GRAD, STEP),
            Group("v", "J", ("v_b", "v_a"), "running average of squared gradients"),
        ),
        cells={"b": "C1", "a": "C2", "lr": "D2", "alpha": "J1"},
        torch_cells={"torch_lr": "D2", "torch_alpha": "J1", "eps": "L1"},
        state={"v_b": "J", "v_a": "K"},
        start_cells={"v0": "J3"},
        extras=(Extra("start", lambda n, _: Rect(2, 9, 3, 11), ("v_b", "v_a"), "averages at the start"),),
    ),
    "rmsprop",
    "The lesson divides by the root of the row before's average and updates it afterwards; torch updates "
    "first, divides by the root of the new average plus eps, and starts from 0.",
)
