"""The charts of the gradient-descent workbooks."""

from __future__ import annotations

from sheetsim.address import Rect, cell_name
from sheetsim.lessons.descent.spec import FIRST_ROW, make_points
from sheetsim.lessons.descent.table import Plan
from sheetsim.look import SERIES_COLOURS, Chart, Series

MOST = 1000  # points of a chart of the lesson's rows
LESSON, TORCH = "#D9772B", "#2F6DB3"


def targets(plan: Plan) -> dict[str, str]:
    """What b and a are on their way to; empty for a user's own points."""
    x, y = make_points(plan.settings).values()
    made = (plan.data["x"] == x).all() and (plan.data["y"] == y).all()
    return {"b": " on its way to 30", "a": " on its way to 2"} if made else {"b": "", "a": ""}


def lesson_charts(plan: Plan) -> list[Chart]:
    """Beside the lesson's table: the predictions of epoch 1, and b and a step by step."""
    rows = min(plan.n, MOST)
    name, telling = plan.lesson.name, plan.telling
    right = max(block.rect.right for block in plan.blocks if block.sheet == name) + 1
    part = "" if rows == plan.n else f" (first {rows} rows)"

    def cells(column: str) -> Rect:
        return Rect.parse(f"{column}{FIRST_ROW + 1}:{column}{FIRST_ROW + rows}")

    fits = [Series("y", name, cells("B"), cells("A"), SERIES_COLOURS[5], points=True, line=False)]
    walks = []
    for place, pred in enumerate(telling.pred):
        words = _table_words(plan)[place]
        colour = SERIES_COLOURS[place] if len(telling.pred) > 1 else LESSON
        fits.append(
            Series(f"prediction{words}", name, cells(pred), cells("A"), colour, points=True, line=False)
        )
        b, a = telling.lesson.weights[2 * place : 2 * place + 2]
        if len(telling.pred) == 1:
            walks.append(Series("b", name, cells(b.column), colour=LESSON))
        walks.append(
            Series(
                f"a{words}", name, cells(a.column), colour=colour if words else TORCH, second_axis=not words
            )
        )
    goal = targets(plan)
    return [
        Chart(
            "scatter", f"Points and predictions of epoch 1{part}", tuple(fits), cell_name(4, right), "x", "y"
        ),
        Chart(
            "line",
            f"a{goal['a']}, step by step" if len(telling.pred) > 1 else f"b and a, step by step{part}",
            tuple(walks),
            cell_name(20, right),
            "step",
            "b" if len(telling.pred) == 1 else "a",
            "a",
        ),
    ]


def summary_charts(plan: Plan) -> list[Chart]:
    """Loss, b and a by both rules, epoch by epoch, and the path of (b, a)."""
    blocks = {block.name: block for block in plan.blocks}
    sheet = plan.name("summary")
    left = blocks["summary.torch"].rect.right + 1
    words = _table_words(plan)
    bottom = FIRST_ROW + plan.epochs

    def column(role: str, place: int) -> Rect:
        at = blocks[f"summary.{role}"].rect.left + place
        return Rect(FIRST_ROW, at, bottom, at + 1)

    epochs = Rect(FIRST_ROW, 0, bottom, 1)

    def curves(what: int, roles: tuple[str, ...], x: int | None = None) -> tuple[Series, ...]:
        found = []
        for role in roles:
            for place, word in enumerate(words):
                colour = SERIES_COLOURS[place] if len(words) > 1 else LESSON if role == "lesson" else TORCH
                values = column(role, 3 * place + what)
                along = epochs if x is None else column(role, 3 * place + x)
                points = x is not None or plan.epochs <= 30
                found.append(Series(word.strip(", ") or role, sheet, values, along, colour, points=points))
        return tuple(found)

    goal = targets(plan)
    both = ("lesson", "torch")
    if len(words) > 1:
        charts = [
            ("line", "RMSE, lesson's rule", curves(0, ("lesson",)), "epoch", "RMSE"),
            ("line", "RMSE, torch's rule", curves(0, ("torch",)), "epoch", "RMSE"),
            ("scatter", "Path of (b, a), lesson's rule", curves(2, ("lesson",), 1), "b", "a"),
            ("scatter", "Path of (b, a), torch's rule", curves(2, ("torch",), 1), "b", "a"),
        ]
    else:
        charts = [
            ("line", "RMSE of each epoch", curves(0, both), "epoch", "RMSE"),
            ("scatter", "Path of (b, a), a point an epoch", curves(2, both, 1), "b", "a"),
            ("line", f"b{goal['b']}", curves(1, both), "epoch", "b"),
            ("line", f"a{goal['a']}", curves(2, both), "epoch", "a"),
        ]
    found = []
    for place, (kind, title, series, x_title, y_title) in enumerate(charts):
        at = cell_name(3 + 16 * (place // 2), left + 8 * (place % 2))
        found.append(Chart(kind, title, series, at, x_title, y_title))
    return found


def _table_words(plan: Plan) -> list[str]:
    """What tells the tables of a lesson apart in a legend; "" where there is one."""
    if len(plan.telling.pred) == 1:
        return [""]
    headings = next(block for block in plan.blocks if block.name == "summary.lesson").columns
    return [", " + heading.partition(" ")[2].replace("_", " ") for heading in headings[::3]]
