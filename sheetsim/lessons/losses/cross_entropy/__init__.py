"""`cross_entropy`: how wrong a prediction is, as the negative log of what was said of the right class.

The course's sheets: entropy_example.xlsx, "entropy" and "log_entropy" of the one course, "entropy" of the
other. They take LOG to the base 10; beside them stands LN, which is what torch takes. PyTorch: nn.BCELoss,
nn.BCEWithLogitsLoss, nn.NLLLoss, nn.CrossEntropyLoss. Label smoothing: Szegedy et al. 2016, 1512.00567.
"""

import numpy as np

from sheetsim.address import Rect
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Original, Parameter, Settings

NAME = "cross_entropy"
LOGS, CLASSES, BATCH, CURVE = (f"{NAME} {name}" for name in ("log", "classes", "batch", "curve"))
IS_CAT, PREDS = (1, 0, 1, 0, 1), (0.8, 0.3, 0.35, 0.95, 0.6)
NAMES = ("cat", "dog", "plane", "fish", "building")
LOGITS = (-2.2, 2.6, 0.9, -1.4, -3.1)
TYPED = (0.0068, 0.8247, 0.1507, 0.0151, 0.0028)  # their softmax, typed, as the course has it
ACTUALS = (0, 1, 0, 0, 0)  # a dog
SCORES = (  # of a batch, and the class that is right, counted from 1
    ((3.2, 0.4, -1.9, -0.8, -2.6), 1),
    ((0.7, 1.9, -2.8, -1.1, 0.2), 2),
    ((-1.6, -0.9, 2.4, -2.2, 1.3), 3),
    ((0.1, -0.6, -1.7, 0.9, -2.4), 4),
    ((-2.1, 1.2, 0.8, -1.5, 0.3), 5),
    ((1.4, 2.2, -0.7, -2.9, -1.8), 1),
)
CURVE_P = (0.01, 0.02, 0.05, *(place / 10 for place in range(1, 10)), 0.95, 0.98, 0.99)

SMOOTHING = Parameter(
    *("label_smoothing", 0, "this share of each target is spread over all classes", 0, 1),
    tries=(0, 0.05, 0.1, 0.2, 0.5),
)

BINARY = ("by sum, LOG", "by IF, LOG")
BY_INDEX = ("logPredCat", "logPredDog", "NLL", "idx", "idxPred")
PAIR = ("PredNotCat", "by sum", "by IF")


def _column(name: str, sheet: str, cells: str) -> Input:
    exact = name in ("is_cat", "actuals", "target")
    return Input(name, sheet, Rect.parse(cells), form="column", exact=exact)


def inputs(settings: Settings) -> list[Input]:
    """Predictions of a cat or not; of one of five classes; of a batch of pictures."""
    curve = Rect(3, 0, 3 + len(CURVE_P), 1)
    return [
        _column("is_cat", NAME, "B2:B6"),
        _column("preds", NAME, "C2:C6"),
        Input("class", CLASSES, Rect.parse("A2:A6"), form="texts"),
        _column("probs", CLASSES, "B2:B6"),
        _column("actuals", CLASSES, "C2:C6"),
        _column("logits", CLASSES, "F2:F6"),
        Input("label_smoothing", BATCH, Rect.parse("B2")),
        Input("scores", BATCH, Rect.parse("B6:F11"), form="grid"),
        _column("target", BATCH, "G6:G11"),
        Input("p", CURVE, curve, form="column"),
    ]


def _binary(sheet: str) -> list[Block]:
    return [Block("binary", sheet, Rect.parse("D2:E6"), "the loss to the base 10, told twice", BINARY)]


def _by_index(sheet: str) -> list[Block]:
    return [
        Block("is_dog", sheet, Rect.parse("C2:C6"), "what is no cat is a dog", ("isDog",)),
        Block("by_index", sheet, Rect.parse("E2:I6"), "the log of the right class, by its place", BY_INDEX),
    ]


def _classes(sheet: str) -> list[Block]:
    return [
        Block("x_entropy", sheet, Rect.parse("D2:D6"), "actual times log", ("x-entropy",)),
        Block("x_entropy_sum", sheet, Rect.parse("D7"), "their sum, negated: the loss", ("loss",)),
        Block("is_not_cat", sheet, Rect.parse("C27:C31"), "the other of two classes", ("isNotCat",)),
        Block("pair", sheet, Rect.parse("E27:G31"), "two classes, written as binary", PAIR),
        Block("pair_sum", sheet, Rect.parse("F32"), "the losses' sum, negated once too often", ("sum",)),
    ]


