"""Workbooks made at random, of regions of every kind: what tests of two ways of computing compare.

make_book(random.Random(7))      sheet "s": typed columns A to F, then columns of formulas, a table of two
                                 directions, array formulas; sheet "t": a look-up table; sheet "u": spills

Formulas read columns to their left at any row and their own column only above or only below them, so that no
cell needs itself.
"""

from __future__ import annotations

import random
import re

from sheetsim.address import Rect, column_name
from sheetsim.formula.shift import moved
from sheetsim.values import ExcelError, Scalar
from sheetsim.workbook import DefinedName, Fill, Workbook

ROWS = 24
KEYS = ("ant", "Bee", "bee", "c*t", "dog?", "e~f", "12", " ", "zebra", "TRUE", "ant2")
TYPED = 6  # columns
TABLE = 9  # rows of the look-up table
ERRORS = (ExcelError.NA, ExcelError.DIV0, ExcelError.VALUE, ExcelError.NUM)


def make_book(chance: random.Random, columns: int = 8, errors: bool = True) -> Workbook:
    book = Workbook()
    sheet, table, spills = book.add_sheet("s"), book.add_sheet("t"), book.add_sheet("u")
    for row in range(ROWS):
        for column, value in enumerate(_typed(chance, errors)):
            if value is not None:
                sheet.set((row, column), value)
    for row in range(TABLE):
        table.set((row, 0), float(row * 2 - 3 + (row > 5)))
        table.set((row, 1), chance.choice(KEYS))
        table.set((row, 2), _mixed(chance, errors))
        table.set((row, 3), chance.uniform(-9, 9))
    book.names.append(DefinedName("rate", "s!$B$2"))
    book.names.append(DefinedName("keys", f"t!$B$1:$B${TABLE}"))
    book.names.append(DefinedName("twice", "LAMBDA(x,x*2)"))
    left = TYPED
    for _ in range(columns):
        left += _column(book, chance, left)
    _two_directions(book, chance, left)
    _spills(book, chance, left, spills.fills)
    return book


def _typed(chance: random.Random, errors: bool) -> tuple[Scalar, ...]:
    return (
        float(chance.randint(-3, 6)),
        chance.choice((chance.uniform(-5, 5), chance.uniform(-1e4, 1e4), 0.0, 0.1, 2.5, 1e-9)),
        _mixed(chance, errors),
        chance.choice(KEYS),
        chance.choice((0.0, 59.0, 60.0, 61.0, 36526.25, 43890.0, 44196.999)) + chance.randint(0, 40),
        None if chance.random() < 0.3 else float(chance.randint(0, 4)),
    )


def _mixed(chance: random.Random, errors: bool) -> Scalar:
    pick = chance.random()
    if pick < 0.4:
        return chance.choice((0.0, 1.0, 2.0, -1.5, 3.0, 0.3, 12.0))
    if pick < 0.6:
        return chance.choice(KEYS)
    if pick < 0.72:
        return chance.random() < 0.5
    if errors and pick < 0.77:
        return chance.choice(ERRORS)
    return None


