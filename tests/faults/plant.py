"""Plant small faults in the code, one at a time, and see whether the tests find them.

    python tests/faults/plant.py                                 40 faults in the engine, seed 1
    python tests/faults/plant.py --count 100 --seed 7 --in backends plan functions
    python tests/faults/plant.py --at backends/arrays.py:120     every fault that can be planted in a line

A *site* is a place where one of `OPERATORS` applies; a fault is one site changed. Sites are drawn at random,
from the seed, of all code in the chosen parts of the package: not of docstrings, annotations, decorators,
messages and what only a type checker reads. Each fault stands alone in a copy of the working tree, where the
tests of its area (`AREAS`) run until one fails. What hangs beyond `--seconds` is found as well. A fault that
compiles to the same code as before changes nothing and does not count; the diff of each fault that no test
found is printed: either it changes nothing that can be seen, or a test is missing.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENGINE = ["backends", "run", "plan", "functions", "formula", "ir"]

AREAS: list[tuple[str, list[str]]] = [
    ("backends/tensor*", ["tests/engine/test_tensors.py", "tests/solve"]),
    ("backends/slope*", ["tests/engine/test_tensors.py", "tests/solve"]),
    ("backends/gather.py", ["tests/engine/test_tensors.py", "tests/engine"]),
    ("backends/loop*", ["tests/engine/test_loops.py", "tests/engine"]),
    ("backends/*", ["tests/engine", "tests/functions", "tests/plan"]),
    ("run/*", ["tests/engine", "tests/plan", "tests/checking/test_recalc.py"]),
    ("plan/*", ["tests/plan", "tests/engine"]),
    ("functions/*", ["tests/functions", "tests/engine"]),
    ("formula/*", ["tests/formula", "tests/engine", "tests/plan"]),
    ("ir/*", ["tests/ir", "tests/engine"]),
    ("xlsx/*", ["tests/xlsx"]),
    ("*.py", ["tests/test_address.py", "tests/test_library.py", "tests/engine", "tests/xlsx"]),
    ("*", ["tests"]),
]
"""Which tests, in this order, are asked about a module: the first pattern of its path in the package."""


# -- what can be wrong


def _swapped(pairs: dict[type, type]) -> dict[type, type]:
    return pairs | {there: here for here, there in pairs.items()}


COMPARISONS = _swapped(
    {ast.Lt: ast.LtE, ast.Gt: ast.GtE, ast.Eq: ast.NotEq, ast.Is: ast.IsNot, ast.In: ast.NotIn}
)
ARITHMETIC = _swapped(
    {ast.Add: ast.Sub, ast.Mult: ast.Div, ast.BitAnd: ast.BitOr, ast.LShift: ast.RShift}
) | {ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult}


def comparison(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        yield ast.Compare(node.left, [COMPARISONS[type(node.ops[0])](), *node.ops[1:]], node.comparators)


def arithmetic(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        yield ast.BinOp(node.left, ARITHMETIC[type(node.op)](), node.right)


def accumulation(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.AugAssign) and type(node.op) in ARITHMETIC:
        yield ast.AugAssign(node.target, ARITHMETIC[type(node.op)](), node.value)


def number(node: ast.AST) -> Iterator[ast.AST]:
    """One more or one less; a truth value the other way round."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield ast.Constant(not node.value)
        elif isinstance(node.value, (int, float)):
            yield ast.Constant(node.value + 1)
            yield ast.Constant(node.value - 1)


def condition(node: ast.AST) -> Iterator[ast.AST]:
    """The test of an if, a while, a conditional expression or a comprehension, the other way round."""
    if getattr(node, "is_test", False) and isinstance(node, ast.expr):
        yield ast.UnaryOp(ast.Not(), node)


def sign(node: ast.AST) -> Iterator[ast.AST]:
    """`not` and `-` and `~` left out."""
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.UAdd):
        yield node.operand


