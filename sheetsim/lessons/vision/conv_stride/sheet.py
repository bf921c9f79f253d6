"""`conv_stride` in Excel formulas."""

from collections.abc import Callable

from sheetsim.address import Rect, cell_name, column_name
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.lessons.vision._shared.sheet import PALE, fixed, watch
from sheetsim.lessons.vision.conv_stride import (
    CHANNELS,
    KERNEL,
    LAYERS,
    LESSON,
    NAME,
    POOLING,
    SIZES,
    TABLE,
    TOP,
    StridePlaces,
    places_of,
)
from sheetsim.style import SERIES_COLOURS, Chart, HeatMap, Series
from sheetsim.workbook import Workbook

SHOWS = """
    A picture of 28 x 28 goes through three layers of convolution. Their windows do not move by one cell but
    by two (stride 2), so that each grid has half the rows and columns of the one before: 28, 14, 7, 4. Around
    each grid stands a ring of zeros (padding 1), so that a window can stand over the edge. Click on a cell of
    a grid to see which window it reads; its neighbour's window lies two cells further.

    Each layer has two channels, one above the other, made by two filters; from the second layer on a filter
    has nine weights for each channel that goes in, and the sums are added. Below zero is cut off (ReLU).

    The sheet pooling makes the same step from 14 to 7 without weights: the mean or the largest of each 2 x 2
    cells. At the end each channel of the last grid becomes two numbers, its largest and its mean; joined,
    they are what the last linear layer of a network sees (fastai's AdaptiveConcatPool2d).

    The framed cells are the receptive field of one cell of the last grid: all that it depends on.
"""
TRIES = """
    Move the frame: row (E3) and column (E4) choose a cell of the last grid. In the middle it sees 15 x 15
    pixels of the picture, at the corner (1, 1) only 8 x 8, as the rest of its field would be padding.

    Clear a pixel outside the frame, and one inside: only the second can change the framed cell of the last
    grid.

    Type other weights: turn the signs of the first filter round, and layer 1 finds lower edges.

    Export it with other steps: sheetsim export conv_stride.xlsx --set stride=1 --set padding=0. The grids are
    28, 26, 24, 22 then, a cell of the last sees 7 x 7 pixels only, and the three layers take nearly nine
    times as many multiplications (sheet sizes).
"""
REMARKS = """
    A grid of n cells becomes INT((n + 2*padding - 3) / stride) + 1 cells. Where a row or column is left over,
    a window that would not fit is left out, as in torch (ceil_mode=False). Filters have no bias here.
"""
ACTIVATION, WEIGHT = "0.0;-0.0;", "0.0#;-0.0#;0"
WIDTH = 4.0  # characters of a cell of a grid


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    places = places_of(settings)
    _front(build, places)
    for layer in range(1, LAYERS + 1):
        _layer(build, places, layer)
    _joined(build, places)
    _pooling(build, places)
    _sizes(build, places)
    sizes = ", ".join(str(places.size(layer)) for layer in range(LAYERS + 1))
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        sheets={
            NAME: f"picture, filters, layers and the joined numbers: {sizes} cells across",
            POOLING: "average and max pooling beside the strided convolution",
            SIZES: "how large, what the framed cell sees, what it costs",
        },
        remarks=REMARKS,
        keywords="convolution, stride, padding, pooling, receptive field, deep learning, spreadsheet",
    )


# -- what the sheets share


def _band(build: SheetBuilder, sheet: str, rect: Rect, words: str, band: int) -> None:
    """A coloured heading over the columns of a rectangle."""
    build.looks[sheet].paint(rect, f"band {band} left")
    build.book[sheet].set((rect.top, rect.left), words)


def _above(rect: Rect, rows: int) -> Rect:
    return Rect(rect.top - rows, rect.left, rect.top - rows + 1, rect.right)


