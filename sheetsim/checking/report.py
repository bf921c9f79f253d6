"""Reports for people: what `recalc` found as lines of text, what `check` found as a table block x judge.

In the table a block that a judge computes to the last bit is "exact"; else it says how far the farthest
cell is off in ulp, or how many cells FAILED.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sheetsim.checking.causes import NO_VALUE
from sheetsim.checking.compare import APART
from sheetsim.checking.outcome import (
    FAILED,
    PASSED,
    SKIPPED,
    BlockOutcome,
    Difference,
    JudgeOutcome,
    Outcome,
    size,
)
from sheetsim.checking.recalc import Mismatch, Recalculation
from sheetsim.checking.summary import differing, lacking
from sheetsim.errors import printable
from sheetsim.values import Scalar

if TYPE_CHECKING:
    from rich.console import RenderableType

SHOWN = 8
"""How many differing cells the report of `check` shows."""

LONGEST, LONGEST_FORMULA, LONGEST_VALUE = 1000, 200, 100
"""Characters of a line, of a formula in it, and of a text. All that comes out of a file is made printable:
it may hold what a terminal would take for commands."""


def recalculation_lines(found: Recalculation, shown: int) -> Iterator[str]:
    """The report of `recalc`, line by line: a line a cause, at most `shown` of each kind."""
    return (printable(line, LONGEST) for line in _recalculation_lines(found, shown))


def _recalculation_lines(found: Recalculation, shown: int) -> Iterator[str]:
    share = f"{found.agree:,} agree ({found.bit_identical:,} bit-identical)"
    yield f"{found.file}: {found.cells:,} formula cells, {share}"
    if found.volatile:
        yield f"{found.volatile:,} volatile (RAND and the like): not compared"
    for notice in found.notices:
        yield f"note: {notice}"
    if found.without_value:
        yield f"{found.without_value:,} formula cells have {NO_VALUE}"
    causes = differing(found)
    for cause in causes[:shown]:
        many = f"{cause.cells:,} cells differ ({cause.words}), first " if cause.cells > 1 else ""
        yield many + _differing(cause.first)
    if len(causes) > shown:
        yield f"... and {len(causes) - shown:,} more kinds of formulas that differ"
    reasons = lacking(found)
    for reason in reasons[:shown]:
        one, many = reason.first, f"{reason.cells:,} cells, first " if reason.cells > 1 else ""
        yield f"{many}{one.cell}: {shown_formula(one.formula)} cannot be computed: {reason.words}"
    if len(reasons) > shown:
        yield f"... and {len(reasons) - shown:,} more reasons why cells cannot be computed"
    for what, count in found.left_out.items():
        if count:
            yield f"... and {count:,} cells more ({what}) that are counted only"
    if found.saved is not None:
        saved = found.saved
        where = f" on {', '.join(saved.sheets)}" if saved.sheets else ""
        yield f"{saved.path}: saved, {saved.cells:,} values changed{where}"
    yield ", ".join(f"{what} {seconds:.3g} s" for what, seconds in found.seconds.items())


def _differing(one: Mismatch) -> str:
    """A cell that differs, in full."""
    far = f"rel {size(one.rel)}, {ulps(one.ulp)}" if one.ulp != APART else "another kind of value"
    values = f"gives {shown_value(one.computed)}, stored {shown_value(one.stored)}"
    return f"{one.cell}: {shown_formula(one.formula)} {values} ({far})"


def outcome_report(found: Outcome) -> RenderableType:
    """The report of `check` for a terminal."""
    from rich.console import Group
    from rich.text import Text

    verdict = "passed" if found.passed else "failed"
    parts: list[RenderableType] = [
        Text.assemble(printable(f"{found.file} ({found.model}): "), (verdict, _STYLE[verdict])),
        _table(found),
    ]
    parts += [_judge_line(judge) for judge in found.judges]
    allowed: dict[str, list[str]] = {}
    for judge in found.judges:
        if judge.status != SKIPPED:
            allowed.setdefault(str(judge.tolerance), []).append(judge.name)
    parts += [Text(f"allowed, {', '.join(names)}: {text}") for text, names in allowed.items()]
    parts += [Text(printable(f"note: {note}", LONGEST)) for note in found.notes[:SHOWN]]
    for one in found.mismatches[:SHOWN]:
        parts.append(_difference_text(one))
    more = found.following + max(len(found.mismatches) - SHOWN, 0)
    if more:
        parts.append(Text(f"\n{more:,} more cells differ; most only pass on what these have wrong"))
    return Group(*parts)


def outcomes_report(found: list[Outcome]) -> RenderableType:
    """The report on a file of several lessons: a line each, and in full those that failed."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    asked = {judge.name for one in found for judge in one.judges if judge.status != SKIPPED}
    names = [judge.name for judge in found[0].judges if judge.name in asked]
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("lesson", no_wrap=True)
    for name in names:
        table.add_column(name)
    for one in found:
        statuses = [one[name].status for name in names]
        table.add_row(one.model, *(Text(status, style=_STYLE[status]) for status in statuses))
    passed = sum(one.passed for one in found)
    head = Text(printable(f"{found[0].file}: {passed} of {len(found)} lessons passed"))
    return Group(head, table, *(outcome_report(one) for one in found if not one.passed))


