"""`sgd`: plain stochastic gradient descent, with finite-difference estimates of the gradient beside it."""

from sheetsim.address import Rect
from sheetsim.lessons.descent._shared import parameters, spec
from sheetsim.lessons.descent._shared.spec import Extra, Group, Layout

LESSON = spec.descent_lesson(
    "sgd",
    "Stochastic gradient descent",
    "A line fitted point by point with plain SGD; finite differences beside the analytic gradient.",
    (
        parameters.ROWS,
        parameters.EPOCHS,
        parameters.SEED,
        parameters.B,
        parameters.A,
        parameters.lr(1e-4),
        parameters.TORCH_LR,
    ),
    Layout(
        lesson=(
            Group("param", "C", ("intercept", "slope"), "intercept and slope before the step"),
            Group("pred", "E", ("y_pred",), "prediction a*x + b"),
            Group("err2", "F", ("err^2",), "squared error"),
            Group(
                "estimate", "G", ("errb1", "est de/db", "erra1", "est de/da"), "finite differences of 0.01"
            ),
            Group("grad", "K", ("de/db", "de/da"), "gradient of the squared error"),
            Group("step", "M", ("new a", "new b"), "slope and intercept after the step"),
        ),
        torch=(
            Group("param", "C", ("b", "a"), "intercept and slope before the step"),
            Group("pred", "E", ("pred",), "prediction a*x + b"),
            Group("grad", "F", ("de/db", "de/da"), "gradient of the squared error"),
            Group("step", "H", ("new b", "new a"), "intercept and slope after the step"),
        ),
        cells={"b": "C1", "a": "C2", "lr": "F1"},
        torch_cells={"torch_lr": "D2"},
        state={},
        extras=(
            Extra(
                "err2_root", lambda n, _: Rect(n + 3, 5, n + 4, 6), ("rmse",), "root of the sum of squares"
            ),
            Extra(
                "grad_norm",
                lambda n, _: Rect(n + 3, 10, n + 4, 12),
                ("de/db", "de/da"),
                "length of the gradients",
            ),
            Extra(
                "epoch_list",
                lambda n, e: Rect(n + 8, 2, n + 7 + e, 3),
                ("rmse",),
                "the macro's list: rmse of epochs 2 on",
            ),
        ),
    ),
    "basic",
    "The lesson throws each epoch's last step away (its macro copies a and b from before that step); "
    "torch keeps it.",
)
