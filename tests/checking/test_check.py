"""`check` on real workbooks: exports of all lessons, copies edited by hand, LibreOffice's copies, and the
course's own graddesc.xlsm (saved by Excel). Each kind of fault is told apart and named by its cell."""

import importlib.util
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sheetsim.address import column_name, parse_cell
from sheetsim.checking import ironcalc, libreoffice
from sheetsim.checking.judges import JUDGES
from sheetsim.checking.outcome import ELSEWHERE, FAILED, SKIPPED
from sheetsim.checking.run import check
from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.catalogue import FAMILIES
from sheetsim.lessons.kit.export import export
from sheetsim.public_lesson import lesson
from sheetsim.values import ExcelError
from sheetsim.xlsx.read.workbook import read_workbook
from tests.checking.conftest import Exported
from tests.checking.packages import edit_cell, rewrite, strip_values

QUICK = "recalc,arrays"
Save = Callable[[Path], Path]

DESCENTS = FAMILIES["Gradient descent"]
"""Predictions stand in E there; tests/lessons/test_every_lesson.py changes a cell of every lesson."""


def installed(*names: str) -> str:
    """Of these judges those that this machine has, as `against` takes them."""
    return ",".join(name for name in names if JUDGES[name].missing() is None)


# -- what is right passes


@pytest.mark.parametrize("name", ["sgd", "adam", "adam_ann", "weight_decay"])
def test_libreoffices_copy_passes(exported: Exported, saved_by_libreoffice: Save, name: str) -> None:
    found = check(
        saved_by_libreoffice(exported(name)), against=installed("recalc", "arrays", "torch", "kernel")
    )
    assert found.passed, found
    assert found.notes == []


def test_a_changed_lr_and_x_saved_by_libreoffice_pass(
    exported: Exported, saved_by_libreoffice: Save, tmp_path: Path
) -> None:
    changed = edit_cell(exported("adam"), tmp_path / "a.xlsx", "adam", "D2", value="0.2")
    changed = edit_cell(changed, tmp_path / "b.xlsx", "adam", "A10", value="50")
    found = check(saved_by_libreoffice(changed), against=installed("recalc", "arrays", "torch", "kernel"))
    assert found.passed, found


@pytest.mark.parametrize("name", ["sgd", "momentum", "rmsprop", "adam", "adam_ann"])
def test_the_courses_own_sheets_pass(lessons_dir: Path, name: str) -> None:
    sheet = lesson(name).original_sheet
    found = check(lessons_dir / "course-v3" / "graddesc.xlsm", model=name, sheet=sheet)
    assert found.passed, found
    for judge in found.judges:
        if judge.name in ("recalc", "arrays", "kernel") and judge.status != SKIPPED:
            assert judge.bit_identical == judge.cells, judge.name
    blocks = {block.name for block in found["arrays"].blocks}
    assert blocks == {block.name for block in found["recalc"].blocks} - {ELSEWHERE}
    assert all(block.sheet == sheet for block in found["arrays"].blocks)
    assert {"lesson.param", "lesson.pred", "lesson.grad", "lesson.step"} <= blocks


def test_torch_on_the_courses_adam_sheet_is_as_near_as_expected(lessons_dir: Path) -> None:
    pytest.importorskip("torch")
    found = check(lessons_dir / "course-v3" / "graddesc.xlsm", model="adam", against="torch")["torch"]
    step_cells = [block for block in found.blocks if block.name != "lesson.start"]
    assert sum(block.cells for block in step_cells) == 319
    assert sum(block.bit_identical for block in step_cells) >= 260
    assert found.max_ulp <= 16


