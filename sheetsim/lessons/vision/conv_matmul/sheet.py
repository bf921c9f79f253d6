"""`conv_matmul` in Excel formulas."""

from sheetsim.address import Rect, cell_name, column_name
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.lessons.vision._shared.sheet import PALE, fixed
from sheetsim.lessons.vision.conv_matmul import (
    BANDED,
    COUNTS,
    FILTERS,
    KERNEL,
    LESSON,
    NAME,
    TABLE_TOP,
    TOP,
    UNFOLDED,
    WEIGHTS,
    MatmulPlaces,
)
from sheetsim.style import SERIES_COLOURS, Chart, HeatMap, Look, Series
from sheetsim.workbook import Workbook

SHOWS = """
    A small picture, a filter of 3 x 3 weights, and their convolution, computed in three ways that have the
    same result. First as one says it: the filter slides over the picture, and each result is the sum of nine
    pixels times nine weights.

    Second (sheet im2col): every window of the picture is written out as a row of nine numbers, and this
    matrix is multiplied with the filter, written as a column. That is one matrix product, which computers do
    faster than anything else, and so it is how many libraries compute convolutions; the price is memory, as
    most pixels are copied nine times.

    Third (sheet banded): the picture is written as a column, and the convolution is a matrix that is
    multiplied with it, like the weights of a linear layer. In each row stand the same nine weights, shifted,
    and otherwise zeros. So a convolution is a linear layer most of whose weights are zero, and whose others
    are shared.

    One window is framed on every sheet: its pixels in the picture, its row in both matrices, its result.
"""
TRIES = """
    Choose other filters (D3): top and left look for edges, diag for slanted ones, sharp and blur do what they
    say. mine is the last row of the list: type your own nine weights there.

    Step through the windows (D4: 1, 2, 3 ...) and watch the frame move through the picture and down the
    matrices.

    Type over a pixel of the picture: see in how many rows of the im2col sheet it stands (at most nine), and
    in how many results.

    Look at the sheet counts: at 224 x 224 the banded matrix needs 2.47 billion multiplications, of which one
    in 5,575 is not by zero.
"""
REMARKS = """
    Cross-correlation is the exact word for what deep learning calls a convolution: the filter is not turned
    round. Differences are rounded to 12 places, as programs that add in another order differ in the 16th.
    torch's unfold has a window a column where this workbook has a window a row.
"""
ROW_CELL, COLUMN_CELL = "N4", "O4"  # where the framed window begins
ROW, COLUMN = "$N$4", "$O$4"
PIXEL, WEIGHT, RESULT = "0.00;-0.00;0", "General", "0.00;-0.00;0"
SCALES = {
    **dict.fromkeys(("weights", "weight_column", "products", "banded"), 1.0),
    **dict.fromkeys(("sliding", "folded", "banded_folded", "product", "banded_product"), 2.0),
    **dict.fromkeys(("off_im2col", "off_banded"), 1e-9),  # any difference at all is to be seen
}
"""Blocks whose cells are coloured by sign, and where the colours are full."""
SPARSE = '[=0]"·";[<0]-General;General'  # a zero of the matrix is a dot


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    places = MatmulPlaces(int(settings["size"]))
    _front(build, places)
    _lower(build, places)
    _unfolded(build, places)
    _banded(build, places)
    _counts(build)
    for name in ("window", "unfolded", "image_column"):
        block = build.blocks[name]
        build.looks[block.sheet].heat.append(HeatMap(block.rect, signed=False, colour=PALE))
    for name, limit in SCALES.items():
        block = build.blocks[name]
        build.looks[block.sheet].heat.append(HeatMap(block.rect, limit=limit))
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        sheets={
            NAME: "picture, filter, and the three results with their differences",
            UNFOLDED: "the windows as rows, times the filter as a column",
            BANDED: "the convolution as a matrix, times the picture as a column",
            COUNTS: "what each way costs, for larger pictures",
        },
        remarks=REMARKS,
        keywords="convolution, im2col, Toeplitz matrix, deep learning, spreadsheet",
    )


# -- the first sheet


