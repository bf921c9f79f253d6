"""`pca`: what a movie's factors say, on a map of two dimensions, by biases, and by nearest neighbours.

Principal components by power iteration: a matrix applied to a vector again and again turns it towards
the direction in which the movies differ most (K. Pearson, On lines and planes of closest fit, 1901;
H. Hotelling's deflation, 1933, finds the next one). Three are found, two of them drawn. The sign of
a direction is a matter of choice: here its largest part is positive.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sheetsim.address import Rect
from sheetsim.lessons.collab._shared.choosing import COUNT, MOVIES, SEED, SOURCES, USERS, choose, own_ratings
from sheetsim.lessons.collab._shared.trained import trained_movies
from sheetsim.lessons.collab._shared.weights import WEIGHTS_SEED
from sheetsim.lessons.collab.ratings import Ratings, crosstab
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Parameter, Settings

NAME, AXES, RANKED, NEAREST = "pca", "pca axes", "pca by bias", "pca nearest"
COMPONENTS = 3
TOP = 6  # row 7: the first movie
LIST_TOP = 5  # row 6, on the sheets of lists
MATRIX_TOP = 5  # row 6, on the axes' sheet
CHART_ROWS = 13  # below the matrix there

FACTORS = Parameter("factors", 5, "how many numbers each movie has", COMPONENTS, 20, integer=True)
STEPS = Parameter("steps", 300, "how often the matrix is applied", 10, 2000, integer=True)
FEW_MOVIES = Parameter("movies", MOVIES.default, MOVIES.help, 5, MOVIES.high, integer=True)
PARAMETERS = (USERS, FEW_MOVIES, COUNT, FACTORS, STEPS, SEED, WEIGHTS_SEED)


@dataclass(frozen=True, slots=True)
class PcaPlaces:
    """Where the parts stand, from the numbers of movies, factors and steps."""

    movies: int
    factors: int
    steps: int

    @staticmethod
    def of(settings: Settings) -> "PcaPlaces":
        return PcaPlaces(*(int(settings[key]) for key in ("movies", "factors", "steps")))

    def movie_rows(self, left: int, columns: int) -> Rect:
        return Rect(TOP, left, TOP + self.movies, left + columns)

    @property
    def mean(self) -> Rect:
        return Rect(3, 2, 4, 2 + self.factors)

    @property
    def centred(self) -> Rect:
        return self.movie_rows(3 + self.factors, self.factors)

    @property
    def projected(self) -> Rect:
        return self.movie_rows(4 + 2 * self.factors, COMPONENTS)

    def summary(self, row: int) -> Rect:
        """A row above the components' columns."""
        return Rect(row, self.projected.left, row + 1, self.projected.right)

    # -- the axes' sheet: a band of columns for each component: step, v, matrix times v, its length, movement

    def band(self, component: int) -> int:
        return component * (2 * self.factors + 4)

    def matrix(self, component: int) -> Rect:
        left = self.band(component) + 1
        return Rect(MATRIX_TOP, left, MATRIX_TOP + self.factors, left + self.factors)

    def axis(self, component: int) -> Rect:
        matrix = self.matrix(component)
        return Rect(matrix.top, matrix.right + 1, matrix.bottom, matrix.right + 2)

    @property
    def first_step(self) -> int:
        return MATRIX_TOP + self.factors + CHART_ROWS + 4

    @property
    def last_step(self) -> int:
        return self.first_step + self.steps

    def vectors(self, component: int) -> Rect:
        """All of them, the start too."""
        matrix = self.matrix(component)
        return Rect(self.first_step, matrix.left, self.last_step + 1, matrix.right)

    def beside(self, component: int, column: int, columns: int = 1, start: int = 0) -> Rect:
        """Columns of the steps' table right of the vectors."""
        left = self.vectors(component).right + column
        return Rect(self.first_step + start, left, self.last_step + 1, left + columns)


def inputs(settings: Settings) -> list[Input]:
    """Titles, biases and factors of the movies; where the iteration starts; the movie asked about."""
    places = PcaPlaces.of(settings)
    return [
        Input("title", NAME, places.movie_rows(0, 1), form="texts", blank=True),
        Input("movie_bias", NAME, places.movie_rows(1, 1), form="column"),
        Input("movie_factors", NAME, places.movie_rows(2, places.factors), form="grid"),
        Input("start", AXES, Rect(2, 1, 3, 1 + places.factors), form="grid"),
        Input("chosen", NEAREST, Rect.cell(2, 1), form="texts", blank=True),
    ]


