"""From a rule as its file gives it to the record that the catalogue keeps of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from pathlib import PurePosixPath

from rulescope import ir
from rulescope.analysis.effects import effect
from rulescope.analysis.explanation import explanation
from rulescope.analysis.extract import facts
from rulescope.analysis.facts import Facts
from rulescope.analysis.signature import condition_signature, query_signature
from rulescope.analysis.stage_fields import stage_fields
from rulescope.analysis.vocabulary import canonical_field
from rulescope.catalog.drawing import Targets, draw_predicate
from rulescope.catalog.highlights import highlight_query, move_highlights
from rulescope.catalog.records import Body, DiagnosticRecord, RuleRecord, StageRecord
from rulescope.corpus import RuleFile
from rulescope.corpus.frame import RuleFrame, framed
from rulescope.corpus.rule_paths import file_of_rule
from rulescope.ir.json_form import predicate_json, stage_pipelines, stage_predicate
from rulescope.languages.registry import LANGUAGES, LONGEST_QUERY, parser_of, printer_of
from rulescope.languages.spl.macros import MacroLibrary
from rulescope.system.faults import explain_fault, report_hint
from rulescope.text import Diagnostic, Source, Span, render_diagnostic

NO_FACTS = Facts((), (), (), (), (), (), (), (), ())

LONGEST_FILE_TEXT = 256 * 1024
"""Characters of a file that a page shows; where the file is longer, the page shows the query alone."""


def read_rule(rule: RuleFile, macros: MacroLibrary) -> RuleRecord:
    """Everything that is said of one rule by itself. Never raises: what went wrong is in the record's diagnostics."""
    if rule.info.language not in LANGUAGES:
        return unread_record(rule.info, rule.source, f"rules in '{rule.info.language}' can't be read yet")
    longest = LANGUAGES[rule.info.language].longest
    if len(rule.source.text) > longest:
        start = Source(rule.source.text[:LONGEST_QUERY], rule.source.name)
        message = f"the query is longer than {longest:,} characters; it was not read"
        return unread_record(rule.info, start, message, "RSC910")
    try:
        return _read(rule, macros)
    except Exception as error:  # noqa: BLE001 - a fault of ours in one rule must not cost the others
        message = f"a fault in Rulescope kept it from reading this rule: {explain_fault(error)}"
        return unread_record(rule.info, rule.source, message, "RSC900", report_hint(error))


def unread_record(
    info: ir.RuleInfo, source: Source, message: str, code: str = "RUL009", hint: str | None = None
) -> RuleRecord:
    """The record of a rule that could not be read at all, with the reason."""
    return broken_record(info, source, diagnostic_record(Diagnostic(code, message, hint=hint), source))


def broken_record(info: ir.RuleInfo, source: Source, reason: DiagnosticRecord) -> RuleRecord:
    """As `unread_record`, with a reason whose place is known."""
    return RuleRecord(info, "failed", _body(info, source), (), NO_FACTS, (reason,))


def parse_rule(info: ir.RuleInfo, source: Source, macros: MacroLibrary, frame: RuleFrame | None = None) -> ir.Rule:
    """The rule as a tree; `frame` is what its file adds to its query."""
    parsed = framed(parser_of(info.language)(source, macros), frame)
    return ir.Rule(
        info=info,
        source=source,
        pipeline=parsed.pipeline,
        expanded=parsed.expanded,
        status=parsed.status,
        diagnostics=parsed.diagnostics,
        macros=parsed.macros,
        unknown_macros=parsed.unknown_macros,
    )


def diagnostic_record(found: Diagnostic, source: Source, starts: Iterable[int] = ()) -> DiagnosticRecord:
    """A diagnostic with its place worked out; `starts` are where the stages begin."""
    place = source.position(found.span.start)
    stage = bisect_right(list(starts), found.span.start) or None
    return DiagnosticRecord(
        code=found.code,
        severity=found.severity,
        message=found.message,
        line=place.line,
        column=place.column,
        hint=found.hint,
        start=found.span.start,
        end=found.span.end,
        stage=stage,
        drawing=render_diagnostic(found, source),
    )


def _read(file: RuleFile, macros: MacroLibrary) -> RuleRecord:
    rule = parse_rule(file.info, file.source, macros, file.frame)
    known = facts(rule)
    names = {row.field: row.canonical for row in (*known.indicators, *known.exclusions)}
    places = _places(known)
    targets = Targets(places)
    pipeline = rule.pipeline
    render = printer_of(file.info.language)
    starts = [stage.span.start for stage in pipeline.stages]
    stages = []
    for number, stage in enumerate(pipeline.stages, 1):
        fields = stage_fields(stage)
        predicate = stage_predicate(stage)
        stages.append(
            StageRecord(
                number=number,
                kind=ir.stage_kind(stage),
                text=stage.text.strip(),
                start=stage.span.start,
                end=stage.span.end,
                explanation=explanation(stage),
                effect=effect(stage),
                reads=fields.reads,
                writes=fields.writes,
                keeps=fields.keeps,
                predicate=None if predicate is None else draw_predicate(predicate, rule.source, targets),
                predicate_json=None if predicate is None else predicate_json(predicate, rule.source),
                pipelines=tuple(_inner_stages(inner) for inner in stage_pipelines(stage)),
            )
        )
    return RuleRecord(
        info=file.info,
        status=rule.status,
        body=_body(file.info, rule.source, pipeline, places),
        stages=tuple(stages),
        facts=known,
        diagnostics=tuple(diagnostic_record(found, rule.source, starts) for found in dict.fromkeys(rule.diagnostics)),
        macros=rule.macros,
        unknown_macros=rule.unknown_macros,
        query_signature=query_signature(rule),
        condition_signature=condition_signature(rule, lambda name: names.get(name) or canonical_field(name)),
        canonical_text=render(pipeline) if render is not None else "",
    )


def _inner_stages(pipeline: ir.Pipeline) -> tuple[StageRecord, ...]:
    """The stages of a subsearch, by kind and text only."""
    return tuple(
        StageRecord(number, ir.stage_kind(stage), stage.text.strip(), stage.span.start, stage.span.end)
        for number, stage in enumerate(pipeline.stages, 1)
    )


def _places(known: Facts) -> list[tuple[Span, str]]:
    """Where each row of the page came from, with the row's anchor."""
    places: list[tuple[Span, str]] = []
    for role, rows in (
        ("indicator", known.indicators),
        ("exclusion", known.exclusions),
        ("threshold", known.thresholds),
    ):
        places.extend((Span(row.start, row.end), f"{role}-{number}") for number, row in enumerate(rows, 1))
    places.extend((Span(term.start, term.end), f"term-{number}") for number, term in enumerate(known.search_terms, 1))
    return places


_NO_PIPELINE = ir.Pipeline(())
_FORMATS = {"yml": "yaml", "jsonl": "json", "gz": "json", "md": "markdown"}


def _body(
    info: ir.RuleInfo,
    source: Source,
    pipeline: ir.Pipeline = _NO_PIPELINE,
    places: Iterable[tuple[Span, str]] = (),
) -> Body:
    suffix = PurePosixPath(file_of_rule(info.path)).suffix.lower().lstrip(".")
    highlights = highlight_query(source.text, info.language, pipeline, list(places)) if pipeline.stages else ()
    whole = source.outer is not None and len(source.outer) <= LONGEST_FILE_TEXT and suffix != "conf"
    return Body(
        query=source.text,
        file_text=source.file_text if whole else source.text,
        format=_FORMATS.get(suffix, suffix) if whole else info.language,
        highlights=highlights,
        file_highlights=move_highlights(highlights, source) if whole else highlights,
    )
