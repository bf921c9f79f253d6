"""`adam_ann` in Excel formulas: Adam, whose lr is quartered at the start of an epoch when the roots of the
squared averages, SQRT(L)+SQRT(M), have grown to more than twice their best so far."""

from dataclasses import replace

from sheetsim.lessons.descent._shared import sheet
from sheetsim.lessons.descent._shared.table import GRADIENT, LINE, DescentBook, Implementation, StepTable
from sheetsim.lessons.descent.adam_ann import LESSON
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.workbook import DefinedName, Workbook

HEAD = {"B1": "b", "B2": "a", "D1": "learn", "I1": "beta", "K1": "=1-J1", "M1": "=1-L1"}

RULE = StepTable(
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
)

# Epochs 2 and on: N the epoch's lr, O the sum of roots that it starts from, P the best sum so far.
EPOCHS = replace(
    RULE,
    rule={
        **RULE.rule,
        "H": "C4-J4*N4/SQRT(L4)",
        "I": "D4-K4*N4/SQRT(M4)",
        "N": "N3",
        "O": "O3",
        "P": "P3",
    },
    breaks=((2, {"N": "IF(O4/P3>2,N3/4,N3)", "O": "SQRT(L3)+SQRT(M3)", "P": "MIN(P3,O4)"}),),
    start={"N3": "=adam_ann!D2", "O3": "", "P3": "=adam_ann!N3"},
)

# torch: P the epoch's lr, Q the sum of roots that it starts from, R the best so far; no cut in epoch 2.
TORCH = StepTable(
    weights=LINE,
    rule={
        **GRADIENT,
        "J": "J3+(F4-J3)*$K$1",
        "K": "K3+(G4-K3)*$K$1",
        "L": "$L$1*L3+$M$1*F4^2",
        "M": "$L$1*M3+$M$1*G4^2",
        "N": "1-$J$1^S4",
        "O": "1-$L$1^S4",
        "P": "P3",
        "Q": "Q3",
        "R": "R3",
        "H": "C4-(P4/N4)*J4/(SQRT(L4)/SQRT(O4)+$N$1)",
        "I": "D4-(P4/N4)*K4/(SQRT(M4)/SQRT(O4)+$N$1)",
    },
    breaks=(
        (1, {}),
        (2, {"Q": "SQRT(L3)+SQRT(M3)", "R": "Q4"}),
        (3, {"P": "IF(Q4/R3>2,P3/4,P3)", "Q": "SQRT(L3)+SQRT(M3)", "R": "MIN(R3,Q4)"}),
    ),
    state=("J", "K", "L", "M"),
    head={**HEAD, "O1": "← beta1, 1-beta1, beta2, 1-beta2, eps"},
    start={"P3": "=D2", "Q3": "0", "R3": "0"},
)

IMPLEMENTATION = Implementation(
    lesson=RULE,
    epochs=EPOCHS,
    torch=TORCH,
    pred=("E",),
    torch_pred=("E",),
    lr="N",
    torch_lr="P",
    foot={
        "F{end}": "=SQRT(SUMSQ(F4:F{last}))/COUNT(F4:F{last})",
        "G{end}": "=SQRT(SUMSQ(G4:G{last}))/COUNT(G4:G{last})",
        "N{end}": "=SQRT(L{end})+SQRT(M{end})",
        "N{after}": "=avg_grad2/prev_grad2",
        "K{after}": "=1/K3",
        "L{after}": "=1/L3",
    },
    shows="""
        A line y = a*x + b is fitted to the points, one point a row, by Adam's rule with a large
        learning rate. At the start of each epoch the sum of the roots of both squared averages is
        compared with the smallest so far (N3): when it has grown to more than twice that, the
        learning rate is quartered.

        Growing gradients near the goal mean that the steps jump over it. So the rate stays large on
        the way and becomes small at the end: annealing. On the lesson's sheet N33 is the sum that
        epoch 1 starts with, N34 its ratio to the best; K34 and L34 are scratch cells of the
        course's own workbook.
    """,
    tries="""
        Watch the column lr of the summary: in epoch 6, after the loss went up to 21.0, it falls from 1 to
        0.25. What does the loss do then?

        Set the learning rate on the sheet adam_ann (D2) to 0.1: no cut in ten epochs, and b gets to
        14.3 only.

        Export with --epochs 26 to see b and a settle, at 29.996 and 1.9999.
    """,
)


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    return sheet.build(LESSON, IMPLEMENTATION, settings, data, _best)


def _best(plan: DescentBook) -> None:
    """N3, the best sum of roots before epoch 1: that of the start of the last dry pass, because the course's
    macro reads it before it copies this pass's averages. And the two names that its N34 uses."""
    lesson = plan.sheet("lesson")
    if plan.dry:
        row = 3 + plan.n * (plan.dry - 1)
        v_b, v_a = (plan.reference("start", f"{column}{row}") for column in "LM")
    else:
        v_b, v_a = (f"{column}{plan.last + 1}" for column in "LM")
    lesson.fill("N3", f"SQRT({v_b})+SQRT({v_a})")
    lesson.set("N2", "best so far")
    plan.paints += [("N2", "spelled heading"), ("N3", "state")]
    for name, cell in (("avg_grad2", f"$N${plan.last + 1}"), ("prev_grad2", "$N$3")):
        plan.book.names.append(DefinedName(name, f"adam_ann!{cell}", scope="adam_ann"))
