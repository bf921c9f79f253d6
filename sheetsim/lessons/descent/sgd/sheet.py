"""`sgd` in Excel formulas: each weight steps against its own gradient (K, L), which stands beside estimates
of it by finite differences (G to J)."""

from sheetsim.lessons.descent._shared import sheet
from sheetsim.lessons.descent._shared.table import (
    GRADIENT,
    LINE,
    DescentBook,
    Implementation,
    StepTable,
    Weight,
)
from sheetsim.lessons.descent.sgd import LESSON
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.workbook import Workbook

IMPLEMENTATION = Implementation(
    lesson=StepTable(
        weights=(Weight("C", "N", "C1"), Weight("D", "M", "C2")),
        rule={
            "E": "C4+D4*A4",
            "F": "(B4-E4)^2",
            "G": "(((C4+0.01)+A4*D4)-B4)^2",  # the error with the intercept 0.01 higher
            "H": "(G4-F4)/0.01",
            "I": "(((D4+0.01)*A4+C4)-B4)^2",  # the error with the slope 0.01 higher
            "J": "(I4-F4)/0.01",
            "K": "2*(E4-B4)",
            "L": "K4*A4",
            "M": "D4-L4*$F$1",
            "N": "C4-K4*$F$1",
        },
        head={
            **{"B1": "intercept", "B2": "slope", "E1": "learn"},
            **{"H2": "e=(ax+b-y)^2", "I1": "de/db=2(ax+b-y)", "I2": "de/da=x*2(ax+b-y)"},
        },
    ),
    torch=StepTable(
        weights=LINE,
        rule={**GRADIENT, "H": "C4-$D$2*F4", "I": "D4-$D$2*G4"},
        head={"B1": "b", "B2": "a", "D1": "learn"},
    ),
    pred=("E",),
    torch_pred=("E",),
    foot={
        **{"E{end}": "rmse", "F{end}": "=SQRT(SUM(F4:F{last}))"},
        **{"K{end}": "=SQRT(SUMSQ(K4:K{last}))", "L{end}": "=SQRT(SUMSQ(L4:L{last}))"},
    },
    shows="""
        A line y = a*x + b is fitted to the points, one point a row: each row predicts, takes the
        gradient of its squared error and makes a small step against it. The next row goes on from
        there.

        The gradient is there twice: estimated, by moving the intercept or the slope by 0.01 and
        looking at what the error does, and exact, by calculus. The cell called rmse below the table
        is, as in the course's workbook, the root of the sum of the squares; the summary has the
        root of their mean.
    """,
    tries="""
        Set the learning rate on the sheet sgd (F1) to 0.00003, 0.0002, 0.0003 and 0.001, one after
        another. The RMSE of epoch 10, 16.5 at the default rate of 0.0001, becomes 16.0, 27.7, 523 and
        5.8E+133: when a step is too long, the next error is larger than the last, and the slope diverges.

        Look at row 6, where x is 76: the slope jumps from 1.13 to 2.58, the intercept hardly moves. That
        is why the other lessons treat each weight by its own measure.

        Compare the estimated gradients with the exact ones: de/db (H and K) is always 0.01 too high,
        de/da (J and L) 0.01*x^2. What would it be with steps of 0.001 in the formulas of G to J?
    """,
)


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    return sheet.build(LESSON, IMPLEMENTATION, settings, data, _epoch_list)


def _epoch_list(plan: DescentBook) -> None:
    """The list that the course's macro pasted: the cell called rmse of each further epoch."""
    if plan.epochs == 1:
        return
    lesson, top = plan.sheet("lesson"), plan.last + 6
    lesson.set(f"C{top - 2}", "Further epochs:")
    lesson.set(f"C{top - 1}", "rmse")
    for epoch in range(2, plan.epochs + 1):
        first = 4 + (epoch - 2) * plan.n
        errors = plan.reference("epochs", f"F{first}:F{first + plan.n - 1}")
        lesson.fill(f"C{top + epoch - 2}", f"SQRT(SUM({errors}))")
    plan.paints += [(f"C{top - 2}", "aside"), (f"C{top - 1}", "heading")]
    plan.paints.append((f"C{top}:C{top + plan.epochs - 2}", "result"))
