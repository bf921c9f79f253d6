"""`word_emb` by torch: nn.Embedding for the look-up, nn.EmbeddingBag for the mean of a text, and
F.cosine_similarity between words."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sheetsim.lessons.collab._embedding.reference import places
from sheetsim.lessons.kit.lesson import Inputs


def tokenise(text: list[str], vocabulary: list[str], exact: bool) -> Tensor:
    """The words' numbers from 0; -1 for one that the vocabulary does not know."""
    if exact:
        numbers = {word: place for place, word in reversed(list(enumerate(vocabulary)))}
        return torch.tensor([numbers.get(word, -1) for word in text])
    rank = {word: float(place) for place, word in enumerate(sorted({*text, *vocabulary}))}
    return places(*(torch.tensor([rank[word] for word in words]) for words in (text, vocabulary)))


def look_up(weight: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
    """A layer's rows for the words, and its mean over all of them; NaN for unknown words."""
    layer = nn.Embedding.from_pretrained(weight)
    rows = layer(ids.clamp(min=0)).masked_fill((ids < 0)[:, None], float("nan"))
    bag = nn.EmbeddingBag.from_pretrained(weight, mode="mean")
    mean = bag(ids.clamp(min=0)[None]) if (ids >= 0).all() else rows.mean(dim=0)[None]
    return rows, mean


def neighbours(weight: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Lengths, cosines, and the place from 1 of each word's nearest other word."""
    cosine = F.cosine_similarity(weight[:, None], weight[None], dim=2, eps=0)
    others = cosine.clone().fill_diagonal_(-torch.inf)
    nearest = (others.argmax(dim=1) + 1.0).masked_fill(others.isnan().any(dim=1), torch.nan)
    return weight.norm(dim=1)[:, None], cosine.fill_diagonal_(torch.nan), nearest[:, None]


def compute(inputs: Inputs) -> dict[str, NDArray[np.float64]]:
    """All blocks of the lesson, from the inputs of its workbook."""

    def words(name: str) -> list[str]:
        return [str(word).casefold() for word in np.asarray(inputs[name]).ravel()]

    weight, second_weight = (
        torch.tensor(np.asarray(inputs[name]), dtype=torch.float64)
        for name in ("embedding", "second_embedding")
    )
    ids = tokenise(words("text"), words("word"), exact=False)
    second_ids = tokenise(words("text"), words("second_word"), exact=True)
    vector, mean = look_up(weight, ids)
    second_vector, second_mean = look_up(second_weight, second_ids)
    found = {
        "word_id": torch.arange(2, len(weight) + 1)[:, None],
        "place": (ids + 1.0).masked_fill(ids < 0, torch.nan)[:, None],
        "vector": vector,
        "mean": mean,
        "second_place": (second_ids + 1.0).masked_fill(second_ids < 0, torch.nan)[:, None],
        "second_vector": second_vector,
        "second_mean": second_mean,
    }
    for which, rows in (("", weight), ("second_", second_weight)):
        names = (f"{which}length", f"{which}cosine", f"{which}nearest")
        found |= dict(zip(names, neighbours(rows), strict=True))
    return {name: block.double().numpy() for name, block in found.items()}
