"""An NVIDIA GPU as a device, through the driver's own interface (the package cuda-bindings).

It uses the device's primary context, as PyTorch does: the address of a torch tensor on the GPU is good as a
kernel's argument, and launches go to the default stream.
"""

from __future__ import annotations

import ctypes
import functools
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.errors import MissingExtra, SheetsimError
from sheetsim.gpu.compile import compile_device
from sheetsim.gpu.machine import Argument, Buffer, pack

THREADS_A_PROCESSOR = 2048  # what a multiprocessor can hold at once


def driver() -> Any:
    """The driver's interface. MissingExtra without cuda-bindings."""
    try:
        from cuda.bindings import driver as interface
    except ImportError:
        raise MissingExtra("cuda-bindings", "cuda", "running kernels on a GPU") from None
    return interface


def call(name: str, *arguments: Any) -> Any:
    """What the driver's function returns. SheetsimError with the driver's own word when it fails."""
    status, *results = getattr(driver(), name)(*arguments)
    if int(status):
        raise SheetsimError(f"the GPU's driver refuses {name}: {getattr(status, 'name', status)}")
    return results[0] if len(results) == 1 else results


def count_cards() -> tuple[int, str]:
    """How many GPUs there are, and why there are none."""
    try:
        call("cuInit", 0)
        count = int(call("cuDeviceGetCount"))
    except SheetsimError as error:
        return 0, str(error)
    except RuntimeError:  # cuda-bindings finds no libcuda
        return 0, "there is no NVIDIA driver"
    return count, "" if count else "the NVIDIA driver knows none"


class Card:
    """One GPU; `name` is "cuda:0" for the first."""

    def __init__(self, number: int) -> None:
        self.name = f"cuda:{number}"
        call("cuInit", 0)
        device = call("cuDeviceGet", number)
        self.context = call("cuDevicePrimaryCtxRetain", device)
        attribute = driver().CUdevice_attribute

        def ask(key: str) -> int:
            return int(call("cuDeviceGetAttribute", getattr(attribute, f"CU_DEVICE_ATTRIBUTE_{key}"), device))

        self.arch = f"sm_{ask('COMPUTE_CAPABILITY_MAJOR')}{ask('COMPUTE_CAPABILITY_MINOR')}"
        self.stride_threads = ask("MULTIPROCESSOR_COUNT") * THREADS_A_PROCESSOR

    def enter(self) -> None:
        """Make this card the thread's current one."""
        call("cuCtxSetCurrent", self.context)

    def empty(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Buffer:
        self.enter()
        size = max(int(np.prod(shape)) * dtype.itemsize, 1)
        owner = CardMemory(self, int(call("cuMemAlloc", size)))
        return Buffer(owner.address, shape, dtype, owner)

    def upload(self, array: NDArray[Any]) -> Buffer:
        own = np.ascontiguousarray(array)
        buffer = self.empty(own.shape, own.dtype)
        if own.nbytes:
            call("cuMemcpyHtoD", buffer.address, own.ctypes.data, own.nbytes)
        return buffer

    def download(self, buffer: Buffer) -> NDArray[Any]:
        self.enter()
        array = np.empty(buffer.shape, buffer.dtype)
        if array.nbytes:
            call("cuMemcpyDtoH", array.ctypes.data, buffer.address, array.nbytes)
        return array

    def load(self, source: Path, entries: Sequence[str]) -> CardProgram:
        return CardProgram(self, source, entries)

    def synchronize(self) -> None:
        self.enter()
        call("cuCtxSynchronize")


class CardMemory:
    """An allocation, given back when nothing refers to it any more."""

    def __init__(self, card: Card, address: int) -> None:
        self.address = address
        weakref.finalize(self, free, card, address)


def free(card: Card, address: int) -> None:
    card.enter()
    call("cuMemFree", address)


class CardProgram:
    """The kernels of one source file."""

    def __init__(self, card: Card, source: Path, entries: Sequence[str]) -> None:
        self.card = card
        card.enter()
        self.module = call("cuModuleLoadData", compile_device(source, card.arch))
        self.entries = {name: call("cuModuleGetFunction", self.module, name.encode()) for name in entries}

    def launch(self, kernel: str, threads: int, block: int, *arguments: Argument) -> None:
        self.card.enter()
        addresses, _keep = pack(arguments)
        grid = -(-threads // block)
        where = ctypes.addressof(addresses)
        call("cuLaunchKernel", self.entries[kernel], grid, 1, 1, block, 1, 1, 0, 0, where, 0)


@functools.cache
def card(number: int) -> Card:
    """The GPU of that number, set up once."""
    return Card(number)