def _strided(
    build: SheetBuilder, name: str, step: int, formula: Callable[[int, int], str], number: str = ACTIVATION
) -> None:
    """A block whose neighbours read windows that lie `step` cells apart: with step 1 that is one formula
    filled, else each cell has its own. `formula` takes the row and column in the block, from 0."""
    block, look = build.blocks[name], build.looks[build.blocks[name].sheet]
    rect, sheet = block.rect, build.book[build.blocks[name].sheet]
    if step == 1:
        sheet.fill(rect, formula(0, 0))
    else:
        for row, column in rect.cells():
            sheet.fill(Rect.cell(row, column), formula(row - rect.top, column - rect.left))
    first = cell_name(rect.top, rect.left)
    look.paint(rect, "formula", number)
    look.heat.append(HeatMap(rect, signed=False))
    look.notes[first] = f"{block.title}\nIn {first}: ={formula(0, 0)}"
    build.tell(f"'{block.sheet}'!{first}", block.title, f"={formula(0, 0)}")


# -- the layers


def _front(build: SheetBuilder, places: StridePlaces) -> None:
    """Titles, inputs, the picture."""
    look, right = build.looks[NAME], places.joined.right + 3
    look.paint(Rect(0, 0, 1, right), "section")
    build.text(NAME, "A1", f"From 28 x 28 to four numbers, by strides of {places.stride}", "section")
    build.text(NAME, "A2", "Each layer: zeros around it, a window that moves in strides, ReLU", "aside")
    build.input("row")
    build.input("column")
    build.text(NAME, "G3", "of the cell in the last grid whose receptive field is framed", "aside")
    build.text(NAME, "G4", "(above each grid: the first and last row and column that it sees there)", "aside")
    build.input("image", number=ACTIVATION)
    look.heat.append(HeatMap(places.grid(0), signed=False, colour=PALE))
    _grid(build, places, 0, f"picture, {places.size(0)} x {places.size(0)}", 1)
    look.widths = {f"A:{column_name(right)}": WIDTH}
    bottom = max(places.padded(0).bottom, places.padded(1, CHANNELS - 1).bottom)
    look.heights = dict.fromkeys(range(TOP, bottom), 22)
    look.frozen, look.gridlines = "A5", False


def _grid(build: SheetBuilder, places: StridePlaces, layer: int, words: str, band: int) -> None:
    """A layer's headings, its zeros, and the frame around what the chosen cell sees."""
    look, sheet = build.looks[NAME], build.book[NAME]
    _band(build, NAME, _above(places.padded(layer), 3), words, band)
    line = TABLE + layer + 1
    sees = (TOP - 2, places.padded(layer).left)
    for step, column in enumerate("EFGH"):
        sheet.fill(Rect.cell(sees[0], sees[1] + step), f"'{SIZES}'!{column}{line}")
    look.paint(Rect(TOP - 2, places.padded(layer).left, TOP - 1, places.padded(layer).left + 4), "index", "0")
    for channel in range(CHANNELS if layer else 1):
        around, grid = places.padded(layer, channel), places.grid(layer, channel)
        if layer:
            build.text(NAME, cell_name(around.top - 1, around.left), f"channel {channel + 1}", "aside")
        for cell in around.cells():
            if not grid.contains(*cell):
                sheet.set(cell, 0.0)
                look.paint(Rect.cell(*cell), "padding", "0")
        watch(build, NAME, grid, cell_name(*sees), 0)


