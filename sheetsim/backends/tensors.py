"""Workbooks as differentiable functions: the plan's steps carried out on torch tensors.

`TensorFunction` takes some cells of a workbook as inputs and others as outputs. What the outputs need and
the inputs move (`moving.py`) is compiled once into steps on float64 tensors (`tensor_program.py`), region by
region as in `arrays.py` and cell by cell where rows depend on rows above; all else is a constant:

    f = TensorFunction(book, inputs=["adam!D2"], outputs=["adam!I32"])
    lr = torch.tensor(0.1, dtype=torch.float64, requires_grad=True)
    f(lr).backward()

What has a slope stands in the tables of `tensor_operations.py`. A moved part of a formula that has none there
(a comparison, a look-up's position, ROUND) is taken as it is at the inputs and is named in
`TensorFunction.notes`: the outputs do not follow the inputs smoothly through it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetsim.address import quote_sheet
from sheetsim.backends.slope_units import moving_units
from sheetsim.errors import MissingExtra, SheetsimError, printable
from sheetsim.plan.between import lacking
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import Calculation, calculate
from sheetsim.run.inputs import Place, places, put, set_free
from sheetsim.values import ERROR
from sheetsim.workbook import Workbook

try:
    import torch
    from torch import Tensor
except ImportError:
    raise MissingExtra("torch", "torch", "a differentiable function of a workbook") from None

from sheetsim.backends.tensor_program import Program  # needs torch


class TensorFunction:
    """The outputs of a workbook as a function of its inputs; see the module's example.

    `inputs` and `outputs` are addresses with their sheet ("adam!D2", "adam!B4:B32") or places. Called with a
    float64 tensor for each input (a scalar, or of the range's shape) it returns a tensor for each output,
    alone when there is one; a single cell is a scalar tensor. `notes` names what was taken as constant though
    the inputs move it. `device` is torch's ("cpu", "cuda"). `calculation` is NumPy's, at the inputs that were
    compiled for: first those that the book holds. SheetsimError where an address is none, or on the way
    stands a formula through which no slope goes.
    """

    def __init__(
        self,
        book: Workbook,
        inputs: Sequence[str | Place],
        outputs: Sequence[str | Place],
        device: str = "cpu",
    ) -> None:
        self.inputs, self.outputs = _places(book, inputs), _places(book, outputs)
        _apart(self.inputs)
        self.book = set_free(book, self.inputs)
        for place in self.inputs:
            block = book[place[0]].block(place[1])
            put(self.book, place, np.where(block.kind_array() == ERROR, 0.0, block.numbers))
        self.plan = make_plan(self.book, batches=False)
        missing = lacking(self.plan, self.inputs, self.outputs)
        if missing is not None:
            raise SheetsimError(
                f"{quote_sheet(missing.sheet)}!{missing.rect}, which stands between, cannot be computed:"
                f" {missing.reason} (={printable(missing.formula, 60)})"
            )
        self.device = device
        self.calculation: Calculation
        self._program = self._compiled()

    @property
    def notes(self) -> list[str]:
        return list(self._program.notes)

    def moves(self, place: Place) -> bool:
        """Do the inputs move any cell of an output?"""
        return self._program.moves(*place)

    def __call__(self, *values: Tensor) -> Tensor | tuple[Tensor, ...]:
        if len(values) != len(self.inputs):
            raise SheetsimError(f"the function takes {len(self.inputs)} inputs, not {len(values)}")
        blocks = []
        for value, (sheet, rect) in zip(values, self.inputs, strict=True):
            tensor = torch.as_tensor(value, dtype=torch.float64).to(self.device)
            if tensor.numel() not in (1, rect.size):
                raise SheetsimError(f"{sheet}!{rect} has {rect.size} cells, not {tensor.numel()}")
            blocks.append(tensor.reshape(rect.shape) if tensor.numel() > 1 else tensor.expand(rect.shape))
        if not self._program.steady:
            for block, place in zip(blocks, self.inputs, strict=True):
                put(self.book, place, block.detach().cpu().numpy())
            self._program = self._compiled()
        results = [
            result.reshape(()) if result.numel() == 1 else result for result in self._program.run(blocks)
        ]
        return results[0] if len(results) == 1 else tuple(results)

    def _compiled(self) -> Program:
        """The program for the inputs that are in the book now."""
        self.calculation = calculate(self.book, self.plan)
        units = moving_units(self.book, self.plan, self.calculation, self.inputs, self.outputs)
        return Program(units, self.inputs, self.outputs, self.calculation, self.device)


def make_function(
    book: Workbook, inputs: Sequence[str], outputs: Sequence[str], device: str = "cpu"
) -> TensorFunction:
    """A workbook as a differentiable function; see `TensorFunction`. SheetsimError also where an output does
    not depend on any input."""
    function = TensorFunction(book, inputs, outputs, device)
    for address, place in zip(outputs, function.outputs, strict=True):
        if not function.moves(place):
            raise SheetsimError(f"{address} does not depend on {', '.join(inputs)}")
    return function


def _places(book: Workbook, addresses: Sequence[str | Place]) -> list[Place]:
    return [places(book, [one])[0] if isinstance(one, str) else one for one in addresses]


def _apart(inputs: Sequence[Place]) -> None:
    for number, (sheet, rect) in enumerate(inputs):
        for other, area in inputs[:number]:
            if other == sheet and rect.intersect(area):
                raise SheetsimError(f"{sheet}!{rect} and {other}!{area} overlap: give each cell once")
