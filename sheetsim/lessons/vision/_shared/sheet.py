"""The small convolutional net in Excel formulas, and how its pictures look: square cells without numbers, a
colour scale for each, a frame around what a chosen cell sees."""

from __future__ import annotations

from sheetsim.address import Rect, cell_name, column_name, parse_cell
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.vision._shared.net import NetAddresses
from sheetsim.style import HeatMap

HIDDEN = ";;;"  # a number format that shows nothing: the colour says it
INK, ACTIVATION = "#262626", "#1F5FA8"
PALE = "#8896A8"  # of a picture whose numbers are to be read
SQUARE = 2.0  # characters: as wide as a row is high
HEIGHT = 14.0


def window(rect: Rect, rows: int, columns: int) -> str:
    """The top left part of a rectangle, as a formula that is filled refers to it."""
    return str(Rect(rect.top, rect.left, rect.top + rows, rect.left + columns))


def fixed(rect: Rect) -> str:
    """A rectangle with $, as a formula refers to it from anywhere."""
    corners = ((rect.top, rect.left), (rect.bottom - 1, rect.right - 1))
    return ":".join(f"${column_name(column)}${row + 1}" for row, column in corners)


def picture(
    build: SheetBuilder, sheet: str, rect: Rect, colour: str | None = None, *, hidden: bool = True
) -> None:
    """A colour scale over cells, from white to `colour` (None: by sign, weights from -1 to 1), and no
    numbers."""
    look = build.looks[sheet]
    scale = HeatMap(rect, limit=1) if colour is None else HeatMap(rect, signed=False, colour=colour)
    look.heat.append(scale)
    if hidden:
        look.number(rect, HIDDEN)


def add_image(build: SheetBuilder, net: NetAddresses) -> None:
    """The typed image."""
    build.input("image")
    picture(build, net.sheet, build.inputs["image"].rect, INK)


def add_convolutions(build: SheetBuilder, net: NetAddresses) -> None:
    """conv1 and conv2, each with its formula in the row above."""
    image = build.inputs["image"].rect
    taps = {one.name: fixed(one.rect) for one in net.inputs() if "_weight_" in one.name}
    conv1 = [build.blocks[f"conv1_{n}"].rect for n in (1, 2)]
    for n in (1, 2):
        formula = f"MAX(0,SUMPRODUCT({window(image, 3, 3)},{taps[f'conv1_weight_{n}']}))"
        add_picture(build, f"conv1_{n}", formula)
    for n in (1, 2):
        parts = "+".join(
            f"SUMPRODUCT({window(rect, 3, 3)},{taps[f'conv2_weight_{n}{into}']})"
            for into, rect in enumerate(conv1, 1)
        )
        add_picture(build, f"conv2_{n}", f"MAX(0,{parts})")


def add_picture(build: SheetBuilder, name: str, formula: str) -> None:
    """A block of activations, its formula spelled in the row above."""
    block = build.blocks[name]
    above = cell_name(block.rect.top - 1, block.rect.left)
    build.block(name, formula, headings=False, spell=above, number=HIDDEN)
    picture(build, block.sheet, block.rect, ACTIVATION)


def add_ends(build: SheetBuilder, net: NetAddresses, pictures: tuple[str, str]) -> None:
    """Max pooling of two blocks, and the dense unit."""
    for n, seen in enumerate(pictures, 1):
        block, top = build.blocks[f"pool_{n}"], build.blocks[seen].rect
        first = f"MAX({window(top, 2, 2)})"
        for row in range(0, block.rect.rows, 2):
            for column in range(0, block.rect.columns, 2):
                cell = Rect.cell(block.rect.top + row, block.rect.left + column)
                seen_by = top.shift(row, column)
                build.formula(net.sheet, cell, f"MAX({window(seen_by, 2, 2)})")
        picture(build, net.sheet, block.rect, ACTIVATION)
        corner = cell_name(block.rect.top, block.rect.left)
        build.tell(f"{net.sheet}!{corner}", f"{block.title}", f"={first}")
        build.text(net.sheet, cell_name(block.rect.top - 1, block.rect.left), f"={first}", "code")
        picture(build, net.sheet, build.inputs[f"dense_weight_{n}"].rect)
    parts = "+".join(
        f"SUMPRODUCT({build.inputs[f'dense_weight_{n}'].rect},{build.blocks[f'pool_{n}'].rect})"
        for n in (1, 2)
    )
    build.block("dense", parts, headings=False, number="0.00", role="result")


def watch(build: SheetBuilder, sheet: str, rect: Rect, field: str, row: int) -> None:
    """Frame the cells of a picture that row `row` of the table `field` (first and last row and column, each
    counted from 1 within the picture) names."""
    left, top = parse_cell(field)[1], parse_cell(field)[0] + row
    limits = [f"${column_name(left + place)}${top + 1}" for place in range(4)]
    corner = column_name(rect.left), rect.top + 1
    down = f"ROWS({corner[0]}${corner[1]}:{corner[0]}{corner[1]})"
    across = f"COLUMNS(${corner[0]}{corner[1]}:{corner[0]}{corner[1]})"
    inside = f"AND({down}>={limits[0]},{down}<={limits[1]},{across}>={limits[2]},{across}<={limits[3]})"
    build.looks[sheet].marks.append((rect, inside, "watched"))


def squares(build: SheetBuilder, sheet: str, columns: str, rows: tuple[int, int]) -> None:
    """Make the cells of these columns and rows (from 0, the end not included) square."""
    look = build.looks[sheet]
    look.widths[columns] = SQUARE
    look.heights |= dict.fromkeys(range(*rows), HEIGHT)
    look.gridlines = False
