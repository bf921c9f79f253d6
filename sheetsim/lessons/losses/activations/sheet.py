"""`activations` in Excel formulas."""

from sheetsim.address import Rect, column_name
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.lessons.losses.activations import DEPTH, FIRST, FUNCTIONS, LAYERS, LESSON, NAME, POINT
from sheetsim.style import SERIES_COLOURS, Chart, HeatMap, Series
from sheetsim.workbook import Workbook

CHARTS = f"{NAME} charts"
ROOT = "SQRT(2/PI())"

SHOWS = """
    Without something bent between them, two linear layers are one linear layer. The activation function is
    what is bent. Here are seven of them over x, and their slopes: training passes the loss back through these
    slopes, so they matter as much as the functions do.

    ReLU is the simplest: nothing below 0, everything above; its slope is 0 or 1, and a unit that is below 0
    for every example learns no more. Leaky ReLU leaves it a little. Sigmoid and tanh go flat on both sides:
    at x = 4 the sigmoid's slope is 0.0177. SiLU, GELU and mish are ReLUs with a smooth knee, and dip below 0
    before it.

    "activations point" looks at one x: each function's slope beside an estimate from two neighbours, and the
    tangent. "activations depth" sends a number through ten layers of the same function: with sigmoids 3e-07
    of the slope is left, with tanh 0.04, with ReLU all of it (above 0). That is why deep networks use ReLUs.
"""
TRIES = """
    Set negative_slope to 0.3 and watch leaky ReLU; at 0 it is ReLU, at 1 it is no bend at all.

    Choose another function on "activations point", and move x0 along: where is the slope 0, and where is it
    negative? GELU's lowest point is near x = -0.75, SiLU's near -1.28.

    Set h to 1, then to 0.001: the estimate comes nearer and nearer to the slope, except for ReLU at x0 = 0,
    which has a kink there: estimate 0.5, and torch says 0.

    Set signal to -1 on "activations depth": a ReLU that is below 0 passes nothing back. At 3 it is tanh, flat
    there, that keeps less: 0.0005.
"""
REMARKS = """
    GELU is x times the share of a normal distribution below x. Its form with tanh is never more than 0.0005
    off; the exact one is shown to 5 decimals only, because IronCalc's NORM.S.DIST is right to ten digits and
    no more.
"""


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    last = FIRST + int(settings["rows"])
    build.add_sheet(CHARTS)
    _table(build, last)
    _point(build, last)
    _depth(build)
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        remarks=REMARKS,
        sheets={
            NAME: "seven functions and their slopes over x",
            CHARTS: "the same as pictures",
            POINT: "one x: slope, estimate and tangent",
            DEPTH: "ten layers, one after another, and what is left of the slope",
        },
        keywords="activation functions, ReLU, sigmoid, GELU, slopes, spreadsheet",
    )


def _formulas(x: str, leak: str, gelu: str, mish: str) -> list[str]:
    """The seven functions of the cell x; the two that need a tanh are given it."""
    return [
        f"MAX(0,{x})",
        f"IF({x}>0,{x},{leak}*{x})",
        f"1/(1+EXP(-{x}))",
        f"TANH({x})",
        f"{x}*(1/(1+EXP(-{x})))",
        f"0.5*{x}*(1+{gelu})",
        f"{x}*{mish}",
    ]


def _slopes(x: str, leak: str, s: str, t: str, gelu: str, mish: str) -> list[str]:
    """Their slopes; s and t are the sigmoid and the tanh of x."""
    return [
        f"IF({x}>0,1,0)",
        f"IF({x}>0,1,{leak})",
        f"{s}*(1-{s})",
        f"1-{t}^2",
        f"{s}*(1+{x}*(1-{s}))",
        f"0.5*(1+{gelu})+0.5*{x}*(1-{gelu}^2)*{ROOT}*(1+3*0.044715*{x}^2)",
        f"{mish}+{x}*(1-{mish}^2)*{s}",
    ]


def _inner(x: str) -> tuple[str, str]:
    return f"TANH({ROOT}*({x}+0.044715*{x}^3))", f"TANH(LN(1+EXP({x})))"


