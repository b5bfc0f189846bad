"""The borders between rooms hold: each contract is shown to catch a breach, and modules import in no circles but those
that are inherent."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

PROJECT = Path(__file__).resolve().parents[1]
SOURCES = PROJECT / "src" / "rulescope"

BREACHES = {
    "a room imports upwards": ("ir/walk.py", "rulescope.analysis.facts"),
    "a language knows what stands in logs": ("languages/sigma/times.py", "rulescope.knowledge.tables"),
    "one language knows another": ("languages/kuery/parser.py", "rulescope.languages.sigma.modifiers"),
    "what languages share knows one": ("languages/common/patterns.py", "rulescope.languages.eql.parser"),
    "analysis knows a language": ("analysis/facts.py", "rulescope.languages.spl.printer"),
    "sqlglot outside of the engines": ("catalog/build.py", "sqlglot"),
    "sqlglot in the languages": ("languages/embedded.py", "sqlglot"),
    "pyarrow in a use case": ("api/run.py", "pyarrow"),
    "numpy in the pages": ("web/__init__.py", "numpy"),
    "pyarrow in hunt": ("hunt/search.py", "pyarrow"),
    "duckdb in hunt": ("hunt/search.py", "duckdb"),
    "evtx in the corpus": ("corpus/read.py", "evtx"),
    "what is lowered knows a compiler": ("engines/sql/lowering.py", "rulescope.engines.sql.compiling"),
    "the dispatcher knows a compiler": ("engines/sql/compiling.py", "rulescope.engines.sql.predicates"),
    "an engine reads text": ("engines/sql/subsearch.py", "rulescope.languages.spl.parser"),
    "the reference knows plans": ("engines/reference/common/names.py", "rulescope.engines.sql.values"),
    "the reference knows DuckDB": ("engines/reference/engine.py", "rulescope.engines.duckdb.database"),
    "an engine knows its judge": ("engines/duckdb/engine.py", "rulescope.engines.reference.values"),
    "a language of the reference below the readers": (
        "engines/reference/interpreter.py",
        "rulescope.engines.reference.spl.fields",
    ),
    "a plan knows its database": ("engines/sql/values.py", "rulescope.engines.duckdb.watch"),
}
"""What must not be, as an import that a file would have."""

CIRCLES = {
    "rulescope.ir": "stages hold pipelines, which hold stages; expressions hold pipelines and predicates",
    "rulescope.languages.spl": "commands hold searches, whose commands are read by the same table",
}
"""Where modules import one another in a circle, if only for names of types, and why that is inherent."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project's sources, with its contracts."""
    folder = tmp_path_factory.mktemp("borders")
    shutil.copytree(SOURCES, folder / "src" / "rulescope", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--cache-dir", str(folder / "cache")]
    environment = os.environ | {"PYTHONPATH": str(folder / "src"), "NO_COLOR": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
@pytest.mark.parametrize("what", BREACHES)
def test_a_breach_is_caught(what: str, copy: Path) -> None:
    file, imported = BREACHES[what]
    path = copy / "src" / "rulescope" / file
    whole = path.read_text("utf-8")
    try:
        path.write_text(f"{whole}\n\ndef _breach() -> None:\n    import {imported}  # noqa: F401\n", "utf-8")
        found = lint(copy)
    finally:
        path.write_text(whole, "utf-8")
    assert found.returncode == 1, found.stdout + found.stderr
    importer = "rulescope." + file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    told = " ".join(found.stdout.split())  # lines are broken where the terminal ends, wherever that is
    assert f"{importer} -> {imported}" in told


def test_modules_import_in_no_circle() -> None:
    graph = grimp.build_graph("rulescope", cache_dir=None)
    imported = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    circles = [members for members in _components(imported) if len(members) > 1]
    rooms = {room for room in CIRCLES if any(all(one.startswith(room) for one in members) for members in circles)}
    others = [
        sorted(members)
        for members in circles
        if not any(all(one.startswith(room) for one in members) for room in CIRCLES)
    ]
    assert not others
    assert rooms == set(CIRCLES), "a circle is gone: take it out of the list"


def _components(imported: dict[str, set[str]]) -> list[set[str]]:
    """The sets of modules of which each reaches all others."""
    reached = {module: _reach(module, imported) for module in imported}
    found: list[set[str]] = []
    for module in imported:
        if not any(module in members for members in found):
            found.append({other for other in reached[module] if module in reached[other]} | {module})
    return found


def _reach(module: str, imported: dict[str, set[str]]) -> set[str]:
    waiting, found = [module], set()
    while waiting:
        for other in imported[waiting.pop()]:
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found
