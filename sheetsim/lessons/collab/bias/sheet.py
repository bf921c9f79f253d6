"""`bias` in Excel formulas."""

from sheetsim.address import Rect, cell_name, column_name, quote_sheet
from sheetsim.lessons.collab._shared.crosstab import LEFT, TOP, sheet_of
from sheetsim.lessons.collab._shared.grids import Grids
from sheetsim.lessons.collab._shared.sheet import build_crosstab, build_errors, build_ratings, weights_of
from sheetsim.lessons.collab.bias import LESSON, MEANS, MEANS_TOP, NAME, RANGE, RANGED, grids_of
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.layout.solver import store_problem
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.style import SERIES_COLOURS, Chart, HeatMap, Series
from sheetsim.workbook import Workbook

SHOWS = """
    As in dotprod, a rating is predicted as the dot product of a user's and a movie's factors; to it are added
    a number for the movie and a number for the user, their biases. Some movies are simply better than others,
    some users kinder, and no combination of tastes has to say that again.

    The sheet of means sets each bias beside what one would take for it without any model: how far the mean
    rating of that user, or of that movie, lies from the mean of all.

    On the sheet of the range the same model, with weights of its own, ends in a sigmoid that keeps every
    prediction between two numbers, here 0 and 5.5: a little more than the scale, as a sigmoid never reaches
    its ends.
"""


def text_tries(grids: Grids) -> str:
    """What to try, with the addresses that the commands need."""
    changing = ",".join(f"'{RANGE}'!{one}" for one in adjusted(grids))
    objective = f"'{RANGE}'!{grids.rmse}"
    return f"""
    Run Excel's Solver (Data, Solver, Solve): the problem is stored in the sheet. Or, better and in a second,
    run sheetsim solve bias.xlsx -o solved.xlsx: the RMSE falls from 1.88 to 0.13; without biases, in dotprod,
    it ends at 0.17.

    Type 0 into all biases and let Solver change the factors only: you are back at dotprod, and its 0.17.

    Look at the charts of the means before and after you solve. Then export the lesson with --set factors=1
    and do it again: where one factor has to tell all tastes apart, the biases of the movies have to say which
    are good, and their points come near a line (correlation 0.87; with five factors 0.43).

    Solve the model with a range: sheetsim solve bias.xlsx -o solved.xlsx --max-seconds 10
    --objective "{objective}" --changing "{changing}"
    comes below 0.13 too, and no prediction reaches 5.5. Set y_range to no on its sheet, and it is the
    first model again.
"""


def adjusted(grids: Grids) -> tuple[Rect, Rect]:
    """The cells that Solver changes, biases and factors together: the movies', the users'."""
    movies = Rect(grids.movie_bias.top, grids.left, grids.movie_factors.bottom, grids.right)
    return movies, Rect(grids.top, 0, grids.bottom, grids.user_factors.right)


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    grids = grids_of(settings)
    rating = cell_name(1, grids.left)
    build_ratings(build, grids, sheet=NAME)
    build.block(
        "predict",
        f'IF({rating}="",0,{_score(grids)})',
        headings=False,
        spell=cell_name(grids.bottom + 1, 1),
    )
    build_errors(build, grids, sheet=NAME)
    build.looks[NAME].marks.append((grids.predictions, f'{rating}=""', "aside"))
    _means(build, grids)
    _range(build, grids, rating)
    build_crosstab(build)
    store_problem(build.book, NAME, grids.rmse, adjusted(grids))
    return build.finish(
        shows=SHOWS,
        tries=text_tries(grids),
        remarks=REMARKS,
        sheets={
            NAME: "ratings, factors and biases of movies and users, predictions and their error",
            MEANS: "each bias beside the mean rating, with charts",
            RANGE: "the same model with its predictions kept between two numbers",
            sheet_of(NAME): "the ratings as they come, one a row, and how formulas make a grid of them",
        },
        keywords="collaborative filtering, bias, embeddings, sigmoid, Solver, spreadsheet",
    )


REMARKS = """
    Cells without a rating predict 0 here, as in the course of 2022; in the older workbook they show the sum
    of the two biases. Neither counts in Excel, whose SUMXMY2 leaves out a pair where either cell is blank.
    LibreOffice and others take the blank for 0, and so show another RMSE for the older workbook.
"""


def _score(grids: Grids) -> str:
    """Dot product plus the movie's and the user's bias, as it reads in the first prediction."""
    user, movie = weights_of(grids)
    return f"MMULT({user},{movie})+{column_name(grids.left)}${grids.movie_bias.bottom}+$A{grids.top + 1}"


