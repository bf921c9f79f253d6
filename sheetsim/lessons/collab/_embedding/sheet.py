"""What the sheets of the look-ups share: tables and ratings, predictions and errors, slopes, costs."""

from __future__ import annotations

from sheetsim.address import Rect, cell_name, column_name, quote_sheet
from sheetsim.lessons.collab._embedding.layout import (
    COST_TOP,
    COSTS,
    DATA,
    GRAD_TOP,
    SIDES,
    TOP,
    EmbeddingTables,
    grad_tables,
)
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.style import HeatMap

FACTOR = "0.00"
FORMATS = {"user_factors": FACTOR, "movie_factors": FACTOR, "rating": "0.0"}


def absolute(rect: Rect) -> str:
    """`$B$4:$B$18`."""
    corners = ((rect.top, rect.left), (rect.bottom - 1, rect.right - 1))
    return ":".join(f"${column_name(column)}${row + 1}" for row, column in corners)


def corner(rect: Rect) -> str:
    return cell_name(rect.top, rect.left)


def row_of(rect: Rect) -> str:
    """The first row of a rectangle, as a formula beside it refers to it."""
    return f"{corner(rect)}:{cell_name(rect.top, rect.right - 1)}"


def build_tables(
    build: SheetBuilder,
    sheet: str,
    rects: dict[str, Rect],
    prefix: str = "",
    source: dict[str, str] | None = None,
) -> None:
    """Ids, factors and ratings: typed, or repeating the cells of another sheet (`source`, by name)."""
    tables, look = EmbeddingTables.of(build.settings), build.looks[sheet]
    for name in DATA:
        if source is None:
            build.input(name, number=FORMATS.get(name, "0"))
        else:
            build.formula(
                sheet, rects[name], source[name], role="linked", number=FORMATS.get(name, "General")
            )
    build.text(sheet, cell_name(TOP - 1, 1), "Users", "strong")
    build.text(sheet, cell_name(TOP - 1, 2), "Embeddings", "strong")
    for side in SIDES:
        top = tables.rows(side)[0]
        build.text(sheet, cell_name(top - 1, 0), "idx", "heading")
        build.text(sheet, cell_name(top - 1, 1), f"{side}Id", "heading")
        look.paint(Rect(top - 1, 2, top, 2 + tables.factors), "heading")
        build.book[sheet].set((top, 0), 1.0)
        look.paint(cell_name(top, 0), "helper")
        number = f"{prefix}{side}_number"
        build.block(number, f"A{top + 1}+1", number="0", role="helper", headings=False)
        look.heat.append(HeatMap(rects[f"{side}_factors"]))
        look.notes[cell_name(top - 1, 1)] = "Keep the ids sorted: MATCH looks for them by bisection."
    build.text(sheet, cell_name(tables.rows("movie")[0] - 2, 1), "Movies", "strong")
    titles = _titles(build)
    for row, title in enumerate(titles, tables.rows("movie")[0]):
        build.text(sheet, cell_name(row, tables.left - 1), title, "meaning")
    build.text(sheet, cell_name(TOP - 2, tables.left), "the ratings, one a row", "strong")
    for name, heading in (("user", "userId"), ("movie", "movieId"), ("rating", "rating")):
        build.text(sheet, cell_name(TOP - 1, rects[name].left), heading, "heading")
    look.widths = {"A": 5, "B": 8, f"C:{column_name(1 + tables.factors)}": 7}
    look.widths |= {column_name(tables.left - 1): 24 if titles else 3}
    look.heights[0] = 36
    look.frozen, look.repeat = f"A{TOP + 1}", (0, TOP - 1)


def build_places(build: SheetBuilder, sheet: str, rects: dict[str, Rect], prefix: str = "") -> None:
    """The row of each rating's user and movie."""
    for side in SIDES:
        found = f"MATCH({corner(rects[side])},{absolute(rects[f'{side}_id'])})"
        build.block(f"{prefix}{side}_place", found, number="0")


def build_errors(
    build: SheetBuilder, sheet: str, rects: dict[str, Rect], formula: str, prefix: str = ""
) -> None:
    """Predictions, their errors (`formula`: of one), and the root of the mean."""
    vectors = [row_of(rects[f"{side}_vector"]) for side in SIDES]
    build.block(f"{prefix}predict", f"SUMPRODUCT({','.join(vectors)})", role="result")
    build.block(f"{prefix}squared_error", formula)
    error, rmse = rects["squared_error"], rects["rmse"]
    below = rmse.left == error.left
    last = cell_name(error.bottom - (0 if below else 1), error.left)
    mean = f"SQRT(AVERAGE({corner(error)}:{last}))"
    build.block(f"{prefix}rmse", mean, number="0.0000", role="result", headings=not below)
    if below:
        build.text(sheet, cell_name(rmse.top, rmse.left - 1), "RMSE")


