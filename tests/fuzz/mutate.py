"""Try sheetsim on workbooks changed at random and on formulas made at random; print what went wrong.

    python tests/fuzz/mutate.py --count 10000 --seed 1 --keep finds

A case is named by seed and number, `--only 1/17` makes it again. It changes a workbook of the gallery
(`workbooks/`) or of the folders of SHEETSIM_*. Exit code 1 when there were finds: a traceback, more than
10 s of processor time, more than 1 GiB.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.fuzz.formulas import make_formulas  # noqa: E402
from tests.fuzz.workbooks import mutated, parts_in, seeds  # noqa: E402
from tests.fuzz.worker import Verdict, Workers  # noqa: E402

VARIABLES = ("SHEETSIM_FUNCTIONS", "SHEETSIM_CASES", "SHEETSIM_HOSTILE", "SHEETSIM_LESSONS")
FORMULAS = 12  # of a case


def cases(seed: int, numbers: range, kind: str, folder: Path) -> Iterator[dict[str, Any]]:
    """The cases of those numbers; a workbook is written into `folder`."""
    folders = [ROOT / "workbooks", *(Path(os.environ[name]) for name in VARIABLES if os.environ.get(name))]
    files = seeds(folders)
    for number in numbers:
        chance = random.Random(f"{seed}/{number}")
        if kind == "formulas" or (kind == "both" and number % 2):
            yield {"case": f"{seed}/{number}", "formulas": make_formulas(chance, FORMULAS)}
            continue
        source = chance.choice(files)
        parts = parts_in(source)
        if parts is not None:
            path = folder / f"{seed}-{number}{source.suffix}"
            path.write_bytes(mutated(parts, chance))
            yield {"case": f"{seed}/{number}", "file": str(path), "source": source.name}


def told(case: dict[str, Any], verdict: Verdict) -> str:
    """A find, for people: the case and the end of the traceback."""
    what = f"a copy of {case['source']}" if "file" in case else f"{case['formulas']}"
    lines = [line for line in verdict.text.splitlines() if line.strip()]
    return f"{case['case']}: {verdict.kind}, {what}\n  " + "\n  ".join(lines[-7:])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=("workbooks", "formulas", "both"), default="both")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", type=Path, help="a folder for the workbooks of the finds")
    parser.add_argument("--only", metavar="SEED/NUMBER", help="that case alone")
    options = parser.parse_args()
    seed, numbers = options.seed, range(options.count)
    if options.only:
        seed, number = map(int, options.only.split("/"))
        numbers = range(number, number + 1)
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, Workers(options.workers) as workers:
        for case, verdict in workers.run(cases(seed, numbers, options.kind, Path(folder))):
            counts[verdict.kind] += 1
            if verdict.bad:
                print(told(case, verdict), flush=True)
            if "file" in case:
                path = Path(case["file"])
                if verdict.bad and options.keep:
                    options.keep.mkdir(exist_ok=True)
                    (options.keep / path.name).write_bytes(path.read_bytes())
                path.unlink()
    print(dict(counts), file=sys.stderr)
    return int(any(counts[kind] for kind in ("crash", "hang", "memory")))


if __name__ == "__main__":
    sys.exit(main())
