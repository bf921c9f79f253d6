"""`conv` in Excel formulas."""

from sheetsim.address import Rect, column_name
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.layout.page import paragraphs
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.lessons.vision._shared.sheet import (
    ACTIVATION,
    HIDDEN,
    INK,
    add_convolutions,
    add_ends,
    add_image,
    fixed,
    picture,
    squares,
    watch,
)
from sheetsim.lessons.vision.conv import (
    COST,
    FILTERS,
    LESSON,
    NAME,
    NET,
    ONE,
    PICTURE,
    PLACES,
    STATES,
    WEIGHTS,
)
from sheetsim.lessons.vision.conv.about import REMARKS, SHOWS, TRIES
from sheetsim.style import SERIES_COLOURS, Chart, Series
from sheetsim.workbook import Workbook

RANDOM = f"'{FILTERS}'!{fixed(Rect(STATES.top, STATES.right - 1, STATES.bottom, STATES.right))}"
LAYER, ROW, COLUMN = (f"${PLACES[name][:2]}${PLACES[name][2:]}" for name in ("layer", "row", "column"))
TITLES = {
    **{"A1": "Image (28 x 28)", "AH1": "→ Conv1 and ReLU (26 x 26), channel 1", "AH30": "channel 2"},
    **{"BM1": "→ Conv2 and ReLU (24 x 25), channel 1", "BM31": "channel 2"},
    **{"CM1": "→ Max pooling (12 x 13), channel 1", "CM31": "channel 2"},
    **{"DN1": "→ Dense weights, for channel 1", "DN31": "for channel 2", "EN1": "→ Dense activation"},
}
FILTER_TITLES = {"AD9": "filter 1/1", "AD36": "filter 2/1", "BI9": "filter 1/2", "BI36": "filter 2/2"}


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    add_net(build)
    add_field(build)
    add_filters(build)
    add_one_cell(build)
    add_cost(build)
    add_picture(build)
    sheets = build.book.sheets
    sheets.insert(1, sheets.pop())  # the picture, made last, is what to see first
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        remarks=REMARKS,
        sheets={
            PICTURE: "the whole net in a row, small",
            NAME: "the net at the course's addresses, every pixel a formula; the inputs to change in AF3:AF8",
            ONE: "one cell of conv1 and one of conv2, tap by tap",
            FILTERS: "the filters to choose from, and all random weights",
            COST: "how many multiplications and weights, beside one large matrix",
        },
        keywords="convolution, ReLU, max pooling, receptive field, spreadsheet",
    )


def add_net(build: SheetBuilder) -> None:
    """The sheet `conv`: image, filters, activations."""
    add_image(build, NET)
    for n in (1, 2):
        chosen = build.blocks[f"chosen_{n}"].rect
        first = f"'{FILTERS}'!{column_name(chosen.left)}{chosen.top + 1}"
        add_weights(build, f"conv1_weight_{n}", first)
    for place, name in enumerate(("11", "12", "21", "22")):
        rect = build.inputs[f"conv2_weight_{name}"].rect
        left, top = column_name(rect.left), rect.top + 1
        across, down = f"COLUMNS(${left}{top}:{left}{top})", f"ROWS({left}${top}:{left}{top})"
        formula = f"INDEX({RANDOM},{18 + 9 * place - 3}+3*{down}+{across})"
        add_weights(build, f"conv2_weight_{name}", formula)
    add_dense_weights(build)
    add_convolutions(build, NET)
    add_ends(build, NET, ("conv2_1", "conv2_2"))
    for cell, words in TITLES.items():
        build.text(NAME, cell, words, "section")
    for cell, words in FILTER_TITLES.items():
        build.text(NAME, cell, words, "strong")
    for name in PLACES:
        build.input(name)
    build.text(NAME, "AF5", "look at", "aside")
    squares(build, NAME, "A:EL", (1, 57))
    look = build.looks[NAME]
    look.widths |= {"AD:AE": 5, "AF": 7, "BI:BK": 5, "EN": 14}
    look.pages_wide, look.frozen = 2, "A2"


def add_weights(build: SheetBuilder, name: str, formula: str) -> None:
    """A filter: formulas that a user may type over."""
    rect = build.inputs[name].rect
    build.formula(NAME, rect, formula, role="linked", number="0.0#")
    picture(build, NAME, rect, hidden=False)


def add_dense_weights(build: SheetBuilder) -> None:
    """A random number for each second cell, row by row."""
    for n in (1, 2):
        rect = build.inputs[f"dense_weight_{n}"].rect
        first = 54 + 156 * (n - 1)
        for row in range(0, rect.rows, 2):
            for column in range(0, rect.columns, 2):
                cell = Rect.cell(rect.top + row, rect.left + column)
                number = first + row // 2 * 13 + column // 2 + 1
                build.formula(NAME, cell, f"INDEX({RANDOM},{number})", role="linked")


