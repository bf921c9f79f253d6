"""From a kernel's source file to something that runs: a cubin for a GPU, a shared library for the processor.

    compile_device(path, "sm_90")      a cubin, bytes; needs cuda-core, but neither a GPU nor a driver
    compile_host(path, ("run",))       path of the library; needs a C++ compiler

Libraries are kept in a folder that only the user can write to, named by what went into them.
"""

from __future__ import annotations

import functools
import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sheetsim.errors import MissingExtra, SheetsimError
from sheetsim.processes import find_program, run

HOST_HEADER = Path(__file__).with_name("host.h")
COMPILE_SECONDS = 300.0
HOST_FLAGS = ("-std=c++17", "-O2", "-ffp-contract=off", "-shared", "-fPIC")


class NoCompiler(SheetsimError):
    """There is no C++ compiler, or it fails on the kernel."""


@functools.cache
def compile_device(source: Path, arch: str) -> bytes:
    """Machine code for GPUs of `arch` ("sm_90"). MissingExtra without cuda-core; SheetsimError with the
    compiler's first complaint when NVRTC refuses the source."""
    try:
        from cuda.core import Program
        from cuda.core._utils.cuda_utils import CUDAError  # it stands nowhere else
    except ImportError:
        raise MissingExtra("cuda-core", "cuda", "compiling kernels for a GPU") from None
    try:
        program = Program(source.read_text(encoding="utf-8"), "c++", device_options(source, arch))
        code = program.compile("cubin").code
    except (CUDAError, RuntimeError) as error:  # the source is refused; the NVRTC library is not found
        complaint = first_complaint(str(error))
        raise SheetsimError(f"{source} does not compile for {arch}: {complaint}") from error
    return bytes(code)


def device_options(source: Path, arch: str) -> Any:
    """The compiler's options: every operation rounded by itself, as IEEE 754 says."""
    from cuda.core import ProgramOptions

    return ProgramOptions(
        name=source.name,
        arch=arch,
        std="c++17",
        fma=False,
        prec_div=True,
        prec_sqrt=True,
        ftz=False,
        include_path=str(source.parent),
    )


def find_compiler() -> str | None:
    """The C++ compiler's absolute path: $CXX (a name or an absolute path) if set, else the first of c++, g++
    and clang++ there is."""
    chosen = os.environ.get("CXX")
    return find_program(chosen) if chosen else find_program("c++", "g++", "clang++")


def compile_host(source: Path, entries: Sequence[str]) -> Path:
    """The shared library with an entry `NAME_host` for each kernel named (see host.h). NoCompiler says why
    when there is none to be had."""
    compiler = find_compiler()
    if compiler is None:
        raise NoCompiler("no C++ compiler: install g++ or clang++, or set CXX")
    unit = "".join(
        [
            f'#include "{HOST_HEADER.as_posix()}"\n',
            f'#include "{source.as_posix()}"\n',
            *(f"HOST_ENTRY({entry})\n" for entry in entries),
        ]
    )
    library = cache_folder() / f"{source.parent.name}-{fingerprint(source, unit, compiler)}.so"
    if not library.exists():
        build(compiler, unit, source, library)
    return library


def build(compiler: str, unit: str, source: Path, library: Path) -> None:
    """Compile into a file of its own, then move it into place, so that nobody loads half a library."""
    handle, temporary = tempfile.mkstemp(suffix=".so", dir=library.parent)
    os.close(handle)
    try:
        command = [compiler, *HOST_FLAGS, "-x", "c++", "-", "-o", temporary]
        result = run(command, called=compiler, timeout=COMPILE_SECONDS, given=unit)
        if result.returncode:
            raise NoCompiler(f"{compiler} fails on {source}: {first_complaint(result.stderr)}")
        os.replace(temporary, library)
    finally:
        Path(temporary).unlink(missing_ok=True)


def fingerprint(source: Path, unit: str, compiler: str) -> str:
    """Of all that decides what the library is: the sources, the headers beside them, compiler and flags."""
    digest = hashlib.sha256()
    headers = sorted({*source.parent.parent.glob("*/*.cuh"), *source.parent.glob("*.cuh"), HOST_HEADER})
    for file in (source, *headers):
        digest.update(file.read_bytes())
    for text in (unit, compiler, compiler_version(compiler), *HOST_FLAGS):
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()[:24]


@functools.cache
def compiler_version(compiler: str) -> str:
    return run([compiler, "--version"], called=compiler, timeout=COMPILE_SECONDS).stdout


@functools.cache
def private_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for this process alone, removed when it ends."""
    return tempfile.TemporaryDirectory(prefix="sheetsim-", ignore_cleanup_errors=True)


def cache_folder() -> Path:
    """$SHEETSIM_CACHE (an absolute path), or the user's cache folder; a private temporary one where that
    cannot be had, or where others could write to it (a library put there would run as the user)."""
    folder = user_cache()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if is_private(folder) and os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass  # no home folder, or one that is read-only
    return Path(private_folder().name)


def user_cache() -> Path:
    """What is set empty or relative is not taken: a library found in the current folder would be run."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", tempfile.gettempdir())
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        base = base if os.path.isabs(base) else os.path.expanduser("~/.cache")
    own = os.environ.get("SHEETSIM_CACHE", "")
    return Path(own) if os.path.isabs(own) else Path(base) / "sheetsim"


def is_private(folder: Path) -> bool:
    """Whether only the user can write there."""
    if sys.platform == "win32":
        return True  # the user's own profile
    status = folder.stat()
    return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def first_complaint(output: str) -> str:
    """The first line of a compiler's output that names an error, else its first line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return next((line for line in lines if "error:" in line), lines[0] if lines else "it says nothing")
