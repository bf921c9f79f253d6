"""No program and no Python file of the current folder, or of the workbook's, is run.

Two folders are planted with what a start of Python, of LibreOffice or of a compiler could come upon; each
planted file leaves a mark when it is run.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sheetsim import processes
from sheetsim.checking import ironcalc, libreoffice
from sheetsim.errors import SheetsimError
from sheetsim.gpu.compile import find_compiler, user_cache
from sheetsim.public_lesson import lesson

ROOT = Path(__file__).parents[1]
MODULES = (
    *(
        "sitecustomize",
        "usercustomize",
        "json",
        "numpy",
        "ironcalc",
        "click",
        "openpyxl",
        "xlsxwriter",
        "rich",
    ),
    *(
        "torch",
        "tempfile",
        "subprocess",
        "shutil",
        "zipfile",
        "random",
        "runpy_helper",
        "scipy",
        "llvmlite",
        "cuda",
    ),
)
PROGRAMS = ("soffice", "libreoffice", "c++", "g++", "clang++", "cc1plus", "as", "ld", "sh", "sed", "dirname")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the planted programs are shell scripts")


class Planted:
    """`folder`, full of traps; `sprung` names those that were run."""

    def __init__(self, folder: Path, marks: Path) -> None:
        self.folder, self.marks = folder, marks
        folder.mkdir()
        marks.mkdir(exist_ok=True)
        for name in MODULES:
            mark = marks / f"{folder.name} {name}.py"
            (folder / f"{name}.py").write_text(
                f"open({str(mark)!r}, 'w').close()\nraise ImportError('trap')\n"
            )
        for name in PROGRAMS:
            program = folder / name
            program.write_text(f"#!/bin/sh\n: > '{marks}/{folder.name} {name}'\nexit 1\n")
            program.chmod(0o755)

    @property
    def sprung(self) -> list[str]:
        return sorted(path.name for path in self.marks.iterdir())


@pytest.fixture
def current(tmp_path: Path) -> Planted:
    return Planted(tmp_path / "current", tmp_path / "marks")


@pytest.fixture
def beside(tmp_path: Path) -> Planted:
    """The folder of the workbook, adam.xlsx."""
    planted = Planted(tmp_path / "beside", tmp_path / "marks")
    lesson("adam").export(planted.folder / "adam.xlsx", rows=12, epochs=2)
    return planted


def script(tmp_path: Path) -> list[str]:
    """As the installed command starts. `-E`: this Python's own start is not ours to guard, its children's
    is."""
    file = tmp_path / "bin" / "sheetsim"
    file.parent.mkdir()
    file.write_text(
        f"import sys\nsys.path.append({str(ROOT)!r})\nfrom sheetsim.__main__ import main\nsys.exit(main())\n"
    )
    return [sys.executable, "-E", str(file)]


def module(tmp_path: Path) -> list[str]:
    """`python -m` puts the current folder in front of all others."""
    return [sys.executable, "-m", "sheetsim"]


STARTS = [
    pytest.param(script, None, "", id="script, PYTHONPATH unset"),
    pytest.param(script, "", ":", id="script, PYTHONPATH empty, an empty entry in PATH"),
    pytest.param(script, ":", ".:", id="script, empty entries in PYTHONPATH, '.' in PATH"),
    pytest.param(script, ".", "./:", id="script, '.' in PYTHONPATH, './' in PATH"),
    pytest.param(module, str(ROOT), "", id="python -m"),
]


@pytest.mark.parametrize(("start", "python_path", "path"), STARTS)
def test_no_planted_file_is_run(
    start: Callable[[Path], list[str]],
    python_path: str | None,
    path: str,
    current: Planted,
    beside: Planted,
    tmp_path: Path,
) -> None:
    environment = {**os.environ, "PATH": path + os.environ["PATH"], "XDG_CACHE_HOME": str(tmp_path / "cache")}
    for name in ("PYTHONPATH", "PYTHONSAFEPATH", "SHEETSIM_CACHE", "CXX"):
        environment.pop(name, None)
    if python_path is not None:
        environment["PYTHONPATH"] = python_path
    judges = {
        "ironcalc": ironcalc.installed(),
        "libreoffice": libreoffice.program() is not None and start is script and bool(path),
        "kernel": find_compiler() is not None,
    }
    wanted = ["recalc", *(name for name, there in judges.items() if there)]
    done = subprocess.run(
        [
            *start(tmp_path),
            "check",
            str(beside.folder / "adam.xlsx"),
            "--against",
            ",".join(wanted),
            "--json",
        ],
        cwd=current.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert current.sprung == []
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["passed"] is True
    for name in wanted:
        assert name in done.stdout


def test_the_traps_can_spring(current: Planted) -> None:
    """A child that inherits environment and folder, as they once were started, runs what is planted there."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}"}
    subprocess.run(
        [sys.executable, "-P", "-c", "pass"],
        cwd=current.folder,
        env=environment,
        check=False,
        capture_output=True,
    )
    assert current.sprung == ["current sitecustomize.py"]
    environment = {**os.environ, "PATH": f":{os.environ['PATH']}"}
    subprocess.run(["/bin/sh", "-c", "soffice; c++"], cwd=current.folder, env=environment, check=False)
    assert current.sprung == ["current c++", "current sitecustomize.py", "current soffice"]
    subprocess.run(
        [sys.executable, "-c", "import numpy"], cwd=current.folder, check=False, capture_output=True
    )
    assert "current numpy.py" in current.sprung


