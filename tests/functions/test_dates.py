"""Dates and times: Microsoft's documented examples (support.microsoft.com, the function's page), read
2026-11, and Excel's own stored values where a comment says so."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from sheetsim.address import Rect
from sheetsim.functions.reading import number_in
from sheetsim.functions.serials import civil, date_system, last_serial, serial
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.values import ERRORS_BY_LABEL, ExcelError
from sheetsim.workbook import Workbook
from tests.functions.helpers import work_out


def day(text: str) -> float:
    """A date's number in the system of 1900, by the standard library."""
    return float((date.fromisoformat(text) - date(1899, 12, 30)).days)


DOCUMENTED = {
    "DATE(108,1,2)": day("2008-01-02"),
    "DATE(2008,14,2)": day("2009-02-02"),
    "DATE(2008,-3,2)": day("2007-09-02"),
    "DATE(2008,1,35)": day("2008-02-04"),
    "DATE(2008,1,-15)": day("2007-12-16"),
    "DATE(10000,1,1)": "#NUM!",
    "DATE(-1,1,1)": "#NUM!",
    "DATE(1900,2,29)": 60.0,
    "DATE(1900,1,0)": 0.0,
    "DATE(1900,1,-1)": "#NUM!",
    'DATEDIF("1/1/2001","1/1/2003","Y")': 2.0,
    'DATEDIF("6/1/2001","8/15/2002","D")': 440.0,
    'DATEDIF("6/1/2001","8/15/2002","YD")': 75.0,
    'DATEDIF("1/31/2006","3/1/2006","MD")': -2.0,  # below 0: the page warns of it
    "DATEDIF(2,1,\"D\")": "#NUM!",
    'DATEVALUE("8/22/2011")': 40777.0,
    'DATEVALUE("22-MAY-2011")': 40685.0,
    'DATEVALUE("2011/02/23")': 40597.0,
    'DATEVALUE("8/22/2011 6:35 AM")': 40777.0,
    "DATEVALUE(40777)": "#VALUE!",
    'DAYS("15-MAR-2021","1-FEB-2021")': 42.0,
    "DAYS(1,-1)": "#NUM!",
    'DAYS360("1/30/2011","2/1/2011")': 1.0,
    'DAYS360("1/1/2011","12/31/2011")': 360.0,
    'DAYS360("1/1/2011","2/1/2011")': 30.0,
    "DAYS360(45992.000001,46000.999999)": 9.0,  # Excel's stored value
    'EDATE("15-Jan-11",1)': day("2011-02-15"),
    'EDATE("15-Jan-11",-1)': day("2010-12-15"),
    'EDATE("31-Jan-11",1)': day("2011-02-28"),
    "EDATE(0,1)": 31.0,  # 0 February
    "EOMONTH(0,1)": 60.0,
    "EDATE(TRUE,1)": "#VALUE!",  # Excel's stored values of EOMONTH with booleans
    "EDATE(,1)": "#N/A",  # Excel's stored value of MROUND(,5): the same kind of function
    'EOMONTH("1-Jan-11",1)': day("2011-02-28"),
    'EOMONTH("1-Jan-11",-3)': day("2010-10-31"),
    "HOUR(0.75)": 18.0,
    'HOUR("7/18/2011 7:45")': 7.0,
    'HOUR("4/21/2012")': 0.0,
    'MINUTE("12:45:00 PM")': 45.0,
    'SECOND("4:48:18 PM")': 18.0,
    'SECOND("4:48 PM")': 0.0,
    'ISOWEEKNUM("3/9/2012")': 10.0,
    "TIME(12,0,0)": 0.5,
    "TIME(16,48,10)": 60490 / 86400,
    "TIME(27,0,0)": 0.125,
    "TIME(0,750,0)": 45000 / 86400,
    "TIME(0,0,2000)": 2000 / 86400,
    "TIME(32768,0,0)": "#NUM!",
    'TIMEVALUE("2:24 AM")': 0.1,
    'TIMEVALUE("22-Aug-2011 6:35 AM")': 395 / 1440,
    'WEEKDAY("2/14/2008")': 5.0,
    'WEEKDAY("2/14/2008",2)': 4.0,
    'WEEKDAY("2/14/2008",3)': 3.0,
    'WEEKDAY("2/14/2008",17)': 5.0,
    'WEEKDAY("2/14/2008",4)': "#NUM!",
    "WEEKDAY(1)": 1.0,  # a Monday, but for the leap day that never was
    'WEEKNUM("3/9/2012")': 10.0,
    'WEEKNUM("3/9/2012",2)': 11.0,
    'WEEKNUM("3/9/2012",21)': 10.0,
    'NETWORKDAYS("10/1/2012","3/1/2013")': 110.0,
    'NETWORKDAYS("10/1/2012","3/1/2013","11/22/2012")': 109.0,
    'NETWORKDAYS("10/1/2012","3/1/2013",{"11/22/2012","12/4/2012","1/21/2013"})': 107.0,
    'NETWORKDAYS.INTL("1/1/2006","1/31/2006")': 22.0,
    'NETWORKDAYS.INTL("2/28/2006","1/31/2006")': -21.0,
    'NETWORKDAYS.INTL("1/1/2006","2/1/2006",7,{"1/2/2006","1/16/2006"})': 22.0,
    'NETWORKDAYS.INTL("1/1/2006","2/1/2006","0010001",{"1/2/2006","1/16/2006"})': 20.0,
    'NETWORKDAYS.INTL("1/1/2006","2/1/2006","1111111")': 0.0,
    'WORKDAY("10/1/2008",151)': day("2009-04-30"),
    'WORKDAY("10/1/2008",151,{"11/26/2008","12/4/2008","1/21/2009"})': day("2009-05-05"),
    'WORKDAY.INTL("1/1/2012",30,0)': "#NUM!",
    'WORKDAY.INTL("1/1/2012",90,11)': 41013.0,
    'WORKDAY.INTL("1/1/2012",30,17)': 40944.0,
    'WORKDAY.INTL("1/1/2012",1,"1111111")': "#VALUE!",
    'YEARFRAC("1/1/2012","7/30/2012")': 0.58055555555555556,
    'YEARFRAC("1/1/2012","7/30/2012",1)': 0.57650273224043716,
    'YEARFRAC("1/1/2012","7/30/2012",3)': 0.57808219178082192,
    'YEARFRAC("1/1/2012","7/30/2012",5)': "#NUM!",
    # Wheeler, "YEARFRAC incompatibilities between Excel 2007 and OOXML": Excel's values
    'YEARFRAC("2/28/2007","3/31/2007",0)': 31 / 360,
    'YEARFRAC("2/28/2007","2/29/2008",1)': 366 / 365.5,
    'YEARFRAC("2/29/2000","2/28/2001",1)': 365 / 366,
    "ISOWEEKNUM(0)": 52.0,
    "ISOWEEKNUM(1)": 52.0,  # a Sunday, as Excel has it
    "ISOWEEKNUM(2)": 1.0,
    "YEAR(0)": 1900.0,
    "MONTH(0)": 1.0,
    "DAY(0)": 0.0,
    "DAY(60)": 29.0,
    "DAY(61)": 1.0,
    "YEAR(-1)": "#NUM!",
    "YEAR(2958466)": "#NUM!",
}  # fmt: skip


