"""`word_emb`, told by CUDA kernels: see kernel.cu."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.gpu.launch import Kernels
from sheetsim.lessons.kit.lesson import Inputs

SOURCE = Path(__file__).with_name("kernel.cu")
ENTRIES = ("find_words", "gather", "mean_rows", "neighbours")

Array = NDArray[np.float64]


def code_points(words: list[str], width: int) -> NDArray[np.int32]:
    """A row of code points for each word, in small letters, filled up with zeros."""
    found = np.zeros((len(words), width), np.int32)
    for row, word in zip(found, words, strict=True):
        row[: len(word)] = [ord(letter) for letter in word]
    return found


def compute(inputs: Inputs, device: str | None = None) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    kernels = Kernels(SOURCE, ENTRIES, device)
    text, word, second_word = (
        [str(one).casefold() for one in np.asarray(inputs[name]).ravel()]
        for name in ("text", "word", "second_word")
    )
    width = max(map(len, text + word + second_word))
    wanted = kernels.upload(code_points(text, width))
    found: dict[str, Array] = {}

    def tell(which: str, words: list[str], table: Array, exact: bool) -> None:
        length, (size, factors) = len(text), table.shape
        place, vector = kernels.empty((length, 1)), kernels.empty((length, factors))
        mean = kernels.empty((1, factors))
        vocabulary = code_points(words, width)
        kernels.launch("find_words", length, wanted, vocabulary, place, length, len(words), width, int(exact))
        kernels.launch("gather", length * factors, table, place, vector, length, factors)
        kernels.launch("mean_rows", factors, vector, mean, length, factors)
        lengths, cosine, nearest = (kernels.empty(shape) for shape in ((size, 1), (size, size), (size, 1)))
        kernels.launch("neighbours", size, table, lengths, cosine, nearest, size, factors)
        results = {"place": place, "vector": vector, "mean": mean}
        results |= {"length": lengths, "cosine": cosine, "nearest": nearest}
        found.update({which + name: kernels.download(buffer) for name, buffer in results.items()})

    table, second_table = (np.asarray(inputs[name], np.float64) for name in ("embedding", "second_embedding"))
    tell("", word, table, exact=False)
    tell("second_", second_word, second_table, exact=True)
    return found | {"word_id": np.arange(2.0, len(word) + 1)[:, None]}
