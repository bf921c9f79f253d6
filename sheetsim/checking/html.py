"""The report of `check` as one HTML page that needs nothing else: verdicts, and a map of each block's cells.

A map has a square for each cell, coloured by how near the judge's value is; a tall block lies on its side,
and of a large one each square stands for several cells and shows the farthest of them. Nothing on the page
runs, and all that comes out of the workbook is escaped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from html import escape
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.checking.compare import APART, Level
from sheetsim.checking.outcome import (
    ELSEWHERE,
    SKIPPED,
    BlockOutcome,
    Difference,
    JudgeOutcome,
    Outcome,
    size,
)
from sheetsim.checking.report import shown_formula, shown_value, ulps
from sheetsim.errors import SheetsimError, printable

MOST = 48  # squares of a map in a row, and rows of squares
SIDE = 7  # pixels of a square

COLOURS = {
    Level.NOT_ASKED: ("#ececec", "not asked"),
    Level.IDENTICAL: ("#8cc79a", "identical to the last bit"),
    Level.FEW_ULP: ("#d5e48a", "up to 4 units in the last place"),
    Level.SOME_ULP: ("#f3d774", "up to 64 units"),
    Level.WITHIN: ("#f0ab63", "more, but within what is allowed"),
    Level.DIFFERS: ("#c8372d", "differs"),
}

STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; } th, td { padding: .3rem .7rem; text-align: left; vertical-align: top; }
th { border-bottom: 1px solid #8888; } td { border-bottom: 1px solid #8883; }
code { font: 13px/1.4 ui-monospace, monospace; word-break: break-all; }
.passed { color: #2e8b57; } .failed { color: #c8372d; font-weight: bold; } .skipped { color: #a07a1a; }
.cause { border-left: 4px solid #c8372d; padding-left: .8rem; margin: 1rem 0; }
.legend span { display: inline-block; margin-right: 1.2rem; }
.legend i { display: inline-block; width: 11px; height: 11px; margin-right: .4rem; }
.small { font-size: 12.5px; opacity: .8; }
svg { display: block; margin-top: .25rem; }
"""


def check_place(path: str | os.PathLike[str], *, force: bool = False) -> None:
    """SheetsimError when no report can be written to `path`, or one is there already (and not `force`)."""
    from sheetsim.xlsx.write.workbook import check_target

    if Path(path).suffix.lower() not in (".html", ".htm"):
        raise SheetsimError(f"--report {path}: the report is a page; its name ends in .html")
    check_target(path, force=force, suffix=Path(path).suffix)


