"""The weights of a matrix factorisation, in one table, and the slopes of its loss by formula.

    table = Factors(start, users, biases=True, learned=True, rows=90_000)
    loss = table.slopes(index, rating)          index [2, batch]: rows of the users, rows of the movies
    optimiser.step()

A row of the table belongs to a user or, below these, to a movie; its columns are the factors and, with
`biases`, one more for the bias. One gather brings all that a batch needs, and the slopes are as short as what
a spreadsheet would show: with e = prediction - rating, the slope of (e*e) by a user's factor is 2*e times the
movie's factor, and the other way round; by a bias it is 2*e.

`learned`: how strongly weights are held back is learned too. Each weight is then a normal distribution, its
variance v a second half of the row (as a logarithm), and each column has a prior variance P for users and one
for movies, the mean of w*w+v over the rows. What is minimised is the variational bound (Y. J. Lim and
Y. W. Teh, Variational Bayesian approach to movie rating prediction, 2007; with variances as in T. Raiko,
A. Ilin and J. Karhunen, Principal component analysis for large scale problems with lots of missing values,
2007): the expected squared error plus noise/rows times the sum of (w*w+v)/P - log(v). A factor that the
ratings do not need loses its prior variance and fades away, and so 40 factors do no harm where there are 3.
"""

from __future__ import annotations

import math
from typing import Any

import torch

START_VARIANCE = 1e-3
START_PRIOR = 0.1  # at the least
SMALLEST_PRIOR = 1e-8


class Factors:
    """The table `weights` [users + movies, columns], twice as wide with `learned`. `mean` is added to each
    prediction, `limits` are those of a sigmoid at the end (y_range), `rows` how many ratings a pass has."""

    def __init__(
        self,
        start: Any,
        users: int,
        *,
        biases: bool,
        learned: bool,
        rows: int,
        mean: float = 0.0,
        limits: tuple[float, float] | None = None,
    ) -> None:
        self.users, self.biases, self.learned, self.rows = users, biases, learned, rows
        self.mean, self.limits = mean, limits
        self.width = start.shape[1]
        self.factors = self.width - biases
        variances = [torch.full_like(start, math.log(START_VARIANCE))] if learned else []
        self.weights = torch.cat([start, *variances], 1)
        self.weights.grad = torch.zeros_like(self.weights)
        self.prior = start.square().mean().clamp(min=START_PRIOR).expand_as(start)
        self.noise = 1.0
        self._hold()

    def predict(self, index: Any) -> Any:
        """The predictions for rows of users and of movies [2, batch]."""
        raw = self._raw(self.weights[index][:, :, : self.width])
        if self.limits is None:
            return raw
        low, high = self.limits
        return low + (high - low) * torch.sigmoid(raw)

    def slopes(self, index: Any, rating: Any) -> tuple[Any, Any]:
        """Put the slopes of a batch's loss into `weights.grad`. Returns the sum of the squared errors, and
        what the variances of the weights add to it in expectation."""
        x, scale = self.weights[index], 2.0 / len(rating)
        w = x[:, :, : self.width]
        raw = self._raw(w)
        if self.limits is None:
            error = raw - rating
            by_raw = error * scale
        else:
            low, high = self.limits
            part = torch.sigmoid(raw)
            slope = (high - low) * part * (1 - part)
            error = low + (high - low) * part - rating
            by_raw = error * slope * scale
            scale = (slope.square() * scale)[:, None]  # for variances the sigmoid is a straight line here
        other = w.flip(0)  # what each weight is multiplied by
        if self.biases:
            other[:, :, self.factors] = 1.0
        by_weight = other * by_raw[:, None]
        squares = error.square().sum()
        if not self.learned:
            self.weights.grad.zero_()
            self._add(index, by_weight)
            return squares, torch.zeros_like(squares)
        v = x[:, :, self.width :].exp()
        other_v = v.flip(0)
        if self.biases:
            other_v[:, :, self.factors] = 0.0
        by_weight += w * other_v * scale
        other.square_()
        spread = v * (other + other_v) * (scale * 0.5)  # also the slope by log(v)
        more = (spread[0].sum() + (v[1] * other[1] * (scale * 0.5)).sum()) * len(rating)
        self._pull_back()
        self._add(index, torch.cat([by_weight, spread], 2))
        return squares, more

    def learn(self, noise: float, *, priors: bool) -> None:
        """Take the noise as given, the expected squared error, and with `priors` each column's prior variance
        from its weights."""
        self.noise = noise
        if priors:
            w, log_v = self.weights[:, : self.width], self.weights[:, self.width :]
            second = w.square() + log_v.exp()
            parts = (second[: self.users], second[self.users :])
            self.prior = torch.cat([part.mean(0, keepdim=True).expand_as(part) for part in parts])
        self._hold()

    def _raw(self, w: Any) -> Any:
        k = self.factors
        dot = (w[0, :, :k] * w[1, :, :k]).sum(1) + self.mean
        return dot + w[0, :, k] + w[1, :, k] if self.biases else dot

    def _hold(self) -> None:
        """How strongly each weight is held back."""
        self._pull = self.noise / self.rows / self.prior.clamp(min=SMALLEST_PRIOR)

    def _pull_back(self) -> None:
        """Begin the slopes with those of the priors: 2*c*w/P by a weight, c*(v/P - 1) by log(v)."""
        w, log_v = self.weights[:, : self.width], self.weights[:, self.width :]
        by_w, by_log_v = self.weights.grad[:, : self.width], self.weights.grad[:, self.width :]
        torch.mul(w, self._pull, out=by_w).mul_(2.0)
        torch.exp(log_v, out=by_log_v).mul_(self._pull).sub_(self.noise / self.rows)

    def _add(self, index: Any, slopes: Any) -> None:
        """Add each gathered row's slopes to its place: one after another on a CPU, sorted by place first on a
        GPU, so that the same ratings give the same sums in every run."""
        place, slopes = index.reshape(-1), slopes.view(-1, slopes.shape[2])
        if slopes.is_cuda:
            count = len(self.weights)
            self.weights.grad += torch.ops.aten.embedding_dense_backward(slopes, place, count, -1, False)
        else:
            self.weights.grad.index_add_(0, place, slopes)
