"""`sheetsim list`: the lessons, with a line each."""

from __future__ import annotations

import shutil

import click

from sheetsim.cli.output import print_json


@click.command("list")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the list as JSON, with each lesson's parameters."
)
def command(as_json: bool) -> int:
    """List the lessons.

    \b
    Examples:
      sheetsim list
      sheetsim list --json
    """
    from sheetsim.lessons.kit.catalogue import FAMILIES, lesson, lessons

    if as_json:
        print_json(
            {
                "schema": "sheetsim.list/1",
                "lessons": [
                    {
                        "name": one.name,
                        "family": family,
                        "title": one.title,
                        "line": one.line,
                        "original_sheet": one.original_sheet,
                        "parameters": [
                            {
                                "name": parameter.name,
                                "default": None if parameter.follows else parameter.default,
                                "follows": parameter.follows,
                                "limits": parameter.limits,
                                "help": parameter.help,
                            }
                            for parameter in one.parameters
                        ],
                    }
                    for family, names in FAMILIES.items()
                    for one in map(lesson, names)
                ],
            }
        )
        return 0
    width = max(len(one.name) for one in lessons())
    formatter = click.HelpFormatter(width=min(shutil.get_terminal_size().columns, 100))
    for family, names in FAMILIES.items():
        if not names:
            continue
        with formatter.section(family):
            formatter.write_dl([(f"{name:<{width}}", lesson(name).line) for name in names])
    click.echo(formatter.getvalue().strip("\n"))
    return 0
