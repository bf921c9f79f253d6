"""Find a lesson in a workbook: which one it is, with which settings, where its inputs and blocks stand.

Two kinds of workbook hold a lesson:

- our exports, also after a learner has edited and saved them: the defined names `LESSON.NAME` find each
  input and block, wherever it has been moved to; where a name is gone, the lesson's own layout serves.
- the course's own workbooks: one sheet each, the lesson's first block at its original addresses; there are
  as many rows as there are numbers in the x column, one epoch, no dry passes.

Inputs are the *stored* values of their cells, so that a learner may change x, y, lr or beta.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import MAX_ROWS, Rect, cell_name, quote_sheet
from sheetsim.check.file import File
from sheetsim.errors import SheetsimError
from sheetsim.lessons import catalogue
from sheetsim.lessons.lesson import Block, Input, Lesson, Settings
from sheetsim.values import BLANK, NUMBER

Shift = tuple[int, int]
"""How many rows and columns a sheet's content stands below and right of where the lesson has it."""


@dataclass(slots=True)
class Subject:
    """A lesson as it stands in a file. `shifts` has, for each of the lesson's sheets, the sheet's name in
    the file and its shift; a sheet whose parts have moved by different amounts is not in it."""

    lesson: Lesson
    settings: Settings
    original: bool
    inputs: dict[str, float | NDArray[np.float64]] = field(default_factory=dict)
    input_cells: list[Input] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    shifts: dict[str, tuple[str, Shift]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)  # sheets of the lesson that the file has not
    notes: list[str] = field(default_factory=list)


def find_subject(file: File, model: str | None = None, sheet: str | None = None) -> Subject:
    """The lesson in `file`. SheetsimError, one line, when it cannot be told or an input is not usable."""
    lesson = catalogue.lesson(model) if model else _lesson_named(file)
    if sheet is not None or not _names(file, lesson):
        return _original(file, lesson, sheet)
    return _export(file, lesson)


def _names(file: File, lesson: Lesson) -> list[str]:
    start = f"{lesson.name}.".casefold()
    return [name.name for name in file.book.names if name.name.casefold().startswith(start)]


def _lesson_named(file: File) -> Lesson:
    """The lesson whose name the file's defined names begin with."""
    found = [lesson for lesson in catalogue.lessons() if _names(file, lesson)]
    if len(found) == 1:
        return found[0]
    said = "says of which lesson it is" if not found else f"is of {' and '.join(one.name for one in found)}"
    raise SheetsimError(
        f"{file.path}: {'nothing in the file' if not found else 'the file'} {said}; "
        f"choose with --model ({', '.join(catalogue.NAMES)})"
    )


# -- our exports


def _export(file: File, lesson: Lesson) -> Subject:
    subject = Subject(lesson, _settings_by_names(file, lesson), original=False)
    moves: dict[str, set[tuple[str, Shift]]] = {}
    parts: list[Input | Block] = [*lesson.inputs(subject.settings), *lesson.blocks(subject.settings)]
    for wanted in parts:
        place = _place(file, lesson, wanted)
        if place is None:
            subject.gone.add(wanted.sheet)
            continue
        sheet, rect = place
        shift = rect.top - wanted.rect.top, rect.left - wanted.rect.left
        moves.setdefault(wanted.sheet, set()).add((sheet, shift))
        if isinstance(wanted, Block):
            subject.blocks.append(replace(wanted, sheet=sheet, rect=rect))
        else:
            subject.input_cells.append(replace(wanted, sheet=sheet, rect=rect))
    subject.shifts = {sheet: found.copy().pop() for sheet, found in moves.items() if len(found) == 1}
    for sheet in sorted(subject.gone):
        subject.notes.append(f"the sheet {sheet} is gone: what stood on it is not checked")
    _read_inputs(file, subject)
    return subject


def _place(file: File, lesson: Lesson, wanted: Input | Block) -> tuple[str, Rect] | None:
    """Sheet and rectangle where an input or block stands now: by its name, else where the lesson has it;
    None when its sheet is gone."""
    name = f"{lesson.name}.{wanted.name}"
    named = file.book.named_rect(name)
    sheet, rect = named or (wanted.sheet, wanted.rect)
    found = file.book.find(sheet)
    if found is None:
        return None
    if rect.shape != wanted.rect.shape:
        raise SheetsimError(
            f"{file.path}: the name {name} covers {found.name}!{rect} ({rect.rows} x {rect.columns} cells) "
            f"where {wanted.rect.rows} x {wanted.rect.columns} are expected; were rows inserted or deleted? "
            f"Export it anew with the rows that you want"
        )
    return found.name, rect


def _settings_by_names(file: File, lesson: Lesson) -> Settings:
    """The parameters that shape the workbook (rows, epochs, ...), from defined names with a constant."""
    given: dict[str, object] = {}
    for key in lesson.structural:
        name = file.book.name(f"{lesson.name}.{key}")
        if name is not None:
            text = name.formula.removeprefix("=").strip()
            if file.book.named_rect(name.name) is None:
                given[key] = text
    if "rows" not in given and "rows" in lesson.structural:
        x = file.book.named_rect(f"{lesson.name}.x")
        given["rows"] = x[1].rows if x else _count(file, _input(lesson, "x"), lesson.name)
    try:
        return lesson.settings(given)
    except SheetsimError as error:
        raise SheetsimError(f"{file.path}: the defined name {lesson.name}.{error}") from None


