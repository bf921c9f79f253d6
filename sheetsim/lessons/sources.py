"""Where a lesson's data can come from, besides its seed: the options of `sheetsim export` and of
`lesson(...).export`. Which of them a lesson knows stands in its `sources`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """One option: `--name METAVAR`, with a sentence of help."""

    name: str
    metavar: str
    help: str


SOURCES = (Source("data", "CSV", "Take the points from a CSV file with columns x and y."),)