def _front(build: SheetBuilder, places: MatmulPlaces) -> None:
    """Inputs, picture, filter and the three results, side by side."""
    image, weights, out = places.image, places.weights, places.out
    sliding, product, banded = places.results
    look = build.looks[NAME]
    look.paint(Rect(0, 0, 1, banded.right), "section")
    build.text(NAME, "A1", "One convolution, three ways", "section")
    build.text(
        NAME, "A2", "picture * filter: slid over it, as a product of its windows, as one matrix", "aside"
    )
    build.input("filter")
    build.input("patch")
    build.text(NAME, "F3", "one of the filters listed below", "aside")
    build.text(NAME, "F4", "the window that is framed begins in row and column", "aside")
    build.formula(NAME, ROW_CELL, f"INT((MIN($D$4,{out * out})-1)/{out})+1", role="helper", number="0")
    build.formula(NAME, COLUMN_CELL, f"MOD(MIN($D$4,{out * out})-1,{out})+1", role="helper", number="0")

    build.input("image", number=PIXEL)
    look.heat.append(HeatMap(image, signed=False, colour=PALE))
    _grid(build, image, "picture", 1)
    names = fixed(Rect(places.filters.top, 0, places.filters.bottom, 1))
    row, column = axes(weights)
    library = fixed(places.filters)
    place = f"MATCH($D$3,{names},0),({row}-1)*{KERNEL}+{column}"
    build.block("weights", f"INDEX({library},{place})", number=WEIGHT, headings=False)
    _grid(build, weights, "filter", 2)
    window = Rect(image.top, image.left, image.top + KERNEL, image.left + KERNEL)
    slid = f"SUMPRODUCT({window},{fixed(weights)})"
    build.block("sliding", slid, number=RESULT, headings=False)
    _grid(build, sliding, "sliding window", 3, "=SUMPRODUCT(window, filter)")
    for name, rect, source, words, formula in (
        ("folded", product, "product", "im2col", "=MMULT(windows, filter)"),
        ("banded_folded", banded, "banded_product", "banded matrix", "=MMULT(matrix, picture)"),
    ):
        row, column = axes(rect)
        folded = f"INDEX({build.ref(source, NAME)},({row}-1)*{out}+{column})"
        build.block(name, folded, number=RESULT, headings=False)
        _grid(build, rect, words, 3, formula)
    for rect, size in ((image, KERNEL), (sliding, 1), (product, 1), (banded, 1)):
        _frame(look, rect, size)
    look.widths = {f"A:{column_name(banded.right - 1)}": 5.3}
    rows = (*range(TOP, image.bottom), *range(places.patch.top, places.count - 1))
    look.heights = dict.fromkeys(rows, 29)
    look.frozen, look.gridlines = "A5", False


def _lower(build: SheetBuilder, places: MatmulPlaces) -> None:
    """The framed window worked out, the differences, the counts, the list of filters."""
    image, weights, patch = places.image, places.weights, places.patch
    sliding, product, banded = places.results
    row, column = axes(patch)
    pixel = f"INDEX({fixed(image)},{ROW}+{row}-1,{COLUMN}+{column}-1)"
    build.block("window", pixel, number=PIXEL, headings=False)
    _grid(build, patch, "window", 1)
    products = build.blocks["products"].rect
    each = f"{cell_name(patch.top, patch.left)}*{cell_name(weights.top, weights.left)}"
    build.block("products", each, number=RESULT, headings=False)
    _grid(build, products, "window * filter", 2)
    total = build.blocks["sum"].rect
    build.block("sum", f"SUM({products})", number=RESULT, role="result", headings=False)
    _band(build, Rect(patch.top - 2, sliding.left, patch.top - 1, sliding.right), "sum of the products", 3)
    build.text(NAME, cell_name(total.top, total.left + 1), "= the framed result", "aside")
    for name, rect, words in (
        ("off_im2col", product, "im2col - sliding"),
        ("off_banded", banded, "banded - sliding"),
    ):
        formula = f"ROUND({cell_name(rect.top, rect.left)}-{cell_name(sliding.top, sliding.left)},12)"
        build.block(name, formula, number="0.0;-0.0;0", role="helper", headings=False)
        below = build.blocks[name].rect
        _band(build, Rect(below.top - 2, below.left, below.top - 1, below.right), words, 4)
    numbers = (
        (sliding, f"COUNT({sliding})*COUNT({weights})"),
        (product, f"COUNT({build.ref('unfolded', NAME)})"),
        (banded, f"COUNT({build.ref('banded', NAME)})"),
    )
    for rect, formula in numbers:
        told = f'{formula}&" multiplications"'
        build.formula(NAME, cell_name(places.count, rect.left), told, role="strong")
    library = places.filters
    build.text(
        NAME, cell_name(library.top - 2, 0), "The filters to choose from, each as a row of nine", "section"
    )
    for place, name in enumerate(FILTERS):
        build.text(NAME, cell_name(library.top + place, 0), name, "strong")
    build.input("filters", number=WEIGHT)


def axes(rect: Rect) -> tuple[str, str]:
    """The numbers of a grid's first row and first column, which stand left of it and above it."""
    return f"${column_name(rect.left - 1)}{rect.top + 1}", f"{column_name(rect.left)}${rect.top}"


