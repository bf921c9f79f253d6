"""What a sweep costs: the cells that the ranges of its formulas reach over, counted before it runs."""

from __future__ import annotations

from collections.abc import Sequence

from sheetsim.backends.loops import Segment
from sheetsim.formula.nodes import RangeRef
from sheetsim.plan.areas import Axis, area_of
from sheetsim.plan.recurrence import Sweep

PER_CELL = 15
"""What a cell of a range costs in a loop in Python; compiled it is 1."""


def sweep_effort(sweep: Sweep, segments: Sequence[Segment], compiled: bool) -> int:
    """Cell operations of the generated loops; what they leave to the per-cell evaluator is counted there."""
    total = 0
    for segment in segments:
        if segment.loop is None:
            continue
        for read in segment.loop.code("plain").reads:
            if not isinstance(read.reference, RangeRef):
                continue
            region = sweep.members[segment.active[read.member]]
            area = area_of(read.reference, region.rect, region.sheet)
            rows, columns = _mean(area.rows, region.rect.rows), _mean(area.columns, region.rect.columns)
            per_cell = 1 if compiled and segment.compiled else PER_CELL
            total += int(per_cell * rows * columns * region.rect.size)
    return total


def _mean(axis: Axis, steps: int) -> float:
    """The mean length of what an axis spans."""
    lengths = [high - low for low, high in (axis.at(0), axis.at(steps // 2), axis.at(steps - 1))]
    return sum(lengths) / 3
