"""`cross_entropy` in Excel formulas."""

from sheetsim.address import Rect
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.lessons.losses.cross_entropy import BATCH, CLASSES, CURVE, CURVE_P, LESSON, LOGS, NAME
from sheetsim.style import SERIES_COLOURS, Chart, HeatMap, Series
from sheetsim.workbook import Workbook

SHOWS = """
    A network says how sure it is of each class. Cross-entropy asks only how sure it was of the one that is
    right, and takes the negative log of that: 0 when it said 1, and more and more the less it said. To be
    wrong and sure of it costs most: 95% cat where there is none is a loss of 3.00, 60% cat where there is one
    0.51.

    The first three sheets are the course's, each block where the course has it: binary, told by a sum in
    which one of two terms is 0 and told by an IF; by index, where the place of the right class picks a log;
    and for five classes. In white beside them: the same with LN, as torch has it, from the logits, and the
    gradients.

    "cross_entropy batch" is what nn.CrossEntropyLoss computes from a batch of outputs and the places of the
    right classes, and what it hands back to the network: p - y for each output, divided by the batch's size.
"""
TRIES = """
    Type 1 into C2, the first prediction: by IF its loss is 0, by sum it is #NUM!, because LOG(0) is no
    number, not even when it is multiplied by 0.

    C5 says 95% where there is no cat: type 0.5, then 0.05, and the mean loss in row 8 falls from 1.03 to 0.57
    and 0.44.

    Change a logit in column F of "cross_entropy classes": the softmax beside it follows, the typed one in
    column B does not, as in the course's sheet. Column L shows how far apart they are.

    Set label_smoothing on "cross_entropy batch" to 0.1: the first picture's loss rises from 0.08 to 0.44, and
    its gradient for the cat goes from -0.0135 to -0.0002: sure enough, it says.

    Make a dog (2, in G11) the right class of the last picture: the mean loss falls from 0.72 to 0.59, and 83%
    are right instead of 67%.
"""
REMARKS = """
    Kept as the course has it: the softmax in B2:B6 of "cross_entropy classes" is typed, not linked; F32
    negates a sum of losses that are positive already, and so is negative; idxPred in column I of
    "cross_entropy log" is not negated. One thing is not kept: the course's MATCH(1,B2:C2) has no third
    argument and so takes 1, 0 for sorted, where Excel finds 1 and other programs 2; here it is
    MATCH(1,B2:C2,0), with Excel's values.

    C9 of the course's "entropy" (25000*128*4/1000) is scratch and left out. Predictions and classes are our
    own.
"""


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    _binary(build)
    _by_index(build)
    _classes(build)
    _batch(build)
    _curve(build)
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        remarks=REMARKS,
        sheets={
            NAME: "a cat or not: by sum and by IF, LOG and LN, and from the logits",
            LOGS: "a cat or a dog: the log of the right class, picked by its place",
            CLASSES: "one of five classes, typed and from the logits; and two classes once more",
            BATCH: "six pictures: the loss of torch, its gradient, label smoothing",
            CURVE: "the loss over what was said, as a picture",
        },
        keywords="cross-entropy, log likelihood, loss, spreadsheet",
    )


def _lines(build: SheetBuilder, sheet: str, first: str, *lines: str) -> None:
    """Lines of small text, one below the other."""
    column, row = first[0], int(first[1:])
    for place, words in enumerate(lines):
        build.text(sheet, f"{column}{row + place}", words, "aside")


