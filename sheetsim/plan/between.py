"""What stands between inputs and outputs and cannot be computed.

    found = lacking(plan, inputs, outputs)
    found.rect, found.reason          None: all that the outputs make of the inputs is computed

A formula that cannot be computed keeps its stored value. That is no harm where it has nothing to do with the
inputs; where it has, whatever is made of the outputs as the inputs change would be silently wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sheetsim.address import Rect
from sheetsim.formula.nodes import NameRef, Node
from sheetsim.plan.areas import area_of
from sheetsim.plan.graph import Graph, build_graph, survey
from sheetsim.plan.regions import Region
from sheetsim.plan.schedule import Plan, UnsupportedRegion

Place = tuple[str, Rect]


def lacking(plan: Plan, inputs: Sequence[Place], outputs: Sequence[Place]) -> UnsupportedRegion | None:
    """The first formula that the outputs need, that needs the inputs, and that is not computed."""
    if not plan.unsupported:
        return None
    records = {(record.sheet.casefold(), record.rect): record for record in plan.unsupported}
    read = {(region.sheet.casefold(), region.rect) for region in plan.regions if region.node is not None}
    unread = [
        record for place, record in records.items() if place not in read
    ]  # nobody knows what these need
    for record in unread:
        if any(_touch((record.sheet, record.rect), place) for place in outputs):
            return record
    regions = [region for region in plan.regions if region.node is not None]
    graph = build_graph(regions, [survey(region.node) for region in regions if region.node])
    first = [number for number, region in enumerate(regions) if _meets(region, outputs)]
    for number in _reached(graph, first):
        region = regions[number]
        for record in unread:
            if _names(region, [(record.sheet, record.rect)]):
                return record
        found = records.get((region.sheet.casefold(), region.rect))
        if found is not None and any(_reads(regions[other], inputs) for other in _reached(graph, [number])):
            return found
    return None


def _reached(graph: Graph, first: Iterable[int]) -> list[int]:
    """Numbers of the regions read from the first ones on, these too, in the order in which they are found."""
    found: dict[int, None] = {}
    stack = list(first)
    while stack:
        number = stack.pop()
        if number not in found:
            found[number] = None
            stack += graph.reads[number]
    return [number for number in found if number < len(graph.regions)]


def _meets(region: Region, places: Sequence[Place]) -> bool:
    return any(_touch((region.sheet, region.rect), place) for place in places)


def _touch(one: Place, other: Place) -> bool:
    return one[0].casefold() == other[0].casefold() and one[1].intersect(other[1]) is not None


def _reads(region: Region, places: Sequence[Place]) -> bool:
    """Whether a formula reads one of the places, or may: it has names that stand for nothing, or finds out
    what it reads (OFFSET)."""
    assert region.node is not None
    return survey(region.node).dynamic or _has_names(region.node) or _names(region, places)


def _names(region: Region, places: Sequence[Place]) -> bool:
    """Whether a reference in a formula meets one of the places."""
    assert region.node is not None
    areas = [area_of(one, region.evaluated, region.sheet) for one in survey(region.node).references]
    return any(
        _touch((area.sheet, area.swept(region.evaluated)), place) for area in areas for place in places
    )


def _has_names(node: Node) -> bool:
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, NameRef):
            return True
        stack += node.children()
    return False
