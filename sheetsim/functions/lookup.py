"""Look-ups: MATCH."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.criteria import wildcard
from sheetsim.functions.lifting import overlay
from sheetsim.functions.registry import Function, register
from sheetsim.values import BLANK, BOOLEAN, ERROR, NUMBER, TEXT, ExcelError, Scalar, Values, kind_of

_MICROSOFT = "support.microsoft.com, "

# --- MATCH -------------------------------------------------------------------------------------------------


def _match(wanted: Scalar, block: Values, order: float = 1.0) -> Scalar:
    """The place, from 1, of `wanted` in a row or column; only cells of the same kind are looked at.

    order 0: the first equal cell (text with wildcards). 1: by bisection, as if ascending, the last cell not
    above `wanted`; an equal cell met on the way ends it, and the last of the equal ones that follow is taken
    (so that Excel finds the 1 in {1,0}). -1: going down from the first, the last cell before one that is
    below `wanted`.
    """
    if 1 not in block.shape:
        return ExcelError.NA
    if wanted is None:
        wanted = 0.0
    found = [
        (place, value)
        for place, value in enumerate((value for row in block.tolist() for value in row), 1)
        if kind_of(value) == kind_of(wanted)
    ]
    values = [value.casefold() if isinstance(value, str) else value for _, value in found]
    key = wanted.casefold() if isinstance(wanted, str) else wanted
    if order == 0:
        if isinstance(wanted, str):
            pattern = wildcard(wanted)
            hits = (i for i, value in enumerate(values) if pattern.fullmatch(value))  # type: ignore[arg-type]
        else:
            hits = (i for i, value in enumerate(values) if value == key)
        place = next(hits, -1)
    elif order > 0:
        low, place = 0, len(values) - 1
        while low <= place:
            middle = (low + place) // 2
            if values[middle] == key:
                place = middle
                while place + 1 < len(values) and values[place + 1] == key:
                    place += 1
                break
            if values[middle] < key:  # type: ignore[operator]
                low = middle + 1
            else:
                place = middle - 1
    else:
        place = -1
        while place + 1 < len(values) and values[place + 1] >= key:  # type: ignore[operator]
            place += 1
    return float(found[place][0]) if place >= 0 else ExcelError.NA


def _matches(wanted: Values, block: Values, order: Values | None = None) -> Values:
    """MATCH for a whole region; wanted and order [R, C, h, w], block [R, C, n, 1] or [R, C, 1, n].

    Numbers and booleans go as whole arrays; text, which has no array form, cell by cell.
    """
    orders = np.ones((1, 1, 1, 1)) if order is None else np.sign(order.numbers)
    shape = np.broadcast_shapes(wanted.shape, orders.shape, block.shape[:2] + (1, 1))
    if 1 not in block.shape[2:]:
        return Values(np.full(shape, float(ExcelError.NA)), np.full(shape, ERROR, np.uint8))
    numbers = np.broadcast_to(wanted.numbers, shape)
    kinds = np.broadcast_to(wanted.kind_array(), shape)
    orders = np.broadcast_to(orders, shape)
    same = block.shape[:2] == (1, 1)  # one block for all cells
    places = np.zeros(shape)
    for kind in (NUMBER, BOOLEAN):
        for sign in (0, 1, -1):
            at = np.nonzero(((kinds == kind) | ((kind == NUMBER) & (kinds == BLANK))) & (orders == sign))
            if len(at[0]):
                rows = np.zeros(len(at[0]), np.intp) if same else _rows_of(at, block.shape)
                places[at] = _numeric_places(numbers[at], rows, _flat(block), kind, sign)
    known: dict[tuple[str, float], Scalar] = {}
    first: dict[str, float] | None = None
    for index in zip(*np.nonzero(kinds > BOOLEAN), strict=True):
        if kinds[index] == ERROR:
            continue
        text = "" if wanted.texts is None else np.broadcast_to(wanted.texts, shape)[index]
        if same and orders[index] == 0 and not _has_wildcards(text):
            if first is None:
                first = _first_places(block)
            places[index] = first.get(text.casefold(), 0.0)
            continue
        window = block[0 if block.shape[0] == 1 else index[0], 0 if block.shape[1] == 1 else index[1]]
        if not same or (text, orders[index]) not in known:
            known[text, orders[index]] = _match(text, window, float(orders[index]))
        place = known[text, orders[index]]
        places[index] = 0.0 if isinstance(place, ExcelError) else place
    lost = places == 0
    if not lost.any():
        return Values(places)
    return overlay(Values(places), np.where(lost, np.uint8(ExcelError.NA), np.uint8(0)))


def _match_effort(wanted: Values, block: Values, order: Values | None = None) -> int:
    """The window is sorted once, then bisected for each number; texts are looked up, but with wildcards, in
    windows that move and in sorted ones they are looked for one by one."""
    slow = 0
    if wanted.texts is not None:
        looked_up = order is not None and not order.numbers.any() and block.shape[:-2] in ((), (1, 1))
        texts = wanted.texts.reshape(-1)
        slow = sum(_has_wildcards(text) for text in texts) if looked_up else len(texts)
    return 20 * (wanted.numbers.size + block.numbers.size + slow * block.shape[-2] * block.shape[-1])


def _has_wildcards(text: str) -> bool:
    return any(mark in text for mark in "*?~")


def _first_places(block: Values) -> dict[str, float]:
    """The place, from 1, of each text in a window that is one row or column; the first of equal ones."""
    places: dict[str, float] = {}
    if block.texts is not None:
        kinds = block.kind_array().reshape(-1)
        for place in np.flatnonzero(kinds == TEXT).tolist():
            places.setdefault(block.texts.reshape(-1)[place].casefold(), place + 1.0)
    return places


def _flat(block: Values) -> Values:
    """[R, C, h, w] as [R * C, h * w]."""
    return Values(
        block.numbers.reshape(block.shape[0] * block.shape[1], -1),
        None if block.kinds is None else block.kinds.reshape(block.shape[0] * block.shape[1], -1),
    )


def _rows_of(at: tuple[NDArray[np.intp], ...], block: tuple[int, ...]) -> NDArray[np.intp]:
    """For cells `at` of the region: the row of the flattened block that belongs to them."""
    r = at[0] if block[0] > 1 else np.zeros_like(at[0])
    c = at[1] if block[1] > 1 else np.zeros_like(at[1])
    return r * block[1] + c


def _numeric_places(
    wanted: NDArray[np.float64], rows: NDArray[np.intp], block: Values, kind: int, sign: int
) -> NDArray[np.float64]:
    """MATCH for many numbers: `wanted[i]` in row `rows[i]` of `block`; 0 where there is none."""
    right = block.kind_array() == kind
    order = np.argsort(~right, axis=-1, kind="stable")  # cells of the right kind first, in their order
    lengths = np.count_nonzero(right, axis=-1)
    values = np.take_along_axis(block.numbers, order, -1)
    if sign == 0:
        # ordered by value, then place: the first not below is the first equal one, if any
        values = np.where(np.arange(values.shape[1]) < lengths[:, None], values, np.inf)
        by_value = np.argsort(values, axis=-1, kind="stable")
        values = np.take_along_axis(values, by_value, -1)
        order = np.take_along_axis(order, by_value, -1)
        place = _bisect(values, lengths, rows, wanted, np.less)
        last = np.minimum(place, values.shape[1] - 1)
        hit = (place < lengths[rows]) & (values[rows, last] == wanted)
        return np.where(hit, order[rows, last] + 1.0, 0.0)
    if sign > 0:
        place = _search(
            np.where(np.arange(values.shape[1]) < lengths[:, None], values, np.nan), lengths, rows, wanted
        )
    else:
        place = _bisect(np.minimum.accumulate(values, axis=-1), lengths, rows, wanted, np.greater_equal) - 1
    return np.where(place >= 0, order[rows, np.maximum(place, 0)] + 1.0, 0.0)


def _search(
    values: NDArray[np.float64],
    lengths: NDArray[np.intp],
    rows: NDArray[np.intp],
    wanted: NDArray[np.float64],
) -> NDArray[np.intp]:
    """The bisection of `_match` with order 1, for many numbers at once; -1 where all are above."""
    length = values.shape[1]
    ends = np.where(values[:, 1:] == values[:, :-1], length - 1, np.arange(length - 1))
    ends = np.pad(ends, ((0, 0), (0, 1)), constant_values=length - 1)
    ends = np.minimum.accumulate(ends[:, ::-1], axis=-1)[:, ::-1]  # where each run of equal values ends
    low = np.zeros(len(wanted), np.intp)
    high = lengths[rows].astype(np.intp) - 1
    while (active := low <= high).any():
        middle = np.where(active, (low + high) // 2, 0)
        found = values[rows, middle]
        equal, up = active & (found == wanted), active & (found < wanted)
        high = np.where(equal, ends[rows, middle], np.where(active & ~up, middle - 1, high))
        low = np.where(equal, length, np.where(up, middle + 1, low))
    return high


def _bisect(
    values: NDArray[np.float64],
    lengths: NDArray[np.intp],
    rows: NDArray[np.intp],
    wanted: NDArray[np.float64],
    before: np.ufunc,
) -> NDArray[np.intp]:
    """How many values stand `before` the wanted one, by bisection of each row's first `lengths` values."""
    low = np.zeros(len(wanted), np.intp)
    high = lengths[rows].astype(np.intp)
    while (low < high).any():
        middle = (low + high) // 2
        inside = np.minimum(middle, values.shape[1] - 1)
        up = before(values[rows, inside], wanted) & (low < high)
        high = np.where(up | (low >= high), high, middle)
        low = np.where(up, middle + 1, low)
    return low


register(
    Function(
        "MATCH",
        ("any", "range", "number"),
        2,
        3,
        _match,
        _matches,
        source=_MICROSOFT + "MATCH",
        effort=_match_effort,
    )
)
