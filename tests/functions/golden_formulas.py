"""Tricky formulas and a small sheet for them to read; `golden_values.json` holds what other programs make of
them. Regenerate that with `python tests/functions/golden_formulas.py` (needs LibreOffice and ironcalc).

Where the two programs disagree with each other, or both with Excel, `EXCEL` gives Excel's value and says how
that is known.
"""

from __future__ import annotations

import datetime
import json
import subprocess
import tempfile
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from sheetsim.xlsx.write.prefixes import prefixed

VALUES = Path(__file__).with_name("golden_values.json")

# column by column from A; None is a blank, "#N/A" typed as an error by a formula
SHEET: dict[str, list[Any]] = {
    "A": [1, 2, 3, 4, 5, 6],
    "B": [10, 20, 20, 30, 50, 40],
    "C": ["apple", "Banana", "cherry", "a*b", "", "3"],
    "D": [1.5, "x", True, None, -2, 0],
    "E": [5, 4, 4, 3, 1, -7],
    "F": [0.1, 0.2, 0.3, 0.1, 0.1, 0.1],
}
WRONG = {"G1": "=1/0", "G2": "=NA()"}

_FORMULAS = """
## precedence and operators
-2^2 | 2^-1 | 2^3^2 | -2% | 50%^2 | 1+2&3 | 1&2=12 | "a"<"B" | "a"="A" | 1<"a" | "a"<TRUE | TRUE>1000000
D4=0 | D4="" | D4=FALSE | --"5" | +"abc" | "3"+4 | TRUE+TRUE | "x"+1 | 1/3&"" | 0.1+0.2&"" | 1E+20&""
123456789012345678&"" | 0.00001&"" | 1.5E-10&"" | 0.1&"%" | 0^0 | 0^-1 | (-8)^(1/3) | 1E308*10 | 5=5=TRUE
3>2>1 | -A1^2 | SUM(A1:B3 B2:C6) | SUM((A1:A2,B1)) | A1:A2 C1:C2 | 2*-3 | 1-1-1 | 2^-2^2 | 10%% | "a"&TRUE
"a"&D4&"b" | SUM(A1:A2:B3)
## sums and statistics: what counts
SUM(D1:D6) | SUM("3",TRUE) | SUM("x") | SUM(D1:D6,TRUE) | SUM({1,"2",TRUE}) | AVERAGE(D1:D6)
AVERAGE(C1:C4) | COUNT(D1:D6) | COUNT("3",TRUE,"x") | COUNT(G1:G2,1) | COUNTA(D1:D6) | COUNTA(C1:C6)
COUNTA(1,) | MAX(D1:D6) | MAX(C1:C3) | MIN(C1:C3) | MIN(-1,TRUE) | MEDIAN(A1:A6) | MEDIAN(E1:E5)
MEDIAN(C1:C2) | PRODUCT(A1:A5) | PRODUCT(C1:C2) | PRODUCT(D1:D5) | SUMSQ(A1:A3) | VAR.P(A1:A6)
VAR.S(A1:A6) | STDEV.P(B1:B6) | STDEV.S(B1:B6) | VAR.S(A1) | VAR.P(A1) | STDEV.S(C1:C3) | SUM(G1:G2)
SUM(A1:A2,) | AVERAGE(1,) | MAX(-1,)
## logic
AND(D1:D6) | OR(D4:D4,D2) | AND(TRUE,"x") | AND(TRUE,"TRUE") | OR(D1:D6) | NOT(0) | NOT("x") | IF(1,)
IF(0,1) | IF(0,1,) | IF("TRUE",1,2) | IF("x",1,2) | IF(D4,1,2) | IF(D4="",1,2) | IFERROR(1/0,"e")
IFERROR(5,1/0) | IFERROR(G2,) | ISNUMBER(G1) | ISNUMBER(D4) | ISNUMBER(1) | ISNUMBER("1") | NA()
## rounding and arithmetic
ROUND(2.5,0) | ROUND(-2.5,0) | ROUND(2.675,2) | ROUND(1.005,2) | ROUND(-1250,-2) | ROUND(1234.5678,-5)
ROUND(0.5,0) | ROUND(1.4999999999,0) | ROUND(5E-324,3) | ROUND(1E+20,2) | ROUND(3.14159,3.9)
ROUND(2.345,2) | ROUND(1234567.885,2) | INT(-1.5) | INT(8.9) | TRUNC(-8.9) | TRUNC(8.99,1) | TRUNC(1.15,2)
TRUNC(4.35,2) | TRUNC(1234,-2) | TRUNC(-0.45) | MOD(-3,2) | MOD(3,-2) | MOD(5.5,2) | MOD(-7.5,2) | MOD(1,0)
MOD(0,5) | SIGN(-0.1) | SQRT(-1) | LN(0) | LN(-1) | LOG(8,2) | LOG(1000) | LOG(0) | LOG(2,1) | LOG(2,-1)
LOG10(0.001) | EXP(1) | EXP(710) | EXP(-800) | POWER(2,0.5) | POWER(0,0) | POWER(-8,1/3) | POWER(1.1,64)
ERF(0.3) | ERF(0.2,0.4) | ERF(-2.5) | ERF(0) | ERF("x") | ERFC(0.3) | ERFC(-1) | NORM.S.DIST(0.3,TRUE)
NORM.S.DIST(-0.3,TRUE) | NORM.S.DIST(1.333333,TRUE) | NORM.S.DIST(1.333333,FALSE) | NORM.S.DIST(-9,TRUE)
NORM.S.DIST(0,1) | NORM.S.DIST(D4,FALSE)
ABS("-3") | SIN(1) | COS(1) | TANH(0.5) | PI() | MOD("7",TRUE+2) | SQRT(D4) | ABS(D3)
CEILING.MATH(2.5) | CEILING.MATH(-5.5) | CEILING.MATH(-5.5,2) | CEILING.MATH(-5.5,2,-1) | CEILING.MATH(5.5,-2)
CEILING.MATH(5,0) | CEILING.MATH(0.3,0.1) | CEILING.MATH(0.1+0.2,0.3) | CEILING.MATH(6.3,0.7)
CEILING.MATH(1.0001,0.0005) | CEILING.MATH((ROW(A36)-3)/10) | CEILING.MATH("x") | CEILING.MATH(D4)
FLOOR.MATH(5.5) | FLOOR.MATH(-5.5) | FLOOR.MATH(-5.5,2) | FLOOR.MATH(-5.5,2,1) | FLOOR.MATH(5.5,-2)
FLOOR.MATH(5,0) | FLOOR.MATH(0.3,0.1) | FLOOR.MATH(2.1,0.7) | CEILING(2.5,2) | CEILING(-2.5,2)
CEILING(-2.5,-2) | CEILING(2.5,-2) | CEILING(5,0) | CEILING(2.1,0.7) | FLOOR(2.5,2) | FLOOR(-2.5,2)
FLOOR(-2.5,-2) | FLOOR(2.5,-2) | FLOOR(5,0) | FLOOR(0,0) | FLOOR(0.6,0.2) | ROUNDUP(3.2,0) | ROUNDUP(-3.2,0)
ROUNDUP(3.14159,3) | ROUNDUP(1.1,1) | ROUNDUP(2.3,1) | ROUNDUP(31415,-2) | ROUNDUP(0.0000001,2) | ROUNDUP(5,0)
ROUNDUP(-0.07,2) | ROUNDUP(4.35,2) | ROUNDDOWN(2.3,1) | ROUNDDOWN(-8.99,1) | ROUNDDOWN(1234,-2)
ROUNDDOWN(4.35,2) | ROUNDDOWN(3.2,0)
## criteria
COUNTIF(A1:A6,">3") | COUNTIF(A1:A6,3) | COUNTIF(C1:C6,3) | COUNTIF(C1:C6,"=3") | COUNTIF(C1:C6,"a*")
COUNTIF(C1:C6,"*an*") | COUNTIF(C1:C6,"?????") | COUNTIF(C1:C6,"a~*b") | COUNTIF(C1:C6,"<>apple")
COUNTIF(C1:C6,"APPLE") | COUNTIF(D1:D6,"") | COUNTIF(D1:D6,"=") | COUNTIF(D1:D6,"<>") | COUNTIF(D1:D6,"<0")
COUNTIF(D1:D6,TRUE) | COUNTIF(D1:D6,"TRUE") | COUNTIF(D1:D6,D4) | COUNTIF(D1:D6,"<>x") | COUNTIF(C1:C6,">b")
COUNTIF(A1:A6,">"&A2) | COUNTIF(A1:A6,"<=2.5") | COUNTIF(G1:G2,"#N/A") | COUNTIF(G1:G2,G2)
COUNTIF(A1:A6,"a") | SUMIF(A1:A6,">3") | SUMIF(A1:A6,">3",B1:B6) | SUMIF(A1:A6,">3",B1)
SUMIF(C1:C6,"a*",A1:A6) | SUMIF(A1:A6,2,G1:G6) | SUMIF(A1:A6,1,G1:G6) | SUMIF(A1:A3,"<9",D1:D3)
SUMIF(A1:A6,">9",B1:B6) | SUMIF(A1:B2,">1",B1)
## places
MATCH(3,A1:A6) | MATCH(3.5,A1:A6) | MATCH(0,A1:A6) | MATCH(99,A1:A6,1) | MATCH(20,B1:B6,0)
MATCH(20,B1:B4,1) | MATCH(4,E1:E6,-1) | MATCH(2,E1:E6,-1) | MATCH(9,E1:E6,-1) | MATCH(-9,E1:E6,-1)
MATCH("banana",C1:C6,0) | MATCH("b*",C1:C6,0) | MATCH("a~*b",C1:C6,0) | MATCH("?????",C1:C6,0)
MATCH(3,C1:C6,0) | MATCH(TRUE,D1:D6,0) | MATCH(1.7,D1:D6,1) | MATCH(G2,A1:A6,0) | MATCH(2,A1:B2,0)
MATCH(3,{1,2,3},0) | MATCH("c",C1:C3,1) | INDEX(A1:B6,2,2) | INDEX(A1:B6,7,1) | INDEX(A1:A6,3)
INDEX(A1:F1,3) | SUM(INDEX(A1:B6,0,2)) | SUM(INDEX(A1:B6,3,0)) | INDEX({1,2;3,4},2,1) | INDEX(A1:B6,-1,1)
SUM(A2:INDEX(A1:A6,4)) | SUM(OFFSET(A1,1,1,2,1)) | SUM(OFFSET(A6,0,0,-3,1)) | OFFSET(A1,-1,0)
OFFSET(A1,0,0,0,1) | OFFSET(A1,2,1) | SUM(OFFSET(A1:B2,1,0)) | ROW(B3) | COLUMN(D7) | ROWS(A1:C4)
COLUMNS(A1:C4) | ROWS({1,2;3,4}) | SUM(OFFSET(A1,0.9,0,2.9,1))
## arrays
SUMPRODUCT(A1:A6,B1:B6) | SUMPRODUCT(A1:A3,D1:D3) | SUMPRODUCT(A1:A3,B1:B2) | SUMPRODUCT((A1:A6>2)*B1:B6)
SUMPRODUCT(--(C1:C3="apple")) | SUMPRODUCT(A1:A6) | SUMXMY2(A1:A6,B1:B6) | SUMXMY2(A1:A6,D1:D6)
SUMXMY2(A1:A3,B1:B2) | SUM(MMULT(A1:B2,A3:B4)) | MMULT(A1:B2,A1:A3) | MMULT(C1:D2,A1:B2) | SUM({1,2,3}*2)
SUM({1;2}*{3,4}) | SUM(F1:F6) | AVERAGE(F1:F3) | SUMPRODUCT(F1:F6,F1:F6) | SUM(TRANSPOSE({1,2,3})*{1;2;3})
MMULT({1,2},{3;4})
## text
TEXT(1234.567,"$#,##0.00") | TEXT(0.285,"0.0%") | TEXT(12200000,"0.00E+00") | TEXT(1234,"0000000")
TEXT(45000.75,"yyyy-mm-dd hh:mm:ss") | TEXT(45000.75,"dddd, mmmm d, yyyy h:mm AM/PM") | TEXT(1.5,"[h]:mm")
TEXT(-5,"0.00;(0.00)") | TEXT(-5,"0;0") | TEXT("abc","0") | TEXT(12,"0 ""u"" ")
TEXT(1234567.891,"#,##0.0##")
TEXT(12.5,"??0.0??") | TEXT(150,"[>100]""big"";0") | TEXT(45000,"ddd dd mmm yyyy") | TEXT(0.5,"0%")
TEXT(-0.001,"0.00") | TEXT(930,"00\\:00") | TEXT(1234567,"0.00,,""M"" ") | TEXT(5.5,"0.0_)")
TEXT(123456789012,"#,##0") | TEXT(0.1+0.2,"General") | TEXT(40,"[mm]:ss") | TEXT(G2,"0") | TEXT(D4,"0.0")
LEFT(C1,3) | LEFT(A1,3) | RIGHT(C2,2) | MID(C2,2,3) | LEN(D4) | UPPER(C1) | LOWER(C2)
PROPER("2-way o'reilly's 76BudGet") | TRIM("  a  b ") | REPLACE("abcdefghijk",6,5,"*") | REPT("ab",2.9)
SUBSTITUTE("aaa","a","b",2) | SUBSTITUTE("aaa","","b") | FIND("an",C2) | FIND("AN",C2) | FIND("an",C2,4)
SEARCH("AN",C2)
SEARCH("n?n",C2) | SEARCH("a*a",C2) | SEARCH("~*",C4) | EXACT(C1,"Apple") | T(C1)
TEXTJOIN("-",FALSE,A1:A3) | TEXTJOIN(", ",TRUE,C1:C3) | CHAR(65.9) | CODE("A") | UNICODE("é") | UNICHAR(233)
VALUE("12%") | VALUE("1,234.5") | NUMBERVALUE("2.500,27",",",".") | FIXED(1234.567,1)
FIXED(-1234.567,-1,TRUE)
DOLLAR(1234.567) | CLEAN("a"&CHAR(9)&"b")
## dates and times
WEEKDAY(45000) | WEEKDAY(45000,2) | WEEKDAY(45000,3) | WEEKDAY(45000,15) | WEEKNUM(40977) | WEEKNUM(40977,2)
WEEKNUM(40977,16) | WEEKNUM(40977,21) | ISOWEEKNUM(44197) | YEAR(45000.9) | MONTH("3/15/2023") | DAY(45000)
HOUR(0.75) | MINUTE("12:45:30") | SECOND("12:45:30") | DAYS("3/15/2021","2/1/2021")
DAYS360("2/28/2011","3/31/2011")
DAYS360("2/29/2012","2/28/2013") | DAYS360("1/31/2011","2/28/2011",TRUE) | DAYS360("3/31/2011","1/1/2011")
YEARFRAC("1/1/2012","7/30/2012") | YEARFRAC("1/1/2012","7/30/2012",1) | YEARFRAC("7/30/2012","1/1/2012",2)
YEARFRAC("2/29/2000","3/31/2005",1) | YEARFRAC("2/28/2007","2/29/2008",0)
YEARFRAC("1/31/2007","3/31/2008",4)
NETWORKDAYS("10/1/2012","3/1/2013") | NETWORKDAYS("3/1/2013","10/1/2012")
NETWORKDAYS("10/6/2012","10/7/2012")
NETWORKDAYS.INTL("1/1/2006","1/31/2006",7) | NETWORKDAYS.INTL("1/1/2006","2/1/2006","0010001")
WORKDAY("10/1/2008",151)
WORKDAY("10/4/2008",-1) | WORKDAY("10/4/2008",0) | WORKDAY.INTL("1/1/2012",90,11)-1
WORKDAY.INTL("1/1/2012",-30,"0000011")-1
DATEDIF("1/1/2001","1/1/2003","Y") | DATEDIF("6/1/2001","8/15/2002","D")
DATEDIF("6/1/2001","8/15/2002","YD")
DATEDIF("6/15/2001","8/14/2002","YM") | DATEDIF("6/15/2001","8/14/2002","M")
DATEDIF("12/30/2023","1/1/2024","MD")
EDATE(44255,-12)-1 | EDATE("1/31/2020",1)-1 | EOMONTH(40544,-3)-1 | DATE(2008,14,2)-1 | DATE(2020,1,-15)-1
TIME(27,0,0)*1
DATEVALUE("22-MAY-2011") | DATEVALUE("8/22/2011 6:35 AM") | TIMEVALUE("2:24 AM")
## logic and information
XOR(TRUE,TRUE,TRUE) | XOR(A1:A3) | IFNA(G2,"x") | IFNA(G1,"x") | IFS(A1>1,1,A2>1,2) | IFS(A1>1,1)
SWITCH(A2,1,"a",2,"b")
SWITCH(A3,1,"a",2,"b","z") | SWITCH(A3,1,"a",2,"b") | SWITCH("APPLE",C1,1,2) | N(D3) | N(C1) | TYPE(A1)
TYPE(C1)
TYPE(G1) | ERROR.TYPE(G1) | ERROR.TYPE(G2) | ERROR.TYPE(A1) | ISBLANK(D4) | ISERR(G2) | ISERR(G1) | ISNA(G2)
ISERROR(G1) | ISNONTEXT(D4) | ISLOGICAL(D3) | ISEVEN(A2) | ISODD(-2.5)
"""

