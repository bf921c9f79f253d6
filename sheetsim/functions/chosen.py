"""Which cells of a line meet criteria, for a whole region's criteria at once: what COUNTIFS and SUMIFS count
and add up.

Each criterion becomes a part [start, stop) of the line's numbers or texts in their order (`lines.Ranked`),
or, for wildcards and the like, a mask made once for each different one. Cells whose criteria are of the same
sorts are answered together: equal values make *groups*; one condition more (a place in the line from .. to,
or a comparison) is a stretch of each group put in its order; a second one is counted in a wavelet matrix;
what is left is looked at cell by cell, a few million at a time.

    chosen = Choice([(spans, criteria)], sums, spend)
    chosen.count()      chosen.total()      chosen.extreme(np.maximum)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.coercion import Codes
from sheetsim.functions.criteria import Criterion
from sheetsim.functions.lines import CellLine, Ranked, Spans
from sheetsim.functions.ranks import Extremes, Numbers, Places, Wavelet, added_exactly, run_groups
from sheetsim.values import BLANK, ERROR, NUMBER, Scalar, Values

Mask = NDArray[np.bool_]
Spend = Callable[[int], None]

_AT_ONCE = 1 << 22
"""Cells looked at at once where each is looked at for each criterion."""

FEW = 4
"""Criteria for which nothing is put in order, the first time that a line is asked."""

_SORTED = 20
"""Operations a cell for putting it in its place and asking about it."""


@dataclass(slots=True)
class Way:
    """How some criteria choose cells of a line: equal to a value (`equal`), on one side of it, all `but`
    equal ones, or a `mask`."""

    ranked: Ranked | None = None
    equal: bool = False
    but: bool = False
    mask: Mask | None = None


@dataclass(slots=True)
class Condition:
    """The criteria of one range: for each its way (a number in `ways`) and the part of the way's values."""

    ways: list[Way] = field(default_factory=list)
    which: Places = field(default_factory=lambda: np.zeros(0, np.int64))
    start: Places = field(default_factory=lambda: np.zeros(0, np.int64))
    stop: Places = field(default_factory=lambda: np.zeros(0, np.int64))


def condition(line: CellLine, criteria: Values) -> Condition:
    """The criteria, flat, as parts of what the line holds."""
    count = len(criteria.numbers)
    few = count <= FEW and line.first_asked()
    which, start, stop = (np.zeros(count, np.int64) for _ in range(3))
    found = Condition([], which, start, stop)
    kinds = criteria.kind_array()
    plain = ((kinds == NUMBER) | (kinds == BLANK)) & (not few)
    if plain.any():
        at = np.flatnonzero(plain)
        start[at], stop[at] = line.readable.between("=", criteria.numbers[at])
        found.ways.append(Way(line.readable, equal=True))
    different: dict[tuple[type, Scalar], list[int]] = {}
    for place in np.flatnonzero(~plain).tolist():
        value = criteria.get((place,))
        different.setdefault((type(value), value), []).append(place)
    sorts: dict[tuple[str, bool], list[tuple[Criterion, list[int]]]] = {}
    for (_, value), places in different.items():
        wanted = Criterion.of(value)
        if not few and (isinstance(wanted.operand, float) or _literal(wanted)):
            sort = wanted.sign, isinstance(wanted.operand, str)
            sorts.setdefault(sort, []).append((wanted, places))
            continue
        which[places] = len(found.ways)
        found.ways.append(Way(mask=wanted.mask(line.values)))
    for (sign, text), members in sorts.items():
        for _, places in members:
            which[places] = len(found.ways)
        at = np.concatenate([np.array(places, np.int64) for _, places in members])
        repeats = [len(places) for _, places in members]
        equality = sign in ("=", "<>")
        if text:
            bounds = [line.texts.codes("=" if equality else sign, str(w.operand)) for w, _ in members]
            edges = np.searchsorted(line.texts.values, np.repeat(np.array(bounds), repeats, axis=0))
            start[at], stop[at] = edges[:, 0], edges[:, 1]
            ranked: Ranked = line.texts
        else:
            numbers = np.repeat(np.array([w.operand for w, _ in members], np.float64), repeats)
            ranked = line.readable if sign == "=" else line.numbers
            start[at], stop[at] = ranked.between("=" if equality else sign, numbers)
        found.ways.append(Way(ranked, equal=sign == "=", but=sign == "<>"))
    return found


