"""Recalculate a workbook and compare every formula cell with the value that the file stores for it.

Numbers agree within 1e-12 + 1e-12 |stored|; all else must be equal. An empty text and nothing agree, and so
do an error and a text that spells it (Google Sheets stores errors so), TRUE and 1, FALSE and 0 (LibreOffice
stores truth values so). A formula cell without a stored value (the file was saved by a program that computes
nothing) is counted apart. Volatile cells (RAND and the like)
keep their stored values, so that what depends on them is still checked; when they are drawn anew, what
depends on them cannot be compared either and counts as volatile too.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from sheetsim.address import Rect, cell_name, quote_sheet
from sheetsim.checking.compare import APART, Tolerance, compare
from sheetsim.checking.file import File, part
from sheetsim.plan.regions import Region, text_at
from sheetsim.plan.schedule import make_plan
from sheetsim.run.edits import Edits
from sheetsim.run.foresee import foreseen
from sheetsim.run.saving import edited_rects, with_extents
from sheetsim.values import BLANK, BOOLEAN, ERROR, NUMBER, TEXT, Scalar, Values
from sheetsim.xlsx.edit.patch import Saved, check_copy, save_values
from sheetsim.xlsx.read.package import Package
from sheetsim.xlsx.read.workbook import read_workbook

MOST_LISTED = 100_000
"""Cells of each kind that a report lists; of others it knows only how many they are."""

PIECE = 1 << 20
"""Cells compared at once."""

TOLERANCE = Tolerance(absolute=1e-12, relative=1e-12)
SCHEMA = "sheetsim.recalc/1"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A formula cell whose stored value is not what the formula gives. rel: |difference| / |stored|."""

    sheet: str
    row: int
    column: int
    formula: str
    stored: Scalar
    computed: Scalar
    rel: float
    ulp: int

    @property
    def cell(self) -> str:
        return f"{quote_sheet(self.sheet)}!{cell_name(self.row, self.column)}"


@dataclass(frozen=True, slots=True)
class UnsupportedCell:
    """A formula cell that our engine cannot compute."""

    cell: str
    formula: str
    reason: str


@dataclass(slots=True)
class Recalculation:
    """What was found. `cells` = `agree` + mismatches + `volatile` + `without_value` + unsupported, where
    `left_out` says how many mismatches and unsupported cells there are beyond those listed."""

    file: str
    cells: int = 0
    agree: int = 0
    bit_identical: int = 0
    volatile: int = 0
    without_value: int = 0  # computed, but the file stores nothing to compare with
    unsupported: list[UnsupportedCell] = field(default_factory=list)
    mismatches: list[Mismatch] = field(default_factory=list)
    saved: Saved | None = None  # the copy with computed values, when one was asked for
    seconds: dict[str, float] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=lambda: {"unsupported": 0, "mismatches": 0})

    @property
    def passed(self) -> bool:
        return not self.mismatches and not self.unsupported

    def as_json(self) -> dict[str, Any]:
        """The report as schema sheetsim.recalc/1: only what JSON can say (no NaN, no infinity)."""
        saved = {} if self.saved is None else {"saved": self.saved.as_json()}
        return {
            "schema": SCHEMA,
            "file": self.file,
            "cells": self.cells,
            "agree": self.agree,
            "bit_identical": self.bit_identical,
            "volatile": self.volatile,
            "without_value": self.without_value,
            "unsupported": [
                {"cell": one.cell, "formula": f"={one.formula}", "reason": one.reason}
                for one in self.unsupported
            ],
            "mismatches": [
                {
                    "cell": one.cell,
                    "formula": f"={one.formula}",
                    "stored": json_value(one.stored),
                    "computed": json_value(one.computed),
                    "rel": json_number(one.rel),
                    "ulp": json_ulp(one.ulp),
                }
                for one in self.mismatches
            ],
            **saved,
            "seconds": self.seconds,
        } | ({"left_out": self.left_out} if any(self.left_out.values()) else {})


def recalculate(
    path: str | Path,
    *,
    redraw: bool = False,
    seed: int | None = None,
    out: str | Path | None = None,
    force: bool = False,
) -> Recalculation:
    """Compute every formula of a workbook; its file is opened once. SheetsimError when it cannot be read.

    redraw: volatile formulas are computed too, RAND's numbers from `seed`.
    out: where to save a copy of the file with the computed values in it (`xlsx.patch`); what cannot be
    computed, and volatile formulas that are not drawn anew, keep theirs. force: overwrite it.
    """
    if out is not None:
        check_copy(Path(path), Path(out), force=force)
    with Package(path) as package:
        file = File(package, redraw=redraw, seed=seed)
        found = _compared(file, Recalculation(str(path), notices=list(file.book.notices)))
        if out is not None:
            start = time.perf_counter()
            book, plan = file.book, file.calculation.plan
            found.saved = save_values(
                package,
                out,
                with_extents(book, plan),
                file.calculation.block,
                edited=edited_rects(book, plan, Edits(book)),
                force=force,
            )
            file.seconds["save"] = time.perf_counter() - start
    found.seconds = file.seconds
    return found


