"""`mlp` in Excel formulas: the epochs. What stands on the other sheets is in extras.py."""

from __future__ import annotations

from sheetsim.address import Rect, cell_name, column_name
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.lessons.nets.mlp import (
    CELLS,
    DATA,
    FIRST_DATA,
    LAYER1,
    LAYER2,
    LESSON,
    NAME,
    ONE,
    PICTURE,
    SLICE,
    SUMMARY,
    VALID,
    MlpPlaces,
)
from sheetsim.lessons.nets.mlp.extras import one_layer, picture, slices, summary, validation
from sheetsim.style import HeatMap
from sheetsim.workbook import Workbook

SHOWS = """
    A point belongs to class 1 where x1 and x2 have the same sign. No straight line parts the two classes,
    so that a single layer must fail. Here a hidden layer stands between: each of its units weighs x1 and
    x2, adds a bias, and passes on what is above 0 (the ReLU); the output weighs the units. So the plane is
    cut by several lines, as one sees on the sheet mlp picture.

    Each block of the sheet mlp is an epoch: a step on all points. A hidden unit is a column, its weights
    stand above its values. From the right, the slope of the loss goes back: dlogit = (p - y)/n, and from
    there through the weights of layer 2 and the ReLU to each unit (dz). Below each column stand the
    gradients that are made of it; the next block's weights are these less lr times the gradient.

    Each layer has a learning rate of its own: slice(lr_first, lr_last), as fastai spreads it over the
    groups of layers. In the first freeze_epochs epochs layer 1 is frozen: it has no gradient and does not
    move.
"""
TRIES = """
    Look at the sheet mlp picture: before training the net knows nothing, after epoch 30 the corners have
    the right colours. The loss is 0.18 in training and 0.28 in validation; all points are classified
    correctly, and 88% of those never seen.

    Set negative_slope (C6) to 1, so that nothing stands between the layers: the loss stays at 0.65, and the
    border on the picture is a straight line. The sheet mlp one layer shows why: the two layers are one.

    Set freeze_epochs (C4) to 30: only layer 2 learns, from five units as they were drawn, and comes to
    0.54. With 10, layer 1 is set free after epoch 10, and the loss comes to 0.23.

    Set lr_first (C2) to 0.1: slice(0.1, 3) hardly moves layer 1, and the loss comes to 0.44. Set both
    lr_first and lr_last to 10: it comes to 0.63, as the steps jump about.

    Set weight_decay (C5) to 0.1: the weights are held so small that the loss stays at 0.66.

    Export it with --epochs 200: the loss in training falls to 0.008, the one in validation rises again, to
    0.39. With --set hidden=2 two units are too few: 0.53.
"""


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build, place = SheetBuilder(LESSON, settings, data), MlpPlaces(settings)
    build.add_sheet(PICTURE)
    build.text(NAME, "A1", "A hidden layer: one epoch a block", "section")
    for name in CELLS:
        build.input(name, number="General")
    points(build)
    slices(build)
    for epoch in range(1, place.epochs + 1):
        one_epoch(build, place, epoch)
    build.text(NAME, cell_name(place.top(place.epochs + 1), 0), "After the last epoch", "section")
    weights(build, place, place.epochs + 1)
    validation(build, place)
    one_layer(build, place)
    picture(build, place)
    summary(build, place)
    dress(build, place)
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        sheets={
            NAME: "the training, an epoch a block",
            DATA: "the points, for training and for validation",
            VALID: "the points that are not trained on, after each epoch",
            SLICE: "how slice(lr_first, lr_last) is spread over groups of layers",
            ONE: "two layers without an activation between them are one layer",
            PICTURE: "what the net says over the plane, as colours, beside the points",
            SUMMARY: "losses, accuracies and learning rates, charted",
        },
        keywords="neural network, hidden layer, ReLU, backpropagation, spreadsheet",
        remarks="""
            The start weights are drawn as torch.nn.Linear draws them. The gradients are those of the mean
            loss. Weight decay is torch's: weight_decay times the weight is added to the gradient, for the
            biases too; a frozen layer has none. EXP(710) is too large for a cell, and so p is
            0 where the logit is below -700. The bias of layer 2 weighs a column of ones.
        """,
    )


def dress(build: SheetBuilder, place: MlpPlaces) -> None:
    """Widths and the like of the epochs' sheet."""
    look = build.looks[NAME]
    gaps = (place.h - 1, place.dz - 1)
    look.widths = {"A": 14}
    for column in range(1, place.dz + place.hidden):
        look.widths[column_name(column)] = 9 if column not in gaps else 12
    look.frozen = "A8"


