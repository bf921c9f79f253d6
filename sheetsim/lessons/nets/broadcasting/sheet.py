"""`broadcasting` in Excel formulas."""

from sheetsim.address import Rect, cell_name, column_name
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.lessons.nets.broadcasting import (
    AXES,
    EXAMPLES,
    FIRST,
    LARGEST,
    LEFTS,
    LESSON,
    NAME,
    OPERANDS,
    OPERATORS,
    OWN,
    RULE,
    SHAPES,
    SIDE,
    SIGNS,
    TABLE,
    TOP,
    grid,
)
from sheetsim.lessons.vision._shared.sheet import fixed
from sheetsim.style import HeatMap, Limits
from sheetsim.workbook import Workbook

SHOWS = """
    In NumPy and torch one may add c, three numbers, to m, three rows of three. The shapes are compared from
    the last axis backwards: along each axis they must be the same, or one of them must be 1, or missing. What
    is 1 or missing is repeated as often as the other needs it. Nothing is copied for that: the same numbers
    are read again, by a stride of 0.

    On the first sheet the repeated numbers are written out, grey; what is stored is coloured. Look at the
    formulas: a row is repeated downwards by B$4, whose $ keeps its row, a column across by $F6. The $ is
    Excel's own broadcasting.

    Beside each result stands the same as one array formula, {=B4:D4+B6:D8}, without any copies: Excel repeats
    a single row or column of an array by itself.

    The sheet rule works out the resulting shape of any two shapes, and says which axis does not fit.
"""
TRIES = """
    Choose an example of your own (row 15): row means times c, or column c above m. A row with a row stays a
    row: c plus column means has one row only.

    Look at the last example, the trap: m.mean(1) has the shape (3), lies across, and so the first row's mean
    is taken from the first column. Nothing warns, as m is square; the rows add up to -9, 0 and 9.

    On the sheet rule, change a size in the last line: (5, 4) and (4, 1) do not fit, as 5 meets 4; make the 4
    of b a 1, or clear it, and they do.

    Find the mini-batch there: a mean a channel has to have the shape (3, 1, 1), as 3 alone meets 28.
"""
REMARKS = """
    Where shapes do not fit, NumPy and torch refuse. Excel's array formulas do not: they show #N/A in the
    cells for which one array has nothing. A blank size is an axis that is not there; the sizes stand on the
    right, where the comparison begins.
"""


AROUND = Rect(3, 1, 12, 8)  # where all operands stand: B4:H12
LIST_TOP, LIST, LIST_NUMBERS = 4, 11, 5  # the list of operands: row, first column, columns to its numbers
NUMBERS = ("from row", "column", "rows", "columns")  # of an operand in B4:H12


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    _operands(build)
    _own(build)
    for name in EXAMPLES:
        _example(build, name)
    _rule(build)
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        sheets={NAME: "c and m combined, cell by cell", RULE: "the shape of the result, for any two shapes"},
        remarks=REMARKS,
        keywords="broadcasting, NumPy, PyTorch, shapes, spreadsheet",
    )


# -- the first sheet


def _operands(build: SheetBuilder) -> None:
    """c and m, what is made of them, and the list of them all."""
    look = build.looks[NAME]
    look.paint("A1:T1", "section")
    build.text(NAME, "A1", "Broadcasting, written out", "section")
    build.text(NAME, "A2", "Coloured cells are stored, grey ones are the same numbers read again", "aside")
    build.input("c", number="General", role="data")
    build.input("m", number="General", role="data")
    build.block("c_column", f"INDEX({build.ref('c', NAME)},ROWS(F$6:F6))", number="General", headings=False)
    build.block("mean_0", "AVERAGE(B6:B8)", number="General", headings=False)
    build.block("mean_1", "AVERAGE($B6:$D6)", number="General", headings=False)
    flat = f"INDEX({build.ref('mean_1', NAME)},COLUMNS($B12:B12))"
    build.block("mean_1_flat", flat, number="General", headings=False)
    for place, (word, operand) in enumerate(OPERANDS.items()):
        rect = operand.rect
        if operand.rect.left == 1:
            label = cell_name(rect.top, 0)
            build.text(NAME, label, f"{operand.code} {operand.shape}", "label")
        row = LIST_TOP + place  # the list of operands, for the drop-downs' words
        build.text(NAME, cell_name(row, LIST), word, "strong")
        build.text(NAME, cell_name(row, LIST + 2), operand.code, "code")
        numbers = (rect.top - AROUND.top + 1, rect.left - AROUND.left + 1, rect.rows, rect.columns)
        for step, number in enumerate(numbers):
            build.book[NAME].set((row, LIST + LIST_NUMBERS + step), float(number))
        look.paint(Rect(row, LIST + LIST_NUMBERS, row + 1, LIST + LIST_NUMBERS + 4), "index", "0")
    look.paint(Rect(LIST_TOP - 1, LIST, LIST_TOP, LIST + LIST_NUMBERS + 4), "table heading")
    for step, words in ((0, "operand"), (2, "code"), *enumerate(NUMBERS, LIST_NUMBERS)):
        build.book[NAME].set((LIST_TOP - 1, LIST + step), words)
    build.text(NAME, "F5", "c[:,None]", "code")
    build.text(NAME, "H5", "m.mean(1, True)", "code")
    look.widths = {"A": 27, "B:P": 7.5, "Q:T": 9}
    look.frozen, look.gridlines = "A4", False


