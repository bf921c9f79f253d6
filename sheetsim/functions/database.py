"""Functions of a list with headings: DAVERAGE DCOUNT DCOUNTA DGET DMAX DMIN DPRODUCT DSTDEV DSTDEVP DSUM DVAR
DVARP.

    D...(database, field, criteria)

The database's first row holds the names of its fields; `field` is a name or a number from 1 on. Criteria have
names above and conditions below: a record counts where all conditions of some row hold. A text alone asks for
texts that begin with it; "=text" asks for the whole text. A condition under a heading that names no field is
a formula, which Excel works out again for each record: that is not supported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sheetsim.errors import Unsupported
from sheetsim.functions.coercion import to_text
from sheetsim.functions.criteria import Criterion
from sheetsim.functions.plain import plain
from sheetsim.functions.statistical.variances import deviation, variance
from sheetsim.functions.statistics import total
from sheetsim.values import ExcelError, Scalar, Values

Row = list[Scalar]
Result = Scalar


@dataclass(frozen=True, slots=True)
class _List:
    """The names of the fields and the records of a database, or of criteria."""

    names: list[str]
    rows: list[Row]

    @classmethod
    def of(cls, block: Values) -> _List:
        first, *rest = block.tolist()
        return cls([str(to_text(name)).strip().casefold() for name in first], rest)


def _field(names: list[str], field: Scalar) -> int | ExcelError:
    """A field's column."""
    if isinstance(field, ExcelError):
        return field
    if isinstance(field, str):
        name = field.strip().casefold()
        return names.index(name) if name in names else ExcelError.VALUE
    number = int(field or 0)
    return number - 1 if 1 <= number <= len(names) else ExcelError.VALUE


def _condition(value: Scalar) -> Criterion:
    """A text without a sign asks for texts that begin with it."""
    criterion = Criterion.of(value)
    if criterion.bare and isinstance(criterion.operand, str) and criterion.operand:
        return Criterion("=", criterion.operand + "*", False)
    return criterion


def _records(database: Values, criteria: Values) -> tuple[list[str], list[Row]]:
    """The names of the database's fields, and the records that meet the criteria."""
    table, asked = _List.of(database), _List.of(criteria)
    alternatives = []
    for row in asked.rows:
        conditions = []
        for name, value in zip(asked.names, row, strict=True):
            if value is None:
                continue
            if name not in table.names:
                raise Unsupported(f"a condition of a database function under {name!r}, which names no field")
            conditions.append((table.names.index(name), _condition(value)))
        alternatives.append(conditions)
    found = [
        row
        for row in table.rows
        if not asked.rows
        or any(all(wanted.holds(row[at]) for at, wanted in conditions) for conditions in alternatives)
    ]
    return table.names, found


def _register(name: str, function: Callable[[list[Scalar]], Result], optional: bool = False) -> None:
    """A function of the field's cells in the records found; DCOUNT and DCOUNTA may leave the field empty."""

    def told(database: Values, field: Scalar, criteria: Values) -> Result:
        names, records = _records(database, criteria)
        if field is None and optional:
            return float(len(records))
        column = _field(names, field)
        if isinstance(column, ExcelError):
            return column
        return function([row[column] for row in records])

    plain(name, told, "range any range", tail="once")


def _of_numbers(name: str, function: Callable[[list[float]], float | ExcelError]) -> None:
    def told(values: list[Scalar]) -> Result:
        wrong = next((value for value in values if isinstance(value, ExcelError)), None)
        return function([value for value in values if isinstance(value, float)]) if wrong is None else wrong

    _register(name, told)


def _product(numbers: list[float]) -> float:
    result = 1.0
    for number in numbers:
        result *= number
    return result if numbers else 0.0


def _get(values: list[Scalar]) -> Result:
    if len(values) != 1:
        return ExcelError.NUM if values else ExcelError.VALUE
    return 0.0 if values[0] is None else values[0]


_of_numbers("DAVERAGE", lambda xs: total(xs) / len(xs) if xs else ExcelError.DIV0)
_of_numbers("DMAX", lambda xs: max(xs, default=0.0))
_of_numbers("DMIN", lambda xs: min(xs, default=0.0))
_of_numbers("DPRODUCT", _product)
_of_numbers("DSUM", total)
_of_numbers("DSTDEV", lambda xs: deviation(xs, True))
_of_numbers("DSTDEVP", lambda xs: deviation(xs, False))
_of_numbers("DVAR", lambda xs: variance(xs, True))
_of_numbers("DVARP", lambda xs: variance(xs, False))
_register("DCOUNT", lambda values: float(sum(isinstance(value, float) for value in values)), optional=True)
_register("DCOUNTA", lambda values: float(sum(value is not None for value in values)), optional=True)
_register("DGET", _get)
