"""`collab_nn` in Excel formulas. Here are the front sheet, the ratings and the guesses; the steps of the
training are in `steps.py`."""

from sheetsim.address import Rect, cell_name, column_name
from sheetsim.lessons.collab._shared.random_sheet import fill_random
from sheetsim.lessons.collab.collab_nn import (
    CELLS,
    FACTS,
    FOUND,
    IDS_TOP,
    LAYERS,
    LESSON,
    LOSS,
    LOSS_TOP,
    NAME,
    RANDOM,
    RATINGS,
    RATINGS_TOP,
    STEPS,
    sizes,
)
from sheetsim.lessons.collab.collab_nn.steps import lay_out, part
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.layout.spans import at, column_of, first, row_of, span
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.style import SERIES_COLOURS, Chart, HeatMap, Series
from sheetsim.workbook import Workbook

SHOWS = """
    The embeddings of a user and of a movie, 3 and 4 numbers, are laid side by side and go through a layer
    of 5 ReLU units to one output. A dot product multiplies factor by factor; here the layers have to find
    out by themselves how a user and a movie go together, and the two embeddings need not be equally wide. A
    sigmoid stretches the output over the range from y_low to y_high, which is a little wider than the
    ratings, because a sigmoid never quite reaches its ends.

    Each step takes one batch of 26 ratings and is one block on the sheet "collab_nn steps", to be read from
    left to right: the weights, the batch, the embeddings looked up and joined, layer 1, ReLU, the guess and
    its error; then back again, the slope of the loss by each number on the way; last the gradient of every
    weight. SUMIF adds an embedding's gradient up over the rows that looked it up. The next block begins
    with the weights after the step.

    7 batches are an epoch. The 24 ratings that are left after the last full batch are never trained: they
    show what the net is worth on new ratings. With the default ratings and choices the error ends at 0.80
    on trained ratings and at 1.09 on those left over; a guess of the mean rating for all would have 1.14
    and 1.26.

    The sheet "collab_nn found" has a guess for every user and movie. There the first layer is taken apart:
    what it makes of the joined embeddings is what it makes of the user's, plus what it makes of the
    movie's.
"""
TRIES = """
    Set lr (B2) to 0.05: after the same 56 steps the error on trained ratings is 0.99 instead of 0.80. Set
    it to 5: the first steps push every guess to 5.5, where the sigmoid is flat, and no gradient brings them
    back. (All figures here are for the default ratings, one change at a time.)

    Set y_high (B5) to 4: no guess can be above 4, and the error is 0.85. Set it to 100: the sigmoid starts
    at about 50, the first step throws it down to its flat end, and the net guesses 0 for ever.

    Set spread (B6) to 0: all users start alike, and so do all movies. They still come apart, because each
    is looked up with ratings of its own; the error ends at 0.91.

    Set weight_decay (B3) to 0.1: the embeddings stay small, guesses stay between 2.1 and 4.6, and the error
    is 0.97.

    Type another rating into column D of the sheet "collab_nn ratings", or another start_seed (B7).
"""


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    _front(build)
    _ratings(build)
    lay_out(build)
    _losses(build)
    _guesses(build)
    fill_random(build, RANDOM, "start_seed", sizes(settings).draws)
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        sheets={
            NAME: "choices, losses, users and movies",
            RATINGS: "the ratings in the order of training, and what the net says of them at the end",
            STEPS: "the training: a block of rows for each step",
            LOSS: "the error of each step's batch",
            FOUND: "a guess for every user and movie",
            RANDOM: "random numbers for the start",
        },
        keywords="collaborative filtering, embeddings, neural network, SGD, spreadsheet",
    )