def _literal(wanted: Criterion) -> bool:
    """A text to be compared as it stands: not empty, and without wildcards where these count."""
    if not isinstance(wanted.operand, str) or wanted.operand == "":
        return False
    return wanted.sign not in ("=", "<>") or not any(mark in wanted.operand for mark in "*?~")


@dataclass(frozen=True, slots=True)
class _Asked:
    """Criteria of the same ways: `at` are their numbers among all; `equal` and `side` are (rank of each cell,
    start and stop of each criterion), `mask` what holds for all of them. `but`: the others are wanted."""

    at: Places
    equal: list[tuple[Places, Places, Places]]
    side: list[tuple[Places, Places, Places]]
    mask: Mask | None
    low: Places
    high: Places
    whole: bool
    but: bool


class Chosen(Protocol):
    """The cells that meet conditions, in each cell of a region; the answers are arrays that broadcast to
    [R, C, h, w]. `kinds` are the kinds of cells meant, None for all."""

    def count(self, *kinds: int) -> Numbers:
        """How many there are."""

    def total(self) -> Numbers:
        """The sum of the numbers there, from left to right."""

    def extreme(self, operation: np.ufunc) -> Numbers:
        """The largest (np.maximum) or smallest number there; infinite where there is none."""

    def first_error(self) -> Codes:
        """The first error there."""