@pytest.mark.parametrize("entry", ["", ".", "./", "bin"])
def test_programs_are_found_in_absolute_folders_only(
    entry: str, current: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    (current.folder / "bin").symlink_to(current.folder)
    monkeypatch.chdir(current.folder)
    monkeypatch.setenv("PATH", entry)
    assert processes.find_program("soffice", "./soffice") is None
    monkeypatch.setenv("PATH", f"{entry}:{current.folder}")
    assert processes.find_program("no such program", "soffice") == str(current.folder / "soffice")


def test_packages_are_not_found_in_the_current_folder(
    current: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(current.folder)
    elsewhere = processes.find_package("json")
    for entry in ("", str(current.folder)):
        monkeypatch.setattr(sys, "path", [entry, *sys.path])
        assert processes.find_package("runpy_helper") is None
        assert processes.find_package("json") == elsewhere


def test_packages_that_are_installed_where_we_stand_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    before = processes.find_package("json")
    assert before
    monkeypatch.chdir(before)
    assert processes.find_package("json") == before


def test_a_child_is_told_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CPATH", ":")
    monkeypatch.setenv("PATH", f":.:{os.environ['PATH']}")
    code = "import os; print(os.getcwd()); print(dict(os.environ))"
    said = processes.run([sys.executable, "-I", "-c", code], called="Python", timeout=60).stdout.splitlines()
    environment = eval(said[1])
    assert set(environment) - {"LC_CTYPE"} <= {
        *("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "PATH", "LC_ALL"),
        *("DEVELOPER_DIR", "SDKROOT"),
    }
    assert all(os.path.isabs(entry) for entry in environment["PATH"].split(os.pathsep))
    assert os.path.realpath(environment["HOME"]) == os.path.realpath(said[0]) != os.getcwd()
    assert not os.path.exists(said[0])


def test_a_child_that_takes_too_long_ends_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "went on"
    command = ["/bin/sh", "-c", f"(sleep 2; : > '{mark}') & wait"]
    with pytest.raises(SheetsimError, match=r"^the shell was not done after 0\.2 s$"):
        processes.run(command, called="the shell", timeout=0.2)
    subprocess.run(["/bin/sleep", "2.2"], check=True)
    assert not mark.exists()


@pytest.mark.parametrize("name", ["SHEETSIM_CACHE", "XDG_CACHE_HOME"])
@pytest.mark.parametrize("value", ["", ".", "cache"])
def test_compiled_kernels_are_not_looked_for_in_the_current_folder(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHEETSIM_CACHE", raising=False)
    monkeypatch.setenv(name, value)
    assert user_cache().is_absolute()
