"""`nesterov` in Excel formulas: as momentum, but the gradient (H, I) is taken where the average alone would
lead (E, F)."""

from sheetsim.lessons.descent._shared import sheet
from sheetsim.lessons.descent._shared.table import GRADIENT, LINE, Implementation, StepTable, Weight
from sheetsim.lessons.descent.nesterov import LESSON
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.workbook import Workbook

IMPLEMENTATION = Implementation(
    lesson=StepTable(
        weights=(Weight("C", "L", "C1"), Weight("D", "M", "C2")),
        rule={
            "E": "C4-$D$2*$J$1*J3",
            "F": "D4-$D$2*$J$1*K3",
            "G": "E4+F4*A4",
            "H": "2*(F4*A4+E4-B4)",
            "I": "H4*A4",
            "J": "J3*$J$1+$K$1*H4",
            "K": "K3*$J$1+$K$1*I4",
            "L": "C4-J4*$D$2",
            "M": "D4-K4*$D$2",
        },
        state=("J", "K"),
        head={"B1": "b", "B2": "a", "D1": "learn", "I1": "beta", "K1": "=1-J1", "L1": "← beta, 1-beta"},
    ),
    torch=StepTable(
        weights=LINE,
        rule={
            **GRADIENT,
            "J": "$J$1*J3+F4",
            "K": "$J$1*K3+G4",
            "H": "C4-$D$2*(F4+$J$1*J4)",
            "I": "D4-$D$2*(G4+$J$1*K4)",
        },
        breaks=((1, {"J": "F4", "K": "G4"}), (2, {})),  # the first buffer is the gradient itself
        head={"B1": "b", "B2": "a", "D1": "learn", "I1": "momentum"},
    ),
    pred=("G",),
    torch_pred=("E",),
    shows="""
        A line y = a*x + b is fitted to the points, one point a row. As with momentum, the step
        follows a running average of the gradients. But the gradient is taken where this average is
        about to lead, not where the weights stand: a look ahead that brakes earlier.

        torch tells it differently: its weights are the point ahead, so that no second point is
        needed.
    """,
    tries="""
        Set beta on the sheet nesterov (J1) to 0: nothing to look ahead with, this is plain SGD.

        Set the learning rate (D2) to 0.0003, here and in a workbook of the lesson momentum: the loss of
        epoch 10 is 17.6 here and 106 there. Looking ahead brakes in time.

        Type =nesterov!D2 into D2 of the sheet nesterov torch: at the lesson's learning rate torch's
        steps are ten times as long. b gets to 5.4 instead of 1.5, but the slope swings to and fro, and
        the loss is 19.7 instead of 16.2; at 0.0003 all runs away. That is why this sheet starts with a
        tenth of the lesson's rate.
    """,
)


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    return sheet.build(LESSON, IMPLEMENTATION, settings, data)