def _binary(build: SheetBuilder) -> None:
    build.text(NAME, "B1", "isCat", "heading")
    build.text(NAME, "C1", "Preds", "heading")
    build.input("is_cat", number="0")
    build.input("preds", number="0.00")
    build.formula(NAME, "A2:A6", "ROWS(A$2:A2)", role="helper")
    build.block("binary", "-B2*LOG(C2)-(1-B2)*LOG(1-C2)", "-IF(B2=1,LOG(C2),LOG(1-C2))", number="0.0000")
    build.block(
        "natural",
        "-B2*LN(C2)-(1-B2)*LN(1-C2)",
        "-IF(B2=1,LN(C2),LN(1-C2))",
        "E2*LN(10)",
        "-B2/C2+(1-B2)/(1-C2)",
        number="0.0000",
    )
    build.block(
        "from_logits",
        "LN(C2/(1-C2))",
        "1/(1+EXP(-L2))",
        "MAX(L2,0)-L2*B2+LN(1+EXP(-ABS(L2)))",
        "M2-B2",
        "O2/ROWS(O$2:O$6)",
        number="0.0000",
    )
    for name, columns in {"mean10": "DE", "mean": "GHI", "mean_logits": "N"}.items():
        formulas = [f"AVERAGE({letter}2:{letter}6)" for letter in columns]
        build.block(name, *formulas, number="0.0000", role="result", headings=False)
    build.text(NAME, "C8", "mean")
    _lines(
        build,
        NAME,
        "B10",
        "D: -isCat*LOG(p) - (1-isCat)*LOG(1-p): one of the two is 0.  E: the IF takes the other only.",
        "G, H: the same with LN, as nn.BCELoss; I: a LOG is an LN but for the factor LN(10).",
        "J: the slope for the prediction; it has no limit as p comes near 0 or 1.",
        "L to P: nn.BCEWithLogitsLoss. N: max(x,0) - x*y + LN(1 + e^-|x|): no e^ here can be too large.",
        "O: the slope for the logit is just sigmoid - isCat, between -1 and 1; P: that of the mean.",
    )
    look = build.looks[NAME]
    look.heat += [HeatMap(Rect.parse("G2:G6"), signed=False), HeatMap(Rect.parse("O2:O6"))]
    look.widths = {"A": 4, "B:C": 9, "D:E": 12, "F": 3, "G:I": 14, "J": 12, "K": 3, "L:N": 11, "O:P": 13}
    look.frozen = "D2"
    bars = (
        _series("loss by LN", NAME, "G2:G6", "A2:A6", 0),
        _series("loss by LOG", NAME, "D2:D6", "A2:A6", 1),
    )
    look.charts = [Chart("column", "Loss of each prediction", bars, "B16", "prediction", "loss")]


def _series(name: str, sheet: str, cells: str, x: str, place: int) -> Series:
    return Series(name, sheet, Rect.parse(cells), Rect.parse(x), SERIES_COLOURS[place])


def _by_index(build: SheetBuilder) -> None:
    build.text(LOGS, "B1", "isCat", "heading")
    build.text(LOGS, "D1", "Preds", "heading")
    build.formula(LOGS, "A2:A6", "ROWS(A$2:A2)", role="helper")
    build.formula(LOGS, "B2:B6", f"{NAME}!B2", role="linked", number="0")
    build.formula(LOGS, "D2:D6", f"{NAME}!C2", role="linked", number="0.00")
    build.block("is_dog", "1-B2", number="0")
    build.block(
        "by_index",
        "LOG(D2)",
        "LOG(1-D2)",
        "-B2*E2-C2*F2",
        "MATCH(1,B2:C2,0)",
        "OFFSET(D2,0,H2)",
        number="0.0000",
    )
    build.looks[LOGS].number("H2:H6", "0")
    build.block(
        "nll",
        "LN(D2)",
        "LN(1-D2)",
        "-INDEX(K2:L2,H2)",
        "-IF(H2=1,1,0)/ROWS(N$2:N$6)",
        "-IF(H2=2,1,0)/ROWS(O$2:O$6)",
        number="0.0000",
    )
    build.block("nll_mean", "AVERAGE(M2:M6)", number="0.0000", role="result", headings=False)
    build.text(LOGS, "L8", "mean")
    _lines(
        build,
        LOGS,
        "B10",
        "With many classes nobody multiplies by ones and zeros: the place of the 1 (H) picks a log (I).",
        "That is all nn.NLLLoss does; nn.CrossEntropyLoss takes the log of the softmax first.",
        "N, O: the mean's slope for the two logs: -1/5 where the class is right, 0 elsewhere.",
    )
    look = build.looks[LOGS]
    look.widths = {"A": 4, "B:D": 9, "E:F": 13, "G:I": 11, "J": 3, "K:L": 12, "M": 11, "N:O": 14}
    look.heat.append(HeatMap(Rect.parse("M2:M6"), signed=False))
    look.frozen = "E2"


