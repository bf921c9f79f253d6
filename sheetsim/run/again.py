"""A calculation kept up to date: after an edit, only what it moves is computed again.

    kept = Kept(book)
    kept.calculation                    everything computed once
    edits.put("adam", ...)
    kept.update(edits)                  what depends on it computed again

Where only values were put in, the plan stays. Where formulas were, the workbook is planned anew, and of its
cells those are computed that stand in the edited ones or depend on them. Everything is calculated from the
start where what depends on an edit does not show in the plan: formulas spill, cells need themselves, or a
formula is beyond the limits.
"""

from __future__ import annotations

from collections.abc import Sequence

from sheetsim.plan.schedule import CIRCULAR, Plan, make_plan
from sheetsim.run.edits import Change, Edits
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

    def update(self, edits: Edits) -> None:
        """Bring the calculation up to date with what was edited."""
        if not edits.changed:
            return
        before = self.calculation
        plan = before.plan
        if edits.formulas or self._circles_matter(plan):
            plan = make_plan(self._book, redraw=self._redraw)
        if self._redraw or not self._partly(before, plan) or not self._fit(edits.changed):
            self.calculation = calculate(self._book, plan)
            self._reach = None
        else:
            self._put(edits.changed)
            if self._reach is None or plan is not before.plan:
                self._reach = Reach(plan)
            again = self._reach.of([change.place for change in edits.changed])
            self.calculation = calculate_again(self._book, before, plan, again)
        edits.settled()

    def _partly(self, before: Calculation, plan: Plan) -> bool:
        """Does the plan show what depends on an edit?"""
        if before.late or before.notes:
            return False
        if any(step.how in ("spill", "rounds", "table") for step in plan.steps):
            return False
        return plan is before.plan or _kept_cells(plan) == _kept_cells(before.plan)

    def _circles_matter(self, plan: Plan) -> bool:
        """May other cells need themselves, with other values? (`plan.circular` asks the values.)"""
        if self._reach is None:
            self._reach = Reach(plan)
        circular = any(record.reason.startswith(CIRCULAR) for record in plan.unsupported)
        return circular or self._reach.has_circles

    def _fit(self, changed: Sequence[Change]) -> bool:
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

    def _put(self, changed: Sequence[Change]) -> None:
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
