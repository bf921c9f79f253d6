"""The plan of a calculation: which regions are computed, in which order and how.

    plan = make_plan(book)
    print(plan.describe())
        adam!C4          whole array  =C1
        adam!C5:C32 ...  sweep down   9 regions, generated loop
        adam!E4:E32      whole array  =C4+D4*A4

A *step* computes one region as whole arrays, a recurrence in one sweep, or, where there is neither order nor
sweep, the cells of some regions one by one as they need each other. A formula that spills is a step of its
own. Every step comes after those whose cells
its references name; what OFFSET or INDIRECT reach is looked after when they are computed.

Regions that are not computed keep their stored values: volatile ones (unless they are to be drawn anew) and
those that the engine does not support, each with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sheetsim.address import Rect
from sheetsim.backends.arrays import refuses
from sheetsim.backends.loops import Segment, segments
from sheetsim.errors import SheetsimError
from sheetsim.functions import FUNCTIONS, calls_volatile
from sheetsim.functions.outside import why_unknown
from sheetsim.functions.what_if import is_table
from sheetsim.limits import MOST_EFFORT, Effort
from sheetsim.plan.circular import circular_cells
from sheetsim.plan.graph import Graph, Survey, build_graph
from sheetsim.plan.names import Names
from sheetsim.plan.recurrence import Sweep, find_sweep
from sheetsim.plan.regions import Extents, Region, find_regions, split
from sheetsim.workbook import Workbook

CIRCULAR = "circular reference"
"""How the reason begins for which cells that need themselves are not computed."""

How = Literal["whole", "sweep", "cells", "spill", "table", "rounds"]


@dataclass(frozen=True, slots=True, eq=False)
class PlanStep:
    """One step: `regions` (their names resolved) by whole arrays (one region), a sweep, cell by cell, or (one
    region) a formula whose result says how many cells it takes, a what-if table; or a circle in rounds."""

    how: How
    regions: tuple[Region, ...]
    sweep: Sweep | None = None
    segments: tuple[Segment, ...] = ()
    dynamic: bool = False
    small: bool = False  # one cell that reads single cells: no arrays needed

    @property
    def way(self) -> str:
        """How it is done, as far as the formulas alone show it."""
        first = self.regions[0]
        if self.how == "whole":
            if self.small:
                return "one cell"
            if first.each:
                return "array formulas in rows"
            return "array formula" if first.array else "array formulas" if first.lifted else "whole array"
        if self.sweep is not None:
            ways = dict.fromkeys(segment.describe() for segment in self.segments)
            return f"sweep {self.sweep.direction}, {' / '.join(ways)}"
        if self.how == "cells" and len(self.regions) > 1:
            return "cell by cell, as they need each other"
        return _WAYS[self.how]

    def describe(self, way: str = "") -> str:
        """One line; `way` where more is known of how it is done."""
        first = self.regions[0]
        if len(self.regions) == 1 and self.sweep is None:
            return f"{first}  {way or self.way}  ={first.text}"
        listed = ", ".join(str(region) for region in self.regions[:12])
        listed += f" and {len(self.regions) - 12} more" if len(self.regions) > 12 else ""
        return f"{listed}  {way or self.way}"


_WAYS = {
    "spill": "spills",
    "table": "what-if table",
    "cells": "cell by cell",
    "rounds": "circular, in rounds",
}


@dataclass(frozen=True, slots=True)
class UnsupportedRegion:
    """A region that keeps its stored values because the engine cannot compute it."""

    sheet: str
    rect: Rect
    formula: str
    reason: str


@dataclass(slots=True)
class Plan:
    """`regions` are all of them (names resolved), also `volatile` ones and those of `unsupported`, which keep
    their stored values. `graph` is about the computed ones only. `names` tells what names stand for that are
    only looked up while computing; `surveys` tell what each of the computed regions reads; `redraw` and
    `extents` are what the plan was made with."""

    steps: list[PlanStep]
    regions: list[Region]
    volatile: list[Region]
    unsupported: list[UnsupportedRegion]
    graph: Graph
    names: Names
    surveys: list[Survey]
    redraw: bool = False
    extents: Extents = field(default_factory=dict)

    @property
    def computed(self) -> Sequence[Region]:
        """The regions that the steps compute."""
        return self.graph.regions

    def describe(self, ways: Mapping[PlanStep, str] | None = None) -> str:
        """The plan for people: a line a step, then what keeps its stored values. `ways`: how the steps are
        done, where more is known (`run/foresee.py`)."""
        lines = [step.describe("" if ways is None else ways[step]) for step in self.steps]
        lines += [f"{region}  kept, volatile  ={region.text}" for region in self.volatile]
        lines += [
            f"{record.sheet}!{record.rect}  kept, {record.reason}  ={record.formula}"
            for record in self.unsupported
        ]
        return "\n".join(lines)


def make_plan(
    book: Workbook, *, redraw: bool = False, extents: Extents | None = None, batches: bool = True
) -> Plan:
    """Plan the calculation of a workbook; with `redraw` volatile functions are computed too. `extents`: what
    formulas that spill turned out to take, where it is not what the workbook stores. Array formulas alike in
    relative terms, one in each row, are one region, but not without `batches`, or where they need each
    other."""
    names = Names(book)
    regions: list[Region] = []
    volatile: list[Region] = []
    unsupported: list[UnsupportedRegion] = []
    computed: list[Region] = []
    surveys: list[Survey] = []
    for region in find_regions(book, extents):
        reason, parts = region.fault, [(region, Survey())]
        if region.node is not None:
            try:
                parts = names.regions(region)
            except SheetsimError as error:
                reason = str(error)
        for part, found in parts:
            regions.append(part)
            lacking = reason or _lacking(found)
            if not redraw and any(calls_volatile(name) for name, _ in found.calls):
                volatile.append(part)
            elif lacking:
                unsupported.append(_unsupported(part, lacking))
            else:
                computed.append(part)
                surveys.append(found)
    effort = Effort(MOST_EFFORT // 2)
    while True:
        graph = build_graph(computed, surveys)
        tangled = {
            number
            for group in graph.groups
            for number in group
            if computed[number].each
            and (not batches or len(group) > 1 or graph.reads_itself(number) or surveys[number].dynamic)
        }
        if tangled:
            pieces = [
                (piece, found)
                for number, (region, found) in enumerate(zip(computed, surveys, strict=True))
                for piece in (region.apart() if number in tangled else [region])
            ]
            gone = {computed[number] for number in tangled}
            computed, surveys = [piece for piece, _ in pieces], [found for _, found in pieces]
            regions = [region for region in regions if region not in gone]
            known = set(regions)
            regions += [region for region in computed if region not in known]
            continue
        steps = [_step(graph, surveys, group) for group in graph.groups]
        groups = [
            step.regions
            for step, group in zip(steps, graph.groups, strict=True)
            if step.how != "sweep" and (len(group) > 1 or graph.reads_itself(group[0]))
        ]
        circular, beyond = circular_cells(book, names, groups, effort)
        if book.iterate:
            steps = [_in_rounds(step) if circular.keys() & step.regions else step for step in steps]
            arrays = {region for region in circular if region.array}
            circular = {region: cells for region, cells in circular.items() if region in arrays}
        if not circular and not beyond:
            return Plan(
                steps, regions, volatile, unsupported, graph, names, surveys, redraw, dict(extents or {})
            )
        reason = CIRCULAR + (" through an array formula" if book.iterate else "")
        unsupported += [_unsupported(region, why) for region, why in beyond.items()]
        left = [number for number, region in enumerate(computed) if region not in beyond]
        computed, surveys = [computed[number] for number in left], [surveys[number] for number in left]
        computed, surveys, kept = _without(circular, computed, surveys)
        unsupported += [_unsupported(region, reason) for region in kept]
        regions = [region for region in regions if region not in circular]
        known = set(regions)
        regions += kept + [region for region in computed if region not in known]


def _lacking(found: Survey) -> str:
    """What the engine does not know in a formula; "" when it knows all."""
    for name, count in sorted(found.calls):
        record = FUNCTIONS.get(name)
        if record is None:
            return why_unknown(name)
        if not record.takes(count):
            return f"{name} with {count} arguments"
    return ""


def _unsupported(region: Region, reason: str) -> UnsupportedRegion:
    return UnsupportedRegion(region.sheet, region.rect, region.text, reason)


def _step(graph: Graph, surveys: Sequence[Survey], group: Sequence[int]) -> PlanStep:
    regions = tuple(graph.regions[number] for number in group)
    dynamic = any(surveys[number].dynamic for number in group)
    if len(group) == 1 and not graph.reads_itself(group[0]):
        if regions[0].spills:
            return PlanStep("spill", regions, dynamic=dynamic)
        if is_table(regions[0].node):
            return PlanStep("table", regions)
        if refuses(regions[0].node):
            return PlanStep("cells", regions, dynamic=dynamic)
        small = regions[0].rect.size == 1 and not surveys[group[0]].wide
        return PlanStep("whole", regions, dynamic=dynamic, small=small and not dynamic)
    if not dynamic and not any(region.array for region in regions):
        sweep = find_sweep(regions, [surveys[number].references for number in group])
        if sweep is not None:
            return PlanStep("sweep", regions, sweep, tuple(segments(sweep)))
    return PlanStep("cells", regions, dynamic=dynamic)


def _in_rounds(step: PlanStep) -> PlanStep:
    """Regions that need each other's cells in a circle, to be worked out by iteration."""
    return PlanStep("rounds", step.regions)


def _without(
    circular: dict[Region, set[tuple[int, int]]], regions: list[Region], surveys: list[Survey]
) -> tuple[list[Region], list[Survey], list[Region]]:
    """Regions (and their surveys) without their circular cells, and regions of the circular cells."""
    left: list[tuple[Region, Survey]] = []
    kept: list[Region] = []
    for region, found in zip(regions, surveys, strict=True):
        if region not in circular:
            left.append((region, found))
            continue
        inside, outside = split(region, circular[region])
        kept += inside
        left += [(part, found) for part in outside]
    return [region for region, _ in left], [found for _, found in left], kept