def _layer(build: SheetBuilder, places: StridePlaces, layer: int) -> None:
    """A layer's filters and both its channels."""
    size, step = places.size(layer), places.stride
    goes_in = CHANNELS if layer > 1 else 1
    _grid(build, places, layer, f"layer {layer}, {size} x {size}", 3)
    _band(build, NAME, _above(places.weights(layer), 3), "filters", 2)
    for channel in range(CHANNELS):
        weights = places.weights(layer, channel)
        build.input(f"w{layer}_{channel + 1}", number=WEIGHT)
        build.looks[NAME].heat.append(HeatMap(weights, limit=1))
        for source in range(goes_in if goes_in > 1 else 0):
            words = f"of {source + 1}"
            row = weights.top + source * KERNEL
            build.text(NAME, cell_name(row, weights.left - 1), words, "index")

        def formula(row: int, column: int, weights: Rect = weights) -> str:
            """The sum over all channels that go in, cut off at zero."""
            sums = []
            for source in range(goes_in):
                around = places.padded(layer - 1, source)
                top, left = around.top + row * step, around.left + column * step
                first = weights.top + source * KERNEL
                part = Rect(first, weights.left, first + KERNEL, weights.right)
                window = Rect(top, left, top + KERNEL, left + KERNEL)
                sums.append(f"SUMPRODUCT({window},{fixed(part)})")
            return f"MAX(0,{'+'.join(sums)})"

        _strided(build, f"conv{layer}_{channel + 1}", step, formula)


