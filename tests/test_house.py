"""The house is kept: files and functions that can be read at one go, one name for one thing, and what a language means
is asked of its data, not of its name."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

from rulescope.engines.sql.dialect import DIALECTS
from rulescope.languages.registry import LANGUAGES

PROJECT = Path(__file__).resolve().parents[1]
SOURCES = PROJECT / "src" / "rulescope"

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
"""Lines, from `def` to the end."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def files(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.py"))
    assert found
    return found


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    """The modules of the program, by their paths in it."""
    return {str(path.relative_to(SOURCES)): ast.parse(path.read_text("utf-8")) for path in files(SOURCES)}


@pytest.mark.parametrize("folder", ["src", "tests", "bench"])
def test_no_file_is_too_long(folder: str) -> None:
    lengths = {str(path): len(path.read_text("utf-8").splitlines()) for path in files(PROJECT / folder)}
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_too_long(trees: dict[str, ast.Module]) -> None:
    lengths = {
        f"{path}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, Function)
    }
    assert {place: length for place, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_no_two_public_classes_have_one_name(trees: dict[str, ast.Module]) -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for path, tree in trees.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(path)
    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}


def test_stages_are_imported_under_their_own_name(trees: dict[str, ast.Module]) -> None:
    others = [
        f"{path}:{node.lineno}: {ast.unparse(node)}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if _renames_stages(node)
    ]
    assert others == []


def _renames_stages(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(name.name == "rulescope.ir.stages" and name.asname is not None for name in node.names)
    return (
        isinstance(node, ast.ImportFrom)
        and node.module == "rulescope.ir"
        and any(name.name == "stages" and name.asname not in (None, "stages") for name in node.names)
    )


@pytest.mark.parametrize(
    ("written", "renames"),
    [
        ("from rulescope.ir import stages", False),
        ("from rulescope.ir import Stage, stages as st", True),
        ("import rulescope.ir.stages as st", True),
        ("from rulescope.ir.stages import Search", False),
    ],
)
def test_another_name_for_stages_is_noticed(written: str, renames: bool) -> None:
    assert _renames_stages(ast.parse(written).body[0]) is renames


def test_engines_import_inside_of_functions_for_start_up_only() -> None:
    silent = [
        f"{path.relative_to(SOURCES)}:{line}"
        for path in files(SOURCES / "engines")
        for line in _silent_imports(path.read_text("utf-8"))
    ]
    assert silent == [], "move them to the top of the module, or say '# start-up' behind them"


def _silent_imports(text: str) -> list[int]:
    """The lines of imports inside of functions that don't say that they are there for start-up."""
    lines = text.splitlines()
    inside = {
        node.lineno
        for function in ast.walk(ast.parse(text))
        if isinstance(function, Function)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    return sorted(line for line in inside if "# start-up" not in lines[line - 1])


@pytest.mark.parametrize(
    ("written", "silent"),
    [
        ("import json", []),
        ("def read():\n    import json", [2]),
        ("def read():\n    import json  # start-up", []),
        ("class A:\n    def read(self):\n        def inner():\n            from json import loads", [4]),
    ],
)
def test_an_import_without_its_reason_is_noticed(written: str, silent: list[int]) -> None:
    assert _silent_imports(written) == silent


WORDS = frozenset({*LANGUAGES, *DIALECTS, "splunk"})
"""What languages and their families are called."""
NAMES = frozenset(word.upper() for word in WORDS)
LANGUAGES_THEMSELVES = (
    "languages/", "engines/sql/dialect.py", "engines/reference/meaning.py", "hunt/vocabularies.py", "corpus/readers/",
)  # fmt: skip
"""Where a language may be told by its name: the languages, what is known of each, and the formats of rule files, which
name the languages of their queries."""


def test_no_code_asks_which_language_it_is_in(trees: dict[str, ast.Module]) -> None:
    asking = [
        f"{path}:{node.lineno}: {ast.unparse(node)}"
        for path, tree in trees.items()
        if not path.startswith(LANGUAGES_THEMSELVES)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare | ast.MatchValue) and _asks_for_language(node)
    ]
    assert asking == []


def _asks_for_language(node: ast.Compare | ast.MatchValue) -> bool:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and part.value in WORDS:
            return True
        name = part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else ""
        if name in NAMES:
            return True
    return False


@pytest.mark.parametrize(
    ("written", "asks"),
    [
        ("vocabulary is SPLUNK", True),
        ("reading.meaning is not meaning.KUSTO", True),
        ("language == 'kusto'", True),
        ("language not in ('eql', 'esql')", True),
        ("meaning.empty_text == True", False),
        ("name == 'kustomize'", False),
    ],
)
def test_asking_for_a_language_is_noticed(written: str, asks: bool) -> None:
    comparison = ast.parse(written, mode="eval").body
    assert isinstance(comparison, ast.Compare)
    assert _asks_for_language(comparison) is asks
