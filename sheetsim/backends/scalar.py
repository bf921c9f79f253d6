"""Programs as scalar code, one number at a time: the walk that all printers of loops share.

    code = Walk(members, along_rows, "plain", PythonCode(...)); code.write()

A recurrence is a loop over time `u`, for wide members over `s` within. Each step of the program becomes an
expression of the printer's language (`Printer`): Python, LLVM's, C++. A value is a `Lane`: the code of a number
or a truth value, and the code that tells whether it failed.

Two ways with errors, by the variant (see `loop_parts`). "plain" and "mixed" are *optimistic*: all values are
numbers, and a row in which anything fails is not computed; the loop returns its time. There, what is not
finite need not be noticed at once where it passes on through + - * and the upper side of /, but must be before
something could swallow it. In "all" a failed value is an error code that flows beside the number, kinds are
read and written, and only text where a number is wanted ends the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from sheetsim.backends.loop_parts import BLOCKS, CELLS, Member, Read, Slot, Variant
from sheetsim.backends.printer import Code, Printer
from sheetsim.formula.nodes import CellRef, RangeRef
from sheetsim.functions.elementary import MAX_REPEATED
from sheetsim.ir.build import Program, Step, Term
from sheetsim.ir.lower import Lowering, Unsuited
from sheetsim.ir.ops import COMPARISONS, ELEMENTARY, PRIMITIVES
from sheetsim.ir.types import ARRAY, BLANKS, BOOLEANS, ERRORS, NUMBERS, TEXTS
from sheetsim.values import BLANK, BOOLEAN, ERROR, NUMBER, TEXT, ExcelError

_CARRY = {"add", "sub", "mul", "neg", "abs", "sqrt"}  # not finite in, not finite out
_CALCULATED = {"add", "sub", "mul", "div", "neg", "and", "or", "not", "min2", "max2", "ten_to", "atan2"}
_CALCULATED |= ELEMENTARY.keys() | COMPARISONS.keys()
_OTHERS = {
    *("constant", "cell", "block", "select", "fail", "finite", "is_finite", "if_error", "sure", "after", "number"),
    *("to_number", "to_boolean", "is_kind", "plain", "truth", "zero_if_blank", "compare", "power"),
    *("fold", "first_error", "any_of", "error_code"),
}


@dataclass(frozen=True, slots=True)
class Lane:
    """A value: its code (a number's or a truth value's), the code of its error (None: it cannot fail), and
    where only the run shows it, of its kind (then the value is a number, 0 or 1 for a truth value)."""

    value: Code
    what: Literal["number", "truth"]
    failed: Code | None = None
    kind: Code | None = None


@dataclass(slots=True)
class Walk:
    """Writes one loop. After `write`, `slots` and `reads` say what it needs."""

    members: Sequence[Member]
    along_rows: bool
    variant: Variant
    to: Printer
    slots: list[Slot] = field(default_factory=list)
    reads: dict[Read, None] = field(default_factory=dict)
    program: Program = field(default_factory=Program)
    roots: list[Step] = field(default_factory=list)
    _member: int = 0
    _scopes: list[dict[int, Lane]] = field(default_factory=lambda: [{}])
    _uses: dict[int, list[Step]] = field(default_factory=dict)
    _fixed: dict[Slot, Lane] = field(default_factory=dict)

    @property
    def exact(self) -> bool:
        return self.variant == "all"

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
            if step.name == "compare" and not self.exact and any(a.type.kinds & TEXTS for a in step.arguments):
                raise Unsuited("a comparison of text")
            for argument in step.arguments:
                self._uses.setdefault(argument.number, []).append(step)

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
            return b.op("block", reference=at, kinds=kinds, axes=axes, size=(1, 1)) if block else b.op(
                "cell", reference=at, kinds=kinds, axes=axes
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
            self._scopes.append({})
            with to.line(self.slot(Slot("count", number)), member.across < 0):
                self._put(member, root, own, True)
            self._scopes.pop()
        to.end_of_time()

    def _put(self, member: Member, root: Step, own: Slot, wide: bool) -> None:
        to, lane = self.to, self.lane(root)
        value = lane.value
        if not self.exact:
            if lane.failed is not None:
                to.stop_if(lane.failed)
            value = to.keep(value, lane.what)
            self._scopes[-1][root.number] = Lane(value, lane.what)
            if lane.what == "number" and self._loose(root) and not self._shows(root):
                to.stop_if(to.calc("not", to.calc("is_finite", value)))
        address = self._address(own, True, wide, member.sheet)
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

    # -- what need not be checked

    def _loose(self, step: Step) -> bool:
        """May it be not finite, unnoticed?"""
        if step.name == "finite":
            return step in self.roots or self._shows(step)
        return step.name not in ("cell", "block", "constant") and any(map(self._loose, step.arguments))

    def _shows(self, step: Step) -> bool:
        """Is the row surely stopped later, if it is not finite?"""
        return not self.exact and any(
            self._passes(step, user)
            and (user in self.roots or (user.name == "finite" and self._decides(user)) or self._shows(user))
            for user in self._uses.get(step.number, ())
        )

    def _decides(self, step: Step) -> bool:
        """Does the row surely fail if it fails? Not where it is but one of two values to choose from."""
        return step in self.roots or any(
            self._decides(user)
            for user in self._uses.get(step.number, ())
            if PRIMITIVES[user.name].strict and user.name != "fold" or (user.name == "select" and user.arguments[0] is step)
        )

    def _passes(self, step: Step, user: Step) -> bool:
        """Is `user` not finite when `step` is not?"""
        if user.name in _CARRY or user.name in ("finite", "sure"):
            return True
        if user.name in ("div", "fail"):
            return user.arguments[0] is step and user.arguments[1] is not step
        return user.name == "after" and user.arguments[1] is step

    # -- where things are

    def slot(self, slot: Slot) -> Code:
        if slot not in self.slots:
            self.slots.append(slot)
        return self.to.slot(self.slots.index(slot))

    def _height(self, sheet: int) -> Code:
        return self.slot(Slot("height", sheet))

    def _address(self, slot: Slot, along: bool, over: bool, sheet: int) -> Code:
        """A slot's address, moved by `u` where it moves along the sweep and by `s` where it moves across."""
        to, code = self.to, self.slot(slot)
        for moves, variable, is_row in ((along, "u", self.along_rows), (over, "s", not self.along_rows)):
            if moves:
                step = to.at(variable)
                code = to.whole("+", code, step if is_row else to.whole("*", step, self._height(sheet)))
        return code

    def _moves(self, member: int, reference: CellRef) -> tuple[bool, bool]:
        """Does it move along the sweep, does it move across?"""
        row, column = not reference.row_abs, not reference.column_abs
        along, over = (row, column) if self.along_rows else (column, row)
        return along, over and self.members[member].wide

    def _read(self, member: int, reference: CellRef, kinds: int) -> Lane:
        place = self.members[member].places[reference]
        slot = Slot("cell", member, reference)
        if slot in self._fixed:
            return self._fixed[slot]
        along, over = self._moves(member, reference)
        if not place.fixed:
            return self._loaded(place.sheet, self._address(slot, along, over, place.sheet), kinds)
        with self.to.before():
            self._fixed[slot] = self._loaded(place.sheet, self._address(slot, along, over, place.sheet), kinds, True)
        return self._fixed[slot]

    def _loaded(self, sheet: int, address: Code, kinds: int, keep: bool = False) -> Lane:
        number = self.to.load(sheet, address)
        kind = self.to.load_kind(sheet, address) if kinds & (TEXTS | BOOLEANS | ERRORS) else None
        return Lane(self.to.keep(number, "number") if keep else number, "number", None, kind)

    def _bounds(self, member: int, reference: RangeRef) -> tuple[tuple[Code, Code], tuple[Code, Code]]:
        """Half-open spans of rows and of columns."""
        first, last = reference.first, reference.last
        rows = self._span(member, "row", first, last, first.row_abs == last.row_abs, first.row <= last.row)
        ordered = first.column <= last.column
        return rows, self._span(member, "column", first, last, first.column_abs == last.column_abs, ordered)

    def _span(
        self,
        member: int,
        what: Literal["row", "column"],
        first: CellRef,
        last: CellRef,
        steady: bool,
        ordered: bool,
    ) -> tuple[Code, Code]:
        to = self.to
        low, high = self._corner(member, what, first), self._corner(member, what, last)
        if not steady:
            low, high = to.whole("min", low, high), to.whole("max", low, high)
        elif not ordered:
            low, high = high, low
        return low, to.whole("+", high, to.integer(1))

    def _corner(self, member: int, what: Literal["row", "column"], corner: CellRef) -> Code:
        code = self.slot(Slot(what, member, corner))
        along, over = self._moves(member, corner)
        for moves, variable, runs in ((along, "u", self.along_rows), (over, "s", not self.along_rows)):
            if moves and runs == (what == "row"):
                code = self.to.whole("+", code, self.to.at(variable))
        return code

    # -- values

    def lane(self, step: Step) -> Lane:
        for scope in self._scopes:
            if step.number in scope:
                return scope[step.number]
        lane = self._made(step)
        if lane.failed is not None and self.to.stops_at_once and not self.exact:
            self.to.stop_if(lane.failed)
            lane = Lane(lane.value, lane.what, None, lane.kind)
        if len(self._uses.get(step.number, ())) > 1 or step in self.roots:
            lane = Lane(
                self.to.keep(lane.value, lane.what), lane.what, lane.failed and self.to.keep(lane.failed, "failed"), lane.kind
            )
        self._scopes[-1][step.number] = lane
        return lane

    def _made(self, step: Step) -> Lane:
        rule = getattr(self, f"_{step.name}", None)
        if rule is not None:
            return rule(step)  # type: ignore[no-any-return]
        assert step.name in _CALCULATED
        lanes = [self.lane(argument) for argument in step.arguments]
        truth = step.name in COMPARISONS or step.name in ("and", "or", "not")
        value = self.to.calc(step.name, *(lane.value for lane in lanes))
        return Lane(value, "truth" if truth else "number", self._joined(*(lane.failed for lane in lanes)))

    def _joined(self, *codes: Code | None) -> Code | None:
        """The first error of several."""
        joined: Code | None = None
        for code in codes:
            if code is not None:
                joined = code if joined is None or joined == code else self.to.first(joined, code)
        return joined

    def _constant(self, step: Step) -> Lane:
        value = step.constant
        if isinstance(value, ExcelError):
            return Lane(self.to.number(0.0), "number", self.to.failing(int(value)))
        if isinstance(value, bool):
            return Lane(self.to.truth(value), "truth")
        return Lane(self.to.number(float(value or 0.0)), "number", None, self.to.code(BLANK) if value is None and self.exact else None)

    def _cell(self, step: Step) -> Lane:
        member, reference = step.attribute("reference")
        return self._read(member, reference, step.type.kinds)

    def _finite(self, step: Step) -> Lane:
        lane = self.lane(step.arguments[0])
        if not self.exact and (lane.what == "truth" or step in self.roots or self._shows(step)):
            return lane
        value = self.to.keep(lane.value, "number")
        wrong = self.to.calc("not", self.to.calc("is_finite", value))
        return Lane(value, "number", self._failing(lane.failed, wrong, ExcelError.NUM), lane.kind)

    def _failing(self, failed: Code | None, test: Code, error: int) -> Code:
        """Failed before, or with this error where the test holds."""
        return self._joined(failed, self.to.fails(test, int(error)))  # type: ignore[return-value]

    def _fail(self, step: Step) -> Lane:
        x, test = step.arguments
        lane = self.lane(x)
        if not self.exact and _divided_by_zero(x, test) and all(u.name == "finite" for u in self._uses[step.number]):
            return lane  # the quotient is not finite, and that is looked at next
        condition = self.lane(test)
        failed = self._failing(self._joined(lane.failed, condition.failed), condition.value, step.attribute("code"))
        return Lane(lane.value, lane.what, failed, lane.kind)

    def _after(self, step: Step) -> Lane:
        checked, lane = (self.lane(argument) for argument in step.arguments)
        return Lane(lane.value, lane.what, self._joined(self._failed(checked), lane.failed), lane.kind)

    def _sure(self, step: Step) -> Lane:
        lane = self.lane(step.arguments[0])
        return Lane(lane.value, lane.what, None, lane.kind)

    def _select(self, step: Step) -> Lane:
        test = self.lane(step.arguments[0])
        (first, yes), (second, no) = (self._branch(argument) for argument in step.arguments[1:])
        to, kind = self.to, None
        if yes.what != no.what or yes.kind is not None or no.kind is not None:
            kind = to.choose(test.value, self._kind_of(yes), self._kind_of(no), "code")
            yes, no = self._as_number(yes), self._as_number(no)
        failed = test.failed
        if yes.failed is not None or no.failed is not None:
            none = to.failing(0)
            failed = self._joined(failed, to.choose(test.value, yes.failed or none, no.failed or none, "failed"))
        value = to.choose(test.value, yes.value, no.value, yes.what, first, second)
        return Lane(value, yes.what, failed, kind)

    def _branch(self, step: Step) -> tuple[object, Lane]:
        """A side of a choice: where the printer works out only the one that is chosen, its own statements."""
        if not self.to.lazy:
            return None, self.lane(step)
        self._scopes.append({})
        with self.to.aside() as body:
            lane = self.lane(step)
        self._scopes.pop()
        return body, lane

    def _kind_of(self, lane: Lane) -> Code:
        return lane.kind or self.to.code(BOOLEAN if lane.what == "truth" else NUMBER)

    def _as_number(self, lane: Lane) -> Lane:
        value = self.to.calc("number", lane.value) if lane.what == "truth" else lane.value
        return Lane(value, "number", lane.failed, lane.kind)

    def _if_error(self, step: Step) -> Lane:
        lane = self.lane(step.arguments[0])
        failed = self._failed(lane)
        if failed is None:
            return lane
        to, instead, kind = self.to, self.lane(step.arguments[1]), None
        wrong = to.keep(to.is_set(failed), "truth")
        if lane.what != instead.what or lane.kind is not None or instead.kind is not None:
            kind = to.choose(wrong, self._kind_of(instead), self._kind_of(lane), "code")
            lane, instead = self._as_number(lane), self._as_number(instead)
        left = None if instead.failed is None else to.choose(wrong, instead.failed, to.failing(0), "failed")
        return Lane(to.choose(wrong, instead.value, lane.value, lane.what), lane.what, left, kind)

    def _failed(self, lane: Lane) -> Code | None:
        """The code of its error, that of a cell which holds one too."""
        if lane.kind is None or not self.exact:
            return lane.failed
        return self._joined(lane.failed, self.to.error_in(lane.kind, lane.value))

    def _error_code(self, step: Step) -> Lane:
        raise Unsuited("the code of an error")

    def _number(self, step: Step) -> Lane:
        lane = self.lane(step.arguments[0])
        return Lane(self.to.calc("number", lane.value), "number", lane.failed)

    def _is_finite(self, step: Step) -> Lane:
        lane = self.lane(step.arguments[0])
        return Lane(self.to.calc("is_finite", self.to.keep(lane.value, "number")), "truth", lane.failed)

    # -- kinds

    def _to_number(self, step: Step) -> Lane:
        lane = self.lane(step.arguments[0])
        if lane.what == "truth":
            return self._as_number(lane)
        if lane.kind is None:
            return lane
        self._stop_at_text(step.arguments[0], lane)
        return Lane(lane.value, "number", self._failed(lane))

    def _to_boolean(self, step: Step) -> Lane:
        lane = self.lane(step.arguments[0])
        if lane.what == "truth":
            return lane
        self._stop_at_text(step.arguments[0], lane)
        return Lane(self.to.calc("ne", lane.value, self.to.number(0.0)), "truth", self._failed(lane))

    def _stop_at_text(self, step: Step, lane: Lane) -> None:
        if step.type.kinds & TEXTS and lane.kind is not None:
            self.to.stop_if(self.to.same_code(lane.kind, TEXT))

    def _zero_if_blank(self, step: Step) -> Lane:
        return self.lane(step.arguments[0])

    def _is_kind(self, step: Step) -> Lane:
        lane, kinds, to = self.lane(step.arguments[0]), step.attribute("kinds"), self.to
        if lane.kind is not None:
            return Lane(to.kind_among(lane.kind, kinds), "truth")
        if step.arguments[0].type.kinds & BLANKS and not self.exact:
            raise Unsuited("whether a cell is blank")
        own = bool(kinds & (BOOLEANS if lane.what == "truth" else NUMBERS))
        if lane.failed is None:
            return Lane(to.truth(own), "truth")
        return Lane(to.choose(to.is_set(lane.failed), to.truth(bool(kinds & ERRORS)), to.truth(own), "truth"), "truth")

    def _plain(self, step: Step) -> Lane:
        return self._where(step, NUMBERS)

    def _where(self, step: Step, kinds: int) -> Lane:
        """The number of a cell of one of `kinds`, else 0."""
        lane, to = self.lane(step.arguments[0]), self.to
        zero = to.number(0.0)
        if lane.what == "truth" and not kinds & BOOLEANS:
            return Lane(zero, "number")
        lane = self._as_number(lane)
        test: Code | None = None
        if lane.kind is not None and step.arguments[0].type.kinds & ~(kinds | BLANKS | TEXTS):
            test = to.kind_among(lane.kind, kinds)  # blanks and texts hold 0 anyway
        elif lane.failed is not None:
            test = to.calc("not", to.is_set(lane.failed))
        return Lane(lane.value if test is None else to.choose(test, lane.value, zero, "number"), "number")

    def _truth(self, step: Step) -> Lane:
        return Lane(self.to.calc("ne", self._where(step, NUMBERS | BOOLEANS).value, self.to.number(0.0)), "truth")

    def _compare(self, step: Step) -> Lane:
        """Excel's order of numbers and truth values; a blank is what the other is."""
        to, sides = self.to, []
        for argument in step.arguments:
            lane = self.lane(argument)
            self._stop_at_text(argument, lane)
            failed = self._failed(lane)
            sides.append((self._as_number(lane).value, self._kind_of(lane), failed))
        (a, kind_a, failed_a), (b, kind_b, failed_b) = sides
        kind_a, kind_b = to.keep(kind_a, "code"), to.keep(kind_b, "code")
        rank_a = to.same_code(to.choose(to.same_code(kind_a, BLANK), kind_b, kind_a, "code"), BOOLEAN)
        rank_b = to.same_code(to.choose(to.same_code(kind_b, BLANK), kind_a, kind_b, "code"), BOOLEAN)
        ranks = to.calc("sub", to.calc("number", rank_a), to.calc("number", rank_b))
        sign = to.calc("sub", to.calc("number", to.calc("gt", a, b)), to.calc("number", to.calc("lt", a, b)))
        ranks = to.keep(ranks, "number")
        value = to.choose(to.calc("eq", ranks, to.number(0.0)), sign, ranks, "number")
        return Lane(value, "number", self._joined(failed_a, failed_b))

    # -- powers and folds

    def _power(self, step: Step) -> Lane:
        """Whole constant exponents up to 64 by repeated multiplication; the printer has the others."""
        base, exponent = step.arguments
        lane, to = self.lane(base), self.to
        times = exponent.constant if exponent.name == "constant" else 0.0
        if not isinstance(times, float) or times % 1 or not 0 < abs(times) <= MAX_REPEATED:
            other = self.lane(exponent)
            return Lane(to.calc("power", lane.value, other.value), "number", self._joined(lane.failed, other.failed))
        factor = value = to.keep(lane.value, "number")
        for _ in range(int(abs(times)) - 1):
            value = to.calc("mul", value, factor)
        if times % 2:
            value = to.calc("add", value, to.number(0.0))  # 0 and not -0
        if times < 0:
            zero = to.calc("eq", factor, to.number(0.0))
            value = to.choose(zero, to.number(0.0), to.calc("div", to.number(1.0), to.keep(value, "number")), "number")
        return Lane(value, "number", lane.failed)

    def _fold(self, step: Step) -> Lane:
        start, x, where = step.arguments
        begin, how = self.lane(start), step.attribute("how")
        if x.type.fails or where.type.fails:
            raise Unsuited("a sum of what may fail")

        if x.name == "constant" and x.constant == 1.0 and how == "add" and self._all_numbers(where):
            return Lane(self.to.calc("add", begin.value, self._cells(where.arguments[0])), "number", begin.failed)

        def put(total: Code) -> Code:
            number, test = self.lane(x), self.lane(where)
            step_to = self.to.calc({"add": "add", "mul": "mul", "min": "min2", "max": "max2"}[how], total, number.value)
            if test.value == self.to.truth(True):
                return step_to
            return self.to.choose(test.value, step_to, total, "number")

        return Lane(self._through(step, begin.value, "number", put), "number", begin.failed)

    def _all_numbers(self, where: Step) -> bool:
        """Is it whether cells are numbers, of a range that holds nothing else?"""
        if where.name != "is_kind" or where.arguments[0].name != "block":
            return False
        return where.arguments[0].type.only(NUMBERS & where.attribute("kinds"))

    def _cells(self, block: Step) -> Code:
        """How many cells a range has."""
        to, (member, reference) = self.to, block.attribute("reference")
        if isinstance(reference, CellRef):
            return to.number(1.0)
        if block.attribute("size"):
            rows, columns = block.attribute("size")
            return to.number(float(rows * columns))
        (low, high), (left, right) = self._bounds(member, reference)
        size = to.whole("*", to.whole("-", high, low), to.whole("-", right, left))
        return to.calc("float", size)

    def _first_error(self, step: Step) -> Lane:
        none, zero = self.to.failing(0), self.to.number(0.0)
        if not step.arguments[0].type.axes & ARRAY:
            lane = self.lane(step.arguments[0])
            return Lane(zero, "number", self._failed(lane))

        def put(code: Code) -> Code:
            lane = self.lane(step.arguments[0])
            return self.to.first(code, self._failed(lane) or none)

        return Lane(zero, "number", self._through(step, none, "failed", put))

    def _any_of(self, step: Step) -> Lane:
        def put(found: Code) -> Code:
            return self.to.calc("or", found, self.lane(step.arguments[0]).value)

        return Lane(self._through(step, self.to.truth(False), "truth", put), "truth")

    def _through(
        self, step: Step, start: Code, what: Literal["number", "truth", "failed"], put: Callable[[Code], Code]
    ) -> Code:
        """`start`, and `put` of it and each cell of the step's ranges, in reading order."""
        arguments = step.arguments[1:] if step.name == "fold" else step.arguments
        inner, outer = _inside(arguments)
        blocks = [one for one in inner if one.name == "block"]
        if not blocks:
            return put(start)
        for other in blocks[1:]:
            if not other.attribute("size") or other.attribute("size") != blocks[0].attribute("size"):
                raise Unsuited("ranges of different sizes")
        for one in outer:  # what is the same for all cells, once
            self.lane(one)
        (member, reference), to = blocks[0].attribute("reference"), self.to
        (low, high), (left, right) = self._bounds(member, reference)
        total = to.variable(start, what)
        self._scopes.append({})
        with to.loop("r", low, high) as row, to.loop("c", left, right) as column:
            for block in blocks:
                self._scopes[-1][block.number] = self._beside(block, row, column, low, left)
            to.assign(total, put(to.value_of(total)), what)
        self._scopes.pop()
        return to.value_of(total)

    def _beside(self, block: Step, row: Code, column: Code, low: Code, left: Code) -> Lane:
        """The cell of a range at the place of (row, column) of the first."""
        member, reference = block.attribute("reference")
        to, sheet = self.to, self.members[member].places[reference].sheet
        (own_low, _), (own_left, _) = self._bounds(member, reference)
        if own_low != low:
            row = to.whole("+", to.whole("-", row, low), own_low)
        if own_left != left:
            column = to.whole("+", to.whole("-", column, left), own_left)
        address = to.whole("+", to.whole("*", column, self._height(sheet)), row)
        return self._loaded(sheet, address, block.type.kinds)

    def _block(self, step: Step) -> Lane:
        """A single cell in a range's place."""
        member, reference = step.attribute("reference")
        if isinstance(reference, CellRef):
            place = self.members[member].places[reference]
            if place.same is not None:
                lane = self.lane(self.roots[place.same])
                return lane
            return self._read(member, reference, step.type.kinds)
        raise Unsuited("a range where a single value is meant")


def _inside(steps: Sequence[Step]) -> tuple[list[Step], list[Step]]:
    """The steps that differ from cell to cell of an array, and those that they need which do not."""
    inner: dict[int, Step] = {}
    outer: dict[int, Step] = {}
    stack = list(steps)
    while stack:
        step = stack.pop()
        if not step.type.axes & ARRAY:
            outer[step.number] = step
        elif step.number not in inner:
            inner[step.number] = step
            stack += step.arguments
    return [inner[n] for n in sorted(inner)], [outer[n] for n in sorted(outer)]


_UNTOLD = {"to_text": "text", "matmul": "a product of matrices", "position": "the place of a cell"}


def _divided_by_zero(x: Step, test: Step) -> bool:
    return (
        x.name == "div"
        and test.name == "eq"
        and test.arguments[0] is x.arguments[1]
        and test.arguments[1].name == "constant"
        and test.arguments[1].constant == 0
    )


def _size(reference: RangeRef) -> tuple[int, ...]:
    """Rows and columns of a range, () where it grows."""
    first, last = reference.first, reference.last
    if first.row_abs != last.row_abs or first.column_abs != last.column_abs:
        return ()
    return abs(last.row - first.row) + 1, abs(last.column - first.column) + 1
