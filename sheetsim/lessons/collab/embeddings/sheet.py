"""`embeddings` in Excel formulas."""

from sheetsim.address import Rect, cell_name, quote_sheet
from sheetsim.lessons.collab import lookup, onehot
from sheetsim.lessons.collab._embedding.layout import COSTS, DATA
from sheetsim.lessons.collab._embedding.sheet import absolute, corner
from sheetsim.lessons.collab.embeddings import (
    COST_TOP,
    GROWTH_TOP,
    LESSON,
    LOOKUP,
    NAME,
    ONEHOT,
    SIDE_TOP,
    SIZE_TOP,
    VOCABULARY,
)
from sheetsim.lessons.collab.lookup import sheet as lookup_sheet
from sheetsim.lessons.collab.onehot import sheet as onehot_sheet
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.style import SERIES_COLOURS, Chart, Series
from sheetsim.workbook import Workbook

SHOWS = """
    The two ways to an embedding, one workbook, the same numbers: on one sheet each user and each movie is a
    one-hot row that is multiplied by the table of embeddings, on the other its row of the table is looked up.
    The predictions (D and E) are the same to the last bit, and the difference (F) is 0 in every row.

    The work is not the same. For 15 users and 15 movies the product needs 30,900 multiplications, all but
    2,060 of them by zero, and reads 15 times as many bytes; the look-up multiplies nothing. The second table
    and the chart let the vocabulary grow: a word out of 100,000 costs the product 100,000 times what it costs
    the look-up, which does not notice how large the table is. So libraries offer an embedding layer, and
    nobody makes the one-hot rows.

    What comes after is the same for both: a dot product for each rating.
"""
TRIES = """
    On "embeddings lookup" type another number over one of the tables, or another user's id over one of the
    ratings: both predictions change, and stay the same.

    Type 0.5 over a 1 of a one-hot row (O3 of "embeddings onehot"): only the product can do that, and the
    difference is no longer 0.

    Type the size of your own vocabulary over one of I21:I25, and see what a vector of it costs.
"""


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    lookup_sheet.build_main(build, LOOKUP, "lookup.")
    typed = lookup.rects(settings)
    source = {name: f"{quote_sheet(LOOKUP)}!{corner(typed[name])}" for name in DATA}
    onehot_sheet.build_main(build, ONEHOT, "onehot.", source)
    _predictions(build)
    _costs(build)
    _growth(build)
    look = build.looks[NAME]
    look.widths = {"A:F": 11, "G": 3, "H": 18, "I": 14, "J:M": 17}
    look.heights[SIDE_TOP - 2] = 26
    look.frozen, look.repeat = f"A{SIDE_TOP + 1}", (SIDE_TOP - 1, SIDE_TOP - 1)
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        sheets={
            NAME: "predictions side by side, costs, and how they grow with the vocabulary",
            ONEHOT: "by one-hot rows and matrix products; its data repeat the other sheet's",
            LOOKUP: "by look-ups; the data are typed here",
        },
        keywords="embeddings, one-hot, look-up, collaborative filtering, spreadsheet",
    )


def _predictions(build: SheetBuilder) -> None:
    """A row a rating: what both predict."""
    first, second = onehot.rects(build.settings), lookup.rects(build.settings)
    bottom = SIDE_TOP + int(build.settings["count"])
    build.text(NAME, "A1", "The same predictions from both", "section")
    for column, name in enumerate(("user", "movie", "rating")):
        cells = Rect(SIDE_TOP, column, bottom, column + 1)
        number = "0.0" if name == "rating" else "0"
        build.formula(
            NAME, cells, f"{quote_sheet(LOOKUP)}!{corner(second[name])}", role="linked", number=number
        )
        heading = "rating" if name == "rating" else f"{name}Id"
        build.text(NAME, cell_name(SIDE_TOP - 1, column), heading, "heading")
    top = SIDE_TOP + 1
    build.block(
        "predictions",
        f"{quote_sheet(ONEHOT)}!{corner(first['predict'])}",
        f"{quote_sheet(LOOKUP)}!{corner(second['predict'])}",
        f"D{top}-E{top}",
        number="0.0000",
    )
    build.looks[NAME].number(Rect(SIDE_TOP, 5, bottom, 6), "General")
    build.text(NAME, "E2", "largest difference")
    largest = f"MAX(MAX(F{top}:F{bottom}),-MIN(F{top}:F{bottom}))"
    build.block("apart", largest, number="General", role="result", headings=False)


