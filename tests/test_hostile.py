"""Workbooks made to hurt: of each one line, or what of it can be computed, in bounded time and room."""

from pathlib import Path

import pytest

from tests.folders import shared_folder, workbooks
from tests.limited import needs_posix, run_limited

pytestmark = needs_posix


@pytest.mark.parametrize("name", workbooks("SHEETSIM_HOSTILE"))
def test_recalc_is_fair(name: str, tmp_path: Path) -> None:
    run_limited("recalc", shared_folder("SHEETSIM_HOSTILE") / name, folder=tmp_path).is_fair()


@pytest.mark.parametrize("name", ["solver_num_1e9.xlsx", "solver_typ_nan.xlsx"])
@pytest.mark.parametrize("words", [("--list",), ("--list", "--json"), ()])
def test_stored_problems_are_fair(name: str, words: tuple[str, ...], tmp_path: Path) -> None:
    done = run_limited("solve", shared_folder("SHEETSIM_HOSTILE") / name, *words, folder=tmp_path)
    done.is_fair()
    assert "solver_" in done.out + done.err


@pytest.mark.parametrize("objective", ["S!A2", "S!A1"])
@pytest.mark.parametrize("method", ["auto", "slsqp"])
def test_a_problem_without_end_is_fair(objective: str, method: str, tmp_path: Path) -> None:
    file = shared_folder("SHEETSIM_HOSTILE") / "unbounded.xlsx"
    words = ("--objective", objective, "--changing", "S!A1", "--method", method, "--json")
    done = run_limited("solve", file, *words, folder=tmp_path)
    done.is_fair()
    assert done.code == 2
