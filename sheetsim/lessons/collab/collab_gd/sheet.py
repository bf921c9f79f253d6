"""`collab_gd` in Excel formulas. Here are the front sheet and the random numbers; the epochs are in
`epochs.py`; what was found and the charts are in `pictures.py`."""

from sheetsim.address import Rect, cell_name, column_name
from sheetsim.lessons.collab import DISCARDED, RANDOM_TOP
from sheetsim.lessons.collab._shared.random_sheet import fill_random
from sheetsim.lessons.collab.collab_gd import (
    CELLS,
    EPOCHS,
    FACTS,
    FOUND,
    GRID_TOP,
    LESSON,
    LOSS,
    LOSS_TOP,
    NAME,
    RANDOM,
    SPREAD,
    sizes,
)
from sheetsim.lessons.collab.collab_gd.epochs import lay_out
from sheetsim.lessons.collab.collab_gd.pictures import draw_charts, fill_found
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.workbook import Workbook

SHOWS = """
    Users have rated movies; the blank cells are what a recommender has to guess. Each user and each movie
    gets a bias (how kind, how good) and some factors (which tastes, how much of each). A guess is the mean
    of all ratings plus both biases plus the dot product of the factors. Nobody says what a factor means:
    training finds numbers that make the guesses right, from small random ones.

    Each epoch is one block on the sheet "collab_gd epochs": weights and predictions, then the gradients
    with the errors that they come from, then the steps. The next block begins with the weights after the
    step. There is no macro and no Solver: change a yellow cell and all epochs follow.

    Some ratings, the orange ones, are kept for the test: no gradient sees them. With the default ratings
    and choices the error on the training ratings falls to 0.07. On the test ratings it falls to 0.62 in
    epoch 25 and then rises to 1.08: with 180 weights for 167 ratings the model overfits.

    The map shows two of the movies' factors: movies near each other please the same users, whether they are
    good or bad. The love stories (Letters from Lisbon, The Second Waltz, A Summer in Trieste) stand
    together, although no formula knows that they are love stories. How good they are is their bias, ranked
    on the sheet "collab_gd found". A bias is not the mean rating, because it allows for who has seen the
    movie: Paper Boats, Letters from Lisbon and Grandma's Dragon have the same mean, 4.1, and biases of
    0.95, 0.59 and 0.44.
"""
TRIES = """
    Set weight_decay (B6) to 0.01: the training error ends at 0.22 instead of 0.07, the test error at 0.64
    instead of 1.08. (All figures here are for the default ratings, one change at a time.)

    Set factors (B2) to 0: only the biases are left, and the test error ends at 0.96, below the 1.08 of five
    factors without weight decay.

    Set start (B3) to zeros: the biases learn, and the factors never leave 0, because the gradient of a
    user's factor is made of the movies' factors, and theirs of the users'.

    Set momentum (B5) to 0: the same 80 epochs end at a training error of 0.16 instead of 0.07. Set lr (B4)
    to 12: the steps are too long, the errors grow beyond all bounds, and after some epochs Excel says
    #NUM!.

    Set test_share (B7) to 0: all 206 ratings train, and the error ends at 0.133. The best that this model
    can do is 0.129, which sheetsim solve finds.

    Delete a rating, or type one into a blank cell: the movie's and the user's numbers move, the others a
    little.
"""


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    _front(build)
    _facts(build)
    lay_out(build)
    fill_found(build)
    fill_random(build, RANDOM, "split_seed", sizes(settings).draws)
    draw_charts(build)
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        sheets={
            NAME: "choices, losses, map, ratings and their split",
            EPOCHS: "the training: a block of rows for each epoch",
            LOSS: "the error on training and test ratings after each epoch",
            FOUND: "movies and users ranked by their biases, and the coordinates of the map",
            RANDOM: "random numbers for the split and the start",
        },
        keywords="collaborative filtering, recommender, embeddings, gradient descent, spreadsheet",
    )


