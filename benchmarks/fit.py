"""Training on 100,000 ratings: `lesson("bias").fit` beside a plain PyTorch loop with nn.Embedding.

    python benchmarks/fit.py [--ratings 100000] [--factors 40] [--batches 64 1024] [--repeats 5]

Both train the same model (mean, biases, dot product) with the same optimiser, torch.optim.AdamW(fused=True),
the same batches of a shuffled tensor (no DataLoader) and float32. The plain loop has four nn.Embedding layers
and autograd; `fit` has the slopes as formulas. In one run the two take turns, epoch by epoch; the median of
the ratios must be at most LIMIT, or the exit code is 1. A third figure is `fit` as it is by default, where it
learns the weight decay too, which takes about twice the arithmetic; then how near it comes to the noise that
was put in.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from typing import Any

import numpy as np
import torch
from torch import nn

from sheetsim.lessons.collab.known import Known, known_ratings
from sheetsim.solve.fit import fit

LIMIT = 1.0
LR, DECAY = 0.005, 0.1


class Plain(nn.Module):
    """The model as a PyTorch tutorial has it."""

    def __init__(self, users: int, movies: int, factors: int) -> None:
        super().__init__()
        self.u, self.m = nn.Embedding(users, factors), nn.Embedding(movies, factors)
        self.u_bias, self.m_bias = nn.Embedding(users, 1), nn.Embedding(movies, 1)

    def forward(self, user: Any, movie: Any) -> Any:
        dot = (self.u(user) * self.m(movie)).sum(1)
        return dot + self.u_bias(user)[:, 0] + self.m_bias(movie)[:, 0]


def main() -> None:
    options = argparse.ArgumentParser(description="Time fit beside a plain PyTorch loop.")
    options.add_argument("--ratings", type=int, default=100_000)
    options.add_argument("--factors", type=int, default=40)
    options.add_argument("--batches", type=int, nargs="+", default=[64, 1024])
    options.add_argument("--repeats", type=int, default=5)
    options.add_argument("--epochs", type=int, default=30, help="of the run that looks for the structure")
    chosen = options.parse_args()
    known = known_ratings(count=chosen.ratings)
    slower = False
    for batch in chosen.batches:
        slower |= compare(known, chosen.factors, batch, chosen.repeats) > LIMIT
    recover(known, chosen.factors, chosen.epochs)
    sys.exit(int(slower))


def compare(known: Known, factors: int, batch: int, repeats: int) -> float:
    """Print the seconds of an epoch and their ratio, which is returned."""
    common = {"factors": factors, "epochs": 1, "lr": LR, "schedule": "constant", "batch_size": batch}
    rows = []
    for _ in range(repeats + 1):  # the first warms up
        plain = plain_epoch(known, factors, batch)
        ours = seconds(known, weight_decay=DECAY, **common)
        rows.append((plain, ours, seconds(known, **common)))
    plain, ours, learned = (statistics.median(times) for times in zip(*rows[1:], strict=True))
    ratio = statistics.median(one / other for other, one, _ in rows[1:])
    sys.stdout.write(
        f"batches of {batch}, medians of {repeats}\n"
        f"  nn.Embedding and autograd    {plain:.4f} s an epoch\n"
        f"  fit, weight_decay={DECAY:g}        {ours:.4f} s an epoch, {ratio:.2f} of it\n"
        f"  fit, weight decay learned    {learned:.4f} s an epoch, {learned / plain:.2f} of it\n"
    )
    return ratio


def seconds(known: Known, **options: Any) -> float:
    return fit("bias", known.ratings, validation=0.0, device="cpu", **options).seconds[0]


def plain_epoch(known: Known, factors: int, batch: int) -> float:
    ratings = known.ratings
    users, user = np.unique(ratings.user, return_inverse=True)
    movies, movie = np.unique(ratings.movie, return_inverse=True)
    torch.manual_seed(1)
    net = Plain(len(users), len(movies), factors)
    optimiser: Any = torch.optim.AdamW(net.parameters(), lr=LR, weight_decay=DECAY, fused=True)
    u, m = torch.from_numpy(user), torch.from_numpy(movie)
    rating = torch.from_numpy(ratings.rating - ratings.rating.mean()).float()
    began = time.perf_counter()
    order = torch.randperm(len(rating))
    total = torch.zeros(())
    for place in range(0, len(order), batch):
        rows = order[place : place + batch]
        loss = nn.functional.mse_loss(net(u[rows], m[rows]), rating[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        total += loss.detach() * len(rows)
    float(total)
    return time.perf_counter() - began


def recover(known: Known, factors: int, epochs: int) -> None:
    found = fit("bias", known.ratings, factors=factors, epochs=epochs, device="cpu")
    rmse, noise = found.validation_mse[-1] ** 0.5, known.noise
    sys.stdout.write(
        f"structure: noise {noise:g} put in, validation RMSE {rmse:.4f}, {rmse / noise:.3f} of it;"
        f" {found.factors_used} of {factors} factors in use, 2 put in; {sum(found.seconds):.1f} s\n"
    )


if __name__ == "__main__":
    main()
