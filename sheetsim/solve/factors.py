"""The weights of a matrix factorisation, in one table, and the slopes of its loss by formula.

    table = Factors(start, users, biases=True, mean=3.5, limits=None)
    squares = table.slopes(index, rating)       index [2, batch]: rows of the users, rows of the movies
    optimiser.step()
    table.learn(index, noise, priors=True)      after each pass, with all ratings

A row of the table belongs to a user or, below these, to a movie; its columns are the factors and, with
`biases`, one more for the bias. One gather brings all that a batch needs, and the slopes are as short as what
a spreadsheet would show: with e = prediction - rating, the slope of (e*e) by a user's factor is 2*e times the
movie's factor, and the other way round; by a bias it is 2*e.

`learn` finds how strongly each weight is held back. A weight is then a normal distribution with a variance v,
and each column has a prior variance P for users and one for movies, the mean of w*w+v over the rows. What is
minimised is the variational bound (Y. J. Lim and Y. W. Teh, Variational Bayesian approach to movie rating
prediction, 2007; with variances as in T. Raiko, A. Ilin and J. Karhunen, Principal component analysis for
large scale problems with lots of missing values, 2007): the expected squared errors of all ratings plus the
noise times the sum of (w*w+v)/P - log(v). By it v = noise / (S(w*w+v) + noise/P) and a weight's slope gets
2*w*(S(v) + noise/P), S the sum over the other sides of its own ratings. A factor that the ratings do not need
loses its prior variance and fades away, and so 40 factors do no harm where there are 3.
"""

from __future__ import annotations

from typing import Any

import torch

START_VARIANCE = 1e-3
START_PRIOR = 0.1  # at the least
SMALLEST_PRIOR = 1e-8
CHUNK = 16_384  # ratings gathered at a time


class Factors:
    """The table `weights` [users + movies, columns]. `mean` is added to each prediction, `limits` are those
    of a sigmoid at the end (y_range)."""

    def __init__(
        self,
        start: Any,
        users: int,
        *,
        biases: bool,
        mean: float = 0.0,
        limits: tuple[float, float] | None = None,
    ) -> None:
        self.users, self.biases, self.mean, self.limits = users, biases, mean, limits
        self.factors = start.shape[1] - biases
        self.weights = start
        self.weights.grad = torch.zeros_like(start)
        self.variance = torch.full_like(start, START_VARIANCE)
        self.prior = start.square().mean().clamp(min=START_PRIOR).expand_as(start)
        self._known: Any = None  # who has rated what, which does not change
        self.hold: Any = None  # what each weight is multiplied by in its own slope, once `learn` knows

    def predict(self, index: Any) -> Any:
        """The predictions for rows of users and of movies [2, batch]."""
        return self._bent(self._raw(self.weights[index]))[0]

    def slopes(self, index: Any, rating: Any) -> Any:
        """Put the slopes of a batch's loss, the mean squared error, into `weights.grad`. Returns the sum of
        the squared errors."""
        w = self.weights[index]
        predicted, slope = self._bent(self._raw(w))
        error = predicted - rating
        by_raw = error * (2.0 / len(rating))
        if slope is not None:
            by_raw *= slope
        other = w.flip(0)  # what each weight is multiplied by
        if self.biases:
            other[:, :, self.factors] = 1.0
        other *= by_raw[:, None]
        if self.hold is None:
            self.weights.grad.zero_()
        else:
            torch.mul(self.weights, self.hold, out=self.weights.grad)
        add_rows(self.weights.grad, index.reshape(-1), other.view(-1, other.shape[2]))
        return error.square().sum()

    def learn(self, index: Any, squares: float, *, priors: bool) -> None:
        """From all ratings and the sum of their squared errors: the noise, with `priors` the variances and
        each column's prior variance, and from these how strongly weights are held back."""
        count = index.shape[1]
        if self._known is None or self.limits is not None:
            self._known = self._ratings(index)
        ratings = self._known
        of_squares = self._over(ratings, self.weights.square() + self.variance, 1.0)
        of_variances = self._over(ratings, self.variance, 0.0)
        users, movies = slice(0, self.users), slice(self.users, None)
        spread = (self.variance[users] * of_squares[users]).sum()
        spread += (self.variance[movies] * (of_squares - of_variances)[movies]).sum()
        noise = (squares + float(spread)) / count
        if priors:
            second = self.weights.square() + self.variance
            parts = [part.mean(0, keepdim=True).expand_as(part) for part in (second[users], second[movies])]
            self.prior = torch.cat(parts).clamp(min=SMALLEST_PRIOR)
            self.variance = noise / (of_squares + noise / self.prior)
            of_variances = self._over(ratings, self.variance, 0.0)
        self.hold = (of_variances + noise / self.prior) * (2.0 / count)

    def _raw(self, w: Any) -> Any:
        k = self.factors
        dot = (w[0, :, :k] * w[1, :, :k]).sum(1) + self.mean
        return dot + w[0, :, k] + w[1, :, k] if self.biases else dot

    def _bent(self, raw: Any) -> tuple[Any, Any]:
        """Predictions, and their slopes by what comes before the sigmoid; None where there is none."""
        if self.limits is None:
            return raw, None
        low, high = self.limits
        part = torch.sigmoid(raw)
        return low + (high - low) * part, (high - low) * part * (1 - part)

    def _ratings(self, index: Any) -> Any:
        """Who has rated what, as a sparse matrix [rows, rows] of the table: 1 for each rating. A sigmoid
        is taken as a straight line around each prediction, and so the square of its slope stands there."""
        worth = torch.ones_like(index[0], dtype=self.weights.dtype)
        if self.limits is not None:
            parts = [self._bent(self._raw(self.weights[part]))[1] for part in index.split(CHUNK, 1)]
            worth = torch.cat(parts).square()
        both = torch.cat([index, index.flip(0)], 1), torch.cat([worth, worth])
        rows = len(self.weights)
        return torch.sparse_coo_tensor(*both, (rows, rows), check_invariants=True).coalesce()

    def _over(self, ratings: Any, table: Any, of_bias: float) -> Any:
        """For each weight the sum of the table's numbers over the other sides of its row's ratings; on the
        other side of a bias stands `of_bias`."""
        if self.biases:
            table = torch.cat([table[:, : self.factors], torch.full_like(table[:, :1], of_bias)], 1)
        return torch.sparse.mm(ratings, table)


def add_rows(total: Any, place: Any, rows: Any) -> None:
    """Add each row to its place of a table: one after another on a CPU, sorted by place first on a GPU, so
    that the same rows give the same sums in every run."""
    if rows.is_cuda:
        total += torch.ops.aten.embedding_dense_backward(rows, place, len(total), -1, False)
    else:
        total.index_add_(0, place, rows)
