"""Every command and every Python example of README.md and of docs/ runs, in the order of the page, each page
in a folder of its own. (The lessons' pages are made from the lessons, see docs/site; their two commands are
what test_every_lesson.py does.)

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

from sheetsim.lessons.kit.catalogue import NAMES

ROOT = Path(__file__).parent.parent
PAGES = ["README.md", *sorted(page.relative_to(ROOT).as_posix() for page in ROOT.glob("docs/**/*.md"))]
BLOCK = re.compile(r"^```(console|bash|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples(page: str) -> list[tuple[str, str]]:
    """("command" or "python", text) of each thing to run, in order."""
    found = []
    for language, text in BLOCK.findall(page):
        if language == "python":
            if not text.startswith("--8<--"):  # a file of ours, shown
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


@pytest.mark.parametrize("page", [page for page in PAGES if examples((ROOT / page).read_text("utf-8"))])
def test_all_that_a_page_shows_runs(page: str, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="checks and gradients use PyTorch")
    pytest.importorskip("pandas", reason="the README shows a pandas frame")
    steps = examples((ROOT / page).read_text(encoding="utf-8"))
    for kind, text in steps:
        done = run(kind, text, tmp_path)
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("page", PAGES)
def test_pictures_and_links_are_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    made = {f"lessons/{name}.md" for name in NAMES}  # from the lessons
    local = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    there = [(ROOT / page).parent / link for link in local]
    gone = [str(link) for link in there if not link.exists() and "/".join(link.parts[-2:]) not in made]
    assert gone == []


def test_the_readme_names_every_lesson_and_no_other() -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("| about | lessons |")[2]
    named = re.findall(r"`(\w+)`", table.partition("\n\n")[0])
    assert named == list(NAMES)


def test_the_pages_that_must_show_something_do() -> None:
    assert len(examples((ROOT / "README.md").read_text(encoding="utf-8"))) >= 5
    assert {"README.md", "docs/index.md", "docs/guides/check_your_own.md"} <= set(PAGES)


def test_examples_are_found_and_a_wrong_one_fails(tmp_path: Path) -> None:
    page = "```console\n$ sheetsim --version\nsheetsim 0\n$ make demo\n```\n```python\n1 / 0\n```\n"
    steps = examples(page)
    assert steps == [("command", "sheetsim --version"), ("python", "1 / 0\n")]
    assert run(*steps[1], tmp_path).returncode == 1
