"""Edit a workbook's package as a careless program would: one cell's XML, and nothing is recalculated."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape


def sheet_part(package: zipfile.ZipFile, sheet: str) -> str:
    """The name of a sheet's part, from the workbook and its relationships."""
    workbook = package.read("xl/workbook.xml").decode()
    relations = package.read("xl/_rels/workbook.xml.rels").decode()
    tag = next(tag for tag in re.findall(r"<sheet [^>]*>", workbook) if f'name="{escape(sheet)}"' in tag)
    key = re.search(r'r:id="(\w+)"', tag)
    assert key
    tag = next(tag for tag in re.findall(r"<Relationship [^>]*>", relations) if f'Id="{key[1]}"' in tag)
    target = re.search(r'Target="([^"]+)"', tag)
    assert target
    return "xl/" + target[1].removeprefix("/xl/")


def rewrite(
    source: Path, out: Path, part: str | Callable[[zipfile.ZipFile], str], edit: Callable[[str], str]
) -> Path:
    """A copy of the package with one part's text edited; the edit must change it."""
    with zipfile.ZipFile(source) as package:
        name = part if isinstance(part, str) else part(package)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
            for item in package.infolist():
                content = package.read(item)
                if item.filename == name:
                    text = edit(content.decode())
                    assert text != content.decode(), f"nothing to edit in {name}"
                    content = text.encode()
                copy.writestr(item, content)
    return out


def edit_cell(
    source: Path,
    out: Path,
    sheet: str,
    cell: str,
    *,
    value: str | None = None,
    formula: str | None = None,
    drop_formula: bool = False,
    drop_value: bool = False,
) -> Path:
    """A copy of the workbook with a cell's stored value, or its formula, replaced or taken out."""

    def edit(text: str) -> str:
        found = re.search(rf'<c r="{cell}"[^>]*?(/>|>.*?</c>)', text, re.DOTALL)
        assert found, f"no cell {cell}"
        new = found[0]
        if value is not None:
            new = re.sub(r'^(<c [^>]*?) t="\w+"', r"\1", new)
            if "<v>" in new:
                new = re.sub(r"<v>.*?</v>", f"<v>{value}</v>", new)
            else:
                new = re.sub(r"/>$", f"><v>{value}</v></c>", new)
        if drop_value:
            new = re.sub(r"<v>.*?</v>|<v/>", "", new)
        if drop_formula:
            new = re.sub(r"<f[ >].*?</f>|<f[^>]*/>", "", new)
        if formula is not None:
            new = re.sub(r"<f[ >].*?</f>|<f[^>]*/>", f"<f>{escape(formula)}</f>", new)
        return text[: found.start()] + new + text[found.end() :]

    return rewrite(source, out, lambda package: sheet_part(package, sheet), edit)


def strip_values(source: Path, out: Path, sheet: str) -> Path:
    """A copy without the stored values of a sheet's formula cells, as openpyxl would save it."""

    def edit(text: str) -> str:
        return re.sub(r"(</f>|<f[^>]*/>)<v>[^<]*</v>", r"\1", text)

    return rewrite(source, out, lambda package: sheet_part(package, sheet), edit)
