"""What the sheets of the factor models share: the crosstab, ratings and weights, and the errors."""

from __future__ import annotations

from sheetsim.address import Rect, cell_name, column_name, quote_sheet
from sheetsim.lessons.collab._shared.crosstab import DIFFERENCES, LEFT, TOP, sheet_of
from sheetsim.lessons.collab._shared.grids import Grids
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.style import HeatMap

SCALE = (1.0, 5.0)  # colours from 1 to 5 in ratings and predictions, so that the two pictures compare
TITLE_HEIGHT = 44


def build_crosstab(build: SheetBuilder) -> None:
    """The long table on the left, the grid that formulas make of it on the right."""
    name = build.lesson.name
    sheet = sheet_of(name)
    look = build.looks[sheet]
    users, movies, count = (int(build.settings[key]) for key in ("users", "movies", "count"))
    right = column_name(LEFT + movies - 1)
    build.text(sheet, "A1", "Ratings as they come, and as a grid", "section")
    for column, heading in zip("ABCD", ("userId", "movieId", "rating", "cell"), strict=True):
        build.text(sheet, f"{column}{TOP}", heading, "heading")
    for key in ("long_user", "long_movie"):
        build.input(key, number="0")
    build.input("long_rating", number="0.0")
    build.text(sheet, cell_name(0, LEFT - 1), "differences")
    build.text(sheet, cell_name(TOP - 2, LEFT - 1), "title")
    build.text(sheet, cell_name(TOP - 1, LEFT - 1), "movieId", "heading")
    build.input("user_id", number="0", role="heading")
    build.input("movie_id", number="0", role="heading")
    build.input("title", role="spelled heading")
    ids = f"$F${TOP + 1}:$F${TOP + users}", f"$G${TOP}:${right}${TOP}"
    build.block(
        "crosstab.cell",
        f"(MATCH(A5,{ids[0]},0)-1)*{movies}+MATCH(B5,{ids[1]},0)",
        number="0",
        role="helper",
        headings=False,
        spell="A2",
    )
    table = [f"${column}${TOP + 1}:${column}${TOP + count}" for column in "CD"]
    place = f"(ROWS(G$5:G5)-1)*{movies}+COLUMNS($G5:G5)"
    build.block(
        "crosstab.grid",
        f'IFERROR(INDEX({table[0]},MATCH({place},{table[1]},0)),"")',
        number="0.0",
        headings=False,
        spell=cell_name(TOP + users + 1, LEFT),
    )
    grid = f"{cell_name(TOP, LEFT)}:{cell_name(TOP + users - 1, LEFT + movies - 1)}"
    build.block(
        "crosstab.differences",
        f"SUMPRODUCT(--({grid}<>{build.ref('ratings', sheet)}))",
        number="0",
        role="result",
        headings=False,
    )
    note = f"Cells that differ from the ratings typed on the sheet {name}: 0 as long as both are the same."
    look.notes[DIFFERENCES] = note
    look.heat.append(HeatMap(build.blocks["crosstab.grid"].rect, signed=False, between=SCALE))
    look.widths = {"A:D": 9, "E": 3, "F": 11, f"G:{right}": 9}
    look.heights = {TOP - 2: TITLE_HEIGHT}
    look.frozen, look.repeat = f"G{TOP + 1}", (TOP - 2, TOP - 1)


