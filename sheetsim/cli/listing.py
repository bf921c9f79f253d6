"""`sheetsim list`: the lessons, with a line each."""

from __future__ import annotations

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
    from sheetsim.lessons.catalogue import lessons

    if as_json:
        print_json(
            {
                "schema": "sheetsim.list/1",
                "lessons": [
                    {
                        "name": one.name,
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
                    for one in lessons()
                ],
            }
        )
        return 0
    width = max(len(one.name) for one in lessons())
    for one in lessons():
        click.echo(f"{one.name:<{width}}  {one.line}")
    return 0
