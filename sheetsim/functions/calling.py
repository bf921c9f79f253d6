"""How a function's arguments are made ready, the same for all evaluators: coercion, errors, direct values.

Evaluators evaluate the arguments, hand them over here and get the result; what they must do themselves is
resolve references (kinds "reference" and "sized"), evaluate lazily (kind "lazy": IF, IFERROR) and draw random
numbers (records with `draws`).

    call_scalar(FUNCTIONS["ROUND"], ["2.675", 2.0])                        2.68
    call_scalar(FUNCTIONS["SUM"], [Values.of([["3", 4.0]]), "3"])          7.0     a direct "3" counts
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from math import prod
from typing import Any

import numpy as np

from sheetsim.functions.coercion import (
    Codes,
    error_codes,
    first_codes,
    to_boolean,
    to_booleans,
    to_number,
    to_numbers,
    to_strict_number,
    to_strict_numbers,
    to_text,
    to_texts,
)
from sheetsim.functions.lifting import align, fit, lift, overlay, single, stretch
from sheetsim.functions.lines import Spans
from sheetsim.functions.registry import Direct, Function, Kind
from sheetsim.functions.strips import NoStrip, Strips
from sheetsim.ir.build import Term
from sheetsim.ir.eager import EAGER
from sheetsim.ir.vector import VECTOR, values_of
from sheetsim.values import BLANK, BOOLEAN, ERROR, NUMBER, TEXT, ExcelError, Scalar, Values, kind_of

ONE_VALUE: tuple[Kind, ...] = ("number", "strict", "text", "boolean", "any", "given", "corner")
"""Kinds of parameters that take one value, and that array formulas lift over."""

_COERCE: dict[str, Callable[[Scalar], Scalar]] = {
    "number": to_number,
    "strict": to_strict_number,
    "text": to_text,
    "boolean": to_boolean,
    "any": lambda value: value,
    "given": lambda value: value,
    "corner": lambda value: value,
}


def call_scalar(
    record: Function, arguments: Sequence[Scalar | Values], draw: float | None = None
) -> Scalar | Values:
    """The function's value.

    An argument is a scalar, or two-dimensional `Values` where the parameter takes a range; a scalar
    there is a direct value. An argument left out is None. `draw` goes to records that draw.
    """
    ready: list[Scalar | Values] = [] if draw is None else [draw]
    for position, argument in enumerate(arguments):
        kind = record.kind(position)
        if kind in ONE_VALUE:
            assert not isinstance(argument, Values)
            value = _COERCE[kind](argument)
            if isinstance(value, ExcelError) and not record.sees_errors:
                return value
            ready.append(value)
        elif isinstance(argument, Values):
            ready.append(argument)
        else:
            ready.append(single(direct_scalar(record.direct, argument)))
    if record.body is not None:
        return EAGER.result(record.body, [EAGER.constant(value) for value in ready]).value
    assert record.scalar is not None
    return record.scalar(*ready)  # type: ignore[return-value]


def operations(record: Function, arguments: Sequence[Values]) -> int:
    """About how many cell operations a call takes; arguments [h, w] or [R, C, h, w]."""
    if record.effort is not None:
        return record.effort(*arguments)
    calls = [argument.shape for i, argument in enumerate(arguments) if record.kind(i) in ONE_VALUE]
    ranges = [argument.shape for i, argument in enumerate(arguments) if record.kind(i) not in ONE_VALUE]
    outer = [max(lengths) for lengths in zip(*(shape[:-2] for shape in calls + ranges), strict=True)]
    inner = [max(lengths) for lengths in zip(*(shape[-2:] for shape in calls), strict=True)]
    return prod(outer) * prod(inner) * max(sum(shape[-2] * shape[-1] for shape in ranges), 1)


def direct_scalar(direct: Direct, value: Scalar) -> Scalar:
    """A value that stands where a range may stand, made ready (see `registry.Direct`)."""
    if direct == "number":
        return to_number(value)
    if direct == "strict":
        return ExcelError.NA if value is None else to_strict_number(value)
    if direct == "boolean":
        truth = to_boolean(value)
        return value if isinstance(truth, ExcelError) else truth
    if direct == "count":
        number = to_number(value)
        return value if isinstance(number, ExcelError) else number
    if direct == "value" and value is None:
        return 0.0
    return value


def call_array(
    record: Function, arguments: Sequence[Values], direct: Sequence[bool], draws: Values | None = None
) -> Values:
    """The function's values in a region: arguments and result are [R, C, h, w] (see `registry`).

    `direct` says which arguments are single values (h = w = 1, and neither reference nor array constant);
    an argument left out is a direct blank. `draws` goes to records that draw, [R, C, 1, 1]. Parameters that
    take one value and hold arrays are lifted over.
    """
    ready, codes = _ready(record, arguments, direct)
    if draws is not None:
        ready.insert(0, draws)
    if record.body is not None:
        with np.errstate(all="ignore"):
            result = values_of(VECTOR.result(record.body, [Term(VECTOR, value) for value in ready]).value)
    elif record.array is not None:
        result = record.array(*ready)  # type: ignore[assignment]
    else:
        result = _by_cell(record, ready)
    return result if codes is None else overlay(result, codes)


def call_spans(
    record: Function,
    arguments: Sequence[Values | Spans],
    direct: Sequence[bool],
    spend: Callable[[int], None],
) -> Values | None:
    """`call_array` where ranges are `Spans`; `spend` is called before work on so many cells. None where there
    is no such way."""
    ready, codes = _ready(record, arguments, direct)
    if record.spans is not None:
        result = record.spans(spend, *ready)
    else:
        assert record.body is not None
        strips = Strips(spend)
        try:
            with np.errstate(all="ignore"):
                result = values_of(strips.result(record.body, [Term(strips, value) for value in ready]).value)
        except NoStrip:
            return None
    return result if result is None or codes is None else overlay(result, codes)


def _ready(
    record: Function, arguments: Sequence[Values | Spans], direct: Sequence[bool]
) -> tuple[list[Any], Codes]:
    """The arguments coerced, and the first error among those that take one value."""
    lifted = [i for i in range(len(arguments)) if record.kind(i) in ONE_VALUE]
    aligned = dict(zip(lifted, align([_values(arguments[i]) for i in lifted]), strict=True))
    ready: list[Any] = []
    codes: Codes = None
    for position, argument in enumerate(arguments):
        kind = record.kind(position)
        if kind in ONE_VALUE:
            value, errors = _coerced(kind, aligned[position])
            ready.append(value)
            codes = codes if record.sees_errors else first_codes(codes, errors)
        elif direct[position]:
            ready.append(direct_array(record.direct, _values(argument)))
        else:
            ready.append(argument)
    return ready, codes


def _values(argument: Values | Spans) -> Values:
    assert isinstance(argument, Values)
    return argument


def _by_cell(record: Function, arguments: Sequence[Values]) -> Values:
    """The scalar implementation for each cell of the region, and each element of what is lifted over;
    arguments are ready, and an error among single values has been seen to."""
    assert record.scalar is not None
    single_values = [record.kind(i) in ONE_VALUE for i in range(len(arguments))]
    if record.draws:
        single_values = [True, *(record.kind(i) in ONE_VALUE for i in range(len(arguments) - 1))]
    outer = np.broadcast_shapes(*((1, 1), *(argument.shape[:2] for argument in arguments)))
    ones = (argument.shape[2:] for argument, one in zip(arguments, single_values, strict=True) if one)
    inner = np.broadcast_shapes((1, 1), *ones)
    if arguments and all(single_values) and inner == (1, 1) and not record.gives_array:
        return _one_by_one(record, arguments, outer)
    parts: list[Values] = []
    for place in np.ndindex(outer):
        cells = [argument[_inside(place, argument.shape)] for argument in arguments]

        def once(*elements: Scalar, cells: list[Values] = cells) -> Scalar:
            left = iter(elements)
            given = [next(left) if one else cell for one, cell in zip(single_values, cells, strict=True)]
            wrong = next((value for value in given if isinstance(value, ExcelError)), None)
            if wrong is not None and not record.sees_errors:
                return wrong
            found: Any = record.scalar(*given)  # type: ignore[misc]
            return found if inner == (1, 1) or not isinstance(found, Values) else found.get((0, 0))

        over = [cell for one, cell in zip(single_values, cells, strict=True) if one]
        if inner == (1, 1):
            found = once(*(cell.get((0, 0)) for cell in over))
            parts.append(found if isinstance(found, Values) else single(found))
        else:
            parts.append(lift(once, over))
    return _stacked(parts, outer)


def _one_by_one(record: Function, arguments: Sequence[Values], outer: tuple[int, ...]) -> Values:
    """`_by_cell` where each cell has one value of each argument, and one result."""
    assert record.scalar is not None
    columns = [stretch(argument, outer + (1, 1))[:, :, 0, 0].tolist() for argument in arguments]
    rows = zip(*(chain.from_iterable(column) for column in columns), strict=True)
    found: list[Scalar] = []
    for given in rows:
        wrong = None
        if not record.sees_errors:
            wrong = next((value for value in given if isinstance(value, ExcelError)), None)
        found.append(record.scalar(*given) if wrong is None else wrong)  # type: ignore[arg-type]
    kinds = np.fromiter(map(kind_of, found), np.uint8, len(found))
    texts = None
    if (kinds == TEXT).any():
        texts = np.empty(len(found), object)
        texts[:] = [value if isinstance(value, str) else "" for value in found]
        texts = texts.reshape(outer + (1, 1))
    plain = [0.0 if value is None or isinstance(value, str) else float(value) for value in found]
    numbers = np.array(plain).reshape(outer + (1, 1))
    return Values(numbers, kinds.reshape(outer + (1, 1)), texts).simplified()


def _inside(place: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """A place of the region in an argument that may be the same in all cells."""
    return tuple(0 if length == 1 else at for at, length in zip(place, shape, strict=False))


def _stacked(parts: Sequence[Values], outer: tuple[int, ...]) -> Values:
    """The cells' results as one [R, C, h, w]; #N/A where one is smaller than the largest."""
    shape = max(part.shape[0] for part in parts), max(part.shape[1] for part in parts)
    parts = [part if part.shape == shape else fit(part, *shape) for part in parts]
    kinds = None
    if any(part.kinds is not None for part in parts):
        kinds = np.stack([part.kind_array() for part in parts]).reshape(outer + shape)
    texts = None
    if any(part.texts is not None for part in parts):
        empty = np.full(shape, "", object)
        texts = np.stack([empty if part.texts is None else part.texts for part in parts]).reshape(
            outer + shape
        )
    return Values(np.stack([part.numbers for part in parts]).reshape(outer + shape), kinds, texts)


