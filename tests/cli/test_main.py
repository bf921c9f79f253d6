"""The command itself: help, version, completion, `list`, and what a wrong request gets."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from sheetsim.cli.main import COMMANDS, commands
from sheetsim.lessons.kit.catalogue import FAMILIES, NAMES, lessons
from tests.cli.conftest import ROOT, Run


def test_help_shows_every_command_and_examples(run: Run) -> None:
    for words in ([], ["--help"], ["-h"]):
        done = run(*words)
        assert (done.returncode, done.stderr) == (0, "")
        assert all(f"\n  {name} " in done.stdout for name in COMMANDS)
        assert "sheetsim export adam.xlsx" in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(run: Run, name: str) -> None:
    done = run(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Examples:" in done.stdout
    assert f"sheetsim {name}" in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_help(name: str) -> None:
    command = commands.get_command(click.Context(commands), name)  # type: ignore[attr-defined]
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_version(run: Run) -> None:
    assert run("--version").stdout == f"sheetsim {version('sheetsim')}\n"


def test_list(run: Run) -> None:
    text = run("list").stdout
    assert max(map(len, text.splitlines())) <= 100
    assert [line for line in text.splitlines() if line.endswith(":")] == [
        f"{family}:" for family, names in FAMILIES.items() if names
    ]
    words = " ".join(text.split())
    places = [words.index(f"{lesson.name} {lesson.line}") for lesson in lessons()]
    assert places == sorted(places)


def test_list_as_json(run: Run) -> None:
    report = json.loads(run("list", "--json").stdout)
    assert report["schema"] == "sheetsim.list/1"
    assert [lesson["name"] for lesson in report["lessons"]] == list(NAMES)
    adam = next(lesson for lesson in report["lessons"] if lesson["name"] == "adam")
    lr = next(parameter for parameter in adam["parameters"] if parameter["name"] == "lr")
    assert (lr["default"], lr["limits"]) == (0.1, "above 0 and below 1000000")


def test_export_help_lists_every_parameter_with_default_and_limits(run: Run) -> None:
    words = re.sub(r"\s+", " ", run("export", "--help").stdout)
    for lesson in lessons():
        section = words[words.index(f"{lesson.name}: {lesson.title}") :]
        for one in lesson.parameters:
            shown = one.shown(one.default)
            default = shown if isinstance(shown, str) else f"{shown:g}"
            default = f"as {one.follows}" if one.follows else default
            assert f"{one.name} {default}; {one.limits}; {one.help}" in section


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["exprt", "adam.xlsx"], "no command 'exprt'; did you mean 'export'?"),
        (["list", "--jsn"], "No such option '--jsn'."),
        (["recalc"], "Missing argument 'FILE'."),
        (["check", "a.xlsx", "--rtol", "much"], "Invalid value for '--rtol'"),
        (["completion", "tcsh"], "Invalid value for"),
        (["list", "adam"], "Got unexpected extra argument (adam)"),
    ],
)
def test_a_wrong_request_is_one_line(refused: Callable[..., str], words: list[str], said: str) -> None:
    assert refused(*words).startswith(said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["export"], "name the file to write, like adam.xlsx, or a folder for all lessons"),
        (["export", "--all", "folder", "--rows", "9"], "settings and data are one lesson's"),
        (["export", "a.xlsx", "--all", "folder"], "every lesson: sheetsim export --all DIR, or"),
        (["export", "--model", "all"], "every lesson: sheetsim export --all DIR, or"),
        (["export", "a.xlsx", "--model", "all", "--set", "lr=1"], "settings and data are one lesson's"),
        (["export", "x.xlsx", "--model", "embedding_size", "--data", "x.csv"], "takes no --data"),
    ],
)
def test_exports_of_all_lessons_that_cannot_be(
    refused: Callable[..., str], words: list[str], said: str
) -> None:
    assert said in refused(*words)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(run: Run, shell: str) -> None:
    assert "_SHEETSIM_COMPLETE" in run("completion", shell).stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("sheetsim ex", {"export"}),
        ("sheetsim check a.xlsx --model embedding_s", {"embedding_size"}),
        ("sheetsim check a.xlsx --against arrays,t", {"arrays,torch"}),
        ("sheetsim export adam.xlsx --set beta", {"beta1=", "beta2="}),
        ("sheetsim export x.xlsx --model rmsprop --set torch_a", {"torch_alpha="}),
    ],
)
def test_completion(words: str, offered: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from sheetsim.cli.main import main; main()"],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "_SHEETSIM_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert {line.partition(",")[2] for line in done.stdout.splitlines()} == offered, done.stderr


def test_a_reader_that_goes_away_is_no_error() -> None:
    code = "import sys; sys.argv = ['sheetsim', 'list', '--json']; from sheetsim.cli.main import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.skipif(os.name != "posix", reason="signals and pipes of POSIX")
def test_ctrl_c_ends_with_130(tmp_path: Path) -> None:
    code = (
        "import sys, time, sheetsim.checking.recalc as recalc\n"
        "def slow(*words, **options):\n"
        "    print('started', flush=True)\n"
        "    time.sleep(60)\n"
        "recalc.recalculate = slow\n"
        "sys.argv = ['sheetsim', 'recalc', 'adam.xlsx']\n"
        "from sheetsim.cli.main import main; main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"started\n"
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        assert process.returncode == 130
        assert b"Traceback" not in said
