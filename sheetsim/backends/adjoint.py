"""The way back through a recurrence: one loop over its times in reverse, on the values that it left behind.

`AdjointWalk` writes it for the same printers as the loop itself. Sheet n of the loop is array n, the slopes
by its cells are array `arrays + n`. At each time, for each member in reverse: the slope by the cell that it
computed is loaded, goes back through the formula (`ir/slopes.py`), and is added to the slopes by the cells
that the formula read. The memory that it takes is as much again as the sheets: linear in the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sheetsim.backends.lanes import Lane
from sheetsim.backends.loop_parts import Member, Slot
from sheetsim.backends.printer import Code
from sheetsim.backends.scalar import Walk
from sheetsim.backends.scalar_folds import inside
from sheetsim.formula.nodes import Binary, Call, CellRef, Node
from sheetsim.ir.build import Step, Term
from sheetsim.ir.lower import COMPARISONS, Unsuited
from sheetsim.ir.slopes import NoSlope, backward
from sheetsim.ir.types import ARRAY, NUMBERS


@dataclass(slots=True)
class AdjointWalk(Walk):
    """Writes the way back of the loop of `members`; `arrays` are the sheets of the loop."""

    arrays: int = 0
    # by member: slopes by cells; and folds, with the slopes by their sums and by the cells of their ranges
    _leaf_slopes: list[list[tuple[Step, Term]]] = field(default_factory=list)
    _fold_slopes: list[list[tuple[Step, list[tuple[Step, Term]]]]] = field(default_factory=list)

    def lower(self) -> None:
        """Make the program, values and slopes. Unsuited where a formula is no smooth function of numbers."""
        for member in self.members:
            if any(_jumps(node) for node in member.node.walk()):
                raise Unsuited("a choice")  # whoever differentiates one is told so
        self.members = [_apart(member) for member in self.members]
        Walk.lower(self)  # a class with slots has no plain super()
        try:
            for number, root in enumerate(self.roots):
                self._back(number, root)
        except NoSlope as reason:
            raise Unsuited(f"no slope goes through {reason}") from None
        wanted = [term.value for cells in self._leaf_slopes for _, term in cells]
        wanted += [term.value for folds in self._fold_slopes for _, cells in folds for _, term in cells]
        self.uses.clear()
        self.roots.clear()  # nothing is checked or stored on the way back
        for step in {step.number: step for one in wanted for step in self.program.needed(one)}.values():
            for argument in step.arguments:
                self.uses.setdefault(argument.number, []).append(step)
        for one in wanted:
            self.uses.setdefault(one.number, []).append(one)

    def _back(self, number: int, root: Step) -> None:
        b = self.program
        seed = b.op("cell", reference=(number, None), kinds=NUMBERS, axes=frozenset("rc"))
        cells: list[tuple[Step, Term]] = []
        folds: list[tuple[Step, list[tuple[Step, Term]]]] = []
        waiting = [(root, seed)]
        while waiting:
            step, slope = waiting.pop()
            for leaf, own in backward(b, step, slope, lambda s: s.name in ("cell", "block", "fold")):
                if leaf.name != "fold":
                    cells.append((leaf, own))
                    continue
                start, x, where = leaf.arguments
                if leaf.attribute("how") != "add" or not self._all(where):
                    raise NoSlope("a fold that is no sum of numbers")
                inner = backward(b, x, own, lambda s: s.name == "block" or not s.type.axes & ARRAY)
                if any(s.name not in ("block", "constant") for s, _ in inner):
                    raise NoSlope("a sum of products with single cells")
                if x.type.axes & ARRAY:
                    folds.append((leaf, [(s, term) for s, term in inner if s.name == "block"]))
                else:
                    cells += [(s, term) for s, term in inner if s.name == "block"]
                waiting.append((start, own))
        self._leaf_slopes.append(cells)
        self._fold_slopes.append(folds)

    def _all(self, where: Step) -> bool:
        """Does a fold take all cells of its ranges?"""
        if where.name == "and":
            return all(map(self._all, where.arguments))
        return self.all_numbers(where) or (where.name == "constant" and where.constant is True)

    def write(self) -> None:
        to = self.to
        for number in reversed(range(len(self.members))):
            member = self.members[number]
            self._member = number
            if not member.wide:
                self._put_back(number)
                continue
            self.scopes.append({})
            with to.line(self.slot(Slot("count", number)), member.across > 0):
                self._put_back(number)
            self.scopes.pop()
        to.end_of_time()

    def _put_back(self, number: int) -> None:
        for leaf, slope in self._leaf_slopes[number]:
            member, reference = leaf.attribute("reference")
            if isinstance(reference, CellRef):
                along, over = self.moves(member, reference)
                sheet = self.members[member].places[reference].sheet
                address = self.address(Slot("cell", member, reference), along, over, sheet)
                self._add_to(sheet, address, self.lane(slope.value).value)
            elif reference is not None:
                raise Unsuited("a range where a single value is meant")
        for fold, slopes in self._fold_slopes[number]:
            self._through_range(fold, slopes)

    def _add_to(self, sheet: int, address: Code, slope: Code) -> None:
        total = self.to.calc("add", self.to.load(self.arrays + sheet, address), slope)
        self.to.store(self.arrays + sheet, address, total)

    def _through_range(self, fold: Step, slopes: Sequence[tuple[Step, Term]]) -> None:
        """Add to the slopes by the cells of a sum's ranges."""
        to, blocks = self.to, [block for block, _ in slopes]
        if not blocks:
            return
        inner, outer = inside([term.value for _, term in slopes])
        for one in outer:
            self.lane(one)
        every = {s.number: s for s in (*inner, *blocks) if s.name == "block"}.values()
        (member, reference) = blocks[0].attribute("reference")
        (low, high), (left, right) = self.bounds(member, reference)
        self.scopes.append({})
        with to.loop("r", low, high) as row, to.loop("c", left, right) as column:
            for block in every:
                self.scopes[-1][block.number] = self.beside(block, row, column, low, left)
            for block, term in slopes:
                sheet, address = self.address_beside(block, row, column, low, left)
                self._add_to(sheet, address, self.lane(term.value).value)
        self.scopes.pop()

    def _cell(self, step: Step) -> Lane:
        member, reference = step.attribute("reference")
        if reference is not None:
            return self.read(member, reference, step.type.kinds)
        own = self.members[member]
        address = self.address(Slot("own", member), True, own.wide, own.sheet)
        return Lane(self.to.keep(self.to.load(self.arrays + own.sheet, address), "number"), "number")

    def _finite(self, step: Step) -> Lane:
        return self.lane(step.arguments[0])

    def _fail(self, step: Step) -> Lane:
        return self.lane(step.arguments[0])


def _jumps(node: Node) -> bool:
    if isinstance(node, Binary):
        return node.operator in COMPARISONS
    return isinstance(node, Call) and node.name.startswith("IF")


def _apart(member: Member) -> Member:
    """The member with all that it reads in memory: values of the same time have long been stored."""
    return replace(member, places={at: replace(place, same=None) for at, place in member.places.items()})
