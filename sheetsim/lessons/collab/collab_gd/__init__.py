"""`collab_gd`: ratings of movies by users, factorised by batch gradient descent in formulas.

The model is the course's bias sheet with the mean of the training ratings in front: mean + bias of the user
+ bias of the movie + dot product of their factors (Koren, Bell and Volinsky, "Matrix factorization techniques
for recommender systems", IEEE Computer 42(8), 2009). The rule is torch.optim.SGD's with momentum, all
training ratings at once, loss F.mse_loss.

An epoch is three panels side by side, each like the course's sheet: movies across the top, users down the
left, the grid between them. In the corner, where the biases' row and column cross, stands one number.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.lessons.collab import DISCARDED, RANDOM_TOP
from sheetsim.lessons.collab._shared.choosing import COUNT, MOVIES, SEED, SOURCES, USERS, choose, own_ratings
from sheetsim.lessons.collab.ratings import Ratings, crosstab
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Parameter, Settings

NAME = "collab_gd"
EPOCHS, LOSS, FOUND, RANDOM = (f"{NAME} {words}" for words in ("epochs", "loss", "found", "random"))

STARTS = ("small random", "large random", "positive random", "zeros")
SPREAD = {"small random": (-0.1, 0.1), "large random": (-1.0, 1.0), "positive random": (0.0, 1.0)}
"""Between which numbers the factors start; without one, at 0."""

MOST_CELLS = 3_000_000

PARAMETERS = (
    *(USERS, MOVIES, COUNT, SEED),
    Parameter("epochs", 80, "how many steps are made", 1, 2000, integer=True),
    Parameter("most_factors", 5, "columns that there are for factors, used or not", 1, 8, integer=True),
    Parameter(
        "factors", 5, "how many factors users and movies have", 0, 8, integer=True, tries=(0, 1, 2, 3, 5)
    ),
    Parameter("start", 0, "what the factors start from", choices=STARTS),
    Parameter("lr", 3, "learning rate: the step for a gradient of 1", 0, 100, tries=(0.3, 1, 3, 6)),
    Parameter("momentum", 0.8, "what is kept of the last step", 0, 0.999, tries=(0, 0.5, 0.8, 0.9)),
    Parameter(
        "weight_decay", 0, "what is added to a gradient for a weight of 1", 0, 1, tries=(0, 0.003, 0.01, 0.03)
    ),
    Parameter(
        "test_share", 0.2, "share of the ratings that is kept for the test", 0, 0.9, tries=(0, 0.1, 0.2, 0.3)
    ),
    Parameter(
        "split_seed",
        1,
        "start of the generator that chooses test ratings and start weights",
        1,
        2147483646,
        integer=True,
        tries=(1, 2, 3, 42),
    ),
    Parameter(
        "x_factor", 1, "the factor that the map shows to the right", 1, 8, integer=True, tries=(1, 2, 3)
    ),
    Parameter("y_factor", 2, "the factor that the map shows upwards", 1, 8, integer=True, tries=(1, 2, 3)),
)
STRUCTURAL = ("users", "movies", "count", "seed", "epochs", "most_factors")
CELLS = tuple(one.name for one in PARAMETERS if one.name not in STRUCTURAL)  # B2 and below

FACTS = (
    *("ratings for training", "ratings for the test", "mean of those for training"),
    *("factors start from", "up to", "train RMSE at the end", "test RMSE at the end"),
    *("lowest test RMSE", "in epoch"),
)
GRID_TOP = 31  # row 32, counted from 0: the ratings begin
LOSS_TOP, FOUND_TOP, EPOCHS_TOP = 3, 4, 4
PANELS = ("model", "slopes", "steps")


@dataclass(frozen=True, slots=True)
class TrainingSizes:
    """How large the lesson is, and where that puts things."""

    users: int
    movies: int
    factors: int  # columns for them
    epochs: int

    @property
    def panel(self) -> tuple[int, int]:
        """Rows and columns of a panel."""
        return 1 + self.factors + self.users, 1 + self.factors + self.movies

    @property
    def pitch(self) -> int:
        """Rows from one epoch to the next."""
        return self.panel[0] + 1

    @property
    def stack(self) -> int:
        """Rows of all epochs."""
        return self.pitch * (self.epochs + 1) - 1

    @property
    def draws(self) -> int:
        """How many random numbers are needed."""
        return DISCARDED + self.users * self.movies + (self.users + self.movies) * self.factors

    def left(self, panel: str) -> int:
        """The first column of a panel on the epochs' sheet."""
        return 2 + PANELS.index(panel) * (self.panel[1] + 1)

    @property
    def split_left(self) -> int:
        """The first column of the split, right of the ratings and their means."""
        return self.movies + 3


def sizes(settings: Mapping[str, float]) -> TrainingSizes:
    return TrainingSizes(*(int(settings[key]) for key in ("users", "movies", "most_factors", "epochs")))


