"""LLVM IR compiled in this process through llvmlite, and what that costs.

Optimised, but strictly IEEE: no flag in the IR allows another order or a fused operation, and the target
machine fuses only what the IR says. Nothing compiled is kept on disk.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from itertools import count
from typing import Any

from sheetsim.errors import MissingExtra

Native = Callable[..., int]

IMPORT = 0.1
"""Seconds that importing llvmlite and setting LLVM up takes."""


@cache
def available() -> bool:
    return find_spec("llvmlite") is not None


def cost(operations: int) -> float:
    """About how many seconds compiling a loop of so many operations takes now."""
    return 0.006 + 0.0003 * operations + (0.0 if "llvmlite.binding" in sys.modules else IMPORT)


@cache
def _machine() -> Any:
    try:
        import llvmlite.binding as llvm
    except ImportError:
        raise MissingExtra("llvmlite", "jit", "compiling a recurrence") from None
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    features = llvm.get_host_cpu_features().flatten()
    machine = target.create_target_machine(cpu=llvm.get_host_cpu_name(), features=features, opt=2)
    return llvm, machine, llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)


_numbers = count()


def compiled(text: str) -> Native:
    """`loop(integers, numbers, kinds, start, stop)`: addresses of int64s and of addresses, and times.

    MissingExtra where llvmlite is not installed.
    """
    llvm, machine, engine = _machine()
    name = f"loop{next(_numbers)}"
    module = llvm.parse_assembly(text.replace("@loop(", f"@{name}(", 1))
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    engine.add_module(module)
    engine.finalize_object()
    integer, pointer = ctypes.c_int64, ctypes.c_void_p
    kind = ctypes.CFUNCTYPE(integer, pointer, pointer, pointer, integer, integer)
    return kind(engine.get_function_address(name))