# Formulas as templates: {x|y} is one of x and y, each a text or the name of something made at random.
NUMBERS = r"""
{n}+{n} ~ ({n})-{n}*{n} ~ ({n})/({n}) ~ ({n})^{2|0.5|3|-1|n} ~ -({n}) ~ ROUND({n},{0|1|-1|2|cn})
MOD({n},{3|-2|0.7|n}) ~ INT({n}) ~ ABS({n}) ~ EXP({n}/100) ~ LN({n}) ~ SQRT(ABS({n})) ~ MAX({n},{n},0)
MIN({n},{rn}) ~ IF({q},{n},{n}) ~ IF({q},{n}) ~ IFERROR({n},{0|-1|"bad"}) ~ IFS({q},{n},{q},{n},TRUE,0)
SWITCH({cn},1,{n},2,{n},{0|c}) ~ CHOOSE({cn},{n},{n},5) ~ N({c})+{n} ~ LEN({t}) ~ VALUE({t})
LET(x,{n},y,x*2,x+y) ~ twice({n}) ~ SIGN({n})*TRUNC({n})
{SUM|AVERAGE|COUNT|COUNTA|MAX|MIN|PRODUCT|MEDIAN|STDEV.S|VAR.P|SUMSQ|MAXA|COUNTBLANK|MODE.SNGL|DEVSQ}({r})
{SUM|AVERAGE|COUNT|MAX|MIN|MEDIAN|VAR.S|AVERAGEA|MINA}({rn}) ~ SUBTOTAL({9|1|2|4},{rn}) ~ SUM({r},{n})
SUM({rn} {wn}) ~ SUMPRODUCT({a1},{n1}) ~ SUMPRODUCT(({a1}>1)*{n1}) ~ SUMPRODUCT(--({w}={c}))
SUMIF({a1},{k},{n1}) ~ SUMIF({r},{k}) ~ COUNTIF({r},{k}) ~ COUNTIF({rt},{k}) ~ COUNTIF({rm},{k})
AVERAGEIF({a1},{k},{n1}) ~ COUNTIFS({a1},{k},{m1},{k})
{SUMIFS|MAXIFS|MINIFS|AVERAGEIFS}({n1},{a1},{k},{m1},{k}) ~ MATCH({c},{r},{0|1|-1})
MATCH({cn},t!$A$1:$A$9,{0|1|-1}) ~ MATCH({ct},keys,0) ~ XMATCH({c},{r},{0|1|-1|2},{1|-1})
INDEX(t!$A$1:$D$9,{cn},{1|3|4|cn}) ~ INDEX({w},{2|cn}) ~ INDEX({w},MATCH({c},{w},0))
VLOOKUP({cn},t!$A$1:$D$9,{2|3|4},{TRUE|FALSE|0}) ~ VLOOKUP({ct},t!$B$1:$D$9,{2|3},FALSE)
LOOKUP({cn},t!$A$1:$A$9,t!$D$1:$D$9) ~ XLOOKUP({c},{w},{w}) ~ XLOOKUP({c},{w},{w},{0|"none"})
XLOOKUP({cn},t!$A$1:$A$9,t!$C$1:$C$9,-9,{0|1|-1}) ~ XLOOKUP({ct},keys,t!$C$1:$C$9,-9,{0|2|-1})
RANK.EQ({cn},{wn}) ~ LARGE({rn},{1|2|cn}) ~ SMALL({r},{1|3}) ~ YEAR({cn})+MONTH({cn})*DAY({e})
WEEKDAY({e},{1|2|3}) ~ EDATE({e},{cn}) ~ EOMONTH({e},{1|-2|cn}) ~ DATE(2020,{cn},{n})
HOUR({e})+MINUTE({n}) ~ ROW()+COLUMN({c}) ~ POWER({n},{2|3|0|1/3}) ~ ISNUMBER({c})+ISBLANK({c})
CORREL({n1},{n2}) ~ REDUCE(0,{wn},LAMBDA(a,v,a+v*2)) ~ FIND({"e"|"n"|ct},{t}) ~ QUOTIENT({n},{2|c})
CEILING({n},{0.5|2})+FLOOR({n},{0.5|2}) ~ SUM(OFFSET(s!$A$1,0,0,MOD(ROW(),5)+1,2))
"""
TRUTHS = r"""
{x}{op}{y} ~ {x}{op}{y} ~ {x}{op}{y} ~ AND({x}>0,{y}<3) ~ OR({x}=1,ISTEXT({y})) ~ NOT({x}) ~ ISERROR({x})
ISNUMBER({x}) ~ XOR({x}>1,{y}>1) ~ {x} ~ ISNA({x}) ~ EXACT({x},{y})
"""
TEXTS = r"""
{t}&{t} ~ {n}&"/" ~ LEFT({t},{1|2|0}) ~ RIGHT({t}) ~ MID({t},{1|2},2) ~ UPPER({t}) ~ TRIM({t})&LOWER({t})
REPT({t},2) ~ SUBSTITUTE({t},{"e"|"n"},{""|"XX"})
TEXT({n},{"0.00"|"#,##0"|"yyyy-mm-dd"|"0%"|"0.0E+00"}) ~ T({c}) ~ IF({q},{t},{t}) ~ IF({q},{t},{n})
TEXTJOIN(",",{TRUE|FALSE},{r}) ~ CONCAT({r}) ~ IFERROR({t},{t})
VLOOKUP({cn},t!$A$1:$D$9,2,{TRUE|FALSE}) ~ INDEX(keys,{cn}) ~ CHAR(65+MOD({n},20)) ~ PROPER({t})
FIXED({n},1)
"""
ARRAYS = r"""
{w}*{cn} ~ IF({w}>{c},{w},{0|"no"|w}) ~ {w}&{wt} ~ UNIQUE({w}) ~ SORT({w},1,{1|-1})
SORTBY({w},{wn},{1|-1}) ~ FILTER({w},{wn}>{0|2|99|cn}) ~ FILTER({w},{wn}>{0|2|99|cn},"none")
SEQUENCE({3|4,2|2,3,5,-1}) ~ TRANSPOSE({w}) ~ MAP({w},LAMBDA(v,{v*2|IF(v>1,v,-v)|v&"!"|SUM(v,1)}))
SCAN(0,{wn},LAMBDA(a,v,{a+v|MAX(a,v)|a*0.5+v}))
BYROW(s!$A$1:$B$9,LAMBDA(r,{SUM(r)|MAX(r)|INDEX(r,1)*2})) ~ MAKEARRAY(3,4,LAMBDA(r,c,r*10+c))
HSTACK({w},{w}) ~ VSTACK({a1},{n1}) ~ TAKE({w},{3|-2}) ~ DROP({w},{3|-2})
MMULT(s!$A$1:$B$3,TRANSPOSE(s!$A$4:$B$6)) ~ XLOOKUP({w},keys,t!$C$1:$D$9) ~ COUNTIF({w},{w})
SUMIFS({wn},{w},{w}) ~ MATCH({w},{w},0) ~ INDEX({w},SEQUENCE(4)) ~ TOCOL(s!$A$1:$C$5,{0|1|2|3})
WRAPROWS({w},5,0) ~ LET(a,{w},b,FILTER(a,ISNUMBER(a),0),b*2) ~ EXPAND({w},30,2,0)
FREQUENCY({wn},SEQUENCE(3)) ~ CHOOSECOLS(s!$A$1:$F$9,{1,3|-1|2,2}) ~ TEXTSPLIT("a,b;c",",",";")
IFERROR({w}/{w},0)
"""
IN_ROWS = r"SUM({r}*2) ~ MAX(IF({w}>{c},{w})) ~ SUM(--({w}={c})) ~ INDEX({w},MATCH(1,({w}={c})*1,0))"
CRITERIA = r"""
{c} ~ {ct} ~ ">0" ~ "<>" ~ "" ~ "<=2" ~ "b*" ~ "?n*" ~ "<>ant" ~ TRUE ~ "~*" ~ ">"&{cn} ~ "=12" ~ "="
"*" ~ "<bee"
"""
LEAVES = {"n": "{cn|c|2|0.5|-1|rate|1E5|3%|cm}", "t": '{ct|c|"x"|""|cm}', "q": "{c}={cm}"}
TEMPLATES = {
    name: re.split(r"\s*(?: ~ |\n)\s*", text.strip())
    for name, text in {
        "n": NUMBERS,
        "q": TRUTHS,
        "t": TEXTS,
        "w": ARRAYS,
        "rows": IN_ROWS,
        "k": CRITERIA,
    }.items()
}
TEMPLATES["x"], TEMPLATES["y"] = ["{c|n|cm}"], ['{c|0|""|2|"bee"|TRUE|cm}']
TEMPLATES["op"] = ["{=|<>|<|>|<=|>=}"]
KINDS = {"n": (0, 1, 4, 5), "t": (3,), "m": (2, 5)}


