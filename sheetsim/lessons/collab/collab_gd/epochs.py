"""The epochs of `collab_gd`'s workbook: three panels side by side, epoch below epoch, and the losses.

Every epoch after the first has the same formulas, a block of rows further down. The row between two blocks is
empty, and so each block is computed as a whole before the next.
"""

from dataclasses import dataclass

from sheetsim.address import Rect, cell_name, column_name
from sheetsim.lessons.collab import DISCARDED, RANDOM_TOP
from sheetsim.lessons.collab.collab_gd import (
    EPOCHS,
    EPOCHS_TOP,
    GRID_TOP,
    LOSS,
    LOSS_TOP,
    NAME,
    PANELS,
    RANDOM,
    TrainingSizes,
    sizes,
)
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.layout.spans import at, column_of, first, row_of, span
from sheetsim.style import HeatMap

TITLES = {
    "model": "WEIGHTS, above and left, and predictions; in the corner the mean",
    "slopes": "GRADIENTS of the loss, and errors on training ratings; in the corner their RMSE",
    "steps": "STEPS, still to be multiplied by lr, and errors on test ratings; in the corner the length",
}


@dataclass(frozen=True)
class Panel:
    """Where the parts of one panel stand."""

    top: int
    left: int
    size: TrainingSizes

    @property
    def inner(self) -> tuple[int, int]:
        return self.top + 1 + self.size.factors, self.left + 1 + self.size.factors

    @property
    def corner(self) -> Rect:
        return Rect.cell(self.top, self.left)

    @property
    def movies(self) -> Rect:
        """Biases, then a row for each factor."""
        row, column = self.inner
        return Rect(self.top, column, row, column + self.size.movies)

    @property
    def users(self) -> Rect:
        """Biases, then a column for each factor."""
        row, column = self.inner
        return Rect(row, self.left, row + self.size.users, column)

    @property
    def grid(self) -> Rect:
        row, column = self.inner
        return Rect(row, column, row + self.size.users, column + self.size.movies)


def panel(name: str, epoch: int, size: TrainingSizes) -> Panel:
    return Panel(EPOCHS_TOP + epoch * size.pitch, size.left(name), size)