class Choice:
    """`Chosen` of lines: pairs of spans (side by side) and criteria that broadcast, and the line that holds
    what is counted or added up there."""

    def __init__(self, columns: Sequence[tuple[Spans, Values]], held: CellLine, spend: Spend) -> None:
        self.held = held
        first = columns[0][0]
        self.shape = np.broadcast_shapes(first.low.shape, *(criteria.shape for _, criteria in columns))
        self.length, self.ordered, self.spend = len(first.line), first.line.ordered, spend
        self.whole = first.whole
        self.low = np.broadcast_to(first.low, self.shape).reshape(-1)
        self.high = np.broadcast_to(first.high, self.shape).reshape(-1)
        self.conditions = []
        for spans, criteria in columns:
            flat = Values(
                criteria.numbers.reshape(-1),
                None if criteria.kinds is None else criteria.kinds.reshape(-1),
                None if criteria.texts is None else criteria.texts.reshape(-1),
            )
            found = condition(spans.line, flat)
            place = np.broadcast_to(np.arange(flat.numbers.size).reshape(criteria.shape), self.shape).reshape(
                -1
            )
            self.conditions.append(
                replace(found, which=found.which[place], start=found.start[place], stop=found.stop[place])
            )

    def count(self, *kinds: int) -> Numbers:
        found = np.zeros(len(self.low))
        for asked in self._asked(np.isin(self.held.kinds, kinds) if kinds else None, counting=True):
            counted = self._counted(asked)
            found[asked.at] = asked.high - asked.low - counted if asked.but else counted
        return found.reshape(self.shape)

    def total(self) -> Numbers:
        found = np.zeros(len(self.low))
        for asked in self._asked(self._numbers()):
            found[asked.at] = self._total(asked, self.held.values.numbers)
        return found.reshape(self.shape)

    def extreme(self, operation: np.ufunc) -> Numbers:
        return self._extremes(operation, self.held.values.numbers, self._numbers())

    def first_error(self) -> Codes:
        wrong = self.held.kinds == ERROR
        if not wrong.any():
            return None
        place = self._extremes(np.minimum, np.arange(float(self.length)), wrong)
        some = np.isfinite(place)
        codes = self.held.values.numbers[np.where(some, place, 0).astype(np.int64)]
        return np.where(some, codes, 0).astype(np.uint8)

    def _numbers(self) -> Mask | None:
        return None if self.held.values.kinds is None else self.held.kinds == NUMBER

    def _extremes(self, operation: np.ufunc, numbers: Numbers, mask: Mask | None) -> Numbers:
        none = -np.inf if operation is np.maximum else np.inf
        found = np.full(len(self.low), none)
        for asked in self._asked(mask):
            found[asked.at] = self._extreme(asked, operation, numbers, none)
        return found.reshape(self.shape)

    # -- criteria of the same ways

    def _asked(self, mask: Mask | None, counting: bool = False) -> Iterator[_Asked]:
        self.spend(_SORTED * (self.length + len(self.low)) * len(self.conditions))
        if all(len(one.ways) == 1 for one in self.conditions):
            ways = [one.ways[0] for one in self.conditions]
            yield from self._split(np.arange(len(self.low)), ways, mask, counting)
            return
        sorts = np.stack([one.which for one in self.conditions])
        numbers, inverse = np.unique(sorts, axis=1, return_inverse=True)
        inverse = inverse.reshape(-1)
        order = np.argsort(inverse, kind="stable")
        edges = np.searchsorted(inverse[order], np.arange(numbers.shape[1] + 1))
        for number in range(numbers.shape[1]):
            at = order[edges[number] : edges[number + 1]]
            ways = [one.ways[i] for one, i in zip(self.conditions, numbers[:, number].tolist(), strict=True)]
            yield from self._split(at, ways, mask, counting)

    def _split(self, at: Places, ways: list[Way], mask: Mask | None, counting: bool) -> Iterator[_Asked]:
        """One `_Asked`; but where a condition is all but equal ones, one for each different value (only to be
        counted, these are all less the equal ones)."""
        equal: list[tuple[Places, Places, Places]] = []
        side: list[tuple[Places, Places, Places]] = []
        split = None
        for way, one in zip(ways, self.conditions, strict=True):
            if way.mask is not None:
                mask = way.mask if mask is None else mask & way.mask
                continue
            assert way.ranked is not None
            part = way.ranked.ranks, one.start[at], one.stop[at]
            if way.but and not (counting and mask is None and len(ways) == 1):
                split = split or (way, one)
            else:
                (equal if way.equal or way.but else side).append(part)
        if split is None:
            but = any(way.but for way in ways)
            yield _Asked(at, equal, side, mask, self.low[at], self.high[at], self.whole, but)
            return
        way, one = split
        assert way.ranked is not None
        edges, which = np.unique(np.stack([one.start[at], one.stop[at]]), axis=1, return_inverse=True)
        self.spend(self.length * edges.shape[1])
        for number, (start, stop) in enumerate(edges.T.tolist()):
            ranks = way.ranked.ranks
            others = ~((ranks >= start) & (ranks < stop) & (ranks >= 0))
            rest = [Way(mask=others) if other is way else other for other in ways]
            yield from self._split(at[which.reshape(-1) == number], rest, mask, counting)

    def _stretches(self, asked: _Asked) -> tuple[Places, Places, Places, Places, bool, int]:
        """Cells in the order of group and first further condition; the stretch [start, stop) of each
        criterion; where each one's group starts; whether a group's cells are in their order in the line; how
        many of the side conditions are seen to."""
        cells = np.arange(self.length) if asked.mask is None else np.flatnonzero(asked.mask)
        for ranks, _, _ in [*asked.equal, *asked.side]:
            inside = ranks[cells] >= 0
            cells = cells if inside.all() else cells[inside]
        groups, wanted = np.zeros(len(cells), np.int64), np.zeros(len(asked.at), np.int64)
        for number, (ranks, start, stop) in enumerate(asked.equal):
            mine, theirs = ranks[cells], np.where(stop > start, start, -1)
            if number:
                mine, theirs = (
                    groups * self.length + mine,
                    np.where(theirs < 0, -1, wanted * self.length + theirs),
                )
            if number or len(asked.equal) > 1:
                known, groups = np.unique(mine, return_inverse=True)
                wanted = _find(known, theirs)
            else:
                groups, wanted = mine, theirs
        size = self.length + 1
        in_place = not asked.whole or not asked.side
        key = cells if in_place else asked.side[0][0][cells]
        keys = groups * size + key
        order = np.argsort(keys, kind="stable")
        keys, cells = keys[order], cells[order]
        if asked.whole and not asked.side:
            low, high = np.zeros(1, np.int64), np.full(1, self.length)
        elif in_place:
            low, high = asked.low, asked.high
        else:
            _, low, high = asked.side[0]
        missing = wanted < 0
        wanted = np.where(missing, 0, wanted)
        first = np.searchsorted(keys, wanted * size)
        start, stop = np.searchsorted(keys, wanted * size + low), np.searchsorted(keys, wanted * size + high)
        stop = np.where(missing, start, np.maximum(stop, start))
        return cells, start, stop, first, in_place, 0 if in_place else 1

    def _counted(self, asked: _Asked) -> Numbers:
        if len(asked.equal) == 1 and not asked.side and asked.mask is None and asked.whole:
            _, start, stop = asked.equal[0]
            return np.maximum(stop - start, 0).astype(np.float64)
        cells, start, stop, _, _, done = self._stretches(asked)
        left = asked.side[done:]
        if not left:
            return (stop - start).astype(np.float64)
        if len(left) == 1:
            ranks, low, high = left[0]
            wavelet = Wavelet(ranks[cells], self.length + 1)
            return (
                (wavelet.below(start, stop, high) - wavelet.below(start, stop, low))
                .clip(0)
                .astype(np.float64)
            )
        return self._by_hand(asked, np.add, np.ones(self.length), 0.0)

    def _total(self, asked: _Asked, numbers: Numbers) -> Numbers:
        if len(asked.equal) == 1 and not asked.side and asked.whole:
            ranks, start, stop = asked.equal[0]
            cells = np.flatnonzero(ranks >= 0 if asked.mask is None else (ranks >= 0) & asked.mask)
            sums = np.bincount(ranks[cells], numbers[cells], self.length + 1)  # adds in the cells' order
            return np.where(stop > start, sums[np.minimum(start, self.length)], 0.0)
        cells, start, stop, first, in_place, done = self._stretches(asked)
        if not asked.side[done:] and len(cells):
            held = numbers[cells]
            if in_place and (start == first).all():
                totals = run_groups(np.add, held, np.unique(first[first < len(cells)]))
                return np.where(stop > start, totals[np.maximum(stop - 1, 0)], 0.0)
            if added_exactly(held):
                sums = np.concatenate([[0.0], np.cumsum(held)])
                return np.asarray(sums[stop] - sums[start])
        return self._by_hand(asked, np.add, numbers, 0.0)

    def _extreme(self, asked: _Asked, operation: np.ufunc, numbers: Numbers, none: float) -> Numbers:
        cells, start, stop, _, _, done = self._stretches(asked)
        if asked.side[done:]:
            return self._by_hand(asked, operation, numbers, none)
        found = np.full(len(start), none)
        some = stop > start
        if some.any():
            found[some] = Extremes(operation, numbers[cells]).of(start[some], stop[some])
        return found

    def _by_hand(self, asked: _Asked, operation: np.ufunc, numbers: Numbers, none: float) -> Numbers:
        """Each cell looked at for each criterion."""
        self.spend(len(asked.at) * self.length * (2 + len(asked.equal) + len(asked.side)))
        found = np.empty(len(asked.at))
        places = np.arange(self.length)
        step = max(_AT_ONCE // max(self.length, 1), 1)
        for begin in range(0, len(asked.at), step):
            part = slice(begin, begin + step)
            chosen = (places >= asked.low[part, None]) & (places < asked.high[part, None])
            for ranks, start, stop in [*asked.equal, *asked.side]:
                chosen &= (ranks >= start[part, None]) & (ranks < stop[part, None]) & (ranks >= 0)
            if asked.mask is not None:
                chosen &= asked.mask
            terms = np.where(chosen, numbers, none)
            terms[:, 0] = operation(none, terms[:, 0])
            found[part] = operation.accumulate(terms, axis=1)[:, -1]
        return found


def _find(known: Places, wanted: Places) -> Places:
    """The place of each wanted number among the known ones, which ascend; -1 where it is not there."""
    if not len(known):
        return np.full(len(wanted), -1)
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[place] == wanted, place, -1)