def _titles(build: SheetBuilder, example: str, words: str, says: str, signs: tuple[str, str]) -> None:
    """A heading over the grids of an example, and the signs between them."""
    look, left = build.looks[NAME], grid(example, "left")
    row = left.top - 2
    look.paint(Rect(row, 1, row + 1, LEFTS["array"] + SIDE), "band 1 left")
    build.book[NAME].set((row, 1), words)
    build.text(NAME, cell_name(row + 1, 1), says, "aside")
    for column, sign in zip((LEFTS["right"] - 1, LEFTS["result"] - 1), signs, strict=True):
        build.text(NAME, cell_name(left.top + 1, column), sign, "sign")


def _repeated(word: str) -> str:
    """An operand as the first cell of a grid reads it: a $ keeps the row or column that is repeated."""
    rect = OPERANDS[word].rect
    down, across = ("$" if rect.rows == 1 else ""), ("$" if rect.columns == 1 else "")
    return f"{across}{column_name(rect.left)}{down}{rect.top + 1}"


def _example(build: SheetBuilder, name: str) -> None:
    """Both operands repeated, the result cell by cell, and as an array formula."""
    example, look = EXAMPLES[name], build.looks[NAME]
    left, right = OPERANDS[example.left], OPERANDS[example.right]
    sign = SIGNS[example.operator]
    shapes = f"{left.shape} and {right.shape}"
    code = f"{left.code} {sign} {right.code}"
    _titles(build, name, f"{code}     {shapes}", example.says, (sign, "="))
    for part, word in (("left", example.left), ("right", example.right)):
        build.block(f"{name}.{part}", _repeated(word), number="General", headings=False)
        _paint(build, name, part, word)
    a, b = (cell_name(grid(name, part).top, grid(name, part).left) for part in ("left", "right"))
    ranges = f"{fixed(left.rect)}{sign}{fixed(right.rect)}"
    one, whole = f"{a}{sign}{b}", ranges
    if sign == ">":
        one, whole = f"IF({one},1,0)", f"IF({ranges},1,0)"
    build.block(f"{name}.result", one, number="General", headings=False)
    build.block(f"{name}.array", whole, number="General", headings=False, array=True)
    build.text(NAME, cell_name(grid(name, "array").top - 1, LEFTS["array"]), f"{{={whole}}}", "code")
    for part in ("result", "array"):
        signed = sign == "-"
        look.heat.append(HeatMap(grid(name, part), signed=signed, limit=5 if signed else None))


def _paint(build: SheetBuilder, name: str, part: str, word: str) -> None:
    """What is stored in colour, what is repeated grey."""
    rect, own = grid(name, part), OPERANDS[word].rect
    look = build.looks[NAME]
    look.paint(rect, "padding")
    look.paint(Rect(rect.top, rect.left, rect.top + own.rows, rect.left + own.columns), "state")


def _listed(column: int) -> str:
    """A column of the list of operands: its words, or one of its numbers."""
    return fixed(Rect(LIST_TOP, column, LIST_TOP + len(OPERANDS), column + 1))


def _choice(build: SheetBuilder) -> tuple[dict[str, list[str]], list[str]]:
    """The drop-downs; for each operand the cells that say where it stands and how large it is; the cells of
    the result's size."""
    build.looks[NAME].paint(Rect(TABLE - 1, 0, TABLE, LEFTS["array"] + SIDE), "section")
    build.text(NAME, cell_name(TABLE - 1, 0), "Choose an example, or read those below", "section")
    for name in ("left", "operator", "right"):
        build.input(name)
    found: dict[str, list[str]] = {}
    for name, left in (("left", 1), ("right", 9)):
        place = f"MATCH({fixed(Rect.cell(TABLE, left)).partition(':')[0]},{_listed(LIST)},0)"
        for step in range(len(NUMBERS)):
            cell = Rect.cell(TABLE + 1, left + step)
            formula = f"INDEX({_listed(LIST + LIST_NUMBERS + step)},{place})"
            build.formula(NAME, cell, formula, role="index", number="0")
            found.setdefault(name, []).append(fixed(cell).partition(":")[0])
    build.text(NAME, cell_name(TABLE + 1, 0), ", ".join(NUMBERS), "label")
    sizes = []
    for step, column in ((2, 1), (3, 3)):
        largest = ",".join(found[name][step] for name in ("left", "right"))
        cell = Rect.cell(TABLE + 2, column)
        build.formula(NAME, cell, f"MAX({largest})", role="result", number="0")
        sizes.append(fixed(cell).partition(":")[0])
    build.text(NAME, cell_name(TABLE + 2, 0), "result: rows, columns", "label")
    return found, sizes