_STYLE = {PASSED: "green", FAILED: "bold red", SKIPPED: "yellow"}


def _table(found: Outcome) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    asked = [judge for judge in found.judges if judge.status != SKIPPED]
    by_name = {judge.name: {block.name: block for block in judge.blocks} for judge in asked}
    names = dict.fromkeys(name for blocks in by_name.values() for name in blocks)
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("block", no_wrap=True)
    for judge in asked:
        table.add_column(judge.name, min_width=len(judge.name))
    for name in names:
        cells = [by_name[judge.name].get(name) for judge in asked]
        table.add_row(Text(printable(name)), *(_block_text(cell) for cell in cells))
    return table


def _block_text(block: BlockOutcome | None) -> RenderableType:
    from rich.text import Text

    if block is None:
        return Text("-", style="dim")
    if block.bit_identical == block.cells:
        return Text("exact", style="green")
    if not block.passed:
        return Text(f"FAILED {block.cells - block.agree}/{block.cells}", style="bold red")
    return Text(ulps(block.max_ulp), style="yellow" if block.by_rounding else "green")


def _judge_line(judge: JudgeOutcome) -> RenderableType:
    from rich.text import Text

    line = Text(f"{judge.name:<11} ")
    line.append(f"{judge.status:<7}", style=_STYLE[judge.status])
    if judge.status != SKIPPED:
        line.append(
            f" {judge.bit_identical:,} of {judge.cells:,} cells identical, off by {size(judge.max_rel)}"
        )
    if judge.by_rounding:
        line.append(
            f"; {judge.by_rounding:,} cells differ by more than is allowed, but by no more than "
            "rounding carried on over so many steps: they say nothing"
        )
    if judge.device:
        line.append(f", on {judge.device}")
    if judge.reason:
        line.append(printable(f" ({judge.reason})", LONGEST))
    return line


def _difference_text(one: Difference) -> RenderableType:
    from rich.text import Text

    far = f"rel {size(one.rel)}, {ulps(one.ulp)}" if one.ulp != APART else "another kind of value"
    text = Text()
    text.append("\n" + printable(one.cell), style="bold red")
    text.append("  (a typed value)" if one.formula is None else f"  {shown_formula(one.formula)}")
    text.append(printable(f"  {one.block}") if one.block else "", style="dim")
    text.append(f"\n  stored    {shown_value(one.stored)}")
    text.append(f"\n  {one.against:<9} {shown_value(one.computed)}  ({far})")
    text.append("\n" + printable(f"  {one.cause}", LONGEST))
    return text


def shown_formula(formula: str) -> str:
    """A formula as a report shows it."""
    return printable(f"={formula}", LONGEST_FORMULA)


def ulps(count: int) -> str:
    return f"{count:,} ulp" if count < 1_000_000 else f"{count:.0e} ulp"


def shown_value(value: Scalar) -> str:
    """A value as a report shows it: all digits of a number, quotes around text."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        return repr(value if len(value) <= LONGEST_VALUE else value[: LONGEST_VALUE - 3] + "...")
    return repr(value) if isinstance(value, float) else str(value)
