"""The slope of each smooth operation, as a rule that builds more of the program; the reverse mode over one.

A rule gets the builder, the slope `g` of what is asked for by the step's result, the result and the
arguments, and gives the slopes by the arguments (None: no slope goes there):

    mul   g*y, g*x          sqrt  g / (2*sqrt(x)), and 0 where x is 0

`backward` runs through a program from a result to its leaves. An operation without a rule has no slope, and
says so (`NoSlope`): a comparison, rounding. Values must be finite where slopes are asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from sheetsim.ir.build import Builder, Program, Step, Term

Slopes = Sequence[Term | None]
Rule = Callable[..., Slopes]


class NoSlope(Exception):
    """No slope goes through an operation; the text names it."""


def _power(b: Builder, g: Term, out: Term, x: Term, exponent: Term) -> Slopes:
    step: Step = exponent.value
    if step.name != "constant":
        raise NoSlope("a power whose exponent is no constant")
    n = float(step.constant)  # type: ignore[arg-type]
    if n == 1:
        return g, None
    return g * n * (x if n == 2 else b.power(x, n - 1)), None


def _sqrt(b: Builder, g: Term, out: Term, x: Term) -> Slopes:
    """A root's slope at 0 is infinite: none is passed on."""
    return (b.select(b.eq(x, 0), 0.0, g / (2 * out)),)


def _passed(b: Builder, g: Term, out: Term, *arguments: Term) -> Slopes:
    """The first argument as it is, checked by the others."""
    return (g, *(None for _ in arguments[1:]))


SLOPES: dict[str, Rule] = {
    "add": lambda b, g, out, x, y: (g, g),
    "sub": lambda b, g, out, x, y: (g, -g),
    "mul": lambda b, g, out, x, y: (g * y, g * x),
    "div": lambda b, g, out, x, y: (g / y, -(g * (out / y))),
    "neg": lambda b, g, out, x: (-g,),
    "power": _power,
    "sqrt": _sqrt,
    "exp": lambda b, g, out, x: (g * out,),
    "expm1": lambda b, g, out, x: (g * (out + 1),),
    "log": lambda b, g, out, x: (g / x,),
    "log1p": lambda b, g, out, x: (g / (1 + x),),
    "log10": lambda b, g, out, x: (g / (x * math.log(10)),),
    "sin": lambda b, g, out, x: (g * b.cos(x),),
    "cos": lambda b, g, out, x: (-(g * b.sin(x)),),
    "tan": lambda b, g, out, x: (g * (1 + out * out),),
    "arctan": lambda b, g, out, x: (g / (1 + x * x),),
    "sinh": lambda b, g, out, x: (g * b.cosh(x),),
    "cosh": lambda b, g, out, x: (g * b.sinh(x),),
    "tanh": lambda b, g, out, x: (g * (1 - out * out),),
    "abs": lambda b, g, out, x: (g * (b.number(x > 0) - b.number(x < 0)),),
    "select": lambda b, g, out, test, x, y: (None, b.select(test, g, 0.0), b.select(test, 0.0, g)),
    "finite": _passed,
    "fail": _passed,
    "settle": _passed,
    "sure": _passed,
    "refined": _passed,
    "to_number": _passed,
    "zero_if_blank": _passed,
    "plain": _passed,
    "after": lambda b, g, out, x, value: (None, g),
}
_LEAVES = ("cell", "block", "constant")


def backward(
    program: Program, result: Step, g: Term, until: Callable[[Step], bool]
) -> list[tuple[Step, Term]]:
    """The slopes by those steps for which `until` holds (they are not gone through), in the order in which
    they come up, the last steps first. NoSlope where an operation has none."""
    slopes: dict[int, Term] = {result.number: g}
    found: list[tuple[Step, Term]] = []
    for step in reversed(program.needed(result)):
        slope = slopes.get(step.number)
        if slope is None:
            continue
        if until(step):
            found.append((step, slope))
            continue
        if step.name in _LEAVES:
            continue
        rule = SLOPES.get(step.name)
        if rule is None:
            raise NoSlope(f"the operation {step.name}")
        terms = [Term(program, argument) for argument in step.arguments]
        for argument, own in zip(
            step.arguments, rule(program, slope, Term(program, step), *terms), strict=True
        ):
            if own is not None:
                before = slopes.get(argument.number)
                slopes[argument.number] = own if before is None else before + own
    return found
