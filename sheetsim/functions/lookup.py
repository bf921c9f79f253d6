"""Look-ups: HLOOKUP LOOKUP MATCH VLOOKUP XLOOKUP XMATCH.

Which cell is meant is for `matching` to say; here is what is asked and what is given back. Each function has
its definition on two-dimensional blocks, and `spans`: the same for a region's many values in one range, by
the range's index.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sheetsim.functions import matching
from sheetsim.functions.lifting import choose, overlay
from sheetsim.functions.lines import CellLine, Spans
from sheetsim.functions.ranks import Places
from sheetsim.functions.registry import Function, Tail, register
from sheetsim.functions.statistics import cells
from sheetsim.values import BLANK, ERROR, NUMBER, ExcelError, Scalar, Values, kind_of

_PAGE = "support.microsoft.com, "
_INDEXED = 20  # operations a cell for putting a range in order, and a value for looking it up
Spend = Callable[[int], None]

_MATCH_RULES = {0: "equal", 1: "ascending", -1: "descending"}


def _place(wanted: Scalar, column: list[Scalar], rule: str) -> int:
    """By MATCH's rules, where a blank is 0."""
    wanted = 0.0 if wanted is None else wanted
    if rule == "equal":
        return matching.equal(wanted, column, wildcards=True)
    return matching.ascending(wanted, column) if rule == "ascending" else matching.descending(wanted, column)


# --- definitions -------------------------------------------------------------------------------------------


def _match(wanted: Scalar, block: Values, order: float = 1.0) -> Scalar:
    if 1 not in block.shape:
        return ExcelError.NA
    place = _place(wanted, cells([block]), _MATCH_RULES[int(np.sign(order))])
    return place + 1.0 if place >= 0 else ExcelError.NA


def _table(down: bool) -> Callable[..., Scalar]:
    """VLOOKUP (`down`) and HLOOKUP."""

    def lookup(wanted: Scalar, table: Values, number: float, near: bool = True) -> Scalar:
        block = table if down else Values.of(zip(*table.tolist(), strict=True))
        if block.shape == (1, 1) and kind_of(block.get((0, 0))) == ERROR:
            return block.get((0, 0))
        column = int(number)
        if column < 1 or column > block.shape[1]:
            return ExcelError.VALUE if column < 1 else ExcelError.REF
        rows = block.tolist()
        place = _place(wanted, [row[0] for row in rows], "ascending" if near else "equal")
        return rows[place][column - 1] if place >= 0 else ExcelError.NA

    return lookup


def _lookup(wanted: Scalar, block: Values, results: Values | None = None) -> Scalar:
    """Without `results` in the first row of a block that is wider than high, or its first column; the result
    is from its last."""
    rows = block.tolist()
    if block.shape[1] > block.shape[0]:
        rows = [list(column) for column in zip(*rows, strict=True)]
    if results is not None and 1 not in results.shape:
        return ExcelError.NA
    place = _place(wanted, [row[0] for row in rows], "ascending")
    found = cells([results]) if results is not None else [row[-1] for row in rows]
    return found[place] if 0 <= place < len(found) else ExcelError.NA


def _xplace(wanted: Scalar, block: Values, mode: float, search: float) -> int | ExcelError:
    """By XMATCH's rules. Wildcards are not to be had in a bisection."""
    how, way = int(mode), int(search)
    if how not in (-1, 0, 1, 2) or way not in (-2, -1, 1, 2) or (how == 2 and abs(way) == 2):
        return ExcelError.VALUE
    if 1 not in block.shape:
        return ExcelError.VALUE
    line = cells([block])
    if abs(way) == 2:
        return matching.bisected(wanted, line, how, way < 0)
    if how in (0, 2):
        return matching.equal(wanted, line, how == 2, way < 0)
    return matching.nearest(wanted, line, how > 0, way < 0)


def _xmatch(wanted: Scalar, block: Values, mode: float = 0.0, search: float = 1.0) -> Scalar:
    place = _xplace(wanted, block, mode, search)
    if isinstance(place, ExcelError):
        return place
    return place + 1.0 if place >= 0 else ExcelError.NA


