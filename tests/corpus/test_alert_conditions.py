"""What a rule's file says and Rulescope does not apply, or can't read for a misspelt key, is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus_samples import Write

from rulescope.corpus import read_corpus

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


def test_a_misspelt_key_of_a_macro_is_named(repository: Path, write: Write) -> None:
    write("macros.conf", "[z]\ndefintion = x=1\n[y]\ndefinition = x=2\n")
    (problem,) = read_corpus([repository]).problems
    assert problem.diagnostic.message == "the macro 'z' has no definition: it has 'defintion', but no 'definition'"


def test_an_elastic_rule_without_language_says_so(repository: Path, write: Write) -> None:
    write("a.toml", '[rule]\nname = "A"\ntype = "query"\nquery = "a:1"\n')
    (one,) = read_corpus([repository]).passed_over
    assert (one.account, one.code) == ("unreadable", "RUL022")
    assert one.message == "the key 'language' is missing: how the query is to be read is not said"
