"""Workbooks made at random, of regions of every kind: what tests of two ways of computing compare.

make_book(random.Random(7))      sheet "s": typed columns A to F, then columns of formulas, a table of two
                                 directions, array formulas; sheet "t": a look-up table; sheet "u": spills

Formulas read columns to their left at any row and their own column only above or only below them, so that no
cell needs itself.
"""

from __future__ import annotations

import random

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


class Maker:
    """Formulas as they read in row `row` (from 0); `left`: the columns that may be read anywhere.
    `own`: references to cells computed before in the same recurrence."""

    def __init__(self, chance: random.Random, row: int, left: int, own: tuple[str, ...] = (), sheet: str = "") -> None:
        self.chance, self.row, self.left, self.own, self.sheet = chance, row, left, own, sheet

    def one(self, *choices: str) -> str:
        return self.chance.choice(choices)

    def column(self, kind: str = "any") -> int:
        choices = {"number": (0, 1, 4, 5), "text": (3,), "mixed": (2, 5), "any": range(self.left)}[kind]
        return self.chance.choice(tuple(choices) if kind != "number" or self.chance.random() < 0.8 else range(self.left))

    def cell(self, kind: str = "any") -> str:
        if self.own and self.chance.random() < 0.4:
            return self.chance.choice(self.own)
        name, row = column_name(self.column(kind)), self.row + 1
        return self.one(*(self.sheet + cell for cell in (
            f"{name}{row}", f"{name}{row}", f"${name}{row}", f"{name}{row + 1}", f"{name}${row}", f"$B$3")))

    def range(self, kind: str = "any") -> str:
        name, row = column_name(self.column(kind)), self.row + 1
        return self.sheet + self.one(
            f"{name}${row}:{name}{row}",
            f"{name}$1:{name}{row}",
            f"{name}{row}:{name}{row + 3}",
            f"{name}{row}:{name}${ROWS}",
            f"{name}$1:{name}${ROWS}",
            f"${name}$2:${name}${ROWS - 3}",
            f"{name}:{name}",
        )

    def whole(self, kind: str = "any") -> str:
        """Ranges all of one size."""
        name = column_name(self.column(kind))
        return f"{self.sheet}{name}$1:{name}${ROWS}"

    def same(self, *kinds: str) -> list[str]:
        """Ranges of one shape."""
        row = self.row + 1
        top, bottom = self.chance.choice(
            ((f"{row}", f"{row + 3}"), ("$1", f"{row}"), ("$1", f"${ROWS}"), (f"{row}", f"${ROWS}"))
        )
        names = [column_name(self.column(kind)) for kind in kinds]
        return [f"{self.sheet}{name}{top}:{name}{bottom}" for name in names]

    def criterion(self) -> str:
        return self.one(
            self.cell("any"), self.cell("text"), '">0"', '"<>"', '""', '"<=2"', '"b*"', '"?n*"', '"<>ant"', "TRUE",
            '"~*"', f'">"&{self.cell("number")}', '"=12"', '"=",', '"*"', '"<bee"',
        ).rstrip(",")

    def number(self, depth: int) -> str:
        """A formula that mostly gives a number."""
        if depth <= 0:
            return self.one(self.cell("number"), self.cell("any"), "2", "0.5", "-1", "rate", "1E5", "3%", self.cell("mixed"))
        n = self.number
        d = depth - 1
        same2 = self.same("any", "number")
        same3 = self.same("any", "mixed", "number")
        makers = (
            lambda: f"{n(d)}+{n(d)}",
            lambda: f"({n(d)})-{n(d)}*{n(d)}",
            lambda: f"({n(d)})/({n(d)})",
            lambda: f"({n(d)})^{self.one('2', '0.5', '3', '-1', n(d))}",
            lambda: f"-({n(d)})",
            lambda: f"ROUND({n(d)},{self.one('0', '1', '-1', '2', self.cell('number'))})",
            lambda: f"MOD({n(d)},{self.one('3', '-2', '0.7', n(d))})",
            lambda: f"INT({n(d)})",
            lambda: f"ABS({n(d)})",
            lambda: f"EXP({n(d)}/100)",
            lambda: f"LN({n(d)})",
            lambda: f"SQRT(ABS({n(d)}))",
            lambda: f"MAX({n(d)},{n(d)},0)",
            lambda: f"MIN({n(d)},{self.range('number')})",
            lambda: f"IF({self.truth(d)},{n(d)},{n(d)})",
            lambda: f"IF({self.truth(d)},{n(d)})",
            lambda: f'''IFERROR({n(d)},{self.one('0', '-1', '"bad"')})''',
            lambda: f"IFS({self.truth(d)},{n(d)},{self.truth(d)},{n(d)},TRUE,0)",
            lambda: f"SWITCH({self.cell('number')},1,{n(d)},2,{n(d)},{self.one('0', self.cell())})",
            lambda: f"CHOOSE({self.cell('number')},{n(d)},{n(d)},5)",
            lambda: f"N({self.cell()})+{n(d)}",
            lambda: f"LEN({self.text(d)})",
            lambda: f"VALUE({self.text(d)})",
            lambda: f"LET(x,{n(d)},y,x*2,x+y)",
            lambda: f"twice({n(d)})",
            lambda: f"SIGN({n(d)})*TRUNC({n(d)})",
            lambda: f"{self.one('SUM', 'AVERAGE', 'COUNT', 'COUNTA', 'MAX', 'MIN', 'PRODUCT', 'MEDIAN', 'STDEV.S', 'VAR.P', 'SUMSQ', 'MAXA', 'COUNTBLANK', 'MODE.SNGL', 'DEVSQ')}({self.range()})",
            lambda: f"{self.one('SUM', 'AVERAGE', 'COUNT', 'MAX', 'MIN', 'MEDIAN', 'VAR.S', 'AVERAGEA', 'MINA')}({self.range('number')})",
            lambda: f"SUM({self.range()},{n(d)})",
            lambda: f"SUMPRODUCT({','.join(same2)})",
            lambda: f"SUMPRODUCT(({same2[0]}>1)*{same2[1]})",
            lambda: f"SUMPRODUCT(--({self.whole()}={self.cell()}))",
            lambda: f"SUMIF({same2[0]},{self.criterion()},{same2[1]})",
            lambda: f"SUMIF({self.range()},{self.criterion()})",
            lambda: f"COUNTIF({self.range()},{self.criterion()})",
            lambda: f"COUNTIF({self.range('text')},{self.criterion()})",
            lambda: f"COUNTIF({self.range('mixed')},{self.criterion()})",
            lambda: f"AVERAGEIF({same2[0]},{self.criterion()},{same2[1]})",
            lambda: f"COUNTIFS({same3[0]},{self.criterion()},{same3[1]},{self.criterion()})",
            lambda: f"{self.one('SUMIFS', 'MAXIFS', 'MINIFS', 'AVERAGEIFS')}({same3[2]},{same3[0]},{self.criterion()},{same3[1]},{self.criterion()})",
            lambda: f"MATCH({self.cell()},{self.range()},{self.one('0', '1', '-1')})",
            lambda: f"MATCH({self.cell('number')},t!$A$1:$A${TABLE},{self.one('0', '1', '-1')})",
            lambda: f"MATCH({self.cell('text')},keys,0)",
            lambda: f"XMATCH({self.cell()},{self.range()},{self.one('0', '1', '-1', '2')},{self.one('1', '-1')})",
            lambda: f"INDEX(t!$A$1:$D${TABLE},{self.cell('number')},{self.one('1', '3', '4', self.cell('number'))})",
            lambda: f"INDEX({self.whole()},{self.one('2', self.cell('number'))})",
            lambda: f"INDEX({self.whole()},MATCH({self.cell()},{self.whole()},0))",
            lambda: f"VLOOKUP({self.cell('number')},t!$A$1:$D${TABLE},{self.one('2', '3', '4')},{self.one('TRUE', 'FALSE', '0')})",
            lambda: f"VLOOKUP({self.cell('text')},t!$B$1:$D${TABLE},{self.one('2', '3')},FALSE)",
            lambda: f"LOOKUP({self.cell('number')},t!$A$1:$A${TABLE},t!$D$1:$D${TABLE})",
            lambda: f'''XLOOKUP({self.cell()},{self.whole()},{self.whole()}{self.one('', ',0', ',"none"')})''',
            lambda: f"XLOOKUP({self.cell('number')},t!$A$1:$A${TABLE},t!$C$1:$C${TABLE},-9,{self.one('0', '1', '-1')})",
            lambda: f"XLOOKUP({self.cell('text')},keys,t!$C$1:$C${TABLE},-9,{self.one('0', '2', '-1')})",
            lambda: f"RANK.EQ({self.cell('number')},{self.whole('number')})",
            lambda: f"LARGE({self.range('number')},{self.one('1', '2', self.cell('number'))})",
            lambda: f"SMALL({self.range()},{self.one('1', '3')})",
            lambda: f"YEAR({self.cell('number')})+MONTH({self.cell('number')})*DAY({self.sheet}E{self.row + 1})",
            lambda: f"WEEKDAY({self.sheet}E{self.row + 1},{self.one('1', '2', '3')})",
            lambda: f"EDATE({self.sheet}E{self.row + 1},{self.cell('number')})-EOMONTH({self.sheet}E{self.row + 1},1)",
            lambda: f"DATE(2020,{self.cell('number')},{n(d)})",
            lambda: f"HOUR({self.sheet}E{self.row + 1})+MINUTE({n(d)})",
            lambda: f"ROW()+COLUMN({self.cell()})",
            lambda: f"OFFSET({self.cell()},{self.one('0', '1')},0)" if not self.own else n(d),
            lambda: f"SUBTOTAL({self.one('9', '1', '2', '3', '4')},{self.range('number')})",
            lambda: f"POWER({n(d)},{self.one('2', '3', '0', '1/3')})",
            lambda: f"ISNUMBER({self.cell()})+ISBLANK({self.cell()})",
            lambda: f"CORREL({','.join(self.same('number', 'number'))})",
            lambda: f"REDUCE(0,{self.whole('number')},LAMBDA(a,v,a+v*2))",
            lambda: f"SUM({self.range('number')} {self.whole('number')})",
            lambda: f'''FIND({self.one('"e"', '"n"', self.cell('text'))},{self.text(d)})''',
            lambda: f"QUOTIENT({n(d)},{self.one('2', self.cell())})",
            lambda: f"CEILING({n(d)},{self.one('0.5', '2')})+FLOOR({n(d)},{self.one('0.5', '2')})",
        )  # fmt: skip
        return self.chance.choice(makers)()

    def truth(self, depth: int) -> str:
        a = self.one(self.cell(), self.number(depth - 1), self.cell("mixed"))
        b = self.one(self.cell(), "0", '""', "2", '"bee"', "TRUE", self.cell("mixed"))
        return self.one(
            f"{a}{self.one('=', '<>', '<', '>', '<=', '>=')}{b}",
            f"{a}{self.one('=', '<>', '<', '>', '<=', '>=')}{b}",
            f"AND({a}>0,{b}<3)",
            f"OR({a}=1,ISTEXT({b}))",
            f"NOT({a})",
            f"ISERROR({a})",
            f"ISNUMBER({a})",
            f"XOR({a}>1,{b}>1)",
            f"{a}",
            f"ISNA({a})",
            f"EXACT({a},{b})",
        )

    def text(self, depth: int) -> str:
        if depth <= 0:
            return self.one(self.cell("text"), self.cell(), '"x"', '""', self.cell("mixed"))
        t, n, d = self.text, self.number, depth - 1
        makers = (
            lambda: f"{t(d)}&{t(d)}",
            lambda: f'{n(d)}&"|"',
            lambda: f"LEFT({t(d)},{self.one('1', '2', '0')})",
            lambda: f"RIGHT({t(d)})",
            lambda: f"MID({t(d)},{self.one('1', '2')},2)",
            lambda: f"UPPER({t(d)})",
            lambda: f"TRIM({t(d)})&LOWER({t(d)})",
            lambda: f'''SUBSTITUTE({t(d)},{self.one('"e"', '"n"')},{self.one('""', '"XX"')})''',
            lambda: f"REPT({t(d)},2)",
            lambda: f'''TEXT({n(d)},{self.one('"0.00"', '"#,##0"', '"yyyy-mm-dd"', '"0%"', '"0.0E+00"')})''',
            lambda: f"T({self.cell()})",
            lambda: f"IF({self.truth(d)},{t(d)},{t(d)})",
            lambda: f"IF({self.truth(d)},{t(d)},{n(d)})",
            lambda: f'TEXTJOIN(",",{self.one("TRUE", "FALSE")},{self.range()})',
            lambda: f"CONCAT({self.range()})",
            lambda: f"IFERROR({t(d)},{t(d)})",
            lambda: f"VLOOKUP({self.cell('number')},t!$A$1:$D${TABLE},2,{self.one('TRUE', 'FALSE')})",
            lambda: f"INDEX(keys,{self.cell('number')})",
            lambda: f"CHAR(65+MOD({n(d)},20))",
            lambda: f"PROPER({t(d)})",
            lambda: f"FIXED({n(d)},1)",
        )  # fmt: skip
        return self.chance.choice(makers)()

    def any(self, depth: int) -> str:
        return self.chance.choices((self.number, self.text, self.truth), (7, 2, 1))[0](depth)

    def array(self, depth: int) -> str:
        """A formula that gives a column or a rectangle."""
        one, two = self.same("any", "number")
        w = self.whole
        makers = (
            lambda: f"{w()}*{self.number(0)}",
            lambda: f'''IF({w()}>{self.cell()},{w()},{self.one('0', '"no"', w())})''',
            lambda: f"{w()}&{w('text')}",
            lambda: f"UNIQUE({w()})",
            lambda: f"SORT({w()},1,{self.one('1', '-1')})",
            lambda: f'''FILTER({w()},{w('number')}>{self.one('0', '2', '99', self.cell('number'))}{self.one('', ',"none"')})''',
            lambda: f"SORTBY({w()},{w('number')},{self.one('1', '-1')})",
            lambda: f"SEQUENCE({self.one('3', '4,2', '2,3,5,-1')})",
            lambda: f'''MAP({w()},LAMBDA(v,{self.one('v*2', 'IF(v>1,v,-v)', 'v&"!"', 'SUM(v,1)')}))''',
            lambda: f"SCAN(0,{w('number')},LAMBDA(a,v,{self.one('a+v', 'MAX(a,v)', 'a*0.5+v')}))",
            lambda: f"BYROW(s!$A$1:$B$9,LAMBDA(r,{self.one('SUM(r)', 'MAX(r)', 'INDEX(r,1)*2')}))",
            lambda: f"MAKEARRAY(3,4,LAMBDA(r,c,r*10+c))",
            lambda: f"HSTACK({w()},{w()})",
            lambda: f"VSTACK({one},{two})",
            lambda: f"TAKE({w()},{self.one('3', '-2')})",
            lambda: f"DROP({w()},{self.one('3', '-2')})",
            lambda: f"TRANSPOSE({w()})",
            lambda: f"MMULT(s!$A$1:$B$3,TRANSPOSE(s!$A$4:$B$6))",
            lambda: f"XLOOKUP({w()},keys,t!$C$1:$D${TABLE})",
            lambda: f"COUNTIF({w()},{w()})",
            lambda: f"SUMIFS({w('number')},{w()},{w()})",
            lambda: f"MATCH({w()},{w()},0)",
            lambda: f"INDEX({w()},SEQUENCE(4))",
            lambda: f"TOCOL(s!$A$1:$C$5,{self.one('0', '1', '2', '3')})",
            lambda: f"WRAPROWS({w()},5,0)",
            lambda: f"LET(a,{w()},b,FILTER(a,ISNUMBER(a),0),b*2)",
            lambda: f"FREQUENCY({w('number')},{{0,1,2}})",
            lambda: f"EXPAND({w()},30,2,0)",
            lambda: f"CHOOSECOLS(s!$A$1:$F$9,{self.one('1,3', '-1', '2,2')})",
            lambda: f'TEXTSPLIT("a,b;c",",",";")',
            lambda: f"IFERROR({w()}/{w()},0)",
        )  # fmt: skip
        return self.chance.choice(makers)()


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
            sheet.fill(Rect(0, left, ROWS, left + 1), maker.array(2), array=True)
        else:
            formula = maker.one(f"SUM({maker.range()}*2)", f"MAX(IF({maker.whole()}>{maker.cell()},{maker.whole()}))",
                                f"SUM(--({maker.whole()}={maker.cell()}))")  # fmt: skip
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
    formula = chance.choice((maker.number, maker.any))(chance.choice((1, 2)))
    if before not in formula:
        formula = f"{before}*0.5+{formula}"
    if chance.random() < 0.4:  # two columns that need each other
        other = column_name(left + 1)
        sheet.set((first, left + 1), 1.0)
        formula = formula.replace(before, f"{other}{row + 1 + step}", 1)
        maker = Maker(chance, row, left, (f"{name}{row + 1}", f"{other}{row + 1 + step}"))
        sheet.fill(body, formula)
        sheet.fill(Rect(body.top, left + 1, body.bottom, left + 2), maker.number(chance.choice((1, 2))))
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
        formula = maker.array(2)
        fills.append(Fill(Rect.cell(0, 40 * place), formula, array=True, dynamic=True))
    fills.append(Fill(Rect.cell(60, 0), chance.choice(("SUM(A1#)", "ROWS(A1#)", "A1#*2", "SORT(A1#)", "COUNTA(AO1#)")),
                      array=True, dynamic=True))  # fmt: skip
    sheet = book["u"]
    sheet.fill(Rect(0, 150, 20, 151), chance.choice(("A1&\"\"", "SUM(A$1:A1)", "AO1*2", "INDEX(A$1#,ROW())",
                                                     "COUNTIF(A$1:A$30,AO1)", "MATCH(A1,$AO$1:$AO$40,0)")))  # fmt: skip
