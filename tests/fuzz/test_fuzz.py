"""Workbooks changed at random and formulas made at random: no Python exception, no hang, bounded memory.

Three hundred cases of one seed; `mutate.py` runs as many as one likes.
"""

import random
import sys
from pathlib import Path

import pytest

from sheetsim.functions import FUNCTIONS
from tests.fuzz.formulas import formula_of, make_formulas
from tests.fuzz.mutate import cases, told
from tests.fuzz.workbooks import mutated
from tests.fuzz.worker import Verdict, Workers
from tests.xlsx.packages import parts_of, sheet_xml

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are measured as POSIX does")


def finds(wanted: int, kind: str, folder: Path) -> list[str]:
    found, done = [], 0
    with Workers(1) as workers:
        for case, verdict in workers.run(cases(2026, range(wanted), kind, folder)):
            done += 1
            if verdict.bad:
                found.append(told(case, verdict))
            if "file" in case:
                Path(case["file"]).unlink()
    assert done > wanted * 0.9
    return found


def test_workbooks_changed_at_random(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SHEETSIM_FUNCTIONS", "SHEETSIM_CASES", "SHEETSIM_HOSTILE", "SHEETSIM_LESSONS"):
        monkeypatch.delenv(name, raising=False)  # the same cases everywhere
    assert finds(200, "workbooks", tmp_path) == []


def test_formulas_made_at_random(tmp_path: Path) -> None:
    assert finds(100, "formulas", tmp_path) == []


def test_every_function_with_odd_arguments() -> None:
    chance = random.Random(2026)
    names = sorted(FUNCTIONS)
    batches = [
        [
            (formula_of(chance, name), chance.random() < 0.3)
            for name in names[start : start + 10]
            for _ in range(3)
        ]
        for start in range(0, len(names), 10)
    ]
    with Workers(1) as workers:
        done = list(workers.run({"case": str(n), "formulas": batch} for n, batch in enumerate(batches)))
    assert [told(case, verdict) for case, verdict in done if verdict.bad] == []
    assert len(done) == len(batches)


def test_a_case_is_the_same_each_time() -> None:
    parts = parts_of(sheet_xml('<row r="1"><c r="A1"><f>B1*2</f><v>3</v></c></row>'))
    for number in range(20):
        first, second = (mutated(parts, random.Random(f"1/{number}")) for _ in range(2))
        assert first == second
        assert make_formulas(random.Random(number), 5) == make_formulas(random.Random(number), 5)


def test_what_goes_wrong_is_seen(tmp_path: Path) -> None:
    """Each kind of find, planted through the worker's own doors."""
    missing = tmp_path / "missing.xlsx"
    with Workers(1) as workers:
        kinds = [
            verdict.kind for _, verdict in workers.run([{"file": str(missing)}, {"file": 7}, {"else": 1}])
        ]
    assert kinds == ["refused", "crash", "crash"]
    assert Verdict("hang", "", 11.0).bad
    assert not Verdict("refused", "", 0.1).bad
