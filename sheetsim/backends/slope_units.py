"""What some cells of a workbook move on the way to others: the part of a plan that has slopes.

    units = moving_units(book, plan, calculation, inputs, outputs)

A *unit* is what a backend with gradients computes at once: a region, a recurrence, or a stack of array
formulas, one above the other, that are the same in relative terms (`{=OFFSET($C$3:$G$3,L3,0)}` in M3:Q3, in
M4:Q4, ...): such a stack is one search and one gather. What OFFSET and INDEX read is taken from a
calculation, as only the values show it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.backends.arrays import Whole
from sheetsim.backends.cells import evaluate
from sheetsim.backends.gather import PerCell
from sheetsim.errors import SheetsimError, Unsupported
from sheetsim.formula.nodes import Node
from sheetsim.limits import Effort, TooLarge
from sheetsim.plan.areas import area_of
from sheetsim.plan.graph import components, survey
from sheetsim.plan.index import Index
from sheetsim.plan.regions import Region
from sheetsim.plan.schedule import Plan, PlanStep
from sheetsim.run.demand import Exact, Progress, units
from sheetsim.run.execute import Calculation
from sheetsim.run.inputs import Place
from sheetsim.run.store import Grid
from sheetsim.workbook import Workbook


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """`places` are the cells that it computes, a rectangle for each of `regions`. In a `stack` there is one
    region, whose rectangle is the column of the cells in which the array formulas are evaluated."""

    step: PlanStep
    regions: tuple[Region, ...]
    places: tuple[Rect, ...]
    stack: bool = False

    def computed(self) -> list[Place]:
        return [(region.sheet, rect) for region, rect in zip(self.regions, self.places, strict=True)]


def moving_units(
    book: Workbook, plan: Plan, calculation: Calculation, inputs: Sequence[Place], outputs: Sequence[Place]
) -> list[Unit]:
    """The units that the inputs move and that the outputs need, each after those that it reads."""
    stacked = _stacks(plan)
    try:
        ordered = _ordered(book, calculation, stacked) or _ordered(book, calculation, _singles(plan))
    except Unsupported as limit:
        raise SheetsimError(f"what the inputs move cannot be worked out: {limit}") from None
    assert ordered is not None
    return _between(*ordered, inputs, outputs)


def _between(
    found: list[Unit], reads: list[list[Place]], inputs: Sequence[Place], outputs: Sequence[Place]
) -> list[Unit]:
    rects: dict[str, list[tuple[Rect, int]]] = {}
    for sheet, rect in inputs:
        rects.setdefault(sheet.casefold(), []).append((rect, 0))
    free = {name: Index(pairs) for name, pairs in rects.items()}
    forward = _reached(found, reads, free)
    wanted = list(outputs)
    indexes = _indexes(forward)
    seen: set[Unit] = set()
    read_by = dict(zip(found, reads, strict=True))
    while wanted:
        sheet, rect = wanted.pop()
        index = indexes.get(sheet.casefold())
        for unit in index.hits(rect) if index else ():
            if unit not in seen:
                seen.add(unit)
                wanted += read_by[unit]
    return [unit for unit in forward if unit in seen]


def _reached(found: list[Unit], reads: list[list[Place]], free: Mapping[str, Index[int]]) -> list[Unit]:
    """The units that the inputs move. Units come in an order in which each is after those that it reads."""
    indexes = _indexes(found)
    moved: set[Unit] = set()
    forward = []
    for unit, places in zip(found, reads, strict=True):
        for sheet, rect in places:
            name = sheet.casefold()
            if (name in free and free[name].hits(rect)) or (
                name in indexes and any(other in moved for other in indexes[name].hits(rect))
            ):
                moved.add(unit)
                forward.append(unit)
                break
    return forward


def _indexes(found: Sequence[Unit]) -> dict[str, Index[Unit]]:
    pairs: dict[str, list[tuple[Rect, Unit]]] = {}
    for unit in found:
        for sheet, rect in unit.computed():
            pairs.setdefault(sheet.casefold(), []).append((rect, unit))
    return {name: Index(items) for name, items in pairs.items()}


def _ordered(
    book: Workbook, calculation: Calculation, found: list[Unit]
) -> tuple[list[Unit], list[list[Place]]] | None:
    """Units, each after those that it reads, and what each reads; None where stacks read each other."""
    recorder = _Recorder(book, calculation.plan, calculation.grids)
    reads = [_reads(unit, recorder) for unit in found]
    indexes = _indexes(found)
    number = {unit: n for n, unit in enumerate(found)}
    edges: list[list[int]] = []
    for unit, places in zip(found, reads, strict=True):
        others = [
            other for sheet, rect in places if (i := indexes.get(sheet.casefold())) for other in i.hits(rect)
        ]
        if unit.stack and unit in others:
            return None
        edges.append([number[other] for other in dict.fromkeys(others) if other is not unit])
    groups = components(edges)
    if any(len(group) > 1 and any(found[n].stack for n in group) for group in groups):
        return None
    order = [n for group in groups for n in sorted(group)]
    return [found[n] for n in order], [reads[n] for n in order]


def _singles(plan: Plan) -> list[Unit]:
    return [Unit(step, step.regions, tuple(region.rect for region in step.regions)) for step in plan.steps]


def _stacks(plan: Plan) -> list[Unit]:
    """The plan's steps as units, array formulas of one row that stand one above the other made one."""
    open_stacks: dict[tuple[str, Node, int, int, int], list[Region]] = {}
    found: list[Unit] = []
    rows: list[Unit] = []
    for unit in _singles(plan):
        region = unit.regions[0]
        one_row = unit.step.how == "whole" and region.array and region.rect.rows == 1
        (rows if one_row else found).append(unit)
    rows.sort(key=lambda unit: unit.regions[0].rect.top)
    steps: dict[Region, PlanStep] = {}
    for unit in rows:
        region = unit.regions[0]
        assert region.node is not None
        rect, sheet = region.rect, region.sheet.casefold()
        above = open_stacks.pop((sheet, region.node, rect.left, rect.right, rect.top), [])
        open_stacks[sheet, region.node, rect.left, rect.right, rect.bottom] = [*above, region]
        steps[region] = unit.step
    for members in open_stacks.values():
        first, rect = members[0], members[0].rect
        if len(members) == 1:
            found.append(Unit(steps[first], (first,), (rect,)))
            continue
        bottom = members[-1].rect.bottom
        column = Rect(rect.top, rect.left, bottom, rect.left + 1)
        region = replace(first, rect=column, array=False, lifted=True)
        whole = Rect(rect.top, rect.left, bottom, rect.right)
        found.append(Unit(steps[first], (region,), (whole,), stack=True))
    return found


