"""`lookup`: an embedding as an array look-up, as the course's sheet movielens_emb has it: a row found and
copied.

course22's sheet copies a whole row with one array formula; course-v3's has a formula in every cell.
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

NAME = "lookup"
GRADIENT, COST = f"{NAME} gradient", f"{NAME} cost"
PARAMETERS = (USERS, MOVIES, COUNT, FACTORS, SEED, WEIGHTS_SEED)


def rects(settings: Settings) -> dict[str, Rect]:
    """Where everything stands on course22's sheet."""
    tables = EmbeddingTables.of(settings)
    factors = tables.factors
    found = tables.tables()
    for place, name in enumerate(("user", "movie", "rating", "user_place")):
        found[name] = tables.column(place)
    found["user_vector"] = tables.column(4, factors)
    found["movie_place"] = tables.column(4 + factors)
    found["movie_vector"] = tables.column(5 + factors, factors)
    found["predict"], found["squared_error"] = (tables.column(5 + 2 * factors + step) for step in (0, 1))
    error = found["squared_error"]
    found["rmse"] = Rect.cell(error.top, error.right + 1)  # beside a free column
    return found


def inputs(settings: Settings) -> list[Input]:
    """The two tables and the ratings."""
    return data_inputs(NAME, rects(settings))


def course_blocks(settings: Settings, sheet: str = NAME, prefix: str = "") -> list[Block]:
    """The blocks of course22's sheet."""
    found = rects(settings)
    return _course_blocks(found, sheet, prefix)


def _course_blocks(found: dict[str, Rect], sheet: str, prefix: str) -> list[Block]:
    blocks = number_blocks(sheet, found, prefix)
    for side in ("user", "movie"):
        for name, title, heading in (
            ("place", f"the {side}'s row in the table", f"{side} idx"),
            ("vector", f"the {side}'s factors, copied", f"{side} embedding"),
        ):
            key = f"{side}_{name}"
            blocks.append(Block(prefix + key, sheet, found[key], title, (heading,)))
    return blocks + rating_blocks(sheet, found, prefix)


def _older_blocks(settings: Settings) -> list[Block]:
    """The blocks of course-v3's sheet, whose RMSE stands below the errors, a row below a free one."""
    found = rects(settings)
    error = found["squared_error"]
    return _course_blocks(found | {"rmse": Rect.cell(error.bottom + 1, error.left)}, NAME, "")


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
    title="An embedding is an array look-up",
    line="Find the row of a user or movie, copy its numbers: what an embedding layer does.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=lambda settings: make_tables(settings, own_ratings(settings)),
    data=DATA,
    originals=(
        Original("movielens_emb", size_of, inputs, course_blocks),
        Original("movielens_emb", size_of, inputs, _older_blocks, ("M3", "OFFSET($B$3")),
    ),
    conventions=(
        "MATCH without a match type finds, by bisection, the last id that is not above the one it looks for: "
        "the ids must be sorted, and an unknown one gets the row of the id before it. Rows are counted from "
        "1 here and from 0 in torch."
    ),
    structural=tuple(one.name for one in PARAMETERS),
    sources=SOURCES,
    choose=choose_ratings,
)