def _front(build: SheetBuilder) -> None:
    """Choices, what the training comes to, the lists of users and movies, the losses."""
    n, look = sizes(build.settings), build.looks[NAME]
    build.text(NAME, "A1", "A recommender with a hidden layer", "section")
    for name in CELLS:
        build.input(name)
    trained = RATINGS_TOP + n.batches * n.batch
    errors = [
        f"'{RATINGS}'!$H${top + 1}:$H${bottom}"
        for top, bottom in ((RATINGS_TOP, trained), (trained, RATINGS_TOP + n.count))
    ]
    left = n.count - n.batches * n.batch
    formulas = (
        f"INT(COUNT({build.ref('rating', NAME)})/{n.batch})",
        f"G2*{n.epochs}",
        f"SQRT(SUMSQ({errors[0]})/{n.batches * n.batch})",
        f"SQRT(SUMSQ({errors[1]})/{left})" if left else "NA()",
        "+".join(f"COUNT('{STEPS}'!{span(part(layer, 0, n))})" for layer in LAYERS),
    )
    for place, (words, formula) in enumerate(zip(FACTS, formulas, strict=True)):
        cell = cell_name(1 + place, 6)
        build.text(NAME, cell_name(1 + place, 5), words)
        build.formula(NAME, cell, formula, role="result", number="0.0000" if "RMSE" in words else "0")
        if "weights" not in words:
            build.tell(f"{NAME}!{cell}", words, f"={formula}")
    heading = IDS_TOP - 1
    for column, words in ((0, "user"), (3, "movie"), (4, "title")):
        build.text(NAME, cell_name(heading, column), words, "heading")
    build.input("user", number="0")
    build.input("movie", number="0")
    build.input("title")
    loss = build.blocks["loss"].rect
    step = Rect(LOSS_TOP, 0, loss.bottom, 1)
    curves = (
        Series("one batch", LOSS, column_of(loss, 0), step, SERIES_COLOURS[5]),
        Series("the last epoch's batches", LOSS, column_of(loss, 1), step, SERIES_COLOURS[0]),
    )
    look.charts = [Chart("scatter", "Error of the guesses (RMSE)", curves, "A9", "step", "RMSE", width=640)]
    look.widths, look.frozen = {"A": 14, "B": 10, "C": 4, "D": 10, "E": 26, "F": 20, "G": 12}, "A2"


def _ratings(build: SheetBuilder) -> None:
    """The ratings in the order of training, where user and movie stand, the guess at the end."""
    n, look = sizes(build.settings), build.looks[RATINGS]
    build.text(RATINGS, "A1", f"Ratings in the order of training, {n.batch} a step", "section")
    top, bottom = RATINGS_TOP, RATINGS_TOP + n.count
    for column, words in enumerate(("batch", "user", "movie", "rating")):
        build.text(RATINGS, cell_name(top - 1, column), words, "heading")
    for name, number in (("rated_by", "0"), ("rated", "0"), ("rating", "0.0")):
        build.input(name, number=number)
    for place in range(n.count):
        batch = place // n.batch
        label: float | str = float(batch + 1) if batch < n.batches else "left"
        build.book[RATINGS].set((top + place, 0), label)
    look.paint(Rect(top, 0, bottom, 1), "helper", "0")
    lists = [build.ref(name, RATINGS) for name in ("user", "movie")]
    own = top + 1
    build.block(
        "places", *(f"MATCH({c}{own},{ids},0)" for c, ids in zip("BC", lists, strict=True)), number="0"
    )
    guess = build.blocks["guess"].rect
    build.block(
        *("end", f"INDEX('{FOUND}'!{span(guess, fixed='both')},E{own},F{own})", f"G{own}-D{own}"),
        role="result",
    )
    look.marks.append((Rect(top, 0, bottom, 4), f'$A{own}="left"', "band 2"))
    look.widths, look.frozen, look.heights = {"A:D": 10, "E:H": 20}, "A4", {1: 24}


