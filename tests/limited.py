"""Commands run as users run them, in a process that is watched: how long it took, how much memory.

done = run_limited("recalc", "book.xlsx", folder=tmp_path)
done.code, done.out, done.err, done.seconds, done.mebibytes
done.is_fair()      what is wanted of any file, whatever it holds
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SECONDS = 10
MEBIBYTES = 1024

needs_posix = pytest.mark.skipif(os.name != "posix", reason="processes are measured by wait4")


@dataclass(frozen=True)
class Done:
    """`code` as the shell shows it: 128 and the signal's number where one ended it."""

    code: int
    out: str
    err: str
    seconds: float  # of processor time, so that a busy machine fails no test
    mebibytes: float  # at its peak

    def is_fair(self) -> None:
        """Exit 0, 1 or 2, the last with one line and nothing else; no traceback; within time and memory."""
        assert self.code in (0, 1, 2), (self.code, self.seconds, self.err[-2000:])
        assert "Traceback" not in self.err, self.err[-2000:]
        if self.code == 2:
            assert self.out == ""
            assert self.err.startswith("sheetsim: ")
            assert self.err.count("\n") == 1, self.err
            assert len(self.err) < 1000
        assert self.seconds < SECONDS
        assert self.mebibytes < MEBIBYTES


def run_limited(*words: str | Path, folder: Path, seconds: float = 6 * SECONDS) -> Done:
    """`sheetsim WORDS` run in `folder`, ended after `seconds`."""
    return run_watched([sys.executable, "-m", "sheetsim", *map(str, words)], folder, seconds)


def run_watched(command: list[str], folder: Path, seconds: float = 6 * SECONDS) -> Done:
    """Any command. A small process starts it: a child's peak memory begins with its parent's, and pytest's is
    large."""
    figures = folder / ".figures"
    with open(folder / ".out", "w+b") as out, open(folder / ".err", "w+b") as err:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _WATCH, str(figures), *command],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            process.wait(seconds)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        out.seek(0)
        err.seek(0)
        said = out.read().decode("utf-8", "replace"), err.read().decode("utf-8", "replace")
    code, took, peak = figures.read_text().split()
    for file in (folder / ".out", folder / ".err", figures):
        file.unlink()
    scale = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Done(int(code), *said, float(took), int(peak) / scale)


_WATCH = """
import os, sys
figures, *command = sys.argv[1:]
_, status, usage = os.wait4(os.spawnv(os.P_NOWAIT, command[0], command), 0)
code = os.waitstatus_to_exitcode(status)
with open(figures, "w") as file:
    print(code if code >= 0 else 128 - code, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, file=file)
"""
