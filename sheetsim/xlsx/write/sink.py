"""A file for a zip that is written, of which one failure is told once.

A `ZipFile` that is given up half written tries to write its end when Python takes it away; where that fails
too (the disk is still full), a traceback is printed that nobody can catch. So after a failure a `Sink` takes
whatever comes and drops it, and `close` raises what went wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


class Sink:
    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._problem: Exception | None = None

    def write(self, data: bytes) -> int:
        return self._guard(lambda: self._file.write(data), len(data))

    def tell(self) -> int:
        return self._guard(self._file.tell, 0)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._guard(lambda: self._file.seek(offset, whence), offset)

    def flush(self) -> None:
        self._guard(self._file.flush, None)

    def close(self) -> None:
        """Raises the first OSError that there was, of writing or of closing."""
        self._guard(self._file.close, None)
        if self._problem is None:
            self._problem = ValueError("closed")  # what comes later is dropped
        elif isinstance(self._problem, OSError):
            problem, self._problem = self._problem, ValueError("closed")
            raise problem

    def _guard(self, act: Callable[[], T], instead: T) -> T:
        if self._problem is None:
            try:
                return act()
            except OSError as problem:
                self._problem = problem
        return instead
