"""`conv_train` in NumPy: forwards, backwards and the steps written out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sheetsim.lessons.kit.lesson import Inputs
from sheetsim.lessons.vision.conv_train import CHANNELS, FILTERS, KERNEL, OUT, PITCH, pictures_of, places_of

Array = NDArray[np.float64]
BELOW = FILTERS[1] - FILTERS[0]  # rows from one channel to the next


@dataclass
class ConvWeights:
    """Or their gradients."""

    filters: Array  # [channel, row, column]
    bias: Array  # [channel]
    dense: Array  # [channel], then its bias


@dataclass
class Forward:
    conv: Array  # [picture, channel, row, column]
    mean: Array  # [picture, channel]
    logit: Array
    p: Array
    loss: Array
    right: Array


def total(terms: Array) -> Array:
    """The sum along the first axis, from the first to the last."""
    found = np.zeros(terms.shape[1:])
    for term in terms:
        found = found + term
    return found


def mean(terms: Array) -> float:
    return float(total(terms)) / len(terms)


def unpack(sheet: Array, dense: Array) -> ConvWeights:
    """From the cells of the sheet: filters, each with its bias on the right of its second row."""
    filters = [sheet[row : row + KERNEL, :KERNEL] for row in (0, BELOW)]
    return ConvWeights(np.array(filters), sheet[[1, BELOW + 1], KERNEL], dense)


def pack(weights: ConvWeights) -> Array:
    """As the cells of the sheet; the others are NaN."""
    sheet = np.full((BELOW + KERNEL, KERNEL + 1), np.nan)
    for channel in range(CHANNELS):
        row = channel * BELOW
        sheet[row : row + KERNEL, :KERNEL] = weights.filters[channel]
        sheet[row + 1, KERNEL] = weights.bias[channel]
    return sheet


def side_by_side(maps: Array) -> Array:
    """Maps [picture, channel, row, column] as cells: pictures beside, channels below one another."""
    sheet = np.full((BELOW + OUT, (len(maps) - 1) * PITCH + OUT), np.nan)
    for (picture, channel), one in ((place, maps[place]) for place in np.ndindex(maps.shape[:2])):
        row, column = channel * BELOW, picture * PITCH
        sheet[row : row + OUT, column : column + OUT] = one
    return sheet


def in_rows(rows: list[Array], images: int) -> Array:
    """A number a picture in each row, in the first column of each picture."""
    sheet = np.full((len(rows), (images - 1) * PITCH + 1), np.nan)
    for place, row in enumerate(rows):
        sheet[place, : len(row) * PITCH : PITCH] = row
    return sheet


def forward(weights: ConvWeights, images: Array, labels: Array) -> Forward:
    conv = np.zeros((len(images), CHANNELS, OUT, OUT))
    for channel in range(CHANNELS):
        for u, v in np.ndindex(KERNEL, KERNEL):
            seen = images[:, u : u + OUT, v : v + OUT]
            conv[:, channel] = conv[:, channel] + seen * weights.filters[channel, u, v]
        conv[:, channel] = conv[:, channel] + weights.bias[channel]
    cells = np.maximum(conv, 0).reshape(len(images), CHANNELS, -1)
    means = total(np.moveaxis(cells, -1, 0)) / OUT**2
    logit = means[:, 0] * weights.dense[0] + means[:, 1] * weights.dense[1] + weights.dense[2]
    small = np.exp(-np.abs(logit))
    p = np.where(logit >= 0, 1 / (1 + small), small / (1 + small))
    loss = np.maximum(logit, 0) - logit * labels + np.log(1 + small)
    return Forward(conv, means, logit, p, loss, ((logit > 0) == (labels > 0.5)).astype(float))


def backward(
    weights: ConvWeights, images: Array, labels: Array, found: Forward
) -> tuple[ConvWeights, Array, Array]:
    """Gradients of the mean loss: of the weights, of the logits, of the filters' results. Sums run in the
    order of the sheet: rows, in a row pictures, in a picture columns."""
    count = len(images)
    slope = (found.p[:count] - labels) / count
    conv = np.zeros((count, CHANNELS, OUT, OUT))
    for channel in range(CHANNELS):
        passed = slope * weights.dense[channel] / OUT**2
        conv[:, channel] = np.where(found.conv[:count, channel] > 0, passed[:, None, None], 0)
    filters = np.zeros((CHANNELS, KERNEL, KERNEL))
    for channel, u, v in np.ndindex(filters.shape):
        products = images[:, u : u + OUT, v : v + OUT] * conv[:, channel]
        filters[channel, u, v] = total(np.moveaxis(products, 1, 0).ravel())
    bias = np.array([total(np.moveaxis(conv[:, channel], 1, 0).ravel()) for channel in range(CHANNELS)])
    dense = [total(slope * found.mean[:count, channel]) for channel in range(CHANNELS)]
    return ConvWeights(filters, bias, np.array([*dense, total(slope)])), slope, conv


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    names = ("train", "valid", "epochs")
    places = places_of({name: float(inputs[name]) for name in names})
    lr, lr_dense, decay = (float(inputs[name]) for name in ("lr", "lr_dense", "weight_decay"))
    images, labels = pictures_of(inputs, places)
    own = places.train
    weights = unpack(np.asarray(inputs["weights0"], np.float64), np.asarray(inputs["dense0"], np.float64))
    blocks: dict[str, Array] = {}
    summary, filters, shown = [], [], min(int(inputs["epoch"]), places.epochs)
    for epoch in range(places.epochs + 1):
        found = forward(weights, images, labels)
        rows = [found.mean[:, 0], found.mean[:, 1], found.logit, found.p, found.loss, found.right]
        parts = {"conv": side_by_side(found.conv)}
        filters.append(pack(weights)[:, :KERNEL])
        if epoch:
            parts |= {"weights": pack(weights), "dense": weights.dense[:, None]}
        if epoch == shown:
            blocks["activations"] = side_by_side(np.maximum(found.conv, 0))
            blocks["p"] = in_rows([found.p], places.images)
        if epoch < places.epochs:
            grads, slope, conv_grad = backward(weights, images[:own], labels[:own], found)
            rows.append(slope)
            parts |= {"conv_grad": side_by_side(conv_grad), "weights_grad": pack(grads)}
            parts["dense_grad"] = grads.dense[:, None]
            weights = ConvWeights(
                weights.filters - lr * (grads.filters + decay * weights.filters),
                weights.bias - lr * (grads.bias + decay * weights.bias),
                weights.dense - lr_dense * (grads.dense + decay * weights.dense),
            )
        parts["forward"] = in_rows(rows, places.images)
        losses = [mean(found.loss[:own]), mean(found.loss[own:])]
        accuracies = [mean(found.right[:own]), mean(found.right[own:])]
        parts["means"] = np.array([[train, np.nan, valid] for train, valid in (losses, accuracies)])
        summary.append(losses + accuracies)
        blocks |= {f"after{epoch}.{name}": part for name, part in parts.items()}
    blocks["summary"] = np.array(summary)
    blocks |= {"filters.start": filters[0], "filters.shown": filters[shown], "filters.end": filters[-1]}
    return blocks
