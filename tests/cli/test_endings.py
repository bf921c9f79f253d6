"""How the command ends when something outside ends it: Ctrl-C at any moment, a full disk, another writer."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sheetsim.errors import SheetsimError
from sheetsim.xlsx.write.replacing import PREFIX, replacing
from sheetsim.xlsx.write.sink import Sink
from tests.cli.conftest import ROOT

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals, limits and streams of POSIX")

RUN = "import runpy; runpy.run_module('sheetsim', run_name='__main__', alter_sys=True)"


def python(code: str, folder: Path, shell: str = "") -> subprocess.CompletedProcess[str]:
    """Python code in a process of its own; `shell`: redirections."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = ["/bin/sh", "-c", f'exec "$0" -c "$1" {shell}', sys.executable, code]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


# -- Ctrl-C

HOOK = """
import os, signal, sys
class Interrupt:
    def find_spec(self, name, *_):
        if name == {module!r}:
            os.kill(os.getpid(), signal.{signal})
sys.meta_path.insert(0, Interrupt())
sys.argv = ["sheetsim", *{words!r}]
"""
EXPORT = ("export", "adam.xlsx", "--set", "lr=0.5")


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize(
    "module",
    ["sheetsim.cli.main", "click", "click.core", "sheetsim.cli.export", "numpy"]
    + ["numpy.linalg", "sheetsim.lessons.kit.catalogue", "sheetsim.run.execute", "xlsxwriter", "zipfile"],
)
def test_an_interrupt_while_modules_are_loaded(tmp_path: Path, module: str, number: str) -> None:
    done = python(HOOK.format(module=module, words=EXPORT, signal=number) + RUN, tmp_path)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "sheetsim: interrupted\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("event", ["open", "os.rename", "os.link", "os.chmod", "tempfile.mkstemp"])
def test_an_interrupt_while_a_file_is_written(tmp_path: Path, event: str) -> None:
    """It is there whole, or there is nothing."""
    code = f"""
import os, signal, sys
seen = []
def audit(event, arguments):
    if event == {event!r} and {PREFIX!r} in str(arguments) and not seen:
        seen.append(1)
        os.kill(os.getpid(), signal.SIGINT)
sys.addaudithook(audit)
sys.argv = ["sheetsim", *{EXPORT!r}]
"""
    done = python(code + RUN, tmp_path)
    left = [path.name for path in tmp_path.iterdir()]
    if done.returncode == 0:
        assert left == ["adam.xlsx"]
    else:
        assert (done.returncode, done.stderr) == (130, "sheetsim: interrupted\n")
        assert left in ([], ["adam.xlsx"])


def test_a_second_interrupt_does_not_wait(tmp_path: Path) -> None:
    code = """
import signal, time, os
from sheetsim.cli import signals
signals.raise_interrupts()
try:
    os.kill(os.getpid(), signal.SIGINT)
finally:
    print("cleaning up", flush=True)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(60)
"""
    done = python(code, tmp_path)
    assert (done.returncode, done.stdout) == (130, "cleaning up\n")
    assert done.stderr == "sheetsim: interrupted\n"


def test_an_interrupt_that_python_would_lose(tmp_path: Path) -> None:
    """In `__del__` an exception is printed and forgotten."""
    code = """
import signal, os, time
from sheetsim.cli import signals
signals.raise_interrupts()
class Held:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1)
held = Held()
del held
print("went on")
"""
    done = python(code, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "sheetsim: interrupted\n")


# -- streams that are closed or full


