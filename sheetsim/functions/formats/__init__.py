"""Values as text by Excel's number formats (`sections` reads them).

shown(1234.5, "#,##0.00")        "1,234.50"
shown(45000.0, "d mmm yyyy")     "15 Mar 2023"
shown("abc", '0;0;0;"<"@">"')    "<abc>"
"""

from __future__ import annotations

from sheetsim.functions.formats import moments, numbers
from sheetsim.functions.formats.sections import BadFormat, Section, sections
from sheetsim.values import ExcelError


def shown(value: float | str, code: str) -> str | ExcelError:
    """A number or a text by a format; #VALUE! where the format is none, or the number is no date that it asks
    for."""
    try:
        found = sections(code)
    except BadFormat:
        return ExcelError.VALUE
    if isinstance(value, str):
        return _text(value, found)
    section, signed = _chosen(value, found)
    if section is None:
        return ExcelError.VALUE
    if section.has("date", "minute", "elapsed", "half"):
        text = moments.show(value, section)
        return ExcelError.VALUE if text is None else text
    return numbers.show(value, section, signed)


def _text(text: str, found: tuple[Section, ...]) -> str:
    """By the fourth section, or the last where that holds an @; else as it is."""
    section = found[-1]
    if len(found) < 4 and not section.has("text"):
        return text
    return "".join(text if token.kind == "text" else token.text for token in section.tokens)


def _chosen(value: float, found: tuple[Section, ...]) -> tuple[Section | None, bool]:
    """The section for a number, and whether it shows a negative one's sign; None: no section is for it."""
    numeric = found[:3] if len(found) == 4 else found[:-1] if found[-1].has("text") else found
    if len(numeric) < 2:
        section = numeric[0] if numeric else found[0]
        return (section if section.condition is None or section.holds(value) else None), True
    if numeric[0].condition is None and numeric[1].condition is None:
        if value < 0:
            return numeric[1], False
        return (numeric[2] if value == 0 and len(numeric) > 2 else numeric[0]), False
    for section in numeric[:2]:
        if section.holds(value):
            return section, not section.only_negative
    if numeric[1].condition is None and (len(numeric) == 2 or value < 0):
        return numeric[1], numeric[0].condition not in ((">=", 0.0), (">", 0.0))
    return (numeric[2], True) if len(numeric) > 2 else (None, True)
