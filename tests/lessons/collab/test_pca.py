"""`pca` against torch's own decompositions, at other sizes, and what its about page says."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sheetsim import check
from sheetsim.errors import SheetsimError
from sheetsim.lessons.collab._shared.trained import trained_movies
from sheetsim.lessons.collab.pca.arrays import compute
from sheetsim.lessons.collab.ratings import default_ratings
from sheetsim.public_lesson import lesson
from sheetsim.xlsx.read.workbook import read_workbook

PCA = lesson("pca")


def inputs(**changed: Any) -> dict[str, Any]:
    settings = PCA.settings()
    return {**settings, **PCA.make_data(settings), **changed}


def near(title: str) -> list[str]:
    """The titles by their distance from one."""
    given = inputs(chosen=np.array([[title]], object))
    order = compute(given)["near_rank"][:, 0].argsort()
    return given["title"][order, 0].tolist()


def test_the_axes_are_those_of_torch() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    given = inputs()
    found = compute(given)
    factors = torch.from_numpy(given["movie_factors"])
    centred = factors - factors.mean(0)
    _, singular, directions = torch.linalg.svd(centred, full_matrices=False)
    torch.manual_seed(0)
    _, low, columns = torch.pca_lowrank(factors, q=5, niter=10)
    for n in (1, 2, 3):
        axis = found[f"axis{n}"][:, 0]
        assert axis[np.abs(axis).argmax()] > 0
        for other in (directions[n - 1].numpy(), columns[:, n - 1].numpy()):
            assert np.abs(axis - np.sign(axis @ other) * other).max() < 1e-12
        for values in (singular, low):
            assert found["variance"][0, n - 1] == pytest.approx(float(values[n - 1]) ** 2 / 14, rel=1e-13)
        assert found[f"moved{n}"][-1, 0] < 1e-15
    spread = np.cov(found["projected"].T)
    assert np.abs(spread - np.diag(found["variance"][0])).max() < 1e-14


def test_what_the_about_page_says() -> None:
    given = inputs()
    found = compute(given)
    spread = np.linalg.eigvalsh(found["matrix1"])[::-1]
    assert spread[:4].round(3).tolist() == [0.376, 0.325, 0.290, 0.175]
    for n, steps in ((1, (150, 180)), (2, (150, 180)), (3, (40, 50))):
        moved = found[f"moved{n}"][:, 0]
        rate = (moved[steps[1]] / moved[steps[0]]) ** (1 / (steps[1] - steps[0]))
        assert rate == pytest.approx(spread[n] / spread[n - 1], rel=0.01)
    love = {"Letters from Lisbon", "The Second Waltz", "A Summer in Trieste"}
    space = {"The Last Signal", "Orbit of Glass", "Moon Mutants II"}
    for title in love:
        assert set(near(title)[:3]) == love
    assert set(near("The Last Signal")[:3]) == space
    assert near("the last signal") == near("The Last Signal")  # as MATCH compares
    by_bias = given["title"][found["rank"][:, 0].argsort(), 0]
    assert (by_bias[0], by_bias[-1]) == ("The Clockwork Fox", "Moon Mutants II")
    assert found["by_bias"][-1, 0] < -2
    # another start ends at the same axes
    other = compute(inputs(start=np.array([[3.0, -1, 1, 0, 2]])))
    for n in (1, 2, 3):
        assert np.abs(other[f"axis{n}"] - found[f"axis{n}"]).max() < 1e-12
    # the middle of the map: what all agree on
    middle = np.hypot(*found["projected"][:, :2].T) < 0.25
    assert {"The Clockwork Fox", "Moon Mutants II"} <= set(given["title"][middle, 0])


def test_the_training_finds_the_ratings() -> None:
    """The factors are those of a small error: every weight's slope is nearly 0 at the end."""
    ratings = default_ratings()
    once, again = trained_movies(ratings, 5, 1), trained_movies(ratings, 5, 1)
    assert all(np.array_equal(*pair) for pair in zip(once, again, strict=True))
    means = [ratings.rating[ratings.movie == movie].mean() for movie in np.unique(ratings.movie)]
    assert np.corrcoef(once[1], means)[0, 1] > 0.98


@pytest.mark.parametrize(
    "settings",
    [
        {"factors": 3, "steps": 40},  # not at rest: torch tells the same vectors then
        {"factors": 8, "movies": 20, "users": 25, "seed": 7},
        {"movies": 5, "users": 6, "weights_seed": 3},
    ],
)
def test_other_sizes(settings: dict[str, float], tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    path = PCA.export(tmp_path / "pca.xlsx", **settings)
    outcome = check(path, against=["recalc", "arrays", "torch"])
    assert outcome.passed, str(outcome)


def test_ratings_from_a_file_with_their_titles(tmp_path: Path) -> None:
    ratings = default_ratings(3, 12, 8, 60)
    lines = zip(ratings.user.tolist(), ratings.movie.tolist(), ratings.rating.tolist(), strict=True)
    (tmp_path / "r.csv").write_text(
        "userId,movieId,rating\n" + "".join(f"{u},{m},{r}\n" for u, m, r in lines)
    )
    movies = sorted(set(ratings.movie.tolist()))
    rows = "".join(f'{movie},"Film {place}, the"\n' for place, movie in enumerate(movies))
    (tmp_path / "movies.csv").write_text("movieId,title\n" + rows)
    path = PCA.export(tmp_path / "pca.xlsx", ratings=tmp_path / "r.csv")
    assert read_workbook(path)["pca"].value("A7") == "Film 0, the"
    assert check(path, against=["recalc", "arrays"]).passed
    with pytest.raises(SheetsimError, match="steps=5: steps must be at least 10"):
        PCA.export(tmp_path / "x.xlsx", steps=5)
    with pytest.raises(SheetsimError, match="factors=2: factors must be at least 3"):
        PCA.export(tmp_path / "x.xlsx", factors=2)


def test_a_title_that_is_not_there(tmp_path: Path) -> None:
    """The distances are errors then, and every implementation says so."""
    pytest.importorskip("torch", reason="torch is not installed")
    from sheetsim.lessons.collab.pca.reference import compute as by_torch

    given = inputs(chosen=np.array([["no such film"]], object))
    for tell in (compute, by_torch):
        found = tell(given)
        for name in ("place", "distance", "near_rank", "by_distance"):
            assert np.isnan(found[name]).all()
        assert np.isfinite(found["rank"]).all()


def test_the_drop_down_lists_the_titles(tmp_path: Path) -> None:
    import zipfile

    path = PCA.export(tmp_path / "pca.xlsx")
    with zipfile.ZipFile(path) as package:
        sheets = [package.read(part) for part in package.namelist() if part.startswith("xl/worksheets/sheet")]
    lists = [found for sheet in sheets for found in re.findall(rb"<formula1>([^<]*)", sheet)]
    assert b"pca!$A$7:$A$21" in lists
