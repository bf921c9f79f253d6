"""`onehot`: an embedding as a matrix product with one-hot rows, as the course's sheet movielens_1hot has it.

A user is a row with a single 1 among zeros; times the table of factors that is the user's own row of it.
"""

from collections.abc import Mapping

from sheetsim.address import Rect
from sheetsim.lessons.collab._embedding.layout import (
    DATA,
    EmbeddingTables,
    cost_blocks,
    data_inputs,
    grad_blocks,
    make_tables,
    number_blocks,
    rating_blocks,
    size_of,
)
from sheetsim.lessons.collab._shared.choosing import COUNT, MOVIES, SEED, SOURCES, USERS, choose, own_ratings
from sheetsim.lessons.collab._shared.weights import FACTORS, WEIGHTS_SEED
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Original, Settings

NAME = "onehot"
GRADIENT, COST = f"{NAME} gradient", f"{NAME} cost"
PARAMETERS = (USERS, MOVIES, COUNT, FACTORS, SEED, WEIGHTS_SEED)


def rects(settings: Settings) -> dict[str, Rect]:
    """Where everything stands on the course's sheet."""
    tables = EmbeddingTables.of(settings)
    users, movies, factors = tables.users, tables.movies, tables.factors
    found = tables.tables()
    for place, name in enumerate(("user", "movie", "user_place", "movie_place", "rating")):
        found[name] = tables.column(place)
    start = 6  # after a column that stays free
    for side, rows in (("user", users), ("movie", movies)):
        found[f"{side}_one_hot"] = hot = tables.column(start, rows)
        found[f"{side}_slot"] = Rect(hot.top - 1, hot.left + 1, hot.top, hot.right)
        found[f"{side}_vector"] = tables.column(start + rows + 1, factors)
        start += rows + factors + 2
    found["predict"], found["squared_error"] = tables.column(start), tables.column(start + 1)
    error = found["squared_error"]
    found["rmse"] = Rect.cell(error.bottom + 1, error.left)  # a row below a free one
    return found


def inputs(settings: Settings) -> list[Input]:
    """The two tables and the ratings."""
    return data_inputs(NAME, rects(settings))


def course_blocks(settings: Settings, sheet: str = NAME, prefix: str = "") -> list[Block]:
    """The blocks of the course's sheet."""
    found = rects(settings)
    blocks = number_blocks(sheet, found, prefix)
    for side in ("user", "movie"):
        for name, title, heading in (
            ("place", f"the {side}'s row in the table", f"{side} idx"),
            ("slot", "the columns counted", "number"),
            ("one_hot", f"1 in the {side}'s column, else 0", "one-hot"),
            ("vector", f"the {side}'s factors, by a matrix product", f"{side} activations"),
        ):
            key = f"{side}_{name}"
            blocks.append(Block(prefix + key, sheet, found[key], title, (heading,)))
    return blocks + rating_blocks(sheet, found, prefix)


def blocks(settings: Settings) -> list[Block]:
    """The course's blocks, the slopes of the loss, and what it all costs."""
    return [
        *course_blocks(settings),
        *grad_blocks(GRADIENT, EmbeddingTables.of(settings)),
        *cost_blocks(COST),
    ]


def choose_ratings(
    given: Mapping[str, object], sources: Mapping[str, str]
) -> tuple[Settings, Data, list[str]]:
    """Settings and data, from the seed or from a file."""
    return choose(LESSON, make_tables, given, sources)


LESSON = Lesson(
    name=NAME,
    title="An embedding is a one-hot matrix product",
    line="A row with a single 1, times a table of numbers, is one row of the table.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=lambda settings: make_tables(settings, own_ratings(settings)),
    data=DATA,
    originals=(Original("movielens_1hot", size_of, inputs, course_blocks),),
    conventions=(
        "The course's RMSE averages over one more row than there are ratings; that row is blank, and a blank "
        "row counts for nothing. Rows are counted from 1 here and from 0 in torch."
    ),
    structural=tuple(one.name for one in PARAMETERS),
    sources=SOURCES,
    choose=choose_ratings,
)
