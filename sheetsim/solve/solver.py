"""Solve a problem of a workbook: the objective and its exact gradient come from the engine's torch program.

problem = stored_problem(book, "dotprod")
solution = solve(book, problem)
solution.final, solution.values
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.errors import SheetsimError
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.run.inputs import put, set_free
from sheetsim.solve.device import torch_device
from sheetsim.solve.minimise import Evaluation, IterationProgress, Minimum, Status, load, minimise
from sheetsim.solve.problem import Constraint, Place, Problem, shown
from sheetsim.values import ERROR, ExcelError, Values
from sheetsim.workbook import Workbook
from sheetsim.xlsx.edit.patch import save_values

if TYPE_CHECKING:
    from sheetsim.backends.tensors import TensorFunction
    from sheetsim.run.execute import Calculation

Array = NDArray[np.float64]

SCHEMA = "sheetsim.solve/1"

MOST_SLOPES = 1 << 25  # of all cells in constraints by all changing cells


@dataclass(frozen=True, slots=True)
class Solution:
    """`start` and `final` are the objective's values as the workbook's own formulas give them; `values` the
    changing cells' numbers, each of its area's shape; `seconds` what it took once SciPy and torch were
    loaded; `notes` what no slope goes through."""

    problem: Problem
    start: float
    final: float
    gradient_norm: float
    iterations: int
    seconds: float
    status: Status
    values: list[tuple[Place, Array]]
    notes: list[str]
    missed: float = 0.0  # by how much the worst constraint is missed

    def as_json(self, file: str) -> dict[str, Any]:
        assert self.problem.objective is not None
        return {
            "schema": SCHEMA,
            "file": file,
            "sheet": self.problem.sheet,
            "objective": shown([self.problem.objective]),
            "goal": self.problem.goal,
            "variables": self.problem.variables,
            "start": self.start,
            "final": self.final,
            "gradient_norm": self.gradient_norm,
            "iterations": self.iterations,
            "seconds": round(self.seconds, 3),
            "status": self.status,
        }


def solve(
    book: Workbook,
    problem: Problem,
    *,
    method: str = "auto",
    max_seconds: float | None = None,
    max_iterations: int | None = None,
    rate: float | None = None,
    device: str = "cpu",
    progress: IterationProgress | None = None,
) -> Solution:
    """Solve a problem from the values that the changing cells hold (blanks are 0); the book is left as it is.

    `progress` is called after each iteration with its number, the objective and the gradient's norm. The rest
    is as in `minimise`. SheetsimError where the problem cannot be solved, with what stands in the way.
    """
    if problem.fault:
        raise SheetsimError(problem.fault)
    device = torch_device(device, "solving")
    load(method)
    began = time.perf_counter()
    aim = _Aim(book, problem, device)
    lower, upper = aim.bounds()
    sign = -1.0 if problem.goal == "max" else 1.0
    first = aim.value_in(aim.function.calculation)
    aim.require_slope()

    def tell(iterations: int, value: float, norm: float) -> None:
        if progress is not None:
            progress(iterations, aim.objective_of(value), norm)

    limit = problem.max_seconds if max_seconds is None else max_seconds
    found = minimise(
        lambda x: aim.evaluate(x, sign),
        aim.start,
        lower=lower,
        upper=upper,
        method=method,
        max_seconds=limit,
        max_iterations=max_iterations,
        rate=rate,
        progress=tell,
    )
    if found.status == "unbounded":
        raise SheetsimError(aim.without_end(found))
    final = aim.recalculated(found.x)
    return Solution(
        problem,
        first,
        final,
        found.gradient_norm,
        found.iterations,
        time.perf_counter() - began,
        found.status,
        list(zip(problem.changing, aim.split(found.x), strict=True)),
        aim.notes,
        found.missed,
    )


class _Aim:
    """The objective and the constraints as functions of one vector of all changing cells."""

    def __init__(self, book: Workbook, problem: Problem, device: str) -> None:
        assert problem.objective is not None
        self.problem, self.book = problem, book
        self.sizes = [rect.size for _, rect in problem.changing]
        self.start = np.concatenate([_numbers(book, place) for place in problem.changing])
        self.constraints = list(problem.constraints)
        self.variables = {
            cell: number
            for number, cell in enumerate(
                cell for sheet, rect in problem.changing for cell in _named(sheet, rect)
            )
        }
        self.first_side = {}  # by a constraint's identity: the number of its first area among the outputs
        at = 1
        for one in self.constraints:
            self.first_side[id(one)] = at
            at += len(one.left) + len(_cells(one.right))
        sides = [place for one in self.constraints for place in (*one.left, *_cells(one.right))]
        self.function = _function(book, problem.changing, [problem.objective, *sides], device)
        if not self.function.moves(problem.objective):
            raise SheetsimError(
                f"the objective {shown([problem.objective])} does not depend on the changing cells"
                f" {shown(problem.changing)}"
            )
        self._objective_now = np.nan
        self._at_start = self._outputs(self.start)
        self.limits = [one for one in self.constraints if self._is_bound(one)]
        self.kept = [one for one in self.constraints if not self._is_bound(one)]
        self.kept.sort(key=lambda one: one.relation != "=")
        rows = sum(rect.size for one in self.kept for _, rect in one.left)
        if rows * problem.variables > MOST_SLOPES:
            raise SheetsimError(
                f"{rows:,} cells in constraints by {problem.variables:,} changing cells are too many slopes"
                f" (at most {MOST_SLOPES:,})"
            )

    @property
    def notes(self) -> list[str]:
        """What no slope goes through, and changing cells that hold formulas."""
        notes = list(self.function.notes)
        for sheet, rect in self.problem.changing:
            if any(rect.intersect(fill.rect) for fill in self.book[sheet].fills):
                notes.append(f"{sheet}!{rect} holds formulas: its cells are changed as if they were numbers")
        return notes

    def require_slope(self) -> None:
        """SheetsimError where the objective depends on the changing cells by steps only, so that no slope
        says which way to go."""
        import torch

        (value, *_) = self._tensors(torch.tensor(self.start, requires_grad=True))
        if not value.requires_grad:
            assert self.problem.objective is not None
            by = f" ({'; '.join(self.function.notes)})" if self.function.notes else ""
            raise SheetsimError(
                f"the objective {shown([self.problem.objective])} changes by steps only: it has no slope{by}"
            )

    def without_end(self, found: Minimum) -> str:
        """Why there is no solution: the objective goes on for ever."""
        assert self.problem.objective is not None
        value = self.objective_of(found.value)
        end = "maximum" if self.problem.goal == "max" else "minimum"
        return (
            f"the objective {shown([self.problem.objective])} has no {end}: it is {value:.3g} and goes on"
            f" with {shown(self.problem.changing)}, already at {np.abs(found.x).max():.3g}: add a constraint"
        )

    def objective_of(self, value: float) -> float:
        """The objective itself, of what is minimised in its stead."""
        if isinstance(self.problem.goal, float):
            return self._objective_now
        return -value if self.problem.goal == "max" else value

    def split(self, x: Array) -> list[Array]:
        """The vector as blocks of the changing areas' shapes."""
        parts = np.split(x, np.cumsum(self.sizes)[:-1])
        return [
            part.reshape(rect.shape) for part, (_, rect) in zip(parts, self.problem.changing, strict=True)
        ]

    def recalculated(self, x: Array) -> float:
        """The objective by NumPy, the definition. SheetsimError where it is no number."""
        from sheetsim.run.execute import calculate
        from sheetsim.run.inputs import put

        for place, block in zip(self.problem.changing, self.split(x), strict=True):
            put(self.function.book, place, block)
        return self.value_in(calculate(self.function.book, self.function.plan), "at the best point found")

    def value_in(self, calculation: Calculation, where: str = "at the start values") -> float:
        """The objective in a calculation. SheetsimError where it is no number."""
        assert self.problem.objective is not None
        sheet, rect = self.problem.objective
        value = calculation.value(sheet, rect.top, rect.left)
        if not isinstance(value, float):
            what = str(value) if isinstance(value, ExcelError) else "no number"
            raise SheetsimError(f"the objective {shown([self.problem.objective])} is {what} {where}")
        return value

    def evaluate(self, x: Array, sign: float) -> Evaluation:
        """What is to be minimised, its gradient, and the constraints that are no bounds."""
        import torch

        point = torch.tensor(x, requires_grad=True)
        outputs = self._tensors(point)
        value = outputs[0]
        self._objective_now = float(value.detach())
        goal = self.problem.goal
        minimised = (value - goal) ** 2 if isinstance(goal, float) else sign * value
        gradient = np.zeros(x.shape)
        if minimised.requires_grad:  # else no slope leads there, here or anywhere: see `require_slope`
            (slope,) = torch.autograd.grad(minimised, point, retain_graph=bool(self.kept), allow_unused=True)
            gradient = gradient if slope is None else slope.numpy()
        if not self.kept:
            return Evaluation(float(minimised.detach()), gradient)
        rows, slopes, equal = [], [], 0
        for one in self.kept:
            left, right = self._sides(one, outputs)
            difference = right - left if one.relation == "<=" else left - right
            for item in difference:
                (slope,) = (
                    torch.autograd.grad(item, point, retain_graph=True, allow_unused=True)
                    if item.requires_grad
                    else (None,)
                )
                rows.append(float(item.detach()))
                slopes.append(np.zeros(x.shape) if slope is None else slope.numpy())
                equal += one.relation == "="
        return Evaluation(float(minimised.detach()), gradient, np.array(rows), np.array(slopes), equal)

    def bounds(self) -> tuple[Array, Array]:
        """The least and greatest value of each changing cell."""
        lower, upper = np.full(self.start.shape, -np.inf), np.full(self.start.shape, np.inf)
        for one in self.limits:
            left, right = self._sides(one, self._at_start)
            cells = [cell for sheet, rect in one.left for cell in _named(sheet, rect)]
            for cell, limit in zip(cells, np.broadcast_to(right.numpy(), left.shape), strict=True):
                at = self.variables[cell]
                if one.relation != "<=":
                    lower[at] = max(lower[at], limit)
                if one.relation != ">=":
                    upper[at] = min(upper[at], limit)
        if self.problem.not_negative:
            lower[np.isinf(lower)] = 0.0
        return lower, upper

    def _is_bound(self, one: Constraint) -> bool:
        cells = [cell for sheet, rect in one.left for cell in _named(sheet, rect)]
        moved = any(self.function.moves(place) for place in _cells(one.right))
        return not moved and all(cell in self.variables for cell in cells)

    def _sides(self, one: Constraint, outputs: Sequence[Any]) -> tuple[Any, Any]:
        """A constraint's left side [n] and right side [n] or [1]."""
        import torch

        at = self.first_side[id(one)]
        left = torch.cat([output.reshape(-1) for output in outputs[at : at + len(one.left)]])
        if isinstance(one.right, float):
            return left, torch.tensor([one.right], dtype=torch.float64)
        end = at + len(one.left) + len(one.right)
        right = torch.cat([output.reshape(-1) for output in outputs[at + len(one.left) : end]])
        if len(right) not in (1, len(left)):
            raise SheetsimError(f"{one.name or one}: {len(left)} cells cannot be compared with {len(right)}")
        return left, right

    def _tensors(self, point: Any) -> Sequence[Any]:
        parts = point.split(self.sizes)
        found = self.function(*parts)
        outputs = found if isinstance(found, tuple) else (found,)
        return [output.cpu() for output in outputs]

    def _outputs(self, x: Array) -> Sequence[Any]:
        import torch

        with torch.no_grad():
            return self._tensors(torch.tensor(x))


