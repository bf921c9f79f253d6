"""Number formats, shown: values observed in Excel by others. `IMPLIED` and `FRACTIONS` repeat what SheetJS's
SSF records of Excel's built-in formats and fractions (Apache-2.0, test/implied.json and fraction.json, read
2026-11); whole files of Excel's own are in test_excel_files.py (TEXT.xlsx)."""

from __future__ import annotations

import pytest

from sheetsim.functions.formats import shown
from sheetsim.functions.formats.numbers import general
from sheetsim.values import ExcelError

GENERAL = {
    1234567890000: "1.23457E+12",
    12345678900: "12345678900",
    12345678.9: "12345678.9",
    99999999999.5: "1E+11",
    0.123456789: "0.123456789",
    0.0123456789: "0.012345679",
    0.000123456789: "0.000123457",
    0.0000123456789: "1.23457E-05",
    11.666666666666666: "11.66666667",
    5.057996968497839: "5.057996968",
    -0.000006211546860868111: "-6.21155E-06",
    -1e-8: "-0.00000001",
    0: "0",
}

IMPLIED = [
    (1234567890, "0.00E+00", "1.23E+09"),
    (1234567890, "##0.0E+0", "1.2E+9"),
    (123456789, "##0.0E+0", "123.5E+6"),
    (12345678.9, "##0.0E+0", "12.3E+6"),
    (0.00123456789, "##0.0E+0", "1.2E-3"),
    (0.000123456789, "##0.0E+0", "123.5E-6"),
    (1234567.89, "m/d/yy h:mm", "2/15/80 21:21"),
    (1234567.89, "[h]:mm:ss", "29629629:21:36"),
    (12345.6789, "h:mm:ss AM/PM", "4:17:37 PM"),
    (12345.6789, "h:mm", "16:17"),
    (12345.67876, "mmss.0", "1724.9"),
    (0.123456789, "d-mmm-yy", "0-Jan-00"),
    (-12345.6789, "#,##0.00;[Red](#,##0.00)", "(12,345.68)"),
    (-12345.6789, "m/d/yy", "#VALUE!"),
    (1234567890, "#,##0_);(#,##0)", "1,234,567,890 "),
]

FRACTIONS = [
    (1, "# ?/?", "1    "),
    (-1.2, "# ?/?", "-1 1/5"),
    (123.45, "# ?/?", "123 4/9"),
    (-123.456, "# ?/?", "-123 1/2"),
    (12.3, "# ??/??", "12  3/10"),
    (-123.456, "# ??/??", "-123 26/57"),
    (-12345.67891, "# ???/???", "-12345 573/844"),
    (-1.2, "# ?/2", "-1    "),
    (123.45, "# ?/8", "123 4/8"),
    (-1.2, "# ??/100", "-1 20/100"),
    (1, "??/??", " 1/1 "),
    (-1.2, "??/??", "- 6/5 "),
    (0.3, "# ?/?", " 2/7"),
    (1.3, "# ?/?", "1 1/3"),
    (0.123251512342345, "# ?? / ?????????", "  480894 / 3901729"),
]

SECTIONS = [
    ("x", '"a";"b";"c";"d"', "d"),
    ("x", '"a";"b";"c"', "x"),
    ("x", "@@", "xx"),
    ("x", "_($* #,##0_);_($* (#,##0);_($* \"-\"_);_(@_)", " x "),
    (1, "_($* #,##0_);_($* (#,##0);_($* \"-\"_);_(@_)", " $1 "),
    (-1, "_($* #,##0_);_($* (#,##0);_($* \"-\"_);_(@_)", " $(1)"),
    (0, "_($* #,##0_);_($* (#,##0);_($* \"-\"_);_(@_)", " $- "),
    (-1, 'A"TODO"', "ATODO"),
    (0, "#.##", "."),
    (1000000000000.01, "0.##", "1000000000000.01"),
    (0.7, "hh:mm AM/PM", "04:48 PM"),
    (0.7, "A/P", "P"),
    (0.7, "e", "1900"),
    (0.7, "hhh", "#VALUE!"),
    (0.7, "[hhh]", "#VALUE!"),
    (0.7, "[", "#VALUE!"),
    (1, "a;b;c;d;e", "#VALUE!"),
    (1, 'a"b', "#VALUE!"),
    (2.675, "0.00", "2.68"),
    (-0.001, "0.00", "0.00"),
    (-5, "0;0", "5"),
    (50, '[>100]"big";"small"', "small"),
    (-5000, "[<1000]0;0,", "-5000"),
    (5, "[$€-407] 0.00", "€ 5.00"),
    (45000.0, "[$-409]mmmm", "March"),
    (1500, "0.0,K", "1.5K"),
    (930, "00\\:00", "09:30"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "code", "expected"), IMPLIED + FRACTIONS + SECTIONS)
def test_shown(value: float | str, code: str, expected: str) -> None:
    found = shown(value if isinstance(value, str) else float(value), code)
    assert (found.label if isinstance(found, ExcelError) else found) == expected


@pytest.mark.parametrize(("value", "expected"), GENERAL.items())
def test_general(value: float, expected: str) -> None:
    assert general(value) == expected
