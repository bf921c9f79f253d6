"""The first page of a gradient-descent workbook: what it shows, what to try, what each colour means."""

from __future__ import annotations

import numpy as np

from sheetsim.lessons.descent._shared.points import make_points
from sheetsim.lessons.descent._shared.table import DescentBook, headings, title, told
from sheetsim.lessons.kit.layout.page import CHECK, Page, paragraphs
from sheetsim.lessons.kit.lesson import Parameter

SHEETS = {
    "lesson": "epoch 1 by the lesson's rule",
    "summary": "a row an epoch: loss, b and a by both rules, with charts",
    "torch": "all epochs by the rule of torch.optim",
    "epochs": "epochs 2 and on by the lesson's rule",
    "start": "dry passes before epoch 1, in which only the averages are kept",
}


def fill(plan: DescentBook) -> None:
    """Write the page and its look, and note in `plan.lists` where each input's values to try stand."""
    lesson, sheet = plan.lesson, plan.sheet("about")
    page = Page(sheet, (one.name for one in plan.book.sheets))
    made = make_points(plan.settings)
    ours = all(np.array_equal(made[key], plan.data[key]) for key in made)
    page.line(lesson.title, "title")
    page.line(lesson.line, "subtitle")
    page.section("What you see")
    for paragraph in paragraphs(plan.implementation.shows):
        page.paragraph(paragraph)
    page.paragraph(
        "One row is one step, one pass over all points an epoch. The loss is the RMSE, the root of the mean "
        "squared error: by how much the predictions miss y. "
        + ("The points lie on y = 2x + 30, so that b should get to 30 and a to 2." if ours else "")
    )
    page.section("What to try (the figures are those of the default points and inputs)")
    for paragraph in (*paragraphs(plan.implementation.tries), CHECK.format(lesson.name)):
        page.paragraph("•  " + paragraph)
    page.section("Two rules: the lesson's and torch's")
    page.paragraph(lesson.conventions)
    if plan.implementation.lesson.state:
        page.paragraph(
            "From one epoch to the next the lesson carries b and a from before the last row's step, as the "
            "course's macros do, so that this step is lost; torch carries the new values. What is averaged "
            "or summed up is carried in both."
        )
    page.section("Sheets")
    course = ", at the addresses of the course's workbook" if lesson.original_sheet else ""
    texts = SHEETS | {"lesson": SHEETS["lesson"] + course}
    there = {plan.name(role): text for role, text in texts.items()}
    page.sheets({name: text for name, text in there.items() if plan.book.find(name)})
    page.section("Colours")
    page.colours()
    page.section("Inputs")
    cells = [one for one in plan.inputs if not one.optional and one.name not in plan.data]
    page.inputs(((one, lesson.parameter(one.name)) for one in cells), lambda one: _tries(plan, one))
    plan.lists |= page.lists
    page.section("Fixed when the file was made (export it again to change them)")
    _constants(page, plan, ours)
    page.section("Formulas, as they read in row 4")
    _formulas(page, plan)
    sheet.look = page.look


def _tries(plan: DescentBook, parameter: Parameter) -> list[float]:
    followed = plan.lesson.parameter(parameter.follows) if parameter.follows else parameter
    return values_to_try(parameter, followed.default)


def values_to_try(parameter: Parameter, default: float) -> list[float]:
    """A few values within the limits, for a drop-down list. `default` is that of the parameter followed."""
    name = parameter.name.removeprefix("torch_")
    known: dict[str, list[float]] = {
        **{name: [0, 0.5, 0.8, 0.9, 0.99] for name in ("beta1", "momentum", "alpha")},
        **{name: [0, 0.001, 0.01, 0.1, 0.5] for name in ("weight_decay", "lr_decay")},
        **{"beta2": [0, 0.5, 0.9, 0.99, 0.999], "dampening": [0, 0.5, 0.9]},
        **{"eps": [0, 1e-10, 1e-8, 1e-4, 0.1], "b": [-10, 0, 1, 10, 30], "a": [-2, 0, 1, 2, 4]},
        **{"m0": [-100, 0, 100], "v0": [1, 100, 10000, 1000000]},
    }
    if name in ("lr", "sgd_lr"):
        return [float(f"{default * factor:.1g}") for factor in (0.1, 0.3, 1, 3, 10)]
    return known[name]


def _constants(page: Page, plan: DescentBook, ours: bool) -> None:
    """Sizes and the seed, which have no cell of their own, and where the points come from."""
    known = {found.name for found in plan.inputs}
    for key in plan.lesson.structural:
        if key not in known and (key != "seed" or ours):
            page.constant(plan.lesson.parameter(key), plan.settings[key])
    page.paragraph(
        "The points lie on y = 2x + 30 exactly; x comes from the seed by Park and Miller's generator, so "
        "that the same seed gives the same points."
        if ours
        else "The points are your own, typed into columns A and B of the lesson's sheet."
    )


def _formulas(page: Page, plan: DescentBook) -> None:
    """A row for each column of the tables: what the lesson and what torch compute there."""
    page.headings({"B": "column", "C": "meaning", "G": "formula"})
    tables = {"lesson": "the lesson's rule", "torch": "torch's rule"}
    if plan.implementation.epochs and plan.epochs > 1:
        tables["epochs"] = "the lesson's rule from epoch 2 on"
    for role, words in tables.items():
        table = plan.table(role)
        new = {w.column: f"={w.new}3, the row above (first {w.start})" for w in table.weights}
        page.line(words, "strong")
        for column, heading in headings(plan, role).items():
            formula = new.get(column) or "; ".join(told(table, column))
            page.formula(f"{column}   {heading}", title(plan, role, column), formula)
