"""A chart with two logarithmic axes as an SVG file, readable on a light and on a dark page.

draw("title", "rows", "seconds", [Curve("NumPy", [(10, 1e-3), (100, 2e-3)], colour=0)])
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 860, 480
LEFT, RIGHT, TOP, BOTTOM = 70, 230, 46, 54  # margins; on the right stand the curves' names
COLOURS = ("#2F6DB3", "#D9772B", "#5B9A5B", "#8E6BB0", "#B5524F")
RAISED = str.maketrans("-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")
FONT = 'font-family="Helvetica, Arial, sans-serif" font-size="12"'
INK, GRID = "#6B7785", "#8a94a333"
LINE = 15  # pixels between two names


@dataclass(frozen=True)
class Curve:
    """Points (x, y), both above 0; `colour` is the place of one of COLOURS."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: int = 0
    dashed: bool = False


class Axis:
    """Powers of ten spread over pixels."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        self.low = math.floor(math.log10(min(values)))
        self.high = max(self.low + 1, math.ceil(math.log10(max(values)) - 1e-9))
        self.start, self.end = start, end

    def at(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[int]:
        """Exponents."""
        return list(range(self.low, self.high + 1))


def draw(title: str, x_title: str, y_title: str, curves: Sequence[Curve]) -> str:
    """The SVG's text. ValueError where no curve has a point."""
    shown = [curve for curve in curves if curve.points]
    if not shown:
        raise ValueError("no curve has a point")
    x = Axis([one for curve in shown for one, _ in curve.points], LEFT, WIDTH - RIGHT)
    y = Axis([one for curve in shown for _, one in curve.points], HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" {FONT}>',
        f"<title>{escape(title)}</title>",
        _text(LEFT, 24, title, size=15, bold=True),
        *_axes(x, y, x_title, y_title),
        *(_curve(curve, x, y) for curve in shown),
        *_names(shown, x, y),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _text(x: float, y: float, words: str, anchor: str = "start", colour: str = INK, **how: object) -> str:
    weight = ' font-weight="bold"' if how.get("bold") else ""
    size = f' font-size="{how["size"]}"' if "size" in how else ""
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if how.get("upright") else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{size}{weight}{turn}>'
        f"{escape(words)}</text>"
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}" fill="none"/>'


def _power(exponent: int) -> str:
    """1, 10, 1,000, and 10 to the power -5."""
    return f"{10**exponent:,}" if 0 <= exponent < 7 else "10" + str(exponent).translate(RAISED)


def _axes(x: Axis, y: Axis, x_title: str, y_title: str) -> Iterator[str]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for exponent in x.ticks():
        place = x.at(10.0**exponent)
        yield _line(place, TOP, place, bottom, GRID)
        yield _text(place, bottom + 18, _power(exponent), "middle")
    for exponent in y.ticks():
        place = y.at(10.0**exponent)
        yield _line(LEFT, place, right, place, GRID)
        yield _text(LEFT - 8, place + 4, _power(exponent), "end")
    yield _text((LEFT + right) / 2, HEIGHT - 12, x_title, "middle")
    yield _text(16, (TOP + bottom) / 2, y_title, "middle", upright=True)


def _curve(curve: Curve, x: Axis, y: Axis) -> str:
    colour = COLOURS[curve.colour % len(COLOURS)]
    places = [(x.at(one), y.at(other)) for one, other in curve.points]
    path = "L".join(f"{one:.1f} {other:.1f}" for one, other in places)
    dashes = ' stroke-dasharray="6 4"' if curve.dashed else ""
    dots = "".join(f'<circle cx="{one:.1f}" cy="{other:.1f}" r="3"/>' for one, other in places)
    line = f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'
    return f'<g fill="{colour}">{line}{dots}</g>'


def _names(curves: Sequence[Curve], x: Axis, y: Axis) -> Iterator[str]:
    """Each curve's name at the height where it ends, as far as names leave one another room."""
    wanted = sorted((y.at(curve.points[-1][1]), place) for place, curve in enumerate(curves))
    heights: list[float] = []
    for height, _ in wanted:
        heights.append(max(height, heights[-1] + LINE) if heights else height)
    over = max(0.0, heights[-1] - (HEIGHT - BOTTOM))
    for (_, place), height in zip(wanted, heights, strict=True):
        curve = curves[place]
        yield _text(x.end + 12, height - over + 4, curve.name, colour=COLOURS[curve.colour % len(COLOURS)])
