"""Workbooks to check: each lesson exported once a session."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from sheetsim.checking import libreoffice
from sheetsim.lessons.kit.catalogue import lesson
from sheetsim.lessons.kit.export import export

Exported = Callable[[str], Path]


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """exported("adam"): the path of that lesson's workbook with default settings. Do not write to it."""
    folder = tmp_path_factory.mktemp("exported")

    @cache
    def of(name: str) -> Path:
        return export(lesson(name), folder / f"{name}.xlsx")

    return of


@pytest.fixture
def saved_by_libreoffice(tmp_path: Path) -> Callable[[Path], Path]:
    """saved_by_libreoffice(path): a copy recalculated and saved by LibreOffice."""
    if libreoffice.program() is None:
        pytest.skip("LibreOffice is not installed")

    def save(path: Path) -> Path:
        folder = tmp_path / f"saved {path.stem}"
        folder.mkdir()
        return libreoffice.save(path, folder)

    return save
