"""Formula text and its parsed, relative form: `parse` and `unparse`; the nodes are in `nodes`."""

from sheetsim.formula.lexer import FormulaError
from sheetsim.formula.parser import parse
from sheetsim.formula.printer import unparse

__all__ = ["FormulaError", "parse", "unparse"]
