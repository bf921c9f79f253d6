"""The parameters that gradient-descent lessons have in common, with their limits."""

from __future__ import annotations

from sheetsim.address import MAX_ROWS
from sheetsim.lessons.kit.lesson import Parameter

ROWS = Parameter("rows", 29, "how many points, a row each", 2, MAX_ROWS - 8, integer=True)
EPOCHS = Parameter("epochs", 10, "how many passes over the points", 1, 10_000, integer=True)
SEED = Parameter(
    "seed", 1, "start of the generator that makes the default points", 1, 2147483646, integer=True
)
B = Parameter("b", 1, "intercept at the start")
A = Parameter("a", 1, "slope at the start")


def lr(default: float) -> Parameter:
    return Parameter("lr", default, "learning rate", 0, 1e6, open=True)


def dry_passes(default: int) -> Parameter:
    return Parameter(
        "dry_passes",
        default,
        "passes before epoch 1 in which only the averages are kept",
        0,
        10,
        integer=True,
    )


MOST_KEPT = 0.9999  # nearer to 1, 1-beta^t is made of what beta^t was rounded by


def fraction(name: str, default: float, help: str, follows: str | None = None) -> Parameter:
    """A parameter that says how much an average keeps."""
    return Parameter(name, default, help, 0, MOST_KEPT, follows=follows)


def eps(default: float) -> Parameter:
    return Parameter("eps", default, "keeps torch's division from dividing by zero", 0, 1)


def torch_lr(default: float) -> Parameter:
    """For a rule that needs another learning rate in torch's convention than in the lesson's."""
    return Parameter("torch_lr", default, "learning rate on the torch sheet", 0, 1e6, open=True)


TORCH_LR = Parameter("torch_lr", 0, "learning rate on the torch sheet", 0, 1e6, open=True, follows="lr")
M0 = Parameter("m0", 0, "running average of gradients before the dry passes")
V0 = Parameter("v0", 10000, "running average of squared gradients before the dry passes", 0)
