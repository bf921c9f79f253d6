"""Workbooks in which Excel worked out its functions ($SHEETSIM_FUNCTIONS) recalculate to its stored values.

Every cell must agree within 1e-12, or be named here with the reason. A cell that is reported as unsupported
is let pass only in the files of `AWAITED`, whose functions or constructs are still to come; a wrong value
nowhere."""

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
}

AWAITED: frozenset[str] = frozenset(
    {
        "DATABASE/DAVERAGE.xlsx",
        "ENGINEERING/COMPLEXs.xlsx",
        "ENGINEERING/CONVERT.xlsx",
        "ENGINEERING/ERFs.xlsx",
        "ENGINEERING/NUMBER_SYSTEMS.xlsx",
        "FINANCIAL/ACCRINT_ACCRINTM.xlsx",
        "FINANCIAL/FV.xlsx",
        "FINANCIAL/INTRATE.xlsx",
        "FINANCIAL/IPMT_PPMT.xlsx",
        "FINANCIAL/IRR.xlsx",
        "FINANCIAL/MIRR.xlsx",
        "FINANCIAL/NPER.xlsx",
        "FINANCIAL/NPV.xlsx",
        "FINANCIAL/PDURATION.xlsx",
        "FINANCIAL/PMT.xlsx",
        "FINANCIAL/PRICE_YIELD.xlsx",
        "FINANCIAL/PV.xlsx",
        "FINANCIAL/RATE.xlsx",
        "FINANCIAL/RRI.xlsx",
        "FINANCIAL/SLN_SYD.xlsx",
        "FINANCIAL/accrint_cases.xlsx",
        "MATH_AND_TRIGONOMETRY/ATAN2_POWER.xlsx",
        "MATH_AND_TRIGONOMETRY/BASE.xlsx",
        "MATH_AND_TRIGONOMETRY/COMBIN_COMBINA.xlsx",
        "MATH_AND_TRIGONOMETRY/EVEN_ODD.xlsx",
        "MATH_AND_TRIGONOMETRY/GCD_LCM.xlsx",
        "MATH_AND_TRIGONOMETRY/LCM_GCD.xlsx",
        "MATH_AND_TRIGONOMETRY/MROUND_TRUNC_INT.xlsx",
        "MATH_AND_TRIGONOMETRY/SERIESSUM.xlsx",
        "MATH_AND_TRIGONOMETRY/SQRT_SQRTPI.xlsx",
        "MATH_AND_TRIGONOMETRY/trigonometric_functions.xlsx",
        "STATISTICAL/AVERAGE.xlsx",
        "STATISTICAL/CHISQ_TEST.xlsx",
        "STATISTICAL/CONFIDENCE.xlsx",
        "STATISTICAL/COVARIANCE.xlsx",
        "STATISTICAL/EXPON_DIST.xlsx",
        "STATISTICAL/FISHER.xlsx",
        "STATISTICAL/FREQUENCY.xlsx",
        "STATISTICAL/F_DIST.xlsx",
        "STATISTICAL/GAMMA.xlsx",
        "STATISTICAL/HYPERGEOM_DIST.xlsx",
        "STATISTICAL/LINEST_LOGEST.xlsx",
        "STATISTICAL/MINA_MAXA.xlsx",
        "STATISTICAL/PEARSON.xlsx",
        "STATISTICAL/PERCENTIL_QUARTIL.xlsx",
        "STATISTICAL/PERMUT_PERMUTATIONA.xlsx",
        "STATISTICAL/POISSON.xlsx",
        "STATISTICAL/PROB.xlsx",
        "STATISTICAL/SMALL_LARGE.xlsx",
        "STATISTICAL/STANDARIZE.xlsx",
        "STATISTICAL/TREND_GROWTH.xlsx",
        "STATISTICAL/T_DIST.xlsx",
        "STATISTICAL/WEIBULL_DIST.xlsx",
        "STATISTICAL/Z_TEST.xlsx",
    }
)
"""Files that hold functions or constructs that are not supported yet."""


def _unexplained(file: str, found: Recalculation) -> list[str]:
    allowed = DIFFERENT.get(file, {})
    wrong = [
        f"{one.cell} ={one.formula} gives {one.computed!r}, Excel {one.stored!r}"
        for one in found.mismatches
        if one.cell not in allowed and not (one.stored is None and one.computed == "")
    ]
    if file in AWAITED:
        return wrong
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
    assert set(DIFFERENT) | AWAITED <= set(FILES)
