"""The benchmark of the kernels runs on every machine, and its NumPy loop gives the kernels' bits."""

import subprocess
import sys
from pathlib import Path

import pytest

from sheetsim.gpu.compile import find_compiler
from sheetsim.gpu.device import no_gpu

SCRIPT = Path(__file__).parent.parent.parent / "benchmarks" / "kernels.py"


@pytest.mark.skipif(not find_compiler(), reason="no C++ compiler")
def test_benchmark_runs() -> None:
    command = [sys.executable, str(SCRIPT), "--runs", "5", "--parameters", "1000"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stderr
    assert "kernel on host" in run.stdout
    if no_gpu():
        assert run.stdout.splitlines()[-1] == f"fused step: not timed: {no_gpu()}"
