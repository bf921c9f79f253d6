"""`weight_decay` in Excel formulas: four tables side by side. Under SGD a penalty in the gradient (L2) and
weights that shrink by themselves (decay) come to the same; under Adam, where the gradient goes through the
averages, they do not."""

from sheetsim.lessons.descent._shared import sheet
from sheetsim.lessons.descent._shared.table import Implementation, StepTable, Weight
from sheetsim.lessons.descent.weight_decay import LESSON
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.workbook import Workbook

WORDS = ("SGD, L2", "SGD, decay", "Adam, L2", "Adam, decay")

WEIGHTS = (
    *(Weight("C", "H", "C1"), Weight("D", "I", "C2")),  # SGD, L2
    *(Weight("J", "O", "C1"), Weight("K", "P", "C2")),  # SGD, decay
    *(Weight("Q", "V", "C1"), Weight("R", "W", "C2")),  # Adam, L2
    *(Weight("AB", "AG", "C1"), Weight("AC", "AH", "C2")),  # Adam, decay
)

STATE = ("X", "Y", "Z", "AA", "AI", "AJ", "AK", "AL")

HEAD = {
    **{"B1": "b", "B2": "a", "E1": "learn SGD", "E2": "learn Adam", "H1": "weight decay"},
    **{"K1": "beta1", "K2": "beta2", "M1": "=1-L1", "M2": "=1-L2"},
    **{"D1": WORDS[0], "J1": WORDS[1], "Q1": WORDS[2], "AB1": WORDS[3]},
}

GRADIENTS = {
    # the penalty weight_decay/2 * w^2 adds weight_decay * w to the gradient
    **{"E": "C4+D4*$A4", "F": "2*(D4*$A4+C4-$B4)+$I$1*C4", "G": "2*(D4*$A4+C4-$B4)*$A4+$I$1*D4"},
    **{"L": "J4+K4*$A4", "M": "2*(K4*$A4+J4-$B4)", "N": "M4*$A4"},
    **{"S": "Q4+R4*$A4", "T": "2*(R4*$A4+Q4-$B4)+$I$1*Q4", "U": "2*(R4*$A4+Q4-$B4)*$A4+$I$1*R4"},
    **{"AD": "AB4+AC4*$A4", "AE": "2*(AC4*$A4+AB4-$B4)", "AF": "AE4*$A4"},
}

IMPLEMENTATION = Implementation(
    lesson=StepTable(
        weights=WEIGHTS,
        rule={
            **GRADIENTS,
            **{"H": "C4-F4*$F$1", "I": "D4-G4*$F$1"},
            **{"O": "J4*(1-$F$1*$I$1)-M4*$F$1", "P": "K4*(1-$F$1*$I$1)-N4*$F$1"},
            **{"X": "X3*$L$1+$M$1*T4", "Y": "Y3*$L$1+$M$1*U4"},
            **{"Z": "Z3*$L$2+$M$2*T4^2", "AA": "AA3*$L$2+$M$2*U4^2"},
            **{"V": "Q4-X4*$F$2/SQRT(Z4)", "W": "R4-Y4*$F$2/SQRT(AA4)"},
            **{"AI": "AI3*$L$1+$M$1*AE4", "AJ": "AJ3*$L$1+$M$1*AF4"},
            **{"AK": "AK3*$L$2+$M$2*AE4^2", "AL": "AL3*$L$2+$M$2*AF4^2"},
            "AG": "AB4*(1-$F$2*$I$1)-AI4*$F$2/SQRT(AK4)",
            "AH": "AC4*(1-$F$2*$I$1)-AJ4*$F$2/SQRT(AL4)",
        },
        state=STATE,
        head=HEAD,
    ),
    torch=StepTable(
        weights=WEIGHTS,
        rule={
            **GRADIENTS,
            **{"H": "C4-$F$1*F4", "I": "D4-$F$1*G4"},
            **{"O": "J4*(1-$F$1*$I$1)-$F$1*M4", "P": "K4*(1-$F$1*$I$1)-$F$1*N4"},
            **{"X": "X3+(T4-X3)*$M$1", "Y": "Y3+(U4-Y3)*$M$1"},
            **{"Z": "$L$2*Z3+$M$2*T4^2", "AA": "$L$2*AA3+$M$2*U4^2"},
            "V": "Q4-($F$2/AM4)*X4/(SQRT(Z4)/SQRT(AN4)+$O$1)",
            "W": "R4-($F$2/AM4)*Y4/(SQRT(AA4)/SQRT(AN4)+$O$1)",
            **{"AI": "AI3+(AE4-AI3)*$M$1", "AJ": "AJ3+(AF4-AJ3)*$M$1"},
            **{"AK": "$L$2*AK3+$M$2*AE4^2", "AL": "$L$2*AL3+$M$2*AF4^2"},
            "AG": "AB4*(1-$F$2*$I$1)-($F$2/AM4)*AI4/(SQRT(AK4)/SQRT(AN4)+$O$1)",
            "AH": "AC4*(1-$F$2*$I$1)-($F$2/AM4)*AJ4/(SQRT(AL4)/SQRT(AN4)+$O$1)",
            **{"AM": "1-$L$1^AO4", "AN": "1-$L$2^AO4"},
        },
        state=STATE,
        head={**HEAD, "N1": "eps"},
    ),
    pred=("E", "L", "S", "AD"),
    torch_pred=("E", "L", "S", "AD"),
    words=WORDS,
    foot={"AI{end}": "=X{end}", "AJ{end}": "=Y{end}", "AK{end}": "=Z{end}", "AL{end}": "=AA{end}"},
    shows="""
        A line y = a*x + b is fitted to the points four times, side by side: by SGD and by Adam,
        each with a penalty on large weights in the gradient (L2 regularisation) and with weights
        that shrink by themselves in each step (weight decay).

        Under SGD the two are the same rule, written differently. Under Adam they are not: the
        penalty goes through the averages and is divided by the root, so that weights with large
        gradients are hardly penalised; the decay takes the same share off every weight.
    """,
    tries="""
        Compare the first two tables row by row: the same up to rounding.

        Set weight decay on the sheet weight_decay (I1) to 0: the two Adam tables are the same. To 0.5:
        with L2 b still gets to 11.9 in ten epochs, with decay b and a come to rest at 1.94 and 1.59.

        Export with --epochs 100: Adam with L2 gets to b = 26.1, Adam with decay stays at 6.2.
    """,
)


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    return sheet.build(LESSON, IMPLEMENTATION, settings, data)
