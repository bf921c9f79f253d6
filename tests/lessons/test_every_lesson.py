"""What must hold for every lesson: its export against the schema, LibreOffice, IronCalc, NumPy, PyTorch and
the CUDA kernel; the same bytes each time; a changed cell is found.

The judges are handed the file with every number that a formula cell stores overwritten, so that what they
give back they have computed.
"""

import functools
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from sheetsim import check
from sheetsim.address import Rect
from sheetsim.checking import ironcalc, libreoffice
from sheetsim.checking.judges import JUDGES
from sheetsim.checking.outcome import PASSED
from sheetsim.lessons.kit.catalogue import NAMES, lesson
from sheetsim.lessons.kit.export import export
from sheetsim.values import NUMBER, TEXT, Values
from sheetsim.workbook import Workbook
from sheetsim.xlsx.read.workbook import read_workbook
from tests.checking.packages import edit_cell
from tests.folders import shared_folder

PLANTED = 12345.678
EVERY = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in NAMES]


@functools.cache
def folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="sheetsim-lessons-"))


@functools.cache
def exported(name: str) -> Path:
    return export(lesson(name), folder() / f"{name}.xlsx", force=True)


@functools.cache
def stored(name: str) -> Workbook:
    return read_workbook(exported(name))


@functools.cache
def planted(name: str) -> Path:
    """The export with a wrong number stored in every formula cell that shows a number."""
    wrong = folder() / "planted" / f"{name}.xlsx"
    wrong.parent.mkdir(exist_ok=True)
    count = 0
    with zipfile.ZipFile(exported(name)) as package, zipfile.ZipFile(wrong, "w") as copy:
        for part in package.namelist():
            content = package.read(part)
            if part.startswith("xl/worksheets/sheet"):
                pattern = rb'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?><f[^>]*>[^<]*</f><v>)[^<]*'
                content, found = re.subn(pattern, rb"\g<1>%g" % PLANTED, content)
                count += found
            copy.writestr(part, content)
    assert count > 20
    return wrong


def compare(name: str, other: Workbook, tolerance: float) -> int:
    """Every formula cell's stored value against another program's; how many there are. Numbers may differ by
    a share of the largest in their column (or only row), of the block that they are in, else of the
    formula's rectangle."""
    book, cells = stored(name), 0
    for sheet in book.sheets:
        for fill in sheet.fills:
            want, found = sheet.block(fill.rect), other[sheet.name].block(fill.rect)
            place = f"{name}: {sheet.name}!{fill.rect} ={fill.formula}"
            kinds, others = want.kind_array(), found.kind_array()
            empty = (kinds == TEXT) & np.array([[not text for text in row] for row in texts(want)])
            assert ((kinds == others) | empty).all(), f"{place} holds other kinds of value"
            numbers = kinds == NUMBER
            whole = book[sheet.name].block(column_of(name, sheet.name, fill.rect))
            sizes = np.abs(np.where(whole.kind_array() == NUMBER, whole.numbers, 0))
            scale = sizes.max(axis=0 if len(sizes) > 1 else None, keepdims=True)
            apart = np.where(numbers, np.abs(want.numbers - found.numbers), 0)
            worst = np.unravel_index(int((apart - tolerance * scale).argmax()), apart.shape)
            assert (apart <= tolerance * scale).all(), (
                f"{place}, cell {worst}: {found.numbers[worst]!r}, stored {want.numbers[worst]!r}"
            )
            assert (texts(want) == texts(found))[kinds == TEXT].all(), f"{place} holds another text"
            cells += fill.rect.size
    return cells


def column_of(name: str, sheet: str, rect: Rect) -> Rect:
    """The columns of a formula's rectangle as far as its lesson's block reaches: in a block that repeats a
    formula epoch by epoch, what gradients are once training is done is rounding. All of a block that is a
    single row: one vector, such as the gradient of an output's weights."""
    held = block_at(name).get((sheet, rect.top, rect.left))
    if held is None or rect.bottom > held.bottom or rect.right > held.right:
        return rect
    return held if held.rows == 1 else Rect(held.top, rect.left, held.bottom, rect.right)


@functools.cache
def block_at(name: str) -> dict[tuple[str, int, int], Rect]:
    """The block that each cell is in: sheet, row, column."""
    parts = lesson(name).blocks(lesson(name).settings())
    return {(part.sheet, *cell): part.rect for part in parts for cell in part.rect.cells()}


def texts(block: Values) -> np.ndarray:
    return np.full(block.shape, "", object) if block.texts is None else block.texts


@pytest.mark.parametrize("name", EVERY)
def test_libreoffice_computes_the_stored_values(name: str) -> None:
    """LibreOffice writes 15 digits and compensates sums: 1e-13 of the column's largest value."""
    if libreoffice.program() is None:
        pytest.skip("LibreOffice is not installed")
    assert compare(name, libreoffice.recalculate(planted(name)), 1e-13) > 20