def add_field(build: SheetBuilder) -> None:
    """What the chosen cell sees, from the cell back to the image, and frames around it."""
    pool = f'IF({LAYER}="pool",MIN({{}},{{}}),"")'
    below = f'IF({LAYER}="pool",{{}},IF({LAYER}="conv2",MIN({{}},{{}}),""))'
    rows = {
        37: [pool.format(ROW, 12)] * 2 + [pool.format(COLUMN, 13)] * 2,
        36: [
            below.format("2*L37-1", ROW, 24),
            below.format("2*M37", ROW, 24),
            below.format("2*N37-1", COLUMN, 25),
            below.format("MIN(2*O37,25)", COLUMN, 25),
        ],
        35: [
            f'IF({LAYER}="conv1",{ROW},L36)',
            f'IF({LAYER}="conv1",{ROW},M36+2)',
            f'IF({LAYER}="conv1",{COLUMN},N36)',
            f'IF({LAYER}="conv1",{COLUMN},MIN(O36+2,26))',
        ],
        34: ["L35", "M35+2", "N35", "O35+2"],
    }
    for row, formulas in rows.items():
        for column, formula in zip("LMNO", formulas, strict=True):
            build.formula(NAME, f"{column}{row}", formula, number="0")
    build.text(NAME, "A32", "What the chosen cell sees (framed in red)", "strong")
    build.text(NAME, "L33", "rows from, to, columns from, to", "aside")
    pictures = (("image",), ("conv1_1", "conv1_2"), ("conv2_1", "conv2_2"))
    for place, names in enumerate(pictures):
        build.text(NAME, f"A{34 + place}", f"of {names[0].removesuffix('_1')}")
        for name in names:
            part = build.inputs.get(name) or build.blocks[name]
            watch(build, NAME, part.rect, "L34", place)
    build.text(NAME, "A37", "of pool")
    for row in range(34, 38):
        build.looks[NAME].paint(f"A{row}", "text")
    for n in (1, 2):
        rect = build.blocks[f"pool_{n}"].rect
        left, top = column_name(rect.left), rect.top + 1
        here = f"AND(ROWS({left}${top}:{left}{top})=2*$L$37-1,COLUMNS(${left}{top}:{left}{top})=2*$N$37-1)"
        build.looks[NAME].marks.append((rect, here, "watched"))


def add_picture(build: SheetBuilder) -> None:
    """The sheet `conv picture`: all layers in a row, in tiny cells, linked to `conv`."""
    parts = [
        ("image", "image"),
        *((f"{layer}_{n}", f"→ {layer}" if n == 1 else "") for layer in ("conv1", "conv2") for n in (1, 2)),
        *((f"pool_{n}", "→ pool" if n == 1 else "") for n in (1, 2)),
    ]
    build.add_sheet(PICTURE)
    look, left, top = build.looks[PICTURE], 1, 3
    place = {"image": 0, "conv1": 1, "conv2": 2, "pool": 3}
    for name, title in parts:
        source = build.inputs[name].rect if name in build.inputs else build.blocks[name].rect
        layer = name.partition("_")[0]
        if layer == "pool":
            rect = Rect(top + 8, left, top + 20, left + 13)
            cell = column_name(rect.left), rect.top + 1
            row, column = (
                f"ROWS({cell[0]}${cell[1]}:{cell[0]}{cell[1]})",
                f"COLUMNS(${cell[0]}{cell[1]}:{cell[0]}{cell[1]})",
            )
            formula = f"INDEX({NAME}!{fixed(source)},2*{row}-1,2*{column}-1)"
        else:
            rect = Rect(top, left, top + source.rows, left + source.columns)
            formula = f"{NAME}!{column_name(source.left)}{source.top + 1}"
        build.formula(PICTURE, rect, formula, number=HIDDEN)
        picture(build, PICTURE, rect, INK if name == "image" else ACTIVATION)
        watch(build, PICTURE, rect, "B41", place[layer])
        if title:
            build.text(PICTURE, f"{column_name(left)}2", title, "section")
        left = rect.right + (4 if name == "image" or name.endswith("_2") else 2)
    end = column_name(left)
    build.text(PICTURE, f"{end}2", "→ dense", "section")
    build.formula(PICTURE, f"{end}14", f"{NAME}!EN4", role="result", number="0.00")
    build.formula(PICTURE, "B41:E44", f"{NAME}!L34", number=HIDDEN)
    looked = (
        f'"Framed in red: what row "&{NAME}!{ROW}&", column "&{NAME}!{COLUMN}&" of "&{NAME}!{LAYER}&" sees.'
    )
    build.formula(PICTURE, "B34", looked + f' Choose another cell in {NAME}!AF6:AF8, filters in {NAME}!AF3."')
    squares(build, PICTURE, f"A:{column_name(left - 1)}", (3, 31))
    look.widths = {f"A:{column_name(left - 1)}": 0.75, end: 10}
    look.heights |= dict.fromkeys(range(3, 31), 6.75) | {13: 15}


