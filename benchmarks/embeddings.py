"""Look-up against one-hot product, as the vocabulary grows: NumPy, torch and this project's CUDA kernels.

    python benchmarks/embeddings.py [--rows 15 100 1000] [--lookups 512] [--factors 32] [--markdown]
                                    [--chart docs/pictures/lookup_or_one_hot.svg]

A table has as many rows as the vocabulary has words; some of them, drawn at random, are wanted. The look-up
copies them; the product multiplies one-hot rows, made beforehand, by the table. Both must give the same bits.
The two take turns, and the fastest of each counts. One-hot rows are not made where they would not fit into
--gigabytes, and a product is not run that would take longer than --seconds, judging by the one before; the
look-up goes on. Kernels run on a GPU where there is one, and as C++ on one core of the processor; with
OMP_NUM_THREADS=1 in the environment NumPy and torch take one core, too.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from log_chart import Curve, draw

from sheetsim.gpu.compile import find_compiler
from sheetsim.gpu.device import no_gpu
from sheetsim.gpu.launch import Kernels
from sheetsim.lessons.collab.lookup.kernel import ENTRIES as LOOKUP_ENTRIES
from sheetsim.lessons.collab.lookup.kernel import SOURCE as LOOKUP_SOURCE
from sheetsim.lessons.collab.onehot.kernel import ENTRIES as ONEHOT_ENTRIES
from sheetsim.lessons.collab.onehot.kernel import SOURCE as ONEHOT_SOURCE

ROWS = [15, 100, 1_000, 10_000, 100_000, 1_000_000]
REPEATS, IN_A_ROW = 7, 5
NUMBER = 8  # bytes

Work = Callable[[], Any]
"""Gives the vectors, as whatever the engine holds them in."""


@dataclass(frozen=True)
class Task:
    """One size: a table, the wanted rows (from 0), and their one-hot rows, None where they do not fit."""

    table: Any
    ids: Any
    hot: Any | None


@dataclass(frozen=True)
class Engine:
    """`prepare` gives the look-up and the product, None where there are no one-hot rows; `read` brings what
    they give into a NumPy array, `wait` waits until it is there."""

    name: str
    prepare: Callable[[Task], tuple[Work, Work | None]]
    read: Callable[[Any], Any]
    wait: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Row:
    """One engine at one size, in seconds; `product` is None where it was not run, and `why` says why not."""

    engine: str
    rows: int
    lookup: float
    product: float | None
    why: str = ""

    @property
    def times(self) -> float | None:
        return None if self.product is None else self.product / self.lookup


def main() -> None:
    options = argparse.ArgumentParser(description="Time look-ups beside one-hot products.")
    options.add_argument("--rows", type=int, nargs="+", default=ROWS, help="sizes of the vocabulary")
    options.add_argument("--lookups", type=int, default=512)
    options.add_argument("--factors", type=int, default=32)
    options.add_argument("--gigabytes", type=float, default=2.0, help="the most that one-hot rows may take")
    options.add_argument("--seconds", type=float, default=20.0, help="the most that a product may take")
    options.add_argument("--markdown", action="store_true", help="print a table for a page")
    options.add_argument("--chart", type=Path, help="draw an SVG file")
    chosen = options.parse_args()
    found: list[Row] = []
    for rows in sorted(chosen.rows):
        task = make_task(rows, chosen.lookups, chosen.factors, chosen.gigabytes)
        for engine in engines():
            before = [one for one in found if one.engine == engine.name and one.product is not None]
            row = measure(engine, task, before[-1] if before else None, chosen)
            found.append(row)
            if not chosen.markdown:
                sys.stdout.write(told(row) + "\n")
    if chosen.markdown:
        sys.stdout.write("\n".join(markdown(found)) + "\n")
    if chosen.chart:
        chosen.chart.write_text(chart(found, chosen.lookups, chosen.factors), encoding="utf-8")


def make_task(rows: int, lookups: int, factors: int, gigabytes: float) -> Task:
    """A table of random numbers and random rows of it, the same for every engine."""
    draw_from = np.random.default_rng(rows)
    table, ids = draw_from.standard_normal((rows, factors)), draw_from.integers(0, rows, lookups)
    if NUMBER * lookups * rows > gigabytes * 1e9:
        return Task(table, ids, None)
    hot = np.zeros((lookups, rows))
    hot[np.arange(lookups), ids] = 1
    return Task(table, ids, hot)


def measure(engine: Engine, task: Task, before: Row | None, chosen: argparse.Namespace) -> Row:
    """Both ways in turn, once each to warm up and to compare; then the fastest of a few."""
    lookup, product = engine.prepare(task)
    rows, why = len(task.table), ""
    expected = task.table[task.ids]
    if product is None:
        why = f"one-hot rows of {NUMBER * chosen.lookups * rows / 1e9:.1f} GB"
    elif before is not None and before.product is not None:
        about = before.product * rows / before.rows
        if about > chosen.seconds:
            why, product = f"about {about:.0f} s", None
    works = [lookup] if product is None else [lookup, product]
    for work in works:
        if not np.array_equal(engine.read(work()), expected):
            raise SystemExit(f"{engine.name}: wrong vectors for a vocabulary of {rows:,}")
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(REPEATS):
        for work, times in zip(works, taken, strict=True):
            if sum(times) < chosen.seconds / 4:
                # a few look-ups in a row: the first one finds the caches full of one-hot rows
                times.append(min(timed(work, engine.wait) for _ in range(IN_A_ROW if work is lookup else 1)))
    return Row(engine.name, rows, min(taken[0]), None if product is None else min(taken[1]), why)


def timed(work: Work, wait: Callable[[], None]) -> float:
    wait()
    start = time.perf_counter()
    work()
    wait()
    return time.perf_counter() - start


# -- the engines


def engines() -> Iterator[Engine]:
    """Those that can run here."""
    yield Engine("NumPy", with_numpy, np.asarray)
    if importlib.util.find_spec("torch"):
        import torch

        yield Engine("torch", lambda task: with_torch(task, "cpu"), lambda found: found.numpy())
        if torch.cuda.is_available():
            yield Engine(
                "torch, GPU",
                lambda task: with_torch(task, "cuda"),
                lambda found: found.cpu().numpy(),
                torch.cuda.synchronize,
            )
    if find_compiler():
        yield with_kernels("kernel as C++", "host")
    if not no_gpu():
        yield with_kernels("kernel, GPU", "cuda:0")


def with_numpy(task: Task) -> tuple[Work, Work | None]:
    table, ids, hot = task.table, task.ids, task.hot
    return lambda: table[ids], None if hot is None else lambda: hot @ table


def with_torch(task: Task, device: str) -> tuple[Work, Work | None]:
    """nn.Embedding's function, and a matrix product."""
    import torch
    from torch.nn import functional

    table, ids = torch.from_numpy(task.table).to(device), torch.from_numpy(task.ids).to(device)
    hot = None if task.hot is None else torch.from_numpy(task.hot).to(device)
    return lambda: functional.embedding(ids, table), None if hot is None else lambda: hot @ table


