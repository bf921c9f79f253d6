"""A file written whole or not at all, in a folder where others may write the same one.

    with replacing(Path("adam.xlsx"), force=False) as temporary:
        temporary.write_bytes(...)

It is written beside its place under another name and moved there at the end. Without `force` a file that came
to be there meanwhile stays: of two that write one new file, one is refused. A run that is killed leaves its
temporary file behind; the next one that writes into the folder removes it. Whether its writer still runs
shows in a lock on it, which the system takes back whatever ends the process.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sheetsim.errors import SheetsimError

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be removed
    fcntl = None  # type: ignore[assignment]

PREFIX, SUFFIX = ".sheetsim.", ".tmp"


@contextlib.contextmanager
def replacing(target: Path, *, force: bool) -> Iterator[Path]:
    """An empty file that takes the place of `target` at the end, and is gone when something fails.
    SheetsimError, one line, when it cannot be written, or `target` is there then (and not `force`)."""
    handle, temporary = -1, None
    try:
        place = Path(os.path.realpath(target))  # a link stays one, and what it points to is written
        _remove_left_behind(place.parent)
        handle, temporary = _locked_file(place.parent)
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        if force:
            temporary.replace(place)
        else:
            _place_new(temporary, place)
    except FileExistsError:
        raise SheetsimError(f"{target}: is there already (--force overwrites it)") from None
    except OSError as error:
        raise SheetsimError(f"{target}: cannot be written: {error.strerror or error}") from None
    finally:
        if temporary is not None:
            os.close(handle)
            temporary.unlink(missing_ok=True)


def _place_new(temporary: Path, place: Path) -> None:
    """Give the file its name; FileExistsError when another has it, also if it got it this very moment."""
    try:
        os.link(temporary, place)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: take the name first
        os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        temporary.replace(place)


def _locked_file(folder: Path) -> tuple[int, Path]:
    """A new file and a handle on it that holds its lock."""
    while True:
        handle, name = tempfile.mkstemp(SUFFIX, PREFIX, folder)
        _lock(handle)
        if os.path.exists(name):  # and was not taken for one left behind before it had its lock
            return handle, Path(name)
        os.close(handle)


def _remove_left_behind(folder: Path) -> None:
    for path in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with contextlib.suppress(OSError):  # gone already, or another user's
            handle = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
            try:
                if _lock(handle):
                    path.unlink()
            finally:
                os.close(handle)


def _lock(handle: int) -> bool:
    """Whether the file could be locked: nobody else holds its lock."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _umask() -> int:
    """The mask for new files, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
