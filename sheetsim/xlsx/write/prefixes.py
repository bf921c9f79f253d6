"""Formulas as files spell them: functions newer than the file format get a prefix, `@` in a table none.

>>> prefixed("VAR.P(A1:A9)+SUM(B1)")
'_xlfn.VAR.P(A1:A9)+SUM(B1)'
>>> prefixed("Table1[@Age]*2")
'Table1[[#This Row],[Age]]*2'
"""

from __future__ import annotations

from sheetsim.formula import parse, unparse
from sheetsim.formula.lexer import tokens
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


def prefixed(formula: str) -> str:
    """The formula's text as a file needs it."""
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
