"""`export`, `recalc` and `check` as a user runs them: what they print, their exit codes, and bad input."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sheetsim.address import Rect
from sheetsim.xlsx.read.workbook import read_workbook
from tests.checking.packages import edit_cell
from tests.cli.conftest import Run

Refused = Callable[..., str]


def test_export_recalc_check(run: Run, tmp_path: Path) -> None:
    done = run("export", "adam.xlsx")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("adam.xlsx: Adam")

    done = run("recalc", "adam.xlsx")
    assert (done.returncode, done.stderr) == (0, "")
    assert "agree" in done.stdout

    done = run("check", "adam.xlsx", "--against", "recalc,arrays")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("adam.xlsx (adam): passed\n")
    assert "lesson.grad" in done.stdout

    edit_cell(tmp_path / "adam.xlsx", tmp_path / "changed.xlsx", "adam", "E20", value="0.5")
    done = run("check", "changed.xlsx", "--against", "recalc,arrays")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("changed.xlsx (adam): failed\n")
    assert "adam!E20" in done.stdout
    assert "stored    0.5" in done.stdout
    done = run("recalc", "changed.xlsx")
    assert (done.returncode, done.stderr) == (1, "")
    assert "adam!E20: =C20+D20*A20 gives" in done.stdout


def test_the_same_request_gives_the_same_bytes(run: Run, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        assert run("export", name, "--model", "sgd", "--set", "lr=0.0002", "--rows", "12").returncode == 0
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_json_reports(run: Run) -> None:
    run("export", "sgd.xlsx", "--epochs", "2", "--quiet")
    report = json.loads(run("recalc", "sgd.xlsx", "--json").stdout)
    assert report["schema"] == "sheetsim.recalc/1"
    assert report["cells"] == report["agree"] == report["bit_identical"] > 500
    assert set(report) == {
        *("schema", "file", "cells", "agree", "bit_identical", "volatile", "without_value", "unsupported"),
        "mismatches",
        "seconds",
    }
    report = json.loads(run("check", "sgd.xlsx", "--against", "arrays", "--json").stdout)
    assert report["schema"] == "sheetsim.check/1"
    assert (report["passed"], report["model"], list(report["against"])) == (True, "sgd", ["arrays"])


def test_settings_reach_the_workbook(run: Run, tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("x,y\n1,32\n2,34\n5,40.5\n")
    words = [
        "--model",
        "adam",
        "--set",
        "lr=0.25",
        "--set",
        "beta1=0.8",
        "--epochs",
        "3",
        "--data",
        "points.csv",
    ]
    assert run("export", "mine.xlsx", *words).returncode == 0
    from sheetsim import read

    book = read(tmp_path / "mine.xlsx")
    assert book["adam"]["A4:B6"].tolist() == [[1, 32], [2, 34], [5, 40.5]]
    assert [book["adam"][cell][0, 0] for cell in ("D2", "J1")] == [0.25, 0.8]
    assert run("check", "mine.xlsx", "--against", "arrays").returncode == 0


def test_quiet(run: Run, tmp_path: Path) -> None:
    for words in (
        ["export", "sgd.xlsx", "--quiet"],
        ["recalc", "sgd.xlsx", "-q"],
        ["check", "sgd.xlsx", "-q", "--against", "arrays"],
    ):
        done = run(*words)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_table_fits_into_eighty_columns(run: Run) -> None:
    run("export", "sgd.xlsx", "--epochs", "2")
    done = run("check", "sgd.xlsx", columns=80)
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    assert "…" not in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["adam.xlsx", "--set", "lr=abc"], "lr=abc: lr is a number, like 0.1"),
        (["adam.xlsx", "--set", "beta1=1.5"], "beta1=1.5: beta1 must be at least 0 and at most 0.9999"),
        (["adam.xlsx", "--rows", "2000000"], "rows=2000000: rows must be at least 2 and at most 1048568"),
        (["adam.xlsx", "--rows", "ten"], "rows=ten: rows is a number"),
        (["adam.xlsx", "--epochs", "0"], "epochs=0: epochs must be at least 1"),
        (["adam.xlsx", "--filters", "sobel"], "adam has no parameter 'filters'"),
        (["conv.xlsx", "--filters", "blur"], "filters is one of edges, sobel, random"),
        (["conv.xlsx", "--filters", "sobel", "--set", "filters=edges"], "give one of them"),
        (["conv.xlsx", "--index", "3"], "--index 3: it says which picture of --idx FILE"),
        (["conv.xlsx", "--image", "none.png"], "none.png: cannot be read"),
        (["adam.xlsx", "--set", "Beta1=0.9"], "adam has no parameter 'Beta1'; did you mean 'beta1'?"),
        (["adam.xlsx", "--set", "lr"], "--set lr: it reads KEY=VALUE, like lr=0.1"),
        (["adam.xlsx", "--set", "=1"], "--set =1: it reads KEY=VALUE"),
        (["adam.xlsx", "--set", "lr=1", "--set", "lr=2"], "--set lr is given twice, as 1 and as 2"),
        (["adam.xlsx", "--set", "rows=5", "--rows", "6"], "--rows 6 and --set rows=5: give one of them"),
        (["a.xlsx", "--model", "adm"], "no lesson 'adm'; did you mean 'adam'?"),
        (["adm.xlsx"], "adm.xlsx: no lesson 'adm'; did you mean 'adam'? (--model NAME chooses one)"),
        (["my work.xlsx"], "my work.xlsx: no lesson 'my work'; there are sgd, momentum,"),
        (["adam.xlsx", "--data", "none.csv"], "none.csv: "),
        (["folder/adam.xlsx"], "folder"),
    ],
)
def test_export_of_a_bad_request(refused: Refused, words: list[str], said: str) -> None:
    assert said in refused("export", *words)


def test_a_file_is_overwritten_only_with_force(refused: Refused, run: Run, tmp_path: Path) -> None:
    (tmp_path / "adam.xlsx").write_text("mine")
    assert "--force" in refused("export", "adam.xlsx")
    assert (tmp_path / "adam.xlsx").read_text() == "mine"
    assert run("export", "adam.xlsx", "--force").returncode == 0
    assert (tmp_path / "adam.xlsx").read_bytes()[:2] == b"PK"


def test_points_with_text_in_y(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("x,y\n1,32\n2,many\n")
    said = refused("export", "adam.xlsx", "--data", "points.csv")
    assert said.startswith("points.csv: line 3")
    assert "many" in said


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=stat.S_IRUSR | stat.S_IXUSR)
    assert "locked" in refused("export", "locked/adam.xlsx")


def test_a_folder_that_cannot_be_written_even_by_root(run: Run, tmp_path: Path) -> None:
    if not Path("/proc/self").exists():
        pytest.skip("needs /proc, where nobody may write")
    done = run("export", "/proc/self/adam.xlsx")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("sheetsim: /proc/self/adam.xlsx")
    assert done.stderr.count("\n") == 1


BAD_FILES = {
    "missing": None,
    "empty": b"",
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    "a truncated zip": b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00",
    "text": b"x,y\n1,2\n",
}


@pytest.mark.parametrize("command", ["recalc", "check"])
@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_file_that_is_no_workbook(refused: Refused, tmp_path: Path, command: str, kind: str) -> None:
    content = BAD_FILES[kind]
    if content is not None:
        (tmp_path / "bad.xlsx").write_bytes(content)
    assert refused(command, "bad.xlsx").startswith("bad.xlsx: ")
    refused(command, "bad.xlsx", "--json")


@pytest.mark.parametrize("command", ["recalc", "check"])
def test_a_folder_is_no_workbook(refused: Refused, tmp_path: Path, command: str) -> None:
    (tmp_path / "folder.xlsx").mkdir()
    assert refused(command, "folder.xlsx").startswith("folder.xlsx: ")


def test_a_real_workbook_cut_short(refused: Refused, run: Run, tmp_path: Path) -> None:
    run("export", "sgd.xlsx", "-q")
    whole = (tmp_path / "sgd.xlsx").read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    for command in ("recalc", "check"):
        assert refused(command, "cut.xlsx").startswith("cut.xlsx: ")


def test_export_of_filters_and_of_a_picture(run: Run, tmp_path: Path) -> None:
    pixels = np.zeros((28, 28), np.uint8)
    pixels[5:9, 3:20] = 255
    Image.fromarray(255 - pixels).save(tmp_path / "stroke.png")
    done = run("export", "conv.xlsx", "--filters", "sobel", "--image", "stroke.png")
    assert done.returncode == 0, done.stderr
    assert "note: stroke.png: dark on light, turned into light on dark" in done.stdout
    sheet = read_workbook(tmp_path / "conv.xlsx")["conv"]
    assert sheet.value("AF3") == "sobel"
    assert (sheet.block(Rect.parse("A2:AB29")).numbers * 255 == pixels).all()


def test_check_of_a_bad_request(refused: Refused, run: Run) -> None:
    run("export", "sgd.xlsx", "--epochs", "1", "-q")
    assert "no judge 'numpy'" in refused("check", "sgd.xlsx", "--against", "numpy")
    assert "--rtol 2" in refused("check", "sgd.xlsx", "--rtol", "2")
    assert "did you mean 'adam'?" in refused("check", "sgd.xlsx", "--model", "adan")
    assert "--volatile redraw" in refused("recalc", "sgd.xlsx", "--seed", "1")


def test_recalc_saves_a_copy(run: Run, refused: Refused, tmp_path: Path) -> None:
    run("export", "adam.xlsx", "--quiet")
    edit_cell(tmp_path / "adam.xlsx", tmp_path / "stale.xlsx", "adam", "E20", value="0.5")
    done = run("recalc", "stale.xlsx", "-o", "fresh.xlsx")
    assert (done.returncode, done.stderr) == (1, "")
    assert "adam!E20: =C20+D20*A20 gives" in done.stdout
    assert "fresh.xlsx: saved, 1 values changed on adam\n" in done.stdout
    report = json.loads(run("recalc", "fresh.xlsx", "-o", "again.xlsx", "--json").stdout)
    assert report["bit_identical"] == report["cells"]
    assert report["saved"] == {"file": "again.xlsx", "changed_cells": 0, "changed_sheets": []}
    assert (tmp_path / "again.xlsx").read_bytes() == (tmp_path / "fresh.xlsx").read_bytes()

    assert "is there already (--force" in refused("recalc", "stale.xlsx", "-o", "fresh.xlsx")
    assert "is the file that is read (--force" in refused("recalc", "stale.xlsx", "-o", "stale.xlsx")
    assert "ends in .xlsx" in refused("recalc", "stale.xlsx", "-o", "fresh.ods")
    assert "--force is for -o" in refused("recalc", "stale.xlsx", "--force")
    assert "no such file" in refused("recalc", "none.xlsx", "-o", "new.xlsx")
    (tmp_path / "bad.xlsx").write_bytes((tmp_path / "adam.xlsx").read_bytes()[:20_000])
    refused("recalc", "bad.xlsx", "-o", "new.xlsx")
    assert run("recalc", "stale.xlsx", "-o", "stale.xlsx", "--force", "--quiet").returncode == 1
    assert (tmp_path / "stale.xlsx").read_bytes() == (tmp_path / "fresh.xlsx").read_bytes()
