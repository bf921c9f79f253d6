"""The course's graddesc.xlsm as inputs and blocks of our lessons, and a comparer that names what differs.

The values are those that real Excel stored (saved by the course's authors, calculation id 191029, 2019).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openpyxl
from numpy.typing import NDArray

from sheetsim.lessons.kit.catalogue import FAMILIES, lesson
from sheetsim.lessons.kit.lesson import Lesson

Blocks = dict[str, NDArray[np.float64]]
DESCENT = FAMILIES["Gradient descent"]
ORIGINALS = ("sgd", "momentum", "rmsprop", "adam", "adam_ann")
RESET = {"b": 1.0, "a": 1.0, "m0": 0.0, "v0": 10000.0}

VARIANTS: tuple[dict[str, float], ...] = (
    {},
    {"epochs": 1},
    {"rows": 5, "epochs": 3},
    {"dry_passes": 0},
    {"dry_passes": 1, "epochs": 2},
)
"""Settings that change which blocks there are, and how large."""


def default_inputs(name: str, **given: float) -> dict:
    """What an export with these settings (those that the lesson has) holds as inputs."""
    found = lesson(name)
    known = {parameter.name for parameter in found.parameters}
    settings = found.settings({key: value for key, value in given.items() if key in known})
    return settings | found.make_data(settings)


@dataclass
class Original:
    """A sheet of the course: the lesson's inputs as typed there, the stored values of its blocks, and the
    cells by address."""

    lesson: Lesson
    inputs: dict[str, float | NDArray[np.float64]]
    blocks: Blocks
    sheet: openpyxl.worksheet.worksheet.Worksheet

    def __getitem__(self, cell: str) -> float:
        return float(self.sheet[cell].value)

    def from_reset(self, epochs: int, dry_passes: int, **more: float) -> dict:
        """The inputs after the macro `reset`: the sheet's points and constants, no typed state."""
        state = {"m_b", "m_a", "v_b", "v_a", "best"}
        kept = {key: value for key, value in self.inputs.items() if key not in state}
        return kept | RESET | {"epochs": epochs, "dry_passes": dry_passes} | more


def original(folder: Path, name: str) -> Original:
    found = lesson(name)
    book = openpyxl.load_workbook(folder / "course-v3" / "graddesc.xlsm", data_only=True, read_only=False)
    sheet = book[found.original_sheet]
    settings = found.settings({"rows": 29, "epochs": 1} | ({} if name == "sgd" else {"dry_passes": 0}))

    def read(rect: object) -> NDArray[np.float64]:
        cells = sheet[str(rect)]
        rows = cells if isinstance(cells, tuple) else ((cells,),)
        return np.array([[cell.value for cell in row] for row in rows], np.float64)

    inputs: dict = {}
    for place in found.inputs(settings):
        if place.sheet == name:
            values = read(place.rect)
            inputs[place.name] = values[:, 0] if place.name in ("x", "y") else float(values[0, 0])
    blocks = {block.name: read(block.rect) for block in found.blocks(settings) if block.sheet == name}
    return Original(found, inputs, blocks, sheet)


def ulps(stored: NDArray[np.float64], told: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many float64 numbers apart: 0 for the same bits, 1 for neighbours."""

    def ordered(x: NDArray[np.float64]) -> NDArray[np.int64]:
        bits = (x + 0.0).view(np.int64)
        return np.where(bits < 0, np.int64(-(2**63)) - bits, bits)

    return np.abs(ordered(stored) - ordered(told))


def compare(stored: Blocks, told: Blocks, ulp: int | None = None, column: float = 0.0) -> int:
    """How many cells are bit-identical; AssertionError naming the first one that is further apart than
    `ulp`, or than `column` times the largest magnitude in its column."""
    assert stored.keys() <= told.keys(), f"not told: {stored.keys() - told.keys()}"
    same = 0
    for name, expected in stored.items():
        found = np.ascontiguousarray(told[name])
        assert found.shape == expected.shape, f"{name}: {found.shape}, should be {expected.shape}"
        assert np.isfinite(expected).all(), f"{name} has errors"
        apart = ulps(np.ascontiguousarray(expected), found)
        near = np.abs(found - expected) <= column * np.abs(expected).max(axis=0)
        bad = np.argwhere(~near if ulp is None else apart > ulp)
        if len(bad):
            row, place = bad[0]
            raise AssertionError(
                f"{name} row {row} column {place}: {found[row, place]!r}, should be "
                f"{expected[row, place]!r} ({apart[row, place]} ulp; {len(bad)} cells differ)"
            )
        same += int((apart == 0).sum())
    return same
