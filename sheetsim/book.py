"""A workbook in Python's hands: read it, calculate it, take blocks out as arrays, use it as a function.

book = read("adam.xlsx")
book["adam"]["E4:E32"]                     stored values; after book.calculate() computed ones
book["adam"].frame("A3:M32")               a pandas frame, headings from the first row
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

    from sheetsim.run.execute import Calculation

WorkbookFunction = Callable[..., Any]

_HTML_ROWS, _HTML_COLUMNS = 60, 20


def read(path: str | Path) -> Book:
    """Read an .xlsx or .xlsm file. SheetsimError, one line, when it is none or cannot be read."""
    from sheetsim.xlsx.read.workbook import read_workbook

    return Book(read_workbook(Path(path)), Path(path))


class Book:
    """A workbook and, once `calculate` was called, what its formulas give."""

    def __init__(self, workbook: Workbook, source: Path | None = None) -> None:
        self.workbook = workbook
        self.source = source  # the file that it was read from
        self._calculation: Calculation | None = None

    @property
    def sheets(self) -> list[str]:
        """The sheets' names, in order."""
        return [sheet.name for sheet in self.workbook.sheets]

    def calculate(self, *, redraw: bool = False, seed: int | None = None) -> Book:
        """Compute every formula (kept at stored values: what the engine does not know, and, unless `redraw`,
        RAND and the like); blocks then show computed values. Returns the book."""
        from sheetsim.plan.schedule import make_plan
        from sheetsim.run.execute import calculate

        self._calculation = calculate(self.workbook, make_plan(self.workbook, redraw=redraw), seed=seed)
        return self

    def save(self, path: str | Path, force: bool = False) -> Book:
        """Save a copy of the file that the book was read from, with the values of formulas as `calculate`
        found them; before `calculate` with all as it was. Everything else in the file stays as it is. Returns
        the book. SheetsimError, one line, when `path` is there already (and not `force`), cannot be written,
        or the book was not read from a file."""
        from sheetsim.xlsx.edit.patch import save_values

        if self.source is None:
            raise SheetsimError("save: this book was not read from a file")
        save_values(self.source, path, self.workbook, self.values, force=force)
        return self

    def __getitem__(self, sheet: str) -> SheetView:
        """A sheet by its name, in any case. KeyError when there is none."""
        return SheetView(self, self.workbook[sheet])

    def __iter__(self) -> Iterator[SheetView]:
        return (SheetView(self, sheet) for sheet in self.workbook.sheets)

    def __repr__(self) -> str:
        state = "calculated" if self._calculation else "stored values"
        return f"<Book of {', '.join(self.sheets)} ({state})>"

    def values(self, sheet: str, rect: Rect) -> Values:
        """The cells of a rectangle: computed after `calculate`, before it as the file stores them."""
        if self._calculation is not None:
            return self._calculation.block(sheet, rect)
        return self.workbook[sheet].block(rect)

    def function(
        self, inputs: Sequence[str], outputs: Sequence[str], backend: str = "numpy"
    ) -> WorkbookFunction:
        """The workbook as a function of some of its cells.

        inputs, outputs: addresses with their sheet, like "adam!D2" or "adam!A4:A32". The function takes one
        number or array for each input and returns the output, or a tuple of outputs where there are several;
        one cell is a number, a range a two-dimensional array. backend "torch": tensors, differentiable;
        "numpy": float64 arrays, by recalculation of the whole book; any input may have a leading axis more,
        of any length: so many scenarios, and so has each output. SheetsimError for an address that is none,
        MissingExtra when torch is not installed.
        """
        if backend == "torch":
            if find_spec("torch") is None:
                raise MissingExtra("PyTorch", "torch", "function(backend='torch')")
            from sheetsim.backends.tensors import make_function

            made: WorkbookFunction = make_function(self.workbook, inputs, outputs)
            return made
        if backend == "numpy":
            from sheetsim.run.batches import NumberFunction
            from sheetsim.run.inputs import places

            return NumberFunction(
                self.workbook, places(self.workbook, inputs), places(self.workbook, outputs)
            )
        raise SheetsimError(f"backend {backend!r}: there are 'numpy' and 'torch'")

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
        try:
            rect = Rect.parse(address)
        except ValueError as error:
            raise SheetsimError(str(error)) from None
        used = self._sheet.used or Rect(0, 0, 1, 1)
        if ":" in address and (address.replace(":", "").isalpha() or address.replace(":", "").isdecimal()):
            rect = rect.intersect(used) or Rect(rect.top, rect.left, rect.top + 1, rect.left + 1)
        return CellBlock(self.name, rect, self._book.values(self.name, rect))

    def frame(self, address: str) -> pandas.DataFrame:
        """The cells as a pandas frame, as `Block.frame` makes it."""
        return self[address].frame()

    def __repr__(self) -> str:
        return f"<sheet {self.name}, {self._sheet.used or 'empty'}>"


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
