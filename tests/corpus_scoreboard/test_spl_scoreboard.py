"""How much of the corpora the SPL front end reads, held to numbers that may only rise (`spl.toml`)."""

from __future__ import annotations

import gzip
import json
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rulescope.corpus import read_corpus
from rulescope.corpus.macro_libraries import pack_macros
from rulescope.ir import ParsedQuery, walk
from rulescope.ir.stages import Opaque
from rulescope.languages.spl import Macro, MacroLibrary, parse_search
from rulescope.text import Source

pytestmark = pytest.mark.corpus

HERE = Path(__file__).parent
SCOREBOARD: dict[str, Any] = tomllib.loads((HERE / "spl.toml").read_text("utf-8"))
REPORT: dict[str, Any] = tomllib.loads(
    (HERE.parent / "languages" / "spl" / "splunkbase_report.toml").read_text("utf-8")
)


def opaque_stages(parsed: ParsedQuery) -> list[Opaque]:
    return [node for node in walk.walk(parsed.pipeline) if isinstance(node, Opaque)]


def test_armory_is_read_but_for_what_is_recorded(shared: Path) -> None:
    library = MacroLibrary(pack_macros())
    searches = [rule for rule in read_corpus([shared / "rules" / "armory"]).rules if rule.info.language == "spl"]
    parsed = {rule.info.path: parse_search(rule.source, library) for rule in searches}
    partial = {path: found for path, found in parsed.items() if found.status != "full"}
    held = SCOREBOARD["armory"]
    assert len(searches) == held["total"]
    assert len(searches) - len(partial) >= held["full"]
    recorded = {(cause["code"], name) for cause in held["partial"] for name in cause["rules"]}
    wrong = {
        (one.code, path.rpartition("/")[2])
        for path, found in partial.items()
        for one in found.diagnostics
        if one.severity == "error"
    }
    assert sorted(wrong - recorded) == []
    assert len({name for _, name in recorded}) == held["total"] - held["full"]
    # A stage that was mended keeps its tree, which pages show.
    assert [path for path, found in partial.items() if opaque_stages(found)] == []


def test_security_content_is_read_whole_with_its_macros(shared: Path) -> None:
    corpus = read_corpus([shared / "rules" / "security_content"])
    library = MacroLibrary(Macro(macro.name, macro.definition, macro.arguments) for macro in corpus.macros)
    total = 0
    missing: set[str] = set()
    for rule in corpus.rules:
        parsed = parse_search(rule.source, library)
        total += 1
        assert parsed.status == "full", rule.info.path
        assert opaque_stages(parsed) == [], rule.info.path
        # The filter macro of each rule has no file of its own: it stands for `search *`.
        missing |= {name for name in parsed.unknown_macros if not name.endswith("_filter")}
    assert total >= SCOREBOARD["security_content"]["full"]
    assert len(missing) <= SCOREBOARD["security_content"]["unknown_macros"], sorted(missing)


@cache
def splunkbase(path: Path) -> tuple[int, int, tuple[str, ...], tuple[str, ...]]:
    """Of the distinct searches: how many, how many full, the names of those with custom commands, and of the rest."""
    seen: set[str] = set()
    full = 0
    custom: list[str] = []
    rest: list[str] = []
    for name, text in _saved_searches(path):
        if text in seen:
            continue
        seen.add(text)
        parsed = parse_search(Source(text, name))
        if parsed.status == "full":
            full += 1
            continue
        stages = opaque_stages(parsed)
        only_custom = stages and all(stage.unknown_command for stage in stages)
        (custom if only_custom else rest).append(name)
    return len(seen), full, tuple(custom), tuple(rest)


def _saved_searches(path: Path) -> Iterator[tuple[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield f"{record['app']}/{record['name']}", record["search"]


@pytest.fixture(scope="module")
def apps(shared: Path) -> tuple[int, int, tuple[str, ...], tuple[str, ...]]:
    return splunkbase(shared / "rules" / "splunkbase" / "saved_searches.jsonl.gz")


def test_searches_of_apps_are_read(apps: tuple[int, int, tuple[str, ...], tuple[str, ...]]) -> None:
    total, full, custom, rest = apps
    held = SCOREBOARD["splunkbase"]
    assert total == held["total"]
    assert full >= held["full"]
    # Reading a stage before an app's command moves a search from the causes to the custom ones, and never back.
    assert full + len(custom) >= held["full"] + held["custom"]
    percent = 100 * (full + len(custom)) / total
    assert percent >= 98.5
    assert percent >= held["percent_read"]
    assert full + len(custom) + len(rest) == total


def test_every_search_that_is_not_read_has_its_cause(apps: tuple[int, int, tuple[str, ...], tuple[str, ...]]) -> None:
    listed = [name for cause in REPORT["cause"] for name in cause["searches"]]
    assert sorted(set(apps[3]) - set(listed)) == []
    assert len(apps[3]) <= len(listed)
    assert len(set(listed)) == len(listed)


def test_report_adds_up() -> None:
    causes = REPORT["cause"]
    held = SCOREBOARD["splunkbase"]
    assert all(cause["count"] == len(cause["searches"]) for cause in causes)
    assert held["full"] + held["custom"] + sum(cause["count"] for cause in causes) == held["total"]