def _classes(build: SheetBuilder) -> None:
    for cell, words in {"A1": "class", "B1": "softmax", "C1": "actuals", "F1": "logit"}.items():
        build.text(CLASSES, cell, words, "heading")
    build.input("class", role="data")
    build.input("probs", number="0.0000")
    build.input("actuals", number="0")
    build.input("logits", number="0.0")
    build.block("x_entropy", "C2*LOG(B2)", number="0.0000")
    build.block("x_entropy_sum", "-SUM(D2:D6)", number="0.0000", role="result", headings=False)
    build.block("x_entropy_ln", "D7*LN(10)", number="0.0000", role="result", headings=False)
    build.text(CLASSES, "C7", "loss, LOG")
    build.text(CLASSES, "C8", "loss, LN")
    build.block(
        "linked",
        "EXP(F2-MAX(F$2:F$6))",
        "G2/SUM(G$2:G$6)",
        "F2-MAX(F$2:F$6)-LN(SUM(G$2:G$6))",
        "-C2*I2",
        "H2*SUM(C$2:C$6)-C2",
        "ROUND(B2-H2,6)",
        number="0.0000",
    )
    build.block("linked_loss", "SUM(J2:J6)", number="0.0000", role="result", headings=False)
    build.text(CLASSES, "I7", "loss, LN")
    for cell, words in {"B26": "isCat", "D26": "PredCat"}.items():
        build.text(CLASSES, cell, words, "heading")
    build.formula(CLASSES, "B27:B31", f"{NAME}!B2", role="linked", number="0")
    build.formula(CLASSES, "D27:D31", f"{NAME}!C2", role="linked", number="0.00")
    build.block("is_not_cat", "1-B27", number="0")
    formulas = "1-D27", "-B27*LOG(D27)-C27*LOG(E27)", "-IF(B27=1,LOG(D27),LOG(1-D27))"
    build.block("pair", *formulas, number="0.0000")
    build.looks[CLASSES].number("E27:E31", "0.00")
    build.block("pair_sum", "-SUM(F27:F31)", number="0.0000", role="result", headings=False)
    build.text(CLASSES, "G32", "negated once too often: the losses are positive already", "aside")
    look = build.looks[CLASSES]
    look.widths = {"A": 12, "B:D": 11, "E": 12, "F:I": 12, "J": 11, "K": 13, "L": 14}
    look.heat += [HeatMap(Rect.parse("H2:H6"), signed=False), HeatMap(Rect.parse("K2:K6"))]
    look.frozen, look.heights = "B2", {24: 24}
    shares = (
        _series("softmax, linked", CLASSES, "H2:H6", "A2:A6", 0),
        _series("actuals", CLASSES, "C2:C6", "A2:A6", 1),
    )
    slopes = (_series("dloss/dlogit", CLASSES, "K2:K6", "A2:A6", 2),)
    look.charts = [
        Chart("column", "What was said, and what is", shares, "A10", width=440, height=260),
        Chart("column", "Gradient for each logit", slopes, "G10", width=440, height=260),
    ]


