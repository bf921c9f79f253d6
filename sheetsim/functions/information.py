"""What kind of value a cell holds, and the error made on purpose: ISNUMBER NA."""

from __future__ import annotations

import numpy as np

from sheetsim.functions.coercion import booleans
from sheetsim.functions.registry import Function, register
from sheetsim.values import ERROR, NUMBER, ExcelError, Values

register(
    Function(
        "ISNUMBER",
        ("any",),
        1,
        1,
        lambda value: isinstance(value, (int, float)) and not isinstance(value, (bool, ExcelError)),
        lambda values: booleans(values.kind_array() == NUMBER),
        sees_errors=True,
    )
)
register(
    Function(
        "NA",
        (),
        0,
        0,
        lambda: ExcelError.NA,
        lambda: Values(np.full((1, 1, 1, 1), float(ExcelError.NA)), np.full((1, 1, 1, 1), ERROR, np.uint8)),
    )
)