def points(build: SheetBuilder) -> None:
    """The data sheet; the columns F and G are what the picture of the points shows."""
    look = build.looks[DATA]
    for name, words in (("train", "Points to train on"), ("valid", "Points that the training never sees")):
        rect = build.inputs[f"{name}_x"].rect
        build.text(DATA, cell_name(rect.top - 2, 0), words, "section")
        for column, heading in enumerate(("point", "x1", "x2", "class")):
            build.text(DATA, cell_name(rect.top - 1, column), heading, "heading")
        build.formula(DATA, Rect(rect.top, 0, rect.bottom, 1), f"ROW()-{rect.top}", role="helper")
        build.input(f"{name}_x", number="0.00")
        build.input(f"{name}_y", number="0")
        if name == "train":
            for k in (0, 1):
                build.text(DATA, cell_name(rect.top - 1, 5 + k), f"class {k}", "heading")
                cells = Rect(rect.top, 5 + k, rect.bottom, 6 + k)
                formula = f"IF($D{rect.top + 1}={k},$C{rect.top + 1},NA())"
                build.formula(DATA, cells, formula, role="helper", number="0.00")
    look.frozen, look.widths = "B4", {"A:D": 10, "E": 3, "F:G": 10}


def one_epoch(build: SheetBuilder, place: MlpPlaces, epoch: int) -> None:
    """Learning rates, weights, the points' rows, gradients."""
    top, look = place.top(epoch), build.looks[NAME]
    build.text(NAME, cell_name(top, 0), f"Epoch {epoch} of {place.epochs}", "section")
    row = FIRST_DATA + epoch
    build.text(NAME, cell_name(top + 1, place.z - 1), "lr")
    build.text(NAME, cell_name(top + 1, place.h - 1), "lr")
    for column, letter in ((place.z, "B"), (place.h, "C")):
        cell = Rect.cell(top + 1, column)
        build.formula(NAME, cell, f"'{SUMMARY}'!{letter}{row}", role="linked", number="General")
    weights(build, place, epoch)
    rows = place.rows(epoch, 0, 4)
    for column, heading in enumerate(("point", "x1", "x2", "class")):
        build.text(NAME, cell_name(rows.top - 1, column), heading, "heading")
        cells = Rect(rows.top, column, rows.bottom, column + 1)
        number = "0.00" if column in (1, 2) else "0"
        formula = f"'{DATA}'!{column_name(column)}{FIRST_DATA + 1}"
        build.formula(NAME, cells, formula, role="linked" if column else "helper", number=number)
    passing(build, place, epoch)
    gradients(build, place, epoch)
    look.dividers.append((Rect(top, 0, top + 1, place.dz + place.hidden), "TRUE"))


def weights(build: SheetBuilder, place: MlpPlaces, epoch: int) -> None:
    """The weights before an epoch; those of epoch 1 are typed."""
    layer1, layer2 = place.layer1(epoch), place.layer2(epoch)
    for line, words in enumerate(("bias", "weight of x1", "weight of x2")):
        build.text(NAME, cell_name(layer1.top + line, place.z - 1), words)
    build.text(NAME, cell_name(layer2.top, layer2.left - 1), "weights, bias")
    if epoch == 1:
        build.input(LAYER1, number="0.000")
        build.input(LAYER2, number="0.000")
    else:
        rate = place.top(epoch - 1) + 2
        for name, find, slope, left in (
            ("layer1", place.layer1, place.grad1, place.z),
            ("layer2", place.layer2, place.grad2, place.h),
        ):
            rect, before, grad = find(epoch), find(epoch - 1), slope(epoch - 1)
            old, rise = cell_name(before.top, before.left), cell_name(grad.top, grad.left)
            formula = f"{old}-${column_name(left)}${rate}*({rise}+$C$5*{old})"
            build.formula(NAME, rect, formula, number="0.000", role="state")
            if epoch == 2:
                title = build.blocks[f"epoch2.{name}"].title
                build.tell(f"{NAME}!{cell_name(rect.top, rect.left)}", title, f"={formula}")
    for rect in (layer1, layer2):
        build.looks[NAME].heat.append(HeatMap(rect))


