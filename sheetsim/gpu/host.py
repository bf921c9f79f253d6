"""The processor as a device: kernels compiled by the C++ compiler, NumPy arrays as memory."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.compile import compile_host
from sheetsim.gpu.machine import Argument, Buffer, pack

GRID_STRIDE = 1  # one thread strides over everything: there is nothing to gain from pretending to have more


class Host:
    """`name` is "host"."""

    name = "host"
    stride_threads = GRID_STRIDE

    def upload(self, array: NDArray[Any]) -> Buffer:
        """The array itself where it is contiguous."""
        own = np.ascontiguousarray(array)
        return Buffer(own.ctypes.data, own.shape, own.dtype, own)

    def empty(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Buffer:
        return self.upload(np.empty(shape, dtype))

    def download(self, buffer: Buffer) -> NDArray[Any]:
        array: NDArray[Any] = buffer.owner
        return array

    def load(self, source: Path, entries: Sequence[str]) -> HostProgram:
        return HostProgram(source, entries)

    def synchronize(self) -> None:
        """Launches return when they are done."""


class HostProgram:
    """The kernels of one source file."""

    def __init__(self, source: Path, entries: Sequence[str]) -> None:
        library = ctypes.CDLL(str(compile_host(source, entries)))
        self.entries = {name: getattr(library, f"{name}_host") for name in entries}

    def launch(self, kernel: str, threads: int, block: int, *arguments: Argument) -> None:
        addresses, _keep = pack(arguments)
        grid = -(-threads // block)
        self.entries[kernel](ctypes.c_uint(grid), ctypes.c_uint(block), addresses)
