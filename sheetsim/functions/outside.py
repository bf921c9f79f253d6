"""Functions of Excel that are not worked out: by name, why. Most ask something outside the workbook; of some
the meaning is not written down."""

from __future__ import annotations

_CUBE = "asks a data cube outside the workbook"
_WEB = "asks a service on the web"
_SMOOTHED = "fits exponential smoothing by a search that Microsoft does not document"
_ADD_IN = "runs a program outside the workbook"

OUTSIDE: dict[str, str] = {
    **dict.fromkeys(
        (
            *("CUBEKPIMEMBER", "CUBEMEMBER", "CUBEMEMBERPROPERTY", "CUBERANKEDMEMBER"),
            *("CUBESET", "CUBESETCOUNT", "CUBEVALUE"),
        ),
        _CUBE,
    ),
    **dict.fromkeys(
        (
            *("WEBSERVICE", "STOCKHISTORY", "IMAGE", "TRANSLATE", "DETECTLANGUAGE", "COPILOT", "FIELDVALUE"),
            *("IMPORTTEXT", "IMPORTCSV"),
        ),
        _WEB,
    ),
    **dict.fromkeys(("CALL", "REGISTER.ID", "REGISTER", "EVALUATE", "PY", "RTD", "DDE"), _ADD_IN),
    **dict.fromkeys(
        ("FORECAST.ETS", "FORECAST.ETS.CONFINT", "FORECAST.ETS.SEASONALITY", "FORECAST.ETS.STAT"), _SMOOTHED
    ),
    "GETPIVOTDATA": "asks a pivot table, which is not computed",
    "FILTERXML": "reads XML that comes from a service on the web",
    "SQL.REQUEST": "asks a data base outside the workbook",
    "INFO": "asks for the program and the machine it runs on",
    "PHONETIC": "asks for the readings that Japanese input keeps beside a text",
    "EUROCONVERT": "belongs to an add-in",
}


def why_unknown(name: str) -> str:
    """The reason why a function that is not in the table is not computed."""
    return f"{name} {OUTSIDE[name]}" if name in OUTSIDE else f"the function {name} is not known"
