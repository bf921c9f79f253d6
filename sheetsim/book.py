"""A workbook in Python's hands: read it, calculate it, take blocks out as arrays, use it as a function.

book = read("adam.xlsx")
book["adam"]["E4:E32"]                     stored values; after book.calculate() computed ones
book["adam"].frame("A3:M32")               a pandas frame, headings from the first row
book["adam"]["D2"] = 0.3                   another input; book.calculate() computes what depends on it
book["adam"]["N4:N32"] = "=M4*2"           formulas, filled down
run = book.function(inputs=["adam!D2"], outputs=["adam!I32"], backend="numpy")
run(0.05)                                  adam!I32 for another learning rate
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect, cell_name, column_name
from sheetsim.errors import MissingExtra, SheetsimError
from sheetsim.values import Scalar, Values
from sheetsim.workbook import Sheet, Workbook

if TYPE_CHECKING:
    import pandas

    from sheetsim.run.again import Kept
    from sheetsim.run.edits import Edits

WorkbookFunction = Callable[..., Any]

_HTML_ROWS, _HTML_COLUMNS = 60, 20


def read(path: str | Path) -> Book:
    """Read an .xlsx or .xlsm file. SheetsimError, one line, when it is none or cannot be read."""
    from sheetsim.xlsx.read.workbook import read_workbook

    return Book(read_workbook(Path(path)), Path(path))


def new() -> Book:
    """An empty book: `add_sheet`, put values and formulas in, `calculate`, `save`."""
    return Book(Workbook())


class Book:
    """A workbook and, once `calculate` was called, what its formulas give."""

    def __init__(self, workbook: Workbook, source: Path | None = None) -> None:
        self.workbook = workbook
        self.source = source  # the file that it was read from
        self._kept: Kept | None = None
        self._edits: Edits | None = None
        self._added = False  # sheets that the file does not have

    @property
    def edits(self) -> Edits:
        """What was put into the book since it was read or made."""
        if self._edits is None:
            from sheetsim.run.edits import Edits

            self._edits = Edits(self.workbook)
        return self._edits

    @property
    def sheets(self) -> list[str]:
        """The sheets' names, in order."""
        return [sheet.name for sheet in self.workbook.sheets]

    def add_sheet(self, name: str) -> SheetView:
        """Add an empty last sheet. SheetsimError when the name is taken or Excel allows none such."""
        try:
            sheet = self.workbook.add_sheet(name)
        except ValueError as error:
            raise SheetsimError(str(error)) from None
        self._added, self._kept = True, None  # formulas may have waited for this name
        return SheetView(self, sheet)

    def calculate(self, *, redraw: bool = False, seed: int | None = None) -> Book:
        """Compute every formula (kept at stored values: what the engine does not know, and, unless `redraw`,
        RAND and the like); blocks then show computed values. Returns the book.

        After edits only what depends on them is computed again: of a recurrence the rows from the first
        changed one on, of a column of formulas the cells that read a changed one. Until then formulas show
        what they gave before, as in Excel with manual calculation.
        """
        from sheetsim.run.again import Kept

        if self._kept is None or self._edits is None or redraw or self._kept.redrawn:
            self._kept = Kept(self.workbook, redraw=redraw, seed=seed)
            if self._edits is not None:
                self._edits.settled()
        else:
            self._kept.update(self._edits)
        return self

    def save(self, path: str | Path, force: bool = False) -> Book:
        """Save the book. Returns the book.

        One that was read from a file: a copy of that file with the edited cells, their styles kept, and the
        values of formulas as `calculate` found them (before `calculate` as they were); everything else in the
        file stays as it is. A new one: a new file. After edits it is calculated first, so that no file holds
        formulas' values of other inputs. SheetsimError, one line, when `path` is there already (and not
        `force`), cannot be written, or the book has got sheets that its file has not.
        """
        from sheetsim.run.saving import edited_rects, with_extents

        if self.source is None or self._edits is not None:
            self.calculate()
        book, edited = self.workbook, {}
        if self._kept is not None:
            plan = self._kept.calculation.plan
            edited = edited_rects(book, plan, self.edits)
            book = with_extents(book, plan)
        if self.source is None:
            from sheetsim.xlsx.write.workbook import write_workbook

            write_workbook(book, path, self.values, force=force)
            return self
        if self._added:
            raise SheetsimError(
                "save: the book has got sheets that its file has not; make a new book for them"
            )
        from sheetsim.xlsx.edit.patch import save_values

        save_values(self.source, path, book, self.values, edited=edited, force=force)
        return self

    def __getitem__(self, sheet: str) -> SheetView:
        """A sheet by its name, in any case. KeyError when there is none."""
        return SheetView(self, self.workbook[sheet])

    def __iter__(self) -> Iterator[SheetView]:
        return (SheetView(self, sheet) for sheet in self.workbook.sheets)

    def __repr__(self) -> str:
        state = "calculated" if self._kept else "stored values"
        return f"<Book of {', '.join(self.sheets)} ({state})>"

    def values(self, sheet: str, rect: Rect) -> Values:
        """The cells of a rectangle: computed after `calculate`, before it as the file stores them."""
        if self._kept is None:
            return self.workbook[sheet].block(rect)
        block = self._kept.calculation.block(sheet, rect)
        for change in self._edits.changed if self._edits is not None else ():
            block = change.over(block, sheet, rect)
        return block

    def function(
        self, inputs: Sequence[str], outputs: Sequence[str], backend: str = "auto"
    ) -> WorkbookFunction:
        """The workbook as a function of some of its cells: the slice between inputs and outputs.

        inputs, outputs: addresses with their sheet, like "adam!D2" or "adam!A4:A32". The function takes one
        number or array for each input and returns the output, or a tuple of outputs where there are several;
        one cell is a number, a range [rows, columns]. Any input may have a leading axis of *scenarios*,
        [scenarios] for a cell and [scenarios, rows, columns] for a range; then the outputs have it. Errors
        are NaN, blanks and text 0.

        backend "auto" and "llvm": many scenarios go through compiled loops (the extra `jit`) where the slice
        can be so computed; "numpy", and otherwise: by arrays over the scenarios; else (where OFFSET, circles
        or spilling formulas stand in it) by one recalculation of the slice after another, which is correct
        and slow. The bits are the same. "torch": tensors, differentiable; scenarios one after another.
        SheetsimError for an address that is none, MissingExtra when a library is not installed.
        """
        if backend == "torch":
            if find_spec("torch") is None:
                raise MissingExtra("PyTorch", "torch", "function(backend='torch')")
            from sheetsim.backends.tensors import make_function

            made: WorkbookFunction = make_function(self.workbook, inputs, outputs)
            return made
        if backend not in ("auto", "llvm", "numpy"):
            raise SheetsimError(f"backend {backend!r}: there are 'auto', 'llvm', 'numpy' and 'torch'")
        from sheetsim.run.batches import NumberFunction
        from sheetsim.run.inputs import places

        ends = places(self.workbook, inputs), places(self.workbook, outputs)
        return NumberFunction(self.workbook, *ends, backend)  # type: ignore[arg-type]

    def gradient(self, of: str, wrt: str | Sequence[str]) -> NDArray[np.float64] | list[NDArray[np.float64]]:
        """How cell `of` depends on others, at the values that the book holds: exact slopes.

        `wrt` is an address with its sheet, "adam!B4:B32", which gives an array of the range's shape (one
        cell: [1, 1]), or several, which give a list of such. SheetsimError where `of` does not depend on any
        of them, or on the way stands a formula through which no slope goes; MissingExtra without torch.
        """
        from sheetsim.solve.gradient import gradient

        slopes = gradient(self.workbook, of, [wrt] if isinstance(wrt, str) else wrt).slopes
        return slopes[0] if isinstance(wrt, str) else slopes


