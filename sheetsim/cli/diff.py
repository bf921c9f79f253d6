"""`sheetsim diff`: the formulas and values in which two workbooks differ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sheetsim.cli.output import json_option, print_json, progress_line, quiet_option

if TYPE_CHECKING:
    from sheetsim.checking.difference import Found

SCHEMA = "sheetsim.diff/1"


@click.command("diff")
@click.argument("before", type=click.Path())
@click.argument("after", type=click.Path())
@click.option(
    "--rtol",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="Numbers whose relative difference is at most this are the same.",
)
@click.option("--formulas", is_flag=True, help="Compare formulas only, no values.")
@click.option(
    "--most", type=click.IntRange(min=1), default=50, show_default=True, help="Differences printed."
)
@json_option
@quiet_option
def command(
    before: str, after: str, rtol: float, formulas: bool, most: int, as_json: bool, quiet: bool
) -> int:
    """List where the formulas or the stored values of two workbooks differ, a line a region.

    Formulas are compared as they are filled down, so that one changed cell of a long column is one line. Exit
    code 0 when nothing differs, 1 when something does, 2 when a file cannot be read.

    \b
    Examples:
      sheetsim diff adam.xlsx handed_in.xlsx
      sheetsim diff adam.xlsx handed_in.xlsx --formulas
      sheetsim diff old.xlsx new.xlsx --rtol 1e-12 --json
    """
    from sheetsim.checking.compare import Tolerance
    from sheetsim.checking.difference import ValueDifference, differences
    from sheetsim.errors import printable
    from sheetsim.xlsx.read.workbook import read_workbook

    say = progress_line(quiet)
    say(f"comparing {before} with {after}")
    try:
        books = [read_workbook(Path(path)) for path in (before, after)]
        found = [
            one
            for one in differences(books[0], books[1], Tolerance(relative=rtol))
            if not (formulas and isinstance(one, ValueDifference))
        ]
    finally:
        say("")
    if as_json:
        print_json(
            {"schema": SCHEMA, "before": before, "after": after, "differences": list(map(_json, found))}
        )
    elif not quiet:
        for one in found[:most]:
            click.echo(printable(_line(one)))
        if len(found) > most:
            click.echo(f"... and {len(found) - most:,} more differences")
        if not found:
            click.echo("no differences")
    return 1 if found else 0


def _line(one: Found) -> str:
    from sheetsim.address import cell_name
    from sheetsim.checking.difference import FormulaDifference, SheetOnlyIn
    from sheetsim.checking.report import shown_formula, shown_value

    if isinstance(one, SheetOnlyIn):
        return f"sheet {one.sheet!r} is only in the {'first' if one.before else 'second'} workbook"
    if isinstance(one, FormulaDifference):
        texts = [
            shown_formula(text) if text is not None else "no formula" for text in (one.before, one.after)
        ]
        return f"{one.address}: formula {texts[0]} -> {texts[1]}"
    what = "typed" if one.formula is None else shown_formula(one.formula)
    values = f"{shown_value(one.before)} -> {shown_value(one.after)}"
    if one.cells == 1 and one.rect.size == 1:
        return f"{one.address}: {values} ({what})"
    count = f"{one.cells:,} of {one.rect.size:,} values"
    return f"{one.address}: {count}, first {cell_name(*one.first)} {values} ({what})"


def _json(one: Found) -> dict[str, Any]:
    from sheetsim.address import cell_name
    from sheetsim.checking.difference import FormulaDifference, SheetOnlyIn
    from sheetsim.checking.recalc import json_value

    if isinstance(one, SheetOnlyIn):
        return {"kind": "sheet", "sheet": one.sheet, "only_in": "before" if one.before else "after"}
    if isinstance(one, FormulaDifference):
        before, after = (text if text is None else f"={text}" for text in (one.before, one.after))
        return {"kind": "formula", "cells": one.address, "before": before, "after": after}
    return {
        "kind": "value",
        "cells": one.address,
        "count": one.cells,
        "first": cell_name(*one.first),
        "before": json_value(one.before),
        "after": json_value(one.after),
        "formula": one.formula if one.formula is None else f"={one.formula}",
    }
