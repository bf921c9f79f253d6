"""`adam`: a running average of the gradients divided by the root of that of their squares."""

from sheetsim.address import Rect
from sheetsim.lessons.descent._shared import parameters, spec
from sheetsim.lessons.descent._shared.spec import Extra, Group, Layout

PARAM = Group("param", "C", ("b", "a"), "intercept and slope before the step")
PRED = Group("pred", "E", ("pred",), "prediction a*x + b")
GRAD = Group("grad", "F", ("de/db", "de/da"), "gradient of the squared error")
STEP = Group("step", "H", ("new b", "new a"), "intercept and slope after the step")
M = Group("m", "J", ("m_b", "m_a"), "running average of the gradients")
V = Group("v", "L", ("v_b", "v_a"), "running average of squared gradients")

LESSON = spec.descent_lesson(
    "adam",
    "Adam",
    "Momentum and RMSProp together: both running averages drive the step.",
    (
        *(
            parameters.ROWS,
            parameters.EPOCHS,
            parameters.SEED,
            parameters.B,
            parameters.A,
            parameters.lr(0.1),
        ),
        parameters.fraction("beta1", 0.9, "share of the old average of gradients that is kept"),
        parameters.fraction("beta2", 0.9, "share of the old average of squared gradients that is kept"),
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
        ),
        cells={"b": "C1", "a": "C2", "lr": "D2", "beta1": "J1", "beta2": "L1"},
        torch_cells={"torch_lr": "D2", "torch_beta1": "J1", "torch_beta2": "L1", "eps": "N1"},
        state={"m_b": "J", "m_a": "K", "v_b": "L", "v_a": "M"},
        start_cells={"m0": "J3", "v0": "L3"},
        extras=(
            Extra(
                "start", lambda n, _: Rect(2, 9, 3, 13), ("m_b", "m_a", "v_b", "v_a"), "averages at the start"
            ),
        ),
    ),
    "adam",
    "The lesson divides by the bare root, with no correction of the averages' start at zero and no eps, and "
    "starts from averages warmed up by dry passes; torch corrects both averages, adds eps and starts from 0.",
)
