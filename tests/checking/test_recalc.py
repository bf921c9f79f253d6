"""`recalc` on the courses' workbooks (saved by Excel) and on files that a careless program has changed."""

import json
from pathlib import Path

import pytest
import xlsxwriter

from sheetsim.checking.recalc import recalculate
from sheetsim.checking.report import recalculation_lines
from sheetsim.errors import SheetsimError
from sheetsim.xlsx.read.package import Package
from tests.calls import calls_of
from tests.checking.conftest import Exported
from tests.checking.packages import edit_cell, strip_values
from tests.xlsx.packages import write_package


@pytest.fixture(scope="session")
def graddesc(lessons_dir: Path) -> Path:
    return lessons_dir / "course-v3" / "graddesc.xlsm"


def test_excels_values_are_reproduced_to_the_last_bit(graddesc: Path) -> None:
    found = recalculate(graddesc)
    assert found.passed
    # 1,623 formula cells, of which data!B5:B33 call RANDBETWEEN
    assert (found.cells, found.agree, found.bit_identical, found.volatile) == (1623, 1594, 1594, 29)
    assert (found.unsupported, found.mismatches) == ([], [])
    assert set(found.seconds) == {"read", "plan", "calculate"}


def test_one_corrupted_cell_is_named(graddesc: Path, tmp_path: Path) -> None:
    changed = edit_cell(graddesc, tmp_path / "a.xlsm", "adam", "E20", value="119.8999")
    found = recalculate(changed)
    assert not found.passed
    assert [one.cell for one in found.mismatches] == ["adam!E20"]
    assert found.mismatches[0].formula == "C20+D20*A20"
    assert found.mismatches[0].computed == 119.89980903804236  # as Excel had it
    assert found.mismatches[0].rel == pytest.approx(7.6e-7, rel=0.01)
    assert found.cells == found.agree + len(found.mismatches) + found.volatile + len(found.unsupported)


def test_a_stored_value_is_missing(exported: Exported, tmp_path: Path) -> None:
    found = recalculate(strip_values(exported("adam"), tmp_path / "a.xlsx", "adam"))
    assert found.without_value == found.cells - found.agree > 300
    assert found.mismatches == []
    assert any("have no stored value" in line for line in recalculation_lines(found, 3))
    report = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert report["without_value"] == found.without_value


def test_the_same_said_otherwise_agrees(tmp_path: Path) -> None:
    """An empty text and nothing; an error and its name; a truth value, and 1 or 0. Nothing else."""
    rows = (
        '<row r="1"><c r="A1"><f>""</f></c><c r="B1" t="str"><f>""</f><v></v></c>'
        '<c r="C1" t="str"><f>1/0</f><v>#DIV/0!</v></c><c r="D1" t="str"><f>1/0</f><v>#N/A</v></c>'
        '<c r="E1" t="e"><f>"#DIV/0!"</f><v>#DIV/0!</v></c><c r="F1" t="str"><f>0</f><v></v></c>'
        '<c r="G1" t="n"><f>1=1</f><v>1</v></c><c r="H1"><f>1=2</f><v>0</v></c>'
        '<c r="I1"><f>1=1</f><v>2</v></c><c r="J1" t="b"><f>2-1</f><v>1</v></c></row>'
    )
    found = recalculate(write_package(tmp_path / "odd.xlsx", rows))
    assert (found.cells, found.agree, found.without_value) == (10, 5, 0)
    assert [one.cell for one in found.mismatches] == ["one!D1", "one!E1", "one!F1", "one!I1", "one!J1"]


def test_volatile_cells_are_kept_or_drawn_anew(graddesc: Path) -> None:
    kept = recalculate(graddesc)
    drawn = recalculate(graddesc, redraw=True, seed=3)
    # data!C5:C33 depend on what is drawn: not compared either
    assert (kept.volatile, drawn.volatile) == (29, 58)
    assert drawn.passed
    assert drawn.cells == drawn.agree + drawn.volatile == kept.cells


def test_unsupported_cells_are_listed_one_by_one_and_kept(graddesc: Path, tmp_path: Path) -> None:
    changed = edit_cell(graddesc, tmp_path / "a.xlsm", "adam", "E20", formula="CUBEVALUE(C20)")
    found = recalculate(changed)
    assert not found.passed
    assert [(one.cell, one.formula) for one in found.unsupported] == [("adam!E20", "CUBEVALUE(C20)")]
    assert "CUBEVALUE" in found.unsupported[0].reason
    assert found.mismatches == []  # what depends on it is computed from its stored value
    assert found.cells == found.agree + found.volatile + 1


def test_formulas_in_a_table_are_shown_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as package:
        columns = [{"header": "x"}, {"header": "y", "formula": "=[@x]*twice"}]
        options = {"name": "Points", "columns": columns, "data": [[0.0], [1.5], [2.5]]}
        package.add_worksheet("data").add_table("B2:C5", options)
        package.define_name("twice", "=2")
    found = recalculate(path)  # xlsxwriter stores 0 for every formula
    assert found.unsupported == []
    shown = [(one.cell, one.formula, one.computed) for one in found.mismatches]
    text = "[[#This Row],[x]]*twice"
    assert shown == [("data!C4", text, 3.0), ("data!C5", text, 5.0)]


def test_an_error_value_against_a_number(graddesc: Path, tmp_path: Path) -> None:
    changed = edit_cell(graddesc, tmp_path / "a.xlsm", "adam", "E20", formula="1/0")
    found = recalculate(changed)
    first = found.mismatches[0]
    assert (first.cell, str(first.computed)) == ("adam!E20", "#DIV/0!")
    assert json.loads(json.dumps(found.as_json()))["mismatches"][0]["computed"] == "#DIV/0!"
    assert json.loads(json.dumps(found.as_json()))["mismatches"][0]["rel"] is None


def test_a_long_report_is_cut(exported: Exported, tmp_path: Path) -> None:
    found = recalculate(edit_cell(exported("adam"), tmp_path / "a.xlsx", "adam", "D2", value="0.2"))
    lines = list(recalculation_lines(found, 5))
    assert len(lines) < 15
    assert any("cells differ (" in line for line in lines)


def test_a_million_cells_are_compared_without_a_loop() -> None:
    import numpy as np

    from sheetsim.checking.compare import compare
    from sheetsim.checking.recalc import TOLERANCE
    from sheetsim.values import Values

    stored = np.random.default_rng(1).normal(size=(100_000, 10))
    computed = Values(stored * (1 + 2.0**-50))
    assert compare(Values(stored), computed, TOLERANCE).agreeing == 1_000_000
    assert calls_of(lambda: compare(Values(stored), computed, TOLERANCE)) < 1000


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"PK\x03\x04 and then nothing"])
def test_what_is_no_workbook(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(SheetsimError) as caught:
        recalculate(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_package_is_opened_once(
    exported: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when a copy is saved, and when the copy takes the place of the file itself."""
    file = edit_cell(exported("sgd"), tmp_path / "sgd.xlsx", "sgd", "E5", value="1")
    opened: list[object] = []
    enter = Package.__init__

    def counted(self: Package, path: str | Path) -> None:
        opened.append(path)
        enter(self, path)

    monkeypatch.setattr(Package, "__init__", counted)
    found = recalculate(file, out=file, force=True)
    assert opened == [file]
    assert [one.cell for one in found.mismatches] == ["sgd!E5"]
    assert found.saved is not None
    assert found.saved.cells == 1
    assert recalculate(file).passed
