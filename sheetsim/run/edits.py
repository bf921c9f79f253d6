"""A workbook edited: values and formulas put into its cells, and which cells that touches.

    edits = Edits(book)
    edits.put("adam", content)         values and formulas in
    edits.changed                      what was put in since the last calculation, in order
    edits.formulas                     were any formulas put in, cut or taken out?
    edits.rects("adam")                what is another than in the file, ever since

What is put into a cell takes the place of what is there, formula or value; the rest of a filled formula stays
(`E4:E32` without E10 is E4:E9 and E11:E32). An array formula is changed as a whole or not at all; what stands
in the cells of one that spills gets in its way, as in Excel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sheetsim.address import Rect, cell_name
from sheetsim.errors import SheetsimError
from sheetsim.formula import parse
from sheetsim.plan.index import Index
from sheetsim.plan.regions import gives_one_value
from sheetsim.run.content import Content
from sheetsim.run.inputs import Place, uncovered
from sheetsim.values import TEXT, Values
from sheetsim.workbook import Fill, Sheet, Workbook


@dataclass(frozen=True, slots=True)
class Edited:
    """Cells and the values that were put in, blank where formulas were."""

    sheet: str
    rect: Rect
    values: Values

    @property
    def place(self) -> Place:
        return self.sheet, self.rect

    def over(self, block: Values, sheet: str, rect: Rect) -> Values:
        """The cells of `rect` of a sheet, of which `block` holds the values, with what was put in there."""
        common = self.rect.intersect(rect) if sheet.casefold() == self.sheet.casefold() else None
        if common is None:
            return block
        there = common.shift(-rect.top, -rect.left)
        new = self.values[
            common.top - self.rect.top : common.bottom - self.rect.top,
            common.left - self.rect.left : common.right - self.rect.left,
        ]
        return block.with_part((slice(there.top, there.bottom), slice(there.left, there.right)), new)


class Edits:
    """The edits of a workbook, which it changes in place."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self.changed: list[Edited] = []
        self.formulas = False
        self._rects: dict[str, dict[Rect, None]] = {}
        self._indexes: dict[str, Index[Fill]] = {}  # of each sheet's fills, where these do not overlap

    @property
    def any(self) -> bool:
        """Has anything been edited since the workbook was read or made?"""
        return bool(self._rects)

    def rects(self, sheet: str) -> list[Rect]:
        """The rectangles of a sheet that were edited."""
        return list(self._rects.get(sheet, ()))

    def settled(self) -> None:
        """All is calculated."""
        self.changed, self.formulas = [], False

    def put(self, name: str, content: Content) -> None:
        """Put values and formulas in. SheetsimError, and nothing is changed, for a formula that cannot be
        read, a part of an array formula, and for another heading of a table."""
        sheet = self._book[name]
        fills = [_fill(sheet, rect, formula) for rect, formula in content.formulas]
        parts = self._without_headings(sheet, content)
        hit, besides = self._hit(sheet, content.rect), list[Rect]()
        if hit or fills:
            besides = self._cut(sheet, content.rect, hit)
            sheet.fills += fills
            self._indexes.pop(sheet.name, None)
            self.formulas = True
        sheet.set_block(content.rect, content.values)
        for spilled in besides:
            self.changed.append(Edited(sheet.name, spilled, Values.filled(spilled.shape, None)))
        self.changed.append(Edited(sheet.name, content.rect, content.values))
        self._rects.setdefault(sheet.name, {}).update(dict.fromkeys([*besides, *parts]))

    def _hit(self, sheet: Sheet, rect: Rect) -> list[Fill]:
        """The fills that have cells in a rectangle."""
        if sheet.name not in self._indexes:
            self._indexes[sheet.name] = Index((fill.rect, fill) for fill in sheet.fills)
        index = self._indexes[sheet.name]
        if index.overlapping:
            return [fill for fill in sheet.fills if fill.rect.intersect(rect)]
        return index.hits(rect)

    def _cut(self, sheet: Sheet, rect: Rect, hit: list[Fill]) -> list[Rect]:
        """Take a rectangle out of the fills that have cells there; what changes besides."""
        instead: dict[int, list[Fill]] = {}
        besides: list[Rect] = []
        for fill in hit:
            anchor = Rect.cell(fill.rect.top, fill.rect.left)
            if not fill.dynamic or fill.rect.size == 1:
                instead[id(fill)] = uncovered(fill, rect)
                continue
            instead[id(fill)] = [] if rect.intersect(anchor) else [replace(fill, rect=anchor)]
            besides.append(fill.rect)
        for spilled in besides:
            sheet.set_block(spilled, Values.filled(spilled.shape, None))
        sheet.fills = [part for fill in sheet.fills for part in instead.get(id(fill), (fill,))]
        return besides

    def _without_headings(self, sheet: Sheet, content: Content) -> list[Rect]:
        """The rectangle of what is put in, without the headings of tables, which must stay as they are."""
        parts = [content.rect]
        for part in parts:
            if found := self._book.heading(sheet.name, part):
                table, row = found
                new = content.values[
                    row.top - content.rect.top : row.bottom - content.rect.top,
                    row.left - content.rect.left : row.right - content.rect.left,
                ]
                names = table.columns[row.left - table.rect.left : row.right - table.rect.left]
                if not (new.kind_array() == TEXT).all() or tuple(new.tolist()[0]) != names:
                    raise SheetsimError(
                        f"sheet {sheet.name}, cell {cell_name(row.top, row.left)} is a heading of table "
                        f"{table.name}: rename it in Excel"
                    )
                parts += part.without(row)
        return [part for part in parts if self._book.heading(sheet.name, part) is None]


def _fill(sheet: Sheet, rect: Rect, formula: str) -> Fill:
    """The fill of a formula that is put in: in one cell it may spill."""
    try:
        node = parse(formula, rect.top, rect.left)
    except SheetsimError as error:
        raise SheetsimError(f"sheet {sheet.name}, cell {rect}: ={formula}: {error}") from None
    spills = rect.size == 1 and not gives_one_value(node)
    return Fill(rect, formula, array=spills, dynamic=spills)
