"""Real ratings from a file: MovieLens' `ratings.csv` and `u.data`, or three columns of any CSV file.

ratings.csv     userId,movieId,rating,timestamp         titles in movies.csv: movieId,title,genres
u.data          196<tab>242<tab>3<tab>881250949         titles in u.item: 242|Kolya (1996)|... in latin-1

The formats are those of https://grouplens.org/datasets/movielens/. Users and movies are whole numbers, and
ratings lie on MovieLens' scale, 0.5 to 5. Everything that is wrong is a SheetsimError of one line.
"""

from __future__ import annotations

import csv
import math
import os
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from sheetsim.errors import SheetsimError
from sheetsim.lessons.collab.ratings import HIGHEST, LOWEST, Integers, Ratings, sorted_ratings

COLUMNS = ("userId", "movieId", "rating")
MOST_RATINGS = 5_000_000
MOST_BYTES = 400_000_000
MOST_TITLES = 500_000
LARGEST_ID = 2**53  # above it a cell does not hold every whole number
FEWEST = 4  # ratings
LONGEST_TITLE = 200


def read_ratings(
    path: str | os.PathLike[str],
    columns: str | Sequence[str] | None = None,
    titles: str | os.PathLike[str] | None = None,
) -> Ratings:
    """The ratings of a file, sorted by user and movie. `columns` names the columns of user, movie and rating
    ("user,movie,stars"); `titles` is a file of titles, else one that lies beside the ratings is taken."""
    file = Path(path)
    names = _names(columns)
    users, movies, ratings, lines = array("q"), array("q"), array("d"), array("q")
    with _table(file) as (rows, header, tabs):
        if tabs and columns is not None:
            raise SheetsimError(f"{file}: its columns have no names, as in u.data; leave out --columns")
        places = (0, 1, 2) if tabs else _places(file, header, names)
        for line, row in rows:
            users.append(_id(file, line, names[0], row, places[0]))
            movies.append(_id(file, line, names[1], row, places[1]))
            ratings.append(_rating(file, line, names[2], row, places[2]))
            lines.append(line)
            if len(lines) > MOST_RATINGS:
                raise SheetsimError(f"{file}: more than {MOST_RATINGS:,} ratings; a part of them is enough")
    user, movie = np.array(users, np.int64), np.array(movies, np.int64)
    _check(file, user, movie, np.array(lines, np.int64))
    named = Path(titles) if titles is not None else _beside(file)
    found = _titles(named, names[1], set(np.unique(movie).tolist())) if named else {}
    return sorted_ratings(user, movie, np.array(ratings, np.float64), found)


def _names(columns: str | Sequence[str] | None) -> tuple[str, ...]:
    """The three columns' names."""
    if columns is None:
        return COLUMNS
    names = tuple(name.strip() for name in (columns.split(",") if isinstance(columns, str) else columns))
    if len(names) != 3 or not all(names) or len({name.casefold() for name in names}) != 3:
        raise SheetsimError(
            f"--columns {','.join(names)}: it names three columns, of user, movie and rating, like "
            f"{','.join(COLUMNS)}"
        )
    return names


@contextmanager
def _table(
    file: Path,
) -> Iterator[tuple[Iterator[tuple[int, list[str]]], list[str], bool]]:
    """The rows of a file with their line numbers, its first row, and whether it is one of tabs without
    headings (whose first row is then among the rows). What goes wrong with the file is a SheetsimError."""
    try:
        _usable(file)
        with file.open(newline="", encoding="utf-8-sig") as text:
            start = text.readline(1 << 16)
            text.seek(0)
            tabs = "\t" in start and start.split("\t")[0].strip().isdigit()
            reader = csv.reader(text, delimiter="\t" if "\t" in start else ",", strict=True)
            try:
                header = [] if tabs else [name.strip() for name in next(reader, [])]
                yield _lines(file, reader, len(header)), header, tabs
            except csv.Error as error:
                raise SheetsimError(f"{file}: line {reader.line_num}: not a CSV file: {error}") from None
    except OSError as error:
        raise SheetsimError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SheetsimError(f"{file}: is not a text file in UTF-8") from None