def _xlookup(
    wanted: Scalar,
    keys: Values,
    results: Values,
    instead: Values | None = None,
    mode: float = 0.0,
    search: float = 1.0,
) -> Scalar | Values:
    """The row of `results` beside a column of keys, or its column below a row of them."""
    down = keys.shape[1] == 1
    if results.shape[0 if down else 1] != max(keys.shape):
        return ExcelError.VALUE
    place = _xplace(wanted, keys, mode, search)
    if isinstance(place, ExcelError):
        return place
    if place >= 0:
        return results[place : place + 1, :] if down else results[:, place : place + 1]
    left_out = instead is None or (instead.shape == (1, 1) and instead.get((0, 0)) is None)
    return ExcelError.NA if left_out else instead


# --- many values in one range ------------------------------------------------------------------------------


def _flat(values: Values, shape: tuple[int, ...]) -> Values:
    return Values(
        np.broadcast_to(values.numbers, shape).reshape(-1),
        None if values.kinds is None else np.broadcast_to(values.kinds, shape).reshape(-1),
        None if values.texts is None else np.broadcast_to(values.texts, shape).reshape(-1),
    )


def _places(
    spend: Spend, wanted: Values, line: CellLine, spans: Spans, rule: str, blank_is_zero: bool
) -> Places | None:
    """The place of each value, counted in the line, [R, C, h, w]."""
    spend(_INDEXED * (len(line) + wanted.numbers.size))
    shape = np.broadcast_shapes(wanted.shape, spans.low.shape)
    flat = _flat(wanted, shape)
    if flat.kinds is not None and blank_is_zero:
        flat = Values(flat.numbers, np.where(flat.kinds == BLANK, np.uint8(NUMBER), flat.kinds), flat.texts)
    low, high = (np.broadcast_to(edge, shape).reshape(-1) for edge in (spans.low, spans.high))
    found = matching.places_in(flat, line, low, high, rule, wildcards=blank_is_zero)
    return None if found is None else found.reshape(shape)


def _gathered(line: CellLine, places: Places) -> Values:
    """The cells of a line at places, #N/A at -1."""
    at = np.maximum(places, 0)
    texts = None if line.values.texts is None else line.values.texts[at]
    found = Values(line.values.numbers[at], line.kinds[at], texts)
    return overlay(found, np.where(places < 0, np.uint8(ExcelError.NA), np.uint8(0))).simplified()


def _numbered(places: Places, low: Places) -> Values:
    lost = np.where(places < 0, np.uint8(ExcelError.NA), np.uint8(0))
    found = Values(np.asarray(places - low + 1, np.float64))
    return overlay(found, lost) if lost.any() else found


def _constant(values: Values | None, default: float) -> float | None:
    """A number that is the same in all cells; None where it is not."""
    if values is None:
        return default
    return float(values.numbers.item()) if values.numbers.size == 1 else None


def _match_spans(spend: Spend, wanted: Values, block: Spans, order: Values | None = None) -> Values | None:
    kind = _constant(order, 1.0)
    if kind is None or not isinstance(block, Spans) or 1 not in block.line.shape:
        return None
    places = _places(spend, wanted, block.line, block, _MATCH_RULES[int(np.sign(kind))], True)
    return None if places is None else _numbered(places, block.low)


def _table_spans(down: bool) -> Callable[..., Values | None]:
    def spans(
        spend: Spend, wanted: Values, table: Spans, number: Values, near: Values | None = None
    ) -> Values | None:
        column, is_near = _constant(number, 0.0), _constant(near, 1.0)
        if not isinstance(table, Spans):
            return None
        height, width = table.line.shape
        if column is None or is_near is None or not table.whole or not table.line.ordered:
            return None
        if not 1 <= int(column) <= (width if down else height):
            return None
        last = int(column) - 1
        if down:
            keys, results = table.line.part(0, width), table.line.part(last, width)
        else:
            keys, results = (table.line.part(row * width, 1, width) for row in (0, last))
        every = Spans(keys, np.zeros((1, 1, 1, 1), np.int64), np.full((1, 1, 1, 1), len(keys)))
        places = _places(spend, wanted, keys, every, "ascending" if is_near else "equal", True)
        return None if places is None else _gathered(results, places)

    return spans


