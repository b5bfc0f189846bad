"""What stands around the query of an Elastic rule: each part is read whole, or the rule is refused by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rulescope.corpus import RuleFile, read_corpus
from rulescope.corpus.query_dsl import filter_predicate
from rulescope.errors import Refusal
from rulescope.hunt.bound_rule import bind_rule, read_query
from rulescope.ir import And, Compare, Constant, Not, Operation, Or, Test
from rulescope.languages.spl import MacroLibrary

QUERY = '[rule]\nname = "R"\ntype = "query"\nlanguage = "kuery"\nindex = ["logs-*"]\nquery = "a: b"\n'
THRESHOLD = QUERY.replace('"query"', '"threshold"', 1) + '[rule.threshold]\nfield = ["u"]\nvalue = 3\n'
CARDINALITY = THRESHOLD + '[[rule.threshold.cardinality]]\nfield = "h"\nvalue = 2\n'
TERMS = (
    QUERY.replace('"query"', '"new_terms"', 1)
    + '[rule.new_terms]\nfield = "new_terms_fields"\nvalue = ["u"]\n'
    + '[[rule.new_terms.history_window_start]]\nfield = "history_window_start"\nvalue = "now-7d"\n'
)
THREATS = (
    QUERY.replace('"query"', '"threat_match"', 1)
    + 'threat_index = ["ti-*"]\nthreat_language = "kuery"\nthreat_query = "c: d"\n'
    + '[[rule.threat_mapping]]\n[[rule.threat_mapping.entries]]\nfield = "ip"\ntype = "mapping"\nvalue = "t.ip"\n'
)
SUPPRESSED = (
    QUERY
    + '[rule.alert_suppression]\ngroup_by = ["u"]\nmissing_fields_strategy = "suppress"\n'
    + '[rule.alert_suppression.duration]\nvalue = 5\nunit = "m"\n'
)
EXCEPTED = QUERY + '[[rule.exceptions_list]]\nlist_id = "l"\n'
FILTERED = QUERY + '[[rule.filters]]\n[rule.filters.meta]\nnegate = true\n[rule.filters.query.exists]\nfield = "z"\n'

# The rule, what is written in the place of a part of it, and what is said of that.
DAMAGES: dict[str, tuple[str, str, str, str]] = {
    "unknown type": (THRESHOLD, '"threshold"', '"treshold"', "there is no type 'treshold'"),
    "no type": (THRESHOLD, 'type = "threshold"\n', "", "'type' is missing"),
    "other language": (QUERY, 'type = "query"', 'type = "eql"', "a rule of type 'eql' has no query in 'kuery'"),
    "part misspelt": (THRESHOLD, "[rule.threshold]", "[rule.treshold]", "a rule of type 'threshold' needs 'threshold'"),
    "indexes": (QUERY, '["logs-*"]', "5", "'index' is a list of texts"),
    "an index": (QUERY, '["logs-*"]', '["logs-*", 5]', "'index' is a list of texts"),
    "threshold's number": (THRESHOLD, "value = 3", 'value = "3"', "the threshold has no number"),
    "no number": (THRESHOLD, "value = 3\n", "", "the threshold has no number"),
    "threshold's fields": (THRESHOLD, '["u"]', "5", "'field' is a list of texts"),
    "threshold's field misspelt": (THRESHOLD, "field = ", "feild = ", "'threshold' has no 'feild'"),
    "cardinality": (CARDINALITY, "value = 2", 'value = "2"', "'cardinality' has a 'field' and a number as its 'value'"),
    "cardinality's field": (
        CARDINALITY, 'field = "h"', "field = 5", "'cardinality' has a 'field' and a number as its 'value'"
    ),
    "new terms misspelt": (TERMS, "rule.new_terms", "rule.new_term", "a rule of type 'new_terms' needs 'new_terms'"),
    "fields of new terms": (TERMS, '["u"]', "[]", "the new terms name no field"),
    "a field of new terms": (TERMS, '["u"]', '["u", 5]', "'value' is a list of texts"),
    "no history": (
        TERMS, 'value = "now-7d"', "value = 7", "the new terms have no time since when they are new"
    ),
    "mapping misspelt": (
        THREATS, "[[rule.threat_mapping]]\n[[rule.threat_mapping.entries]]",
        "[[rule.threat_maping]]\n[[rule.threat_maping.entries]]", "a rule of type 'threat_match' needs 'threat_mapping'"
    ),
    "entry of a mapping": (
        THREATS, 'value = "t.ip"', "value = 5", "'threat_mapping' has 'entries', each with a 'field' and a 'value'"
    ),
    "negated entry": (
        THREATS, 'type = "mapping"', "negate = true", "'threat_mapping' with 'negate' True is not supported"
    ),
    "no query of the threats": (
        THREATS, 'threat_query = "c: d"\n', "", "a rule of type 'threat_match' needs 'threat_query'"
    ),
    "query of the threats": (
        THREATS, '"c: d"', '"c: ("',
        "the query of the threats can't be read: expected a value, found the end of the query",
    ),
    "language of the threats": (
        THREATS, 'threat_language = "kuery"', 'threat_language = "kq"', "the query of the threats is in 'kq'"
    ),
    "window of the threshold": (
        THRESHOLD, "[rule.threshold]", 'from = "9 minutes"\n[rule.threshold]', "'from' is no time: '9 minutes'"
    ),
    "history of the terms": (TERMS, '"now-7d"', '"7d"', "'value' is no time: '7d'"),
    "suppression's fields": (SUPPRESSED, '["u"]', "5", "'group_by' is a list of texts"),
    "suppression's field misspelt": (SUPPRESSED, "group_by", "group-by", "'alert_suppression' has no 'group-by'"),
    "suppression's unit": (
        SUPPRESSED, 'unit = "m"', 'unit = "w"',
        "'duration' has a number as its 'value', and one of s, m, h as its 'unit'",
    ),
    "suppression's strategy": (
        SUPPRESSED, '"suppress"', '"supress"', "'missing_fields_strategy' is 'suppress' or 'doNotSuppress'"
    ),
    "suppression misspelt": (
        SUPPRESSED, "[rule.alert_suppression]", "[rule.alert_supression]", "a rule has no 'alert_supression'"
    ),
    "exceptions": (EXCEPTED, 'list_id = "l"', "list_id = 5", "a list of exceptions has a 'list_id'"),
    "filters": (QUERY, 'query = "a: b"', 'query = "a: b"\nfilters = [5]', "'filters' is a list of maps"),
    "filters misspelt": (FILTERED, "rule.filters", "rule.filter", "a rule has no 'filter'"),
    "category": (
        QUERY, 'query = "a: b"', 'query = "a: b"\nevent_category_override = 5', "'event_category_override' is a text"
    ),
}  # fmt: skip


def rule_of(folder: Path, text: str) -> RuleFile:
    (folder / "r.toml").write_text(text, encoding="utf-8")
    (rule,) = read_corpus([folder]).rules
    return rule


def bind(rule: RuleFile) -> None:
    bind_rule(read_query(rule.source, rule.info.language, MacroLibrary(), rule.frame), rule.info.language)


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_part_refuses_the_rule(tmp_path: Path, name: str) -> None:
    whole, before, after, message = DAMAGES[name]
    assert before in whole
    bind(rule_of(tmp_path, whole))
    with pytest.raises(Refusal) as caught:
        bind(rule_of(tmp_path, whole.replace(before, after)))
    assert (caught.value.code, caught.value.message) == ("RUL022", message)


@pytest.mark.parametrize("whole", [THRESHOLD, CARDINALITY, TERMS, THREATS, SUPPRESSED, EXCEPTED, FILTERED])
def test_each_part_is_a_stage(tmp_path: Path, whole: str) -> None:
    frame = rule_of(tmp_path, whole).frame
    assert frame is not None and not frame.problems
    assert len(frame.trailing) == 1


PLAIN = Compare("a", "eq", ("b",))
EVERYTHING = Test(Constant(True))
UNREAD: dict[str, Any] = {"query": "a: b", "exists": {"field": "a"}}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"query": {"term": {"a": {"value": "b", "boost": 2}}}}, PLAIN),
        ({"query": {"match": {"a": {"query": "b"}}}}, PLAIN),
        ({"query": {"match_all": {}}}, EVERYTHING),
        ({"query": {"match_none": {"boost": 1}}}, Test(Constant(False))),
        ({"query": {"bool": {"must": [], "filter": [], "should": [], "must_not": []}}}, EVERYTHING),
        ({"query": {"bool": {"must": {"term": {"a": "b"}}}}}, PLAIN),
        ({"query": {"bool": {"filter": [{"term": {"a": "b"}}], "should": [{"term": {"c": "d"}}]}}}, PLAIN),
        ({"query": {"bool": {"should": [{"term": {"a": "b"}}], "minimum_should_match": 0}}}, PLAIN),
        (
            {"query": {"bool": {"must": [{"term": {"a": "b"}}], "should": [{"term": {"c": "d"}}, {"term": {"e": "f"}}],
                                "minimum_should_match": "1"}}},
            And((PLAIN, Or((Compare("c", "eq", ("d",)), Compare("e", "eq", ("f",)))))),
        ),
        ({"query": {"bool": {"must_not": [{"term": {"a": "b"}}]}}}, Not(PLAIN)),
        ({"query": {"range": {"a": {"gte": 1, "boost": 2}}}}, Compare("a", "ge", (1,), numeric=True)),
        ({"meta": {"disabled": False, "negate": False}, "exists": {"field": "a"}}, Compare("a", "exists")),
        (UNREAD, Test(Operation("query_dsl", (Constant('{"exists": {"field": "a"}, "query": "a: b"}'),)))),
    ],
)  # fmt: skip
def test_filters_that_are_read(written: dict[str, Any], expected: object) -> None:
    assert filter_predicate(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"meta": {"negate": True}},
        {"meta": 5, "query": {"term": {"a": "b"}}},
        {"meta": {"disabled": "false"}, "query": {"term": {"a": "b"}}},
        {"meta": {"negate": "true"}, "query": {"term": {"a": "b"}}},
        {"query": {"trem": {"a": "b"}}},
        {"query": {"term": {"a": "b"}, "exists": {"field": "c"}}},
        {"query": {"term": {"a": "b", "c": "d"}}},
        {"query": {"term": {"a": ["b"]}}},
        {"query": {"term": {"a": {"value": "b", "case_insensitve": True}}}},
        {"query": {"term": {"a": {"value": "b", "case_insensitive": "true"}}}},
        {"query": {"match": {"a": {"query": "b c", "operator": "and"}}}},
        {"query": {"terms": {"a": ["b", None]}}},
        {"query": {"terms": {"a": []}}},
        {"query": {"range": {"a": {"gte": 1, "lt": None}}}},
        {"query": {"range": {"a": {"gte": 1, "lessthan": 2}}}},
        {"query": {"range": {"a": {}}}},
        {"query": {"exists": {"feild": "a"}}},
        {"query": {"bool": {"must": [{"term": {"a": "b"}}], "must_nott": [{"term": {"c": "d"}}]}}},
        {"query": {"bool": {"must": [{"term": {"a": "b"}}, 5]}}},
        {"query": {"bool": {"must": "a"}}},
        {"query": {"bool": {"should": [{"term": {"a": "b"}}], "minimum_should_match": 2}}},
        {"query": {"match_all": {"a": 1}}},
    ],
)
def test_filters_that_can_not_be_read_are_left_to_engines_to_refuse(written: dict[str, Any]) -> None:
    found = filter_predicate(written)
    inner = found.operand if isinstance(found, Not) else found
    assert isinstance(inner, Test) and isinstance(inner.expression, Operation)
    assert inner.expression.name == "query_dsl"
