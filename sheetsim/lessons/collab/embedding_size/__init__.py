"""`embedding_size`: how many numbers stand for a category, by fastai's rule min(600, round(1.6 n^0.56)).

The rule is a rule of thumb (fastai 2, `tabular/model.py`, `emb_sz_rule`), found by trying many tables. The
default table is Rossmann's stores, the course's example of tabular data.
"""

from collections.abc import Mapping

import numpy as np

from sheetsim.address import Rect
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Parameter, Settings

NAME = "embedding_size"
CURVE = f"{NAME} curve"
FIRST_ROW = 6  # row 7, counted from 0
CATEGORIES: Mapping[str, int] = {
    **{"Store": 1116, "DayOfWeek": 8, "Year": 4, "Month": 13, "Day": 32, "StateHoliday": 3, "StoreType": 5},
    **{"Assortment": 4, "PromoInterval": 4, "CompetitionOpenSinceYear": 24, "Promo2SinceYear": 9},
    **{"State": 13, "Week": 53, "Events": 22, "Promo": 3, "SchoolHoliday": 3},
}
CARDINALITIES = (2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000, 100_000)

PARAMETERS = (
    Parameter("factor", 1.6, "what n to the power is multiplied by", 0, 100, tries=(0.5, 1, 1.6, 3)),
    Parameter("exponent", 0.56, "the power of n", 0, 1, tries=(0.25, 0.5, 0.56, 0.75, 1)),
    Parameter("largest", 600, "no embedding is wider than this", 1, 100_000, tries=(50, 600, 1000)),
)


def inputs(settings: Settings) -> list[Input]:
    """Categories with their numbers of values in A and B; the rule's constants in row 2 to 4."""
    bottom = FIRST_ROW + len(CATEGORIES)
    return [
        Input("category", NAME, Rect(FIRST_ROW, 0, bottom, 1), form="texts"),
        Input("n", NAME, Rect(FIRST_ROW, 1, bottom, 2), form="column"),
        Input("curve_n", CURVE, Rect(3, 0, 3 + len(CARDINALITIES), 1), form="column"),
        *(Input(one.name, NAME, Rect.cell(1 + place, 1)) for place, one in enumerate(PARAMETERS)),
    ]


def blocks(settings: Settings) -> list[Block]:
    """The rule for each category, and along a curve."""
    bottom = FIRST_ROW + len(CATEGORIES)
    return [
        Block("rule", NAME, Rect(FIRST_ROW, 2, bottom, 3), "the rule, not rounded", ("factor*n^exponent",)),
        Block("size", NAME, Rect(FIRST_ROW, 3, bottom, 4), "numbers for each value", ("size",)),
        Block("weights", NAME, Rect(FIRST_ROW, 4, bottom, 5), "weights of the embedding", ("n*size",)),
        Block("saved", NAME, Rect(FIRST_ROW, 5, bottom, 6), "one-hot columns for each number", ("n/size",)),
        Block(
            *("curve", CURVE, Rect(3, 1, 3 + len(CARDINALITIES), 3), "the rule, and the older one"),
            ("fastai 2", "fastai 0.7"),
        ),
    ]


def make_data(settings: Settings) -> Data:
    """Rossmann's columns with their numbers of values, one of them for what is missing."""
    return {
        "category": np.array(list(CATEGORIES), object)[:, None],
        "n": np.array(list(CATEGORIES.values()), float),
        "curve_n": np.array(CARDINALITIES, float),
    }


LESSON = Lesson(
    name=NAME,
    title="How wide an embedding is",
    line="The rule of thumb min(600, round(1.6 n^0.56)), and what it saves beside one-hot columns.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=make_data,
    data=("category", "n", "curve_n"),
)
