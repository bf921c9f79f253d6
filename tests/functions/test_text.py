"""Text functions: Microsoft's documented examples (support.microsoft.com, the function's page), read
2026-11."""

from __future__ import annotations

import pytest

from sheetsim.errors import Unsupported
from sheetsim.limits import TooMuch
from sheetsim.values import ERRORS_BY_LABEL, ExcelError, Values
from sheetsim.workbook import Workbook
from tests.functions.helpers import work_out

DOCUMENTED = {
    'CHAR(65)': "A",
    'CHAR(33)': "!",
    'CHAR(0)': "#VALUE!",
    'CLEAN(CHAR(9)&"Monthly report"&CHAR(10))': "Monthly report",
    'CODE("A")': 65.0,
    'CODE("!")': 33.0,
    'CONCAT("The"," ","sun"," ","will"," ","come"," ","up")': "The sun will come up",
    'CONCATENATE("Andreas"," ","Hauser")': "Andreas Hauser",
    'DOLLAR(1234.567,2)': "$1,234.57",
    'DOLLAR(-1234.567,-2)': "($1,200)",
    'DOLLAR(-0.123,4)': "($0.1230)",
    'DOLLAR(99.888)': "$99.89",
    'EXACT("word","word")': True,
    'EXACT("Word","word")': False,
    'EXACT("w ord","word")': False,
    'FIND("M","Miriam McGovern")': 1.0,
    'FIND("m","Miriam McGovern")': 6.0,
    'FIND("M","Miriam McGovern",3)': 8.0,
    'FIND("M","Miriam McGovern",0)': "#VALUE!",
    'FIND("M","Miriam McGovern",16)': "#VALUE!",
    'FIND("","abc")': 1.0,
    'FIXED(1234.567,1)': "1,234.6",
    'FIXED(1234.567,-1)': "1,230",
    'FIXED(-1234.567,-1,TRUE)': "-1230",
    'FIXED(44.332)': "44.33",
    'FIXED(1,128)': "#VALUE!",
    'LEFT("Sale Price",4)': "Sale",
    'LEFT("Sweden")': "S",
    'LEFT("a",-1)': "#VALUE!",
    'LEN("Phoenix, AZ")': 11.0,
    'LEN("")': 0.0,
    'LEN("     One   ")': 11.0,
    'LOWER("E. E. Cummings")': "e. e. cummings",
    'MID("Fluid Flow",1,5)': "Fluid",
    'MID("Fluid Flow",7,20)': "Flow",
    'MID("Fluid Flow",20,5)': "",
    'NUMBERVALUE("2.500,27",",",".")': 2500.27,
    'NUMBERVALUE("3.5%")': 0.035,
    'NUMBERVALUE("9%%")': 0.0009,
    'NUMBERVALUE("")': 0.0,
    'NUMBERVALUE("1/2/2020")': "#VALUE!",
    'NUMBERVALUE("1.2.3")': "#VALUE!",
    'NUMBERVALUE("1.2,3")': "#VALUE!",
    'PROPER("this is a TITLE")': "This Is A Title",
    'PROPER("2-way street")': "2-Way Street",
    'PROPER("76BudGet")': "76Budget",
    'REPLACE("abcdefghijk",6,5,"*")': "abcde*k",
    'REPLACE("2009",3,2,"10")': "2010",
    'REPLACE("123456",1,3,"@")': "@456",
    'REPT("*-",3)': "*-*-*-",
    'RIGHT("Sale Price",5)': "Price",
    'RIGHT("Stock Number")': "r",
    'SEARCH("e","Statements",6)': 7.0,
    'SEARCH("margin","Profit Margin")': 8.0,
    'SEARCH("""","The ""boss"" is here.")': 5.0,
    'SUBSTITUTE("Sales Data","Sales","Cost")': "Cost Data",
    'SUBSTITUTE("Quarter 1, 2008","1","2",1)': "Quarter 2, 2008",
    'SUBSTITUTE("Quarter 1, 2011","1","2",3)': "Quarter 1, 2012",
    'T("Rainfall")': "Rainfall",
    'T(19)': "",
    'T(TRUE)': "",
    'TEXT(1234.567,"$#,##0.00")': "$1,234.57",
    'TEXT(0.285,"0.0%")': "28.5%",
    'TEXT(4.34,"# ?/?")': "4 1/3",
    'TEXT(12200000,"0.00E+00")': "1.22E+07",
    'TEXT(1234567898,"[<=9999999]###-####;(###) ###-####")': "(123) 456-7898",
    'TEXT(1234,"0000000")': "0001234",
    'TEXT(123456,"##0° 00\' 00\'\'")': "12° 34' 56''",
    'TEXTAFTER("Red riding hood\'s, red hood","hood")': "'s, red hood",
    'TEXTAFTER("Red riding hood\'s red hood","hood",-2)': "'s red hood",
    'TEXTAFTER("Little Red Riding Hood\'s red hood","basket")': "#N/A",
    'TEXTAFTER("Marcus Aurelius"," ",,,1)': "Aurelius",
    'TEXTAFTER("Socrates"," ",,,0)': "#N/A",
    'TEXTAFTER("Socrates"," ",,,1)': "",
    'TEXTBEFORE("Red riding hood\'s red hood","red",1,1)': "",
    'TEXTBEFORE("Red riding hood\'s red hood","red",-1)': "Red riding hood's ",
    'TEXTBEFORE("Red riding hood\'s red hood","red",3)': "#N/A",
    'TEXTBEFORE("Marcus Aurelius"," ",,,1)': "Marcus",
    'TEXTBEFORE("Socrates"," ",,,1)': "Socrates",
    'TEXTBEFORE("abc","")': "",
    'TEXTBEFORE("abc","",-1)': "abc",
    'TEXTBEFORE("abc","b",0)': "#VALUE!",
    'TEXTBEFORE("abc","b",4)': "#VALUE!",
    'TEXTJOIN(", ",TRUE,"a","","b")': "a, b",
    'TEXTJOIN(", ",FALSE,"a","","b")': "a, , b",
    'TEXTJOIN({"-","+"},TRUE,"a","b","c","d")': "a-b+c-d",
    'TRIM(" First Quarter Earnings ")': "First Quarter Earnings",
    'UNICHAR(66)': "B",
    'UNICHAR(32)': " ",
    'UNICHAR(0)': "#VALUE!",
    'UNICHAR(55296)': "#N/A",
    'UNICODE(" ")': 32.0,
    'UNICODE("B")': 66.0,
    'UPPER("total")': "TOTAL",
    'VALUE("$1,000")': 1000.0,
    'VALUE("16:48:00")-VALUE("12:00:00")': 0.2,
    'VALUE("abc")': "#VALUE!",
    'VALUETOTEXT(TRUE,0)': "TRUE",
    'VALUETOTEXT("Hello",1)': '"Hello"',
    'VALUETOTEXT(#VALUE!,1)': "#VALUE!",
    'ARRAYTOTEXT({TRUE,"Hello";1234.01234,#VALUE!},0)': "TRUE, Hello, 1234.01234, #VALUE!",
    'ARRAYTOTEXT({TRUE,"Hello";1234.01234,#VALUE!},1)': '{TRUE,"Hello";1234.01234,#VALUE!}',
    'ARRAYTOTEXT({1},2)': "#VALUE!",
    'REGEXTEST("alfalfa","a")': True,
    'REGEXTEST("alfalfa","[0-9]")': False,
    'REGEXEXTRACT("DylanWilliams","[A-Z][a-z]+")': "Dylan",
    'REGEXREPLACE("SoniaBrown","([A-Z][a-z]+)([A-Z][a-z]+)","$2, $1")': "Brown, Sonia",
    'REGEXREPLACE("+1 378-555-4195","[0-9]+-","***-")': "+1 ***-***-4195",
    'ENCODEURL("http://contoso.com/April Reports")': "http%3A%2F%2Fcontoso.com%2FApril%20Reports",
    'BAHTTEXT(1234)': "หนึ่งพันสองร้อยสามสิบสี่บาทถ้วน",
}  # fmt: skip

