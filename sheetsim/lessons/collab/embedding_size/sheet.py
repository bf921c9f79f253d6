"""`embedding_size` in Excel formulas."""

from sheetsim.address import Rect
from sheetsim.lessons.collab.embedding_size import CARDINALITIES, CATEGORIES, CURVE, FIRST_ROW, LESSON, NAME
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.style import SERIES_COLOURS, Chart, Series
from sheetsim.workbook import Workbook

SHOWS = """
    A category such as a store's number says nothing as a number. An embedding gives each of its values a few
    numbers of its own, which are trained. How many? Too few cannot tell the values apart, too many overfit
    each value. fastai's rule of thumb is 1.6 times n to the power 0.56, rounded, and 600 at the most.

    Beside it stands what the embedding costs, n*size weights, and how many one-hot columns one of its numbers
    stands for. On the second sheet the rule is drawn against the older one, half of n, at the most 50.
"""
TRIES = """
    Type the number of values of your own categories into column B: 12 months are 13 with one for "missing".

    Set exponent (B3) to 1 and factor (B2) to 0.5: that is the older rule without its limit, and Store alone
    takes 558 numbers.

    Set exponent to 0: all sizes are the same.
"""


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    build.text(NAME, "A1", "How wide an embedding is", "section")
    for name in ("factor", "exponent", "largest"):
        build.input(name)
    build.text(NAME, "A6", "category", "heading")
    build.text(NAME, "B6", "n, its values", "heading")
    build.input("category")
    build.input("n", number="#,##0")
    build.block("rule", "$B$2*B7^$B$3", number="0.0")
    build.block("size", "MIN($B$4,ROUND(C7,0))", number="0", role="result")
    build.block("weights", "B7*D7", number="#,##0")
    build.block("saved", "B7/D7", number="0.0")
    build.text(CURVE, "A1", "The rule as n grows", "section")
    build.text(CURVE, "A3", "n", "heading")
    build.input("curve_n", number="#,##0")
    rule = f"MIN({NAME}!$B$4,ROUND({NAME}!$B$2*A4^{NAME}!$B$3,0))"
    build.block("curve", rule, "MIN(50,INT((A4+1)/2))", number="0")
    bottom = 3 + len(CARDINALITIES)
    n = Rect(3, 0, bottom, 1)
    curves = (
        Series("fastai 2", CURVE, Rect(3, 1, bottom, 2), n, SERIES_COLOURS[0], points=True),
        Series("fastai 0.7", CURVE, Rect(3, 2, bottom, 3), n, SERIES_COLOURS[1], points=True),
    )
    look = build.looks[CURVE]
    look.charts = [Chart("scatter", "Size of the embedding over n", curves, "E3", "n", "size")]
    look.widths, look.frozen = {"A": 10, "B:C": 22}, "B4"
    look = build.looks[NAME]
    rows = Rect(FIRST_ROW, 0, FIRST_ROW + len(CATEGORIES), 1)
    bars = Series("size", NAME, Rect(FIRST_ROW, 3, rows.bottom, 4), rows, SERIES_COLOURS[0])
    look.charts = [Chart("bar", "Size of each embedding", (bars,), "H6", height=380)]
    look.widths, look.frozen = {"A": 26, "B": 12, "C:F": 18}, "B7"
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        sheets={NAME: "a row for each category", CURVE: "the rule over n, beside the older one"},
        keywords="embeddings, categories, spreadsheet",
    )