def blocks(settings: Settings) -> list[Block]:
    """The movies on the axes, the way to each axis, and the two lists."""
    places = PcaPlaces.of(settings)
    numbers = tuple(f"component {c + 1}" for c in range(COMPONENTS))
    factors = tuple(f"factor {k + 1}" for k in range(places.factors))
    found = [
        Block("mean", NAME, places.mean, "the mean of each factor", ("mean",)),
        Block("centred", NAME, places.centred, "factors less their mean", factors),
        Block("variance", NAME, places.summary(1), "variance along the axis", ("variance",)),
        Block("share", NAME, places.summary(2), "its share of all variance", ("share",)),
        Block("so_far", NAME, places.summary(3), "shares added up", ("so far",)),
        Block("projected", NAME, places.projected, "the movie's place on the axis", numbers),
    ]
    for c in range(COMPONENTS):
        n, vectors = c + 1, places.vectors(c)
        start = Rect(vectors.top, vectors.left, vectors.top + 1, vectors.right)
        rest = Rect(vectors.top + 1, vectors.left, vectors.bottom, vectors.right)
        what = "covariance of the factors" if c == 0 else f"what is left without axes 1 to {c}"
        found += [
            Block(f"matrix{n}", AXES, places.matrix(c), what, factors),
            Block(f"axis{n}", AXES, places.axis(c), f"axis {n}, its largest part positive", (f"axis {n}",)),
            Block(f"start{n}", AXES, start, "the start, of length 1", ("v",)),
            Block(f"v{n}", AXES, rest, "matrix times v of the row above, of length 1", ("v",)),
            Block(
                *(f"w{n}", AXES, places.beside(c, 0, places.factors), "matrix times v"), ("matrix times v",)
            ),
            Block(f"length{n}", AXES, places.beside(c, places.factors), "its length", ("length",)),
            Block(
                *(f"moved{n}", AXES, places.beside(c, places.factors + 1, 1, 1), "how far v has moved"),
                ("moved",),
            ),
        ]
    rows = LIST_TOP + places.movies
    return [
        *found,
        Block("rank", RANKED, Rect(LIST_TOP, 1, rows, 2), "place by bias", ("place",)),
        Block("by_bias", RANKED, Rect(LIST_TOP, 5, rows, 6), "biases from the highest", ("bias",)),
        Block("place", NEAREST, Rect.cell(2, 2), "the row of the chosen movie", ("row",)),
        Block("distance", NEAREST, Rect(LIST_TOP, 1, rows, 2), "cosine distance", ("distance",)),
        Block("near_rank", NEAREST, Rect(LIST_TOP, 2, rows, 3), "place by distance", ("place",)),
        Block("by_distance", NEAREST, Rect(LIST_TOP, 6, rows, 7), "distances from the lowest", ("distance",)),
    ]


def make(settings: Settings, ratings: Ratings) -> Data:
    """Factors and biases as training leaves them."""
    factors = int(settings["factors"])
    weights, bias = trained_movies(ratings, factors, int(settings["weights_seed"]))
    titles = np.array(crosstab(ratings)[3], object)
    return {
        "title": titles[:, None],
        "movie_bias": bias,
        "movie_factors": weights,
        "start": np.arange(1.0, factors + 1)[None, :],
        "chosen": titles[:1, None],
    }


def choose_ratings(
    given: Mapping[str, object], sources: Mapping[str, str]
) -> tuple[Settings, Data, list[str]]:
    """Settings and data, from the seed or from a file."""
    return choose(LESSON, make, given, sources)


LESSON = Lesson(
    name=NAME,
    title="What the factors mean",
    line="Movies' factors on a map by principal components, ranked by bias, and the nearest to a movie.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=lambda settings: make(settings, own_ratings(settings)),
    data=("title", "movie_bias", "movie_factors", "start", "chosen"),
    structural=tuple(one.name for one in PARAMETERS),
    sources=SOURCES,
    choose=choose_ratings,
)