def add_filters(build: SheetBuilder) -> None:
    """The sheet `conv filters`: numbers from the seed, and the filters to choose from."""
    build.text(FILTERS, "A1", "Weights", "section")
    build.text(
        FILTERS,
        "A2",
        "Numbers from the seed, by Park and Miller's generator: state = 16807*state mod 2147483647",
        "aside",
    )
    for cell, words in {
        "A4": "number",
        "B4": "state",
        "C4": "uniform, 0 to 1",
        "D4": "weight, -1 to 1",
    }.items():
        build.text(FILTERS, cell, words, "heading")
    for number in range(WEIGHTS + 1):
        build.book[FILTERS].set((STATES.top - 1 + number, 0), float(number))
    build.looks[FILTERS].paint(f"A5:A{STATES.bottom}", "helper", "0")
    build.formula(FILTERS, "B5", f"{NAME}!{PLACES['seed']}", role="linked", number="0")
    build.block(
        "random", "MOD(16807*B5,2147483647)", "B6/2147483647", "2*C6-1", number="0.000000", headings=False
    )
    build.looks[FILTERS].number(Rect(STATES.top, 1, STATES.bottom, 2), "0")
    for first, name in (("F", "edges"), ("J", "sobel"), ("N", "random"), ("R", "chosen")):
        build.text(FILTERS, f"{first}4", name, "heading")
        for row, n in ((6, 1), (11, 2)):
            build.text(FILTERS, f"{first}{row}", f"filter {n}", "strong")
    for name in ("edges_1", "edges_2", "sobel_1", "sobel_2"):
        build.input(name, number="0.0#")
        picture(build, FILTERS, build.inputs[name].rect, hidden=False)
    for top, n in ((7, 1), (12, 2)):
        random = f"INDEX($D$6:$D${STATES.bottom},{9 * n - 12}+3*ROWS(N${top}:N{top})+COLUMNS($N{top}:N{top}))"
        build.formula(FILTERS, f"N{top}:P{top + 2}", random, number="0.00")
        choice = f"{NAME}!$AF$3"
        build.block(
            *(f"chosen_{n}", f'IF({choice}="edges",F{top},IF({choice}="sobel",J{top},N{top}))'),
            headings=False,
        )
        for rect in (f"N{top}:P{top + 2}", f"R{top}:T{top + 2}"):
            picture(build, FILTERS, Rect.parse(rect), hidden=False)
    look = build.looks[FILTERS]
    look.widths, look.frozen = {"A": 9, "B": 12, "C:D": 15, "F:T": 6, "E": 3, "I": 3, "M": 3, "Q": 3}, "A5"
    look.repeat = (3, 3)


