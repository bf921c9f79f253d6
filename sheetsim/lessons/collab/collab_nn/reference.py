"""`collab_nn` by torch: nn.Embedding, nn.Linear, F.relu, autograd, torch.optim.SGD."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sheetsim.lessons.collab import DISCARDED
from sheetsim.lessons.collab.collab_nn import refuse_strangers
from sheetsim.lessons.kit.lesson import Inputs

Array = NDArray[np.float64]
DOUBLE = torch.float64


class EmbeddingNN(nn.Module):
    """A net for pairs of user and movie (from 0), with what passes between its layers kept."""

    def __init__(self, users: int, movies: int, widths: tuple[int, int], hidden: int) -> None:
        super().__init__()
        self.user_emb = nn.Embedding(users, widths[0], dtype=DOUBLE)
        self.movie_emb = nn.Embedding(movies, widths[1], dtype=DOUBLE)
        self.layer1 = nn.Linear(sum(widths), hidden, dtype=DOUBLE)
        self.layer2 = nn.Linear(hidden, 1, dtype=DOUBLE)
        self.between: list[Tensor] = []

    def forward(self, user: Tensor, movie: Tensor, y_range: tuple[float, float]) -> Tensor:
        x = torch.cat([self.user_emb(user), self.movie_emb(movie)], dim=1)
        before = self.layer1(x)
        after = F.relu(before)
        z = self.layer2(after).squeeze(1)
        pred = torch.sigmoid(z) * (y_range[1] - y_range[0]) + y_range[0]
        self.between = [x, before, after, z, pred]
        return pred

    def tables(self) -> dict[str, Tensor]:
        """The weights as the sheet has them: layers with the bias in the last column."""
        return {
            "user_emb": self.user_emb.weight,
            "movie_emb": self.movie_emb.weight,
            **{name: joined(getattr(self, name), "data") for name in ("layer1", "layer2")},
        }

    def slopes(self) -> dict[str, Tensor]:
        found = {f"{name}_slope": getattr(self, name).weight.grad for name in ("user_emb", "movie_emb")}
        return found | {f"{name}_slope": joined(getattr(self, name), "grad") for name in ("layer1", "layer2")}


def joined(layer: nn.Linear, what: str) -> Tensor:
    return torch.cat([getattr(layer.weight, what), getattr(layer.bias, what)[:, None]], dim=1)


def generator(seed: int, count: int) -> Tensor:
    """The states of Park and Miller's generator."""
    states, state = torch.empty(count, dtype=torch.int64), torch.tensor(seed)
    for place in range(count):
        state = torch.remainder(16807 * state, 2147483647)
        states[place] = state
    return states


def initialise(net: EmbeddingNN, uniform: Tensor, spread: float) -> None:
    """The weights from uniform numbers, in the order in which the sheet takes them."""
    for layer in (net.user_emb, net.movie_emb):
        size = layer.weight.numel()
        layer.weight.data = spread * (2 * uniform[:size] - 1).view_as(layer.weight)
        uniform = uniform[size:]
    for linear in (net.layer1, net.layer2):
        rows, columns = linear.weight.shape
        size = rows * (columns + 1)
        drawn = (2 * uniform[:size] - 1).view(rows, columns + 1) / columns**0.5
        linear.weight.data, linear.bias.data = drawn[:, :-1].clone(), drawn[:, -1].clone()
        uniform = uniform[size:]


def column(inputs: Inputs, name: str) -> Tensor:
    return torch.tensor(np.asarray(inputs[name]), dtype=DOUBLE)


def search(wanted: Tensor, ids: Tensor) -> Tensor:
    """The first place, from 0, of each id."""
    return (wanted[:, None] == ids).int().argmax(1)


