"""Workbooks in which Excel worked out its functions ($SHEETSIM_FUNCTIONS) recalculate to its stored values.

Every cell must agree within 1e-12, or be named here with the reason; none is unsupported."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sheetsim.checking.recalc import Recalculation, recalculate

_FOLDER = os.environ.get("SHEETSIM_FUNCTIONS", "")
FILES = (
    sorted(path.relative_to(_FOLDER).as_posix() for path in Path(_FOLDER).rglob("*.xlsx")) if _FOLDER else []
)

pytestmark = pytest.mark.skipif(
    not FILES, reason="SHEETSIM_FUNCTIONS is not set: Excel's files are not at hand"
)

DIFFERENT: dict[str, dict[str, str]] = {
    # file: {cell: why our value is not the stored one}
    "FINANCIAL/IRR.xlsx": dict.fromkeys(
        [
            "General!L20",
            "General!L22",
            "General!L23",
            "General!L24",
            "General!L33",
            "General!L36",
            "General!L41",
            "General!L56",
            "General!L57",
            "General!M2",
            "General!M3",
            "General!M4",
            "General!M6",
            "General!M8",
            "General!M17",
            "General!N2",
            "'Three Parameters'!D2",
            "FullRow!Q1",
            "FullColumn!B21",
            "FullColumn!B22",
            "FullColumn!B23",
        ],
        "an iteration of Excel's that ends beside the root, up to 7e-11; ours is it (test_against_mpmath.py)",
    ),
    "FINANCIAL/PMT.xlsx": dict.fromkeys(
        ["Sheet1!J10", "Sheet1!J11"],
        "the payment is four units of the last place off its exact value, which the present value enlarges",
    ),
    "FINANCIAL/PRICE_YIELD.xlsx": dict.fromkeys(
        [
            "PRICE_YIELD!I30",
            "PRICE_YIELD!I31",
            "ODDFPRICE_ODDFYIELD!K2",
            "ODDFPRICE_ODDFYIELD!K3",
            "ODDFPRICE_ODDFYIELD!K4",
            "ODDFPRICE_ODDFYIELD!K5",
            "ODDFPRICE_ODDFYIELD!K8",
            "ODDFPRICE_ODDFYIELD!K9",
            "ODDFPRICE_ODDFYIELD!K10",
            "ODDFPRICE_ODDFYIELD!K11",
            "ODDFPRICE_ODDFYIELD!K24",
            "ODDFPRICE_ODDFYIELD!K25",
            "ODDFPRICE_ODDFYIELD!K27",
            "ODDFPRICE_ODDFYIELD!K29",
            "ODDFPRICE_ODDFYIELD!K30",
            "ODDFPRICE_ODDFYIELD!K31",
            "ODDFPRICE_ODDFYIELD!K32",
            "ODDFPRICE_ODDFYIELD!K33",
            "ODDFPRICE_ODDFYIELD!K36",
            "ODDFPRICE_ODDFYIELD!K43",
            "ODDFPRICE_ODDFYIELD!K44",
            "ODDFPRICE_ODDFYIELD!K45",
            "ODDFPRICE_ODDFYIELD!K46",
            "ODDFPRICE_ODDFYIELD!K49",
            "ODDFPRICE_ODDFYIELD!K50",
            "ODDFPRICE_ODDFYIELD!K51",
            "ODDFPRICE_ODDFYIELD!K52",
        ],
        "an iteration of Excel's that ends up to 1e-9 beside the yield that the price was made of",
    ),
}


def _unexplained(file: str, found: Recalculation) -> list[str]:
    allowed = DIFFERENT.get(file, {})
    wrong = [
        f"{one.cell} ={one.formula} gives {one.computed!r}, Excel {one.stored!r}"
        for one in found.mismatches
        if one.cell not in allowed and not (one.stored is None and one.computed == "")
    ]
    return wrong + [f"{one.cell} ={one.formula}: {one.reason}" for one in found.unsupported]


@pytest.mark.parametrize("file", FILES)
def test_file_agrees(file: str) -> None:
    found = recalculate(Path(_FOLDER) / file)
    assert found.cells == found.agree + len(found.mismatches) + found.volatile + len(found.unsupported)
    assert _unexplained(file, found) == []


def test_a_planted_value_is_found(tmp_path: Path) -> None:
    """The comparison can fail: one stored value of a file is changed."""
    import zipfile

    file = "DATE_AND_TIME/EOMONTH.xlsx"
    planted = tmp_path / "planted.xlsx"
    with zipfile.ZipFile(Path(_FOLDER) / file) as source, zipfile.ZipFile(planted, "w") as made:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert b"<v>45230</v>" in data
                data = data.replace(b"<v>45230</v>", b"<v>45231</v>", 1)
            made.writestr(name, data)
    assert len(_unexplained(file, recalculate(planted))) == 1


def test_what_is_named_is_there() -> None:
    assert set(DIFFERENT) <= set(FILES)
