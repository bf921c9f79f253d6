"""The structure of DESIGN.md, read from the imports of every module: who may import what.

Each rule looks at a folder like `sheetsim/` and returns sentences, one a violation. A second test of each
rule shows it a made-up folder that breaks it.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "sheetsim"

# From the top down; a module imports from its own line and from those below it. Patterns are paths.
LAYERS = [
    ["cli/*", "__main__.py"],
    ["__init__.py", "book.py"],  # the library's front door
    ["checking/*"],
    ["solve/*"],
    ["lessons/*"],
    ["gpu/*"],
    ["xlsx/*"],
    ["run/*", "backends/*", "plan/schedule.py", "plan/circular.py"],
    ["plan/*"],
    ["functions/*"],
    ["formula/*"],
    ["workbook.py", "style.py"],
    ["values.py"],
    ["processes.py"],
    ["errors.py", "limits.py"],
    ["address.py"],
]

# Which files may import a library, anywhere in them.
ONLY_IN = {
    "click": ["cli/*"],
    "openpyxl": ["xlsx/*"],
    "xlsxwriter": ["xlsx/*"],
    "lxml": ["xlsx/*"],
    "xml": ["xlsx/*"],
    "torch": ["backends/tensor*.py", "solve/*", "gpu/*", "lessons/*reference.py"],
    "cuda": ["gpu/*"],
    "numba": ["backends/*"],
    "scipy": ["solve/*", "functions/special.py"],
    "subprocess": ["processes.py"],
    "multiprocessing": [],
}

TELLINGS = {"sheet", "arrays", "reference", "kernel"}


class Source:
    """The modules under a package folder, by their path in it, and what each imports."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self.trees = {
            path.relative_to(folder).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
            for path in sorted(folder.rglob("*.py"))
        }
        self.modules = {self.dotted(path): path for path in self.trees}
        self.imports = {path: sorted(set(self.imported(path))) for path in self.trees}

    def dotted(self, path: str) -> str:
        """`xlsx/read.py` is sheetsim.xlsx.read.workbook; `xlsx/__init__.py` is sheetsim.xlsx."""
        parts = [self.name, *path.removesuffix(".py").split("/")]
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def imported(self, path: str) -> Iterator[str]:
        """Dotted names of all modules imported anywhere in the file (the deepest that is a module)."""
        package = self.dotted(path).split(".")
        if not path.endswith("__init__.py"):
            package.pop()
        for node in ast.walk(self.trees[path]):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = package[: len(package) - node.level + 1] if node.level else []
                source = ".".join([*base, *([node.module] if node.module else [])])
                for alias in node.names:
                    whole = f"{source}.{alias.name}"
                    yield whole if whole in self.modules else source

    def own_imports(self, path: str) -> list[str]:
        """The files of this package that `path` imports."""
        return [self.modules[name] for name in self.imports[path] if name in self.modules]


def matches(path: str, patterns: list[str]) -> bool:
    return any(fnmatch(path, pattern) for pattern in patterns)


def layer_violations(source: Source) -> list[str]:
    found = []
    for path in source.trees:
        depth = next((n for n, patterns in enumerate(LAYERS) if matches(path, patterns)), None)
        if depth is None:
            found.append(f"{path} stands in no layer: say in LAYERS where it belongs")
            continue
        below = [pattern for patterns in LAYERS[depth:] for pattern in patterns]
        found += [
            f"{path} imports {other}, which is above it"
            for other in source.own_imports(path)
            if not matches(other, below)
        ]
    return found


def library_violations(source: Source) -> list[str]:
    return [
        f"{path} imports {library}"
        for library, patterns in ONLY_IN.items()
        for path, imports in source.imports.items()
        if not matches(path, patterns) and any(name.split(".")[0] == library for name in imports)
    ]


def telling_violations(source: Source) -> list[str]:
    """No telling of a lesson reaches another one's file, through whatever modules between; no sheet reaches
    the engine."""
    found = []
    for path in source.trees:
        telling = Path(path).stem
        if not path.startswith("lessons/") or telling not in TELLINGS:
            continue
        for other in reachable(source, path):
            if other.startswith("lessons/") and Path(other).stem in TELLINGS - {telling}:
                found.append(f"{path} reaches {other}: the tellings are independent")
            if telling == "sheet" and other.startswith(("backends/", "run/", "plan/")):
                found.append(f"{path} reaches {other}: a sheet knows no engine")
    return found


