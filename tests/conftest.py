"""Fixtures that many tests share: where the course's own workbooks are."""

from pathlib import Path

import pytest

from tests.folders import shared_folder


@pytest.fixture(scope="session")
def lessons_dir() -> Path:
    """The folder of the courses' original workbooks, saved by real Excel."""
    return shared_folder("SHEETSIM_LESSONS")
