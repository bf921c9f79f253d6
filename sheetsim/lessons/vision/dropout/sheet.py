"""`dropout` in Excel formulas."""

from sheetsim.address import Rect, cell_name, column_name
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.lessons.vision._shared.sheet import (
    ACTIVATION,
    HIDDEN,
    INK,
    add_convolutions,
    add_ends,
    add_image,
    add_picture,
    fixed,
    picture,
    squares,
)
from sheetsim.lessons.vision.dropout import (
    COUNTS,
    LESSON,
    MASKS,
    NAME,
    NET,
    PLACES,
    RANDOM,
    SHAPE,
    STATES,
    STRIP,
    strip_place,
)
from sheetsim.lessons.vision.dropout.about import REMARKS, SHOWS, TRIES
from sheetsim.style import SERIES_COLOURS, Chart, Series
from sheetsim.workbook import Workbook

TITLES = {
    **{"A1": "Image (28 x 28)", "AI1": "→ Conv1 and ReLU (26 x 26), channel 1", "AI34": "channel 2"},
    **{"BQ1": "→ Conv2 and ReLU (24 x 25), before dropout", "BQ35": "channel 2"},
    **{"CU1": "Random numbers", "CU35": "channel 2", "DZ1": "→ Mask", "DZ35": "channel 2"},
    **{"FE1": "→ Conv2 after dropout", "FE35": "channel 2"},
    **{"GH1": "→ Max pooling (12 x 13)", "GH35": "channel 2"},
    **{"HI1": "→ Dense weights, for channel 1", "HI35": "for channel 2", "II1": "→ Dense activation"},
}
FILTER_TITLES = {"AD9": "filter 1/1", "AD40": "filter 2/1", "BK9": "filter 1/2", "BK40": "filter 2/2"}
P, CONVENTION = "$GD$1", "$GD$2"
THRESHOLD, FACTOR = "$FA$28", "$FA$29"


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    add_random(build)
    add_net(build)
    add_masks(build)
    add_counts(build)
    sheets = build.book.sheets
    sheets.insert(2, sheets.pop(sheets.index(build.book[MASKS])))
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        remarks=REMARKS,
        sheets={
            NAME: "the net at the course's addresses; p, convention and seed in GD1:GD3",
            MASKS: "one picture under five masks",
            COUNTS: "how many activations should be off, and are; means before and after",
            RANDOM: "the generator's states, 24 rows of 25 for each mask",
        },
        keywords="dropout, convolution, random mask, spreadsheet",
    )


def add_random(build: SheetBuilder) -> None:
    """The sheet `dropout random`: a chain of states, row by row."""
    build.text(RANDOM, "A1", "States of Park and Miller's generator, row by row", "section")
    build.text(RANDOM, "B2", "=MOD(16807*state before,2147483647)", "code")
    build.text(RANDOM, "A3", "seed")
    build.formula(RANDOM, "B3", f"{NAME}!{PLACES['seed']}", role="linked", number="0")
    top, bottom, last = STATES.top + 1, STATES.bottom, column_name(STATES.right - 1)
    build.formula(RANDOM, f"B{top}", "MOD(16807*B3,2147483647)", number="0")
    build.formula(RANDOM, f"B{top + 1}:B{bottom}", f"MOD(16807*{last}{top},2147483647)", number="0")
    build.formula(RANDOM, f"C{top}:{last}{bottom}", f"MOD(16807*B{top},2147483647)", number="0")
    names = ["channel 1", "channel 2", *(f"mask {n}" for n in range(1, STRIP + 1))]
    for place, name in enumerate(names):
        build.text(RANDOM, f"A{top + place * SHAPE[0]}", name, "strong")
    look = build.looks[RANDOM]
    look.widths, look.frozen = {"A": 12, f"B:{last}": 11}, f"B{top}"


def number_of(place: int) -> str:
    """A random number above 0 and below 1, as a formula in the first cell of a mask reads it."""
    return f"'{RANDOM}'!B{STATES.top + 1 + place * SHAPE[0]}/2147483647"