def _lookup_spans(spend: Spend, wanted: Values, block: Spans, results: Spans | None = None) -> Values | None:
    ranges = [block] if results is None else [block, results]
    if any(not isinstance(one, Spans) or not one.whole or 1 not in one.line.shape for one in ranges):
        return None
    if len(ranges[-1].line) < len(block.line):
        return None
    places = _places(spend, wanted, block.line, block, "ascending", True)
    return None if places is None else _gathered(ranges[-1].line, places)


def _xmatch_spans(
    spend: Spend, wanted: Values, block: Spans, mode: Values | None = None, search: Values | None = None
) -> Values | None:
    if _constant(mode, 0.0) not in (0.0, 2.0) or _constant(search, 1.0) != 1.0:
        return None
    if not isinstance(block, Spans) or 1 not in block.line.shape:
        return None
    if (wanted.kind_array() == BLANK).any():
        return None
    places = _places(spend, wanted, block.line, block, "equal", _constant(mode, 0.0) == 2.0)
    return None if places is None else _numbered(places, block.low)


def _xlookup_spans(
    spend: Spend,
    wanted: Values,
    keys: Spans,
    results: Spans,
    instead: Values | None = None,
    mode: Values | None = None,
    search: Values | None = None,
) -> Values | None:
    if _constant(mode, 0.0) not in (0.0, 2.0) or _constant(search, 1.0) != 1.0:
        return None
    if not isinstance(keys, Spans) or not isinstance(results, Spans):
        return None
    if not keys.whole or keys.line.shape != results.line.shape or 1 not in keys.line.shape:
        return None
    if instead is not None and (isinstance(instead, Spans) or instead.shape != (1, 1, 1, 1)):
        return None
    if (wanted.kind_array() == BLANK).any():
        return None
    places = _places(spend, wanted, keys.line, keys, "equal", _constant(mode, 0.0) == 2.0)
    if places is None:
        return None
    found = _gathered(results.line, places)
    if instead is None or instead.kind_array().item() == BLANK:
        return found
    return choose(places < 0, instead, found)


def _tail(search: int) -> Callable[..., Tail]:
    """What XMATCH and XLOOKUP may be given of a column's end. A blank is looked for among the blanks behind
    all cells in use; one value alone, from the first cell on, finds the first of them. `search` is the
    argument that says which way they look."""

    def tail(wanted: object, *arguments: object) -> Tail:
        kinds = wanted.kind_array() if isinstance(wanted, Values) else None
        if wanted is not None and (kinds is None or not (kinds == BLANK).any()):
            return "blank"
        way = arguments[search - 1] if len(arguments) >= search else 1.0
        forwards = wanted is None and isinstance(way, float) and int(way) == 1
        return "once" if forwards else "all"

    return tail


# --- the records -------------------------------------------------------------------------------------------

register(
    Function("MATCH", ("any", "array", "number"), 2, 3, _match, source=_PAGE + "MATCH", spans=_match_spans)
)
for _name, _down in (("VLOOKUP", True), ("HLOOKUP", False)):
    register(
        Function(
            _name,
            ("any", "array", "number", "boolean"),
            3,
            4,
            _table(_down),
            direct="number",
            source=_PAGE + _name,
            spans=_table_spans(_down),
        )
    )
register(
    Function("LOOKUP", ("any", "array", "array"), 2, 3, _lookup, source=_PAGE + "LOOKUP", spans=_lookup_spans)
)
register(
    Function(
        "XMATCH",
        ("any", "array", "number", "number"),
        2,
        4,
        _xmatch,
        source=_PAGE + "XMATCH",
        spans=_xmatch_spans,
        tail=_tail(3),
    )
)
register(
    Function(
        "XLOOKUP",
        ("any", "array", "array", "range", "number", "number"),
        3,
        6,
        _xlookup,
        gives_array=True,
        source=_PAGE + "XLOOKUP",
        spans=_xlookup_spans,
        tail=_tail(5),
    )
)