def build_slopes(
    build: SheetBuilder, main: str, sheet: str, rects: dict[str, Rect], uses: dict[str, str]
) -> None:
    """The slopes of the mean squared error, which training goes down. `uses`: a formula that is 1 for the
    ratings that use a table's first row, else 0, and must go on when it is filled down."""
    tables, look, on = EmbeddingTables.of(build.settings), build.looks[sheet], quote_sheet(main)
    build.text(sheet, "A1", "How the loss (the mean squared error) changes with every number", "section")
    apart = f"({on}!{corner(rects['predict'])}-{on}!{corner(rects['rating'])})"
    count = f"COUNT({on}!{absolute(rects['rating'])})"
    build.block("predict_grad", f"2*{apart}/{count}", number="0.0000", heat=True)
    slope = absolute(build.blocks["predict_grad"].rect)
    last = GRAD_TOP + max(tables.users, tables.movies) + 1
    for row, (side, table) in enumerate(zip(SIDES, grad_tables(tables), strict=True)):
        other, ids = rects["movie_vector" if side == "user" else "user_vector"], rects[f"{side}_id"]
        column = column_name(other.left)
        vector = f"{on}!{column}${other.top + 1}:{column}${other.bottom}"
        beside = Rect(table.top, table.left - 1, table.bottom, table.left)
        build.text(sheet, cell_name(table.top - 1, beside.left), f"{side}Id", "heading")
        build.formula(sheet, beside, f"{on}!{corner(ids)}", role="heading", number="General")
        formula, spell = f"SUMPRODUCT({uses[side]},{slope},{vector})", cell_name(last + row, 2)
        build.block(f"{side}_grad", formula, number="0.000", heat=True, headings=False, spell=spell)
        build.text(sheet, cell_name(table.top - 1, table.left), f"for the {side}s' factors", "strong")
    right = grad_tables(tables)[1].right
    look.widths = {"A": 14, "B": 3, "C": 9, f"D:{column_name(2 + tables.factors)}": 9}
    look.widths |= {column_name(3 + tables.factors): 3, column_name(4 + tables.factors): 9}
    look.widths |= {f"{column_name(5 + tables.factors)}:{column_name(right - 1)}": 9, column_name(right): 24}
    for row, title in enumerate(_titles(build), GRAD_TOP):
        build.text(sheet, cell_name(row, right), title, "meaning")
    look.heights[GRAD_TOP - 2] = 36
    look.frozen, look.repeat = f"A{GRAD_TOP + 1}", (GRAD_TOP - 1, GRAD_TOP - 1)


def _titles(build: SheetBuilder) -> list[str]:
    """The movies' titles, where the data have them."""
    titles = build.data.get("title")
    return [] if titles is None else [str(title) for title in titles.tolist()]


def build_cost(
    build: SheetBuilder, main: str, sheet: str, rects: dict[str, Rect], costs: list[tuple[str, str]]
) -> None:
    """Sizes counted from the main sheet; costs, each with its reason, by formulas of V, N and k."""
    look, on = build.looks[sheet], quote_sheet(main)
    build.text(sheet, "A1", "What the vectors of all ratings cost", "section")
    for column, heading in enumerate(("size", "users", "movies")):
        build.text(sheet, cell_name(2, column), heading, "heading")
    sizes = (
        ("V, rows of the table", [f"COUNT({on}!{absolute(rects[f'{side}_id'])})" for side in SIDES]),
        ("N, look-ups: ratings", [f"COUNT({on}!{absolute(rects[side])})" for side in SIDES]),
        ("k, factors", [f"COLUMNS({on}!{absolute(rects[f'{side}_factors'])})" for side in SIDES]),
    )
    for row, (words, counts) in enumerate(sizes, 3):
        build.text(sheet, cell_name(row, 0), words, "label")
        for column, count in enumerate(counts, 1):
            build.formula(sheet, cell_name(row, column), count, number="#,##0")
            build.tell(f"{quote_sheet(sheet)}!{cell_name(row, column)}", words, f"={count}")
    for column, heading in enumerate(("cost", "users", "movies", "together", "is", "why")):
        build.text(
            sheet, cell_name(COST_TOP - 1, column), heading, "table heading" if column > 3 else "heading"
        )
    for row, (name, (formula, words)) in enumerate(zip(COSTS, costs, strict=True), COST_TOP):
        build.text(sheet, cell_name(row, 0), name, "label")
        build.formula(sheet, Rect(row, 1, row + 1, 3), formula, number="#,##0")
        build.formula(sheet, cell_name(row, 3), f"B{row + 1}+C{row + 1}", number="#,##0", role="result")
        build.text(sheet, cell_name(row, 4), f"={formula}", "code")
        build.text(sheet, cell_name(row, 5), words, "meaning")
        build.tell(f"{quote_sheet(sheet)}!{cell_name(row, 1)}", name, f"={formula}")
    look.widths = {"A": 22, "B:D": 15, "E": 22, "F": 75}
    look.gridlines = False
