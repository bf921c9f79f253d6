"""The addresses of NumPy's own loops over float64, for compiled code that must have NumPy's bits.

A ufunc keeps, for each of its types, a function `void (char **, npy_intp *n, npy_intp *steps, void *data)`
(NumPy's C API, PyUFuncGenericFunction); the fields of PyUFuncObject up to there are part of its ABI. They are
read only after a check that the fields are where they should be, by those whose values Python shows.
"""

from __future__ import annotations

import ctypes
from functools import cache

import numpy as np


class _Ufunc(ctypes.Structure):
    """The beginning of PyUFuncObject (numpy/ufuncobject.h)."""

    _fields_ = [
        ("references", ctypes.c_ssize_t),
        ("type", ctypes.c_void_p),
        ("nin", ctypes.c_int),
        ("nout", ctypes.c_int),
        ("nargs", ctypes.c_int),
        ("identity", ctypes.c_int),
        ("functions", ctypes.POINTER(ctypes.c_void_p)),
        ("data", ctypes.POINTER(ctypes.c_void_p)),
        ("ntypes", ctypes.c_int),
    ]


@cache
def numpy_loop(name: str) -> tuple[int, int]:
    """The function and its data of NumPy's `name` for float64. LookupError where they are not to be found."""
    ufunc: np.ufunc = getattr(np, name)
    held = _Ufunc.from_address(id(ufunc))
    shown = (ufunc.nin, ufunc.nout, ufunc.nargs, ufunc.ntypes)
    if (held.nin, held.nout, held.nargs, held.ntypes) != shown or held.type != id(np.ufunc):
        raise LookupError(f"numpy.{name} is laid out otherwise")
    place = ufunc.types.index("d" * ufunc.nin + "->d")
    return held.functions[place] or 0, (held.data[place] or 0) if held.data else 0
