"""What a telling's code says of one block: the lines that its values come from, cut out of the source.

    python_slice(source, "rule")     the statements of `compute` that the block's value depends on, and the
                                     functions of the same file that these call
    kernel_slice(source, "rule")     the functions of kernel.cu that speak of it

Both give None where the block cannot be told apart in the code; the page then points to the whole of it.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator

Function = ast.FunctionDef


def python_slice(source: str, block: str) -> str | None:
    """The part of a Python telling that computes a block."""
    tree = ast.parse(source)
    functions = {node.name: node for node in tree.body if isinstance(node, Function)}
    for function in functions.values():
        for value in _values(function, block):
            return _cut(source, functions, function, value)
    return None


def _values(function: Function, block: str) -> Iterator[ast.expr]:
    """The expressions that a function files under the name: in a dict, or by `blocks["name"] = ...`."""
    for node in ast.walk(function):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == block:
                    yield value
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            key = node.targets[0].slice
            if isinstance(key, ast.Constant) and key.value == block:
                yield node.value


def _cut(source: str, functions: dict[str, Function], function: Function, value: ast.expr) -> str:
    """The statements before the value that it depends on, the value, and the functions that they call."""
    wanted, kept = _names(value), []
    last = value.lineno
    for statement in reversed([one for one in function.body if one.lineno < last]):
        if isinstance(statement, ast.Return) or not wanted & _written(statement):
            continue
        kept.insert(0, statement)
        wanted |= _names(statement)
    lines = [textwrap.dedent(_text(source, statement)) for statement in kept]
    lines.append(textwrap.dedent(ast.get_source_segment(source, value, padded=True) or ""))
    called = [functions[name] for name in functions if name in wanted and functions[name] is not function]
    return "\n\n".join([*(_text(source, one) for one in called), "\n".join(lines)]) + "\n"


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
    pieces = [
        piece for piece in re.split(r"\n(?=\S)", source) if "__global__" in piece or "__device__" in piece
    ]
    found = [piece.strip() for piece in pieces if word.search(piece)]
    return "\n\n".join(found) + "\n" if found else None
