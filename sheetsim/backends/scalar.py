"""Programs as scalar code, one number at a time: the walk that all printers of loops share.

    code = Walk(members, along_rows, "plain", PythonCode(...)); code.write()

A recurrence is a loop over time `u`, for wide members over `s` within. Each step of the program becomes an
expression of the printer's language (`Printer`): Python, LLVM's, C++. A value is a `Lane`: the code of a
number or a truth value, and the code that tells whether it failed.

Two ways with errors, by the variant (see `loop_parts`). "plain" and "mixed" are *optimistic*: all values are
numbers, and a row in which anything fails is not computed; the loop returns its time. There, what is not
finite need not be noticed at once where something later shows it (`loop_checks`). In "all" a failed value is
an error code that flows beside the number, kinds are
read and written, and only text where a number is wanted ends the loop.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sheetsim.backends.lanes import Lane
from sheetsim.backends.loop_parts import BLOCKS, CELLS, Member, Read, Slot
from sheetsim.backends.scalar_rules import Rules
from sheetsim.formula.nodes import CellRef, RangeRef
from sheetsim.ir.build import Step, Term
from sheetsim.ir.lower import Lowering, Unsuited
from sheetsim.ir.ops import COMPARISONS, ELEMENTARY
from sheetsim.ir.types import ARRAY, BOOLEANS, ERRORS, NUMBERS, TEXTS
from sheetsim.values import BLANK, BOOLEAN, ERROR, NUMBER, TEXT

_CALCULATED = {"add", "sub", "mul", "div", "neg", "and", "or", "not", "min2", "max2", "ten_to", "atan2"}
_CALCULATED |= {"remainder", "floor15", "same", "settle", "refined"}
_CALCULATED |= ELEMENTARY.keys() | COMPARISONS.keys()
_OTHERS = {
    *("constant", "cell", "block", "select", "fail", "finite", "is_finite", "if_error", "sure", "after"),
    *("to_number", "to_boolean", "is_kind", "plain", "truth", "zero_if_blank", "compare", "power", "number"),
    *("fold", "first_error", "any_of"),
}


_UNTOLD = {"to_text": "text", "matmul": "a product of matrices", "position": "the place of a cell"}


@dataclass(slots=True)
class Walk(Rules):
    """Writes one loop. After `write`, `slots` and `reads` say what it needs."""

    reads: dict[Read, None] = field(default_factory=dict)
    _member: int = 0

    def lower(self) -> None:
        """Make the program. Unsuited when a formula cannot be told so."""
        for number, member in enumerate(self.members):
            self._member = number
            self.roots.append(Lowering(self.program, self._leaf).formula(member.node).value)
            kinds = self.roots[-1].type.kinds & ~ERRORS
            if not self.exact and kinds not in (NUMBERS, BOOLEANS):
                raise Unsuited("gives numbers and truth values" if kinds & NUMBERS else "gives no number")
        needed = {step.number: step for root in self.roots for step in self.program.needed(root)}
        for step in needed.values():
            if step.name not in _CALCULATED and step.name not in _OTHERS:
                raise Unsuited(_UNTOLD.get(step.name, f"the operation {step.name}"))
            if (
                step.name == "compare"
                and not self.exact
                and any(a.type.kinds & TEXTS for a in step.arguments)
            ):
                raise Unsuited("a comparison of text")
            for argument in step.arguments:
                self.uses.setdefault(argument.number, []).append(step)

    def _leaf(self, reference: CellRef | RangeRef, block: bool) -> Term:
        member, b = self._member, self.program
        place = self.members[member].places[reference]
        if isinstance(reference, CellRef) and place.same is not None and not block:
            return Term(b, self.roots[place.same])
        found = (BLOCKS if block else CELLS)[self.variant]
        kinds = sum(1 << kind for kind in found)
        self.reads[Read(member, reference, found)] = None
        at = (member, reference)
        if isinstance(reference, CellRef):
            axes = frozenset("rc")
            return (
                b.op("block", reference=at, kinds=kinds, axes=axes, size=(1, 1))
                if block
                else b.op("cell", reference=at, kinds=kinds, axes=axes)
            )
        return b.op("block", reference=at, kinds=kinds, axes=ARRAY | {"r", "c"}, size=_size(reference))

    def write(self) -> None:
        """The statements of one time."""
        to = self.to
        for number, (member, root) in enumerate(zip(self.members, self.roots, strict=True)):
            self._member = number
            own = Slot("own", number)
            if not member.wide:
                self._put(member, root, own, False)
                continue
            self.scopes.append({})
            with to.line(self.slot(Slot("count", number)), member.across < 0):
                self._put(member, root, own, True)
            self.scopes.pop()
        to.end_of_time()

    def _put(self, member: Member, root: Step, own: Slot, wide: bool) -> None:
        to, lane = self.to, self.lane(root)
        value = lane.value
        if not self.exact:
            if lane.failed is not None:
                to.stop_if(lane.failed)
            value = to.keep(value, lane.what)
            self.scopes[-1][root.number] = Lane(value, lane.what)
            if lane.what == "number" and self.checks.loose(root) and not self.checks.shows(root):
                to.stop_if(to.calc("not", to.calc("is_finite", value)))
        address = self.address(own, True, wide, member.sheet)
        number = to.calc("number", value) if lane.what == "truth" else value
        if not self.exact:
            to.store(member.sheet, address, number)
            return
        kind = lane.kind or to.code(BOOLEAN if lane.what == "truth" else NUMBER)
        if lane.kind is not None:
            to.stop_if(to.same_code(kind, TEXT))
            kind = to.choose(to.same_code(kind, BLANK), to.code(NUMBER), kind, "code")
        if lane.failed is not None:
            wrong = to.keep(to.is_set(lane.failed), "truth")
            kind = to.choose(wrong, to.code(ERROR), kind, "code")
            number = to.choose(wrong, to.number_of_code(lane.failed), number, "number")
        to.store(member.sheet, address, number)
        to.store_kind(member.sheet, address, kind)

    # -- values

    def lane(self, step: Step) -> Lane:
        for scope in self.scopes:
            if step.number in scope:
                return scope[step.number]
        lane = self._made(step)
        if lane.failed is not None and self.to.stops_at_once and not self.exact:
            self.to.stop_if(lane.failed)
            lane = Lane(lane.value, lane.what, None, lane.kind)
        if len(self.uses.get(step.number, ())) > 1 or step in self.roots:
            lane = Lane(
                self.to.keep(lane.value, lane.what),
                lane.what,
                lane.failed and self.to.keep(lane.failed, "failed"),
                lane.kind,
            )
        self.scopes[-1][step.number] = lane
        return lane

    def _made(self, step: Step) -> Lane:
        rule = getattr(self, f"_{step.name}", None)
        if rule is not None:
            return rule(step)
        assert step.name in _CALCULATED
        lanes = [self.lane(argument) for argument in step.arguments]
        truth = step.name in COMPARISONS or step.name in ("and", "or", "not", "same")
        value = self.to.calc(step.name, *(lane.value for lane in lanes))
        return Lane(value, "truth" if truth else "number", self.joined(*(lane.failed for lane in lanes)))


def _size(reference: RangeRef) -> tuple[int, ...]:
    """Rows and columns of a range, () where it grows."""
    first, last = reference.first, reference.last
    if first.row_abs != last.row_abs or first.column_abs != last.column_abs:
        return ()
    return abs(last.row - first.row) + 1, abs(last.column - first.column) + 1
