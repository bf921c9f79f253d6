"""What a printer of loops must be able to write; `scalar.Walk` asks it for one loop, piece by piece.

A `Code` is text of the printer's language that stands for a value and may be used again. Values are numbers
(float64), truth values, codes of kinds (see `values`), and what tells failure: an error's code where the loop
is exact, else a truth value. Addresses and places are whole numbers. Names are the printer's own, numbers are
constants: nothing comes from text of a workbook.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from typing import Literal

Code = str
What = Literal["number", "truth", "code", "failed"]


class Printer(ABC):
    """`exact`: errors are codes. `lazy`: of a choice only the chosen side is worked out. `stops_at_once`: a
    row that fails is left as soon as that shows."""

    exact: bool
    lazy: bool = False
    stops_at_once: bool = False

    # -- constants

    @abstractmethod
    def number(self, value: float) -> Code: ...

    @abstractmethod
    def truth(self, value: bool) -> Code: ...

    @abstractmethod
    def code(self, value: int) -> Code:
        """A kind."""

    @abstractmethod
    def failing(self, error: int) -> Code:
        """That something failed with this error; 0, that it did not."""

    # -- numbers and truth values

    @abstractmethod
    def calc(self, name: str, *values: Code) -> Code:
        """An operation of `ir/ops.py` on numbers and truth values."""

    @abstractmethod
    def choose(
        self, test: Code, yes: Code, no: Code, what: What, first: object = None, second: object = None
    ) -> Code:
        """One of two; `first` and `second` are what `aside` gave for them."""

    @abstractmethod
    def keep(self, code: Code, what: What) -> Code:
        """The same under a name, to be used more than once."""

    def aside(self) -> AbstractContextManager[object]:
        """What is written meanwhile belongs to one side of a choice (lazy printers)."""
        raise NotImplementedError

    # -- codes

    @abstractmethod
    def same_code(self, code: Code, wanted: int) -> Code: ...

    @abstractmethod
    def kind_among(self, kind: Code, kinds: int) -> Code: ...

    @abstractmethod
    def error_in(self, kind: Code, value: Code) -> Code:
        """The failure of a cell: its error, where it holds one."""

    @abstractmethod
    def fails(self, test: Code, error: int) -> Code: ...

    @abstractmethod
    def is_set(self, failed: Code) -> Code: ...

    @abstractmethod
    def first(self, failed: Code, other: Code) -> Code: ...

    @abstractmethod
    def number_of_code(self, failed: Code) -> Code: ...

    # -- places

    @abstractmethod
    def slot(self, number: int) -> Code: ...

    @abstractmethod
    def at(self, variable: str) -> Code:
        """The time `u` or the place within a line `s`."""

    @abstractmethod
    def integer(self, value: int) -> Code: ...

    @abstractmethod
    def whole(self, operator: Literal["+", "-", "*", "min", "max"], a: Code, b: Code) -> Code: ...

    @abstractmethod
    def load(self, sheet: int, address: Code) -> Code: ...

    @abstractmethod
    def load_kind(self, sheet: int, address: Code) -> Code: ...

    @abstractmethod
    def store(self, sheet: int, address: Code, number: Code) -> None: ...

    @abstractmethod
    def store_kind(self, sheet: int, address: Code, kind: Code) -> None: ...

    # -- statements

    @abstractmethod
    def before(self) -> AbstractContextManager[None]:
        """What is written meanwhile is done once, before the loop."""

    @abstractmethod
    def line(self, count: Code, backwards: bool) -> AbstractContextManager[None]:
        """A loop over `s`."""

    @abstractmethod
    def loop(self, name: str, low: Code, high: Code) -> AbstractContextManager[Code]: ...

    @abstractmethod
    def variable(self, start: Code, what: What) -> Code: ...

    @abstractmethod
    def assign(self, variable: Code, value: Code, what: What) -> None: ...

    @abstractmethod
    def value_of(self, variable: Code) -> Code: ...

    @abstractmethod
    def stop_if(self, test: Code) -> None:
        """Leave the loop with this time, if so."""

    @abstractmethod
    def end_of_time(self) -> None:
        """All members of one time are written."""