def _table(build: SheetBuilder, last: int) -> None:
    build.text(NAME, "A1", "Activation functions and their slopes", "section")
    for name in ("low", "step", "negative_slope"):
        build.input(name)
    number, look = "0.0000", build.looks[NAME]
    for first, words, end, role in (
        ("B", "functions", "H", "band 1"),
        ("J", "inside GELU and mish", "K", "band 4"),
        ("M", "slopes", "S", "band 2"),
        ("U", "GELU without tanh", "V", "band 3"),
    ):
        look.paint(f"{first}6:{end}6", role)
        build.text(NAME, f"{first}6", words, role)
    build.block("x", "$B$2+$B$3*(ROWS(A$10:A10)-1)", number="0.00", role="state")
    build.block("values", *_formulas("A10", "$B$4", "J10", "K10"), number=number)
    build.block("inner", *_inner("A10"), number=number, role="helper")
    build.block("slopes", *_slopes("A10", "$B$4", "D10", "E10", "J10", "K10"), number=number)
    build.block("exact", "ROUND(A10*NORM.S.DIST(A10,TRUE),5)", "ROUND(G10-U10,5)", number="0.00000")
    look.widths = {
        "A": 15,
        "B:H": 13,
        "I": 2,
        "J:K": 15,
        "L": 2,
        "M:Q": 13,
        "R": 26,
        "S": 15,
        "T": 2,
        "U:V": 15,
    }
    look.heights = {7: 48}
    look.frozen, look.repeat, look.repeat_columns, look.pages_wide = "B10", (5, 8), (0, 0), 2
    look.heat.append(HeatMap(build.blocks["slopes"].rect))
    x = Rect(FIRST, 0, last, 1)

    def curves(columns: dict[str, str]) -> tuple[Series, ...]:
        return tuple(
            Series(name, NAME, Rect.parse(f"{letter}10:{letter}{last}"), x, SERIES_COLOURS[place])
            for place, (name, letter) in enumerate(columns.items())
        )

    flat = {"sigmoid": "D", "tanh": "E"}
    bent = {"ReLU": "B", "leaky ReLU": "C", "SiLU": "F", "GELU": "G", "mish": "H"}
    flat_slopes = {"sigmoid'": "O", "tanh'": "P"}
    bent_slopes = {"ReLU'": "M", "leaky ReLU'": "N", "SiLU'": "Q", "GELU'": "R", "mish'": "S"}
    build.text(CHARTS, "A1", "The functions, and their slopes", "section")
    build.looks[CHARTS].charts = [
        Chart("scatter", "Flat on both sides", curves(flat), "A3", "x"),
        Chart("scatter", "Bent once", curves(bent), "A19", "x"),
        Chart("scatter", "Slopes", curves(flat_slopes), "I3", "x", "slope"),
        Chart("scatter", "Slopes", curves(bent_slopes), "I19", "x", "slope"),
    ]


def _point(build: SheetBuilder, last: int) -> None:
    build.text(POINT, "A1", "One x: the slope, and an estimate of it", "section")
    for name in ("function", "x0", "h"):
        build.input(name)
    number = "0.000000"
    leak = f"{NAME}!$B$4"
    build.text(POINT, "A7", "function", "heading")
    for letter, formula in {"B": "$B$3-$B$4", "C": "$B$3", "D": "$B$3+$B$4"}.items():
        build.formula(POINT, f"{letter}6", formula, role="state", number="0.000")
        build.text(POINT, f"{letter}7", {"B": "at x0 - h", "C": "at x0", "D": "at x0 + h"}[letter], "heading")
    build.text(POINT, "A6", "x")
    gelu, mish = _inner("B$6")
    for row, (name, formula) in enumerate(zip(FUNCTIONS, _formulas("B$6", leak, gelu, mish), strict=True), 8):
        build.text(POINT, f"A{row}", name, "strong")
        build.formula(POINT, f"B{row}:D{row}", formula, number=number)
        build.tell(f"'{POINT}'!B{row}", f"{name} at x0 - h", f"={formula}")
    gelu, mish = _inner("C$6")
    slopes = _slopes("C$6", leak, "C$10", "C$11", gelu, mish)
    build.text(POINT, "E7", "slope", "heading")
    for row, formula in enumerate(slopes, 8):
        build.formula(POINT, f"E{row}", formula, number=number)
    build.block("estimate", "(D8-B8)/(2*$B$4)", number=number)
    build.block("apart", "ROUND(F8-E8,6)", number=number, role="result")
    build.text(POINT, "A16", "chosen: place, value, slope")
    formulas = "MATCH($B$2,A8:A14,0)", "INDEX(C8:C14,B16)", "INDEX(E8:E14,B16)"
    build.block("chosen", *formulas, number=number, role="state", headings=False)
    look = build.looks[POINT]
    look.number("B16", "0")
    build.text(POINT, "A19", "x", "heading")
    chosen = f"INDEX({NAME}!B10:H10,$B$16)"
    build.block("tangent", f"{NAME}!A10", chosen, "$C$16+$D$16*(A20-$B$3)", number="0.0000")
    look.marks.append((Rect.parse("A8:G14"), "$A8=$B$2", "input"))
    look.widths = {"A": 26, "B:G": 15}
    look.heights = {17: 26}
    look.frozen = "B8"
    x = Rect(19, 0, 10 + last, 1)
    series = (
        Series("function", POINT, Rect(19, 1, 10 + last, 2), x, SERIES_COLOURS[0]),
        Series("tangent", POINT, Rect(19, 2, 10 + last, 3), x, SERIES_COLOURS[1], dashed=True),
        Series("x0", POINT, Rect.parse("C16"), Rect.parse("B3"), SERIES_COLOURS[4], points=True, line=False),
    )
    look.charts = [
        Chart("scatter", "The function chosen, and its tangent", series, "E18", "x", width=560, height=380)
    ]


