"""The independent programs do recalculate: a planted wrong stored value does not survive them."""

from pathlib import Path

import pytest

from sheetsim.check import ironcalc, libreoffice
from sheetsim.errors import SheetsimError
from sheetsim.values import ExcelError
from sheetsim.xlsx.read import read_workbook
from tests.check.conftest import Exported
from tests.check.packages import edit_cell

needs_libreoffice = pytest.mark.skipif(libreoffice.program() is None, reason="LibreOffice is not installed")
needs_ironcalc = pytest.mark.skipif(not ironcalc.installed(), reason="IronCalc is not installed")


@needs_libreoffice
def test_libreoffice_recalculates(exported: Exported, tmp_path: Path) -> None:
    planted = edit_cell(exported("adam"), tmp_path / "a.xlsx", "adam", "E20", value="123.456")
    right = read_workbook(exported("adam"))["adam"].value("E20")
    assert read_workbook(planted)["adam"].value("E20") == 123.456
    assert libreoffice.recalculate(planted)["adam"].value("E20") == pytest.approx(right, rel=1e-14)


@needs_ironcalc
def test_ironcalc_recalculates(exported: Exported, tmp_path: Path) -> None:
    planted = edit_cell(exported("adam"), tmp_path / "a.xlsx", "adam", "E20", value="123.456")
    right = read_workbook(exported("adam"))["adam"].value("E20")
    assert ironcalc.recalculate(planted)["adam"].value("E20") == right


@needs_ironcalc
def test_ironcalcs_errors_are_error_values(exported: Exported, tmp_path: Path) -> None:
    divided = edit_cell(exported("adam"), tmp_path / "a.xlsx", "adam", "E20", formula="1/0")
    assert ironcalc.recalculate(divided)["adam"].value("E20") is ExcelError.DIV0
    unknown = edit_cell(exported("adam"), tmp_path / "b.xlsx", "adam", "E20", formula="NO.SUCH(1)")
    assert isinstance(ironcalc.recalculate(unknown)["adam"].value("E20"), ExcelError)


@needs_libreoffice
def test_libreoffice_leaves_the_file_and_its_folder_alone(exported: Exported, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(exported("sgd").read_bytes())
    libreoffice.recalculate(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.xlsx"]
    assert path.read_bytes() == exported("sgd").read_bytes()


@needs_libreoffice
def test_libreoffice_runs_out_of_time(exported: Exported) -> None:
    with pytest.raises(SheetsimError, match=r"was not done after 0\.05 s"):
        libreoffice.recalculate(exported("sgd"), timeout=0.05)


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(libreoffice, marks=needs_libreoffice),
        pytest.param(ironcalc, marks=needs_ironcalc),
    ],
    ids=lambda module: module.__name__.rpartition(".")[2],
)
def test_a_broken_file_is_an_error_of_one_line(tmp_path: Path, program: object) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(SheetsimError) as caught:
        program.recalculate(path)  # type: ignore[attr-defined]
    assert "broken.xlsx" in str(caught.value)
    assert "\n" not in str(caught.value)
