"""`conv_train`, told by CUDA kernels: see kernel.cu."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.vision.conv_train import CHANNELS, FILTERS, KERNEL, OUT, PITCH, pictures_of, places_of

Array = NDArray[np.float64]

SOURCE = Path(__file__).with_name("kernel.cu")
ENTRIES = ("convolve", "judge", "back", "gradients", "update", "average")
STRIDE = FILTERS[1] - FILTERS[0]  # rows of the sheet from one channel to the next
TAPS = KERNEL * KERNEL
BIAS = CHANNELS * TAPS
DENSE = BIAS + CHANNELS
WEIGHTS = DENSE + CHANNELS + 1
P, LOSS, RIGHT = CHANNELS + 1, CHANNELS + 2, CHANNELS + 3  # rows of the results


def flat(sheet: Array, dense: Array) -> Array:
    """The weights as one array, from their cells."""
    filters = [sheet[row : row + KERNEL, :KERNEL].ravel() for row in (0, STRIDE)]
    return np.concatenate([*filters, sheet[[1, STRIDE + 1], KERNEL], dense])


def filter_cells(weights: Array) -> Array:
    """Filters and their biases as cells."""
    sheet = np.full((STRIDE + KERNEL, KERNEL + 1), np.nan)
    for channel in range(CHANNELS):
        rows = slice(channel * STRIDE, channel * STRIDE + KERNEL)
        sheet[rows, :KERNEL] = weights[channel * TAPS : (channel + 1) * TAPS].reshape(KERNEL, KERNEL)
        sheet[rows.start + 1, KERNEL] = weights[BIAS + channel]
    return sheet


def map_cells(maps: Array) -> Array:
    """[picture, channel, row, column] as cells."""
    count = len(maps)
    sheet = np.full((2 * STRIDE, count * PITCH), np.nan)
    spread = np.full((count, CHANNELS, STRIDE, PITCH), np.nan)
    spread[:, :, :OUT, :OUT] = maps
    sheet[:] = spread.transpose(1, 2, 0, 3).reshape(sheet.shape)
    return sheet[: STRIDE + OUT, : (count - 1) * PITCH + OUT]


def row_cells(rows: list[Array], count: int) -> Array:
    """Rows of a number a picture as cells."""
    sheet = np.full((len(rows), count, PITCH), np.nan)
    for place, row in enumerate(rows):
        sheet[place, : len(row), 0] = row
    return sheet.reshape(len(rows), -1)[:, : (count - 1) * PITCH + 1]


def compute(inputs: Inputs, device: str | None = None) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    kernels = Kernels(SOURCE, ENTRIES, device)
    places = places_of({name: float(inputs[name]) for name in ("train", "valid", "epochs")})
    rates = [float(inputs[name]) for name in ("lr", "lr_dense", "weight_decay")]
    own, count = places.train, places.images
    pictures, marks = pictures_of(inputs, places)
    images, labels = kernels.upload(pictures), kernels.upload(np.ascontiguousarray(marks))
    starts = [np.asarray(inputs[name], np.float64) for name in ("weights0", "dense0")]
    weights = kernels.upload(flat(*starts))
    blocks: dict[str, Array] = {}
    summary, shown = [], min(int(inputs["epoch"]), places.epochs)
    for epoch in range(places.epochs + 1):
        conv, results = kernels.empty((count, CHANNELS, OUT, OUT)), kernels.empty((RIGHT + 1, count))
        kernels.launch("convolve", count * CHANNELS * OUT * OUT, images, weights, conv, count)
        kernels.launch("judge", count, conv, weights, labels, results, count)
        rows = list(kernels.download(results))
        maps, now = kernels.download(conv), kernels.download(weights)
        parts = {"conv": map_cells(maps)}
        if epoch:
            parts |= {"weights": filter_cells(now), "dense": now[DENSE:, None].copy()}
        filters = filter_cells(now)[:, :KERNEL]
        if epoch == 0:
            blocks["filters.start"] = filters
        if epoch == shown:
            blocks["filters.shown"] = filters
            blocks["activations"] = map_cells(np.maximum(maps, 0))
            blocks["p"] = row_cells([rows[P]], count)
        numbers = []
        for row in (rows[LOSS], rows[RIGHT]):
            means = kernels.empty((2,))
            kernels.launch("average", 2, row.copy(), means, own, count)
            numbers += kernels.download(means).tolist()
        if epoch == places.epochs:
            blocks["filters.end"] = filters
        else:
            slope, conv_grad = kernels.empty((own,)), kernels.empty((own, CHANNELS, OUT, OUT))
            grads, moved = kernels.empty((WEIGHTS,)), kernels.empty((WEIGHTS,))
            cells = own * CHANNELS * OUT * OUT
            kernels.launch("back", cells, conv, weights, rows[P].copy(), labels, slope, conv_grad, own)
            kernels.launch("gradients", WEIGHTS, images, conv_grad, slope, results, grads, own, count)
            kernels.launch("update", WEIGHTS, weights, grads, moved, *rates)
            found = kernels.download(grads)
            parts |= {"weights_grad": filter_cells(found), "dense_grad": found[DENSE:, None].copy()}
            parts["conv_grad"] = map_cells(kernels.download(conv_grad))
            rows.append(kernels.download(slope))
            weights = moved
        parts["forward"] = row_cells(rows, count)
        parts["means"] = np.array([[one, np.nan, other] for one, other in (numbers[:2], numbers[2:])])
        summary.append(numbers)
        blocks |= {f"after{epoch}.{name}": part for name, part in parts.items()}
    return blocks | {"summary": np.array(summary)}