def with_kernels(name: str, device: str) -> Engine:
    """The kernels of the lessons `lookup` and `onehot`, which do not count here what they do."""
    gather = Kernels(LOOKUP_SOURCE, LOOKUP_ENTRIES, device)
    products = Kernels(ONEHOT_SOURCE, ONEHOT_ENTRIES, device)

    def prepare(task: Task) -> tuple[Work, Work | None]:
        count, (rows, factors) = len(task.ids), task.table.shape
        place, table = gather.upload(task.ids + 1.0), gather.upload(task.table)
        hot = None if task.hot is None else gather.upload(task.hot)
        vector = gather.empty((count, factors))

        def lookup() -> Any:
            gather.launch("gather", count * factors, place, table, vector, None, count, factors)
            return vector

        def product() -> Any:
            sizes = (count, rows, factors)
            products.launch("one_hot_product", count * factors, hot, table, vector, None, *sizes)
            return vector

        return lookup, None if hot is None else product

    return Engine(name, prepare, gather.download, gather.machine.synchronize)


# -- what was found


def told(row: Row) -> str:
    product = (
        f"product {row.product * 1e6:,.0f} us" if row.product is not None else f"product not run: {row.why}"
    )
    times = f", {row.times:,.0f} times the look-up's" if row.times is not None else ""
    return f"{row.rows:>9,} rows  {row.engine:14} look-up {row.lookup * 1e6:,.1f} us, {product}{times}"


def markdown(found: list[Row]) -> Iterator[str]:
    yield "| rows of the table | engine | look-up, µs | one-hot product, µs | times as long |"
    yield "|---|---|---|---|---|"
    for row in found:
        product = f"{row.product * 1e6:,.0f}" if row.product is not None else f"not run: {row.why}"
        times = f"{row.times:,.0f}" if row.times is not None else ""
        yield f"| {row.rows:,} | {row.engine} | {row.lookup * 1e6:,.1f} | {product} | {times} |"


def chart(found: list[Row], lookups: int, factors: int) -> str:
    """Seconds over the size of the vocabulary, two curves an engine."""
    curves = []
    for colour, engine in enumerate(dict.fromkeys(row.engine for row in found)):
        rows = [row for row in found if row.engine == engine]
        products = [(row.rows, row.product) for row in rows if row.product is not None]
        curves.append(Curve(f"{engine}: one-hot product", products, colour))
        curves.append(
            Curve(f"{engine}: look-up", [(row.rows, row.lookup) for row in rows], colour, dashed=True)
        )
    title = f"{lookups:,} vectors of {factors} numbers out of a table"
    return draw(title, "rows of the table", "seconds", curves)


if __name__ == "__main__":
    main()
