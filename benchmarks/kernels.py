"""The kernels: a sweep of learning rates beside NumPy, and on a GPU the fused Adam step beside torch's.

    python benchmarks/kernels.py [--runs 100 10000] [--parameters 134217728]

The sweep takes that many learning rates through the adam lesson (29 points, 10 epochs, both conventions);
NumPy does the same a row at a time for all runs at once, and must give the same bits. The fused step reads
param, grad, m and v and writes param, m and v: seven numbers a parameter; the figure is these bytes over the
time, beside the bytes that the card moves in a plain copy and beside torch.optim.Adam(fused=True). Compiling
is not in the times.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from sheetsim.gpu.compile import find_compiler
from sheetsim.gpu.device import no_gpu
from sheetsim.lessons.descent._shared.fused import fused_step
from sheetsim.lessons.descent._shared.sweep import sweep
from sheetsim.lessons.kit.catalogue import lesson

REPEATS = 5
GPU_REPEATS = 30
NUMBERS_MOVED = 7


def main() -> None:
    options = argparse.ArgumentParser(description="Time the kernels.")
    options.add_argument("--runs", type=int, nargs="+", default=[100, 10_000])
    options.add_argument("--parameters", type=int, default=2**27)
    chosen = options.parse_args()
    for runs in chosen.runs:
        time_sweep(runs)
    if no_gpu():
        print(f"fused step: not timed: {no_gpu()}")
        return
    time_steps(chosen.parameters)


# -- the sweep


def time_sweep(runs: int) -> None:
    rates = np.geomspace(1e-3, 1, runs)
    expected = numpy_sweep(rates)
    numpy_seconds = best(partial(numpy_sweep, rates))
    print(f"adam, {runs:,} learning rates: NumPy {numpy_seconds:.4f} s")
    for device in devices():
        found = sweep("adam", None, device, lr=rates)  # compiles
        for key, values in expected.items():
            if not np.array_equal(found[key], values):
                raise SystemExit(f"the kernel on {device} and NumPy differ in {key}")
        taken = best(partial(sweep, "adam", None, device, lr=rates))
        print(
            f"adam, {runs:,} learning rates: kernel on {device} {taken:.4f} s, "
            f"{numpy_seconds / taken:.1f} times as fast as NumPy"
        )


def devices() -> list[str]:
    """Where kernels can run here."""
    found = ["host"] if find_compiler() else []
    return found if no_gpu() else [*found, "cuda:0"]


def best(work: Callable[[], Any]) -> float:
    """Seconds of the fastest of a few tries."""
    taken = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def numpy_sweep(lr: Any) -> dict[str, Any]:
    """The adam lesson for all rates at once, a row at a time."""
    settings = lesson("adam").settings()
    points = list(zip(*lesson("adam").make_data(settings).values(), strict=True))
    beta1, beta2 = settings["beta1"], settings["beta2"]
    found: dict[str, list[Any]] = {"lesson.b": [], "lesson.a": [], "torch.b": [], "torch.a": []}

    w = [np.ones_like(lr), np.ones_like(lr)]
    m = [np.full_like(lr, settings["m0"]) for _ in w]
    v = [np.full_like(lr, settings["v0"]) for _ in w]
    for epoch in range(-int(settings["dry_passes"]), int(settings["epochs"])):
        if epoch <= 0:
            w = [np.full_like(lr, settings["b"]), np.full_like(lr, settings["a"])]
        for x, y in points:
            before = list(w)
            gb = 2 * (w[1] * x + w[0] - y)
            for k, g in enumerate((gb, gb * x)):
                m[k] = m[k] * beta1 + (1 - beta1) * g
                v[k] = v[k] * beta2 + (1 - beta2) * (g * g)
                w[k] = w[k] - m[k] * lr / np.sqrt(v[k])
        w = before
        if epoch >= 0:
            found["lesson.b"].append(w[0])
            found["lesson.a"].append(w[1])

    beta1, beta2, eps = settings["torch_beta1"], settings["torch_beta2"], settings["eps"]
    w = [np.full_like(lr, settings["b"]), np.full_like(lr, settings["a"])]
    m, v = ([np.zeros_like(lr) for _ in w] for _ in range(2))
    power1 = power2 = 1.0
    for _ in range(int(settings["epochs"])):
        for x, y in points:
            power1, power2 = power1 * beta1, power2 * beta2
            gb = 2 * (w[1] * x + w[0] - y)
            for k, g in enumerate((gb, gb * x)):
                m[k] = m[k] + (g - m[k]) * (1 - beta1)
                v[k] = beta2 * v[k] + (1 - beta2) * (g * g)
                w[k] = w[k] - lr / (1 - power1) * m[k] / (np.sqrt(v[k]) / np.sqrt(1 - power2) + eps)
        found["torch.b"].append(w[0])
        found["torch.a"].append(w[1])
    return {key: np.array(values) for key, values in found.items()}


# -- the fused step


def time_steps(count: int) -> None:
    """On the first GPU; memory and clocks through torch."""
    try:
        import torch
    except ImportError:
        print("fused step: not timed: no torch to time it with")
        return
    if not torch.cuda.is_available():
        print("fused step: not timed: torch sees no GPU")
        return
    print(f"GPU: {torch.cuda.get_device_name(0)}, {count:,} parameters")
    for dtype in (torch.float32, torch.float64):
        param, grad, m = (torch.randn(count, device="cuda:0", dtype=dtype) for _ in range(3))
        v = torch.rand(count, device="cuda:0", dtype=dtype)
        size = param.element_size() * count
        copied = 2 * size / gpu_seconds(torch, partial(m.copy_, grad))
        step = partial(fused_step, "adam", param, grad, m, v, step=10, lr=1e-3)
        ours = NUMBERS_MOVED * size / gpu_seconds(torch, step)
        weight = torch.nn.Parameter(param)
        weight.grad = grad
        optimizer = torch.optim.Adam([weight], lr=1e-3, fused=True)
        theirs = NUMBERS_MOVED * size / gpu_seconds(torch, optimizer.step)
        kind = str(dtype).removeprefix("torch.")
        print(
            f"fused Adam step, {kind}: {ours / 1e9:,.0f} GB/s, {ours / copied:.0%} of a copy's "
            f"{copied / 1e9:,.0f} GB/s and {ours / theirs:.0%} of torch's {theirs / 1e9:,.0f} GB/s"
        )
        del param, grad, m, v, step, weight, optimizer


def gpu_seconds(torch: Any, work: Callable[[], Any]) -> float:
    """The median time on the GPU's own clock, after three tries to warm up."""
    taken = []
    for attempt in range(GPU_REPEATS + 3):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        work()
        end.record()
        torch.cuda.synchronize()
        if attempt >= 3:
            taken.append(start.elapsed_time(end) / 1e3)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