KNOWN = {
    # UTF-16 units: Microsoft, "Compatibility version"; version 1, which files are saved with
    'LEN("😀a")': 3.0,
    'RIGHT("😀a",1)': "a",
    'LEFT("😀a",1)&RIGHT("😀",1)': "😀",
    'MID("a😀b",2,2)': "😀",
    # an argument left empty: 0 in the old functions, the default in the newer ones
    'FIXED(1234.567,)': "1,235",
    'LEFT("abc",)': "",
    'TEXTJOIN(",",,"a","","b")': "a,b",
    'TEXTBEFORE("a-b-c","-",)': "a",
    # the fourth section, and text without one: Microsoft, "Number format codes"
    'TEXT("abc","0;0;0;""<""@"">""")': "<abc>",
    'TEXT("abc","0.00")': "abc",
    # texts that are numbers and dates, as everywhere
    'TEXT("1/2/2020","yyyy")': "2020",
    'LEN(REPT("ab",16383)&"c")': 32767.0,
    'REPT("ab",16384)': "#VALUE!",
    'REPT("a",32767)&"bc"': "#VALUE!",
    'REPT("",1E+300)': "",
    'LEN(BAHTTEXT(1E+300))>0': True,
    'REGEXTEST(LEFT("😀",1),"a")': "#VALUE!",
    'REGEXTEST("a","(")': "#VALUE!",
    'REGEXTEST("ABC","abc",1)': True,
    'REGEXREPLACE("aaa","a","b",-1)': "aab",
    'REGEXEXTRACT("abc","x")': "#N/A",
    'TEXTSPLIT("",",",,TRUE)': "#CALC!",
    'TEXTSPLIT("a","")': "#VALUE!",
    'UPPER("straße")': "STRAßE",
    'ASC("ＡＢ　ガ")': "AB ｶﾞ",
    'DBCS("AB ｶﾞ")': "ＡＢ　ガ",
}  # fmt: skip


