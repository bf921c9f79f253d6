"""Excel's functions by family. Importing this package fills the table `FUNCTIONS`.

A new function is one record in the file of its family (see `registry`); `calling` makes arguments ready.
Some take references, functions, or arguments that are not worked out; their records have a `rule` (see
`operands`).
"""

from sheetsim.formula.nodes import Call, Node
from sheetsim.functions import (  # noqa: F401  (each registers its functions)
    choosing,
    combinatorics,
    conditional,
    database,
    dates,
    engineering,
    financial,
    grouping,
    information,
    lambdas,
    linear_algebra,
    logical,
    lookup,
    math,
    matrix,
    normal,
    numerals,
    pivoting,
    random,
    references,
    regular,
    rounding,
    series,
    shaping,
    sorting,
    statistical,
    statistics,
    subtotals,
    text,
    text_arrays,
    text_numbers,
    text_search,
    what_if,
    workdays,
)
from sheetsim.functions.registry import FUNCTIONS, Function


def unsupported(node: Node) -> str | None:
    """The name of the first function in the tree that is not known, or None."""
    return next((n.name for n in node.walk() if isinstance(n, Call) and n.name not in FUNCTIONS), None)


def is_volatile(node: Node) -> bool:
    """Whether the formula itself calls a function whose results change at every calculation."""
    return any(isinstance(n, Call) and calls_volatile(n.name) for n in node.walk())


def calls_volatile(name: str) -> bool:
    """Whether a function is one whose results change at every calculation (RAND); OFFSET's does not, for the
    same cells."""
    return name in FUNCTIONS and FUNCTIONS[name].volatile


__all__ = ["FUNCTIONS", "Function", "calls_volatile", "is_volatile", "unsupported"]
