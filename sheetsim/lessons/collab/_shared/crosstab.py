"""Where the crosstab stands: the long table of ratings, and the grid that formulas make of it.

    A userId   B movieId   C rating   D cell        F users' ids   G, H, ... a column a movie
    from row 5 down, sorted by user                 from row 5 down, titles in row 3, ids in row 4

`cell` counts the cells of the grid in reading order, from 1.
"""

from __future__ import annotations

import numpy as np

from sheetsim.address import Rect
from sheetsim.lessons.collab.ratings import Ratings, crosstab
from sheetsim.lessons.kit.lesson import Block, Data, Input, Settings

TOP, LEFT = 4, 6  # of the grid: G5
DATA = ("long_user", "long_movie", "long_rating", "user_id", "movie_id", "title", "ratings")
DIFFERENCES = "G1"


def sheet_of(lesson: str) -> str:
    return f"{lesson} crosstab"


def crosstab_inputs(lesson: str, settings: Settings) -> list[Input]:
    """The long table, the ids and the titles."""
    sheet = sheet_of(lesson)
    users, movies, count = (int(settings[key]) for key in ("users", "movies", "count"))
    return [
        Input("long_user", sheet, Rect(TOP, 0, TOP + count, 1), form="column"),
        Input("long_movie", sheet, Rect(TOP, 1, TOP + count, 2), form="column"),
        Input("long_rating", sheet, Rect(TOP, 2, TOP + count, 3), form="column"),
        Input("user_id", sheet, Rect(TOP, LEFT - 1, TOP + users, LEFT), form="column"),
        Input("movie_id", sheet, Rect(TOP - 1, LEFT, TOP, LEFT + movies), form="grid"),
        Input("title", sheet, Rect(TOP - 2, LEFT, TOP - 1, LEFT + movies), form="texts", blank=True),
    ]


def crosstab_blocks(lesson: str, settings: Settings) -> list[Block]:
    """Each rating's cell, the grid, and how it differs from the grid that the lesson computes with."""
    sheet = sheet_of(lesson)
    users, movies, count = (int(settings[key]) for key in ("users", "movies", "count"))
    return [
        Block("crosstab.cell", sheet, Rect(TOP, 3, TOP + count, 4), "its cell of the grid", ("cell",)),
        Block(
            *("crosstab.grid", sheet, Rect(TOP, LEFT, TOP + users, LEFT + movies)),
            *("the rating of a user and a movie, if there is one", ("crosstab",)),
        ),
        Block(
            *("crosstab.differences", sheet, Rect.parse(DIFFERENCES)),
            *("cells that differ from the ratings of the lesson's sheet", ("differences",)),
        ),
    ]


def ratings_data(ratings: Ratings) -> Data:
    """The inputs of the crosstab, and the grid, typed, that the lesson computes with."""
    grid, users, movies, titles = crosstab(ratings)
    return {
        "long_user": ratings.user.astype(float),
        "long_movie": ratings.movie.astype(float),
        "long_rating": ratings.rating,
        "user_id": users.astype(float),
        "movie_id": movies.astype(float)[None, :],
        "title": np.array(titles, object)[None, :],
        "ratings": grid,
    }
