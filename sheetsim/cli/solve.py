"""`sheetsim solve`: a Solver problem of a workbook, solved with exact gradients."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheetsim.cli.output import json_option, print_json, progress_line, quiet_option
from sheetsim.errors import SheetsimError
from sheetsim.solve.minimise import METHODS

if TYPE_CHECKING:
    from sheetsim.solve.problem import Problem
    from sheetsim.solve.solver import Solution

SHOWN = 12  # of the changing cells' new values
LIST_SCHEMA = "sheetsim.problems/1"


@click.command("solve")
@click.argument("file", type=click.Path())
@click.option("--sheet", metavar="NAME", help="The sheet whose problem is meant; addresses are on it too.")
@click.option("--objective", metavar="REF", help="The cell to minimise. Default: what Excel's Solver stored.")
@click.option("--changing", metavar="REFS", help="The cells to change: areas separated by commas.")
@click.option("--goal", metavar="min|max|VALUE", help="What to make of the objective. Default: min.")
@click.option(
    "--constraint",
    "constraints",
    metavar="TEXT",
    multiple=True,
    help='Like "A1:A5>=0", "B3<=C3" or "B4=1"; can be given several times.',
)
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default="auto",
    show_default=True,
    help="auto: lbfgs, or slsqp and trust-constr where constraints are more than bounds.",
)
@click.option("--max-seconds", type=click.FloatRange(min=0, min_open=True), help="Stop after that time.")
@click.option("--iterations", type=click.IntRange(min=1), help="Stop after so many.")
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    help="The learning rate of adam (0.05) and sgd (0.1).",
)
@click.option("--device", default="cpu", show_default=True, help="Where torch computes: cpu, cuda.")
@click.option("--list", "listing", is_flag=True, help="Show all problems in the file, and solve none.")
@click.option("-o", "--out", metavar="OUT", help="Save a copy with the solution, every formula recalculated.")
@click.option("--force", is_flag=True, help="Overwrite OUT.")
@json_option
@quiet_option
def command(
    file: str,
    sheet: str | None,
    objective: str | None,
    changing: str | None,
    goal: str | None,
    constraints: tuple[str, ...],
    method: str,
    max_seconds: float | None,
    iterations: int | None,
    rate: float | None,
    device: str,
    listing: bool,
    out: str | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Solve the problem that Excel's Solver stored in FILE, or the one that --objective and --changing give.

    The start values are the file's; the file is left as it is. Ctrl-C keeps the best so far. With -o a copy
    is saved in which only the changing cells and the formulas' values differ.

    \b
    Examples:
      sheetsim solve model.xlsx --list
      sheetsim solve model.xlsx --sheet bias --json -o solved.xlsx
      sheetsim solve model.xlsx --objective Sheet1!B9 --changing Sheet1!B2:B5 --constraint "B2:B5>=0"
    """
    from sheetsim.book import read
    from sheetsim.solve.problem import stored_problem, stored_problems, typed_problem
    from sheetsim.solve.solver import save_solution, solve
    from sheetsim.xlsx.edit.patch import check_copy

    if out is not None:
        check_copy(Path(file), Path(out), force=force)
    book = read(file).workbook
    if listing:
        _list(file, stored_problems(book), as_json, quiet)
        return 0
    if objective is not None and changing is not None:
        problem = typed_problem(book, sheet, objective, changing, goal or "min", constraints)
    elif objective is not None or changing is not None:
        raise SheetsimError("give --objective and --changing together")
    elif goal is not None or constraints:
        raise SheetsimError("--goal and --constraint are for a problem given by --objective and --changing")
    else:
        problem = stored_problem(book, sheet)
    say = progress_line(quiet)
    try:
        solution = solve(
            book,
            problem,
            method=method,
            max_seconds=max_seconds,
            max_iterations=iterations,
            rate=rate,
            device=device,
            progress=_teller(say),
        )
    finally:
        say("")
    if out is not None:
        save_solution(file, out, book, solution, force=force)
    if as_json:
        print_json(solution.as_json(file))
        for note in () if quiet else solution.notes:
            click.echo(f"note: {note}", err=True)
    elif not quiet:
        click.echo("\n".join(_lines(solution)))
        if out is not None:
            click.echo(f"saved        {out}")
    return 0


def _teller(say: Callable[[str], None]) -> Callable[[int, float, float], None]:
    return lambda iterations, value, norm: say(f"{iterations}  objective {value:.9g}  gradient {norm:.3g}")


def _list(file: str, problems: list[Problem], as_json: bool, quiet: bool) -> None:
    if as_json:
        print_json(
            {
                "schema": LIST_SCHEMA,
                "file": file,
                "problems": [_as_json(problem) for problem in problems],
            }
        )
    elif not quiet:
        for problem in problems:
            click.echo(problem.sheet)
            lines = problem.describe() + ([f"cannot be solved: {problem.fault}"] if problem.fault else [])
            click.echo("\n".join(f"  {line}" for line in lines))
        if not problems:
            click.echo("no Solver problem")


def _as_json(problem: Problem) -> dict[str, object]:
    from sheetsim.solve.problem import shown

    return {
        "sheet": problem.sheet,
        "objective": shown([problem.objective]) if problem.objective else None,
        "goal": problem.goal,
        "changing": shown(problem.changing),
        "variables": problem.variables,
        "constraints": [str(constraint) for constraint in problem.constraints],
        "not_negative": problem.not_negative,
        "options": problem.options,
        "fault": problem.fault or None,
    }


def _lines(solution: Solution) -> list[str]:
    from sheetsim.solve.problem import shown

    lines = [
        *solution.problem.describe(),
        f"start        {solution.start:.9g}",
        f"final        {solution.final:.9g}",
        f"gradient     {solution.gradient_norm:.3g} (norm)",
        f"{solution.status} after {solution.iterations} iterations, {solution.seconds:.2f} s",
    ]
    if solution.missed:
        lines.append(f"constraints  the worst is missed by {solution.missed:.3g}")
    for place, values in solution.values:
        listed = [f"{value:.6g}" for value in values.reshape(-1)[:SHOWN]]
        more = f" and {values.size - SHOWN} more" if values.size > SHOWN else ""
        lines.append(f"{shown([place])} = {', '.join(listed)}{more}")
    return lines + [f"note: {note}" for note in solution.notes]
