"""`collab_nn`: embeddings of user and movie, joined, through a ReLU layer to a rating; SGD by formulas.

The net is fastai's `EmbeddingNN` (fastai 2, `collab.py`) with one hidden layer: nn.Embedding for users and
movies, which may be of different widths, nn.Linear, ReLU, nn.Linear, and a sigmoid that stretches over
`y_range`. Each step takes one batch of ratings, in an order that is the same in all epochs; what is left over
after the last full batch (`drop_last` of torch's DataLoader) is kept for validation.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.lessons.collab import DISCARDED, RANDOM_TOP
from sheetsim.lessons.collab._shared.choosing import COUNT, MOVIES, SEED, SOURCES, USERS, choose, own_ratings
from sheetsim.lessons.collab.ratings import Ratings, crosstab
from sheetsim.lessons.kit.lesson import Block, Data, Input, Inputs, Lesson, Parameter, Settings
from sheetsim.lessons.kit.park_miller import Draws

NAME = "collab_nn"
RATINGS, STEPS, LOSS, FOUND, RANDOM = (
    f"{NAME} {words}" for words in ("ratings", "steps", "loss", "found", "random")
)
MOST_CELLS = 3_000_000

PARAMETERS = (
    *(USERS, MOVIES, COUNT, SEED),
    Parameter("epochs", 8, "how often all batches are taken", 1, 200, integer=True),
    Parameter("batch", 26, "ratings of a step", 1, 1000, integer=True),
    Parameter("user_factors", 3, "numbers in a user's embedding", 1, 8, integer=True),
    Parameter("movie_factors", 4, "numbers in a movie's embedding", 1, 8, integer=True),
    Parameter("hidden", 5, "units of the ReLU layer", 1, 8, integer=True),
    Parameter("lr", 0.2, "learning rate", 0, 100, tries=(0.05, 0.1, 0.2, 0.5, 5)),
    Parameter("weight_decay", 0, "what is added to a gradient for a weight of 1", 0, 1, tries=(0, 0.01, 0.1)),
    Parameter("y_low", 0, "the lowest rating that the net can guess", -100, 100, tries=(0, 0.5, 1)),
    Parameter("y_high", 5.5, "the highest rating that it can guess", -100, 100, tries=(5, 5.5, 6)),
    Parameter("spread", 1, "embeddings start between minus and plus this", 0, 10, tries=(0, 0.1, 1, 2)),
    Parameter(
        *("start_seed", 1, "start of the generator that makes the first weights", 1, 2147483646),
        integer=True,
        tries=(1, 2, 3, 42),
    ),
)
STRUCTURAL = PARAMETERS[:9]
CELLS = tuple(one.name for one in PARAMETERS[9:])  # B2 and below

FACTS = (
    *("batches in an epoch", "steps", "RMSE on trained ratings", "RMSE on those left over"),
    "weights of the net",
)
NO_SIGMOID = 1e-290  # torch's sigmoid is 0 where EXP still gives such a number
RATINGS_TOP, STEPS_TOP, LOSS_TOP = 3, 4, 3
IDS_TOP = 26  # row 27 of the front sheet: users and movies begin
LAYERS = ("user_emb", "movie_emb", "layer1", "layer2")
ROWS = ("looked_up", "x", "before", "after", "out", "after_slope", "x_slope")
"""Blocks of a step with a row for each rating of the batch."""


@dataclass(frozen=True, slots=True)
class NetSizes:
    """How large the lesson is, and where that puts things."""

    users: int
    movies: int
    count: int
    epochs: int
    batch: int
    user_factors: int
    movie_factors: int
    hidden: int

    @property
    def wide(self) -> int:
        """Numbers that go into the ReLU layer."""
        return self.user_factors + self.movie_factors

    @property
    def batches(self) -> int:
        return self.count // self.batch

    @property
    def steps(self) -> int:
        return self.epochs * self.batches

    def shape(self, name: str) -> tuple[int, int]:
        """Rows and columns of a block in one step. Layers are as in torch, a row a unit, the bias last."""
        shapes = {
            "user_emb": (self.users, self.user_factors),
            "movie_emb": (self.movies, self.movie_factors),
            "layer1": (self.hidden, self.wide + 1),
            "layer2": (1, self.hidden + 1),
        }
        columns = {"looked_up": 3, "x": self.wide, "out": 4, "x_slope": self.wide}
        if name in ROWS:
            return self.batch, columns.get(name, self.hidden)
        return shapes[name.removesuffix("_slope")]

    @property
    def pitch(self) -> int:
        """Rows from one step to the next."""
        return 1 + max(self.batch, self.users, self.movies, self.hidden)

    def left(self, name: str) -> int:
        """The first column of a block on the steps' sheet."""
        column = 1
        for other in COLUMNS:
            if other == name:
                break
            column += 1 + self.shape(other)[1]
        return column

    @property
    def parameters(self) -> int:
        return sum(rows * columns for rows, columns in map(self.shape, LAYERS))

    @property
    def draws(self) -> int:
        return DISCARDED + self.parameters


