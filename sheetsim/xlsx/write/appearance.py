"""A `Workbook` into an xlsxwriter workbook: sheets, names, and each `Look` in xlsxwriter's terms.

xlsxwriter makes the package: styles, charts, comments, drop-downs, relations. The cells themselves are
spelled by `rows.py`, put in where xlsxwriter writes its own: its cell-by-cell writer rounds typed numbers to
16 digits, knows no error values in array formulas, and takes ten times as long.

This module imports xlsxwriter, so import it only where a file is really written.
"""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook as Package
from xlsxwriter.chart import Chart as PackageChart
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.worksheet import Worksheet

from sheetsim.address import Rect, absolute, parse_cell, quote_sheet
from sheetsim.style import ROLES, Chart, HeatMap, Limits, Look, Series
from sheetsim.values import NUMBER, TEXT, Scalar, Values
from sheetsim.workbook import Sheet, Table, Workbook
from sheetsim.xlsx.write.rows import row_texts
from sheetsim.xlsx.write.sink import Sink

FONT = {"font_name": "Calibri", "font_size": 10}
CREATED = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)  # fixed: same arguments, same bytes

CellValues = Callable[[str, Rect], Values]


class _SpelledSheet(Worksheet):
    """A worksheet whose rows come as text."""

    spelled: Callable[[], Iterator[str]]

    def _write_rows(self) -> None:
        for text in self.spelled():
            self.fh.write(text)


class _SettledPackage(Package):
    """A package with the book's own settings of calculation."""

    book: Workbook

    def _write_calc_pr(self) -> None:
        book = self.book
        attributes: list[tuple[str, object]] = [("calcId", self.calc_id), ("fullCalcOnLoad", "1")]
        if book.iterate:
            attributes += [("iterate", "1"), ("iterateCount", book.iterate_count)]
            attributes += [("iterateDelta", repr(book.iterate_delta))]
        if not book.full_precision:
            attributes.append(("fullPrecision", "0"))
        self._xml_empty_tag("calcPr", attributes)


def write_package(book: Workbook, path: Path, values: CellValues) -> None:
    """Write the file; OSError when that fails."""
    # the folder is for the parts before they are zipped: they go with it, whatever happens
    with tempfile.TemporaryDirectory(prefix="sheetsim-") as folder, closing(Sink(path)) as sink:
        options = {"default_format_properties": FONT, "date_1904": book.date1904, "tmpdir": folder}
        package = _SettledPackage(sink, options)
        package.book = book
        _fill(package, book, values)
        try:
            package.close()
        except FileCreateError as error:
            raise error.args[0] from None  # the OSError that it stands for


def _fill(package: Package, book: Workbook, values: CellValues) -> None:
    package.use_zip64()
    package.set_properties({**book.properties, "created": CREATED})
    styles = _Formats(package)
    for sheet in book.sheets:
        page = package.add_worksheet(sheet.name, worksheet_class=_SpelledSheet)
        page.has_dynamic_arrays = any(fill.dynamic for fill in sheet.fills)
        _spell(page, sheet, values, styles)
        for table in book.tables:
            if table.sheet.casefold() == sheet.name.casefold():
                _frame(page, table)
        if isinstance(sheet.look, Look):
            _dress(package, page, sheet, sheet.look)
            for chart in sheet.look.charts:
                page.insert_chart(*parse_cell(chart.at), _chart(package, chart, values))
    for name in book.names:
        scope = "" if name.scope is None else quote_sheet(name.scope) + "!"
        if package.define_name(scope + name.name, "=" + name.formula):
            raise ValueError(f"{name.name!r} cannot be a defined name")
        package.defined_names[-1][3] = name.hidden


