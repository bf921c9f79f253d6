"""Workbooks as differentiable functions: the plan's steps carried out on torch tensors.

`TensorFunction` takes some cells of a workbook as inputs and others as outputs. What the outputs need and the
inputs move is computed in torch, in float64, region by region as in `arrays.py` and sweep by sweep where rows
depend on rows above; all else is a constant, taken from a calculation in NumPy at the same inputs:

    f = TensorFunction(book, inputs=["adam!D2"], outputs=["adam!I32"])
    lr = torch.tensor(0.1, dtype=torch.float64, requires_grad=True)
    f(lr).backward()

What has a slope is a row in the table `SMOOTH` (and the operators in `OPERATORS`). A moved part of a formula
that has none there (a comparison, a look-up's position, COUNT) is taken as NumPy computed it and is named in
`TensorFunction.notes`: the outputs do not follow the inputs smoothly through it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.engine.arrays import Calculation, calculate
from sheetsim.engine.inputs import Place, places, put, set_free
from sheetsim.engine.passes import line_cells
from sheetsim.engine.plan import Step, make_plan
from sheetsim.engine.whole import Whole
from sheetsim.errors import MissingExtra, SheetsimError, Unsupported
from sheetsim.formula import unparse
from sheetsim.formula.nodes import Binary, Call, CellRef, Missing, Node, RangeRef, Unary
from sheetsim.functions.coercion import to_booleans, to_numbers
from sheetsim.functions.elementary import MAX_REPEATED
from sheetsim.graph.areas import Area, Axis, area_of
from sheetsim.graph.dependencies import survey
from sheetsim.graph.regions import Region
from sheetsim.limits import Effort
from sheetsim.values import ERROR, NUMBER, Values
from sheetsim.workbook import Workbook

try:
    import torch
    from torch import Tensor
except ImportError:
    raise MissingExtra("torch", "torch", "a differentiable function of a workbook") from None

_ZERO = torch.zeros((), dtype=torch.float64)

# -- operators and functions: the value and, through autograd, the slope; operands are [R, C, h, w]


def _masked(bad: Tensor, safe: Callable[[], Tensor]) -> Tensor:
    """`safe()`, and not a number where `bad`: an error value, through which no slope flows."""
    result = safe()
    return torch.where(bad, torch.nan, result) if bool(bad.any()) else result


def _divide(a: Tensor, b: Tensor) -> Tensor:
    return _masked(b == 0, lambda: a / torch.where(b == 0, 1.0, b))


def _power(a: Tensor, b: Tensor) -> Tensor:
    exponent = float(b.reshape(-1)[0]) if b.numel() == 1 and not b.requires_grad else None
    if exponent is not None and exponent == int(exponent) and 0 < abs(exponent) <= MAX_REPEATED:
        result = a
        for _ in range(int(abs(exponent)) - 1):  # repeated multiplication, as everywhere
            result = result * a
        return result if exponent > 0 else _divide(torch.ones_like(result), result)
    return torch.pow(a, b)


def _root(a: Tensor) -> Tensor:
    return _masked(a < 0, lambda: torch.sqrt(torch.where(a < 0, 1.0, a)))


def _logarithm(log: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    return lambda a: _masked(a <= 0, lambda: log(torch.where(a <= 0, 1.0, a)))


def _total(a: Tensor) -> Tensor:
    """The sum over h and w, added up in reading order."""
    return a.flatten(-2).cumsum(-1)[..., -1][..., None, None]


def _log(a: Tensor, base: Tensor | None = None) -> Tensor:
    if base is None:
        return _logarithm(torch.log10)(a)
    return _divide(_logarithm(torch.log)(a), _logarithm(torch.log)(base))


OPERATORS: dict[str, Callable[..., Tensor]] = {
    "+": torch.add,
    "-": torch.sub,
    "*": torch.mul,
    "/": _divide,
    "^": _power,
}

SMOOTH: dict[str, Callable[..., Tensor]] = {
    "ABS": torch.abs,
    "COS": torch.cos,
    "EXP": torch.exp,
    "LN": _logarithm(torch.log),
    "LOG": _log,
    "LOG10": _logarithm(torch.log10),
    "POWER": _power,
    "SIN": torch.sin,
    "SQRT": _root,
    "TANH": torch.tanh,
}
"""Functions of single numbers."""

REDUCING: dict[str, Callable[[list[tuple[Tensor, Tensor]]], Tensor]] = {
    "SUM": lambda parts: sum((_total(x) for x, _ in parts), _ZERO),
    "SUMSQ": lambda parts: sum((_total(x * x) for x, _ in parts), _ZERO),
    "AVERAGE": lambda parts: _divide(
        sum((_total(x) for x, _ in parts), _ZERO),
        sum((_total(counts.double()) for _, counts in parts), _ZERO),
    ),
    "MAX": lambda parts: _extreme(parts, torch.amax, -torch.inf),
    "MIN": lambda parts: _extreme(parts, torch.amin, torch.inf),
    "SUMPRODUCT": lambda parts: _total(_product([x for x, _ in parts])),
    "SUMXMY2": lambda parts: _total(
        torch.where(parts[0][1] & parts[1][1], parts[0][0] - parts[1][0], 0.0) ** 2
    ),
    "MMULT": lambda parts: _matrix_product(*parts),
    "TRANSPOSE": lambda parts: parts[0][0].transpose(-1, -2),
}
"""Functions of ranges: each argument comes as its numbers (0 where a cell is no number) and a mask of where
there are numbers."""


def _matrix_product(left: tuple[Tensor, Tensor], right: tuple[Tensor, Tensor]) -> Tensor:
    (a, counts_a), (b, counts_b) = left, right
    bad = ~(counts_a.all(-1).all(-1) & counts_b.all(-1).all(-1))[..., None, None]
    return _masked(bad, lambda: a @ b)


def _product(parts: Sequence[Tensor]) -> Tensor:
    result = parts[0]
    for part in parts[1:]:
        result = result * part
    return result


def _extreme(parts: list[tuple[Tensor, Tensor]], pick: Callable[..., Tensor], none: float) -> Tensor:
    tops = [pick(torch.where(counts, x, none), dim=(-2, -1), keepdim=True) for x, counts in parts]
    result = tops[0]
    for top in tops[1:]:
        result = pick(torch.stack(torch.broadcast_tensors(result, top)), dim=0)
    return torch.where(torch.isinf(result), 0.0, result)


# -- the function


class TensorFunction:
    """The outputs of a workbook as a function of its inputs; see the module's example.

    `inputs` and `outputs` are addresses with their sheet ("adam!D2", "adam!B4:B32"). Called with a float64
    tensor for each input (a scalar, or of the range's shape) it returns a tensor for each output, alone when
    there is one; a single cell is a scalar tensor. `notes`, after a call, names what was taken as constant
    though the inputs move it. SheetsimError where an address is none, an output does not depend on any
    input, or on the way stands a formula through which no slope goes.
    """

    def __init__(self, book: Workbook, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        self.inputs, self.outputs = places(book, inputs), places(book, outputs)
        self.notes: list[str] = []
        self.book = set_free(book, self.inputs)
        self.plan = make_plan(self.book)
        self.steps = self._moved_steps()
        moved = [(region.sheet, region.rect) for step in self.steps for region in step.regions]
        for address, place in zip(outputs, self.outputs, strict=True):
            if not _meet(place, [*moved, *self.inputs]):
                raise SheetsimError(f"{address} does not depend on {', '.join(inputs)}")

    def __call__(self, *values: Tensor) -> Tensor | tuple[Tensor, ...]:
        if len(values) != len(self.inputs):
            raise SheetsimError(f"the function takes {len(self.inputs)} inputs, not {len(values)}")
        blocks: list[tuple[Place, Tensor]] = []
        for value, place in zip(values, self.inputs, strict=True):
            tensor = torch.as_tensor(value, dtype=torch.float64)
            if tensor.numel() not in (1, place[1].size):
                raise SheetsimError(f"{place[0]}!{place[1]} has {place[1].size} cells, not {tensor.numel()}")
            shaped = tensor.reshape(place[1].shape) if tensor.numel() > 1 else tensor.expand(place[1].shape)
            blocks.append((place, shaped))
            put(self.book, place, shaped.detach().cpu().numpy())
        run = _Run(calculate(self.book, self.plan), blocks)
        for step in self.steps:
            try:
                run.carry_out(step)
            except Unsupported as error:
                raise SheetsimError(f"no slope goes through {step.describe()}: {error}") from None
        self.notes = list(run.notes)
        results = [run.read(*place) for place in self.outputs]
        results = [result.reshape(()) if result.numel() == 1 else result for result in results]
        return results[0] if len(results) == 1 else tuple(results)

    def _moved_steps(self) -> list[Step]:
        """The steps that the inputs move and that the outputs need, in their order."""
        forward: list[tuple[Step, list[Place]]] = []
        sources = list(self.inputs)
        for step in self.plan.steps:
            reads = [place for region in step.regions for place in _reads(region)]
            if any(_meet(place, sources) for place in reads):
                forward.append((step, reads))
                sources += [(region.sheet, region.rect) for region in step.regions]
        wanted, needed = list(self.outputs), []
        for step, reads in reversed(forward):
            if any(_meet((region.sheet, region.rect), wanted) for region in step.regions):
                if step.how == "cells" or step.dynamic or any(region.array for region in step.regions):
                    raise SheetsimError(f"no slope goes through {step.describe()}")
                needed.append(step)
                wanted += reads
        return needed[::-1]


def make_function(book: Workbook, inputs: Sequence[str], outputs: Sequence[str]) -> TensorFunction:
    """A workbook as a differentiable function; see `TensorFunction`."""
    return TensorFunction(book, inputs, outputs)


def _meet(place: Place, others: Sequence[Place]) -> bool:
    return any(
        place[0].casefold() == sheet.casefold() and place[1].intersect(rect) is not None
        for sheet, rect in others
    )


def _reads(region: Region) -> list[Place]:
    """What a region's references reach, swept over the region."""
    assert region.node is not None
    rect = region.evaluated
    areas = [area_of(reference, rect, region.sheet) for reference in survey(region.node).references]
    return [(area.sheet, area.swept(rect)) for area in areas]


class _Run:
    """One call: blocks of moved cells as they are computed, above a calculation at the same inputs."""

    def __init__(self, calculation: Calculation, blocks: list[tuple[Place, Tensor]]) -> None:
        self.grids, self.effort = calculation.grids, Effort()
        self.blocks: list[tuple[Place, Tensor]] = list(blocks)
        self.cells: dict[tuple[str, int, int], Tensor] = {}  # of the sweep that is under way
        self.notes: dict[str, None] = {}
        self._moved: dict[Region, dict[Node, bool]] = {}

    def carry_out(self, step: Step) -> None:
        if step.sweep is None:
            (region,) = step.regions
            values = _Part(self, region, region.rect).result()
            self._keep(region, values[:, :, 0, 0].expand(region.rect.shape))
            return
        sweep = step.sweep
        spans = [sweep.times(number) for number in range(len(sweep.members))]
        for at in range(min(first for first, _ in spans), max(end for _, end in spans)):
            for number, region in enumerate(sweep.members):
                if spans[number][0] <= at < spans[number][1]:
                    for row, column in line_cells(sweep, number, at):
                        part = _Part(self, region, Rect.cell(row, column), step.regions)
                        self.cells[region.sheet.casefold(), row, column] = part.result().reshape(())
        for region in step.regions:
            name = region.sheet.casefold()
            cells = [self.cells[name, row, column] for row, column in region.rect.cells()]
            self._keep(region, torch.stack(cells).reshape(region.rect.shape))
        self.cells.clear()

    def _keep(self, region: Region, values: Tensor) -> None:
        self.blocks.append(((region.sheet, region.rect), values))

    def moves(self, region: Region, node: Node, sweeping: Sequence[Region]) -> bool:
        """Does any reference in a part of the region's formula reach moved cells?"""
        known = self._moved.setdefault(region, {})
        if node not in known:
            moved = [place for place, _ in self.blocks] + [(r.sheet, r.rect) for r in sweeping]
            areas = [area_of(reference, region.rect, region.sheet) for reference in survey(node).references]
            known[node] = any(_meet((area.sheet, area.swept(region.rect)), moved) for area in areas)
        return known[node]

    def read(self, sheet: str, rect: Rect) -> Tensor:
        """The numbers of a rectangle, moved ones with their history; NaN for error values."""
        name = sheet.casefold()
        if rect.size == 1 and (cell := self.cells.get((name, rect.top, rect.left))) is not None:
            return cell.reshape(1, 1)
        held = self.grids[name].block(rect)
        numbers = np.where(held.kind_array() == ERROR, np.nan, held.numbers)
        result = torch.from_numpy(np.ascontiguousarray(numbers))
        for (other, area), values in self.blocks:
            common = rect.intersect(area) if other.casefold() == name else None
            if common == rect:
                top, left = rect.top - area.top, rect.left - area.left
                result = values[top : top + rect.rows, left : left + rect.columns]
            elif common is not None:
                place, source = common.shift(-rect.top, -rect.left), common.shift(-area.top, -area.left)
                result = result.clone()
                result[place.top : place.bottom, place.left : place.right] = values[
                    source.top : source.bottom, source.left : source.right
                ]
        if self.cells and rect.size > 1:
            at = [(r - rect.top, c - rect.left) for r, c in rect.cells() if (name, r, c) in self.cells]
            if at:
                rows, columns = (torch.tensor(indices) for indices in zip(*at, strict=True))
                values = torch.stack([self.cells[name, r + rect.top, c + rect.left] for r, c in at])
                result = result.index_put((rows, columns), values)
        return result


class _Part:
    """Evaluates the formula of a region in some of its cells; operands are [R, C, h, w]."""

    def __init__(self, run: _Run, region: Region, rect: Rect, sweeping: Sequence[Region] = ()) -> None:
        self.run, self.region, self.rect, self.sweeping = run, region, rect, sweeping
        self.whole = Whole(region, rect, run.grids, lambda sheet, rect: None, _no_draw, run.effort)

    def result(self) -> Tensor:
        assert self.region.node is not None
        return self.value(self.region.node, self.region.lifted)

    def value(self, node: Node, array: bool) -> Tensor:
        """A node's numbers: one a cell, or where arrays are wanted (`array`) an h x w array a cell."""
        if not self.run.moves(self.region, node, self.sweeping):
            return self.constant(node, array)
        match node:
            case CellRef() | RangeRef():
                area = area_of(node, self.rect, self.region.sheet)
                return self.cells(area if array else self.one_of(area))
            case Unary(operator="-"):
                return -self.value(node.operand, array)
            case Unary(operator="+" | "@"):
                return self.value(node.operand, array)
            case Unary(operator="%"):
                return self.value(node.operand, array) / 100
            case Binary() if node.operator in OPERATORS:
                return OPERATORS[node.operator](self.value(node.left, array), self.value(node.right, array))
            case Call(name="IF"):
                return self.choice(node, array)
            case Call(name="IFERROR"):
                values = self.value(node.arguments[0], array)
                wrong = self.kinds(node.arguments[0], array) == ERROR
                if not wrong.any():
                    return values
                return torch.where(torch.from_numpy(wrong), self.value(node.arguments[1], array), values)
            case Call() if node.name in SMOOTH:
                return SMOOTH[node.name](*(self.value(argument, array) for argument in node.arguments))
            case Call() if node.name in REDUCING:
                inside = array or node.name in ARRAY_ARGUMENTS
                return REDUCING[node.name]([self.counted(argument, inside) for argument in node.arguments])
        text = unparse(node, self.region.rect.top, self.region.rect.left)
        self.run.notes[f"{self.region}: {text} is taken as constant: it does not change smoothly"] = None
        return self.constant(node, array)

    def choice(self, node: Call, array: bool) -> Tensor:
        """IF: the condition as it is at these inputs, both sides with their slopes."""
        condition, *branches = node.arguments
        truth, _ = to_booleans(self.whole.value(condition, array))
        if self.run.moves(self.region, condition, self.sweeping):
            text = unparse(condition, self.region.rect.top, self.region.rect.left)
            self.run.notes[f"{self.region}: IF chooses by {text}: no slope goes through the choice"] = None
        if truth.all() or not truth.any():
            branch = branches[0] if truth.all() else branches[1] if len(branches) > 1 else Missing()
            return self.value(branch, array)
        yes, no = (self.value(branch, array) for branch in (*branches, Missing())[:2])
        return torch.where(torch.from_numpy(np.ascontiguousarray(truth)), yes, no)

    def counted(self, node: Node, array: bool) -> tuple[Tensor, Tensor]:
        """An argument that may be a range: its numbers, and where it holds numbers."""
        if isinstance(node, (CellRef, RangeRef)):
            area = self.whole.cut(area_of(node, self.rect, self.region.sheet))
            kinds = self.whole.grid(area.sheet).windows(area, self.rect).kind_array()
            counts = torch.from_numpy(np.ascontiguousarray(kinds == NUMBER))
            numbers = self.cells(area)
            return (numbers if bool(counts.all()) else torch.where(counts, numbers, 0.0)), counts
        numbers = self.value(node, array)
        return numbers, torch.ones_like(numbers, dtype=torch.bool)

    def cells(self, area: Area) -> Tensor:
        """The cells of an area as each cell of the part sees them: [R, C, h, w]."""
        area = self.whole.cut(area)
        if not area.steady:
            raise SheetsimError(f"no slope goes through {self.region} ={self.region.text}: a growing range")
        swept = self.run.read(area.sheet, area.swept(self.rect))
        return swept.unfold(0, area.rows.length, 1).unfold(1, area.columns.length, 1)

    def one_of(self, area: Area) -> Area:
        """The one cell of a range that a formula in its row or column means."""
        rows, columns = area.rows, area.columns
        if rows.length > 1:
            rows = Axis(self.rect.top, self.rect.top, True, True)
        if columns.length > 1:
            columns = Axis(self.rect.left, self.rect.left, True, True)
        return Area(area.sheet, rows, columns)

    def constant(self, node: Node, array: bool) -> Tensor:
        """What NumPy gives at these inputs."""
        numbers, codes = to_numbers(self.whole.value(node, array))
        if codes is not None:
            numbers = np.where(codes != 0, np.nan, numbers)
        return torch.from_numpy(np.array(numbers, np.float64))

    def kinds(self, node: Node, array: bool) -> NDArray[np.uint8]:
        values: Values = self.whole.value(node, array)
        return np.ascontiguousarray(values.kind_array())


ARRAY_ARGUMENTS = frozenset({"SUMPRODUCT", "MMULT", "TRANSPOSE", "SUMXMY2"})
"""Functions whose arguments are evaluated as arrays in plain formulas too."""


def _no_draw(count: int) -> NDArray[np.float64]:
    raise AssertionError("volatile functions are kept at their stored values")
