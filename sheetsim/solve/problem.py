"""Solver problems: what is to be made small, large or equal to a value, by changing which cells, within what.

Excel keeps a sheet's problem in hidden names of that sheet; `stored_problems` reads them:

    solver_opt   the objective                      solver_num    how many constraints
    solver_adj   the changing cells, several areas  solver_lhsN   cells of constraint N
    solver_typ   1 max, 2 min, 3 value              solver_relN   1 <=  2 =  3 >=  4 int  5 bin  6 different
    solver_val   that value                         solver_rhsN   a number or cells
    solver_neg   1: changing cells are not negative where nothing else bounds them
    solver_tim   seconds at most (and other options of Excel's own minimisers, kept as they are)

`typed_problem` makes one from what a user typed. Both give a `Problem`; `Problem.fault` says in one line why
one that is stored cannot be solved.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from sheetsim.address import Rect, quote_sheet, split_sheet
from sheetsim.errors import SheetsimError, printable
from sheetsim.formula import parse
from sheetsim.formula.nodes import Binary, CellRef, Error, Node, RangeRef
from sheetsim.plan.areas import area_of
from sheetsim.plan.names import Names
from sheetsim.values import ExcelError
from sheetsim.workbook import Workbook

Place = tuple[str, Rect]

RELATIONS = {1.0: "<=", 2.0: "=", 3.0: ">=", 4.0: "int", 5.0: "bin", 6.0: "dif"}
WORDS = {
    "int": "must be whole numbers",
    "bin": "must be 0 or 1",
    "dif": "must all be different",
}
UNLIMITED = 2147483647  # what Excel stores for "no limit"
MOST_CELLS = 1 << 20  # that change, or that constraints relate

_ORIGIN = Rect(0, 0, 1, 1)
_NUMBER = re.compile(r"[-+]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][-+]?[0-9]+)?")
_PART = re.compile(r"solver_(?:lhs|rel|rhs)([1-9][0-9]{0,5})")
_TYPED = re.compile(r"\s*(.+?)\s*(<=|>=|=)\s*(.+?)\s*")


@dataclass(frozen=True, slots=True)
class Constraint:
    """Cells on the left, related to a number or to cells (one, or as many as on the left) on the right.
    `name` says where it stands."""

    left: tuple[Place, ...]
    relation: str
    right: float | tuple[Place, ...]
    name: str = ""

    def __str__(self) -> str:
        left = shown(self.left)
        if self.relation in WORDS:
            return f"{left} {WORDS[self.relation]}"
        right = f"{self.right:g}" if isinstance(self.right, float) else shown(self.right)
        return f"{left} {self.relation} {right}"


@dataclass(frozen=True, slots=True)
class Problem:
    """`goal` is "min", "max" or the value to reach. `options` are Excel's, by their hidden names."""

    sheet: str
    objective: Place | None
    changing: tuple[Place, ...]
    goal: str | float = "min"
    constraints: tuple[Constraint, ...] = ()
    not_negative: bool = False
    options: dict[str, float] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    @property
    def fault(self) -> str:
        """Why it cannot be solved; "" where it can."""
        if self.faults:
            return self.faults[0]
        if self.objective and any(_meet(self.objective, place) for place in self.changing):
            return (
                f"the objective {shown([self.objective])} is one of the changing cells {shown(self.changing)}"
            )
        if self.cells > MOST_CELLS:
            return f"its changing cells and constraints are {self.cells:,} cells (at most {MOST_CELLS:,})"
        for constraint in self.constraints:
            if constraint.relation in WORDS:
                return f"{constraint.name}: {constraint}, which is not supported"
        return ""

    @property
    def variables(self) -> int:
        """How many cells change."""
        return sum(rect.size for _, rect in self.changing)

    @property
    def cells(self) -> int:
        """How many cells change or stand in constraints."""
        sides = [one.left for one in self.constraints]
        sides += [one.right for one in self.constraints if isinstance(one.right, tuple)]
        return self.variables + sum(rect.size for side in sides for _, rect in side)

    @property
    def max_seconds(self) -> float | None:
        """The time limit that Excel was given, if any."""
        seconds = self.options.get("solver_tim", UNLIMITED)
        return None if seconds >= UNLIMITED or seconds <= 0 else seconds

    def describe(self) -> list[str]:
        """What it says, for people, a line a part."""
        aim = self.goal if isinstance(self.goal, str) else f"value {self.goal:g}"
        lines = [
            f"objective    {shown([self.objective]) if self.objective else 'none'} ({aim})",
            f"changing     {shown(self.changing) or 'none'} ({self.variables} cells)",
        ]
        lines += [f"subject to   {constraint}" for constraint in self.constraints]
        if self.not_negative:
            lines.append("             changing cells without a bound are not negative")
        return lines


