"""The table of Excel's functions: one `Function` record each, registered by the file of its family.

A function is told once where primitive operations can say it: its `body` takes a builder and a term for each
argument (see `ir/build.py`), and every evaluator works with it, a cell at a time, on whole arrays, in loops.
What primitives can't say is an *intrinsic*:

- `scalar`, the definition of meaning, in plain Python: arguments are `Scalar`s, and for parameters that take
  ranges two-dimensional `Values`; the result is a `Scalar` or, for functions that give arrays, a
  two-dimensional `Values`.
- `array`, on whole arrays, where that is worth the while (without it `scalar` is called cell by cell): each
  argument is a four-dimensional `Values` [R, C, h, w], a rectangle of R x C
  cells (the region that is computed) in each of which the argument is an h x w array. A single value has
  h = w = 1; an argument that is the same in all cells has R = C = 1; axes of length 1 broadcast. The arrays
  may be zero-stride or sliding-window views: never write to them. Never add up in another order than
  reading order (h, then w).

Errors flow: unless a function says otherwise (`sees_errors`), the evaluators return the first argument that
is an error without calling it, and coerce "number" arguments first, by Excel's rules (blank 0, TRUE 1, text
that reads as a number, else #VALUE!). Range parameters come uncoerced: what a range's text and booleans mean
differs from function to function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from sheetsim.values import Values

OneValue = Literal["number", "strict", "text", "boolean", "any", "given", "corner"]
Kind = OneValue | Literal["range", "array", "sized", "lazy", "reference"]
"""What a parameter takes.

number, text, boolean: one value, coerced; arrays are lifted over (element by element) in array formulas.
strict: a number, but a boolean is #VALUE!, and so is a reference to more than one cell (functions that were
once the Analysis ToolPak's: EDATE, ERF, GCD, BIN2DEC; an array is lifted over all the same); left empty
where it is needed it is #N/A. any: one value, uncoerced. given: the same, but a blank cell is 0, and
nothing is an argument left out. corner: the same, and of a reference always its top left cell (N, T).
range: the whole rectangle or array, uncoerced (SUM also takes single values there: they come as 1 x 1, made
ready as the record's `direct` says). array: like range, but an expression there is worked out as in an
array formula also when the formula is none (SUMPRODUCT, MMULT). sized: a reference taken from its top left
cell in the size of the first argument (SUMIF's last). lazy, reference: what the record's `rule` makes of
the argument's node (IF; ROW, OFFSET, INDEX).
"""

Tail = Literal["blank", "zero", "product", "once", "counted", "all"]
"""What of a whole column's end a function's ranges may be given without. blank: blank cells. zero: blanks,
zeros and what is no number. product: cells beside which there is such a one in another range. once: all but
one of equal cells (MAX). counted: equal cells, each of which adds the same to the result (COUNTIF). all:
nothing (SORT)."""

Direct = Literal["", "number", "strict", "count", "boolean", "value"]
"""How a single value that stands in a range's place (`SUM("3",TRUE)`: neither a reference nor an array) is
made ready. number: to a number, or #VALUE!. strict: the same, but a boolean is #VALUE! and an argument left
empty #N/A. count: to a number where that is possible, else unchanged.
boolean: to a boolean where that is possible, else unchanged. value: unchanged, but an argument left out is 0.
"": unchanged.
"""


@dataclass(frozen=True, slots=True)
class Function:
    """One Excel function. `parameters` gives the kinds in order; with `repeats` the last `repeats` of them
    go on (SUM: 1, SUMIFS: 2). `least` and `most` arguments are allowed. With `draws` the implementations
    take one argument more, in front: a number drawn uniformly from [0, 1) for each cell (RAND, RANDBETWEEN).
    `effort` says of arguments (`Values`) how many cell operations the call takes, where that is not one for
    each cell of its ranges. `source` names where the meaning is written down.

    `spans` is the function of ranges that many cells share, or that grow from cell to cell: it gets what to
    call before work on so many cells, `Spans` (see `lines`) for ranges and [R, C, h, w] values for all else;
    it gives [R, C, h, w], or None where it has no such way."""

    name: str
    parameters: tuple[Kind, ...]
    least: int
    most: int
    scalar: Callable[..., object] | None = None
    array: Callable[..., object] | None = None
    body: Callable[..., Any] | None = None
    repeats: int = 0
    sees_errors: bool = False
    volatile: bool = False
    gives_array: bool = False
    direct: Direct = ""
    draws: bool = False
    source: str = ""
    effort: Callable[..., int] | None = None
    rule: Callable[..., object] | None = None
    anywhere: bool = False
    place_only: bool = False
    takes_functions: bool = False
    tail: Tail | Callable[..., Tail] = "blank"
    spans: Callable[..., Values | None] | None = None

    def takes(self, count: int) -> bool:
        """May it have so many arguments? A range that a criterion must follow doesn't stand alone at the
        end."""
        pairs = self.repeats == 2 and self.kind(count - 1) == "range"
        return self.least <= count <= self.most and not pairs

    @property
    def told(self) -> bool:
        """Is it a function of its arguments' values? The evaluators work the others out themselves."""
        return self.body is not None or self.scalar is not None

    def kind(self, position: int) -> Kind:
        """The kind of the argument at `position`, counted from 0."""
        if position < len(self.parameters):
            return self.parameters[position]
        start = len(self.parameters) - self.repeats
        return self.parameters[start + (position - start) % self.repeats]


FUNCTIONS: dict[str, Function] = {}


def register(function: Function) -> Function:
    """Add a record to the table. ValueError when the name is taken."""
    if function.name in FUNCTIONS:
        raise ValueError(f"{function.name} is registered twice")
    FUNCTIONS[function.name] = function
    return function
