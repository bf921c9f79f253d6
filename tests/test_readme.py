"""Every command and every Python example of README.md runs, in the order of the page, in one folder.

Of a block marked `console` the lines that start with `$ sheetsim` are run and must end with exit code 0 (the
other lines show what is printed); of one marked `bash` those that start with `sheetsim`. `make` lines are run
by CI itself.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(console|bash|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples(page: str) -> list[tuple[str, str]]:
    """("command" or "python", text) of each thing to run, in order."""
    found = []
    for language, text in BLOCK.findall(page):
        if language == "python":
            found.append(("python", text))
            continue
        for line in text.splitlines():
            command = line.removeprefix("$ ") if language == "console" else line
            if (language == "bash" or line.startswith("$ ")) and command.split()[:1] == ["sheetsim"]:
                found.append(("command", command))
    return found


def run(kind: str, text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    if kind == "python":
        words = ["-c", text]
    else:
        words = ["-m", "sheetsim", *shlex.split(text, comments=True)[1:]]
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "110"},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_readme(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the README's checks and gradients use PyTorch")
    pytest.importorskip("pandas", reason="the README shows a pandas frame")
    steps = examples((ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(steps) >= 5
    for kind, text in steps:
        done = run(kind, text, tmp_path)
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"


def test_pictures_and_links_are_there() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    local = [link for link in re.findall(r"\]\(([^)#]+)\)", page) if "://" not in link]
    assert [link for link in local if not (ROOT / link).exists()] == []
    assert any(link.endswith(".png") for link in local)


def test_examples_are_found_and_a_wrong_one_fails(tmp_path: Path) -> None:
    page = "```console\n$ sheetsim --version\nsheetsim 0\n$ make demo\n```\n```python\n1 / 0\n```\n"
    steps = examples(page)
    assert steps == [("command", "sheetsim --version"), ("python", "1 / 0\n")]
    assert run(*steps[1], tmp_path).returncode == 1
