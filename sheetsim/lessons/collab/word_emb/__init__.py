"""`word_emb`: the words of a text looked up in a table of embeddings, and which words that makes neighbours.

The course's sheet looks the words up in a table of random numbers, as it is before training. Beside it stands
a second table whose numbers mean something: what a trained table comes to.
"""

from collections.abc import Mapping

import numpy as np

from sheetsim.address import Rect
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Original, Parameter, Settings
from sheetsim.lessons.kit.park_miller import Draws
from sheetsim.workbook import Sheet

NAME = "word_emb"
NEAR = f"{NAME} near"
TEXT = """
    My cat likes the sun and my dog likes the rain The bird sings and the cat sleeps My dog sleeps and my bird
    sings The cat likes fish and a bird likes rain A cat eats a fish and the sun sleeps The bird likes the dog
"""
MEANINGS = ("alive", "does", "in the sky", "eaten", "little word")
MEANT: Mapping[str, tuple[float, ...]] = {  # sorted, as MATCH needs them
    "a": (0, 0, 0.05, 0, 0.9),
    "and": (0, 0.05, 0, 0, 1),
    "bird": (0.9, 0.2, 0.5, 0.1, 0),
    "cat": (1, 0.3, 0, 0, 0),
    "dog": (1, 0.35, 0.05, 0.05, 0),
    "eats": (0.1, 1, 0, 0.6, 0),
    "fish": (0.7, 0.1, 0, 0.9, 0),
    "likes": (0.1, 0.8, 0, 0.1, 0.2),
    "my": (0.2, 0, 0, 0, 0.8),
    "rain": (0, 0.2, 0.9, 0.1, 0),
    "sings": (0.15, 1, 0.2, 0, 0),
    "sleeps": (0.2, 0.9, 0, 0, 0.05),
    "sun": (0.05, 0.05, 1, 0, 0),
    "the": (0, 0, 0, 0.05, 1),
}
WORDS, LENGTH, FACTORS = len(MEANT), len(TEXT.split()), len(MEANINGS)
FIRST_ROW = 2  # row 3, counted from 0
SECOND_ROW = 20
NEAR_ROWS = (4, 22)  # where the two tables of cosines begin
SEED = Parameter("seed", 1, "start of the generator that fills the first table", 1, 2147483646, integer=True)


def inputs(settings: Settings) -> list[Input]:
    """Two vocabularies with their embeddings, and the text."""
    return _inputs(FIRST_ROW, SECOND_ROW)


def _inputs(first: int, second: int) -> list[Input]:
    return [
        Input("word", NAME, Rect(first, 1, first + WORDS, 2), form="texts"),
        Input("embedding", NAME, Rect(first, 2, first + WORDS, 2 + FACTORS), form="grid"),
        Input("second_word", NAME, Rect(second, 1, second + WORDS, 2), form="texts"),
        Input("second_embedding", NAME, Rect(second, 2, second + WORDS, 2 + FACTORS), form="grid"),
        Input("text", NAME, Rect(FIRST_ROW, 8, FIRST_ROW + LENGTH, 9), form="texts"),
    ]


def _looked_up(first: int) -> list[Block]:
    """The blocks of the course's sheet."""
    top, bottom = FIRST_ROW, FIRST_ROW + LENGTH
    return [
        Block("word_id", NAME, Rect(first + 1, 0, first + WORDS, 1), "the words counted", ("word id",)),
        Block("place", NAME, Rect(top, 9, bottom, 10), "the word's place in the vocabulary", ("Word id",)),
        Block("vector", NAME, Rect(top, 10, bottom, 10 + FACTORS), "the word's embedding", ("vector",)),
    ]


def blocks(settings: Settings) -> list[Block]:
    """The course's blocks; the same text looked up in the second table; means; cosines between words."""
    top, bottom = FIRST_ROW, FIRST_ROW + LENGTH
    mean = bottom + 1
    found = [
        *_looked_up(FIRST_ROW),
        Block("mean", NAME, Rect(mean, 10, mean + 1, 10 + FACTORS), "the text's mean vector", ("mean",)),
        Block(
            *("second_place", NAME, Rect(top, 16, bottom, 17)),
            *("its place in the second, exactly", ("Word id",)),
        ),
        Block("second_vector", NAME, Rect(top, 17, bottom, 22), "the word's second embedding", MEANINGS),
        Block("second_mean", NAME, Rect(mean, 17, mean + 1, 22), "the text's second mean vector", ("mean",)),
    ]
    for top, which in zip(NEAR_ROWS, ("", "second_"), strict=True):
        rows = (top, top + WORDS)
        found += [
            Block(
                f"{which}length", NEAR, Rect(rows[0], 1, rows[1], 2), "how long the vector is", ("length",)
            ),
            Block(
                f"{which}cosine",
                NEAR,
                Rect(rows[0], 2, rows[1], 2 + WORDS),
                "cosine of two different words",
                ("cosine",),
            ),
            Block(
                *(f"{which}nearest", NEAR, Rect(rows[0], 3 + WORDS, rows[1], 4 + WORDS)),
                *("the place of the nearest other word", ("nearest",)),
            ),
        ]
    return found


def make_data(settings: Settings) -> Data:
    """Random numbers from -1 to 1 for the first table, meanings for the second; our own text."""
    words = np.array(list(MEANT), object)[:, None]
    draws = Draws(int(settings["seed"]))
    return {
        "word": words,
        "embedding": 2 * draws.uniform(WORDS * FACTORS).reshape(WORDS, FACTORS) - 1,
        "second_word": words,
        "second_embedding": np.array(list(MEANT.values()), float),
        "text": np.array(TEXT.split(), object)[:, None],
    }


def _course(first: int, second: int, mark: tuple[str, str] | None = None) -> Original:
    """A course's sheet, whose two tables begin in these rows."""

    def settings(sheet: Sheet) -> Mapping[str, object]:
        return {}

    return Original(NAME, settings, lambda _: _inputs(first, second), lambda _: _looked_up(first), mark)


LESSON = Lesson(
    name=NAME,
    title="Words looked up in a table",
    line="Each word of a text becomes the row of numbers that the vocabulary has for it.",
    parameters=(SEED,),
    inputs=inputs,
    blocks=blocks,
    make_data=make_data,
    data=("word", "embedding", "second_word", "second_embedding", "text"),
    originals=(_course(FIRST_ROW, SECOND_ROW), _course(3, 25, ("J3", "MATCH(I3,$B$4"))),
    conventions=(
        "Word numbers begin at 1 here and at 0 in torch.nn.Embedding. MATCH without a match type finds, by "
        "bisection, the last word that is not after the one it looks for, so the vocabulary must be sorted."
    ),
    structural=("seed",),
)
