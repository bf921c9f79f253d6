"""How faithfully workbooks are recalculated: sheetsim and IronCalc under one rule, over folders of files.

    python benchmarks/corpora.py ../shared/functions ../shared/lessons
    python benchmarks/corpora.py DIR --wrong            every cell that is wrong, with both values

The rule, the same for both: of each .xlsx and .xlsm file the formula cells that hold a stored value, less the
volatile ones and what depends on them. A number agrees within 1e-12 + 1e-12 |stored|, all else must be equal
(an empty text and nothing are; an error and its name as text are). A cell is *wrong* when the engine gives
another value, *unsupported* when it says that it cannot compute it (sheetsim names it; IronCalc gives
#N/IMPL! or #ERROR!). A file is *whole* when all its cells agree, *unreadable* when the engine refuses it,
fails, or is not done in time. Each file is computed in a process of its own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from tables import show

from sheetsim.address import Rect, cell_name
from sheetsim.checking import ironcalc
from sheetsim.checking.file import File
from sheetsim.errors import SheetsimError
from sheetsim.values import ERRORS_BY_LABEL, ExcelError, Scalar
from sheetsim.workbook import Workbook

Place = tuple[str, int, int]

LACKING = "unsupported"
"""In the place of a value: the engine says that it cannot compute the cell."""


@dataclass(slots=True)
class FileResult:
    """One file in one engine: how many cells agree, are wrong, are not supported; `error` where the file as a
    whole could not be computed."""

    path: Path
    agree: int = 0
    wrong: list[str] = field(default_factory=list)
    unsupported: int = 0
    error: str = ""

    @property
    def cells(self) -> int:
        return self.agree + len(self.wrong) + self.unsupported

    @property
    def whole(self) -> bool:
        return not self.error and not self.wrong and not self.unsupported


def asked(file: File) -> dict[Place, Scalar]:
    """The formula cells that count, with their stored values."""
    found: dict[Place, Scalar] = {}
    for region in file.regions:
        if region in file.unsettled or region in file.volatile:
            continue
        for row, column in region.rect.cells():
            stored = file.value(region.sheet, row, column)
            if stored is not None:
                found[region.sheet, row, column] = stored
    return found


def by_sheetsim(file: File) -> Callable[[Place], Scalar]:
    lacking: dict[str, list[Rect]] = {}
    for record in file.calculation.unsupported:
        lacking.setdefault(record.sheet, []).append(record.rect)

    def value(place: Place) -> Scalar:
        sheet, row, column = place
        for rect in lacking.get(sheet, ()):
            if rect.top <= row < rect.bottom and rect.left <= column < rect.right:
                return LACKING
        return file.calculation.value(sheet, row, column)

    return value


def by_ironcalc(file: File) -> Callable[[Place], Scalar]:
    book: Workbook = ironcalc.recalculate(file.path)

    def value(place: Place) -> Scalar:
        sheet, row, column = place
        found = book.find(sheet)
        return None if found is None else found.value((row, column))

    return value


ENGINES = {"sheetsim": by_sheetsim, "IronCalc": by_ironcalc}


def agrees(stored: Scalar, computed: Scalar) -> bool:
    """The rule of the module's heading for one cell."""
    if isinstance(stored, str) and isinstance(computed, ExcelError):
        return ERRORS_BY_LABEL.get(stored) == computed
    numbers = [
        float(value)
        for value in (stored, computed)
        if isinstance(value, (int, float)) and not isinstance(value, (bool, ExcelError))
    ]
    if len(numbers) == 2:
        return abs(numbers[0] - numbers[1]) <= 1e-12 + 1e-12 * abs(numbers[0])
    return (type(stored) is type(computed) and stored == computed) or (stored or "") == (computed or "") == ""


def judged(path: Path, engine: str) -> FileResult:
    """One file in one engine."""
    result = FileResult(path)
    file = File(path)
    value = ENGINES[engine](file)
    for place, stored in asked(file).items():
        computed = value(place)
        if computed == LACKING and stored != LACKING:
            result.unsupported += 1
        elif agrees(stored, computed):
            result.agree += 1
        else:
            sheet, row, column = place
            formula = file.formula(sheet, row, column)
            result.wrong.append(
                f"{sheet}!{cell_name(row, column)} ={formula}: stored {stored!r}, gives {computed!r}"
            )
    return result


def _work(path: Path, engine: str, out: Connection) -> None:
    """In the process of its own."""
    try:
        out.send(judged(path, engine))
    except SheetsimError as error:
        out.send(FileResult(path, error=str(error)))


def in_process(path: Path, engine: str, timeout: float) -> FileResult:
    """`judged`, in a process that may fail or hang."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=_work, args=(path, engine, sender))
    process.start()
    sender.close()
    try:
        if not receiver.poll(timeout):
            return FileResult(path, error=f"not done after {timeout:g} s")
        result: FileResult = receiver.recv()
        return result
    except EOFError:
        return FileResult(path, error="the process failed")
    finally:
        process.kill()
        process.join()


def workbooks(places: list[Path]) -> Iterator[Path]:
    """The .xlsx and .xlsm files of folders, and files themselves."""
    for place in places:
        found = sorted(place.rglob("*.xls[xm]")) if place.is_dir() else [place]
        yield from (path for path in found if not path.name.startswith("~$"))


def row(engine: str, results: list[FileResult], seconds: float) -> list[str]:
    cells, agree = (sum(getattr(one, what) for one in results) for what in ("cells", "agree"))
    return [
        engine,
        f"{sum(one.whole for one in results):,} of {len(results):,}",
        f"{agree:,} of {cells:,}",
        f"{100 * agree / cells:.2f}%" if cells else "",
        f"{sum(len(one.wrong) for one in results):,}",
        f"{sum(one.unsupported for one in results):,}",
        f"{sum(bool(one.error) for one in results):,}",
        f"{seconds:.1f}",
    ]


HEADINGS = ["engine", "files whole", "cells agree", "share", "wrong", "unsupported", "unreadable", "seconds"]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("places", nargs="+", type=Path, metavar="DIR", help="folders, or files")
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), default=list(ENGINES))
    parser.add_argument("--timeout", type=float, default=60, help="seconds a file (default 60)")
    parser.add_argument("--markdown", action="store_true", help="print tables for RESULTS.md")
    parser.add_argument("--wrong", action="store_true", help="print every wrong cell and unreadable file")
    given = parser.parse_args()
    multiprocessing.set_start_method("spawn")
    missing = [place for place in given.places if not place.exists()]
    if missing:
        print(f"{missing[0]}: there is no such file or folder", file=sys.stderr)
        return 2
    for place in given.places:
        rows = []
        for engine in given.engines:
            start = time.perf_counter()
            results = [in_process(path, engine, given.timeout) for path in workbooks([place])]
            rows.append(row(engine, results, time.perf_counter() - start))
            if given.wrong:
                tell(engine, results)
        show(str(place), HEADINGS, rows, given.markdown)
    return 0


def tell(engine: str, results: list[FileResult]) -> None:
    """Every file that is not whole, and its wrong cells."""
    for one in results:
        if one.error:
            print(f"{engine}: {one.path}: {one.error}")
        for words in one.wrong:
            print(f"{engine}: {one.path}: {words}")
        if one.unsupported:
            print(f"{engine}: {one.path}: {one.unsupported} cells unsupported")


if __name__ == "__main__":
    sys.exit(main())
