"""Rule files of each layout, as small samples: what is said of a rule, its query, and the query's place."""

from __future__ import annotations

import gzip
import json
import pickle
import textwrap
from pathlib import Path

from corpus_samples import ARMORY, DETECTION, SAVED, Write

from rulescope.corpus import assemble, find_rule_files, read_corpus, read_file
from rulescope.ir import Attack
from rulescope.text import Position


def test_armory(repository: Path, write: Write) -> None:
    write("detections/auth/odd_logon/odd_logon-splunk-winevent.yml", ARMORY)
    twin = ARMORY.replace("Splunk", "snowflake").replace("12.34", "12.35")
    write("detections/auth/odd_logon/odd_logon-snowflake-okta.yml", twin)
    corpus = read_corpus([repository])
    other, rule = corpus.rules
    info = rule.info
    assert info.path == "own_rules/detections/auth/odd_logon/odd_logon-splunk-winevent.yml"
    assert info.repository == "own_rules"
    assert info.title == "Odd Logon (Windows Event Logs)"
    assert info.identifier == "12.34"
    assert info.description == "Somebody logs on from far away."
    assert info.language == "spl"
    assert info.license == "MIT"
    assert info.references == ("https://example.org/logon",)
    assert info.data_categories == ("Authentication logs",)
    assert info.log_source.names == ("winevent",)
    assert info.variant_group == "own_rules/detections/auth/odd_logon"
    assert info.variant_label == "Windows Event Logs"
    assert info.attack == (
        Attack("T1078", "initial-access"),
        Attack("T1078", "persistence"),
        Attack("T1110.003", "credential-access"),
    )
    assert rule.query_text == "`get_logs` action='logon' | stats count by user "
    assert rule.source.position(0) == Position(6, 9)
    assert rule.source.position(rule.query_text.index("stats")) == Position(7, 5)
    assert (other.info.language, other.info.title) == ("snowflake", "Odd Logon (Okta)")
    assert other.info.variant_group == info.variant_group
    assert corpus.problems == []


def test_a_word_of_the_rule_at_the_end_of_an_armory_file_is_no_log_source(repository: Path, write: Write) -> None:
    write("d/add_role/add_role-splunk-add.yml", ARMORY)
    write("d/shell/shell-splunk-waf .yml", ARMORY.replace("12.34", "12.35"))
    titles = [rule.info.title for rule in read_corpus([repository]).rules]
    assert titles == ["Odd Logon", "Odd Logon (WAF)"]


def test_security_content_with_its_tags_beside_the_others(repository: Path, write: Write) -> None:
    """The format of security_content since spring 2026: no `tags`, what stood below it is at the top."""
    before, after = DETECTION.split("tags:\n")
    inner, rest = after.split("tests:\n")
    write("detections/rare_service.yml", before + textwrap.dedent(inner) + "tests:\n" + rest)
    (rule,) = read_corpus([repository]).rules
    assert rule.info.attack == (Attack("T1543.003", None),)
    assert rule.info.tags == ("Living Off The Land", "CVE-2024-0001")
    assert rule.info.risk_score == 64


def test_security_content(repository: Path, write: Write) -> None:
    write("detections/endpoint/rare_service.yml", DETECTION)
    write("macros/pair.yml", 'arguments:\n  - field\n  - other\ndefinition: "eval $field$=\\"$other$\\""\nname: pair\n')
    write(
        "lookups/domains.yml",
        "name: domains\nfilename: domains.csv\ndefault_match: 'false'\nmatch_type: WILDCARD(domain), CIDR(ip)\n"
        "min_matches: 1\nmax_matches: 5\ncase_sensitive_match: 'false'\n",
    )
    write("lookups/domains.csv", "domain,ip,note\n*.example.org,10.0.0.0/8,x\n")
    write("lookups/store.yml", "name: store\ncollection: store\nfields_list: _key, user, first_seen\n")
    write(
        "data_sources/s.yml",
        "name: Sysmon EventID 1\nid: x\nsource: S\nsourcetype: T\nseparator: EventID\nfields:\n- a\n- b\n",
    )
    corpus = read_corpus([repository])
    (rule,) = corpus.rules
    info = rule.info
    assert (info.title, info.identifier) == ("Rare Service", "11111111-2222-3333-4444-555555555555")
    assert (info.author, info.modified, info.status, info.kind) == ("A. Author", "2024-09-30", "production", "TTP")
    assert info.risk_score == 64
    assert info.attack == (Attack("T1543.003", None),)
    assert info.tags == ("Living Off The Land", "CVE-2024-0001")
    assert info.log_source.names == ("Sysmon EventID 1",)
    assert info.false_positives == "New software."
    assert info.implementation == "Turn on the log."
    assert [(test.name, test.data, test.source) for test in info.tests] == [
        (
            "True Positive Test",
            ("https://example.org/one.log", "https://example.org/two.log"),
            "XmlWinEventLog:Security",
        ),
        ("True Positive Test", ("https://example.org/three.log",), "other"),
    ]
    assert rule.source.position(0) == Position(11, 10)
    (macro,) = corpus.macros
    assert (macro.name, macro.arguments, macro.definition) == ("pair", ("field", "other"), 'eval $field$="$other$"')
    domains, store = corpus.lookups
    assert domains.match_types == (("domain", "WILDCARD"), ("ip", "CIDR"))
    assert (domains.minimum_matches, domains.maximum_matches, domains.default_match) == (1, 5, "false")
    assert domains.case_sensitive is False
    assert domains.fields == ("domain", "ip", "note")
    assert domains.table == repository / "lookups/domains.csv"
    assert store.fields == ("_key", "user", "first_seen")
    assert store.table is None
    (source,) = corpus.data_sources
    assert (source.name, source.source, source.sourcetype, source.fields) == ("Sysmon EventID 1", "S", "T", ("a", "b"))
    assert corpus.problems == []


