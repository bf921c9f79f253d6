"""A recurrence as one differentiable operation of torch: forward by its loop, back by the loop of its slopes.

    recurrence = Recurrence.of(unit, book_grids)          Unsuited where a formula is no smooth function
    blocks = recurrence(*read_blocks)                      a tensor for each of the unit's regions

Memory is linear in the rows: the values that the loop leaves in its grids, and as much again for slopes. What
fails in the forward pass is NaN from there on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sheetsim.address import Rect
from sheetsim.backends import native
from sheetsim.backends.loops import Segment
from sheetsim.backends.slope_units import Unit
from sheetsim.ir.lower import Unsuited
from sheetsim.plan.areas import area_of
from sheetsim.plan.recurrence import Sweep
from sheetsim.plan.regions import Region
from sheetsim.run.recurrences import Backend, Pass
from sheetsim.run.store import Grid
from sheetsim.values import ERROR, NUMBER, ExcelError

Place = tuple[str, Rect]

COMPILED = 2000
"""Cells from which the loops are compiled."""


@dataclass(slots=True)
class Recurrence:
    """`reads` are the moving blocks that the recurrence reads (their sheets in lower case), in the order in
    which it is called with them; `writes` are its own."""

    sweep: Sweep
    segments: Sequence[Segment]
    reads: Sequence[Place]
    writes: Sequence[Place]
    grids: Mapping[str, Grid]
    compiled: bool

    @classmethod
    def of(
        cls, unit: Unit, moving: Callable[[str, Rect], list[Place]], grids: Mapping[str, Grid]
    ) -> Recurrence:
        """The recurrence of a unit, on copies of the grids that a calculation left. Unsuited where a formula
        has no slope, or where something in it is no number."""
        sweep, segments = unit.step.sweep, unit.step.segments
        assert sweep is not None
        own = {sheet: _copied(grids[sheet]) for sheet in sweep.places.sheets}
        cells = sum(region.rect.size for region in unit.regions)
        compiled = native.available() and cells > COMPILED
        run = Pass(own, _unexpected, "llvm" if compiled else "python")
        for segment in segments:
            if segment.loop is None:
                raise Unsuited(segment.reason)
            code = segment.loop.code("plain", compiled)
            if any(code.truths) or not run.takes(code, sweep, segment):
                raise Unsuited("something that is no number")
            segment.loop.way_back(compiled)
        writes = [(region.sheet.casefold(), region.rect) for region in unit.regions]
        found: dict[Place, None] = {}
        for member, references in zip(sweep.members, sweep.references, strict=True):
            for reference in references:
                area = area_of(reference, member.rect, member.sheet)
                found |= dict.fromkeys(moving(area.sheet, area.swept(member.rect)))
        return cls(sweep, segments, [place for place in found if place not in writes], writes, own, compiled)

    def __call__(self, *blocks: Tensor) -> tuple[Tensor, ...]:
        found: tuple[Tensor, ...] = _Run.apply(self, *blocks)
        return found

    def forward(self, blocks: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
        """The cells of `writes` for these of `reads`."""
        for (sheet, rect), block in zip(self.reads, blocks, strict=True):
            where = np.s_[rect.top : rect.bottom, rect.left : rect.right]
            self.grids[sheet].numbers[where] = np.where(np.isfinite(block), block, float(ExcelError.NUM))
            self.grids[sheet].kinds[where] = np.where(np.isfinite(block), np.uint8(NUMBER), np.uint8(ERROR))
        backend: Backend = "llvm" if self.compiled else "python"
        Pass(self.grids, self._failed, backend).run(self.sweep, self.segments)
        results = []
        for sheet, rect in self.writes:
            where = np.s_[rect.top : rect.bottom, rect.left : rect.right]
            numbers, kinds = self.grids[sheet].numbers[where], self.grids[sheet].kinds[where]
            results.append(np.where(kinds == ERROR, np.nan, numbers))
        return results

    def _failed(self, region: Region, row: int, column: int) -> None:
        """A cell that the loop could not work out."""
        self.grids[region.sheet.casefold()].put(row, column, ExcelError.NUM)

    def backward(
        self, kept: Mapping[str, NDArray[np.float64]], seeds: Sequence[NDArray[np.float64]]
    ) -> list[NDArray[np.float64]]:
        """The slopes by the cells of `reads`, of what has the slopes `seeds` by those of `writes`."""
        slopes: dict[str, NDArray[np.float64]] = {}
        for sheet, grid in self.grids.items():
            grid.changed(Rect(0, 0, grid.height, grid.width))
            grid.numbers[...] = kept[sheet]
            slopes[sheet] = np.zeros((grid.width, grid.height)).T
        for (sheet, rect), seed in zip(self.writes, seeds, strict=True):
            slopes[sheet][rect.top : rect.bottom, rect.left : rect.right] += seed
        flat = {sheet: array.T.reshape(-1) for sheet, array in slopes.items()}
        through = True
        for segment in reversed(self.segments):
            assert segment.loop is not None
            code = segment.loop.way_back(self.compiled)
            ends = segment.start, segment.stop
            through &= code.back(self.grids, flat, self.sweep, segment.active, *ends)
        found = [slopes[s][r.top : r.bottom, r.left : r.right].copy() for s, r in self.reads]
        return found if through else [np.full(block.shape, np.nan) for block in found]


class _Run(torch.autograd.Function):
    """One pass through a recurrence."""

    @staticmethod
    def forward(ctx: Any, recurrence: Recurrence, *blocks: Tensor) -> tuple[Tensor, ...]:
        results = recurrence.forward([block.detach().cpu().numpy() for block in blocks])
        ctx.recurrence = recurrence
        ctx.kept = {
            sheet: np.where(grid.kinds == ERROR, np.nan, grid.numbers)
            for sheet, grid in recurrence.grids.items()
        }
        ctx.device = blocks[0].device if blocks else "cpu"
        return tuple(torch.from_numpy(np.ascontiguousarray(block)).to(ctx.device) for block in results)

    @staticmethod
    @torch.autograd.function.once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: Any, *seeds: Tensor) -> tuple[Tensor | None, ...]:
        found = ctx.recurrence.backward(ctx.kept, [seed.detach().cpu().numpy() for seed in seeds])
        return (None, *(torch.from_numpy(slope).to(ctx.device) for slope in found))


def _copied(grid: Grid) -> Grid:
    other = Grid(grid.sheet, grid.used)
    other.numbers[...], other.kinds[...] = grid.numbers, grid.kinds
    return other


def _unexpected(region: Region, row: int, column: int) -> None:
    raise AssertionError("nothing is computed while a recurrence is looked at")