class Maker:
    """Formulas as they read in row `row` (from 0); `left`: the columns that may be read anywhere.
    `own`: references to cells computed before in the same recurrence. `sheet`: the prefix of references."""

    def __init__(
        self, chance: random.Random, row: int, left: int, own: tuple[str, ...] = (), sheet: str = ""
    ) -> None:
        self.chance, self.row, self.left, self.own, self.sheet = chance, row, left, own, sheet

    def make(self, name: str, depth: int) -> str:
        """A formula of `TEMPLATES[name]`, whose calls go `depth` deep."""
        deep = depth > 0 or name not in LEAVES
        template = self.chance.choice(TEMPLATES[name]) if deep else LEAVES[name]
        top, bottom = self.chance.choice(
            ((f"{self.row + 1}", f"{self.row + 4}"), ("$1", f"{self.row + 1}"), ("$1", f"${ROWS}"))
        )

        def put(found: re.Match[str]) -> str:
            chosen = self.chance.choice(found[1].split("|"))
            if chosen in ("n", "q", "t", "x", "y", "k", "op"):
                return self.make(chosen, depth - 1)
            part = re.fullmatch(r"([crwamn])([ntm12]?)", chosen)
            if part is None:
                return f"{self.sheet}E{self.row + 1}" if chosen == "e" else chosen
            kind, which = part[2], part[1]
            if which in "amn" and kind:  # ranges of one shape in the whole formula
                column = self.column("" if which == "a" else which)
                return f"{self.sheet}{column}{top}:{column}{bottom}"
            return {"c": self.cell, "r": self.range, "w": self.whole}[which](kind)

        return re.sub(r"{([^{}]*)}", put, template)

    def any(self, depth: int) -> str:
        return self.make(self.chance.choices(("n", "t", "q"), (7, 2, 1))[0], depth)

    def column(self, kind: str) -> str:
        typed = kind and self.chance.random() < 0.8
        return column_name(self.chance.choice(KINDS[kind] if typed else range(self.left)))

    def cell(self, kind: str) -> str:
        if self.own and self.chance.random() < 0.4:
            return self.chance.choice(self.own)
        name, row = self.column(kind), self.row + 1
        cells = (f"{name}{row}", f"{name}{row}", f"${name}{row}", f"{name}{row + 1}", f"{name}${row}", "$B$3")
        return self.sheet + self.chance.choice(cells)

    def range(self, kind: str) -> str:
        """One that stands, slides, grows or shrinks."""
        name, row = self.column(kind), self.row + 1
        ranges = (
            f"{name}${row}:{name}{row}",
            f"{name}$1:{name}{row}",
            f"{name}{row}:{name}{row + 3}",
            f"{name}{row}:{name}${ROWS}",
            f"{name}$1:{name}${ROWS}",
            f"${name}$2:${name}${ROWS - 3}",
            f"{name}:{name}",
        )
        return self.sheet + self.chance.choice(ranges)

    def whole(self, kind: str) -> str:
        """All rows of a column."""
        name = self.column(kind)
        return f"{self.sheet}{name}$1:{name}${ROWS}"


