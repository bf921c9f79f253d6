"""Write a `Workbook` to an .xlsx file, with a stored value in every formula cell.

    write_workbook(book, "adam.xlsx", calculation.block)

Same workbook and values, same bytes: no date or time of the machine goes in. The file is written beside its
place under another name and moved there when it is complete, so that a failure leaves nothing half written.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.values import Values
from sheetsim.workbook import Workbook
from sheetsim.xlsx.write.replacing import replacing


def write_workbook(
    book: Workbook,
    path: str | os.PathLike[str],
    values: Callable[[str, Rect], Values] | None = None,
    *,
    force: bool = False,
) -> None:
    """Write `book` to `path`.

    `values(sheet, rect)` gives the values of cells, formula cells above all, such as `Calculation.block`;
    None stores what the workbook itself holds. SheetsimError, one line, when the file is there already (and
    not `force`), or cannot be written.
    """
    target = Path(path)
    check_target(target, force=force)

    from sheetsim.xlsx.write.appearance import write_package

    def held(sheet: str, rect: Rect) -> Values:
        return book[sheet].block(rect)

    with replacing(target, force=force) as temporary:
        write_package(book, temporary, values or held)


def check_target(path: str | os.PathLike[str], *, force: bool = False, suffix: str = ".xlsx") -> None:
    """SheetsimError when `path` cannot be written, as far as can be seen without writing. `suffix`: how the
    name of a workbook of its kind ends."""
    target = Path(path)
    if target.suffix.lower() != suffix.lower():
        raise SheetsimError(f"{target}: a workbook's name ends in {suffix}; Excel opens it under no other")
    place = Path(os.path.realpath(target))
    try:
        there, plain, folder = place.exists(), place.is_file(), place.is_dir()
    except OSError as error:  # such as a name that is too long
        raise SheetsimError(f"{target}: cannot be written: {error.strerror}") from None
    if folder:
        raise SheetsimError(f"{target}: is a directory, not a file to write")
    if there and not plain:
        raise SheetsimError(f"{target}: is a device or a pipe, not a file to write")
    if there and not force:
        raise SheetsimError(f"{target}: is there already (--force overwrites it)")
    if not place.parent.is_dir():
        raise SheetsimError(f"{target}: cannot be written: there is no folder {target.parent}")
    if not os.access(place.parent, os.W_OK):
        raise SheetsimError(f"{target}: cannot be written: no permission to write into {target.parent}")
