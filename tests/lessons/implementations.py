"""A lesson's four implementations of the same inputs, for any settings: the sheet computed by our engine,
the others called as `check` calls them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.kit.export import choose
from sheetsim.lessons.kit.lesson import Data, Lesson, Settings
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import Calculation, calculate
from sheetsim.values import NUMBER

Blocks = dict[str, NDArray[np.float64]]


def inputs_of(lesson: Lesson, settings: Settings, data: Data) -> dict[str, Any]:
    """What `check` would read from the workbook."""
    return {**{key: data.get(key, settings.get(key)) for key in (*settings, *data)}}


def sheet(lesson: Lesson, settings: Settings, data: Data) -> tuple[Calculation, Blocks]:
    """The workbook computed, and its blocks; NaN where a cell holds no number."""
    book = lesson.implementation("sheet").build(settings, data)
    found = calculate(book, make_plan(book))
    blocks = {}
    for block in lesson.blocks(settings):
        values = found.block(block.sheet, block.rect)
        blocks[block.name] = np.where(values.kind_array() == NUMBER, values.numbers, np.nan)
    return found, blocks


def tell(lesson: Lesson, data: Data | None = None, **given: object) -> dict[str, Blocks]:
    """Every implementation's blocks, with some data and parameters other than the lesson's own."""
    settings, own, _ = choose(lesson, given, {})
    own |= data or {}
    inputs = inputs_of(lesson, settings, own)
    told = {name: lesson.implementation(name).compute(inputs) for name in ("arrays", "reference")}
    told["kernel"] = lesson.implementation("kernel").compute(inputs, "host")
    return told | {"sheet": sheet(lesson, settings, own)[1]}


def same(told: dict[str, Blocks], *, exactly: bool = False) -> None:
    """Sheet, arrays and kernel bit for bit; torch so too, or within 1e-12 of the largest in the block."""
    for name, want in told["sheet"].items():
        for implementation in ("arrays", "kernel"):
            np.testing.assert_array_equal(
                told[implementation][name], want, err_msg=f"{implementation} {name}"
            )
        found = told["reference"][name]
        scale = 0 if exactly else 1e-12 * np.abs(np.nan_to_num(want)).max(initial=0)
        np.testing.assert_allclose(found, want, rtol=0, atol=scale, err_msg=f"torch {name}")