def _meet(one: Place, other: Place) -> bool:
    return one[0].casefold() == other[0].casefold() and one[1].intersect(other[1]) is not None


def shown(places: Sequence[Place]) -> str:
    """Addresses with their sheets, as a user types them."""
    return ",".join(f"{quote_sheet(sheet)}!{rect}" for sheet, rect in places)


# -- stored in a workbook


def stored_problems(book: Workbook) -> list[Problem]:
    """The problem of each sheet that has one, in the order of the sheets."""
    named = {
        name.scope.casefold() for name in book.names if name.scope and name.name.casefold() == "solver_opt"
    }
    return [_stored(book, sheet.name) for sheet in book.sheets if sheet.name.casefold() in named]


def stored_problem(book: Workbook, sheet: str | None) -> Problem:
    """The problem of a sheet; without one, that of the only sheet that has one. SheetsimError otherwise."""
    problems = stored_problems(book)
    having = ", ".join(problem.sheet for problem in problems)
    if sheet is None:
        if len(problems) == 1:
            return problems[0]
        if problems:
            raise SheetsimError(f"several sheets have a Solver problem: choose one with --sheet ({having})")
        raise SheetsimError("no sheet has a Solver problem: give --objective and --changing")
    if book.find(sheet) is None:
        there = ", ".join(found.name for found in book.sheets)
        raise SheetsimError(f"no sheet {sheet!r}; there are {there}")
    for problem in problems:
        if problem.sheet.casefold() == sheet.casefold():
            return problem
    others = f"; these sheets have one: {having}" if having else ""
    raise SheetsimError(f"sheet {sheet!r} has no Solver problem{others}")


def _stored(book: Workbook, sheet: str) -> Problem:
    hidden = {
        name.name.casefold(): name.formula.removeprefix("=")
        for name in book.names
        if name.scope and name.scope.casefold() == sheet.casefold()
        if name.name.casefold().startswith("solver_")
    }
    faults: list[str] = []

    def places_in(name: str, what: str) -> tuple[Place, ...]:
        try:
            return _places(book, hidden.get(name, ""), sheet, what)
        except SheetsimError as error:
            faults.append(f"{sheet}: {error}")
            return ()

    objective = places_in("solver_opt", "the objective (solver_opt)")
    if objective and (len(objective) > 1 or objective[0][1].size > 1):
        faults.append(f"{sheet}: the objective (solver_opt) is not one cell: {shown(objective)}")
    changing = places_in("solver_adj", "the changing cells (solver_adj)")
    numbers = {name: number for name in hidden if (number := _number(hidden[name])) is not None}
    goals: dict[float, str | float] = {1.0: "max", 2.0: "min", 3.0: numbers.get("solver_val", 0.0)}
    goal = goals.get(numbers.get("solver_typ", 2.0 if "solver_typ" not in hidden else 0.0))
    if goal is None:
        faults.append(f"{sheet}: the goal (solver_typ) is of no known kind: {_short(hidden['solver_typ'])}")
    constraints = []
    for n in range(1, _count(hidden, sheet, faults) + 1):
        relation = RELATIONS.get(numbers.get(f"solver_rel{n}", 0.0), "")
        left = places_in(f"solver_lhs{n}", f"the left side of constraint {n} (solver_lhs{n})")
        right: float | tuple[Place, ...] = 0.0
        if not relation:
            faults.append(f"{sheet}: constraint {n} (solver_rel{n}) is of no known kind")
        elif relation not in WORDS:
            number = numbers.get(f"solver_rhs{n}")
            what = f"the right side of constraint {n} (solver_rhs{n})"
            right = number if number is not None else places_in(f"solver_rhs{n}", what)
        constraints.append(Constraint(left, relation, right, f"{sheet}: constraint {n} (solver_rel{n})"))
    return Problem(
        sheet,
        objective[0] if objective else None,
        changing,
        "min" if goal is None else goal,
        tuple(constraints),
        numbers.get("solver_neg", 2) == 1,
        {name: value for name, value in numbers.items() if not name.startswith(("solver_rel", "solver_rhs"))},
        tuple(faults),
    )


