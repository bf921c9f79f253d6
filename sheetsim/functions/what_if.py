"""{=TABLE(row input,column input)}: a what-if table, which a file keeps as a property of its cells.

Each of its cells is what a formula gives when other values stand in one or two input cells. Where these
values and formulas stand follows from the table's place:

    two inputs            one, by columns (TABLE(,B1))     one, by rows (TABLE(B1,))
    =f   1    2                 =f   =g                       1    2
    10   .    .            10    .    .                  =f   .    .
    20   .    .            20    .    .                  =g   .    .

`surrounded` writes the cells above and to the left into the call, so that it is known what a table reads; it
is worked out by `run/what_if.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from sheetsim.address import Rect
from sheetsim.errors import Unsupported
from sheetsim.formula.nodes import Call, CellRef, Node, RangeRef
from sheetsim.functions.operands import Evaluator, Operand
from sheetsim.functions.registry import Function, register


def surrounded(node: Node, rect: Rect) -> Node:
    """TABLE(B1,B2) of the cells `rect`, with what stands above and to the left; other formulas unchanged."""
    if not is_table(node) or rect.top == 0 or rect.left == 0:
        return node
    assert isinstance(node, Call)
    above = RangeRef(CellRef(-1, -1), CellRef(-1, rect.columns - 1))
    beside = RangeRef(CellRef(-1, -1), CellRef(rect.rows - 1, -1))
    return Call("TABLE", (*node.arguments[:2], above, beside))


def is_table(node: Node | None) -> bool:
    return isinstance(node, Call) and node.name == "TABLE"


def _table(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    raise Unsupported("TABLE that is no what-if table")


register(
    Function(
        "TABLE",
        ("lazy", "lazy", "lazy", "lazy"),
        2,
        4,
        rule=_table,
        gives_array=True,
        source="support.microsoft.com, Calculate multiple results by using a data table",
    )
)
