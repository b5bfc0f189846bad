"""Mutants of a function: its code with one small fault each, made from its syntax tree.

A mutant is known by what it changes (`a < b → a <= b`; `#2` where the same stands there twice), not by its place, so
that a list of mutants outlives edits around them.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import inspect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}
_WORDS = {"true": "false", "false": "true", "unknown": "false", "any": "all", "all": "any", "one": "any"}
"""What the words of the tree turn into; any other word gets a sign at its end."""
_SQL = {">=": ">", ">": ">=", "<=": "<", "<": "<=", "=": "<>", "<>": "=", "TRUE": "FALSE", "FALSE": "TRUE"}
_SQL_SIGN = re.compile(r"(?<= )(?:>=|<=|<>|=|<|>)(?= )|\b(?:TRUE|FALSE)\b")
_NOT_LOOKED_INTO = frozenset({"annotation", "returns", "decorator_list", "defaults", "kw_defaults", "type_params"})


@dataclass(frozen=True)
class Mutant:
    """One fault in one function; `function` is `module:name`."""

    function: str
    change: str
    code: CodeType


@dataclass(frozen=True)
class _Edit:
    """What is put in the place of a node: into `field` of `owner`, at `index` where that is a list."""

    owner: ast.AST
    field: str
    index: int | None
    new: Any
    change: str


def mutants_of(function: str) -> list[Mutant]:
    """Every mutant of the function, in the order of its text. Raises AttributeError or ImportError without it."""
    target = target_of(function)
    module = importlib.import_module(function.partition(":")[0])
    tree = _tree(module)
    node = _definition(tree, target.__qualname__)
    part = _part(tree, target.__qualname__)
    found: list[Mutant] = []
    times: dict[str, int] = {}
    for edit in list(_edits(node)):
        times[edit.change] = times.get(edit.change, 0) + 1
        number = times[edit.change]
        code = _compiled(part, edit, target, module)
        if code is not None:
            found.append(Mutant(function, edit.change if number == 1 else f"{edit.change} #{number}", code))
    return found


def sample(mutants: Sequence[Mutant], size: int, seed: str) -> list[Mutant]:
    """Some of the mutants, chosen by what they change: an edit elsewhere in the function leaves the choice as it is."""
    return sorted(mutants, key=lambda one: hashlib.sha256(f"{seed}:{one.function}:{one.change}".encode()).digest())[
        :size
    ]


def target_of(function: str) -> FunctionType:
    """The function itself, under whatever wraps it."""
    module, _, name = function.partition(":")
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = inspect.unwrap(getattr(found, part))
    assert isinstance(found, FunctionType), function
    return found


@cache
def _tree(module: ModuleType) -> ast.Module:
    assert module.__file__ is not None
    return ast.parse(Path(module.__file__).read_text(encoding="utf-8"), module.__file__)


def _definition(tree: ast.Module, name: str) -> ast.FunctionDef:
    node: Any = tree
    for part in name.split("."):
        node = next(one for one in node.body if getattr(one, "name", None) == part)
    assert isinstance(node, ast.FunctionDef)
    return node


def _part(tree: ast.Module, name: str) -> ast.Module:
    """The module with its imports, which say how to compile it, and the function, or the class that it is in."""
    outer = name.partition(".")[0]
    kept = [
        one for one in tree.body if getattr(one, "name", None) == outer or isinstance(one, ast.Import | ast.ImportFrom)
    ]
    return ast.fix_missing_locations(ast.Module(body=kept, type_ignores=[]))


def _compiled(tree: ast.Module, edit: _Edit, target: FunctionType, module: ModuleType) -> CodeType | None:
    """The function's code with the edit; None where that is no longer of the function's form."""
    old = getattr(edit.owner, edit.field)
    if edit.index is None:
        new = edit.new
    else:
        new = [*old[: edit.index], *([] if edit.new is None else [edit.new]), *old[edit.index + 1 :]]
    setattr(edit.owner, edit.field, new)
    try:
        code = compile(ast.fix_missing_locations(tree), str(module.__file__), "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    finally:
        setattr(edit.owner, edit.field, old)
    for part in target.__qualname__.split("."):
        code = next(one for one in code.co_consts if isinstance(one, CodeType) and one.co_name == part)
    return code if code.co_freevars == target.__code__.co_freevars else None


def _edits(function: ast.FunctionDef) -> Iterator[_Edit]:
    waiting: list[tuple[ast.AST, str, int | None, ast.AST]] = [
        (function, "body", index, node) for index, node in reversed(list(enumerate(function.body)))
    ]
    while waiting:
        owner, field, index, node = waiting.pop()
        for new, change in _changes(node):
            yield _Edit(owner, field, index, new, change)
        yield from _dropped(node)
        inner: list[tuple[ast.AST, str, int | None, ast.AST]] = []
        for name, value in ast.iter_fields(node):
            if name in _NOT_LOOKED_INTO or isinstance(node, ast.Assert):
                continue
            if isinstance(node, ast.Subscript) and isinstance(value, ast.Constant):
                continue
            if isinstance(value, ast.AST):
                inner.append((node, name, None, value))
            elif isinstance(value, list):
                inner += [(node, name, at, one) for at, one in enumerate(value) if isinstance(one, ast.AST)]
        waiting += reversed(inner)


def _changes(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """What may stand in the place of a node, with words for it."""
    for new in _replacements(node):
        yield new, f"{_shown(node)} → {_shown(new)}"


def _replacements(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare():
            yield from _compared(node)
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            for index in range(len(values)):
                rest = [*values[:index], *values[index + 1 :]]
                yield rest[0] if len(rest) == 1 else ast.BoolOp(op, rest)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.IfExp(body=body, orelse=orelse):
            yield from (body, orelse)
        case ast.BinOp(left=left, op=ast.BitOr() | ast.BitAnd(), right=right):
            yield from (left, right)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            yield ast.BinOp(left, _ARITHMETIC[type(op)](), right)
        case ast.Subscript(value=value, slice=ast.Constant(value=int(place))):
            # One to the left of the first is the last: of one item, which is what most of these have, the same.
            yield ast.Subscript(value, ast.Constant(place + 1), ast.Load())
        case ast.Constant(value=value):
            yield from (ast.Constant(other) for other in _other_constants(value))
        case ast.Call(func=function, args=[first, second, *rest]) if _can_swap(node):
            yield ast.Call(function, [second, first, *rest], node.keywords)
        case ast.Return(value=value) if value is not None and not _is_none(value):
            yield ast.Return(ast.Constant(None))


def _compared(node: ast.Compare) -> Iterator[ast.Compare]:
    for index, operator in enumerate(node.ops):
        for other in _COMPARISONS[type(operator)]:
            yield ast.Compare(node.left, [*node.ops[:index], other(), *node.ops[index + 1 :]], node.comparators)


def _can_swap(node: ast.Call) -> bool:
    first, second = node.args[:2]
    if any(isinstance(one, ast.Starred) for one in (first, second)) or ast.dump(first) == ast.dump(second):
        return False
    return not (isinstance(node.func, ast.Name) and node.func.id in ("isinstance", "getattr"))


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _other_constants(value: object) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from (value + 1, value - 1)
    elif isinstance(value, str) and value in _WORDS:
        yield _WORDS[value]
    elif isinstance(value, str) and _SQL_SIGN.search(value):
        for found in _SQL_SIGN.finditer(value):
            yield value[: found.start()] + _SQL[found.group()] + value[found.end() :]
    elif isinstance(value, str) and " " not in value:
        yield f"{value}~"


def _dropped(node: ast.AST) -> Iterator[_Edit]:
    """Branches and guards that are left out, or taken always."""
    match node:
        case ast.If(test=test):
            yield _Edit(node, "test", None, ast.Constant(False), f"if {_shown(test)} → never")
            yield _Edit(node, "test", None, ast.Constant(True), f"if {_shown(test)} → always")
        case ast.While(test=test):
            yield _Edit(node, "test", None, ast.Constant(False), f"while {_shown(test)} → never")
        case ast.comprehension(ifs=ifs):
            for index, test in enumerate(ifs):
                yield _Edit(node, "ifs", index, None, f"if {_shown(test)} in a comprehension → always")
        case ast.Match(cases=cases) if len(cases) > 1:
            for index, case in enumerate(cases):
                yield _Edit(node, "cases", index, None, f"case {ast.unparse(case.pattern)} → never")
        case ast.match_case(pattern=pattern, guard=ast.expr() as guard):
            yield _Edit(node, "guard", None, None, f"case {ast.unparse(pattern)} if {_shown(guard)} → without if")
    for field in ("body", "orelse"):
        statements = getattr(node, field, None)
        for index, one in enumerate(statements if isinstance(statements, list) else ()):
            if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call):
                yield _Edit(node, field, index, ast.Pass(), f"{_shown(one)} → left out")


def _shown(node: ast.AST) -> str:
    return ast.unparse(node)
