"""`nesterov`: momentum whose gradient is taken where the momentum is about to lead."""

from sheetsim.address import Rect
from sheetsim.lessons.descent._shared import parameters, spec
from sheetsim.lessons.descent._shared.spec import Extra, Group, Layout

PARAM = Group("param", "C", ("b", "a"), "intercept and slope before the step")

LESSON = spec.descent_lesson(
    "nesterov",
    "Nesterov momentum",
    "Momentum that looks ahead: the gradient is taken where the average is about to lead.",
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
        *(parameters.dry_passes(0), parameters.M0, parameters.torch_lr(1e-5)),
        parameters.fraction("torch_momentum", 0, "momentum on the torch sheet", follows="momentum"),
    ),
    Layout(
        lesson=(
            PARAM,
            Group("ahead", "E", ("b ahead", "a ahead"), "where the average alone would lead"),
            Group("pred", "G", ("pred",), "prediction with the values ahead"),
            Group("grad", "H", ("de/db", "de/da"), "gradient of the squared error, ahead"),
            Group("m", "J", ("m_b", "m_a"), "running average of the gradients"),
            Group("step", "L", ("new b", "new a"), "intercept and slope after the step"),
        ),
        torch=(
            PARAM,
            Group("pred", "E", ("pred",), "prediction a*x + b"),
            Group("grad", "F", ("de/db", "de/da"), "gradient of the squared error"),
            Group("step", "H", ("new b", "new a"), "intercept and slope after the step"),
            Group("buf", "J", ("buf_b", "buf_a"), "momentum buffer; the first is the gradient itself"),
        ),
        cells={"b": "C1", "a": "C2", "lr": "D2", "momentum": "J1"},
        torch_cells={"torch_lr": "D2", "torch_momentum": "J1"},
        state={"m_b": "J", "m_a": "K"},
        start_cells={"m0": "J3"},
        extras=(Extra("start", lambda n, _: Rect(2, 9, 3, 11), ("m_b", "m_a"), "averages at the start"),),
    ),
    None,
    "The lesson takes the gradient at the point ahead and keeps a and b where they are; torch keeps the "
    "point ahead itself as its parameters, and adds the whole gradient instead of (1 - momentum) of it; its "
    "sheet therefore starts with a tenth of the lr.",
)