COLUMNS = (*LAYERS, *ROWS, *(f"{layer}_slope" for layer in LAYERS))
TITLES = {
    "user_emb": "users",
    "movie_emb": "movies",
    "layer1": "layer 1, a row a unit",
    "layer2": "layer 2",
    "looked_up": "batch",
    "x": "embeddings side by side",
    "before": "layer 1 gives",
    "after": "ReLU",
    "out": "layer 2 gives",
    "after_slope": "slopes of layer 1",
    "x_slope": "slopes of the embeddings",
    "user_emb_slope": "users' gradient",
    "movie_emb_slope": "movies' gradient",
    "layer1_slope": "layer 1's gradient",
    "layer2_slope": "layer 2's gradient",
}


def sizes(settings: Mapping[str, float]) -> NetSizes:
    return NetSizes(*(int(settings[key]) for key in NetSizes.__dataclass_fields__))


def inputs(settings: Settings) -> list[Input]:
    """Choices, users and movies on the front sheet; the ratings in the order of training."""
    n = sizes(settings)
    bottom = RATINGS_TOP + n.count
    return [
        Input("user", NAME, Rect(IDS_TOP, 0, IDS_TOP + n.users, 1), form="column", exact=True),
        Input("movie", NAME, Rect(IDS_TOP, 3, IDS_TOP + n.movies, 4), form="column", exact=True),
        Input("title", NAME, Rect(IDS_TOP, 4, IDS_TOP + n.movies, 5), form="texts"),
        Input("rated_by", RATINGS, Rect(RATINGS_TOP, 1, bottom, 2), form="column", exact=True),
        Input("rated", RATINGS, Rect(RATINGS_TOP, 2, bottom, 3), form="column", exact=True),
        Input("rating", RATINGS, Rect(RATINGS_TOP, 3, bottom, 4), form="column"),
        *(Input(name, NAME, Rect.cell(1 + place, 1)) for place, name in enumerate(CELLS)),
    ]


