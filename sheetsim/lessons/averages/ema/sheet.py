"""`ema` in Excel formulas."""

from sheetsim.address import Rect
from sheetsim.lessons.averages.ema import BATCHNORM, FIRST, GROUPS, LESSON, NAME, SIZE, VARIANCE
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.style import SERIES_COLOURS, Chart, HeatMap, Series
from sheetsim.workbook import Workbook

SHOWS = """
    An average of all values so far needs all of them. One that forgets needs only itself: 9 tenths of what it
    was and 1 tenth of the new value (beta 0.9). Momentum, RMSProp, Adam and batch norm all keep such
    averages.

    It starts at 0, and so is too low at first: after the first value, 6, it is 0.6. The sum of the weights so
    far is 1 - beta^n, 0.1 at first; divided by it, the average is right from the first value on. That is
    Adam's bias correction. Column G finds the same correction step by step, column M shows the weight of each
    value.

    "ema variance" keeps an average of x and one of x^2, and a moving variance by the deltas, in one pass: it
    is the average of the squares less the square of the average, once the start is forgotten. "ema batchnorm"
    has what batch norm keeps for the day when there is no batch, and another way: average counts and sums,
    divide afterwards, so that a batch of 16 weighs more than one of 4.
"""
TRIES = """
    Set beta to 0.5: the average follows every value and forgets the high one within a few steps. At 0.99 the
    plain average hardly leaves 0 in nine steps, and only the corrected one is of use.

    Set start to 2: the correction now does harm, for it assumes a start of 0.

    Set steps to 64 on the first sheet: even with beta 0.99, 53% of the start is left after 64 batches.

    Set decay to 0.9 on "ema variance" (now 0.9 stays and 0.1 is new): the moving variance then rises and
    falls with var(10), the variance of the last ten values. At 0.1 it has little to do with it.

    Set momentum to 1 on "ema batchnorm": only the last batch counts. At 0.05 torch's running_mean, which
    starts at 0, is at 0.37 after five batches whose means are 0.5 to 2.8: it wants many more.
"""
REMARKS = """
    Kept as the course has it: H4 of "ema variance", an initial 0, is read by nothing; the moving variance
    starts at the variance of the first two values; with decay 0.1 it is 0.9 that is new. The batch sizes in
    column K are typed, 4 to 16, although each batch here has 10 values. In the course's sheet 1-beta is typed
    (0.1), here it is linked to beta; the averages of each batch (E4:H9) come from a pivot table and are
    typed, here they are formulas; and its random values are drawn anew at each change, here they are typed.
"""


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    _average(build, FIRST + int(settings["batches"]))
    _variance(build, 3 + int(settings["points"]))
    _batchnorm(build)
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        remarks=REMARKS,
        sheets={
            NAME: "one average, its bias and how that is corrected",
            VARIANCE: "moving average and moving variance of random values",
            BATCHNORM: "the running statistics of five batches, three ways",
        },
        keywords="moving average, bias correction, batch norm, spreadsheet",
    )


def _heads(build: SheetBuilder, sheet: str, words: dict[str, str]) -> None:
    for cell, text in words.items():
        build.text(sheet, cell, text, "heading")


def _column(sheet: str, letter: str, first: int, last: int) -> Rect:
    return Rect.parse(f"{letter}{first}:{letter}{last}")


