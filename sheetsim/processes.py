"""Every other program that sheetsim starts is started here, so that none runs code it comes upon.

    run([find_program("soffice"), "--version"], timeout=60)            a program, by its absolute path
    run_script(Path("work.py"), ["in.xlsx"], package="ironcalc", ...)  a file of ours, in a Python of its own

A folder that somebody else filled (a download, a shared folder) may hold `sitecustomize.py`, `json.py`,
`soffice` or `c++`. The current folder and the workbook's are such folders, so a child gets a working folder
of its own, an environment made of what it needs, a PATH of absolute folders and, if it is Python, an isolated
interpreter.
"""

from __future__ import annotations

import os
import site
import sys
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING

from sheetsim.errors import SheetsimError

if TYPE_CHECKING:  # loaded below, once `import_path` was taken and there is a process to start
    import subprocess
    from collections.abc import Sequence
    from pathlib import Path

_KEPT = ("SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "DEVELOPER_DIR", "SDKROOT")
"""Variables without which programs do not start on Windows or find no compiler on macOS."""

_TEMPORARY = ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP")
"""Variables that name the child's own working folder."""


def import_path() -> list[str]:
    """`sys.path` without the current folder (which `python -m`, `python -c` and an empty entry of PYTHONPATH
    put there), unless that is where Python's own or installed packages are."""
    own = {os.path.dirname(os.__file__), *site.getsitepackages(), site.getusersitepackages()}
    try:
        here = os.getcwd()
    except OSError:  # the folder is gone, and with it what could be imported from it
        return [place for place in sys.path if place]
    return [place for place in sys.path if place and (os.path.abspath(place) != here or place in own)]


def open_streams() -> None:
    """Open the standard streams that were closed (`2>&-`) on the null device."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - until the end


def find_package(name: str) -> str | None:
    """The absolute path of the folder that the top-level module `name` is imported from; None where it is not
    installed. Nothing is imported, and the current folder is not searched."""
    found = PathFinder.find_spec(name, import_path())
    if found is None or found.origin is None:
        return None
    folder = os.path.dirname(os.path.abspath(found.origin))
    return folder if found.submodule_search_locations is None else os.path.dirname(folder)


def find_program(*names: str) -> str | None:
    """The absolute path of the first of these programs that the absolute folders of PATH hold, else None."""
    import shutil

    for name in names:
        found = shutil.which(name, path=_absolute_path())
        if found and os.path.isabs(found):
            return found
    return None


def run_script(
    script: Path, arguments: Sequence[str], *, package: str, called: str, timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run a Python file that needs nothing but the standard library and `package`.

    It is told the folder of `package` as its first argument, `arguments` follow: an isolated interpreter
    (`-I`) takes nothing from PYTHONPATH, the user's site folder, the script's folder or the current one.
    """
    place = find_package(package)
    if place is None:
        raise SheetsimError(f"{called} is not installed: pip install {package}")
    if not os.path.isabs(sys.executable):
        raise SheetsimError(f"{called} needs a Python of its own, and this one does not know its path")
    command = [sys.executable, "-I", str(script.absolute()), place, *arguments]
    return run(command, called=called, timeout=timeout)


def run(
    command: Sequence[str], *, called: str, timeout: float, given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run to the end, `given` as its input. `command[0]` and all paths are absolute: the working folder is
    temporary. SheetsimError names the program as `called` when it is not done within `timeout` seconds.

    It and the programs that it starts end with ours: at Ctrl-C, and at the time limit.
    """
    import subprocess
    import tempfile

    if not os.path.isabs(command[0]):
        raise ValueError(f"{command[0]}: a program is started by its absolute path")
    with (
        tempfile.TemporaryDirectory(prefix="sheetsim-", ignore_cleanup_errors=True) as folder,
        subprocess.Popen(
            command,
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process,
    ):
        try:
            out, err = process.communicate(given, timeout=timeout)
        except BaseException as stop:  # also Ctrl-C: nothing may go on running
            _end(process)
            if isinstance(stop, subprocess.TimeoutExpired):
                raise SheetsimError(f"{called} was not done after {timeout:g} s") from None
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def _environment(folder: str) -> dict[str, str]:
    """All that a child is told: nothing of PYTHONPATH, CPATH, LD_PRELOAD and their like."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    own = dict.fromkeys(_TEMPORARY, folder)
    return {**kept, **own, "PATH": _absolute_path(), "LC_ALL": "C.UTF-8"}


def _absolute_path() -> str:
    """PATH without what is relative to the current folder: an empty entry, `.`, `bin`."""
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(entry for entry in entries if os.path.isabs(entry))


def _end(process: subprocess.Popen[str]) -> None:
    import signal

    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
