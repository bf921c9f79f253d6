"""The catalogue: the lessons by name, in teaching order, by family."""

from __future__ import annotations

import importlib

from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.families import FAMILIES, NAMES, package
from sheetsim.lessons.kit.lesson import Lesson, nearest

__all__ = ["FAMILIES", "NAMES", "lesson", "lessons"]


def lesson(name: str) -> Lesson:
    """The lesson of that name. SheetsimError naming the nearest when there is none."""
    if name not in NAMES:
        raise SheetsimError(f"no lesson {name!r}{nearest(name, NAMES)}")
    found: Lesson = importlib.import_module(package(name)).LESSON
    return found


def lessons() -> list[Lesson]:
    """All lessons."""
    return [lesson(name) for name in NAMES]