def _average(build: SheetBuilder, last: int) -> None:
    _heads(build, NAME, {"E1": "beta", "F1": "1-beta", "B4": "batch #", "C4": "val", "D3": "ema"})
    build.input("beta", label=False)
    build.input("beta2")
    build.input("steps")
    build.input("start", label=False, role="state")
    build.formula(NAME, "F2", "1-E2", role="linked", number="General")
    build.input("batch", number="0", role="helper")
    build.input("val", number="0.##")
    number = "0.0000"
    build.block("average", "D4*$E$2+C5*$F$2", "1-$E$2^B5", "D5/E5", number=number)
    _heads(build, NAME, {"G4": "correction", "H4": "mean of 4", "L3": "lerp", "M4": "weight"})
    build.block("correction", "$F$2+(E5*$E$2)", number=number, headings=False, spell="G3")
    build.block("window", "AVERAGE(C5:C8)", number=number, headings=False, spell="H3")
    build.block("left", "I2^J1", number=number, role="result", headings=False)
    build.text(NAME, "I3", "the start's share then:", "aside")
    build.formula(NAME, "L4", "D4", role="linked", number="0.00")
    build.block("lerp", "L4+$F$2*(C5-L4)", number=number, headings=False, spell="L2")
    build.block("weights", f"$F$2*$E$2^(B${last}-B5)", number=number, headings=False, spell="M3")
    by_weights = f"SUMPRODUCT(M5:M{last},C5:C{last})+D4*E2^B{last}"
    build.block("by_weights", by_weights, number=number, role="result", headings=False)
    build.text(NAME, f"L{last + 2}", "sum of weight*val")
    look = build.looks[NAME]
    look.heat.append(HeatMap(_column(NAME, "M", 5, last), signed=False))
    look.widths = {
        "A": 2,
        "B:C": 9,
        "D": 17,
        "E:F": 13,
        "G": 15,
        "H": 15,
        "I:J": 11,
        "K": 3,
        "L": 18,
        "M": 18,
    }
    look.frozen = "D5"
    x = _column(NAME, "B", 5, last)
    curves = tuple(
        Series(
            name,
            NAME,
            _column(NAME, letter, 5, last),
            x,
            SERIES_COLOURS[place],
            points=not place,
            line=bool(place),
        )
        for place, (name, letter) in enumerate({"val": "C", "ema": "D", "corrected": "F"}.items())
    )
    weights = (Series("weight", NAME, _column(NAME, "M", 5, last), x, SERIES_COLOURS[3]),)
    look.charts = [
        Chart("scatter", "The average, and without its bias", curves, f"B{last + 4}", "batch #", width=430),
        Chart(
            "column",
            "How much each value weighs in the last average",
            weights,
            f"G{last + 4}",
            "batch #",
            "weight",
        ),
    ]


def _variance(build: SheetBuilder, last: int) -> None:
    build.input("decay", label=True)
    build.block("rest", "1-C1", number="General", headings=False)
    _heads(build, VARIANCE, {"B3": "x"})
    build.input("values", number="0.0000")
    number = "0.0000"
    build.block("first", "B4", "B4^2", "D4", number=number, role="state")
    formulas = "C4*$C$1+B5*$D$1", "B5^2", "E4*$C$1+D5*$D$1", "B5-C4", "C4+F5*$D$1"
    build.block("moving", *formulas, number=number, headings=False, spell="C2")
    _heads(build, VARIANCE, {"F3": "delta", "G3": "ma2", "H3": "emv", "I3": "var(10)", "J3": "by squares"})
    build.book[VARIANCE].set("H4", 0.0)
    build.looks[VARIANCE].paint("H4", "helper", number)
    build.looks[VARIANCE].notes["H4"] = "An initial 0, as the course has it; no formula reads it."
    build.block("emv_start", "VAR.P(B4:B5)", number=number, role="state", headings=False)
    build.block("emv", "$C$1*(H5+F6^2*$D$1)", number=number, headings=False, spell="H2")
    build.block("span_var", "VAR.P(B4:B13)", number=number, headings=False, spell="I2")
    build.block("by_squares", "E5-C5^2", number=number, headings=False, spell="J2")
    look = build.looks[VARIANCE]
    for rect in ("C2:J2",):
        look.paint(rect, "spelled")
    look.heights = {1: 26}
    look.widths = {"A": 2, "B": 9, "C:G": 14, "H": 17, "I:J": 14}
    look.frozen, look.repeat = "C4", (0, 2)
    look.large.append((Rect.parse(f"B4:J{last}"), 1e4))

    def lines(columns: dict[str, tuple[str, int]]) -> tuple[Series, ...]:
        return tuple(
            Series(
                *(name, VARIANCE, _column(VARIANCE, letter, first, last), None, SERIES_COLOURS[place]),
                dashed=letter == "J",
            )
            for place, (name, (letter, first)) in enumerate(columns.items())
        )

    values = lines({"x": ("B", 4), "moving average": ("C", 4)})
    variances = lines({"emv": ("H", 13), "var(10)": ("I", 13), "by squares": ("J", 13)})
    look.charts = [
        Chart("line", "The values and their moving average", values, "L3", "row"),
        Chart("line", "Moving variance, from row 13 on", variances, "L19", "row"),
    ]


