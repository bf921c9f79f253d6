"""`softmax` in Excel formulas."""

from sheetsim.address import Rect
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.lessons.losses.softmax import GRADIENT, LESSON, NAME, SEVERAL, STABLE
from sheetsim.style import SERIES_COLOURS, Chart, HeatMap, Series
from sheetsim.workbook import Workbook

SHOWS = """
    A network's last layer gives any numbers: its outputs, or logits. Softmax makes probabilities of them: e
    to each output, divided by the sum of all of these. They are positive, they add up to 1, and the largest
    output stands out even more, because e grows so fast. The sigmoid does this for each output by itself.

    Image 2's outputs are all 2 less than Image 1's, and softmax gives the very same: it only sees how far the
    outputs are apart. The sigmoid tells the images apart: 91% sure of the fish in Image 1, 57% in Image 2.

    "softmax several" has pictures with two things in them, and one with none. Softmax has to pick one, and
    one only, so it gets each of these four pictures wrong; sigmoids get all six right. "softmax stable" adds
    1000 to the outputs: e^1002.3 is no number that a computer has, and yet torch.softmax has no trouble.
    "softmax gradient" has what training needs: the slope of the loss for each output is simply p - y.
"""
TRIES = """
    Add 5 to one output of Image 1 on the first sheet: its share comes near 1, all others shrink to make room,
    while in the binary column nothing else moves.

    Set shift on "softmax stable" to 700, 710 and 1000: from 710 on the plain columns turn to #NUM!, the
    stable ones never change. At -1000 the plain ones divide 0 by 0.

    Set scale to 10: softmax is nearly sure. At 0.1 it hardly cares, and at 0 all classes get the same. With 1
    over a "temperature" in its place, this is how language models are made more or less daring.

    Set threshold on "softmax several" to 0.95: sigmoid overlooks four of the eight things. At 0.05 it sees
    fourteen that are not there.

    Choose another target on "softmax gradient": the loss is largest for the class that got the least, the
    plane (3), and its gradient is nearly -1: push this output up.
"""
REMARKS = """
    The course has two such sheets, one with two images and the sigmoid, one with a single image a row higher;
    check knows both. Classes, outputs and pictures here are our own.
"""


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    _images(build)
    _stable(build)
    _several(build)
    _gradient(build)
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        remarks=REMARKS,
        sheets={
            NAME: "the course's sheet: two images by softmax, and each class by itself",
            STABLE: "large outputs: the formula of the books, and the one that all libraries use",
            SEVERAL: "six pictures with none, one or two things in them: one of many, many of many",
            GRADIENT: "both losses for Image 1, and how they change with each output",
        },
        keywords="softmax, sigmoid, logits, spreadsheet",
    )


def _images(build: SheetBuilder) -> None:
    for cell, words in {"B1": "Image 1", "G1": "Image 2", "K1": "binary"}.items():
        build.text(NAME, cell, words, "strong")
    for cell, words in {"A2": "class", "B2": "output", "F2": "class", "G2": "output"}.items():
        build.text(NAME, cell, words, "heading")
    build.input("class", role="data")
    build.input("logits1", number="0.00")
    build.input("logits2", number="0.00")
    build.formula(NAME, "F3:F7", "A3", role="linked")
    build.block("image1", "EXP(B3)", "C3/$C$8", number="0.0000")
    build.block("total1", "SUM(C3:C7)", "SUM(D3:D7)", number="0.0000", role="state", headings=False)
    build.block("image2", "EXP(G3)", "H3/$H$8", number="0.0000")
    build.block("total2", "SUM(H3:H7)", "SUM(I3:I7)", number="0.0000", role="state", headings=False)
    build.block("binary", "C3/(1+C3)", "H3/(1+H3)", number="0.0000")
    for cell in ("B8", "G8"):
        build.text(NAME, cell, "sum")
    build.text(NAME, "A10", "outputs are apart by")
    build.text(NAME, "A11", "softmax is apart by")
    build.block("offset", "AVERAGE(B3:B7)-AVERAGE(G3:G7)", number="0.00", role="result", headings=False)
    build.block("difference", "ROUND(SUMXMY2(D3:D7,I3:I7),12)", number="0.00", role="result", headings=False)
    look = build.looks[NAME]
    for rect in ("D3:D7", "I3:I7", "K3:L7"):
        look.heat.append(HeatMap(Rect.parse(rect), signed=False))
    look.widths = {"A": 19, "B:D": 11, "E": 3, "F": 10, "G:I": 11, "J": 3, "K:L": 12}
    look.frozen = "B3"
    softmax = _bars(NAME, {"Image 1": "D3:D7", "Image 2": "I3:I7"}, "A3:A7")
    each = _bars(NAME, {"Image 1": "K3:K7", "Image 2": "L3:L7"}, "A3:A7")
    look.charts = [
        Chart("column", "Softmax: the same for both images", softmax, "A13", "", "share"),
        Chart("column", "Sigmoid: each class by itself", each, "G13", "", "sigmoid"),
    ]


