"""`sheetsim fit`: a lesson's factorisation, trained on a file of ratings."""

from __future__ import annotations

import csv
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click
import numpy as np

from sheetsim.cli.output import json_option, print_json, progress_line, quiet_option
from sheetsim.errors import SheetsimError

if TYPE_CHECKING:
    from sheetsim.solve.fit import Fit

SCHEMA = "sheetsim.fit/1"
SAVED = ("users", "movies", "user_factors", "movie_factors", "user_bias", "movie_bias", "mean")
POSITIVE = click.FloatRange(min=0, min_open=True)


@click.command("fit")
@click.argument("ratings", type=click.Path())
@click.option("--model", metavar="NAME", default="bias", show_default=True, help="bias, dotprod or lookup.")
@click.option("--columns", metavar="NAMES", help="The columns of user, movie and rating: user,movie,stars.")
@click.option(
    "--factors",
    type=click.IntRange(min=1),
    default=40,
    show_default=True,
    help="Numbers a user and a movie have.",
)
@click.option(
    "--epochs", type=click.IntRange(min=1), default=30, show_default=True, help="Passes over the ratings."
)
@click.option("--lr", type=POSITIVE, default=0.04, show_default=True, help="Adam's highest learning rate.")
@click.option(
    "--schedule",
    type=click.Choice(["one-cycle", "constant"]),
    default="one-cycle",
    show_default=True,
    help="How the learning rate goes on.",
)
@click.option(
    "--weight-decay",
    type=click.FloatRange(min=0),
    help="AdamW's weight decay. Default: learned for each factor, so that too many factors do no harm.",
)
@click.option("--batch-size", type=click.IntRange(min=1), help="Default: 1024, less for few ratings.")
@click.option("--validation", type=float, default=0.1, show_default=True, help="The share held back.")
@click.option("--y-range", type=(float, float), help="Keep predictions between two numbers, by a sigmoid.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of the start and the shuffling."
)
@click.option("--device", help="Where torch computes: cpu, cuda. Default: the GPU where there is one.")
@click.option("--max-seconds", type=POSITIVE, help="Stop after that time, and keep what there is.")
@click.option("-o", "--out", metavar="OUT", help="Save the weights: a .npz file, or a .csv file.")
@click.option("--force", is_flag=True, help="Overwrite OUT.")
@json_option
@quiet_option
def command(
    ratings: str,
    model: str,
    columns: str | None,
    factors: int,
    epochs: int,
    lr: float,
    schedule: str,
    weight_decay: float | None,
    batch_size: int | None,
    validation: float,
    y_range: tuple[float, float] | None,
    seed: int,
    device: str | None,
    max_seconds: float | None,
    out: str | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Train a lesson's model on RATINGS: MovieLens' ratings.csv or u.data, or three columns of a CSV file.

    A share of the ratings is held back, and the error on these is shown beside the error in training. From
    the second epoch on, Ctrl-C ends the training and keeps what there is.

    \b
    Examples:
      sheetsim fit ml-100k/u.data
      sheetsim fit ratings.csv --model dotprod --factors 20 --epochs 10 --json
      sheetsim fit ratings.csv --weight-decay 0.1 --lr 0.005 --y-range 0 5.5 -o weights.npz
    """
    from sheetsim.lessons.kit.catalogue import NAMES, lesson
    from sheetsim.solve.fit import fit
    from sheetsim.xlsx.write.replacing import replacing

    if model in NAMES:
        lesson(model)
    target = _target(out, force)
    say = progress_line(quiet)
    try:
        found = fit(
            model,
            ratings,
            factors=factors,
            epochs=epochs,
            lr=lr,
            schedule=schedule,
            weight_decay=weight_decay,
            batch_size=batch_size,
            validation=validation,
            y_range=y_range,
            seed=seed,
            device=device,
            max_seconds=max_seconds,
            columns=columns,
            progress=lambda one: say(
                f"epoch {one.number}  train MSE {one.train_mse:.4f}  validation MSE {one.validation_mse:.4f}"
            ),
        )
    finally:
        say("")
    if target is not None:
        with replacing(target, force=force) as temporary, temporary.open("w+b") as file:
            _save(found, target.suffix, file)
    if as_json:
        print_json(_report(found, ratings))
    elif not quiet:
        click.echo("\n".join(_lines(found)))
        if target is not None:
            click.echo(f"saved        {target}")
    return 0


def _target(out: str | None, force: bool) -> Path | None:
    """Where the weights go. SheetsimError before the work is done, rather than after it."""
    if out is None:
        return None
    target = Path(out)
    if target.suffix not in (".npz", ".csv"):
        raise SheetsimError(f"{out}: weights are saved as .npz or as .csv")
    if target.exists() and not force:
        raise SheetsimError(f"{out} is there already (--force overwrites it)")
    if not target.parent.is_dir():
        raise SheetsimError(f"{out}: there is no folder {target.parent}")
    return target


def _save(found: Fit, suffix: str, binary: BinaryIO) -> None:
    """All weights: as arrays by name, or a line for each user and movie."""
    if suffix == ".npz":
        arrays: dict[str, Any] = {name: getattr(found, name) for name in SAVED}
        np.savez(binary, **arrays, y_range=np.array(found.y_range or (np.nan, np.nan)))
        return
    with TextIOWrapper(binary, newline="", encoding="utf-8") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(
            ["kind", "id", "bias", *(f"factor{k + 1}" for k in range(found.user_factors.shape[1]))]
        )
        lines.writerow(["mean", "", found.mean])
        for kind, ids, bias, factors in (
            ("user", found.users, found.user_bias, found.user_factors),
            ("movie", found.movies, found.movie_bias, found.movie_factors),
        ):
            for one, own, row in zip(ids.tolist(), bias.tolist(), factors.tolist(), strict=True):
                lines.writerow([kind, one, own, *row])


def _report(found: Fit, file: str) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "file": file,
        "model": found.model,
        "users": len(found.users),
        "movies": len(found.movies),
        "factors": found.user_factors.shape[1],
        "factors_used": found.factors_used,
        "mean": found.mean,
        "epochs": [
            {
                "epoch": one.number,
                "train_mse": one.train_mse,
                "validation_mse": None if np.isnan(one.validation_mse) else one.validation_mse,
                "seconds": round(one.seconds, 4),
            }
            for one in found.epochs
        ],
        "status": found.status,
    }


def _lines(found: Fit) -> list[str]:
    last, k = found.epochs[-1], found.user_factors.shape[1]
    seconds = sum(found.seconds)
    return [
        f"model        {found.model}: {len(found.users):,} users, {len(found.movies):,} movies",
        f"factors      {k}, of which {found.factors_used} are in use",
        f"train        MSE {last.train_mse:.4f}, RMSE {last.train_mse**0.5:.4f}",
        f"validation   MSE {last.validation_mse:.4f}, RMSE {last.validation_mse**0.5:.4f}",
        f"{found.status} after {len(found.epochs)} epochs, {seconds:.2f} s",
    ]
