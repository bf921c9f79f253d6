"""What the benchmarks of engines share: files that are written once, tables, and what machine this is."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "build" / "benchmarks"


def written(name: str, rows: int) -> Path:
    """The file of a sheet (sheets.py) of so many rows, written on first use: half a minute for large ones."""
    file = FOLDER / f"{name}_{rows}.xlsx"
    if not file.exists():
        progress(f"writing {file.name}")
        FOLDER.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        script = Path(__file__).with_name("sheets.py")
        subprocess.run([sys.executable, script, name, part, str(rows)], check=True)
        part.rename(file)
    return file


def short(seconds: float) -> str:
    """Three digits, never as a power of ten."""
    if not seconds:
        return "0"
    return f"{seconds:.2f}" if seconds >= 1 else f"{seconds:.3g}" if seconds >= 1e-3 else f"{seconds:.6f}"


def show(title: str, headings: list[str], rows: list[list[str]], markdown: bool) -> None:
    if not rows:
        return
    if markdown:
        text = [f"### {title}", "", "| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
        text += ["| " + " | ".join(row) + " |" for row in rows]
    else:
        widths = [max(len(row[c]) for row in [headings, *rows]) for c in range(len(headings))]
        text = [title]
        text += [
            "  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in [headings, *rows]
        ]
    sys.stdout.write("\n" + "\n".join(text) + "\n")


def machine() -> str:
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            entry.split(":", 1)[1].strip() for entry in info.read_text().splitlines() if "model name" in entry
        ]
        cpu = f"{len(names)} x {names[0]}" if names else cpu
    return f"{cpu}, {platform.system()}, Python {platform.python_version()}"


def progress(text: str) -> None:
    sys.stderr.write(f"{text} ...\n")
