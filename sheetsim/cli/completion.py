"""`sheetsim completion SHELL`: the script that teaches a shell sheetsim's commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


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
