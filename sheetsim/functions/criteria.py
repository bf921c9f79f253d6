"""Criteria, as COUNTIF and SUMIF read them, and the wildcards that MATCH knows too.

    3, "3", "=3"     numbers equal to 3, and text that reads as 3
    ">5", "<=b"      numbers (or text) on that side; other kinds never match
    "a*", "=a?"      text, without case; * any characters, ? one, ~ takes the meaning of the next away
    "<>a"            every cell that "=a" leaves, blanks too; "<>3" all text besides, even "3"
    ""               blanks and empty text; "=" blanks alone; "<>" all but blanks
    a blank          0; errors and booleans match their like

The scalar `Criterion.holds` is the definition, `mask` the same on whole arrays.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.reading import number_in
from sheetsim.values import (
    BLANK,
    BOOLEAN,
    ERROR,
    ERRORS_BY_LABEL,
    NUMBER,
    TEXT,
    ExcelError,
    Scalar,
    Values,
    in_capitals,
    kind_of,
)

_TESTS: dict[str, Callable[..., object]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OPERATOR = re.compile(r"(<>|<=|>=|<|>|=)?(.*)", re.DOTALL)


def wildcard_pieces(pattern: str) -> list[str]:
    """What stands between the stars of a pattern with Excel's wildcards, as regular expressions."""
    pieces = [""]
    for literal, mark in re.findall(r"~(.)|(.)", pattern, re.DOTALL):
        if mark == "*":
            pieces.append("")
        else:
            pieces[-1] += "." if mark == "?" else re.escape(literal or mark)
    return pieces


@lru_cache(maxsize=1024)
def wildcard(pattern: str) -> re.Pattern[str]:
    """A pattern with Excel's wildcards as a regular expression for the whole of a casefolded text.

    What stands between two stars is taken at the first place where it fits, for good (`(?>...)`); only the
    last piece is tried anywhere, so that no pattern takes longer than its length times the text's.
    """
    pieces = wildcard_pieces(pattern.casefold())
    first, *middle, last = pieces if len(pieces) > 1 else (pieces[0], "")
    inner = "".join(f"(?>.*?{piece})" for piece in middle if piece)
    return re.compile(first + inner + (".*" + last if len(pieces) > 1 else ""), re.DOTALL)


@dataclass(frozen=True, slots=True)
class Criterion:
    """`sign` one of the six comparisons; `bare`: written without one."""

    sign: str
    operand: Scalar
    bare: bool

    @classmethod
    def of(cls, value: Scalar) -> Criterion:
        if value is None:
            return cls("=", 0.0, True)
        if not isinstance(value, str):
            return cls("=", value, True)
        found = _OPERATOR.fullmatch(value)
        assert found is not None
        rest = found[2]
        number = number_in(rest)
        operand: Scalar = rest
        if number is not None:
            operand = number
        elif (word := in_capitals(rest)) in ("TRUE", "FALSE"):
            operand = word == "TRUE"
        elif word in ERRORS_BY_LABEL:
            operand = ERRORS_BY_LABEL[word]
        return cls(found[1] or "=", operand, found[1] is None)

    def holds(self, value: Scalar) -> bool:
        """Whether a cell's value meets the criterion."""
        operand = self.operand
        if self.sign == "<>":
            if isinstance(value, str) and kind_of(operand) == NUMBER:
                return True
            return not Criterion("=", operand, False).holds(value)
        if isinstance(operand, str):
            return self._text_holds(operand, value)
        if isinstance(operand, ExcelError):
            return self.sign == "=" and value is operand
        if isinstance(operand, bool):
            return isinstance(value, bool) and bool(_TESTS[self.sign](value, operand))
        if self.sign == "=" and isinstance(value, str):
            return number_in(value) == operand
        number = kind_of(value) == NUMBER
        return number and bool(_TESTS[self.sign](value, operand))

    def _text_holds(self, operand: str, value: Scalar) -> bool:
        if operand == "" and self.sign == "=":
            return value is None or (self.bare and value == "")
        if not isinstance(value, str):
            return False
        if self.sign == "=":
            return wildcard(operand).fullmatch(value.casefold()) is not None
        return operand != "" and bool(_TESTS[self.sign](value.casefold(), operand.casefold()))

    def mask(self, block: Values) -> NDArray[np.bool_]:
        """`holds` for each cell of a block of any shape."""
        operand, kinds = self.operand, block.kind_array()
        if self.sign == "<>":
            different = ~Criterion("=", operand, False).mask(block)
            return different | (kinds == TEXT) if kind_of(operand) == NUMBER else different
        if isinstance(operand, str):
            found = _text_mask(self, block)
            return found | (kinds == BLANK) if operand == "" and self.sign == "=" else found
        if isinstance(operand, ExcelError):
            return (kinds == ERROR) & (block.numbers == operand) & (self.sign == "=")
        kind = BOOLEAN if isinstance(operand, bool) else NUMBER
        found = (kinds == kind) & np.asarray(_TESTS[self.sign](block.numbers, float(operand or 0)))
        return found | _text_mask(self, block) if kind == NUMBER and self.sign == "=" else found


def _text_mask(criterion: Criterion, block: Values) -> NDArray[np.bool_]:
    """The text cells that meet the criterion; each different text is looked at once."""
    found = np.zeros(block.shape, bool)
    if block.kinds is None or block.texts is None:
        return found
    texts = block.kinds == TEXT
    known: dict[str, bool] = {}
    answers = []
    for text in block.texts[texts]:
        if text not in known:
            known[text] = criterion.holds(text)
        answers.append(known[text])
    found[texts] = answers
    return found