def _batchnorm(build: SheetBuilder) -> None:
    build.input("momentum", label=False)
    build.block("keep", "1-P1", number="General", headings=False)
    build.text(BATCHNORM, "N1", "batch size, momentum, the rest")
    build.formula(BATCHNORM, "O1", f"ROWS(B4:B{3 + SIZE})", role="formula", number="0")
    _heads(build, BATCHNORM, {"B3": "x", "E3": "batch", "K3": "c", "E9": "all"})
    number = "0.0000"
    build.input("sample", number=number)
    build.block("group", "CEILING.MATH((ROW(A4)-3)/10)", number="0")
    build.block("squares", "B4^2", number=number)
    _heads(build, BATCHNORM, {"F3": "avg", "G3": "Varp of x", "H3": "Average of x2"})
    for group in range(GROUPS):
        first, row = 4 + SIZE * group, 4 + group
        build.book[BATCHNORM].set(f"E{row}", float(group + 1))
        rows = f"{first}:{{0}}{first + SIZE - 1}"
        for letter, formula in {"F": "AVERAGE(B{})", "G": "VAR.P(B{})", "H": "AVERAGE(C{})"}.items():
            column = "C" if letter == "H" else "B"
            build.formula(BATCHNORM, f"{letter}{row}", formula.format(rows.format(column)), number=number)
    build.tell(f"'{BATCHNORM}'!F4", "mean of the first batch", "=AVERAGE(B4:B13)")
    build.tell(f"'{BATCHNORM}'!G4", "its variance", "=VAR.P(B4:B13)")
    build.looks[BATCHNORM].paint("E4:E8", "helper")
    build.block(
        "pivot_total",
        "AVERAGE(B4:B53)",
        "VAR.P(B4:B53)",
        "AVERAGE(C4:C53)",
        number=number,
        role="state",
        headings=False,
    )
    build.input("count", number="0")
    build.block("bn_start", "G4", number=number, role="state", headings=False)
    build.block("bn", "J4*$Q$1+$P$1*G5", number=number, headings=False, spell="J2")
    build.block(
        "sums_start",
        "K4",
        "K4*F4",
        "M4",
        "N4/L4",
        "F4",
        "K4*H4",
        "Q4",
        "R4/L4-O4^2",
        number=number,
        role="state",
        headings=False,
    )
    build.block(
        *("sums", "L4+(K5-L4)*$P$1", "K5*F5", "N4+(M5-N4)*$P$1", "N5/L5", "P4+(F5-P4)*$P$1", "K5*H5"),
        *("R4+(Q5-R4)*$P$1", "R5/L5-O5^2"),
        number=number,
        headings=False,
        spell="L2",
    )
    _heads(
        build,
        BATCHNORM,
        dict(
            zip(
                ("J3", *(f"{c}3" for c in "LMNOPQRS")),
                ("bn mv", "mc", "s", "ms", "ma", "ma2", "ss", "mss", "mv"),
                strict=True,
            )
        ),
    )
    build.block(
        "torch_bn",
        "G4*$O$1/($O$1-1)",
        "V3*$Q$1+$P$1*F4",
        "W3*$Q$1+$P$1*U4",
        number=number,
        headings=False,
        spell="U1",
    )
    _heads(build, BATCHNORM, {"U2": "var, n-1", "V2": "running_mean", "W2": "running_var"})
    build.book[BATCHNORM].set("V3", 0.0)
    build.book[BATCHNORM].set("W3", 1.0)
    look = build.looks[BATCHNORM]
    look.paint("V3:W3", "state", number)
    for rect in ("J2:S2", "U1:W1"):
        look.paint(rect, "spelled")
    for row, words in enumerate(
        (
            "J: the running variance as the course's sheet has it, from the first batch's on.",
            "L to S: counts, sums and sums of squares are averaged; then ma = ms/mc and mv = mss/mc - ma^2.",
            "O beside P: ma counts a batch of 16 four times as much as one of 4, ma2 all batches alike.",
            "U to W: nn.BatchNorm1d, whose running_mean starts at 0 and running_var at 1.",
        ),
        11,
    ):
        build.text(BATCHNORM, f"J{row}", words, "aside")
    look.widths = {
        "A:B": 8,
        "C": 10,
        "D": 2,
        "E": 8,
        "F:H": 13,
        "I": 2,
        "J": 14,
        "K": 6,
        "L:S": 13,
        "T": 2,
        "U:W": 14,
    }
    look.heights = {0: 26, 1: 26}
    look.frozen, look.repeat = "C4", (0, 2)
    batches = Rect.parse("E4:E8")

    def lines(columns: dict[str, str]) -> tuple[Series, ...]:
        return tuple(
            Series(
                name,
                BATCHNORM,
                Rect.parse(f"{letter}4:{letter}8"),
                batches,
                SERIES_COLOURS[place],
                points=True,
            )
            for place, (name, letter) in enumerate(columns.items())
        )

    means = lines({"the batch's": "F", "ma, by counts": "O", "ma2": "P", "nn.BatchNorm1d": "V"})
    variances = lines({"the batch's": "G", "mv, by counts": "S", "bn mv": "J", "nn.BatchNorm1d": "W"})
    look.charts = [
        Chart("scatter", "Means", means, "E16", "batch", width=560),
        Chart("scatter", "Variances", variances, "M16", "batch", width=560),
    ]
