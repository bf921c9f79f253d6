"""The builder that works everything out at once, on arrays: whole regions by NumPy.

A function's argument is `Values` of four axes [R, C, h, w] (see `functions/registry.py`); what operations
make of them is a `Bulk`, numbers or truth values and beside them the codes of errors. What is asked of each
cell of a window (its number, whether it is one, their square) is a `Window`: it is worked out place by place
as a fold goes through it, so that a hundred thousand windows of a hundred cells need no ten million numbers.

To the bit the same as `eager`, which the tests hold it to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions import digits
from sheetsim.functions.coercion import (
    Codes,
    booleans,
    compare_arrays,
    error_codes,
    first_codes,
    to_booleans,
    to_numbers,
    to_texts,
    with_errors,
)
from sheetsim.functions.elementary import on_array, powers
from sheetsim.functions.folding import first_error, fold
from sheetsim.functions.lifting import align, choose, overlay, single, stretch
from sheetsim.ir.build import Builder, Operand, Term
from sheetsim.ir.eager import EAGER
from sheetsim.ir.ops import COMPARISONS, ELEMENTARY, PRIMITIVES, TENS
from sheetsim.ir.types import NUMBERS
from sheetsim.values import BLANK, BOOLEAN, ERROR, NUMBER, TEXT, ExcelError, Scalar, Values

Array = NDArray[Any]


def _where(test: Array, yes: Array, no: Array) -> Array:
    return np.where(test, yes, no)


UFUNCS: dict[str, Callable[..., Array]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "neg": np.negative,
    "power": lambda x, y: powers(x, y)[0],
    "atan2": lambda y, x: np.arctan2(*map(np.ascontiguousarray, np.broadcast_arrays(y, x))),
    "remainder": np.mod,
    "floor15": digits.floors,
    "same": digits.same_arrays,
    "settle": digits.settle_arrays,
    "refined": lambda x, y: np.broadcast_arrays(x, y)[1],
    "ten_to": lambda n: TENS[n.astype(np.int64)],
    "min2": lambda a, b: _where(b < a, b, a),
    "max2": lambda a, b: _where(b > a, b, a),
    "is_finite": np.isfinite,
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
    "number": lambda x: x.astype(np.float64),
    **{
        name: getattr(np, ufunc)
        for name, ufunc in zip(
            COMPARISONS, ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"), strict=True
        )
    },
    **{name: lambda x, ufunc=ufunc: on_array(ufunc, x) for name, ufunc in ELEMENTARY.items()},
}
FOLDS: dict[str, tuple[np.ufunc, float]] = {
    "add": (np.add, -0.0),  # x + -0 is x also where x is -0
    "mul": (np.multiply, 1.0),
    "min": (np.minimum, np.inf),
    "max": (np.maximum, -np.inf),
}


@dataclass(frozen=True, slots=True)
class Bulk:
    """Numbers (float64) or truth values (bool) [R, C, h, w], any axis 1 that does not matter, and errors."""

    data: Array
    codes: Codes = None


@dataclass(frozen=True, slots=True)
class Window:
    """`function(*leaves)` at each place of the windows; `codes` are errors of single values in it."""

    leaves: tuple[Array, ...]
    function: Callable[..., Array]
    codes: Codes = None


class Vector(Builder):
    def op(self, name: str, *arguments: Operand, **attributes: Any) -> Term:
        values = [a.value if isinstance(a, Term) else self.term(a).value for a in arguments]
        rule = _RULES.get(name)
        if rule is not None:
            return Term(self, rule(*values, **attributes))
        if name in UFUNCS:
            return Term(self, _elementwise(UFUNCS[name], [_lane(value) for value in values]))
        return Term(self, _by_cell(name, [values_of(value) for value in values], attributes))

    def constant(self, value: Scalar) -> Term:
        if isinstance(value, (float, bool)):
            return Term(self, Bulk(np.full((1, 1, 1, 1), value)))
        return Term(self, single(value, 4))

    def count(self, blocks: Sequence[Term], kinds: int = NUMBERS) -> Term:
        total = self.constant(0.0).value
        for block in blocks:
            total = _counted(total, values_of(block.value), kinds)
        return Term(self, total)

    def function(self, count: int, body: Callable[..., Term]) -> Term:
        raise NotImplementedError("function values on whole arrays")


VECTOR = Vector()


def values_of(value: Bulk | Window | Values) -> Values:
    """A result as cells."""
    if isinstance(value, Values):
        return value
    value = _at_once(value)
    return (booleans if value.data.dtype == bool else with_errors)(value.data, value.codes)


def _at_once(value: Bulk | Window) -> Bulk:
    """A window's function at all its places at once, as where each cell is to get the whole array."""
    return value if isinstance(value, Bulk) else Bulk(value.function(*value.leaves), value.codes)