def blocks(settings: Settings) -> list[Block]:
    """The courses' blocks, each on a sheet of its own at its own address, and ours beside them."""
    curve = Rect(3, 1, 3 + len(CURVE_P), 4)
    return [
        *_binary(NAME),
        Block(
            *("natural", NAME, Rect.parse("G2:J6"), "the same with LN, as torch has it"),
            ("by sum, LN", "by IF, LN", "LOG * LN(10)", "dloss/dpred"),
        ),
        Block(
            *("from_logits", NAME, Rect.parse("L2:P6"), "the same from the logits, and the gradient there"),
            ("logit", "sigmoid", "loss", "dloss/dlogit", "of the mean"),
        ),
        Block("mean10", NAME, Rect.parse("D8:E8"), "mean", BINARY),
        Block("mean", NAME, Rect.parse("G8:I8"), "mean", ("by sum, LN", "by IF, LN", "LOG * LN(10)")),
        Block("mean_logits", NAME, Rect.parse("N8"), "mean", ("loss",)),
        *_by_index(LOGS),
        Block(
            *("nll", LOGS, Rect.parse("K2:O6"), "negative log likelihood with LN"),
            ("lnPredCat", "lnPredDog", "NLL, LN", "dNLL/dlnCat", "dNLL/dlnDog"),
        ),
        Block("nll_mean", LOGS, Rect.parse("M8"), "mean", ("NLL, LN",)),
        *_classes(CLASSES),
        Block("x_entropy_ln", CLASSES, Rect.parse("D8"), "the loss with LN", ("loss, LN",)),
        Block(
            *("linked", CLASSES, Rect.parse("G2:L6"), "from the logits"),
            ("exp", "softmax", "log-softmax", "loss", "dloss/dlogit", "typed - linked"),
        ),
        Block("linked_loss", CLASSES, Rect.parse("J7"), "the loss", ("loss",)),
        Block("batch_exp", BATCH, Rect.parse("I6:M11"), "e^(logit - largest)", ("exp",)),
        Block("batch_sum", BATCH, Rect.parse("N6:N11"), "their sum", ("sum",)),
        Block("batch_logs", BATCH, Rect.parse("B15:F20"), "log-softmax", ("log-softmax",)),
        Block("batch_loss", BATCH, Rect.parse("G15:G20"), "the loss of each picture", ("loss",)),
        Block("batch_softmax", BATCH, Rect.parse("I15:M20"), "softmax", ("softmax",)),
        Block("batch_right", BATCH, Rect.parse("N15:N20"), "is the largest the right one?", ("right",)),
        Block("batch_mean", BATCH, Rect.parse("G21"), "the loss of the batch: the mean", ("mean",)),
        Block("batch_accuracy", BATCH, Rect.parse("N21"), "the share that is right", ("accuracy",)),
        Block("batch_gradient", BATCH, Rect.parse("B25:F30"), "dloss/dlogit", ("dloss/dlogit",)),
        Block(
            *("curve", CURVE, curve, "the loss over p, what was said of a cat"),
            ("a cat, LN", "no cat, LN", "a cat, LOG"),
        ),
    ]


def make_data(settings: Settings) -> Data:
    """Five predictions of a cat, one of five classes, a batch of six."""
    return {
        "is_cat": np.array(IS_CAT, float),
        "preds": np.array(PREDS),
        "class": np.array(NAMES, object)[:, None],
        "probs": np.array(TYPED),
        "actuals": np.array(ACTUALS, float),
        "logits": np.array(LOGITS),
        "scores": np.array([scores for scores, _ in SCORES]),
        "target": np.array([target for _, target in SCORES], float),
        "p": np.array(CURVE_P),
    }


ORIGINALS = (
    Original(
        "entropy",
        settings=lambda sheet: {},
        inputs=lambda settings: [_column("is_cat", NAME, "B2:B6"), _column("preds", NAME, "C2:C6")],
        blocks=lambda settings: _binary(NAME),
        mark=("D2", "-B2*LOG(C2)"),
    ),
    Original(
        "log_entropy",
        settings=lambda sheet: {},
        inputs=lambda settings: [_column("is_cat", NAME, "B2:B6"), _column("preds", NAME, "D2:D6")],
        blocks=lambda settings: _by_index(NAME),
        mark=("G2", "-B2*E2"),
    ),
    Original(
        "entropy",
        settings=lambda sheet: {},
        inputs=lambda settings: [
            _column("probs", NAME, "B2:B6"),
            _column("actuals", NAME, "C2:C6"),
            _column("is_cat", NAME, "B27:B31"),
            _column("preds", NAME, "D27:D31"),
        ],
        blocks=lambda settings: _classes(NAME),
        mark=("D2", "C2*LOG(B2)"),
    ),
)

LESSON = Lesson(
    name=NAME,
    title="Cross-entropy",
    line="The negative log of what was said of the right class: binary, by index, for a batch.",
    parameters=(SMOOTHING,),
    inputs=inputs,
    blocks=blocks,
    make_data=make_data,
    data=("is_cat", "preds", "class", "probs", "actuals", "logits", "scores", "target", "p"),
    originals=ORIGINALS,
    conventions=(
        "The course's sheets take LOG, to the base 10; torch takes LN, which is 2.302585 times as much. "
        "Which predictions are better, and where the loss is smallest, is the same for both."
    ),
)
