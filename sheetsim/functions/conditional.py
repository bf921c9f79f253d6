"""COUNTIF and SUMIF: count, or add up, where a range's cells meet a criterion (see `criteria`)."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.coercion import with_errors
from sheetsim.functions.criteria import Criterion
from sheetsim.functions.folding import first_error, fold
from sheetsim.functions.lifting import stretch
from sheetsim.functions.operands import Long
from sheetsim.functions.registry import Function, Tail, register
from sheetsim.functions.statistics import cells, total
from sheetsim.values import BLANK, ERROR, NUMBER, ExcelError, Scalar, Values

_PIECE = 1 << 25  # cells of windows looked at at once
_TEXTS = 100  # what comparing texts costs, in comparisons of numbers


def _countif(block: Values, criterion: Scalar) -> Scalar:
    wanted = Criterion.of(criterion)
    return float(sum(wanted.holds(value) for value in cells([block])))


def _sumif(block: Values, criterion: Scalar, sums: Values | None = None) -> Scalar:
    if sums is not None and sums.shape != block.shape:  # no range: #REF! in its place
        first = sums.get((0, 0))
        return first if isinstance(first, ExcelError) else ExcelError.VALUE
    wanted = Criterion.of(criterion)
    pairs = zip(cells([block]), cells([block if sums is None else sums]), strict=True)
    chosen = [value for tested, value in pairs if wanted.holds(tested)]
    for value in chosen:
        if isinstance(value, ExcelError):
            return value
    result = total([value for value in chosen if isinstance(value, float)])
    return result if np.isfinite(result) else ExcelError.NUM


def _countifs(block: Values, criteria: Values) -> Values:
    return _each_criterion(
        criteria, lambda one: _in_pieces(lambda b, c: Values(_counted(_masks(b, c))), [block, one])
    )


def _counted(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.count_nonzero(mask, axis=(-2, -1)).astype(np.float64)[..., None, None]


def _sumifs(block: Values, criteria: Values, sums: Values | None = None) -> Values:
    if sums is not None and sums.shape[2:] != block.shape[2:]:
        first = sums[..., :1, :1]
        wrong = np.where(first.kind_array() == ERROR, first.numbers, float(ExcelError.VALUE))
        return with_errors(np.zeros(wrong.shape), wrong.astype(np.uint8))
    return _each_criterion(
        criteria, lambda one: _in_pieces(_summed, [block, one, block if sums is None else sums])
    )


def _summed(block: Values, criteria: Values, sums: Values) -> Values:
    mask = _masks(block, criteria)
    kinds = sums.kind_array()
    with np.errstate(all="ignore"):
        numbers = fold(
            np.add,
            lambda chosen, number, kind: np.where(chosen & (kind == NUMBER), number, 0.0),
            [mask, sums.numbers, kinds],
            0.0,
        )
    codes = None
    if (kinds == ERROR).any():
        wrong = np.where(mask & (kinds == ERROR), np.uint8(ERROR), np.uint8(BLANK))
        codes = first_error([Values(np.broadcast_to(sums.numbers, wrong.shape), wrong)])
    return with_errors(numbers[..., None, None], None if codes is None else codes[..., None, None])


def _each_criterion(criteria: Values, function: Callable[[Values], Values]) -> Values:
    """The results for an array of criteria, place by place of its [h, w]."""
    h, w = criteria.shape[-2:]
    if h == w == 1:
        return function(criteria)
    results = [[function(criteria[..., i : i + 1, j : j + 1]) for j in range(w)] for i in range(h)]
    numbers = np.concatenate([np.concatenate([r.numbers for r in row], -1) for row in results], -2)
    kinds = np.concatenate([np.concatenate([r.kind_array() for r in row], -1) for row in results], -2)
    return Values(numbers, kinds)


def _in_pieces(function: Callable[..., Values], blocks: list[Values]) -> Values:
    """`function` of [R, C, h, w] blocks, in pieces of the region where their windows are too many at once."""
    shape = np.broadcast_shapes(*(block.shape for block in blocks))
    axis = 0 if shape[0] >= shape[1] else 1
    if np.prod(shape, dtype=np.int64) <= _PIECE or shape[axis] == 1:
        return function(*blocks)
    pieces = []
    middle = shape[axis] // 2
    for half in (slice(0, middle), slice(middle, None)):
        place = (slice(None),) * axis + (half,)
        cut = [block if block.shape[axis] == 1 else block[place] for block in blocks]
        length = middle if half.stop else shape[axis] - middle
        piece = _in_pieces(function, cut)
        pieces.append(stretch(piece, piece.shape[:axis] + (length,) + piece.shape[axis + 1 :]))
    return Values(
        np.concatenate([piece.numbers for piece in pieces], axis),
        np.concatenate([piece.kind_array() for piece in pieces], axis),
    )


def _masks(block: Values, criteria: Values) -> NDArray[np.bool_]:
    """Which cells of each window meet the criterion of its place; criteria are [R, C, 1, 1]."""
    if criteria.numbers.size == 1:
        return Criterion.of(criteria.get((0, 0, 0, 0))).mask(block)
    kinds = criteria.kind_array()
    plain = (kinds == NUMBER) | (kinds == BLANK)
    if block.texts is None and plain.all():
        return np.asarray((block.numbers == criteria.numbers) & (block.kind_array() == NUMBER))
    outer = np.broadcast_shapes(block.shape[:2], criteria.shape[:2])
    places: dict[tuple[type, Scalar], list[tuple[int, int]]] = {}
    for place in np.ndindex(criteria.shape[:2]):
        value = criteria.get(place + (0, 0))
        places.setdefault((type(value), value), []).append((place[0], place[1]))
    masks = np.empty(outer + block.shape[2:], bool)
    whole = stretch(block, outer + block.shape[2:])
    for (_, value), found in places.items():
        wanted = Criterion.of(value)
        columns = np.array(found).T
        at = tuple(columns[i] if criteria.shape[i] > 1 else slice(None) for i in range(2))
        masks[at] = wanted.mask(block)[0, 0] if block.shape[:2] == (1, 1) else wanted.mask(whole[at])
    return masks


def _effort(block: Values, criteria: Values, *_: Values) -> int:
    """Every cell for every criterion; comparing texts is slow."""
    outer = math.prod(max(lengths) for lengths in zip(block.shape[:-2], criteria.shape[:-2], strict=True))
    cells = outer * block.shape[-2] * block.shape[-1] * criteria.shape[-2] * criteria.shape[-1]
    return cells * (_TEXTS if block.texts is not None and criteria.texts is not None else 1)


def _blanks_count(block: object, criteria: object) -> Tail:
    """Blank cells count where a criterion, which then is a text, holds for them."""
    if isinstance(criteria, Long):
        criteria = criteria.held
    texts = {criteria} if isinstance(criteria, str) else set()
    if isinstance(criteria, Values) and criteria.texts is not None:
        texts = set(criteria.texts.reshape(-1).tolist())
    return "counted" if any(Criterion.of(text).holds(None) for text in texts) else "blank"


register(
    Function(
        "COUNTIF",
        ("range", "any"),
        2,
        2,
        _countif,
        _countifs,
        sees_errors=True,
        effort=_effort,
        tail=_blanks_count,
    )
)
register(
    Function("SUMIF", ("range", "any", "sized"), 2, 3, _sumif, _sumifs, sees_errors=True, effort=_effort)
)
