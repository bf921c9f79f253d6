"""What kind of value a cell holds, and the error made on purpose: ISNUMBER NA."""

from __future__ import annotations

from sheetsim.functions.registry import Function, register
from sheetsim.values import NUMBER, ExcelError

register(Function("ISNUMBER", ("any",), 1, 1, body=lambda b, x: b.is_kind(x, 1 << NUMBER), sees_errors=True))
register(Function("NA", (), 0, 0, body=lambda b: b.constant(ExcelError.NA)))
