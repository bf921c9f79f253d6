"""What a lesson is: its parameters, its inputs, its blocks, and where its four implementations are.

A lesson has four implementations, modules of its folder that never import one another:

    sheet      build(settings, data) -> Workbook                        Excel formulas
    arrays     compute(inputs) -> {block name: array}                   NumPy
    reference  compute(inputs) -> {block name: array}                   PyTorch's own classes
    kernel     compute(inputs, device) -> {block name: array}           kernel.cu, CUDA C++

What the implementations share is here: a *parameter* is a number that the user may choose; an *input* is
where such a number, or the data, stands in the workbook (`check` reads it from there); a *block* is a named
rectangle of formula cells, the unit of comparison; an *original* is the lesson as the course's own workbook
has it. `inputs` maps each parameter's and each input's name to a float, or to an array in the input's form.

In an exported workbook the defined name `LESSON.NAME` finds each input and block again (`adam.lr`,
`adam.lesson.grad`), also after a learner has moved things about; parameters that have no cell (how many
rows and epochs there are) are defined names with a constant (`adam.epochs` is `=10`).
"""

from __future__ import annotations

import difflib
import importlib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Literal

from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.families import package
from sheetsim.workbook import Sheet

Settings = dict[str, float]
"""A value for each of a lesson's parameters."""

Data = dict[str, NDArray[Any]]
"""The data by their inputs' names: float64 columns and grids (NaN is a blank), object arrays of texts."""

Inputs = Mapping[str, float | NDArray[Any]]

Form = Literal["number", "column", "grid", "texts"]
"""What an input is to the implementations: a float, a float64 array [rows] or [rows, columns], an object
array of str [rows, columns]."""

IMPLEMENTATIONS = ("sheet", "arrays", "reference", "kernel")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number that a user may choose: default, limits (`low` <= value <= `high`; with `open` the ends
    themselves are not allowed) and a sentence of help. With `choices` its value is the place, from 0, of one
    of these words; `tries` are values for the drop-down list of its cell."""

    name: str
    default: float
    help: str
    low: float = -math.inf
    high: float = math.inf
    open: bool = False
    integer: bool = False
    follows: str | None = None  # linked by formula to this parameter unless it is set
    choices: tuple[str, ...] = ()
    tries: tuple[float, ...] = ()

    def read(self, value: object) -> float:
        """The value, from text or a number. SheetsimError, one line, when it is none or out of limits."""
        if self.choices:
            return self._place(value)
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

    def _place(self, value: object) -> int:
        """The place of a word among the choices, from the word or from the place itself."""
        text = str(value).strip().casefold()
        if text in self.choices:
            return self.choices.index(text)
        try:
            place = float(text)
        except ValueError:
            place = -1.0
        if place not in range(len(self.choices)):
            raise SheetsimError(f"{self.name}={value}: {self.name} is one of {self.limits}")
        return int(place)

    def shown(self, value: float) -> float | str:
        """A value as its cell shows it: the word, where there are choices."""
        return self.choices[int(value)] if self.choices else float(value)

    @property
    def limits(self) -> str:
        """The limits in words: "from 0 to 1", "above 0 and below 1", "any number"."""
        if self.choices:
            return ", ".join(self.choices)
        words = ("above {:.10g}", "below {:.10g}") if self.open else ("at least {:.10g}", "at most {:.10g}")
        parts = [words[0].format(self.low)] if self.low > -math.inf else []
        parts += [words[1].format(self.high)] if self.high < math.inf else []
        return " and ".join(parts) or "any number"


@dataclass(frozen=True, slots=True)
class Input:
    """Where an input stands. `optional`: it counts as given only where a value is typed there; where the
    workbook has a formula instead, the implementations compute it themselves (a start state from dry passes).
    `blank`: cells may be empty, which is NaN among numbers and "" among texts. `exact`: its numbers say which
    or whether (a place, a flag), not how much, and so no rounding changes them."""

    name: str
    sheet: str
    rect: Rect
    optional: bool = False
    form: Form = "number"
    blank: bool = False
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A named rectangle of formula cells; `columns` are its headings, `title` says what it is. Cells that are
    blank in it are NaN to the implementations. `rounding` is what its cells may differ by in any case: where
    a formula takes a number from one that is nearly the same, as 1-TANH(x)^2 does far from 0, little is left
    but what both were rounded by."""

    name: str
    sheet: str
    rect: Rect
    title: str
    columns: tuple[str, ...]
    rounding: float = 0.0


@dataclass(frozen=True)
class Original:
    """The lesson in a course's own workbook, all on one sheet. Its inputs and blocks stand on a sheet of that
    name ("" where no course has one, but a teacher may have made one); `blocks` may be a part of the lesson's
    own, or have names of their own, which the implementations know.

    `settings` reads off the sheet how large the lesson is there. `mark`, an address and the beginning of the
    formula there, tells one course's sheet from another's of the same name. `constants` are inputs that have
    no cell there.
    """

    sheet: str
    settings: Callable[[Sheet], Mapping[str, object]]
    inputs: Callable[[Settings], list[Input]]
    blocks: Callable[[Settings], list[Block]]
    mark: tuple[str, str] | None = None
    constants: Mapping[str, float] = field(default_factory=dict)


Choose = Callable[[Mapping[str, object], Mapping[str, str]], tuple[Settings, Data, list[str]]]
"""From settings given and sources given (option name to its text, such as ratings="u.data") to all settings,
the data, and notes for the user. SheetsimError, one line, when something is wrong with them."""


@dataclass(frozen=True)
class Lesson:
    """One lesson of the catalogue. `data` are the inputs that are data, typed where parameters are chosen;
    `sources` the options, of those in `sources.py`, that its data can come from; `choose` works them out."""

    name: str
    title: str
    line: str  # one sentence for `sheetsim list`
    parameters: tuple[Parameter, ...]
    inputs: Callable[[Settings], list[Input]]
    blocks: Callable[[Settings], list[Block]]
    make_data: Callable[[Settings], Data]
    data: tuple[str, ...] = ()
    originals: tuple[Original, ...] = ()
    conventions: str = ""  # what separates the lesson's rule from torch's, in a sentence or two
    structural: tuple[str, ...] = ()  # parameters that have no cell
    sources: tuple[str, ...] = ()
    choose: Choose | None = None

    @property
    def original_sheet(self) -> str | None:
        """The sheet of the course's own workbook."""
        return (self.originals[0].sheet or None) if self.originals else None

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

    def implementation(self, name: str) -> ModuleType:
        """The module of one of the four implementations."""
        return importlib.import_module(f"{package(self.name)}.{name}")


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'adam'?`, or what there is when nothing is near."""
    names = list(known)
    found = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.5)
    return f"; did you mean {found[0]!r}?" if found else f"; there are {', '.join(names)}"