def test_splunk_app_layers(repository: Path, write: Write) -> None:
    write("app/default/savedsearches.conf", SAVED)
    write("app/local/savedsearches.conf", "[Failed logons]\r\ndisabled = 1\r\n[Own one]\r\nsearch = index=b\r\n")
    write(
        "app/default/macros.conf",
        "[both(2)]\nargs = a, b\ndefinition = $a$=$b$\niseval = 0\nerrormsg = no\n[one]\ndefinition = x\n",
    )
    write("app/local/macros.conf", "[one]\ndefinition = y\n")
    write(
        "app/default/transforms.conf",
        "[users]\nfilename = users.csv\nmatch_type = WILDCARD(user)\nmax_matches = 1\n[extract]\nREGEX = (a)\n",
    )
    write("app/lookups/users.csv", '"user","team"\n')
    write("app/default/props.conf", "[x]\nTIME_FORMAT = y\n")
    corpus = read_corpus([repository])
    failed, own = corpus.rules
    assert failed.info.path == "own_rules/app/default/savedsearches.conf#Failed logons"
    assert own.info.path == "own_rules/app/local/savedsearches.conf#Own one"
    assert failed.query_text == "index=wineventlog EventCode=4625 \n| stats count by user \n   # not a comment"
    assert failed.source.position(0) == Position(9, 10)
    assert failed.source.position(failed.query_text.index("stats")) == Position(10, 3)
    assert failed.source.position(failed.query_text.index("#")) == Position(11, 4)
    assert (failed.info.title, failed.info.description) == ("Failed logons", "of all")
    assert failed.info.status == "disabled"
    assert (failed.info.severity, failed.info.risk_score) == ("error", 40)
    assert failed.info.attack == (Attack("T1110", None),)
    assert failed.info.tags == ("Guessing",)
    assert own.source.position(0) == Position(4, 10)
    both, one = corpus.macros
    assert (both.name, both.arguments, both.definition, both.is_eval) == ("both", ("a", "b"), "$a$=$b$", False)
    assert both.error_message == "no"
    assert (one.definition, one.path) == ("y", "own_rules/app/local/macros.conf#one")
    (lookup,) = corpus.lookups
    assert (lookup.name, lookup.match_types, lookup.maximum_matches) == ("users", (("user", "WILDCARD"),), 1)
    assert lookup.fields == ("user", "team")
    assert [problem.diagnostic.code for problem in corpus.problems] == ["RUL004"]
    assert corpus.counts.no_rule_by_suffix == {"": 1, ".conf": 1}


def test_plain_spl(repository: Path, write: Write) -> None:
    write("hunt/odd_logons.spl", "```Who logs on at night?```\n``` Ask them. ```\nindex=a ```inner``` | head 1\n")
    write("hunt/empty.spl", "```only a comment```\n")
    corpus = read_corpus([repository])
    (rule,) = corpus.rules
    assert rule.info.title == "odd logons"
    assert rule.info.description == "Who logs on at night?\nAsk them."
    assert rule.source.position(rule.query_text.index("index=a")) == Position(3, 1)
    assert [(problem.path, problem.diagnostic.code) for problem in corpus.problems] == [
        ("own_rules/hunt/empty.spl", "RUL004")
    ]


