"""Recurrences as generated scalar loops: plain Python always, compiled by numba where that pays.

A `Program` is the loop of one sweep over one set of members: a function of the flat number arrays and of a
list of integers that say where things are, so that one program serves every recurrence of the same structure
(epoch after epoch), at any size. It is built from the parsed tree (`loop_code`), never from text.

    program = build(sweep, range(len(sweep.members)))
    stopped = program.python(bind(program, sweep, ..., grids), memoryview(grid.flat), start, stop)

A program returns the time at which it stopped: `stop`, or the first time at which something was not a finite
number. Plain Python takes about a microsecond for a row of Adam's ten columns, numba 20 nanoseconds, but
numba costs a third of a second to import and half a second or more for a program; see `passes` for the
choice. Both do the same arithmetic in the same order: no fast-math, no contraction, the same bits.
"""

from __future__ import annotations

import ast
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from sheetsim.backends.loop_calls import CALLS
from sheetsim.backends.loop_code import Writer
from sheetsim.backends.loop_parts import Member, Place, Read, Slot, Unsuited, call, constant, item, named
from sheetsim.errors import MissingExtra
from sheetsim.formula.nodes import CellRef, RangeRef
from sheetsim.functions import FUNCTIONS
from sheetsim.functions.calling import call_scalar
from sheetsim.plan.areas import area_of
from sheetsim.plan.recurrence import Sweep
from sheetsim.run.store import Grid
from sheetsim.values import ExcelError

Loop = Callable[..., int]

MOST_PROGRAMS = 256


@dataclass(slots=True)
class Program:
    """The loop of one structure. `body` and `before` are its code, `slots` the integers and `reads` the
    kinds of cells that it needs; `compilable` says whether numba gives the same bits."""

    body: list[ast.stmt]
    before: list[ast.stmt]
    slots: Sequence[Slot]
    reads: Sequence[Read]
    arrays: int
    sign: int
    compilable: bool
    calls: frozenset[str]
    _python: Loop | None = None
    _compiled: Loop | None = field(default=None, repr=False)

    @property
    def python(self) -> Loop:
        """As plain Python: `loop(integers, array, ..., start, stop)`; arrays are memoryviews of float64."""
        if self._python is None:
            self._python = _made(self._function(guarded=True), {n: _scalar(n) for n in self.calls})
        return self._python

    @property
    def is_compiled(self) -> bool:
        return self._compiled is not None

    def compiled(self) -> tuple[Loop, float]:
        """By numba (arrays are float64 arrays, integers an int64 array), and the seconds that it took now.

        MissingExtra where numba is not installed.
        """
        start = time.perf_counter()
        if self._compiled is None:
            try:
                import numba
            except ImportError:
                raise MissingExtra("numba", "jit", "compiling a recurrence") from None
            arrays = [numba.float64[::1]] * self.arrays
            signature = numba.int64(numba.int64[::1], *arrays, numba.int64, numba.int64)
            function = _made(self._function(guarded=False), {})
            self._compiled = numba.njit(signature, nogil=True, error_model="numpy")(function)
        return self._compiled, time.perf_counter() - start

    def text(self) -> str:
        """The code, for people."""
        return ast.unparse(ast.fix_missing_locations(ast.Module([self._function(guarded=False)], [])))

    def _function(self, guarded: bool) -> ast.FunctionDef:
        """The whole function. `guarded`: Python raises where arithmetic fails; that is a stop too."""
        numbers = [
            ast.Assign([named(f"b{n}", ast.Store())], item("B", constant(n))) for n in range(len(self.slots))
        ]
        loop: ast.stmt = ast.For(
            named("u", ast.Store()),
            call("range", named("start"), named("stop"), constant(self.sign)),
            self.body,
            [],
        )
        if guarded:
            failures = ast.Tuple(
                [named(name) for name in ("ZeroDivisionError", "ValueError", "OverflowError")], ast.Load()
            )
            handler = ast.ExceptHandler(failures, None, [ast.Return(named("u"))])
            loop = ast.Try([loop], [handler], [], [])
        names = ["B", *(f"N{n}" for n in range(self.arrays)), "start", "stop"]
        arguments = ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])
        body = [*numbers, *self.before, loop, ast.Return(named("stop"))]
        return ast.FunctionDef("loop", arguments, body, [])


def _made(function: ast.FunctionDef, calls: Mapping[str, Callable[..., float]]) -> Loop:
    module = ast.fix_missing_locations(ast.Module([function], []))
    names: dict[str, Any] = {"sqrt": math.sqrt} | {f"call_{name}": call for name, call in calls.items()}
    exec(compile(module, "<a recurrence>", "exec"), names)
    loop: Loop = names["loop"]
    return loop


def _scalar(name: str) -> Callable[..., float]:
    """A function's scalar implementation, with errors as ValueError."""
    record = FUNCTIONS[name]

    def plain(*arguments: float) -> float:
        result = call_scalar(record, arguments)
        if isinstance(result, ExcelError) or not isinstance(result, float):
            raise ValueError(name)
        return result

    return plain