def compute(inputs: Inputs) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    refuse_strangers(inputs)
    names = ("users", "movies", "epochs", "batch", "user_factors", "movie_factors", "hidden")
    n, m, epochs, size, ku, km, hidden = (int(inputs[name]) for name in names)
    y_range = float(inputs["y_low"]), float(inputs["y_high"])
    rating = column(inputs, "rating")
    user = search(column(inputs, "rated_by"), column(inputs, "user"))
    movie = search(column(inputs, "rated"), column(inputs, "movie"))
    net = EmbeddingNN(n, m, (ku, km), hidden)
    count = sum(weight.numel() for weight in net.parameters())
    states = generator(int(inputs["start_seed"]), DISCARDED + count)
    uniform = states.double() / 2147483647
    initialise(net, uniform[DISCARDED:], float(inputs["spread"]))
    rule = {name: float(inputs[name]) for name in ("lr", "weight_decay")}
    optimizer = torch.optim.SGD(net.parameters(), **rule, foreach=False)
    stacks: dict[str, list[Tensor]] = {}

    def put(blocks: dict[str, Tensor]) -> None:
        for name, cells in blocks.items():
            stacks.setdefault(name, []).append(cells.detach().clone())

    batches = len(rating) // size
    loader = [torch.arange(first * size, (first + 1) * size) for first in range(batches)]
    losses = []
    for rows in loader * epochs:
        put(net.tables())
        pred = net(user[rows], movie[rows], y_range)
        for kept in net.between:
            kept.retain_grad()
        loss = F.mse_loss(pred, rating[rows])
        optimizer.zero_grad()
        loss.backward()
        losses.append(loss.detach())
        x, before, after, z, _ = net.between
        grads = {place: kept.grad for place, kept in (("x", x), ("before", before), ("z", z))}
        assert grads["x"] is not None
        assert grads["before"] is not None
        assert grads["z"] is not None
        put({"looked_up": torch.stack([user[rows] + 1, movie[rows] + 1, rating[rows]], 1)})
        put({"x": x, "before": before, "after": after})
        put({"out": torch.stack([z, pred, pred - rating[rows], grads["z"]], 1)})
        put({"after_slope": grads["before"], "x_slope": grads["x"], **net.slopes()})
        optimizer.step()
    put(net.tables())
    with torch.no_grad():
        everyone, everything = torch.arange(n).repeat_interleave(m), torch.arange(m).repeat(n)
        guess = net(everyone, everything, y_range).view(n, m)
        end = net(user, movie, y_range)
        trained = batches * size
        parts = slice(None, trained), slice(trained, None)
        rmse = [F.mse_loss(end[part], rating[part]).sqrt().item() for part in parts]
        of_user = F.linear(net.user_emb.weight, net.layer1.weight[:, :ku], net.layer1.bias)
        of_movie = F.linear(net.movie_emb.weight, net.layer1.weight[:, ku:])
    mse = torch.stack(losses)
    epoch = torch.full_like(mse, torch.nan)
    epoch[batches - 1 :] = mse.unfold(0, batches, 1).mean(1).sqrt()
    pitch = 1 + max(size, n, m, hidden)
    facts = [batches, epochs * batches, *rmse, count]
    return {
        "facts": np.array(facts, np.float64)[:, None],
        "places": torch.stack([user + 1, movie + 1], 1).double().numpy(),
        "end": torch.stack([end, end - rating], 1).numpy(),
        **{name: stacked(cells, pitch) for name, cells in stacks.items()},
        "loss": torch.stack([mse.sqrt(), epoch], 1).numpy(),
        "movie_part": of_movie.T.numpy(),
        "user_part": of_user.numpy(),
        "guess": guess.numpy(),
        "draws": torch.stack([states.double(), uniform], 1).numpy(),
    }


def stacked(cells: list[Tensor], pitch: int) -> Array:
    """Step below step, blank between."""
    rows = cells[0].shape[0]
    padded = [F.pad(one.double(), (0, 0, 0, pitch - rows), value=torch.nan) for one in cells]
    found: Array = torch.cat(padded)[: (len(cells) - 1) * pitch + rows].numpy()
    return found
