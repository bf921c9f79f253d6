"""Excel's operators and functions on torch tensors: the value and, through autograd, the slope.

Operands are float64 tensors [R, C, h, w], as in `functions/registry.py`; error values are NaN, and no slope
flows through them. An infinity is an overflow, Excel's #NUM!: sums and products carry it on as they carry
NaN, and what would make a number of it (1/x, TANH, MAX, a comparison) gives NaN. What is not in these tables
has no slope (see `tensor_formula.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from sheetsim.functions import digits
from sheetsim.functions.elementary import MAX_REPEATED
from sheetsim.functions.statistical.variances import CANCELLED

LARGEST_EXPONENT = 709.78  # EXP of more is #NUM!


def _masked(bad: Tensor, a: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
    """`function(a)`, and an error where `bad`; there the function sees 1, so that its slope is finite."""
    if not bool(bad.any()):
        return function(a)
    return torch.where(bad, torch.nan, function(torch.where(bad, 1.0, a)))


def _same(a: Tensor, b: Tensor) -> Tensor:
    """Whether numbers agree in 15 digits (see `functions/digits.py`): looked at only where they are near."""
    a, b = torch.broadcast_tensors(a.detach(), b.detach())
    near = (a - b).abs() <= 2 * digits.NEAR * a.abs()
    if bool(near.any()):
        pairs = zip(a[near].tolist(), b[near].tolist(), strict=True)
        near[near.clone()] = torch.tensor([digits.same(x, y) for x, y in pairs], device=near.device)
    return near


def _last(a: Tensor, result: Tensor) -> Tensor:
    """A sum of a and another number as a formula's last step: 0 where it cancels in 15 digits. The slope
    stays."""
    near = _same(a, a - result) & (result != 0)
    return result - torch.where(near, result, 0.0).detach() if bool(near.any()) else result


def _floor(a: Tensor) -> Tensor:
    """INT: what is whole in 15 digits is whole."""
    below = torch.floor(a)
    return torch.where(_same(a, below + 1), below + 1, below)


def divide(a: Tensor, b: Tensor) -> Tensor:
    return _masked((b == 0) | torch.isinf(b), b, lambda safe: a / safe)


def _finite(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """`function`, with an error for an infinity."""
    return lambda a: _masked(torch.isinf(a), a, function)


def whole_power(a: Tensor, exponent: int) -> Tensor:
    """Repeated multiplication, as everywhere; 0^0 and 0 to a negative power are errors."""
    if exponent == 0:
        return _masked(a == 0, a, torch.ones_like)
    result = a
    for _ in range(abs(exponent) - 1):
        result = result * a
    return result if exponent > 0 else divide(torch.ones_like(result), result)


def power(a: Tensor, b: Tensor) -> Tensor:
    if b.numel() == 1 and not b.requires_grad:
        exponent = float(b.reshape(-1)[0])
        if exponent.is_integer() and abs(exponent) <= MAX_REPEATED:
            return whole_power(a, int(exponent))
    a, b = torch.broadcast_tensors(a, b)
    # a negative base has odd roots, (-8)^(1/3), and whole powers; 0 has positive ones, with no slope at all
    odd = (a < 0) & (((1 / b) % 2 == 1) | (b % 2 == 1))
    real = (a > 0) | odd | ((a < 0) & (b % 2 == 0))
    zero = (a == 0) & (b > 0)
    size = torch.where(real, a.abs(), 1.0) ** b
    result = torch.where(odd, -size, size)
    real = real & torch.isfinite(a) & torch.isfinite(b)
    return torch.where(real, result, torch.where(zero, 0.0, torch.nan))


def _root(a: Tensor) -> Tensor:
    result = _masked(a <= 0, a, torch.sqrt)
    return torch.where(a == 0, 0.0, result)  # a root's slope at 0 is infinite: none is passed on


def _logarithm(log: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    return lambda a: _masked(a <= 0, a, log)


def _log(a: Tensor, base: Tensor | None = None) -> Tensor:
    if base is None:
        return _logarithm(torch.log10)(a)
    return divide(_logarithm(torch.log)(a), _logarithm(torch.log)(base))


def _erf(a: Tensor, b: Tensor | None = None) -> Tensor:
    erf = _finite(torch.erf)
    return erf(a) if b is None else erf(b) - erf(a)


def _normal(a: Tensor, cumulative: Tensor) -> Tensor:
    below = _finite(lambda x: 0.5 * torch.erfc(-x / math.sqrt(2)))(a)
    bell = _finite(lambda x: torch.exp(-x * x / 2) / math.sqrt(2 * math.pi))(a)
    return torch.where(cumulative != 0, below, bell)


def _modulo(a: Tensor, b: Tensor) -> Tensor:
    """The exact remainder; its slope by b is that of a - b * INT(a / b)."""
    return _masked((b == 0) | torch.isinf(b), b, lambda safe: torch.remainder(a, safe))


OPERATORS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "+": torch.add,
    "-": torch.sub,
    "*": torch.mul,
    "/": divide,
    "^": power,
}

FINAL: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "+": lambda a, b: _last(a, a + b),
    "-": lambda a, b: _last(a, a - b),
}
"""`+` and `-` as the last operator of a formula."""

COMPARISONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "=": lambda a, b: (a == b) | _same(a, b),
    "<>": lambda a, b: (a != b) & ~_same(a, b),
    "<": lambda a, b: (a < b) & ~_same(a, b),
    "<=": lambda a, b: (a <= b) | _same(a, b),
    ">": lambda a, b: (a > b) & ~_same(a, b),
    ">=": lambda a, b: (a >= b) | _same(a, b),
}
"""Of numbers; NaN compares false, and an error's comparison is masked by whoever uses these."""

