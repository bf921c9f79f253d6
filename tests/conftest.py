"""Fixtures that many tests share: where the course's own workbooks are."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def lessons_dir() -> Path:
    """The folder of the courses' original workbooks, saved by real Excel."""
    folder = os.environ.get("SHEETSIM_LESSONS")
    if not folder:
        pytest.skip("SHEETSIM_LESSONS is not set: the courses' workbooks are not at hand")
    return Path(folder)
