"""How much work something is, without a clock: the number of Python and C calls that it makes.

A test that bounds it notices a loop over cells where there should be whole arrays, or a cost that grows with
the square, on any machine and however busy that is.
"""

import sys
from collections.abc import Callable


def calls_of(function: Callable[[], object]) -> int:
    """The calls made while `function` runs."""
    count = 0

    def profile(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        function()
    finally:
        sys.setprofile(before)
    return count
