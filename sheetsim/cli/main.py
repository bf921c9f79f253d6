"""The command line: `sheetsim COMMAND`. Each command is a file of this folder, loaded only when it is run.

A command returns its exit code: 0 all agrees, 1 something differs. Everything that a user can get wrong ends
here as one line, `sheetsim: ...`, on stderr, with exit code 2; Ctrl-C ends with 130.
"""

from __future__ import annotations

import importlib
import os
import sys
from io import TextIOWrapper

import click

from sheetsim.cli.signals import INTERRUPTED, Interrupted, end_at_once, interrupted, raise_interrupts
from sheetsim.errors import SheetsimError, printable

COMMANDS = {
    "list": "List the lessons.",
    "export": "Make a workbook of a lesson.",
    "recalc": "Compute every formula of a workbook, compare with the stored values, save a copy.",
    "trace": "Print what a cell is made of, or what is made of it.",
    "diff": "List the formulas and values in which two workbooks differ.",
    "check": "Check a lesson's workbook against NumPy, PyTorch, CUDA and other programs.",
    "solve": "Solve a workbook's Solver problem with exact gradients.",
    "grad": "Print how a cell depends on others.",
    "fit": "Train a lesson's factorisation on a file of ratings.",
    "completion": "Print the shell's completion script.",
}
"""The commands and the line that `sheetsim --help` shows of each; `listing.py` and so on define them."""

_MODULES = {"list": "listing"}  # where the file's name is not the command's


class Commands(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"sheetsim.cli.{_MODULES.get(name, name)}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from sheetsim.lessons.kit.lesson import nearest

            raise SheetsimError(f"no command {args[0]!r}{nearest(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


EXAMPLES = """\b
Examples:
  sheetsim export adam.xlsx
  sheetsim export slow.xlsx --model adam --set lr=0.01 --epochs 20
  sheetsim check adam.xlsx
  sheetsim recalc adam.xlsx --json
  sheetsim solve model.xlsx --sheet Sheet1
"""


@click.command(
    cls=Commands,
    epilog=EXAMPLES,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="sheetsim", message="sheetsim %(version)s")
@click.pass_context
def commands(ctx: click.Context) -> int:
    """Deep-learning lessons as spreadsheets whose every number is checked.

    Exit codes: 0 all agrees, 1 something differs, 2 a bad request or an unreadable file.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
    return 0


def main() -> None:
    """The entry point of `sheetsim` and `python -m sheetsim`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that lacks a character shows its number
            stream.reconfigure(errors="backslashreplace")
    try:
        raise_interrupts()
        code = commands.main(prog_name="sheetsim", standalone_mode=False)
        sys.stdout.flush()
    except SheetsimError as error:
        code = _complain(str(error))
    except click.ClickException as error:
        code = _complain(error.format_message())
    except OSError as error:  # a full disk, a folder that went away
        code = _complain(str(error))
    except MemoryError:
        code = _complain("there is not enough memory for this")
    except (click.Abort, KeyboardInterrupt, Interrupted):
        code = _complain("interrupted", INTERRUPTED)
    except BaseException:
        if not interrupted():
            raise
        code = _complain("interrupted", INTERRUPTED)
    end_at_once()
    sys.exit(code)


def _complain(message: str, code: int = 2) -> int:
    try:
        sys.stdout.flush()
    except OSError:  # it is full, or nobody reads it: what is left in it would be tried once more at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    click.echo(printable("sheetsim: " + " ".join(message.split())), err=True)
    return code
