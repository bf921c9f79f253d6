"""`rmsprop` in Excel formulas: the step is divided by the root of a running average of squared gradients
(J, K): of the row above in the lesson, of this row in torch."""

from sheetsim.lessons.descent._shared import sheet
from sheetsim.lessons.descent._shared.table import GRADIENT, LINE, Implementation, StepTable
from sheetsim.lessons.descent.rmsprop import LESSON
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.workbook import Workbook

IMPLEMENTATION = Implementation(
    lesson=StepTable(
        weights=LINE,
        rule={
            **GRADIENT,
            "H": "C4-F4*$D$2/SQRT(J3)",
            "I": "D4-G4*$D$2/SQRT(K3)",
            "J": "J3*$J$1+$K$1*F4^2",
            "K": "K3*$J$1+$K$1*G4^2",
        },
        state=("J", "K"),
        head={"B1": "b", "B2": "a", "D1": "learn", "I1": "beta", "K1": "=1-J1", "L1": "← beta, 1-beta"},
    ),
    torch=StepTable(
        weights=LINE,
        rule={
            **GRADIENT,
            "J": "$J$1*J3+$K$1*F4^2",
            "K": "$J$1*K3+$K$1*G4^2",
            "H": "C4-$D$2*F4/(SQRT(J4)+$L$1)",
            "I": "D4-$D$2*G4/(SQRT(K4)+$L$1)",
        },
        state=("J", "K"),
        head={
            "B1": "b",
            "B2": "a",
            "D1": "learn",
            "I1": "alpha",
            "K1": "=1-J1",
            "M1": "← alpha, 1-alpha, eps",
        },
    ),
    pred=("E",),
    torch_pred=("E",),
    shows="""
        A line y = a*x + b is fitted to the points, one point a row. Each weight keeps a running
        average of its squared gradients, and its step is the gradient over the root of that
        average, times the learning rate: whether gradients are large or small, the steps are about
        as long as the learning rate.

        The dry passes before epoch 1 fill the averages; without them the first steps would be
        divided by a number that has nothing to do with the gradients.
    """,
    tries="""
        Set the learning rate on the sheet rmsprop (D2) to 0.2: after ten epochs b is 21.0 instead of
        4.8, but a jumps about from row to row.

        Set beta (J1) to 0: each step is divided by the size of the gradient before it, so that a tiny
        gradient makes the next step a giant one. In row 4 of the sheet rmsprop epochs b jumps from
        2.1 to 37.0.

        Set v0 on the sheet rmsprop start (J3) to 1: the first step there takes b from 1 to 2.2, where
        it went to 1.012 before.
    """,
)


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    return sheet.build(LESSON, IMPLEMENTATION, settings, data)
