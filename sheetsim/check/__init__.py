"""Compare blocks of values: recalculation, the matrix lesson x telling, and reports.

`sheetsim.check` is this package and, to be called, the function `sheetsim.check.run.check`:

    sheetsim.check("adam.xlsx").passed
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Callable(ModuleType):
    """A module that can be called, so that package and function share the name they both deserve."""

    def __call__(self, path: Any, **options: Any) -> Any:
        from sheetsim.check.run import check

        return check(path, **options)


sys.modules[__name__].__class__ = _Callable
