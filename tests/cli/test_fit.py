"""`fit` as a user runs it, and devices that are not there."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sheetsim.lessons.collab.ratings import default_ratings
from tests.cli.conftest import Run

Refused = Callable[..., str]

torch = pytest.importorskip("torch", reason="torch is not installed")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    ratings = default_ratings()
    lines = zip(ratings.user.tolist(), ratings.movie.tolist(), ratings.rating.tolist(), strict=True)
    path = tmp_path / "ratings.csv"
    path.write_text("userId,movieId,rating\n" + "".join(f"{u},{m},{r}\n" for u, m, r in lines))
    return path


def test_fit(run: Run, file: Path) -> None:
    words = ["fit", "ratings.csv", "--factors", "3", "--epochs", "4"]
    done = run(*words, "--json", "-o", "weights.npz")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert (report["schema"], report["model"], report["factors"]) == ("sheetsim.fit/1", "bias", 3)
    assert [one["epoch"] for one in report["epochs"]] == [1, 2, 3, 4]
    saved = np.load(file.with_name("weights.npz"))
    assert saved["user_factors"].shape == (15, 3)
    assert float(saved["mean"]) == report["mean"]
    done = run(*words, "-o", "weights.csv", "--model", "dotprod", "--validation", "0")
    assert "factors      3" in done.stdout
    rows = list(csv.reader(file.with_name("weights.csv").open()))
    assert rows[0] == ["kind", "id", "bias", "factor1", "factor2", "factor3"]
    assert [row[0] for row in rows[1:]] == ["mean"] + ["user"] * 15 + ["movie"] * 15
    assert run(*words, "--quiet").stdout == ""
    assert (
        json.loads(run(*words, "--json", "--validation", "0").stdout)["epochs"][0]["validation_mse"] is None
    )


def test_what_cannot_be_fitted_is_one_line(refused: Refused, file: Path) -> None:
    assert "sgd cannot be fitted" in refused("fit", file, "--model", "sgd")
    assert "saved as .npz or as .csv" in refused("fit", file, "-o", "weights.txt")
    assert "is there already" in refused("fit", file, "-o", "ratings.csv")
    assert "cannot be read" in refused("fit", "none.csv")
    assert "no column 'stars'" in refused("fit", file, "--columns", "userId,movieId,stars")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_one_line(run: Run, refused: Refused, file: Path) -> None:
    assert run("export", "adam.xlsx").returncode == 0
    adam = file.with_name("adam.xlsx")
    for words in (
        ("fit", file),
        ("solve", adam, "--objective", "adam!I32", "--changing", "adam!D2"),
        ("grad", adam, "--of", "adam!I32", "--wrt", "adam!D2"),
    ):
        said = refused(*words, "--device", "cuda")
        assert "--device cuda: PyTorch" in said
        assert "use cpu" in said
        assert "no device 'gpu'" in refused(*words, "--device", "gpu")