def blocks(settings: Settings) -> list[Block]:
    n = sizes(settings)
    bottom, top = RATINGS_TOP + n.count, STEPS_TOP
    part = 3 + n.hidden  # rows and columns of the found sheet before the grid
    found = [
        Block("facts", NAME, Rect(1, 6, 1 + len(FACTS), 7), "what the training comes to", ("facts",)),
        Block(
            *("places", RATINGS, Rect(RATINGS_TOP, 4, bottom, 6), "where user and movie stand in the lists"),
            ("user's place", "movie's place"),
        ),
        Block(
            *("end", RATINGS, Rect(RATINGS_TOP, 6, bottom, 8), "after the training"),
            ("guess", "error"),
            NO_SIGMOID,
        ),
    ]
    for name in COLUMNS:
        rows, columns = n.shape(name)
        epochs = n.steps + (name in LAYERS)
        stack = Rect(top, n.left(name), top + (epochs - 1) * n.pitch + rows, n.left(name) + columns)
        found.append(Block(name, STEPS, stack, TITLES[name], ()))
    return [
        *found,
        Block(
            *(
                "loss",
                LOSS,
                Rect(LOSS_TOP, 2, LOSS_TOP + n.steps, 4),
                "root of the mean square of the errors",
            ),
            ("RMSE of the batch", "of the last epoch"),
        ),
        Block(
            *("movie_part", FOUND, Rect(3, part, 3 + n.hidden, part + n.movies)),
            *("what a movie brings to each unit of layer 1", ()),
        ),
        Block(
            *("user_part", FOUND, Rect(part + 1, 2, part + 1 + n.users, 2 + n.hidden)),
            *("what a user brings, with the bias", ()),
        ),
        Block(
            *("guess", FOUND, Rect(part + 1, part, part + 1 + n.users, part + n.movies)),
            *("a guess for every user and movie", (), NO_SIGMOID),
        ),
        Block(
            *("draws", RANDOM, Rect(RANDOM_TOP, 1, RANDOM_TOP + n.draws, 3), "random numbers from the seed"),
            ("state", "uniform"),
        ),
    ]


def refuse_strangers(inputs: Inputs) -> None:
    """SheetsimError for a rating whose user or movie is in no list: the sheet says #N/A everywhere after."""
    for key, ids in (("rated_by", "user"), ("rated", "movie")):
        wanted = np.asarray(inputs[key], np.float64)
        strange = np.flatnonzero(~np.isin(wanted, np.asarray(inputs[ids], np.float64)))
        if len(strange):
            row, column = RATINGS_TOP + int(strange[0]) + 1, "BC"[key == "rated"]
            raise SheetsimError(
                f"{RATINGS}!{column}{row}: {ids} {wanted[strange[0]]:g} is not in the list of {ids}s"
            )


def _data(settings: Settings, ratings: Ratings) -> Data:
    """Ratings in an order drawn from the seed. SheetsimError when the workbook would be too large, or when
    there is no full batch."""
    n = sizes(settings)
    if n.batches < 1:
        raise SheetsimError(f"batch={n.batch}: there are only {n.count} ratings")
    cells = n.steps * (n.batch * sum(n.shape(name)[1] for name in ROWS) + 2 * n.parameters)
    if cells > MOST_CELLS:
        raise SheetsimError(
            f"{n.steps} steps of {n.batch} ratings make {cells:,} formulas, more than {MOST_CELLS:,}; "
            "take fewer epochs or ratings"
        )
    order = np.argsort(Draws(int(settings["seed"])).uniform(n.count), kind="stable")
    _, users, movies, titles = crosstab(ratings)
    return {
        "user": users.astype(float),
        "movie": movies.astype(float),
        "title": np.array(titles, object)[:, None],
        "rated_by": ratings.user[order].astype(float),
        "rated": ratings.movie[order].astype(float),
        "rating": ratings.rating[order],
    }


def make_data(settings: Settings) -> Data:
    """The default ratings."""
    return _data(settings, own_ratings(settings))


def _choose(given: Mapping[str, object], sources: Mapping[str, str]) -> tuple[Settings, Data, list[str]]:
    return choose(LESSON, _data, given, sources)


LESSON: Lesson = Lesson(
    name=NAME,
    title="A recommender with a hidden layer",
    line="Embeddings joined, a ReLU layer, an output within a range: forward, backward, SGD by formulas.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=make_data,
    data=("user", "movie", "title", "rated_by", "rated", "rating"),
    structural=tuple(one.name for one in STRUCTURAL),
    sources=SOURCES,
    choose=_choose,
    conventions="""
        The rule is torch.optim.SGD's with weight_decay: weight = weight - lr * (gradient + weight_decay *
        weight). Layers stand as in torch, a row for each unit, here with the bias in the last column; they
        start as nn.Linear does, between plus and minus 1/root of the number of inputs. The slope of ReLU at
        0 is 0. MIN(700, ...) in the sigmoid keeps EXP from what Excel has no number for.
    """,
)
