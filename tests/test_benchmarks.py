"""The benchmarks run, and find out an engine that repeats what a file stores or gives other vectors."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def test_engines_agree_bit_for_bit() -> None:
    pytest.importorskip("ironcalc", reason="IronCalc is the engine beside ours here")
    pytest.importorskip("numba", reason="the recurrence is compiled here")
    command = [sys.executable, "adam.py", "--rows", "50", "--engines", "sheetsim compiled", "IronCalc"]
    run = subprocess.run(command, cwd=BENCHMARKS, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("bit for bit") == 3  # the plain loop's own, and both engines'


def test_planted_value_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    import adam
    import adam_sheet

    right = adam_sheet.plain_loop(*adam_sheet.data(50))[-1][adam_sheet.COLUMNS.index("I")]
    assert adam.verdict("right", right, right) == "bit for bit"
    with pytest.raises(SystemExit, match="lazy gave"):
        adam.verdict("lazy", adam_sheet.PLANTED, right)


def test_sheets_side_by_side() -> None:
    """Some sheets, small, in ours and in IronCalc: both right, so both have figures."""
    pytest.importorskip("ironcalc", reason="IronCalc is the engine beside ours here")
    command = [sys.executable, "side_by_side.py", "--scale", "0.001", "--engines", "sheetsim", "IronCalc"]
    command += ["--sheets", "onehot", "text"]
    run = subprocess.run(command, cwd=BENCHMARKS, capture_output=True, text=True, check=False, timeout=240)
    assert run.returncode == 0, run.stderr
    assert "wrong" not in run.stdout
    lines = [line for line in run.stdout.splitlines() if "  sheetsim  " in line or "  IronCalc  " in line]
    assert len(lines) == 4
    assert not any("over" in line for line in lines)


def test_wrong_values_get_no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each sheet the values that the file stores, and values that are off a little, are found wrong."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    from sheets import SHEETS
    from side_by_side import difference

    for name, sheet in SHEETS.items():
        right = sheet.expected(40)
        assert difference(right, list(right.values())) == "", name
        last = list(right)[-1]
        off = (
            {**right, last: right[last] * (1 + 1e-6) or 1e-6}
            if not isinstance(right[last], str)
            else {**right, last: ""}
        )
        assert difference(right, list(off.values())), name
        assert difference(right, [0.0 for _ in right]), name


def test_training_is_timed_beside_a_plain_loop() -> None:
    pytest.importorskip("torch", reason="both loops are torch's")
    command = [sys.executable, "fit.py", "--ratings", "3000", "--factors", "4", "--batches", "500"]
    command += ["--repeats", "1", "--epochs", "2"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}  # threads wait for each other where all are busy
    run = subprocess.run(
        command, cwd=BENCHMARKS, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert run.stderr == ""  # the exit code depends on the machine's load
    assert "nn.Embedding and autograd" in run.stdout
    assert "structure: noise 0.9 put in" in run.stdout


def test_lookups_beside_products(tmp_path: Path) -> None:
    """Every engine at every size, one-hot rows left out where they are too large, and a chart of it all."""
    command = [
        sys.executable,
        "embeddings.py",
        "--rows",
        "15",
        "100",
        "4000",
        "--lookups",
        "16",
        "--markdown",
    ]
    command += ["--gigabytes", "0.0005", "--chart", str(tmp_path / "chart.svg")]
    run = subprocess.run(command, cwd=BENCHMARKS, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stderr
    rows = [line.strip("| ").split(" | ") for line in run.stdout.splitlines()[2:]]
    assert {row[0] for row in rows} == {"15", "100", "4,000"}
    assert "NumPy" in {row[1] for row in rows}
    for row in rows:
        assert ("not run: one-hot rows of" in row[3]) == (row[0] == "4,000")
    engines = len({row[1] for row in rows})
    drawn = ET.parse(tmp_path / "chart.svg").getroot()
    curves = [one for one in drawn.iter() if one.get("stroke-width") == "2"]
    assert len(curves) == 2 * engines


def test_other_vectors_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    import argparse

    import embeddings

    task = embeddings.make_task(20, 4, 3, gigabytes=1)
    limits = argparse.Namespace(seconds=1.0, lookups=4)
    right = embeddings.Engine("right", embeddings.with_numpy, lambda found: found)
    row = embeddings.measure(right, task, None, limits)
    assert row.product is not None
    slow = embeddings.Row("right", 1, 1.0, 10.0)  # 20 times as many rows would be 200 s
    assert embeddings.measure(right, task, slow, limits).why == "about 200 s"
    wrong = embeddings.Engine("wrong", embeddings.with_numpy, lambda found: found + 1e-9)
    with pytest.raises(SystemExit, match="wrong: wrong vectors for a vocabulary of 20"):
        embeddings.measure(wrong, task, None, limits)


def test_a_chart_spreads_powers_of_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    from log_chart import Axis, Curve, draw

    axis = Axis([1.0, 1000.0], 0, 300)
    assert [round(axis.at(value)) for value in (1, 10, 1000)] == [0, 100, 300]
    assert axis.ticks() == [0, 1, 2, 3]
    drawn = draw("a < b", "x", "y", [Curve("one", [(1, 1e-3), (10, 1e-2)]), Curve("none", [])])
    assert "a &lt; b" in drawn
    assert ">none<" not in drawn
    with pytest.raises(ValueError, match="no curve"):
        draw("", "", "", [])
