"""`embeddings`: the lessons `onehot` and `lookup` in one workbook, on the same numbers: the same predictions,
side by side, and what each of them had to do for it."""

from collections.abc import Mapping

import numpy as np

from sheetsim.address import Rect
from sheetsim.lessons.collab import lookup, onehot
from sheetsim.lessons.collab._embedding.layout import COSTS, DATA, data_inputs, make_tables
from sheetsim.lessons.collab._shared.choosing import SOURCES, choose, own_ratings
from sheetsim.lessons.collab.ratings import Ratings
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Settings

NAME = "embeddings"
ONEHOT, LOOKUP = f"{NAME} onehot", f"{NAME} lookup"
VOCABULARY = (15, 100, 1_000, 10_000, 100_000)
SIDE_TOP, SIZE_TOP, COST_TOP = 4, 4, 11
GROWTH_TOP = COST_TOP + len(COSTS) + 4
PARAMETERS = onehot.PARAMETERS


def inputs(settings: Settings) -> list[Input]:
    """The data of both lessons, typed on the sheet of the look-ups, and sizes of vocabularies."""
    growth = Rect(GROWTH_TOP, 8, GROWTH_TOP + len(VOCABULARY), 9)
    return [
        *data_inputs(LOOKUP, lookup.rects(settings)),
        Input("vocabulary", NAME, growth, form="column"),
    ]


def blocks(settings: Settings) -> list[Block]:
    """The blocks of both lessons, predictions side by side, costs, and costs as a vocabulary grows."""
    bottom = SIDE_TOP + int(settings["count"])
    return [
        *onehot.course_blocks(settings, ONEHOT, "onehot."),
        *lookup.course_blocks(settings, LOOKUP, "lookup."),
        Block(
            *("predictions", NAME, Rect(SIDE_TOP, 3, bottom, 6), "predictions from both"),
            ("one-hot", "look-up", "difference"),
        ),
        Block("apart", NAME, Rect(SIDE_TOP - 3, 5, SIDE_TOP - 2, 6), "the largest difference", ("largest",)),
        Block("size", NAME, Rect(SIZE_TOP, 9, SIZE_TOP + 4, 10), "sizes", ("size",)),
        Block(
            *("cost", NAME, Rect(COST_TOP, 9, COST_TOP + len(COSTS), 12), "what the vectors cost"),
            ("one-hot", "look-up", "times as much"),
        ),
        Block(
            *("growth", NAME, Rect(GROWTH_TOP, 9, GROWTH_TOP + len(VOCABULARY), 13)),
            "what one vector costs",
            ("multiplications", "bytes, one-hot", "bytes, look-up", "times as much"),
        ),
    ]


def make(settings: Settings, ratings: Ratings) -> Data:
    """The data of both lessons, and sizes of vocabularies."""
    return make_tables(settings, ratings) | {"vocabulary": np.array(VOCABULARY, float)}


def choose_ratings(
    given: Mapping[str, object], sources: Mapping[str, str]
) -> tuple[Settings, Data, list[str]]:
    """Settings and data, from the seed or from a file."""
    return choose(LESSON, make, given, sources)


LESSON = Lesson(
    name=NAME,
    title="One-hot product or look-up: the same numbers",
    line="Both ways to an embedding side by side, with the arithmetic and the bytes that each needed.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=lambda settings: make(settings, own_ratings(settings)),
    data=(*DATA, "vocabulary"),
    structural=tuple(one.name for one in PARAMETERS),
    sources=SOURCES,
    choose=choose_ratings,
)
