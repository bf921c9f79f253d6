"""What a device must offer, and how arguments reach a kernel.

    buffer = machine.upload(array)                    memory of the device, filled
    program = machine.load(path, ("run",))            the kernels of a source file
    program.launch("run", threads, block, buffer)     at least `threads` threads, in blocks of `block`
    machine.download(buffer)                          back into a NumPy array

An argument is a Buffer (a pointer to the kernel), a whole number (long long), a float (double) or None (a
null pointer).
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Buffer:
    """Memory of a device: its address there; `owner` keeps it alive."""

    address: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    owner: Any


Argument = Buffer | int | float | None


class KernelProgram(Protocol):
    def launch(self, kernel: str, threads: int, block: int, *arguments: Argument) -> None: ...


class Machine(Protocol):
    """A device. `stride_threads` is how many threads keep it busy in a loop that strides over the grid."""

    name: str
    stride_threads: int

    def upload(self, array: NDArray[Any]) -> Buffer: ...
    def empty(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Buffer: ...
    def download(self, buffer: Buffer) -> NDArray[Any]: ...
    def load(self, source: Path, entries: Sequence[str]) -> KernelProgram: ...
    def synchronize(self) -> None: ...


def pack(arguments: Sequence[Argument]) -> tuple[Any, list[Any]]:
    """The arguments as an array of addresses of their values (what cuLaunchKernel and host.h take), and the
    values, which must live until the launch."""
    values: list[Any] = []
    for argument in arguments:
        if argument is None or isinstance(argument, Buffer):
            values.append(ctypes.c_void_p(argument.address if argument else None))
        elif isinstance(argument, int | np.integer):
            values.append(ctypes.c_longlong(int(argument)))
        else:
            values.append(ctypes.c_double(argument))
    addresses = (ctypes.c_void_p * len(values))(*(ctypes.addressof(value) for value in values))
    return addresses, values
