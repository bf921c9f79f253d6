"""`momentum`: SGD with a running average of the gradients."""

from sheetsim.address import Rect
from sheetsim.lessons.descent._shared import parameters, spec
from sheetsim.lessons.descent._shared.spec import Extra, Group, Layout

PARAM = Group("param", "C", ("b", "a"), "intercept and slope before the step")
PRED = Group("pred", "E", ("pred",), "prediction a*x + b")
GRAD = Group("grad", "F", ("de/db", "de/da"), "gradient of the squared error")
STEP = Group("step", "H", ("new b", "new a"), "intercept and slope after the step")

LESSON = spec.descent_lesson(
    "momentum",
    "Momentum",
    "SGD that follows a running average of the gradients.",
    (
        *(
            parameters.ROWS,
            parameters.EPOCHS,
            parameters.SEED,
            parameters.B,
            parameters.A,
            parameters.lr(1e-4),
        ),
        parameters.fraction("momentum", 0.9, "share of the old average that is kept (beta)"),
        *(parameters.dry_passes(1), parameters.M0, parameters.torch_lr(1e-5)),
        parameters.fraction("torch_momentum", 0, "momentum on the torch sheet", follows="momentum"),
        parameters.fraction("dampening", 0, "torch's dampening: the gradient is weighted 1 - dampening"),
    ),
    Layout(
        lesson=(
            *(PARAM, PRED, GRAD, STEP),
            Group("m", "J", ("m_b", "m_a"), "running average of the gradients"),
            Group("err2", "L", ("err^2",), "squared error"),
        ),
        torch=(
            *(PARAM, PRED, GRAD, STEP),
            Group("buf", "J", ("buf_b", "buf_a"), "momentum buffer; the first is the gradient itself"),
        ),
        cells={"b": "C1", "a": "C2", "lr": "D2", "momentum": "J1"},
        torch_cells={"torch_lr": "D2", "torch_momentum": "J1", "dampening": "L1"},
        state={"m_b": "J", "m_a": "K"},
        start_cells={"m0": "J3"},
        extras=(
            Extra("start", lambda n, _: Rect(2, 9, 3, 11), ("m_b", "m_a"), "averages at the start"),
            Extra(
                "err2_root", lambda n, _: Rect(n + 3, 11, n + 4, 12), ("rmse",), "root of the sum of squares"
            ),
        ),
    ),
    "momentum",
    "The lesson averages (1 - momentum) * gradient into the step; torch adds the whole gradient, so that its "
    "steps are 1 / (1 - momentum) times as long at the same lr; its sheet starts with a tenth of it.",
)
