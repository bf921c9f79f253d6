"""Running the command as users do, in a process of its own, in an empty folder."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """run("list", "--json"): the finished process, started in `tmp_path`."""

    def start(*words: str | Path, columns: int = 120) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "sheetsim", *map(str, words)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": str(columns)},
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return start


@pytest.fixture
def refused(run: Run, tmp_path: Path) -> Callable[..., str]:
    """refused("recalc", "none.xlsx"): the one line that was said; exit code 2, and no file was written."""

    def start(*words: str | Path) -> str:
        before = sorted(tmp_path.rglob("*"))
        done = run(*words)
        assert done.returncode == 2, done.stdout + done.stderr
        assert done.stdout == ""
        assert done.stderr.startswith("sheetsim: ")
        assert done.stderr.count("\n") == 1, done.stderr
        assert sorted(tmp_path.rglob("*")) == before
        return done.stderr.removeprefix("sheetsim: ").strip()

    return start
