"""`activations` in NumPy."""

import math

import numpy as np

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.losses._shared.arrays import Array, exp, ln
from sheetsim.lessons.losses.activations import EXACT_DIGITS, FUNCTIONS, LAYERS

Blocks = dict[str, Array]
ROOT = float(np.sqrt(2 / np.pi))


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + exp(-x)))


def tanh(x: Array) -> Array:
    return np.asarray(np.tanh(np.ascontiguousarray(x)))


def tanh_of_gelu(x: Array) -> Array:
    return tanh(ROOT * (x + 0.044715 * (x * x * x)))


def tanh_of_mish(x: Array) -> Array:
    return tanh(ln(1 + exp(x)))


def values(x: Array, negative_slope: float) -> Array:
    """The seven functions, [.., 7]."""
    found = {
        "relu": np.maximum(0, x),
        "leaky relu": np.where(x > 0, x, negative_slope * x),
        "sigmoid": sigmoid(x),
        "tanh": tanh(x),
        "silu": x * sigmoid(x),
        "gelu": 0.5 * x * (1 + tanh_of_gelu(x)),
        "mish": x * tanh_of_mish(x),
    }
    return np.stack([found[name] for name in FUNCTIONS], -1)


def slopes(x: Array, negative_slope: float) -> Array:
    """Their slopes, [.., 7]."""
    s, t, g, m = sigmoid(x), tanh(x), tanh_of_gelu(x), tanh_of_mish(x)
    found = {
        "relu": np.where(x > 0, 1.0, 0.0),
        "leaky relu": np.where(x > 0, 1.0, negative_slope),
        "sigmoid": s * (1 - s),
        "tanh": 1 - t * t,
        "silu": s * (1 + x * (1 - s)),
        "gelu": 0.5 * (1 + g) + 0.5 * x * (1 - g * g) * ROOT * (1 + 3 * 0.044715 * (x * x)),
        "mish": m + x * (1 - m * m) * s,
    }
    return np.stack([found[name] for name in FUNCTIONS], -1)


def rounded(x: Array, digits: int) -> Array:
    return np.asarray(np.round(x, digits))


def exact_gelu(x: Array) -> Array:
    """x times the share of a normal distribution that is below x."""
    below = [0.5 * math.erfc(-one / math.sqrt(2)) for one in x.tolist()]
    return rounded(x * np.array(below), EXACT_DIGITS)


def layers(signal: float, negative_slope: float) -> Blocks:
    """One function after itself, layer after layer; each slope times those before it."""
    places = [FUNCTIONS.index(name) for name in ("relu", "leaky relu", "sigmoid", "tanh", "silu")]
    x, passed = np.full(len(places), signal), np.ones(len(places))
    signals, products = [x], [passed]
    for _ in range(LAYERS):
        own = np.arange(len(places)), places
        passed = passed * slopes(x, negative_slope)[own]
        x = values(x, negative_slope)[own]
        signals.append(x)
        products.append(passed)
    return {"signals": np.array(signals), "passed": np.array(products)}


def compute(inputs: Inputs) -> Blocks:
    """All blocks of the lesson, from the inputs of its workbook."""
    low, step, leak, x0, h = (float(inputs[name]) for name in ("low", "step", "negative_slope", "x0", "h"))
    x = low + step * np.arange(int(inputs["rows"]), dtype=np.float64)
    told = values(x, leak)
    gelu = told[:, FUNCTIONS.index("gelu")]
    exact = exact_gelu(x)
    at = values(np.array([x0 - h, x0, x0 + h]), leak).T
    slope = slopes(np.array([x0]), leak).T
    estimate = (at[:, 2:] - at[:, :1]) / (2 * h)
    chosen = int(inputs["function"])
    tangent = at[chosen, 1] + slope[chosen, 0] * (x - x0)
    return {
        "x": x[:, None],
        "values": told,
        "inner": np.column_stack([tanh_of_gelu(x), tanh_of_mish(x)]),
        "slopes": slopes(x, leak),
        "exact": np.column_stack([exact, rounded(gelu - exact, EXACT_DIGITS)]),
        "at": at,
        "slope": slope,
        "estimate": estimate,
        "apart": rounded(estimate - slope, 6),
        "chosen": np.array([[chosen + 1, at[chosen, 1], slope[chosen, 0]]]),
        "tangent": np.column_stack([x, told[:, chosen], tangent]),
        **layers(float(inputs["signal"]), leak),
    }