FORMULAS = [
    formula.strip()
    for line in _FORMULAS.strip().splitlines()
    if not line.startswith("##")
    for formula in line.split(" | ")
]

_ONLY_LIBREOFFICE = "as LibreOffice has it; IronCalc has no such reference or argument"
_ONLY_IRONCALC = "as IronCalc has it, which gives Excel's error values; LibreOffice gives its own"
_TEN_DIGITS = "as LibreOffice has it (and tables of the function); IronCalc gives ten to twelve digits"
_IN_RANGES = "support.microsoft.com: text and booleans in a reference are ignored (LibreOffice's count)"
_BOOLEANS = "support.microsoft.com: numbers sort before text, text before FALSE, FALSE before TRUE"
_POI = "seen in Excel: Apache POI, javadoc of NumberToTextConverter"

EXCEL: dict[str, tuple[Any, str]] = {
    '"a"<TRUE': (True, _BOOLEANS),
    "TRUE>1000000": (True, _BOOLEANS),
    "3>2>1": (True, _BOOLEANS),
    '1/3&""': ("0.333333333333333", _POI),
    '0.1+0.2&""': ("0.3", _POI),
    '1E+20&""': ("1E+20", _POI),
    '123456789012345678&""': ("123456789012346000", _POI),
    "0^0": ("#NUM!", _ONLY_IRONCALC),
    "0^-1": ("#DIV/0!", _ONLY_IRONCALC),
    "POWER(0,0)": ("#NUM!", _ONLY_IRONCALC),
    "SUM(A1:B3 B2:C6)": (40, _ONLY_LIBREOFFICE),
    "SUM((A1:A2,B1))": (13, _ONLY_LIBREOFFICE),
    "A1:A2 C1:C2": ("#NULL!", "support.microsoft.com: #NULL! for ranges that do not intersect"),
    '"a"&TRUE': ("aTRUE", _ONLY_IRONCALC),
    "SUM(A1:A2:B3)": (56, _ONLY_LIBREOFFICE),
    "SUM(D1:D6)": (-0.5, _IN_RANGES),
    'SUM("3",TRUE)': (4, "support.microsoft.com, SUM: text that reads as a number, given directly, counts"),
    "SUM(D1:D6,TRUE)": (0.5, _IN_RANGES),
    'SUM({1,"2",TRUE})': (1, _IN_RANGES),
    "AVERAGE(D1:D6)": (-0.5 / 3, _IN_RANGES),
    "COUNT(D1:D6)": (3, _IN_RANGES),
    "COUNTA(C1:C6)": (
        6,
        'support.microsoft.com, COUNTA: empty text ("") counts; LibreOffice loses it on reading',
    ),
    "COUNTA(1,)": (2, _ONLY_LIBREOFFICE),
    "AVERAGE(1,)": (0.5, _ONLY_LIBREOFFICE),
    "MEDIAN(C1:C2)": ("#NUM!", _ONLY_IRONCALC),
    'AND(TRUE,"x")': (True, 'Excel, stored values of AND("",TRUE) and AND(TRUE,"0")'),
    'AND(TRUE,"TRUE")': (True, _ONLY_IRONCALC),
    "ROUND(5E-324,3)": (0, _ONLY_IRONCALC),
    "CEILING(2.5,-2)": ("#NUM!", _ONLY_IRONCALC),
    "FLOOR(2.5,-2)": ("#NUM!", _ONLY_IRONCALC),
    "FLOOR(5,0)": ("#DIV/0!", _ONLY_IRONCALC),
    "ERF(-2.5)": (-0.9995930479825550, _TEN_DIGITS),
    "ERFC(-1)": (1.8427007929497148, _TEN_DIGITS),
    "NORM.S.DIST(1.333333,TRUE)": (0.9087887256040950, _TEN_DIGITS),
    "NORM.S.DIST(-9,TRUE)": (1.1285884059538405e-19, _TEN_DIGITS),
    "SQRT(-1)": ("#NUM!", _ONLY_IRONCALC),
    "LN(0)": ("#NUM!", _ONLY_IRONCALC),
    "LN(-1)": ("#NUM!", _ONLY_IRONCALC),
    "LOG(0)": ("#NUM!", _ONLY_IRONCALC),
    "LOG(2,1)": ("#DIV/0!", _ONLY_IRONCALC),
    "LOG(2,-1)": ("#NUM!", _ONLY_IRONCALC),
    "COUNTIF(C1:C6,3)": (1, "as IronCalc; Excel matches a number with text that reads as it"),
    'COUNTIF(D1:D6,"<>x")': (5, "as LibreOffice; all cells but those that equal x"),
    "COUNTIF(G1:G2,G2)": (1, _ONLY_IRONCALC),
    'SUMIF(A1:A6,">3",B1)': (120, "support.microsoft.com, SUMIF: sum_range takes the size of range"),
    'SUMIF(A1:B2,">1",B1)': (20, "support.microsoft.com, SUMIF: sum_range takes the size of range"),
    'SUMIF(A1:A3,"<9",D1:D3)': (1.5, _IN_RANGES),
    "MATCH(2,A1:B2,0)": (
        "#N/A",
        "support.microsoft.com, MATCH: lookup_array is one row or column; seen: #N/A",
    ),
    "INDEX(A1:B6,7,1)": ("#REF!", _ONLY_IRONCALC),
    "SUM(A2:INDEX(A1:A6,4))": (9, _ONLY_LIBREOFFICE),
    "SUM(OFFSET(A6,0,0,-3,1))": (15, "Excel takes negative heights, though its help asks for positive ones"),
    "OFFSET(A1,-1,0)": ("#REF!", _ONLY_IRONCALC),
    "OFFSET(A1,0,0,0,1)": ("#REF!", _ONLY_IRONCALC),
    "SUMPRODUCT(A1:A3,D1:D3)": (
        1.5,
        "support.microsoft.com, SUMPRODUCT: what is not a number counts as zero",
    ),
    "MATCH(4,E1:E6,-1)": (2, "Excel, stored value of MATCH(0,B5:B9,-1) in a case: the first equal value"),
    "SUMXMY2(A1:A6,D1:D6)": (
        85.25,
        "support.microsoft.com, SUMXMY2: text, booleans and blanks are ignored, by pairs",
    ),
    "SUMXMY2(A1:A3,B1:B2)": ("#N/A", "support.microsoft.com, SUMXMY2: different numbers of values"),
}


