"""Pictures of handwritten-looking digits, drawn by ourselves from strokes, as MNIST has them: 28 x 28, white
ink (1) on black (0), levels of 1/255.

A stroke is a chain of quadratic Bezier curves: points in a unit square, y down, of which every second one is
a control point. How much ink a pixel has follows from its distance to the nearest piece of a stroke. Only
sums, products and square roots are taken, so that every machine draws the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.kit.park_miller import Draws

Array = NDArray[np.float64]

SIZE = 28
PIECES = 12  # straight pieces of a curve
JITTERS = 7  # random numbers that a digit takes: two shifts, two scales, slant, tilt, pen

# x,y in hundredths of the square
DIGITS = {
    0: "50,0 5,0 5,50 5,100 48,100 95,100 95,50 95,0 50,0",
    1: "30,20 50,10 55,0 52,50 50,100",
    2: "10,22 25,0 52,0 90,0 85,32 80,60 8,97 30,85 95,95",
    3: "12,10 40,-5 65,3 100,25 40,46 100,50 85,80 65,108 8,92",
    4: "30,0 15,35 10,60 50,58 95,55 / 75,2 70,50 66,100",
    5: "90,2 50,3 25,4 20,25 17,45 90,30 88,68 80,110 10,92",
    6: "75,0 20,20 12,65 10,100 50,100 90,98 85,70 60,35 14,68",
    7: "5,8 50,2 92,5 60,45 42,100 / 30,50 50,47 80,48",
    8: "82,14 50,-8 20,12 5,40 50,48 100,62 80,90 50,110 16,88 0,62 50,46 90,34 82,14",
    9: "85,28 60,-5 30,5 0,30 30,48 60,55 85,25 85,60 62,100",
}


def default_image() -> Array:
    """The picture that the lessons show when none is chosen: a seven with its bar, which has level, upright
    and slanted edges. [28, 28], from 0 to 1."""
    return draw(7)


def digits(seed: int, count: int, classes: Sequence[int] = range(10)) -> tuple[Array, NDArray[np.int64]]:
    """`count` digits, each drawn a little otherwise, the classes in turn: pictures [count, 28, 28] from 0 to
    1 and their labels [count]. The same seed draws the same."""
    labels = np.array([classes[place % len(classes)] for place in range(count)], np.int64)
    jitter = 2 * Draws(seed).uniform(count * JITTERS).reshape(count, JITTERS) - 1
    pictures = [draw(int(label), one) for label, one in zip(labels, jitter, strict=True)]
    return np.array(pictures).reshape(count, SIZE, SIZE), labels


def draw(digit: int, jitter: Array | None = None) -> Array:
    """One digit [28, 28]; `jitter` are seven numbers from -1 to 1."""
    right, down, wide, high, slant, tilt, pen = np.zeros(JITTERS) if jitter is None else jitter
    ends = np.concatenate([_pieces(stroke) for stroke in DIGITS[digit].split("/")])  # [piece, end, (x, y)]
    x, y = ends[..., 0] - 0.5, ends[..., 1] - 0.5
    placed = np.stack(
        [
            13.5 + 1.5 * right + (12 + 1.5 * wide) * x - (2 + 2.5 * slant) * y,
            13.5 + 1.5 * down + (19 + 1.5 * high) * y + 1.5 * tilt * x,
        ],
        axis=-1,
    )
    ink = 1.4 + 0.3 * pen + 0.5 - _distance(placed)
    return np.round(255 * np.clip(ink, 0, 1)) / 255


def smaller(images: Array, size: int) -> Array:
    """Pictures [..., 28, 28] made [..., size, size] by average pooling; a black border is added where `size`
    does not divide 28."""
    window = -(-SIZE // size)
    border = window * size - SIZE
    edges = [(0, 0)] * (images.ndim - 2) + [(border // 2, border - border // 2)] * 2
    padded = np.pad(images, edges)
    total = np.zeros((*images.shape[:-2], size, size))
    for row, column in np.ndindex(window, window):  # in this order on every machine
        total += padded[..., row::window, column::window]
    return total / (window * window)


def _pieces(stroke: str) -> Array:
    """The straight pieces of a stroke: [piece, end, (x, y)]."""
    points = np.array([point.split(",") for point in stroke.split()], float) / 100
    t = np.linspace(0, 1, PIECES + 1)[:, None]
    found = []
    for first in range(0, len(points) - 2, 2):
        start, control, end = points[first : first + 3]
        curve = (1 - t) * (1 - t) * start + 2 * t * (1 - t) * control + t * t * end
        found.append(np.stack([curve[:-1], curve[1:]], axis=1))
    return np.concatenate(found)


def _distance(pieces: Array) -> Array:
    """How far each pixel's centre is from the nearest piece, in pixels."""
    row, column = np.indices((SIZE, SIZE))
    start, along = pieces[:, 0], pieces[:, 1] - pieces[:, 0]
    x = column[..., None] - start[:, 0]
    y = row[..., None] - start[:, 1]
    length = along[:, 0] * along[:, 0] + along[:, 1] * along[:, 1]
    t = np.clip((x * along[:, 0] + y * along[:, 1]) / length, 0, 1)
    x, y = x - t * along[:, 0], y - t * along[:, 1]
    nearest: Array = np.sqrt(x * x + y * y).min(axis=-1)
    return nearest