def _joined(build: SheetBuilder, places: StridePlaces) -> None:
    """Each channel's largest, then each channel's mean."""
    rect, block = places.joined, build.blocks["joined"]
    _band(build, NAME, Rect(rect.top - 3, rect.left, rect.top - 2, rect.right + 2), "joined", 4)
    for place in range(rect.rows):
        name, channel = ("MAX", "AVERAGE")[place // CHANNELS], place % CHANNELS
        formula = f"{name}({places.grid(LAYERS, channel)})"
        cell = cell_name(rect.top + place, rect.left)
        build.formula(NAME, cell, formula, role="result", number="0.00")
        words = f"{'largest' if name == 'MAX' else 'mean'}, channel {channel + 1}"
        build.text(NAME, cell_name(rect.top + place, rect.left + 1), words, "aside")
        build.tell(f"{NAME}!{cell}", f"{block.title}: {words}", f"={formula}")
    build.looks[NAME].heat.append(HeatMap(rect, signed=False))


# -- pooling


def _pooling(build: SheetBuilder, places: StridePlaces) -> None:
    """Layer 1 again, its two pools, and the convolution that makes layer 2 of it."""
    look = build.looks[POOLING]
    right = places.pool(3, 0).right
    look.paint(Rect(0, 0, 1, right), "section")
    build.text(POOLING, "A1", "Half as large, in three ways", "section")
    build.text(POOLING, "A2", "Pooling has no weights: the mean or the largest of each 2 x 2 cells", "aside")
    halves = places.size(1) // 2
    titles = (
        f"layer 1, {places.size(1)} x {places.size(1)}",
        f"average pool, {halves} x {halves}",
        f"max pool, {halves} x {halves}",
        f"layer 2: stride {places.stride}, {places.size(2)} x {places.size(2)}",
    )
    for which, words in enumerate(titles):
        _band(build, POOLING, _above(places.pool(which, 0), 3), words, (3, 1, 1, 2)[which])
    for channel in range(CHANNELS):
        for which, layer in ((0, 1), (3, 2)):
            rect, grid = places.pool(which, channel), places.grid(layer, channel)
            linked = f"{NAME}!{cell_name(grid.top, grid.left)}"
            build.formula(POOLING, rect, linked, role="formula", number=ACTIVATION)
            look.heat.append(HeatMap(rect, signed=False))
            build.text(POOLING, cell_name(rect.top - 1, rect.left), f"channel {channel + 1}", "aside")
        whole = places.pool(0, channel)
        for name, function in (("average", "AVERAGE"), ("max", "MAX")):

            def formula(row: int, column: int, whole: Rect = whole, function: str = function) -> str:
                top, left = whole.top + 2 * row, whole.left + 2 * column
                return f"{function}({Rect(top, left, top + 2, left + 2)})"

            _strided(build, f"{name}_{channel + 1}", 2, formula)
    look.widths = {"A": 3, f"B:{column_name(right)}": WIDTH}
    look.heights = dict.fromkeys(range(TOP, places.pool(0, CHANNELS - 1).bottom), 22)
    look.gridlines = False


# -- the tables


def _sizes(build: SheetBuilder, places: StridePlaces) -> None:
    """From above to below the sizes follow, from below to above what the framed cell sees."""
    stride, padding, look = places.stride, places.padding, build.looks[SIZES]
    look.paint("A1:K1", "section")
    build.text(SIZES, "A1", "How large, what the framed cell sees, what it costs", "section")
    build.text(
        SIZES, "A2", "rows and jump are worked out downwards, the fields upwards from the last layer", "aside"
    )
    first, last = TABLE + 1, TABLE + LAYERS + 1
    build.text(SIZES, cell_name(TABLE - 1, 0), "grid", "heading")
    for layer in range(LAYERS + 1):
        words = f"layer {layer}" if layer else "picture"
        build.text(SIZES, cell_name(TABLE + layer, 0), words, "strong")
    below = f"INT((B{first}+{2 * padding}-{KERNEL})/{stride})+1"
    up = first + 1  # the row below the first
    starts = {"B": f"ROWS({build.ref('image', SIZES)})", "C": "1"}
    ends = {
        "D": "1",
        "E": f"MIN({NAME}!$E$3,B{last})",
        "F": f"E{last}",
        "G": f"MIN({NAME}!$E$4,B{last})",
        "H": f"G{last}",
    }
    down = {"B": below, "C": f"C{first}*{stride}"}
    upward = {
        "D": f"(D{up}-1)*{stride}+{KERNEL}",
        "E": f"MAX(1,(E{up}-1)*{stride}-{padding}+1)",
        "F": f"MIN($B{first},(F{up}-1)*{stride}-{padding}+{KERNEL})",
        "G": f"MAX(1,(G{up}-1)*{stride}-{padding}+1)",
        "H": f"MIN($B{first},(H{up}-1)*{stride}-{padding}+{KERNEL})",
    }
    for column, formula in starts.items():
        build.formula(SIZES, f"{column}{first}", formula)
    for column, formula in down.items():
        build.formula(SIZES, f"{column}{first + 1}:{column}{last}", formula)
    for column, formula in upward.items():
        build.formula(SIZES, f"{column}{first}:{column}{last - 1}", formula)
    for column, formula in ends.items():
        build.formula(SIZES, f"{column}{last}", formula)
    dense = f"(B${first}-ROWS(B${first + 1}:B{first + 1})*{KERNEL - 1 - 2 * padding})"
    weights = f'{KERNEL**2}*{CHANNELS}*IF(A{first + 1}="layer 1",1,{CHANNELS})'
    build.formula(SIZES, f"I{first + 1}:I{last}", weights)
    build.formula(SIZES, f"J{first + 1}:J{last}", f"I{first + 1}*B{first + 1}^2", number="#,##0")
    build.formula(SIZES, f"K{first + 1}:K{last}", f"I{first + 1}*{dense}^2", number="#,##0")
    for letters, told in (
        (starts, "picture"),
        (down, "from the grid above"),
        (upward, "from the layer below"),
    ):
        for column, formula in letters.items():
            build.tell(f"'{SIZES}'!{column}", told, f"={formula}")
    for name in ("sizes", "field", "costs"):
        block = build.blocks[name]
        for step, heading in enumerate(block.columns):
            build.text(SIZES, cell_name(TABLE - 1, block.rect.left + step), heading, "heading")
    look.widths = {"A": 12, "B:H": 13, "I": 10, "J": 16, "K": 24}
    x = Rect(TABLE, 0, last, 1)
    bars = (Series("rows", SIZES, Rect(TABLE, 1, last, 2), x, SERIES_COLOURS[0]),)
    seen = (Series("field", SIZES, Rect(TABLE, 3, last, 4), x, SERIES_COLOURS[1]),)
    look.charts = [
        Chart("column", "Rows of each grid", bars, f"A{last + 3}", width=440),
        Chart("column", "Rows of it that a cell of the last grid sees", seen, f"F{last + 3}", width=440),
    ]
