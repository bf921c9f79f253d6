"""Reading a user's points: what is right, and one line for each thing that can be wrong."""

from pathlib import Path

import pytest

from sheetsim.errors import SheetsimError
from sheetsim.lessons.descent._shared.points import read_points


def test_columns_in_any_order_and_case(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text('\ufeffname, Y ,x\nfirst,"32", 1\n\nsecond,5.8e1,14\n', encoding="utf-8")
    points = read_points(path)
    assert points["x"].tolist() == [1.0, 14.0]
    assert points["y"].tolist() == [32.0, 58.0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n3,4\n", "line 1: no column 'x'; there are a, b"),
        ("x,X,y\n1,2,3\n", "line 1: more than one column 'x'"),
        ("x,y\n1,2\n3,four\n", "line 3, column y: 'four' is not a number"),
        ("x,y\n1,2\n\n,4\n", "line 4, column x: is empty"),
        ("x,y\n1,5,2,5\n3,4\n", "line 2: more values than the columns that line 1 names"),
        ("x,y\n1\n3,4\n", "line 2, column y: is empty"),
        ("x,y\n1,nan\n3,4\n", "line 2, column y: 'nan' is not a finite number"),
        ("x,y\n1,2\n1e999,4\n", "line 3, column x: '1e999' is not a finite number"),
        ("x,y\n1,2\n", "1 points; a lesson needs 2 or more"),
        ('x,y\n1,"2\n', "not a CSV file"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "points.csv"
    path.write_text(text)
    with pytest.raises(SheetsimError) as error:
        read_points(path)
    assert str(error.value).startswith(f"{path}: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(SheetsimError, match="cannot be read"):
        read_points(tmp_path / "missing.csv")
    with pytest.raises(SheetsimError, match="cannot be read"):
        read_points(tmp_path)
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"x,y\n\xff\xfe,1\n")
    with pytest.raises(SheetsimError, match="not a text file"):
        read_points(binary)
