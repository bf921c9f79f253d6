"""`sheetsim recalc`: compute every formula of a workbook, compare with what the file stores."""

from __future__ import annotations

import click

from sheetsim.cli.output import json_option, print_json, progress_line, quiet_option

SHOWN = 20


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
@click.option("--seed", type=click.IntRange(min=0), help="Start of the random numbers of --volatile redraw.")
@quiet_option
def command(file: str, as_json: bool, volatile: str, seed: int | None, quiet: bool) -> int:
    """Compute every formula of FILE (.xlsx or .xlsm) and compare with the stored values.

    Numbers agree within 1e-12 + 1e-12 |stored|, all else must be equal. Exit code 0 when all agree, 1 when
    a cell does not or cannot be computed, 2 when the file cannot be read.

    \b
    Examples:
      sheetsim recalc adam.xlsx
      sheetsim recalc graddesc.xlsm --json
      sheetsim recalc dice.xlsx --volatile redraw --seed 1
    """
    from sheetsim.check.recalc import recalculate
    from sheetsim.check.report import recalculation_lines
    from sheetsim.errors import SheetsimError

    if seed is not None and volatile == "keep":
        raise SheetsimError("--seed is for --volatile redraw: stored random numbers are kept")
    say = progress_line(quiet)
    say(f"computing {file}")
    try:
        found = recalculate(file, redraw=volatile == "redraw", seed=seed)
    finally:
        say("")
    if as_json:
        print_json(found.as_json())
    elif not quiet:
        click.echo("\n".join(recalculation_lines(found, SHOWN)))
    return 0 if found.passed else 1
