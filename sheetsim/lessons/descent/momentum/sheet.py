"""`momentum` in Excel formulas: the step follows a running average of the gradients (J, K)."""

from sheetsim.lessons.descent._shared import sheet
from sheetsim.lessons.descent._shared.table import GRADIENT, LINE, Implementation, StepTable
from sheetsim.lessons.descent.momentum import LESSON
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.workbook import Workbook

IMPLEMENTATION = Implementation(
    lesson=StepTable(
        weights=LINE,
        rule={
            **GRADIENT,
            "J": "J3*$J$1+$K$1*F4",
            "K": "K3*$J$1+$K$1*G4",
            "H": "C4-J4*$D$2",
            "I": "D4-K4*$D$2",
            "L": "(B4-E4)^2",
        },
        state=("J", "K"),
        head={"B1": "b", "B2": "a", "D1": "learn", "I1": "beta", "K1": "=1-J1", "L1": "← beta, 1-beta"},
    ),
    torch=StepTable(
        weights=LINE,
        rule={
            **GRADIENT,
            "J": "$J$1*J3+(1-$L$1)*F4",
            "K": "$J$1*K3+(1-$L$1)*G4",
            "H": "C4-$D$2*J4",
            "I": "D4-$D$2*K4",
        },
        breaks=((1, {"J": "F4", "K": "G4"}), (2, {})),  # the first buffer is the gradient itself
        head={"B1": "b", "B2": "a", "D1": "learn", "I1": "momentum", "K1": "dampening"},
    ),
    pred=("E",),
    torch_pred=("E",),
    foot={"L{end}": "=SQRT(SUM(L4:L{last}))"},
    shows="""
        A line y = a*x + b is fitted to the points, one point a row. Instead of each point's own
        gradient, the step follows a running average of all gradients so far: nine parts of the old
        average and one part of the new gradient, with the default beta.

        Gradients that point to and fro cancel out; those that keep pointing one way add up.
    """,
    tries="""
        Set beta on the sheet momentum (J1) to 0: this is plain SGD. To 0.99: the average is slow to
        turn, and the slope overshoots; it is 3.7 at the end of epoch 1.

        Type =momentum!D2 into D2 of the sheet momentum torch: at the lesson's learning rate torch's
        steps are ten times as long, the loss grows from epoch to epoch, and it is 2.7E+07 in epoch 10.
        That is why this sheet starts with a tenth of the lesson's rate.

        Leave it so and set dampening (L1) to 0.9: now only the very first step, and each epoch's
        last, differ from the lesson's rule, and the loss of epoch 10 is 16.1 in both.
    """,
)


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    return sheet.build(LESSON, IMPLEMENTATION, settings, data)
