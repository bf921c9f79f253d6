"""What the commands share in how they print."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from math import isfinite
from typing import Any

import click

quiet_option = click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")


def print_json(report: dict[str, Any]) -> None:
    """All ASCII: texts out of a file may hold what a terminal would take for commands, or cannot show. JSON
    has no NaN and no infinity: null stands for them."""
    click.echo(json.dumps(_finite(report), indent=2, allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, (list, tuple)) else value


def progress_line(quiet: bool) -> Callable[[str], None]:
    """Shows what is being done on one line of stderr, when that is a terminal; "" wipes the line."""
    if quiet or not sys.stderr.isatty():
        return lambda words: None
    return lambda words: click.echo(f"\r\x1b[K{words}", err=True, nl=False)
