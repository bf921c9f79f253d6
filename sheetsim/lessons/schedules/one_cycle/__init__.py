"""`one_cycle`: the learning rate goes up and down once in a training run, the momentum down and up.

The idea is Smith and Topin's (Super-Convergence, arXiv:1708.07120). Two programs made it known, and they
differ in the details: fastai 2's `fit_one_cycle` (callback/schedule.py, `combined_cos`) and PyTorch's
`torch.optim.lr_scheduler.OneCycleLR`. Both are here, each on a sheet of its own, beside a constant learning
rate; all three fit y = a*x + b, a point a step, by torch's SGD with momentum or Adam.

Sheets: `one_cycle` (fastai's), `one_cycle torch`, `one_cycle constant`: a table each, of the same columns,
whose first row is the state at the start. `one_cycle points`: x and y. `one_cycle summary`: a row an epoch.
"""

from __future__ import annotations

from collections.abc import Mapping

from sheetsim.address import MAX_ROWS, Rect, column_index
from sheetsim.lessons.descent._shared import points
from sheetsim.lessons.descent._shared.parameters import MOST_KEPT, SEED, A, B
from sheetsim.lessons.descent._shared.points import make_points
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Parameter, Settings

NAME = "one_cycle"
POINTS, SUMMARY = f"{NAME} points", f"{NAME} summary"
SHEETS = {"fastai": NAME, "torch": f"{NAME} torch", "constant": f"{NAME} constant"}
FIRST_ROW = 11  # row 12, counted from 0; row 11 holds the start
OPTIMIZERS = ("sgd", "adam")
ANNEALS = ("cos", "linear")

_LR = (1e-4, 0.1, 1, 2, 3)


def _fraction(name: str, default: float, help: str, tries: tuple[float, ...]) -> Parameter:
    return Parameter(name, default, help, 0, MOST_KEPT, tries=tries)


def _div(name: str, default: float, help: str) -> Parameter:
    return Parameter(name, default, help, 1, 1e12, tries=(1, 10, 25, 1e4, 1e5))


_MOMENTA = (0, 0.8, 0.85, 0.9, 0.95)
_PARTS = (0.05, 0.25, 0.3, 0.5, 0.9)
PARAMETERS = (
    Parameter("rows", 29, "how many points there are", 2, MAX_ROWS - 16, integer=True),
    Parameter("epochs", 10, "how many passes over the points", 1, 10_000, integer=True),
    SEED,
    Parameter("optimizer", 1, "what takes the steps", integer=True, choices=OPTIMIZERS),
    B,
    A,
    Parameter("lr_max", 1, "learning rate at the top of the cycle", 0, 1e6, open=True, tries=_LR),
    _div("div", 25, "the first lr is lr_max/div"),
    _div("div_final", 1e5, "the lr goes down towards lr_max/div_final"),
    Parameter("pct_start", 0.25, "part of the steps in which lr goes up", 0.01, 0.99, tries=_PARTS),
    Parameter(
        "anneal", 0, "how lr and momentum go from one value to the next", integer=True, choices=ANNEALS
    ),
    _fraction("mom_high", 0.95, "momentum where lr is low", _MOMENTA),
    _fraction("mom_low", 0.85, "momentum where lr is at the top", _MOMENTA),
    _fraction("beta2", 0.999, "Adam: how much of the average of squares a step keeps", (0.9, 0.99, 0.999)),
    Parameter("eps", 1e-8, "Adam: keeps the division from dividing by zero", 0, 1),
    Parameter("torch_lr_max", 1, "max_lr of OneCycleLR", 0, 1e6, open=True, follows="lr_max", tries=_LR),
    _div("div_factor", 25, "the first lr is max_lr/div_factor"),
    _div("final_div_factor", 1e4, "the last lr is the first one/final_div_factor"),
    Parameter("torch_pct_start", 0.3, "part of the steps in which lr goes up", 0.01, 0.99, tries=_PARTS),
    Parameter(
        *("torch_anneal", 0, "anneal_strategy of OneCycleLR"), integer=True, follows="anneal", choices=ANNEALS
    ),
    _fraction("max_momentum", 0.95, "momentum where lr is low", _MOMENTA),
    _fraction("base_momentum", 0.85, "momentum where lr is at the top", _MOMENTA),
    Parameter("lr", 1, "the learning rate that stays", 0, 1e6, open=True, follows="lr_max", tries=_LR),
    _fraction("momentum", 0.9, "the momentum that stays", _MOMENTA),
)

