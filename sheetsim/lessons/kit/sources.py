"""Where a lesson's data can come from, besides its seed: the options of `sheetsim export` and of
`lesson(...).export`. Which of them a lesson knows stands in its `sources`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """One option: `--name METAVAR`, with a sentence of help."""

    name: str
    metavar: str
    help: str


SOURCES = (
    Source("data", "CSV", "Take the points from a CSV file with columns x and y."),
    Source("image", "FILE", "Take the picture from a PNG or JPEG file, made grey and 28 x 28."),
    Source("idx", "FILE", "Take pictures from an IDX file, MNIST's own format, gzipped or not."),
    Source("index", "N", "Which picture of the IDX file to take, or to begin with; the first is 0."),
    Source("ratings", "FILE", "Take the ratings from MovieLens' ratings.csv or u.data, or from a CSV file."),
    Source("columns", "NAMES", "The columns of user, movie and rating in it, like user,movie,stars."),
    Source(
        "titles", "FILE", "Take the movies' titles from movies.csv or u.item; default: beside the ratings."
    ),
    Source("users", "N", "Take the N most active users; default 15."),
    Source("movies", "N", "Take the N most rated movies; default 15."),
)
