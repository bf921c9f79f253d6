"""What the kernels of the gradient-descent lessons share on Python's side.

    KERNEL = Kernel("adam", path of kernel.cu, parameters, steps)
    KERNEL.compute(inputs)             every block of the workbook, in one run, for `check`
    launch(KERNEL, job, machine())     many runs in one launch; `sweep.py` is the convenient way

A *run* is one setting of the parameters; arrays are [..., runs] (see descent.cuh). The device is "cuda:0",
"host" (the same source as C++) or None for the best there is. `fused.py` has torch's step over large vectors.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.errors import SheetsimError
from sheetsim.gpu.device import machine
from sheetsim.gpu.machine import Buffer, KernelProgram, Machine
from sheetsim.lessons.descent._shared.spec import FIRST_ROW
from sheetsim.lessons.kit.catalogue import lesson as find_lesson
from sheetsim.lessons.kit.lesson import Block, Inputs, Lesson, Settings

Array = NDArray[np.float64]

# As in descent.cuh.
STATE = ("m_b", "m_a", "v_b", "v_a", "best")
SUMMARY = ("rmse", "b", "a", "lr", "err2_root")
ROLES = ("lesson", "torch")
JOB = (
    *("runs", "rows", "epochs", "dry_passes", "typed"),
    *("lesson_columns", "torch_columns", "summary_columns", "extras_columns", "state_columns"),
    *("x", "y", "parameters", "start", "dry", "lesson", "torch", "lesson_summary", "torch_summary"),
    *("extras", "lesson_end", "torch_end"),
)
FIRST_COLUMN = 2  # every table begins in column C
BLOCK = 128  # threads; runs are independent and use many registers


@dataclass(frozen=True)
class Job:
    """One launch: the points, the parameters [fields of Parameters, runs], typed start states [runs]."""

    x: Array
    y: Array
    epochs: int
    dry_passes: int
    parameters: Array
    start: dict[str, Array]
    torch: bool  # whether torch's rule is wanted


@dataclass(frozen=True)
class FusedStep:
    """A fused step: the kernel's names begin with `name` (step_float, step_double); `scalars` are its
    parameters in order, some of them worked out from the step's number; `state` the arrays it keeps."""

    scalars: tuple[str, ...]
    state: tuple[str, ...] = ()
    name: str = "step"


@dataclass(frozen=True)
class Kernel:
    """A lesson's kernel.cu. `parameters` are the fields of its struct Parameters, in order; `rules` names
    the tables side by side, each with a rule of its own."""

    lesson_name: str
    source: Path
    parameters: tuple[str, ...]
    steps: tuple[FusedStep, ...]
    rules: tuple[str, ...] = ("",)

    @property
    def lesson(self) -> Lesson:
        return find_lesson(self.lesson_name)

    @property
    def entries(self) -> tuple[str, ...]:
        """The names of all kernels of the file."""
        return ("run", *(f"{step.name}_{kind}" for step in self.steps for kind in ("float", "double")))

    def compute(self, inputs: Inputs, device: str | None = None) -> dict[str, Array]:
        """Every block of the workbook that the inputs allow, as float64 arrays of the blocks' shapes: without
        the torch sheet's parameters, none of torch's. Errors of the sheet are non-finite here."""
        names = self.parameters
        wants_torch = all(name in inputs for name in names if is_torch(name))
        job = Job(
            x=column(inputs, "x"),
            y=column(inputs, "y"),
            epochs=whole(inputs, "epochs", 1),
            dry_passes=whole(inputs, "dry_passes", 0),
            parameters=np.array([[number(inputs, name)] for name in names]),
            start={name: np.array([number(inputs, name)]) for name in STATE if name in inputs},
            torch=wants_torch,
        )
        settings: Settings = {"rows": len(job.x), "epochs": job.epochs, "dry_passes": job.dry_passes}
        blocks = [
            block
            for block in self.lesson.blocks(settings)
            if wants_torch or not (block.name.startswith("torch.") or block.name == "summary.torch")
        ]
        return cut_blocks(self, job, blocks, launch(self, job, machine(device), widths(blocks)))


@functools.cache
def load(kernel: Kernel, device: str) -> KernelProgram:
    """The kernel's program on the device of that name, compiled once."""
    return machine(device).load(kernel.source, kernel.entries)


def is_torch(name: str) -> bool:
    """Whether the parameter stands on the torch sheet only."""
    return name.startswith("torch_") or name in ("eps", "dampening", "lr_decay")


# -- inputs


def number(inputs: Inputs, name: str) -> float:
    """An input as a float; what is not given is an error to all that reads it."""
    value = inputs.get(name, np.nan)
    return float(np.asarray(value, dtype=float).reshape(-1)[0])


def whole(inputs: Inputs, name: str, otherwise: int) -> int:
    return int(number(inputs, name)) if name in inputs else otherwise


