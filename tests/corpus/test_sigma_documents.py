"""Sigma files of several documents: none is passed over, whatever it is, and no rule runs without those it needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus_samples import Write

from rulescope.corpus import Corpus, RuleFile, read_corpus
from rulescope.errors import Refusal
from rulescope.hunt.bound_rule import bind_rule, read_query
from rulescope.languages.spl import MacroLibrary

RULE = """\
title: Rule
name: r
logsource: {product: x}
detection:
  s: {e: 1}
  condition: s
"""
FILTER = """\
title: Filter
logsource: {product: x}
filter:
  rules: [r]
  s: {u: adm}
  condition: s
"""
CORRELATION = """\
title: Many
name: many
correlation:
  type: event_count
  rules: [r]
  group-by: [u]
  timespan: 1h
  condition: {gte: 2}
"""


def verdict(rule: RuleFile) -> str:
    """`run`, or the code of the refusal."""
    try:
        bind_rule(read_query(rule.source, "sigma", MacroLibrary(), rule.frame), "sigma")
    except Refusal as error:
        return error.code or ""
    return "run"


def verdicts(corpus: Corpus) -> dict[str, str]:
    """What becomes of each rule that is one of its own, by its path without the repository."""
    return {rule.info.path.partition("/")[2]: verdict(rule) for rule in corpus.rules if rule.alone}


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ((RULE,), {"a.yml": "run"}),
        ((RULE, FILTER), {"a.yml": "run"}),
        ((RULE, ""), {"a.yml": "run"}),
        ((CORRELATION, RULE), {"a.yml": "run"}),
        ((RULE, "- a\n"), {"a.yml": "RUL023"}),
        ((RULE, "just words\n"), {"a.yml": "RUL023"}),
        ((RULE, "title: {\n"), {"a.yml": "RUL003"}),
        ((RULE, FILTER.replace("condition: s", "conditon: s")), {"a.yml": "SIG010"}),
        ((RULE, FILTER.replace("rules: [r]", "rules:")), {"a.yml": "SIG003"}),
        ((RULE, FILTER.replace("filter:", "fliter:")), {"a.yml": "run", "a.yml#2": "SIG002"}),
        ((RULE.replace("detection", "detecton"),), {"a.yml": "SIG002"}),
        ((RULE.replace("  condition: s", "condition: s"),), {"a.yml": "SIG010"}),
        ((RULE.replace("title: Rule\n", ""),), {"a.yml": "run"}),
        ((RULE + "detection:\n  s: {e: 2}\n  condition: s\n",), {"a.yml": "SIG004"}),
        ((CORRELATION, RULE.replace("condition: s", "conditions: s")), {"a.yml": "SIG010"}),
        ((CORRELATION, RULE, FILTER.replace("{u: adm}", "{u|startwith: adm}")), {"a.yml": "SIG020"}),
        ((CORRELATION, RULE, FILTER.replace("[r]", "[many]")), {"a.yml": "SIG032"}),
        ((CORRELATION.replace("[r]", "[many]"),), {"a.yml": "SIG034"}),
        ((CORRELATION.replace("name: many", "name: r"), CORRELATION.replace("[r]", "[r, many]")),
         {"a.yml": "SIG034", "a.yml#2": "SIG034"}),
        ((CORRELATION.replace("[r]", "[b]"), CORRELATION.replace("name: many", "name: b").replace("[r]", "[many]")),
         {"a.yml": "SIG034", "a.yml#2": "SIG034"}),
        (("action: globl\nlogsource: {product: x}\n", RULE), {"a.yml": "SIG003", "a.yml#2": "run"}),
    ],
)  # fmt: skip
def test_what_becomes_of_a_file(
    repository: Path, write: Write, documents: tuple[str, ...], expected: dict[str, str]
) -> None:
    write("a.yml", "---\n".join(documents))
    assert verdicts(read_corpus([repository])) == expected


def test_a_filter_of_a_part_is_put_on_it(repository: Path, write: Write) -> None:
    write("a.yml", "---\n".join((CORRELATION, RULE, FILTER)))
    (whole,) = [rule for rule in read_corpus([repository]).rules if rule.alone]
    assert "u: adm" in whole.query_text


def test_a_filter_is_put_on_rules_of_other_files(repository: Path, write: Write) -> None:
    write("rule.yml", RULE)
    write("other.yml", RULE.replace("name: r", "name: other"))
    write("filter.yml", FILTER)
    corpus = read_corpus([repository])
    assert corpus.problems == []
    texts = {rule.info.path.partition("/")[2]: rule.query_text for rule in corpus.rules}
    assert "u: adm" in texts["rule.yml"]
    assert "u: adm" not in texts["other.yml"]
    assert verdicts(corpus) == {"other.yml": "run", "rule.yml": "run"}


def test_a_filter_that_names_no_rule_of_the_files_is_an_error(repository: Path, write: Write) -> None:
    write("rule.yml", RULE.replace("name: r", "name: other"))
    write("filter.yml", FILTER.replace("[r]", "[othe]"))
    (found,) = read_corpus([repository]).problems
    assert (found.path, found.diagnostic.code, found.diagnostic.severity) == ("own_rules/filter.yml", "RUL024", "error")
    assert found.source.slice(found.diagnostic.span) == "othe"
    assert found.diagnostic.hint == "did you mean 'other'?"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a": CORRELATION, "b": RULE}, {"a.yml": "run"}),
        ({"a": CORRELATION.replace("condition:", "generate: true\n  condition:"), "b": RULE},
         {"a.yml": "run", "b.yml": "run"}),
        ({"a": CORRELATION}, {"a.yml": "SIG031"}),
        ({"a": CORRELATION, "b": RULE, "c": RULE.replace("e: 1", "e: 2")}, {"a.yml": "SIG030"}),
        ({"a": CORRELATION.replace("[r]", "[b]"), 
          "b": CORRELATION.replace("name: many", "name: b").replace("[r]", "[many]")},
         {"a.yml": "SIG034", "b.yml": "SIG034"}),
        ({"a": CORRELATION.replace("[r]", "[many]")}, {"a.yml": "SIG034"}),
        # A correlation of a correlation, each in a file of its own.
        ({"a": CORRELATION.replace("[r]", "[inner]"), "b": CORRELATION.replace("name: many", "name: inner"), "c": RULE},
         {"a.yml": "run"}),
    ],
)  # fmt: skip
def test_a_correlation_follows_its_rules_into_other_files(
    repository: Path, write: Write, files: dict[str, str], expected: dict[str, str]
) -> None:
    for name, text in files.items():
        write(f"{name}.yml", text)
    assert verdicts(read_corpus([repository])) == expected


def test_a_ring_of_many_correlations_ends(repository: Path, write: Write) -> None:
    for number in range(200):
        text = CORRELATION.replace("name: many", f"name: c{number}").replace("[r]", f"[c{(number + 1) % 200}]")
        write(f"{number}.yml", text)
    corpus = read_corpus([repository])
    assert len(corpus.rules) == 200
    assert all(rule.alone for rule in corpus.rules)


def test_a_rule_without_room_for_its_documents_is_refused(repository: Path, write: Write) -> None:
    names = "".join(f"    - '{'x' * 90}{number}'\n" for number in range(3000))
    long = FILTER.replace("  s: {u: adm}\n", f"  s:\n    u:\n{names}".replace("    - ", "      - "))
    write("a.yml", f"{RULE}---\n{long}---\n{FILTER}")
    assert verdicts(read_corpus([repository])) == {"a.yml": "RUL021"}


def test_rules_that_say_generate_are_rules_of_their_own(repository: Path, write: Write) -> None:
    inside = CORRELATION.replace("  type:", "  generate: true\n  type:")
    write("inside.yml", f"{inside}---\n{RULE}")
    write("beside.yml", f"{CORRELATION}generate: true\n---\n{RULE}")
    assert verdicts(read_corpus([repository])) == dict.fromkeys(
        ("beside.yml", "beside.yml#2", "inside.yml", "inside.yml#2"), "run"
    )


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (
            "title: Bad\ncorelation:\n  rules: [r]\n",
            "in 'Bad' there is no rule: 'detection' and 'correlation' are missing",
        ),
        ("title: Bad\n  x: [\n", "a part of the file can't be read (line 18): broken YAML: "),
    ],
)
def test_a_bad_document_is_named_to_the_rules_beside_it(repository: Path, write: Write, last: str, said: str) -> None:
    write("a.yml", f"{RULE}---\n{CORRELATION}---\n{last}")
    (many,) = [rule for rule in read_corpus([repository]).rules if rule.info.title == "Many"]
    with pytest.raises(Refusal) as caught:
        bind_rule(read_query(many.source, "sigma", MacroLibrary(), many.frame), "sigma")
    assert caught.value.message.startswith(said)
