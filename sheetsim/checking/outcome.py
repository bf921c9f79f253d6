"""What `check` found, as data: each judge's verdict on each block; the cells that differ, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect, cell_name, quote_sheet
from sheetsim.checking.compare import Comparison, Tolerance, levels
from sheetsim.checking.recalc import json_number, json_ulp, json_value
from sheetsim.values import Scalar

SCHEMA = "sheetsim.check/1"
ELSEWHERE = "other formulas"
"""What the report calls the formula cells outside the lesson's blocks."""
PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass(slots=True)
class BlockOutcome:
    """One judge's comparison with one block. `rect` is None for the formulas outside all blocks."""

    name: str
    sheet: str | None
    rect: Rect | None
    cells: int = 0
    agree: int = 0
    by_rounding: int = 0  # agreeing cells whose difference is only explained by rounding carried on
    bit_identical: int = 0
    max_ulp: int = 0
    max_rel: float = 0.0
    levels: NDArray[np.uint8] | None = None  # of each cell, see compare.Level; None outside all blocks

    @property
    def passed(self) -> bool:
        return self.agree == self.cells

    def add(self, seen: Comparison, by_rounding: int = 0) -> None:
        if self.rect is not None:
            self.levels = levels(seen)
        self.by_rounding += by_rounding
        self.cells += seen.cells
        self.agree += seen.agreeing
        self.bit_identical += seen.bit_identical
        self.max_ulp = max(self.max_ulp, seen.max_ulp)
        self.max_rel = max(self.max_rel, seen.max_rel)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "sheet": self.sheet,
            "range": None if self.rect is None else str(self.rect),
            "cells": self.cells,
            "agree": self.agree,
            "by_rounding": self.by_rounding,
            "bit_identical": self.bit_identical,
            "max_ulp": json_ulp(self.max_ulp),
            "max_rel": json_number(self.max_rel),
            "passed": self.passed,
        }


@dataclass(slots=True)
class JudgeOutcome:
    """One judge: whether it passed the file, and block by block what it saw."""

    name: str
    reason: str = ""  # why it was skipped, or what it passed over
    device: str | None = None
    tolerance: Tolerance = field(default_factory=Tolerance)
    blocks: list[BlockOutcome] = field(default_factory=list)

    @property
    def status(self) -> str:
        if not self.blocks:
            return SKIPPED
        return PASSED if all(block.passed for block in self.blocks) else FAILED

    @property
    def cells(self) -> int:
        return sum(block.cells for block in self.blocks)

    @property
    def bit_identical(self) -> int:
        return sum(block.bit_identical for block in self.blocks)

    @property
    def by_rounding(self) -> int:
        return sum(block.by_rounding for block in self.blocks)

    @property
    def max_ulp(self) -> int:
        return max((block.max_ulp for block in self.blocks), default=0)

    @property
    def max_rel(self) -> float:
        return max((block.max_rel for block in self.blocks), default=0.0)

    def as_json(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "reason": self.reason or None,
            "device": self.device,
            "tolerance": str(self.tolerance),
            "cells": self.cells,
            "by_rounding": self.by_rounding,
            "bit_identical": self.bit_identical,
            "max_ulp": json_ulp(self.max_ulp),
            "max_rel": json_number(self.max_rel),
            "blocks": [block.as_json() for block in self.blocks],
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that differs, or whose formula is not the lesson's. `against` is the judge that `computed` is
    from; rel is the difference over the column's largest magnitude there."""

    sheet: str
    row: int
    column: int
    block: str
    formula: str | None
    expected: str | None  # the lesson's formula, where it is another one
    stored: Scalar
    computed: Scalar
    against: str
    rel: float
    ulp: int
    cause: str

    @property
    def cell(self) -> str:
        return f"{quote_sheet(self.sheet)}!{cell_name(self.row, self.column)}"

    def as_json(self) -> dict[str, Any]:
        return {
            "cell": self.cell,
            "block": self.block,
            "formula": None if self.formula is None else f"={self.formula}",
            "expected_formula": None if self.expected is None else f"={self.expected}",
            "stored": json_value(self.stored),
            "computed": json_value(self.computed),
            "against": self.against,
            "rel": json_number(self.rel),
            "ulp": json_ulp(self.ulp),
            "cause": self.cause,
        }


@dataclass(slots=True, repr=False)
class Outcome:
    """All of it. `mismatches` has the causes first, each the earliest cell of its kind; `following` counts
    the other differing cells, most of which merely pass a difference on."""

    file: str
    model: str
    judges: list[JudgeOutcome]
    mismatches: list[Difference] = field(default_factory=list)
    following: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """No judge that was asked found a difference, and one at least was."""
        statuses = [judge.status for judge in self.judges]
        return FAILED not in statuses and PASSED in statuses

    def __getitem__(self, judge: str) -> JudgeOutcome:
        for one in self.judges:
            if one.name == judge:
                return one
        raise KeyError(judge)

    def as_json(self) -> dict[str, Any]:
        """The report as schema sheetsim.check/1: only what JSON can say (no NaN, no infinity)."""
        return {
            "schema": SCHEMA,
            "file": self.file,
            "model": self.model,
            "passed": self.passed,
            "against": {judge.name: judge.as_json() for judge in self.judges},
            "mismatches": [one.as_json() for one in self.mismatches],
            "following": self.following,
            "notes": self.notes,
        }

    def __repr__(self) -> str:
        return f"<check of {self}>"

    def __str__(self) -> str:
        verdicts = ", ".join(f"{judge.name} {judge.status}" for judge in self.judges)
        worst = next((f"; first: {one.cell}, {one.cause}" for one in self.mismatches), "")
        return f"{self.file} ({self.model}): {verdicts}{worst}"


def outcomes_as_json(found: list[Outcome]) -> dict[str, Any]:
    """The reports of several lessons of one file as schema sheetsim.checks/1, each of them a check/1."""
    return {
        "schema": "sheetsim.checks/1",
        "file": found[0].file,
        "passed": all(one.passed for one in found),
        "lessons": [one.as_json() for one in found],
    }


def size(number: float) -> str:
    """A relative difference for people: 3e-16, or "other kind of value" for an infinite one."""
    return f"{number:.0e}" if 0 < number < math.inf else "another kind of value" if number else "0"
