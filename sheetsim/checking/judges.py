"""The judges: whoever can say independently what a workbook's cells should hold. One table, a row each.

Two kinds of judge. The *implementations* of the lesson (NumPy arrays, PyTorch, the CUDA kernel) compute its
blocks from its inputs and know nothing of the file's formulas. The *recalculations* (our engine,
LibreOffice, IronCalc) compute the file's formulas and know nothing of the lesson. Both answer the same
question: the values of a block.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from sheetsim.checking import ironcalc, libreoffice
from sheetsim.checking.compare import Tolerance, as_cells
from sheetsim.checking.file import File
from sheetsim.checking.subject import Subject
from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.lesson import Block, nearest
from sheetsim.plan.regions import Region
from sheetsim.values import ERROR, ExcelError, Values
from sheetsim.workbook import Workbook

RTOL = 1e-12
"""What is allowed by default, of the largest magnitude in the block's column: sums of a few hundred terms and
recurrences of a few hundred steps stay four digits below it."""

LIBREOFFICE = Tolerance(relative=1e-14, column=1e-14)
"""LibreOffice saves 15 digits (half a unit of the last is up to 5e-15 of the value), adds up with
compensation, and lets differences that are nearly nothing be 0: these are small beside the column only."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a judge says. `values` gives the cells of a block, None for a block that it cannot tell;
    `whole`: it answers for every formula of the file, not for the lesson's blocks only."""

    values: Callable[[Block], Values | None]
    device: str | None = None
    whole: bool = False
    note: str = ""
    passes_over: frozenset[Region] = frozenset()  # formulas that it has no say in


@dataclass(frozen=True, slots=True)
class Judge:
    """`missing` says why it cannot be asked on this machine, None where it can."""

    name: str
    title: str  # in a sentence
    missing: Callable[[], str | None]
    ask: Callable[[File, Subject], Answer]
    tolerance: Callable[[float | None], Tolerance]
    of_lesson: bool = False  # an implementation of the lesson, not a recalculation of the file
    exact: bool = False  # does every operation as Excel does, in the same order


def _implementation(file: File, subject: Subject, name: str, device: str | None = None) -> Answer:
    """The answer of one of the lesson's implementations; its arrays are held to the blocks' shapes."""
    module = subject.lesson.implementation(name)
    with np.errstate(all="ignore"):  # what overflows is an error value, to be compared as one
        told = module.compute(subject.inputs, device) if device else module.compute(subject.inputs)

    def values(block: Block) -> Values | None:
        if block.name not in told:
            return None
        array = np.asarray(told[block.name], np.float64)
        if array.shape != block.rect.shape:
            raise ValueError(f"{name} tells {block.name} as {array.shape}, the sheet as {block.rect.shape}")
        return as_cells(array, file.stored(block.sheet, block.rect))

    return Answer(values, device)


def _recalc(file: File, _: Subject) -> Answer:
    kept = len(file.unsupported) + len(file.late)
    note = f"{kept} formulas that the engine cannot compute are not recalculated" if kept else ""
    answer = Answer(
        lambda block: file.calculation.block(block.sheet, block.rect),
        whole=True,
        note=note,
        passes_over=frozenset(file.kept | file.late.keys()),
    )
    return _one_error(file, answer, (ExcelError.NUM, ExcelError.VALUE)) if file.fifteen_digits else answer


def _other(file: File, book: Workbook) -> Answer:
    """The answer of another program that recalculated the file. What depends on RAND it draws anew."""
    loose = file.unsettled
    note = f"{sum(region.rect.size for region in loose)} cells depend on RAND or the like" if loose else ""

    def values(block: Block) -> Values | None:
        sheet = book.find(block.sheet)
        return sheet.block(block.rect) if sheet else None

    return Answer(values, whole=True, note=note, passes_over=frozenset(loose))


def _torch_missing() -> str | None:
    if importlib.util.find_spec("torch") is None:
        return "PyTorch is not installed: pip install 'sheetsim[torch]'"
    return None


def _kernel_missing() -> str | None:
    from sheetsim.gpu.device import find_device

    found = find_device()
    return None if found.device else found.reason