def _front(build: SheetBuilder) -> None:
    """Choices, ratings, which of them are for the test, means."""
    n, look = sizes(build.settings), build.looks[NAME]
    build.text(NAME, "A1", "A recommender trained by formulas", "section")
    for name in CELLS:
        build.input(name)
    build.input("ratings", number="0.0")
    build.input("user", number="0", role="data")
    build.input("title", role="spelled heading")
    build.text(NAME, cell_name(GRID_TOP - 2, 0), "Ratings: orange ones are kept for the test", "strong")
    build.text(NAME, cell_name(GRID_TOP - 1, 0), "user", "heading")
    top, bottom = GRID_TOP + 1, GRID_TOP + n.users
    split = Rect(GRID_TOP, n.split_left, GRID_TOP + n.users, n.split_left + n.movies)
    a, b = column_name(split.left), column_name(split.right - 1)
    last = column_name(n.movies)
    build.text(NAME, cell_name(GRID_TOP - 2, n.split_left), "Split: 1 trains, 2 is for the test", "strong")
    uniform = Rect(RANDOM_TOP + DISCARDED, 2, RANDOM_TOP + n.draws, 3)
    numbers = f"'{RANDOM}'!$C${uniform.top + 1}:$C${uniform.bottom}"
    place = f"(ROWS(B${top}:B{top})-1)*{n.movies}+COLUMNS($B{top}:B{top})"
    build.block(
        "split",
        f'IF(B{top}="",0,IF(INDEX({numbers},{place})<{build.ref("test_share", NAME)},2,1))',
        number="0;;",
        headings=False,
        spell=cell_name(split.bottom, split.left),
    )
    titles = Rect(GRID_TOP - 1, split.left, GRID_TOP, split.right)
    users = Rect(GRID_TOP, split.left - 1, split.bottom, split.left)
    build.formula(NAME, titles, cell_name(GRID_TOP - 1, 1), role="spelled heading")
    build.formula(NAME, users, cell_name(GRID_TOP, 0), role="helper", number="0")
    for name, ratings, chosen in (
        ("movie_mean", f"B{top}:B{bottom}", f"{a}{top}:{a}{bottom}"),
        ("user_mean", f"$B{top}:${last}{top}", f"${a}{top}:${b}{top}"),
    ):
        count = f"COUNTIF({chosen},1)"
        mean = f'IF({count}=0,"",SUMIF({chosen},1,{ratings})/{count})'
        build.block(name, mean, role="result", headings=False)
    build.text(NAME, cell_name(GRID_TOP + n.users, 0), "mean", "label")
    build.text(NAME, cell_name(GRID_TOP - 1, 1 + n.movies), "mean", "heading")
    own = cell_name(split.top, split.left)
    for rect, formula in (
        (Rect(GRID_TOP, 1, GRID_TOP + n.users, 1 + n.movies), f"{own}=2"),
        (split, f"{own}=2"),
    ):
        look.marks.append((rect, formula, "band 2"))
    look.widths = {"A": 14, "B": 14, f"C:{column_name(split.right)}": 8}
    look.heights = {GRID_TOP - 1: 36}
    look.frozen = "B2"


def _facts(build: SheetBuilder) -> None:
    """What the split and the training come to, beside the choices."""
    n = sizes(build.settings)
    split, ratings = build.ref("split", NAME), build.ref("ratings", NAME)
    start = build.ref("start", NAME)
    lows, highs = (
        "".join(f'IF({start}="{word}",{ends[side]:g},' for word, ends in SPREAD.items())
        + "0"
        + ")" * len(SPREAD)
        for side in (0, 1)
    )
    bottom = LOSS_TOP + n.epochs + 1
    test = f"'{LOSS}'!$C${LOSS_TOP + 1}:$C${bottom}"
    formulas = (
        *(f"COUNTIF({split},1)", f"COUNTIF({split},2)", f"SUMIF({split},1,{ratings})/G2", lows, highs),
        *(f"'{LOSS}'!B{bottom}", f"'{LOSS}'!C{bottom}"),
        *(f"IF(G3=0,NA(),MIN({test}))", f"IF(G3=0,NA(),MATCH(G9,{test},0)-1)"),
    )
    for place, (words, formula) in enumerate(zip(FACTS, formulas, strict=True)):
        cell = cell_name(1 + place, 6)
        whole = words.startswith("ratings") or words == "in epoch"
        role = "result" if "RMSE" in words or whole else "formula"
        build.text(NAME, cell_name(1 + place, 5), words)
        build.formula(NAME, cell, formula, role=role, number="0" if whole else "0.0000")
        build.tell(f"{NAME}!{cell}", words, f"={formula}")
