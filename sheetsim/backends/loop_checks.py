"""Which values of an optimistic loop need no check of their own.

What is not finite need not be noticed at once where it passes on through + - * and the upper side of /, to
something that is checked whatever happens; it must be before something could swallow it: a comparison, MIN,
the lower side of /, one side of a choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sheetsim.ir.build import Step
from sheetsim.ir.ops import PRIMITIVES

_CARRY = {"add", "sub", "mul", "neg", "abs", "sqrt", "finite", "sure"}  # not finite in, not finite out


@dataclass(frozen=True, slots=True)
class Checks:
    """`roots` are the steps whose values are stored, `uses` which steps use a step, by its number."""

    roots: Sequence[Step]
    uses: Mapping[int, Sequence[Step]]

    def loose(self, step: Step) -> bool:
        """May it be not finite, unnoticed?"""
        if step.name == "finite":
            return step in self.roots or self.shows(step)
        return step.name not in ("cell", "block", "constant") and any(map(self.loose, step.arguments))

    def shows(self, step: Step) -> bool:
        """Is the row surely stopped later, if it is not finite?"""
        return any(
            _passes(step, user)
            and (user in self.roots or (user.name == "finite" and self.decides(user)) or self.shows(user))
            for user in self.uses.get(step.number, ())
        )

    def decides(self, step: Step) -> bool:
        """Does the row surely fail if it fails? Not where it is but one of two values to choose from."""
        return step in self.roots or any(
            self.decides(user) for user in self.uses.get(step.number, ()) if _strict(step, user)
        )

    def is_quotient(self, step: Step) -> bool:
        """Of `fail`: is it a division by zero, whose result is not finite and checked for that at once?"""
        x, test = step.arguments
        by_zero = (
            test.name == "eq" and test.arguments[1].name == "constant" and test.arguments[1].constant == 0
        )
        divided = x.name == "div" and by_zero and test.arguments[0] is x.arguments[1]
        return divided and all(user.name == "finite" for user in self.uses.get(step.number, ()))


def _passes(step: Step, user: Step) -> bool:
    """Is `user` not finite when `step` is not?"""
    if user.name in _CARRY:
        return True
    if user.name in ("div", "fail"):
        return user.arguments[0] is step and user.arguments[1] is not step
    return user.name == "after" and user.arguments[1] is step


def _strict(step: Step, user: Step) -> bool:
    """Does `user` fail when `step` fails?"""
    if user.name == "select":
        return user.arguments[0] is step
    return PRIMITIVES[user.name].strict
