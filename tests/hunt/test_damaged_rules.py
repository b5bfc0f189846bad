"""A rule whose reading has an error is refused by every verb; what is doubtful in one that runs is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rulescope.api.explain import explain
from rulescope.api.named_query import find_query
from rulescope.api.query import text_query
from rulescope.api.run import RunReport, run
from rulescope.api.search import search
from rulescope.api.sql import sql_of
from rulescope.corpus.macro_libraries import pack_macros
from rulescope.hunt.bound_rule import bind_rule
from rulescope.hunt.settings import Settings
from rulescope.ir import ParsedQuery, Pipeline
from rulescope.languages.registry import parser_of
from rulescope.languages.spl import Macro, MacroLibrary, parse_search
from rulescope.text import Diagnostic, Source

EVENTS = [
    {"_time": 0, "user": "ann", "x": "whoami", "EventCode": "1"},
    {"_time": 1, "user": "bob", "x": "net user", "EventCode": "1"},
]
SAVED = """\
[whole]
search = user=* | search user=ann

[cut]
search = user=*
| search user=ann

[twice]
search = user=ann
search = user=*

[unclosed
search = user=ann
"""
DETECTION = "name: {name}\nid: '1'\ntype: TTP\nsearch: {search}\ndescription: d\n"
BROKEN = {
    "spl": ('user=* | where match(x, "(?i)whoami" | stats count by user', "SPL004"),
    "eql": ('any where user == "ann" and (x == "whoami"', "EQL002"),
    "kuery": ('user: ann and (x: "whoami"', "KQL002"),
    "lucene": ('user:ann AND (x:"whoami"', "LUC002"),
    "esql": ('FROM logs | WHERE user == "ann" and (x == "whoami"', "ESQ002"),
    "kusto": ("SecurityEvent | where Account == 'ann' | sample 3 (", "KUS002"),
    "snowflake": ("select * from t where a = null [", "SNO002"),
}


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("logs") / "events.jsonl"
    path.write_text("\n".join(map(json.dumps, EVENTS)))
    return path


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, logs: Path) -> RunReport:
    folder = tmp_path_factory.mktemp("rules")
    files = {
        "open.spl": BROKEN["spl"][0].encode(),
        "unknown.spl": b"user=* | stat count",
        "operator.spl": b'user=* | where x contains "who"',
        "quote.spl": b'user=*" | stats count',
        "words.spl": b"user=ann or user=bob",
        "bytes.spl": b'user="ann\xff"',
        "open.kql": BROKEN["kusto"][0].encode(),
        "open.yml": DETECTION.format(name="open", search=BROKEN["spl"][0]).encode(),
        "twice.yml": DETECTION.format(name="twice", search="user=ann\nsearch: user=*").encode(),
        "savedsearches.conf": SAVED.encode(),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return run([folder], [logs], Settings(now="0"), jobs=1)


def outcomes(report: RunReport) -> dict[str, tuple[str, str | None]]:
    return {one.path.partition("/")[2]: (one.outcome.status, one.outcome.code) for one in report.rules}


def test_rules_with_an_error_are_refused(report: RunReport) -> None:
    found = outcomes(report)
    refused = {name: code for name, (status, code) in found.items() if status == "refused"}
    assert refused == {
        "open.spl": "SPL004",
        "unknown.spl": "SPL021",
        "operator.spl": "SPL028",
        "quote.spl": "SPL001",
        "open.kql": "KUS002",
        "open.yml": "SPL004",
    }
    assert {status for status, _ in found.values()} == {"run", "refused"}


def test_warnings_of_the_reading_are_told(report: RunReport) -> None:
    told = {
        one.path.partition("/")[2]: [found.code for found in one.outcome.warnings]
        for one in report.rules
        if one.outcome.status == "run"
    }
    assert told == {
        "words.spl": ["SPL015"],
        "bytes.spl": ["RUL001"],
        "twice.yml": ["RUL008"],
        "savedsearches.conf#whole": [],
        "savedsearches.conf#cut": ["RUL011"],
        "savedsearches.conf#twice": ["RUL008"],
        "savedsearches.conf#unclosed": [],  # read as the stanza that it looks like; told of the file, below
    }


def test_what_files_lose_is_told_where_no_rule_tells_it(report: RunReport) -> None:
    (line,) = [number for number, text in enumerate(SAVED.splitlines(), start=1) if text == "[unclosed"]
    told = [(one.code, one.message) for one in report.file_warnings]
    (path,) = {one.path.partition("#")[0] for one in report.rules if one.path.endswith("#whole")}
    assert told == [("RUL011", f"{path}, line {line}: a stanza without its closing bracket")]
    assert report.file_warnings[0].rules == (path,)
    assert report.warnings()[-1] == report.file_warnings[0]


@pytest.mark.parametrize("language", BROKEN)
def test_search_runs_no_query_with_an_error(language: str, logs: Path) -> None:
    text, code = BROKEN[language]
    answer = search(text, [logs], Settings(now="0"), language=language)
    assert answer.failed
    assert answer.rows == ()
    assert code in [note.code for note in answer.notes if note.severity == "error"]


@pytest.mark.parametrize("language", BROKEN)
def test_explain_says_it_of_no_query_with_an_error(language: str) -> None:
    text, code = BROKEN[language]
    page = explain(text, language)
    assert page.parse != "full"
    assert code in [found.code for found in page.diagnostics]


def test_sql_plans_no_search_with_an_error() -> None:
    answer = sql_of(text_query(BROKEN["spl"][0]), "duckdb")
    assert answer.sql is None
    assert [note.code for note in answer.notes] == ["SPL004"]


def test_explain_tells_what_is_wrong_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "savedsearches.conf"
    path.write_text("[cut]\nsearch = user=*\n| search user=ann\n")
    page = explain(find_query(str(path)))
    assert {found.code for found in page.diagnostics} == {"RUL011"}


def test_an_error_makes_a_query_partial_whatever_its_parser_says() -> None:
    pipeline = Pipeline(())
    error = Diagnostic("SPL004", "wrong")
    parsed = ParsedQuery(Source("x"), pipeline, pipeline, "full", (error,))
    assert parsed.status == "partial"
    warned = ParsedQuery(Source("x"), pipeline, pipeline, "full", (Diagnostic("SPL015", "odd", severity="warning"),))
    assert warned.status == "full"


def test_errors_are_listed_before_what_is_cut_off() -> None:
    text = "user=ann or " * 300 + "user=bob"
    parsed = parse_search(f"{text} | where (x=1")
    assert parsed.status == "partial"
    assert "SPL004" in [found.code for found in parsed.diagnostics]


def test_a_quote_left_out_is_said_where_macros_are_put_in_too() -> None:
    library = MacroLibrary([Macro("who", "user=ann")])
    parsed = parse_search('"`who` ("x" OR "y")', library)
    assert [found.code for found in parsed.diagnostics] == ["SPL001"]
    assert parsed.status == "partial"


def test_a_mended_macro_call_is_an_error_of_a_search_that_reads_well() -> None:
    library = MacroLibrary([Macro("who", "user=$name$", ("name",))])
    parsed = parse_search('index=a `who("ann)` | where', library)
    assert "SPL001" in [found.code for found in parsed.diagnostics]
    parsed = parse_search('index=a `who("ann)`', library)
    assert [found.code for found in parsed.diagnostics] == ["SPL001"]
    assert parsed.status == "partial"


def test_what_a_macro_closes_is_no_error() -> None:
    library = MacroLibrary([Macro("close", "user=bob)")])
    parsed = parse_search("(user=ann OR `close`", library)
    assert parsed.diagnostics == ()
    assert parsed.status == "full"


def test_hidden_errors_of_inner_queries_count() -> None:
    parsed = parser_of("esql")(Source('FROM a | WHERE KQL("user: (ann")'), None)
    assert parsed.status != "full"


def test_a_rule_is_bound_with_its_warnings() -> None:
    bound = bind_rule(parse_search("a or b", MacroLibrary(pack_macros())), "spl")
    assert [found.code for found in bound.warnings] == ["SPL015"]


@pytest.mark.parametrize(
    "text",
    ['index=a | where searchmatch("(user=ann")', 'index=a | map search="search (user=$user$"'],
)
def test_a_search_inside_a_text_is_mended_with_a_word_too(text: str) -> None:
    parsed = parse_search(text)
    assert [found.code for found in parsed.diagnostics] == ["SPL004"]
    assert parsed.status == "partial"


LISTED = "name: listed\nlogsource: {product: x}\ndetection:\n  s: {user: bob}\n  condition: s\n"
SIGMA = {
    "rule": {
        "title": "whole",
        "logsource": {"product": "x"},
        "detection": {"s": {"user|startswith": "a", "x": ["whoami", "net user"]}, "condition": "s"},
    },
    "filtered": {
        "title": "whole",
        "logsource": {"product": "x"},
        "detection": {"s": {"user": ["ann", "bob"]}, "f": {"x": "net user"}, "condition": "s and not f"},
    },
    "correlation": {
        "title": "whole",
        "correlation": {
            "type": "event_count", "rules": ["listed"], "group-by": ["user"], "timespan": "1h", "condition": {"gte": 2},
        },
    },
}  # fmt: skip
UNUSABLE: tuple[object, ...] = ({"a": {"b": "c"}}, [["a"]], [], {}, [{"a": {"b": ["c"]}}])
"""What is a value of no part of a rule."""


def damaged(value: object) -> Iterator[object]:
    """The value with each of its parts, at any depth, made one of what is unusable."""
    yield from UNUSABLE
    if isinstance(value, dict):
        for key, one in value.items():
            yield from ({**value, key: other} for other in damaged(one))
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from ([*value[:place], other, *value[place + 1 :]] for other in damaged(one))


@pytest.mark.parametrize("kind", SIGMA)
def test_no_damaged_sigma_rule_finds_more_without_a_word(kind: str, tmp_path: Path, logs: Path) -> None:
    """JSON is YAML, so the rule is written as that."""
    whole = SIGMA[kind]
    part = "correlation" if kind == "correlation" else "detection"
    texts = [json.dumps(whole), *(json.dumps({**whole, part: one}) for one in damaged(whole[part]))]
    for number, text in enumerate(texts):
        (tmp_path / f"{number:03}.yml").write_text(f"{text}\n---\n{LISTED}" if kind == "correlation" else text)
    report = run([tmp_path], [logs], Settings(now="0"), jobs=1)
    found: dict[str, tuple[str, int, bool]] = {}
    for one in report.rules:
        if one.path.rpartition("/")[2].partition("#")[2] == "":
            found[one.path[-7:-4]] = (one.outcome.status, one.outcome.count, bool(one.outcome.warnings))
    unread = {Path(one.path).stem for one in report.unreadable}
    assert found["000"][0] == "run"
    assert {*found, *unread} == {f"{number:03}" for number in range(len(texts))}
    more = {
        texts[int(name)]
        for name, (status, count, warned) in found.items()
        if status == "run" and count > found["000"][1] and not warned
    }
    assert more == set()


def test_a_blank_after_a_backslash_is_no_guess(tmp_path: Path, logs: Path) -> None:
    text = '[a]\nsearch = user=* \\ \n  name="*zzz.exe"\n[b]\nsearch = user=* \\\n  | stats count\n'
    text += "[c]\nsearch = user=* \\ \n"
    (tmp_path / "savedsearches.conf").write_text(text)
    report = run([tmp_path], [logs], Settings(now="0"), jobs=1)
    found = {one.path.partition("#")[2]: (one.outcome.status, one.outcome.code) for one in report.rules}
    assert found["a"] == ("refused", "RUL011")
    assert found["b"] == ("run", None)
    # Nothing stands behind the last line that could be meant.
    assert found["c"][1] != "RUL011"
    assert [one.code for one in report.file_warnings] == ["RUL011"]
