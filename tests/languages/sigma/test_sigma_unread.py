"""Rules of which a part can't be read: each is refused by what is wrong in it, and none is run without that part."""

from __future__ import annotations

import pytest

from rulescope.errors import Refusal
from rulescope.hunt.bound_rule import bind_rule
from rulescope.ir import stages
from rulescope.languages.sigma import parse_sigma
from rulescope.languages.sigma.modifier_chain import MODIFIERS
from rulescope.text import Source

HEAD = "logsource: {product: x}\n"
CORRELATION = """\
correlation:
  type: event_count
  rules: [a]
  group-by: [u]
  timespan: 1h
  condition: {gte: 2}
"""
BASE = "---\nname: a\nlogsource: {product: x}\ndetection:\n  s: {e: 1}\n  condition: s\n"
RULE = "name: r\nlogsource: {product: x}\ndetection:\n  s: {e: 1}\n  condition: s\n"
FILTER = "---\ntitle: f\nlogsource: {product: x}\nfilter:\n  rules: [r]\n  s: {u: adm}\n  condition: s\n"

# What is written below the log source, the code of what is wrong, the text at its place, and the hint.
DETECTIONS: dict[str, tuple[str, str, str, str | None]] = {
    "misspelt": ("detection:\n  s: {a: 1}\n  conditon: s\n", "SIG010", "conditon", "did you mean 'condition'?"),
    "plural": ("detection:\n  s: {a: 1}\n  conditions: s\n", "SIG010", "conditions", "did you mean 'condition'?"),
    "missing": (
        "detection:\n  s1: {a: 1}\n", "SIG010", "s",
        "say which of the search identifiers must match, such as 'condition: s1'",
    ),
    "outside": (
        "detection:\n  s: {a: 1}\ncondition: s\n", "SIG010", "condition",
        "put it below 'detection', beside what it names",
    ),
    "null": ("detection:\n  s: {a: 1}\n  condition:\n", "SIG011", "condition:", None),
    "empty text": ("detection:\n  s: {a: 1}\n  condition: ''\n", "SIG011", "", None),
    "blank text": ("detection:\n  s: {a: 1}\n  condition: '  '\n", "SIG011", "", None),
    "empty list": ("detection:\n  s: {a: 1}\n  condition: []\n", "SIG010", "condition: []", None),
    "null in the list": ("detection:\n  s: {a: 1}\n  condition: [s, null]\n", "SIG011", "null", None),
    "map in the list": ("detection:\n  s: {a: 1}\n  condition: [s, {b: 1}]\n", "SIG011", "{b: 1}", None),
    "unread in the list": ("detection:\n  s: {a: 1}\n  condition: [s, s and]\n", "SIG011", "", None),
    "map": ("detection:\n  s: {a: 1}\n  condition: {s: 1}\n", "SIG011", "condition: {s: 1}", None),
    "unknown name": (
        "detection:\n  selection: {a: 1}\n  condition: selcetion\n", "SIG012", "selcetion",
        "did you mean 'selection'?",
    ),
    "under not": ("detection:\n  s: {a: 1}\n  condition: not t\n", "SIG012", "t", None),
    "pattern of nothing": ("detection:\n  s: {a: 1}\n  condition: s and not 1 of f*\n", "SIG012", "f*", None),
    "of nothing": ("detection:\n  condition: 1 of them\n", "SIG012", "them", None),
    "no section": ("detection:\n", "SIG003", "detection", None),
    "section of another shape": ("detection: [a]\n", "SIG003", "detection", None),
    "section misspelt": (
        "detecton:\n  s: {a: 1}\n  condition: s\n", "SIG002", "detecton", "did you mean 'detection'?"
    ),
    "block of nothing": ("detection:\n  s:\n  condition: s\n", "SIG022", "s:", None),
    "block of an empty map": ("detection:\n  s: {}\n  condition: s\n", "SIG022", "s: {}", None),
    "block of an empty list": ("detection:\n  s: []\n  condition: s\n", "SIG022", "s: []", None),
    "value of an empty list": ("detection:\n  s: {a: []}\n  condition: s\n", "SIG022", "a: []", None),
    "list in a list": ("detection:\n  s: [[a]]\n  condition: s\n", "SIG022", "[a]", None),
    "map as a value": ("detection:\n  s: {a: {b: 1}}\n  condition: s\n", "SIG022", "a: {b: 1}", None),
    "unread beside others": ("detection:\n  s: {a: 1, b: []}\n  condition: s\n", "SIG022", "b: []", None),
    "unread filter": ("detection:\n  s: {a: 1}\n  f:\n  condition: s and not f\n", "SIG022", "f:", None),
    "null among values": (
        "detection:\n  s:\n    f: ['', null]\n  condition: s\n", "SIG022", "null",
        "give it a search identifier of its own, and join the two in the condition",
    ),
    "null among keywords": (
        "detection:\n  s: [a, null]\n  condition: s\n", "SIG022", "null",
        "give it a search identifier of its own, and join the two in the condition",
    ),
    "modifier": (
        "detection:\n  s: {a|endswiht: 1}\n  condition: s\n", "SIG020", "a|endswiht", "did you mean 'endswith'?"
    ),
    "empty modifier": (
        "detection:\n  s: {'a|': 1}\n  condition: s\n", "SIG020", "'a|'", f"modifiers: {', '.join(sorted(MODIFIERS))}"
    ),
    "no address range": ("detection:\n  s: {a|cidr: 10.0.0.0/99}\n  condition: s\n", "SIG021", "10.0.0.0/99", None),
    "no number": ("detection:\n  s: {a|gt: many}\n  condition: s\n", "SIG021", "many", None),
    "no truth value": ("detection:\n  s: {a|exists: maybe}\n  condition: s\n", "SIG021", "a|exists: maybe", None),
    "wildcards encoded": ("detection:\n  s: {a|base64: 'x*'}\n  condition: s\n", "SIG021", "a|base64: 'x*'", None),
    "too short": ("detection:\n  s: {a|base64offset: ''}\n  condition: s\n", "SIG021", "a|base64offset: ''", None),
    "not together": ("detection:\n  s: {a|re|cidr: x}\n  condition: s\n", "SIG021", "a|re|cidr", None),
    "aggregation": (
        "detection:\n  s: {a: 1}\n  timeframe: 5m\n  condition: s | count() by u > 5\n", "SIG014", "count() by u > 5",
        "a correlation rule says the same",
    ),
    "time frame of nothing": (
        "detection:\n  s: {a: 1}\n  timeframe: 5m\n  condition: s\n", "SIG015", "timeframe: 5m",
        "a correlation rule has a 'timespan'",
    ),
    "block twice": ("detection:\n  s: {a: 1}\n  s: {b: 1}\n  condition: s\n", "SIG004", "s", None),
    "field twice": ("detection:\n  s: {a: 1, a: 2}\n  condition: s\n", "SIG004", "a", None),
    "section twice": (
        "detection:\n  s: {a: 1}\n  condition: s\ndetection:\n  s: {b: 1}\n  condition: s\n", "SIG004", "detection",
        None,
    ),
}  # fmt: skip