def add_net(build: SheetBuilder) -> None:
    """The sheet `dropout`: from the image to the dense unit."""
    add_image(build, NET)
    for one in NET.inputs()[1:]:
        dense = one.name.startswith("dense")
        build.input(one.name, number="0.0#")
        if not dense:
            picture(build, NAME, one.rect, hidden=False)
    add_convolutions(build, NET)
    for row, formula in (
        (28, f"{P}+0.001"),
        (29, f'IF({CONVENTION}="torch",1/(1-{P}),1)'),
    ):
        build.formula(NAME, f"FA{row}", formula, number="0.000")
        build.tell(
            f"{NAME}!FA{row}", "where a number is kept" if row == 28 else "and times what", f"={formula}"
        )
    for n in (1, 2):
        rects = {name: build.blocks[f"{name}_{n}"].rect for name in ("uniform", "mask", "conv2", "count")}
        first = {name: cell_name(rect.top, rect.left) for name, rect in rects.items()}
        add_picture(build, f"uniform_{n}", number_of(n - 1))
        mask = f"IF({first['uniform']}>({P}+0.001),{first['uniform']},0)"
        add_picture(build, f"mask_{n}", mask)
        add_picture(build, f"out_{n}", f"IF({first['mask']}=0,0,{first['conv2']}*{FACTOR})")
        top = rects["count"].top + 1
        steps = ("26*26", f"COUNTIF({rects['mask']},0)", f"FA{top + 1}/FA{top}")
        formats = ("0", "0", "0.000")
        for row, (formula, shown) in enumerate(zip(steps, formats, strict=True), top):
            build.formula(NAME, f"FA{row}", formula, number=shown)
        labels = (
            "total pixels (as the course has it) =",
            "zero cells =",
            "actual dropout (as the course has it) =",
        )
        for row, words in enumerate(labels, top):
            build.text(NAME, f"EZ{row}", words)
    build.text(NAME, "EZ28", "kept where the number is above")
    build.text(NAME, "EZ29", "and multiplied by")
    add_ends(build, NET, ("out_1", "out_2"))
    for cell, words in TITLES.items():
        build.text(NAME, cell, words, "section")
    for cell, words in FILTER_TITLES.items():
        build.text(NAME, cell, words, "strong")
    for name in PLACES:
        build.input(name)
    squares(build, NAME, "A:IG", (1, 61))
    look = build.looks[NAME]
    look.widths |= {"AD:AF": 5, "BK:BM": 5, "FA": 7, "GD": 8, "II": 14}
    look.pages_wide, look.frozen = 3, "A2"


def add_masks(build: SheetBuilder) -> None:
    """The sheet `dropout masks`: one picture, and the same under five masks, above the masks themselves."""
    source = build.blocks["conv2_1"].rect
    first = f"{NAME}!{cell_name(source.top, source.left)}"
    build.text(MASKS, "B1", "One picture under five masks", "section")
    for n in range(STRIP + 1):
        rect = strip_place(n)
        left = column_name(rect.left)
        build.text(MASKS, f"{left}3", f"mask {n}" if n else "conv2, channel 1", "strong")
        if n == 0:
            build.formula(MASKS, rect, first, number=HIDDEN)
        else:
            number = number_of(1 + n)
            formula = f"IF({number}>{NAME}!{THRESHOLD},{first}*{NAME}!{FACTOR},0)"
            build.block(f"strip_{n}", formula, headings=False, number=HIDDEN)
            below = rect.shift(SHAPE[0] + 2, 0)
            build.formula(MASKS, below, f"IF({number}>{NAME}!{THRESHOLD},1,0)", number=HIDDEN)
            picture(build, MASKS, below, INK)
        picture(build, MASKS, rect, ACTIVATION)
    build.text(MASKS, "B30", "the masks: dark where an activation is kept", "aside")
    last = strip_place(STRIP)
    shown = f'"p = "&{NAME}!{P}&", convention "&{NAME}!{CONVENTION}&", seed "&{NAME}!{PLACES["seed"]}'
    build.formula(MASKS, "B57", shown + f'&"; choose others in {NAME}!GD1:GD3"')
    look = build.looks[MASKS]
    squares(build, MASKS, f"A:{column_name(last.right)}", (4, 54))
    look.widths = {f"A:{column_name(last.right)}": 0.75}
    look.heights |= dict.fromkeys(range(4, 54), 6.75) | {29: 13}