def _depth(build: SheetBuilder) -> None:
    build.text(DEPTH, "A1", "Ten layers of the same function", "section")
    build.input("signal")
    build.text(DEPTH, "A6", "layer", "heading")
    bottom = 7 + LAYERS
    build.formula(DEPTH, Rect(6, 0, bottom, 1), "ROWS(A$7:A7)-1", role="helper", number="0")
    look = build.looks[DEPTH]
    leak = f"{NAME}!$B$4"
    for left, title, role in (
        (1, "what comes out of each layer", "band 1"),
        (7, "slope, from the first layer on", "band 2"),
    ):
        first, end = column_name(left), column_name(left + 4)
        look.paint(f"{first}4:{end}4", role)
        build.text(DEPTH, f"{column_name(left + 2)}4", title, role)
        for place, heading in enumerate(build.blocks["signals"].columns):
            build.text(DEPTH, f"{column_name(left + place)}6", heading, "heading")
    for place, letter in enumerate("BCDEF"):
        x, out, passed = f"{letter}7", f"{letter}8", column_name(7 + place)
        value = _formulas(x, leak, "", "")[place]
        s = "D8" if letter == "D" else f"(1/(1+EXP(-{x})))"
        slope = _slopes(x, leak, s, out, "", "")[place]
        build.formula(DEPTH, f"{letter}7", "$B$2", role="state", number="0.000000")
        build.formula(DEPTH, f"{letter}8:{letter}{bottom}", value, number="0.000000")
        build.formula(DEPTH, f"{passed}7", "1", role="state", number="0.0E+00")
        product = f"{passed}7*({slope})"
        build.formula(DEPTH, f"{passed}8:{passed}{bottom}", product, number="0.0E+00")
        for cell, formula in ((f"{letter}5", value), (f"{passed}5", product)):
            build.text(DEPTH, cell, f"={formula}", "spelled")
            build.tell(
                f"'{DEPTH}'!{cell[0]}8", "a layer" if cell[0] == letter else "its slope", f"={formula}"
            )
    look.widths = {"A": 10, "B:F": 13, "G": 2, "H:L": 15}
    look.heights = {4: 60}
    look.frozen = "B7"
    layers = Rect(6, 0, bottom, 1)
    curves = tuple(
        Series(name, DEPTH, Rect(6, 7 + place, bottom, 8 + place), layers, SERIES_COLOURS[place], points=True)
        for place, name in enumerate(build.blocks["passed"].columns)
        if name not in ("ReLU", "leaky ReLU")
    )
    signals = tuple(
        Series(name, DEPTH, Rect(6, 1 + place, bottom, 2 + place), layers, SERIES_COLOURS[place], points=True)
        for place, name in enumerate(build.blocks["signals"].columns)
    )
    look.charts = [
        Chart("scatter", "What comes out of each layer", signals, "A20", "layer", width=470),
        Chart("scatter", "What is left of the slope", curves, "H20", "layer", logarithmic=True),
    ]