# -- the course's workbooks


def _original(file: File, lesson: Lesson, sheet: str | None) -> Subject:
    wanted = sheet or lesson.original_sheet
    if wanted is None:
        raise SheetsimError(
            f"{file.path}: no defined names of the lesson {lesson.name}, and the course has no sheet of it; "
            f"choose a sheet with --sheet ({_sheets(file)})"
        )
    found = file.book.find(wanted)
    if found is None:
        raise SheetsimError(f"{file.path}: no sheet {wanted!r}; there are {_sheets(file)}")
    given: dict[str, object] = {"epochs": 1} if "epochs" in lesson.structural else {}
    if "rows" in lesson.structural:
        given["rows"] = _count(file, _input(lesson, "x"), found.name)
    if "dry_passes" in lesson.structural:
        given["dry_passes"] = 0
    try:
        settings = lesson.settings(given)
    except SheetsimError as error:
        raise SheetsimError(f"{file.path}: sheet {found.name}, numbers from A4 down: {error}") from None
    subject = Subject(lesson, settings, original=True, shifts={lesson.name: (found.name, (0, 0))})
    subject.input_cells = [
        replace(one, sheet=found.name) for one in lesson.inputs(settings) if one.sheet == lesson.name
    ]
    subject.blocks = [
        replace(block, sheet=found.name)
        for block in lesson.blocks(settings)
        if block.sheet == lesson.name and file.has_formula(found.name, block.rect).any()
    ]
    if not subject.blocks:
        raise SheetsimError(
            f"{file.path}: sheet {found.name} holds no formula where {lesson.name} has its blocks"
        )
    _read_inputs(file, subject)
    return subject


def _input(lesson: Lesson, name: str) -> Input:
    return next(one for one in lesson.inputs(lesson.settings()) if one.name == name)


def _count(file: File, x: Input, sheet: str) -> int:
    """How many numbers stand from the first cell of x down, without a gap."""
    found = file.book.find(sheet)
    used = found.used if found else None
    if found is None or used is None:
        return 0
    bottom = min(max(used.bottom, x.rect.top + 1), MAX_ROWS)
    kinds = found.block(Rect(x.rect.top, x.rect.left, bottom, x.rect.left + 1)).kind_array()[:, 0]
    gaps = np.flatnonzero(kinds != NUMBER)
    return int(gaps[0]) if len(gaps) else len(kinds)


def _sheets(file: File) -> str:
    return ", ".join(sheet.name for sheet in file.book.sheets)


# -- inputs


def _read_inputs(file: File, subject: Subject) -> None:
    lesson, inputs = subject.lesson, subject.inputs
    for key in lesson.structural:
        value = subject.settings[key]
        inputs[key] = int(value) if lesson.parameter(key).integer else value
    for one in subject.input_cells:
        typed = not file.has_formula(one.sheet, one.rect).any()
        # in a sheet that is taken by itself there is no start sheet: what its cells show counts
        if one.optional and not ((typed or subject.original) and _filled(file, one)):
            continue
        numbers = _numbers(file, one)
        if one.rect.size == 1 and one.name not in ("x", "y"):
            inputs[one.name] = _checked(file, subject.lesson, one, float(numbers[0]))
        else:
            inputs[one.name] = numbers


def _filled(file: File, one: Input) -> bool:
    return bool((file.stored(one.sheet, one.rect).kind_array() != BLANK).any())


def _numbers(file: File, one: Input) -> NDArray[np.float64]:
    """The input's cells in reading order. SheetsimError naming the first cell that is no number."""
    block = file.stored(one.sheet, one.rect)
    if bool(((block.kind_array() == BLANK) & file.has_formula(one.sheet, one.rect)).any()):
        block = file.calculation.block(one.sheet, one.rect)  # saved by a program that computes nothing
    wrong = np.argwhere(block.kind_array() != NUMBER)
    if len(wrong):
        r, c = (int(place) for place in wrong[0])
        value = block.get((r, c))
        holds = "is blank" if value is None else f"holds {str(value)[:40]!r}"
        raise SheetsimError(f"{_where(file, one, r, c)} {holds}; a number is needed")
    return np.array(block.numbers, np.float64).ravel()


def _checked(file: File, lesson: Lesson, one: Input, value: float) -> float:
    """The value, within its parameter's limits where it is a parameter's."""
    if not any(parameter.name == one.name for parameter in lesson.parameters):
        return value
    try:
        return lesson.parameter(one.name).read(value)
    except SheetsimError as error:
        raise SheetsimError(f"{_where(file, one, 0, 0)}: {error}") from None


def _where(file: File, one: Input, r: int, c: int) -> str:
    cell = cell_name(one.rect.top + r, one.rect.left + c)
    return f"{file.path}: {quote_sheet(one.sheet)}!{cell} ({one.name})"
