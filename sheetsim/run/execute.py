"""A calculation: the steps of a plan carried out on grids, as whole arrays wherever that can be.

    calculation = calculate(book, make_plan(book))
    calculation.block("adam", Rect.parse("E4:E32"))

Regions are computed in parts of at most PART cells, so that temporary arrays stay small and in cache. A step
that turns out to need cells of a step that is not done yet (OFFSET, INDEX) waits for it; steps that wait for
each other are worked out cell by cell. Where formulas turn out to spill into other cells than planned, all is
planned and calculated again with what they take.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from sheetsim.address import Rect, cell_name, quote_sheet
from sheetsim.backends.arrays import Whole
from sheetsim.backends.gather import PerCell
from sheetsim.errors import Unsupported
from sheetsim.functions.lifting import fit
from sheetsim.functions.serials import date_system
from sheetsim.limits import Effort, TooLarge
from sheetsim.plan.regions import Extents, Region
from sheetsim.plan.schedule import Plan, PlanStep, UnsupportedRegion, make_plan
from sheetsim.run.anchors import put_in
from sheetsim.run.demand import Exact, NotReady, Progress, Unit, characters
from sheetsim.run.foresee import cell_as_arrays, left_over, spills_whole, whole_way
from sheetsim.run.iteration import iterate
from sheetsim.run.reach import Again
from sheetsim.run.recurrence_effort import sweep_effort
from sheetsim.run.recurrences import Backend, Pass
from sheetsim.run.store import Grid, make_grids
from sheetsim.run.what_if import what_if_table
from sheetsim.values import Scalar, Values
from sheetsim.workbook import Workbook

ROUNDS = 8
"""Times that a workbook is planned and calculated because formulas spill into other cells than thought."""

PART = 1 << 17
"""Cells of a region that are computed at once: a megabyte a temporary array. Fewer where each cell looks at
many others."""

WHOLE_CELL = 10_000
"""What evaluating one cell as whole arrays costs, whatever it reads, in cell operations."""


@dataclass(slots=True)
class Calculation:
    """What a calculation found. `seconds`: "load", "compile" (LLVM), "compute" (all else). `unsupported`:
    the plan's, and those (`late`) of which only the calculation showed it: cells that need themselves, and
    what is beyond the limits. `exact_cells`: how many cells were left to the per-cell evaluator. `plan`: what
    was carried out in the end, `ways`: how each of its steps was done; `notes`: what is to be said of it, a
    line each."""

    grids: dict[str, Grid]
    plan: Plan
    seconds: dict[str, float] = field(default_factory=dict)
    unsupported: list[UnsupportedRegion] = field(default_factory=list)
    exact_cells: int = 0
    late: list[UnsupportedRegion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ways: dict[PlanStep, str] = field(default_factory=dict)

    def block(self, sheet: str, rect: Rect) -> Values:
        """The cells of a rectangle [rows, columns]: computed ones, and elsewhere as they are stored.
        KeyError for a sheet that is not there."""
        return self.grids[sheet.casefold()].block(rect)

    def value(self, sheet: str, row: int, column: int) -> Scalar:
        return self.grids[sheet.casefold()].value(row, column)


def calculate(
    book: Workbook,
    plan: Plan,
    *,
    seed: int | None = None,
    loops: Backend = "auto",
    progress: Callable[[int, int], None] | None = None,
) -> Calculation:
    """Carry out a plan. `seed` is for volatile functions where the plan computes them; `loops` says how
    recurrences run ("llvm" raises MissingExtra where it is not installed); `progress` is called with the
    number of steps done and of all.

    The plan must be of this workbook; typed values may have changed since, formulas not.
    """
    start = time.perf_counter()
    now = datetime.now()
    for _ in range(ROUNDS):
        run = _Run(book, plan, np.random.default_rng(seed), loops)
        loaded = time.perf_counter()
        with date_system(book.date1904, now):
            for number, step in enumerate(plan.steps):
                run.carry_out(step)
                if progress is not None:
                    progress(number + 1, len(plan.steps))
        moved = run.exact.spills.extents
        if not moved:
            break
        plan = make_plan(book, redraw=plan.redraw, extents={**plan.extents, **moved})
    else:
        run.unsettled(moved)
    return run.found(loaded - start, time.perf_counter() - loaded)


def _circular(unit: Unit) -> UnsupportedRegion:
    region, row, column = unit
    rect = region.filled(row, column)
    return UnsupportedRegion(region.sheet, rect, region.text, "circular reference")


def calculate_again(
    book: Workbook, before: Calculation, plan: Plan, again: Mapping[PlanStep, Again]
) -> Calculation | None:
    """Carry out some steps once more, in part, on the grids of a calculation, in which the cells that have
    changed are put in already; all other cells must hold what `plan` gives. None where a formula comes to
    spill over other cells than before: then the grids are good for nothing more."""
    start = time.perf_counter()
    run = _Run(book, plan, np.random.default_rng(), "auto", before.grids, again)
    with date_system(book.date1904, datetime.now()):
        for step in again:
            run.carry_out(step)
    return None if run.exact.spills.extents else run.found(0.0, time.perf_counter() - start)


class _Run:
    def __init__(
        self,
        book: Workbook,
        plan: Plan,
        random: np.random.Generator,
        loops: Backend,
        grids: dict[str, Grid] | None = None,
        again: Mapping[PlanStep, Again] | None = None,
    ) -> None:
        self.plan, self.random, self.again = plan, random, again
        self.grids = make_grids(book, _computed(book, plan)) if grids is None else grids
        todo = plan.computed if again is None else [region for step in again for region in step.regions]
        self.progress = Progress(todo)
        self.book, self.effort = book, Effort()
        self.exact = Exact(book, plan, self.grids, self.progress, random.random, self.effort)
        self.sweeps = Pass(self.grids, self.exact.compute, loops)
        self.exact_cells = 0
        self.circles: list[PlanStep] = []
        self.ways: dict[PlanStep, str] = {}
        self.given_up: list[UnsupportedRegion] = []
        self.done: set[PlanStep] = set()
        self._step_of: dict[Region, PlanStep] = {}

    def carry_out(self, step: PlanStep) -> None:
        """Do a step, and before it those that turn out to be needed."""
        waiting = [step]
        while waiting:
            step = waiting[-1]
            if step in self.done:
                waiting.pop()
                continue
            try:
                if len(waiting) > 1:
                    self._expect_reads(step)  # it comes before its turn
                self.effort.begin()
                way = self._do(step)
            except NotReady as asked:
                needed = self.step_of(asked.missing[0][0])
                if needed in waiting:
                    self._together(waiting, waiting.index(needed))
                else:
                    waiting.append(needed)
            except Unsupported as reason:
                self._give_up(step, str(reason))
                self._finish(step, step.way)
            else:
                self._finish(step, way)

    def _give_up(self, step: PlanStep, reason: str) -> None:
        """Leave a step's cells at their stored values."""
        self.exact.circular = [unit for unit in self.exact.circular if unit[0] not in step.regions]
        for region in step.regions:
            stored = self.book[region.sheet].block(region.rect)
            self.grids[region.sheet.casefold()].restore(region.rect, stored)
            self.given_up.append(UnsupportedRegion(region.sheet, region.rect, region.text, reason))

    def unsettled(self, moved: Extents) -> None:
        """Formulas whose spills still change: leave them at their stored values."""
        for region in self.plan.regions:
            if (region.sheet.casefold(), region.rect.top, region.rect.left) in moved:
                self._give_up(PlanStep("spill", (region,)), "what it spills into does not settle")

    def found(self, loading: float, computing: float) -> Calculation:
        """The calculation, which took so many seconds."""
        compiling = self.sweeps.compiling
        seconds = {"load": loading, "compile": compiling, "compute": computing - compiling}
        late = [*self.given_up, *map(_circular, self.exact.circular)]
        exact = self.exact_cells + self.sweeps.exact_cells
        unsupported = [*self.plan.unsupported, *late]
        return Calculation(self.grids, self.plan, seconds, unsupported, exact, late, self.notes(), self.ways)

    def notes(self) -> list[str]:
        """What is to be said about the results."""
        title = {sheet.name.casefold(): sheet.name for sheet in self.book.sheets}
        found = [
            f"{quote_sheet(title[sheet])}!{cell_name(row, column)} is #SPILL!: {obstacle}"
            for (sheet, row, column), obstacle in self.exact.spills.blocked.items()
        ]
        for step in self.circles:
            first = step.regions[0]
            cell = f"{quote_sheet(first.sheet)}!{cell_name(first.rect.top, first.rect.left)}"
            found.append(
                f"{cell} is part of a circular reference, worked out by iteration: where that ends depends "
                "on the order of the cells and on the stored values"
            )
        return found

    def _together(self, waiting: list[PlanStep], first: int) -> None:
        """Steps that wait for each other, as one: cell by cell."""
        regions = tuple(region for step in waiting[first:] for region in step.regions)
        merged = PlanStep("cells", regions, dynamic=True)
        self.done.update(waiting[first:])
        waiting[first:] = [merged]
        for region in regions:
            self._step_of[region] = merged

    def step_of(self, region: Region) -> PlanStep:
        if not self._step_of:
            self._step_of = {region: step for step in self.plan.steps for region in step.regions}
        return self._step_of[region]

    def _expect_reads(self, step: PlanStep) -> None:
        numbers = {region: number for number, region in enumerate(self.plan.computed)}
        reads = self.plan.graph.reads
        for region in step.regions:
            stack = list(reads[numbers[region]])
            while stack:
                read = stack.pop()
                if read >= len(self.plan.computed):
                    stack += reads[read]
                    continue
                other = self.plan.computed[read]
                if self.again is not None and self.step_of(other) not in self.again:
                    continue
                if other not in self.progress.finished and other not in step.regions:
                    raise NotReady([(other, other.rect.top, other.rect.left)])

    def _finish(self, step: PlanStep, way: str) -> None:
        self.done.add(step)
        self.ways[step] = way
        self.progress.finish(step.regions)

    def parts(self, step: PlanStep, region: Region) -> list[Rect]:
        """The cells of a region that are to be computed."""
        again = None if self.again is None else self.again.get(step)
        return [region.rect] if again is None else again.parts.get(region, [])

    def _do(self, step: PlanStep) -> str:
        """Do a step; how it was done."""
        if step.how == "sweep":
            return self._sweep(step)
        if step.how == "rounds":
            iterate(self.exact, self.book, step.regions)
            self.circles.append(step)
        elif step.how == "cells":
            self._on_demand(step)
        elif step.how == "spill":
            return self._spill(step)
        elif step.how == "table":
            what_if_table(self.exact, self.plan, step.regions[0])
        elif step.small:
            region = step.regions[0]
            self.exact.compute(region, region.rect.top, region.rect.left)
        else:
            (region,) = step.regions
            ways = [self._told_whole(step, region, part) for part in self.parts(step, region)]
            return ways[0] if ways else step.way
        return step.way

    def _sweep(self, step: PlanStep) -> str:
        sweep, segments = step.sweep, step.segments
        assert sweep is not None
        if self.again is not None and step in self.again:
            start = self.again[step].start
            segments = tuple(
                replace(segment, start=max(segment.start, start))
                for segment in segments
                if segment.stop > start
            )
        self.effort.spend(sweep_effort(sweep, segments, self.sweeps.may_compile))
        ways = dict.fromkeys(self.sweeps.run(sweep, segments))
        for region in step.regions:
            self.grids[region.sheet.casefold()].changed(region.rect)
        return f"sweep {sweep.direction}, {' / '.join(ways)}"

    def _on_demand(self, step: PlanStep) -> None:
        for region in step.regions:
            parts = self.parts(step, region)
            self.exact_cells += sum(part.size for part in parts)
            if parts != [region.rect] and region not in self.progress.partly:
                self.progress.only(region, parts)
        self.exact.on_demand(step.regions)

    def _told_whole(self, step: PlanStep, region: Region, part: Rect) -> str:
        """Some cells of a region as whole arrays, or where it cannot be told so cell by cell; how it was."""
        try:
            self._whole(region, part, step.dynamic)
        except PerCell as reason:
            there = region if part == region.rect else replace(region, rect=part)
            if cell_as_arrays(there, step.dynamic):
                self._cell_by_cell(there)
            else:
                self.exact_cells += part.size
                self.exact.in_order(there, guarded=step.dynamic)
            return left_over(step, str(reason))
        return whole_way(step)

    def _spill(self, step: PlanStep) -> str:
        """A formula that spills, as whole arrays where it can be told so."""
        (region,) = step.regions
        plain = put_in(region, self._extent)
        if spills_whole(plain):
            expect = self.exact.expect if step.dynamic else _trust
            try:
                whole = Whole(plain, region.rect, self.grids, expect, self.random.random, self.effort)
                self.exact.spills.put(region, whole.result())
            except PerCell:
                pass
            else:
                return whole_way(step)
        self.exact_cells += 1
        self.exact.in_order(region, guarded=step.dynamic)
        return step.way

    def _extent(self, sheet: str, row: int, column: int) -> Rect | None:
        self.exact.expect(sheet, Rect.cell(row, column))
        return self.exact.spills.extent(sheet, row, column)

    def _cell_by_cell(self, region: Region) -> None:
        """Each cell as whole arrays: for one cell alone a range has a size."""
        grid = self.grids[region.sheet.casefold()]
        for row, column in region.rect.cells():
            cell = Rect.cell(row, column)
            self.effort.spend(WHOLE_CELL)
            try:
                whole = Whole(region, cell, self.grids, _trust, self.random.random, self.effort)
                result = whole.result()
                self.effort.keep(characters(result))
                grid.write(cell, result)
            except PerCell:
                self.exact_cells += 1
                self.exact.compute(region, row, column)

    def _whole(self, region: Region, rect: Rect, dynamic: bool) -> None:
        expect = self.exact.expect if dynamic else _trust
        grid = self.grids[region.sheet.casefold()]
        one = region.array and not region.each
        most = rect.size if one else PART
        left = [rect]
        while left:
            part = left.pop()
            rows = max(most // part.columns, 1)
            if rows < part.rows:
                left.append(Rect(part.top + rows, part.left, part.bottom, part.right))
                part = Rect(part.top, part.left, part.top + rows, part.right)
            try:
                whole = Whole(region, part, self.grids, expect, self.random.random, self.effort)
                result = whole.result()
            except TooLarge:
                if one or part.size == 1 or (region.each and part.rows == 1):
                    raise
                left += reversed(_halves(part, region.each))
                most = part.size // 2
            else:
                self.effort.keep(characters(result))
                grid.write(part, fit(result, *part.shape) if one else result)


def _halves(rect: Rect, rows: bool) -> tuple[Rect, Rect]:
    """Left and right, or where it is one column wide or to be left in `rows`, upper and lower half."""
    if rect.columns > 1 and not rows:
        middle = rect.left + rect.columns // 2
        return (
            Rect(rect.top, rect.left, rect.bottom, middle),
            Rect(rect.top, middle, rect.bottom, rect.right),
        )
    middle = rect.top + rect.rows // 2
    return Rect(rect.top, rect.left, middle, rect.right), Rect(middle, rect.left, rect.bottom, rect.right)


def _computed(book: Workbook, plan: Plan) -> dict[str, list[Rect]]:
    """The cells whose stored values do not count, by sheet: those that are computed, and those that formulas
    have spilled into in the file."""
    computed: dict[str, list[Rect]] = {}
    for region in plan.computed:
        computed.setdefault(region.sheet.casefold(), []).append(region.rect)
    anchors = {(region.sheet, region.rect.top, region.rect.left) for region in plan.computed if region.spills}
    for sheet in book.sheets if anchors else ():
        for fill in sheet.fills:
            if fill.dynamic and (sheet.name, fill.rect.top, fill.rect.left) in anchors:
                computed.setdefault(sheet.name.casefold(), []).append(fill.rect)
    return computed


def _trust(sheet: str, rect: Rect) -> None:
    """What a region reads by plain references is computed before it."""