def junction(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def statement(node: ast.AST) -> Iterator[ast.AST]:
    """A call for its effect, an accumulation, `continue`, `break` or `raise` left out."""
    effect = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    if effect or isinstance(node, (ast.AugAssign, ast.Continue, ast.Break, ast.Raise)):
        yield ast.Pass()


def arguments(node: ast.AST) -> Iterator[ast.AST]:
    """Two neighbouring arguments of a call, in each other's place."""
    if isinstance(node, ast.Call):
        for place in range(len(node.args) - 1):
            pair = node.args[place : place + 2]
            if not any(isinstance(each, ast.Starred) for each in pair):
                swapped = [*node.args[:place], *reversed(pair), *node.args[place + 2 :]]
                yield ast.Call(node.func, swapped, node.keywords)


OPERATORS: dict[str, Callable[[ast.AST], Iterator[ast.AST]]] = {
    each.__name__: each
    for each in (
        *(comparison, arithmetic, accumulation, number, condition),
        *(sign, junction, statement, arguments),
    )
}


# -- where


@dataclass(frozen=True)
class Fault:
    """A file with one site changed."""

    path: str  # in the package
    line: int
    operator: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.operator}"

    def diff(self) -> str:
        lines = difflib.unified_diff(
            self.before.splitlines(), self.after.splitlines(), self.path, "planted", n=2, lineterm=""
        )
        return "\n".join(lines)


def faults(path: str, text: str) -> Iterator[Fault]:
    """Every fault that can be planted in a file."""
    offsets, source = _offsets(text), text.encode()
    for node in _sites(ast.parse(text)):
        start, end = _span(node, offsets)
        for name, operator in OPERATORS.items():
            for changed in operator(node):
                put = _bracketed(node, ast.unparse(ast.fix_missing_locations(changed))).encode()
                yield Fault(path, node.lineno, name, text, (source[:start] + put + source[end:]).decode())


def changes_something(fault: Fault) -> bool:
    """Does it compile, and to something else?"""
    try:
        compile(fault.after, fault.path, "exec")
    except (SyntaxError, ValueError):
        return False
    return ast.dump(ast.parse(fault.after)) != ast.dump(ast.parse(fault.before))


