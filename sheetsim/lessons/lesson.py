"""What a lesson is: its parameters, its inputs, its blocks, and where its four tellings are.

A lesson is told four times, by modules of its folder that never import one another:

    sheet      build(settings, data) -> Workbook                        Excel formulas
    arrays     compute(inputs) -> {block name: array}                   NumPy
    reference  compute(inputs) -> {block name: array}                   PyTorch's own classes
    kernel     compute(inputs, device) -> {block name: array}           kernel.cu, CUDA C++

What the tellings share is here: a *parameter* is a number that the user may choose; an *input* is where such
a number, or the data, stands in the workbook (`check` reads it from there); a *block* is a named rectangle
of formula cells, the unit of comparison. `inputs` maps each parameter's and each input's name to a float, or
to a float64 array for data columns.

In an exported workbook the defined name `LESSON.NAME` finds each input and block again (`adam.lr`,
`adam.lesson.grad`), also after a learner has moved things about; parameters that have no cell (how many
rows and epochs there are) are defined names with a constant (`adam.epochs` is `=10`).
"""

from __future__ import annotations

import difflib
import importlib
import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError

Settings = dict[str, float]
"""A value for each of a lesson's parameters."""

Data = dict[str, NDArray[np.float64]]
"""The data columns, one-dimensional, by name."""

Inputs = Mapping[str, float | NDArray[np.float64]]

TELLINGS = ("sheet", "arrays", "reference", "kernel")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number that a user may choose: default, limits (`low` <= value <= `high`; with `open` the ends
    themselves are not allowed) and a sentence of help."""

    name: str
    default: float
    help: str
    low: float = -math.inf
    high: float = math.inf
    open: bool = False
    integer: bool = False
    follows: str | None = None  # linked by formula to this parameter unless it is set

    def read(self, value: object) -> float:
        """The value, from text or a number. SheetsimError, one line, when it is none or out of limits."""
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise SheetsimError(
                f"{self.name}={value}: {self.name} is a number, like {self.default:g}"
            ) from None
        inside = self.low < number < self.high if self.open else self.low <= number <= self.high
        if not inside or math.isnan(number) or math.isinf(number):
            raise SheetsimError(f"{self.name}={value}: {self.name} must be {self.limits}")
        if self.integer and number != int(number):
            raise SheetsimError(f"{self.name}={value}: {self.name} is a whole number")
        return int(number) if self.integer else number

    @property
    def limits(self) -> str:
        """The limits in words: "from 0 to 1", "above 0 and below 1", "any number"."""
        words = ("above {:.10g}", "below {:.10g}") if self.open else ("at least {:.10g}", "at most {:.10g}")
        parts = [words[0].format(self.low)] if self.low > -math.inf else []
        parts += [words[1].format(self.high)] if self.high < math.inf else []
        return " and ".join(parts) or "any number"


@dataclass(frozen=True, slots=True)
class Input:
    """Where an input stands. `optional`: it counts as given only where a value is typed there; where the
    workbook has a formula instead, the tellings compute it themselves (a start state from dry passes)."""

    name: str
    sheet: str
    rect: Rect
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A named rectangle of formula cells; `columns` are its headings, `title` says what it is."""

    name: str
    sheet: str
    rect: Rect
    title: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Lesson:
    """One lesson of the catalogue."""

    name: str
    title: str
    line: str  # one sentence for `sheetsim list`
    parameters: tuple[Parameter, ...]
    inputs: Callable[[Settings], list[Input]]
    blocks: Callable[[Settings], list[Block]]
    make_data: Callable[[Settings], Data]
    original_sheet: str | None = None  # the sheet of the course's own workbook
    conventions: str = ""  # what separates the lesson's rule from torch's, in a sentence or two
    structural: tuple[str, ...] = field(default=("rows", "epochs"))  # parameters that have no cell

    def parameter(self, name: str) -> Parameter:
        """SheetsimError with the nearest name when there is none of that name."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        known = [parameter.name for parameter in self.parameters]
        raise SheetsimError(f"{self.name} has no parameter {name!r}{nearest(name, known)}")

    def settings(self, given: Mapping[str, object] | None = None) -> Settings:
        """A full set of checked settings: what is given, defaults for the rest."""
        checked = {name: self.parameter(name).read(value) for name, value in (given or {}).items()}
        full: Settings = {}
        for parameter in self.parameters:
            if parameter.name in checked:
                full[parameter.name] = checked[parameter.name]
            elif parameter.follows:
                full[parameter.name] = full[parameter.follows]
            else:
                full[parameter.name] = int(parameter.default) if parameter.integer else parameter.default
        return full

    def export(
        self,
        path: str | os.PathLike[str],
        *,
        data: str | os.PathLike[str] | None = None,
        force: bool = False,
        **settings: object,
    ) -> Path:
        """Write the lesson's workbook: `lesson("adam").export("adam.xlsx", lr=0.2, epochs=20)`.

        `settings` are values for some of the parameters, `data` a CSV file with the points. Returns the path.
        SheetsimError, one line, when a setting or the data are wrong, or the file is there already (and not
        `force`) or cannot be written; nothing is written then.
        """
        # by name, like the tellings: what a lesson is, which its sheet imports, knows no engine
        exporter = importlib.import_module("sheetsim.lessons.export")
        written: Path = exporter.export(self, path, settings=settings, data=data, force=force)
        return written

    def telling(self, name: str) -> ModuleType:
        """The module of one of the four tellings."""
        return importlib.import_module(f"sheetsim.lessons.{self.name}.{name}")


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'adam'?`, or what there is when nothing is near."""
    names = list(known)
    found = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.5)
    return f"; did you mean {found[0]!r}?" if found else f"; there are {', '.join(names)}"
