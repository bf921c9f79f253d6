"""The independent programs do recalculate: a planted wrong stored value does not survive them."""

from pathlib import Path

import pytest

from sheetsim import check
from sheetsim.checking import ironcalc, libreoffice
from sheetsim.errors import SheetsimError
from sheetsim.public_lesson import lesson
from sheetsim.values import ExcelError
from sheetsim.xlsx.read.workbook import read_workbook
from tests.checking.conftest import Exported
from tests.checking.packages import edit_cell

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


@needs_libreoffice
def test_an_error_that_libreoffice_names_otherwise_is_the_same(tmp_path: Path) -> None:
    """The logarithm of a negative number is #NUM! to Excel, and #VALUE! in what LibreOffice saves."""
    made = lesson("cross_entropy").export(tmp_path / "ce.xlsx")
    edited = edit_cell(made, tmp_path / "negative.xlsx", "cross_entropy curve", "A4", value="2.5")
    saved = libreoffice.save(edited, tmp_path / "saved")
    assert read_workbook(saved)["cross_entropy curve"].value("C4") is ExcelError.VALUE
    outcome = check(saved, against="recalc,arrays,torch,kernel,libreoffice")
    assert outcome.passed, str(outcome)


@needs_libreoffice
def test_one_cell_of_a_start_state_typed_over(tmp_path: Path) -> None:
    """The other cells' formulas still give the rest of the state."""
    made = lesson("adam").export(tmp_path / "adam.xlsx", rows=12, epochs=2)
    edited = edit_cell(made, tmp_path / "typed.xlsx", "adam", "J16", value="-20.5", drop_formula=True)
    outcome = check(
        libreoffice.save(edited, tmp_path / "saved"), model="adam", against="recalc,arrays,torch,kernel"
    )
    assert outcome.passed, str(outcome)