def main() -> None:
    """Ask LibreOffice and IronCalc for the value of every formula, and write them down."""
    import ironcalc  # type: ignore[import-untyped]
    import openpyxl

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "golden.xlsx")
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for letter, values in SHEET.items():
            for row, value in enumerate(values, 1):
                sheet[f"{letter}{row}"] = value
                if isinstance(value, str):
                    sheet[f"{letter}{row}"].data_type = "s"
        for address, formula in WRONG.items():
            sheet[address] = formula
        for row, formula in enumerate(FORMULAS, 11):
            sheet.cell(row, 10, "=" + prefixed(formula))
        book.save(path)
        out = Path(folder, "out")
        command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
        command += ["--convert-to", "xlsx", "--outdir", str(out), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        version = subprocess.run(
            ["soffice", "--version"], capture_output=True, text=True, check=True
        ).stdout.split()
        answers = openpyxl.load_workbook(out / "golden.xlsx", data_only=True).active
        model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
        model.evaluate()
        assert answers is not None
        table = {
            formula: {
                "libreoffice": answers.cell(row, 10).value,
                "ironcalc": model.get_cell_value(0, row, 10),
            }
            for row, formula in enumerate(FORMULAS, 11)
        }
    record = {
        "producers": {"libreoffice": version[1], "ironcalc": version_of("ironcalc")},
        "date": datetime.date.today().isoformat(),
        "values": table,
    }
    VALUES.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
