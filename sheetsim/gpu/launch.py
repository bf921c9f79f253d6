"""Kernels of one source file, called with NumPy arrays.

kernels = Kernels(Path("kernel.cu"), ("predict",), device)     device: "cuda:0", "host", None (the best)
pred = kernels.empty((15, 15))
kernels.launch("predict", pred_cells, users, movies, pred, 15, 15, 5)
kernels.download(pred)
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from sheetsim.gpu.device import machine
from sheetsim.gpu.machine import Argument, Buffer, KernelProgram

BLOCK = 128  # threads, where a kernel has no wish of its own


class Kernels:
    """The kernels `entries` of a source file, on a device. An array among the arguments is uploaded; whole
    numbers arrive as long long, floats as double."""

    def __init__(self, source: Path, entries: tuple[str, ...], device: str | None = None) -> None:
        self.machine = machine(device)
        self._program = _load(source, entries, self.machine.name)

    def empty(self, shape: tuple[int, ...], dtype: DTypeLike = np.float64) -> Buffer:
        """Memory for results, not filled."""
        return self.machine.empty(shape, np.dtype(dtype))

    def upload(self, array: NDArray[Any]) -> Buffer:
        return self.machine.upload(array)

    def download(self, buffer: Buffer) -> NDArray[Any]:
        return self.machine.download(buffer)

    def launch(self, kernel: str, threads: int, *arguments: Argument | NDArray[Any]) -> None:
        """At least `threads` threads that do not wait for one another: the kernel leaves out those beyond."""
        self._launch(kernel, threads, BLOCK, arguments)

    def launch_blocks(self, kernel: str, blocks: int, size: int, *arguments: Argument | NDArray[Any]) -> None:
        """`blocks` blocks of `size` threads that share memory and wait for one another. On the host a block
        is one thread, and so the kernel must go through its work in steps of blockDim.x."""
        size = 1 if self.machine.name == "host" else size
        self._launch(kernel, blocks * size, size, arguments)

    def _launch(
        self, kernel: str, threads: int, block: int, arguments: tuple[Argument | NDArray[Any], ...]
    ) -> None:
        given = [self.upload(one) if isinstance(one, np.ndarray) else one for one in arguments]
        if threads:
            self._program.launch(kernel, threads, block, *given)


@functools.cache
def _load(source: Path, entries: tuple[str, ...], device: str) -> KernelProgram:
    """The program on the device of that name, compiled once."""
    return machine(device).load(source, entries)
