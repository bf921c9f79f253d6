"""Tests that give 1 or 0: DELTA GESTEP."""

from __future__ import annotations

from sheetsim.functions.plain import plain

plain("DELTA", lambda a, b=0.0: float(a == b), "strict [strict]")
plain("GESTEP", lambda number, step=0.0: float(number >= step), "strict [strict]")
