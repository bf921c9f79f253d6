"""Where ratings, weights and predictions stand on the sheets `dotprod` and `bias`.

With 15 users, 15 movies and 5 factors each part has the address that it has in the course's workbook:

              B      F   G     H          V
     1                         movies
     2 - 16                ids   ratings
    19 - 23                      movie factors        bias: a row for the movies' biases above them
    25 - 39   user factors ids   predictions          bias: all one row lower, column A the users' biases
    41                           RMSE in V            bias: 42

With other numbers the parts keep this order and these gaps.
"""

from __future__ import annotations

from dataclasses import dataclass

from sheetsim.address import Rect
from sheetsim.lessons.kit.lesson import Block, Input, Settings
from sheetsim.values import BLANK, NUMBER
from sheetsim.workbook import Sheet


@dataclass(frozen=True, slots=True)
class Grids:
    """The rectangles, from the numbers of users, movies and factors; `bias` is 1 where there are biases."""

    users: int
    movies: int
    factors: int
    bias: int = 0

    @staticmethod
    def of(settings: Settings, bias: int = 0) -> Grids:
        users, movies, factors = (int(settings[key]) for key in ("users", "movies", "factors"))
        return Grids(users, movies, factors, bias)

    @property
    def left(self) -> int:
        """The column of the first movie."""
        return 2 + self.factors

    @property
    def right(self) -> int:
        """The column after the last movie."""
        return self.left + self.movies

    @property
    def weights(self) -> int:
        """The first row of the movies' weights."""
        return self.users + 3

    @property
    def top(self) -> int:
        """The first row of the predictions."""
        return self.weights + self.bias + self.factors + 1

    @property
    def bottom(self) -> int:
        """The row after the last prediction."""
        return self.top + self.users

    @property
    def ratings(self) -> Rect:
        return Rect(1, self.left, 1 + self.users, self.right)

    @property
    def movie_bias(self) -> Rect:
        return Rect(self.weights, self.left, self.weights + 1, self.right)

    @property
    def movie_factors(self) -> Rect:
        top = self.weights + self.bias
        return Rect(top, self.left, top + self.factors, self.right)

    @property
    def user_bias(self) -> Rect:
        return Rect(self.top, 0, self.bottom, 1)

    @property
    def user_factors(self) -> Rect:
        return Rect(self.top, 1, self.bottom, 1 + self.factors)

    @property
    def predictions(self) -> Rect:
        return Rect(self.top, self.left, self.bottom, self.right)

    @property
    def rmse(self) -> Rect:
        return Rect.cell(self.bottom + 1, self.right - 1)

    @property
    def user_rmse(self) -> Rect:
        return Rect(self.top, self.right + 1, self.bottom, self.right + 2)

    @property
    def movie_rmse(self) -> Rect:
        return Rect(self.bottom + 3, self.left, self.bottom + 4, self.right)

    # -- for the lessons' records

    def weight_inputs(self, sheet: str, prefix: str = "") -> list[Input]:
        """The numbers that Solver changes."""
        factors = [
            Input(f"{prefix}user_factors", sheet, self.user_factors, form="grid"),
            Input(f"{prefix}movie_factors", sheet, self.movie_factors, form="grid"),
        ]
        biases = [
            Input(f"{prefix}user_bias", sheet, self.user_bias, form="column"),
            Input(f"{prefix}movie_bias", sheet, self.movie_bias, form="grid"),
        ]
        return factors + biases * self.bias

    def original_inputs(self, sheet: str) -> list[Input]:
        """What is typed on the course's sheet."""
        return [Input("ratings", sheet, self.ratings, form="grid", blank=True), *self.weight_inputs(sheet)]

    def original_blocks(self, sheet: str) -> list[Block]:
        """What is computed on the course's sheet."""
        return [
            Block("predict", sheet, self.predictions, "predicted ratings", ("predictions",)),
            Block(
                "rmse", sheet, self.rmse, "root of the mean squared error, of the ratings given", ("RMSE",)
            ),
        ]


def size_of(sheet: Sheet) -> dict[str, object]:
    """Users, movies and factors of a sheet of the course, from the ids beside and above its ratings: users'
    ids stand in the first column with a number in row 2, movies above the ratings in row 1."""
    used = sheet.used
    if used is None:
        return {"users": 0}
    second = sheet.block(Rect(1, 0, 2, used.right)).kind_array()[0] == NUMBER
    ids = int(second.argmax()) if second.any() else 0
    users = sheet.block(Rect(1, ids, used.bottom + 1, ids + 1)).kind_array()[:, 0] == NUMBER
    movies = sheet.block(Rect(0, ids + 1, 1, used.right + 1)).kind_array()[0] != BLANK
    return {"users": int(users.argmin()), "movies": int(movies.argmin()), "factors": ids - 1}
