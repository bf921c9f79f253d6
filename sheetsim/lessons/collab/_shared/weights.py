"""The weights of the factor models: how many, and from which numbers they start, as the course's RAND() gave
them, but from a seed."""

from __future__ import annotations

from sheetsim.lessons.kit.lesson import Data, Parameter, Settings
from sheetsim.lessons.kit.park_miller import Draws

FACTORS = Parameter("factors", 5, "how many numbers each user and each movie has", 1, 20, integer=True)
WEIGHTS_SEED = Parameter(
    "weights_seed", 1, "start of the generator of the start weights", 1, 2147483646, integer=True
)


def start_weights(settings: Settings, biases: bool) -> Data:
    """A number between 0 and 1 for every weight."""
    draws = Draws(int(settings["weights_seed"]))
    users, movies, factors = (int(settings[key]) for key in ("users", "movies", "factors"))
    found: Data = {
        "movie_factors": draws.uniform(factors * movies).reshape(factors, movies),
        "user_factors": draws.uniform(users * factors).reshape(users, factors),
    }
    if biases:
        found |= {"movie_bias": draws.uniform(movies)[None, :], "user_bias": draws.uniform(users)}
    return found
