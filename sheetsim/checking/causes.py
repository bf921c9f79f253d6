"""Why a cell differs. Of many differing cells most only pass on what an earlier one has wrong; named are the
cells where something starts:

- a formula that is not the lesson's, or a value typed over one;
- a stored value that is not what the cell's own formula gives from the stored values that it reads: the file
  was changed by something that computes nothing (one step of the per-cell evaluator shows it);
- where neither is found, the first differing cell of each block: then the judges and the file disagree about
  the rule itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.checking.compare import Comparison, Tolerance, compare
from sheetsim.checking.expected import Change, Expected
from sheetsim.checking.file import File
from sheetsim.checking.judges import JUDGES
from sheetsim.checking.outcome import ELSEWHERE, Difference, Outcome
from sheetsim.checking.stored import StoredCells, one_step
from sheetsim.checking.subject import Subject
from sheetsim.formula.nodes import Node
from sheetsim.lessons.kit.lesson import Block
from sheetsim.plan.regions import text_at
from sheetsim.values import NUMBER, Scalar, Values

LOOKED_AT = 50
"""How many differing cells of a block are examined, how many cells of a changed rectangle are tried, ..."""
NAMED = 20
"""... and how many causes are named."""

SAME = Tolerance(relative=1e-11)
"""Within this, or this share of the column's largest magnitude, a stored value is what its formula gives:
programs that save 15 digits lose some."""

_PREFERENCE = ("arrays", "kernel", "torch", "recalc", "ironcalc", "libreoffice")

NO_VALUE = (
    "no stored value: the file was saved by a program that computes nothing; "
    "open it in Excel or LibreOffice and save it"
)
STALE = (
    "the stored value is not what the cell's formula gives: the file was changed and not recalculated; "
    "open it in Excel or LibreOffice and save it"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A block in which a judge saw differences, and the values that it expected."""

    judge: str
    block: Block
    comparison: Comparison
    values: Values


@dataclass(frozen=True, slots=True)
class _Cell:
    """One differing cell as the preferred judge sees it."""

    seen: Seen
    r: int
    c: int

    @property
    def row(self) -> int:
        return self.seen.block.rect.top + self.r

    @property
    def column(self) -> int:
        return self.seen.block.rect.left + self.c

    @property
    def magnitude(self) -> float:
        """The largest magnitude that the judge computed in the cell's column of the block."""
        column = self.seen.values[:, self.c]
        return float(np.abs(column.numbers[column.kind_array() == NUMBER]).max(initial=0.0))


def explain(file: File, subject: Subject, seen: list[Seen], outcome: Outcome) -> None:
    """Put the differences that start something into `outcome.mismatches`, count the rest."""
    differing = _Differing(seen)
    expected = Expected(file, subject)
    causes = list(_changes(file, expected, differing, outcome, subject))
    places = {(one.sheet, one.row, one.column) for one in causes}
    if seen:
        for cell in differing.first_cells():
            if (cell.seen.block.sheet, cell.row, cell.column) not in places:
                causes += _own_fault(file, cell)
        if not causes:
            causes = [_disagreement(file, cell) for cell in differing.first_of_blocks()]
    rank = {sheet: number for number, sheet in enumerate(_sheets_in_order(subject))}
    causes.sort(key=lambda one: (rank.get(one.sheet, len(rank)), one.row, one.column))
    outcome.mismatches = causes[:NAMED]
    outcome.following = max(differing.count() - len(outcome.mismatches), 0)
    if not seen:  # what no judge sees changes no value
        outcome.notes += [f"{one.cell}: {one.cause}" for one in outcome.mismatches]
        outcome.mismatches = []


class _Differing:
    """The differing cells of all judges."""

    def __init__(self, seen: list[Seen]) -> None:
        self.seen = sorted(seen, key=lambda one: _PREFERENCE.index(one.judge))

    def count(self) -> int:
        """How many different cells."""
        masks: dict[tuple[str, Rect], NDArray[np.bool_]] = {}
        for one in self.seen:
            key, wrong = (one.block.sheet, one.block.rect), ~one.comparison.agree
            masks[key] = masks[key] | wrong if key in masks else wrong
        return sum(int(mask.sum()) for mask in masks.values())

    def first_cells(self) -> Iterator[_Cell]:
        """The first differing cells of each block, each cell once."""
        known: set[tuple[str, int, int]] = set()
        for one in self.seen:
            for r, c in np.argwhere(~one.comparison.agree)[:LOOKED_AT]:
                cell = _Cell(one, int(r), int(c))
                place = (one.block.sheet, cell.row, cell.column)
                if place not in known:
                    known.add(place)
                    yield cell

    def first_of_blocks(self) -> Iterator[_Cell]:
        known: set[tuple[str, Rect]] = set()
        for one in self.seen:
            if (one.block.sheet, one.block.rect) not in known:
                known.add((one.block.sheet, one.block.rect))
                r, c = np.argwhere(~one.comparison.agree)[0]
                yield _Cell(one, int(r), int(c))

    def first_in(self, sheet: str, rect: Rect) -> _Cell | None:
        """The first differing cell within a rectangle, as the preferred judge sees it."""
        for one in self.seen:
            common = one.block.rect.intersect(rect) if one.block.sheet == sheet else None
            if common is not None:
                rows, columns = np.nonzero(~one.comparison.agree)
                top, left = one.block.rect.top, one.block.rect.left
                inside = (rows >= common.top - top) & (rows < common.bottom - top)
                inside &= (columns >= common.left - left) & (columns < common.right - left)
                if inside.any():
                    place = int(np.flatnonzero(inside)[0])
                    return _Cell(one, int(rows[place]), int(columns[place]))
        return None


