"""`lookup` in NumPy."""

import numpy as np

from sheetsim.lessons.embedding.arrays import (
    Array,
    array,
    errors,
    gather,
    places,
    sizes,
    table_numbers,
    together,
    weight_grad,
)
from sheetsim.lessons.lesson import Inputs


def costs(rows: Array, table: Array) -> list[float]:
    """Multiplications, additions, bytes read, written and held: each number is read once, and where from."""
    outputs = len(rows) * table.shape[1]
    return [0, 0, 2 * 8 * outputs, 8 * outputs, rows.nbytes]


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    found = table_numbers(inputs)
    uses, cost = {}, {}
    for side in ("user", "movie"):
        table, rows = array(inputs, f"{side}_factors"), places(inputs, side)
        uses[side] = (rows[:, None] == np.arange(1.0, len(table) + 1)).astype(float)
        uses[side][np.isnan(rows)] = np.nan
        cost[side] = costs(rows, table)
        found |= {f"{side}_place": rows[:, None], f"{side}_vector": gather(table, rows)}
    found |= errors(found["user_vector"], found["movie_vector"], array(inputs, "rating").ravel())
    slope = found["predict_grad"]
    return found | {
        "user_grad": weight_grad(uses["user"], slope, found["movie_vector"]),
        "movie_grad": weight_grad(uses["movie"], slope, found["user_vector"]),
        "size": sizes(inputs),
        "cost": together(cost["user"], cost["movie"]),
    }
