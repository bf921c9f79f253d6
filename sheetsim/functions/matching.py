"""Where a value stands in a row or column: the rules of MATCH, VLOOKUP, LOOKUP and XMATCH.

Each rule is told twice: on a list of cells, which is the definition, and for many values in one line
(`lines.CellLine`), by its indexes. Places are counted from 0; -1 is nowhere.

    equal        the first equal cell, text without case; `wildcards` * ? ~ count in MATCH and its kin
    ascending    by bisection, the last cell not above the value: MATCH's 1, LOOKUP
    descending   from the first cell down, before one below the value, or at an equal one: MATCH's -1
    nearest      XMATCH's -1 and 1: equal, or else next to the value in Excel's order of all kinds
    bisected     XMATCH's 2 and -2: the same in cells that are sorted

All but the last two look only at cells of the value's own kind. A bisection that comes upon another kind goes
on to the next cell of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sheetsim.functions.criteria import wildcard
from sheetsim.functions.lines import CellLine, Ranked
from sheetsim.functions.ranks import Places
from sheetsim.values import BLANK, BOOLEAN, ERROR, NUMBER, TEXT, Scalar, Values, kind_of

Cells = Sequence[Scalar]

_ORDER = {NUMBER: 0, TEXT: 1, BOOLEAN: 2, ERROR: 3, BLANK: 4}
"""How kinds follow each other where all are sorted."""


def folded(value: Scalar) -> Scalar:
    return value.casefold() if isinstance(value, str) else value


def has_wildcards(value: Scalar) -> bool:
    return isinstance(value, str) and any(mark in value for mark in "*?~")


def _tester(wanted: Scalar, wildcards: bool) -> Callable[[Scalar], bool]:
    """Whether a cell equals the value."""
    if wildcards and has_wildcards(wanted):
        pattern = wildcard(str(wanted))
        return lambda value: isinstance(value, str) and pattern.fullmatch(value.casefold()) is not None
    kind, key = kind_of(wanted), folded(wanted)
    return lambda value: kind_of(value) == kind and folded(value) == key


def equal(wanted: Scalar, cells: Cells, wildcards: bool, backwards: bool = False) -> int:
    test = _tester(wanted, wildcards)
    places = reversed(range(len(cells))) if backwards else range(len(cells))
    return next((place for place in places if test(cells[place])), -1)


def ascending(wanted: Scalar, cells: Cells) -> int:
    """An equal cell met on the way ends it, and the last of the equal ones that follow is taken."""
    kind, key = kind_of(wanted), folded(wanted)
    low, high, found = 0, len(cells) - 1, -1
    while low <= high:
        middle = place = (low + high) // 2
        while place <= high and kind_of(cells[place]) != kind:
            place += 1
        if place > high:
            high = middle - 1
            continue
        value = folded(cells[place])
        if value == key:
            found = place
            for after in range(place + 1, len(cells)):
                if kind_of(cells[after]) == kind:
                    if folded(cells[after]) != key:
                        break
                    found = after
            return found
        if value < key:  # type: ignore[operator]
            found, low = place, place + 1
        else:
            high = middle - 1
    return found


def descending(wanted: Scalar, cells: Cells) -> int:
    kind, key, found = kind_of(wanted), folded(wanted), -1
    for place, cell in enumerate(cells):
        if kind_of(cell) == kind:
            value = folded(cell)
            if value < key:  # type: ignore[operator]
                break
            found = place
            if value == key:
                break
    return found


def _sorting(value: Scalar) -> tuple[int, Scalar]:
    kind = kind_of(value)
    return _ORDER[kind], 0.0 if kind in (BLANK, ERROR) else folded(value)


def nearest(wanted: Scalar, cells: Cells, larger: bool, backwards: bool) -> int:
    """The equal cell, or else that with the next smaller or larger value; the first (or last) of such."""
    key, found, best = _sorting(wanted), -1, None
    for place in reversed(range(len(cells))) if backwards else range(len(cells)):
        value = _sorting(cells[place])
        if kind_of(cells[place]) in (BLANK, ERROR) or (value < key if larger else value > key):
            continue
        if best is None or (value < best if larger else value > best):
            found, best = place, value
    return found


def bisected(wanted: Scalar, cells: Cells, mode: int, descends: bool) -> int:
    """In ascending cells from the first that is not below the value, in descending ones from the last; `mode`
    0 wants it equal, -1 takes the next smaller, 1 the next larger otherwise."""
    key = _sorting(wanted)
    low, high = 0, len(cells)
    while low < high:
        middle = (low + high) // 2
        if (_sorting(cells[middle]) < key) != descends:
            low = middle + 1
        else:
            high = middle
    at = low - 1 if descends else low
    if 0 <= at < len(cells) and _sorting(cells[at]) == key:
        return at
    if mode == 0:
        return -1
    if mode < 0:
        at += 1 if descends else -1
    return at if 0 <= at < len(cells) and _sorting(cells[at])[0] < _ORDER[ERROR] else -1


# --- many values in one line -------------------------------------------------------------------------------


def places_in(
    wanted: Values, line: CellLine, low: Places, high: Places, rule: str, wildcards: bool
) -> Places | None:
    """For flat values: the place in line[low:high] (counted in the line) by the rule "equal", "ascending" or
    "descending"; None where there is no way by indexes. Errors and blanks among the values are nowhere."""
    count = np.broadcast_shapes(wanted.shape, low.shape)[0]
    found = np.full(count, -1)
    kinds = np.broadcast_to(wanted.kind_array(), count)
    low, high = np.broadcast_to(low, count), np.broadcast_to(high, count)
    numbers = np.broadcast_to(wanted.numbers, count)
    for kind in (NUMBER, BOOLEAN):
        at = np.flatnonzero(kinds == kind)
        if len(at):
            ranked = line.numbers if kind == NUMBER else line.of_kind(BOOLEAN)
            places = _of_kind(ranked, numbers[at], low[at], high[at], rule)
            if places is None:
                return None
            found[at] = places
    at = np.flatnonzero(kinds == TEXT)
    if len(at):
        assert wanted.texts is not None
        texts = np.broadcast_to(wanted.texts, count)[at].tolist()
        known = {text: text.casefold() for text in set(texts)}
        patterns = {text for text in known if wildcards and rule == "equal" and has_wildcards(text)}
        codes = np.array([line.texts.number.get(known[text], -1.0) for text in texts])
        if rule != "equal":
            missing = [text for text, folded in known.items() if folded not in line.texts.number]
            between = {text: line.texts.codes("<=", text)[1] - 0.5 for text in missing}
            codes = np.array([between.get(text, code) for text, code in zip(texts, codes, strict=True)])
        places = _of_kind(line.texts, codes, low[at], high[at], rule)
        if places is None:
            return None
        found[at] = places
        for text in patterns:
            test = wildcard(text)
            fits = [test.fullmatch(one) is not None for one in line.texts.alphabet]
            stands = line.texts.in_line[np.array(fits, bool)[line.texts.codes_in_line]]
            mine = at[[one == text for one in texts]]
            found[mine] = _first_from(stands, low[mine], high[mine])
    return found


def _first_from(stands: Places, low: Places, high: Places) -> Places:
    """The first of some ascending places in [low, high)."""
    if not len(stands):
        return np.full(len(low), -1)
    following = np.searchsorted(stands, low)
    place = stands[np.minimum(following, len(stands) - 1)]
    return np.where((following < len(stands)) & (place < high), place, -1)


def _of_kind(ranked: Ranked, wanted: np.ndarray, low: Places, high: Places, rule: str) -> Places | None:
    first = ranked.first_equal(wanted, low, high)
    if rule == "equal":
        return first
    whole = bool((low == 0).all() and (high == ranked.length).all())
    if not whole:
        return None
    places, values = ranked.in_line, ranked.values_in_line
    if not len(places):
        return np.full(len(wanted), -1)
    if rule == "ascending":
        if not (values[1:] >= values[:-1]).all():
            return None
        at = np.searchsorted(values, wanted, "right") - 1
    else:
        least = np.minimum.accumulate(values)
        at = np.searchsorted(-least, -wanted, "right") - 1
    place = np.where(at >= 0, places[np.maximum(at, 0)], -1)
    if rule == "ascending":
        return place
    return np.where((first >= 0) & (first < place), first, place)
