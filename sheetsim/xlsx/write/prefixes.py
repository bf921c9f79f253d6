"""Formulas as files spell them: functions newer than the file format get a prefix, `@` in a table none.

>>> prefixed("VAR.P(A1:A9)+SUM(B1)")
'_xlfn.VAR.P(A1:A9)+SUM(B1)'
>>> prefixed("Table1[@Age]*2")
'Table1[[#This Row],[Age]]*2'
>>> prefixed("LET(x,A1#,SUM(x))")
'_xlfn.LET(_xlpm.x,_xlfn.ANCHORARRAY(A1),SUM(_xlpm.x))'
"""

from __future__ import annotations

import re

from sheetsim.formula import parse, unparse
from sheetsim.formula.lexer import tokens
from sheetsim.formula.nodes import Apply, Binary, Call, NameRef, Node, OptionalName, Unary
from sheetsim.functions import FUNCTIONS
from sheetsim.functions.lambdas import bound_names
from sheetsim.values import in_capitals

# Functions newer than the file format: a file names them with `_xlfn.` ([MS-XLSX] 2.2.2).
_NEWER = """
    ACOT ACOTH AGGREGATE ANCHORARRAY ARABIC ARRAYTOTEXT BASE BETA.DIST BETA.INV BINOM.DIST
    BINOM.DIST.RANGE BINOM.INV BITAND BITLSHIFT BITOR BITRSHIFT BITXOR BYCOL BYROW CEILING.MATH
    CEILING.PRECISE CHISQ.DIST CHISQ.DIST.RT CHISQ.INV CHISQ.INV.RT CHISQ.TEST CHOOSECOLS CHOOSEROWS
    COMBINA CONCAT CONFIDENCE.NORM CONFIDENCE.T COPILOT COT COTH COVARIANCE.P COVARIANCE.S CSC CSCH DAYS
    DECIMAL DETECTLANGUAGE DROP ENCODEURL ERF.PRECISE ERFC.PRECISE EXPAND EXPON.DIST F.DIST F.DIST.RT
    F.INV F.INV.RT F.TEST FILTERXML FLOOR.MATH FLOOR.PRECISE FORECAST.ETS FORECAST.ETS.CONFINT
    FORECAST.ETS.SEASONALITY FORECAST.ETS.STAT FORECAST.LINEAR FORMULATEXT GAMMA GAMMA.DIST GAMMA.INV
    GAMMALN.PRECISE GAUSS GROUPBY HSTACK HYPGEOM.DIST IFNA IFS IMAGE IMCOSH IMCOT IMCSC IMCSCH IMPORTCSV
    IMPORTTEXT IMSEC IMSECH IMSINH IMTAN ISFORMULA ISOMITTED ISOWEEKNUM LAMBDA LET LOGNORM.DIST
    LOGNORM.INV MAKEARRAY MAP MAXIFS MINIFS MODE.MULT MODE.SNGL MUNIT NEGBINOM.DIST NORM.DIST NORM.INV
    NORM.S.DIST NORM.S.INV NUMBERVALUE PDURATION PERCENTILE.EXC PERCENTILE.INC PERCENTOF PERCENTRANK.EXC
    PERCENTRANK.INC PERMUTATIONA PHI PIVOTBY POISSON.DIST QUARTILE.EXC QUARTILE.INC QUERYSTRING RANDARRAY
    RANK.AVG RANK.EQ REDUCE REGEXEXTRACT REGEXREPLACE REGEXTEST RRI SCAN SEC SECH SEQUENCE SHEET SHEETS
    SINGLE SKEW.P SORTBY STDEV.P STDEV.S STOCKHISTORY SWITCH T.DIST T.DIST.2T T.DIST.RT T.INV T.INV.2T
    T.TEST TAKE TEXTAFTER TEXTBEFORE TEXTJOIN TEXTSPLIT TOCOL TOROW TRANSLATE TRIMRANGE UNICHAR UNICODE
    UNIQUE VALUETOTEXT VAR.P VAR.S VSTACK WEBSERVICE WEIBULL.DIST WRAPCOLS WRAPROWS XLOOKUP XMATCH XOR
    Z.TEST"""
_PREFIXED = frozenset(_NEWER.split())
_TWICE_PREFIXED = frozenset({"FILTER", "SORT"})


_OWN_SPELLING = re.compile(
    r"LET\s*\(|LAMBDA\s*\(|[#@]|(?:BYROW|BYCOL|MAP|REDUCE|SCAN|GROUPBY|PIVOTBY)\s*\(", re.IGNORECASE
)
_SPELLED = {"@": "SINGLE", "#": "ANCHORARRAY"}


def prefixed(formula: str) -> str:
    """The formula's text as a file needs it."""
    if _OWN_SPELLING.search(formula):
        node = parse(formula, 0, 0)
        spelled = _spelled(node, frozenset())
        formula = formula if spelled == node else unparse(spelled, 0, 0)
    if "(" not in formula and "[" not in formula:
        return formula
    found, end = [], 0
    for kind, text, _, start in tokens(formula):
        if kind == "function":
            name = in_capitals(text[:-1])
            prefix = "_xlfn." if name in _PREFIXED else "_xlfn._xlws." if name in _TWICE_PREFIXED else ""
            found += [formula[end:start], prefix, text]
            end = start + len(text)
        elif kind == "table" and "@" in text:
            found += [formula[end:start], unparse(parse(text, 0, 0), 0, 0)]
            end = start + len(text)
    return "".join(found) + formula[end:]


def _spelled(node: Node, bound: frozenset[str]) -> Node:
    """A formula with what files write for `A1#`, `@A1` and the names of LET and LAMBDA (`_xlpm.x`)."""
    match node:
        case Unary():
            operand = _spelled(node.operand, bound)
            name = _SPELLED.get(node.operator)
            return Call(name, (operand,)) if name else Unary(node.operator, operand)
        case Binary():
            return Binary(node.operator, _spelled(node.left, bound), _spelled(node.right, bound))
        case NameRef() if node.sheet is None and node.name.casefold() in bound:
            return NameRef(f"_xlpm.{node.name}")
        case OptionalName():
            return NameRef(f"_xlop.{node.name}")
        case Apply():
            arguments = tuple(_spelled(argument, bound) for argument in node.arguments)
            if isinstance(node.function, NameRef) and node.function.sheet is None:
                return Call(f"_xlpm.{node.function.name}", arguments)
            return Apply(_spelled(node.function, bound), arguments)
        case Call():
            bound |= frozenset(bound_names(node.name, node.arguments))
            local = node.name not in FUNCTIONS and node.name.casefold() in bound
            record = FUNCTIONS.get(node.name)
            arguments = tuple(
                _handed(argument, bound) if record and record.takes_functions else _spelled(argument, bound)
                for argument in node.arguments
            )
            return Call(f"_xlpm.{node.name}" if local else node.name, arguments)
    return node


def _handed(node: Node, bound: frozenset[str]) -> Node:
    """An argument that may be the name of a function: `_xleta.SUM`."""
    if isinstance(node, NameRef) and node.name.casefold() not in bound and node.name.upper() in FUNCTIONS:
        return NameRef(f"_xleta.{node.name.upper()}")
    return _spelled(node, bound)
