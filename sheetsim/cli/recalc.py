"""`sheetsim recalc`: compute every formula of a workbook, compare with what the file stores, save a copy."""

from __future__ import annotations

import click

from sheetsim.cli.output import json_option, print_json, progress_line, quiet_option

SHOWN = 12
"""Causes that are printed, of cells that differ and of cells that cannot be computed."""


@click.command("recalc")
@click.argument("file", type=click.Path())
@json_option
@click.option(
    "--volatile",
    type=click.Choice(["keep", "redraw"]),
    default="keep",
    show_default=True,
    help="RAND, RANDBETWEEN, RANDARRAY, NOW and TODAY: keep their stored values, or draw anew (then what "
    "depends on them is not compared).",
)
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    type=click.Path(),
    help="Save a copy of FILE that holds the computed values; all else in it stays as it is.",
)
@click.option("--plan", "as_plan", is_flag=True, help="Only say how each formula would be computed.")
@click.option("--force", is_flag=True, help="Overwrite OUT.")
@click.option("--seed", type=click.IntRange(min=0), help="Start of the random numbers of --volatile redraw.")
@quiet_option
def command(
    file: str,
    as_json: bool,
    volatile: str,
    output: str | None,
    as_plan: bool,
    force: bool,
    seed: int | None,
    quiet: bool,
) -> int:
    """Compute every formula of FILE (.xlsx or .xlsm) and compare with the stored values.

    Numbers agree within 1e-12 + 1e-12 |stored|, all else must be equal. Exit code 0 when all agree, 1 when
    a cell does not or cannot be computed, 2 when the file cannot be read. Cells for which the file stores
    nothing are computed and counted; there is nothing to compare.

    What differs or cannot be computed is summed up by cause, with the first cell of each; --json lists every
    cell.

    With --plan nothing is computed: a line for each region of formulas says in what order and how it would
    be: as whole arrays, as a loop (compiled where that pays), or cell by cell, with the reason.

    With -o the computed values go into a copy of FILE: charts, pivot tables, macros, styles and all other
    parts are copied byte for byte. What cannot be computed, and volatile formulas that are kept, stay.

    \b
    Examples:
      sheetsim recalc adam.xlsx
      sheetsim recalc graddesc.xlsm --json
      sheetsim recalc stale.xlsx -o fresh.xlsx
      sheetsim recalc adam.xlsx --plan
      sheetsim recalc dice.xlsx --volatile redraw --seed 1
    """
    from sheetsim.checking.recalc import recalculate
    from sheetsim.checking.report import recalculation_lines
    from sheetsim.errors import SheetsimError

    if seed is not None and volatile == "keep":
        raise SheetsimError("--seed is for --volatile redraw: stored random numbers are kept")
    if force and output is None:
        raise SheetsimError("--force is for -o: nothing is written without it")
    if as_plan:
        from sheetsim.checking.recalc import planned

        if output is not None:
            raise SheetsimError("--plan computes nothing that -o could save")
        lines = planned(file, redraw=volatile == "redraw")
        if as_json:
            print_json({"schema": "sheetsim.plan", "version": 1, "file": file, "steps": lines})
        else:
            click.echo("\n".join(lines))
        return 0
    say = progress_line(quiet)
    say(f"computing {file}")
    try:
        found = recalculate(file, redraw=volatile == "redraw", seed=seed, out=output, force=force)
    finally:
        say("")
    if as_json:
        print_json(found.as_json())
    elif not quiet:
        click.echo("\n".join(recalculation_lines(found, SHOWN)))
    return 0 if found.passed else 1
