"""`adam_ann`: Adam whose lr is quartered when the roots of the squared averages outgrow their best."""

from dataclasses import replace

from sheetsim.address import Rect
from sheetsim.lessons.descent._shared import parameters, spec
from sheetsim.lessons.descent._shared.spec import Extra, Group, Layout

PARAM = Group("param", "C", ("b", "a"), "intercept and slope before the step")
PRED = Group("pred", "E", ("pred",), "prediction a*x + b")
GRAD = Group("grad", "F", ("de/db", "de/da"), "gradient of the squared error")
STEP = Group("step", "H", ("new b", "new a"), "intercept and slope after the step")
M = Group("m", "J", ("m_b", "m_a"), "running average of the gradients")
V = Group("v", "L", ("v_b", "v_a"), "running average of squared gradients")

# With these points lr is quartered in epoch 6 of the lesson's rule. With seed 1 it stays 1 throughout, and
# the path bounces about so that a difference in the last place grows to the tenth within ten epochs.
SEED = replace(parameters.SEED, default=28)

LESSON = spec.descent_lesson(
    "adam_ann",
    "Adam with annealing",
    "Adam that quarters its learning rate when the gradients grow again.",
    (
        *(parameters.ROWS, parameters.EPOCHS, SEED, parameters.B, parameters.A, parameters.lr(1)),
        parameters.fraction("beta1", 0.9, "share of the old average of gradients that is kept"),
        parameters.fraction("beta2", 0.95, "share of the old average of squared gradients that is kept"),
        *(parameters.dry_passes(2), parameters.M0, parameters.V0, parameters.TORCH_LR),
        parameters.fraction("torch_beta1", 0, "beta1 on the torch sheet", follows="beta1"),
        parameters.fraction("torch_beta2", 0.999, "beta2 on the torch sheet (torch's default)"),
        parameters.eps(1e-8),
    ),
    Layout(
        lesson=(PARAM, PRED, GRAD, STEP, M, V),
        torch=(
            *(PARAM, PRED, GRAD, STEP, M, V),
            Group("correction", "N", ("1-beta1^t", "1-beta2^t"), "bias corrections of step t"),
            Group("anneal", "P", ("lr", "sum", "best"), "lr of the epoch, sum of roots, best so far"),
        ),
        cells={"b": "C1", "a": "C2", "lr": "D2", "beta1": "J1", "beta2": "L1"},
        torch_cells={"torch_lr": "D2", "torch_beta1": "J1", "torch_beta2": "L1", "eps": "N1"},
        state={"m_b": "J", "m_a": "K", "v_b": "L", "v_a": "M", "best": "N3"},
        start_cells={"m0": "J3", "v0": "L3"},
        extras=(
            Extra(
                "start", lambda n, _: Rect(2, 9, 3, 13), ("m_b", "m_a", "v_b", "v_a"), "averages at the start"
            ),
            Extra(
                "grad_norm",
                lambda n, _: Rect(n + 3, 5, n + 4, 7),
                ("de/db", "de/da"),
                "length of the gradients, a point",
            ),
            Extra(
                "anneal",
                lambda n, _: Rect(n + 3, 13, n + 5, 14),
                ("sum, ratio",),
                "sum of roots, and over the best",
            ),
            Extra(
                "scratch",
                lambda n, _: Rect(n + 4, 10, n + 5, 12),
                ("1/m_a", "1/v_b"),
                "the original's scratch cells",
            ),
        ),
        epoch_groups=(
            Group("anneal", "N", ("lr", "sum", "best"), "lr of the epoch, sum of roots, best so far"),
        ),
    ),
    "adam_ann",
    "The rule that quarters lr is the lesson's own; torch has none, so that the torch sheet is torch's Adam "
    "with the same rule setting lr between epochs.",
)
