"""Many scenarios of a workbook on a GPU, or by the C++ compiler's code where there is none.

run = ScenarioKernel(kernel, device)         kernel: a `backends.kernels.SliceKernel`
blocks, failed = run([learning_rates[:, None, None]])
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.backends.kernels import ENTRY, SliceKernel
from sheetsim.backends.scenarios import side_by_side, taken_apart
from sheetsim.gpu.compile import private_folder
from sheetsim.gpu.launch import Kernels

Array = NDArray[np.float64]

MOST_MEMORY = 1 << 30
"""Bytes that the workers' own numbers take together."""

MOST_WORKERS = 1 << 17


class ScenarioKernel:
    """`device`: "cuda:0", "host", None (the best there is)."""

    def __init__(self, kernel: SliceKernel, device: str | None = None) -> None:
        self.kernel = kernel
        name = hashlib.sha256(kernel.source.encode()).hexdigest()[:24]
        folder = Path(private_folder().name) / "slices" / name
        folder.mkdir(parents=True, exist_ok=True)
        source = folder / "kernel.cu"
        source.write_text(kernel.source, encoding="utf-8")
        self.kernels = Kernels(source, (ENTRY,), device)

    def __call__(self, blocks: Sequence[Array]) -> tuple[list[Array], NDArray[np.bool_]]:
        """Blocks [scenarios, rows, columns] of the outputs, and which scenarios failed."""
        given = side_by_side(blocks, self.kernel.inputs)
        count, cells = len(given), max(len(self.kernel.base), 1)
        on_host = self.kernels.machine.name == "host"
        workers = 1 if on_host else max(min(count, MOST_WORKERS, MOST_MEMORY // (8 * cells)), 1)
        memory = self.kernels.empty((workers * cells,))
        found = self.kernels.empty((count, len(self.kernel.output_at)))
        failed = self.kernels.empty((count,), np.uint8)
        arguments = self.kernel.arguments(given, memory, found, failed, count, workers)
        self.kernels.launch(ENTRY, workers, *arguments)
        outputs = np.array(self.kernels.download(found))
        wrong = (self.kernels.download(failed) != 0) | ~np.isfinite(given).all(axis=1)
        return taken_apart(outputs, self.kernel.outputs, self.kernel.grids), wrong