def _grid(build: SheetBuilder, rect: Rect, words: str, band: int, formula: str = "") -> None:
    """What a grid is, above it, with the numbers of its rows and columns."""
    sheet, look = build.book[NAME], build.looks[NAME]
    for step in range(rect.rows):
        sheet.set((rect.top + step, rect.left - 1), float(step + 1))
    for step in range(rect.columns):
        sheet.set((rect.top - 1, rect.left + step), float(step + 1))
    look.paint(Rect(rect.top, rect.left - 1, rect.bottom, rect.left), "index")
    look.paint(Rect(rect.top - 1, rect.left, rect.top, rect.right), "index")
    above = rect.top - (3 if rect.top == TOP else 2)
    _band(build, Rect(above, rect.left, above + 1, rect.right), words, band)
    if formula:
        build.text(NAME, cell_name(above + 1, rect.left), formula, "code")


def _band(build: SheetBuilder, rect: Rect, words: str, band: int) -> None:
    """A coloured heading as wide as what stands below it."""
    build.looks[NAME].paint(rect, f"band {band} left")
    build.book[NAME].set((rect.top, rect.left), words)


def _frame(look: Look, rect: Rect, size: int) -> None:
    """Frame the cells of a grid that belong to the chosen window."""
    i, j = axes(rect)
    inside = f"{i}>={ROW},{i}<{ROW}+{size},{j}>={COLUMN},{j}<{COLUMN}+{size}"
    look.marks.append((rect, f"AND({inside})", "watched"))


# -- the two matrices