def _spell(page: _SpelledSheet, sheet: Sheet, values: CellValues, styles: _Formats) -> None:
    """Hand the page its rows, and enter the texts of typed cells among the shared strings."""
    index: dict[str, int] = {}
    for _, column in sorted(sheet.columns.items()):
        for row, kind in zip(column.rows.tolist(), column.kinds.tolist(), strict=True):
            if kind == TEXT:
                text = column.texts[row]
                index[text] = page.str_table._get_shared_string_index(text)
    page.spelled = lambda: row_texts(sheet, lambda rect: values(sheet.name, rect), styles.index, index)
    used = sheet.used
    if used is not None:
        page._check_dimensions(used.top, used.left)
        page._check_dimensions(used.bottom - 1, used.right - 1)


def _frame(page: _SpelledSheet, table: Table) -> None:
    """Make a rectangle of cells, which are there already, a table. ValueError when xlsxwriter refuses."""
    options = {
        "name": table.name,
        "header_row": bool(table.header_rows),
        "total_row": bool(table.totals_rows),
        "columns": [{"header": name} for name in table.columns],
        "autofilter": False,
    }
    if page.add_table(*_corners(table.rect), options):
        raise ValueError(f"the table {table.name} cannot be written")


class _Formats:
    """xlsxwriter's cell formats by role and number format, made when first asked for."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._made: dict[tuple[str, str], Any] = {}

    def get(self, role: str, number: str) -> Any:
        if (role, number) not in self._made:
            self._made[role, number] = self._package.add_format(_properties(role, number))
        return self._made[role, number]

    def index(self, role: str, number: str) -> int:
        return int(self.get(role, number)._get_xf_index())


def _properties(role: str, number: str) -> dict[str, Any]:
    style = ROLES[role or "formula"]
    found: dict[str, Any] = {**FONT, "font_color": style.ink, "font_size": style.size, "valign": "vcenter"}
    found |= {key: True for key in ("bold", "italic", "underline") if getattr(style, key)}
    if style.fill:
        found["bg_color"] = style.fill
    if style.rule:
        found |= {"bottom": 1, "bottom_color": style.rule}
    if style.frame:
        found |= {"border": 1, "border_color": style.frame}
    if style.align:
        found["align"] = style.align
    if style.indent:
        found["indent"] = style.indent
    if style.wrap:
        found["text_wrap"] = True
    if number:
        found["num_format"] = number
    return found


_CONDITIONAL = {
    "font_color",
    "bg_color",
    "bold",
    "italic",
    "border",
    "border_color",
    "bottom",
    "bottom_color",
}
"""What a conditional format may change."""


def _dress(package: Package, page: _SpelledSheet, held: Sheet, look: Look) -> None:
    for columns, width in look.widths.items():
        page.set_column(columns if ":" in columns else f"{columns}:{columns}", width)
    for row, height in look.heights.items():
        page.set_row(row, height)
    for address, text in look.notes.items():
        lines = sum(1 + len(line) // 44 for line in text.splitlines())
        size = {"width": 250, "height": 14 + 15 * lines, "font_size": 9, "font_name": "Calibri"}
        page.write_comment(*parse_cell(address), text, {"author": "", "color": "#FFFDF0", **size})
    for address, sheet in look.links.items():
        row, column = parse_cell(address)
        page.write_url(row, column, f"internal:{quote_sheet(sheet)}!A1", string=str(held.value(address)))
    for limits in look.limits:
        page.data_validation(*_corners(limits.rect), _validation(limits))
    for heat in look.heat:
        page.conditional_format(*_corners(heat.rect), _scale(heat))
    for rect, limit in look.large:
        power = package.add_format({"num_format": "0.0E+00"})
        beyond = {"type": "cell", "criteria": "not between", "minimum": -limit, "maximum": limit}
        page.conditional_format(*_corners(rect), {**beyond, "format": power})
    for rect, formula in look.dividers:
        line = package.add_format({"top": 1, "top_color": "#9DB2CC"})
        rule = {"type": "formula", "criteria": "=" + formula, "format": line}
        page.conditional_format(*_corners(rect), rule)
    for rect, formula, role in look.marks:
        shown = {key: value for key, value in _properties(role, "").items() if key in _CONDITIONAL}
        rule = {"type": "formula", "criteria": "=" + formula, "format": package.add_format(shown)}
        page.conditional_format(*_corners(rect), rule)
    if look.frozen:
        page.freeze_panes(*parse_cell(look.frozen))
    if look.repeat:
        page.repeat_rows(*look.repeat)
    if look.repeat_columns:
        page.repeat_columns(*look.repeat_columns)
    if look.tab:
        page.set_tab_color(look.tab)
    if not look.gridlines:
        page.hide_gridlines(2)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(look.pages_wide, 0)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.set_footer("&L&8&A&R&8page &P of &N")


def _corners(rect: Rect) -> tuple[int, int, int, int]:
    return rect.top, rect.left, rect.bottom - 1, rect.right - 1


def _reference(sheet: str, rect: Rect) -> str:
    """An absolute reference as charts and lists want it."""
    return "=" + absolute(sheet, rect)


def _validation(limits: Limits) -> dict[str, Any]:
    """xlsxwriter's data validation. Titles end after 32 characters, messages after 255 (Excel's limits)."""
    found: dict[str, Any] = {"input_title": limits.title[:32], "input_message": limits.message[:255]}
    found |= {"error_title": limits.title[:32], "error_message": limits.message[:255]}
    if limits.choices:
        found |= {"validate": "list", "source": _reference(*limits.choices), "error_type": "information"}
        return found
    found["validate"] = "integer" if limits.integer else "decimal"
    finite = [abs(limit) < float("inf") for limit in (limits.low, limits.high)]
    if all(finite) and not limits.open:
        found |= {"criteria": "between", "minimum": limits.low, "maximum": limits.high}
    elif finite[0]:
        found |= {"criteria": ">" if limits.open else ">=", "value": limits.low}
    elif finite[1]:
        found |= {"criteria": "<" if limits.open else "<=", "value": limits.high}
    else:
        found |= {"criteria": "between", "minimum": -1e300, "maximum": 1e300}
    return found


def _scale(heat: HeatMap) -> dict[str, Any]:
    if heat.signed:
        ends = {
            "min_type": "num",
            "max_type": "num",
            "min_value": -(heat.limit or 0),
            "max_value": heat.limit,
        }
        return {
            "type": "3_color_scale",
            **{"min_color": "#8FB4DC", "mid_color": "#FFFFFF", "max_color": "#F2B48A"},
            **{"mid_type": "num", "mid_value": 0},
            **(ends if heat.limit else {}),
        }
    low, high = heat.between or (0.0, 0.0)
    ends = {"min_type": "num", "max_type": "num", "min_value": low, "max_value": high}
    scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": heat.colour}
    return scale | (ends if heat.between else {})


_AXIS_FONT = {"size": 9, "bold": False, "color": "#595959"}
_LINE = {"color": "#BFBFBF", "width": 0.75}


def _chart(package: Package, chart: Chart, values: CellValues) -> PackageChart:
    kind = {"type": "scatter", "subtype": "straight_with_markers"}
    made = package.add_chart(kind if chart.kind == "scatter" else {"type": chart.kind})
    for series in chart.series:
        for point in _labelled(series, values) if series.labels else [_series(series, chart.kind, values)]:
            made.add_series(point)
    made.set_title({"name": chart.title, "name_font": {"size": 12, "bold": False, "color": "#1F3A5F"}})
    longest = max(series.values.rows for series in chart.series)
    every = 1 + (longest - 1) // 10 if chart.kind == "line" else None  # labels that need not be turned to fit
    axis = {"num_font": _AXIS_FONT, "name_font": _AXIS_FONT, "line": _LINE, "label_position": "low"}
    grid = {"major_gridlines": {"visible": True, "line": {"color": "#EAEAEA", "width": 0.75}}}
    base = {"log_base": 10} if chart.logarithmic else {}
    made.set_x_axis(
        {
            **{**axis, "name": chart.x_title, "interval_unit": every},
            **(grid if chart.kind == "scatter" else {}),
            **({"log_base": 10} if chart.logarithmic_x else {}),
        }
    )
    made.set_y_axis({**axis, "name": chart.y_title, **grid, **base})
    if any(series.second_axis for series in chart.series):
        made.set_y2_axis({**axis, "name": chart.second_title, "label_position": "high"})
    # A plot area of our own: left to itself, LibreOffice gives half of the height to legend and titles.
    right = 0.12 if any(series.second_axis for series in chart.series) else 0.04
    height = 0.58 if len(chart.series) < 4 else 0.5  # a legend of two lines
    made.set_plotarea({"layout": {"x": 0.13, "y": 0.14, "width": 0.87 - right, "height": height}})
    legend = len(chart.series) > 1 and not any(series.labels for series in chart.series)
    made.set_legend({"position": "bottom", "font": _AXIS_FONT} if legend else {"none": True})
    made.set_chartarea({"border": {"color": "#D9D9D9"}})
    made.set_size({"width": chart.width, "height": chart.height})
    return made


def _series(series: Series, kind: str, values: CellValues) -> dict[str, Any]:
    """xlsxwriter's series, with the values that a viewer shows that computes nothing."""
    line: dict[str, Any] = {"color": series.colour, "width": 1.75} if series.line else {"none": True}
    if series.line and series.dashed:
        line["dash_type"] = "dash"
    marker: dict[str, Any] = {"type": "none"}
    if series.points:
        marker = {"type": "circle", "size": 4, "fill": {"color": series.colour}, "border": {"none": True}}
    found: dict[str, Any] = {"name": series.name, "line": line, "marker": marker}
    if kind in ("column", "bar"):
        found = {"name": series.name, "fill": {"color": series.colour}, "gap": 60}
    found |= {
        "values": _reference(series.sheet, series.values),
        "values_data": _cache(series.sheet, series.values, values),
    }
    if series.x is not None:
        found["categories"] = _reference(series.sheet, series.x)
        found["categories_data"] = _cache(series.sheet, series.x, values, words=True)
    if series.second_axis:
        found["y2_axis"] = True
    return found