def test_closed_streams(tmp_path: Path) -> None:
    words = "import sys; sys.argv = ['sheetsim', 'recalc', 'missing.xlsx']\n"
    for shell in ("2>&-", ">&- 2>&-", "<&- >&- 2>&-", ">&-"):
        assert python(words + RUN, tmp_path, shell).returncode == 2
    words = "import sys; sys.argv = ['sheetsim', 'export', 'adam.xlsx', '--force']\n"
    for shell in ("2>&-", "<&- >&- 2>&-"):
        assert python(words + RUN, tmp_path, shell).returncode == 0
        assert (tmp_path / "adam.xlsx").read_bytes().startswith(b"PK")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_output_is_one_line(tmp_path: Path) -> None:
    for words in (["list"], ["list", "--json"], ["--help"]):
        done = python(f"import sys; sys.argv = ['sheetsim', *{words!r}]\n{RUN}", tmp_path, ">/dev/full")
        assert (done.returncode, done.stderr) == (2, "sheetsim: [Errno 28] No space left on device\n")


# -- a full disk


@pytest.mark.parametrize("most", [100, 3000, 20_000])
def test_a_full_disk_is_one_line(tmp_path: Path, most: int) -> None:
    limit = f"import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))\n"
    done = python(f"{limit}sys.argv = ['sheetsim', *{EXPORT!r}]\n{RUN}", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "sheetsim: adam.xlsx: cannot be written: File too large\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_sink_tells_its_first_problem_once() -> None:
    sink = Sink(Path("/dev/full"))
    data = b"x" * (1 << 20)
    assert sink.write(data) == len(data)
    assert sink.write(b"more") == 4
    sink.flush()
    assert (sink.tell(), sink.seek(5)) == (0, 5)
    with pytest.raises(OSError, match="No space left"):
        sink.close()
    sink.close()
    assert sink.write(b"after the end") == 13


# -- others that write


def test_of_two_writers_of_one_new_file_one_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "one.txt"
    with contextlib.ExitStack() as stack:
        stack.enter_context(pytest.raises(SheetsimError, match=r"is there already \(--force"))
        stack.enter_context(replacing(target, force=False)).write_text("first begun")
        with replacing(target, force=False) as b:
            b.write_text("first done")
    assert target.read_text() == "first done"
    with replacing(target, force=True) as a:
        a.write_text("forced")
    assert target.read_text() == "forced"
    assert [path.name for path in tmp_path.iterdir()] == ["one.txt"]


def test_two_commands_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sheetsim", "export", "adam.xlsx"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen(
            [*command, "--set", f"lr={rate}"],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for rate in (0.1, 0.2, 0.3)
    ]
    said = [process.communicate(timeout=120)[1] for process in running]
    codes = sorted(process.returncode for process in running)
    assert codes == [0, 2, 2], said
    assert [path.name for path in tmp_path.iterdir()] == ["adam.xlsx"]


def test_without_links_the_name_is_taken_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError("no links on this file system")

    monkeypatch.setattr(os, "link", no_links)
    target = tmp_path / "one.txt"
    with replacing(target, force=False) as temporary:
        temporary.write_text("new")
    assert target.read_text() == "new"
    with pytest.raises(SheetsimError, match="is there already"), replacing(target, force=False) as temporary:
        temporary.write_text("newer")
    assert target.read_text() == "new"


def test_what_a_killed_run_left_behind_is_removed_by_the_next(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys\nfrom sheetsim.xlsx.write.replacing import replacing\n"
        "with replacing(pathlib.Path('a.xlsx'), force=False) as temporary:\n"
        "    print('writing', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with contextlib.ExitStack() as stack:
        first, second = (
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", code],
                    cwd=tmp_path,
                    env={**os.environ, "PYTHONPATH": str(ROOT)},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
            )
            for _ in range(2)
        )
        for process in (first, second):
            assert process.stdout
            assert process.stdout.readline() == b"writing\n"
        assert len(list(tmp_path.iterdir())) == 2
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert len(list(tmp_path.iterdir())) == 2
        with replacing(tmp_path / "b.xlsx", force=False) as temporary:
            temporary.write_text("b")
        left = sorted(path.name for path in tmp_path.iterdir())
        assert len(left) == 2  # the second's own, which still runs, and b.xlsx
        assert left[0].startswith(PREFIX)
        assert left[1] == "b.xlsx"
        assert second.stdin
        second.stdin.close()
        assert second.wait() == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx"]
