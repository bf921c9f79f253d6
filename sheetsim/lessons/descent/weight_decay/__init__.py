"""`weight_decay`: L2 regularisation against decoupled weight decay, under SGD and under Adam."""

from sheetsim.address import Rect
from sheetsim.lessons.descent._shared import parameters, spec
from sheetsim.lessons.descent._shared.spec import Extra, Group, Layout
from sheetsim.lessons.kit.lesson import Parameter

SGD = ("b", "a", "pred", "de/db", "de/da", "new b", "new a")
ADAM = (*SGD, "m_b", "m_a", "v_b", "v_a")

TABLES = (
    Group("sgd_l2", "C", SGD, "SGD, penalty in the gradient (L2)"),
    Group("sgd_decay", "J", SGD, "SGD, decoupled weight decay"),
    Group("adam_l2", "Q", ADAM, "Adam, penalty in the gradient (L2)"),
    Group("adam_decay", "AB", ADAM, "Adam, decoupled weight decay (AdamW)"),
)

LESSON = spec.descent_lesson(
    "weight_decay",
    "Weight decay and L2",
    "L2 regularisation and weight decay: the same under SGD, different under Adam.",
    (
        *(
            parameters.ROWS,
            parameters.EPOCHS,
            parameters.SEED,
            parameters.B,
            parameters.A,
            parameters.lr(0.1),
        ),
        Parameter("sgd_lr", 1e-4, "learning rate of the two SGD tables", 0, 1e6, open=True),
        Parameter("weight_decay", 0.1, "strength: the penalty's gradient is weight_decay * w", 0, 1),
        parameters.fraction("beta1", 0.9, "share of the old average of gradients that is kept"),
        parameters.fraction("beta2", 0.9, "share of the old average of squared gradients that is kept"),
        parameters.TORCH_LR,
        Parameter("torch_sgd_lr", 0, "sgd_lr on the torch sheet", 0, 1e6, open=True, follows="sgd_lr"),
        Parameter("torch_weight_decay", 0, "weight_decay on the torch sheet", 0, 1, follows="weight_decay"),
        parameters.fraction("torch_beta1", 0, "beta1 on the torch sheet", follows="beta1"),
        parameters.fraction("torch_beta2", 0.999, "beta2 on the torch sheet (torch's default)"),
        parameters.eps(1e-8),
        *(parameters.M0, parameters.V0),
    ),
    Layout(
        lesson=TABLES,
        torch=(*TABLES, Group("correction", "AM", ("1-beta1^t", "1-beta2^t"), "bias corrections of step t")),
        cells={
            **{"b": "C1", "a": "C2", "lr": "F2", "sgd_lr": "F1", "weight_decay": "I1"},
            **{"beta1": "L1", "beta2": "L2"},
        },
        torch_cells={
            **{"torch_lr": "F2", "torch_sgd_lr": "F1", "torch_weight_decay": "I1"},
            **{"torch_beta1": "L1", "torch_beta2": "L2", "eps": "O1"},
        },
        state={"m_b": "X", "m_a": "Y", "v_b": "Z", "v_a": "AA"},
        extras=(
            Extra(
                "start_l2",
                lambda n, _: Rect(2, 23, 3, 27),
                ("m_b", "m_a", "v_b", "v_a"),
                "averages at the start, L2",
            ),
            Extra(
                "start_decay",
                lambda n, _: Rect(2, 34, 3, 38),
                ("m_b", "m_a", "v_b", "v_a"),
                "averages at the start, decay",
            ),
        ),
        summary=tuple(
            f"{what} {table}"
            for table in ("sgd_l2", "sgd_decay", "adam_l2", "adam_decay")
            for what in ("rmse", "b", "a")
        ),
    ),
    None,
    "torch corrects Adam's averages and adds eps; both put weight_decay * w into the gradient (a penalty of "
    "weight_decay * w^2, as the lesson remarks, would give 2 * weight_decay * w).",
)
