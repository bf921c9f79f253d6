"""How the command ends at Ctrl-C, at any moment: one line on stderr and exit code 130.

    end_at_once()        until there is anything to clean up: while modules are loaded, and at the very end
    raise_interrupts()   while a command runs: KeyboardInterrupt, so that children end and temporary files go

A second Ctrl-C does not wait for that.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130  # as shells report a process that SIGINT ended


class Interrupted(BaseException):
    """A KeyboardInterrupt on its way out. Click would print an empty line for that."""


class _Seen:
    """Whether there was a Ctrl-C."""

    once = False


def end_at_once() -> None:
    for number in _SIGNALS:
        signal.signal(number, _end)


def raise_interrupts() -> None:
    for number in _SIGNALS:
        signal.signal(number, _raise)
    sys.unraisablehook = _in_a_callback


def interrupted() -> bool:
    """Whether there was a Ctrl-C: what is raised afterwards may be what a library made of it."""
    return _Seen.once


def _end(number: int, frame: FrameType | None) -> None:
    os.write(2, b"sheetsim: interrupted\n")
    os._exit(INTERRUPTED)


def _raise(number: int, frame: FrameType | None) -> None:
    if _Seen.once:
        _end(number, frame)
    _Seen.once = True
    raise KeyboardInterrupt


def _in_a_callback(problem: sys.UnraisableHookArgs) -> None:
    """An interrupt that came while Python cleaned up an object would be lost, after a traceback."""
    if _Seen.once and isinstance(problem.exc_value, KeyboardInterrupt):
        _end(0, None)
    sys.__unraisablehook__(problem)


_SIGNALS = (signal.SIGINT, signal.SIGTERM)