def refusal_of(text: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        bind_rule(parse_sigma(text), "sigma")
    return caught.value


@pytest.mark.parametrize("name", DETECTIONS)
def test_an_unread_detection_is_refused(name: str) -> None:
    body, code, place, hint = DETECTIONS[name]
    source = Source(HEAD + body)
    parsed = parse_sigma(source)
    found = next(one for one in parsed.diagnostics if one.severity == "error")
    assert (found.code, source.slice(found.span), found.hint) == (code, place, hint)
    assert parsed.status != "full"
    assert refusal_of(source.text).code == code
    # What is left can't be run by itself either, whoever compiles it.
    assert not any(isinstance(stage, stages.Where) for stage in parsed.pipeline.stages) or code in (
        "SIG004",
        "SIG014",
        "SIG015",
    )


# The log source, and what is found in it.
SOURCES = {
    "key": ("{produt: windows, category: process_creation}", "SIG006", "produt"),
    "list": ("{product: [windows, linux]}", "SIG003", "product"),
    "null": ("{product: , category: process_creation}", "SIG003", "product"),
}


@pytest.mark.parametrize("name", SOURCES)
def test_an_unread_log_source_is_refused(name: str) -> None:
    written, code, place = SOURCES[name]
    source = Source(f"logsource: {written}\ndetection:\n  s: {{a: 1}}\n  condition: s\n")
    (found,) = [one for one in parse_sigma(source).diagnostics if one.severity == "error"]
    assert (found.code, source.slice(found.span)) == (code, place)
    assert refusal_of(source.text).code == code


@pytest.mark.parametrize("head", ["", "logsorce: {product: x}\n", "logsource: {}\n", "logsource: {definition: d}\n"])
def test_a_rule_without_a_log_source_says_so(head: str) -> None:
    bound = bind_rule(parse_sigma(f"{head}detection:\n  s: {{a: 1}}\n  condition: s\n"), "sigma")
    assert [found.code for found in bound.warnings] == ["SIG005"]
    # The condition is what keeps events: it must not be taken for a block.
    assert isinstance(bound.pipeline.stages[-1], stages.Where)


# What is written in the place of a part of the correlation, or after it; and the code.
CORRELATIONS = {
    "no condition": ("  condition: {gte: 2}\n", "", "SIG030"),
    "condition of nothing": ("{gte: 2}", "{}", "SIG030"),
    "condition that is null": ("{gte: 2}", "", "SIG030"),
    "comparison": ("{gte: 2}", "{get: 2}", "SIG030"),
    "comparison with text": ("{gte: 2}", "{gte: many}", "SIG030"),
    "field that is not measured": ("{gte: 2}", "{gte: 2, field: x}", "SIG030"),
    "type": ("event_count", "event_cuont", "SIG030"),
    "no type": ("  type: event_count\n", "", "SIG030"),
    "time span": ("1h", "1 hour", "SIG030"),
    "no time span": ("timespan", "timspan", "SIG030"),
    "rules of nothing": ("[a]", "[]", "SIG003"),
    "null among rules": ("[a]", "[a, null]", "SIG003"),
    "no rules": ("  rules: [a]\n", "", "SIG030"),
    "groups misspelt": ("group-by", "group_by", "SIG030"),
    "groups of another shape": ("[u]", "{u: 1}", "SIG003"),
    "null among groups": ("[u]", "[u, null]", "SIG003"),
    "aliases of another shape": ("timespan: 1h", "timespan: 1h\n  aliases: [x]", "SIG030"),
    "alias of another shape": ("timespan: 1h", "timespan: 1h\n  aliases: {u: x}", "SIG030"),
    "alias of another rule": ("timespan: 1h", "timespan: 1h\n  aliases: {u: {b: x}}", "SIG030"),
    "alias of nothing": ("timespan: 1h", "timespan: 1h\n  aliases: {u: {a: null}}", "SIG030"),
    "unknown key": ("timespan: 1h", "timespan: 1h\n  window: 2h", "SIG030"),
    "section of another shape": (CORRELATION.removeprefix("correlation:"), " [a]\n", "SIG030"),
    "rule without a condition": ("  condition: s\n", "", "SIG010"),
    "rule with an unread block": ("{e: 1}", "{e: []}", "SIG022"),
    "rule with a modifier": ("{e: 1}", "{e|contain: 1}", "SIG020"),
    "rule that is none": ("detection:\n", "detecton:\n", "SIG002"),
    "rule of another shape": ("  s: {e: 1}\n  condition: s\n", "  - a\n", "SIG003"),
    "two of a name": (BASE, BASE + BASE, "SIG030"),
    "both at once": ("---\nname: a\n", "detection: {}\n---\nname: a\n", "SIG003"),
}  # fmt: skip


@pytest.mark.parametrize("name", CORRELATIONS)
def test_an_unread_correlation_is_refused(name: str) -> None:
    before, after, code = CORRELATIONS[name]
    text = f"name: c\n{CORRELATION}{BASE}"
    assert text.count(before) == 1
    assert bind_rule(parse_sigma(text), "sigma").warnings == ()
    assert refusal_of(text.replace(before, after)).code == code


@pytest.mark.parametrize(
    ("rules", "ring"),
    [
        ("name: a\n" + CORRELATION, "a"),
        ("name: c\n" + CORRELATION + "---\nname: a\n" + CORRELATION.replace("[a]", "[c]"), "c"),
        ("name: c\nid: a\n" + CORRELATION, "a"),
    ],
)
def test_a_correlation_in_a_ring_is_refused(rules: str, ring: str) -> None:
    found = refusal_of(rules)
    assert (found.code, found.message) == ("SIG034", f"the correlation leads back to itself, by way of '{ring}'")


def test_a_rule_that_is_not_there_is_named_with_the_nearest() -> None:
    (found,) = parse_sigma(
        CORRELATION.replace("[a]", "[base_rul]") + BASE.replace("name: a", "name: base_rule")
    ).diagnostics
    assert (found.code, found.hint) == ("SIG031", "did you mean 'base_rule'?")


# What is written in the place of a part of the filter, and the code.
FILTERS = {
    "no condition": ("  condition: s\n", "", "SIG010"),
    "condition": ("condition: s", "condition: t", "SIG012"),
    "block": ("{u: adm}", "{}", "SIG022"),
    "modifier": ("{u: adm}", "{u|startwith: adm}", "SIG020"),
    "no rules": ("  rules: [r]\n", "", "SIG003"),
    "rules misspelt": ("rules", "ruels", "SIG003"),
    "rules of nothing": ("[r]", "[]", "SIG003"),
    "null among rules": ("[r]", "[r, null]", "SIG003"),
    "section of another shape": (FILTER.partition("filter:")[2], " [s]\n", "SIG003"),
    "section misspelt": ("filter:", "fliter:", "SIG002"),
    "document of another shape": (FILTER.removeprefix("---\n"), "- a\n", "SIG003"),
    "document that is text": (FILTER.removeprefix("---\n"), "a\n", "SIG003"),
    "broken YAML": ("{u: adm}", "{u: adm", "SIG001"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
def test_a_rule_with_an_unread_filter_is_refused(name: str) -> None:
    before, after, code = FILTERS[name]
    assert (RULE + FILTER).count(before) >= 1
    head, _, tail = (RULE + FILTER).rpartition(before)
    assert bind_rule(parse_sigma(RULE + FILTER), "sigma").warnings == ()
    assert refusal_of(head + after + tail).code == code


def test_a_filter_of_a_correlation_is_refused() -> None:
    assert refusal_of(f"name: r\n{CORRELATION}{BASE}{FILTER}").code == "SIG032"


def test_a_filter_that_names_the_rule_but_not_its_log_source_is_a_warning() -> None:
    filtered = RULE + FILTER.replace("{product: x}", "{product: y}")
    assert [found.code for found in bind_rule(parse_sigma(filtered), "sigma").warnings] == ["SIG032"]


TEMPLATE = """\
action: global
logsource: {product: x}
detection:
  f: {u: adm}
  condition: s and not f
---
detection:
  s: {e: 1}
"""
TEMPLATES = {
    "action": ("global", "globl", "SIG003"),
    "action of nothing": ("global", "", "SIG003"),
    "nothing to repeat": ("action: global\n", "action: repeat\n", "SIG003"),
    "section of another shape": (TEMPLATE.partition("---")[0].partition("detection:\n")[2], "  - f\n", "SIG010"),
    "section misspelt": ("detection:\n  f", "detecton:\n  f", "SIG010"),
    "block": ("{u: adm}", "", "SIG022"),
}  # fmt: skip


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_rule_with_an_unread_template_is_refused(name: str) -> None:
    before, after, code = TEMPLATES[name]
    assert TEMPLATE.count(before) == 1
    assert bind_rule(parse_sigma(TEMPLATE), "sigma").warnings == ()
    assert refusal_of(TEMPLATE.replace(before, after)).code == code
