"""The builder that works folds out for ranges that grow or slide: a function's body on `Spans`.

    STRIPS.result(record.body, [Term(STRIPS, spans), ...])

The body is written once for one block (`b.total(blocks, square)`, `b.count(blocks)`); here a block is what
many cells see of one line. What is asked of each cell of the line (its number, whether it is one) is a
`Strip`, worked out once for all of them; a fold through it is a running total where the ranges grow, and
where they shrink or slide the quickest way that gives the same bits (`folded`). All else is as in
`ir/vector.py`.

A body that asks for something else (a transposed block) raises `NoStrip`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.lines import CellLine, Spans
from sheetsim.functions.ranks import Extremes, Numbers, Places, added_exactly
from sheetsim.ir.build import Operand, Term
from sheetsim.ir.types import NUMBERS
from sheetsim.ir.vector import FOLDS, UFUNCS, Bulk, Vector
from sheetsim.values import BOOLEAN, NUMBER

Array = NDArray[Any]
Spend = Callable[[int], None]


class NoStrip(Exception):
    """Not to be told of ranges that grow or slide."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A number or truth value for each cell of a line, as `spans` see it."""

    spans: Spans
    data: Array


class Strips(Vector):
    def __init__(self, spend: Spend) -> None:
        self.spend = spend

    def op(self, name: str, *arguments: Operand, **attributes: Any) -> Term:
        values = [a.value if isinstance(a, Term) else self.term(a).value for a in arguments]
        if not any(isinstance(value, (Spans, Strip)) for value in values):
            return super().op(name, *arguments, **attributes)
        if name in _QUESTIONS:
            return Term(self, Strip(values[0], _QUESTIONS[name](values[0].line, **attributes)))
        if name == "fold":
            return Term(self, self.fold_strip(*values, **attributes))
        if name == "first_error":
            codes = values[0].first_error()
            if codes is not None and not values[0].line.ordered:
                raise NoStrip("the first error of ranges along columns")
            return Term(self, Bulk(np.zeros((1, 1, 1, 1)), codes))
        if name == "same_shape":
            if not all(isinstance(value, Spans) and value.beside(values[0]) for value in values):
                raise NoStrip("ranges that do not lie side by side")
            return self.constant(True)
        if name == "size":
            return Term(self, Bulk((values[0].high - values[0].low).astype(np.float64)))
        if name in UFUNCS:
            return Term(self, _each(UFUNCS[name], values))
        raise NoStrip(name)

    def count(self, blocks: Sequence[Term], kinds: int = NUMBERS) -> Term:
        total = self.constant(0.0)
        for block in blocks:
            if not isinstance(block.value, Spans):
                total = total + super().count([block], kinds)
                continue
            spans = block.value
            self.spend(2 * len(spans.line))
            before = np.concatenate([[0.0], np.cumsum(_is_kind(spans.line, kinds), dtype=np.float64)])
            total = total + Term(self, Bulk(before[spans.high] - before[spans.low]))
        return total

    def fold_strip(self, start: Bulk, x: Strip | Bulk, where: Strip | Bulk, how: str) -> Bulk:
        operation, neutral = FOLDS[how]
        terms = _each(lambda test, value: np.where(test, value, neutral), [where, x])
        if start.data.size == 1:
            found = folded(operation, float(start.data.item()), terms.data, terms.spans, self.spend)
        elif _free(operation, np.append(terms.data, start.data)):
            rest = folded(operation, neutral, terms.data, terms.spans, self.spend)
            found = np.asarray(operation(start.data, rest))
        else:
            raise NoStrip("a sum that goes on from another")
        return Bulk(found, start.codes)


def _each(function: Callable[..., Array], values: Sequence[Any]) -> Strip:
    strips = [value for value in values if isinstance(value, Strip)]
    first = strips[0].spans
    given = []
    for value in values:
        if isinstance(value, Strip):
            if not value.spans.beside(first):
                raise NoStrip("ranges that do not lie side by side")
            given.append(value.data)
        elif isinstance(value, Bulk) and value.data.size == 1 and value.codes is None:
            given.append(value.data.reshape(1))
        else:
            raise NoStrip("a value that differs from cell to cell")
    return Strip(first, np.asarray(function(*given)))


def _is_kind(line: CellLine, kinds: int) -> Array:
    return (kinds >> line.kinds) & 1 != 0


def _plain(line: CellLine) -> Array:
    numbers = line.values.numbers
    return numbers if line.values.kinds is None else np.where(line.kinds == NUMBER, numbers, 0.0)


def _truth(line: CellLine) -> Array:
    return (line.values.numbers != 0) & (line.kinds <= BOOLEAN)


_QUESTIONS: dict[str, Callable[..., Array]] = {"is_kind": _is_kind, "plain": _plain, "truth": _truth}


def _free(operation: np.ufunc, terms: Numbers) -> bool:
    """Do all orders give the same bits?"""
    return operation is not np.multiply and (operation is not np.add or added_exactly(terms))


def folded(operation: np.ufunc, begin: float, terms: Numbers, spans: Spans, spend: Spend) -> Numbers:
    """begin o terms[low] o ... o terms[high - 1] for all spans, to the bits of going from left to right."""
    edges = np.broadcast_arrays(spans.low, spans.high)
    low, high = (edge.reshape(-1) for edge in edges)
    spend(4 * len(terms) + 4 * len(low))
    common = low[0]
    if spans.low.size > 1:
        starts, counts = np.unique(low, return_counts=True)
        common = starts[counts.argmax()]
    grows = low == common
    in_order = spans.line.ordered
    free = not (in_order and grows.all()) and _free(operation, np.append(terms, begin))
    if not (in_order or free):
        raise NoStrip("a sum along columns of more than one row")
    found = np.empty(len(low))
    running = terms[common:].copy()
    if len(running):
        running[0] = operation(begin, running[0])
        operation.accumulate(running, out=running)
    found[grows] = np.append(running, begin)[high[grows] - 1 - common]  # the last for ranges of no cells
    rest = ~grows
    if rest.any() and free:
        found[rest] = _in_any_order(operation, begin, terms, low[rest], high[rest])
    elif rest.any():
        found[rest] = _stepwise(operation, begin, terms, low[rest], high[rest], spend)
    return found.reshape(edges[0].shape)


def _in_any_order(operation: np.ufunc, begin: float, terms: Numbers, low: Places, high: Places) -> Numbers:
    """By differences of running sums, or the extremes of stretches."""
    if operation is np.add:
        sums = np.concatenate([[0.0], np.cumsum(terms)])
        return np.asarray(begin + (sums[high] - sums[low]))
    found = np.full(len(low), begin)
    some = high > low
    if some.any():
        found[some] = operation(begin, Extremes(operation, terms).of(low[some], high[some]))
    return found


def _stepwise(
    operation: np.ufunc, begin: float, terms: Numbers, low: Places, high: Places, spend: Spend
) -> Numbers:
    """Term after term, each for all spans that hold it and share their end: they shrink from the top."""
    ends = np.unique(high)
    if len(ends) > 1:
        raise NoStrip("sums of ranges that slide")
    order = np.argsort(low, kind="stable")
    steps = int(ends[0]) - int(low.min())
    spend(steps * len(low) // 2 + 1000 * steps)
    ascending, found = low[order], np.full(len(low), begin)
    until = np.searchsorted(ascending, np.arange(low.min(), ends[0]), "right")
    for place, count in zip(range(int(low.min()), int(ends[0])), until.tolist(), strict=True):
        operation(found[:count], terms[place], out=found[:count])
    result = np.empty(len(low))
    result[order] = found
    return result
