"""The kernels of the descent lessons, as C++ (and on a GPU where there is one): against the values that Excel
stored, against torch.optim and against the arrays."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.gpu.compile import find_compiler
from sheetsim.gpu.device import find_device, no_gpu
from sheetsim.lessons.descent._shared.fused import fused_step
from sheetsim.lessons.descent._shared.kernel import JOB, STATE, kernel_of
from sheetsim.lessons.descent._shared.sweep import sweep
from sheetsim.lessons.kit.catalogue import lesson
from tests.lessons.descent.course import DESCENT

pytestmark = pytest.mark.skipif(not (find_compiler() and find_device().device), reason="no C++ compiler")
ORIGINALS = [name for name in DESCENT if lesson(name).original_sheet]
Array = NDArray[np.float64]


def compute(name: str, device: str = "host", **changes: float) -> dict[str, Array]:
    """All blocks at the default settings, changed."""
    settings = lesson(name).settings(changes)
    return kernel_of(name).compute({**settings, **lesson(name).make_data(settings)}, device)


# -- what Excel stored in the course's own workbook


class Original:
    """A sheet of graddesc.xlsm, saved by real Excel: formulas and the values that it stored."""

    def __init__(self, folder: Path, name: str) -> None:
        openpyxl = pytest.importorskip("openpyxl")
        file = folder / "course-v3" / "graddesc.xlsm"
        title = lesson(name).original_sheet
        self.name = name
        self.values, self.formulas = (
            openpyxl.load_workbook(file, data_only=stored)[title] for stored in (True, False)
        )

    def __getitem__(self, address: str) -> float:
        return float(self.values[address].value)

    def is_formula(self, row: int, column: int) -> bool:
        return str(self.formulas.cell(row + 1, column + 1).value).startswith("=")

    def block(self, rect: Rect) -> Array:
        rows = self.values.iter_rows(rect.top + 1, rect.bottom, rect.left + 1, rect.right, values_only=True)
        return np.array(list(rows), dtype=float)

    def inputs(self) -> dict[str, Any]:
        """What is typed on the sheet."""
        model = lesson(self.name)
        found: dict[str, Any] = {}
        for place in model.inputs({"rows": 29, "epochs": 1, "dry_passes": 0}):
            typed = not self.is_formula(place.rect.top, place.rect.left)
            if place.sheet == self.name and typed:
                values = self.block(place.rect)
                found[place.name] = values[:, 0] if place.rect.size > 1 else float(values[0, 0])
        return found


@pytest.mark.parametrize("name", ORIGINALS)
def test_every_cell_that_excel_stored(name: str, lessons_dir: Path) -> None:
    original = Original(lessons_dir, name)
    blocks = kernel_of(name).compute(original.inputs(), "host")
    places = {block.name: block.rect for block in lesson(name).blocks({"rows": 29, "epochs": 1})}
    compared = 0
    for block, values in blocks.items():
        if not block.startswith("lesson."):
            continue
        rect = places[block]
        assert all(original.is_formula(*cell) for cell in cells(rect)), block
        np.testing.assert_array_equal(values, original.block(rect), strict=True, err_msg=block)
        compared += values.size
    formulas = sum(original.is_formula(*cell) for cell in cells(Rect(2, 2, 34, 15)))
    assert compared == formulas > 250
    assert not any(block.startswith("torch") for block in blocks)


def cells(rect: Rect) -> list[tuple[int, int]]:
    return [(row, column) for row in range(rect.top, rect.bottom) for column in range(rect.left, rect.right)]


def reset(original: Original, **settings: float) -> dict[str, Any]:
    """What the macro `reset` leaves: a = b = 1, m = 0, v = 10000, no state typed."""
    kept = {key: value for key, value in original.inputs().items() if key not in STATE}
    return {**kept, "a": 1, "b": 1, "m0": 0, "v0": 10000, **settings}


def test_sgd_five_epochs_from_reset(lessons_dir: Path) -> None:
    original = Original(lessons_dir, "sgd")
    blocks = kernel_of("sgd").compute(reset(original, epochs=6), "host")
    # the sheet shows the sixth epoch's table: the macro copied five times
    assert list(blocks["summary.lesson"][4, 1:3]) == [original["C1"], original["C2"]]
    assert list(blocks["lesson.epoch_list"][:, 0]) == [original[f"C{row}"] for row in range(38, 43)]


def test_rmsprop_five_epochs_from_reset(lessons_dir: Path) -> None:
    original = Original(lessons_dir, "rmsprop")
    blocks = kernel_of("rmsprop").compute(reset(original, epochs=5, dry_passes=2), "host")
    assert list(blocks["summary.lesson"][4, 1:3]) == [original["C1"], original["C2"]]
    assert list(blocks["epochs.v"][-1]) == [original["J33"], original["K33"]]


def test_momentum_dry_pass_from_reset(lessons_dir: Path) -> None:
    original = Original(lessons_dir, "momentum")
    blocks = kernel_of("momentum").compute(reset(original, dry_passes=1), "host")
    assert list(blocks["lesson.start"][0]) == [original["J33"], original["K33"]]


def test_annealing_from_reset(lessons_dir: Path) -> None:
    original = Original(lessons_dir, "adam_ann")
    blocks = kernel_of("adam_ann").compute(reset(original, epochs=25, lr=1, dry_passes=2), "host")
    assert blocks["summary.lesson"][-1, 3] == original["D2"] == 0.00390625
    # the macro's own arithmetic is not written down anywhere to the bit
    np.testing.assert_allclose(blocks["summary.lesson"][-1, 1:3], [original["C1"], original["C2"]], rtol=1e-9)


# -- torch.optim

TORCH = {
    "sgd": ("SGD", lambda s: {}),
    "momentum": ("SGD", lambda s: {"momentum": s["torch_momentum"], "dampening": s["dampening"]}),
    "nesterov": ("SGD", lambda s: {"momentum": s["torch_momentum"], "nesterov": True}),
    "rmsprop": ("RMSprop", lambda s: {"alpha": s["torch_alpha"], "eps": s["eps"]}),
    "adagrad": ("Adagrad", lambda s: {"lr_decay": s["lr_decay"], "eps": s["eps"]}),
    "adam": ("Adam", lambda s: {"betas": (s["torch_beta1"], s["torch_beta2"]), "eps": s["eps"]}),
    "adamw": (
        "AdamW",
        lambda s: {
            "betas": (s["torch_beta1"], s["torch_beta2"]),
            "eps": s["eps"],
            "weight_decay": s["torch_weight_decay"],
        },
    ),
}


CHANGED = [("momentum", {"dampening": 0.5}), ("adagrad", {"lr_decay": 0.1}), ("adamw", {"weight_decay": 0.5})]


@pytest.mark.parametrize(("name", "changes"), [*((name, {}) for name in TORCH), *CHANGED], ids=str)
def test_torch_table_is_torch_optim(name: str, changes: dict[str, float]) -> None:
    torch = pytest.importorskip("torch")
    settings = lesson(name).settings(changes)
    data = lesson(name).make_data(settings)
    kind, options = TORCH[name]
    w = torch.tensor([settings["b"], settings["a"]], dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, kind)([w], lr=settings["torch_lr"], foreach=False, **options(settings))
    table = []
    for x, y in list(zip(data["x"], data["y"], strict=True)) * settings["epochs"]:
        optimizer.zero_grad()
        loss = (w[0] + w[1] * x - y) ** 2
        loss.backward()
        before = w.tolist()
        optimizer.step()
        table.append([*before, *w.grad.tolist(), *w.tolist()])
    blocks = compute(name, **changes)
    ours = np.hstack([blocks["torch.param"], blocks["torch.grad"], blocks["torch.step"]])
    near(ours, np.array(table))


def near(ours: Array, theirs: Array) -> None:
    """At most 1e-12 of the largest magnitude in the column; errors where the others are."""
    assert ours.shape == theirs.shape
    errors = ~np.isfinite(theirs)
    assert np.array_equal(~np.isfinite(ours), errors)
    ours, theirs = (np.where(errors, 0, values) for values in (ours, theirs))
    assert np.all(np.abs(ours - theirs) <= 1e-12 * np.abs(theirs).max(axis=0))


def same(ours: Array, theirs: Array, name: str) -> None:
    """The same bits; what is not finite is an error, whichever."""
    shown = (np.where(np.isfinite(values), values, np.nan) for values in (ours, theirs))
    np.testing.assert_array_equal(*shown, err_msg=name)


# -- the arrays, an implementation of their own


@pytest.mark.parametrize("name", DESCENT)
@pytest.mark.parametrize(
    "changes", [{}, {"epochs": 1, "rows": 3}, {"epochs": 3, "lr": 0.3, "b": -2}], ids=str
)
def test_blocks_are_those_of_arrays(name: str, changes: dict[str, float]) -> None:
    settings = lesson(name).settings(changes)
    inputs = {**settings, **lesson(name).make_data(settings)}
    ours, theirs = (
        kernel_of(name).compute(inputs, "host"),
        lesson(name).implementation("arrays").compute(inputs),
    )
    assert ours.keys() == theirs.keys() == {block.name for block in lesson(name).blocks(settings)}
    for block in lesson(name).blocks(settings):
        mine, other = ours[block.name], theirs[block.name]
        assert mine.shape == other.shape == (block.rect.bottom - block.rect.top, len(block.columns))
        if block.name.startswith(("torch.", "summary.torch")):
            near(mine, other)  # beta^t: a running product here; from t = 65 on NumPy's power there
        else:
            same(mine, other, block.name)


@pytest.mark.parametrize("name", DESCENT)
def test_start_state_that_is_typed(name: str) -> None:
    settings = lesson(name).settings({"epochs": 2})
    inputs = {**settings, **lesson(name).make_data(settings)}
    places = {place.name for place in lesson(name).inputs(settings) if place.optional}
    typed = {"m_b": -3.0, "m_a": 12.0, "v_b": 700.0, "v_a": 9e5, "best": 80.0}
    inputs |= {key: typed[key] for key in places}
    ours, theirs = (
        kernel_of(name).compute(inputs, "host"),
        lesson(name).implementation("arrays").compute(inputs),
    )
    for block, values in theirs.items():
        if not block.startswith(("torch.", "summary.torch")):
            same(ours[block], values, block)
    if "lesson.start" in ours:
        assert list(ours["lesson.start"][0]) == [typed[key] for key in typed if key in places - {"best"}]


def test_without_torch_inputs_there_are_no_torch_blocks() -> None:
    settings = lesson("adam").settings()
    data = lesson("adam").make_data(settings)
    given = {key: value for key, value in settings.items() if not key.startswith("torch_")}
    blocks = kernel_of("adam").compute({**given, **data}, "host")
    assert "summary.lesson" in blocks
    assert not any("torch" in name for name in blocks)


def test_what_grows_out_of_bounds_is_no_number() -> None:
    blocks = compute("sgd", lr=1e5)
    assert not np.isfinite(blocks["summary.lesson"][-1, :3]).any()
    blocks = compute("adam", v0=0, dry_passes=0, b=30, a=2)  # no error, so no gradient: 0/0 as in the sheet
    assert not np.isfinite(blocks["lesson.step"]).any()


def test_missing_points() -> None:
    settings = lesson("adam").settings()
    with pytest.raises(SheetsimError, match="column x is missing"):
        kernel_of("adam").compute(settings, "host")
    with pytest.raises(SheetsimError, match="x has 3 points and y has 2"):
        kernel_of("adam").compute({**settings, "x": np.ones(3), "y": np.ones(2)}, "host")


@pytest.mark.parametrize("name", DESCENT)
def test_parameters_are_named_as_in_the_source(name: str) -> None:
    text = kernel_of(name).source.read_text(encoding="utf-8")
    body = re.search(r"struct Parameters \{(.*?)\};", text, re.DOTALL)
    assert body
    fields = [field for line in re.findall(r"double ([^;]+);", body[1]) for field in line.split(", ")]
    assert tuple(fields) == kernel_of(name).parameters


def test_job_is_laid_out_as_in_the_source() -> None:
    text = (kernel_of("adam").source.parent.parent / "_shared" / "descent.cuh").read_text(encoding="utf-8")
    body = re.search(r"struct Job \{(.*?)\n\};", text, re.DOTALL)
    assert body
    declared = re.findall(r"(?:long long|const double|double) ([^;]+);", body[1])
    assert tuple(name.strip(" *") for line in declared for name in line.split(",")) == JOB
    assert f"STATE = {len(STATE)};    // {', '.join(STATE)}" in text


# -- many runs


@pytest.mark.parametrize("name", DESCENT)
def test_sweep_is_many_single_runs(name: str) -> None:
    rates = np.geomspace(1e-5, 2, 131)  # more than a block of threads
    found = sweep(name, {"epochs": 3, "rows": 7}, "host", lr=rates)
    for run in (0, 64, 127, 128, 130):
        alone = compute(name, epochs=3, rows=7, lr=rates[run])
        for role in ("lesson", "torch"):
            shown = [key for key in found if key.startswith(role)]
            if name == "weight_decay":  # its summary has three columns a table
                shown = [key for key in shown if ".lr" not in key]
            columns = np.array([found[key][:, run] for key in shown]).T
            np.testing.assert_array_equal(columns, alone[f"summary.{role}"])


def test_sweep_of_several_parameters_and_own_points() -> None:
    points = {"x": np.array([1.0, 2, 3]), "y": np.array([5.0, 7, 9]), "epochs": 4}
    found = sweep("adam", points, "host", lr=[0.1, 0.2], torch_beta2=[0.9, 0.99])
    assert found["lesson.rmse"].shape == (4, 2)
    alone = kernel_of("adam").compute(
        {**lesson("adam").settings({"lr": 0.2, "torch_beta2": 0.99}), **points}, "host"
    )
    np.testing.assert_array_equal(found["torch.b"][:, 1], alone["summary.torch"][:, 1])


@pytest.mark.parametrize(
    ("varied", "message"),
    [
        ({"lrate": [1]}, "did you mean 'lr'"),
        ({"lr": [0.1, -1]}, "above 0"),
        ({"lr": [0.1, 0.2], "beta1": [0.9]}, "one value a run"),
        ({"lr": []}, "one value a run"),
        ({"epochs": [1, 2]}, "the same for all runs"),
    ],
)
def test_sweep_that_cannot_be(varied: dict[str, Any], message: str) -> None:
    with pytest.raises(SheetsimError, match=message):
        sweep("adam", None, "host", **varied)


# -- the fused step

FUSED: list[tuple[str, str, str, dict[str, float], tuple[str, ...]]] = [
    # lesson, rule, torch's class, what both are given, what torch calls the averages
    ("sgd", "", "SGD", {"lr": 0.1}, ()),
    ("momentum", "", "SGD", {"lr": 0.1, "momentum": 0.8, "dampening": 0.3}, ("momentum_buffer",)),
    ("nesterov", "", "SGD", {"lr": 0.1, "momentum": 0.8}, ("momentum_buffer",)),
    ("rmsprop", "", "RMSprop", {"lr": 0.01, "alpha": 0.95, "eps": 1e-8}, ("square_avg",)),
    ("adagrad", "", "Adagrad", {"lr": 0.1, "lr_decay": 0.05, "eps": 1e-10}, ("sum",)),
    ("adam", "", "Adam", {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}, ("exp_avg", "exp_avg_sq")),
    (
        "adam_ann",
        "",
        "Adam",
        {"lr": 0.25, "beta1": 0.7, "beta2": 0.99, "eps": 1e-6},
        ("exp_avg", "exp_avg_sq"),
    ),
    (
        *("adamw", "", "AdamW"),
        {"lr": 1e-2, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.1},
        ("exp_avg", "exp_avg_sq"),
    ),
    ("weight_decay", "sgd_l2", "SGD", {"lr": 0.1, "weight_decay": 0.2}, ()),
    (
        *("weight_decay", "adam_l2", "Adam"),
        {"lr": 1e-2, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.1},
        ("exp_avg", "exp_avg_sq"),
    ),
    (
        *("weight_decay", "adam_decay", "AdamW"),
        {"lr": 1e-2, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.1},
        ("exp_avg", "exp_avg_sq"),
    ),
]
IDS = [" ".join(filter(None, case[:2])) for case in FUSED]


def averages(name: str, rule: str, like: NDArray[Any]) -> dict[str, NDArray[Any]]:
    step = next(step for step in kernel_of(name).steps if step.name.endswith(rule))
    return {key: np.zeros_like(like) for key in step.state}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("name", "rule", "kind", "settings", "state"), FUSED, ids=IDS)
def test_fused_step_is_torch_optim(
    name: str, rule: str, kind: str, settings: dict[str, float], state: tuple[str, ...], dtype: Any
) -> None:
    torch = pytest.importorskip("torch")
    random = np.random.default_rng(3)
    param = random.normal(size=1003).astype(dtype)
    own = averages(name, rule, param)
    w = torch.tensor(param, requires_grad=True)
    options: dict[str, Any] = {key: value for key, value in settings.items() if not key.startswith("beta")}
    if "beta1" in settings:
        options["betas"] = (settings["beta1"], settings["beta2"])
    if name == "nesterov":
        options["nesterov"] = True
    optimizer = getattr(torch.optim, kind)([w], foreach=False, **options)
    for step in range(1, 5):
        grad = (random.normal(size=1003) * 10.0 ** random.integers(-3, 3)).astype(dtype)
        w.grad = torch.tensor(grad)
        optimizer.step()
        fused_step(name, param, grad, **own, step=step, rule=rule, device="host", **settings)
        theirs = [w.detach().numpy(), *(optimizer.state[w][key].numpy() for key in state)]
        for mine, other in zip((param, *own.values()), theirs, strict=True):
            # torch multiplies in another order: a few roundings, next to the largest term
            np.testing.assert_allclose(
                mine, other, rtol=0, atol=16 * np.finfo(dtype).eps * np.abs(other).max()
            )


def test_decoupled_decay_without_adam() -> None:
    param, grad = np.array([2.0, -3.0]), np.array([0.5, 0.25])
    fused_step("weight_decay", param, grad, rule="sgd_decay", device="host", lr=0.1, weight_decay=0.2)
    assert list(param) == [2.0 * (1 - 0.1 * 0.2) - 0.1 * 0.5, -3.0 * (1 - 0.1 * 0.2) - 0.1 * 0.25]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fused_step_where_nothing_is_aligned(dtype: Any) -> None:
    random = np.random.default_rng(4)
    start = [random.normal(size=1003).astype(dtype) for _ in range(3)]
    results = []
    for offset in (0, 1):
        room = [np.empty(1004, dtype) for _ in range(4)]
        param, grad, m, v = (array[offset : offset + 1003] for array in room)
        param[:], grad[:], m[:], v[:] = *start, np.abs(start[0])
        fused_step("adam", param, grad, m, v, step=3, device="host")
        results.append([param, m, v])
    for aligned, shifted in zip(*results, strict=True):
        np.testing.assert_array_equal(aligned, shifted)


def test_fused_step_on_torch_tensors() -> None:
    torch = pytest.importorskip("torch")
    param, grad = torch.tensor([1.0, 2.0]), torch.tensor([0.5, -0.5])
    fused_step("sgd", param, grad, lr=0.5)
    assert param.tolist() == [0.75, 2.25]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"m": None}, "needs m"),
        ({"grad": np.zeros(4)}, r"grad has the shape \(4,\)"),
        ({"v": np.zeros(3, np.float32)}, "v is float32, param is float64"),
        ({"v": np.zeros((3, 2))[:, 0]}, "v is not contiguous"),
        ({name: np.zeros(3, int) for name in ("param", "grad", "m", "v")}, "float32 and float64"),
        ({"rule": "adam_l3"}, "no rule 'adam_l3'"),
    ],
)
def test_fused_step_that_cannot_be(arguments: dict[str, Any], message: str) -> None:
    good = {name: np.zeros(3) for name in ("param", "grad", "m", "v")}
    with pytest.raises(SheetsimError, match=message):
        fused_step("adam", **{**good, **arguments}, device="host")


# -- on a GPU

needs_gpu = pytest.mark.skipif(bool(no_gpu()), reason=no_gpu() or "a GPU")


@needs_gpu
@pytest.mark.parametrize("name", DESCENT)
def test_gpu_computes_the_same_bits(name: str) -> None:
    host, gpu = compute(name, "host"), compute(name, "cuda:0")
    assert host.keys() == gpu.keys()
    for block, values in host.items():
        np.testing.assert_array_equal(gpu[block], values, err_msg=block)


@needs_gpu
@pytest.mark.parametrize("name", DESCENT)
def test_gpu_sweeps_the_same_bits(name: str) -> None:
    rates = np.geomspace(1e-5, 2, 1000)
    host, gpu = (sweep(name, {"epochs": 5}, device, lr=rates) for device in ("host", "cuda:0"))
    for key, values in host.items():
        np.testing.assert_array_equal(gpu[key], values, err_msg=key)


@needs_gpu
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("name", "rule", "kind", "settings", "state"), FUSED, ids=IDS)
def test_gpu_steps_the_same_bits(
    name: str, rule: str, kind: str, settings: dict[str, float], state: tuple[str, ...], dtype: Any
) -> None:
    random = np.random.default_rng(5)
    size = 1_000_003
    start, grad = (random.normal(size=size).astype(dtype) for _ in range(2))
    results = []
    for device in ("host", "cuda:0"):
        param = start.copy()
        own = averages(name, rule, param)
        for step in (1, 2):
            fused_step(name, param, grad, **own, step=step, rule=rule, device=device, **settings)
        results.append([param, *own.values()])
    for on_host, on_gpu in zip(*results, strict=True):
        np.testing.assert_array_equal(on_gpu, on_host)


@needs_gpu
def test_gpu_steps_torch_tensors_in_place() -> None:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("torch sees no GPU")
    random = np.random.default_rng(6)
    arrays = [np.abs(random.normal(size=10_001)) for _ in range(4)]
    tensors = [torch.tensor(array, device="cuda:0") for array in arrays]
    fused_step("adam", *arrays, step=2, device="host")
    fused_step("adam", *tensors, step=2)
    torch.cuda.synchronize()
    for array, tensor in zip(arrays, tensors, strict=True):
        np.testing.assert_array_equal(tensor.cpu().numpy(), array)
