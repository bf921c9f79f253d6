"""Which ratings a lesson shows: its own from the seed, or a file's, cut to the busiest users and movies.

A lesson of this family has the structural parameters USERS, MOVIES, COUNT and SEED, the sources SOURCES, and

    LESSON = Lesson(..., make_data=..., sources=SOURCES, choose=lambda *given: choose(LESSON, make, *given))

where `make(settings, ratings)` gives the lesson's data, from settings whose users, movies and count are those
of the ratings; `own_ratings(settings)` are the default ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sheetsim.errors import SheetsimError
from sheetsim.lessons.collab._shared.reading import FEWEST, read_ratings
from sheetsim.lessons.collab.ratings import Ratings, busiest, default_ratings
from sheetsim.lessons.kit.lesson import Data, Lesson, Parameter, Settings

USERS = Parameter("users", 15, "how many users, the most active ones", 2, 100, integer=True)
MOVIES = Parameter("movies", 15, "how many movies, the most rated ones", 2, 100, integer=True)
COUNT = Parameter("count", 206, "how many ratings they gave", FEWEST, 10_000, integer=True)
SEED = Parameter(
    "seed", 1, "start of the generator that makes the default ratings", 1, 2147483646, integer=True
)
SOURCES = ("ratings", "columns", "titles", "users", "movies")

Make = Callable[[Settings, Ratings], Data]


def own_ratings(settings: Settings) -> Ratings:
    """The default ratings of that seed and size. SheetsimError when so many cannot be given."""
    users, movies, count = (int(settings[key]) for key in ("users", "movies", "count"))
    if not users + movies <= count <= users * movies:
        raise SheetsimError(
            f"count={count}: {users} users and {movies} movies have {users + movies} to {users * movies} "
            "ratings"
        )
    return default_ratings(int(settings["seed"]), users, movies, count)


def choose(
    lesson: Lesson, make: Make, given: Mapping[str, object], sources: Mapping[str, str]
) -> tuple[Settings, Data, list[str]]:
    """All settings, the data, and what the user should know about them. SheetsimError when the file's
    ratings are not what they should be, or fewer than asked for."""
    asked = dict(given)
    for key in [one for one in ("users", "movies") if one in sources]:
        values = [
            lesson.parameter(key).read(one) for one in (asked.setdefault(key, sources[key]), sources[key])
        ]
        if values[0] != values[1]:
            raise SheetsimError(f"--{key} {sources[key]} and --set {key}={asked[key]}: give one of them")
    full = lesson.settings(asked)
    if "ratings" in sources:
        ratings, notes = _read(full, asked, sources)
    else:
        for key in ("columns", "titles"):
            if key in sources:
                raise SheetsimError(f"--{key} goes with --ratings FILE")
        if "count" not in asked:
            full["count"] = _usual(int(full["users"]), int(full["movies"]))
        ratings, notes = own_ratings(full), []
    full["count"] = len(ratings)
    return full, make(full, ratings), notes


def _usual(users: int, movies: int) -> int:
    """How many ratings there are by default: as dense as 206 among 15 users and 15 movies."""
    return max(min(users * movies, users + movies), round(users * movies * COUNT.default / 225))


def _read(
    full: Settings, asked: Mapping[str, object], sources: Mapping[str, str]
) -> tuple[Ratings, list[str]]:
    """The file's ratings; `full` gets the numbers of users and movies that there are."""
    file, notes = sources["ratings"], []
    for key in ("count", "seed"):
        if key in asked:
            raise SheetsimError(f"{file}: {key}={asked[key]} is for the default ratings; leave it out")
    everything = read_ratings(file, sources.get("columns"), sources.get("titles"))
    ratings = busiest(everything, int(full["users"]), int(full["movies"]))
    for key, ids in (("users", ratings.user), ("movies", ratings.movie)):
        there = len(set(ids.tolist()))
        if there < full[key] and key in asked:
            raise SheetsimError(f"{file}: {there} {key} with ratings of the chosen kind, not {full[key]:g}")
        if there < full[key]:
            notes.append(f"{file} has {there} {key} among the busiest, fewer than {full[key]:g}")
        full[key] = there
    if len(ratings) < FEWEST:
        raise SheetsimError(
            f"{file}: the busiest users gave the most rated movies {len(ratings)} ratings, too few for a "
            "lesson; ask for more --users and --movies"
        )
    return ratings, notes
