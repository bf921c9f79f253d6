"""Where things stand on the course's sheets movielens_1hot and movielens_emb: the same on both but for the
places of the columns.

    A idx   B users' ids    C:G their factors   rows 4 to 18        I: ratings, a row each, from row 3 down
    A idx   B movies' ids   C:G their factors   rows 22 to 36
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sheetsim.address import Rect
from sheetsim.lessons.collab._shared.weights import start_weights
from sheetsim.lessons.collab.ratings import Ratings, crosstab
from sheetsim.lessons.kit.lesson import Block, Data, Input, Settings
from sheetsim.values import NUMBER
from sheetsim.workbook import Sheet

TOP = 2  # of the ratings: row 3
DATA = ("user_id", "user_factors", "movie_id", "movie_factors", "user", "movie", "rating")
SIDES = ("user", "movie")

COSTS = ("multiplications", "additions", "bytes read", "bytes written", "bytes held")


@dataclass(frozen=True, slots=True)
class EmbeddingTables:
    """The sizes, and the rectangles that follow from them."""

    users: int
    movies: int
    count: int
    factors: int

    @classmethod
    def of(cls, settings: Settings) -> EmbeddingTables:
        return cls(*(int(settings[key]) for key in ("users", "movies", "count", "factors")))

    @property
    def left(self) -> int:
        """The first column of the ratings."""
        return 3 + self.factors

    @property
    def bottom(self) -> int:
        return TOP + self.count

    def rows(self, side: str) -> tuple[int, int]:
        """Top and bottom of the table of users or of movies."""
        top = TOP + 1 if side == "user" else TOP + 4 + self.users
        return top, top + (self.users if side == "user" else self.movies)

    def column(self, place: int, width: int = 1) -> Rect:
        """Columns beside the ratings, from the `place`-th on."""
        return Rect(TOP, self.left + place, self.bottom, self.left + place + width)

    def tables(self) -> dict[str, Rect]:
        """Ids, factors and row numbers of users and movies."""
        found = {}
        for side in SIDES:
            top, bottom = self.rows(side)
            found[f"{side}_id"] = Rect(top, 1, bottom, 2)
            found[f"{side}_factors"] = Rect(top, 2, bottom, 2 + self.factors)
            found[f"{side}_number"] = Rect(top + 1, 0, bottom, 1)
        return found


def data_inputs(sheet: str, rects: dict[str, Rect]) -> list[Input]:
    """The data as they are typed on the sheet."""
    return [
        Input(
            name,
            sheet,
            rects[name],
            form="grid" if name.endswith("factors") else "column",
            exact=not name.endswith("factors") and name != "rating",
        )
        for name in DATA
    ]


def number_blocks(sheet: str, rects: dict[str, Rect], prefix: str = "") -> list[Block]:
    """The rows of both tables, counted."""
    return [
        Block(f"{prefix}{side}_number", sheet, rects[f"{side}_number"], f"{side}s counted", ("idx",))
        for side in SIDES
    ]


def rating_blocks(sheet: str, rects: dict[str, Rect], prefix: str = "") -> list[Block]:
    """Predictions and their error."""
    return [
        Block(f"{prefix}predict", sheet, rects["predict"], "the predicted rating", ("predict",)),
        Block(f"{prefix}squared_error", sheet, rects["squared_error"], "its error squared", ("error^2",)),
        Block(f"{prefix}rmse", sheet, rects["rmse"], "root of the mean squared error", ("rmse",)),
    ]


# -- the sheet of gradients and the sheet of costs

GRAD_TOP = 4
COST_TOP = 9


def grad_blocks(sheet: str, tables: EmbeddingTables) -> list[Block]:
    """The slopes of the mean squared error: for each prediction, and for each number of both tables."""
    user, movie = grad_tables(tables)
    return [
        Block(
            *("predict_grad", sheet, Rect(GRAD_TOP, 0, GRAD_TOP + tables.count, 1)),
            *("slope of the loss for the prediction", ("for predict",)),
        ),
        Block("user_grad", sheet, user, "slope of the loss for users' factors", ("user_factors",)),
        Block("movie_grad", sheet, movie, "slope of the loss for movies' factors", ("movie_factors",)),
    ]


def grad_tables(tables: EmbeddingTables) -> tuple[Rect, Rect]:
    """Where the slopes for both tables stand, side by side, each with its ids on the left."""
    user = Rect(GRAD_TOP, 3, GRAD_TOP + tables.users, 3 + tables.factors)
    left = user.right + 2  # a free column and the ids
    return user, Rect(GRAD_TOP, left, GRAD_TOP + tables.movies, left + tables.factors)


def cost_blocks(sheet: str) -> list[Block]:
    """The sizes, and what the look-ups cost."""
    return [
        Block("size", sheet, Rect(3, 1, 6, 3), "sizes of tables and ratings", ("users", "movies")),
        Block(
            *("cost", sheet, Rect(COST_TOP, 1, COST_TOP + len(COSTS), 4)),
            *("what the vectors of all ratings cost", ("users", "movies", "together")),
        ),
    ]


# -- data


def make_tables(settings: Settings, ratings: Ratings) -> Data:
    """The ratings as a long table, and start weights, the same as `dotprod` has; titles of the movies."""
    _, users, movies, titles = crosstab(ratings)
    weights = start_weights(settings, biases=False)
    return {
        "user_id": users.astype(float),
        "user_factors": weights["user_factors"],
        "movie_id": movies.astype(float),
        "movie_factors": weights["movie_factors"].T.copy(),
        "user": ratings.user.astype(float),
        "movie": ratings.movie.astype(float),
        "rating": ratings.rating,
        "title": np.array(titles, object),
    }


def size_of(sheet: Sheet) -> dict[str, object]:
    """How large the tables are on a course's sheet: ids in B from row 4 down to a gap and, after a heading,
    again; factors in row 4; ratings from row 3 down."""

    def run(rect: Rect) -> int:
        kinds = sheet.block(rect).kind_array().ravel() == NUMBER
        return int((~kinds).argmax()) if not kinds.all() else len(kinds)

    used = sheet.used or Rect(0, 0, 4, 4)
    bottom, right = max(used.bottom, 12) + 1, max(used.right, 4) + 1
    users = run(Rect(TOP + 1, 1, bottom, 2))
    movies = run(Rect(min(TOP + 4 + users, bottom - 1), 1, bottom, 2))
    factors = run(Rect(TOP + 1, 2, TOP + 2, right))
    count = run(Rect(TOP, 3 + factors, bottom, 4 + factors))
    return {"users": users, "movies": movies, "count": count, "factors": factors}
