"""What an implementation's code says of one block: the lines that its values come from, cut out of the
source.

    python_slice(sources, "rule")       the statements that the block's value depends on, and the functions
                                        that these call
    kernel_slice(source, "rule")        the functions of kernel.cu that speak of it
    launched(source, code)              the kernels that `code`, the slice of kernel.py, launches

`sources` are an implementation's own file first, then those of its family that it imports. A block is found
under its name ("conv1_1"), under a name put together (f"conv1_{n}"), or under the name of its layer
("conv1"). Both give None where it cannot be told apart in the code; the page then points to the whole of it.
"""

from __future__ import annotations

import ast
import functools
import re
import textwrap
from collections.abc import Callable, Iterator

Function = ast.FunctionDef
Match = Callable[[ast.expr, str], bool]


def python_slice(sources: str | list[str], block: str) -> str | None:
    """The part of a Python implementation that computes a block."""
    texts = [sources] if isinstance(sources, str) else sources
    known: dict[str, tuple[str, Function]] = {}
    for text in texts:
        for node in _functions(text):
            known.setdefault(node.name, (text, node))
    for match in (_is, _is_put_together, _is_layer):
        for text, function in known.values():
            for value in _values(function, block, match):
                return _cut(text, known, function, value)
    return None


@functools.cache
def _functions(text: str) -> list[Function]:
    return [node for node in ast.parse(text).body if isinstance(node, Function)]


def _is(key: ast.expr, block: str) -> bool:
    return isinstance(key, ast.Constant) and key.value == block


def _is_put_together(key: ast.expr, block: str) -> bool:
    """An f-string with a word in it, not one that is only made of names."""
    if not isinstance(key, ast.JoinedStr):
        return False
    parts = [str(part.value) if isinstance(part, ast.Constant) else None for part in key.values]
    pattern = "".join(r"\w+" if part is None else re.escape(part) for part in parts)
    word = len(re.findall("[a-z]", "".join(part or "" for part in parts))) > 2
    return word and re.fullmatch(pattern, block) is not None


def _is_layer(key: ast.expr, block: str) -> bool:
    return isinstance(key, ast.Constant) and re.sub(r"_\d+$", "", block) == key.value


def _values(function: Function, block: str, match: Match) -> Iterator[ast.expr]:
    """The expressions that a function files under the name: in a dict, by `blocks["name"] = ...`, or by a
    call that is given the name."""
    for node in ast.walk(function):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if key is not None and match(key, block):
                    yield value
        elif isinstance(node, ast.DictComp) and match(node.key, block):
            yield node
        elif isinstance(node, ast.Assign):
            target = node.targets[0]
            if isinstance(target, ast.Subscript) and match(target.slice, block):
                yield node.value
        elif (
            match is _is_layer and isinstance(node, ast.Call) and node.args[1:] and match(node.args[0], block)
        ):
            yield node


def _cut(source: str, known: dict[str, tuple[str, Function]], function: Function, value: ast.expr) -> str:
    """The statements before the value that it depends on, the value, and the functions that they call."""
    wanted, kept = _names(value), []
    last = value.lineno
    for statement in reversed([one for one in function.body if one.lineno < last]):
        if isinstance(statement, ast.Return) or not wanted & _written(statement):
            continue
        kept.insert(0, statement)
        wanted |= _names(statement)
    lines = [textwrap.dedent(_text(source, statement)) for statement in kept]
    if not kept or value.lineno > (kept[-1].end_lineno or 0):  # else it stands in the last statement
        lines.append(textwrap.dedent(ast.get_source_segment(source, value, padded=True) or ""))
    called = [known[name] for name in known if name in wanted and known[name][1] is not function]
    return "\n\n".join([*(_text(*one) for one in called), "\n".join(lines)]) + "\n"


def _text(source: str, node: ast.stmt) -> str:
    lines = source.splitlines()[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines)


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _written(statement: ast.stmt) -> set[str]:
    """The names that a statement gives a value to, its loops and branches included."""
    found = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            found |= _names(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found |= _names(node.func.value)  # a list that is appended to, an optimizer that steps
    return found


def kernel_slice(source: str, block: str) -> str | None:
    """The functions of a CUDA source in which a variable is named as the block is (its last word)."""
    word = re.compile(rf"\b{re.escape(block.rpartition('.')[2])}\b")
    found = [piece for piece in _pieces(source) if word.search(piece)]
    return "\n\n".join(found) + "\n" if found else None


def launched(source: str, launcher: str) -> str | None:
    """The kernels of a CUDA source whose names stand, quoted, in `launcher`, Python code."""
    names = set(re.findall(r'"(\w+)"', launcher))
    kernels = {piece: re.search(r"__global__ void (\w+)\(", piece) for piece in _pieces(source)}
    found = [piece for piece, name in kernels.items() if name and name[1] in names]
    return "\n\n".join(found) + "\n" if found else None


def rules(source: str) -> str:
    """A Python implementation without its heading and its imports."""
    tree, lines = ast.parse(source), source.splitlines()
    skipped = (ast.Import, ast.ImportFrom)
    first = next(
        node for node in tree.body[1:] if not isinstance(node, skipped)
    )  # the first statement is the docstring
    return "\n".join(lines[first.lineno - 1 :]) + "\n"


def kernels(source: str) -> str:
    """A CUDA source's functions."""
    return "\n\n".join(_pieces(source)) + "\n"


def _pieces(source: str) -> list[str]:
    """The functions of a CUDA source, to their closing braces."""
    pieces = re.split(r"\n(?=[^\s}])", source)
    return [piece.strip() for piece in pieces if "__global__" in piece or "__device__" in piece]
