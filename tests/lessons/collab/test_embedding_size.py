"""embedding_size: the figures of the about page, and categories that no layer can have."""

from pathlib import Path

import pytest

from sheetsim import check
from sheetsim.checking import libreoffice
from sheetsim.lessons.kit.catalogue import lesson
from sheetsim.lessons.kit.export import export
from sheetsim.xlsx.read.workbook import read_workbook
from tests.checking.packages import edit_cell

NAME = "embedding_size"


def test_what_the_page_says(tmp_path: Path) -> None:
    older = read_workbook(export(lesson(NAME), tmp_path / "a.xlsx", settings={"exponent": 1, "factor": 0.5}))
    assert older[NAME].value("A7") == "Store"
    assert older[NAME].value("D7") == 558
    about = older[f"{NAME} about"]
    lines = [str(about.value(f"B{row}")) for row in range(1, 60)]
    assert any("Store alone takes 558 numbers" in line for line in lines)
    same = read_workbook(export(lesson(NAME), tmp_path / "b.xlsx", settings={"exponent": 0}))
    assert len({same[NAME].value(f"D{row}") for row in range(7, 23)}) == 1


@pytest.mark.parametrize("n", ["1e300", "1.5", "0", "-3"])
@pytest.mark.skipif(libreoffice.program() is None, reason="LibreOffice is not installed")
def test_a_number_of_values_that_no_layer_has(n: str, tmp_path: Path) -> None:
    made = export(lesson(NAME), tmp_path / "a.xlsx")
    edited = edit_cell(made, tmp_path / "edited.xlsx", NAME, "B8", value=n)
    saved = libreoffice.save(edited, tmp_path / "saved")
    outcome = check(saved, against="recalc,arrays,torch,kernel")
    assert outcome.passed, str(outcome)
