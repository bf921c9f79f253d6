"""The courses' workbooks and our exports as the losses' tests need them."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim import check
from sheetsim.checking.outcome import Outcome
from sheetsim.lessons.kit.catalogue import lesson

Blocks = dict[str, NDArray[np.float64]]
IMPLEMENTATIONS = ("arrays", "reference", "kernel")


def inputs(name: str, **given: Any) -> dict[str, Any]:
    """What an export with these settings or data holds as inputs."""
    found = lesson(name)
    settings = found.settings({key: value for key, value in given.items() if key not in found.data})
    data = found.make_data(settings)
    return settings | data | {key: np.array(given[key]) for key in data if key in given}


def tell(name: str, implementation: str, found: dict[str, Any]) -> Blocks:
    compute = lesson(name).implementation(implementation).compute
    blocks: Blocks = compute(found, "host") if implementation == "kernel" else compute(found)
    return blocks


def same(name: str, found: dict[str, Any], tolerance: float = 1e-12) -> Blocks:
    """All implementations agree to a share of the largest in the column, and have their NaN in the same
    cells; what NumPy says."""
    told = {implementation: tell(name, implementation, found) for implementation in IMPLEMENTATIONS}
    for key, values in told["arrays"].items():
        scale = np.abs(np.nan_to_num(values)).max(axis=0)
        for implementation in IMPLEMENTATIONS[1:]:
            other = told[implementation][key]
            assert other.shape == values.shape, (key, implementation)
            assert (np.isfinite(other) == np.isfinite(values)).all(), (key, implementation, values, other)
            near = np.abs(other - values) <= tolerance * scale
            assert (near | ~np.isfinite(values)).all(), (key, implementation, values, other)
    return told["arrays"]


def check_original(
    path: Path,
    name: str,
    sheet: str,
    cells: int,
    exact: tuple[str, ...] = ("recalc", "arrays", "kernel"),
) -> Outcome:
    """The course's sheet against all implementations: so many cells, those judges to the bit."""
    judges = ["recalc", "arrays", "torch", "kernel"]
    outcome = check(path, model=name, sheet=sheet, against=judges)
    assert outcome.passed, str(outcome)
    for judge in judges:
        assert sum(block.by_rounding for block in outcome[judge].blocks) == 0
        if judge in exact:
            assert outcome[judge].bit_identical == outcome[judge].cells
    assert outcome["arrays"].cells == cells
    return outcome