def _sites(tree: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """All nodes of code that runs and is no message; the tests of conditions are marked."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(tree, (ast.If, ast.While, ast.IfExp)) and child is tree.test:
            child.is_test = True  # type: ignore[attr-defined]
        if isinstance(tree, ast.comprehension) and child in tree.ifs:
            child.is_test = True  # type: ignore[attr-defined]
        if _never_runs(tree, child):
            continue
        if isinstance(child, (ast.expr, ast.stmt)):
            yield child
        yield from _sites(child)


def _never_runs(parent: ast.AST, child: ast.AST) -> bool:
    if isinstance(child, (ast.JoinedStr, ast.Import, ast.ImportFrom)):
        return True
    if isinstance(parent, ast.Raise) or child in getattr(parent, "decorator_list", ()):
        return True
    annotations = (getattr(parent, "annotation", None), getattr(parent, "returns", None))
    if any(child is each for each in annotations if each is not None):
        return True
    return isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)


def _offsets(text: str) -> list[int]:
    """Where each line begins, in bytes."""
    found = [0]
    for line in text.encode().splitlines(keepends=True):
        found.append(found[-1] + len(line))
    return found


def _span(node: ast.expr | ast.stmt, offsets: list[int]) -> tuple[int, int]:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return offsets[node.lineno - 1] + node.col_offset, offsets[node.end_lineno - 1] + node.end_col_offset


def _bracketed(node: ast.AST, text: str) -> str:
    simple = isinstance(node, (ast.stmt, ast.Constant, ast.Call))
    return text if simple else f"({text})"


def package_files(root: Path, parts: list[str]) -> Iterator[str]:
    """Python files of these parts of the package, by their path in it."""
    package = root / "sheetsim"
    for file in sorted(package.rglob("*.py")):
        path = file.relative_to(package).as_posix()
        if any(path == part or path.startswith(f"{part.rstrip('/')}/") for part in parts):
            yield path


# -- whether it is found


class Copy:
    """A copy of the working tree in which faults stand one at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._clock = folder, time.time()
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        for name in listed.stdout.splitlines():
            if (ROOT / name).is_file() and not name.startswith(("workbooks/", "benchmarks/")):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)

    def write(self, path: str, text: str) -> None:
        """Put a file of the package down, newer than all that was compiled of it."""
        file = self.folder / "sheetsim" / path
        file.write_text(text, encoding="utf-8")
        self._clock += 10
        os.utime(file, (self._clock, self._clock))

    def failing(self, tests: list[str], seconds: float) -> str:
        """The first test that fails, "" when none does; which one hung, when time is up."""
        own = [test for test in tests if (self.folder / test).exists()]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *own]
        try:
            run = subprocess.run(
                [*command, f"--timeout={max(10, int(seconds // 2))}"],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": str(self.folder)},
                check=False,
                capture_output=True,
                text=True,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired:
            return "(out of time)"
        if run.returncode == 0:
            return ""
        found = re.search(r"^(?:FAILED|ERROR) (\S+)", run.stdout, re.MULTILINE)
        return found[1] if found else f"(pytest ended with {run.returncode})"


def tests_of(path: str, quick: bool) -> list[str]:
    tests = next(tests for pattern, tests in AREAS if fnmatch(path, pattern))
    return tests[:1] if quick else tests


def drawn(parts: list[str], count: int, seed: int) -> list[Fault]:
    every = [
        fault
        for path in package_files(ROOT, parts)
        for fault in faults(path, (ROOT / "sheetsim" / path).read_text(encoding="utf-8"))
    ]
    random.Random(seed).shuffle(every)
    print(f"{len(every):,} faults can be planted in {', '.join(parts)}", flush=True)
    return list(islice(filter(changes_something, every), count))


def at(place: str) -> list[Fault]:
    path, _, line = place.partition(":")
    text = (ROOT / "sheetsim" / path).read_text(encoding="utf-8")
    own = [fault for fault in faults(path, text) if not line or fault.line == int(line)]
    return list(filter(changes_something, own))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=40, help="how many faults (default 40)")
    parser.add_argument("--seed", type=int, default=1, help="where the draw starts (default 1)")
    parser.add_argument("--in", dest="parts", nargs="+", default=ENGINE, help="folders or files of sheetsim/")
    parser.add_argument("--at", help="every fault of FILE:LINE instead of drawn ones")
    parser.add_argument("--quick", action="store_true", help="ask only the first tests of an area")
    parser.add_argument("--seconds", type=float, default=300, help="for the tests of one fault (default 300)")
    parser.add_argument("--least", type=float, default=0.0, help="share that must be found, for exit code 0")
    options = parser.parse_args()
    chosen = at(options.at) if options.at else drawn(options.parts, options.count, options.seed)
    missed: list[Fault] = []
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        copy = Copy(Path(folder))
        asked = list(dict.fromkeys(test for fault in chosen for test in tests_of(fault.path, options.quick)))
        if failing := copy.failing(asked, 3 * options.seconds):
            print(f"without any fault fails: {failing}; mend that first, or give more --seconds")
            return 2
        for place, fault in enumerate(chosen, 1):
            start = time.monotonic()
            copy.write(fault.path, fault.after)
            failing = copy.failing(tests_of(fault.path, options.quick), options.seconds)
            copy.write(fault.path, fault.before)
            missed += [] if failing else [fault]
            said = f"found by {failing}" if failing else "NOT FOUND\n" + fault.diff()
            print(f"{place:4}  {time.monotonic() - start:4.0f} s  {fault}: {said}", flush=True)
    found = len(chosen) - len(missed)
    print(f"{found} of {len(chosen)} found; not found: {', '.join(map(str, missed)) or 'none'}")
    return 0 if found >= options.least * len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