def _lane(value: Bulk | Window | Values) -> Bulk | Window:
    """Cells that are surely numbers or surely truth values."""
    if not isinstance(value, Values):
        return value
    return Bulk(value.numbers, error_codes(value))


def _elementwise(function: Callable[..., Array], values: Sequence[Bulk | Window]) -> Bulk | Window:
    codes = first_codes(*(value.codes for value in values))
    if not any(isinstance(value, Window) for value in values):
        return Bulk(function(*(value.data for value in values)), codes)  # type: ignore[union-attr]
    windows = [leaf.shape[-2:] for value in values if isinstance(value, Window) for leaf in value.leaves]
    if any(len({lengths[axis] for lengths in windows} - {1}) > 1 for axis in (0, 1)):
        return _failed(ExcelError.NA)  # arrays of different sizes: the body says what that is
    leaves: list[Array] = []
    parts: list[tuple[slice, Callable[..., Array]]] = []
    for value in values:
        given = value.leaves if isinstance(value, Window) else (value.data,)
        parts.append(
            (
                slice(len(leaves), len(leaves) + len(given)),
                value.function if isinstance(value, Window) else _itself,
            )
        )
        leaves += given

    def each(*arrays: Array) -> Array:
        return function(*(inner(*arrays[part]) for part, inner in parts))

    return Window(tuple(leaves), each, codes)


def _itself(x: Array) -> Array:
    return x


# -- operations that are more than a function of numbers


def _is_kind(x: Any, kinds: int) -> Bulk | Window:
    if isinstance(x, Bulk):
        own = np.full(x.data.shape, bool(kinds >> (2 if x.data.dtype == bool else 1) & 1))
        return Bulk(own if x.codes is None else np.where(x.codes != 0, bool(kinds >> ERROR & 1), own))
    if x.kinds is None:
        return Bulk(np.full((1, 1, 1, 1), bool(kinds >> NUMBER & 1)))
    return _asked(lambda held: (kinds >> held) & 1 != 0, x.kinds)


def _plain(x: Any) -> Bulk | Window:
    if isinstance(x, Bulk):
        return Bulk(
            np.where(_no_error(x.codes), x.data, 0.0) if x.data.dtype != bool else np.zeros(x.data.shape)
        )
    if x.kinds is None:
        return _asked(_itself, x.numbers)
    return _asked(lambda numbers, kinds: np.where(kinds == NUMBER, numbers, 0.0), x.numbers, x.kinds)


def _truth(x: Any) -> Bulk | Window:
    if isinstance(x, Bulk):
        return Bulk(np.asarray((x.data != 0) & _no_error(x.codes)))
    if x.kinds is None:
        return _asked(lambda numbers: numbers != 0, x.numbers)
    return _asked(lambda numbers, kinds: (numbers != 0) & (kinds <= BOOLEAN), x.numbers, x.kinds)


def _no_error(codes: Codes) -> Array:
    return np.full((1, 1, 1, 1), True) if codes is None else np.asarray(codes == 0)


def _asked(function: Callable[..., Array], *arrays: Array) -> Bulk | Window:
    """At once for single values, place by place for windows."""
    if arrays[0].shape[-2:] == (1, 1):
        return Bulk(np.asarray(function(*arrays)))
    return Window(arrays, function)