def _column(book: Workbook, chance: random.Random, left: int) -> int:
    """One region more, or a recurrence of one or two columns; how many columns it takes."""
    sheet, name = book["s"], column_name(left)
    pick = chance.random()
    if pick < 0.6:  # filled down, perhaps in pieces
        maker = Maker(chance, 0, left)
        formula = maker.any(chance.choice((1, 2, 2, 3)))
        if chance.random() < 0.25:
            middle = chance.randint(2, ROWS - 3)
            sheet.fill(Rect(0, left, middle, left + 1), formula)
            sheet.set((middle, left), _mixed(chance, False))
            sheet.fill(Rect(middle + 1, left, ROWS, left + 1), Maker(chance, middle + 1, left).any(2))
        else:
            sheet.fill(Rect(0, left, ROWS, left + 1), formula)
        return 1
    if pick < 0.7:  # one array formula, or one in each row
        maker = Maker(chance, 0, left)
        if chance.random() < 0.5:
            sheet.fill(Rect(0, left, ROWS, left + 1), maker.make("w", 1), array=True)
        else:
            formula = maker.make("rows", 1)
            for row in range(ROWS):
                sheet.fills.append(_moved(formula, Rect.cell(row, left)))
        return 1
    down = chance.random() < 0.6
    first, step = (0, -1) if down else (ROWS - 1, 1)
    body = Rect(1, left, ROWS, left + 1) if down else Rect(0, left, ROWS - 1, left + 1)
    row = body.top
    before = f"{name}{row + 1 + step}"
    sheet.set((first, left), chance.choice((1.0, 0.5, "seed", 3.0)) if chance.random() < 0.9 else None)
    own: tuple[str, ...] = (before, before)
    if down:
        own += (f"SUM({name}$1:{before})", f"COUNTIF({name}$1:{before},{before})", f"MAX({name}$1:{before})")
    else:
        own += (f"SUM({before}:{name}${ROWS})", f"MIN({before}:{name}${ROWS})")
    maker = Maker(chance, row, left, own)
    formula = maker.make(chance.choice("nnnt"), chance.choice((1, 2)))
    if before not in formula:
        formula = f"{before}*0.5+{formula}"
    if chance.random() < 0.4:  # two columns that need each other
        other = column_name(left + 1)
        sheet.set((first, left + 1), 1.0)
        formula = formula.replace(before, f"{other}{row + 1 + step}", 1)
        maker = Maker(chance, row, left, (f"{name}{row + 1}", f"{other}{row + 1 + step}"))
        sheet.fill(body, formula)
        sheet.fill(Rect(body.top, left + 1, body.bottom, left + 2), maker.make("n", chance.choice((1, 2))))
        return 2
    sheet.fill(body, formula)
    return 1


