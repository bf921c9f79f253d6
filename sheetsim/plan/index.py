"""Which things lie in a rectangle: a spatial index over rectangles that do not overlap.

The columns of a sheet are cut at every left and right edge that occurs; between two neighbouring cuts (a
*strip*) the things there are a sorted list of row spans, so that a question is a few bisections. That is
cheap for both shapes that sheets have: few tall regions, and many single cells.

    >>> index = Index([(Rect.parse("A1:A9"), "x"), (Rect.parse("B2:C4"), "y")])
    >>> index.hits(Rect.parse("A9:B9")), index.hits(Rect.parse("A4:C4"))
    (['x'], ['x', 'y'])
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from sheetsim.address import Rect

T = TypeVar("T")


class Index(Generic[T]):
    """Build once from (rectangle, thing) pairs; the rectangles must not overlap (`overlapping` tells)."""

    def __init__(self, items: Iterable[tuple[Rect, T]]) -> None:
        pairs = list(items)
        edges = {rect.left for rect, _ in pairs} | {rect.right for rect, _ in pairs}
        self._cuts = sorted(edges)
        strip_at = {cut: number for number, cut in enumerate(self._cuts)}
        strips: list[list[tuple[int, int, int]]] = [[] for _ in self._cuts]
        for number, (rect, _) in enumerate(pairs):
            for strip in range(strip_at[rect.left], strip_at[rect.right]):
                strips[strip].append((rect.top, rect.bottom, number))
        for spans in strips:
            spans.sort()
        self._tops = [[span[0] for span in spans] for spans in strips]
        self._bottoms = [[span[1] for span in spans] for spans in strips]
        self._numbers = [[span[2] for span in spans] for spans in strips]
        self._things = [thing for _, thing in pairs]

    @property
    def overlapping(self) -> bool:
        """Do any two of the rectangles share a cell?"""
        return any(
            top < bottom
            for tops, bottoms in zip(self._tops, self._bottoms, strict=True)
            for top, bottom in zip(tops[1:], bottoms, strict=False)
        )

    def overlaps(self) -> Iterator[tuple[T, T]]:
        """Pairs of things that share a cell, one for each strip in which they do."""
        for tops, bottoms, numbers in zip(self._tops, self._bottoms, self._numbers, strict=True):
            for upper, bottom in enumerate(bottoms):
                for lower in range(upper + 1, bisect_left(tops, bottom, upper + 1)):
                    yield self._things[numbers[upper]], self._things[numbers[lower]]

    def hits(self, rect: Rect) -> list[T]:
        """The things that share a cell with `rect`, in the order in which they were given."""
        first = max(bisect_right(self._cuts, rect.left) - 1, 0)
        last = bisect_left(self._cuts, rect.right)
        found: list[int] = []
        for strip in range(first, last):
            low = bisect_right(self._bottoms[strip], rect.top)
            high = bisect_left(self._tops[strip], rect.bottom)
            if low < high and rect.right > self._cuts[strip]:
                found += self._numbers[strip][low:high]
        if last - first > 1:
            found = list(set(found))
        return [self._things[number] for number in sorted(found)]

    def strips(self, rect: Rect) -> int:
        """How many strips `hits` looks into."""
        return bisect_left(self._cuts, rect.right) - max(bisect_right(self._cuts, rect.left) - 1, 0)

    def touches(self, rect: Rect) -> bool:
        """Does anything share a cell with `rect`?"""
        first = max(bisect_right(self._cuts, rect.left) - 1, 0)
        return any(
            rect.right > self._cuts[strip]
            and bisect_right(self._bottoms[strip], rect.top) < bisect_left(self._tops[strip], rect.bottom)
            for strip in range(first, bisect_left(self._cuts, rect.right))
        )

    def at(self, row: int, column: int) -> T | None:
        """The thing that holds one cell, or None."""
        strip = bisect_right(self._cuts, column) - 1
        if strip < 0:
            return None
        span = bisect_right(self._bottoms[strip], row)
        if span < len(self._tops[strip]) and self._tops[strip][span] <= row:
            return self._things[self._numbers[strip][span]]
        return None
