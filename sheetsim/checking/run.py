"""Check a lesson's workbook: ask every judge, compare with the stored values, say why what differs differs.

    check("adam.xlsx")                                       an export, all judges of this machine
    check("graddesc.xlsm", model="adam", against="arrays")   the course's own sheet

Compared is always what the *file stores*: a workbook passes when the values in it are those that its lesson
gives for its inputs, and those that its formulas give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.checking.causes import Seen, explain
from sheetsim.checking.compare import compare
from sheetsim.checking.file import File, part
from sheetsim.checking.judges import Answer, Judge, choose
from sheetsim.checking.outcome import ELSEWHERE, BlockOutcome, JudgeOutcome, Outcome
from sheetsim.checking.rounding import Rounding
from sheetsim.checking.subject import Subject, find_subject, lessons_in
from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.lesson import Block

Progress = Callable[[str], None]
"""Told what is being done, a few words each time."""


def check(
    path: str | Path,
    *,
    model: str | None = None,
    sheet: str | None = None,
    against: str | Iterable[str] | None = None,
    rtol: float | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Check the lesson in a workbook against the judges named in `against` (None: all of this machine).

    `model` and `sheet` choose the lesson and, in a workbook that is no export, the sheet it is on. `rtol`
    replaces the judges' own tolerance and what they are allowed for rounding. SheetsimError for what cannot
    be checked: no workbook, no lesson, an input that is no number, a judge named that is not installed.
    """
    say = progress or (lambda words: None)
    chosen = _chosen(against, rtol)
    say(f"reading {path}")
    file = File(path)
    subject = find_subject(file, model, sheet)
    return _check(file, subject, chosen, against in (None, "all"), rtol, say)


def check_every(
    path: str | Path,
    *,
    against: str | Iterable[str] | None = None,
    rtol: float | None = None,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Check every lesson that a workbook holds, such as all those of a course. Errors as `check`."""
    say = progress or (lambda words: None)
    chosen = _chosen(against, rtol)
    say(f"reading {path}")
    file = File(path)
    found = lessons_in(file)
    if not found:
        find_subject(file)  # says that there is none
    outcomes = []
    for lesson in found:
        subject = find_subject(file, lesson.name)
        subject.alone = len(found) == 1

        def told(words: str, name: str = lesson.name) -> None:
            say(f"{name}: {words}")

        outcomes.append(_check(file, subject, chosen, against in (None, "all"), rtol, told))
    return outcomes


def _chosen(against: str | Iterable[str] | None, rtol: float | None) -> list[Judge]:
    """The judges; SheetsimError for those that are none, and for a tolerance that is none."""
    if rtol is not None and not 0 <= rtol < 1:
        raise SheetsimError(
            f"--rtol {rtol:g}: the tolerance is a number from 0 up to, not with, 1, like 1e-9"
        )
    return choose(against)


def _check(
    file: File, subject: Subject, chosen: list[Judge], every: bool, rtol: float | None, say: Progress
) -> Outcome:
    """Ask the judges; with `every` one that fails is left out with its reason."""
    rounding = Rounding(file, subject) if rtol is None else None
    outcomes, seen = [], []
    for judge in chosen:
        say(f"asking {judge.name}")
        outcome = JudgeOutcome(judge.name, judge.missing() or "", tolerance=judge.tolerance(rtol))
        outcomes.append(outcome)
        if outcome.reason:
            continue
        try:
            answer = judge.ask(file, subject)
        except SheetsimError as error:
            if not every:
                raise
            outcome.reason = str(error)
            continue
        differing = _judge(outcome, answer, file, subject, None if judge.exact else rounding)
        other = file.fifteen_digits or outcome.bit_identical * 2 < outcome.cells
        if differing and judge.exact and rounding and other:
            # saved by a program that rounds otherwise (LibreOffice): then nobody is exact
            differing = _judge(outcome, answer, file, subject, rounding)
        seen += differing
    say("looking for causes")
    found = Outcome(str(file.path), subject.lesson.name, outcomes, notes=list(subject.notes))
    explain(file, subject, seen, found)
    return found


def _judge(
    outcome: JudgeOutcome, answer: Answer, file: File, subject: Subject, rounding: Rounding | None
) -> list[Seen]:
    """Compare block by block with what one judge says; the blocks in which something differs."""
    outcome.device, outcome.reason = answer.device, answer.note
    blocks: dict[str, BlockOutcome] = {}
    differing = []
    for area in _areas(file, subject, answer):
        values = answer.values(area.block)
        if values is None:
            continue
        name, stored = area.block.name, file.stored(area.block.sheet, area.block.rect)
        seen = compare(stored, values, outcome.tolerance, area.asked)
        strict = seen.agreeing
        if strict < seen.cells and rounding:
            elsewhere = name == ELSEWHERE
            place = area.block.sheet, area.block.rect
            explained = rounding.elsewhere(*place) if elsewhere else rounding.of_block(area.block)
            seen = compare(stored, values, outcome.tolerance, area.asked, explained)
        if name not in blocks:
            where = (None, None) if name == ELSEWHERE else (area.block.sheet, area.block.rect)
            blocks[name] = BlockOutcome(name, *where)
        blocks[name].add(seen, by_rounding=seen.agreeing - strict)
        if seen.agreeing < seen.cells:
            differing.append(Seen(outcome.name, area.block, seen, values))
    outcome.blocks = [block for block in blocks.values() if block.cells]
    if not outcome.blocks:
        outcome.reason = outcome.reason or "it has nothing to say about this file"
    return differing


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
    """The formula cells outside all blocks, rectangle by rectangle; where the file holds other lessons, too,
    those of the sheets that the blocks and inputs stand on."""
    own = {one.sheet for one in subject.blocks} | {one.sheet for one in subject.input_cells}
    for region in file.regions:
        if not subject.alone and region.sheet not in own:
            continue
        pieces: list[Rect] = [region.rect]
        for block in subject.blocks:
            if block.sheet.casefold() == region.sheet.casefold():
                pieces = [rest for piece in pieces for rest in piece.without(block.rect)]
        for piece in pieces:
            yield Block(ELSEWHERE, region.sheet, piece, ELSEWHERE, ())
