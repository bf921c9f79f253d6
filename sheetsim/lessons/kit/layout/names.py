"""Defined names for a lesson's parts, so that `check` finds them after edits."""

from __future__ import annotations

from sheetsim.lessons.kit.lesson import Block, Input, Lesson, Settings
from sheetsim.workbook import DefinedName, Workbook


def name_parts(book: Workbook, lesson: Lesson, settings: Settings) -> None:
    """`LESSON.NAME` for each input and block; for parameters that have no cell, with a constant."""
    inputs = lesson.inputs(settings)
    parts: list[Input | Block] = [*inputs, *lesson.blocks(settings)]
    for part in parts:
        book.define(f"{lesson.name}.{part.name}", part.sheet, part.rect)
    known = {one.name for one in inputs}
    for key in lesson.structural:
        if key not in known:
            book.names.append(DefinedName(f"{lesson.name}.{key}", f"{settings[key]:.17g}"))
