"""Counting and adding up where cells meet criteria (see `criteria`): COUNTIF COUNTIFS SUMIF SUMIFS AVERAGEIF
AVERAGEIFS MAXIFS MINIFS.

Each function is a `Summary` of the cells that are chosen, told once; they are chosen cell by cell
(`_scalar`, the definition), in many small windows at once (`Masked`), or in one long range for many criteria
(`choosing.Choice`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.chosen import Choice, Chosen, Spend
from sheetsim.functions.coercion import Codes, first_codes, with_errors
from sheetsim.functions.criteria import Criterion
from sheetsim.functions.folding import first_error, fold
from sheetsim.functions.lifting import stretch
from sheetsim.functions.lines import Spans
from sheetsim.functions.operands import Long
from sheetsim.functions.ranks import Numbers, added_exactly
from sheetsim.functions.registry import Function, Kind, Tail, register
from sheetsim.functions.statistics import MOST, cells, total
from sheetsim.values import BLANK, ERROR, NUMBER, TEXT, ExcelError, Scalar, Values

_PIECE = 1 << 25  # cells of windows looked at at once
_PAGE = "support.microsoft.com, "
_TEXTS = 100  # what comparing texts costs, in comparisons of numbers

Summary = Callable[[Chosen], tuple[Numbers, Codes]]
"""Results and error codes of the cells that are chosen."""

Definition = Callable[[list[float]], float | ExcelError]
"""The result of the numbers that are chosen."""


def _shape_error(blocks: Sequence[Values]) -> ExcelError | None:
    """Ranges of different shapes are #VALUE!; where a range came out as an error, that."""
    if len({block.shape[-2:] for block in blocks}) == 1:
        return None
    for block in blocks:
        first = block[..., 0, 0]
        if block.shape[-2:] == (1, 1) and (first.kind_array() == ERROR).all():
            return ExcelError(int(first.numbers.reshape(-1)[0]))
    return ExcelError.VALUE


# --- the definition ----------------------------------------------------------------------------------------


def _chosen(blocks: Sequence[Values], criteria: Sequence[Scalar], held: Values) -> list[Scalar]:
    """The cells of `held` beside which all blocks meet their criteria, in reading order."""
    wanted = [Criterion.of(criterion) for criterion in criteria]
    rows = zip(*(cells([block]) for block in blocks), strict=True)
    keep = [all(one.holds(value) for one, value in zip(wanted, row, strict=True)) for row in rows]
    return [value for value, kept in zip(cells([held]), keep, strict=True) if kept]


def _counted(*arguments: Scalar | Values) -> Scalar:
    blocks: list[Values] = list(arguments[::2])  # type: ignore[arg-type]
    error = _shape_error(blocks)
    if error is not None:
        return error
    return float(len(_chosen(blocks, arguments[1::2], blocks[0])))  # type: ignore[arg-type]


def _summed(define: Definition, held: Values, *arguments: Scalar | Values) -> Scalar:
    blocks: list[Values] = list(arguments[::2])  # type: ignore[arg-type]
    error = _shape_error([held, *blocks])
    if error is not None:
        return error
    values = _chosen(blocks, arguments[1::2], held)  # type: ignore[arg-type]
    wrong = next((value for value in values if isinstance(value, ExcelError)), None)
    if wrong is not None:
        return wrong
    result = define([value for value in values if isinstance(value, float)])
    return result if isinstance(result, ExcelError) or math.isfinite(result) else ExcelError.NUM


# --- summaries ---------------------------------------------------------------------------------------------


def _count(chosen: Chosen) -> tuple[Numbers, Codes]:
    return chosen.count(), None


def _sum(chosen: Chosen) -> tuple[Numbers, Codes]:
    return chosen.total(), chosen.first_error()


def _average(chosen: Chosen) -> tuple[Numbers, Codes]:
    counts = chosen.count(NUMBER)
    none = np.where(counts == 0, np.uint8(ExcelError.DIV0), np.uint8(0))
    return chosen.total() / np.maximum(counts, 1), first_codes(chosen.first_error(), none)


def _extreme(operation: np.ufunc) -> Summary:
    def summary(chosen: Chosen) -> tuple[Numbers, Codes]:
        found = chosen.extreme(operation)
        return np.where(np.isfinite(found), found, 0.0) + 0.0, chosen.first_error()

    return summary


