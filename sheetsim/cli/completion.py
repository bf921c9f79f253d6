"""`sheetsim completion SHELL`: the script that teaches a shell sheetsim's commands and options, and what it
offers for their values."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class

Offered = list[CompletionItem]


def lessons(ctx: click.Context, parameter: click.Parameter, start: str) -> Offered:
    """Names of lessons, with their lines."""
    from sheetsim.lessons.kit.catalogue import lessons as every

    return [CompletionItem(one.name, help=one.line) for one in every() if one.name.startswith(start)]


def judges(ctx: click.Context, parameter: click.Parameter, start: str) -> Offered:
    """Judges, also after a comma."""
    from sheetsim.checking.judges import JUDGES

    before, comma, word = start.rpartition(",")
    given = before.split(",")
    found = [name for name in JUDGES if name.startswith(word) and name not in given]
    return [CompletionItem(f"{before}{comma}{name}") for name in found]


def settings(ctx: click.Context, parameter: click.Parameter, start: str) -> Offered:
    """`KEY=` for the parameters of the lesson that is named so far, or that the file is named after."""
    from pathlib import Path

    from sheetsim.lessons.kit.catalogue import NAMES, lesson

    file = ctx.params.get("file") or next(iter(ctx.args), "")  # what is not yet parsed
    name = ctx.params.get("model") or Path(file).stem
    parameters = lesson(name).parameters if name in NAMES else ()
    return [CompletionItem(f"{one.name}=", help=one.help) for one in parameters if one.name.startswith(start)]


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the completion script of a shell.

    \b
    Examples:
      eval "$(sheetsim completion bash)"      # in ~/.bashrc
      eval "$(sheetsim completion zsh)"       # in ~/.zshrc
      sheetsim completion fish | source       # in ~/.config/fish/config.fish
    """
    completion = get_completion_class(shell)
    assert completion is not None
    click.echo(completion(ctx.find_root().command, {}, "sheetsim", "_SHEETSIM_COMPLETE").source())
    return 0
