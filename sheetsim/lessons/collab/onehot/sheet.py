"""`onehot` in Excel formulas."""

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
from sheetsim.lessons.collab.onehot import COST, GRADIENT, LESSON, NAME, rects
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.layout.solver import store_problem
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.style import HeatMap
from sheetsim.workbook import Workbook

ONES = '0;-0;"·"'  # zeros as dots
COSTS = [
    ("B$5*B$4*B$6", "each number of a one-hot row, 1 or 0, times each of a row of the table"),
    ("B$5*(B$4-1)*B$6", "V products for each number of a vector, added up"),
    ("2*8*B$5*B$4*B$6", "each product reads both its factors, 8 bytes each"),
    ("8*B$5*B$6", "the vectors"),
    ("8*B$5*B$4", "the one-hot rows, nearly all of them zeros"),
]
SHOWS = """
    Every user and every movie has five numbers, its embedding, and a rating is predicted as the dot product
    of two of them. But how does a formula get from "user 14" to that user's five numbers? A linear layer can
    only multiply matrices. So each rating's user becomes a row of zeros with a single 1, in the user's
    column (O:AC), likewise its movie (AK:AY), and the product of that matrix and the table of embeddings is,
    row for row, the embedding of the user. The 1 picks a row out; the zeros throw the others away.

    It works, and all of it can be differentiated: the sheet "onehot gradient" has the slope of the loss for
    each number. But nearly all the work is multiplying by zero: "onehot cost" counts it. The lesson lookup
    gets the same numbers without any.
"""
TRIES = """
    Type another user's id into I3, one of B4:B18: the 1 in row 3 moves to another column, and the vector
    beside it is another row of the table.

    Type 0.5 over O3, where there is a 1, and over a 0 of the same row: the vector is now the mean of two
    users' embeddings. A product can do that; a look-up cannot.

    Export it with --set users=30 (twice as many): the cost for the users is about four times as much. The
    ratings double, and every one-hot row is twice as long; each rating still needs just one row of the table.

    Run sheetsim solve onehot.xlsx -o solved.xlsx: it finds embeddings that predict better, and the RMSE
    (BH210) falls from 2.54 to 0.17. Excel's own Solver has the problem, too: Data, Solver, Solve.
"""


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    found = rects(settings)
    build_main(build, NAME)
    store_problem(build.book, NAME, found["rmse"], (found["user_factors"], found["movie_factors"]))
    uses = {
        side: f"INDEX({NAME}!{absolute(found[f'{side}_one_hot'])},0,{NAME}!$A{found[f'{side}_id'].top + 1})"
        for side in SIDES
    }
    build_slopes(build, NAME, GRADIENT, found, uses)
    build_cost(build, NAME, COST, found, COSTS)
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        sheets={
            NAME: "tables of embeddings, ratings, one-hot rows, their products, predictions, errors",
            GRADIENT: "how the loss changes with each number of the tables",
            COST: "multiplications, additions and bytes, counted from the sizes",
        },
        keywords="embeddings, one-hot, matrix product, collaborative filtering, spreadsheet",
    )


def build_main(
    build: SheetBuilder, sheet: str, prefix: str = "", source: dict[str, str] | None = None
) -> None:
    """The sheet as the course has it; with `source` its data repeat another sheet's cells."""
    found, look = rects(build.settings), build.looks[sheet]
    build_tables(build, sheet, found, prefix, source)
    build_places(build, sheet, found, prefix)
    for side in SIDES:
        hot, vector, place = (found[f"{side}_{name}"] for name in ("one_hot", "vector", "place"))
        build.book[sheet].set((TOP - 1, hot.left), 1.0)
        look.paint(cell_name(TOP - 1, hot.left), "heading")
        slot = cell_name(TOP - 1, hot.left)
        build.block(f"{prefix}{side}_slot", f"{slot}+1", number="0", role="heading", headings=False)
        one = f"IF(${corner(place)}={column_name(hot.left)}${TOP},1,0)"
        build.block(f"{prefix}{side}_one_hot", one, number=ONES, heat=False)
        table = found[f"{side}_factors"]
        product = f"MMULT({_range(hot)},{_range(table)})"
        build.block(f"{prefix}{side}_vector", product, number=FACTOR, array=True, heat=True)
        look.widths[f"{column_name(hot.left)}:{column_name(hot.right - 1)}"] = 3.5
        look.widths[column_name(hot.left - 1)] = look.widths[column_name(hot.right)] = 3
        look.widths[column_name(vector.right)] = 3
    predict, rating = corner(found["predict"]), corner(found["rating"])
    build_errors(build, sheet, found, f"({predict}-{rating})^2", prefix)
    look.heat.append(HeatMap(found["squared_error"], signed=False))
    look.pages_wide = 2


def _range(rect: Rect) -> str:
    return f"{corner(rect)}:{cell_name(rect.bottom - 1, rect.right - 1)}"