def _batch(build: SheetBuilder) -> None:
    build.text(BATCH, "A1", "A batch, as nn.CrossEntropyLoss takes it", "section")
    build.input("label_smoothing")
    bands = {
        5: ("B", "logits, and the place of the right class"),
        14: ("B", "log-softmax"),
        24: ("B", "dloss/dlogit, of the mean"),
    }
    for row, (_, title) in bands.items():
        build.text(BATCH, f"B{row - 1}", title, "strong")
        build.formula(
            BATCH, f"B{row}:F{row}", f"INDEX('{CLASSES}'!$A$2:$A$6,COLUMNS($B{row}:B{row}))", role="heading"
        )
        build.formula(BATCH, f"A{row + 1}:A{row + 6}", f"ROWS(A${row + 1}:A{row + 1})", role="helper")
    for row, title in {5: "e^(logit - largest)", 14: "softmax"}.items():
        build.text(BATCH, f"I{row - 1}", title, "strong")
        build.formula(
            BATCH, f"I{row}:M{row}", f"INDEX('{CLASSES}'!$A$2:$A$6,COLUMNS($I{row}:I{row}))", role="heading"
        )
    build.text(BATCH, "G5", "right class", "heading")
    build.input("scores", number="0.0")
    build.input("target", number="0")
    share = "0.0000"
    build.block("batch_exp", "EXP(B6-MAX($B6:$F6))", number=share, headings=False, spell="K4", heat=False)
    build.block("batch_sum", "SUM(I6:M6)", number=share, role="state")
    build.block("batch_logs", "B6-MAX($B6:$F6)-LN($N6)", number=share, headings=False, spell="D13")
    loss = "-(1-$B$2)*INDEX(B15:F15,G6)-$B$2/5*SUM(B15:F15)"
    build.block("batch_loss", loss, number=share, role="result")
    build.block("batch_softmax", "I6/$N6", number=share, headings=False, spell="K13", heat=False)
    build.block("batch_right", "IF(INDEX(I15:M15,G6)=MAX(I15:M15),1,0)", number="0", role="result")
    build.block("batch_mean", "AVERAGE(G15:G20)", number=share, role="result", headings=False)
    build.block("batch_accuracy", "AVERAGE(N15:N20)", number="0%", role="result", headings=False)
    gradient = "(I15-(1-$B$2)*IF(COLUMNS($B15:B15)=$G6,1,0)-$B$2/5)/ROWS(B$25:B$30)"
    build.block("batch_gradient", gradient, number=share, headings=False, spell="B22", heat=True)
    build.text(BATCH, "F21", "mean")
    build.text(BATCH, "M21", "right")
    _lines(
        build,
        BATCH,
        "I23",
        "The loss looks at one log only, that of the right class; the gradient moves all:",
        "up the right one, down the others, the more the more was said of them.",
        "In each row the gradient adds up to 0, and it is nearly 0 where all is well.",
        "label_smoothing s asks for 1 - s + s/5 of the right class and s/5 of the others,",
        "so that nothing is gained by being surer and surer.",
    )
    look = build.looks[BATCH]
    look.heat.append(HeatMap(Rect.parse("B6:F11")))
    look.widths = {"A": 15, "B:F": 10, "G": 14, "H": 3, "I:M": 10, "N": 14}
    look.frozen, look.heights = "B4", {3: 24, 12: 40}


def _curve(build: SheetBuilder) -> None:
    build.text(CURVE, "A1", "The loss over p, what was said of a cat", "section")
    build.text(CURVE, "A3", "p", "heading")
    build.input("p", number="0.00")
    build.block("curve", "-LN(A4)", "-LN(1-A4)", "-LOG(A4)", number="0.000")
    bottom = 3 + len(CURVE_P)
    curves = tuple(
        Series(
            *(name, CURVE, Rect(3, place, bottom, place + 1), Rect(3, 0, bottom, 1)),
            SERIES_COLOURS[place - 1],
            dashed=place == 3,
        )
        for place, name in enumerate(("there is a cat", "there is none", "a cat, by LOG"), 1)
    )
    look = build.looks[CURVE]
    look.charts = [
        Chart("scatter", "Sure and wrong costs most", curves, "F3", "p", "loss", height=380, width=560)
    ]
    look.widths, look.frozen = {"A": 9, "B:D": 14}, "B4"