class SheetView:
    """One sheet of a book."""

    def __init__(self, book: Book, sheet: Sheet) -> None:
        self._book = book
        self._sheet = sheet

    @property
    def name(self) -> str:
        return self._sheet.name

    def __getitem__(self, address: str) -> CellBlock:
        """The cells of "E4:E32", "B2" or "A:C" (whole columns end with the last cell in use)."""
        rect = self._rect(address)
        return CellBlock(self.name, rect, self._book.values(self.name, rect))

    def __setitem__(self, address: str, content: Any) -> None:
        """Put values and formulas into cells, as `put` does."""
        self.put(address, content)

    def put(self, address: str, content: Any, *, headings: bool | None = None) -> None:
        """Put values and formulas into the cells of "D2", "B2:C9" or, with None, "A:C"; what was there goes.

        content: a number, text, boolean, `ExcelError`, date or time (which become serial numbers), None to
        clear; "=A1*2" is a formula, and over a range it is filled down and to the right ("'=A1" is the text
        =A1). It fills the range. Lists of rows, NumPy arrays and pandas frames have the range's shape, or go
        from the one cell given on, as far as they reach; one list is a row, in a range of one column that
        column. In arrays and frames texts stay texts. A frame is written with its columns' names unless it
        has just as many rows as the range, or as `headings` says, and never with its index; what it lacks
        (NaN) is left blank.

        A formula in one cell may spill. Formulas show values after `calculate`. SheetsimError, and nothing is
        changed: another shape, NaN or infinity, a formula that cannot be read, a part of an array formula, a
        table's heading.
        """
        from sheetsim.run.content import content_of

        rect = self._rect(address)
        if _whole(address) and content is not None:
            raise SheetsimError(f"{self.name}!{address}: give the rows, or None to clear it")
        made = content_of(
            content,
            rect,
            corner=":" not in address,
            date1904=self._book.workbook.date1904,
            headings=headings,
        )
        self._book.edits.put(self.name, made)

    def _rect(self, address: str) -> Rect:
        try:
            rect = Rect.parse(address)
        except ValueError as error:
            raise SheetsimError(str(error)) from None
        if _whole(address):
            used = self._sheet.used or Rect(0, 0, 1, 1)
            rect = rect.intersect(used) or Rect(rect.top, rect.left, rect.top + 1, rect.left + 1)
        return rect

    def frame(self, address: str) -> pandas.DataFrame:
        """The cells as a pandas frame, as `Block.frame` makes it."""
        return self[address].frame()

    def __repr__(self) -> str:
        return f"<sheet {self.name}, {self._sheet.used or 'empty'}>"


