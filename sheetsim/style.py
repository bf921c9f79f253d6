"""How a sheet looks, as data: no file format, no value of any cell.

A `Look` is painted in *roles*: what a cell is (an input, a heading, a result), not which colour it has. What
a role looks like is said once, in `ROLES`, and so a colour means the same in every workbook:

    look = Look()
    look.paint("D2", "input")
    look.number("E4:E32", "0.00")
    look.notes["D2"] = "learning rate"

Where rectangles overlap, the later paint (and, by itself, the later number format) wins.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sheetsim.address import Rect


@dataclass(frozen=True, slots=True)
class Style:
    """How a role looks; colours are #RRGGBB, `rule` the colour of a thin line below."""

    meaning: str = ""  # what a reader is told about the colour; "" for roles that explain themselves
    ink: str = "#262626"
    fill: str | None = None
    rule: str | None = None
    frame: str | None = None
    bold: bool = False
    italic: bool = False
    underline: bool = False
    size: float = 10
    align: str | None = None
    indent: int = 0
    wrap: bool = False


NAVY, GREY = "#1F3A5F", "#7F7F7F"

ROLES: dict[str, Style] = {
    "title": Style(ink=NAVY, bold=True, size=18),
    "subtitle": Style(ink=GREY, italic=True, size=11),
    "section": Style(ink=NAVY, bold=True, size=12, rule="#9DB2CC"),
    "text": Style(),
    "meaning": Style(indent=1),  # text beside the cell that it explains
    "strong": Style(bold=True),
    "code": Style(ink=NAVY),
    "link": Style(ink="#1F4E9E", underline=True),
    "label": Style(ink="#595959", align="right"),
    "aside": Style(ink=GREY, italic=True),
    "heading": Style(ink=NAVY, fill="#DDE6F0", rule="#9DB2CC", bold=True, align="center"),
    "table heading": Style(ink=NAVY, fill="#DDE6F0", rule="#9DB2CC", bold=True),
    "spelled": Style(ink=GREY, italic=True, size=8, align="center", wrap=True),
    "spelled heading": Style(ink=NAVY, fill="#DDE6F0", size=8, align="center", wrap=True),
    **{
        f"band {place}": Style(ink=NAVY, fill=fill, bold=True, align="center", rule="#9DB2CC")
        for place, fill in enumerate(("#CFE0F1", "#F8DEC9", "#D7E8D7", "#E3D8EE"), 1)
    },
    **{
        f"band {place} left": Style(ink=NAVY, fill=fill, bold=True)
        for place, fill in enumerate(("#CFE0F1", "#F8DEC9", "#D7E8D7", "#E3D8EE"), 1)
    },
    "index": Style(ink="#A6A6A6", size=8, align="center"),  # numbers of rows and columns beside a grid
    "padding": Style(ink="#A6A6A6", fill="#F0F0F0", size=8, align="center"),  # zeros around a grid
    "sign": Style(ink=NAVY, bold=True, size=12, align="center"),
    "input": Style(
        "an input: change it and everything follows", ink="#1F4E9E", fill="#FFF2CC", frame="#D9C27A"
    ),
    "data": Style("data, typed: paste your own points over it", ink="#1F4E9E", fill="#FFFBEF"),
    "linked": Style(
        "repeats a cell of another sheet; type over it to cut the link", ink="#2E6B3E", fill="#E6F2E8"
    ),
    "formula": Style("a formula"),
    "state": Style("state that one row, pass or epoch hands to the next", fill="#ECE7F4"),
    "result": Style("a result to look at", fill="#FBE5D6", bold=True),
    "watched": Style(frame="#D0312D", bold=True),  # where a chosen cell looks
    "helper": Style("counts steps and epochs", ink=GREY),
}

# "band 1" to "band 4" above are light tones of the first four: a table and its curves share a colour.
SERIES_COLOURS = ("#2F6DB3", "#D9772B", "#5B9A5B", "#8E6BB0", "#B5524F", "#6B7785")