def inputs(settings: Settings) -> list[Input]:
    """The parameters in B2 and below; the ratings with their users and titles."""
    n = sizes(settings)
    bottom, right = GRID_TOP + n.users, 1 + n.movies
    return [
        Input("ratings", NAME, Rect(GRID_TOP, 1, bottom, right), form="grid", blank=True),
        Input("user", NAME, Rect(GRID_TOP, 0, bottom, 1), form="column", exact=True),
        Input("title", NAME, Rect(GRID_TOP - 1, 1, GRID_TOP, right), form="texts"),
        *(Input(name, NAME, Rect.cell(1 + place, 1)) for place, name in enumerate(CELLS)),
    ]


def blocks(settings: Settings) -> list[Block]:
    n = sizes(settings)
    rows = (GRID_TOP, GRID_TOP + n.users)
    right = 1 + n.movies
    bottom = FOUND_TOP + n.movies, FOUND_TOP + n.users
    return [
        Block(
            "facts", NAME, Rect(1, 6, 1 + len(FACTS), 7), "what the split and the training give", ("facts",)
        ),
        Block(
            *("split", NAME, Rect(rows[0], n.split_left, rows[1], n.split_left + n.movies)),
            *("1 for training, 2 for the test, 0 where there is no rating", ()),
        ),
        Block(
            *("movie_mean", NAME, Rect(rows[1], 1, rows[1] + 1, right)),
            *("mean of the movie's training ratings", ()),
        ),
        Block(
            *("user_mean", NAME, Rect(rows[0], right, rows[1], right + 1)),
            *("mean of the user's training ratings", ("mean",)),
        ),
        *(
            Block(
                panel,
                EPOCHS,
                Rect(EPOCHS_TOP, n.left(panel), EPOCHS_TOP + n.stack, n.left(panel) + n.panel[1]),
                {
                    "model": "weights and predictions",
                    "slopes": "gradients and training errors",
                    "steps": "steps and test errors",
                }[panel],
                (),
            )
            for panel in PANELS
        ),
        Block(
            *("loss", LOSS, Rect(LOSS_TOP, 1, LOSS_TOP + n.epochs + 1, 3), "RMSE after each epoch"),
            ("train RMSE", "test RMSE"),
        ),
        Block(
            *("movie_table", FOUND, Rect(FOUND_TOP, 1, bottom[0], 6), "each movie at the end"),
            ("bias", "mean", "rank", "x", "y"),
        ),
        Block(
            *("movie_order", FOUND, Rect(FOUND_TOP, 9, bottom[0], 11), "movies from the best bias down"),
            ("bias", "mean"),
        ),
        Block(
            *("user_table", FOUND, Rect(FOUND_TOP, 13, bottom[1], 16), "each user at the end"),
            ("bias", "mean", "rank"),
        ),
        Block(
            *("user_order", FOUND, Rect(FOUND_TOP, 18, bottom[1], 21), "users from the kindest down"),
            ("user", "bias", "mean"),
        ),
        Block(
            *("draws", RANDOM, Rect(RANDOM_TOP, 1, RANDOM_TOP + n.draws, 3), "random numbers from the seed"),
            ("state", "uniform"),
        ),
    ]


def _data(settings: Settings, ratings: Ratings) -> Data:
    """The crosstab. SheetsimError when the workbook would be too large."""
    n = sizes(settings)
    cells = (n.epochs + 1) * (3 * n.users * n.movies + 3 * (n.users + n.movies) * (1 + n.factors))
    if cells > MOST_CELLS:
        raise SheetsimError(
            f"{n.users} users, {n.movies} movies and {n.epochs} epochs make {cells:,} formulas, more than "
            f"{MOST_CELLS:,}; take fewer of them"
        )
    grid, users, _, titles = crosstab(ratings)
    return {"ratings": grid, "user": users.astype(float), "title": np.array([titles], object)}


def make_data(settings: Settings) -> Data:
    """The default ratings."""
    return _data(settings, own_ratings(settings))


def _choose(given: Mapping[str, object], sources: Mapping[str, str]) -> tuple[Settings, Data, list[str]]:
    """As the family does it, and no more factors than there are columns for."""
    settings, data, notes = choose(LESSON, _data, given, sources)
    most = settings["most_factors"]
    if "factors" in given and settings["factors"] > most:
        raise SheetsimError(
            f"factors={settings['factors']:g}: there are {most:g} columns for them; set most_factors too"
        )
    settings["factors"] = min(settings["factors"], most)
    return settings, data, notes


LESSON: Lesson = Lesson(
    name=NAME,
    title="A recommender trained by formulas",
    line="Users, movies and their factors by batch gradient descent, epoch after epoch, with a test split.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=make_data,
    data=("ratings", "user", "title"),
    structural=STRUCTURAL,
    sources=SOURCES,
    choose=_choose,
    conventions="""
        The rule is that of torch.optim.SGD with momentum and weight_decay: step = momentum * last step +
        gradient + weight_decay * weight, and then weight = weight - lr * step. The loss is the mean of the
        squared errors over all training ratings, of which one user has but a few: so the gradients are small
        and lr is large. The mean is the training ratings' own and is not trained.
    """,
)