class EpochWriter:
    """Fills one epoch after the other. The first two spell their formulas on the about page: the start, and
    what is then the same in every epoch."""

    def __init__(self, build: SheetBuilder) -> None:
        self.build, self.size = build, sizes(build.settings)
        self.sheet = build.book[EPOCHS]
        self.epoch = 0

    def fill(self, rect: Rect, formula: str, meaning: str = "") -> None:
        if rect.rows and rect.columns:
            self.sheet.fill(rect, formula)
            if meaning and self.epoch < 2:
                self.build.tell(f"'{EPOCHS}'!{first(rect)}", f"epoch {self.epoch}: {meaning}", f"={formula}")

    def value(self, name: str) -> str:
        """A choice of the front sheet."""
        return self.build.ref(name, EPOCHS)

    def run(self) -> None:
        for epoch in range(self.size.epochs + 1):
            self.epoch = epoch
            model, slopes, steps = (panel(name, self.epoch, self.size) for name in PANELS)
            if self.epoch:
                self.move(model)
            else:
                self.start(model)
            self.predict(model, slopes, steps)
            self.slopes(model, slopes)
            self.steps(model, slopes, steps)
            self.label(model)

    def start(self, model: Panel) -> None:
        """Biases of 0; factors from the random numbers after those for the split, none beyond `factors`."""
        n = self.size
        top = RANDOM_TOP + DISCARDED + n.users * n.movies
        users, movies = model.users, model.movies
        for biases in (column_of(users, 0), row_of(movies, 0)):
            self.fill(biases, "0", "a bias")
        for rect, count, place in (
            (
                Rect(users.top, users.left + 1, users.bottom, users.right),
                n.users * n.factors,
                "(ROWS({row}:{own})-1)*{width}+COLUMNS({column}:{own})",
            ),
            (
                Rect(movies.top + 1, movies.left, movies.bottom, movies.right),
                n.movies * n.factors,
                "(ROWS({row}:{own})-1)*{width}+COLUMNS({column}:{own})",
            ),
        ):
            own = first(rect)
            row, column = (at(rect.top, rect.left, fixed=fixed) for fixed in ("row", "column"))
            words = place.format(row=row, column=column, own=own, width=rect.columns)
            numbers = f"'{RANDOM}'!$C${top + 1}:$C${top + count}"
            factor = f"COLUMNS({column}:{own})" if rect.left == users.left + 1 else f"ROWS({row}:{own})"
            low, high = f"{NAME}!$G$5", f"{NAME}!$G$6"
            drawn = f"{low}+({high}-{low})*INDEX({numbers},{words})"
            self.fill(rect, f"IF({factor}>{self.value('factors')},0,{drawn})", "a factor")
            top += count

    def move(self, model: Panel) -> None:
        """The last weights after the last step."""
        last, step = (panel(name, self.epoch - 1, self.size) for name in ("model", "steps"))
        for own, old, done, meaning in (
            (model.users, last.users, step.users, "a user's bias and factors"),
            (model.movies, last.movies, step.movies, "a movie's bias and factors"),
        ):
            self.fill(own, f"{first(old)}-{self.value('lr')}*{first(done)}", meaning)

    def predict(self, model: Panel, slopes: Panel, steps: Panel) -> None:
        """Predictions, and where they miss."""
        users, movies, grid = model.users, model.movies, model.grid
        terms = [
            at(model.top, model.left, fixed="both"),
            at(users.top, users.left, fixed="column"),
            at(movies.top, movies.left, fixed="row"),
        ]
        terms += [
            f"{at(users.top, users.left + k, fixed='column')}*{at(movies.top + k, movies.left, fixed='row')}"
            for k in range(1, 1 + self.size.factors)
        ]
        self.fill(model.corner, f"{NAME}!$G$4", "the mean")
        self.fill(grid, "+".join(terms), "a prediction")
        split = f"{NAME}!{cell_name(GRID_TOP, self.size.split_left)}"
        missed = f"{first(grid)}-{NAME}!{cell_name(GRID_TOP, 1)}"
        self.fill(slopes.grid, f"IF({split}=1,{missed},0)", "a training error")
        self.fill(steps.grid, f"IF({split}=2,{missed},0)", "a test error")

    def slopes(self, model: Panel, slopes: Panel) -> None:
        """Gradients of the mean squared error: errors times partners, summed."""
        users, movies, errors = model.users, model.movies, slopes.grid
        scale = f"2/{NAME}!$G$2"
        row, column = (
            span(row_of(errors, 0), fixed="column"),
            span(column_of(errors, 0), fixed="row"),
        )
        self.fill(slopes.corner, f"SQRT(SUMSQ({span(errors)})/{NAME}!$G$2)", "the training errors' RMSE")
        self.fill(column_of(slopes.users, 0), f"{scale}*SUM({row})", "a user's bias's gradient")
        self.fill(row_of(slopes.movies, 0), f"{scale}*SUM({column})", "a movie's bias's gradient")
        for k in range(1, 1 + self.size.factors):
            of_movies, of_users = (
                span(row_of(movies, k), fixed="both"),
                span(column_of(users, k), fixed="both"),
            )
            told = [f"a {who}'s factor's gradient" if k == 1 else "" for who in ("user", "movie")]
            self.fill(column_of(slopes.users, k), f"{scale}*SUMPRODUCT({row},{of_movies})", told[0])
            self.fill(row_of(slopes.movies, k), f"{scale}*SUMPRODUCT({column},{of_users})", told[1])

    def steps(self, model: Panel, slopes: Panel, steps: Panel) -> None:
        """Momentum's part of the last step, and the gradient with weight decay."""
        last = panel("steps", self.epoch - 1, self.size)
        for own, weight, slope, before, meaning in (
            (steps.users, model.users, slopes.users, last.users, "a user's step"),
            (steps.movies, model.movies, slopes.movies, last.movies, "a movie's step"),
        ):
            step = f"{first(slope)}+{self.value('weight_decay')}*{first(weight)}"
            kept = f"{self.value('momentum')}*{first(before)}+({step})" if self.epoch else step
            self.fill(own, kept, meaning)
        squares = f"SUMSQ({span(steps.users)},{span(steps.movies)})"
        self.fill(steps.corner, f"{self.value('lr')}*SQRT({squares})", "the whole step's length")

    def label(self, model: Panel) -> None:
        """Names of the rows, left of the panels; the parts that go from one epoch to the next in a colour."""
        self.sheet.set((model.top, 0), f"epoch {self.epoch}")
        for place in range(1 + self.size.factors):
            self.sheet.set((model.top + place, 1), f"factor {place}" if place else "bias")
        users = Rect(model.users.top, 1, model.users.bottom, 2)
        self.sheet.fill(users, f"{NAME}!{cell_name(GRID_TOP, 0)}")
        look = self.build.looks[EPOCHS]
        look.paint(f"A{model.top + 1}", "strong")
        for name in PANELS:
            part = panel(name, self.epoch, self.size)
            for rect in (part.users, part.movies) if name != "slopes" else ():
                look.paint(rect, "state")
            look.paint(part.corner, "result")
        look.heat.append(HeatMap(model.grid, signed=False))