def build_ratings(build: SheetBuilder, grids: Grids, *, sheet: str, prefix: str = "") -> None:
    """Titles, ids, ratings, and the weights around the predictions. Ratings stand on the lesson's own sheet
    only; another sheet, whose weights have a prefix, refers to them there."""
    look = build.looks[sheet]
    cross = quote_sheet(sheet_of(build.lesson.name))
    left, ids = grids.left, grids.left - 1
    title, movie = f"{cross}!{column_name(LEFT)}${TOP - 1}", f"{cross}!{column_name(LEFT)}${TOP}"
    user = f"{cross}!${column_name(LEFT - 1)}{TOP + 1}"
    build.formula(sheet, Rect(0, left, 1, grids.right), title, role="spelled heading")
    build.text(sheet, cell_name(0, ids), "userId", "heading")
    build.formula(sheet, Rect(1, ids, 1 + grids.users, left), user, role="heading", number="0")
    look.heights, look.frozen = {0: TITLE_HEIGHT}, cell_name(1, left)
    look.heat.append(HeatMap(grids.ratings, signed=False, between=SCALE))
    if not prefix:
        build.text(sheet, "B1", "Ratings", "section")
        told = (
            "Typed, as the lesson has them; the",
            "sheet of the crosstab makes the same",
            "grid from the long table.",
        )
        for row, words in enumerate(told, 2):
            build.text(sheet, f"B{row}", words, "aside")
        build.input("ratings", number="0.0")
    build.formula(sheet, Rect(grids.top - 1, left, grids.top, grids.right), movie, role="heading", number="0")
    build.formula(sheet, Rect(grids.top, ids, grids.bottom, left), user, role="heading", number="0")
    build.text(sheet, cell_name(grids.top - 1, ids), "userId", "heading")
    for one in grids.weight_inputs(sheet, prefix):
        build.input(one.name, number="0.00", role="input")
    if grids.bias:
        build.text(sheet, cell_name(grids.weights, ids), "bias")
        build.text(sheet, cell_name(grids.top - 1, 0), "bias", "strong")
    build.text(sheet, cell_name(grids.weights + grids.bias, ids), "factors")
    build.text(sheet, cell_name(grids.top - 1, 1), "factors", "strong")
    build.text(
        sheet, cell_name(grids.weights - 1, 1), "Weights: random at first, for Solver to change", "section"
    )
    look.heat.append(HeatMap(grids.predictions, signed=False, between=SCALE))
    look.widths = {"A": 7 if grids.bias else 2, f"B:{column_name(ids - 1)}": 7}
    look.widths |= {column_name(ids): 9, f"{column_name(left)}:{column_name(grids.right - 1)}": 9}
    look.widths |= {column_name(grids.right): 3, column_name(grids.right + 1): 9}


def build_errors(build: SheetBuilder, grids: Grids, *, sheet: str, prefix: str = "") -> None:
    """RMSE of all ratings given, and, on the lesson's own sheet, of each user's and each movie's."""
    error = "SQRT(SUMXMY2({0},{1})/COUNT({0}))"
    row, column = grids.rmse.top, grids.rmse.left
    ratings = build.ref("ratings", sheet, absolute=False)
    # IronCalc wants both arguments of SUMXMY2 on one sheet
    elsewhere = f"SQRT(SUMPRODUCT(({ratings}-{grids.predictions})^2)/COUNT({ratings}))"
    build.block(
        f"{prefix}rmse",
        elsewhere if prefix else error.format(ratings, grids.predictions),
        number="0.0000",
        role="result",
        headings=False,
        spell=cell_name(row, column + 2),
    )
    build.text(sheet, cell_name(row, column - 1), "RMSE")
    if prefix:
        return
    left, right, top, bottom = grids.left, grids.right, grids.top, grids.bottom
    rows = Rect(1, left, 2, right), Rect(top, left, top + 1, right)
    columns = Rect(1, left, 1 + grids.users, left + 1), Rect(top, left, bottom, left + 1)
    build.block("user_rmse", error.format(*rows), heat=False)
    build.block(
        *("movie_rmse", error.format(*columns)),
        headings=False,
        heat=False,
        spell=cell_name(bottom + 4, left),
    )
    build.text(sheet, cell_name(bottom + 3, left - 1), "RMSE")


def weights_of(grids: Grids) -> tuple[str, str]:
    """A user's factors and a movie's, as the first prediction's formula refers to them."""
    movie, row, column = grids.movie_factors, grids.top + 1, column_name(grids.left)
    user = f"$B{row}:${column_name(grids.user_factors.right - 1)}{row}"
    return user, f"{column}${movie.top + 1}:{column}${movie.bottom}"
