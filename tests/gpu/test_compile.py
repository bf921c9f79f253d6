"""Every kernel compiles for a GPU and for the processor; libraries are kept where only the user can write."""

import ctypes
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import sheetsim
from sheetsim.errors import SheetsimError
from sheetsim.gpu import compile as compiling
from sheetsim.gpu.compile import NoCompiler, compile_device, compile_host, device_options

PACKAGE = Path(sheetsim.__file__).parent
KERNELS = sorted(PACKAGE.rglob("*.cu"))
needs_compiler = pytest.mark.skipif(not compiling.find_compiler(), reason="no C++ compiler")
needs_permissions = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")


def entries(source: Path) -> list[str]:
    """The kernels' names, from the source: written out, or as a macro's first argument."""
    text = source.read_text(encoding="utf-8")
    written = re.findall(r"__global__ void (\w+)\(", text)
    stepped = re.findall(r"^\w+_STEP\((\w+),", text, re.MULTILINE)
    return [name for name in written + stepped if name != "NAME"]


def name_of(path: Path) -> str:
    return path.parent.name


def test_there_are_kernels() -> None:
    assert len(KERNELS) >= 9
    assert all(entries(source) for source in KERNELS)


@pytest.mark.parametrize("source", KERNELS, ids=name_of)
def test_compiles_for_a_gpu(source: Path) -> None:
    pytest.importorskip("cuda.core", reason="the extra cuda is not installed")
    cubin = compile_device(source, "sm_90")
    assert cubin.startswith(b"\x7fELF")
    for entry in entries(source):
        assert b".text." + entry.encode() in cubin


def ptx_of(text: str, options: Sequence[bytes]) -> str:
    """What NVRTC makes of the text before it is machine code, where one can read the operations."""
    nvrtc = pytest.importorskip("cuda.bindings.nvrtc", reason="the extra cuda is not installed")
    _, program = nvrtc.nvrtcCreateProgram(text.encode(), b"kernel.cu", 0, [], [])
    (status,) = nvrtc.nvrtcCompileProgram(program, len(options), list(options))
    assert int(status) == 0
    _, size = nvrtc.nvrtcGetPTXSize(program)
    ptx = bytearray(size)
    nvrtc.nvrtcGetPTX(program, ptx)
    return ptx.decode()


LIBRARY = ("exp", "log", "log10", "cos", "tanh", "erfc")
"""Functions of CUDA's library that our kernels call: inside they do use fma."""


@pytest.mark.parametrize("source", KERNELS, ids=name_of)
def test_every_operation_rounds_as_ieee_says(source: Path) -> None:
    """All that is written in the kernel, with the library's functions taken out."""
    pytest.importorskip("cuda.core", reason="the extra cuda is not installed")
    without = "".join(f"#define {name}(x) (x)\n" for name in LIBRARY) + "#define pow(x, y) (x)\n"
    text = without + source.read_text(encoding="utf-8")
    ptx = ptx_of(text, device_options(source, "compute_90").as_bytes("nvrtc"))
    assert "mul.rn.f64" in ptx or "mul.f64" in ptx
    assert not re.findall(r"\bfma\.\S+|\bmad\.(?:rn\.)?f\S+|\S+\.approx\S*|\S+\.ftz\S*", ptx)


def test_contraction_would_be_seen() -> None:
    text = 'extern "C" __global__ void run(double *x) { *x = x[1] * x[2] + x[3]; }'
    assert "fma.rn.f64" in ptx_of(text, [b"--gpu-architecture=compute_90"])
    assert "fma" not in ptx_of(text, [b"--gpu-architecture=compute_90", b"--fmad=false"])


def test_gpu_compiler_complains_in_one_line(tmp_path: Path) -> None:
    pytest.importorskip("cuda.core", reason="the extra cuda is not installed")
    file = tmp_path / "kernel.cu"
    file.write_text('extern "C" __global__ void run(int *x) { *x = nonsense; }')
    with pytest.raises(SheetsimError, match='"nonsense" is undefined') as caught:
        compile_device(file, "sm_90")
    assert "\n" not in str(caught.value)