def _fold(start: Bulk, x: Bulk | Window, where: Bulk | Window, how: str) -> Bulk:
    operation, neutral = FOLDS[how]
    codes = first_codes(start.codes, x.codes, where.codes)
    codes = None if codes is None else codes[..., 0, 0]
    begin = start.data[..., 0, 0]
    if isinstance(where, Bulk) and where.data.size == 1:
        if not where.data.flat[0]:
            return start
        terms = x
    else:
        terms = _elementwise(lambda test, values: np.asarray(np.where(test, values, neutral)), [where, x])
    if isinstance(terms, Bulk):
        total = fold(operation, _itself, [terms.data], begin)
    else:
        total = fold(operation, terms.function, terms.leaves, begin)
    return Bulk(total[..., None, None], None if codes is None else codes[..., None, None])


def _counted(start: Bulk, block: Values, kinds: int) -> Bulk:
    """How many cells are of one of `kinds`: `count` says it by a fold of ones, this is quicker."""
    if block.kinds is None:
        found: Any = float(block.shape[-2] * block.shape[-1] * (kinds >> NUMBER & 1))
        return Bulk(start.data + np.full(block.shape[:-2] + (1, 1), found), start.codes)
    found = np.count_nonzero((kinds >> block.kinds) & 1, axis=(-2, -1)).astype(np.float64)
    return Bulk(start.data + found[..., None, None], start.codes)


def _select(test: Any, yes: Any, no: Any) -> Any:
    if any(isinstance(value, Window) for value in (test, yes, no)):
        return _elementwise(np.where, [_lane(value) for value in (test, yes, no)])
    test = _lane(test)
    if isinstance(yes, Bulk) and isinstance(no, Bulk) and yes.data.dtype == no.data.dtype:
        codes = test.codes
        if yes.codes is not None or no.codes is not None:
            nothing = np.zeros((1, 1, 1, 1), np.uint8)
            chosen = np.where(
                test.data,
                nothing if yes.codes is None else yes.codes,
                nothing if no.codes is None else no.codes,
            )
            codes = first_codes(codes, chosen)
        return Bulk(np.where(test.data, yes.data, no.data), codes)
    result = choose(test.data, values_of(yes), values_of(no))
    return result if test.codes is None else overlay(result, test.codes)


def _fail(x: Any, test: Any, code: int) -> Any:
    test = _lane(test)
    failed = np.where(test.data, np.uint8(code), np.uint8(0)) if test.data.any() else None
    codes = first_codes(test.codes, failed)
    if not isinstance(x, Values):
        return replace(x, codes=first_codes(x.codes, codes))
    codes = first_codes(error_codes(x), codes)
    return x if codes is None else overlay(x, codes)


def _finite(x: Any) -> Any:
    if isinstance(x, Values):
        return x if x.kinds is not None else values_of(Bulk(x.numbers))
    x = _at_once(x)
    if x.data.dtype == bool:
        return x
    finite = np.isfinite(x.data)
    if finite.all():
        return x
    return Bulk(x.data, first_codes(x.codes, np.where(finite, np.uint8(0), np.uint8(ExcelError.NUM))))


def _after(x: Any, value: Any) -> Any:
    codes = error_codes(x) if isinstance(x, Values) else x.codes
    if not isinstance(value, Values):
        return replace(value, codes=first_codes(codes, value.codes))
    return value if codes is None else overlay(value, codes)


def _if_error(x: Any, instead: Any) -> Any:
    x, instead = values_of(x), values_of(instead)
    return x if x.kinds is None else choose(x.kinds != ERROR, *align([x, instead]))


def _first_error(x: Any) -> Bulk:
    codes = first_error([values_of(x)])
    return Bulk(np.zeros((1, 1, 1, 1)), None if codes is None else codes[..., None, None])


def _converted(convert: Callable[[Values], tuple[Array, Codes]]) -> Callable[[Any], Bulk]:
    def rule(x: Any) -> Bulk:
        return Bulk(*convert(values_of(x)))

    return rule


def _to_text(x: Any) -> Values:
    texts, codes = to_texts(values_of(x))
    found = Values(np.zeros(texts.shape), np.full(texts.shape, TEXT, np.uint8), texts)
    return found if codes is None else overlay(found, codes)


def _zero_if_blank(x: Any) -> Any:
    if isinstance(x, Bulk) or x.kinds is None:
        return x
    return Values(x.numbers, np.where(x.kinds == BLANK, np.uint8(NUMBER), x.kinds), x.texts)


