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
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "sheetsim"

# From the top down; a module imports from its own line and from those below it. Patterns are paths.
LAYERS = [
    ["cli/*", "__main__.py"],
    ["__init__.py", "book.py", "public_lesson.py"],  # the library's front door
    ["checking/*"],
    ["solve/*"],
    ["lessons/*"],
    ["gpu/*"],
    ["xlsx/*"],
    ["run/*", "backends/*", "ir/lower.py", "plan/schedule.py", "plan/circular.py"],
    ["plan/*"],
    ["functions/*"],
    ["ir/*"],
    # what values are made of; the families of functions stand above
    [
        "functions/coercion.py",
        "functions/digits.py",
        "functions/elementary.py",
        "functions/folding.py",
        "functions/lifting.py",
    ],
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
    "llvmlite": ["backends/native.py"],
    "scipy": ["solve/*", "functions/special.py"],
    "subprocess": ["processes.py"],
    "multiprocessing": [],
}

IMPLEMENTATIONS = {"sheet", "arrays", "reference", "kernel"}


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

    def imported(self, path: str, running: bool = False) -> Iterator[str]:
        """Dotted names of all modules imported anywhere in the file (the deepest that is a module), and of
        those of this package that a string names: given to `import_module`, or kept in a table for it.
        `running`: without what only a type checker reads."""
        package = self.dotted(path).split(".")
        if not path.endswith("__init__.py"):
            package.pop()
        unread = self.for_type_checkers(path) if running else set()
        for node in ast.walk(self.trees[path]):
            if node in unread:
                continue
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = package[: len(package) - node.level + 1] if node.level else []
                source = ".".join([*base, *([node.module] if node.module else [])])
                for alias in node.names:
                    whole = f"{source}.{alias.name}"
                    yield whole if whole in self.modules else source
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from self.named(node.value)
        for name in self.loaded_by_string(path):
            level = len(name) - len(name.lstrip("."))
            base = package[: len(package) - level + 1] if level else []
            yield ".".join([*base, name.lstrip(".")])

    def for_type_checkers(self, path: str) -> set[ast.AST]:
        blocks = [node for node in ast.walk(self.trees[path]) if isinstance(node, ast.If)]
        return {
            node
            for block in blocks
            if ast.unparse(block.test).endswith("TYPE_CHECKING")
            for line in block.body
            for node in ast.walk(line)
        }

    def named(self, text: str) -> Iterator[str]:
        """The module that a string names: `sheetsim.book`, or `sheetsim.book:read`."""
        name = text.partition(":")[0]
        if name in self.modules and name != self.name:
            yield name

    def begun(self, path: str) -> Iterator[str]:
        """The files that a name put together may name: all of a package where a string begins with
        `sheetsim.cli.`. Who composes such names reaches one of them, not all."""
        texts = {node.value for node in ast.walk(self.trees[path]) if isinstance(node, ast.Constant)}
        packages = {text for text in texts if str(text).endswith(".")} - {f"{self.name}."}
        yield from (self.modules[name] for name in self.modules if name.startswith(tuple(packages)))

    def loaded_by_string(self, path: str) -> Iterator[str]:
        """What `import_module("x")` and its like are given; `find_spec` only asks whether it is there."""
        for node in ast.walk(self.trees[path]):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                called = ast.unparse(node.func).rpartition(".")[2]
                if called in ("import_module", "__import__", "run_module"):
                    yield str(node.args[0].value)

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
            for other in {*source.own_imports(path), *source.begun(path)}
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


def implementation_violations(source: Source) -> list[str]:
    """No implementation of a lesson reaches another one's file, through whatever modules between; no sheet
    reaches the engine."""
    found = []
    for path in source.trees:
        implementation = Path(path).stem
        if not path.startswith("lessons/") or implementation not in IMPLEMENTATIONS:
            continue
        for other in reachable(source, path):
            if other.startswith("lessons/") and Path(other).stem in IMPLEMENTATIONS - {implementation}:
                found.append(f"{path} reaches {other}: the implementations are independent")
            if implementation == "sheet" and other.startswith(("backends/", "run/", "plan/")):
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