def add_counts(build: SheetBuilder) -> None:
    """The sheet `dropout counts`: a row for each mask."""
    build.text(COUNTS, "A1", "Expected and found", "section")
    block = build.blocks["counts"]
    names = ["channel 1", "channel 2", *(f"mask {n}" for n in range(1, STRIP + 1))]
    for place, name in enumerate(names):
        row = block.rect.top + 1 + place
        channel = min(place + 1, 2) if place < 2 else 1
        before = build.blocks[f"conv2_{channel}"].rect
        if place < 2:
            mask, after = build.blocks[f"mask_{channel}"].rect, build.ref(f"out_{channel}", COUNTS)
            off = f"COUNTIF({NAME}!{fixed(mask)},0)"
        else:
            after = build.ref(f"strip_{place - 1}", COUNTS)
            top = STATES.top + 1 + place * SHAPE[0]
            numbers = f"'{RANDOM}'!$B${top}:${column_name(STATES.right - 1)}${top + SHAPE[0] - 1}"
            off = f"SUMPRODUCT(--({numbers}/2147483647<={NAME}!{THRESHOLD}))"
        build.text(COUNTS, f"A{row}", name)
        cells = f"ROWS({NAME}!{fixed(before)})*COLUMNS({NAME}!{fixed(before)})"
        means = f"AVERAGE({NAME}!{fixed(before)})", f"AVERAGE({after})"
        for column, formula, number in zip(
            "BDHI", (cells, off, *means), ("0", "0", "0.000", "0.000"), strict=True
        ):
            build.formula(COUNTS, f"{column}{row}", formula, number=number)
    top, bottom = block.rect.top + 1, block.rect.bottom
    spelled = {
        "C": (f"B{top}*{NAME}!{THRESHOLD}", "0.0"),
        "E": (f"D{top}/B{top}", "0.000"),
        "F": (f"SQRT(C{top}*(1-{NAME}!{THRESHOLD}))", "0.0"),
        "G": (f"IF(F{top}=0,0,(D{top}-C{top})/F{top})", "0.00"),
    }
    for column, (formula, number) in spelled.items():
        build.formula(COUNTS, f"{column}{top}:{column}{bottom}", formula, number=number)
        build.text(COUNTS, f"{column}3", f"={formula}", "spelled")
    for column, heading in zip("BCDEFGHI", block.columns, strict=True):
        build.text(COUNTS, f"{column}4", heading, "heading")
    build.text(
        COUNTS,
        "A13",
        "apart: how many standard deviations lie between the two; beyond 2 in one of 20 masks",
        "text",
    )
    labels = Rect(top - 1, 0, bottom, 1)
    series = tuple(
        Series(name, COUNTS, Rect(top - 1, column, bottom, column + 1), labels, colour)
        for name, column, colour in zip(("expected off", "off"), (2, 3), SERIES_COLOURS, strict=False)
    )
    averages = tuple(
        Series(name, COUNTS, Rect(top - 1, column, bottom, column + 1), labels, colour)
        for name, column, colour in zip(("before", "after"), (7, 8), SERIES_COLOURS, strict=False)
    )
    look = build.looks[COUNTS]
    look.charts = [
        Chart("column", "Activations that are off", series, "A15"),
        Chart("column", "Mean activation", averages, "F15"),
    ]
    look.widths = {"A": 12, "B:I": 18}
    look.heights[2] = 24