def _matrix(build: SheetBuilder, sheet: str, block: str, words: str, says: str) -> Rect:
    """Titles, each row's window, and the frame around the chosen one's row."""
    look, rect = build.looks[sheet], build.blocks[block].rect
    look.paint(Rect(0, 0, 1, rect.right), "section")
    build.text(sheet, "A1", words, "section")
    build.text(sheet, "A2", says, "aside")
    for column, name in enumerate(("window", "row", "column")):
        build.text(sheet, cell_name(TABLE_TOP - 1, column), name, "heading")
    out = round(rect.rows**0.5)
    for place in range(rect.rows):
        for column, number in enumerate((place + 1, place // out + 1, place % out + 1)):
            build.book[sheet].set((rect.top + place, column), float(number))
    look.paint(Rect(rect.top, 0, rect.bottom, 3), "index")
    build.text(sheet, "B3", "framed: window", "label")
    build.formula(sheet, "C3", f"MIN({NAME}!$D$4,{rect.rows})", role="linked", number="0")
    look.marks.append((rect, f"$A{rect.top + 1}=$C$3", "watched"))
    look.widths = {"A": 8, "B:C": 7}
    look.frozen, look.gridlines = cell_name(rect.top, rect.left), False
    return rect


def _pixels(
    build: SheetBuilder, sheet: str, rect: Rect, across: int, names: tuple[str, str], first: int
) -> None:
    """Two rows of numbers above a matrix: the row and column that each of its columns stands for."""
    look = build.looks[sheet]
    for line, name in enumerate(names):
        row = rect.top - 3 + line
        build.text(sheet, cell_name(row, rect.left - 1), name, "aside")
        for place in range(rect.columns):
            number = (place // across, place % across)[line] + first
            build.book[sheet].set((row, rect.left + place), float(number))
        look.paint(Rect(row, rect.left, row + 1, rect.right), "index")


def _unfolded(build: SheetBuilder, places: MatmulPlaces) -> None:
    """im2col: windows times filter."""
    words = "im2col: every window is a row of nine pixels, the filter a column of nine weights"
    rect = _matrix(build, UNFOLDED, "unfolded", words, "Down the rows, the window moves on by one pixel.")
    _pixels(build, UNFOLDED, rect, KERNEL, ("down", "across"), 0)
    column = column_name(rect.left)
    image = build.ref("image", UNFOLDED)
    down, across = f"$B{rect.top + 1}+{column}${rect.top - 2}", f"$C{rect.top + 1}+{column}${rect.top - 1}"
    build.block("unfolded", f"INDEX({image},{down},{across})", number=PIXEL, headings=False)
    build.looks[UNFOLDED].paint(Rect(rect.top - 1, rect.left, rect.top, rect.right), "band 1 left")
    build.book[UNFOLDED].set((rect.top - 1, rect.left), "windows")
    weights = build.blocks["weight_column"].rect
    formula = f"INDEX({build.ref('weights', UNFOLDED)},{_unflat(weights, KERNEL)})"
    build.block("weight_column", formula, number=WEIGHT, headings=False)
    build.block(
        "product",
        f"MMULT({build.ref('unfolded', UNFOLDED)},{build.ref('weight_column', UNFOLDED)})",
        number=RESULT,
        array=True,
        headings=False,
    )
    _sides(build, UNFOLDED, "weight_column", "product")
    build.looks[UNFOLDED].widths[f"D:{column_name(rect.right - 1)}"] = 5.3


def _banded(build: SheetBuilder, places: MatmulPlaces) -> None:
    """The convolution as one matrix, times the picture."""
    words = "The convolution as one matrix: the filter's nine weights where each window has its pixels"
    says = "A column for each pixel of the picture. Down the rows, the weights move on by one pixel."
    rect = _matrix(build, BANDED, "banded", words, says)
    _pixels(build, BANDED, rect, places.size, ("pixel's row", "column"), 1)
    column, top = column_name(rect.left), rect.top
    down, across = f"{column}${top - 2}-$B{top + 1}", f"{column}${top - 1}-$C{top + 1}"
    inside = f"{down}>=0,{down}<{KERNEL},{across}>=0,{across}<{KERNEL}"
    # MAX keeps INDEX off 0, which to it means a whole row: our engine works both branches of IF out
    weight = f"INDEX({build.ref('weights', BANDED)},MAX(0,{down})+1,MAX(0,{across})+1)"
    build.block("banded", f"IF(AND({inside}),{weight},0)", number=SPARSE, headings=False)
    build.looks[BANDED].paint(Rect(top - 1, rect.left, top, rect.right), "band 2 left")
    build.book[BANDED].set((top - 1, rect.left), "matrix")
    picture = build.blocks["image_column"].rect
    formula = f"INDEX({build.ref('image', BANDED)},{_unflat(picture, places.size)})"
    build.block("image_column", formula, number=PIXEL, headings=False)
    build.block(
        "banded_product",
        f"MMULT({build.ref('banded', BANDED)},{build.ref('image_column', BANDED)})",
        number=RESULT,
        array=True,
        headings=False,
    )
    _sides(build, BANDED, "image_column", "banded_product")
    build.looks[BANDED].widths[f"D:{column_name(rect.right - 1)}"] = 3.2


def _unflat(column: Rect, across: int) -> str:
    """Row and column in a grid of a flattened column's cells; their numbers stand left of them."""
    at = f"{column_name(column.left - 1)}{column.top + 1}"
    return f"INT(({at}-1)/{across})+1,MOD({at}-1,{across})+1"


def _sides(build: SheetBuilder, sheet: str, factor: str, product: str) -> None:
    """What stands right of a matrix: the column that it is multiplied with, and the product."""
    look = build.looks[sheet]
    left, right = build.blocks[factor].rect, build.blocks[product].rect
    top = left.top - 1
    for rect, sign in ((left, "*"), (right, "=")):
        build.text(sheet, cell_name(top, rect.left - 1), sign, "sign")
        build.text(
            sheet,
            cell_name(top, rect.left),
            build.blocks[factor if rect is left else product].title,
            "heading",
        )
        look.widths |= {column_name(rect.left): 10.0, column_name(rect.left - 1): 3.5}
    for place in range(left.rows):
        build.book[sheet].set((left.top + place, left.left - 1), float(place + 1))
    look.paint(Rect(left.top, left.left - 1, left.bottom, left.left), "index")
    look.marks.append((right, f"$A{right.top + 1}=$C$3", "watched"))
    look.repeat = (right.top - 3, right.top - 1)


# -- the costs


def _counts(build: SheetBuilder) -> None:
    rect = build.blocks["counts"].rect
    build.text(COUNTS, "A1", "What each way costs, for a picture of n x n and one filter of 3 x 3", "section")
    build.text(COUNTS, "A4", "n", "heading")
    build.input("count_n", number="#,##0")
    outputs = f"(A5-{KERNEL}+1)^2"
    build.block(
        "counts", outputs, f"B5*{WEIGHTS}", f"B5*{WEIGHTS}", "B5*A5^2", f"{WEIGHTS}/A5^2", number="#,##0"
    )
    look = build.looks[COUNTS]
    look.number(Rect(rect.top, 5, rect.bottom, 6), "0.00%")
    n = Rect(rect.top, 0, rect.bottom, 1)
    curves = (
        Series(
            "sliding, im2col", COUNTS, Rect(rect.top, 2, rect.bottom, 3), n, SERIES_COLOURS[0], points=True
        ),
        Series("banded", COUNTS, Rect(rect.top, 4, rect.bottom, 5), n, SERIES_COLOURS[1], points=True),
    )
    chart = Chart(
        *("line", "Multiplications, on a logarithmic scale", curves, f"A{rect.bottom + 3}", "n"),
        width=620,
        logarithmic=True,
    )
    look.charts = [chart]
    look.widths, look.frozen = {"A": 10, "B": 14, "C": 31, "D:F": 26}, "B5"
