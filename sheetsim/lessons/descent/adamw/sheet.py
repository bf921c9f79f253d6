"""`adamw` in Excel formulas: Adam, and each weight shrinks by a share lr * weight_decay in every step,
outside the averages (J to M)."""

from sheetsim.lessons.descent._shared import sheet
from sheetsim.lessons.descent._shared.table import GRADIENT, LINE, Implementation, StepTable
from sheetsim.lessons.descent.adamw import LESSON
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.workbook import Workbook

HEAD = {"B1": "b", "B2": "a", "D1": "learn", "E2": "weight decay", "I1": "beta", "K1": "=1-J1", "M1": "=1-L1"}

IMPLEMENTATION = Implementation(
    lesson=StepTable(
        weights=LINE,
        rule={
            **GRADIENT,
            "J": "J3*$J$1+$K$1*F4",
            "K": "K3*$J$1+$K$1*G4",
            "L": "L3*$L$1+$M$1*F4^2",
            "M": "M3*$L$1+$M$1*G4^2",
            "H": "C4*(1-$D$2*$F$2)-J4*$D$2/SQRT(L4)",
            "I": "D4*(1-$D$2*$F$2)-K4*$D$2/SQRT(M4)",
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
            "H": "C4*(1-$D$2*$F$2)-($D$2/N4)*J4/(SQRT(L4)/SQRT(O4)+$N$1)",
            "I": "D4*(1-$D$2*$F$2)-($D$2/N4)*K4/(SQRT(M4)/SQRT(O4)+$N$1)",
        },
        state=("J", "K", "L", "M"),
        head={**HEAD, "O1": "← beta1, 1-beta1, beta2, 1-beta2, eps"},
    ),
    pred=("E",),
    torch_pred=("E",),
    shows="""
        A line y = a*x + b is fitted to the points, one point a row, by Adam's rule. In addition,
        every step takes a small share, lr * weight_decay, off each weight, as if it wanted to
        return to 0.

        The decay is decoupled: it goes into neither average, and is not divided by the root. What
        it would be like inside the gradient is the lesson weight_decay.
    """,
    tries="""
        Set weight decay on the sheet adamw (F2) to 0: this is Adam. To 0.5: b and a come to rest at
        1.94 and 1.59. Which of them has lost more of its 30 or 2, and why?

        On the sheet adamw torch set beta2 (L1) to 0.9, the lesson's value: b is 13.8 in epoch 10, as
        it is nearly by the lesson's rule, instead of 10.2.

        Export with --epochs 100: even a decay of 0.01 keeps b from arriving; it stays at 28.2.
    """,
)


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    return sheet.build(LESSON, IMPLEMENTATION, settings, data)