def _costs(build: SheetBuilder) -> None:
    """Sizes, and the costs of both ways counted from them."""
    rects = lookup.rects(build.settings)
    build.text(NAME, "H1", "What the vectors of all ratings cost", "section")
    build.text(NAME, cell_name(SIZE_TOP - 1, 7), "size", "heading")
    build.looks[NAME].paint(Rect(SIZE_TOP - 1, 8, SIZE_TOP, 10), "heading")
    counted = (
        ("users", f"COUNT({_on_lookup(rects['user_id'])})"),
        ("movies", f"COUNT({_on_lookup(rects['movie_id'])})"),
        ("ratings", f"COUNT({_on_lookup(rects['rating'])})"),
        ("factors", f"COLUMNS({_on_lookup(rects['user_factors'])})"),
    )
    cells = []
    for row, (name, formula) in enumerate(counted, SIZE_TOP):
        cells.append(f"$J${row + 1}")
        build.text(NAME, cell_name(row, 7), name)
        build.formula(NAME, cell_name(row, 9), formula, number="#,##0")
        build.tell(f"{NAME}!{cell_name(row, 9)}", name, f"={formula}")
    users, movies, ratings, factors = cells
    costs = (
        (f"{ratings}*({users}+{movies})*{factors}", f"0*{ratings}"),
        (f"{ratings}*({users}+{movies}-2)*{factors}", f"0*{ratings}"),
        (f"2*8*{ratings}*({users}+{movies})*{factors}", f"2*8*{ratings}*2*{factors}"),
        (f"8*{ratings}*2*{factors}", f"8*{ratings}*2*{factors}"),
        (f"8*{ratings}*({users}+{movies})", f"8*{ratings}*2"),
    )
    for column, heading in enumerate(("cost", "", *build.blocks["cost"].columns), 7):
        build.text(NAME, cell_name(COST_TOP - 1, column), heading, "heading")
    for row, (name, formulas) in enumerate(zip(COSTS, costs, strict=True), COST_TOP):
        build.text(NAME, cell_name(row, 7), name)
        for column, formula in enumerate(formulas, 9):
            build.formula(NAME, cell_name(row, column), formula, number="#,##0")
            build.tell(f"{NAME}!{cell_name(row, column)}", name, f"={formula}")
        ratio = f'IF(K{row + 1}=0,"",J{row + 1}/K{row + 1})'
        build.formula(NAME, cell_name(row, 11), ratio, role="result", number="#,##0")


def _on_lookup(rect: Rect) -> str:
    return f"{quote_sheet(LOOKUP)}!{absolute(rect)}"


def _growth(build: SheetBuilder) -> None:
    """What one vector costs, for vocabularies of any size, with a chart."""
    top, bottom = GROWTH_TOP, GROWTH_TOP + len(VOCABULARY)
    build.text(NAME, cell_name(top - 3, 7), "What one vector costs as the vocabulary grows", "section")
    build.text(NAME, cell_name(top - 1, 8), "vocabulary", "heading")
    build.input("vocabulary", number="#,##0", role="input")
    row, factors = top + 1, f"$J${SIZE_TOP + 4}"
    build.block(
        "growth",
        f"$I{row}*{factors}",
        f"2*8*$I{row}*{factors}",
        f"2*8*{factors}",
        f"K{row}/L{row}",
        number="#,##0",
    )
    sizes = Rect(top, 8, bottom, 9)
    curves = tuple(
        Series(name, NAME, Rect(top, column, bottom, column + 1), sizes, SERIES_COLOURS[place], points=True)
        for place, (name, column) in enumerate((("one-hot product", 10), ("look-up", 11)))
    )
    chart = Chart(
        "scatter",
        "Bytes read for one vector",
        curves,
        cell_name(bottom + 1, 7),
        "rows of the table",
        "bytes",
        width=640,
        height=330,
        logarithmic=True,
        logarithmic_x=True,
    )
    build.looks[NAME].charts = [chart]