def _losses(build: SheetBuilder) -> None:
    """A row a step."""
    n, look = sizes(build.settings), build.looks[LOSS]
    build.text(LOSS, "A1", "The error of each step's batch", "section")
    for column, words in enumerate(("step", "epoch", *build.blocks["loss"].columns)):
        build.text(LOSS, cell_name(LOSS_TOP - 1, column), words, "heading")
    rect, sheet = build.blocks["loss"].rect, build.book[LOSS]
    for step in range(n.steps):
        row = LOSS_TOP + step
        sheet.set((row, 0), float(step + 1))
        sheet.set((row, 1), float(step // n.batches + 1))
        errors = column_of(part("out", step, n), 2)
        sheet.fill(Rect.cell(row, 2), f"SQRT(SUMSQ('{STEPS}'!{span(errors)})/{n.batch})")
    batch = f"'{STEPS}'!{span(column_of(part('out', 0, n), 2))}"
    build.tell(f"'{LOSS}'!C{LOSS_TOP + 1}", "RMSE of the batch", f"=SQRT(SUMSQ({batch})/{n.batch})")
    early = min(n.batches - 1, n.steps)
    if early:
        sheet.fill(Rect(LOSS_TOP, 3, LOSS_TOP + early, 4), "NA()")
    last = Rect(LOSS_TOP, 2, LOSS_TOP + n.batches, 3)
    formula = f"SQRT(SUMSQ({span(last)})/{n.batches})"
    whole = Rect(LOSS_TOP + early, 3, rect.bottom, 4)
    build.formula(LOSS, whole, formula)
    build.tell(f"'{LOSS}'!{first(whole)}", "RMSE of the last epoch's batches", f"={formula}")
    look.paint(Rect(LOSS_TOP, 0, rect.bottom, 2), "helper", "0")
    look.paint(rect, "formula", "0.0000")
    look.marks.append((rect, f"ISNA({first(rect)})", "aside"))
    look.widths, look.frozen = {"A:B": 9, "C:D": 20}, "A4"


def _guesses(build: SheetBuilder) -> None:
    """A guess for each user and movie. Layer 1 of the joined embeddings is the sum of two parts: one for each
    user and one for each movie are enough."""
    n, look = sizes(build.settings), build.looks[FOUND]
    user_part, movie_part, guess = (build.blocks[name].rect for name in ("user_part", "movie_part", "guess"))
    users, movies, layer1, layer2 = (part(layer, n.steps, n) for layer in LAYERS)
    build.text(FOUND, "A1", "A guess for every user and movie", "section")
    build.text(FOUND, "A3", "what a movie brings to layer 1, above; a user, left", "aside")
    titles, ids = (build.blocks[name].rect for name in ("movie_part", "user_part"))
    heading = Rect(titles.top - 1, titles.left, titles.top, titles.right)
    place = f"COLUMNS({first(heading, fixed='column')}:{first(heading)})"
    build.formula(FOUND, heading, f"INDEX({build.ref('title', FOUND)},{place})", role="spelled heading")
    build.formula(FOUND, Rect(ids.top, 0, ids.bottom, 1), f"{NAME}!A{IDS_TOP + 1}", role="label", number="0")
    for unit in range(n.hidden):
        weights = row_of(layer1, unit)
        used = Rect(weights.top, weights.left, weights.bottom, weights.left + n.user_factors)
        user = f"'{STEPS}'!{span(row_of(users, 0), fixed='column')}"
        bias = f"'{STEPS}'!{at(weights.top, weights.right - 1, fixed='both')}"
        formula = f"SUMPRODUCT({user},'{STEPS}'!{span(used, fixed='both')})+{bias}"
        build.formula(FOUND, column_of(user_part, unit), formula, number="0.00")
        build.text(FOUND, cell_name(ids.top - 1, ids.left + unit), f"unit {unit + 1}", "heading")
        build.text(FOUND, cell_name(titles.top + unit, titles.left - 1), f"unit {unit + 1}")
        if not unit:
            build.tell(f"'{FOUND}'!{first(user_part)}", "what a user brings to a unit", f"={formula}")
    place = f"COLUMNS({first(movie_part, fixed='column')}:{first(movie_part)})"
    terms = [
        f"INDEX('{STEPS}'!{span(column_of(movies, k), fixed='both')},{place})"
        f"*'{STEPS}'!{at(layer1.top, layer1.left + n.user_factors + k, fixed='column')}"
        for k in range(n.movie_factors)
    ]
    build.formula(FOUND, movie_part, "+".join(terms), number="0.00")
    short = f"={terms[0]}+ so for each factor"
    build.tell(f"'{FOUND}'!{first(movie_part)}", "what a movie brings to a unit", short)
    units = [
        f"MAX(0,{at(user_part.top, user_part.left + unit, fixed='column')}"
        f"+{at(movie_part.top + unit, movie_part.left, fixed='row')})"
        f"*'{STEPS}'!{at(layer2.top, layer2.left + unit, fixed='both')}"
        for unit in range(n.hidden)
    ]
    low, high = build.ref("y_low", FOUND), build.ref("y_high", FOUND)
    z = "+".join([*units, f"'{STEPS}'!{at(layer2.top, layer2.left + n.hidden, fixed='both')}"])
    build.formula(FOUND, guess, f"{low}+({high}-{low})/(1+EXP(MIN(700,-({z}))))", number="0.00")
    short = f"={low}+({high}-{low})/(1+EXP(MIN(700,-({units[0]}+ so for each unit +bias))))"
    build.tell(f"'{FOUND}'!{first(guess)}", "a guess", short)
    for rect in (user_part, movie_part, guess):
        look.heat.append(HeatMap(rect, signed=rect != guess))
    look.widths = {"A": 8, f"B:{column_name(guess.right)}": 8}
    look.heights, look.frozen = {titles.top - 1: 36}, "B2"
