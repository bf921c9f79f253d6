"""The rules by which each elementwise operation of a program becomes scalar code; see `scalar`."""

from __future__ import annotations

from sheetsim.backends.lanes import Lane
from sheetsim.backends.printer import Code
from sheetsim.backends.scalar_folds import Folds
from sheetsim.formula.nodes import CellRef
from sheetsim.functions.elementary import MAX_REPEATED
from sheetsim.ir.build import Step
from sheetsim.ir.lower import Unsuited
from sheetsim.ir.types import BLANKS, BOOLEANS, ERRORS, NUMBERS, TEXTS
from sheetsim.values import BLANK, BOOLEAN, TEXT, ExcelError


class Rules(Folds):
    """`_add` is the rule of the operation `add`, and so on."""

    __slots__ = ()

    def _constant(self, step: Step) -> Lane:
        value = step.constant
        if isinstance(value, ExcelError):
            return Lane(self.to.number(0.0), "number", self.to.failing(int(value)))
        if isinstance(value, bool):
            return Lane(self.to.truth(value), "truth")
        return Lane(
            self.to.number(float(value or 0.0)),
            "number",
            None,
            self.to.code(BLANK) if value is None and self.exact else None,
        )

    def _cell(self, step: Step) -> Lane:
        member, reference = step.attribute("reference")
        return self.read(member, reference, step.type.kinds)

    def _finite(self, step: Step) -> Lane:
        lane = self.lane(step.arguments[0])
        if not self.exact and (lane.what == "truth" or step in self.roots or self.checks.shows(step)):
            return lane
        value = self.to.keep(lane.value, "number")
        wrong = self.to.calc("not", self.to.calc("is_finite", value))
        return Lane(value, "number", self._failing(lane.failed, wrong, ExcelError.NUM), lane.kind)

    def _failing(self, failed: Code | None, test: Code, error: int) -> Code:
        """Failed before, or with this error where the test holds."""
        return self.joined(failed, self.to.fails(test, int(error)))  # type: ignore[return-value]

    def _fail(self, step: Step) -> Lane:
        x, test = step.arguments
        lane = self.lane(x)
        if not self.exact and self.checks.is_quotient(step):
            return lane  # the quotient is not finite, and that is looked at next
        condition = self.lane(test)
        failed = self._failing(
            self.joined(self.failure(lane), condition.failed), condition.value, step.attribute("code")
        )
        return Lane(lane.value, lane.what, failed, lane.kind)

    def _after(self, step: Step) -> Lane:
        checked, lane = (self.lane(argument) for argument in step.arguments)
        return Lane(lane.value, lane.what, self.joined(self.failure(checked), lane.failed), lane.kind)

    def _sure(self, step: Step) -> Lane:
        lane = self.lane(step.arguments[0])
        return Lane(lane.value, lane.what, None, lane.kind)

    def _select(self, step: Step) -> Lane:
        test = self.lane(step.arguments[0])
        (first, yes), (second, no) = (self._branch(argument) for argument in step.arguments[1:])
        to, kind = self.to, None
        if yes.what != no.what or yes.kind is not None or no.kind is not None:
            kind = to.choose(test.value, self.kind_of(yes), self.kind_of(no), "code")
            yes, no = self.as_number(yes), self.as_number(no)
        failed = test.failed
        if yes.failed is not None or no.failed is not None:
            none = to.failing(0)
            failed = self.joined(
                failed, to.choose(test.value, yes.failed or none, no.failed or none, "failed")
            )
        value = to.choose(test.value, yes.value, no.value, yes.what, first, second)
        return Lane(value, yes.what, failed, kind)

    def _branch(self, step: Step) -> tuple[object, Lane]:
        """A side of a choice: where the printer works out only the one that is chosen, its own statements."""
        if not self.to.lazy:
            return None, self.lane(step)
        self.scopes.append({})
        with self.to.aside() as body:
            lane = self.lane(step)
        self.scopes.pop()
        return body, lane

    def _if_error(self, step: Step) -> Lane:
        lane = self.lane(step.arguments[0])
        failed = self.failure(lane)
        if failed is None:
            return lane
        to, instead, kind = self.to, self.lane(step.arguments[1]), None
        wrong = to.keep(to.is_set(failed), "truth")
        if lane.what != instead.what or lane.kind is not None or instead.kind is not None:
            kind = to.choose(wrong, self.kind_of(instead), self.kind_of(lane), "code")
            lane, instead = self.as_number(lane), self.as_number(instead)
        left = None if instead.failed is None else to.choose(wrong, instead.failed, to.failing(0), "failed")
        return Lane(to.choose(wrong, instead.value, lane.value, lane.what), lane.what, left, kind)

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
            return self.as_number(lane)
        if lane.kind is None:
            return lane
        self._stop_at_text(step.arguments[0], lane)
        return Lane(lane.value, "number", self.failure(lane))

    def _to_boolean(self, step: Step) -> Lane:
        lane = self.lane(step.arguments[0])
        if lane.what == "truth":
            return lane
        self._stop_at_text(step.arguments[0], lane)
        return Lane(self.to.calc("ne", lane.value, self.to.number(0.0)), "truth", self.failure(lane))

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
        return Lane(
            to.choose(to.is_set(lane.failed), to.truth(bool(kinds & ERRORS)), to.truth(own), "truth"), "truth"
        )

    def _plain(self, step: Step) -> Lane:
        return self._where(step, NUMBERS)

    def _where(self, step: Step, kinds: int) -> Lane:
        """The number of a cell of one of `kinds`, else 0."""
        lane, to = self.lane(step.arguments[0]), self.to
        zero = to.number(0.0)
        if lane.what == "truth" and not kinds & BOOLEANS:
            return Lane(zero, "number")
        lane = self.as_number(lane)
        test: Code | None = None
        if lane.kind is not None and step.arguments[0].type.kinds & ~(kinds | BLANKS | TEXTS):
            test = to.kind_among(lane.kind, kinds)  # blanks and texts hold 0 anyway
        elif lane.failed is not None:
            test = to.calc("not", to.is_set(lane.failed))
        return Lane(lane.value if test is None else to.choose(test, lane.value, zero, "number"), "number")

    def _truth(self, step: Step) -> Lane:
        return Lane(
            self.to.calc("ne", self._where(step, NUMBERS | BOOLEANS).value, self.to.number(0.0)), "truth"
        )

    def _compare(self, step: Step) -> Lane:
        """Excel's order of numbers and truth values; a blank is what the other is."""
        to, sides = self.to, []
        for argument in step.arguments:
            lane = self.lane(argument)
            self._stop_at_text(argument, lane)
            failed = self.failure(lane)
            sides.append((self.as_number(lane).value, self.kind_of(lane), failed))
        (a, kind_a, failed_a), (b, kind_b, failed_b) = sides
        kind_a, kind_b = to.keep(kind_a, "code"), to.keep(kind_b, "code")
        rank_a = to.same_code(to.choose(to.same_code(kind_a, BLANK), kind_b, kind_a, "code"), BOOLEAN)
        rank_b = to.same_code(to.choose(to.same_code(kind_b, BLANK), kind_a, kind_b, "code"), BOOLEAN)
        ranks = to.calc("sub", to.calc("number", rank_a), to.calc("number", rank_b))
        sign = to.calc("sub", to.calc("number", to.calc("gt", a, b)), to.calc("number", to.calc("lt", a, b)))
        sign = to.choose(to.calc("same", a, b), to.number(0.0), sign, "number")
        ranks = to.keep(ranks, "number")
        value = to.choose(to.calc("eq", ranks, to.number(0.0)), sign, ranks, "number")
        return Lane(value, "number", self.joined(failed_a, failed_b))

    # -- powers and folds

    def _power(self, step: Step) -> Lane:
        """Whole constant exponents up to 64 by repeated multiplication; the printer has the others."""
        base, exponent = step.arguments
        lane, to = self.lane(base), self.to
        times = exponent.constant if exponent.name == "constant" else 0.0
        if not isinstance(times, float) or times % 1 or not 0 < abs(times) <= MAX_REPEATED:
            other = self.lane(exponent)
            return Lane(
                to.calc("power", lane.value, other.value), "number", self.joined(lane.failed, other.failed)
            )
        factor = value = to.keep(lane.value, "number")
        for _ in range(int(abs(times)) - 1):
            value = to.calc("mul", value, factor)
        if times % 2:
            value = to.calc("add", value, to.number(0.0))  # 0 and not -0
        if times < 0:
            zero = to.calc("eq", factor, to.number(0.0))
            value = to.choose(
                zero, to.number(0.0), to.calc("div", to.number(1.0), to.keep(value, "number")), "number"
            )
        return Lane(value, "number", lane.failed)

    def _block(self, step: Step) -> Lane:
        """A single cell in a range's place."""
        member, reference = step.attribute("reference")
        if isinstance(reference, CellRef):
            place = self.members[member].places[reference]
            if place.same is not None:
                return self.lane(self.roots[place.same])
            return self.read(member, reference, step.type.kinds)
        raise Unsuited("a range where a single value is meant")
