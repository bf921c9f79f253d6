"""Many rows that differ only in row numbers and values, taken with one regular expression.

The rows of a filled-down table are the same text but for three things: the row's own number, the numbers of
the rows that its formulas point to (each a fixed distance away), and the values. From one row

    <row r="5"><c r="A5"><v>14</v></c><c r="B5"><f>A5+B4*$D$2</f><v>7.5</v></c></row>

a pattern is made with a gap for each of these,

    <row r="(?P<r>..)"><c r="A(?P=r)"><v>(..)</v></c><c r="B(?P=r)"><f>A(?P=r)\\+B(?P<o0>..)\\*\\$D\\$2</f>...

which is literal everywhere else. A row that matches it, and whose numbers are what they have to be, continues
every formula of the row above exactly as filled down; a row that does not is left to the cell-by-cell reader.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Set
from dataclasses import dataclass, field

import numpy as np

from sheetsim.address import MAX_ROWS, column_index
from sheetsim.values import NUMBER
from sheetsim.xlsx.read.cells import Cells, Run
from sheetsim.xlsx.read.scan_patterns import (
    CELL,
    ROW,
    ROW_ATTRIBUTES,
    SPACE,
    cell_type,
    check_row_attributes,
    formula_attributes,
    in_succession,
    plain_text,
)

MOST_CELLS = 2000  # of a row
LONGEST = 1 << 18  # characters of a row

_NUMBER = "[1-9][0-9]{0,6}"
_ROW_START = rf'[ \t\r\n]*<row r="(?P<r>{_NUMBER})"{ROW_ATTRIBUTES}>'
_STYLE = re.compile(r' s="[0-9]+"')
_NUMBER_VALUE, _OTHER_VALUE = "([-+.0-9Ee]+)", "([^<]*)"
_STYLE_AND_TYPE = re.compile(r'(?: s="[0-9]+")?(?: t="(?:n|s|str|b|e)")?')
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ESCAPES_AND_QUOTES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


@dataclass(slots=True)
class RowTemplate:
    """The pattern, and what its groups mean (0 is the row's number, 1 the rest of the row's attributes)."""

    pattern: re.Pattern[str]
    cells: Cells
    prefixes: frozenset[str]
    offsets: list[tuple[int, int]] = field(default_factory=list)  # (group, rows away)
    numbers: list[tuple[int, int]] = field(default_factory=list)  # (group, column)
    others: list[tuple[int, int, str]] = field(default_factory=list)  # (group, column, type)
    mixed: list[tuple[int, int, int]] = field(default_factory=list)  # (group of type, of value, column)
    runs: list[Run] = field(default_factory=list)
    shared: list[tuple[str, int]] = field(default_factory=list)  # (shared formula, column)
    kinds: dict[int, str] = field(default_factory=dict)  # of the model's cells: type, "" without a value
    rows_taken: int = 0

    def take(self, text: str, at: int, end: int, row: int) -> tuple[int, int]:
        """Take rows from text[at:end] as long as they match; the first has to be `row` (counted from 0).

        Gives the position after them and how many they were, perhaps none.
        """
        if not self._continues(row):
            return at, 0
        matches = list(in_succession(self.pattern, text, at, end))
        if not matches:
            return at, 0
        groups = list(zip(*[match.groups() for match in matches], strict=True))
        count = self._rows_in_order(groups, row)
        for attributes in set(groups[1][:count]):
            check_row_attributes(attributes, self.prefixes)
        values: list[array[float]] = []
        for group, _ in self.numbers:
            parsed = _floats(groups[group][:count])
            count = min(count, len(parsed))
            values.append(parsed)
        if not count:
            return at, 0
        self._commit(groups, values, row, count)
        return matches[count - 1].end(), count

    def _continues(self, row: int) -> bool:
        """Do all formulas reach down to just above `row`?"""
        runs = self.cells.runs
        return all(run.bottom == row and runs[run.column] is run for run in self.runs) and all(
            self.cells.shared_continues(index, row, column) for index, column in self.shared
        )

    def _rows_in_order(self, groups: list[tuple[str, ...]], row: int) -> int:
        """How many of the rows have the numbers, their own and those in formulas, that they must have."""
        highest = max([0, *(away for _, away in self.offsets)])
        count = min(len(groups[0]), MAX_ROWS - row - highest)
        for group, away in [(0, 0), *self.offsets]:
            there = np.fromiter(map(int, groups[group][:count]), np.int64, count)
            wrong = np.flatnonzero(there != np.arange(row + 1 + away, row + 1 + away + count))
            if len(wrong):
                count = int(wrong[0])
        return max(0, count)

    def _commit(
        self, groups: list[tuple[str, ...]], values: list[array[float]], row: int, count: int
    ) -> None:
        cells = self.cells
        cells.spend(count * len(values))
        rows = np.arange(row, row + count, dtype=np.int64).tobytes()
        kinds = bytes([NUMBER]) * count
        for (_, column), parsed in zip(self.numbers, values, strict=True):
            into = cells.column(column)
            into.rows.frombytes(rows)
            into.numbers.extend(parsed[:count])
            into.kinds.frombytes(kinds)
        for group, column, kind in self.others:
            for step, text in enumerate(groups[group][:count]):
                cells.value(row + step, column, kind, plain_text(text, kind))
        for type_group, group, column in self.mixed:
            pairs = zip(groups[type_group][:count], groups[group][:count], strict=True)
            for step, (found, text) in enumerate(pairs):
                kind = found or "n"
                cells.value(row + step, column, kind, text and plain_text(text, kind))
        for run in self.runs:
            run.bottom += count
        for index, column in self.shared:
            cells.extend_shared(index, column, count)
        self.rows_taken += count


def _floats(texts: tuple[str, ...]) -> array[float]:
    """The numbers up to the first text that is none (or too large)."""
    try:
        parsed = array("d", map(float, texts))
    except ValueError:
        parsed = array("d")
        for text in texts:
            try:
                parsed.append(float(text))
            except ValueError:
                break
    if not parsed:  # NumPy takes no empty buffer
        return parsed
    infinite = np.flatnonzero(~np.isfinite(np.frombuffer(parsed)))
    return parsed[: int(infinite[0])] if len(infinite) else parsed


def make_template(
    text: str, row: int, cells: Cells, prefixes: frozenset[str], mixed: Set[int]
) -> RowTemplate | None:
    """A template from the text of `row` (counted from 0), which `cells` has taken already.

    `mixed`: columns whose type changes from row to row (IF(..., "", ...)); their gaps take any type.

    None when the row holds something that a template cannot: an array formula, a formula that is not certain
    or spelled in an unusual way, a richer value, too many cells.
    """
    start = ROW.match(text)
    if start is None or len(text) > LONGEST:
        return None
    return _Maker(row, cells, prefixes, mixed).make(text, start.end())


class _Maker:
    """Collects the parts of one template's pattern."""

    def __init__(self, row: int, cells: Cells, prefixes: frozenset[str], mixed: Set[int]) -> None:
        self._row, self._cells, self._mixed = row, cells, mixed
        self._parts = [_ROW_START]
        self._groups = 2
        self._names = {0: "r"}
        self._made = RowTemplate(re.compile(""), cells, prefixes)

    def make(self, text: str, at: int) -> RowTemplate | None:
        found = list(in_succession(CELL, text, at, len(text)))
        if not 0 < len(found) <= MOST_CELLS or not all(map(self._cell, found)):
            return None
        self._parts.append("</row>|")
        self._made.pattern = re.compile("".join(self._parts))
        return self._made if self._made.pattern.fullmatch(text) else None

    def _cell(self, cell: re.Match[str]) -> bool:
        letters, _, attributes, formula, formula_text, value, inline = cell.groups()
        kind, _, richer = cell_type(attributes)
        if richer is not None:
            return False
        column = column_index(letters)
        self._made.kinds[column] = kind if value else ""
        self._parts.append(f'<c r="{letters}(?P=r)"')
        if column in self._mixed and _STYLE_AND_TYPE.fullmatch(attributes):
            return self._mixed_cell(column, formula, formula_text)
        self._parts.append(_any_style(attributes))
        if cell[0].endswith("/>"):
            self._parts.append("/>")
            return True
        self._parts.append(">")
        if formula is not None and not self._formula(column, formula, formula_text):
            return False
        if value and kind == "n":
            self._parts.append(f"<v>{_NUMBER_VALUE}</v>")
            self._made.numbers.append((self._groups, column))
            self._groups += 1
        elif value or kind == "str":
            self._parts.append(f"<v{SPACE}>{_OTHER_VALUE}</v>")
            self._made.others.append((self._groups, column, kind))
            self._groups += 1
        elif inline is not None and kind == "inlineStr":
            self._parts.append(f"<is><t{SPACE}>{_OTHER_VALUE}</t></is>")
            self._made.others.append((self._groups, column, kind))
            self._groups += 1
        elif value is not None or formula is not None:
            self._parts.append("(?:<v></v>|<v/>)?")
        self._parts.append("</c>")
        return True

    def _mixed_cell(self, column: int, formula: str | None, formula_text: str | None) -> bool:
        """A cell whose type, and whether it has a value at all, is left open."""
        name = f"t{column}"
        empty = "/>|" if formula is None else ""  # a cell without its formula is another row's affair
        self._parts.append(f'(?: s="[0-9]+")?(?: t="(?P<{name}>n|s|str|b|e)")?(?:{empty}>')
        self._made.mixed.append((self._groups, 0, column))
        self._groups += 1
        if formula is not None and not self._formula(column, formula, formula_text):
            return False
        self._parts.append(f"(?:<v{SPACE}>((?({name})[^<]*|[-+.0-9Ee]*))</v>|<v/>)?</c>)")
        self._made.mixed[-1] = (self._made.mixed[-1][0], self._groups, column)
        self._groups += 1
        return True

    def _formula(self, column: int, attributes: str, text: str | None) -> bool:
        known = formula_attributes(attributes)
        kind, index = known.get("t"), known.get("si")
        if not text and kind == "shared" and index is not None and "ref" not in known:
            if not self._cells.shared_continues(index, self._row + 1, column):
                return False
            self._made.shared.append((index, column))
            self._parts.append(f"<f{re.escape(attributes)}(?:/>|></f>)")
            return True
        if not text:
            self._parts.append(f"<f{re.escape(attributes)}(?:/>|></f>)")
            return kind is None
        run = self._cells.runs.get(column)
        if kind is not None or run is None or run.bottom != self._row + 1 or run.cut is None:
            return False
        self._parts.append(f"<f{re.escape(attributes)}>")
        self._made.runs.append(run)
        return self._pieces(run, text)

    def _pieces(self, run: Run, text: str) -> bool:
        """The formula's text, with a gap for each relative row."""
        assert run.cut is not None
        for table in (_ESCAPES, _ESCAPES_AND_QUOTES):
            literals = [literal.translate(table) for literal in run.cut.literals]
            rows = [str(self._row + 1 + offset) for offset in run.cut.offsets] + [""]
            if "".join(part for pair in zip(literals, rows, strict=True) for part in pair) == text:
                break
        else:
            return False
        for literal, offset in zip(literals, run.cut.offsets, strict=False):
            self._parts.append(re.escape(literal))
            name = self._names.get(offset)
            if name is None:
                name = self._names[offset] = f"o{len(self._names)}"
                self._made.offsets.append((self._groups, offset))
                self._groups += 1
                self._parts.append(f"(?P<{name}>{_NUMBER})")
            else:
                self._parts.append(f"(?P={name})")
        self._parts.append(re.escape(literals[-1]) + "</f>")
        return True


def _any_style(attributes: str) -> str:
    """The attributes as a pattern that takes any style, so that banded rows are alike."""
    return _STYLE.sub(r' s="[0-9]+"', re.escape(attributes).replace("\\ ", " "))
