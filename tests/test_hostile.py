"""Workbooks made to hurt: of each one line, or what of it can be computed, in bounded time and room."""

from pathlib import Path

import pytest

from tests.folders import shared_folder, workbooks
from tests.limited import needs_posix, run_limited

pytestmark = needs_posix


@pytest.mark.parametrize("name", workbooks("SHEETSIM_HOSTILE"))
def test_recalc_is_fair(name: str, tmp_path: Path) -> None:
    run_limited("recalc", shared_folder("SHEETSIM_HOSTILE") / name, folder=tmp_path).is_fair()