@pytest.mark.parametrize(("formula", "expected"), DOCUMENTED.items())
def test_value(formula: str, expected: float | str) -> None:
    book = Workbook()
    book.add_sheet("S")
    value = work_out(book, formula)
    if isinstance(expected, str):
        assert value is ERRORS_BY_LABEL[expected]
    else:
        assert value == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("from_1904", [False, True])
def test_every_month_there_and_back(from_1904: bool) -> None:
    with date_system(from_1904):
        for year in range(1904 if from_1904 else 1900, 10_000, 7):
            for month in range(1, 13):
                number = serial(year, month, 1)
                assert number is not None
                assert civil(number) == (year, month, 1)
        assert civil(last_serial()) == (9999, 12, 31)
        assert serial(9999, 12, 32) is None


def test_the_system_of_1904() -> None:
    book = Workbook()
    book.add_sheet("S")
    with date_system(True):
        assert work_out(book, "DATE(1904,1,1)") == 0.0
        assert work_out(book, 'DATEVALUE("7/5/1998")') == day("1998-07-05") - 1462  # Microsoft's own example
        assert work_out(book, "WEEKDAY(0)") == 6.0  # a Friday
        assert work_out(book, 'TEXT(0,"ddd d mmm yyyy")') == "Fri 1 Jan 1904"
        assert work_out(book, "DATE(1900,1,1)") is ExcelError.NUM
        # Microsoft, "Negative date and time value are displayed as pound signs": in the system of 1904 not
        assert work_out(book, 'TEXT(-0.25,"h:mm")') == "-6:00"
        assert number_in("1/2/2020") == day("2020-01-02") - 1462
    assert number_in("1/2/2020") == day("2020-01-02")


