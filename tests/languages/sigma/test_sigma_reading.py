"""What reading a rule gives beside its condition: stages, places, placeholders, collections, findings."""

from __future__ import annotations

import time

from rulescope import ir
from rulescope.ir import stages
from rulescope.languages.sigma import parse_sigma
from rulescope.languages.spl.macros import Macro, MacroLibrary
from rulescope.text import Source

RULE = """\
logsource:
    product: windows
    category: process_creation
detection:
    selection:
        Image|endswith: '\\cmd.exe'
        CommandLine|contains:
            - 'a'
            - "b"
    filter:
        User: null
    condition: selection and not filter
"""


def test_stages_keep_names_and_text() -> None:
    origin, selection, left_out, condition = parse_sigma(RULE).pipeline.stages
    assert isinstance(origin, stages.Origin)
    assert origin.names == ("product=windows", "category=process_creation")
    assert isinstance(selection, stages.Block)
    assert selection.name == "selection"
    assert selection.text.startswith("selection:\n") and selection.text.endswith('- "b"')
    assert ir.stage_kind(selection) == "where"
    assert isinstance(left_out, stages.Block) and left_out.name == "filter"
    assert isinstance(condition, stages.Where)
    assert condition.text == "condition: selection and not filter"
    assert isinstance(condition.predicate, ir.And)
    # The condition holds the very predicates of the blocks.
    assert condition.predicate.operands[0] is selection.predicate
    assert condition.predicate.operands[1] == ir.Not(left_out.predicate)  # type: ignore[arg-type]


def test_values_know_their_place() -> None:
    source = Source(RULE)
    leaves = [node for node in _leaves(parse_sigma(source)) if isinstance(node, ir.Compare)]
    found = {str(leaf.values[0]): leaf for leaf in leaves if leaf.values}
    place = source.position(found["b"].value_spans[0].start)
    assert (place.line, place.column) == (9, 15)
    assert source.slice(found["b"].value_spans[0]) == '"b"'
    assert source.slice(found["\\cmd.exe"].span) == "Image|endswith: '\\cmd.exe'"


def test_a_finding_in_the_condition_has_its_place() -> None:
    source = Source(RULE.replace("not filter", "not fitler"))
    (found,) = parse_sigma(source).diagnostics
    assert found.code == "SIG012"
    assert found.hint == "did you mean 'filter'?"
    assert source.slice(found.span) == "fitler"
    assert source.position(found.span.start).line == 12


def _leaves(parsed: ir.ParsedQuery) -> list[object]:
    from rulescope.ir.walk import walk

    return list(walk(parsed.pipeline))


PLACEHOLDER = """\
logsource: {product: windows}
detection:
    selection:
        Workstation|expand: '%Servers%'
        Path|contains|expand: 'C:/%dir%/x'
    condition: selection
"""


def test_a_placeholder_without_values_is_named_and_kept() -> None:
    parsed = parse_sigma(PLACEHOLDER)
    assert parsed.status == "full"
    assert parsed.macros == ("Servers", "dir")
    assert parsed.unknown_macros == ("Servers", "dir")
    assert sum(isinstance(node, ir.MacroCall) for node in _leaves(parsed)) >= 2


def test_a_placeholder_takes_values_from_its_definition() -> None:
    library = MacroLibrary([Macro("Servers", "srv1, 'srv2*'"), Macro("dir", "Temp")])
    parsed = parse_sigma(PLACEHOLDER, library)
    assert parsed.unknown_macros == ()
    assert parsed.pipeline != parsed.expanded
    where = parsed.expanded.stages[-1]
    assert isinstance(where, stages.Where) and isinstance(where.predicate, ir.And)
    workstation, path = where.predicate.operands
    assert workstation == ir.Or(
        (
            ir.Compare("Workstation", "eq", ("srv1",), ignore_case=True),
            ir.Compare("Workstation", "starts_with", ("srv2",), ignore_case=True),
        )
    )
    assert path == ir.Compare("Path", "contains", ("C:/Temp/x",), ignore_case=True)


def test_an_escaped_percent_is_plain() -> None:
    parsed = parse_sigma(PLACEHOLDER.replace("%Servers%", "\\%plain%dir%").replace("C:/%dir%/x", "50\\%"))
    assert parsed.macros == ("dir",)
    assert any(isinstance(node, ir.Compare) and node.values == ("50%",) for node in _leaves(parsed))


COLLECTION = """\
action: global
title: Base
detection:
    condition: selection and not noise
    noise: {User: SYSTEM}
---
logsource: {product: windows, service: security}
detection:
    selection: {EventID: 1}
---
logsource: {product: windows, service: system}
detection:
    selection: {EventID: 2}
"""


def test_a_template_goes_before_the_rule() -> None:
    parsed = parse_sigma(COLLECTION)
    assert parsed.status == "full"
    blocks = {stage.name for stage in parsed.pipeline.stages if isinstance(stage, stages.Block)}
    assert blocks == {"selection", "noise"}
    assert isinstance(parsed.pipeline.stages[-1], stages.Where)


def test_findings_by_kind() -> None:
    cases = {
        "SIG001": "detection: [a",
        "SIG002": "title: nothing",
        "SIG003": "logsource: {product: x}\ndetection: [a]\n",
        "SIG004": "logsource: {product: x}\ndetection:\n  a: {x: 1}\n  a: {x: 1}\n  condition: a\n",
        "SIG005": "detection:\n  a: {x: 1}\n  condition: a\n",
        "SIG013": "logsource: {product: x}\ndetection:\n  a: {x: 1}\n  b: {x: 1}\n  condition: a\n",
        "SIG022": "logsource: {product: x}\ndetection:\n  a: {x: []}\n  condition: a\n",
        "SIG031": "correlation: {type: event_count, rules: [a], timespan: 1h, condition: {gte: 1}}\n",
    }
    assert {
        code: code in [found.code for found in parse_sigma(text).diagnostics] for code, text in cases.items()
    } == dict.fromkeys(cases, True)


def test_bounds_hold() -> None:
    head = "logsource: {product: x}\ndetection:\n  a: {x: 1}\n"
    start = time.process_time()
    deep = parse_sigma(f"{head}  condition: {'(' * 5000}a{')' * 5000}\n")
    nots = parse_sigma(f"{head}  condition: {'not ' * 5000}a\n")
    wide = parse_sigma(f"{head}  condition: {' or '.join(['a'] * 15000)}\n")
    stars = parse_sigma(f"{head}  condition: 1 of {'a*' * 3000}b\n")
    bomb = parse_sigma("a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n")
    assert {found.code for found in (*deep.diagnostics, *nots.diagnostics)} >= {"SIG011"}
    assert wide.status in ("full", "partial")
    assert stars.status == "partial"
    assert bomb.status == "failed"
    assert time.process_time() - start < 20