def test_rounding_carried_on_is_told_from_another_rule(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    path = export(lesson("adam"), tmp_path / "long.xlsx", settings={"rows": 100, "epochs": 20})
    found = check(path, against="arrays,torch")
    assert found.passed, found
    assert found["arrays"].bit_identical == found["arrays"].cells
    assert found["torch"].by_rounding > 0
    strict = check(path, against="torch", rtol=1e-12)
    assert not strict.passed
    assert strict["torch"].by_rounding == 0
    # and in a long run, too, another rule does not pass as rounding
    changed = edit_cell(path, tmp_path / "rule.xlsx", "adam torch", "N5", value="0.5")
    assert not check(changed, against="torch").passed


# -- what is wrong fails and is named


@pytest.mark.parametrize("judge", list(JUDGES))
def test_every_judge_sees_one_corrupted_cell(exported: Exported, tmp_path: Path, judge: str) -> None:
    missing = JUDGES[judge].missing()
    if missing:
        pytest.skip(missing)
    changed = edit_cell(exported("adam"), tmp_path / "adam.xlsx", "adam", "E20", value="123.456")
    found = check(changed, against=judge)
    assert found[judge].status == FAILED
    assert [(one.cell, one.against, one.stored) for one in found.mismatches] == [("adam!E20", judge, 123.456)]
    assert found.following == 0
    assert "not recalculated" in found.mismatches[0].cause
    assert [block.name for block in found[judge].blocks if not block.passed] == ["lesson.pred"]


def test_a_changed_cell_late_in_a_long_run_is_no_rounding(tmp_path: Path) -> None:
    """After 11,000 steps rounding in another order may have moved Adam's values far; one cell that leaves the
    rest of its row where it was is a fault all the same: a prediction (E, about 40), a momentum (J, 1e-5)."""
    path = export(lesson("adam"), tmp_path / "long.xlsx", settings={"epochs": 400})
    sheet = read_workbook(path)["adam torch"]
    for cell in ("E11400", "J11001"):
        value = sheet.value(cell)
        assert isinstance(value, float)
        changed = edit_cell(path, tmp_path / "one.xlsx", "adam torch", cell, value=repr(value * 1.001))
        found = check(changed, against=QUICK)
        assert found["arrays"].status == found["recalc"].status == FAILED, cell
        assert {one.cell for one in found.mismatches} == {f"'adam torch'!{cell}"}


@pytest.mark.parametrize("name", DESCENTS)
def test_a_changed_cell_is_found_in_every_descent(exported: Exported, tmp_path: Path, name: str) -> None:
    changed = edit_cell(exported(name), tmp_path / "changed.xlsx", name, "E10", value="0.5")
    found = check(changed, against=QUICK)
    assert [one.cell for one in found.mismatches] == [f"{name}!E10"]
    assert found["arrays"].status == found["recalc"].status == FAILED


@pytest.mark.parametrize("name", DESCENTS)
def test_a_changed_formula_is_found_in_every_descent(
    exported: Exported, saved_by_libreoffice: Save, tmp_path: Path, name: str
) -> None:
    changed = edit_cell(exported(name), tmp_path / f"{name}.xlsx", name, "E10", formula="C10+D10*A10+1")
    left = check(changed, against=QUICK)
    assert left["recalc"].status == FAILED
    recalculated = check(saved_by_libreoffice(changed), against=QUICK)
    assert recalculated["arrays"].status == FAILED
    for found in (left, recalculated):
        first = found.mismatches[0]
        assert first.cell == f"{name}!E10"
        assert first.formula == "C10+D10*A10+1"
        assert first.expected
        assert first.cause.startswith("another formula: =C10+D10*A10+1 where the lesson has =")


def test_a_typed_value_is_named_with_the_formula_that_it_hides(
    exported: Exported, saved_by_libreoffice: Save, tmp_path: Path
) -> None:
    changed = edit_cell(exported("adam"), tmp_path / "a.xlsx", "adam", "J12", drop_formula=True, value="7")
    found = check(saved_by_libreoffice(changed), against=QUICK)
    assert not found.passed
    (first,) = found.mismatches
    assert (first.cell, first.formula, first.stored) == ("adam!J12", None, 7.0)
    assert first.cause == "typed over: the lesson has =J11*$J$1+$K$1*F12 here"
    assert found.following > 100  # all rows below


def test_a_changed_helper_cell_is_the_cause_of_all_that_follows(
    exported: Exported, saved_by_libreoffice: Save, tmp_path: Path
) -> None:
    changed = edit_cell(exported("adam"), tmp_path / "a.xlsx", "adam", "K1", formula="1-J1*J1")
    found = check(saved_by_libreoffice(changed), against=QUICK)
    assert not found.passed
    assert [(one.cell, one.expected) for one in found.mismatches] == [("adam!K1", "1-J1")]


def test_torchs_rule_in_the_lessons_table_is_recognised(
    exported: Exported, saved_by_libreoffice: Save, tmp_path: Path
) -> None:
    rule = "$J$1*J9+(1-$L$1)*F10"  # as the torch sheet has it; L1, the dampening there, is blank here
    changed = edit_cell(exported("momentum"), tmp_path / "a.xlsx", "momentum", "J10", formula=rule)
    found = check(saved_by_libreoffice(changed), against=QUICK)
    assert found.mismatches[0].cell == "momentum!J10"
    assert f"that is torch's rule. {lesson('momentum').conventions}" in found.mismatches[0].cause


@pytest.mark.parametrize(
    ("cell", "change", "note"),
    [
        ("J12", {"drop_formula": True}, "adam!J12: typed over"),
        ("E20", {"formula": "A20*D20+C20"}, "adam!E20: another formula: =A20*D20+C20"),
    ],
)
def test_what_gives_the_same_value_passes_with_a_note(
    exported: Exported, tmp_path: Path, cell: str, change: dict[str, object], note: str
) -> None:
    found = check(edit_cell(exported("adam"), tmp_path / "a.xlsx", "adam", cell, **change), against=QUICK)  # type: ignore[arg-type]
    assert found.passed
    (said,) = found.notes
    assert said.startswith(note)
    assert said.endswith("it gives the same value")


def test_a_changed_input_that_nobody_recalculated_is_stale(exported: Exported, tmp_path: Path) -> None:
    found = check(edit_cell(exported("adam"), tmp_path / "a.xlsx", "adam", "D2", value="0.2"), against=QUICK)
    assert not found.passed
    assert all("not recalculated" in one.cause for one in found.mismatches)
    assert "adam!H4" in [one.cell for one in found.mismatches]  # the first cell that reads lr
    assert "adam!H3" not in [one.cell for one in found.mismatches]
    assert found.following > 5000


def test_a_file_without_stored_values_says_so(exported: Exported, tmp_path: Path) -> None:
    found = check(strip_values(exported("adam"), tmp_path / "a.xlsx", "adam"), against=QUICK)
    assert not found.passed
    assert found.mismatches[0].cause.startswith("no stored value")
    assert found.mismatches[0].stored is None


# -- moved, renamed and deleted


def with_rows_and_columns_inserted(path: Path, out: Path) -> Path:
    """The adam workbook with two rows and a column inserted before all else on its lesson's sheet: formulas
    follow by IronCalc's engine; defined names, which it leaves where they are, by hand."""
    engine = pytest.importorskip("ironcalc")
    model = engine.load_from_xlsx(str(path))
    sheet = [properties["name"] for properties in model.get_worksheets_properties()].index("adam")
    model.insert_rows(sheet, 1, 2)
    model.insert_columns(sheet, 1, 1)
    model.evaluate()
    model.save_to_xlsx(str(out.with_suffix(".raw.xlsx")))

    def move(text: str) -> str:
        def cell(found: re.Match[str]) -> str:
            row, column = parse_cell(found[0])
            return f"${column_name(column + 1)}${row + 3}"

        return re.sub(r">adam![^<]*<", lambda name: re.sub(r"\$[A-Z]+\$[0-9]+", cell, name[0]), text)

    return rewrite(out.with_suffix(".raw.xlsx"), out, "xl/workbook.xml", move)


def test_inserted_rows_and_columns_are_followed(exported: Exported, tmp_path: Path) -> None:
    moved = with_rows_and_columns_inserted(exported("adam"), tmp_path / "moved.xlsx")
    found = check(moved, against="recalc,arrays")
    assert found.passed, found
    assert found.notes == []  # every formula is the lesson's, moved
    grad = next(block for block in found["arrays"].blocks if block.name == "lesson.grad")
    assert str(grad.rect) == "G6:H34"
    changed = edit_cell(moved, tmp_path / "b.xlsx", "adam", "G10", formula="3*(E10*B10+D10-C10)")
    (first,) = check(changed, against="recalc").mismatches
    assert (first.cell, first.expected) == ("adam!G10", "2*(E10*B10+D10-C10)")


def test_a_renamed_sheet_is_followed_by_its_names(exported: Exported, tmp_path: Path) -> None:
    def rename(text: str) -> str:
        return text.replace('name="adam summary"', 'name="results"').replace("'adam summary'!", "results!")

    renamed = rewrite(exported("adam"), tmp_path / "a.xlsx", "xl/workbook.xml", rename)
    found = check(renamed, against="arrays")
    assert found.passed
    summary = next(block for block in found["arrays"].blocks if block.name == "summary.lesson")
    assert summary.sheet == "results"


def test_without_its_names_a_block_is_found_where_the_lesson_has_it(
    exported: Exported, tmp_path: Path
) -> None:
    def drop(text: str) -> str:
        start = text.index('<definedName name="adam.lesson.grad"')
        end = text.index("</definedName>", start) + len("</definedName>")
        return text[:start] + text[end:]

    found = check(rewrite(exported("adam"), tmp_path / "a.xlsx", "xl/workbook.xml", drop), against="arrays")
    assert found.passed
    assert "lesson.grad" in {block.name for block in found["arrays"].blocks}


# -- requests that cannot be met


@pytest.mark.parametrize(
    ("cell", "value", "said"),
    [
        ("D2", "-1", "adam!D2 (lr): lr=-1.0: lr must be above 0 and below 1000000"),
        ("J1", "1.5", "adam!J1 (beta1): beta1=1.5: beta1 must be at least 0"),
    ],
)
def test_an_input_out_of_limits(exported: Exported, tmp_path: Path, cell: str, value: str, said: str) -> None:
    changed = edit_cell(exported("adam"), tmp_path / "a.xlsx", "adam", cell, value=value)
    with pytest.raises(SheetsimError) as caught:
        check(changed, against=QUICK)
    assert said in str(caught.value)


def test_an_input_that_is_blank(exported: Exported, tmp_path: Path) -> None:
    changed = edit_cell(exported("adam"), tmp_path / "a.xlsx", "adam", "B7", drop_value=True)
    with pytest.raises(SheetsimError, match=r"adam!B7 \(y\) is blank; a number is needed"):
        check(changed, against=QUICK)


def test_a_workbook_of_no_lesson(lessons_dir: Path) -> None:
    path = lessons_dir / "course-v3" / "graddesc.xlsm"
    for options, said in [
        ({}, "nothing in the file says of which lesson it is; choose with --model"),
        ({"model": "adm"}, "no lesson 'adm'; did you mean 'adam'?"),
        ({"model": "adamw"}, "the course has no sheet of it; choose a sheet with --sheet"),
        ({"model": "adam", "sheet": "Adam2"}, "no sheet 'Adam2'; there are Sheet1, data, basic"),
        ({"model": "adam", "sheet": "Sheet1"}, "sheet Sheet1: rows=0"),
        ({"model": "adam", "against": "numpy"}, "no judge 'numpy'"),
        ({"model": "adam", "rtol": 1.5}, "--rtol 1.5"),
        ({"model": "adam", "rtol": float("nan")}, "--rtol nan"),
    ]:
        with pytest.raises(SheetsimError) as caught:
            check(path, **options)  # type: ignore[arg-type]
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_judge_that_is_missing(exported: Exported, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torch" else find(name))
    monkeypatch.setattr(libreoffice, "program", lambda: None)
    monkeypatch.setattr(ironcalc, "installed", lambda: False)
    with pytest.raises(SheetsimError, match="--against torch: PyTorch is not installed: pip install"):
        check(exported("sgd"), against="arrays,torch")
    found = check(exported("sgd"))
    for name in ("torch", "libreoffice", "ironcalc"):
        assert found[name].status == SKIPPED
        assert "not installed" in found[name].reason
    assert found.passed


# -- the report


def test_json_says_all_and_nothing_that_json_cannot_say(exported: Exported, tmp_path: Path) -> None:
    changed = edit_cell(exported("adam"), tmp_path / "a.xlsx", "adam", "E20", drop_value=True)
    report = json.loads(json.dumps(check(changed, against=QUICK).as_json(), allow_nan=False))
    assert report["schema"] == "sheetsim.check/1"
    assert (report["file"], report["model"], report["passed"]) == (os.fspath(changed), "adam", False)
    arrays = report["against"]["arrays"]
    assert arrays["status"] == "failed"
    assert {"reason", "device", "cells", "bit_identical", "max_ulp", "max_rel", "blocks"} <= set(arrays)
    (wrong,) = [block for block in arrays["blocks"] if not block["passed"]]
    assert (wrong["name"], wrong["sheet"], wrong["range"], wrong["cells"]) == (
        "lesson.pred",
        "adam",
        "E4:E32",
        29,
    )
    (mismatch,) = report["mismatches"]
    assert (mismatch["cell"], mismatch["stored"], mismatch["rel"]) == ("adam!E20", None, None)
    assert mismatch["formula"].startswith("=")


def test_the_device_is_told(exported: Exported) -> None:
    if JUDGES["kernel"].missing():
        pytest.skip(str(JUDGES["kernel"].missing()))
    found = check(exported("sgd"), against="kernel")
    assert found["kernel"].device in ("cuda:0", "host")


def test_a_sheet_that_was_deleted_is_left_out(exported: Exported, tmp_path: Path) -> None:
    def delete(text: str) -> str:
        text = re.sub(r"<definedName [^>]*localSheetId[^>]*>.*?</definedName>", "", text)
        text = re.sub(r">'adam torch'![^<]*<", ">#REF!<", text)
        return re.sub(r'<sheet name="adam torch"[^>]*/>', "", text)

    left = rewrite(exported("adam"), tmp_path / "a.xlsx", "xl/workbook.xml", delete)
    found = check(left, against="arrays")
    assert found.passed
    assert found.notes == ["the sheet adam torch is gone: what stood on it is not checked"]
    names = {block.name for block in found["arrays"].blocks}
    assert "lesson.step" in names
    assert not {name for name in names if "torch" in name}


def test_a_name_that_has_lost_rows(exported: Exported, tmp_path: Path) -> None:
    def shrink(text: str) -> str:
        return text.replace("adam!$A$4:$A$32", "adam!$A$4:$A$31")

    changed = rewrite(exported("adam"), tmp_path / "a.xlsx", "xl/workbook.xml", shrink)
    with pytest.raises(SheetsimError, match="were rows inserted or deleted"):
        check(changed, against=QUICK)


def test_an_export_s_sheet_by_itself_is_taken_with_the_state_it_shows(exported: Exported) -> None:
    outcome = check(exported("adam"), model="adam", sheet="adam", against=["arrays", "kernel"])
    assert outcome.passed
    assert "arrays" in repr(outcome)
    assert len(repr(outcome)) < 300


def test_a_learning_rate_that_runs_away_is_no_fault_of_the_file(tmp_path: Path) -> None:
    """IronCalc calls an overflow #DIV/0!, Excel #NUM!."""
    path = lesson("sgd").export(tmp_path / "sgd.xlsx", lr=0.05)
    shown = read_workbook(path)["sgd epochs"].block("C4:N264")
    assert ExcelError.NUM in {value for row in shown.tolist() for value in row}
    assert check(path, against=installed("recalc", "arrays", "ironcalc")).passed