class _Recorder(Exact):
    """The exact evaluator, remembering what it was asked for."""

    def __init__(self, book: Workbook, plan: Plan, grids: Mapping[str, Grid]) -> None:
        super().__init__(book, plan, grids, Progress([]), lambda: 0.0, Effort())
        self.guarded = True
        self.reads: dict[Place, None] = {}

    def expect(self, sheet: str, rect: Rect) -> None:
        self.reads[sheet, rect] = None


def _reads(unit: Unit, recorder: _Recorder) -> list[Place]:
    """What a unit's references reach, and what it finds by OFFSET and INDEX."""
    found: list[Place] = []
    for region in unit.regions:
        assert region.node is not None
        rect = region.evaluated
        surveyed = survey(region.node)
        areas = [area_of(reference, rect, region.sheet) for reference in surveyed.references]
        found += [(area.sheet, area.swept(rect)) for area in areas]
        if surveyed.dynamic:
            recorder.reads = {}
            try:
                Whole(region, region.rect, recorder.grids, recorder.expect, no_draw, recorder.effort).result()
            except (PerCell, TooLarge):
                array = region.array or region.lifted
                for row, column in units(region):
                    evaluate(
                        region.node,
                        sheet=region.sheet,
                        row=row,
                        column=column,
                        lookup=recorder,
                        array=array,
                        effort=recorder.effort,
                    )
            found += recorder.reads
    return found


def no_draw(count: int) -> NDArray[np.float64]:
    """For regions that keep stored values where they draw random numbers."""
    raise AssertionError("volatile functions are kept at their stored values")
