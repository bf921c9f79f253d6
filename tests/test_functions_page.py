"""docs/functions.md is what docs/functions.py makes of the records, and every function of Excel is there."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from sheetsim.functions import FUNCTIONS
from sheetsim.functions.outside import OUTSIDE, why_unknown

DOCS = Path(__file__).parent.parent / "docs"
FOLDER = os.environ.get("SHEETSIM_FUNCTIONS", "")


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_{name}", DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture(scope="module")
def maker() -> Iterator[ModuleType]:
    pytest.importorskip("torch", reason="torch is not installed: the page says which functions have a slope")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS))
        yield module("functions")


def test_the_page_is_current(maker: ModuleType) -> None:
    text = (DOCS / "functions.md").read_text(encoding="utf-8")
    counts, files = maker.read(text)
    assert text == maker.page(counts, files), "make it anew: python docs/functions.py"
    assert files >= 100
    assert counts["SUM"][0] > 100


def test_every_function_of_excel_is_known_or_has_a_reason() -> None:
    names = [name for text in module("excel_functions").FAMILIES.values() for name in text.split()]
    assert len(names) == len(set(names))
    assert len(names) > 520
    assert [name for name in names if name not in FUNCTIONS and name not in OUTSIDE] == []
    assert [name for name in FUNCTIONS if name not in names] == []
    assert set(FUNCTIONS) & set(OUTSIDE) == set()
    assert all(name in why_unknown(name) and "not known" not in why_unknown(name) for name in OUTSIDE)


def test_every_record_names_its_source() -> None:
    assert [name for name, record in FUNCTIONS.items() if not record.source.strip()] == []


@pytest.mark.parametrize(
    ("name", "arguments", "computed", "slope"),
    [
        ("SUM", "range [, ...]", "primitives", "yes"),
        ("MEDIAN", "range [, ...]", "arrays, spans", ""),
        ("INT", "number", "primitives", "0"),
        ("ATAN", "number", "primitives", "yes"),
        ("PI", "", "primitives", ""),
        ("SUMIF", "range, any [, sized]", "arrays, spans", ""),
        ("OFFSET", "reference, number, number [, number, number]", "rule", "yes"),
    ],
)
def test_what_a_row_says(maker: ModuleType, name: str, arguments: str, computed: str, slope: str) -> None:
    record = FUNCTIONS[name]
    assert (maker.arguments(record), maker.computed(record), maker.slope(record)) == (
        arguments,
        computed,
        slope,
    )


@pytest.mark.skipif(not FOLDER, reason="SHEETSIM_FUNCTIONS is not set: Excel's files are not at hand")
def test_cells_are_counted(maker: ModuleType) -> None:
    """A file's calls, as openpyxl reads them; the page counts at least as many."""
    openpyxl = pytest.importorskip("openpyxl")
    file = Path(FOLDER) / "DATE_AND_TIME" / "EOMONTH.xlsx"
    cells = [cell.value for sheet in openpyxl.load_workbook(file) for row in sheet for cell in row]
    calls = sum(isinstance(value, str) and "EOMONTH(" in value and value[0] == "=" for value in cells)
    assert maker.counted([file])["EOMONTH"] == (calls, 0)
    assert maker.read((DOCS / "functions.md").read_text())[0]["EOMONTH"][0] >= calls > 0