def _count(hidden: Mapping[str, str], sheet: str, faults: list[str]) -> int:
    """How many constraints there are: as many as are said (solver_num) and stored."""
    said = _number(hidden.get("solver_num", "0"))
    stored = max((int(found[1]) for name in hidden if (found := _PART.fullmatch(name))), default=0)
    if said is None or said != int(said) or not 0 <= said <= stored:
        what = _short(hidden["solver_num"])
        faults.append(f"{sheet}: the number of constraints (solver_num) is {what}, and {stored} are stored")
        return 0
    return int(said)


# -- typed by a user


def typed_problem(
    book: Workbook,
    sheet: str | None,
    objective: str,
    changing: str,
    goal: str = "min",
    constraints: Sequence[str] = (),
) -> Problem:
    """A problem from addresses: `changing` several areas separated by commas, constraints like "A1:A5>=0" or
    "B3=C3". Addresses without a sheet are on `sheet` (by default the first). SheetsimError for what is none.
    """
    if sheet is not None and book.find(sheet) is None:
        there = ", ".join(found.name for found in book.sheets)
        raise SheetsimError(f"no sheet {sheet!r}; there are {there}")
    home = book[sheet].name if sheet else book.sheets[0].name
    target = _places(book, objective, home, "the objective")
    if len(target) > 1 or target[0][1].size > 1:
        raise SheetsimError(f"the objective is one cell, not {objective}")
    found = []
    for text in constraints:
        parts = _TYPED.fullmatch(text)
        if parts is None:
            raise SheetsimError(f"{text!r} is no constraint like A1:A5>=0 or B3=C3")
        left, relation, right = parts.groups()
        number = _number(right)
        side = number if number is not None else _places(book, right, home, f"the constraint {text!r}")
        found.append(Constraint(_places(book, left, home, f"the constraint {text!r}"), relation, side, text))
    aim = goal if goal in ("min", "max") else _number(goal)
    if aim is None:
        raise SheetsimError(f"the goal is min, max or a number, not {goal!r}")
    return Problem(
        target[0][0], target[0], _places(book, changing, home, "the changing cells"), aim, tuple(found)
    )


# -- addresses


def _number(text: str) -> float | None:
    """The number that a text is; None for none, and for what is beyond the largest."""
    if not _NUMBER.fullmatch(text.strip()):
        return None
    number = float(text)
    return number if isfinite(number) else None


def _short(text: str) -> str:
    return printable(text, 40)


def _places(book: Workbook, text: str, sheet: str, what: str) -> tuple[Place, ...]:
    """The areas that a text means, seen from a sheet: addresses or defined names, joined by commas."""
    if not text.strip():
        raise SheetsimError(f"{what} is missing")
    if plain := _plain(book, text):
        return plain
    try:
        node = Names(book).resolve(parse(f"({text.strip()})", 0, 0), sheet)
    except SheetsimError:
        raise SheetsimError(f"{what}: {text!r} is no cell, area or list of areas") from None
    found: list[Place] = []
    stack: list[Node] = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, Binary) and part.operator == "union":
            stack += (part.right, part.left)
            continue
        if isinstance(part, Error):
            hint = "it is not there" if part.value == ExcelError.REF else "there is no such name"
            raise SheetsimError(f"{what} is {part.value.label} ({text}): {hint}")
        if not isinstance(part, (CellRef, RangeRef)):
            raise SheetsimError(f"{what}: {text!r} is no cell, area or list of areas")
        area = area_of(part, _ORIGIN, sheet)
        found.append((book[area.sheet].name, area.swept(_ORIGIN)))
    return tuple(found)


def _plain(book: Workbook, text: str) -> tuple[Place, ...]:
    """Addresses whose sheets' names lack the quotes that a formula needs ("my sheet!B2"); () where not all
    are such."""
    found: list[Place] = []
    for part in text.split(","):
        name, cells = split_sheet(part.strip())
        sheet = book.find(name) if name else None
        try:
            rect = Rect.parse(cells)
        except ValueError:
            return ()
        if sheet is None:
            return ()
        found.append((sheet.name, rect))
    return tuple(found)