def _own(build: SheetBuilder) -> None:
    """The example that one chooses, from the list of operands."""
    look, typed = build.looks[NAME], f"$F${TABLE + 1}"
    chosen, sizes = _choice(build)
    _titles(build, OWN, "your example", "a result of one row, or of one column, stays one", ("", "="))
    sign = '">"'
    corners = [cell_name(grid(OWN, part).top, grid(OWN, part).left) for part in ("left", "right")]
    does = f"IF({'>'.join(corners)},1,0)"
    for word in reversed(OPERATORS[:-1]):
        sign = f'IF({typed}="{word}","{SIGNS[word]}",{sign})'
        does = f'IF({typed}="{word}",{SIGNS[word].join(corners)},{does})'
    build.formula(NAME, cell_name(FIRST + 1, LEFTS["right"] - 1), sign, role="sign")
    for part, first in zip(("left", "right"), corners, strict=True):
        rect = grid(OWN, part)
        letters = column_name(rect.left)
        down = f"ROWS({letters}${rect.top + 1}:{first})"
        across = f"COLUMNS(${letters}{rect.top + 1}:{first})"
        top, start, rows, columns = chosen[part]
        place = f"{top}+MIN({down},{rows})-1,{start}+MIN({across},{columns})-1"
        outside = f"OR({down}>{sizes[0]},{across}>{sizes[1]})"
        read = f'IF({outside},"",INDEX({fixed(AROUND)},{place}))'
        build.block(f"{OWN}.{part}", read, number="General", headings=False)
        look.paint(rect, "padding")
        look.marks.append((rect, f"AND({down}<={rows},{across}<={columns})", "state"))
    build.block(f"{OWN}.result", f'IF({corners[0]}="","",{does})', number="General", headings=False)
    look.heat.append(HeatMap(grid(OWN, "result"), signed=False))


# -- the rule


def _rule(build: SheetBuilder) -> None:
    """Two shapes a line, and what comes of them."""
    look, first, bottom = build.looks[RULE], TOP + 1, TOP + len(SHAPES)
    look.paint("A1:T1", "section")
    build.text(RULE, "A1", "Which shapes fit, and what comes of them", "section")
    words = "Sizes stand on the right; grey: this axis is repeated; #N/A: two sizes that do not fit"
    build.text(RULE, "A2", words, "aside")
    build.text(RULE, cell_name(TOP - 1, 0), "example", "heading")
    for place, (says, _, _) in enumerate(SHAPES):
        build.text(RULE, cell_name(TOP + place, 0), says, "text")
    for name, left, title, band in (("shape_a", 1, "shape of a", 1), ("shape_b", 6, "shape of b", 2)):
        build.input(name, number="General")
        _over(build, left, left + AXES, title, band)
        for axis in range(AXES):
            build.text(RULE, cell_name(TOP - 1, left + axis), f"axis {axis - AXES}", "heading")
        rect = build.inputs[name].rect
        words = f"a whole number from 0 to {LARGEST:,}, or blank: no such axis"
        look.limits.append(Limits(rect, title, words, 0, LARGEST, integer=True))
        a, found = cell_name(TOP, left), cell_name(TOP, 11)
        repeated = f'AND(ISNUMBER({found}),IF({a}="",1,{a})<>{found})'
        look.marks.append((rect, repeated, "padding"))
    _over(build, 11, 11 + AXES, "shape of the result", 3)
    a, b = f"B{first}", f"G{first}"
    same = f"IF({a}={b},{a},IF({a}=1,{b},IF({b}=1,{a},NA())))"
    axes = f'IF({a}="",IF({b}="","",{b}),IF({b}="",{a},{same}))'
    build.block("axes", axes, number="General", role="result", headings=False)
    products = []
    for left in (1, 6, 11):
        cells = [f"{column_name(left + axis)}{first}" for axis in range(AXES)]
        products.append("*".join(f'IF({cell}="",1,{cell})' for cell in cells))
    _over(build, 16, 19, "how many numbers", 4)
    build.block("numbers", *products, number="#,##0", headings=False)
    for name in ("axes", "numbers"):
        block = build.blocks[name]
        for step, heading in enumerate(block.columns):
            build.text(RULE, cell_name(TOP - 1, block.rect.left + step), heading, "heading")
    sizes = [f"{column_name(11 + axis)}{first}" for axis in range(AXES)]
    parts = "&".join([*(f'IF({cell}="","",{cell}&", ")' for cell in sizes[:-1]), sizes[-1]])
    told = f'IFERROR("("&{parts}&")","they do not fit")'
    build.formula(RULE, Rect(TOP, 19, bottom, 20), told, role="meaning")
    build.text(RULE, cell_name(TOP - 1, 19), "torch says", "heading")
    look.marks.append((Rect(TOP, 11, bottom, 11 + AXES), f"ISERROR(L{first})", "watched"))
    look.widths = {"A": 40, "B:E": 8, "F": 2, "G:J": 8, "K": 2, "L:O": 8, "P": 2, "Q:S": 13, "T": 20}
    look.frozen = f"B{first}"


def _over(build: SheetBuilder, left: int, right: int, words: str, band: int) -> None:
    row = TOP - 2
    build.looks[RULE].paint(Rect(row, left, row + 1, right), f"band {band} left")
    build.book[RULE].set((row, left), words)
