"""Folders of workbooks outside the repository, each named by an environment variable (CONTRIBUTING.md).

A test that needs one is skipped, with the reason, where the variable is not set. In CI that is a
failure: else what these folders prove would go unproved unseen.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDERS = {
    "SHEETSIM_LESSONS": "the courses' workbooks",
    "SHEETSIM_OOXML": "the schemas of the file format",
    "SHEETSIM_FUNCTIONS": "workbooks in which Excel worked out its functions",
    "SHEETSIM_CASES": "workbooks on which a reader or an engine was once wrong",
    "SHEETSIM_HOSTILE": "workbooks made to hurt",
}


def shared_folder(variable: str) -> Path:
    """The folder; else the test that asks is skipped, or fails in CI."""
    named = os.environ.get(variable)
    if named and Path(named).is_dir():
        return Path(named)
    missing = f"{variable} names no folder ({FOLDERS[variable]})"
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(missing)
    pytest.skip(missing)


def workbooks(variable: str) -> list[str]:
    """The workbooks in the folder, by their paths in it, for `parametrize`: ["none"] where there are none, so
    that a test that asks for `shared_folder(variable)` first is skipped or fails by name."""
    named = os.environ.get(variable)
    found = Path(named).rglob("*.xls[xm]") if named else ()
    return sorted(path.relative_to(named or "").as_posix() for path in found) or ["none"]
