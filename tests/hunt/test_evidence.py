"""The events behind the rows of a rule, worked out by hand in `conformance/evidence`, for every language."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rulescope.corpus.macro_libraries import MacroLibraries
from rulescope.hunt.outcome import RuleOutcome
from rulescope.hunt.rule_run import HuntRule
from rulescope.hunt.run import plan_run, run_rules
from rulescope.hunt.settings import Settings
from rulescope.logs import EventStore, load_logs

CASES = Path(__file__).resolve().parents[2] / "conformance" / "evidence"
FILES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(CASES.glob("*.toml"))}
NAMED = [(file, case) for file, whole in FILES.items() for case in whole["case"]]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, EventStore]]:
    opened = {}
    for name, whole in FILES.items():
        path = tmp_path_factory.mktemp(name) / "events.jsonl"
        path.write_text("\n".join(whole["events"]) + "\n", encoding="utf-8")
        opened[name] = load_logs([path])
    yield opened
    for store in opened.values():
        store.close()


def run(store: EventStore, language: str, query: str, most: int = 100) -> RuleOutcome:
    plan = plan_run([HuntRule(0, language, "", query)], MacroLibraries({}), [], Settings(now="100"), most)
    (found,) = run_rules(plan, store, jobs=1)
    assert found.status == "run", found.message
    return found


@pytest.mark.parametrize(("file", "case"), NAMED, ids=[f"{file}: {case['name']}" for file, case in NAMED])
def test_evidence_is_what_is_behind_the_rows(stores: dict[str, EventStore], file: str, case: dict[str, Any]) -> None:
    found = run(stores[file], FILES[file]["language"], case["query"])
    assert sorted(event.record for event in found.events) == case["evidence"]
    assert case.get("doubt", "") in found.doubt
    assert bool(found.doubt) == bool(case.get("doubt"))
    assert found.count or not case["evidence"]


EXACT = [(file, case) for file, case in NAMED if case["evidence"] and "apart" not in case]
"""Cases whose rows depend on nothing but their evidence; `apart` says of the others what else they depend on."""


@pytest.mark.parametrize(("file", "case"), EXACT, ids=[f"{file}: {case['name']}" for file, case in EXACT])
def test_a_rule_gives_its_rows_again_over_its_evidence(
    stores: dict[str, EventStore], tmp_path: Path, file: str, case: dict[str, Any]
) -> None:
    whole = FILES[file]
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(whole["events"][record - 1] for record in case["evidence"]) + "\n", encoding="utf-8")
    with load_logs([path]) as store:
        again = run(store, whole["language"], case["query"])
    assert again.count == run(stores[file], whole["language"], case["query"]).count
    assert sorted(event.record for event in again.events) == list(range(1, len(case["evidence"]) + 1))


def test_a_limit_keeps_the_newest_evidence_and_all_rows(stores: dict[str, EventStore]) -> None:
    for query, rows in (("* | eval x=1", 7), ("* | stats count by host", 3), ("*", 7)):
        found = run(stores["spl"], "spl", query, most=2)
        assert (found.count, [event.record for event in found.events], found.more) == (rows, [7, 6], True)