def _labelled(series: Series, values: CellValues) -> Iterator[dict[str, Any]]:
    """A series for each point, named by its label's cell: Excel and LibreOffice show names, while labels that
    are cells are Excel's only."""
    assert series.labels is not None
    font = {"size": 8, "color": "#595959"}
    for place, (row, column) in enumerate(series.labels.cells()):
        cell = Rect.cell(row, column)
        words = _label(values(series.sheet, cell).get((0, 0)))
        point = replace(
            series,
            values=_point(series.values, place),
            x=None if series.x is None else _point(series.x, place),
            labels=None,
        )
        yield {
            **_series(point, "scatter", values),
            "name": words,
            "name_formula": _reference(series.sheet, cell),
            "name_data": [words],
            "data_labels": {"series_name": True, "position": "above", "font": font},
        }


def _point(rect: Rect, place: int) -> Rect:
    return Rect.cell(rect.top + place, rect.left)


def _label(value: Scalar) -> str:
    """A cell's value as a point's label."""
    return f"{value:.15g}" if isinstance(value, float) else str(value or "")


def _cache(sheet: str, rect: Rect, values: CellValues, *, words: bool = False) -> list[float | str]:
    """A chart's copy of a column; "" for what is no number, nor, with `words`, a text."""
    cells = values(sheet, rect)[:, 0]
    kinds = cells.kind_array().tolist()
    numbers: list[float | str] = [
        number if kind == NUMBER else "" for kind, number in zip(kinds, cells.numbers.tolist(), strict=True)
    ]
    if words and cells.texts is not None:
        texts = cells.texts.tolist()
        return [texts[n] if kinds[n] == TEXT else number for n, number in enumerate(numbers)]
    return numbers