def _bars(sheet: str, columns: dict[str, str], names: str) -> tuple[Series, ...]:
    return tuple(
        Series(name, sheet, Rect.parse(cells), Rect.parse(names), SERIES_COLOURS[place])
        for place, (name, cells) in enumerate(columns.items())
    )


def _stable(build: SheetBuilder) -> None:
    build.text(STABLE, "A1", "Large outputs: Image 1 * scale + shift", "section")
    build.input("scale")
    build.input("shift")
    build.text(STABLE, "D4", "plain, as in books", "band 2")
    build.text(STABLE, "H4", "the largest subtracted first, as in torch", "band 3")
    build.looks[STABLE].paint("C4:E4", "band 2")
    build.looks[STABLE].paint("G4:J4", "band 3")
    build.text(STABLE, "A6", "class", "heading")
    build.formula(STABLE, "A7:A11", f"{NAME}!A3", role="linked")
    build.block("shifted", f"{NAME}!B3*$B$2+$B$3", number="0.00")
    build.block("plain", "EXP(B7)", "C7/C$12", "LN(D7)", number="0.0000")
    build.block("plain_total", "SUM(C7:C11)", "SUM(D7:D11)", number="0.0000", role="state", headings=False)
    build.block("stable", "B7-MAX(B$7:B$11)", "EXP(G7)", "H7/H$12", "G7-LN(H$12)", number="0.0000")
    build.block("stable_total", "SUM(H7:H11)", "SUM(I7:I11)", number="0.0000", role="state", headings=False)
    build.text(STABLE, "B12", "sum")
    build.text(STABLE, "G12", "sum")
    notes = (
        "EXP of more than 709.78 is no float64: #NUM!, and everything that reads it is #NUM! too.",
        "e^(x - m) / sum of e^(x - m) is the same share: e^-m is in every term and cancels out.",
        "The largest exponent is now 0: nothing can be too large, and the sum is at least 1: no #DIV/0!.",
        "The log-softmax needs no LN of a share, which could be 0: nn.CrossEntropyLoss is made of it.",
    )
    for row, words in enumerate(notes, 14):
        build.text(STABLE, f"A{row}", words, "aside")
    look = build.looks[STABLE]
    look.heat.append(HeatMap(Rect.parse("I7:I11"), signed=False))
    look.large.append((Rect.parse("C7:C12"), 1e6))
    look.widths = {"A": 12, "B": 12, "C:E": 12, "F": 3, "G": 17, "H:J": 13}
    look.frozen, look.heights = "C7", {4: 24}
    shares = _bars(STABLE, {"softmax": "I7:I11"}, "A7:A11")
    look.charts = [Chart("column", "Softmax by the stable form", shares, "A19", "", "share")]


def _several(build: SheetBuilder) -> None:
    build.text(SEVERAL, "A1", "Several things in a picture: one of many, or many of many", "section")
    build.input("threshold")
    bands = {  # top row of numbers, and what is on the left and on the right
        6: ("outputs of the network", "what is in the picture"),
        15: ("e^(output - largest)", ""),
        24: ("softmax: shares of 1", "sigmoid: each class by itself"),
        33: ("softmax sees its largest", "sigmoid sees all above the threshold"),
    }
    for top, titles in bands.items():
        for left, title in zip(("B", "I"), titles, strict=True):
            if title:
                build.text(SEVERAL, f"{left}{top - 2}", title, "strong")
                start = "BCDEF" if left == "B" else "IJKLM"
                first = f"{NAME}!$A$3"
                for place, letter in enumerate(start):
                    cell = first.replace("3", str(3 + place))
                    build.formula(SEVERAL, f"{letter}{top - 1}", cell, role="heading")
        if top > 6:
            build.formula(SEVERAL, f"A{top}:A{top + 5}", "A6", role="linked")
    build.input("picture")
    build.input("scores", number="0.0")
    build.input("present", number="0")
    for row, words in enumerate(
        (
            "Softmax hands out 100%, no more and no less: two things share it,",
            "and where there is nothing it is still handed out.",
            "A sigmoid says of each class how likely it is to be there, whatever",
            "the others are: all may be there, or none. Their sum is how many",
            "things there are, as far as the network can tell.",
        ),
        15,
    ):
        build.text(SEVERAL, f"I{row}", words, "aside")
    share, number = "0.000", "0"
    build.block("exp", "EXP(B6-MAX($B6:$F6))", number=share, headings=False, spell="D13", heat=False)
    build.block("exp_sum", "SUM(B15:F15)", number=share, role="state")
    build.block("softmax", "B15/$G15", number=share, headings=False, spell="D22", heat=False)
    build.block("softmax_sum", "SUM(B24:F24)", number=share, role="state")
    build.block("sigmoid", "1/(1+EXP(-B6))", number=share, headings=False, spell="L22", heat=False)
    build.block("sigmoid_sum", "SUM(I24:M24)", number=share, role="state")
    build.block("one", "IF(B24=MAX($B24:$F24),1,0)", number=number, headings=False, spell="D31", heat=False)
    build.block("one_wrong", "SUMXMY2(B33:F33,I6:M6)", number=number, role="result")
    build.block("many", "IF(I24>$B$2,1,0)", number=number, headings=False, spell="L31", heat=False)
    build.block("many_wrong", "SUMXMY2(I33:M33,I6:M6)", number=number, role="result")
    build.block("one_total", "SUM(G33:G38)", number=number, role="result", headings=False)
    build.block("many_total", "SUM(N33:N38)", number=number, role="result", headings=False)
    build.text(SEVERAL, "F39", "all")
    build.text(SEVERAL, "M39", "all")
    look = build.looks[SEVERAL]
    look.heat += [HeatMap(Rect.parse("B6:F11")), HeatMap(Rect.parse("I6:M11"), signed=False)]
    look.widths = {"A": 24, "B:F": 10, "G": 12, "H": 3, "I:M": 10, "N": 12}
    look.frozen, look.heights = "B4", {12: 24, 21: 24, 30: 24}