def write_report(found: list[Outcome], path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Write the page, whole or not at all. SheetsimError as `check_place`."""
    from sheetsim.xlsx.write.replacing import replacing

    check_place(path, force=force)
    with replacing(Path(path), force=force) as temporary:
        temporary.write_text(html_report(found), encoding="utf-8")


def html_report(found: list[Outcome]) -> str:
    """The page, for one lesson or several."""
    title = f"{Path(found[0].file).name}: {'passed' if all(one.passed for one in found) else 'failed'}"
    body = "\n".join(part for one in found for part in _lesson(one))
    legend = "".join(f'<span><i style="background:{ink}"></i>{said}</span>' for ink, said in COLOURS.values())
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>{_safe(title)}</title>
<style>{STYLE}</style>
<h1>{_safe(found[0].file)}</h1>
<p class="legend">{legend}</p>
{body}
</html>
"""


def _lesson(found: Outcome) -> Iterator[str]:
    verdict = "passed" if found.passed else "failed"
    yield f'<h2>{_safe(found.model)}: <span class="{verdict}">{verdict}</span></h2>'
    for one in found.mismatches:
        yield _difference(one)
    if found.following:
        yield f"<p>{found.following:,} more cells differ; most only pass on what these have wrong.</p>"
    yield from (f'<p class="small">note: {_safe(note)}</p>' for note in found.notes)
    yield "<table><tr><th>judge<th>verdict<th>cells<th>identical<th>off by<th>allowed</tr>"
    yield from (_judge(judge) for judge in found.judges)
    yield "</table>"
    yield from _maps(found)


def _judge(judge: JudgeOutcome) -> str:
    where = f" on {_safe(judge.device)}" if judge.device else ""
    reason = f'<div class="small">{_safe(judge.reason)}</div>' if judge.reason else ""
    verdict = f'<td><span class="{judge.status}">{judge.status}</span>{where}{reason}'
    if judge.status == SKIPPED:
        return f"<tr><td>{judge.name}{verdict}<td><td><td><td></tr>"
    rounding = f"<br>{judge.by_rounding:,} by rounding carried on" if judge.by_rounding else ""
    return (
        f"<tr><td>{judge.name}{verdict}<td>{judge.cells:,}<td>{judge.bit_identical:,}"
        f"<td>{size(judge.max_rel)}{rounding}<td>{_safe(str(judge.tolerance))}</tr>"
    )


def _difference(one: Difference) -> str:
    far = f"{size(one.rel)} of the column, {ulps(one.ulp)}" if one.ulp != APART else "another kind of value"
    formula = "a typed value" if one.formula is None else shown_formula(one.formula)
    return (
        f'<div class="cause"><b>{_safe(one.cell)}</b> <span class="small">{_safe(one.block)}</span><br>'
        f"<code>{_safe(formula)}</code><br>stored {_safe(shown_value(one.stored))}, {one.against} "
        f"{_safe(shown_value(one.computed))} ({far})<br>{_safe(one.cause)}</div>"
    )


def _maps(found: Outcome) -> Iterator[str]:
    """A row for each block, a map for each judge that has a say in it."""
    asked = [judge for judge in found.judges if judge.status != SKIPPED]
    by_name = {judge.name: {block.name: block for block in judge.blocks} for judge in asked}
    names = dict.fromkeys(name for blocks in by_name.values() for name in blocks if name != ELSEWHERE)
    yield "<table><tr><th>block" + "".join(f"<th>{judge.name}" for judge in asked) + "</tr>"
    for name in names:
        cells = [by_name[judge.name].get(name) for judge in asked]
        first = next(block for block in cells if block is not None)
        where = f'<div class="small">{_safe(first.sheet or "")} {first.rect}</div>'
        yield f"<tr><td>{_safe(name)}{where}" + "".join(f"<td>{_map(block)}" for block in cells) + "</tr>"
    yield "</table>"


def _map(block: BlockOutcome | None) -> str:
    if block is None or block.levels is None or block.rect is None:
        return '<span class="small">-</span>'
    if block.bit_identical == block.cells:
        said = "identical"
    elif block.passed:
        said = f"{ulps(block.max_ulp)}, {block.bit_identical:,} of {block.cells:,} identical"
    else:
        said = f"{block.cells - block.agree:,} of {block.cells:,} differ"
    return f'<span class="small">{said}</span>{_squares(block.levels, block.rect)}'


def _squares(cells: NDArray[np.uint8], rect: Rect) -> str:
    """The map as a drawing, lying where the block is tall and narrow. Neighbours that are alike are one."""
    lying = cells.shape[0] > 4 * cells.shape[1]
    shown = cells.T if lying else cells
    down, across = (-(-count // MOST) for count in shown.shape)  # cells that a square stands for
    pooled = _pooled(shown, down, across)
    shapes = []
    for r, row in enumerate(pooled):
        edges = [0, *(np.flatnonzero(np.diff(row)) + 1).tolist(), len(row)]
        for left, right in pairwise(edges):
            ink, said = COLOURS[Level(int(row[left]))]
            height, width = min(down, shown.shape[0] - r * down), (right - left) * across
            place = Rect(
                r * down, left * across, r * down + height, min(left * across + width, shown.shape[1])
            )
            if lying:
                place = Rect(place.left, place.top, place.right, place.bottom)
            shapes.append(
                f'<rect x="{left * SIDE}" y="{r * SIDE}" width="{(right - left) * SIDE}" height="{SIDE}" '
                f'fill="{ink}"><title>{place.shift(rect.top, rect.left)}: {said}</title></rect>'
            )
    width, height = pooled.shape[1] * SIDE, pooled.shape[0] * SIDE
    return f'<svg role="img" width="{width}" height="{height}">{"".join(shapes)}</svg>'


def _pooled(cells: NDArray[np.uint8], rows: int, columns: int) -> NDArray[np.uint8]:
    """The largest level of each `rows` x `columns` cells."""
    padding = [(0, -cells.shape[0] % rows), (0, -cells.shape[1] % columns)]
    full = np.pad(cells, padding)
    tiles = full.reshape(full.shape[0] // rows, rows, full.shape[1] // columns, columns)
    return np.asarray(tiles.max(axis=(1, 3)), np.uint8)


def _safe(text: str) -> str:
    return escape(printable(text, 2000))