def _range(build: SheetBuilder, grids: Grids, rating: str) -> None:
    """The model with a range: scores where the lesson's sheet has the ratings, predictions below."""
    look = build.looks[RANGE]
    build.text(RANGE, "A1", "y_range", "section")
    for name in ("y_range", "y_low", "y_high"):
        build.input(name)
    build_ratings(build, grids, sheet=RANGE, prefix=RANGED)
    build.block(
        f"{RANGED}score",
        f'IF({NAME}!{rating}="","",{_score(grids)})',
        headings=False,
        spell=cell_name(grids.users + 1, grids.left),
    )
    squashed = f"$B$3+($B$4-$B$3)/(1+EXP(-{rating}))"
    build.block(
        f"{RANGED}predict",
        f'IF({rating}="",0,IF($B$2="yes",{squashed},{rating}))',
        headings=False,
        spell=cell_name(grids.bottom + 1, 1),
    )
    build_errors(build, grids, sheet=RANGE, prefix=RANGED)
    look.marks.append((grids.predictions, f'{rating}=""', "aside"))
    told = (
        "Above, scores: dot products plus",
        "biases. Below, predictions: scores",
        "by way of the sigmoid.",
    )
    for row, words in enumerate(told, 6):
        build.text(RANGE, f"B{row}", words, "aside")


def _means(build: SheetBuilder, grids: Grids) -> None:
    """Means of users and movies, each beside its bias, and charts of the two."""
    look, top = build.looks[MEANS], MEANS_TOP + 1
    cross = quote_sheet(sheet_of(NAME))
    ratings, place = build.ref("ratings", MEANS), f"ROWS(A${top}:A{top})"
    build.text(MEANS, "A1", "Biases beside mean ratings", "section")
    build.text(MEANS, "A2", "mean of all")
    build.block("mean", f"AVERAGE({ratings})", number="0.000", role="result", headings=False)
    row = f"{NAME}!${column_name(grids.left)}2:${column_name(grids.right - 1)}2"
    users, movies = build.blocks["user_means"].rect, build.blocks["movie_means"].rect
    build.text(MEANS, f"A{top - 1}", "userId", "heading")
    build.formula(
        MEANS,
        Rect(users.top, 0, users.bottom, 1),
        f"{cross}!${column_name(LEFT - 1)}{TOP + 1}",
        role="heading",
        number="0",
    )
    build.block("user_means", f"COUNT({row})", f"AVERAGE({row})", f"C{top}-$B$2", f"{NAME}!$A{grids.top + 1}")
    column = f"INDEX({ratings},0,{place})"
    listed = f"{cross}!${column_name(LEFT)}${{0}}:${column_name(LEFT + grids.movies - 1)}${{0}}"
    build.text(MEANS, f"G{top - 1}", "movieId", "table heading")
    build.text(MEANS, f"H{top - 1}", "title", "table heading")
    for letter, line, role in (("G", TOP, "aside"), ("H", TOP - 1, "meaning")):
        cells = Rect.parse(f"{letter}{top}:{letter}{movies.bottom}")
        build.formula(MEANS, cells, f"INDEX({listed.format(line)},1,{place})", role=role, number="0")
    build.block(
        "movie_means",
        *(f"COUNT({column})", f"AVERAGE({column})", f"J{top}-$B$2"),
        f"INDEX({build.ref('movie_bias', MEANS)},1,{place})",
    )
    for block in (users, movies):
        look.number(Rect(block.top, block.left, block.bottom, block.left + 1), "0")
        look.heat.append(HeatMap(Rect(block.top, block.left + 2, block.bottom, block.right)))
    look.charts = [
        _chart(
            "Movies: bias over mean rating",
            movies,
            "N3",
            SERIES_COLOURS[1],
            Rect(movies.top, 7, movies.bottom, 8),
        ),
        _chart(
            "Users: bias over mean rating",
            users,
            "N26",
            SERIES_COLOURS[0],
            Rect(users.top, 0, users.bottom, 1),
        ),
    ]
    look.widths = {"A": 12, "B:E": 11, "F": 3, "G": 10, "H": 24, "I:L": 17, "M": 3}
    look.heights = {MEANS_TOP - 2: 36, MEANS_TOP - 1: 30}
    look.frozen = f"A{top}"


def _chart(title: str, block: Rect, at: str, colour: str, labels: Rect) -> Chart:
    """The bias over how far the mean lies from that of all."""
    bias = Rect(block.top, block.left + 3, block.bottom, block.right)
    apart = Rect(block.top, block.left + 2, block.bottom, block.left + 3)
    points = Series("bias", MEANS, bias, apart, colour, points=True, line=False, labels=labels)
    return Chart(
        "scatter",
        title,
        (points,),
        at,
        "deviation of the mean rating from that of all",
        "bias",
        width=620,
        height=420,
    )
