"""Find a lesson in a workbook: which one it is, with which settings, where its inputs and blocks stand.

Two kinds of workbook hold a lesson:

- our exports, also after a learner has edited and saved them: the defined names `LESSON.NAME` find each
  input and block, wherever it has been moved to; where a name is gone, the lesson's own layout serves.
- the course's own workbooks: one sheet each, where the lesson's originals (see `lesson.py`) have its parts.

Defined names are looked up once, then the blocks are placed by them, then the cells of the inputs are read
(`inputs.py`): nothing goes back to the file for what was already known.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from numpy.typing import NDArray

from sheetsim.address import Rect, parse_cell
from sheetsim.checking.file import File
from sheetsim.checking.inputs import read_inputs
from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit import catalogue
from sheetsim.lessons.kit.lesson import Block, Input, Lesson, Original, Settings
from sheetsim.workbook import DefinedName, Sheet

Shift = tuple[int, int]
"""How many rows and columns a sheet's content stands below and right of where the lesson has it."""


Names = dict[str, tuple[DefinedName, tuple[str, Rect] | None]]
"""A lesson's defined names, by what follows `LESSON.` in lower case, with the rectangles they stand for."""


@dataclass(slots=True)
class Subject:
    """A lesson as it stands in a file. `shifts` has, for each of the lesson's sheets, the sheet's name in
    the file and its shift; a sheet whose parts have moved by different amounts is not in it."""

    lesson: Lesson
    settings: Settings
    original: bool
    inputs: dict[str, float | NDArray[Any]] = field(default_factory=dict)
    input_cells: list[Input] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    shifts: dict[str, tuple[str, Shift]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)  # sheets of the lesson that the file has not
    notes: list[str] = field(default_factory=list)
    alone: bool = True  # no other lesson in the file: all formulas outside the blocks are this one's


def find_subject(file: File, model: str | None = None, sheet: str | None = None) -> Subject:
    """The lesson in `file`. SheetsimError, one line, when it cannot be told or an input is not usable."""
    lesson = catalogue.lesson(model) if model else _lesson_named(file)
    names = _names(file, lesson)
    subject = (
        _original(file, lesson, sheet) if sheet is not None or not names else _export(file, lesson, names)
    )
    subject.inputs |= read_inputs(file, lesson, subject.settings, subject.input_cells, subject.original)
    return subject


def _names(file: File, lesson: Lesson) -> Names:
    """The workbook's defined names that begin with the lesson's."""
    start = f"{lesson.name}.".casefold()
    return {
        name.name.casefold().removeprefix(start): (name, file.book.named_rect(name.name))
        for name in file.book.names
        if name.scope is None and name.name.casefold().startswith(start)
    }


def lessons_in(file: File) -> list[Lesson]:
    """The lessons whose names the file's defined names begin with."""
    starts = {name.name.casefold().partition(".")[0] for name in file.book.names if "." in name.name}
    return [catalogue.lesson(name) for name in catalogue.NAMES if name in starts]


def _lesson_named(file: File) -> Lesson:
    found = lessons_in(file)
    if len(found) == 1:
        return found[0]
    said = "says of which lesson it is" if not found else f"is of {' and '.join(one.name for one in found)}"
    raise SheetsimError(
        f"{file.path}: {'nothing in the file' if not found else 'the file'} {said}; "
        f"choose with --model ({', '.join(catalogue.NAMES)})"
    )


# -- our exports


def _export(file: File, lesson: Lesson, names: Names) -> Subject:
    subject = Subject(lesson, _settings_by_names(file, lesson, names), original=False)
    moves: dict[str, set[tuple[str, Shift]]] = {}
    parts: list[Input | Block] = [*lesson.inputs(subject.settings), *lesson.blocks(subject.settings)]
    for wanted in parts:
        place = _place(file, lesson, names, wanted)
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
    return subject


