"""Recurrences as generated loops: compiled by LLVM where that pays, else plain Python.

A `Loop` is the code of one sweep over one set of members: a function of the flat number arrays and of
integers that say where things are, so that one loop serves every recurrence of the same structure (epoch
after epoch, book after book), at any size; it is kept in the process. It is built from the parsed tree
(`scalar`), never from text.

    loop = build(sweep, range(len(sweep.members)))
    stopped = loop.code("plain").run(grids, sweep, active, start, stop)

A loop returns the time at which it stopped: `stop`, or the first time at which something was not what its
variant takes (see `loop_parts.Variant`). All variants and both languages do the same arithmetic in the same
order: no fast-math, no contraction, the same bits.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.backends import native
from sheetsim.backends.loop_parts import Member, Place, Read, Slot, Variant
from sheetsim.backends.print_llvm import LlvmCode
from sheetsim.backends.print_python import PythonCode
from sheetsim.backends.printer import Printer
from sheetsim.backends.scalar import Walk
from sheetsim.formula.nodes import CellRef, RangeRef
from sheetsim.ir.lower import Unsuited
from sheetsim.ir.types import NUMBERS
from sheetsim.plan.areas import area_of
from sheetsim.plan.recurrence import Sweep
from sheetsim.run.store import Grid

MOST_LOOPS = 256

PER_OPERATION = 45e-9
"""Seconds that an operation takes in plain Python."""


@dataclass(slots=True)
class LoopCode:
    """One variant of a loop, written: what it needs, and how to run it. `truths`: which members give truth
    values. `seconds`: what writing and compiling took."""

    variant: Variant
    slots: Sequence[Slot]
    reads: Sequence[Read]
    function: Callable[..., int]
    compiled: bool
    truths: Sequence[bool]
    seconds: float = 0.0

    def run(
        self, grids: Mapping[str, Grid], sweep: Sweep, active: Sequence[int], start: int, stop: int
    ) -> int:
        """Go through the times from `start` up to `stop`; the time at which it stopped."""
        used, sign = [grids[sheet] for sheet in sweep.places.sheets], sweep.sign
        numbers, kinds = [grid.flat for grid in used], [grid.kinds.T.reshape(-1) for grid in used]
        integers = bind(self.slots, sweep, active, grids)
        return sign * self.call(integers, numbers, kinds, sign * start, sign * stop)

    def back(
        self,
        grids: Mapping[str, Grid],
        slopes: Mapping[str, NDArray[np.float64]],
        sweep: Sweep,
        active: Sequence[int],
        start: int,
        stop: int,
    ) -> bool:
        """Of a way back: go from `stop` back to `start`, adding to the slopes (flat, by sheet). False where
        it did not get there."""
        used, sign = [grids[sheet] for sheet in sweep.places.sheets], sweep.sign
        numbers = [grid.flat for grid in used] + [slopes[sheet] for sheet in sweep.places.sheets]
        kinds = 2 * [grid.kinds.T.reshape(-1) for grid in used]
        integers, end = bind(self.slots, sweep, active, grids), sign * (start - 1)
        return self.call(integers, numbers, kinds, sign * (stop - 1), end) == end

    def call(
        self,
        integers: list[int],
        numbers: Sequence[NDArray[np.float64]],
        kinds: Sequence[NDArray[np.uint8]],
        start: int,
        stop: int,
    ) -> int:
        """The loop itself on flat arrays; `start` and `stop` as its language counts."""
        if not self.compiled:
            views: list[Any] = []
            for number, kind in zip(numbers, kinds, strict=True):
                views += [memoryview(number), memoryview(kind)]  # type: ignore[arg-type]
            return self.function(integers, *views, start, stop)
        given = np.array(integers, np.int64)
        arrays: tuple[Sequence[NDArray[Any]], ...] = (numbers, kinds)
        addresses = [(ctypes.c_void_p * len(ones))(*(one.ctypes.data for one in ones)) for ones in arrays]
        return self.function(given.ctypes.data, *addresses, start, stop)


@dataclass(slots=True)
class Loop:
    """The loop of one structure, in the variants that were asked for so far. `spent`: seconds that plans so
    far have given to it in plain Python."""

    members: Sequence[Member]
    along_rows: bool
    arrays: int
    sign: int
    operations: int
    spent: float = 0.0
    _codes: dict[tuple[Variant, bool], LoopCode | Unsuited] = field(default_factory=dict)
    _back: dict[bool, LoopCode | Unsuited] = field(default_factory=dict)

    def has(self, variant: Variant, compiled: bool) -> bool:
        """Is it written already?"""
        return (variant, compiled) in self._codes

    def code(self, variant: Variant, compiled: bool = False) -> LoopCode:
        """The variant, in Python or compiled. Unsuited where there is none, MissingExtra without llvmlite."""
        key = (variant, compiled)
        if key not in self._codes:
            begun = time.perf_counter()
            try:
                code = self._written(variant, compiled)
                code.seconds = time.perf_counter() - begun
                self._codes[key] = code
            except Unsuited as reason:
                self._codes[key] = reason
        found = self._codes[key]
        if isinstance(found, Unsuited):
            raise found
        return found

    def _written(self, variant: Variant, compiled: bool) -> LoopCode:
        printer = LlvmCode(variant == "all") if compiled else PythonCode()
        walk = Walk(self.members, self.along_rows, printer, variant)
        code = self._finished(walk, printer, self.arrays, self.sign)
        self.operations = len(walk.program.steps)
        return code

    def _finished(self, walk: Walk, printer: LlvmCode | PythonCode, arrays: int, sign: int) -> LoopCode:
        walk.lower()
        walk.write()
        truths = [not root.type.kinds & NUMBERS for root in walk.roots]
        size = len(walk.slots), arrays, sign
        if isinstance(printer, LlvmCode):
            function, compiled = native.compiled(printer.text(*size)), True
        else:
            function, compiled = printer.made(*size), False
        return LoopCode(walk.variant, walk.slots, list(walk.reads), function, compiled, truths)

    def printed(self, variant: Variant, printer: Printer) -> LoopCode:
        """The variant written by a printer, to be part of a larger program."""
        walk = Walk(self.members, self.along_rows, printer, variant)
        walk.lower()
        walk.write()
        truths = [not root.type.kinds & NUMBERS for root in walk.roots]
        return LoopCode(variant, walk.slots, list(walk.reads), _never, True, truths)

    def way_back(self, compiled: bool) -> LoopCode:
        """The loop that carries slopes back (`adjoint`). Unsuited where there is none."""
        from sheetsim.backends.adjoint import AdjointWalk

        if compiled not in self._back:
            printer = LlvmCode(False, stops=False) if compiled else PythonCode(stops=False)
            walk = AdjointWalk(self.members, self.along_rows, printer, "plain", arrays=self.arrays)
            try:
                self._back[compiled] = self._finished(walk, printer, 2 * self.arrays, -self.sign)
            except Unsuited as reason:
                self._back[compiled] = reason
        found = self._back[compiled]
        if isinstance(found, Unsuited):
            raise found
        return found

    def text(self, variant: Variant = "plain") -> str:
        """The code in Python, for people."""
        printer = PythonCode()
        walk = Walk(self.members, self.along_rows, printer, variant)
        walk.lower()
        walk.write()
        return printer.text(len(walk.slots), self.arrays, self.sign)


def _never(*arguments: object) -> int:
    raise AssertionError("a loop that is only part of a module")


@dataclass(frozen=True, slots=True)
class Segment:
    """A span of times in which the same members of a sweep (`active`) are computed, and the loop that does
    it; None, and a `reason`, where it must be done cell by cell. `compiled`: in LLVM, where that pays."""

    start: int
    stop: int
    active: tuple[int, ...]
    loop: Loop | None
    reason: str = ""
    compiled: bool = False

    def describe(self) -> str:
        if self.loop is None:
            return f"cell by cell ({self.reason})"
        return "compiled loop" if self.compiled else "generated loop"


def pays(loop: Loop, times: int) -> bool:
    """Is so many times through the loop worth compiling it for? What went before counts: compiling when as
    much has been spent on Python as compiling costs is never wrong by more than two to one."""
    if not native.available():
        return False
    cost = 50e-6 if loop.has("plain", True) else native.cost(loop.operations)
    python = times * loop.operations * PER_OPERATION
    if python + loop.spent > cost:
        return True
    loop.spent += python
    return False


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
                loop = build(sweep, active)
                cells = sum(_across(sweep, number)[1] for number in active)
                times = (stop - start) * max(cells // len(active), 1)
                found.append(Segment(start, stop, active, loop, compiled=pays(loop, times)))
            except Unsuited as reason:
                found.append(Segment(start, stop, active, None, str(reason)))
    return found


_loops: dict[object, Loop | Unsuited] = {}


def build(sweep: Sweep, active: Sequence[int]) -> Loop:
    """The loop for the members numbered `active` of a sweep. Unsuited where there can be none."""
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
    if key not in _loops:
        if len(_loops) >= MOST_LOOPS:
            _loops.clear()
        _loops[key] = _written(sweep, members, len(sheets))
    loop = _loops[key]
    if isinstance(loop, Unsuited):
        raise loop
    return loop


def _written(sweep: Sweep, members: Sequence[Member], arrays: int) -> Loop | Unsuited:
    loop = Loop(members, sweep.along_rows, arrays, sweep.sign, 0)
    try:
        loop.code("plain")
    except Unsuited as reason:
        return reason
    return loop


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


def bind(slots: Sequence[Slot], sweep: Sweep, active: Sequence[int], grids: Mapping[str, Grid]) -> list[int]:
    """The integers that a loop needs for this sweep."""
    sheets = sweep.places.sheets

    def coordinates(slot: Slot) -> tuple[int, int]:
        """Row and column where `u` and `s` are 0."""
        number = active[slot.member]
        along = -sweep.sign * sweep.lags[number]
        across = _across(sweep, number)[0]
        row, column = (along, across) if sweep.along_rows else (across, along)
        return slot.reference.at(row, column) if slot.reference else (row, column)

    found = []
    for slot in slots:
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
