"""`pca` in Excel formulas."""

from math import inf

from sheetsim.address import Rect, cell_name, column_name, quote_sheet
from sheetsim.lessons.collab.pca import (
    AXES,
    COMPONENTS,
    LESSON,
    LIST_TOP,
    NAME,
    NEAREST,
    RANKED,
    TOP,
    PcaPlaces,
)
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.style import SERIES_COLOURS, Chart, HeatMap, Limits, Series
from sheetsim.workbook import Workbook

DRAWN_STEPS = 100

SHOWS = """
    Training has given each movie five factors and a bias; nobody has told it what the movies are. What do the
    numbers say? Five dimensions cannot be drawn, and so principal component analysis looks for the direction
    in which the movies differ most, then for the next one at right angles to it, and a third. Drawn on these
    axes, love stories lie together, and so do the films for families, as who likes one likes the others;
    space and comedy, which the first two axes do not tell apart, the third does. What nearly all love or
    nobody does lies in the middle: tastes say little about it, its bias says all.

    How a direction is found stands on the sheet of axes: the covariance matrix is applied to a vector, again
    and again, and each time the vector turns a little more towards the main direction. What that direction
    explains is then taken out of the matrix, and the same is done with the rest.

    The biases say something else: how much a movie is liked by all, whatever their taste. And the cosine
    distance finds the movies whose factors point the same way as those of a movie that you choose.
"""
TRIES = """
    Choose another movie in the yellow cell of the sheet of distances: next to a love story come the two other
    love stories, next to The Last Signal the two other films about space, though one is liked by nobody.

    Change the start of the iteration (row 3 of the sheet of axes): it ends at the same axes, as long as the
    start is not at right angles to one of them.

    Look at the three charts on the sheet of axes: the length grows until it is the variance along the axis.
    The column moved beside it says how far the vector still turns in each step: in the end by the same share
    less each time, the ratio of the two largest variances, here 0.325/0.376, 0.290/0.325 and 0.175/0.290,
    until what is left is rounding.

    Export it with --ratings ratings.csv --movies 40 (MovieLens' file) and look for what the axes tell apart.
"""
REMARKS = """
    The map is a choice in one thing: an axis can be turned round. Here the largest part of each is positive.

    The factors are typed numbers, as gradient descent left them (mean, biases, dot product, weight decay .1).
    Paste those of a solved bias.xlsx, or of sheetsim fit, over them.
"""


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    places = PcaPlaces.of(settings)
    _movies(build, places)
    _axes(build, places)
    _ranked(build, places)
    _nearest(build, places)
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        remarks=REMARKS,
        sheets={
            NAME: "the movies' factors, and where the movies are on the three axes",
            AXES: "covariance matrix, power iteration and deflation, an axis beside another",
            RANKED: "the movies from the best liked to the least",
            NEAREST: "the movies nearest to a chosen one",
        },
        keywords="principal components, power iteration, embeddings, cosine distance, spreadsheet",
    )


def _range(rect: Rect, rows: str = "$", columns: str = "$") -> str:
    """A rectangle's address, with marks before its rows and columns."""
    ends = [(rect.top, rect.left), (rect.bottom - 1, rect.right - 1)]
    return ":".join(f"{columns}{column_name(column)}{rows}{row + 1}" for row, column in ends)


def _cell(row: int, column: int, rows: str = "$", columns: str = "$") -> str:
    return f"{columns}{column_name(column)}{rows}{row + 1}"