def passing(build: SheetBuilder, place: MlpPlaces, epoch: int) -> None:
    """The points' rows: forward to the loss, and the slopes back to the hidden layer."""
    layer1, layer2 = place.layer1(epoch), place.layer2(epoch)
    rows = place.rows(epoch, place.z, 1)
    row = rows.top + 1
    z = cell_name(rows.top, place.z)
    unit, bias, first = column_name(place.z), layer1.top + 1, column_name(place.h)
    last = column_name(place.logit - 1)
    logit, p = (f"${column_name(place.logit + k)}{row}" for k in (0, 1))
    delta = f"${column_name(place.logit + 4)}{row}"
    weight2 = f"${first}${layer2.top + 1}:${last}${layer2.top + 1}"
    formulas = {
        "z1": (f"$B{row}*{unit}${bias + 1}+$C{row}*{unit}${bias + 2}+{unit}${bias}", place.hidden),
        "h1": (f"IF({z}>0,{z},$C$6*{z})", place.hidden),
        "1": ("1", 1),
        "logit": (
            f"SUMPRODUCT(${first}{row}:${last}{row},{weight2})",
            1,
        ),
        "p": (f"IF({logit}<-700,0,1/(1+EXP(-{logit})))", 1),
        "loss": (f"MAX({logit},0)-{logit}*$D{row}+LN(1+EXP(-ABS({logit})))", 1),
        "right": (f"IF(IF({logit}>0,1,0)=IF($D{row}>0.5,1,0),1,0)", 1),
        "dlogit": (f"({p}-$D{row})/{place.points}", 1),
        "dz1": (f"{delta}*{first}${layer2.top + 1}*IF({z}>0,1,$C$6)", place.hidden),
    }
    starts = (place.z, place.h, *(place.logit + k for k in range(-1, 5)), place.dz)
    look = build.looks[NAME]
    for (heading, (formula, count)), left in zip(formulas.items(), starts, strict=True):
        cells = Rect(rows.top, left, rows.bottom, left + count)
        role = "result" if heading == "loss" else "formula"
        build.formula(NAME, cells, formula, role=role, number="0" if heading in ("1", "right") else "0.000")
        for k in range(count):
            words = heading.replace("1", str(k + 1)) if count > 1 else heading
            build.text(NAME, cell_name(rows.top - 1, left + k), words, "heading")
        if epoch == 1:
            build.tell(f"{NAME}!{cell_name(rows.top, left)}", heading, f"={formula}")
        if count > 1:
            look.heat.append(HeatMap(cells, signed=heading != "h1"))
    told = ("z1", "h1", "logit", "loss", "dz1")
    for line, heading in enumerate(told):
        words = f"{heading}   ={formulas[heading][0]}"
        build.text(NAME, cell_name(place.top(epoch) + line, place.logit + 2), words, "code")
    look.heat.append(HeatMap(place.rows(epoch, place.logit + 1, 1), signed=False))


def gradients(build: SheetBuilder, place: MlpPlaces, epoch: int) -> None:
    """Below each column the gradients that are made of it; a frozen layer has none."""
    grad1, grad2, rows = place.grad1(epoch), place.grad2(epoch), place.rows(epoch, place.dz, 1)
    first, last = rows.top + 1, rows.bottom
    rate = f"${column_name(place.z)}${place.top(epoch) + 2}"
    unit, out = column_name(place.dz), column_name(place.h)
    slopes = f"{unit}${first}:{unit}${last}"
    delta = f"${column_name(place.logit + 4)}${first}:${column_name(place.logit + 4)}${last}"
    told = {"bias": f"IF({rate}=0,0,SUM({slopes}))"}
    for x, words in (("B", "weight of x1"), ("C", "weight of x2")):
        told[words] = f"IF({rate}=0,0,SUMPRODUCT({slopes},${x}${first}:${x}${last}))"
    for line, (words, formula) in enumerate(told.items()):
        row = grad1.top + line
        build.text(NAME, cell_name(row, grad1.left - 1), words)
        build.formula(NAME, Rect(row, grad1.left, row + 1, grad1.right), formula, number="0.000")
        if epoch == 1:
            build.tell(
                f"{NAME}!{cell_name(row, grad1.left)}", f"gradient of layer 1's {words}", f"={formula}"
            )
    weight = f"SUMPRODUCT({out}${first}:{out}${last},{delta})"
    build.text(NAME, cell_name(grad2.top, 0), "gradients", "heading")
    build.text(NAME, cell_name(grad2.top, grad2.left - 1), "gradients")
    build.formula(NAME, grad2, weight, number="0.000")
    build.text(NAME, cell_name(grad2.top, 1), f"dz   ={told['weight of x1']}", "code")
    build.text(NAME, cell_name(grad2.top + 1, 1), f"h   ={weight}", "code")
    if epoch == 1:
        build.tell(f"{NAME}!{cell_name(grad2.top, grad2.left)}", "gradient of layer 2", f"={weight}")
    build.looks[NAME].heat.append(HeatMap(grad1))
    build.looks[NAME].heat.append(HeatMap(grad2))
