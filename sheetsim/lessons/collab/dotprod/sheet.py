"""`dotprod` in Excel formulas."""

from sheetsim.address import Rect, cell_name, column_name, quote_sheet
from sheetsim.lessons.collab._shared.crosstab import LEFT, TOP, sheet_of
from sheetsim.lessons.collab._shared.grids import Grids
from sheetsim.lessons.collab._shared.sheet import (
    SCALE,
    TITLE_HEIGHT,
    build_crosstab,
    build_errors,
    build_ratings,
    weights_of,
)
from sheetsim.lessons.collab.dotprod import ADVICE, ADVICE_LEFT, ADVICE_TOP, LESSON, NAME
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.layout.solver import store_problem
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.style import HeatMap
from sheetsim.workbook import Workbook

SHOWS = """
    Ratings of movies by users, a row a user and a column a movie. Nobody has said what kind of film each one
    is, or who likes which. Instead each user and each movie has five numbers, its factors, random at first. A
    rating is predicted as the dot product of the two: multiplied pair by pair, and added up.

    Whoever minimises the error (RMSE, the root of the mean squared error) by changing the factors finds
    factors that mean something: one may come to tell love stories from science fiction, for movies how much
    of it they are, for users how much they like it. This is matrix factorisation, and the two tables of
    factors are what a neural network calls embeddings.

    Cells without a rating predict 0 and count for nothing. What the same factors would predict for them is
    the purpose of it all, and stands on the sheet of advice.
"""
TRIES = """
    Run Excel's Solver (Data, Solver, Solve): the problem is stored in the sheet. Or, better and in a second,
    run sheetsim solve dotprod.xlsx -o solved.xlsx: the RMSE falls from 2.54 to 0.17, and the two pictures,
    ratings and predictions, become nearly the same.

    After that look at the sheet of advice, which until then advises by chance.

    Type other ratings into a row of the ratings, or delete one, and solve again.

    Export it with --set factors=1, 2 or 3 and solve: the RMSE ends at 0.77, 0.62 and 0.46. With more factors
    the error falls, as there are more parameters to fit the ratings with, here 150 for 206 ratings. That
    need not make the advice better: such a model overfits.

    Take real ratings: sheetsim export mine.xlsx --model dotprod --ratings ratings.csv --users 20 --movies 20
    takes MovieLens' file and its most active users and most rated movies.
"""


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    grids = Grids.of(settings)
    build_ratings(build, grids, sheet=NAME)
    user, movie = weights_of(grids)
    rating = cell_name(1, grids.left)
    predict = f"MMULT({user},{movie})"
    build.block(
        "predict",
        f'IF({rating}="",0,{predict})',
        headings=False,
        spell=cell_name(grids.bottom + 1, 1),
    )
    build_errors(build, grids, sheet=NAME)
    look = build.looks[NAME]
    look.marks.append((grids.predictions, f'{rating}=""', "aside"))
    _advice(build, grids, rating)
    build_crosstab(build)
    store_problem(build.book, NAME, grids.rmse, (grids.movie_factors, grids.user_factors))
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        sheets={
            NAME: "ratings, factors of movies and users, predictions and their error",
            ADVICE: "what the factors predict for the movies that a user has not rated",
            sheet_of(NAME): "the ratings as they come, one a row, and how formulas make a grid of them",
        },
        keywords="collaborative filtering, matrix factorisation, embeddings, Solver, spreadsheet",
    )


def _advice(build: SheetBuilder, grids: Grids, rating: str) -> None:
    """Predictions for the cells without a rating, and the best of them for each user."""
    user, movie = weights_of(grids)
    cross, look = quote_sheet(sheet_of(NAME)), build.looks[ADVICE]
    right = ADVICE_LEFT + grids.movies
    bottom = ADVICE_TOP + grids.users
    build.text(ADVICE, "A1", "What each user might like, of what is not rated yet", "section")
    head = Rect(ADVICE_TOP - 1, ADVICE_LEFT, ADVICE_TOP, right)
    build.formula(ADVICE, head, f"{cross}!{column_name(LEFT)}${TOP - 1}", role="spelled heading")
    ids = Rect(ADVICE_TOP, 0, bottom, 1)
    build.text(ADVICE, "A4", "userId", "heading")
    build.formula(ADVICE, ids, f"{cross}!${column_name(LEFT - 1)}{TOP + 1}", role="heading", number="0")
    last = cell_name(1, grids.right - 1)
    build.block("given", f"COUNT({NAME}!{rating}:{last})", number="0")
    cells = f"F5:{cell_name(ADVICE_TOP, right - 1)}"
    build.formula(
        ADVICE,
        Rect(ADVICE_TOP, 2, bottom, 3),
        f'IF(D5="","nothing is left",INDEX($F$4:${column_name(right - 1)}$4,MATCH(D5,{cells},0)))',
        role="meaning",
    )
    build.text(ADVICE, "C4", "the best of the unseen", "heading")
    build.block("best", f'IF(COUNT({cells})=0,"",MAX({cells}))', role="result")
    weights = f"MMULT({NAME}!{user},{NAME}!{movie})"
    build.block(
        "unseen",
        f'IF({NAME}!{rating}="",{weights},"")',
        headings=False,
        spell=cell_name(bottom + 1, ADVICE_LEFT),
    )
    look.heat.append(HeatMap(build.blocks["unseen"].rect, signed=False, between=SCALE))
    look.widths = {"A": 9, "B": 12, "C": 26, "D": 14, "E": 3, f"F:{column_name(right - 1)}": 9}
    look.heights = {ADVICE_TOP - 2: 26, ADVICE_TOP - 1: TITLE_HEIGHT}
    look.frozen = "E5"
