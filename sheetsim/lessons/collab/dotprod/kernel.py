"""`dotprod`, told by a CUDA kernel: see kernel.cu."""

from pathlib import Path

from sheetsim.gpu.launch import Kernels
from sheetsim.lessons.collab._shared.kernel import ENTRIES, Array, array, crosstab, errors
from sheetsim.lessons.kit.lesson import Inputs

SOURCE = Path(__file__).with_name("kernel.cu")


def compute(inputs: Inputs, device: str | None = None) -> dict[str, Array]:
    """All blocks of the lesson, from the inputs of its workbook."""
    kernels = Kernels(SOURCE, ("predict", "advise", *ENTRIES), device)
    rating, user, movie = (array(inputs, name) for name in ("ratings", "user_factors", "movie_factors"))
    predicted, unseen = kernels.empty(rating.shape), kernels.empty(rating.shape)
    given, best = kernels.empty((len(user), 1)), kernels.empty((len(user), 1))
    sizes = (*rating.shape, len(movie))
    kernels.launch("predict", rating.size, rating, user, movie, predicted, unseen, *sizes)
    kernels.launch("advise", len(user), unseen, given, best, *rating.shape)
    named = {"predict": predicted, "unseen": unseen, "given": given, "best": best}
    return {
        **{name: kernels.download(buffer) for name, buffer in named.items()},
        **errors(kernels, rating, predicted),
        **crosstab(kernels, inputs),
    }
