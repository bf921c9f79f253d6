"""Many texts and one: ARRAYTOTEXT CONCAT CONCATENATE TEXTJOIN TEXTSPLIT VALUETOTEXT."""

from __future__ import annotations

from collections.abc import Sequence

from sheetsim.functions.characters import MAX_TEXT, bounded, whole
from sheetsim.functions.coercion import optional, to_boolean, to_text
from sheetsim.functions.registry import Function, Tail, register
from sheetsim.functions.statistics import MOST, cells
from sheetsim.functions.text_search import delimiters
from sheetsim.values import ExcelError, Scalar, Values

_SOURCE = "support.microsoft.com, "


def _joined(pieces: Sequence[Scalar], between: Sequence[Scalar] = ("",)) -> Scalar:
    """The texts of values one after another, the separators taken in turn."""
    found: list[str] = []
    room = MAX_TEXT
    for number, piece in enumerate(pieces):
        for part in (between[(number - 1) % len(between)] if number else "", piece):
            text = to_text(part)
            if isinstance(text, ExcelError):
                return text
            room -= len(text)
            if room < 0:
                return ExcelError.VALUE
            found.append(text)
    return bounded(whole("".join(found)))


def _concat(*blocks: Values) -> Scalar:
    return _joined(cells(blocks))


def _textjoin(separators: Values, ignore_empty: Scalar, *blocks: Values) -> Scalar:
    """Left empty, `ignore_empty` is TRUE, as Excel's dialogue for the function's arguments says."""
    ignores = True if ignore_empty is None else to_boolean(ignore_empty)
    if isinstance(ignores, ExcelError):
        return ignores
    pieces = cells(blocks)
    if ignores:
        pieces = [piece for piece in pieces if piece is not None and piece != ""]
    return _joined(pieces, cells([separators]))


def _textsplit(
    text: str,
    columns: Values,
    rows: Values | None = None,
    ignore_empty: Scalar = None,
    match_mode: Scalar = None,
    *pad: Scalar,
) -> Scalar | Values:
    """Rows first, then their columns; short rows are filled with `pad`, #N/A when it is left out."""
    given = optional(ignore_empty, 0.0), optional(match_mode, 0.0)
    for option in given:
        if isinstance(option, ExcelError):
            return option
    if given[1] not in (0.0, 1.0) or (_absent(columns) and (rows is None or _absent(rows))):
        return ExcelError.VALUE
    table = [[text]]
    for block, down in ((rows, True), (columns, False)):
        if block is None or _absent(block):
            continue
        pattern = delimiters(block, given[1] == 1.0)
        if isinstance(pattern, ExcelError):
            return pattern
        if pattern.match(""):
            return ExcelError.VALUE
        split = [[piece for piece in pattern.split(row[0]) if piece or not given[0]] for row in table]
        table = [[piece] for piece in split[0]] if down else split
    table = [row for row in table if row]
    if not table:
        return ExcelError.CALC
    width = max(map(len, table))
    filler = pad[0] if pad else ExcelError.NA
    return Values.of([*row, *[filler] * (width - len(row))] for row in table)


def _absent(block: Values) -> bool:
    """Whether an argument is left out."""
    return block.numbers.size == 1 and block.get((0, 0)) is None


def _shown(value: Scalar, strict: bool) -> str:
    if isinstance(value, ExcelError):
        return value.label
    if strict and isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return str(to_text(value))


def _style(style: Scalar) -> bool | ExcelError:
    """Whether the strict form is asked for."""
    number = optional(style, 0.0)
    if isinstance(number, ExcelError):
        return number
    return int(number) == 1 if int(number) in (0, 1) else ExcelError.VALUE


def _valuetotext(value: Scalar, style: Scalar = None) -> Scalar:
    strict = _style(style)
    return strict if isinstance(strict, ExcelError) else bounded(_shown(value, strict))


def _arraytotext(block: Values, style: Scalar = None) -> Scalar:
    strict = _style(style)
    if isinstance(strict, ExcelError):
        return strict
    inside, between = (",", ";") if strict else (", ", ", ")
    pieces: list[Scalar] = ["{"] if strict else []
    for number, row in enumerate(block.tolist()):
        pieces += [between] if number else []
        for column, value in enumerate(row):
            pieces += [inside, _shown(value, strict)] if column else [_shown(value, strict)]
    return _joined([*pieces, "}"] if strict else pieces)


register(
    Function("CONCAT", ("array",), 1, MOST, _concat, repeats=1, sees_errors=True, source=_SOURCE + "CONCAT")
)
register(
    Function(
        *("CONCATENATE", ("text",), 1, MOST, lambda *texts: _joined(texts)),
        repeats=1,
        source=_SOURCE + "CONCATENATE",
    )
)


def _blanks_joined(*arguments: object) -> Tail:
    """Blank cells count unless they are passed over."""
    ignored = arguments[1]
    return "blank" if ignored is True or (isinstance(ignored, float) and ignored) else "all"


register(
    Function(
        *("TEXTJOIN", ("array", "any", "array"), 3, MOST, _textjoin),
        repeats=1,
        tail=_blanks_joined,
        source=_SOURCE + "TEXTJOIN",
    )
)
register(
    Function(
        *("TEXTSPLIT", ("text", "array", "array", "any", "any", "any"), 2, 6, _textsplit),
        gives_array=True,
        source=_SOURCE + "TEXTSPLIT",
    )
)
register(
    Function(
        *("VALUETOTEXT", ("any", "any"), 1, 2, _valuetotext),
        sees_errors=True,
        source=_SOURCE + "VALUETOTEXT",
    )
)
register(
    Function(
        *("ARRAYTOTEXT", ("array", "any"), 1, 2, _arraytotext),
        sees_errors=True,
        tail="all",
        source=_SOURCE + "ARRAYTOTEXT",
    )
)