def _result(summary: Summary, chosen: Chosen) -> Values:
    with np.errstate(all="ignore"):
        return with_errors(*summary(chosen))


def _with_blanks(counts: Values, beyond: int, criteria: Sequence[Values]) -> Values:
    """Counts with those blanks of whole rows and columns that lie beyond the cells in use."""
    if not beyond:
        return counts
    met: NDArray[np.bool_] = np.ones((1, 1, 1, 1), bool)
    for one in criteria:
        asked = np.zeros(one.shape, bool)
        if one.texts is not None:
            texts = one.kind_array() == TEXT
            known = {text: Criterion.of(text).holds(None) for text in set(one.texts[texts].tolist())}
            asked[texts] = [known[text] for text in one.texts[texts].tolist()]
        met = met & asked
    return Values(counts.numbers + beyond * met, counts.kinds)


# --- in many windows at once -------------------------------------------------------------------------------


class Masked:
    """`Chosen` by a mask of windows [R, C, h, w]; answers are [R, C, 1, 1]."""

    def __init__(self, mask: NDArray[np.bool_], held: Values) -> None:
        self.mask, self.held, self.kinds = mask, held, held.kind_array()

    def count(self, *kinds: int) -> Numbers:
        mask = self.mask & np.isin(self.kinds, kinds) if kinds else self.mask
        return np.count_nonzero(mask, axis=(-2, -1)).astype(np.float64)[..., None, None]

    def total(self) -> Numbers:
        return self._folded(np.add, 0.0)

    def extreme(self, operation: np.ufunc) -> Numbers:
        return self._folded(operation, -np.inf if operation is np.maximum else np.inf)

    def _folded(self, operation: np.ufunc, none: float) -> Numbers:
        numbers = fold(
            operation,
            lambda chosen, number, kind: np.where(chosen & (kind == NUMBER), number, none),
            [self.mask, self.held.numbers, self.kinds],
            none,
        )
        return numbers[..., None, None]

    def first_error(self) -> Codes:
        wrong = self.kinds == ERROR
        if not wrong.any():
            return None
        kinds = np.where(self.mask & wrong, np.uint8(ERROR), np.uint8(BLANK))
        codes = first_error([Values(np.broadcast_to(self.held.numbers, kinds.shape), kinds)])
        return None if codes is None else codes[..., None, None]


def _windows(summary: Summary, held: Values, blocks: Sequence[Values], criteria: Sequence[Values]) -> Values:
    error = _shape_error([held, *blocks])
    if error is not None:
        return with_errors(np.zeros((1, 1, 1, 1)), np.full((1, 1, 1, 1), error, np.uint8))
    count = len(blocks)

    def once(*parts: Values) -> Values:
        def in_piece(*piece: Values) -> Values:
            mask = _masks(piece[0], piece[count])
            for block, one in zip(piece[1:count], piece[count + 1 : -1], strict=True):
                mask = mask & _masks(block, one)
            return _result(summary, Masked(mask, piece[-1]))

        return _in_pieces(in_piece, [*blocks, *parts, held])

    return _each_criterion(criteria, once)


def _each_criterion(criteria: Sequence[Values], function: Callable[..., Values]) -> Values:
    """The results for arrays of criteria, place by place of their [h, w], which broadcast."""
    h, w = np.broadcast_shapes(*(one.shape[-2:] for one in criteria))
    if h == w == 1:
        return function(*criteria)
    wide = [stretch(one, one.shape[:2] + (h, w)) for one in criteria]
    results = [
        [function(*(one[..., i : i + 1, j : j + 1] for one in wide)) for j in range(w)] for i in range(h)
    ]
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


# --- in lines ----------------------------------------------------------------------------------------------


