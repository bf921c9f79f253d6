"""torch's step over a large vector of parameters: one launch, one pass over memory, in place.

    fused_step("adam", param, grad, m, v, step=1, lr=1e-3)

The kernels are those of the lessons' kernel.cu: the rule that fills the torch sheet's table, element by
element.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sheetsim.errors import SheetsimError
from sheetsim.gpu.device import machine
from sheetsim.gpu.machine import Buffer, Machine
from sheetsim.lessons.descent._shared.kernel import FusedStep, Kernel, kernel_of, load

KINDS = {"float32": "float", "float64": "double"}
BLOCK = 256  # threads


def fused_step(
    lesson: str,
    param: Any,
    grad: Any,
    m: Any = None,
    v: Any = None,
    *,
    step: int = 1,
    rule: str = "",
    device: str | None = None,
    **settings: float,
) -> None:
    """One step of torch's rule, the `step`-th from 1 on, on `param` and the averages it keeps, in place.

    `m` is torch's exp_avg or momentum_buffer, `v` its exp_avg_sq, square_avg or sum, where the rule has them.
    All are NumPy arrays, or torch tensors, contiguous, of one shape, float32 or float64; tensors on a GPU
    are stepped there (in the default stream), NumPy arrays on `device`. `settings` are lr, beta1, eps...;
    what is not given has the default of the lesson's torch sheet. `rule` picks weight_decay's: sgd_l2,
    sgd_decay, adam_l2 or adam_decay. SheetsimError when an array does not fit."""
    kernel = kernel_of(lesson)
    found = find_step(kernel, rule)
    arrays = {"param": param, "grad": grad, "m": m, "v": v}
    wanted = ("param", "grad", *found.state)
    missing = [name for name in wanted if arrays[name] is None]
    if missing:
        raise SheetsimError(f"{lesson}'s step needs {' and '.join(missing)}")
    used = {name: arrays[name] for name in wanted}
    kind = common_kind(used)
    scalars = [scalar(kernel, name, step, settings) for name in found.scalars]
    on = machine(home(param) or device)
    buffers = {name: borrow(on, array) for name, array in used.items()}
    count = int(np.prod(buffers["param"].shape))
    threads = min(on.stride_threads, max(count, 1))
    load(kernel, on.name).launch(
        f"{found.name}_{kind}",
        threads,
        min(BLOCK, threads),
        *(buffers.get(name) for name in arrays),
        count,
        *scalars,
    )
    for name, array in used.items():
        if name != "grad" and isinstance(array, np.ndarray) and on.name != "host":
            array[...] = on.download(buffers[name])


def find_step(kernel: Kernel, rule: str) -> FusedStep:
    wanted = f"step_{rule}" if rule else "step"
    for step in kernel.steps:
        if step.name == wanted:
            return step
    names = ", ".join(step.name.removeprefix("step_") for step in kernel.steps if step.name != "step")
    raise SheetsimError(
        f"{kernel.lesson_name} has no rule {rule!r}" + (f"; there are {names}" if names else "")
    )


def scalar(kernel: Kernel, name: str, step: int, settings: dict[str, float]) -> float:
    """A number that the kernel takes: the step's own, or a setting, or the torch sheet's default."""
    if name == "t":
        return float(step)
    if name.startswith("correction"):
        return float(1 - scalar(kernel, f"beta{name[-1]}", step, settings) ** step)
    if name in settings:
        return float(settings[name])
    defaults = kernel.lesson.settings()
    return float(defaults.get(f"torch_{name}", defaults.get(name, np.nan)))


def common_kind(arrays: dict[str, Any]) -> str:
    """ "float" or "double"; every array must be of that type, of one shape, contiguous."""
    shape, dtype = tuple(arrays["param"].shape), type_name(arrays["param"])
    for name, array in arrays.items():
        if tuple(array.shape) != shape:
            raise SheetsimError(f"{name} has the shape {tuple(array.shape)}, param has {shape}")
        if type_name(array) != dtype:
            raise SheetsimError(f"{name} is {type_name(array)}, param is {dtype}")
        contiguous = array.flags.c_contiguous if isinstance(array, np.ndarray) else array.is_contiguous()
        if not contiguous:
            raise SheetsimError(f"{name} is not contiguous")
    if dtype not in KINDS:
        raise SheetsimError(f"param is {dtype}: the step is for float32 and float64")
    return KINDS[dtype]


def type_name(array: Any) -> str:
    return str(array.dtype).removeprefix("torch.")


def home(array: Any) -> str | None:
    """Where a torch tensor lives ("host", "cuda:0"); None for NumPy arrays, which go anywhere."""
    if isinstance(array, np.ndarray):
        return None
    return f"cuda:{array.device.index or 0}" if array.is_cuda else "host"


def borrow(on: Machine, array: Any) -> Buffer:
    """The array's own memory where the device can use it, else a copy there."""
    if isinstance(array, np.ndarray):
        return on.upload(array)
    return Buffer(array.data_ptr(), tuple(array.shape), np.dtype(type_name(array)), array)
