"""What a rule's file says and Rulescope does not apply, or can't read for a misspelt key, is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus_samples import Write

from rulescope.api.named_query import find_query
from rulescope.api.run import run
from rulescope.api.search import search
from rulescope.corpus import read_corpus
from rulescope.hunt.bound_rule import read_query
from rulescope.hunt.settings import Settings
from rulescope.text import Source

SENTINEL = "id: a\nname: A\nquery: T | where x == 1\nqueryFrequency: 1h\n"


def told(repository: Path) -> list[str]:
    (rule,) = read_corpus([repository]).rules
    return [] if rule.frame is None else [f"{one.code} {one.message.partition(';')[0]}" for one in rule.frame.problems]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("triggerOperator: gt\ntriggerThreshold: 100\n", "more than 100 results"),
        ("triggerOperator: LessThan\ntriggerThreshold: 1\n", "less than 1 results"),
        ("triggerOperator: gt\ntriggerThreshold: 0\n", None),
        ("", None),
    ],
)
def test_a_threshold_of_sentinel_is_told(repository: Path, write: Write, settings: str, said: str | None) -> None:
    write("a.yml", SENTINEL + settings)
    assert told(repository) == ([f"RUL030 the alert is raised on {said}"] if said else [])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            "counttype = number of events\nrelation = greater than\nquantity = 100\n",
            "number of events greater than 100",
        ),
        ("counttype = number of hosts\nrelation = rises by\nquantity = 5\n", "number of hosts rises by 5"),
        ("counttype = custom\nalert_condition = search count > 5\n", "the condition 'search count > 5'"),
        ("counttype = number of events\nrelation = greater than\nquantity = 0\n", None),
        ("counttype = always\n", None),
        ("", None),
    ],
)
def test_a_condition_of_splunk_is_told(repository: Path, write: Write, settings: str, said: str | None) -> None:
    write("savedsearches.conf", f"[a]\nsearch = x=1\n{settings}")
    assert told(repository) == ([f"RUL030 the alert is raised on {said}"] if said else [])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("dispatch.earliest_time = -15m\n", "from -15m to now"),
        ("dispatch.earliest_time = -1d@d\ndispatch.latest_time = @d\n", "from -1d@d to @d"),
        ("dispatch.latest_time = -5m\n", "from the first event to -5m"),
        ("dispatch.earliest_time = 0\ndispatch.latest_time = now\n", None),
    ],
)
def test_the_time_range_of_a_saved_search_is_told(
    repository: Path, write: Write, settings: str, said: str | None
) -> None:
    write("savedsearches.conf", f"[a]\nsearch = x=1\n{settings}")
    message = f"RUL031 the time range of its runs, {said}, is not applied: all events are searched"
    assert told(repository) == ([message] if said else [])


def test_the_time_range_of_a_saved_search_holds_where_now_is_said(repository: Path, write: Write) -> None:
    write("savedsearches.conf", "[a]\nsearch = x=* | table x\ndispatch.earliest_time = -1h\n")
    logs = repository.parent / "events.jsonl"
    logs.write_text('{"_time": 1000, "x": "1"}\n{"_time": 5000, "x": "2"}\n{"_time": 9000, "x": "3"}\n')
    rule = str(next(repository.rglob("savedsearches.conf")))

    def found(**given: str) -> tuple[list[str], list[str]]:
        settings = Settings(**given)  # type: ignore[arg-type]
        answer = search(find_query(rule, None), [logs], settings)
        (outcome,) = (one.outcome for one in run([repository], [logs], settings, jobs=1).rules)
        assert outcome.count == len(answer.rows)
        assert [note.code for note in answer.notes] == [warning.code for warning in outcome.warnings]
        return [row["x"] for row in answer.rows], [f"{note.code} {note.message}" for note in answer.notes]

    told = "RUL031 the time range of its runs, from -1h to now, is"
    applied = f"{told} applied as of --now: other events are not searched"
    left_out = f"{told} not applied: all events are searched"
    assert found() == (["3", "2", "1"], [left_out])
    assert found(now="8000") == (["2"], [applied])
    assert found(now="8000", earliest="0") == (["3", "2", "1"], [left_out])
    rows, (first, unmet) = found(now="20000")
    assert (rows, first) == ([], applied)
    assert unmet.startswith("RUN110 no event meets 'dispatch.earliest_time': it begins at 1970-01-01T04:33:20")


RUNS = "rows are counted or joined over all events, not over the time range of each of the rule's runs"
ELASTIC = '[rule]\nname = "A"\nrule_id = "a"\ntype = "{}"\nlanguage = "{}"\nquery = \'\'\'{}\'\'\'\n{}'
COUNTED = "FROM logs-* | STATS c = COUNT(*) BY user.name | WHERE c > 9"


@pytest.mark.parametrize(
    ("query", "is_told"),
    [
        ("T | summarize n=count() by user | where n > 9", True),
        ("T | join kind=inner (U | where x == 1) on user", True),
        ("T | make-series n=count() on t step 1h", True),
        ("T | where x == 1 | extend y = x + 1 | project y", False),
    ],
)
@pytest.mark.parametrize("key", ["queryFrequency: 1h", "queryPeriod: 14d", "tactics: [Execution]"])
def test_that_the_time_range_of_sentinels_runs_matters(
    repository: Path, write: Write, key: str, query: str, is_told: bool
) -> None:
    write("a.yml", f"id: a\nname: A\nquery: {query}\nrequiredDataConnectors: []\n{key}\n")
    assert read_runs(repository) == (is_told and "tactics" not in key)


@pytest.mark.parametrize(
    ("language", "query", "is_told"),
    [
        ("esql", COUNTED, True),
        ("eql", "sequence by user.id [process where true] [network where true]", True),
        ("eql", "sequence by user.id with maxspan=1m [process where true] [network where true]", False),
        ("eql", "process where true", False),
        ("esql", "FROM logs-* | WHERE x == 1 | KEEP x", False),
    ],
)
@pytest.mark.parametrize("key", ['from = "now-9m"', 'interval = "5m"', ""])
def test_that_the_time_range_of_elastics_runs_matters(
    repository: Path, write: Write, key: str, language: str, query: str, is_told: bool
) -> None:
    write("a.toml", ELASTIC.format(language, language, query, key))
    assert read_runs(repository) == (is_told and bool(key))


def test_a_threshold_of_elastic_is_looked_at_within_the_time_range(repository: Path, write: Write) -> None:
    threshold = 'from = "now-9m"\n[rule.threshold]\nfield = ["user.name"]\nvalue = 9\n'
    write("a.toml", ELASTIC.format("threshold", "kuery", "a: 1", threshold))
    assert not read_runs(repository)


def read_runs(repository: Path) -> bool:
    (rule,) = read_corpus([repository]).rules
    parsed = read_query(Source(rule.query_text), rule.info.language, None, rule.frame)
    assert all(one.code == "RUL031" for one in parsed.diagnostics), parsed.diagnostics
    return [one.message for one in parsed.diagnostics] == [RUNS]


def test_a_misspelt_key_of_a_macro_is_named(repository: Path, write: Write) -> None:
    write("macros.conf", "[z]\ndefintion = x=1\n[y]\ndefinition = x=2\n")
    (problem,) = read_corpus([repository]).problems
    assert problem.diagnostic.message == "the macro 'z' has no definition: it has 'defintion', but no 'definition'"


def test_an_elastic_rule_without_language_says_so(repository: Path, write: Write) -> None:
    write("a.toml", '[rule]\nname = "A"\ntype = "query"\nquery = "a:1"\n')
    (one,) = read_corpus([repository]).passed_over
    assert (one.account, one.code) == ("unreadable", "RUL022")
    assert one.message == "the key 'language' is missing: how the query is to be read is not said"