def _whole(address: str) -> bool:
    """Does it name whole columns or rows?"""
    bare = address.replace(":", "")
    return bare != address and (bare.isalpha() or bare.isdecimal())


class CellBlock(np.ndarray[Any, np.dtype[np.float64]]):
    """A rectangle of cells: a two-dimensional float64 array (error values NaN, blanks and text 0) that knows
    its sheet, its place (`rect`) and every cell as it is (`values`). What is computed or cut from it is an
    array like any other."""

    sheet: str
    rect: Rect
    values: Values | None = None  # None in what numpy derives from a block

    def __new__(cls, sheet: str, rect: Rect, values: Values) -> CellBlock:
        block = values.as_numbers().view(cls)
        block.sheet, block.rect, block.values = sheet, rect, values
        return block

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        return array[()] if return_scalar else np.asarray(array)

    def __getitem__(self, index: Any) -> Any:
        return np.asarray(self)[index]

    def cells(self) -> list[list[Scalar]]:
        """Rows of floats, text, booleans, `ExcelError`s and None for blanks."""
        return self.values.tolist() if self.values is not None else []

    def frame(self) -> pandas.DataFrame:
        """A pandas frame; the first row gives the columns' names. MissingExtra without pandas."""
        try:
            import pandas
        except ImportError:
            raise MissingExtra("pandas", "pandas", "frame()") from None
        headings, *rows = self.cells()
        names = [
            column_name(self.rect.left + place) if heading is None else str(heading)
            for place, heading in enumerate(headings)
        ]
        index = pandas.RangeIndex(self.rect.top + 2, self.rect.bottom + 1, name="row")
        return pandas.DataFrame(rows, columns=names, index=index)

    def _repr_html_(self) -> str | None:
        """A table with the sheet's row and column names; long ones are cut."""
        if self.values is None:
            return None
        shown = Rect(
            self.rect.top,
            self.rect.left,
            min(self.rect.bottom, self.rect.top + _HTML_ROWS),
            min(self.rect.right, self.rect.left + _HTML_COLUMNS),
        )
        head = "".join(f"<th>{column_name(column)}</th>" for column in range(shown.left, shown.right))
        body = "".join(
            f"<tr><th>{row + 1}</th>"
            + "".join(
                f"<td>{escape(_shown(self.values.get((row - shown.top, column - shown.left))))}</td>"
                for column in range(shown.left, shown.right)
            )
            + "</tr>"
            for row in range(shown.top, shown.bottom)
        )
        cut = (
            ""
            if shown == self.rect
            else f"<p>... to {cell_name(self.rect.bottom - 1, self.rect.right - 1)}</p>"
        )
        caption = f"<caption>{escape(self.sheet)}!{self.rect}</caption>"
        return f"<table>{caption}<thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table>{cut}"


def _shown(value: Scalar) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    return f"{value:.10g}" if isinstance(value, float) else str(value)
