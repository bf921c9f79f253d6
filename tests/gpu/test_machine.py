"""Launching on each device: every thread runs once, arguments arrive, memory goes there and back."""

from pathlib import Path

import numpy as np
import pytest

from sheetsim.errors import SheetsimError
from sheetsim.gpu import device as devices
from sheetsim.gpu.device import find_device, machine

COUNT = """
extern "C" __global__ void count(double *seen, long long size, double step, const double *nothing) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < size && !nothing) seen[i] += step * (i + gridDim.x);
}
"""


def test_threads_and_arguments(device: str, tmp_path: Path) -> None:
    source = tmp_path / "kernel.cu"
    source.write_text(COUNT)
    on = machine(device)
    seen = on.upload(np.full(100, 0.5))
    on.load(source, ("count",)).launch("count", 100, 32, seen, 99, 0.25, None)
    on.synchronize()
    expected = 0.5 + 0.25 * (np.arange(100) + 4)  # 100 threads are 4 blocks of 32
    expected[99] = 0.5
    assert np.array_equal(on.download(seen), expected)


def test_memory_goes_there_and_back(device: str) -> None:
    on = machine(device)
    array = np.arange(12.0).reshape(3, 4)[:, ::2]
    assert np.array_equal(on.download(on.upload(array)), array)
    assert on.download(on.empty((0, 3), np.dtype(np.float64))).shape == (0, 3)


def test_best_device_can_be_opened() -> None:
    found = find_device()
    if found.device is None:
        pytest.skip(found.reason)
    assert machine().name == found.device
    assert (found.device == "host") == bool(found.reason)


def test_host_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "no_gpu", lambda: "no GPU: it is at the repairer's")
    monkeypatch.setattr(devices, "find_compiler", lambda: "/usr/bin/c++")
    assert find_device() == devices.FoundDevice("host", "no GPU: it is at the repairer's")
    with pytest.raises(SheetsimError, match="cuda:0: no GPU: it is at the repairer's"):
        machine("cuda:0")


def test_neither_gpu_nor_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "no_gpu", lambda: "no GPU: none")
    monkeypatch.setattr(devices, "find_compiler", lambda: None)
    assert find_device().device is None
    with pytest.raises(SheetsimError, match=r"no GPU: none; and no C\+\+ compiler"):
        machine()


@pytest.mark.parametrize("name", ["cpu", "cuda:first", "cuda;0"])
def test_unknown_device(name: str) -> None:
    with pytest.raises(SheetsimError, match="it is 'host' or 'cuda:0'"):
        machine(name)