@pytest.mark.parametrize(("formula", "expected"), [*DOCUMENTED.items(), *KNOWN.items()])
def test_value(formula: str, expected: object) -> None:
    book = Workbook()
    book.add_sheet("S")
    value = work_out(book, formula)
    if isinstance(expected, float):
        assert value == pytest.approx(expected, rel=1e-15)
    else:
        assert (value.label if isinstance(value, ExcelError) else value) == expected


def _table(formula: str) -> list[list[object]]:
    book = Workbook()
    book.add_sheet("S")
    result = work_out(book, formula, array=True)
    assert isinstance(result, Values)
    return [list(row) for row in result.tolist()]


def test_arrays() -> None:
    na = ERRORS_BY_LABEL["#N/A"]
    assert _table('TEXTSPLIT("1,2;3",",",";")') == [["1", "2"], ["3", na]]
    assert _table('TEXTSPLIT("1,2;3",",",";",,,"-")') == [["1", "2"], ["3", "-"]]
    assert _table('TEXTSPLIT("aXbxc","x",,,1)') == [["a", "b", "c"]]
    assert _table('REGEXEXTRACT("DylanWilliams","[A-Z][a-z]+",1)') == [["Dylan", "Williams"]]
    assert _table('REGEXEXTRACT("a1b2","([a-z])(\\d)",2)') == [["a", "1"]]
    assert _table('LEFT({"ab";"cd"},{1,2})') == [["a", "ab"], ["c", "cd"]]


def test_patterns_are_bounded() -> None:
    """A pattern that backtracks without end is given up after a counted number of steps."""
    with pytest.raises(TooMuch, match="regular expression"):
        _table('REGEXTEST(REPT("a",3000)&"!","(a|aa)+$")')
    assert _table('SEARCH(REPT("a*",10000)&"c",REPT("ab",16000))') == [[ERRORS_BY_LABEL["#VALUE!"]]]


def test_what_reaches_outside_is_told() -> None:
    for formula, reason in {
        'WEBSERVICE("x")': "WEBSERVICE asks a service on the web",
        'INFO("system")': "INFO asks for the program",
        'TEXT(1,"[$-411]mmmm")': "names of months and days in the language 411",
    }.items():
        with pytest.raises(Unsupported, match=reason):
            _table(formula)