# -- as C++


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("SHEETSIM_CACHE", str(folder))
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "lesson" / "kernel.cu"
    file.parent.mkdir()
    file.write_text('extern "C" __global__ void run(double *x) { *x = *x * *x - 1; }')
    return file


@needs_compiler
@pytest.mark.parametrize("kernel", KERNELS, ids=name_of)
@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_compiles_without_a_warning(kernel: Path, compiler: str) -> None:
    if not shutil.which(compiler):
        pytest.skip(f"{compiler} is not installed")
    unit = f'#include "{compiling.HOST_HEADER}"\n#include "{kernel}"\n' + "".join(
        f"HOST_ENTRY({entry})\n" for entry in entries(kernel)
    )
    flags = ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c++", "-"]
    done = subprocess.run([compiler, *flags], input=unit, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@needs_compiler
def test_library_is_kept_and_renewed(cache: Path, source: Path) -> None:
    first = compile_host(source, ("run",))
    written = first.stat().st_mtime_ns
    assert first.parent == cache
    assert compile_host(source, ("run",)).stat().st_mtime_ns == written
    source.write_text(source.read_text().replace("- 1", "- 2"))
    second = compile_host(source, ("run",))
    assert second != first
    assert sorted(path.name for path in cache.iterdir()) == sorted([first.name, second.name])


@needs_compiler
@needs_permissions
def test_library_is_the_users_own(cache: Path, source: Path) -> None:
    library = compile_host(source, ("run",))
    for path in (cache, library):
        assert path.stat().st_uid == os.getuid()
        assert not path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)


@needs_compiler
@needs_permissions
def test_folder_that_others_can_write_to_is_not_used(cache: Path, source: Path) -> None:
    cache.mkdir()
    cache.chmod(0o777)
    library = compile_host(source, ("run",))
    assert list(cache.iterdir()) == []
    assert not library.parent.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)


@needs_compiler
def test_folder_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SHEETSIM_CACHE", str(tmp_path / "file" / "cache"))
    assert compile_host(source, ("run",)).exists()


@needs_compiler
def test_products_are_not_fused_with_sums(cache: Path, source: Path) -> None:
    library = ctypes.CDLL(str(compile_host(source, ("run",))))
    x = ctypes.c_double(1 + 2.0**-30)  # x*x - 1 keeps the last bit of x*x only in a fused operation
    pointer = ctypes.pointer(x)
    arguments = (ctypes.c_void_p * 1)(ctypes.addressof(pointer))
    library.run_host(ctypes.c_uint(1), ctypes.c_uint(1), arguments)
    assert x.value == 2.0**-29


@needs_compiler
def test_a_kernel_named_like_a_function_of_the_c_library(cache: Path, source: Path) -> None:
    """glibc still has a function called step: the kernel's own is to be called."""
    source.write_text('extern "C" __global__ void step(double *x) { *x = 2; }')
    library = ctypes.CDLL(str(compile_host(source, ("step",))))
    x = ctypes.c_double(1)
    pointer = ctypes.pointer(x)
    library.step_host(ctypes.c_uint(1), ctypes.c_uint(1), (ctypes.c_void_p * 1)(ctypes.addressof(pointer)))
    assert x.value == 2


def test_no_compiler(monkeypatch: pytest.MonkeyPatch, source: Path) -> None:
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoCompiler, match=r"no C\+\+ compiler"):
        compile_host(source, ("run",))


@needs_compiler
def test_compiler_complains_in_one_line(cache: Path, source: Path) -> None:
    source.write_text("nonsense")
    with pytest.raises(NoCompiler, match="nonsense") as caught:
        compile_host(source, ("run",))
    assert "\n" not in str(caught.value)
    assert list(cache.iterdir()) == []