def planned(path: str | Path, *, redraw: bool = False) -> list[str]:
    """How every formula of a workbook would be computed, a line each; nothing is. SheetsimError when the file
    cannot be read."""
    book = read_workbook(Path(path))
    plan = make_plan(book, redraw=redraw)
    return plan.describe(foreseen(book, plan)).splitlines()


def _compared(file: File, found: Recalculation) -> Recalculation:
    """Put into `found` what each of the file's formula cells stores and gives."""
    skipped = file.unsettled if file.redraw else file.volatile
    reasons = {(record.sheet, record.rect): record.reason for record in file.plan.unsupported}
    for region in file.regions:
        rects = [region.rect, *file.left_behind(region)]
        found.cells += sum(rect.size for rect in rects)
        if region in file.unsupported:
            reason = reasons[region.sheet, region.rect]
            _lacking(region, region.rect, reason, found)
        elif region in skipped:
            found.volatile += region.rect.size
        else:
            late = file.late.get(region, [])
            for record in late:
                _lacking(region, record.rect, record.reason, found)
            for piece in (piece for rect in rects for piece in _pieces(rect)):
                _compare(file, region, piece, [record.rect for record in late], found)
    found.notices += file.calculation.notes
    return found


def _pieces(rect: Rect) -> Iterator[Rect]:
    """A rectangle from top to bottom, at most about PIECE cells at a time."""
    rows = max(PIECE // rect.columns, 1)
    for top in range(rect.top, rect.bottom, rows):
        yield Rect(top, rect.left, min(top + rows, rect.bottom), rect.right)


def _lacking(region: Region, rect: Rect, reason: str, found: Recalculation) -> None:
    """Note the cells of `rect` as not supported."""
    free = MOST_LISTED - len(found.unsupported)
    found.left_out["unsupported"] += max(rect.size - free, 0)
    found.unsupported += [
        UnsupportedCell(f"{quote_sheet(region.sheet)}!{cell_name(*cell)}", text_at(region, *cell), reason)
        for cell in islice(rect.cells(), max(free, 0))
    ]


def _compare(file: File, region: Region, rect: Rect, lacking: Sequence[Rect], found: Recalculation) -> None:
    """Compare the cells of `rect`, a piece of the region, but for those that are not supported."""
    stored = file.stored(region.sheet, rect)
    computed = file.calculation.block(region.sheet, rect)
    stored = _same_said_otherwise(stored, computed)
    asked = np.ones(rect.shape, bool)
    for hole in lacking:
        common = hole.intersect(rect)
        if common is not None:
            asked[part(rect, common)] = False
    nothing = asked & (stored.kind_array() == BLANK) & (computed.kind_array() != BLANK)
    found.without_value += int(nothing.sum())
    seen = compare(stored, computed, TOLERANCE, asked & ~nothing)
    found.agree += seen.agreeing
    found.bit_identical += seen.bit_identical
    differing = np.argwhere(~seen.agree)
    free = MOST_LISTED - len(found.mismatches)
    found.left_out["mismatches"] += max(len(differing) - free, 0)
    for r, c in differing[:free].tolist():
        row, column = rect.top + r, rect.left + c
        found.mismatches.append(
            Mismatch(
                region.sheet,
                row,
                column,
                text_at(region, row, column),
                stored.get((r, c)),
                computed.get((r, c)),
                float(seen.rel[r, c]),
                int(seen.ulp[r, c]),
            )
        )


def _same_said_otherwise(stored: Values, computed: Values) -> Values:
    """The stored values, with the computed one where both say the same: an empty text and nothing; an error,
    and its name as a text; a truth value, and 1 or 0."""
    if computed.all_numbers:
        return stored
    kinds, others = stored.kind_array(), computed.kind_array()
    empty = (kinds == BLANK) & (others == TEXT) | (kinds == TEXT) & (others == BLANK)
    named = (kinds == TEXT) & (others == ERROR)
    truth = (kinds == NUMBER) & (others == BOOLEAN) & (stored.numbers == computed.numbers)
    if not (empty | named | truth).any():
        return stored
    both = Values(stored.numbers.copy(), np.array(kinds), np.full(stored.shape, "", object))
    both.kinds[truth] = BOOLEAN  # type: ignore[index] # it has kinds
    if stored.texts is not None:
        both.texts = stored.texts.copy()
    for index in map(tuple, np.argwhere(empty | named).tolist()):
        value = computed.get(index)
        if str(stored.get(index) or "") == str(value or ""):
            both.put(index, value)
    return both


def json_value(value: Scalar) -> object:
    """A cell's value in JSON: an error as its label; a number that is not finite (there is none) as null."""
    if value is None or isinstance(value, (str, bool)):
        return value
    return str(value) if isinstance(value, int) else json_number(value)


def json_ulp(count: int) -> int | None:
    """null where the two are not both numbers."""
    return None if count == APART else count


def json_number(number: float) -> float | None:
    """null for what JSON cannot say."""
    return number if abs(number) < float("inf") else None
