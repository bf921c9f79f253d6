"""Cases run in a process of its own, watched: no Python exception, no hang, bounded memory.

    with Workers(2) as workers:
        for case, verdict in workers.run(cases):
            verdict.kind        "fine", "refused" (one line), "crash", "hang" or "memory"; verdict.text: why

A case is a JSON object: {"file": path} is recalculated as the command does it, with a copy saved;
{"formulas": [[text, is an array formula], ...]} are put into a sheet of odd values and computed.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).parents[2]
SECONDS = 10.0  # of processor time
PATIENCE = 300.0  # of the clock, for what no signal ends, on a busy machine
MEBIBYTES = 1024


@dataclass(frozen=True)
class Verdict:
    kind: str
    text: str
    seconds: float

    @property
    def bad(self) -> bool:
        return self.kind not in ("fine", "refused")


class Workers:
    """So many processes, each given one case after another, and replaced where it had to be ended."""

    def __init__(self, count: int) -> None:
        self._processes: list[subprocess.Popen[str]] = [self._start() for _ in range(count)]

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.communicate()

    def run(self, cases: Iterable[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], Verdict]]:
        """Each case with its verdict, in the order in which they are done."""
        waiting = iter(cases)
        running: dict[int, tuple[dict[str, Any], float]] = {}
        with selectors.DefaultSelector() as selector:
            for place in range(len(self._processes)):
                self._next(place, waiting, running, selector)
            while running:
                ready = {key.data for key, _ in selector.select(1.0)}
                for place, (case, since) in list(running.items()):
                    process = self._processes[place]
                    if place in ready:
                        assert process.stdout
                        verdict = _verdict(process.stdout.readline())
                    elif time.monotonic() - since > PATIENCE:
                        verdict = Verdict("hang", f"not done after {PATIENCE:g} s", PATIENCE)
                    else:
                        continue
                    selector.unregister(process.stdout)  # type: ignore[arg-type]
                    if verdict.bad:  # its memory, and what it may have spoiled, go with it
                        process.kill()
                        process.communicate()
                        self._processes[place] = self._start()
                    del running[place]
                    yield case, verdict
                    self._next(place, waiting, running, selector)

    def _next(
        self,
        place: int,
        waiting: Iterator[dict[str, Any]],
        running: dict[int, tuple[dict[str, Any], float]],
        selector: selectors.BaseSelector,
    ) -> None:
        case = next(waiting, None)
        if case is None:
            return
        process = self._processes[place]
        assert process.stdin
        process.stdin.write(json.dumps(case) + "\n")
        process.stdin.flush()
        running[place] = case, time.monotonic()
        selector.register(process.stdout, selectors.EVENT_READ, place)  # type: ignore[arg-type]

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.worker"],
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


def _verdict(line: str) -> Verdict:
    if not line:
        return Verdict("crash", "the process ended", 0.0)
    return Verdict(**json.loads(line))


# -- in the process


def _work(case: dict[str, Any]) -> tuple[str, str]:
    from sheetsim.errors import SheetsimError

    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        if "file" in case:
            _file(case["file"])
        else:
            _formulas(case["formulas"])
    except SheetsimError as refusal:
        line = str(refusal)
        return ("refused", line) if "\n" not in line else ("crash", f"a refusal of two lines: {line!r}")
    except TooLong:
        return "hang", traceback.format_exc()
    except Exception:  # noqa: BLE001 - that is what is looked for
        return "crash", traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return "fine", ""


class TooLong(BaseException):
    """The processor time is spent; its traceback says on what."""


def _too_long(number: int, frame: FrameType | None) -> None:
    raise TooLong


def _file(path: str) -> None:
    from sheetsim.checking.recalc import recalculate
    from sheetsim.checking.report import recalculation_lines

    copy = Path(path).with_name("copy " + Path(path).name)
    try:
        found = recalculate(path, out=str(copy), force=True)
        "\n".join(recalculation_lines(found, 20))
        json.dumps(found.as_json(), allow_nan=False)
    finally:
        copy.unlink(missing_ok=True)


def _formulas(formulas: list[tuple[str, bool]]) -> None:
    from sheetsim.plan.schedule import make_plan
    from sheetsim.run.execute import calculate
    from tests.fuzz.formulas import book_of

    book = book_of(formulas)
    calculation = calculate(book, make_plan(book, redraw=True), seed=1)
    for sheet in book.sheets:
        if sheet.used:
            calculation.block(sheet.name, sheet.used).tolist()


def _peak() -> float:
    """The most memory that this process has held, in MiB. Not what `getrusage` says: that goes on from the
    process that started this one, which may be a large one."""
    status = Path("/proc/self/status")
    if not status.exists():  # macOS, where it starts anew
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    lines = status.read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def main() -> None:
    answers, sys.stdout = sys.stdout, sys.stderr
    signal.signal(signal.SIGPROF, _too_long)
    for line in sys.stdin:
        before = time.process_time()
        kind, text = _work(json.loads(line))
        seconds = time.process_time() - before
        peak = _peak()
        if kind in ("fine", "refused") and seconds > SECONDS:
            kind, text = "hang", f"{seconds:.1f} s of processor time"
        elif kind in ("fine", "refused") and peak > MEBIBYTES:
            kind, text = "memory", f"{peak:.0f} MiB"
        print(json.dumps({"kind": kind, "text": text, "seconds": seconds}), file=answers, flush=True)


if __name__ == "__main__":
    main()
