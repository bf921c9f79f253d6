"""A lesson's page, made from the lesson itself: nothing on it is copied by hand.

Above stands what the page's own file says, if there is one (docs/lessons/NAME.md); below follow the inputs,
and each block as formula, NumPy, PyTorch and CUDA side by side, cut out of the code.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

from sheetsim.address import Rect, cell_name
from sheetsim.lessons.kit.export import make_book
from sheetsim.lessons.kit.families import package
from sheetsim.lessons.kit.lesson import Block, Lesson
from sheetsim.workbook import Sheet, Workbook

HERE = Path(__file__).parent
LESSONS = HERE.parents[1] / "sheetsim" / "lessons"


def _slices() -> object:
    """The module beside this one: hooks are loaded by path, and know no package."""
    spec = importlib.util.spec_from_file_location("docs_slices", HERE / "slices.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["docs_slices"] = module
    spec.loader.exec_module(module)
    return module


SLICES = _slices()
SOURCES = {"NumPy": "arrays.py", "PyTorch": "reference.py", "CUDA": "kernel.cu"}
LONGEST = 80  # lines of code beside a formula
LONGEST_RULE = 150  # where it is all of the lesson's rule


def lesson_page(lesson: Lesson, told: str, pictures: Path) -> str:
    """The page's Markdown. `told` is what its own file says, `pictures` the folder of rendered workbooks."""
    book = make_book(lesson)
    parts = [told.strip() or f"# {lesson.title}\n\n{lesson.line}"]
    if f"pictures/lessons/{lesson.name}.png" not in told and (pictures / f"{lesson.name}.png").exists():
        parts.append(f"![{lesson.title}, the workbook](../pictures/lessons/{lesson.name}.png)")
    parts.append(
        f"```console\n$ sheetsim export {lesson.name}.xlsx\n$ sheetsim check {lesson.name}.xlsx\n```"
    )
    parts += [*_about(book.sheets[0]), *_inputs(lesson), *_blocks(lesson, book), *_whole(lesson)]
    return "\n\n".join(parts) + "\n"


def _about(page: Sheet) -> list[str]:
    """The paragraphs of the workbook's first page under "What you see" and "What to try"."""
    found, section, paragraph = [], "", ""
    used = page.used
    assert used is not None
    roles = {rect.top: role for rect, role in page.look.paints if rect.left == 1}  # type: ignore[attr-defined]
    for row in range(used.bottom):
        text, role = page.value((row, 1)), roles.get(row)
        if role == "text" and isinstance(text, str) and section:
            paragraph = f"{paragraph} {text.strip()}" if paragraph else text
            continue
        if paragraph:
            found.append(paragraph.replace("•  ", "- ", 1).replace("*", "\\*"))
            paragraph = ""
        if role == "section":
            if section and not str(text).startswith(("What", "To know", "Two rules")):
                break
            section = str(text).partition(" (")[0]
            found.append(f"## {section}")
    return found


def _inputs(lesson: Lesson) -> list[str]:
    """The table of parameters."""
    rows = ["| parameter | default | limits | what it is |", "|---|---|---|---|"]
    for one in lesson.parameters:
        shown = one.shown(one.default)
        default = f"as `{one.follows}`" if one.follows else shown if isinstance(shown, str) else f"{shown:g}"
        rows.append(f"| `{one.name}` | {default} | {one.limits} | {one.help} |")
    return ["## Parameters", "\n".join(rows)] if lesson.parameters else []


def _blocks(lesson: Lesson, book: Workbook) -> list[str]:
    """Each block: its formulas, and the code of each implementation that computes it. Blocks that are the
    same but for a number in the name, an epoch after another, are shown once."""
    folder = LESSONS.joinpath(*package(lesson.name).split(".")[2:])
    python = {title: _with_family(folder / file) for title, file in SOURCES.items() if file.endswith(".py")}
    found, alike = ["## Block by block"], dict[tuple[str, str], list[Block]]()
    for block in lesson.blocks(lesson.settings()):
        alike.setdefault((re.sub(r"\d+", "", block.name), block.title), []).append(block)
    for block, *others in alike.values():
        tabs = {"Excel": ("text", _formulas(book[block.sheet], block))}
        codes = {title: ("python", _cut(sources, block.name)) for title, sources in python.items()}
        codes["CUDA"] = ("cpp", _kernels(folder, block.name))
        for title, (language, code) in codes.items():
            if code and len(code.splitlines()) <= LONGEST:
                tabs[title] = (language, code)
            else:
                tabs |= _all_of(folder, title, language)
        found.append(f"### {block.name}\n\n{block.title}: `{block.sheet}`, {block.rect}")
        if others:
            found.append(f"So are, further on, {', '.join(f'`{one.name}`' for one in others)}.")
        cards = [
            f'``` {language} title="{title}"\n{code.rstrip()}\n```'
            for title, (language, code) in tabs.items()
        ]
        found.append('<div class="grid" markdown>\n\n' + "\n\n".join(cards) + "\n\n</div>")
    return found


