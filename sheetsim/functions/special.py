"""SciPy's special functions, imported when the first one is called.

    special("GAMMA.INV", "gammaincinv")(2.0, 0.5)

Without SciPy the calling function is unsupported, and the report says what to install.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sheetsim.errors import MissingExtra, Unsupported


@cache
def _module() -> Any:
    try:
        import scipy.special
    except ImportError:
        return None
    return scipy.special


def special(excel: str, name: str) -> Callable[..., Any]:
    """`scipy.special.<name>` for the Excel function `excel`. Unsupported without SciPy."""
    module = _module()
    if module is None:
        raise Unsupported(str(MissingExtra("SciPy", "stats", excel)))
    return getattr(module, name)