def reachable(source: Source, path: str) -> set[str]:
    seen, stack = set(), source.own_imports(path)
    while stack:
        other = stack.pop()
        if other not in seen:
            seen.add(other)
            stack += source.own_imports(other)
    return seen


def print_violations(source: Source) -> list[str]:
    found = []
    for path, tree in source.trees.items():
        if matches(path, LAYERS[0]):
            continue
        for node in ast.walk(tree):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id
            if called in ("print", "input"):
                found.append(f"{path}:{node.lineno} calls {called}")  # type: ignore[attr-defined]
            if isinstance(node, ast.Attribute) and ast.unparse(node) in ("sys.stdout", "sys.stdin"):
                found.append(f"{path}:{node.lineno} uses {ast.unparse(node)}")
    return found


RULES = [layer_violations, library_violations, telling_violations, print_violations]


@pytest.fixture(scope="module")
def source() -> Source:
    return Source(PACKAGE)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(source: Source, rule: Callable[[Source], list[str]]) -> None:
    assert rule(source) == []


BROKEN: dict[str, tuple[Callable[[Source], list[str]], dict[str, str]]] = {
    "plan imports run": (
        layer_violations,
        {"plan/regions.py": "from sheetsim.run import execute", "run/execute.py": ""},
    ),
    "something imports cli": (
        layer_violations,
        {"checking/matrix.py": "def f():\n    from ..cli.main import main", "cli/main.py": ""},
    ),
    "a module in no layer": (layer_violations, {"helpers.py": ""}),
    "openpyxl in the plan": (library_violations, {"plan/schedule.py": "import openpyxl.utils"}),
    "XML in a lesson": (library_violations, {"lessons/descent/adam/sheet.py": "from xml.sax import parse"}),
    "torch in a lesson's arrays": (
        library_violations,
        {"lessons/descent/adam/arrays.py": "from torch import nn"},
    ),
    "click outside cli": (library_violations, {"checking/report.py": "def f():\n    import click"}),
    "arrays copied from the sheet": (
        telling_violations,
        {"lessons/descent/adam/arrays.py": "from . import sheet", "lessons/descent/adam/sheet.py": ""},
    ),
    "tellings that meet through a third file": (
        telling_violations,
        {
            "lessons/descent/adam/reference.py": "from sheetsim.lessons.common import step",
            "lessons/common.py": "from sheetsim.lessons.descent.adam.arrays import step",
            "lessons/descent/adam/arrays.py": "step = 1",
        },
    ),
    "a sheet that computes": (
        telling_violations,
        {
            "lessons/descent/adam/sheet.py": "from sheetsim.plan.schedule import make_plan",
            "plan/schedule.py": "",
        },
    ),
    "a print": (print_violations, {"plan/schedule.py": "def f():\n    print(1)"}),
    "output past print": (print_violations, {"checking/report.py": "import sys\nsys.stdout.write('1')"}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_rule_can_fail(tmp_path: Path, name: str) -> None:
    rule, files = BROKEN[name]
    for path, text in files.items():
        file = tmp_path / "sheetsim" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert len(rule(Source(tmp_path / "sheetsim"))) == 1


# -- what is loaded

HEAVY = ["torch", "pandas", "numba", "scipy", "matplotlib"]
LOADED = "import sys; sys.exit(' '.join(name for name in {names!r} if name in sys.modules))"
EXPORT = """
import sys
from sheetsim.cli.main import main
sys.argv = ["sheetsim", "export", "adam.xlsx"]
try:
    main()
except SystemExit as end:
    assert not end.code
"""


def loaded_by(code: str, names: list[str], folder: Path) -> str:
    """Which of `names` a fresh Python has loaded once `code` has run, '' for none."""
    run = subprocess.run(
        [sys.executable, "-c", code + "\n" + LOADED.format(names=names)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Traceback" not in run.stderr, run.stderr
    return run.stderr.strip()


def test_import_is_light(tmp_path: Path) -> None:
    spreadsheet_libraries = ["openpyxl", "xlsxwriter", "lxml", "rich", "click"]
    assert loaded_by("import sheetsim", HEAVY + spreadsheet_libraries, tmp_path) == ""


def test_export_is_light(tmp_path: Path) -> None:
    assert loaded_by(EXPORT, HEAVY, tmp_path) == ""
    assert (tmp_path / "adam.xlsx").stat().st_size > 0


def test_loaded_modules_are_seen(tmp_path: Path) -> None:
    assert loaded_by("import colorsys, bisect", ["colorsys", "wave", "bisect"], tmp_path) == "colorsys bisect"
