"""Which device there is to run kernels on."""

from __future__ import annotations

import functools
import importlib.util
from dataclasses import dataclass

from sheetsim.errors import SheetsimError
from sheetsim.gpu.card import card, count_cards
from sheetsim.gpu.compile import find_compiler
from sheetsim.gpu.host import Host
from sheetsim.gpu.machine import Machine


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """`device` is "cuda:0", "host" or None; `reason` says what is missing for a better one."""

    device: str | None
    reason: str


@functools.cache
def host() -> Host:
    return Host()


@functools.cache
def no_gpu() -> str:
    """Why no kernel can run on a GPU here; empty when one can."""
    missing = [name for name in ("cuda.bindings", "cuda.core") if not installed(name)]
    if missing:
        return "no GPU in use: pip install 'sheetsim[cuda]'"
    count, reason = count_cards()
    return "" if count else f"no GPU: {reason}"


def installed(name: str) -> bool:
    """Whether the module is there, without loading it."""
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # not even its parent package
        return False


def find_device() -> FoundDevice:
    """The best device of this machine."""
    reason = no_gpu()
    if not reason:
        return FoundDevice("cuda:0", "")
    if find_compiler():
        return FoundDevice("host", reason)
    return FoundDevice(
        None, f"{reason}; and no C++ compiler to do without one (install g++ or clang++, or set CXX)"
    )


def machine(device: str | None = None) -> Machine:
    """The device by its name; None takes the best. SheetsimError, with the reason, when it is not there."""
    found = find_device()
    name = device or found.device
    if name is None:
        raise SheetsimError(f"no device for the kernels: {found.reason}")
    if name == "host":
        return host()
    kind, _, number = name.partition(":")
    if kind != "cuda" or not (number or "0").isdigit():
        raise SheetsimError(f"device {name!r}: it is 'host' or 'cuda:0'")
    if no_gpu():
        raise SheetsimError(f"device {name}: {no_gpu()}")
    return card(int(number or 0))