def _movies(build: SheetBuilder, places: PcaPlaces) -> None:
    """Factors, centred factors, and the movies on the axes; the map."""
    look, count = build.looks[NAME], places.factors
    build.text(NAME, "A1", "The movies' factors, and where they are on the axes", "section")
    build.text(NAME, "B4", "mean")
    for column, heading in enumerate(["movie", "bias", *(f"factor {k + 1}" for k in range(count))]):
        build.text(NAME, cell_name(TOP - 1, column), heading, "heading")
    build.input("title")
    build.input("movie_bias", number="0.00")
    build.input("movie_factors", number="0.00")
    factors, centred, projected = build.inputs["movie_factors"].rect, places.centred, places.projected
    first = Rect(TOP, 2, TOP + places.movies, 3)
    build.block("mean", f"AVERAGE({_range(first, columns='')})", headings=False)
    build.block("centred", f"{cell_name(TOP, 2)}-{_cell(3, 2, columns='')}", heat=True)
    axes = [f"{quote_sheet(AXES)}!{_range(places.axis(c))}" for c in range(COMPONENTS)]
    movie = _range(Rect(TOP, centred.left, TOP + 1, centred.right), rows="")
    build.block("projected", *(f"MMULT({movie},{axis})" for axis in axes), role="result")
    for row, name in ((1, "variance"), (2, "share"), (3, "so far")):
        build.text(NAME, cell_name(row, projected.left - 1), name)
    lengths = [places.beside(c, count) for c in range(COMPONENTS)]
    last = [f"{quote_sheet(AXES)}!{_cell(rect.bottom - 1, rect.left)}" for rect in lengths]
    build.block("variance", *last, number="0.000", headings=False)
    whole = f"(SUMSQ({_range(centred)})/({places.movies}-1))"
    build.block("share", f"{cell_name(1, projected.left)}/{whole}", number="0%", headings=False)
    start, here = _cell(2, projected.left), _cell(2, projected.left, "$", "")
    build.block("so_far", f"SUM({start}:{here})", number="0%", headings=False)
    look.heat.append(HeatMap(factors))
    axes_of = [Rect(TOP, projected.left + c, TOP + places.movies, projected.left + c + 1) for c in range(3)]
    below = TOP + places.movies + 1
    look.charts = [
        _map(build, axes_of[0], axes_of[1], 2, cell_name(below, 0)),
        _map(build, axes_of[0], axes_of[2], 3, cell_name(below, centred.left)),
    ]
    gaps = {column_name(centred.left - 1): 3, column_name(projected.left - 1): 9}
    look.widths = {"A": 26, "B": 8, f"C:{column_name(1 + count)}": 9}
    look.widths |= {f"{column_name(centred.left)}:{column_name(centred.right - 1)}": 9, **gaps}
    look.widths[f"{column_name(projected.left)}:{column_name(projected.right - 1)}"] = 15
    look.heights = {TOP - 2: 48}
    look.frozen = "B7"


def _map(build: SheetBuilder, across: Rect, up: Rect, axis: int, at: str) -> Chart:
    """The movies on two axes, with their titles."""
    titles, colour = build.inputs["title"].rect, SERIES_COLOURS[axis - 2]
    dots = Series("movies", NAME, up, across, colour, points=True, line=False, labels=titles)
    title = f"The movies on axes 1 and {axis}"
    return Chart("scatter", title, (dots,), at, "axis 1", f"axis {axis}", "", 580, 400)


def _lengths(build: SheetBuilder, places: PcaPlaces, c: int) -> Chart:
    """How the length of matrix times v comes to be the variance along the axis."""
    rect = build.blocks[f"length{c + 1}"].rect
    drawn = Rect(rect.top, rect.left, min(rect.bottom, rect.top + DRAWN_STEPS), rect.right)
    series = Series(f"axis {c + 1}", AXES, drawn, colour=SERIES_COLOURS[c])
    title = f"Length of matrix times v, to axis {c + 1}"
    at = cell_name(places.matrix(c).bottom + 1, places.band(c))
    return Chart("line", title, (series,), at, "step", "length", "", 640, 230)


def _axes(build: SheetBuilder, places: PcaPlaces) -> None:
    """A band of columns for each component."""
    look, count = build.looks[AXES], places.factors
    build.text(AXES, "A1", "How the axes are found: a matrix applied again and again", "section")
    build.text(AXES, "A3", "start")
    build.input("start", number="0.00")
    for c in range(COMPONENTS):
        _matrix(build, places, c)
        _steps(build, places, c)
        look.charts.append(_lengths(build, places, c))
        left = places.band(c)
        look.widths[column_name(left)] = 9
        look.widths[f"{column_name(left + 1)}:{column_name(left + 2 * count + 2)}"] = 9
        look.widths[column_name(left + 2 * count + 3)] = 3
    look.repeat = (places.first_step - 1, places.first_step - 1)
    look.pages_wide = COMPONENTS