def _gradient(build: SheetBuilder) -> None:
    build.text(GRADIENT, "A1", "How the loss of Image 1 moves with each of its outputs", "section")
    build.input("target", number="0")
    build.formula(GRADIENT, "C2", "INDEX(A6:A10,B2)", role="result")
    look = build.looks[GRADIENT]
    build.text(GRADIENT, "E3", "one of many: softmax and cross-entropy", "band 2")
    look.paint("C3:H3", "band 2")
    build.text(GRADIENT, "K3", "each by itself: sigmoid", "band 3")
    look.paint("J3:L3", "band 3")
    build.text(GRADIENT, "A5", "class", "heading")
    build.text(GRADIENT, "B5", "output", "heading")
    build.formula(GRADIENT, "A6:A10", f"{NAME}!A3", role="linked")
    build.formula(GRADIENT, "B6:B10", f"{NAME}!B3", role="linked", number="0.00")
    build.block(
        "of_softmax",
        "EXP(B6-MAX(B$6:B$10))",
        "C6/C$11",
        "IF(ROWS(E$6:E6)=$B$2,1,0)",
        "-E6*(B6-MAX(B$6:B$10)-LN(C$11))",
        "-E6/D6",
        "D6-E6",
        number="0.0000",
    )
    build.block(
        "loss_softmax", *(f"SUM({c}6:{c}10)" for c in "CDEF"), number="0.0000", role="state", headings=False
    )
    build.block("gradient_softmax", "ROUND(SUM(H6:H10),12)", number="0.0000", role="state", headings=False)
    build.block(
        "of_sigmoid",
        "1/(1+EXP(-B6))",
        "MAX(B6,0)-B6*E6+LN(1+EXP(-ABS(B6)))",
        "J6-E6",
        number="0.0000",
    )
    build.block(
        "loss_sigmoid", *(f"SUM({c}6:{c}10)" for c in "JKL"), number="0.0000", role="state", headings=False
    )
    build.text(GRADIENT, "B11", "sum")
    look.paint("F11", "result", "0.0000")
    look.paint("K11", "result", "0.0000")
    look.heat += [HeatMap(Rect.parse("H6:H10")), HeatMap(Rect.parse("L6:L10"))]
    build.text(GRADIENT, "B14", "dp/doutput: each p (down) moves with each output (across)", "strong")
    build.formula(GRADIENT, "B15:F15", "INDEX($A$6:$A$10,COLUMNS($B15:B15))", role="heading")
    build.formula(GRADIENT, "A16:A20", "A6", role="linked")
    jacobian = "$D6*(IF(ROWS(B$16:B16)=COLUMNS($B16:B16),1,0)-INDEX($D$6:$D$10,COLUMNS($B16:B16)))"
    build.block("jacobian", jacobian, number="0.0000", headings=False, spell="B13", heat=True)
    build.block(
        "chain", "SUMPRODUCT($G$6:$G$10,B16:B20)", number="0.0000", role="result", headings=False, spell="B22"
    )
    build.text(GRADIENT, "A21", "dloss/doutput")
    for row, words in enumerate(
        (
            "The chain rule: dloss/dp times each column of dp/doutput, added up.",
            "It comes to p - y, the column H, for every class: all the e and LN cancel out.",
            "With a sigmoid each output's own slope is s - y: the same formula.",
        ),
        15,
    ):
        build.text(GRADIENT, f"H{row}", words, "aside")
    look.widths = {"A": 15, "B": 11, "C:H": 14, "I": 3, "J": 12, "K": 20, "L": 12}
    look.frozen, look.heights = "C6", {3: 36}
    slopes = _bars(GRADIENT, {"p - y": "H6:H10", "s - y": "L6:L10"}, "A6:A10")
    look.charts = [Chart("column", "Gradient for each output", slopes, "A24", "", "dloss/doutput")]