def _place(file: File, lesson: Lesson, names: Names, wanted: Input | Block) -> tuple[str, Rect] | None:
    """Sheet and rectangle where an input or block stands now: by its name, else where the lesson has it;
    None when its sheet is gone."""
    _, named = names.get(wanted.name.casefold(), (None, None))
    sheet, rect = named or (wanted.sheet, wanted.rect)
    found = file.book.find(sheet)
    if found is None:
        return None
    if rect.shape != wanted.rect.shape:
        raise SheetsimError(
            f"{file.path}: the name {lesson.name}.{wanted.name} covers {found.name}!{rect} ({rect.rows} x "
            f"{rect.columns} cells) where {wanted.rect.rows} x {wanted.rect.columns} are expected; were rows "
            f"inserted or deleted? Export it anew with the rows that you want"
        )
    return found.name, rect


def _settings_by_names(file: File, lesson: Lesson, names: Names) -> Settings:
    """The parameters that shape the workbook (rows, epochs, ...), from defined names with a constant."""
    given: dict[str, object] = {}
    for key in lesson.structural:
        name, place = names.get(key.casefold(), (None, None))
        if name is not None and place is None:
            given[key] = name.formula.removeprefix("=").strip()
    column = next((one for one in lesson.inputs(lesson.settings()) if one.form == "column"), None)
    if column is not None and "rows" in lesson.structural and "rows" not in given:
        _, place = names.get(column.name.casefold(), (None, None))
        if place is not None:
            given["rows"] = place[1].rows
    try:
        return lesson.settings(given)
    except SheetsimError as error:
        raise SheetsimError(f"{file.path}: the defined name {lesson.name}.{error}") from None


# -- the course's workbooks


def _original(file: File, lesson: Lesson, name: str | None) -> Subject:
    """The lesson as a course's own workbook has it, on the sheet of that name, else on the lesson's."""
    if not lesson.originals or not (name or lesson.original_sheet):
        other = f"; choose a sheet with --sheet ({_sheets(file)})" if lesson.originals else ""
        raise SheetsimError(
            f"{file.path}: no defined names of the lesson {lesson.name}, and the course has no sheet of it"
            + other
        )
    sheet = file.book.find(name) if name else _sheet_of(file, lesson)
    if sheet is None:
        wanted = name or lesson.original_sheet
        raise SheetsimError(f"{file.path}: no sheet {wanted!r}; there are {_sheets(file)}")
    original = _original_on(file, lesson, sheet)
    try:
        settings = lesson.settings(original.settings(sheet))
    except SheetsimError as error:
        raise SheetsimError(f"{file.path}: sheet {sheet.name}: {error}") from None
    blocks = original.blocks(settings)
    own = {(block.name, block.rect): block.sheet for block in lesson.blocks(settings)}
    places = {own.get((block.name, block.rect)) for block in blocks}
    subject = Subject(lesson, settings, original=True, inputs=dict(original.constants))
    if len(places) == 1 and (place := places.pop()):  # else its formulas stand elsewhere
        subject.shifts = {place: (sheet.name, (0, 0))}
    subject.input_cells = [replace(one, sheet=sheet.name) for one in original.inputs(settings)]
    subject.blocks = [
        replace(block, sheet=sheet.name) for block in blocks if file.has_formula(sheet.name, block.rect).any()
    ]
    if not subject.blocks:
        raise SheetsimError(
            f"{file.path}: sheet {sheet.name} holds no formula where {lesson.name} has its blocks"
        )
    return subject


def _sheet_of(file: File, lesson: Lesson) -> Sheet | None:
    """The sheet of the file that one of the lesson's originals stands on."""
    named = (file.book.find(original.sheet) for original in lesson.originals)
    return next((sheet for sheet in named if sheet is not None), None)


def _original_on(file: File, lesson: Lesson, sheet: Sheet) -> Original:
    """Which of the lesson's originals a sheet is: the one whose mark it bears, else the first of its name,
    else the first that bears no mark."""
    for original in lesson.originals:
        if original.mark is not None:
            address, start = original.mark
            formula = file.formula(sheet.name, *parse_cell(address)) or ""
            if formula.removeprefix("=").startswith(start):
                return original
    plain = [original for original in lesson.originals if original.mark is None] or list(lesson.originals)
    return next((one for one in plain if one.sheet.casefold() == sheet.name.casefold()), plain[0])


def _sheets(file: File) -> str:
    return ", ".join(sheet.name for sheet in file.book.sheets)
