"""A part of a workbook as a CUDA kernel: a thread a scenario; the same source is C++ where there is no GPU.

    kernel = SliceKernel.of(book, plan, inputs, outputs)     Unsuited where a step is no loop of numbers
    kernel.source                                            a translation unit with `scenarios`
    kernel.arguments(given, workers)                         what it is launched with

Each worker (thread) has numbers of its own for all cells of the sheets, laid out so that neighbouring workers
stand beside each other, and takes every so many-th scenario.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.backends.print_cpp import PRELUDE, CppCode
from sheetsim.backends.slices import addresses, slice_loops
from sheetsim.plan.schedule import Plan
from sheetsim.run.inputs import Place
from sheetsim.run.store import Grid
from sheetsim.workbook import Workbook

ENTRY = "scenarios"

_KERNEL = """\
extern "C" __global__ void scenarios(
        const double *base, const unsigned char *kinds, const long long *integers,
        const long long *input_at, const long long *output_at, const double *inputs, double *memory,
        double *outputs, unsigned char *failed, long long cells, long long given, long long taken,
        long long count, long long workers) {
    const long long worker = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (worker >= workers) return;
    double *own = memory + worker;
    for (long long n = 0; n < cells; ++n) own[n * workers] = base[n];
    for (long long s = worker; s < count; s += workers) {
        for (long long n = 0; n < given; ++n) own[input_at[n] * workers] = inputs[s * given + n];
        bool fine = true;
STEPS
        for (long long n = 0; n < taken; ++n) outputs[s * taken + n] = own[output_at[n] * workers];
        failed[s] = !fine;
    }
}
"""


@dataclass(slots=True)
class SliceKernel:
    """`base` and `kinds` are all cells of all sheets, one sheet after another."""

    inputs: Sequence[Place]
    outputs: Sequence[Place]
    source: str
    grids: dict[str, Grid]
    base: NDArray[np.float64]
    kinds: NDArray[np.uint8]
    integers: NDArray[np.int64]
    input_at: NDArray[np.int64]
    output_at: NDArray[np.int64]

    @classmethod
    def of(cls, book: Workbook, plan: Plan, inputs: Sequence[Place], outputs: Sequence[Place]) -> SliceKernel:
        """`inputs` hold no formulas. Unsuited, with the reason, where a step cannot be told so."""
        grids, loops = slice_loops(book, plan, inputs, outputs, CppCode)
        sizes = [grid.height * grid.width for grid in grids.values()]
        begins = dict(zip(grids, np.cumsum([0, *sizes[:-1]]).tolist(), strict=True))
        functions, calls, integers = [], [], list[int]()
        for number, loop in enumerate(loops):
            functions.append(
                loop.printer.function(f"step{number}", len(loop.integers), len(loop.sheets), loop.sign)
            )
            ends = f"{loop.start}LL, {loop.stop}LL"
            call = f"step{number}(integers + {len(integers)}, own, kinds, workers, {ends})"
            calls.append(f"        fine = {call} == {loop.stop}LL && fine;")
            integers += [begins[sheet] for sheet in loop.sheets] + loop.integers

        def at(places: Sequence[Place]) -> NDArray[np.int64]:
            return np.concatenate([addresses(grids, place) + begins[place[0].casefold()] for place in places])

        return cls(
            inputs,
            outputs,
            "\n".join([PRELUDE, *functions, _KERNEL.replace("STEPS", "\n".join(calls))]),
            grids,
            np.concatenate([grid.flat for grid in grids.values()]),
            np.concatenate([grid.kinds.T.reshape(-1) for grid in grids.values()]),
            np.array(integers, np.int64),
            at(inputs),
            at(outputs),
        )

    def arguments(
        self, given: Any, memory: Any, outputs: Any, failed: Any, count: int, workers: int
    ) -> list[Any]:
        """What `scenarios` is launched with; the first four are arrays on its device: a row of inputs and of
        outputs for each scenario, room for `workers` times the cells, and a byte for each scenario."""
        still = [self.base, self.kinds, self.integers, self.input_at, self.output_at]
        sizes = [len(self.base), len(self.input_at), len(self.output_at), count, workers]
        return [*still, given, memory, outputs, failed, *sizes]
