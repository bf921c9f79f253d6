"""Compiled loops run once for each of many scenarios, by a compiled loop around them.

    around = Around(grids, inputs, calls, outputs)
    around.run(0, 1_000_000)        the scenario at which it stopped

For scenario `s` the numbers of the inputs are put into their cells, each loop goes through its times, and the
outputs' numbers are fetched from theirs (an error as NaN). All of this works on the cells of one calculation,
which stay in the nearest cache; what is no input, and not computed by the loops, stays as it is. It stops at
the first scenario that one of the loops cannot do.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sheetsim.backends import native
from sheetsim.backends.loops import LoopCode, bind
from sheetsim.plan.recurrence import Sweep
from sheetsim.run.store import Grid
from sheetsim.values import ERROR

CHUNK = 1 << 16
"""Scenarios between two looks at the keyboard."""

Numbers = NDArray[np.float64]
Cell = tuple[str, int, int]
"""Sheet (casefolded), row and column."""


@dataclass(frozen=True, slots=True)
class Through:
    """A loop over some times of a recurrence."""

    code: LoopCode
    sweep: Sweep
    active: Sequence[int]
    start: int
    stop: int


class Around:
    """The loop over scenarios. `inputs` and `outputs`: cells and their numbers [scenarios], of any stride."""

    def __init__(
        self,
        grids: Mapping[str, Grid],
        inputs: Sequence[tuple[Cell, Numbers]],
        calls: Sequence[Through],
        outputs: Sequence[tuple[Cell, Numbers]],
    ) -> None:
        self._kept: list[object] = [inputs, outputs]  # what addresses point into
        table = [len(inputs), len(calls), len(outputs)]
        for (sheet, row, column), numbers in inputs:
            table += [_address(grids[sheet].numbers, row, column), numbers.ctypes.data, numbers.strides[0]]
        for call in calls:
            table += self._call(call, grids)
        for (sheet, row, column), numbers in outputs:
            grid = grids[sheet]
            table += [_address(grid.numbers, row, column), _address(grid.kinds, row, column)]
            table += [numbers.ctypes.data, numbers.strides[0]]
        self._integers = np.array(table, np.int64)

    def run(self, start: int, stop: int) -> int:
        """Go through the scenarios from `start` up to `stop`; the one at which it stopped."""
        loop = _around()
        while start < stop:
            end = min(start + CHUNK, stop)
            reached = loop(self._integers.ctypes.data, None, None, start, end)
            if reached < end:
                return reached
            start = end
        return stop

    def _call(self, call: Through, grids: Mapping[str, Grid]) -> list[int]:
        sweep, code = call.sweep, call.code
        used = [grids[sheet] for sheet in sweep.places.sheets]
        integers = np.array(bind(code.slots, sweep, call.active, grids), np.int64)
        numbers = np.array([grid.numbers.ctypes.data for grid in used], np.int64)
        kinds = np.array([grid.kinds.ctypes.data for grid in used], np.int64)
        self._kept += [integers, numbers, kinds, code]
        function = ctypes.cast(code.function, ctypes.c_void_p).value  # type: ignore[arg-type]
        assert function is not None
        places = [array.ctypes.data for array in (integers, numbers, kinds)]
        return [function, *places, sweep.sign * call.start, sweep.sign * call.stop]


def _address(array: NDArray[np.float64] | NDArray[np.uint8], row: int, column: int) -> int:
    down, right = array.strides
    return int(array.ctypes.data + row * down + column * right)


@cache
def _around() -> native.Native:
    return native.compiled(_TEXT)


_TEXT = f"""define i64 @loop(ptr %B, ptr %N, ptr %K, i64 %start, i64 %stop) {{
entry:
  %outs.at = getelementptr i64, ptr %B, i64 2
  %calls.at = getelementptr i64, ptr %B, i64 1
  %ins = load i64, ptr %B
  %calls = load i64, ptr %calls.at
  %outs = load i64, ptr %outs.at
  %I = getelementptr i64, ptr %B, i64 3
  %ins.size = mul i64 %ins, 3
  %C = getelementptr i64, ptr %I, i64 %ins.size
  %calls.size = mul i64 %calls, 6
  %O = getelementptr i64, ptr %C, i64 %calls.size
  br label %head
head:
  %s = phi i64 [ %start, %entry ], [ %s.next, %next ]
  %finished = icmp eq i64 %s, %stop
  br i1 %finished, label %done, label %in.head
in.head:
  %i = phi i64 [ 0, %head ], [ %i.next, %in.body ]
  %ip = phi ptr [ %I, %head ], [ %ip.next, %in.body ]
  %in.more = icmp slt i64 %i, %ins
  br i1 %in.more, label %in.body, label %call.head
in.body:
  %cell = load ptr, ptr %ip
  %from.at = getelementptr i64, ptr %ip, i64 1
  %from = load ptr, ptr %from.at
  %step.at = getelementptr i64, ptr %ip, i64 2
  %step = load i64, ptr %step.at
  %far = mul i64 %step, %s
  %given.at = getelementptr i8, ptr %from, i64 %far
  %given = load double, ptr %given.at
  store double %given, ptr %cell
  %i.next = add i64 %i, 1
  %ip.next = getelementptr i64, ptr %ip, i64 3
  br label %in.head
call.head:
  %c = phi i64 [ 0, %in.head ], [ %c.next, %call.done ]
  %cp = phi ptr [ %C, %in.head ], [ %cp.next, %call.done ]
  %call.more = icmp slt i64 %c, %calls
  br i1 %call.more, label %call.body, label %out.head
call.body:
  %fn = load ptr, ptr %cp
  %b.at = getelementptr i64, ptr %cp, i64 1
  %b = load ptr, ptr %b.at
  %n.at = getelementptr i64, ptr %cp, i64 2
  %n = load ptr, ptr %n.at
  %k.at = getelementptr i64, ptr %cp, i64 3
  %k = load ptr, ptr %k.at
  %first.at = getelementptr i64, ptr %cp, i64 4
  %first = load i64, ptr %first.at
  %last.at = getelementptr i64, ptr %cp, i64 5
  %last = load i64, ptr %last.at
  %reached = call i64 %fn(ptr %b, ptr %n, ptr %k, i64 %first, i64 %last)
  %through = icmp eq i64 %reached, %last
  br i1 %through, label %call.done, label %done
call.done:
  %c.next = add i64 %c, 1
  %cp.next = getelementptr i64, ptr %cp, i64 6
  br label %call.head
out.head:
  %o = phi i64 [ 0, %call.head ], [ %o.next, %out.body ]
  %op = phi ptr [ %O, %call.head ], [ %op.next, %out.body ]
  %out.more = icmp slt i64 %o, %outs
  br i1 %out.more, label %out.body, label %next
out.body:
  %number.at = load ptr, ptr %op
  %kind.at.at = getelementptr i64, ptr %op, i64 1
  %kind.at = load ptr, ptr %kind.at.at
  %to.at = getelementptr i64, ptr %op, i64 2
  %to = load ptr, ptr %to.at
  %wide.at = getelementptr i64, ptr %op, i64 3
  %wide = load i64, ptr %wide.at
  %number = load double, ptr %number.at
  %kind = load i8, ptr %kind.at
  %wrong = icmp eq i8 %kind, {ERROR}
  %shown = select i1 %wrong, double 0x7FF8000000000000, double %number
  %off = mul i64 %wide, %s
  %put.at = getelementptr i8, ptr %to, i64 %off
  store double %shown, ptr %put.at
  %o.next = add i64 %o, 1
  %op.next = getelementptr i64, ptr %op, i64 4
  br label %out.head
next:
  %s.next = add i64 %s, 1
  br label %head
done:
  ret i64 %s
}}
"""
