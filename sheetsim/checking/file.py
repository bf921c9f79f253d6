"""A workbook under examination: what it stores, its formula regions, and our own recalculation of it.

Reading, planning and calculating each happen once, when first asked for, and are timed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.functions import is_volatile
from sheetsim.plan.graph import build_graph, survey
from sheetsim.plan.index import Index
from sheetsim.plan.regions import Region, text_at
from sheetsim.plan.schedule import Plan, UnsupportedRegion, make_plan
from sheetsim.run.execute import Calculation, calculate
from sheetsim.values import NUMBER, Scalar, Values
from sheetsim.workbook import Workbook
from sheetsim.xlsx.read.package import Package
from sheetsim.xlsx.read.workbook import read_workbook

T = TypeVar("T")

ENOUGH = 1000
"""How many stored results are looked at to tell how many digits a file was saved with."""


class File:
    """A file, or its open package, is read at once (SheetsimError when it is no workbook); all else when it
    is asked for."""

    def __init__(
        self, source: str | Path | Package, *, redraw: bool = False, seed: int | None = None
    ) -> None:
        self.path = Path(source.path if isinstance(source, Package) else source)
        self.redraw = redraw
        self.seed = seed
        self.seconds: dict[str, float] = {}
        self._recalculated: dict[str, Workbook] = {}
        self.book: Workbook = self._timed("read", lambda: read_workbook(source))

    @cached_property
    def _first_plan(self) -> Plan:
        return self._timed("plan", lambda: make_plan(self.book, redraw=self.redraw))

    @property
    def plan(self) -> Plan:
        """What is computed and how; where formulas spill only the calculation shows how far."""
        plan = self._first_plan
        return self.calculation.plan if any(region.spills for region in plan.computed) else plan

    @cached_property
    def calculation(self) -> Calculation:
        plan = self._first_plan
        return self._timed("calculate", lambda: calculate(self.book, plan, seed=self.seed))

    @property
    def regions(self) -> list[Region]:
        return list(self.plan.regions)

    @cached_property
    def _indexes(self) -> dict[str, Index[Region]]:
        by_sheet: dict[str, list[tuple[Rect, Region]]] = {}
        for region in self.regions:
            by_sheet.setdefault(region.sheet.casefold(), []).append((region.rect, region))
        return {sheet: Index(pairs) for sheet, pairs in by_sheet.items()}

    def on(self, sheet: str, rect: Rect) -> Iterator[tuple[Region, Rect]]:
        """The regions of `sheet` that have cells in `rect`, each with the part of it that lies there."""
        index = self._indexes.get(sheet.casefold())
        for region in index.hits(rect) if index else ():
            common = region.rect.intersect(rect)
            if common is not None:
                yield region, common

    def has_formula(self, sheet: str, rect: Rect) -> NDArray[np.bool_]:
        """Which cells of a rectangle hold a formula, as an array of its shape."""
        mask = np.zeros(rect.shape, bool)
        for _, common in self.on(sheet, rect):
            mask[part(rect, common)] = True
        return mask

    def formula(self, sheet: str, row: int, column: int) -> str | None:
        """The formula's text in one cell, without `=`; None where there is none."""
        for region, _ in self.on(sheet, Rect.cell(row, column)):
            return text_at(region, row, column)
        return None

    def left_behind(self, region: Region) -> list[Rect]:
        """The cells into which a formula has spilled in the file, and does no more."""
        if not region.spills:
            return []
        corner = (region.rect.top, region.rect.left)
        spilled = self._spilled[region.sheet].get(corner, region.rect)
        return spilled.without(region.rect)

    @cached_property
    def _spilled(self) -> dict[str, dict[tuple[int, int], Rect]]:
        return {
            sheet.name: {(fill.rect.top, fill.rect.left): fill.rect for fill in sheet.fills if fill.dynamic}
            for sheet in self.book.sheets
        }

    def stored(self, sheet: str, rect: Rect) -> Values:
        return self.book[sheet].block(rect)

    def value(self, sheet: str, row: int, column: int) -> Scalar:
        return self.book[sheet].value((row, column))

    def recalculated(self, program: str, recalculate: Callable[[Path], Workbook]) -> Workbook:
        """The file as another program computes it, which is asked once."""
        if program not in self._recalculated:
            self._recalculated[program] = recalculate(self.path)
        return self._recalculated[program]

    @cached_property
    def kept(self) -> set[Region]:
        """Regions that a recalculation leaves at their stored values: volatile or not supported."""
        return self.unsupported if self.redraw else self.volatile | self.unsupported

    @cached_property
    def volatile(self) -> set[Region]:
        """Regions whose own formula calls RAND or the like, drawn anew or not."""
        return {region for region in self.regions if region.node and is_volatile(region.node)}

    @cached_property
    def unsupported(self) -> set[Region]:
        """Regions that our engine cannot compute."""
        places = {(record.sheet, record.rect) for record in self.plan.unsupported}
        return {region for region in self.regions if (region.sheet, region.rect) in places}

    @cached_property
    def late(self) -> dict[Region, list[UnsupportedRegion]]:
        """Of regions that our engine can compute: the cells that only the calculation showed it cannot."""
        found: dict[Region, list[UnsupportedRegion]] = {}
        for record in self.calculation.late:
            for region, _ in self.on(record.sheet, record.rect):
                found.setdefault(region, []).append(record)
        return found

    @cached_property
    def unsettled(self) -> set[Region]:
        """Volatile regions and all that depend on them, near or far: another program that computes the
        file draws other numbers there."""
        if not self.volatile:
            return set()
        known = [region for region in self.regions if region not in self.unsupported]
        surveys = [survey(region.node) for region in known if region.node]
        graph = build_graph(known, surveys)
        reached = {number for number, region in enumerate(known) if region in self.volatile}
        # what OFFSET and INDIRECT read is not known beforehand: it may be anything
        reached |= {number for number, found in enumerate(surveys) if found.dynamic}
        readers: dict[int, list[int]] = {}
        for reader, reads in enumerate(graph.reads):
            for read in reads:
                readers.setdefault(read, []).append(reader)
        waiting = list(reached)
        while waiting:
            for reader in readers.get(waiting.pop(), ()):
                if reader not in reached:
                    reached.add(reader)
                    waiting.append(reader)
        return {known[number] for number in reached if number < len(known)}

    @cached_property
    def fifteen_digits(self) -> bool:
        """Whether the file was saved by a program that writes 15 significant digits (LibreOffice), not the 17
        that a float64 needs: no stored result of those looked at has more."""
        results: list[float] = []
        for region in self.regions:
            block = self.stored(region.sheet, region.rect)
            fractions = block.numbers[(block.kind_array() == NUMBER) & (block.numbers % 1 != 0)]
            results += fractions[: ENOUGH - len(results)].tolist()
            if len(results) == ENOUGH:
                break
        return bool(results) and all(float(f"{result:.15g}") == result for result in results)

    def _timed(self, what: str, work: Callable[[], T]) -> T:
        start = time.perf_counter()
        done = work()
        self.seconds[what] = time.perf_counter() - start
        return done


def part(whole: Rect, inner: Rect) -> tuple[slice, slice]:
    """The slices that cut `inner` out of an array that covers `whole`."""
    moved = inner.shift(-whole.top, -whole.left)
    return slice(moved.top, moved.bottom), slice(moved.left, moved.right)
