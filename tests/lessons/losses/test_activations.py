"""activations: torch's own modules and autograd, finite differences, the figures of the about page."""

import numpy as np
import pytest
import torch
from torch import nn

from sheetsim import check
from sheetsim.errors import SheetsimError
from sheetsim.lessons.losses.activations import FUNCTIONS
from sheetsim.public_lesson import lesson
from tests.checking.packages import edit_cell
from tests.lessons.losses.cases import inputs, same, tell

NAME = "activations"
BY_IMPLEMENTATION = pytest.mark.parametrize("implementation", ["arrays", "reference", "kernel"])
MODULES = (
    nn.ReLU(),
    nn.LeakyReLU(0.2),
    nn.Sigmoid(),
    nn.Tanh(),
    nn.SiLU(),
    nn.GELU(approximate="tanh"),
    nn.Mish(),
)


@BY_IMPLEMENTATION
def test_torch_modules(implementation: str) -> None:
    """Values to a few units of the last place of the largest; slopes by autograd."""
    found = tell(NAME, implementation, inputs(NAME, negative_slope=0.2))
    for place, module in enumerate(MODULES):
        x = torch.tensor(found["x"][:, 0], requires_grad=True)
        value = module(x)
        value.sum().backward()
        assert np.abs(found["values"][:, place] - value.detach().numpy()).max() < 1e-14
        assert np.abs(found["slopes"][:, place] - x.grad.numpy()).max() < 1e-14
    exact = nn.GELU()(torch.tensor(found["x"][:, 0])).numpy()
    assert np.abs(found["exact"][:, 0] - exact).max() <= 0.5e-5


@pytest.mark.parametrize(
    "given",
    [
        {"signal": 3},
        {"signal": -50, "negative_slope": 0},
        {"x0": 0, "function": "relu", "h": 1},
        {"low": -50, "step": 1, "rows": 400},
        {"low": 0, "step": 0.001, "rows": 5},
        {"negative_slope": 1, "function": "mish", "x0": 50},
    ],
)
def test_the_implementations_agree(given: dict) -> None:
    same(NAME, inputs(NAME, **given))


@pytest.mark.parametrize(
    "given",
    [
        {"low": -50, "rows": 12, "step": 0.25},
        {"low": -10, "rows": 12},
        {"step": 0.001, "rows": 12},
        {"x0": -10, "negative_slope": 0, "function": "tanh", "h": 0.001},
        {"x0": -7, "negative_slope": 0, "function": "gelu", "h": 0.001, "low": -9, "rows": 5},
    ],
)
def test_what_is_left_where_nearly_all_cancels_is_rounding(given: dict, tmp_path) -> None:
    """Far below 0 1+TANH(u) is a few units of TANH's last place, and another library has another."""
    made = lesson(NAME).export(tmp_path / "far.xlsx", **given)
    outcome = check(made, against="recalc,arrays,torch,kernel")
    assert outcome.passed, str(outcome)
    outcome = check(edit_cell(made, tmp_path / "wrong.xlsx", NAME, "G11", value="-3e-9"), against="torch")
    assert not outcome.passed


@pytest.mark.parametrize("x0", [-3.3, -0.7, 0.4, 2.1])
def test_slopes_are_those_of_finite_differences(x0: float) -> None:
    found = tell(NAME, "arrays", inputs(NAME, x0=x0, h=0.001))
    assert np.abs(found["estimate"] - found["slope"]).max() < 1e-6


def test_each_function_can_be_chosen(tmp_path) -> None:
    """By its word in the workbook, and all judges still agree."""
    for place, name in enumerate(FUNCTIONS):
        found = same(NAME, inputs(NAME, function=name))
        assert found["chosen"][0, 0] == place + 1
        assert (found["tangent"][:, 1] == found["values"][:, place]).all()
    path = lesson(NAME).export(tmp_path / "activations.xlsx", function="mish", rows=9, x0=0.5)
    outcome = check(path, against="recalc,arrays,torch,kernel")
    assert outcome.passed, str(outcome)


@pytest.mark.parametrize("judge", ["arrays", "torch", "kernel"])
def test_a_wrong_cell_is_found(judge: str, tmp_path) -> None:
    path = lesson(NAME).export(tmp_path / "activations.xlsx")
    wrong = edit_cell(path, tmp_path / "wrong.xlsx", NAME, "R20", value="0.1")
    outcome = check(wrong, against=judge)
    assert [one.cell for one in outcome.mismatches] == [f"{NAME}!R20"]


def test_figures_of_the_about_page() -> None:
    found = tell(NAME, "arrays", inputs(NAME))
    sigmoid = FUNCTIONS.index("sigmoid")
    assert f"{found['slopes'][-1, sigmoid]:.4f}" == "0.0177"
    assert f"{found['passed'][-1, 2]:.0e} {found['passed'][-1, 3]:.2f}" == "3e-07 0.04"
    assert (found["passed"][-1, 0], np.abs(found["exact"][:, 1]).max() < 0.0005) == (1, True)
    fine = tell(NAME, "arrays", inputs(NAME, low=-2, step=0.005, rows=400))
    lowest = {
        name: fine["x"][fine["values"][:, FUNCTIONS.index(name)].argmin(), 0] for name in ("gelu", "silu")
    }
    assert lowest == {"gelu": pytest.approx(-0.75), "silu": pytest.approx(-1.28)}
    kink = tell(NAME, "arrays", inputs(NAME, x0=0, function="relu"))
    assert (kink["estimate"][0, 0], kink["slope"][0, 0]) == (0.5, 0)
    assert tell(NAME, "arrays", inputs(NAME, signal=-1))["passed"][-1, 0] == 0
    assert tell(NAME, "arrays", inputs(NAME, signal=3))["passed"][-1, 3].round(4) == 0.0005


@pytest.mark.parametrize(
    ("given", "said"),
    [({"function": "relu6"}, "one of relu"), ({"step": 0}, "at least"), ({"rows": 3}, "at least 5")],
)
def test_bad_settings(given: dict, said: str, tmp_path) -> None:
    with pytest.raises(SheetsimError, match=said) as caught:
        lesson(NAME).export(tmp_path / "x.xlsx", **given)
    assert "\n" not in str(caught.value)
