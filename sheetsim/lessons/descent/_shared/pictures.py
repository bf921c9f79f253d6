"""The charts of the gradient-descent workbooks."""

from __future__ import annotations

from sheetsim.address import Rect, cell_name
from sheetsim.lessons.descent._shared.points import make_points
from sheetsim.lessons.descent._shared.spec import FIRST_ROW
from sheetsim.lessons.descent._shared.table import DescentBook
from sheetsim.style import SERIES_COLOURS, Chart, Series

MOST = 1000  # points of a chart of the lesson's rows
SHORT = 40  # rows of a table that charts may stand below
TORCH, LESSON, B, A = SERIES_COLOURS[:4]
GOAL = "#7F7F7F"


def several(plan: DescentBook) -> bool:
    """Does a sheet hold several tables side by side? It is wider than a screen then."""
    return len(plan.implementation.pred) > 1


def targets(plan: DescentBook) -> dict[str, str]:
    """What b and a are on their way to; the best line by least squares for a user's own points."""
    made = make_points(plan.settings)
    ours = all((plan.data[key] == made[key]).all() for key in made)
    return {"b": "30", "a": "2"} if ours else {"b": "the best line's", "a": "the best line's"}


def _grid(plan: DescentBook, rows: int, right: int, across: int) -> list[str]:
    """Cells for charts, `across` of them a row: beside the table, which ends before column `right`, or below
    one that is wide and short."""
    below = several(plan) and rows <= SHORT
    top, left, step = (FIRST_ROW + rows + 3, 2, 7) if below else (FIRST_ROW, right + 1, 8)
    across = 2 if below else across
    return [cell_name(top + 16 * (place // across), left + step * (place % across)) for place in range(4)]


def lesson_charts(plan: DescentBook) -> list[Chart]:
    """The predictions of epoch 1, and b and a step by step."""
    rows = min(plan.n, MOST)
    name, implementation = plan.lesson.name, plan.implementation
    right = max(block.rect.right for block in plan.blocks if block.sheet == name)
    part = "" if rows == plan.n else f" (first {rows} rows)"

    def cells(column: str) -> Rect:
        return Rect.parse(f"{column}{FIRST_ROW + 1}:{column}{FIRST_ROW + rows}")

    fits = [Series("y", name, cells("B"), cells("A"), SERIES_COLOURS[5], points=True, line=False)]
    walks = []
    for place, (pred, words) in enumerate(zip(implementation.pred, implementation.words, strict=True)):
        colour = SERIES_COLOURS[place] if words else LESSON
        label = words or "prediction of the row"
        fits.append(Series(label, name, cells(pred), cells("A"), colour, points=True, line=False))
        b, a = (weight.column for weight in implementation.lesson.weights[2 * place : 2 * place + 2])
        if words:
            walks.append(Series(words, name, cells(a), colour=colour, dashed=place % 2 == 1))
        else:
            walks.append(Series("b (left scale)", name, cells(b), colour=B))
            walks.append(Series("a (right scale)", name, cells(a), colour=A, second_axis=True))
    what, second = (f"a on its way to {targets(plan)['a']}", "") if several(plan) else ("b and a", "a")
    where = _grid(plan, plan.n + 1, right, 1)
    y_title = "a" if several(plan) else "b"
    return [
        Chart("scatter", f"Points and predictions, epoch 1{part}", tuple(fits), where[0], "x", "y"),
        Chart("line", f"{what}, step by step{part}", tuple(walks), where[1], "step", y_title, second),
    ]


def summary_charts(plan: DescentBook) -> list[Chart]:
    """Loss, b and a by both rules, epoch by epoch, and the path of (b, a)."""
    blocks = {block.name: block for block in plan.blocks}
    sheet, words, goal = plan.name("summary"), plan.implementation.words, plan.goal
    bottom = FIRST_ROW + plan.epochs
    epochs = Rect(FIRST_ROW, 0, bottom, 1)

    def column(role: str, place: int) -> Rect:
        at = blocks[f"summary.{role}"].rect.left + place
        return Rect(FIRST_ROW, at, bottom, at + 1)

    def curves(what: int, *roles: str) -> tuple[Series, ...]:
        """Column `what` of each table, epoch by epoch, and, for b and a, the best line's."""
        found = []
        for role in roles:
            for place, word in enumerate(words):
                colour = SERIES_COLOURS[place] if word else LESSON if role == "lesson" else TORCH
                cells, few = column(role, 3 * place + what), plan.epochs <= 30
                dashed = bool(word) and place % 2 == 1  # so that a curve that lies on another is seen
                found.append(Series(word or role, sheet, cells, epochs, colour, dashed=dashed, points=few))
        if what:
            best = Rect(FIRST_ROW, goal.left + what - 1, bottom, goal.left + what)
            found.append(Series("best line", sheet, best, epochs, GOAL, dashed=True))
        return tuple(found)

    def paths(*roles: str) -> tuple[Series, ...]:
        """a over b, a point an epoch. Without the best line's point: it is far off from where SGD gets to."""
        found = []
        for role in roles:
            for place, word in enumerate(words):
                colour = SERIES_COLOURS[place] if word else LESSON if role == "lesson" else TORCH
                b, a = column(role, 3 * place + 1), column(role, 3 * place + 2)
                found.append(Series(word or role, sheet, a, b, colour, points=True))
        return tuple(found)

    if several(plan):
        charts = [
            ("RMSE, lesson's rule", curves(0, "lesson"), "epoch", "RMSE"),
            ("RMSE, torch's rule", curves(0, "torch"), "epoch", "RMSE"),
            ("Path of (b, a), lesson's rule", paths("lesson"), "b", "a"),
            ("Path of (b, a), torch's rule", paths("torch"), "b", "a"),
        ]
    else:
        aim = targets(plan)
        charts = [
            ("RMSE of each epoch", curves(0, "lesson", "torch"), "epoch", "RMSE"),
            ("Path of (b, a), a point an epoch", paths("lesson", "torch"), "b", "a"),
            (f"b on its way to {aim['b']}", curves(1, "lesson", "torch"), "epoch", "b"),
            (f"a on its way to {aim['a']}", curves(2, "lesson", "torch"), "epoch", "a"),
        ]
    return [
        Chart("scatter", title, series, at, x_title, y_title)
        for at, (title, series, x_title, y_title) in zip(
            _grid(plan, plan.epochs, goal.right, 2), charts, strict=True
        )
    ]
