"""A range's cells in one line, with what look-ups know about them, made once and shared by all formulas.

A `CellLine` is the cells of a rectangle one after another; it keeps its own indexes, each made when first
asked for: the numbers in their order (`numbers`), together with the text that reads as numbers (`readable`),
the texts (`texts`). `Spans` is what each cell of a region sees of a line:

    COUNTIF(A$1:A$9,B1)     0..9, 0..9, 0..9      the same for all
    COUNTIF(A$1:A1,A1)      0..1, 0..2, 0..3      grows
    MATCH(B1,A1:A9,0)       0..9, 1..10, 2..11    slides

The store makes lines and keeps them as long as no cell of theirs changes (`run/store.py`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sheetsim.functions.coercion import Codes
from sheetsim.functions.ranks import Numbers, Places, Wavelet
from sheetsim.functions.reading import number_in
from sheetsim.values import ERROR, NUMBER, TEXT, Values


class Ranked:
    """Some cells of a line by a number each: `places` in the line, ordered by number and then by place, and
    `values`, the numbers in that order; `in_line` and `values_in_line` are the same as they stand."""

    def __init__(self, places: Places, values: Numbers, length: int) -> None:
        self.in_line, self.values_in_line = places, values
        order = np.argsort(values, kind="stable")
        self.places, self.values, self.length = places[order], values[order], length

    @cached_property
    def firsts(self) -> Places:
        """For each of `values`: where the numbers equal to it start."""
        new = np.ones(len(self.values), bool)
        new[1:] = self.values[1:] != self.values[:-1]
        starts = np.flatnonzero(new)
        return starts[np.cumsum(new) - 1]

    @cached_property
    def ranks(self) -> Places:
        """For each cell of the line where the numbers equal to its own start, -1 for cells that are not
        among these."""
        found = np.full(self.length, -1, np.int64)
        found[self.places] = self.firsts
        return found

    @cached_property
    def combined(self) -> Places:
        """Rank and place in one number, ascending: for the place of equal numbers in a part of the line."""
        return self.firsts * (self.length + 1) + self.places

    def between(self, sign: str, wanted: Numbers) -> tuple[Places, Places]:
        """The part [start, stop) of `values` that is = < <= > or >= each wanted number."""
        zero = np.zeros(wanted.shape, np.int64)
        if sign in ("<", ">="):
            start = np.searchsorted(self.values, wanted, "left")
            return (zero, start) if sign == "<" else (start, zero + len(self.values))
        stop = np.searchsorted(self.values, wanted, "right")
        if sign == "<=":
            return zero, stop
        if sign == ">":
            return stop, zero + len(self.values)
        start = np.searchsorted(self.values, wanted, "left")
        return start, stop

    def first_equal(self, wanted: Numbers, low: Places, high: Places) -> Places:
        """The first place in [low, high) of the line whose number is each wanted one; -1 where there is
        none."""
        start, stop = self.between("=", wanted)
        at = np.searchsorted(self.combined, start * (self.length + 1) + low)
        inside = np.minimum(at, max(len(self.places) - 1, 0))
        if not len(self.places):
            return np.full(np.broadcast_shapes(wanted.shape, low.shape), -1)
        place = self.places[inside]
        return np.where((at < stop) & (place < high), place, -1)


class Texts(Ranked):
    """The text cells of a line, without case: each different text is known by its place in the alphabet."""

    def __init__(self, places: Places, texts: list[str], length: int) -> None:
        known: dict[str, str] = {}
        folded = [known.get(text) or known.setdefault(text, text.casefold()) for text in texts]
        self.alphabet = sorted(set(folded))
        self.number = {text: float(place) for place, text in enumerate(self.alphabet)}
        super().__init__(places, np.array([self.number[text] for text in folded], np.float64), length)

    @property
    def codes_in_line(self) -> Places:
        return self.values_in_line.astype(np.int64)

    def codes(self, sign: str, text: str) -> tuple[float, float]:
        """The texts that are = < <= > or >= a text, whatever its case: numbers in the alphabet, half-open."""
        wanted, end = text.casefold(), float(len(self.alphabet))
        low, high = float(bisect_left(self.alphabet, wanted)), float(bisect_right(self.alphabet, wanted))
        return {"=": (low, high), "<": (0, low), "<=": (0, high), ">": (high, end), ">=": (low, end)}[sign]


class CellLine:
    """See the module. `ordered`: the cells are in reading order; `shape`: rows and columns of the
    rectangle."""

    def __init__(self, values: Values, shape: tuple[int, int], ordered: bool) -> None:
        self.values, self.shape, self.ordered = values, shape, ordered
        self.kinds = values.kind_array()
        self._asked = False
        self._parts: dict[tuple[int, int], CellLine] = {}

    def first_asked(self) -> bool:
        """Is this the first time? What is asked for once and for few cells needs no index."""
        first, self._asked = not self._asked, True
        return first

    def part(self, first: int, step: int, count: int | None = None) -> CellLine:
        """Every so many cells from `first` on, a row or column of the rectangle; made once."""
        if (first, step) not in self._parts:
            values = self.values[first : None if count is None else first + count : step]
            self._parts[first, step] = CellLine(values, (len(values.numbers), 1), True)
        return self._parts[first, step]

    def __len__(self) -> int:
        return len(self.values.numbers)

    @cached_property
    def numbers(self) -> Ranked:
        """The cells that hold numbers."""
        return self.of_kind(NUMBER)

    def of_kind(self, kind: int) -> Ranked:
        places = np.flatnonzero(self.kinds == kind)
        return Ranked(places, self.values.numbers[places], len(self))

    @cached_property
    def numbers_before(self) -> Places:
        """How many numbers stand before each place, and all of them at the end."""
        return np.concatenate([[0], np.cumsum(self.kinds == NUMBER)])

    @cached_property
    def wavelet(self) -> Wavelet:
        """The ranks of the numbers, as they stand in the line."""
        ranks = self.numbers.ranks
        return Wavelet(ranks[ranks >= 0], len(self))

    @cached_property
    def text_places(self) -> Places:
        return np.flatnonzero(self.kinds == TEXT)

    @cached_property
    def text_list(self) -> list[str]:
        """The texts at `text_places`."""
        if self.values.texts is None:
            return [""] * len(self.text_places)
        texts: list[str] = self.values.texts[self.text_places].tolist()
        return texts

    @cached_property
    def texts(self) -> Texts:
        return Texts(self.text_places, self.text_list, len(self))

    @cached_property
    def readable(self) -> Ranked:
        """Numbers, and text that reads as one."""
        numbers = self.numbers
        if not len(self.text_places):
            return numbers
        known = {text: number_in(text) for text in set(self.text_list)}
        read = [(place, known[text]) for place, text in zip(self.text_places, self.text_list, strict=True)]
        more = [(place, number) for place, number in read if number is not None]
        if not more:
            return numbers
        places = np.concatenate([numbers.places, np.array([place for place, _ in more], np.int64)])
        values = np.concatenate([numbers.values, np.array([number for _, number in more], np.float64)])
        order = np.argsort(places)
        return Ranked(places[order], values[order], len(self))


@dataclass(frozen=True, slots=True)
class Spans:
    """What cells of a region see of a line: `line[low:high]`, arrays [R, C, 1, 1] or 1 where all see the
    same."""

    line: CellLine
    low: Places
    high: Places
    beyond: int = 0

    @property
    def whole(self) -> bool:
        """Does every cell see all of the line?"""
        return self.low.size == 1 and self.low.item() == 0 and self.high.item() == len(self.line)

    def beside(self, other: Spans) -> bool:
        """Do the cells of both lie side by side?"""
        return (
            self.line.shape == other.line.shape
            and np.array_equal(self.low, other.low)
            and np.array_equal(self.high, other.high)
        )

    def first_error(self) -> Codes:
        """The first error that each cell sees."""
        wrong = np.flatnonzero(self.line.kinds == ERROR)
        if not len(wrong):
            return None
        following = np.searchsorted(wrong, self.low)
        place = wrong[np.minimum(following, len(wrong) - 1)]
        inside = (following < len(wrong)) & (place < self.high)
        return np.where(inside, self.line.values.numbers[place], 0).astype(np.uint8)

    def count(self) -> Places:
        """How many numbers each cell sees."""
        before = self.line.numbers_before
        return before[self.high] - before[self.low]

    def smallest(self, k: Places) -> Numbers:
        """The k-th smallest number that each cell sees, counted from 0 and below `count`; else anything."""
        values = self.line.numbers.values
        if not len(values):
            return np.zeros(np.broadcast_shapes(self.low.shape, k.shape))
        if self.whole:
            return values[np.clip(k, 0, len(values) - 1)]
        before = self.line.numbers_before
        ranks = self.line.wavelet.smallest(before[self.low], before[self.high], np.maximum(k, 0))
        return values[np.minimum(ranks, len(values) - 1)]
