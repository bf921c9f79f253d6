"""Ratings: our own from a seed, and files of MovieLens' kinds, right and wrong."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from sheetsim import SheetsimError
from sheetsim.lessons.collab._shared import reading
from sheetsim.lessons.collab._shared.reading import read_ratings
from sheetsim.lessons.collab.ratings import HATED, LOVED, busiest, crosstab, default_ratings

CSV = "userId,movieId,rating,timestamp\n7,31,2.5,1\n7,10,4,2\n2,31,0.5,3\n2,10,5,4\n9,10,3,5\n"
DATA = "196\t242\t3\t881250949\n186\t302\t3\t891717742\n196\t302\t1\t0\n186\t242\t5\t0\n"
MOVIES = 'movieId,title,genres\n10,"American President, The (1995)",Comedy\n31,Dangerous Minds (1995),Drama\n'
ITEMS = "242|Kolya (1996)|24-Jan-1997||url|0\n302|Misérables, Les (1995)|01-Jan-1995||url|1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ratings.csv").write_text(CSV)
    (tmp_path / "movies.csv").write_text(MOVIES)
    (tmp_path / "u.data").write_text(DATA)
    (tmp_path / "u.item").write_text(ITEMS, encoding="latin-1")
    return tmp_path


def test_default_ratings_are_many_in_halves_and_the_same_every_time() -> None:
    ratings = default_ratings()
    grid, users, movies, titles = crosstab(ratings)
    assert len(ratings) == 206
    assert grid.shape == (15, 15)
    assert np.isnan(grid).sum() == 19
    assert set(ratings.rating.tolist()) <= {one / 2 for one in range(2, 11)}
    assert (np.diff(users) > 0).all()
    assert (np.diff(movies) > 0).all()
    assert len(set(titles)) == 15
    again = default_ratings()
    assert (again.rating == ratings.rating).all()
    assert not np.array_equal(default_ratings(seed=2).rating, ratings.rating)


def test_default_ratings_have_visible_tastes() -> None:
    grid, _, _, _ = crosstab(default_ratings())
    means = np.nanmean(grid, axis=0)
    assert means.argmax() == LOVED
    assert means.argmin() == HATED
    kinds = np.stack([np.nanmean(grid[:, [kind, kind + 5]], axis=1) for kind in (1, 2, 4)], 1)
    assert (np.ptp(kinds, axis=1) > 1.5).mean() > 0.5  # most users like one of these kinds much more


@pytest.mark.parametrize(("users", "movies", "count"), [(2, 2, 4), (3, 40, 43), (30, 20, 600), (50, 60, 300)])
def test_default_ratings_of_any_size_leave_no_user_and_no_movie_out(
    users: int, movies: int, count: int
) -> None:
    ratings = default_ratings(5, users, movies, count)
    grid, _, _, titles = crosstab(ratings)
    assert grid.shape == (users, movies)
    assert len(ratings) == count
    assert len(set(titles)) == movies


def test_movielens_csv_with_titles_beside_it(folder: Path) -> None:
    ratings = read_ratings(folder / "ratings.csv")
    assert ratings.user.tolist() == [2, 2, 7, 7, 9]
    assert ratings.movie.tolist() == [10, 31, 10, 31, 10]
    assert ratings.rating.tolist() == [5, 0.5, 4, 2.5, 3]
    assert crosstab(ratings)[3] == ["American President, The (1995)", "Dangerous Minds (1995)"]


def test_movielens_u_data_with_latin_1_titles(folder: Path) -> None:
    ratings = read_ratings(folder / "u.data")
    assert ratings.rating.tolist() == [5, 3, 3, 1]
    assert crosstab(ratings)[3] == ["Kolya (1996)", "Misérables, Les (1995)"]


def test_titles_from_another_place_and_none_at_all(folder: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone" / "ratings.csv"
    alone.parent.mkdir()
    shutil.copy(folder / "ratings.csv", alone)
    assert crosstab(read_ratings(alone))[3] == ["movie 10", "movie 31"]
    assert read_ratings(alone, titles=folder / "movies.csv").titles[31] == "Dangerous Minds (1995)"


def test_any_three_columns(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("when,Stars,film,who\nx,3,5,1\nx,4,6,1\n\nx,1.5,5,2.0\nx,2,6,2\n")
    ratings = read_ratings(file, "who,film,stars")
    assert ratings.rating.tolist() == [3, 4, 1.5, 2]
    assert ratings.user.tolist() == [1, 1, 2, 2]


def test_the_busiest_of_equals_are_the_lowest_ids() -> None:
    ratings = default_ratings(1, 20, 20, 200)
    users, times = np.unique(ratings.user, return_counts=True)
    found = busiest(ratings, 5, 7)
    expected = sorted(zip(-times, users, strict=True))[:5]
    assert sorted(set(found.user.tolist())) == sorted(int(user) for _, user in expected)
    assert len(set(found.movie.tolist())) <= 7


BAD = {
    "userId,movie,rating\n1,2,3\n": "line 1: no column 'movieId'; there are userId, movie, rating",
    "userId,movieId,rating,rating\n": "more than one column 'rating'",
    "": "is empty",
    "userId,movieId,rating\n": "0 ratings of 0 movies",
    CSV + "x,1,3\n": "line 7, column userId: 'x' is not a whole number",
    CSV + "1.5,1,3\n": "line 7, column userId: '1.5' is not a whole number",
    CSV + "inf,1,3\n": "line 7, column userId: 'inf' is not a whole number",
    CSV + "1,,3\n": "line 7, column movieId: is empty",
    CSV + "1,2\n": "line 7, column rating: is empty",
    CSV + "1,2,3,5,0\n": "line 7: more values than the columns that line 1 names",
    CSV + "1,2,good\n": "line 7, column rating: 'good' is not a number",
    CSV + "1,2,nan\n": "line 7, column rating: 'nan' is not a rating from 0.5 to 5",
    CSV + "1,2,5.5\n": "line 7, column rating: '5.5' is not a rating from 0.5 to 5",
    CSV + "1,2,0\n": "'0' is not a rating from 0.5 to 5",
    CSV + "7,10,1\n": "line 7: user 7 rates movie 10 again (first in line 3)",
    'userId,movieId,rating\n1,"2,3\n': "not a CSV file",
    "userId,movieId,rating\n1,2,3\n1,3,3\n": "are too few",
}


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_what_is_wrong_is_said_in_a_line(text: str, tmp_path: Path) -> None:
    file = tmp_path / "ratings.csv"
    file.write_text(text)
    with pytest.raises(SheetsimError) as caught:
        read_ratings(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert BAD[text] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SheetsimError, match="cannot be read: No such file"):
        read_ratings(tmp_path / "none.csv")
    with pytest.raises(SheetsimError, match=r"is not a file|cannot be read"):
        read_ratings(tmp_path)
    file = tmp_path / "ratings.csv"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SheetsimError, match="not a text file"):
        read_ratings(file)
    file.write_text(CSV)
    with pytest.raises(SheetsimError, match="names three columns"):
        read_ratings(file, "a,b")
    with pytest.raises(SheetsimError, match="cannot be read"):
        read_ratings(file, titles=tmp_path / "no titles.csv")
    monkeypatch.setattr(reading, "MOST_RATINGS", 4)
    with pytest.raises(SheetsimError, match="more than 4 ratings"):
        read_ratings(file)
    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    with pytest.raises(SheetsimError, match="is larger than"):
        read_ratings(file)


def test_columns_that_have_no_names(folder: Path) -> None:
    with pytest.raises(SheetsimError, match="its columns have no names"):
        read_ratings(folder / "u.data", "user,item,rating")


def test_broken_titles_are_said_too(folder: Path) -> None:
    (folder / "movies.csv").write_text("movieId,name\n1,a\n")
    with pytest.raises(SheetsimError, match=r"movies\.csv: line 1: no column 'title'"):
        read_ratings(folder / "ratings.csv")
    (folder / "u.item").write_text("x|a\n")
    with pytest.raises(SheetsimError, match=r"u\.item: line 1, column movie: 'x' is not a whole number"):
        read_ratings(folder / "u.data")


def test_a_file_of_titles_is_spoken_of_as_one(folder: Path, tmp_path: Path) -> None:
    titles = tmp_path / "titles.csv"
    for text, said in {
        "": "is empty; its first line names the columns, like movieId,title",
        "hello\n": "line 1: no column 'movieId'; there are hello",
        "movieId,title\n1,American President, The\n": 'line 2: more values than .* stands in "quotes"',
    }.items():
        titles.write_text(text)
        with pytest.raises(SheetsimError, match=f"titles.csv: {said}$"):
            read_ratings(folder / "ratings.csv", titles=titles)
