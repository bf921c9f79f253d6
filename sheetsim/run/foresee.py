"""How each step of a plan will be done, told before anything is computed; `recalc --plan` prints it.

    for step, way in foreseen(book, plan).items():
        print(step.describe(way))

What a formula's tree and its references leave open (an INDEX whose place means a whole row, a reference that
reaches over the sheet's edge) is looked at in the first two rows and columns of its region, on the stored
values. A calculation notes in `Calculation.ways` how it did each step; a test holds the two to each other.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.backends.arrays import Whole, refuses
from sheetsim.backends.gather import PerCell
from sheetsim.errors import Unsupported
from sheetsim.limits import Effort
from sheetsim.plan.areas import area_of
from sheetsim.plan.graph import survey
from sheetsim.plan.regions import Region
from sheetsim.plan.schedule import Plan, PlanStep
from sheetsim.run.anchors import Extent, put_in
from sheetsim.run.store import Grid, make_grids
from sheetsim.workbook import Workbook

MANY = 1000
"""Cells that a formula looks at from where arrays are faster than the per-cell evaluator."""

SAMPLE = 2
"""Rows and columns of a region that are looked at: its references move as they do in the others."""


def foreseen(book: Workbook, plan: Plan) -> dict[PlanStep, str]:
    """How each step will be done."""
    grids = make_grids(book, {})
    extents = {(r.sheet.casefold(), r.rect.top, r.rect.left): r.rect for r in plan.regions if r.spills}

    def extent(sheet: str, row: int, column: int) -> Rect | None:
        return extents.get((sheet.casefold(), row, column))

    return {step: _way(step, grids, extent) for step in plan.steps}


def _way(step: PlanStep, grids: Mapping[str, Grid], extent: Extent) -> str:
    if step.how not in ("whole", "spill") or step.small:
        return step.way
    (region,) = step.regions
    if step.how == "spill":
        region = put_in(region, extent)
        if not spills_whole(region):
            return step.way
    rect = region.rect
    if region.each:
        rect = Rect(rect.top, rect.left, min(rect.bottom, rect.top + SAMPLE), rect.right)
    elif not region.array and step.how == "whole":
        rect = Rect(
            rect.top, rect.left, min(rect.bottom, rect.top + SAMPLE), min(rect.right, rect.left + SAMPLE)
        )
    try:
        Whole(region, rect, grids, _nothing, _zeros, Effort()).result()
    except PerCell as reason:
        return left_over(step, str(reason))
    except Unsupported:
        return step.way
    return whole_way(step)


def whole_way(step: PlanStep) -> str:
    """Of a step that is done as whole arrays."""
    return "spills, whole array" if step.how == "spill" else step.way


def left_over(step: PlanStep, reason: str) -> str:
    """Of a step that whole arrays cannot do, for this reason."""
    region = step.regions[0]
    if step.how == "spill":
        return step.way
    if cell_as_arrays(region, step.dynamic):
        return f"each cell as arrays: {reason}"
    return f"cell by cell: {reason}"


def spills_whole(region: Region) -> bool:
    """Is a formula that spills tried as whole arrays?"""
    return (region.rect.size > MANY or reads_many(region)) and not refuses(region.node)


def cell_as_arrays(region: Region, dynamic: bool) -> bool:
    """Where whole arrays cannot do a region: do arrays pay for each of its cells alone?"""
    return not region.array and region.rect.size > 1 and not dynamic and reads_many(region)


def reads_many(region: Region) -> bool:
    """Whether a region's cells look at so many others that arrays pay for each alone."""
    assert region.node is not None
    areas = [area_of(reference, region.rect, region.sheet) for reference in survey(region.node).references]
    return sum(area.swept(region.rect).size for area in areas) > MANY


def _nothing(sheet: str, rect: Rect) -> None:
    """Stored values are there already."""


def _zeros(count: int) -> NDArray[np.float64]:
    return np.zeros(count)