def _matrix(build: SheetBuilder, places: PcaPlaces, c: int) -> None:
    """The matrix of one component, and the axis that is found."""
    n, count, left = c + 1, places.factors, places.band(c)
    matrix, vectors = places.matrix(c), places.vectors(c)
    words = "covariance" if c == 0 else f"what is left, {n}"
    build.text(AXES, cell_name(matrix.top - 2, left), words, "strong")
    for k in range(count):
        build.book[AXES].set((matrix.top + k, left), float(k + 1))
        build.looks[AXES].paint(cell_name(matrix.top + k, left), "index", "0")
    own = _cell(matrix.top, left, rows="")
    if c == 0:
        centred = places.centred
        column = Rect(TOP, centred.left, TOP + places.movies, centred.left + 1)
        every = f"{NAME}!{_range(centred)}"
        formula = (
            f"SUMPRODUCT(INDEX({every},0,{own}),{NAME}!{_range(column, columns='')})/({places.movies}-1)"
        )
    else:
        before, ends = places.matrix(c - 1), places.vectors(c - 1)
        last = Rect(ends.bottom - 1, ends.left, ends.bottom, ends.right)
        length = places.beside(c - 1, count)
        formula = (
            f"{cell_name(before.top, before.left)}-{_cell(last.top, length.left)}"
            f"*INDEX({_range(last)},1,{own})*{_cell(last.top, last.left, columns='')}"
        )
    spell = cell_name(matrix.top - 3, left) if c else cell_name(1, 1)
    build.block(f"matrix{n}", formula, number="0.000", heat=True, spell=spell)
    last = Rect(vectors.bottom - 1, vectors.left, vectors.bottom, vectors.right)
    upright = f"IF(MAX({_range(last)})>=-MIN({_range(last)}),1,-1)*INDEX({_range(last)},1,{own})"
    spell = cell_name(matrix.top - 4, matrix.right + 1)
    build.block(f"axis{n}", upright, number="0.000", role="result", heat=True, spell=spell)


def _steps(build: SheetBuilder, places: PcaPlaces, c: int) -> None:
    """The power iteration of one component."""
    n, count, left = c + 1, places.factors, places.band(c)
    matrix, vectors, top = places.matrix(c), places.vectors(c), places.first_step
    numbered = [f"{letter} {k + 1}" for letter in "vw" for k in range(count)]
    for column, heading in enumerate(["step", *numbered]):
        build.text(AXES, cell_name(top - 1, left + column), heading, "heading")
    build.book[AXES].set((top, left), 0.0)
    build.formula(
        AXES,
        Rect(top + 1, left, places.last_step + 1, left + 1),
        f"{cell_name(top, left)}+1",
        role="helper",
        number="0",
    )
    build.looks[AXES].paint(cell_name(top, left), "helper", "0")
    start = _range(build.inputs["start"].rect)
    build.block(
        f"start{n}",
        *(f"{_cell(2, 1 + k)}/SQRT(SUMSQ({start}))" for k in range(count)),
        number="0.0000",
        headings=False,
        role="state",
    )
    row = _range(Rect(top, vectors.left, top + 1, vectors.right), rows="")
    below = Rect(matrix.top, matrix.left, matrix.bottom, matrix.left + 1)
    length = build.blocks[f"length{n}"].rect
    product = build.blocks[f"w{n}"].rect
    build.block(
        f"v{n}",
        f"{cell_name(top, product.left)}/{_cell(top, length.left, rows='')}",
        number="0.0000",
        headings=False,
        role="state",
        spell=cell_name(top - 2, vectors.left),
    )
    build.block(
        f"w{n}",
        f"MMULT({row},{_range(below, columns='')})",
        number="0.0000",
        headings=False,
        spell=cell_name(top - 3, vectors.left),
    )
    values = Rect(top, product.left, top + 1, product.right)
    build.block(f"length{n}", f"SQRT(SUMSQ({_range(values, rows='', columns='$')}))", number="0.0000")
    here = Rect(top + 1, vectors.left, top + 2, vectors.right)
    there = Rect(top, vectors.left, top + 1, vectors.right)
    build.block(
        f"moved{n}",
        f"SQRT(SUMXMY2({_range(here, rows='', columns='$')},{_range(there, rows='', columns='$')}))",
        number="0.0E+00",
        headings=False,
    )
    build.text(AXES, cell_name(top - 1, length.left + 1), "moved", "heading")


