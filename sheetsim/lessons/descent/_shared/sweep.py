"""Many runs of a lesson in one launch, each with its own parameters: a grid of learning rates, say.

found = sweep("adam", lr=np.geomspace(1e-3, 1, 1000))
found["lesson.rmse"][-1]           the last epoch's error, one number a run
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sheetsim.errors import SheetsimError
from sheetsim.gpu.device import machine
from sheetsim.lessons.descent._shared.kernel import (
    ROLES,
    STATE,
    SUMMARY,
    Array,
    Job,
    column,
    kernel_of,
    launch,
)
from sheetsim.lessons.kit.lesson import Inputs, Lesson


def sweep(
    lesson: str,
    inputs: Inputs | None = None,
    device: str | None = None,
    **varied: Sequence[float] | Array,
) -> dict[str, Array]:
    """`varied` gives parameters an array of one value a run, all of one length. Other parameters, the points
    x and y and the start state come from `inputs`, and what is not there from the lesson's defaults; a
    parameter that follows a varied one varies with it.

    Returns "lesson.rmse", "lesson.b", "lesson.a", "lesson.lr", and the same for "torch", each [epochs, runs];
    in weight_decay with the table's name after it ("lesson.rmse.adam_l2"). b and a are what the next epoch
    starts from. SheetsimError: an unknown name, a value out of its limits, arrays of different lengths."""
    kernel, given = kernel_of(lesson), inputs or {}
    arrays = {name: np.asarray(value, dtype=np.float64).reshape(-1) for name, value in varied.items()}
    counts = {len(array) for array in arrays.values()} or {1}
    if len(counts) > 1 or 0 in counts:
        raise SheetsimError("sweep: give each varied parameter one value a run, all the same number of them")
    runs = counts.pop()
    values = full_settings(kernel.lesson, given, arrays)
    counted = {name: int(values[name][0]) for name in kernel.lesson.structural if name in values}
    points = (
        given if "x" in given else kernel.lesson.make_data({name: float(n) for name, n in counted.items()})
    )
    job = Job(
        x=column(points, "x"),
        y=column(points, "y"),
        epochs=counted["epochs"],
        dry_passes=counted.get("dry_passes", 0),
        parameters=np.array([np.broadcast_to(values[name], (runs,)) for name in kernel.parameters]),
        start={
            name: np.broadcast_to(np.asarray(given[name], float), (runs,)) for name in STATE if name in given
        },
        torch=True,
    )
    results = launch(kernel, job, machine(device), None)
    found: dict[str, Array] = {}
    for role in ROLES:
        summary = results[f"{role}_summary"].reshape(job.epochs, len(kernel.rules), len(SUMMARY), runs)
        for place, rule in enumerate(kernel.rules):
            for which, name in enumerate(("rmse", "b", "a", "lr")):
                found[".".join(filter(None, (role, name, rule)))] = summary[:, place, which]
    return found


def full_settings(lesson: Lesson, given: Inputs, varied: Mapping[str, Array]) -> dict[str, Array]:
    """A value for each parameter, one a run or one for all: varied, given, followed or the default."""
    for name, array in varied.items():
        parameter = lesson.parameter(name)
        if name in ("rows", "epochs", "seed", "dry_passes"):
            raise SheetsimError(f"sweep: {name} is the same for all runs: put it into inputs")
        for end in (array.min(), array.max()):
            parameter.read(end)
    values: dict[str, Array] = {}
    for parameter in lesson.parameters:
        if parameter.name in varied:
            values[parameter.name] = varied[parameter.name]
        elif parameter.name in given:
            values[parameter.name] = np.array([parameter.read(given[parameter.name])], dtype=np.float64)
        elif parameter.follows:
            values[parameter.name] = values[parameter.follows]
        else:
            values[parameter.name] = np.array([parameter.default], dtype=np.float64)
    return values