def _coerced(kind: Kind, values: Values) -> tuple[Values, Codes]:
    if kind in ("any", "given", "corner"):
        return values, error_codes(values)
    if kind == "number":
        numbers, codes = to_numbers(values)
        return Values(numbers), codes
    if kind == "strict":
        numbers, codes = to_strict_numbers(values)
        return Values(numbers), codes
    if kind == "boolean":
        truth, codes = to_booleans(values)
        return Values(truth.astype(np.float64), np.full(truth.shape, BOOLEAN, np.uint8)), codes
    texts, codes = to_texts(values)
    return Values(np.zeros(texts.shape), np.full(texts.shape, TEXT, np.uint8), texts), codes


def direct_array(direct: Direct, values: Values) -> Values:
    """`direct_scalar` on an array of direct values."""
    if direct == "" or values.kinds is None:
        return values
    kinds = values.kinds
    if direct == "value":
        return Values(values.numbers, np.where(kinds == BLANK, np.uint8(NUMBER), kinds), values.texts)
    if direct == "boolean":
        truth, codes = to_booleans(values)
        if codes is None:
            return Values(truth.astype(np.float64), np.full(truth.shape, BOOLEAN, np.uint8))
        kinds = np.where(codes != 0, kinds, np.uint8(BOOLEAN))
        return Values(np.where(codes != 0, values.numbers, truth), kinds, values.texts)
    numbers, codes = to_numbers(values)
    if direct == "number":
        return _overlaid(Values(numbers), codes)
    if codes is None:
        return Values(numbers)
    texts_kept = np.where(kinds == ERROR, np.uint8(ERROR), np.uint8(TEXT))
    kinds = np.where(codes != 0, texts_kept, np.uint8(NUMBER))
    return Values(numbers, kinds, values.texts)


def _overlaid(values: Values, codes: Codes) -> Values:
    return values if codes is None else overlay(values, codes)
