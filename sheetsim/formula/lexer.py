"""Formula text into tokens, by one regular expression.

A token is a tuple (kind, text, spaced, position); `spaced` says that white space stood before it, because in
Excel white space between two references is an operator (their intersection). References come as whole tokens,
`A1`, `$A$1:B2`, `A:C`, `2:4`, `Table1[[#This Row],[Age]]` (see `structured`), and a sheet's name with its `!`
is a token of its own:

    >>> [(kind, text) for kind, text, _, _ in tokens("SUM('my data'!A1:B2)*2%")]
    [('function', 'SUM('), ('sheet', "'my data'!"), ('range', 'A1:B2'), ('op', ')'), ('op', '*'), \
('number', '2'), ('op', '%')]

Which characters may stand in names follows [MS-XLSX] 2.2.2 and ECMA-376 part 1, 18.17.2.
"""

from __future__ import annotations

import re

from sheetsim.errors import SheetsimError
from sheetsim.values import ERRORS_BY_LABEL

Token = tuple[str, str, bool, int]

MAX_LENGTH = 8192  # Excel's limit on a formula's text


class FormulaError(SheetsimError):
    """A formula's text cannot be read; says what and where (character counted from 1)."""

    def __init__(self, reason: str, text: str, position: int) -> None:
        shown = text if len(text) <= 60 else text[:57] + "..."
        super().__init__(f"{reason} at character {position + 1} of ={shown}")
        self.reason = reason
        self.position = position


_CELL = r"\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}"
_COLUMN = r"\$?[A-Za-z]{1,3}"
_ROW = r"\$?[1-9][0-9]{0,6}"
_COLUMNS = rf"{_COLUMN}:{_COLUMN}"
_ROWS = rf"{_ROW}:{_ROW}"
_TRIM = r"(?:\.:\.?|:\.)"
_END = r"(?![\w.(!\[\\])"  # what cannot follow a reference: it would be a longer name, a call, a sheet
_WORD = r"(?:[^\W\d]|\\)[\w.\\?]*"
_INSIDE = r"(?:[^\[\]']|'[\s\S]|\[(?>(?:[^\[\]']|'[\s\S])*)\])"  # a table's brackets: ' escapes one
_ERROR = "(?ai:" + "|".join(map(re.escape, ERRORS_BY_LABEL)) + ")"

_PATTERN = re.compile(
    rf"""(?P<space>\s*)(?:
      (?P<op><>|<=|>=|[-+*/^&=<>%@,;(){{}}])
    | (?P<trimmed>(?:{_CELL}{_TRIM}{_CELL}|{_COLUMN}{_TRIM}{_COLUMN}|{_ROW}{_TRIM}{_ROW}){_END})
    | (?P<range>(?:{_CELL}:{_CELL}|{_COLUMNS}|{_ROWS}){_END})
    | (?P<cell>{_CELL}){_END}
    | (?P<number>(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]+)?)(?![\w.!])
    | (?P<text>"(?:[^"]|"")*")
    | (?P<sheets>(?:{_WORD}:{_WORD}|'[^'\[\]:]*+:[^'\[\]]*+')!)
    | (?P<external>\[[^\]]*\]{_WORD}!|\[[^\]]*\]!|'(?>(?:[^'\[]|'')*)\[(?>(?:[^']|'')*)'!)
    | (?P<sheet>(?:'(?:[^']|'')++'|[\w.]+)!)
    | (?P<function>{_WORD}\()
    | (?P<table>(?:{_WORD})?\[{_INSIDE}*+\])
    | (?P<name>{_WORD})
    | (?P<colon>:)
    | (?P<error>{_ERROR})
    | (?P<spill>\#)
    )""",
    re.VERBOSE,  # and not IGNORECASE: the Kelvin sign and others would be taken for letters of A to Z
)

_OWN = re.compile(r"(?:'\[0\](?P<quoted>.*)'|\[0\](?P<plain>.*))!", re.DOTALL)


def _this_workbook(link: str, text: str, position: int) -> tuple[str, str]:
    """`[0]!` and `[0]data!` are this workbook and its sheet: a token "sheet" ("!" alone: none)."""
    own = _OWN.fullmatch(link)
    if own is None:
        raise FormulaError("a link to another workbook is not supported", text, position)
    return "sheet", f"'{own['quoted']}'!" if own["quoted"] else f"{own['plain'] or ''}!"


def tokens(text: str) -> list[Token]:
    """The tokens of a formula's text (without `=`).

    Raises FormulaError for characters that fit nowhere, for what is not supported (links to other workbooks;
    `[0]` is this one) and for text longer than 8,192 characters.
    """
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"a formula of {len(text)} characters (Excel allows {MAX_LENGTH})", text, 0)
    found: list[Token] = []
    position, end = 0, len(text.rstrip())
    match = _PATTERN.match
    while position < end:
        token = match(text, position)
        if token is None:
            position += len(text[position:]) - len(text[position:].lstrip())
            raise FormulaError(f"{text[position]!r} does not belong here", text, position)
        kind = token.lastgroup or ""
        start = token.end(1)
        stop = token.end()
        piece = text[start:stop]
        if kind == "external":
            kind, piece = _this_workbook(piece, text, start)
        found.append((kind, piece, start > position, start))
        position = stop
    return found


_PREFIX = re.compile(r"_(?:xlfn|xlws|xlpm|xlop|xludf|xleta)\.", re.IGNORECASE)
_SPELLED = {"SINGLE(": ("@", ""), "ANCHORARRAY(": ("", "#")}


def as_shown(text: str) -> str:
    """The text of a formula as Excel shows it, from how files spell it: without `_xlfn.` and the like, `@A1`
    for SINGLE(A1) and `A1#` for ANCHORARRAY(A1)."""
    if "_xl" not in text.casefold():
        return text
    shown: list[str] = []
    closing: list[str] = []  # of the parentheses that are open
    end = 0
    for kind, token, _, start in tokens(text):
        shown.append(text[end:start])
        end = start + len(token)
        if kind in ("function", "name"):
            token = _PREFIX.sub("", token)
        before, after = _SPELLED.get(token.upper(), (token, ")"))
        if kind == "function":
            closing.append(after)
            token = before
        elif token == "(":
            closing.append(")")
        elif token == ")" and closing:
            token = closing.pop()
        shown.append(token)
    return "".join(shown) + text[end:]