def add_one_cell(build: SheetBuilder) -> None:
    """The sheet `conv one cell`: patch times filter, tap by tap, for a cell of conv1 and one of conv2."""
    build.text(ONE, "A1", "One cell of conv1 and one of conv2, worked out", "section")
    build.text(ONE, "B3", "row", "heading")
    build.text(ONE, "C3", "column", "heading")
    build.text(ONE, "A4", "conv1")
    build.text(ONE, "A5", "conv2")
    other = f'IF({NAME}!{LAYER}="conv1",MIN({NAME}!{{}},{{}}),{NAME}!{{}})'
    build.formula(ONE, "B4", f"{NAME}!L35", number="0")
    build.formula(ONE, "C4", f"{NAME}!N35", number="0")
    build.formula(ONE, "B5", other.format(ROW, 24, "L36"), number="0")
    build.formula(ONE, "C5", other.format(COLUMN, 25, "N36"), number="0")
    build.text(ONE, "D4", f"   chosen in {NAME}!AF6:AF8; of channel 1", "aside")
    image = build.inputs["image"].rect
    conv1 = [build.blocks[f"conv1_{n}"].rect for n in (1, 2)]
    wide = [Rect(one.top, one.left, one.bottom, one.right + 1) for one in conv1]  # with the blank column
    steps = (
        (7, "image", image, "conv1_weight_1", 4, "image"),
        (14, "conv1_1", wide[0], "conv2_weight_11", 5, "channel 1 of conv1"),
        (19, "conv1_2", wide[1], "conv2_weight_12", 5, "channel 2 of conv1"),
    )
    for top, name, source, weight, place, words in steps:
        row, column = f"ROWS(B${top}:B{top})", f"COLUMNS($B{top}:B{top})"
        cell = f"INDEX({NAME}!{fixed(source)},$B${place}+{row}-1,$C${place}+{column}-1)"
        build.block(f"patch_{name}", cell, headings=False)
        taps = build.inputs[weight].rect
        build.formula(
            ONE, f"F{top}:H{top + 2}", f"{NAME}!{column_name(taps.left)}{taps.top + 1}", number="0.00"
        )
        build.block(f"product_{name}", f"B{top}*F{top}", headings=False)
        picture(
            build, ONE, build.blocks[f"patch_{name}"].rect, "#9DBBDD" if top > 7 else "#BFBFBF", hidden=False
        )
        for rect in (f"F{top}:H{top + 2}", f"J{top}:L{top + 2}"):
            picture(build, ONE, Rect.parse(rect), hidden=False)
        for cell, words_here in (
            (f"B{top - 1}", words),
            (f"F{top - 1}", "filter"),
            (f"J{top - 1}", "products"),
        ):
            build.text(ONE, cell, words_here, "strong")
        build.text(ONE, f"E{top + 1}", "×", "heading")
        build.text(ONE, f"I{top + 1}", "=", "heading")
    build.text(ONE, "A6", "conv1")
    build.text(ONE, "A13", "conv2")
    build.block("sums", "SUM(J7:L9)", "MAX(0,B25)", "SUM(J14:L16)", "SUM(J19:L21)", "D25+E25", "MAX(0,F25)")
    for cell, first, place in (("C", conv1[0], 4), ("G", build.blocks["conv2_1"].rect, 5)):
        build.formula(ONE, f"{cell}26", f"INDEX({NAME}!{fixed(first)},$B${place},$C${place})", number="0.00")
    build.text(ONE, "A26", "in the net")
    build.looks[ONE].widths = {"A": 12, "B:L": 13}
    build.looks[ONE].gridlines = False


def add_cost(build: SheetBuilder) -> None:
    """The sheet `conv cost`: counts, beside the matrix from all inputs to all outputs."""
    build.text(COST, "A1", "What a convolution costs, and what it saves", "section")
    build.text(COST, "A5", "conv1")
    build.text(COST, "A6", "conv2")
    conv1, conv2, image = (
        build.blocks["conv1_1"].rect,
        build.blocks["conv2_1"].rect,
        build.inputs["image"].rect,
    )
    filter_ = build.inputs["conv1_weight_1"].rect

    def size(rect: Rect) -> str:
        return f"ROWS({NAME}!{fixed(rect)})*COLUMNS({NAME}!{fixed(rect)})"

    rows = {
        5: (f"2*{size(conv1)}", size(filter_), size(image)),
        6: (f"2*{size(conv2)}", f"2*{size(filter_)}", f"2*{size(conv1)}"),
    }
    for row, (outputs, taps, inputs) in rows.items():
        build.formula(COST, f"B{row}", outputs, number="#,##0")
        build.formula(COST, f"C{row}", taps, number="#,##0")
        build.formula(COST, f"G{row}", inputs, number="#,##0")
    spelled = {"D": "B5*C5", "E": "2*C5", "F": "B5/2*C5", "H": "B5*G5", "I": "H5/D5"}
    for column, formula in spelled.items():
        build.formula(
            COST,
            f"{column}5:{column}6",
            formula,
            number="#,##0",
            role="result" if column == "D" else "formula",
        )
        build.text(COST, f"{column}3", f"={formula}", "spelled")
    for column, heading in zip("BCDEFGHI", build.blocks["cost"].columns, strict=True):
        build.text(COST, f"{column}4", heading, "heading")
    words = """
        outputs: cells of both channels; taps: products in each of them.

        im2col: numbers in the matrix whose rows are the patches. Its product with the filters is the
        convolution, with as many multiplications.

        matrix: numbers in the one matrix that leads from all inputs to all outputs at once.

        It takes as many multiplications, if none of its zeros is left out; a dense layer has as many weights.
    """
    for row, text in enumerate(paragraphs(words), 8):
        build.text(COST, f"A{row}", text, "text")
    names = Rect.parse("A5:A6")
    bars = tuple(
        Series(name, COST, Rect.parse(f"{column}5:{column}6"), names, colour)
        for name, column, colour in zip(
            ("weights", "multiplications", "matrix"), "EDH", SERIES_COLOURS, strict=False
        )
    )
    look = build.looks[COST]
    look.charts = [Chart("column", "Weights and multiplications", bars, "A13", height=320, logarithmic=True)]
    look.widths = {"A": 12, "B:I": 16}
