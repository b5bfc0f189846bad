"""Rules of thousands of stages, brackets and operands: run, or refused by name, within seconds, in every language."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from rulescope.api.explain import explain
from rulescope.api.search import search
from rulescope.errors import InputError
from rulescope.hunt.settings import Settings
from rulescope.hunt.stage_count import MOST_STAGES

MANY = 5_000
SECONDS = 30.0
"""Far beyond what any of these takes, so that a busy machine fails none."""
CTES = "with c0 as (select * from awscloudtral)" + "".join(
    f", c{n} as (select * from c{n - 1})" for n in range(1, MANY)
)
# Language, text, and the codes of which one says why it is not run.
LARGE = {
    "spl-stages": ("spl", "a=*" + " | where a=1" * MANY, {"RUN124"}),
    "spl-appends": ("spl", "a=*" + " | append [search a=1]" * MANY, {"RUN124"}),
    "spl-parentheses": ("spl", "(" * MANY + "a=1" + ")" * MANY, {"SPL005"}),
    "spl-subsearches": ("spl", "a=1 [search " * MANY + "]" * MANY, {"SPL005"}),
    "spl-operands": ("spl", " OR ".join(f"a={n}" for n in range(100_000)), {"SPL006", "RSC910"}),
    "spl-sum": ("spl", "a=* | eval b=" + "+".join(["1"] * MANY), {"SPL005", "RUN015"}),
    "eql-pipes": ("eql", 'any where a == "1"' + " | head 5" * MANY, {"RUN124"}),
    "eql-parentheses": ("eql", "any where " + "(" * MANY + "a == 1" + ")" * MANY, {"EQL003"}),
    "eql-sum": ("eql", "any where a == " + " + ".join(["1"] * MANY), {"EQL003", "RUN015"}),
    "kuery-parentheses": ("kuery", "(" * MANY + "a:1" + ")" * MANY, {"KQL003"}),
    "lucene-parentheses": ("lucene", "(" * MANY + "a:1" + ")" * MANY, {"LUC003"}),
    "esql-stages": ("esql", "FROM a" + ' | WHERE a == "1"' * MANY, {"RUN124"}),
    "esql-sum": ("esql", "FROM a | EVAL b = " + "+".join(["1"] * MANY), {"ESQ003", "RUN015"}),
    "kusto-stages": ("kusto", "SecurityEvent" + ' | where Account == "x"' * MANY, {"RUN124"}),
    "kusto-unions": ("kusto", "union " + ",".join(["SecurityEvent"] * MANY), {"RUN124"}),
    "kusto-parentheses": ("kusto", "T | where " + "(" * MANY + "a == 1" + ")" * MANY, {"KUS003"}),
    "snowflake-ctes": ("snowflake", f"{CTES} select * from c{MANY - 1}", {"RUN046"}),
    "snowflake-parentheses": ("snowflake", "select * from t where " + "(" * MANY + "a=1" + ")" * MANY, {"SNO003"}),
}


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_text(json.dumps({"_time": 0, "a": "1"}))
    return path


@pytest.mark.parametrize("name", LARGE)
def test_a_large_query_is_refused_by_name_within_seconds(name: str, logs: Path) -> None:
    language, text, codes = LARGE[name]
    begun = time.monotonic()
    try:
        answer = search(text, [logs], Settings(now="0"), language=language)
    except InputError as error:
        found = {error.code}
    else:
        assert answer.failed
        found = {note.code for note in answer.notes if note.severity == "error"}
    assert found & codes
    assert time.monotonic() - begun < SECONDS


@pytest.mark.parametrize("name", LARGE)
def test_a_large_query_is_explained_within_seconds(name: str) -> None:
    language, text, _ = LARGE[name]
    begun = time.monotonic()
    try:
        said = {found.code for found in explain(text, language).diagnostics}
    except InputError as error:
        said = {error.code}
    assert "RSC900" not in said
    assert time.monotonic() - begun < SECONDS


def test_as_many_stages_as_are_run_run(logs: Path) -> None:
    text = "a=*" + " | where a=1" * (MOST_STAGES - 1)
    answer = search(text, [logs], Settings(now="0"))
    assert not answer.failed
    assert len(answer.rows) == 1
    assert [note.code for note in search(f"{text} | head", [logs], Settings(now="0")).notes][-1] == "RUN124"