def _function(
    book: Workbook, inputs: Sequence[Place], outputs: Sequence[Place], device: str
) -> TensorFunction:
    from sheetsim.backends.tensors import TensorFunction

    return TensorFunction(book, inputs, outputs, device)


def _cells(side: float | tuple[Place, ...]) -> tuple[Place, ...]:
    return side if isinstance(side, tuple) else ()


def _named(sheet: str, rect: Any) -> list[tuple[str, int, int]]:
    return [(sheet.casefold(), row, column) for row, column in rect.cells()]


def _numbers(book: Workbook, place: Place) -> Array:
    block = book[place[0]].block(place[1])
    return np.where(block.kind_array() == ERROR, 0.0, block.numbers).reshape(-1)


def save_solution(
    source: str | os.PathLike[str],
    out: str | os.PathLike[str],
    book: Workbook,
    solution: Solution,
    *,
    force: bool = False,
) -> None:
    """Write to `out` a copy of `source` with the solution in its changing cells and every formula computed
    from it; all else stays byte for byte. `book` is what was read from `source`. SheetsimError as
    `xlsx.patch.save_values`."""
    solved = set_free(book, [place for place, _ in solution.values])
    for place, numbers in solution.values:
        put(solved, place, numbers)
    calculation = calculate(solved, make_plan(solved))
    typed = {place: Values(numbers) for place, numbers in solution.values}
    save_values(source, out, book, calculation.block, typed, force=force)
