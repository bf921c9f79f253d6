"""`dotprod`: ratings as dot products of users' and movies' factors, matrix factorisation.

Each user and each movie has a few numbers; a rating is predicted as the sum of their products, and Solver
finds the numbers (Koren, Bell and Volinsky, Matrix factorization techniques for recommender systems,
Computer 42(8), 2009). Where there is no rating, the prediction is 0 and counts for nothing.
"""

from collections.abc import Mapping

from sheetsim.address import Rect
from sheetsim.lessons.collab._shared.choosing import COUNT, MOVIES, SEED, SOURCES, USERS, choose, own_ratings
from sheetsim.lessons.collab._shared.crosstab import DATA, crosstab_blocks, crosstab_inputs, ratings_data
from sheetsim.lessons.collab._shared.grids import Grids, size_of
from sheetsim.lessons.collab._shared.weights import FACTORS, WEIGHTS_SEED, start_weights
from sheetsim.lessons.collab.ratings import Ratings
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Original, Settings

NAME = "dotprod"
ADVICE = f"{NAME} advice"
ADVICE_TOP, ADVICE_LEFT = 4, 5  # F5, the first cell of the grid

PARAMETERS = (USERS, MOVIES, COUNT, FACTORS, SEED, WEIGHTS_SEED)


def inputs(settings: Settings) -> list[Input]:
    """The ratings, typed, the weights, and the long table on the crosstab's sheet."""
    return Grids.of(settings).original_inputs(NAME) + crosstab_inputs(NAME, settings)


def blocks(settings: Settings) -> list[Block]:
    """The course's blocks, errors by user and by movie, advice, and the crosstab."""
    grids = Grids.of(settings)
    bottom = ADVICE_TOP + grids.users
    return [
        *grids.original_blocks(NAME),
        Block("user_rmse", NAME, grids.user_rmse, "the error of a user's ratings", ("RMSE",)),
        Block("movie_rmse", NAME, grids.movie_rmse, "the error of a movie's ratings", ("RMSE",)),
        Block(
            *("unseen", ADVICE, Rect(ADVICE_TOP, ADVICE_LEFT, bottom, ADVICE_LEFT + grids.movies)),
            *("predicted where there is no rating yet", ("unseen",)),
        ),
        Block("given", ADVICE, Rect(ADVICE_TOP, 1, bottom, 2), "how many ratings the user gave", ("given",)),
        Block("best", ADVICE, Rect(ADVICE_TOP, 3, bottom, 4), "the highest of the unseen", ("predicted",)),
        *crosstab_blocks(NAME, settings),
    ]


def make(settings: Settings, ratings: Ratings) -> Data:
    """The ratings, long and as a grid, and weights to start from."""
    return ratings_data(ratings) | start_weights(settings, biases=False)


def choose_ratings(
    given: Mapping[str, object], sources: Mapping[str, str]
) -> tuple[Settings, Data, list[str]]:
    """Settings and data, from the seed or from a file."""
    return choose(LESSON, make, given, sources)


LESSON = Lesson(
    name=NAME,
    title="Ratings as dot products",
    line="Each user and each movie gets a few numbers; multiplied and added up they predict the ratings.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=lambda settings: make(settings, own_ratings(settings)),
    data=(*DATA, "user_factors", "movie_factors"),
    originals=(
        Original(
            NAME,
            size_of,
            lambda settings: Grids.of(settings).original_inputs(NAME),
            lambda settings: Grids.of(settings).original_blocks(NAME),
        ),
    ),
    structural=tuple(one.name for one in PARAMETERS),
    sources=SOURCES,
    choose=choose_ratings,
)
