"""The benchmark of the Adam sheet runs, and finds out an engine that only repeats what the file stores."""

import os
import subprocess
import sys
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