def _moved(formula: str, rect: Rect) -> Fill:
    """An array formula that reads so in row 1, in its own cell further down."""
    return Fill(rect, moved(formula, rect.top, 0), array=True)


def _two_directions(book: Workbook, chance: random.Random, left: int) -> None:
    """A table in which each cell needs those above and to the left, on sheet t."""
    sheet = book["t"]
    for place in range(5):
        sheet.set((20, 5 + place), float(chance.randint(0, 3)))
        sheet.set((20 + place, 5), float(chance.randint(0, 3)))
    formula = chance.choice(
        (
            "MIN(F21,F22+1,G21+1)",
            "F22+G21",
            "MAX(F21+(s!$D1=s!G$1),F22,G21)",
            "IF(F22>G21,F22*0.5,G21+1)",
            "SUM(F21:G21,F22)",
            'IF(s!$C1="",F21,F22-G21)',
        )
    )
    sheet.fill("G22:J25", formula)


def _spills(book: Workbook, chance: random.Random, left: int, fills: list[Fill]) -> None:
    maker = Maker(chance, 0, left, sheet="s!")
    for place in range(3):
        formula = maker.make("w", 1)
        fills.append(Fill(Rect.cell(0, 40 * place), formula, array=True, dynamic=True))
    readers = ("SUM(A1#)", "ROWS(A1#)", "A1#*2", "SORT(A1#)", "COUNTA(AO1#)", "UNIQUE(VSTACK(A1#,AO1#))")
    fills.append(Fill(Rect.cell(60, 0), chance.choice(readers), array=True, dynamic=True))
    filled = (
        'A1&""',
        "SUM(A$1:A1)",
        "AO1*2",
        "INDEX(A$1#,ROW())",
        "COUNTIF(A$1:A$30,AO1)",
        "MATCH(A1,$AO$1:$AO$40,0)",
    )
    book["u"].fill(Rect(0, 150, 20, 151), chance.choice(filled))
