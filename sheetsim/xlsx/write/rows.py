"""The rows of a sheet as SpreadsheetML text, made by the thousand.

A sheet is cut into *bands*: neighbouring rows in which each column holds the same thing (one fill's
formulas, typed numbers, nothing) in the same style. For a band one row is spelled as a format string,

    <row r="{0}"><c r="A{0}"><v>{2!r}</v></c><c r="B{0}" s="4"><f>A{0}+B{1}</f><v>{3!r}</v></c></row>

and `map` runs it over the row numbers and the values. Numbers are written with as many digits as it takes
to read them back exactly.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect, column_name
from sheetsim.errors import SheetsimError
from sheetsim.formula.shift import cut, moved
from sheetsim.style import Look
from sheetsim.values import BLANK, BOOLEAN, ERROR, NUMBER, TEXT, ExcelError, Values
from sheetsim.workbook import Fill, Sheet
from sheetsim.xlsx.read.strings import escaped
from sheetsim.xlsx.write.prefixes import prefixed

CHUNK = 8192  # rows spelled at a time


@dataclass(frozen=True, slots=True)
class _Run:
    """Cells of one column, rows `top` up to `bottom`, written alike. `fill` None: typed values. `spread`:
    cells of an array formula past its first, which hold values only."""

    top: int
    bottom: int
    fill: Fill | None = None
    spread: bool = False


def row_texts(
    sheet: Sheet,
    block: Callable[[Rect], Values],
    style: Callable[[str, str], int],
    text_index: dict[str, int],
) -> Iterator[str]:
    """The `<row>` elements of a sheet, many to a string.

    `block` gives the values that formula cells are stored with, `style` the index of the cell format for a
    role and a number format ("" for neither), `text_index` the place of each typed text among the shared
    strings.
    """
    look = sheet.look if isinstance(sheet.look, Look) else Look()
    runs = {column: _runs(sheet, column) for column in _columns(sheet, look)}
    tops = {column: [run.top for run in found] for column, found in runs.items()}
    stored = {column: _stored(found, column, block) for column, found in runs.items()}
    styles = _Styles(look, style)
    edges = sorted(
        {edge for found in runs.values() for run in found for edge in (run.top, run.bottom)}
        | {edge for rect in styles.rects for edge in (rect.top, rect.bottom)}
        | {edge for row in look.heights for edge in (row, row + 1)}
    )
    for low, high in pairwise(edges):
        band = _Band(low, high, look.heights.get(low))
        for column, found in runs.items():
            place = bisect_right(tops[column], low) - 1
            run = found[place] if place >= 0 and found[place].bottom > low else None
            index = styles.at(low, column)
            if run is None:
                if index:
                    band.blank(column, index)
            elif run.fill is None:
                cells = sheet.block(Rect(low, column, high, column + 1))[:, 0]
                band.typed(column, index, cells, text_index)
            else:
                values = stored[column][low - found[0].top : high - found[0].top]
                if run.spread:
                    band.typed(column, index, values, None)
                else:
                    band.formula(column, index, run.fill, values)
        if band.cells:
            yield from band.rows()


def _columns(sheet: Sheet, look: Look) -> list[int]:
    found = set(sheet.columns)
    for rect in [fill.rect for fill in sheet.fills] + [rect for rect, _ in look.paints]:
        found.update(range(rect.left, rect.right))
    return sorted(found)


def _runs(sheet: Sheet, column: int) -> list[_Run]:
    """What a column holds, from top to bottom."""
    found: list[_Run] = []
    for fill in sheet.fills:
        rect = fill.rect
        if rect.left <= column < rect.right:
            if not fill.array:
                found.append(_Run(rect.top, rect.bottom, fill))
                continue
            first = column == rect.left
            if first:
                found.append(_Run(rect.top, rect.top + 1, fill))
            if rect.rows > first:
                found.append(_Run(rect.top + first, rect.bottom, fill, spread=True))
    cells = sheet.columns.get(column)
    if cells is not None and len(cells.rows):
        rows = cells.rows
        for run in found:
            rows = rows[(rows < run.top) | (rows >= run.bottom)]
        if len(rows):
            breaks = np.flatnonzero(np.diff(rows) != 1) + 1
            for segment in np.split(rows, breaks):
                found.append(_Run(int(segment[0]), int(segment[-1]) + 1))
    return sorted(found, key=lambda run: run.top)


def _stored(runs: list[_Run], column: int, block: Callable[[Rect], Values]) -> Values:
    """The values of a column from its first run's row to its last formula's, one-dimensional."""
    bottoms = [run.bottom for run in runs if run.fill is not None]
    if not bottoms:
        return Values(np.empty(0))
    return block(Rect(runs[0].top, column, max(bottoms), column + 1))[:, 0]


class _Styles:
    """Which cell format a cell has: the last paint and the last number format that cover it."""

    def __init__(self, look: Look, style: Callable[[str, str], int]) -> None:
        self.rects = [rect for rect, _ in look.paints + look.numbers]
        self._style = style
        self._edges = sorted({edge for rect in self.rects for edge in (rect.top, rect.bottom)})
        self._known: dict[tuple[int, int], int] = {}
        # by column, the last first: (top, bottom, role or number format)
        self._paints, self._numbers = _by_column(look.paints), _by_column(look.numbers)

    def at(self, row: int, column: int) -> int:
        """The index of the cell's format; 0 for none. Remembered between edges of the paints."""
        key = bisect_right(self._edges, row), column
        index = self._known.get(key)
        if index is None:
            role, number = _last(self._paints, row, column), _last(self._numbers, row, column)
            index = self._known[key] = self._style(role, number) if role or number else 0
        return index


