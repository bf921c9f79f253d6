"""All lessons in one workbook, and all lessons in a folder."""

import re
import zipfile
from pathlib import Path

import pytest

from sheetsim.checking.run import check, check_every
from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.catalogue import NAMES
from sheetsim.lessons.kit.course import CONTENTS, export_all, make_course
from sheetsim.lessons.kit.export import write
from sheetsim.xlsx.read.workbook import read_workbook
from tests.checking.packages import edit_cell

THREE = ("adam", "weight_decay", "embedding_size")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(make_course(THREE), tmp_path_factory.mktemp("course") / "course.xlsx")


def test_every_sheet_is_linked_from_the_contents(course: Path) -> None:
    book = read_workbook(course)
    assert book.sheets[0].name == CONTENTS
    with zipfile.ZipFile(course) as package:
        text = package.read("xl/worksheets/sheet1.xml").decode()
        others = [package.read(name).decode() for name in package.namelist() if "/sheet2.xml" in name]
    links = {link.replace("'", "").partition("!")[0] for link in re.findall(r'location="([^"]*)"', text)}
    assert links == {sheet.name for sheet in book.sheets[1:]}
    assert 'location="adam!A1"' in others[0] or "location=\"'adam'!A1\"" in others[0]


def test_no_two_lessons_share_a_sheet() -> None:
    names = [sheet.name.casefold() for sheet in make_course().sheets]
    assert len(names) == len(set(names)) > len(NAMES)


def test_every_lesson_of_the_file_is_checked(course: Path, tmp_path: Path) -> None:
    judges = ["recalc", "arrays"]
    found = check_every(course, against=judges)
    assert [one.model for one in found] == list(THREE)
    assert all(one.passed for one in found)
    changed = edit_cell(course, tmp_path / "changed.xlsx", "adam", "E5", value="1")
    found = check_every(changed, against=judges)
    assert [one.passed for one in found] == [False, True, True]
    assert found[0].mismatches[0].cell == "adam!E5"


def test_one_lesson_must_be_chosen_where_one_is_asked_for(course: Path) -> None:
    with pytest.raises(SheetsimError, match="is of adam and weight_decay and embedding_size; choose with"):
        check(course, against="arrays")
    assert check(course, model="adam", against="arrays").passed


def test_nothing_is_written_where_one_of_the_files_is_there(tmp_path: Path) -> None:
    (tmp_path / f"{NAMES[-1]}.xlsx").write_text("mine")
    with pytest.raises(SheetsimError, match="is there already"):
        export_all(tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    (tmp_path / "file").write_text("")
    with pytest.raises(SheetsimError, match="file: cannot be made"):
        export_all(tmp_path / "file")