def _ranked(build: SheetBuilder, places: PcaPlaces) -> None:
    """The movies by bias: each one's place, the list in order, a chart."""
    look, rows = build.looks[RANKED], places.movies
    bottom = LIST_TOP + rows
    build.text(RANKED, "A1", "How much each movie is liked by all, whatever their taste", "section")
    titles, biases = build.ref("title", RANKED), build.ref("movie_bias", RANKED)
    top, bias = cell_name(TOP, 0), cell_name(TOP, 1)
    build.text(RANKED, "A5", "movie", "heading")
    build.formula(RANKED, Rect(LIST_TOP, 0, bottom, 1), f"{NAME}!{top}")
    above = f"{NAME}!{_cell(TOP, 1)}:{_cell(TOP, 1, rows='')}"
    build.block(
        "rank",
        f"SUMPRODUCT(({biases}>{NAME}!{bias})*1)+SUMPRODUCT(({above}={NAME}!{bias})*1)",
        number="0",
        spell="A3",
    )
    _list(build, RANKED, 3, titles, f"$B${LIST_TOP + 1}:$B${bottom}", rows)
    place = f"MATCH($D{LIST_TOP + 1},$B${LIST_TOP + 1}:$B${bottom},0)"
    build.block("by_bias", f"INDEX({biases},{place})", number="0.00", role="result", spell="F3")
    bars = Series(
        *("bias", RANKED, Rect(LIST_TOP, 5, bottom, 6), Rect(LIST_TOP, 4, bottom, 5), SERIES_COLOURS[1])
    )
    look.charts = [Chart("bar", "Biases of the movies", (bars,), "H5", height=max(380, 22 * rows))]
    look.widths = {"A": 26, "B": 8, "C": 3, "D": 8, "E": 26, "F": 10}
    look.frozen = cell_name(LIST_TOP, 0)


def _nearest(build: SheetBuilder, places: PcaPlaces) -> None:
    """The cosine distance from the chosen movie, and the movies in its order."""
    look, rows, count = build.looks[NEAREST], places.movies, places.factors
    bottom = LIST_TOP + rows
    build.text(NEAREST, "A1", "Which movies' factors point the same way", "section")
    build.text(NEAREST, "A3", "nearest to")
    build.input("chosen", role="input")
    look.notes["B3"] = "chosen: a movie's title, from the list"
    titles = build.inputs["title"]
    look.limits.append(
        Limits(
            *(build.inputs["chosen"].rect, "chosen", "A movie's title, from the list.", -inf, inf),
            choices=(NAME, titles.rect),
        )
    )
    named = build.ref("title", NEAREST)
    build.block("place", f"MATCH($B$3,{named},0)", number="0", role="helper", headings=False)
    build.text(NEAREST, "A5", "movie", "heading")
    build.formula(NEAREST, Rect(LIST_TOP, 0, bottom, 1), f"{NAME}!{cell_name(TOP, 0)}")
    movie = f"{NAME}!{_range(Rect(TOP, 2, TOP + 1, 2 + count), rows='')}"
    chosen = f"INDEX({build.ref('movie_factors', NEAREST)},$C$3,0)"
    formula = f"1-SUMPRODUCT({movie},{chosen})/(SQRT(SUMSQ({movie}))*SQRT(SUMSQ({chosen})))"
    build.block("distance", formula, number="0.00", spell="A4")
    own = f"B{LIST_TOP + 1}"
    every = f"$B${LIST_TOP + 1}:$B${bottom}"
    above = f"$B${LIST_TOP + 1}:{own}"
    build.block(
        "near_rank", f"SUMPRODUCT(({every}<{own})*1)+SUMPRODUCT(({above}={own})*1)", number="0", spell="A2"
    )
    _list(build, NEAREST, 4, named, f"$C${LIST_TOP + 1}:$C${bottom}", rows)
    place = f"MATCH($E{LIST_TOP + 1},$C${LIST_TOP + 1}:$C${bottom},0)"
    build.block("by_distance", f"INDEX({every},{place})", number="0.00", role="result", spell="G3")
    look.heat.append(HeatMap(build.blocks["by_distance"].rect, signed=False))
    look.widths = {"A": 26, "B": 26, "C": 8, "D": 3, "E": 8, "F": 26, "G": 12}
    look.frozen = cell_name(LIST_TOP, 0)


def _list(build: SheetBuilder, sheet: str, left: int, titles: str, places: str, rows: int) -> None:
    """Numbers from 1, and the title of the movie that has each place."""
    build.text(sheet, cell_name(LIST_TOP - 1, left), "place", "heading")
    build.text(sheet, cell_name(LIST_TOP - 1, left + 1), "movie", "heading")
    for place in range(rows):
        build.book[sheet].set((LIST_TOP + place, left), float(place + 1))
    build.looks[sheet].paint(Rect(LIST_TOP, left, LIST_TOP + rows, left + 1), "helper", "0")
    number = _cell(LIST_TOP, left, rows="")
    cells = Rect(LIST_TOP, left + 1, LIST_TOP + rows, left + 2)
    build.formula(sheet, cells, f"INDEX({titles},MATCH({number},{places},0))", role="strong")
