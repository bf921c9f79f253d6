"""Check a lesson's workbook: ask every judge, compare with the stored values, say why what differs differs.

    check("adam.xlsx")                                       an export, all judges of this machine
    check("graddesc.xlsm", model="adam", against="arrays")   the course's own sheet

Compared is always what the *file stores*: a workbook passes when the values in it are those that its lesson
gives for its inputs, and those that its formulas give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.check.causes import Seen, explain
from sheetsim.check.compare import Tolerance, compare
from sheetsim.check.file import File, part
from sheetsim.check.judges import Answer, Judge, choose
from sheetsim.check.outcome import BlockOutcome, JudgeOutcome, Outcome
from sheetsim.check.subject import Subject, find_subject
from sheetsim.errors import SheetsimError
from sheetsim.lessons.lesson import Block

ELSEWHERE = "other formulas"
"""What the report calls the formula cells outside the lesson's blocks."""

Progress = Callable[[str], None]
"""Told what is being done, a few words each time."""


def check(
    path: str | Path,
    *,
    model: str | None = None,
    sheet: str | None = None,
    against: str | None = None,
    rtol: float | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Check the lesson in a workbook against the judges named in `against` (None: all of this machine).

    `model` and `sheet` choose the lesson and, in a workbook that is no export, the sheet it is on. `rtol`
    replaces the judges' own tolerance. SheetsimError for what cannot be checked: no workbook, no lesson,
    an input that is no number, a judge named that is not installed.
    """
    say = progress or (lambda words: None)
    chosen = choose(against)
    if rtol is not None and not 0 <= rtol < 1:
        raise SheetsimError(
            f"--rtol {rtol:g}: the tolerance is a number from 0 up to, not with, 1, like 1e-9"
        )
    say(f"reading {path}")
    file = File(path)
    subject = find_subject(file, model, sheet)
    outcomes, seen = [], []
    for judge in chosen:
        say(f"asking {judge.name}")
        outcome, differing = _judged(judge, file, subject, rtol, named=against not in (None, "all"))
        outcomes.append(outcome)
        seen += differing
    say("looking for causes")
    found = Outcome(str(path), subject.lesson.name, outcomes, notes=list(subject.notes))
    explain(file, subject, seen, found)
    return found


def _judged(
    judge: Judge, file: File, subject: Subject, rtol: float | None, named: bool
) -> tuple[JudgeOutcome, list[Seen]]:
    """What one judge says of every block. One that cannot be asked is skipped, unless it was named."""
    outcome = JudgeOutcome(judge.name, judge.missing() or "", tolerance=judge.tolerance(rtol))
    if outcome.reason:
        return outcome, []
    try:
        answer = judge.ask(file, subject)
    except SheetsimError as error:
        if named:
            raise
        outcome.reason = str(error)
        return outcome, []
    outcome.device, outcome.reason = answer.device, answer.note
    by_name: dict[str, BlockOutcome] = {}
    differing = []
    for area in _areas(file, subject, answer):
        values = answer.values(area.block)
        if values is None:
            continue
        stored = file.stored(area.block.sheet, area.block.rect)
        seen = compare(stored, values, outcome.tolerance, area.asked)
        if area.block.name not in by_name:
            elsewhere = area.block.name == ELSEWHERE
            where = (None, None) if elsewhere else (area.block.sheet, area.block.rect)
            by_name[area.block.name] = BlockOutcome(area.block.name, *where)
        by_name[area.block.name].add(seen)
        if seen.agreeing < seen.cells:
            differing.append(Seen(judge.name, area.block, seen, values))
    outcome.blocks = [block for block in by_name.values() if block.cells]
    if not outcome.blocks:
        outcome.reason = outcome.reason or "it has nothing to say about this file"
    return outcome, differing


@dataclass(frozen=True, slots=True)
class _Area:
    """A block and which of its cells are compared (None: all)."""

    block: Block
    asked: NDArray[np.bool_] | None


def _areas(file: File, subject: Subject, answer: Answer) -> Iterator[_Area]:
    """Of an export every cell of a block is compared, also one that is typed over; of the course's own
    sheets the formula cells. Who computes the file answers for the formulas outside the blocks, too."""
    for block in subject.blocks:
        if answer.whole:
            yield _Area(block, _formulas(file, block, answer))
        else:
            yield _Area(block, file.has_formula(block.sheet, block.rect) if subject.original else None)
    if answer.whole:
        for block in _elsewhere(file, subject):
            yield _Area(block, _formulas(file, block, answer))


def _formulas(file: File, block: Block, answer: Answer) -> NDArray[np.bool_]:
    """The cells of a block whose formula the judge has a say in."""
    mask = np.zeros(block.rect.shape, bool)
    for region, common in file.on(block.sheet, block.rect):
        mask[part(block.rect, common)] = region not in answer.passes_over
    return mask


def _elsewhere(file: File, subject: Subject) -> Iterator[Block]:
    """The formula cells outside all blocks, rectangle by rectangle."""
    for region in file.regions:
        pieces: list[Rect] = [region.rect]
        for block in subject.blocks:
            if block.sheet.casefold() == region.sheet.casefold():
                pieces = [rest for piece in pieces for rest in piece.without(block.rect)]
        for piece in pieces:
            yield Block(ELSEWHERE, region.sheet, piece, ELSEWHERE, ())


__all__ = ["ELSEWHERE", "Tolerance", "check"]
