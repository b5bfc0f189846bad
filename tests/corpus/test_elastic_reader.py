"""Elastic's TOML: values with their places in all kinds of strings, filters, and files that are broken or hostile."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest

from rulescope.corpus import read_corpus
from rulescope.corpus.query_dsl import filter_predicate
from rulescope.corpus.toml_places import toml_values
from rulescope.ir import Compare, Not, Test, stages

HEAD = '[metadata]\nmaturity = "production"\n\n[rule]\nname = "R"\ntype = "eql"\nlanguage = "eql"\n'
NOTE = "note = \"\"\"\nquery = '''\nnot this one\n'''\n\"\"\"\n"


@pytest.mark.parametrize(
    "written",
    [
        "'''\nany where a == \"x\"\n'''", '"""\nany where a == \\"x\\\\y\\"\n"""',
        '"any where a == \\"x\\""', "'any where b'",
        '"""any where \\\n   a == 1 """', "'''any where a == 'x' or b == ''y'' '''", '"""any where a == \\u0041"""',
        '"""\r\nany where a\r\n and b\r\n"""', "'''\r\nany where a\r\n and b\r\n'''", '"""any where "a" """',
        "'''any where a == \"C:\\\nb\"'''",
    ],
    ids=range(11),
)  # fmt: skip
def test_every_character_leads_back(written: str) -> None:
    text = HEAD + NOTE + "query = " + written + '\n\n[rule.threshold]\nfield = ["a"]\nvalue = 3\n'
    expected = tomllib.loads(text)["rule"]["query"]
    found = toml_values(text)["rule.query"]
    assert found.value == expected
    places = dict(found.offsets)
    assert places
    run, start = 0, found.offsets[0][1]
    for offset, character in enumerate(expected):
        if offset in places:
            run, start = offset, places[offset]
        there = text[start + offset - run]
        assert there == character or there in "\\\r", (offset, character, there)


def test_values_of_other_kinds_are_stepped_over() -> None:
    text = 'a = [\n "x]", # ]\n \'y\',\n]\nb = {c = "}"}\nd = 1\n[t."u.v"]\n'
    text += '"k l" = "e"\n[[r]]\nx = "1"\n[[r]]\nx = "2"\n'
    found = toml_values(text)
    assert text[found["a"].start : found["a"].end].endswith("]")
    assert text[found["b"].start : found["b"].end] == '{c = "}"}'
    assert found['t."u.v"."k l"'].value == "e"
    assert found["r.x"].value == "1"


@pytest.mark.parametrize("text", ['"' * 4000, "[" * 9000, "a=" * 9000, "a='''" * 3000, 'a="""\\' * 3000, "a=[{" * 4000])
def test_hostile_text_takes_no_time(text: str) -> None:
    start = time.process_time()
    toml_values(text)
    assert time.process_time() - start < 3


def test_a_rule_with_all_its_parts(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(
        HEAD
        + 'index = ["logs-a-*", "b"]\nbuilding_block_type = "default"\nevent_category_override = "event.type"\n'
        + "query = '''\nprocess where a == \"x\"\n'''\n"
        + '[[rule.filters]]\n[rule.filters.meta]\nnegate = true\n[rule.filters.query.exists]\nfield = "z"\n'
        + '[[rule.threat]]\nframework = "MITRE ATT&CK"\n[rule.threat.tactic]\nname = "Execution"\n'
        + '[rule.alert_suppression]\ngroup_by = ["h"]\n[rule.alert_suppression.duration]\nvalue = 5\nunit = "m"\n',
        encoding="utf-8",
    )
    (rule,) = read_corpus([tmp_path]).rules
    assert rule.info.kind == "eql, building block"
    assert [(one.technique_id, one.tactic) for one in rule.info.attack] == [(None, "Execution")]
    assert rule.frame is not None
    assert rule.frame.category_field == "event.type"
    (origin,) = rule.frame.leading
    assert isinstance(origin, stages.Origin) and origin.names == ("logs-a-*", "b")
    where, suppress = rule.frame.trailing
    assert isinstance(where, stages.Where) and where.predicate == Not(Compare("z", "exists"))
    assert isinstance(suppress, stages.Suppress) and (suppress.by, suppress.duration) == (
        ("h",),
        stages.Interval("5m", 5.0, "m"),
    )
    place = rule.source.position(rule.query_text.index('"x"'))
    assert (place.line, place.column) == (12, 20)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("", "is missing or empty"),
        ('query = " "', "is missing or empty"),
        ("query = 5", "holds no text"),
        ('query = ["process where true"]', "holds no text"),
    ],
)
def test_why_a_rule_has_no_query(tmp_path: Path, line: str, what: str) -> None:
    (tmp_path / "r.toml").write_text(HEAD + line + "\n", encoding="utf-8")
    (problem,) = read_corpus([tmp_path]).problems
    assert problem.diagnostic.message == f"the rule has no query: 'query' {what}"


@pytest.mark.parametrize("text", [HEAD + "query = '''open\n", HEAD + "x = " + "[" * 5000, HEAD, HEAD + 'query = ""\n'])
def test_broken_files_are_reported(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.toml").write_text(text, encoding="utf-8")
    corpus = read_corpus([tmp_path])
    assert corpus.rules == []
    assert [problem.diagnostic.code for problem in corpus.problems] in (["RUL003"], ["RUL004"])


def test_filters() -> None:
    wildcard = {"query": {"wildcard": {"p": {"case_insensitive": True, "value": "C:\\\\a*"}}}}
    plain = Compare("p", "starts_with", ("C:\\a",), True)
    assert filter_predicate(wildcard) == plain
    assert filter_predicate({"meta": {"negate": True}, **wildcard}) == Not(plain)
    assert filter_predicate({"meta": {"disabled": True}, **wildcard}) is None
    assert filter_predicate({"query": {"match_phrase": {"a": "b"}}}) == Compare("a", "eq", ("b",))
    assert isinstance(filter_predicate({"query": {"script": {"source": "x"}}}), Test)
