"""`sheetsim grad`: how a cell of a workbook depends on others."""

from __future__ import annotations

import click

from sheetsim.cli.output import json_option, print_json, quiet_option

SCHEMA = "sheetsim.grad/1"


@click.command("grad")
@click.argument("file", type=click.Path())
@click.option("--of", "of", metavar="REF", required=True, help="The cell, with its sheet: Sheet1!B9.")
@click.option("--wrt", "wrt", metavar="REF", required=True, multiple=True, help="The cells: Sheet1!B2:C5.")
@click.option("--device", default="cpu", show_default=True, help="Where torch computes: cpu, cuda.")
@json_option
@quiet_option
def command(file: str, of: str, wrt: tuple[str, ...], device: str, as_json: bool, quiet: bool) -> int:
    """Print the slopes of one cell of FILE with respect to others, at the values that the file holds.

    They are exact (automatic differentiation through the formulas). What no slope goes through, like a
    comparison, is named in a note.

    \b
    Examples:
      sheetsim grad adam.xlsx --of 'adam!I32' --wrt 'adam!D2'
      sheetsim grad model.xlsx --of 'Sheet1!A1' --wrt 'Sheet1!B2:C5' --json
    """
    from sheetsim.book import read
    from sheetsim.solve.gradient import gradient

    found = gradient(read(file).workbook, of, wrt, device)
    if as_json:
        slopes = {address: block.tolist() for address, block in zip(wrt, found.slopes, strict=True)}
        print_json(
            {
                "schema": SCHEMA,
                "file": file,
                "of": of,
                "value": found.value,
                "gradient": slopes,
                "notes": found.notes,
            }
        )
    elif not quiet:
        click.echo(f"{of} = {found.value:.17g}")
        for address, block in zip(wrt, found.slopes, strict=True):
            click.echo(f"by {address}:")
            for row in block.tolist():
                click.echo("  " + "  ".join(f"{slope:.9g}" for slope in row))
        for note in found.notes:
            click.echo(f"note: {note}")
    return 0