CELLS: Mapping[str, Mapping[str, str]] = {
    NAME: {
        **{"lr_max": "C2", "div": "C3", "div_final": "C4", "pct_start": "C5", "anneal": "C6"},
        **{"mom_high": "F2", "mom_low": "F3", "beta2": "F4", "eps": "F5", "b": "I2", "a": "I3"},
    },
    SHEETS["torch"]: {
        **{"torch_lr_max": "C2", "div_factor": "C3", "final_div_factor": "C4", "torch_pct_start": "C5"},
        **{"torch_anneal": "C6", "max_momentum": "F2", "base_momentum": "F3"},
    },
    SHEETS["constant"]: {"lr": "C2", "momentum": "F2"},
}
"""Where each parameter stands."""

COLUMNS: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "phase": ("D", ("phase", "pct", "way"), "1 up, 2 down; part of the phase that is gone; of the way"),
    "schedule": ("G", ("lr", "momentum"), "learning rate and momentum of the step"),
    "param": ("I", ("b", "a"), "intercept and slope before the step"),
    "pred": ("K", ("pred",), "prediction"),
    "grad": ("L", ("de/db", "de/da"), "gradients of the squared error"),
}
AVERAGES: Mapping[str, Mapping[str, tuple[str, tuple[str, ...], str]]] = {
    "sgd": {
        "buf": ("N", ("buf b", "buf a"), "SGD's momentum buffers"),
        "step": ("P", ("new b", "new a"), "intercept and slope after the step"),
    },
    "adam": {
        "m": ("N", ("m b", "m a"), "averages of the gradients"),
        "v": ("P", ("v b", "v a"), "averages of their squares"),
        "correction": ("R", ("1-beta1^t", "1-beta2^t"), "Adam's bias corrections"),
        "step": ("T", ("new b", "new a"), "intercept and slope after the step"),
    },
}


def optimizer_of(settings: Mapping[str, float]) -> str:
    return OPTIMIZERS[int(settings["optimizer"])]


def inputs(settings: Settings) -> list[Input]:
    """x and y on the sheet of points, the parameters above the tables."""
    rows = int(settings["rows"])
    left_out = () if optimizer_of(settings) == "adam" else ("beta2", "eps")
    return [
        Input("x", POINTS, Rect(3, 0, 3 + rows, 1), form="column"),
        Input("y", POINTS, Rect(3, 1, 3 + rows, 2), form="column"),
        *(
            Input(name, sheet, Rect.parse(cell))
            for sheet, cells in CELLS.items()
            for name, cell in cells.items()
            if name not in left_out
        ),
    ]


def blocks(settings: Settings) -> list[Block]:
    """The three tables' columns, and a row an epoch of each."""
    epochs = int(settings["epochs"])
    bottom = FIRST_ROW + int(settings["rows"]) * epochs
    groups = {**COLUMNS, **AVERAGES[optimizer_of(settings)]}
    found = []
    for role, sheet in SHEETS.items():
        for name, (letter, headings, title) in groups.items():
            left = column_index(letter)
            if (role, name) != ("constant", "phase"):
                rect = Rect(FIRST_ROW, left, bottom, left + len(headings))
                found.append(Block(f"{role}.{name}", sheet, rect, title, headings))
    for place, role in enumerate(SHEETS):
        rect = Rect(3, 1 + 4 * place, 3 + epochs, 5 + 4 * place)
        found.append(
            Block(
                f"summary.{role}", SUMMARY, rect, f"epochs with {role}'s lr", ("rmse", "b", "a", "highest lr")
            )
        )
    return found


def choose(given: Mapping[str, object], sources: Mapping[str, str]) -> tuple[Settings, Data, list[str]]:
    """The points from a CSV file, where one is given."""
    return points.choose(LESSON, given, sources)


LESSON = Lesson(
    name=NAME,
    title="One cycle: the learning rate goes up and down, the momentum down and up",
    line="fastai's fit_one_cycle and torch's OneCycleLR step by step, against a learning rate that stays.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=make_points,
    data=("x", "y"),
    conventions=(
        "The two schedules differ in three things. fastai counts a step's place as t/N, torch as t/(N-1), so "
        "that fastai's last step is still a little above the final learning rate. The rise takes 25% of the "
        "steps in fastai, 30% in torch. The final learning rate is lr_max/div_final in fastai, "
        "max_lr/div_factor/final_div_factor in torch: with 25, torch's 1e4 is fastai's 2.5e5."
    ),
    structural=("rows", "epochs", "seed", "optimizer"),
    sources=("data",),
    choose=choose,
)
