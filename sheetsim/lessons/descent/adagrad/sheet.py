"""`adagrad` in Excel formulas: the step is divided by the root of the sum of all squared gradients (J, K)."""

from sheetsim.lessons.descent._shared import sheet
from sheetsim.lessons.descent._shared.table import GRADIENT, LINE, Implementation, StepTable
from sheetsim.lessons.descent.adagrad import LESSON
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.workbook import Workbook

IMPLEMENTATION = Implementation(
    lesson=StepTable(
        weights=LINE,
        rule={
            **GRADIENT,
            "J": "J3+F4^2",
            "K": "K3+G4^2",
            "H": "C4-F4*$D$2/SQRT(J4)",
            "I": "D4-G4*$D$2/SQRT(K4)",
        },
        state=("J", "K"),
        head={"B1": "b", "B2": "a", "D1": "learn"},
    ),
    torch=StepTable(
        weights=LINE,
        rule={
            **GRADIENT,
            "J": "J3+F4^2",
            "K": "K3+G4^2",
            "H": "C4-$D$2/(1+(L4-1)*$J$1)*F4/(SQRT(J4)+$L$1)",  # L: the number of the step
            "I": "D4-$D$2/(1+(L4-1)*$J$1)*G4/(SQRT(K4)+$L$1)",
        },
        state=("J", "K"),
        head={"B1": "b", "B2": "a", "D1": "learn", "I1": "lr decay", "K1": "eps"},
    ),
    pred=("E",),
    torch_pred=("E",),
    shows="""
        A line y = a*x + b is fitted to the points, one point a row. Each weight sums up its squared
        gradients, and its step is the gradient over the root of the sum, times the learning rate.

        The sum only grows, so that the steps shrink like one over the root of the number of steps:
        good for rare features, too timid for a long training. RMSProp forgets old gradients
        instead.
    """,
    tries="""
        Set the learning rate on the sheet adagrad (D2) to 10: the first epoch is wild, with a loss of
        91.5, but the steps shrink by themselves, and in epoch 10 it is 4.7 instead of 9.4. To 0.1: b
        gets to 3.0 only.

        Look at the first row: the gradient over the root of its own square is 1 or -1, so that the
        first step is the learning rate itself.

        On the sheet adagrad torch set lr decay (J1) to 0.01: b gets to 9.0 instead of 13.8.
    """,
)


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    return sheet.build(LESSON, IMPLEMENTATION, settings, data)