SMOOTH: dict[str, Callable[..., Tensor]] = {
    "ABS": torch.abs,
    "COS": torch.cos,
    "ERF": _erf,
    "ERFC": _finite(torch.erfc),
    "EXP": lambda a: _masked((a > LARGEST_EXPONENT) | torch.isinf(a), a, torch.exp),
    "LN": _logarithm(torch.log),
    "LOG": _log,
    "LOG10": _logarithm(torch.log10),
    "MOD": _modulo,
    "NORM.S.DIST": _normal,
    "POWER": power,
    "SIN": torch.sin,
    "SQRT": _root,
    "TANH": _finite(torch.tanh),
}
"""Functions of single numbers."""

STEPS: dict[str, Callable[[Tensor], Tensor]] = {"INT": _floor, "SIGN": _finite(torch.sign)}
"""Functions that jump: known here, but without a slope."""

BY_KIND = frozenset({"COUNT", "COUNTA", "ISNUMBER"})
"""Functions that look at kinds of cells only, not at their numbers."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """An argument that may be a range: its numbers, 0 where there are none, and a mask of where there are
    (None: everywhere). Axes of the mask broadcast."""

    values: Tensor
    counts: Tensor | None = None

    def where(self, otherwise: float | Tensor) -> Tensor:
        """The numbers, and another number where there are none."""
        return self.values if self.counts is None else torch.where(self.counts, self.values, otherwise)

    def number(self) -> Tensor:
        """How many there are, [R, C, 1, 1]."""
        counts = torch.ones_like(self.values) if self.counts is None else self.counts.double()
        return counts.sum((-2, -1), keepdim=True)


Parts = Sequence[Numbers]


def total(a: Tensor) -> Tensor:
    """The sum over h and w, added up in reading order."""
    if a.shape[-2:] == (1, 1):
        return a
    return a.flatten(-2).cumsum(-1)[..., -1][..., None, None]


def _added(terms: Sequence[Tensor]) -> Tensor:
    result = terms[0]
    for term in terms[1:]:
        result = result + term
    return result


def _sum(parts: Parts) -> Tensor:
    return _added([total(part.values) for part in parts])


def _squares(parts: Parts) -> Tensor:
    return _added([total(part.values * part.values) for part in parts])


def _count(parts: Parts) -> Tensor:
    return _added([part.number() for part in parts])


def _variance(parts: Parts, less: int) -> Tensor:
    """As `functions/statistical/variances.py` has it, over n (VAR.P) or n - 1 (VAR.S): in one pass, or in two
    where too much cancels."""
    n, sum_, squares = _count(parts), _sum(parts), _squares(parts)
    left = n * squares - sum_ * sum_
    once = divide(left, n * (n - less))
    cancelled = left < n * squares * CANCELLED
    if not bool(cancelled.any()):
        return once
    mean = divide(sum_, n)
    rests = [part.where(mean) - mean for part in parts]
    rest = _added([total(part) for part in rests])
    twice = _added([total(part * part) for part in rests]) - divide(rest * rest, n)
    return torch.where(cancelled, divide(torch.where(twice < 0, 0.0, twice), n - less), once)


def _product(parts: Parts) -> Tensor:
    factors = [part.where(1.0).flatten(-2).prod(-1)[..., None, None] for part in parts]
    result = factors[0]
    for factor in factors[1:]:
        result = result * factor
    return result


def _sum_of_products(parts: Parts) -> Tensor:
    result = parts[0].values
    for part in parts[1:]:
        result = result * part.values
    return total(result)


def _squared_differences(parts: Parts) -> Tensor:
    """SUMXMY2: pairs count in which both are numbers."""
    difference = parts[0].values - parts[1].values
    for part in parts:
        if part.counts is not None:
            difference = torch.where(part.counts, difference, 0.0)
    return total(difference * difference)


def _extreme(pick: Callable[..., Tensor], none: float) -> Callable[[Parts], Tensor]:
    def extreme(parts: Parts) -> Tensor:
        tops = [pick(part.where(none), dim=(-2, -1), keepdim=True) for part in parts]
        result = tops[0]
        for top in tops[1:]:
            result = pick(torch.stack(torch.broadcast_tensors(result, top)), dim=0)
        if bool(torch.isinf(result).any()):  # no number at all
            result = torch.where(_count(parts) == 0, 0.0, result)
        wrong = [torch.isinf(part.where(0.0)).any(-1).any(-1)[..., None, None] for part in parts]
        return torch.where(_added([each.double() for each in wrong]) > 0, torch.nan, result)

    return extreme


def _matrix_product(parts: Parts) -> Tensor:
    a, b = parts[0].values, parts[1].values
    if a.shape[1] == 1 and b.shape[0] == 1:  # rows of one table by columns of another: one product for all
        down, _, h, k = a.shape
        _, over, _, w = b.shape
        product = a.reshape(down * h, k) @ b.permute(2, 1, 3, 0).reshape(k, over * w)
        result = product.reshape(down, h, over, w).transpose(1, 2)
    else:
        result = a @ b
    for part in parts:
        if part.counts is not None:  # anything but numbers is an error
            bad = ~part.counts.all(-1).all(-1)[..., None, None]
            result = torch.where(bad, torch.nan, result)
    return result


REDUCING: dict[str, Callable[[Parts], Tensor]] = {
    "AVERAGE": lambda parts: divide(_sum(parts), _count(parts)),
    "MAX": _extreme(torch.amax, -torch.inf),
    "MIN": _extreme(torch.amin, torch.inf),
    "MMULT": _matrix_product,
    "PRODUCT": _product,
    "STDEV.P": lambda parts: _root(_variance(parts, 0)),
    "STDEV.S": lambda parts: _root(_variance(parts, 1)),
    "SUM": _sum,
    "SUMPRODUCT": _sum_of_products,
    "SUMSQ": _squares,
    "SUMXMY2": _squared_differences,
    "TRANSPOSE": lambda parts: parts[0].values.transpose(-1, -2),
    "VAR.P": lambda parts: _variance(parts, 0),
    "VAR.S": lambda parts: _variance(parts, 1),
}
"""Functions of ranges."""


# -- choices and windows

NOTHING = torch.zeros((), dtype=torch.float64)


def chosen(test: Tensor, yes: Tensor, no: Tensor) -> Tensor:
    """IF; a test that is an error gives one."""
    result = torch.where(test != 0, yes, no)
    wrong = ~torch.isfinite(test)
    return torch.where(wrong, torch.nan, result) if bool(wrong.any()) else result


def rescued(value: Tensor, instead: Callable[[], Tensor]) -> Tensor:
    """IFERROR."""
    fine = torch.isfinite(value)
    return value if bool(fine.all()) else torch.where(fine, value, instead())


def compared(compare: Callable[[Tensor, Tensor], Tensor], a: Tensor, b: Tensor) -> Tensor:
    """A comparison, 1 or 0."""
    return compare(a, b).double() + 0.0 * (a + b)  # errors stay errors


def junction(pick: Callable[..., Tensor], parts: Sequence[Tensor]) -> Tensor:
    """AND (`pick` is amin) and OR (amax) of all numbers of the parts."""
    truths = torch.broadcast_tensors(*[compared(torch.ne, part, NOTHING) for part in parts])
    return pick(torch.stack(truths), dim=(0, -2, -1))[..., None, None]


def windows(block: Tensor, h: int, w: int) -> Tensor:
    """What each cell sees of a block [rows, columns] through a window of h x w: views [R, C, h, w]."""
    rows, columns = block.shape
    if h == 1:
        block = block[..., None]
    elif h == rows:
        block = block.T[None]
    else:
        block = block.unfold(0, h, 1)
    if w == 1:
        return block[..., None]  # [R, C, h, w] from [R, columns, h]
    if w == columns:
        return block.transpose(1, 2)[:, None]
    return block.unfold(1, w, 1)