def _all_of(folder: Path, title: str, language: str) -> dict[str, tuple[str, str]]:
    """The lesson's own rule, where a block cannot be told apart in its implementation; nothing if it is
    long."""
    source = (folder / SOURCES[title]).read_text(encoding="utf-8")
    whole = SLICES.kernels if title == "CUDA" else SLICES.rules  # type: ignore[attr-defined]
    code: str = whole(source)
    return {f"{title}, the whole rule": (language, code)} if len(code.splitlines()) <= LONGEST_RULE else {}


def _cut(sources: list[str], block: str) -> str | None:
    """What an implementation says of a block; without what its family says where that would be too long."""
    code: str | None = SLICES.python_slice(sources, block)  # type: ignore[attr-defined]
    if code and len(code.splitlines()) > LONGEST:
        code = SLICES.python_slice(sources[:1], block)  # type: ignore[attr-defined]
    return code


def _kernels(folder: Path, block: str) -> str | None:
    """What the CUDA source says of a block: what names it, else the kernels that are launched for it."""
    source = (folder / "kernel.cu").read_text(encoding="utf-8")
    named: str | None = SLICES.kernel_slice(source, block)  # type: ignore[attr-defined]
    launcher = SLICES.python_slice(_with_family(folder / "kernel.py"), block)  # type: ignore[attr-defined]
    if named or not launcher:
        return named
    headers = re.findall(r'^#include "([^"]+)"', source, re.MULTILINE)
    texts = [source, *((folder / header).read_text(encoding="utf-8") for header in headers)]
    found: str | None = SLICES.launched("\n".join(texts), launcher)  # type: ignore[attr-defined]
    return found


def _with_family(file: Path) -> list[str]:
    """The text of an implementation's file, and of those of its family that it imports."""
    found, waiting = {}, [file]
    while waiting:
        one = waiting.pop(0)
        if one in found or not one.exists():
            continue
        found[one] = one.read_text(encoding="utf-8")
        for module in re.findall(r"^from sheetsim\.lessons\.([\w.]+) import", found[one], re.MULTILINE):
            waiting.append(LESSONS.joinpath(*module.split(".")).with_suffix(".py"))
    return list(found.values())


def _formulas(sheet: Sheet, block: Block) -> str:
    """The formulas of a block, each as it reads in its first cell, the commonest first."""
    cells: dict[str, tuple[int, Rect]] = {}
    for fill in sheet.fills:
        common = fill.rect.intersect(block.rect)
        if common is not None:
            size, first = cells.get(fill.formula, (0, fill.rect))
            cells[fill.formula] = (size + common.size, first)
    order = sorted(cells, key=lambda formula: -cells[formula][0])[:8]
    lines = []
    for formula in order:
        first = cells[formula][1]
        lines.append(f"{cell_name(first.top, first.left)}  ={formula}")
    return "\n".join(lines) + "\n"


def _whole(lesson: Lesson) -> list[str]:
    """The implementations' files as they are."""
    folder = LESSONS.joinpath(*package(lesson.name).split(".")[2:])
    found = ["## The implementations"]
    for title, file in {"Excel": "sheet.py", **SOURCES}.items():
        code = (folder / file).read_text(encoding="utf-8")
        found.append(_tab(title, "cpp" if file.endswith(".cu") else "python", code))
    return found


def _tab(title: str, language: str, code: str) -> str:
    body = f"```{language}\n{code.rstrip()}\n```"
    return f'=== "{title}"\n\n' + "\n".join(f"    {line}" if line else "" for line in body.splitlines())
