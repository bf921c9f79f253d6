"""What training found, in `collab_gd`'s workbook: ranked biases, the map of movies, the charts."""

from sheetsim.address import Rect, cell_name, column_name
from sheetsim.lessons.collab.collab_gd import (
    EPOCHS,
    FOUND,
    FOUND_TOP,
    GRID_TOP,
    LOSS,
    LOSS_TOP,
    NAME,
    sizes,
)
from sheetsim.lessons.collab.collab_gd.epochs import panel
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.layout.spans import column_of, row_of, span
from sheetsim.style import SERIES_COLOURS, Chart, Series

TRAIN, TEST = SERIES_COLOURS[0], SERIES_COLOURS[1]


def fill_found(build: SheetBuilder) -> None:
    """Movies left, users right: as they come, then ranked."""
    n = sizes(build.settings)
    build.text(FOUND, "A1", "What the training found", "section")
    for cell, words in {"A3": "Movies", "H3": "best first", "M3": "Users", "R3": "kindest first"}.items():
        build.text(FOUND, cell, words, "strong")
    top = FOUND_TOP + 1
    place = f"ROWS(A${top}:A{top})"
    end = panel("model", n.epochs, n)
    titles = build.ref("title", FOUND)
    means = {"movies": build.ref("movie_mean", FOUND), "users": build.ref("user_mean", FOUND)}
    factors = Rect(end.movies.top + 1, end.movies.left, end.movies.bottom, end.movies.right)
    map_of = [
        f"INDEX('{EPOCHS}'!{span(factors, fixed='both')},{build.ref(axis, FOUND)},{place})"
        for axis in ("x_factor", "y_factor")
    ]
    bias = {
        "movies": f"INDEX('{EPOCHS}'!{span(row_of(end.movies, 0), fixed='both')},{place})",
        "users": f"INDEX('{EPOCHS}'!{span(column_of(end.users, 0), fixed='both')},{place})",
    }
    _names(build, 0, n.movies, "movie", f"INDEX({titles},{place})")
    _table(build, "movie_table", bias["movies"], f"INDEX({means['movies']},{place})", *map_of)
    _names(build, 12, n.users, "user", f"{NAME}!{cell_name(GRID_TOP, 0)}")
    _table(build, "user_table", bias["users"], f"INDEX({means['users']},{place})")
    _order(build, "movie_order", 7, n.movies, Rect(FOUND_TOP, 0, FOUND_TOP + n.movies, 4))
    _order(build, "user_order", 17, n.users, Rect(FOUND_TOP, 12, FOUND_TOP + n.users, 16))
    look = build.looks[FOUND]
    look.widths = {"A": 24, "B:F": 9, "G": 3, "H": 7, "I": 24, "J:K": 9, "L": 3, "M:P": 9, "Q": 3, "R:U": 9}
    look.frozen = "A5"


def _names(build: SheetBuilder, column: int, count: int, heading: str, formula: str) -> None:
    build.text(FOUND, cell_name(FOUND_TOP - 1, column), heading, "heading")
    build.formula(FOUND, Rect(FOUND_TOP, column, FOUND_TOP + count, column + 1), formula, role="helper")


def _table(build: SheetBuilder, name: str, bias: str, mean: str, *more: str) -> None:
    """Bias, mean and rank, and for movies the map's coordinates. Of equal biases the first ranks first."""
    rect = build.blocks[name].rect
    letter, top, bottom = column_name(rect.left), rect.top + 1, rect.bottom
    own = f"{letter}{top}"
    better = f"SUMPRODUCT(({letter}${top}:{letter}${bottom}>{own})*1)"
    equal = f"SUMPRODUCT(({letter}${top - 1}:{letter}{top - 1}={own})*1)"
    _headed(build, name, bias, mean, f"1+{better}+{equal}", *more)
    build.looks[FOUND].number(Rect(rect.top, rect.left + 2, rect.bottom, rect.left + 3), "0")


def _headed(build: SheetBuilder, name: str, *formulas: str) -> None:
    """A block with its headings; the formulas are too long to stand above them."""
    block = build.blocks[name]
    build.block(name, *formulas, headings=False)
    for place, words in enumerate(block.columns):
        build.text(FOUND, cell_name(FOUND_TOP - 1, block.rect.left + place), words, "heading")


def _order(build: SheetBuilder, name: str, left: int, count: int, table: Rect) -> None:
    """Place, name, bias and mean by rank, looked up in a table of name, bias, mean and rank."""
    top = FOUND_TOP + 1
    sheet, look = build.book[FOUND], build.looks[FOUND]
    build.text(FOUND, cell_name(FOUND_TOP - 1, left), "place", "heading")
    for place in range(count):
        sheet.set((FOUND_TOP + place, left), float(place + 1))
    look.paint(Rect(FOUND_TOP, left, FOUND_TOP + count, left + 1), "helper", "0")
    own = f"${column_name(left)}{top}"
    ranked = f"MATCH({own},{span(column_of(table, 3), fixed='both')},0)"
    found = [f"INDEX({span(column_of(table, part), fixed='both')},{ranked})" for part in range(3)]
    block = build.blocks[name].rect
    if block.left == left + 2:  # the names are texts
        _names(build, left + 1, count, "movie", found.pop(0))
    _headed(build, name, *found)
    if len(found) == 3:
        look.number(Rect(block.top, block.left, block.bottom, block.left + 1), "0")


def draw_charts(build: SheetBuilder) -> None:
    """Losses and map on the front sheet; both again, larger, where their numbers are; ranked biases."""
    n = sizes(build.settings)
    loss = build.blocks["loss"].rect
    epoch = Rect(LOSS_TOP, 0, loss.bottom, 1)
    curves = tuple(
        Series(words, LOSS, column_of(loss, place), epoch, colour)
        for place, (words, colour) in enumerate((("training ratings", TRAIN), ("test ratings", TEST)))
    )
    movies = build.blocks["movie_table"].rect
    dots = Series(
        *("movies", FOUND, column_of(movies, 4), column_of(movies, 3), SERIES_COLOURS[3]),
        points=True,
        line=False,
        labels=Rect(movies.top, 0, movies.bottom, 1),
    )
    errors = Chart(
        "scatter", "Error of the predictions (RMSE)", curves, "A12", "epoch", "RMSE", width=520, height=340
    )
    where = Chart(
        "scatter",
        "Movies by two of their factors",
        (dots,),
        "H12",
        "the factor chosen in B9",
        "the factor chosen in B10",
        width=640,
        height=340,
    )
    build.looks[NAME].charts = [errors, where]
    build.looks[LOSS].charts = [
        Chart("scatter", errors.title, curves, "E3", "epoch", "RMSE", width=720, height=420)
    ]
    bars = []
    for name, title, cells in (("movie_order", "Movies by bias", 8), ("user_order", "Users by bias", 18)):
        block = build.blocks[name].rect
        bias = column_of(block, 0 if name == "movie_order" else 1)
        series = Series(
            "bias", FOUND, bias, Rect(block.top, cells, block.bottom, cells + 1), SERIES_COLOURS[2]
        )
        at = cell_name(FOUND_TOP + max(n.users, n.movies) + 2, 0 if name == "movie_order" else 12)
        bars.append(Chart("column", title, (series,), at, "", "bias", width=620, height=340))
    build.looks[FOUND].charts = bars