@pytest.mark.parametrize("from_1904", [False, True])
@pytest.mark.parametrize(
    "formula",
    ["YEAR(A1)", "MONTH(A1)", "DAY(A1)", "WEEKDAY(A1)", "EDATE(A1,-1)", "EOMONTH(A1,13)", "HOUR(A1)"],
)
def test_a_column_of_dates_is_its_cells(formula: str, from_1904: bool) -> None:
    """In both systems, from their first days to their last."""
    book = Workbook(date1904=from_1904)
    sheet = book.add_sheet("S")
    numbers = [-1.0, *range(100), 45000.75, 2957003.0, 2957004.0, 2958465.0, 2958466.0, 1e300]
    for row, number in enumerate(numbers):
        sheet.set((row, 0), float(number))
    sheet.fill(f"B1:B{len(numbers)}", formula)
    column = calculate(book, make_plan(book)).block("S", Rect(0, 1, len(numbers), 2)).tolist()
    with date_system(from_1904):
        for row in range(len(numbers)):
            assert column[row][0] == work_out(book, formula.replace("A1", f"A{row + 1}")), numbers[row]


@pytest.mark.parametrize("from_1904", [False, True])
def test_weeks_as_the_standard_library_has_them(from_1904: bool) -> None:
    """ISO weeks and weekdays; in the system of 1900 from March 1900 on."""
    book = Workbook()
    book.add_sheet("S")
    zero = date(1904, 1, 1) if from_1904 else date(1899, 12, 30)
    with date_system(from_1904):
        for number in [*range(0 if from_1904 else 61, 3000, 3), *range(40_000, 43_000, 3)]:
            found = date.fromordinal(zero.toordinal() + number)
            assert work_out(book, f"ISOWEEKNUM({number})") == found.isocalendar()[1]
            assert work_out(book, f"WEEKDAY({number},2)") == found.isoweekday()


def test_now_stands_still_in_a_calculation() -> None:
    book = Workbook()
    book.add_sheet("S")
    with date_system(False, datetime(2024, 3, 15, 18, 0)):
        assert work_out(book, "NOW()") == day("2024-03-15") + 0.75
        assert work_out(book, "TODAY()") == day("2024-03-15")
        assert number_in("1/2") == day("2024-01-02")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("8/22/2011", 40777),
        ("2011-02-23", 40597),
        ("22 May 2011", 40685),
        ("May 22, 2011", 40685),
        ("may 2011", 40664),
        ("1/1/29", 47119),
        ("1/1/30", 10959),
        ("6:00", 0.25),
        ("6:00 PM", 0.75),
        ("30:00", 1.25),
        ("2011-02-23 6:00", 40597.25),
        ("2/29/1900", 60),
        ("1 1/2", 1.5),
        ("(3)", -3),
        ("$1,234.50", 1234.5),
        ("6:00PM", None),  # a space is needed
        ("2/30/2011", None),
        ("13/1/2011", None),
        (" 2024-01-10 ", None),  # Excel's stored value of INT(" 2024-01-10 ") is #VALUE!
        (" 10 ", 10),  # but of INT(" 10 ") it is 10
        ("1-2-3-4", None),
        ("12:60", None),
    ],
)
def test_text_that_reads_as_a_date(text: str, number: float | None) -> None:
    assert number_in(text) == number