@dataclass(frozen=True, slots=True)
class Segment:
    """A span of times in which the same members of a sweep (`active`) are computed, and the program that does
    it; None, and a `reason`, where it must be done cell by cell."""

    start: int
    stop: int
    active: tuple[int, ...]
    program: Program | None
    reason: str = ""

    def describe(self) -> str:
        if self.program is None:
            return f"cell by cell ({self.reason})"
        return "generated loop" if self.program.compilable else "generated loop, in plain Python only"


def segments(sweep: Sweep) -> list[Segment]:
    """A sweep cut where members begin and end."""
    begin: dict[int, list[int]] = {}
    end: dict[int, list[int]] = {}
    for number in range(len(sweep.members)):
        first, after = sweep.times(number)
        begin.setdefault(first, []).append(number)
        end.setdefault(after, []).append(number)
    found, computed = [], set[int]()
    for start, stop in pairwise(sorted(begin.keys() | end.keys())):
        computed.difference_update(end.get(start, ()))
        computed.update(begin.get(start, ()))
        active = tuple(sorted(computed))
        if active:
            try:
                found.append(Segment(start, stop, active, build(sweep, active)))
            except Unsuited as reason:
                found.append(Segment(start, stop, active, None, str(reason)))
    return found


_programs: dict[object, Program | Unsuited] = {}


def build(sweep: Sweep, active: Sequence[int]) -> Program:
    """The program for the members numbered `active` of a sweep. Unsuited where there can be none."""
    sheets = sweep.places.sheets
    members = []
    for number in active:
        region = sweep.members[number]
        assert region.node is not None
        if region.lifted:
            raise Unsuited("an array formula in each cell")
        references = set(sweep.references[number])
        places = {reference: _place(sweep, active, number, reference, sheets) for reference in references}
        sheet = sheets.index(region.sheet.casefold())
        wide = _across(sweep, number)[1] > 1
        members.append(Member(region.node, sheet, wide, sweep.across[number], places))
    key = (
        sweep.direction,
        len(sheets),
        tuple((m.node, m.sheet, m.wide, m.across, frozenset(m.places.items())) for m in members),
    )
    if key not in _programs:
        if len(_programs) >= MOST_PROGRAMS:
            _programs.clear()
        _programs[key] = _written(sweep, members, len(sheets))
    program = _programs[key]
    if isinstance(program, Unsuited):
        raise program
    return program


def _written(sweep: Sweep, members: Sequence[Member], arrays: int) -> Program | Unsuited:
    writer = Writer(members, sweep.along_rows, CALLS)
    try:
        body = writer.write()
    except Unsuited as reason:
        return reason
    return Program(
        body,
        writer.before,
        writer.slots,
        writer.reads,
        arrays,
        sweep.sign,
        writer.compilable,
        frozenset(writer.calls),
    )


def _across(sweep: Sweep, number: int) -> tuple[int, int]:
    """First cell of a member's lines, and how many there are."""
    rect = sweep.members[number].rect
    return (rect.left, rect.columns) if sweep.along_rows else (rect.top, rect.rows)


def _place(
    sweep: Sweep, active: Sequence[int], number: int, reference: CellRef | RangeRef, sheets: list[str]
) -> Place:
    region = sweep.members[number]
    area = area_of(reference, region.rect, region.sheet)
    sheet = sheets.index(area.sheet.casefold())
    if isinstance(reference, RangeRef):
        return Place(sheet)
    along, over = (area.rows, area.columns) if sweep.along_rows else (area.columns, area.rows)
    stands = reference.row_abs if sweep.along_rows else reference.column_abs
    wide = _across(sweep, number)[1] > 1
    if not sweep.places.touched(area, region.rect):
        return Place(sheet, fixed=stands and not (wide and over.moves))
    if wide or stands:
        return Place(sheet)
    ahead = along.first - (region.rect.top if sweep.along_rows else region.rect.left)
    for place, other in enumerate(active):
        same_sheet = sweep.members[other].sheet.casefold() == area.sheet.casefold()
        same_time = ahead == sweep.sign * (sweep.lags[number] - sweep.lags[other])
        if same_sheet and same_time and _across(sweep, other) == (over.first, 1):
            return Place(sheet, same=place)
    return Place(sheet)


def bind(program: Program, sweep: Sweep, active: Sequence[int], grids: Mapping[str, Grid]) -> list[int]:
    """The integers that a program needs for this sweep."""
    sheets = sweep.places.sheets

    def coordinates(slot: Slot) -> tuple[int, int]:
        """Row and column where `u` and `s` are 0."""
        number = active[slot.member]
        along = -sweep.sign * sweep.lags[number]
        across = _across(sweep, number)[0]
        row, column = (along, across) if sweep.along_rows else (across, along)
        return slot.reference.at(row, column) if slot.reference else (row, column)

    found = []
    for slot in program.slots:
        if slot.what == "height":
            found.append(grids[sheets[slot.member]].height)
        elif slot.what == "count":
            found.append(_across(sweep, active[slot.member])[1])
        else:
            row, column = coordinates(slot)
            region = sweep.members[active[slot.member]]
            sheet = slot.reference.sheet if slot.reference and slot.reference.sheet else region.sheet
            height = grids[sheet.casefold()].height
            found.append({"row": row, "column": column}.get(slot.what, column * height + row))
    return found
