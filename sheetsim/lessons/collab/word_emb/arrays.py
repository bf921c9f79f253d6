"""`word_emb` in NumPy."""

from collections.abc import Sequence

import numpy as np

from sheetsim.lessons.collab._embedding.arrays import Array, gather, left_to_right, match
from sheetsim.lessons.kit.lesson import Inputs


def exact(wanted: str, words: Sequence[str]) -> float:
    """The place, from 1, of the first word that is the wanted one; NaN for none."""
    key = wanted.casefold()
    return words.index(key) + 1.0 if key in words else np.nan


def neighbours(table: Array) -> tuple[Array, Array, Array]:
    """Lengths of the rows; cosines between two of them; the place of each row's nearest other one."""
    with np.errstate(divide="ignore", invalid="ignore"):
        length = np.sqrt(left_to_right((table * table).T))
        products = left_to_right(table.T[:, :, None] * table.T[:, None, :])
        cosine = products / (length[:, None] * length[None, :])
    others = np.where(np.eye(len(table), dtype=bool), -np.inf, cosine)
    nearest = np.where(np.isnan(others).any(axis=1), np.nan, others.argmax(axis=1) + 1.0)
    np.fill_diagonal(cosine, np.nan)  # where the sheet shows nothing
    return length[:, None], cosine, nearest[:, None]


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""

    def texts(name: str) -> list[str]:
        return [str(word) for word in np.asarray(inputs[name]).ravel()]

    folded = [word.casefold() for word in texts("word")]
    second_folded = [word.casefold() for word in texts("second_word")]
    table, second_table = (np.asarray(inputs[name], np.float64) for name in ("embedding", "second_embedding"))
    place = np.array([match(word.casefold(), folded) for word in texts("text")])
    second_place = np.array([exact(word, second_folded) for word in texts("text")])
    vector, second = gather(table, place), gather(second_table, second_place)
    found = {
        "word_id": np.arange(2.0, len(folded) + 1)[:, None],
        "place": place[:, None],
        "vector": vector,
        "mean": left_to_right(vector)[None] / len(place),
        "second_place": second_place[:, None],
        "second_vector": second,
        "second_mean": left_to_right(second)[None] / len(place),
    }
    for which, rows in (("", table), ("second_", second_table)):
        names = (f"{which}length", f"{which}cosine", f"{which}nearest")
        found |= dict(zip(names, neighbours(rows), strict=True))
    return found
