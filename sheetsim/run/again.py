"""A calculation kept up to date: after an edit, only what it moves is computed again.

    kept = Kept(book)
    kept.calculation                    everything computed once
    edits.put("adam", ...)
    kept.update(edits)                  what depends on it computed again

Where only values were put in, the plan stays. Where formulas were, the workbook is planned anew, and of its
cells those are computed that stand in the edited ones or depend on them. Everything is calculated from the
start where what depends on an edit does not show in the plan: a formula comes to spill over other cells,
cells need themselves, or a formula is beyond the limits.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from sheetsim.plan.schedule import CIRCULAR, Plan, PlanStep, make_plan
from sheetsim.run.edits import Edited, Edits
from sheetsim.run.execute import Calculation, calculate, calculate_again
from sheetsim.run.reach import Reach
from sheetsim.run.store import MOST_CELLS
from sheetsim.values import BLANK
from sheetsim.workbook import Workbook


class Kept:
    """A workbook and its calculation, at first from the start. `redraw` and `seed` as for `calculate`."""

    def __init__(self, book: Workbook, *, redraw: bool = False, seed: int | None = None) -> None:
        self._book, self._redraw = book, redraw
        self.calculation = calculate(book, make_plan(book, redraw=redraw), seed=seed)
        self._reach: Reach | None = None

    @property
    def redrawn(self) -> bool:
        """Were random numbers drawn?"""
        return self._redraw

    @property
    def reach(self) -> Reach:
        """Who reads what in the plan."""
        if self._reach is None:
            self._reach = Reach(self.calculation.plan)
        return self._reach

    def update(self, edits: Edits, only: Container[PlanStep] | None = None) -> None:
        """Bring the calculation up to date with what was edited; `only`: of the steps of its plan those, as
        nobody asks for more."""
        if not edits.changed:
            return
        updated = None if self._redraw else self._updated(edits, only)
        if updated is None:
            self._reach = None
            updated = calculate(self._book, make_plan(self._book, redraw=self._redraw))
        self.calculation = updated
        edits.settled()

    def _updated(self, edits: Edits, only: Container[PlanStep] | None) -> Calculation | None:
        """What the edits move computed again; None where all has to be."""
        before, reach = self.calculation, self.reach
        plan, changed = before.plan, [entry.place for entry in edits.changed]
        if edits.formulas or self._values_matter():
            plan = make_plan(self._book, extents=before.plan.extents)
            reach, only = Reach(plan), None
        shown = reach.shows_all and not before.late and not before.notes
        if not shown or self.reach.spilled(changed) or reach.spilled(changed):
            return None
        if plan is not before.plan and _kept_cells(plan) != _kept_cells(before.plan):
            return None
        if not self._fit(edits.changed):
            return None
        self._put(edits.changed)
        self._reach, again = reach, reach.of(changed)
        if only is not None:
            again = {step: part for step, part in again.items() if step in only}
        return calculate_again(self._book, before, plan, again)

    def _values_matter(self) -> bool:
        """May the plan be another with other values? Which cells need themselves shows when they are
        evaluated (`plan.circular`)."""
        unsupported = self.calculation.plan.unsupported
        circular = any(record.reason.startswith(CIRCULAR) for record in unsupported)
        return circular or self.reach.has_circles

    def _fit(self, changed: Sequence[Edited]) -> bool:
        """Make room for cells beyond those in use. False where a grid has to be made anew for it."""
        grids = self.calculation.grids
        for change in changed:
            grid, rect = grids.get(change.sheet.casefold()), change.rect
            if grid is None:
                return False
            if rect.bottom > grid.height or rect.right > grid.width:
                cells = 2 * max(rect.bottom, grid.height) * max(rect.right, grid.width)
                if cells + sum(other.height * other.width for other in grids.values()) > MOST_CELLS:
                    return False
                grid.reserve(rect)
        return True

    def _put(self, changed: Sequence[Edited]) -> None:
        """Put what has changed into the grids."""
        for change in changed:
            grid, rect = self.calculation.grids[change.sheet.casefold()], change.rect
            grid.restore(rect, change.values)
            inner = grid.used is not None and grid.used.holds_within(rect)
            if not inner and (change.values.kind_array() == BLANK).any():
                grid.used = self._book[change.sheet].used
            elif not inner:
                grid.used = rect if grid.used is None else grid.used.around(rect)


def _kept_cells(plan: Plan) -> set[object]:
    """What keeps its stored values, and why."""
    return {(record.sheet, record.rect, record.formula, record.reason) for record in plan.unsupported}
