"""Values in scalar code: lanes, and what all rules over them need."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Literal

from sheetsim.backends.loop_checks import Checks
from sheetsim.backends.loop_parts import Slot
from sheetsim.backends.loop_places import LoopPlaces
from sheetsim.backends.printer import Code
from sheetsim.formula.nodes import CellRef
from sheetsim.ir.build import Program, Step
from sheetsim.ir.types import BOOLEANS, ERRORS, TEXTS
from sheetsim.values import BOOLEAN, NUMBER


@dataclass(frozen=True, slots=True)
class Lane:
    """A value: its code (a number's or a truth value's), the code of its error (None: it cannot fail), and
    where only the run shows it, of its kind (then the value is a number, 0 or 1 for a truth value)."""

    value: Code
    what: Literal["number", "truth"]
    failed: Code | None = None
    kind: Code | None = None


@dataclass(slots=True)
class Lanes(LoopPlaces, ABC):
    """What is written so far: `scopes` hold the lanes of steps by number, innermost last."""

    program: Program = field(default_factory=Program)
    roots: list[Step] = field(default_factory=list)
    uses: dict[int, list[Step]] = field(default_factory=dict)
    scopes: list[dict[int, Lane]] = field(default_factory=lambda: [{}])
    fixed: dict[Slot, Lane] = field(default_factory=dict)

    @property
    def exact(self) -> bool:
        return self.variant == "all"

    @property
    def checks(self) -> Checks:
        return Checks(self.roots, self.uses)

    @abstractmethod
    def lane(self, step: Step) -> Lane:
        """The step's value, written on first use."""

    def read(self, member: int, reference: CellRef, kinds: int) -> Lane:
        place = self.members[member].places[reference]
        slot = Slot("cell", member, reference)
        if slot in self.fixed:
            return self.fixed[slot]
        along, over = self.moves(member, reference)
        if not place.fixed:
            return self.loaded(place.sheet, self.address(slot, along, over, place.sheet), kinds)
        with self.to.before():
            self.fixed[slot] = self.loaded(
                place.sheet, self.address(slot, along, over, place.sheet), kinds, True
            )
        return self.fixed[slot]

    def loaded(self, sheet: int, address: Code, kinds: int, keep: bool = False) -> Lane:
        number = self.to.load(sheet, address)
        kind = self.to.load_kind(sheet, address) if kinds & (TEXTS | BOOLEANS | ERRORS) else None
        return Lane(self.to.keep(number, "number") if keep else number, "number", None, kind)

    def joined(self, *codes: Code | None) -> Code | None:
        """The first error of several."""
        joined: Code | None = None
        for code in codes:
            if code is not None:
                joined = code if joined is None or joined == code else self.to.first(joined, code)
        return joined

    def kind_of(self, lane: Lane) -> Code:
        return lane.kind or self.to.code(BOOLEAN if lane.what == "truth" else NUMBER)

    def as_number(self, lane: Lane) -> Lane:
        value = self.to.calc("number", lane.value) if lane.what == "truth" else lane.value
        return Lane(value, "number", lane.failed, lane.kind)

    def failure(self, lane: Lane) -> Code | None:
        """The code of its error, that of a cell which holds one too."""
        if lane.kind is None or not self.exact:
            return lane.failed
        return self.joined(lane.failed, self.to.error_in(lane.kind, lane.value))
