"""`bias`: dot products with a bias for each user and each movie.

Some users are kinder than others and some movies better; a bias says so, and leaves to the factors what is a
matter of taste. On a sheet of its own the same model goes through a sigmoid that keeps its predictions
between two numbers (fastai's `y_range`).
"""

from collections.abc import Mapping

from sheetsim.address import Rect
from sheetsim.lessons.collab._shared.choosing import COUNT, MOVIES, SEED, SOURCES, USERS, choose, own_ratings
from sheetsim.lessons.collab._shared.crosstab import DATA, crosstab_blocks, crosstab_inputs, ratings_data
from sheetsim.lessons.collab._shared.grids import Grids, size_of
from sheetsim.lessons.collab._shared.weights import FACTORS, WEIGHTS_SEED, start_weights
from sheetsim.lessons.collab.ratings import Ratings
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Original, Parameter, Settings

NAME = "bias"
MEANS, RANGE = f"{NAME} means", f"{NAME} y_range"
RANGED = "y_range."  # begins the names of the weights and the blocks of the sheet RANGE
MEANS_TOP = 4  # row 5
MEANS_COLUMNS = ("ratings", "mean", "deviation", "bias")

SHAPE = (USERS, MOVIES, COUNT, FACTORS, SEED, WEIGHTS_SEED)
PARAMETERS = (
    *SHAPE,
    Parameter("y_range", 1, "whether predictions go through a sigmoid", choices=("no", "yes")),
    Parameter("y_low", 0, "what no prediction falls below", -100, 100, tries=(0, 0.5)),
    Parameter("y_high", 5.5, "what no prediction exceeds", -100, 100, tries=(5, 5.5, 6)),
)
BLANK_BIAS = "blank_bias"  # 1 where cells without a rating show the biases, as in course-v3


def grids_of(settings: Settings) -> Grids:
    return Grids.of(settings, bias=1)


def inputs(settings: Settings) -> list[Input]:
    """The ratings, the weights, the second set of weights with its range, and the long table."""
    grids = grids_of(settings)
    return [
        *grids.original_inputs(NAME),
        *grids.weight_inputs(RANGE, RANGED),
        *(Input(one.name, RANGE, Rect.cell(row, 1)) for row, one in enumerate(PARAMETERS[len(SHAPE) :], 1)),
        *crosstab_inputs(NAME, settings),
    ]


def blocks(settings: Settings) -> list[Block]:
    """The course's blocks, errors by user and by movie, means, the model with a range, and the crosstab."""
    grids = grids_of(settings)
    bottoms = MEANS_TOP + grids.users, MEANS_TOP + grids.movies
    return [
        *grids.original_blocks(NAME),
        Block("user_rmse", NAME, grids.user_rmse, "the error of a user's ratings", ("RMSE",)),
        Block("movie_rmse", NAME, grids.movie_rmse, "the error of a movie's ratings", ("RMSE",)),
        Block("mean", MEANS, Rect.parse("B2"), "the mean of all ratings", ("mean",)),
        Block("user_means", MEANS, Rect(MEANS_TOP, 1, bottoms[0], 5), "of each user", MEANS_COLUMNS),
        Block("movie_means", MEANS, Rect(MEANS_TOP, 8, bottoms[1], 12), "of each movie", MEANS_COLUMNS),
        Block(f"{RANGED}score", RANGE, grids.ratings, "dot product plus biases", ("score",)),
        Block(
            f"{RANGED}predict",
            RANGE,
            grids.predictions,
            "the score kept between two numbers",
            ("prediction",),
        ),
        Block(f"{RANGED}rmse", RANGE, grids.rmse, "the error of the predictions within the range", ("RMSE",)),
        *crosstab_blocks(NAME, settings),
    ]


def make(settings: Settings, ratings: Ratings) -> Data:
    """The ratings, long and as a grid, and weights to start from, the same for both models."""
    weights = start_weights(settings, biases=True)
    return ratings_data(ratings) | weights | {f"{RANGED}{name}": one for name, one in weights.items()}


def choose_ratings(
    given: Mapping[str, object], sources: Mapping[str, str]
) -> tuple[Settings, Data, list[str]]:
    """Settings and data, from the seed or from a file."""
    return choose(LESSON, make, given, sources)


def _original(mark: tuple[str, str] | None, constants: Mapping[str, float]) -> Original:
    return Original(
        NAME,
        size_of,
        lambda settings: grids_of(settings).original_inputs(NAME),
        lambda settings: grids_of(settings).original_blocks(NAME),
        mark,
        constants,
    )


WEIGHTS = ("user_factors", "movie_factors", "user_bias", "movie_bias")

LESSON = Lesson(
    name=NAME,
    title="Dot products with biases",
    line="A bias for each user and each movie says who is kind and what is good; factors tell tastes apart.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=lambda settings: make(settings, own_ratings(settings)),
    data=(*DATA, *WEIGHTS, *(f"{RANGED}{name}" for name in WEIGHTS)),
    originals=(
        _original(None, {BLANK_BIAS: 0.0}),
        _original(("H26", 'IF(H2="",0,MMULT($B26:$F26,H$20:H$24))+'), {BLANK_BIAS: 1.0}),
    ),
    structural=tuple(one.name for one in SHAPE),
    sources=SOURCES,
    choose=choose_ratings,
)