# -- formulas that are not the lesson's


def _changes(
    file: File, expected: Expected, differing: _Differing, outcome: Outcome, subject: Subject
) -> Iterator[Difference]:
    """A difference for each changed formula that changes a value; a note for each that changes none."""
    for change in expected.changes:
        cell = differing.first_in(change.sheet, change.rect)
        if cell is not None:
            yield _changed(file, expected, subject, change, cell.row, cell.column, cell)
            continue
        place = _first_other_value(file, change)
        if place is not None:
            yield _changed(file, expected, subject, change, *place, None)
        elif not subject.original:
            row, column = change.rect.top, change.rect.left
            same = _changed(file, expected, subject, change, row, column, None)
            outcome.notes.append(f"{same.cell}: {same.cause}; it gives the same value")


def _first_other_value(file: File, change: Change) -> tuple[int, int] | None:
    """The first cell (of those tried) where the lesson's formula would give another value."""
    stored = StoredCells(file)
    for tried, (row, column) in enumerate(change.rect.cells()):
        if tried == LOOKED_AT:
            break
        value = one_step(stored, change.expected, change.sheet, row, column)
        if not _same(file.value(change.sheet, row, column), value):
            return row, column
    return None


def _changed(
    file: File,
    expected: Expected,
    subject: Subject,
    change: Change,
    row: int,
    column: int,
    cell: _Cell | None,
) -> Difference:
    text = change.expected_text(row, column)
    found = text_at(change.found, row, column) if change.found else None
    if found is None:
        cause = f"typed over: the lesson has ={text} here"
    else:
        cause = f"another formula: ={found} where the lesson has ={text}"
        if change.found is not None and change.found.node is not None:
            cause += _convention(expected, subject, change.sheet, column, change.found.node)
    if change.rect.size > 1:
        cause += f" (so in {change.rect.size} cells, {change.rect})"
    if cell is not None:
        return _difference(file, cell, cause, text)
    computed = one_step(StoredCells(file), change.expected, change.sheet, row, column)
    stored = file.value(change.sheet, row, column)
    seen = compare(Values.of([[stored]]), Values.of([[computed]]), SAME)
    return Difference(
        *(change.sheet, row, column, ELSEWHERE, found, text, stored, computed, "the lesson's formula"),
        *(seen.max_rel, seen.max_ulp, cause),
    )


def _convention(expected: Expected, subject: Subject, sheet: str, column: int, found: Node) -> str:
    """A sentence when the formula is what the other convention's table has in the same column."""
    here = {block.name.partition(".")[0] for block in subject.blocks if block.sheet == sheet}
    for block in subject.blocks:
        role = block.name.partition(".")[0]
        if ("torch" in here) == (role == "torch") or not block.rect.left <= column < block.rect.right:
            continue
        if any(
            region.sheet == block.sheet
            and region.node == found
            and region.rect.left <= column < region.rect.right
            and region.rect.intersect(block.rect)
            for region in expected.regions
        ):
            rule = "torch's rule" if role == "torch" else "the lesson's rule"
            return f"; that is {rule}. {subject.lesson.conventions}"
    return ""


# -- cells that are wrong by themselves, and the rest


def _own_fault(file: File, cell: _Cell) -> list[Difference]:
    """A difference when the cell's stored value is not what its own formula gives, else nothing."""
    sheet = cell.seen.block.sheet
    stored = file.value(sheet, cell.row, cell.column)
    for region, _ in file.on(sheet, Rect.cell(cell.row, cell.column)):
        if stored is None:
            return [_difference(file, cell, NO_VALUE, None)]
        if region.node is None or region.array or region in file.kept:
            return []
        value = one_step(StoredCells(file), region.node, sheet, cell.row, cell.column)
        if not _same(stored, value, SAME.relative * cell.magnitude):
            return [_difference(file, cell, STALE, None)]
    return []


def _disagreement(file: File, cell: _Cell) -> Difference:
    """The judge and the file differ although the cell's own formula gives what is stored."""
    judge = JUDGES[cell.seen.judge]
    cause = f"{judge.title} computes this formula otherwise"
    if judge.of_lesson:
        cause = f"the formula gives the stored value, but {judge.title} has another rule for this cell"
    return _difference(file, cell, cause, None)


def _difference(file: File, cell: _Cell, cause: str, expected: str | None) -> Difference:
    block, seen = cell.seen.block, cell.seen.comparison
    return Difference(
        sheet=block.sheet,
        row=cell.row,
        column=cell.column,
        block=block.name,
        formula=file.formula(block.sheet, cell.row, cell.column),
        expected=expected,
        stored=file.value(block.sheet, cell.row, cell.column),
        computed=cell.seen.values.get((cell.r, cell.c)),
        against=cell.seen.judge,
        rel=float(seen.rel[cell.r, cell.c]),
        ulp=int(seen.ulp[cell.r, cell.c]),
        cause=cause,
    )


def _same(stored: Scalar, computed: Scalar, absolute: float = 0.0) -> bool:
    tolerance = replace(SAME, absolute=absolute)
    return compare(Values.of([[stored]]), Values.of([[computed]]), tolerance).agreeing == 1


def _sheets_in_order(subject: Subject) -> list[str]:
    """The lesson's sheets in the order in which values flow: dry passes come before the lesson's sheet."""
    blocks = sorted(subject.blocks, key=lambda block: not block.name.startswith("dry."))
    return list(dict.fromkeys(block.sheet for block in blocks))
