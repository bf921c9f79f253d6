"""`sheetsim trace`: what a cell is made of, or what is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sheetsim.cli.output import json_option, print_json, progress_line, quiet_option

if TYPE_CHECKING:
    from sheetsim.checking.file import File
    from sheetsim.checking.trace import TraceNode

SCHEMA = "sheetsim.trace/1"
MOST_SLOPES = 40
"""Cells of a tree for which a slope is worked out: each takes a pass through the workbook."""


@click.command("trace")
@click.argument("file", type=click.Path())
@click.argument("cell")
@click.option(
    "--depth", type=click.IntRange(min=0), default=3, show_default=True, help="Levels below the cell."
)
@click.option("--dependents", is_flag=True, help="Show the cells that read it, not those that it reads.")
@click.option("--gradient", is_flag=True, help="Show the slope of CELL by each number in the tree.")
@json_option
@quiet_option
def command(
    file: str, cell: str, depth: int, dependents: bool, gradient: bool, as_json: bool, quiet: bool
) -> int:
    """Print the tree of what CELL of FILE is made of.

    Each line is a cell, with its value and its formula, or a range, with its smallest and largest number.
    Below a formula stand the cells that it reads. Values are computed; where the file stores another one,
    the line says so. A cell that stands in the tree already is not opened again.

    \b
    Examples:
      sheetsim trace adam.xlsx 'adam!E4'
      sheetsim trace adam.xlsx 'adam!I5' --depth 6
      sheetsim trace adam.xlsx 'adam!D2' --dependents --depth 1
      sheetsim trace adam.xlsx 'adam!I4' --gradient
    """
    from sheetsim.checking.file import File
    from sheetsim.checking.trace import as_json as tree
    from sheetsim.checking.trace import trace, tree_lines
    from sheetsim.errors import SheetsimError, printable

    if gradient and dependents:
        raise SheetsimError("--gradient goes with what a cell is made of, not with --dependents")
    say = progress_line(quiet)
    say(f"computing {file}")
    try:
        opened = File(file)
        root = trace(opened, cell, depth=depth, dependents=dependents)
        notes = _put_slopes(opened, root) if gradient else []
    finally:
        say("")
    if as_json:
        print_json({"schema": SCHEMA, "file": file, "tree": tree(root), "notes": notes})
    elif not quiet:
        for line in tree_lines(root):
            click.echo(printable(line))
        for note in notes:
            click.echo(printable(f"note: {note}"))
    return 0


def _put_slopes(file: File, root: TraceNode) -> list[str]:
    """Give the tree's numbers their slopes; notes say what has none, and what was left out."""
    from sheetsim.errors import MissingExtra, SheetsimError
    from sheetsim.solve.gradient import gradient

    known: dict[str, float] = {}
    notes: list[str] = []
    left = 0
    for node in root.walk():
        if node is root or not node.is_cell or not isinstance(node.value, float):
            continue
        if node.address not in known:
            if len(known) == MOST_SLOPES:
                left += 1
                continue
            try:
                found = gradient(file.book, root.address, [node.address])
            except MissingExtra:
                raise
            except SheetsimError as error:
                notes.append(f"no slope by {node.address}: {error}")
                continue
            known[node.address] = float(found.slopes[0][0, 0])
            notes += found.notes
        node.slope = known[node.address]
    if left:
        notes.append(f"slopes are shown for {MOST_SLOPES} cells; {left:,} more have none")
    return list(dict.fromkeys(notes))