def _lines(file: Path, reader: Any, columns: int) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, with their line numbers. SheetsimError for one that has more values than
    there are `columns` (0: any number): a decimal comma makes two values of one."""
    for row in reader:
        if columns and any(map(str.strip, row[columns:])):
            raise SheetsimError(
                f"{file}: line {reader.line_num}: more values than the columns that line 1 names; a value "
                'with a comma in it stands in "quotes"'
            )
        if any(map(str.strip, row)):
            yield reader.line_num, row


def _usable(file: Path) -> None:
    """SheetsimError for what is no file, or too large a one. OSError when it is not there."""
    if file.stat().st_size > MOST_BYTES:
        raise SheetsimError(f"{file}: is larger than {MOST_BYTES // 1_000_000} MB; a part of it is enough")
    if not file.is_file():
        raise SheetsimError(f"{file}: is not a file")


def _places(
    file: Path,
    header: list[str],
    names: tuple[str, ...],
    hint: str = " (--columns user,movie,rating names three of them)",
) -> tuple[int, ...]:
    """Where the columns stand, by the first line; `hint` is for who has none of these names."""
    if not any(header):
        raise SheetsimError(f"{file}: is empty; its first line names the columns, like {','.join(names)}")
    folded = [name.casefold() for name in header]
    for name in names:
        if folded.count(name.casefold()) != 1:
            problem = "more than one column" if name.casefold() in folded else "no column"
            there = ", ".join(header)[:100]
            raise SheetsimError(f"{file}: line 1: {problem} {name!r}; there are {there}{hint}")
    return tuple(folded.index(name.casefold()) for name in names)


def _cell(row: list[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""


def _said(file: Path, line: int, name: str, text: str, wanted: str) -> SheetsimError:
    said = f"{text[:40]!r} is {wanted}" if text else "is empty"
    return SheetsimError(f"{file}: line {line}, column {name}: {said}")


def _id(file: Path, line: int, name: str, row: list[str], place: int) -> int:
    text = _cell(row, place)
    try:
        number = int(text) if text.isdecimal() and len(text) < 20 else float(text)
    except ValueError:
        raise _said(file, line, name, text, "not a whole number") from None
    if not 0 <= number < LARGEST_ID or number != int(number):
        raise _said(file, line, name, text, f"not a whole number from 0 to {LARGEST_ID}")
    return int(number)


def _rating(file: Path, line: int, name: str, row: list[str], place: int) -> float:
    text = _cell(row, place)
    try:
        number = float(text)
    except ValueError:
        raise _said(file, line, name, text, "not a number") from None
    if math.isnan(number) or not LOWEST <= number <= HIGHEST:
        raise _said(file, line, name, text, f"not a rating from {LOWEST:g} to {HIGHEST:g}")
    return number


def _check(file: Path, user: Integers, movie: Integers, line: Integers) -> None:
    """SheetsimError for a pair that is there twice, and for too few of anything."""
    order = np.lexsort((line, movie, user))
    same = (np.diff(user[order]) == 0) & (np.diff(movie[order]) == 0)
    if same.any():
        place = int(np.flatnonzero(same)[0])
        first, second = order[place], order[place + 1]
        raise SheetsimError(
            f"{file}: line {line[second]}: user {user[second]} rates movie {movie[second]} again "
            f"(first in line {line[first]})"
        )
    users, movies = len(np.unique(user)), len(np.unique(movie))
    if len(user) < FEWEST or min(users, movies) < 2:
        raise SheetsimError(
            f"{file}: {len(user)} ratings of {movies} movies by {users} users are too few; a lesson needs "
            f"{FEWEST} or more, of 2 movies and by 2 users at least"
        )


# -- titles


def _beside(file: Path) -> Path | None:
    """A file of titles that lies beside the ratings."""
    wanted = ("u.item", "movies.csv") if file.suffix == ".data" else ("movies.csv", "u.item")
    return next((one for name in wanted if (one := file.with_name(name)).is_file() and one != file), None)


def _titles(file: Path, movie: str, wanted: set[int]) -> dict[int, str]:
    """The titles of these movies: of a CSV file with the columns `movie` (or movieId) and title, or of lines
    `id|title|...` in latin-1."""
    found: dict[int, str] = {}
    for count, (line, number, title) in enumerate(_bars(file) if _barred(file) else _named(file, movie)):
        if count >= MOST_TITLES:
            raise SheetsimError(f"{file}: line {line}: more than {MOST_TITLES:,} titles")
        if number in wanted and title.strip():
            found.setdefault(number, " ".join(title.split())[:LONGEST_TITLE])
    return found


def _barred(file: Path) -> bool:
    """Whether the file is of u.item's kind."""
    try:
        _usable(file)
        with file.open("rb") as data:
            return b"|" in data.readline(1 << 16) and file.suffix.casefold() != ".csv"
    except OSError as error:
        raise SheetsimError(f"{file}: cannot be read: {error.strerror}") from None


def _named(file: Path, movie: str) -> Iterator[tuple[int, int, str]]:
    """Line, movie and title from a CSV file."""
    with _table(file) as (rows, header, _):
        known = movie.casefold() in [name.casefold() for name in header]
        place, title = _places(file, header, (movie if known else COLUMNS[1], "title"), hint="")
        for line, row in rows:
            yield line, _id(file, line, "movie", row, place), _cell(row, title)


def _bars(file: Path) -> Iterator[tuple[int, int, str]]:
    """Line, movie and title from u.item, which quotes nothing."""
    with file.open(encoding="latin-1", newline="\n") as text:
        for line, words in enumerate(text, 1):
            if words.strip():
                row = words.split("|")
                yield line, _id(file, line, "movie", row, 0), _cell(row, 1)