def _compare(left: Any, right: Any) -> Bulk:
    signs, codes = compare_arrays(values_of(left), values_of(right))
    return Bulk(signs.astype(np.float64), codes)


def _matmul(left: Any, right: Any) -> Bulk:
    """[R, C, i, k] times [R, C, k, j], sums in reading order."""
    if _window(left)[1] != _window(right)[0]:
        return _failed(ExcelError.VALUE)
    a, b = (_block_numbers(value) for value in (left, right))
    rows = a[..., :, None, None, :]  # [R, C, i, 1, 1, k]
    columns = np.swapaxes(b, -1, -2)[..., None, :, None, :]  # [R, C, 1, j, 1, k]
    return Bulk(fold(np.add, np.multiply, [rows, columns], 0.0))


def _window(value: Bulk | Window | Values) -> tuple[int, ...]:
    """h and w."""
    if isinstance(value, Values):
        return value.shape[-2:]
    arrays = value.leaves if isinstance(value, Window) else (value.data,)
    return np.broadcast_shapes(*(array.shape[-2:] for array in arrays))


def _failed(error: ExcelError) -> Bulk:
    """The same error in all cells."""
    return Bulk(np.zeros((1, 1, 1, 1)), np.full((1, 1, 1, 1), error, np.uint8))


def _block_numbers(value: Any) -> Array:
    if isinstance(value, Window):
        shape = np.broadcast_shapes(*(leaf.shape for leaf in value.leaves))
        return value.function(*(np.broadcast_to(leaf, shape) for leaf in value.leaves))
    return _lane(value).data  # type: ignore[union-attr]


def _transpose(x: Any) -> Values:
    x = values_of(x)
    return Values(
        np.swapaxes(x.numbers, -1, -2),
        None if x.kinds is None else np.swapaxes(x.kinds, -1, -2),
        None if x.texts is None else np.swapaxes(x.texts, -1, -2),
    )


def _same(value: bool) -> Bulk:
    return Bulk(np.full((1, 1, 1, 1), value))


def _any_of(x: Any) -> Bulk:
    return Bulk(np.asarray(_block_numbers(x).any(axis=(-2, -1), keepdims=True)), x.codes)


_RULES: dict[str, Callable[..., Any]] = {
    "is_kind": _is_kind,
    "plain": _plain,
    "truth": _truth,
    "fold": _fold,
    "any_of": _any_of,
    "select": _select,
    "fail": _fail,
    "finite": _finite,
    "after": _after,
    "if_error": _if_error,
    "first_error": _first_error,
    "to_number": _converted(to_numbers),
    "to_boolean": _converted(to_booleans),
    "to_text": _to_text,
    "zero_if_blank": _zero_if_blank,
    "compare": _compare,
    "matmul": _matmul,
    "transpose": _transpose,
    "same_shape": lambda a, b: _same(values_of(a).shape[-2:] == values_of(b).shape[-2:]),
    "meets": lambda a, b: _same(values_of(a).shape[-1] == values_of(b).shape[-2]),
    "size": lambda x: Bulk(np.full((1, 1, 1, 1), float(x.shape[-2] * x.shape[-1]))),
}


def _by_cell(name: str, values: Sequence[Values], attributes: dict[str, Any]) -> Values:
    """An operation that has no way of its own on arrays: its scalar rule, cell of the region by cell."""
    outer = np.broadcast_shapes(*(value.shape[:2] for value in values))
    if PRIMITIVES[name].shape == "elements":
        values = align(values)
    whole = [stretch(value, outer + value.shape[2:]) for value in values]
    found: list[Values] = []
    for place in np.ndindex(outer):
        blocks = [value[place] for value in whole]
        given = [block.get((0, 0)) if block.shape == (1, 1) else block for block in blocks]
        result = EAGER.op(name, *(Term(EAGER, one) for one in given), **attributes).value
        found.append(result if isinstance(result, Values) else single(result))
    shape = found[0].shape
    result = Values.filled(outer + shape, None)
    for place, block in zip(np.ndindex(outer), found, strict=True):
        for index in np.ndindex(shape):
            result.put(place + index, block.get(index))
    return result.simplified()
