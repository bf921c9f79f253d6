"""sheetsim: spreadsheets and deep-learning code that say the same thing, cell for cell.

    import sheetsim as ss

    ss.lesson("adam").export("adam.xlsx", lr=0.1)      a lesson as a workbook
    ss.check("adam.xlsx").passed                       its values against every independent computation
    book = ss.read("adam.xlsx")                        any workbook
    book.calculate()
    book["adam"]["E4:E32"]                             a block of it, as an array

Everything is loaded when it is first asked for, so that `import sheetsim` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sheetsim.book import Book, CellBlock, SheetView, new, read
    from sheetsim.checking.run import check
    from sheetsim.errors import MissingExtra, SheetsimError
    from sheetsim.lessons.kit.catalogue import NAMES as LESSONS
    from sheetsim.public_lesson import lesson
    from sheetsim.values import ExcelError
    from sheetsim.workbook import Workbook

_PLACES = {
    "CellBlock": "sheetsim.book:CellBlock",
    "Book": "sheetsim.book:Book",
    "LESSONS": "sheetsim.lessons.kit.catalogue:NAMES",
    "MissingExtra": "sheetsim.errors:MissingExtra",
    "SheetView": "sheetsim.book:SheetView",
    "SheetsimError": "sheetsim.errors:SheetsimError",
    "Workbook": "sheetsim.workbook:Workbook",
    "check": "sheetsim.checking.run:check",
    "ExcelError": "sheetsim.values:ExcelError",
    "new": "sheetsim.book:new",
    "lesson": "sheetsim.public_lesson:lesson",
    "read": "sheetsim.book:read",
}

__all__ = [
    "LESSONS",
    "Book",
    "CellBlock",
    "ExcelError",
    "MissingExtra",
    "SheetView",
    "SheetsimError",
    "Workbook",
    "check",
    "lesson",
    "new",
    "read",
]


def __getattr__(name: str) -> object:
    """What `_PLACES` has under that name (and `__version__`), imported now."""
    if name == "__version__":
        from importlib.metadata import version

        return version("sheetsim")
    if name not in _PLACES:
        raise AttributeError(f"module 'sheetsim' has no attribute {name!r}")
    module, _, attribute = _PLACES[name].partition(":")
    found: object = importlib.import_module(module)
    if attribute:
        found = getattr(found, attribute)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