def column(inputs: Inputs, name: str) -> Array:
    if name not in inputs:
        raise SheetsimError(f"the data column {name} is missing")
    return np.ascontiguousarray(np.asarray(inputs[name], dtype=np.float64).reshape(-1))


# -- one launch


def widths(blocks: Sequence[Block]) -> dict[str, int]:
    """The columns of each table, and the number of cells outside the table, from the layout."""
    found = {"lesson": 0, "torch": 0, "extras": 0}
    for block in blocks:
        role = "torch" if block.name.startswith("torch.") else "lesson"
        if in_table(block):
            found[role] = max(found[role], block.rect.right - FIRST_COLUMN)
        elif is_extra(block):
            found["extras"] += block.rect.size
    return found


def in_table(block: Block) -> bool:
    return block.rect.top == FIRST_ROW and not block.name.startswith("summary.")


def is_extra(block: Block) -> bool:
    return block.name.startswith("lesson.") and not in_table(block) and block.name != "lesson.epoch_list"


def launch(kernel: Kernel, job: Job, device: Machine, columns: Mapping[str, int] | None) -> dict[str, Array]:
    """Runs the kernel: the summaries [epochs, SUMMARY x rules, runs] and end states [STATE x rules, runs] of
    each rule wanted, and, given their widths, the tables [rows, columns, runs] and extras [cells, runs]."""
    runs, rows, rules = job.parameters.shape[1], len(job.x), len(kernel.rules)
    if len(job.y) != rows:
        raise SheetsimError(f"x has {rows} points and y has {len(job.y)}")
    shapes: dict[str, tuple[int, ...]] = {}
    for role in ROLES if job.torch else ROLES[:1]:
        shapes[f"{role}_summary"] = (job.epochs, len(SUMMARY) * rules, runs)
        shapes[f"{role}_end"] = (len(STATE) * rules, runs)
        if columns:
            shapes[role] = (job.epochs * rows, columns[role], runs)
    if columns:
        shapes["dry"] = (job.dry_passes * rows, columns["lesson"], runs)
        shapes["extras"] = (columns["extras"], runs)
    results = {name: device.empty(shape, np.dtype(np.float64)) for name, shape in shapes.items()}

    start = np.zeros((len(STATE), runs))
    typed = 0
    for place, name in enumerate(STATE):
        if name in job.start:
            start[place] = job.start[name]
            typed |= 1 << place
    memory: dict[str, Buffer] = {
        "x": device.upload(job.x),
        "y": device.upload(job.y),
        "parameters": device.upload(job.parameters),
        "start": device.upload(start),
        **results,
    }
    fields: dict[str, int] = {
        **{"runs": runs, "rows": rows, "epochs": job.epochs, "dry_passes": job.dry_passes, "typed": typed},
        **{f"{table}_columns": width for table, width in (columns or {}).items()},
        "summary_columns": len(SUMMARY) * rules,
        "state_columns": len(STATE) * rules,
        **{name: buffer.address for name, buffer in memory.items()},
    }
    record = device.upload(np.array([fields.get(name, 0) for name in JOB], dtype=np.uint64))
    load(kernel, device.name).launch("run", runs, BLOCK, record)
    return {name: device.download(buffer) for name, buffer in results.items()}


def cut_blocks(
    kernel: Kernel, job: Job, blocks: Sequence[Block], results: dict[str, Array]
) -> dict[str, Array]:
    """The blocks of the only run, cut from its tables."""
    rows = len(job.x)
    tables = {
        "lesson": results["lesson"][:rows],
        "epochs": results["lesson"][rows:],
        "dry": results["dry"],
        "torch": results.get("torch"),
    }
    found: dict[str, Array] = {}
    place = 0
    for block in blocks:
        role = block.name.partition(".")[0]
        height, width = block.rect.bottom - block.rect.top, block.rect.right - block.rect.left
        table = tables.get(role)
        if role == "summary":
            which = block.name.removeprefix("summary.")
            cells = summary_cells(results[f"{which}_summary"], len(kernel.rules), width)
        elif block.name == "lesson.epoch_list":
            cells = results["lesson_summary"][1:, SUMMARY.index("err2_root"), 0]
        elif is_extra(block):
            cells = results["extras"][place : place + block.rect.size, 0]
            place += block.rect.size
        else:
            assert table is not None
            left = block.rect.left - FIRST_COLUMN
            cells = table[:, left : left + width, 0]
        found[block.name] = np.ascontiguousarray(cells.reshape(height, width))
    return found


def summary_cells(summary: Array, rules: int, width: int) -> Array:
    """Each rule's first columns, side by side."""
    epochs = len(summary)
    return summary[:, :, 0].reshape(epochs, rules, len(SUMMARY))[:, :, : width // rules]


@functools.cache
def kernel_of(lesson: str) -> Kernel:
    """The kernel of the lesson of that name."""
    kernel: Kernel = find_lesson(lesson).implementation("kernel").KERNEL
    return kernel