_Layer = dict[int, list[tuple[int, int, str]]]


def _by_column(layer: list[tuple[Rect, str]]) -> _Layer:
    found: _Layer = {}
    for rect, value in reversed(layer):
        for column in range(rect.left, rect.right):
            found.setdefault(column, []).append((rect.top, rect.bottom, value))
    return found


def _last(layer: _Layer, row: int, column: int) -> str:
    for top, bottom, value in layer.get(column, ()):
        if top <= row < bottom:
            return value
    return ""


class _Band:
    """One row as a format string, and the columns of arguments that fill it for each row of the band."""

    def __init__(self, low: int, high: int, height: float | None) -> None:
        self._low, self._high = low, high
        self._arguments: list[Iterable[Any]] = [range(low + 1, high + 1)]
        self._numbers = {0: 0}  # offset of a row number from the row's own to the argument that holds it
        height_text = "" if height is None else f' ht="{height:g}" customHeight="1"'
        self._spelled = [f'<row r="{{0}}"{height_text}>']

    @property
    def cells(self) -> bool:
        return len(self._spelled) > 1

    def blank(self, column: int, style: int) -> None:
        self._spelled.append(f"{self._start(column, style)}/>")

    def typed(self, column: int, style: int, cells: Values, text_index: dict[str, int] | None) -> None:
        """Values without a formula. `text_index` None spells texts in the cell."""
        self._cell(column, style, "", cells, text_index)

    def formula(self, column: int, style: int, fill: Fill, values: Values) -> None:
        text = moved(prefixed(fill.formula), self._low - fill.rect.top, column - fill.rect.left)
        pieces = cut(text, self._low + 1)
        if pieces is None or pieces.at(self._high) is None:
            raise SheetsimError(f"={fill.formula} cannot be filled over {fill.rect}")
        spelled = [_escaped_literal(pieces.literals[0])]
        for offset, literal in zip(pieces.offsets, pieces.literals[1:], strict=True):
            spelled += [self._row_number(self._low + offset), _escaped_literal(literal)]
        attributes = f' t="array" ref="{fill.rect}"' if fill.array else ""
        mark = ' cm="1"' if fill.dynamic else ""
        self._cell(column, style, f"<f{attributes}>{''.join(spelled)}</f>", values, None, mark)

    def rows(self) -> Iterator[str]:
        spelled = map("".join([*self._spelled, "</row>"]).format, *self._arguments)
        while text := "".join(islice(spelled, CHUNK)):
            yield text

    def _start(self, column: int, style: int) -> str:
        return f'<c r="{column_name(column)}{{0}}"' + (f' s="{style}"' if style else "")

    def _row_number(self, row: int) -> str:
        """The gap for a row number, given as that of the band's first row."""
        offset = row - self._low
        if offset not in self._numbers:
            self._numbers[offset] = len(self._arguments)
            self._arguments.append(range(row + 1, row + 1 + self._high - self._low))
        return f"{{{self._numbers[offset]}}}"

    def _cell(
        self,
        column: int,
        style: int,
        formula: str,
        cells: Values,
        text_index: dict[str, int] | None,
        mark: str = "",
    ) -> None:
        start = self._start(column, style) + mark
        gap = len(self._arguments)
        if cells.kinds is None and bool(np.isfinite(cells.numbers).all()):
            self._arguments.append(_floats(cells.numbers))
            self._spelled.append(f"{start}>{formula}<v>{{{gap}!r}}</v></c>")
        else:
            types, contents = _contents(cells, text_index)
            self._arguments += [types, contents]
            self._spelled.append(f"{start}{{{gap}}}>{formula}{{{gap + 1}}}</c>")


def _floats(numbers: NDArray[np.float64]) -> Iterator[float]:
    """The numbers as Python floats, a chunk at a time."""
    return chain.from_iterable(numbers[at : at + CHUNK].tolist() for at in range(0, len(numbers), CHUNK))


def _contents(cells: Values, text_index: dict[str, int] | None) -> tuple[list[str], list[str]]:
    """For each cell its type attribute and what follows its formula."""
    types, contents = [], []
    texts = cells.texts
    for place, (kind, number) in enumerate(
        zip(cells.kind_array().tolist(), cells.numbers.tolist(), strict=True)
    ):
        if kind == NUMBER and number - number == 0:
            type_, content = "", f"<v>{number!r}</v>"
        elif kind == NUMBER:  # no cell holds infinity or NaN; Excel's arithmetic gives #NUM! instead
            type_, content = ' t="e"', f"<v>{ExcelError.NUM}</v>"
        elif kind == BOOLEAN:
            type_, content = ' t="b"', f"<v>{int(number)}</v>"
        elif kind == ERROR:
            type_, content = ' t="e"', f"<v>{ExcelError(int(number))}</v>"
        elif kind == TEXT:
            text = "" if texts is None else texts[place]
            if text_index is not None:
                type_, content = ' t="s"', f"<v>{text_index[text]}</v>"
            else:
                type_, content = ' t="str"', f"<v>{escaped(text)}</v>"
        else:
            assert kind == BLANK
            type_, content = "", ""
        types.append(type_)
        contents.append(content)
    return types, contents


def _escaped_literal(text: str) -> str:
    """Formula text for the content of an element that is a format string too."""
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("{", "{{")
        .replace("}", "}}")
    )
