"""The loop of `fit`: epochs of shuffled batches, Adam, the learning rate's schedule, ratings held back."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sheetsim.solve.factors import Factors

WARM = 0.3  # of the epochs pass before priors are learned
START_SPREAD = 0.1  # of the factors
NEEDED = 1e-3  # a factor's variance in the predictions, relative to the ratings', from which on it counts
SMALL = 2_000_000  # weights
CHUNK = 65_536  # ratings held back, predicted at a time
FEWEST_STEPS = 10  # that a one-cycle schedule can be made for
NUMBER = torch.float32


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the ratings: its number from 1, the mean squared error while it went on and, after it,
    of the ratings held back (NaN where none are), and the pass's seconds."""

    number: int
    train_mse: float
    validation_mse: float
    seconds: float


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """How to train; see `fit`."""

    factors: int
    epochs: int
    lr: float
    one_cycle: bool
    weight_decay: float | None
    batch: int
    held_back: int
    limits: tuple[float, float] | None
    seed: int
    device: str
    max_seconds: float | None


class Training:
    """The state of one run. `index` [2, ratings] are the rows of users, and of movies below them, in the
    table of `rows` rows of which the first `users` are users'."""

    def __init__(
        self,
        index: NDArray[np.int64],
        rating: NDArray[np.float64],
        users: int,
        rows: int,
        biases: bool,
        plan: TrainingPlan,
    ) -> None:
        self.plan, self.late = plan, False
        self._random = torch.Generator().manual_seed(plan.seed)
        order = torch.randperm(len(rating), generator=self._random)
        held, kept = order[: plan.held_back], order[plan.held_back :]
        values = torch.from_numpy(rating)[kept]
        spread = float(values.std(correction=0))
        self._scale = spread if plan.limits is None and spread > 0 else 1.0  # so that lr fits any scale
        on = {"device": plan.device}
        places, scaled = torch.from_numpy(index), torch.from_numpy(rating / self._scale).to(NUMBER)
        self._index, self._rating = places[:, kept].to(**on), scaled[kept].to(**on)
        self._held_index, self._held_rating = places[:, held].to(**on), scaled[held].to(**on)
        level = _level(float(values.mean()), plan.limits) / self._scale
        start = torch.randn(rows, plan.factors, generator=self._random) * START_SPREAD
        if biases:
            start = torch.cat([start, torch.zeros(rows, 1)], 1)
        else:  # predictions begin around the mean rating
            part = math.sqrt(abs(level) / plan.factors)
            start += part
            start[users:] *= math.copysign(1.0, level)
        self._factors = Factors(
            start.to(**on),
            users,
            biases=biases,
            mean=level if biases else 0.0,
            limits=plan.limits,
        )
        self.mean = self._factors.mean * self._scale

    def run(self) -> Iterator[Epoch]:
        """The epochs, each when it is done. The last is cut short, and `late` set, where the time is up."""
        threads = torch.get_num_threads()
        if self._factors.weights.numel() < SMALL:
            torch.set_num_threads(1)  # more would mostly wait for each other, and sum in another order
        try:
            yield from self._epochs()
        finally:
            torch.set_num_threads(threads)

    def _epochs(self) -> Iterator[Epoch]:
        plan, factors, count = self.plan, self._factors, len(self._rating)
        optimiser, schedule = self._optimiser(math.ceil(count / plan.batch))
        end = math.inf if plan.max_seconds is None else time.perf_counter() + plan.max_seconds
        for number in range(1, plan.epochs + 1):
            began = time.perf_counter()
            order = torch.randperm(count, generator=self._random).to(plan.device)
            index, rating = self._index[:, order], self._rating[order]
            squares = torch.zeros((), device=plan.device)
            for place in range(0, count, plan.batch):
                batch = slice(place, place + plan.batch)
                squares += factors.slopes(index[:, batch], rating[batch])
                optimiser.step()
                if schedule is not None:
                    schedule.step()
                if time.perf_counter() > end:
                    self.late = True
                    break
            seen = min(count, place + plan.batch)
            mean = float(squares) / seen
            if plan.weight_decay is None and not self.late:
                factors.learn(self._index, float(squares), priors=number >= WARM * plan.epochs)
            seconds = time.perf_counter() - began
            yield Epoch(number, mean * self._scale**2, self._held_mse() * self._scale**2, seconds)
            if self.late:
                return

    def weights(self) -> NDArray[np.float64]:
        """The table, a row a user or movie: factors, then the bias where there is one."""
        found = self._factors.weights.double().cpu().numpy()
        found[:, : self.plan.factors] *= math.sqrt(self._scale)
        found[:, self.plan.factors :] *= self._scale
        return found

    def factors_used(self) -> int:
        """How many factors have not faded away."""
        if self.plan.weight_decay is not None:
            return self.plan.factors
        users, movies = self._factors.prior[0], self._factors.prior[-1]
        return int((users * movies > NEEDED)[: self.plan.factors].sum())

    def _optimiser(self, steps: int) -> tuple[Any, Any]:
        """Adam, or AdamW with a weight decay that is given, and the schedule of its learning rate."""
        plan, weights = self.plan, [self._factors.weights]
        optimiser: Any = (
            torch.optim.Adam(weights, lr=plan.lr, fused=True)
            if plan.weight_decay is None
            else torch.optim.AdamW(weights, lr=plan.lr, weight_decay=plan.weight_decay, fused=True)
        )
        if not plan.one_cycle:
            return optimiser, None
        total = max(FEWEST_STEPS, plan.epochs * steps)
        return optimiser, torch.optim.lr_scheduler.OneCycleLR(optimiser, plan.lr, total_steps=total)

    def _held_mse(self) -> float:
        if not len(self._held_rating):
            return math.nan
        parts = zip(self._held_index.split(CHUNK, 1), self._held_rating.split(CHUNK), strict=True)
        squares = sum(float((self._factors.predict(i) - r).square().sum()) for i, r in parts)
        return squares / len(self._held_rating)


def _level(mean: float, limits: tuple[float, float] | None) -> float:
    """Where predictions begin: the mean rating, before the sigmoid where there is one."""
    if limits is None:
        return mean
    share = (mean - limits[0]) / (limits[1] - limits[0])
    share = min(max(share, 0.01), 0.99)
    return math.log(share / (1 - share))
