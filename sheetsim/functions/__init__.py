"""Excel's functions by family. Importing this package fills the table `FUNCTIONS`.

A new function is one record in the file of its family (see `registry`); `calling` makes arguments ready.
Five are worked out by the evaluators themselves with the rules of their family's file, because they take
references or leave arguments unevaluated: IF and IFERROR (`logical.where_true`, `where_wrong`), INDEX and
OFFSET (`lookup.index_area`, `offset_area`), ROW and its like; their records have no tellings.
"""

from sheetsim.formula.nodes import Call, Node
from sheetsim.functions import (  # noqa: F401  (each registers its functions)
    combinatorics,
    conditional,
    conditional_sets,
    database,
    dates,
    engineering,
    financial,
    information,
    linear_algebra,
    logical,
    lookup,
    math,
    matrix,
    normal,
    numerals,
    random,
    rounding,
    series,
    statistical,
    statistics,
    text,
    text_arrays,
    text_search,
    workdays,
)
from sheetsim.functions.registry import FUNCTIONS, Function

VOLATILE = frozenset({"RAND", "RANDBETWEEN", "RANDARRAY", "NOW", "TODAY"})
"""Functions whose results change at every calculation; OFFSET's does not, for the same cells."""


def unsupported(node: Node) -> str | None:
    """The name of the first function in the tree that is not known, or None."""
    return next((n.name for n in node.walk() if isinstance(n, Call) and n.name not in FUNCTIONS), None)


def is_volatile(node: Node) -> bool:
    """Whether the formula itself calls one of `VOLATILE`."""
    return any(isinstance(n, Call) and n.name in VOLATILE for n in node.walk())


__all__ = ["FUNCTIONS", "VOLATILE", "Function", "is_volatile", "unsupported"]