def _lines(
    summary: Summary, spend: Spend, held: Spans | None, blocks: Sequence[Spans], criteria: Sequence[Values]
) -> Values | None:
    """None where the ranges do not lie side by side, or sums would not be in reading order."""
    first = blocks[0]
    beside = [*blocks[1:], *([] if held is None else [held])]
    if not all(isinstance(other, Spans) for other in [first, *beside]):
        return None  # a single value in a range's place
    if not all(first.beside(other) for other in beside):
        return None
    line = first.line if held is None else held.line
    if not line.ordered and not added_exactly(line.values.numbers):
        return None
    found = _result(summary, Choice(list(zip(blocks, criteria, strict=True)), line, spend))
    return _with_blanks(found, first.beyond if summary is _count else 0, criteria)


# --- the records -------------------------------------------------------------------------------------------


def _effort(*arguments: Values) -> int:
    """Every cell for every criterion; comparing texts is slow."""
    outer = math.prod(max(lengths) for lengths in zip(*(one.shape[:-2] for one in arguments), strict=True))
    inner = max(one.shape[-2] * one.shape[-1] for one in arguments)
    texts = sum(one.texts is not None for one in arguments) > 1
    return outer * inner * len(arguments) * (_TEXTS if texts else 1)


def _blanks_count(*arguments: object) -> Tail:
    """Blank cells count where all criteria, which then are texts, hold for them."""
    for criteria in arguments[1::2]:
        held = criteria.held if isinstance(criteria, Long) else criteria
        texts = {held} if isinstance(held, str) else set()
        if isinstance(held, Values) and held.texts is not None:
            texts = set(held.texts.reshape(-1).tolist())
        if not any(Criterion.of(text).holds(None) for text in texts):
            return "blank"
    return "counted"


def _one(name: str, summary: Summary, define: Definition | None) -> None:
    """COUNTIF, SUMIF, AVERAGEIF: one range and criterion, and perhaps a range in its size."""

    def scalar(block: Values, criterion: Scalar, held: Values | None = None) -> Scalar:
        if define is None:
            return _counted(block, criterion)
        return _summed(define, block if held is None else held, block, criterion)

    def array(block: Values, criteria: Values, held: Values | None = None) -> Values:
        return _windows(summary, block if held is None else held, [block], [criteria])

    def spans(spend: Spend, block: Spans, criteria: Values, held: Spans | None = None) -> Values | None:
        return _lines(summary, spend, held, [block], [criteria])

    kinds: tuple[Kind, ...] = ("range", "any") if define is None else ("range", "any", "sized")
    record = Function(name, kinds, 2, len(kinds), scalar, array, sees_errors=True, effort=_effort)
    record = replace(record, spans=spans, source=_PAGE + name)
    register(replace(record, tail=_blanks_count) if define is None else record)


def _several(name: str, summary: Summary, define: Definition | None) -> None:
    """COUNTIFS, SUMIFS ...: pairs of range and criterion, after the range that is summed up."""

    def array(*arguments: Values) -> Values:
        rest = arguments if define is None else arguments[1:]
        return _windows(summary, arguments[0], rest[::2], rest[1::2])

    def spans(spend: Spend, *arguments: Spans) -> Values | None:
        held, rest = (None, arguments) if define is None else (arguments[0], arguments[1:])
        return _lines(summary, spend, held, rest[::2], rest[1::2])  # type: ignore[arg-type]

    def scalar(*arguments: Scalar | Values) -> Scalar:
        return _counted(*arguments) if define is None else _summed(define, *arguments)  # type: ignore[arg-type]

    kinds: tuple[Kind, ...] = ("range", "any") if define is None else ("range", "range", "any")
    record = Function(name, kinds, len(kinds), MOST - (define is None), scalar, array, sees_errors=True)
    record = replace(record, repeats=2, effort=_effort, spans=spans, source=_PAGE + name)
    register(replace(record, tail=_blanks_count) if define is None else record)


def _mean(numbers: list[float]) -> float | ExcelError:
    return total(numbers) / len(numbers) if numbers else ExcelError.DIV0


_one("COUNTIF", _count, None)
_one("SUMIF", _sum, total)
_one("AVERAGEIF", _average, _mean)
_several("COUNTIFS", _count, None)
_several("SUMIFS", _sum, total)
_several("AVERAGEIFS", _average, _mean)
_several("MAXIFS", _extreme(np.maximum), lambda numbers: max(numbers, default=0.0) + 0.0)
_several("MINIFS", _extreme(np.minimum), lambda numbers: min(numbers, default=0.0) + 0.0)