@dataclass(frozen=True, slots=True)
class Series:
    """One curve of a chart: cells of `sheet`, one column each. `x` None counts 1, 2, 3..."""

    name: str
    sheet: str
    values: Rect
    x: Rect | None = None
    colour: str = SERIES_COLOURS[0]
    dashed: bool = False
    points: bool = False  # draw points
    line: bool = True  # join them
    second_axis: bool = False
    labels: Rect | None = None  # cells of the same sheet with a text for each point


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of some columns. `kind` is "line", "scatter", "column" or "bar"; `at` its top left cell, size
    in pixels."""

    kind: str
    title: str
    series: tuple[Series, ...]
    at: str
    x_title: str = ""
    y_title: str = ""
    second_title: str = ""
    width: int = 480
    height: int = 288
    logarithmic: bool = False  # the vertical axis
    logarithmic_x: bool = False  # the horizontal one, of a scatter chart


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be typed into a cell: a number between limits (infinite: none; with `open` the limits are
    out), or, with `choices`, anything, but with a drop-down list of the values in these cells."""

    rect: Rect
    title: str
    message: str
    low: float
    high: float
    open: bool = False
    integer: bool = False
    choices: tuple[str, Rect] | None = None  # sheet and cells of the list


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A colour scale over cells: white at zero, colours by sign where `signed`; else white at the smallest
    up to `colour` at the largest. With `limit`, a signed scale has its full colours there and beyond, else at
    the smallest and at the largest value; with `between`, one that is not signed has its ends there."""

    rect: Rect
    signed: bool = True
    colour: str = "#F2B48A"
    limit: float | None = None
    between: tuple[float, float] | None = None


@dataclass(slots=True)
class Look:
    """How one sheet looks. Rectangles and addresses may be given as A1 text or as `Rect`."""

    paints: list[tuple[Rect, str]] = field(default_factory=list)  # rectangle, role
    numbers: list[tuple[Rect, str]] = field(default_factory=list)  # rectangle, number format
    widths: dict[str, float] = field(default_factory=dict)  # columns ("A" or "C:N") to characters
    heights: dict[int, float] = field(default_factory=dict)  # row, from 0, to points
    notes: dict[str, str] = field(default_factory=dict)  # address to text
    limits: list[Limits] = field(default_factory=list)
    heat: list[HeatMap] = field(default_factory=list)
    large: list[tuple[Rect, float]] = field(default_factory=list)  # beyond +-limit: powers of ten, no ####
    dividers: list[tuple[Rect, str]] = field(
        default_factory=list
    )  # a line above rows where a formula is true
    marks: list[tuple[Rect, str, str]] = field(
        default_factory=list
    )  # cells that look like another role where a formula (for the first of them) is true
    links: dict[str, str] = field(default_factory=dict)  # address of a text to the sheet that a click opens
    charts: list[Chart] = field(default_factory=list)
    frozen: str | None = None  # the cell below and right of the frozen panes
    repeat: tuple[int, int] | None = None  # rows, from 0, both included, repeated on each printed page
    repeat_columns: tuple[int, int] | None = None  # likewise columns
    tab: str | None = None  # the tab's colour
    gridlines: bool = True
    pages_wide: int = 1  # how many printed pages the columns are fitted to

    def paint(self, rect: str | Rect, role: str, number: str | None = None) -> None:
        """Give cells a role and, if wanted, a number format. KeyError for a role that is none."""
        if role not in ROLES:
            raise KeyError(role)
        where = Rect.parse(rect) if isinstance(rect, str) else rect
        self.paints.append((where, role))
        if number is not None:
            self.numbers.append((where, number))

    def number(self, rect: str | Rect, number: str) -> None:
        """Give cells a number format, such as `0.00`."""
        self.numbers.append((Rect.parse(rect) if isinstance(rect, str) else rect, number))

    def link(self, address: str, sheet: str) -> None:
        """Have a click on a text open a sheet of the same workbook."""
        self.links[address] = sheet
        self.paint(address, "link")