def lay_out(build: SheetBuilder) -> None:
    """Fill the sheets of the epochs and of the losses."""
    n, look, sheet = sizes(build.settings), build.looks[EPOCHS], build.book[EPOCHS]
    bottom = EPOCHS_TOP + n.stack
    look.paint(Rect(EPOCHS_TOP, 1, bottom, 2), "label", "0")
    for place, name in enumerate(PANELS):
        block = build.blocks[name].rect
        look.paint(block, "formula", "0.00" if name == "model" else "0.000;-0.000;")
        if name != "model":  # one scale for all epochs: the errors pale
            look.heat.append(HeatMap(block))
        title = Rect(2, block.left, 3, block.right)
        look.paint(title, f"band {place + 1}")
        sheet.set((2, block.left + n.factors + 1), TITLES[name])
        headings = ["bias", *(f"factor {k}" for k in range(1, 1 + n.factors))]
        for column, words in enumerate(headings, block.left):
            build.text(EPOCHS, cell_name(3, column), words, "spelled heading")
        titles = Rect(3, block.left + len(headings), 4, block.right)
        build.formula(EPOCHS, titles, f"{NAME}!{cell_name(GRID_TOP - 1, 1)}", role="spelled heading")
    build.text(EPOCHS, "A1", "Batch gradient descent, epoch below epoch", "section")
    EpochWriter(build).run()
    _losses(build)
    look.widths = {"A": 9, "B": 8, f"C:{column_name(n.left('steps') + n.panel[1])}": 7.5}
    look.widths |= {column_name(n.left(name) - 1): 3 for name in PANELS[1:]}
    look.heights, look.frozen, look.repeat = {3: 36}, "C5", (2, 3)


def _losses(build: SheetBuilder) -> None:
    """A row an epoch: the roots of the mean squares of the errors that its panels show."""
    n, look = sizes(build.settings), build.looks[LOSS]
    build.text(LOSS, "A1", "Errors after each epoch", "section")
    for column, words in enumerate(("epoch", *build.blocks["loss"].columns)):
        build.text(LOSS, cell_name(LOSS_TOP - 1, column), words, "heading")
    for epoch in range(n.epochs + 1):
        errors, missed = (panel(name, epoch, n) for name in PANELS[1:])
        train = f"'{EPOCHS}'!{first(errors.corner)}"
        squares = f"SUMSQ('{EPOCHS}'!{span(missed.grid)})"
        test = f"IF({NAME}!$G$3=0,NA(),SQRT({squares}/{NAME}!$G$3))"
        build.book[LOSS].set((LOSS_TOP + epoch, 0), float(epoch))
        for column, formula in enumerate((train, test), 1):
            build.book[LOSS].fill(Rect.cell(LOSS_TOP + epoch, column), formula)
            if not epoch:
                cell = cell_name(LOSS_TOP, column)
                build.tell(f"'{LOSS}'!{cell}", build.blocks["loss"].columns[column - 1], f"={formula}")
    block = build.blocks["loss"].rect
    look.paint(Rect(block.top, 0, block.bottom, 1), "helper", "0")
    look.paint(block, "formula", "0.0000")
    own = cell_name(block.top, block.left)
    look.marks.append((block, f"ISNA({own})", "aside"))
    look.widths, look.frozen = {"A": 9, "B:C": 14}, "A4"