def circle_violations(source: Source) -> list[str]:
    """Modules that import one another, directly or through others, at whatever place in them; but for what
    only a type checker reads."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for path in source.trees:
        names = source.imported(path, running=True)
        sorter.add(path, *({source.modules[name] for name in names if name in source.modules} - {path}))
    try:
        sorter.prepare()
    except CycleError as error:
        return [f"import each other: {' imports '.join(reversed(error.args[1]))}"]
    return []


GOING = ["backends/loop*.py", "backends/tensor*.py"]
"""What programs (`ir/`) replace; no class there is named anew."""


def name_violations(source: Source) -> list[str]:
    """One word, one meaning: no two classes of one name; what begins with _ is known in its file only."""
    places: dict[str, list[str]] = {}
    for path, tree in source.trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name[0] != "_" and not matches(path, GOING):
                places.setdefault(node.name, []).append(path)
    return [
        f"{' and '.join(paths)} each have a class {name}" for name, paths in places.items() if len(paths) > 1
    ]


RULES = [
    layer_violations,
    library_violations,
    implementation_violations,
    print_violations,
    circle_violations,
    name_violations,
]


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
    "torch by a string": (
        library_violations,
        {"plan/schedule.py": "import importlib\nimportlib.import_module('torch.nn')"},
    ),
    "click outside cli": (library_violations, {"checking/report.py": "def f():\n    import click"}),
    "arrays copied from the sheet": (
        implementation_violations,
        {"lessons/descent/adam/arrays.py": "from . import sheet", "lessons/descent/adam/sheet.py": ""},
    ),
    "implementations that meet through a third file": (
        implementation_violations,
        {
            "lessons/descent/adam/reference.py": "from sheetsim.lessons.common import step",
            "lessons/common.py": "from sheetsim.lessons.descent.adam.arrays import step",
            "lessons/descent/adam/arrays.py": "step = 1",
        },
    ),
    "a sheet that computes": (
        implementation_violations,
        {
            "lessons/descent/adam/sheet.py": "from sheetsim.plan.schedule import make_plan",
            "plan/schedule.py": "",
        },
    ),
    "a climb by a string": (
        layer_violations,
        {
            "lessons/kit/lesson.py": "import importlib\nimportlib.import_module('sheetsim.solve.fit')",
            "solve/fit.py": "",
        },
    ),
    "a climb by a relative string": (
        layer_violations,
        {
            "plan/graph.py": "__import__('..run.execute', 'sheetsim.plan')",
            "run/execute.py": "",
            "plan/__init__.py": "",
        },
    ),
    "a climb by a table of places": (
        layer_violations,
        {"lessons/kit/lesson.py": "PLACES = {'fit': 'sheetsim.solve.fit:fit'}", "solve/fit.py": ""},
    ),
    "a climb by a name put together": (
        layer_violations,
        {
            "solve/fit.py": "import importlib\ndef f(x): importlib.import_module(f'sheetsim.cli.{x}')",
            "cli/__init__.py": "",
            "cli/main.py": "",
        },
    ),
    "an implementation that computes by a string": (
        implementation_violations,
        {
            "lessons/adam/sheet.py": "__import__('sheetsim.backends.cells')",
            "backends/cells.py": "",
        },
    ),
    "two that import each other": (
        circle_violations,
        {
            "plan/a.py": "from sheetsim.plan import b",
            "plan/b.py": "def f():\n    from sheetsim.plan.a import x",
        },
    ),
    "three in a circle, one by a string": (
        circle_violations,
        {
            "plan/a.py": "from sheetsim.plan.b import x",
            "plan/b.py": "from . import c",
            "plan/c.py": "import importlib\nimportlib.import_module('sheetsim.plan.a')",
        },
    ),
    "two classes of one name": (
        name_violations,
        {"plan/a.py": "class Plan: pass", "solve/b.py": "def f():\n    class Plan: pass\nclass _A: pass"},
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

HEAVY = ["torch", "pandas", "llvmlite", "scipy", "matplotlib"]
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
