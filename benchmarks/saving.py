"""`sheetsim recalc FILE -o OUT` on the Adam sheet: processor time of each step, and peak memory.

    python benchmarks/saving.py [--rows 100000]

Three files: as `adam_sheet.py` writes it (one stored value is wrong, so that one changes), with no stored
values (every one is put in), and with another learning rate (every one is exchanged). Each runs in a process
of its own (Linux). Memory is the process's peak, and what is beyond the peak of one that saves ten rows.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import adam_sheet

STEPS = """
import json, sys, time
from pathlib import Path
clock, marks = time.process_time, []
def lap(name, begun=[0.0]):
    marks.append((name, clock() - begun[0]))
    begun[0] = clock()
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.xlsx.edit.patch import save_values
from sheetsim.xlsx.read.workbook import read_workbook
lap("import")
book = read_workbook(sys.argv[1])
lap("read")
calculation = calculate(book, make_plan(book))
lap("plan and compute")
saved = save_values(sys.argv[1], sys.argv[2], book, calculation.block, force=True)
lap("save")
lines = Path("/proc/self/status").read_text().splitlines()
peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
print(json.dumps([marks, peak, saved.cells]))
"""


def variant(source: Path, target: Path, old: bytes, new: bytes) -> Path:
    """The workbook with its sheet's text changed."""
    with zipfile.ZipFile(source) as read, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        for name in read.namelist():
            data = read.read(name)
            written.writestr(name, re.sub(old, new, data) if name.endswith("sheet1.xml") else data)
    return target


def run(source: Path, folder: Path) -> tuple[list[tuple[str, float]], float, int]:
    command = [sys.executable, "-c", STEPS, str(source), str(folder / "out.xlsx")]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found[0], found[1], found[2]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--rows", type=int, default=100_000)
    rows = options.parse_args().rows
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        adam_sheet.write(str(folder / "small.xlsx"), 10)
        _, base, _ = run(folder / "small.xlsx", folder)
        whole = folder / "whole.xlsx"
        adam_sheet.write(str(whole), rows)
        files = {
            "one value": whole,
            "all put in": variant(whole, folder / "none.xlsx", rb"</f><v>[^<]*</v>", b"</f>"),
            "all exchanged": variant(whole, folder / "other.xlsx", rb'"D2"><v>[^<]*', b'"D2"><v>0.11'),
        }
        million = adam_sheet.formula_cells(rows) / 1e6
        for what, file in files.items():
            marks, peak, cells = run(file, folder)
            steps = ", ".join(f"{step} {seconds:.2f}" for step, seconds in marks)
            total = sum(seconds for _, seconds in marks)
            beyond = f"{(peak - base) / million:.0f} a million formula cells beyond {base:.0f}"
            print(f"{what}: {cells:,} changed, {total:.2f} s of processor time ({steps})")
            print(f"    peak {peak:.0f} MiB, {beyond}")


if __name__ == "__main__":
    main()