@pytest.mark.parametrize("name", EVERY)
def test_ironcalc_computes_the_stored_values(name: str) -> None:
    """IronCalc computes in float64 as Excel does; its powers may differ in the last bits."""
    if not ironcalc.installed():
        pytest.skip("IronCalc is not installed")
    assert compare(name, ironcalc.recalculate(planted(name)), 1e-13) > 20


@pytest.mark.parametrize("name", EVERY)
def test_a_planted_value_would_be_noticed(name: str) -> None:
    """The comparison with judges can fail."""
    with pytest.raises(AssertionError, match=f"{name}: .*12345"):
        compare(name, read_workbook(planted(name)), 1e-13)


@pytest.mark.parametrize("name", EVERY)
def test_every_judge_passes_without_allowance(name: str) -> None:
    """By the ordinary tolerance, nothing put down to rounding that training carries on; but LibreOffice's
    fifteen digits are few for a small difference of large numbers (a slope, the end of a loss)."""
    found = check(exported(name))
    assert found.passed, str(found)
    assert found.model == name
    assert [judge.name for judge in found.judges] == list(JUDGES)
    blocks = {block.name for block in lesson(name).blocks(lesson(name).settings())}
    for judge in found.judges:
        if JUDGES[judge.name].missing() is not None:
            continue
        assert judge.status == PASSED, judge.reason
        told = {block.name for block in judge.blocks}
        assert blocks <= told, f"{judge.name} does not tell {sorted(blocks - told)}"
        assert judge.by_rounding <= (judge.cells // 200 if judge.name == "libreoffice" else 0)
    for exact in ("recalc", "arrays"):
        assert found[exact].bit_identical == found[exact].cells > 0
    assert (found.mismatches, found.following, found.notes) == ([], 0, [])


@pytest.mark.parametrize("name", EVERY)
def test_a_changed_cell_is_found(name: str, tmp_path: Path) -> None:
    """The first cell of each block in turn, up to three blocks, with another number stored in it."""
    parts = lesson(name).blocks(lesson(name).settings())
    for block in parts[:: max(1, len(parts) // 3)]:
        address = str(block.rect).partition(":")[0]
        changed = edit_cell(
            exported(name), tmp_path / "changed.xlsx", block.sheet, address, value=str(PLANTED)
        )
        outcome = check(changed, model=name, against=["arrays", "recalc"])
        assert not outcome.passed
        found = [(one.sheet, one.cell.rpartition("!")[2]) for one in outcome.mismatches]
        assert (block.sheet, address) in found


@pytest.mark.parametrize("name", EVERY)
def test_the_schema_has_no_complaint(name: str) -> None:
    checker = shared_folder("SHEETSIM_OOXML").parent / "tools" / "validate_xlsx.py"
    if not checker.is_file():
        pytest.skip("validate_xlsx.py is not beside the schemas")
    command = [sys.executable, str(checker), str(exported(name))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", EVERY)
def test_two_exports_have_the_same_bytes(name: str, tmp_path: Path) -> None:
    again = export(lesson(name), tmp_path / "again.xlsx")
    assert again.read_bytes() == exported(name).read_bytes()


@pytest.mark.parametrize("name", EVERY)
def test_what_every_workbook_has(name: str) -> None:
    """Names for all parts, a page that explains, notes and limits, nothing that runs or reaches outside."""
    found, book = lesson(name), stored(name)
    settings = found.settings()
    assert book.sheets[0].name == f"{name} about"
    assert book.sheets[0].value("B1") == found.title
    for place in (*found.inputs(settings), *found.blocks(settings)):
        assert book.named_rect(f"{name}.{place.name}") == (place.sheet, place.rect)
    with zipfile.ZipFile(exported(name)) as package:
        parts = package.namelist()
        sheets = b"".join(package.read(part) for part in parts if part.startswith("xl/worksheets/sheet"))
        charts = [part for part in parts if part.startswith("xl/charts/chart")]
        comments = b"".join(package.read(part) for part in parts if part.startswith("xl/comments"))
    assert not [part for part in parts if "vba" in part or "externalLink" in part]
    originals = {one.sheet for one in found.originals}
    if not originals:
        assert not re.search(rb"<f>[^<]*\b(OFFSET|INDIRECT)\(", sheets)
    assert not re.search(rb"<f>[^<]*\b(RAND|RANDBETWEEN|NOW|TODAY)\(", sheets)
    assert charts or b"colorScale" in sheets, "nothing to look at: no chart, no heat map"
    for place in found.inputs(settings):
        if place.name not in found.data and not place.optional:
            assert found.parameter(place.name).help.encode() in comments.replace(b"&lt;", b"<")
