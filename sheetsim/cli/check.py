"""`sheetsim check`: a lesson's workbook against every independent computation of it."""

from __future__ import annotations

import click

from sheetsim.cli.completion import judges, lessons
from sheetsim.cli.output import json_option, print_json, progress_line, quiet_option


@click.command("check")
@click.argument("file", type=click.Path())
@click.option(
    "--model",
    metavar="NAME",
    shell_complete=lessons,
    help="The lesson (an export says itself which it is, or which they are).",
)
@click.option("--sheet", metavar="NAME", help="The sheet that the lesson is on, in the course's workbooks.")
@click.option(
    "--against",
    metavar="LIST",
    shell_complete=judges,
    help="Who judges, separated by commas: recalc (our engine), arrays (NumPy), torch, kernel (CUDA, or as "
    "C++ without a GPU), libreoffice, ironcalc; or all. Default: all that this machine has.",
)
@click.option(
    "--rtol",
    type=float,
    metavar="X",
    help="What may differ, relative to the largest magnitude in the block's column. Default: 1e-12 "
    "(LibreOffice: 1e-14 of that and 1e-14 of the value, as it saves 15 digits).",
)
@click.option("--report", metavar="HTML", help="Write a page with a map of each block's differences.")
@click.option("--force", is_flag=True, help="Overwrite the page.")
@json_option
@quiet_option
def command(
    file: str,
    model: str | None,
    sheet: str | None,
    against: str | None,
    rtol: float | None,
    report: str | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Check the lesson in FILE: compare its stored values, block by block, with NumPy, PyTorch, the CUDA
    kernel, our engine, LibreOffice and IronCalc.

    A workbook of several lessons, such as a whole course, has all of them checked.

    Inputs are taken from the file, so change x, y or the learning rate, save, and check again. Exit code 0
    when all agree, 1 when a cell differs, 2 when the file cannot be checked.

    \b
    Examples:
      sheetsim check adam.xlsx
      sheetsim check adam.xlsx --against arrays,torch --json
      sheetsim check adam.xlsx --report adam.html
      sheetsim check graddesc.xlsm --model adam --sheet adam
    """
    from sheetsim.checking.html import check_place, write_report
    from sheetsim.checking.outcome import outcomes_as_json
    from sheetsim.checking.report import outcome_report, outcomes_report
    from sheetsim.checking.run import check, check_every

    if report is not None:
        check_place(report, force=force)
    say = progress_line(quiet)
    try:
        if model is None and sheet is None:
            found = check_every(file, against=against, rtol=rtol, progress=say)
        else:
            found = [check(file, model=model, sheet=sheet, against=against, rtol=rtol, progress=say)]
    finally:
        say("")
    if report is not None:
        write_report(found, report, force=force)
    if as_json:
        print_json(found[0].as_json() if len(found) == 1 else outcomes_as_json(found))
    elif not quiet:
        from rich.console import Console

        text = outcome_report(found[0]) if len(found) == 1 else outcomes_report(found)
        Console(highlight=False).print(text)
    return 0 if all(one.passed for one in found) else 1
