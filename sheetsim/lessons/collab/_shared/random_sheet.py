"""A sheet of random numbers by Park and Miller's generator, a row a number: state, then uniform."""

from sheetsim.address import Rect, cell_name
from sheetsim.lessons.collab import DISCARDED, RANDOM_TOP
from sheetsim.lessons.kit.layout.builder import SheetBuilder


def fill_random(build: SheetBuilder, sheet: str, seed: str, draws: int) -> None:
    """Fill columns B and C with `draws` numbers from the seed that the input of that name holds."""
    look = build.looks[sheet]
    build.text(sheet, "A1", f"Random numbers: the first {DISCARDED} are not used", "section")
    cells = Rect(RANDOM_TOP, 1, RANDOM_TOP + draws, 3)
    first, rest = (
        f"MOD(16807*{before},2147483647)" for before in (build.ref(seed, sheet), f"B{cells.top + 1}")
    )
    uniform = f"B{cells.top + 1}/2147483647"
    build.formula(sheet, Rect.cell(cells.top, 1), first, number="0")
    build.formula(sheet, Rect(cells.top + 1, 1, cells.bottom, 2), rest, number="0")
    build.formula(sheet, Rect(cells.top, 2, cells.bottom, 3), uniform, number="0.0000")
    for column, (words, formula) in enumerate((("state", rest), ("uniform", uniform)), 1):
        build.text(sheet, cell_name(cells.top - 1, column), words, "heading")
        build.text(sheet, cell_name(cells.top - 2, column), f"={formula}", "spelled")
        build.tell(f"'{sheet}'!{cell_name(cells.top + 1, column)}", words, f"={formula}")
    build.text(sheet, cell_name(cells.top - 1, 0), "number", "heading")
    for place in range(draws):
        build.book[sheet].set((cells.top + place, 0), float(place + 1 - DISCARDED))
    look.paint(Rect(cells.top, 0, cells.bottom, 1), "helper", "0")
    look.widths, look.heights, look.frozen = {"A": 10, "B:C": 24}, {1: 24}, "A4"
