"""`adam` in Excel formulas: running averages of the gradients (J, K) and of their squares (L, M); each
weight steps by the first over the root of the second."""

from sheetsim.lessons.descent._shared import sheet
from sheetsim.lessons.descent._shared.table import GRADIENT, LINE, Implementation, StepTable
from sheetsim.lessons.descent.adam import LESSON
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.workbook import Workbook

HEAD = {"B1": "b", "B2": "a", "D1": "learn", "I1": "beta", "K1": "=1-J1", "M1": "=1-L1"}

IMPLEMENTATION = Implementation(
    lesson=StepTable(
        weights=LINE,
        rule={
            **GRADIENT,
            "J": "J3*$J$1+$K$1*F4",
            "K": "K3*$J$1+$K$1*G4",
            "L": "L3*$L$1+$M$1*F4^2",
            "M": "M3*$L$1+$M$1*G4^2",
            "H": "C4-J4*$D$2/SQRT(L4)",
            "I": "D4-K4*$D$2/SQRT(M4)",
        },
        state=("J", "K", "L", "M"),
        head={**HEAD, "N1": "← beta1, 1-beta1, beta2, 1-beta2"},
    ),
    torch=StepTable(
        weights=LINE,
        rule={
            **GRADIENT,
            "J": "J3+(F4-J3)*$K$1",
            "K": "K3+(G4-K3)*$K$1",
            "L": "$L$1*L3+$M$1*F4^2",
            "M": "$L$1*M3+$M$1*G4^2",
            "N": "1-$J$1^P4",
            "O": "1-$L$1^P4",
            "H": "C4-($D$2/N4)*J4/(SQRT(L4)/SQRT(O4)+$N$1)",
            "I": "D4-($D$2/N4)*K4/(SQRT(M4)/SQRT(O4)+$N$1)",
        },
        state=("J", "K", "L", "M"),
        head={**HEAD, "O1": "← beta1, 1-beta1, beta2, 1-beta2, eps"},
    ),
    pred=("E",),
    torch_pred=("E",),
    shows="""
        A line y = a*x + b is fitted to the points, one point a row: each row predicts, takes the
        gradient of its squared error and makes one step. Adam keeps two running averages for each
        weight, one of the gradients (where to go) and one of their squares (how large they usually
        are).

        The step is the first average over the root of the second, times the learning rate. So b and
        a move at about the same speed, although the gradient of a is x times as large as that of b.
    """,
    tries="""
        Set the learning rate on the sheet adam (D2) to 1: b is 29.9 after five epochs, but then the
        steps are too long, and the loss goes up from 7.2 to 11.5 in epoch 10. To 0.01: b gets to 3.2
        only.

        Set beta1 (J1) to 0: nothing is left of momentum, and the rule is RMSProp with this row's
        average.

        On the sheet adam torch set beta2 (L1) to 0.9, the lesson's value: b is 15.7 in epoch 10, as
        it is nearly by the lesson's rule, instead of 11.3.

        Export with --epochs 100: torch's rule arrives, the lesson's circles about the goal at a loss
        of 2.2. It forgets large gradients too soon, because its beta2 is 0.9.
    """,
)


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    return sheet.build(LESSON, IMPLEMENTATION, settings, data)
