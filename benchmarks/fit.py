"""Training on 100,000 ratings: `lesson("bias").fit` beside a plain PyTorch loop with nn.Embedding.

    python benchmarks/fit.py [--ratings 100000] [--factors 40] [--batches 64 1024] [--repeats 5]

Both train the same model (mean, biases, dot product) with the same optimiser, torch.optim.AdamW(fused=True),
the same batches of a shuffled tensor (no DataLoader) and float32. The plain loop has four nn.Embedding layers
and autograd; `fit` has the slopes as formulas. In one run they take turns, epoch by epoch, `fit` as
it is with a weight decay that is given and as it is by default, where it learns how strongly to hold weights
back; the medians of both ratios must be at most LIMIT, or the exit code is 1. Last it says how near the error
comes to the noise that was put in.
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

from sheetsim.lessons.collab._shared.known import Known, known_ratings
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
    """Print the seconds of an epoch and their ratios, whose larger one is returned."""
    common = {"factors": factors, "epochs": 1, "lr": LR, "schedule": "constant", "batch_size": batch}
    rows = []
    for _ in range(repeats + 1):  # the first warms up
        given = seconds(known, weight_decay=DECAY, **common)
        rows.append((plain_epoch(known, factors, batch), given, seconds(known, **common)))
    plain, *ours = [statistics.median(one[way] for one in rows[1:]) for way in range(3)]
    ratios = [statistics.median(one[way] / one[0] for one in rows[1:]) for way in (1, 2)]
    sys.stdout.write(f"batches of {batch}, medians of {repeats}\n")
    sys.stdout.write(f"  nn.Embedding and autograd    {plain:.4f} s an epoch\n")
    names = (f"fit, weight_decay={DECAY:g}", "fit, weight decay learned")
    for name, own, ratio in zip(names, ours, ratios, strict=True):
        sys.stdout.write(f"  {name:28} {own:.4f} s an epoch, {ratio:.2f} of it\n")
    return max(ratios)


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