def test_json_lines(repository: Path, write: Write) -> None:
    records = [
        {"app": "7", "name": "A", "search": 'index=a "x" \n| head 1'},
        {"app": "7", "name": "A", "search": "index=b 😀 c"},
        {"app": "7", "name": "B", "search": ""},
    ]
    lines = [json.dumps(record) for record in records] + [
        "{broken",
        '{"name": "C", "search": "c", "n": [1, {"search": 2}]}',
    ]
    write("saved_searches.jsonl.gz", gzip.compress("\n".join(lines).encode()))
    write(
        "macros.jsonl",
        '{"name": "m(2)", "definition": "a", "args": "x, y", "iseval": "1"}\n{"name": "m(1)", "definition": "b"}\n',
    )
    corpus = read_corpus([repository])
    assert [rule.info.path for rule in corpus.rules] == [
        "own_rules/saved_searches.jsonl.gz#7/A",
        "own_rules/saved_searches.jsonl.gz#7/A~2",
        "own_rules/saved_searches.jsonl.gz#C",
    ]
    first, second, _ = corpus.rules
    line = lines[0]
    assert first.query_text == 'index=a "x" \n| head 1'
    for character in ("x", "|", "1"):
        place = first.source.position(first.query_text.index(character))
        assert place == Position(1, line.index(character, line.index("index=")) + 1)
    assert first.source.position(first.query_text.index("\n")) == Position(1, line.index("\\n") + 1)
    assert second.source.position(second.query_text.index("c")) == Position(2, lines[1].rindex("c") + 1)
    assert second.source.line(2) == lines[1]
    assert [(macro.name, macro.arguments, macro.is_eval) for macro in corpus.macros] == [
        ("m", ("argument1",), False),
        ("m", ("x", "y"), True),
    ]
    assert sorted(problem.diagnostic.code for problem in corpus.problems) == ["RUL003", "RUL004"]


def test_languages_to_come_are_counted(repository: Path, write: Write) -> None:
    write("a.yml", "title: S\nlogsource:\n  product: windows\ndetection:\n  a:\n    b: c\n  condition: a\n")
    write("b.toml", '[metadata]\nmaturity = "production"\n\n[rule]\nname = "E"\nlanguage = "dax"\nquery = "a"\n')
    write("c.yaml", "id: x\nname: K\nquery: |\n  Logs\nqueryFrequency: 1h\n")
    write("d.md", "# M\n\n```KQL\nLogs\n```\n")
    write("e.md", "# No query\n")
    write("detections/f.yml", ARMORY.replace("Splunk", "sumo"))
    write("pyproject.toml", "[tool.x]\n")
    write("ci.yml", "on: push\njobs: {}\n")
    corpus = read_corpus([repository])
    assert [(rule.language, rule.title) for rule in corpus.unread] == [("dax", "E"), ("sumo", "Odd Logon")]
    assert corpus.counts.unread_by_language == {"dax": 1, "sumo": 1}
    assert corpus.counts.by_outcome == {"no rule": 4, "not yet read": 2, "rules": 3}
    assert [rule.info.language for rule in corpus.rules] == ["sigma", "kusto", "kusto"]
    assert corpus.counts.no_rule_by_suffix == {"": 1, ".md": 1, ".toml": 1, ".yml": 1}


def test_one_identifier_twice(repository: Path, write: Write) -> None:
    write("detections/a.yml", DETECTION)
    write("detections/b.yml", DETECTION)
    corpus = read_corpus([repository])
    assert len(corpus.rules) == 2
    first, second = corpus.problems
    assert (first.path, first.diagnostic.code, first.diagnostic.severity) == (
        "own_rules/detections/a.yml",
        "RUL006",
        "info",
    )
    assert "own_rules/detections/b.yml" in first.diagnostic.message
    assert "own_rules/detections/a.yml" in second.diagnostic.message


def test_contents_can_be_kept_and_put_together_in_any_order(repository: Path, write: Write) -> None:
    write("detections/a.yml", DETECTION)
    write("d/odd/odd-splunk-edr.yml", ARMORY)
    write("app/default/savedsearches.conf", SAVED)
    contents = [read_file(found) for found in find_rule_files([repository])]
    kept = pickle.loads(pickle.dumps(contents))
    corpus, again = assemble(contents), assemble(reversed(kept))
    assert [rule.info for rule in corpus.rules] == [rule.info for rule in again.rules]
    assert [rule.source.position(5) for rule in corpus.rules] == [rule.source.position(5) for rule in again.rules]
    assert corpus.counts == again.counts
