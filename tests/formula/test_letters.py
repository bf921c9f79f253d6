"""Letters beyond ASCII whose upper, lower or folded form has letters of A to Z (the Kelvin sign, dotless i,
long s, ligatures) are letters of names and texts, and not of an address, an error, a function or TRUE."""

import sys
import time
from collections.abc import Iterator

import pytest

from sheetsim.address import Rect, column_index, parse_cell
from sheetsim.errors import SheetsimError
from sheetsim.formula import parse
from sheetsim.formula.nodes import Call, NameRef, Node
from sheetsim.formula.shift import moved
from sheetsim.functions.coercion import to_boolean
from sheetsim.functions.criteria import Criterion
from sheetsim.values import ExcelError


def forms(letter: str) -> str:
    return letter.upper() + letter.lower() + letter.casefold()


FOLDING = [
    letter
    for letter in map(chr, range(0x80, sys.maxunicode + 1))
    if any(form.isascii() and form.isalpha() for form in forms(letter))
]


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children():
        yield from walk(child)


def test_there_are_such_letters() -> None:
    assert {"\u212a", "\u0131", "\u017f", "\ufb01", "\u00df"} <= set(FOLDING)
    assert len(FOLDING) >= 19


@pytest.mark.parametrize("letter", FOLDING, ids=ascii)
def test_no_address_has_them(letter: str) -> None:
    for text in (f"{letter}1", f"A{letter}1", f"{letter}A1"):
        with pytest.raises(ValueError, match="not a cell address"):
            parse_cell(text)
    for text in (f"{letter}:{letter}", f"A1:{letter}1", f"A:{letter}", f"{letter}1", letter):
        with pytest.raises(ValueError, match=r"not a range|no column"):
            Rect.parse(text)
    with pytest.raises(ValueError, match="no column"):
        column_index(letter)


@pytest.mark.parametrize("letter", FOLDING, ids=ascii)
def test_no_formula_reads_them_as_a_cell(letter: str) -> None:
    for text in (f"{letter}1", f"A{letter}1", f"S!{letter}1", f"{letter}1+1"):
        assert any(isinstance(node, NameRef) for node in walk(parse(text, 0, 0))), text
    assert moved(f"{letter}1+A1", 1, 1) == f"{letter}1+B2"
    for text in (f"{letter}:{letter}", f"$A1:${letter}1"):
        try:
            parsed = parse(text, 0, 0)
        except SheetsimError:
            continue
        assert any(isinstance(node, NameRef) for node in walk(parsed)), text


@pytest.mark.parametrize("letter", FOLDING, ids=ascii)
def test_no_word_of_excels_has_them(letter: str) -> None:
    folded = letter.casefold() if letter.casefold().isascii() else letter.upper()
    for word in ("#SPILL!", "#NAME?", "#REF!", "#NULL!", "#DIV/0!", "#N/A"):
        for part in (folded.upper(), folded.lower()):
            changed = word.replace(part, letter, 1)
            if changed == word:
                continue
            with pytest.raises(SheetsimError):
                parse(changed, 0, 0)
            assert Criterion.of(changed).operand == changed
    for word in ("TRUE", "FALSE"):
        changed = word.replace(folded.upper(), letter, 1)
        if changed != word:
            assert isinstance(parse(changed, 0, 0), NameRef)
            assert Criterion.of(changed).operand == changed
            assert to_boolean(changed) is ExcelError.VALUE
    for word in ("SUM", "SIN", "KURT", "FIND", "STDEV", "FFI"):
        changed = word.replace(folded.upper(), letter, 1)
        if changed != word:
            call = parse(f"{changed}(1)", 0, 0)
            assert isinstance(call, Call)
            assert call.name == changed


@pytest.mark.parametrize("text", ["A" * 10**6, "A" * 10**6 + "1", "1" * 10**6, "A" + "1" * 10**6])
def test_long_addresses_are_refused_at_once(text: str) -> None:
    """And not after a column's number of a million letters has been worked out: that is quadratic."""
    start = time.perf_counter()
    for address in (text, f"{text}:{text}", f"A1:{text}", f"{text}:A1", f"${text}"):
        with pytest.raises(ValueError, match=r"not a range|no column") as caught:
            Rect.parse(address)
        assert len(str(caught.value)) < 100
    for refused in (parse_cell, column_index):
        with pytest.raises(ValueError, match=r"not a cell|no column"):
            refused(text)
    assert time.perf_counter() - start < 1


def test_digits_of_other_scripts_are_no_rows() -> None:
    for text in ("A\u0661", "\u0661:\u0662", "A1:B\u0662", "\uff21\uff11"):
        with pytest.raises(ValueError, match="not a range"):
            Rect.parse(text)
