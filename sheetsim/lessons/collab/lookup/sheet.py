"""`lookup` in Excel formulas."""

from sheetsim.address import Rect, cell_name, column_name
from sheetsim.lessons.collab._embedding.layout import SIDES, TOP
from sheetsim.lessons.collab._embedding.sheet import (
    FACTOR,
    absolute,
    build_cost,
    build_errors,
    build_places,
    build_slopes,
    build_tables,
    corner,
)
from sheetsim.lessons.collab.lookup import COST, GRADIENT, LESSON, NAME, rects
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.layout.solver import store_problem
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.style import Chart, HeatMap, Series
from sheetsim.workbook import Workbook

COSTS = [
    ("0*B$5", "none"),
    ("0*B$5", "none"),
    ("2*8*B$5*B$6", "for each number of a vector where it stands, and the number, 8 bytes each"),
    ("8*B$5*B$6", "the vectors"),
    ("8*B$5", "the rows' places"),
]


def build_main(build: SheetBuilder, sheet: str, prefix: str = "") -> None:
    """The sheet as course22 has it."""
    found, look = rects(build.settings), build.looks[sheet]
    build_tables(build, sheet, found, prefix)
    build_places(build, sheet, found, prefix)
    for side in SIDES:
        _copy_rows(build, sheet, prefix, side)
    predict, rating = corner(found["predict"]), corner(found["rating"])
    build_errors(build, sheet, found, f"({rating}-{predict})^2", prefix)
    look.heat.append(HeatMap(found["squared_error"], signed=False))


def _copy_rows(build: SheetBuilder, sheet: str, prefix: str, side: str) -> None:
    """One array formula a rating, which copies a row of the table: the row above the first, moved down."""
    found, look = rects(build.settings), build.looks[sheet]
    name, place, table = f"{prefix}{side}_vector", found[f"{side}_place"], found[f"{side}_factors"]
    rect = build.blocks[name].rect
    above = absolute(Rect(table.top - 1, table.left, table.top, table.right))
    mark = "" if side == "user" else "$"  # as course22 has it

    def copied(row: int) -> str:
        return f"OFFSET({above},{mark}{cell_name(row, place.left)},0)"

    for row in range(rect.top, rect.bottom):
        build.book[sheet].fill(Rect(row, rect.left, row + 1, rect.right), copied(row), array=True)
    for factor in range(table.columns):
        build.book[sheet].set((TOP - 1, rect.left + factor), factor + 1.0)
    look.paint(Rect(TOP - 1, rect.left, TOP, rect.right), "heading")
    look.paint(rect, "formula", FACTOR)
    look.heat.append(HeatMap(rect))
    build.text(sheet, cell_name(TOP - 2, rect.left), "{=" + copied(rect.top) + "}", "code")
    title = build.blocks[name].title
    build.tell(f"{sheet}!{corner(rect)}", title, "{=" + copied(rect.top) + "}")
    look.widths[f"{column_name(rect.left)}:{column_name(rect.right - 1)}"] = 7


SHOWS = """
    The same predictions as in the lesson onehot, from the same numbers, without its matrices. For each
    rating MATCH finds the row of its user and of its movie, OFFSET copies the five numbers that stand there,
    and their products are added up. A row copied is all that a one-hot row times a table comes to. That is
    what an embedding layer is: a name for "look it up in an array".

    And it can be trained. The slope of the loss for a number of the table is the sum over the ratings that
    used its row, and of no others: the sheet "lookup gradient" picks them out by comparing row numbers. In
    a network the copying and this picking are the layer's forward and backward pass.
"""
TRIES = """
    Type another user's id into I3, one of B4:B18: the row number in L3 changes, and with it the copied row.

    Change a number of the table, say C4: it changes in every row that copies it, and in no other.

    Type an id into I3 that no user has, 1000: MATCH finds the last id that is not above it, without a word.
    An id below all others, 1, is an error instead.

    Run sheetsim solve lookup.xlsx -o solved.xlsx: its gradients go through MATCH and OFFSET, and are those of
    the sheet "lookup gradient" to begin with. The RMSE (AA3) falls from 2.54 to 0.17, the points of the chart
    gather along a line, and the slopes on "lookup gradient" are nearly 0.
"""


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    found = rects(settings)
    build_main(build, NAME)
    store_problem(build.book, NAME, found["rmse"], (found["user_factors"], found["movie_factors"]))
    uses = {
        side: f"--({NAME}!{absolute(found[f'{side}_place'])}={NAME}!$A{found[f'{side}_id'].top + 1})"
        for side in SIDES
    }
    build_slopes(build, NAME, GRADIENT, found, uses)
    build_cost(build, NAME, COST, found, COSTS)
    _chart(build)
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        sheets={
            NAME: "tables of embeddings, ratings, the rows looked up, predictions, errors",
            GRADIENT: "how the loss changes with each number of the tables",
            COST: "multiplications, additions and bytes, counted from the sizes",
        },
        keywords="embeddings, look-up, collaborative filtering, spreadsheet",
    )


def _chart(build: SheetBuilder) -> None:
    """Predictions over ratings: a cloud before training, a rising band after it."""
    found = rects(build.settings)
    points = Series("ratings", NAME, found["predict"], found["rating"], points=True, line=False)
    at = cell_name(TOP + 2, found["rmse"].left)
    chart = Chart("scatter", "Predicted rating over the rating given", (points,), at, "rating", "predicted")
    build.looks[NAME].charts = [chart]
