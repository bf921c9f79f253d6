"""CONVERT: units, their sizes and which take prefixes.

A unit is looked up as it stands first, then with a prefix taken off ("min" is a minute, "mg" a thousandth of
a gram). Of squares and cubes the prefix counts two and three times. Sizes are those behind Excel's stored
values, as Microsoft's page names the units; temperatures have an offset too.
"""

from __future__ import annotations

from sheetsim.functions.plain import plain
from sheetsim.values import ExcelError

_INCH, _FOOT, _YARD, _MILE, _NAUTICAL = 0.0254, 0.3048, 0.9144, 1609.344, 1852.0
_LIGHT_YEAR, _ANGSTROM = 9_460_730_472_580_800.0, 1e-10
_PARSEC, _POINT = 3.0856775812815532e16, 0.0254 / 72
_GRAVITY, _POUND = 9.80665, 453.59237
_GALLON, _UK_GALLON = 231 * _INCH**3, 0.00454609
_HORSEPOWER = 550 * _FOOT * _POUND / 1000 * _GRAVITY
_SURVEY_MILE = 5280 * 1200 / 3937

# quantity: size of the unit in the first unit of its kind, by names; a name marked * takes prefixes
_TABLE: dict[str, dict[str, float]] = {
    "mass": {
        "g*": 1.0,
        "sg": 14593.902937206363,
        "lbm": _POUND,
        "u*": 1.660538782e-24,
        "ozm": _POUND / 16,
        "grain": 0.06479891,
        "cwt shweight": _POUND * 100,
        "uk_cwt lcwt hweight": _POUND * 112,
        "stone": _POUND * 14,
        "ton": _POUND * 2000,
        "uk_ton LTON brton": _POUND * 2240,
    },
    "length": {
        "m*": 1.0,
        "mi": _MILE,
        "Nmi": _NAUTICAL,
        "in": _INCH,
        "ft": _FOOT,
        "yd": _YARD,
        "ang*": _ANGSTROM,
        "ell": 1.143,
        "ly*": _LIGHT_YEAR,
        "parsec* pc*": _PARSEC,
        "Picapt Pica": _POINT,
        "pica": _INCH / 6,
        "survey_mi": _SURVEY_MILE,
    },
    "time": {
        "yr": 31557600.0,
        "day d": 86400.0,
        "hr": 3600.0,
        "mn min": 60.0,
        "sec* s*": 1.0,
    },
    "pressure": {
        "Pa* p*": 1.0,
        "atm* at*": 101325.0,
        "mmHg*": 133.322,
        "psi": _POUND / 1000 * _GRAVITY / _INCH**2,
        "Torr": 101325 / 760,
    },
    "force": {
        "N*": 1.0,
        "dyn* dy*": 1e-5,
        "lbf": _POUND / 1000 * _GRAVITY,
        "pond*": 0.00980665,
    },
    "energy": {
        "J*": 1.0,
        "e*": 1e-7,
        "c*": 4.184,
        "cal*": 4.1868,
        "eV* ev*": 1.602176487e-19,
        "HPh hh": _HORSEPOWER * 3600,
        "Wh* wh*": 3600.0,
        "flb": _FOOT * _POUND / 1000 * _GRAVITY,
        "BTU btu": 1055.05585262,
    },
    "power": {"W* w*": 1.0, "HP h": _HORSEPOWER, "PS": 75 * _GRAVITY},
    "magnetism": {"T*": 1.0, "ga*": 1e-4},
    "volume": {
        "m3* m^3*": 1.0,
        "tsp": _GALLON / 768,
        "tspm": 5e-6,
        "tbs": _GALLON / 256,
        "oz": _GALLON / 128,
        "cup": _GALLON / 16,
        "pt us_pt": _GALLON / 8,
        "uk_pt*": _UK_GALLON / 8,
        "qt": _GALLON / 4,
        "uk_qt": _UK_GALLON / 4,
        "gal": _GALLON,
        "uk_gal": _UK_GALLON,
        "l* L* lt*": 0.001,
        "ang3* ang^3*": _ANGSTROM**3,
        "barrel": 42 * _GALLON,
        "bushel": 0.03523907016688,
        "ft3 ft^3": _FOOT**3,
        "in3 in^3": _INCH**3,
        "ly3 ly^3": _LIGHT_YEAR**3,
        "mi3 mi^3": _MILE**3,
        "yd3 yd^3": _YARD**3,
        "Nmi3 Nmi^3": _NAUTICAL**3,
        "Picapt3 Picapt^3 Pica3 Pica^3": _POINT**3,
        "GRT regton": 100 * _FOOT**3,
        "MTON": 40 * _FOOT**3,
    },
    "area": {
        "m2* m^2*": 1.0,
        "uk_acre": 4046.8564224,
        "us_acre": _SURVEY_MILE**2 / 640,
        "ang2* ang^2*": _ANGSTROM**2,
        "ar*": 100.0,
        "ft2 ft^2": _FOOT**2,
        "ha": 10000.0,
        "in2 in^2": _INCH**2,
        "ly2 ly^2": _LIGHT_YEAR**2,
        "Morgen": 2500.0,
        "mi2 mi^2": _MILE**2,
        "Nmi2 Nmi^2": _NAUTICAL**2,
        "Picapt2 Picapt^2 Pica2 Pica^2": _POINT**2,
        "yd2 yd^2": _YARD**2,
    },
    "information": {"bit*": 1.0, "byte*": 8.0},
    "speed": {
        "m/s* m/sec*": 1.0,
        "admkn": 6080 * _FOOT / 3600,
        "kn": _NAUTICAL / 3600,
        "m/h* m/hr*": 1 / 3600,
        "mph*": _MILE / 3600,
    },
    "temperature": {"K* kel*": 1.0, "C cel": 1.0, "F fah": 5 / 9, "Rank": 5 / 9, "Reau": 1.25},
}
_ZEROS = {"C": 273.15, "cel": 273.15, "F": 459.67, "fah": 459.67, "Reau": 218.52}
"""How far below its 0 a temperature's scale begins, in its own degrees."""

