"""The workbooks of `workbooks/` are what `sheetsim export --all workbooks --force` writes today.

Formulas, styles, charts and all else are compared to the byte; stored numbers within 1e-12 of the largest in
the sheet, as EXP and the like differ in the last place between processors.
"""

import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from sheetsim.lessons.kit.catalogue import NAMES, lesson
from sheetsim.lessons.kit.export import export
from sheetsim.xlsx.read.workbook import read_workbook
from tests.checking.packages import edit_cell

GALLERY = Path(__file__).parent.parent / "workbooks"
NUMBER = re.compile(rb"<(v|c:v)>([^<]*)</")
EVERY = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in NAMES]


def differences(one: Path, other: Path) -> list[str]:
    """The parts of two packages that differ."""
    with zipfile.ZipFile(one) as first, zipfile.ZipFile(other) as second:
        if first.namelist() != second.namelist():
            return ["the list of parts"]
        return [part for part in first.namelist() if not same(first.read(part), second.read(part))]


def same(one: bytes, other: bytes) -> bool:
    if one == other:
        return True
    texts, others = ([match[2] for match in NUMBER.finditer(part)] for part in (one, other))
    if NUMBER.sub(b"", one) != NUMBER.sub(b"", other) or len(texts) != len(others):
        return False
    try:
        numbers, found = np.array(texts, float), np.array(others, float)
    except ValueError:
        return texts == others
    return bool((np.abs(numbers - found) <= 1e-12 * np.abs(numbers).max(initial=0)).all())


def test_every_lesson_is_there_and_nothing_else() -> None:
    assert {path.name for path in GALLERY.iterdir()} == {f"{name}.xlsx" for name in NAMES} | {"README.md"}


@pytest.mark.parametrize("name", EVERY)
def test_the_gallery_is_current(name: str, tmp_path: Path) -> None:
    made = export(lesson(name), tmp_path / f"{name}.xlsx")
    assert differences(GALLERY / f"{name}.xlsx", made) == [], "make gallery writes it anew"


def test_a_changed_number_is_seen(tmp_path: Path) -> None:
    good = export(lesson("embedding_size"), tmp_path / "good.xlsx")
    changed = edit_cell(good, tmp_path / "changed.xlsx", "embedding_size", "D7", value="82")
    assert differences(good, changed) == ["xl/worksheets/sheet2.xml"]
    number = read_workbook(good)["embedding_size"].value("C7")
    near = repr(float(np.nextafter(number, np.inf)))
    assert (
        differences(good, edit_cell(good, tmp_path / "near.xlsx", "embedding_size", "C7", value=near)) == []
    )
    assert differences(good, good) == []
