"""What the about pages promise: each figure under "What to try" is what the workbook then shows."""

from functools import cache

import pytest

from sheetsim.address import parse_cell
from sheetsim.lessons.kit.catalogue import lesson
from sheetsim.lessons.kit.export import make_book
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import Calculation, calculate
from tests.lessons.descent.course import DESCENT


@cache
def computed(name: str, **settings: float) -> Calculation:
    book = make_book(lesson(name), settings)
    return calculate(book, make_plan(book))


def cell(found: Calculation, sheet: str, address: str) -> float:
    value = found.value(sheet, *parse_cell(address))
    assert isinstance(value, float)
    return value


def figures(name: str) -> str:
    return str(lesson(name).implementation("sheet").IMPLEMENTATION.tries)


# lesson, settings, {cell of the summary: the figure as the page prints it}; row 4 is epoch 1, row 13 epoch 10
# and C, G the columns of b by the lesson's rule and by torch's (in weight_decay: I and L of both Adams)
CLAIMS: list[tuple[str, dict[str, float], dict[str, str]]] = [
    ("sgd", {}, {"B13": "16.5"}),
    ("sgd", {"lr": 0.00003}, {"B13": "16.0"}),
    ("sgd", {"lr": 0.0002}, {"B13": "27.7"}),
    ("sgd", {"lr": 0.0003}, {"B13": "523"}),
    ("sgd", {"lr": 0.001}, {"B13": "5.8E+133"}),
    ("momentum", {"momentum": 0.99}, {"D4": "3.7"}),
    ("momentum", {"torch_lr": 0.0001}, {"F13": "2.7E+07"}),
    ("momentum", {"torch_lr": 0.0001, "dampening": 0.9}, {"B13": "16.1", "F13": "16.1"}),
    ("nesterov", {}, {"C13": "1.5", "F13": "16.2"}),
    ("nesterov", {"lr": 0.0003}, {"B13": "17.6"}),
    ("nesterov", {"torch_lr": 0.0001}, {"F13": "19.7", "G13": "5.4"}),
    ("rmsprop", {}, {"C13": "4.8"}),
    ("rmsprop", {"lr": 0.2}, {"C13": "21.0"}),
    ("adam", {}, {"G13": "11.3"}),
    ("adam", {"lr": 1}, {"C8": "29.9", "B8": "7.2", "B13": "11.5"}),
    ("adam", {"lr": 0.01}, {"C13": "3.2"}),
    ("adam", {"torch_beta2": 0.9}, {"G13": "15.7"}),
    ("adam", {"epochs": 100}, {"B103": "2.2"}),
    ("adam_ann", {}, {"B8": "21.0", "E9": "0.25"}),
    ("adam_ann", {"lr": 0.1}, {"C13": "14.3", "E13": "0.1"}),
    ("adam_ann", {"epochs": 26}, {"C29": "29.996", "D29": "1.9999"}),
    ("adamw", {"weight_decay": 0.5}, {"C13": "1.94", "D13": "1.59"}),
    ("adamw", {}, {"G13": "10.2"}),
    ("adamw", {"torch_beta2": 0.9}, {"G13": "13.8"}),
    ("adamw", {"epochs": 100}, {"C103": "28.2"}),
    ("adagrad", {}, {"B13": "9.4", "G13": "13.8"}),
    ("adagrad", {"lr": 10}, {"B4": "91.5", "B13": "4.7"}),
    ("adagrad", {"lr": 0.1}, {"C13": "3.0"}),
    ("adagrad", {"lr_decay": 0.01}, {"G13": "9.0"}),
    ("weight_decay", {"weight_decay": 0.5}, {"I13": "11.9", "L13": "1.94", "M13": "1.59"}),
    ("weight_decay", {"epochs": 100}, {"I103": "26.1", "L103": "6.2"}),
]


@pytest.mark.parametrize(("name", "settings", "claims"), CLAIMS)
def test_what_to_try_shows_what_it_says(
    name: str, settings: dict[str, float], claims: dict[str, str]
) -> None:
    found = computed(name, **settings)
    for address, said in claims.items():
        digits = len(said.partition(".")[2].partition("E")[0])
        value = cell(found, f"{name} summary", address)
        shown = f"{value:.{digits}E}" if "E" in said else f"{value:.{digits}f}"
        assert shown == said, address
        assert said in figures(name)


def test_the_other_things_to_try() -> None:
    sgd = computed("sgd")
    assert [round(cell(sgd, "sgd", address), 2) for address in ("A6", "D6", "M6")] == [76, 1.13, 2.58]
    for row in range(4, 33):
        x, h, k, j, slope = (cell(sgd, "sgd", f"{column}{row}") for column in "AHKJL")
        assert h - k == pytest.approx(0.01, abs=1e-8)
        assert j - slope == pytest.approx(0.01 * x * x, abs=1e-6)
    assert round(cell(computed("momentum", lr=0.0003), "momentum summary", "B13")) == 106
    runs_away = computed("nesterov", torch_lr=0.0003)
    assert cell(runs_away, "nesterov summary", "F13") > 1e80
    jump = computed("rmsprop", alpha=0)
    assert [round(cell(jump, "rmsprop epochs", address), 1) for address in ("C4", "H4")] == [2.1, 37.0]
    assert cell(computed("rmsprop"), "rmsprop start", "H4") == pytest.approx(1.012)
    assert cell(computed("rmsprop", v0=1), "rmsprop start", "H4") == pytest.approx(2.2)
    assert cell(computed("adam", epochs=100), "adam summary", "F103") < 1e-5
    close = cell(computed("adam"), "adam summary", "C13") - cell(
        computed("adam", torch_beta2=0.9), "adam summary", "G13"
    )
    assert abs(close) < 0.5
    same = computed("weight_decay", weight_decay=0)
    assert cell(same, "weight_decay summary", "I13") == cell(same, "weight_decay summary", "L13")


@pytest.mark.parametrize("name", DESCENT)
def test_the_summary_knows_where_training_is_going_to(name: str) -> None:
    summary = make_book(lesson(name))[f"{name} summary"]
    found = computed(name)
    right = next(column for column in range(40) if summary.value((2, column)) == "best b")
    assert [found.value(f"{name} summary", 12, right + place) for place in range(2)] == [30.0, 2.0]