_PREFIXES = {
    "Y": 1e24,
    "Z": 1e21,
    "E": 1e18,
    "P": 1e15,
    "T": 1e12,
    "G": 1e9,
    "M": 1e6,
    "k": 1e3,
    "h": 1e2,
    "da": 1e1,
    "e": 1e1,
    "d": 1e-1,
    "c": 1e-2,
    "m": 1e-3,
    "u": 1e-6,
    "n": 1e-9,
    "p": 1e-12,
    "f": 1e-15,
    "a": 1e-18,
    "z": 1e-21,
    "y": 1e-24,
}
_BINARY = {f"{letter}i": 2.0 ** (10 * (i + 1)) for i, letter in enumerate("kMGTPEZY")}

_UNITS = {
    name.rstrip("*"): (quantity, size, name.endswith("*"))
    for quantity, units in _TABLE.items()
    for names, size in units.items()
    for name in names.split()
}


def _find(name: str) -> tuple[str, float, float] | None:
    """A unit's quantity, its size and how far below 0 its scale begins, or None."""
    if name in _UNITS:
        quantity, size, _ = _UNITS[name]
        return quantity, size, _ZEROS.get(name, 0.0)
    for length in (2, 1):
        prefix, rest = name[:length], name[length:]
        quantity, size, prefixed = _UNITS.get(rest, ("", 0.0, False))
        factor = _BINARY.get(prefix) if quantity == "information" else None
        factor = factor or _PREFIXES.get(prefix)
        if prefixed and factor is not None:
            power = 2 if quantity == "area" and rest[-1] == "2" else 3 if rest[-1] == "3" else 1
            return quantity, size * factor**power, 0.0
    return None


def _convert(number: float, start: str, end: str) -> float | ExcelError:
    first, second = _find(start), _find(end)
    if first is None or second is None or first[0] != second[0]:
        return ExcelError.NA
    if start == end:
        return number
    if first[0] == "temperature":
        return (number + first[2]) * first[1] / second[1] - second[2]
    return number * first[1] / second[1]


plain("CONVERT", _convert, "strict text text")