def _kernel(file: File, subject: Subject) -> Answer:
    """On the GPU, else as C++ on the processor: the reason why there is no GPU is worth a word."""
    from sheetsim.gpu.device import find_device

    found = find_device()
    return replace(_implementation(file, subject, "kernel", found.device), note=found.reason)


def _libreoffice_missing() -> str | None:
    return None if libreoffice.program() else "LibreOffice is not installed (no soffice on the PATH)"


def _ironcalc_missing() -> str | None:
    return None if ironcalc.installed() else "IronCalc is not installed: pip install ironcalc"


def _libreoffice(file: File, _: Subject) -> Answer:
    answer = _other(file, file.recalculated("libreoffice", libreoffice.recalculate))
    return _one_error(file, answer, (ExcelError.VALUE, ExcelError.NUM))


def _ironcalc(file: File, _: Subject) -> Answer:
    """IronCalc says #DIV/0! where a number is too large, and Excel #NUM!: that is one thing told twice."""
    answer = _other(file, file.recalculated("ironcalc", ironcalc.recalculate))
    pairs = [(ExcelError.DIV0, ExcelError.NUM), (ExcelError.NUM, ExcelError.VALUE)]
    return _one_error(file, answer, *(pairs if file.fifteen_digits else pairs[:1]))


def _one_error(file: File, answer: Answer, *pairs: tuple[ExcelError, ExcelError]) -> Answer:
    """The answer where of each pair the error told first counts as the one stored second. LibreOffice saves
    #VALUE! for the logarithm of a negative number and the like, where Excel has #NUM!."""

    def values(block: Block) -> Values | None:
        told, stored = answer.values(block), file.stored(block.sheet, block.rect)
        if told is None or told.kinds is None or stored.kinds is None:
            return told
        both, numbers = (told.kinds == ERROR) & (stored.kinds == ERROR), told.numbers
        for said, held in pairs:
            numbers = np.where(both & (told.numbers == said) & (stored.numbers == held), held, numbers)
        return replace(told, numbers=numbers)

    return replace(answer, values=values)


def _of_column(rtol: float | None) -> Tolerance:
    return Tolerance(column=RTOL if rtol is None else rtol)


def _of_fifteen_digits(rtol: float | None) -> Tolerance:
    return LIBREOFFICE if rtol is None else Tolerance(relative=LIBREOFFICE.relative, column=rtol)


def _judges() -> list[Judge]:
    def never() -> None:
        return None

    return [
        Judge("recalc", "our recalculation", never, _recalc, _of_column, exact=True),
        Judge("arrays", "NumPy", never, lambda f, s: _implementation(f, s, "arrays"), _of_column, True, True),
        Judge(
            "torch",
            "PyTorch",
            _torch_missing,
            lambda f, s: _implementation(f, s, "reference"),
            _of_column,
            True,
        ),
        Judge("kernel", "the CUDA kernel", _kernel_missing, _kernel, _of_column, True),
        Judge("libreoffice", "LibreOffice", _libreoffice_missing, _libreoffice, _of_fifteen_digits),
        Judge("ironcalc", "IronCalc", _ironcalc_missing, _ironcalc, _of_column),
    ]


JUDGES = {judge.name: judge for judge in _judges()}


def choose(against: str | Iterable[str] | None) -> list[Judge]:
    """The judges named, one by one or in a text separated by commas; all of them for None or "all".
    SheetsimError for a name that is none, and for a judge named that this machine has not."""
    if against is not None and not isinstance(against, str):
        against = ",".join(against)
    if against is None or against.strip() == "all":
        return list(JUDGES.values())
    chosen = []
    for name in dict.fromkeys(word.strip() for word in against.split(",")):
        if name not in JUDGES:
            raise SheetsimError(f"--against {against}: no judge {name!r}{nearest(name, JUDGES)}")
        missing = JUDGES[name].missing()
        if missing:
            raise SheetsimError(f"--against {name}: {missing}")
        chosen.append(JUDGES[name])
    return chosen
