"""From the text of a Sigma rule to the tree.

The text is YAML: one rule, or a collection whose first rule is meant. Other documents then serve it: templates
(`action: global`), the rules that a correlation names, and filters. A part of any of them that can't be read is an
error, and an `Opaque` stage where it would have kept or dropped events: no part may be taken as if it were not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rulescope.ir import And, Not, Or, ParsedQuery, ParseStatus, Pipeline, Predicate, stages
from rulescope.languages.sigma.collection import (
    check_documents,
    maps_of,
    merged_documents,
    repeats,
    report_without_section,
)
from rulescope.languages.sigma.correlation import read_correlation
from rulescope.languages.sigma.detection import read_detection, read_origin
from rulescope.languages.sigma.nodes import Placeholders, SigmaReading, listed_texts, text_of, texts_of
from rulescope.text import Diagnostic, Source, Span, nearest_name
from rulescope.text.yaml_document import YamlFile, YamlMapping, YamlNode, load_yaml

MAXIMUM_RULES = 50
"""How many rules a correlation may draw in, those of correlations that it names included."""

_SECTIONS = ("logsource", "detection", "correlation", "filter", "action", "name", "id")
"""The keys of a document that decide what it finds, or which documents serve which."""


def parse_sigma(source: Source | str, macros: Placeholders | None = None) -> ParsedQuery:
    """The first rule of the text, as `action: repeat` documents right after it change it. Never raises for what a text
    may hold: findings are diagnostics.

    The pipeline is `Origin` (the log source), a `Block` for each search identifier, and a `Where` with the condition
    over them; or a `Correlation`. `macros` hold the values of placeholders: the body of the macro `Servers` stands for
    `%Servers%`, its values parted by commas. `expanded` has them put in.
    """
    given = Source(source) if isinstance(source, str) else source
    loaded = load_yaml(given.text)
    written = _Collection(given, loaded.documents, None)
    pipeline = written.read()
    expanded = pipeline
    reading = written.reading
    if macros is not None and reading.used:
        filled = _Collection(given, loaded.documents, macros)
        expanded = filled.read()
        reading = filled.reading
    problems = [_of_yaml(problem, given, loaded) for problem in loaded.problems]
    diagnostics = tuple(dict.fromkeys((*problems, *reading.diagnostics)))
    return ParsedQuery(
        source=given,
        pipeline=pipeline,
        expanded=expanded,
        status=_status(pipeline, diagnostics),
        diagnostics=diagnostics,
        macros=tuple(reading.used),
        unknown_macros=tuple(reading.unknown),
    )


def _of_yaml(problem: Diagnostic, source: Source, loaded: YamlFile) -> Diagnostic:
    """A problem of the YAML in the codes of Sigma. A key that stands twice loses what stood at it first: an error
    where that may have been a part of what the rule finds."""
    if problem.code != "RUL008":
        return replace(problem, code="SIG001")
    sections = [
        node
        for document in loaded.documents
        if isinstance(document, YamlMapping)
        for key, node in document.entries.items()
        if key in _SECTIONS
    ]
    inside = any(node.start <= problem.span.start < node.end for node in sections)
    lost = inside or source.slice(problem.span).strip("'\"") in _SECTIONS
    return replace(problem, code="SIG004", severity="error" if lost else problem.severity)


def _status(pipeline: Pipeline, diagnostics: tuple[Diagnostic, ...]) -> ParseStatus:
    """Failed where nothing was read that keeps events; partial where a part was left out."""
    if not any(isinstance(stage, stages.Where | stages.Correlation | stages.Block) for stage in pipeline.stages):
        return "failed"
    return "partial" if any(found.severity == "error" for found in diagnostics) else "full"


class _Collection:
    """The documents of one text, and the reading of the first rule among them."""

    def __init__(self, source: Source, documents: list[YamlNode], macros: Placeholders | None) -> None:
        self.reading = SigmaReading(source, self._values if macros is not None else (lambda _: None))
        self._macros = macros
        found = maps_of(self.reading, documents)
        check_documents(self.reading, found)
        self._documents = found
        self._filters = [document for document in found if "filter" in document.entries]
        self._rules = list(merged_documents(found))
        self._repeats = repeats(found)
        self._waiting: list[YamlMapping] = []
        self._count = 0

    def read(self) -> Pipeline:
        """The pipeline of the first rule; without stages where there is none."""
        rule = self._rules[min(self._repeats, len(self._rules) - 1)] if self._rules else None
        if rule is None and self._filters:
            rule = self._filters[0]
            return self._read_filter_alone(rule)
        if rule is None:
            if not self.reading.unreadable:
                self._report_no_rule()
            return Pipeline(())
        return self._read_rule(rule)

    def _report_no_rule(self) -> None:
        if self._documents:
            report_without_section(self.reading, self._documents[0])
        else:
            self.reading.report("SIG002", "there is no rule: 'detection' and 'correlation' are missing", Span(0, 1))

    def _values(self, name: str) -> tuple[str, ...] | None:
        found = self._macros.find(name, 0) if self._macros is not None else None
        if found is None:
            return None
        values = (value.strip().strip("\"'") for value in found.body.split(","))
        return tuple(value for value in values if value) or None

    def _read_rule(self, rule: YamlMapping) -> Pipeline:
        if "correlation" in rule.entries:
            return self._read_correlation(rule)
        origin = read_origin(self.reading, rule)
        detection = rule.entries["detection"]
        first = () if origin is None else (origin,)
        if not isinstance(detection, YamlMapping):
            return Pipeline((*first, self._unread(rule, "detection")))
        return Pipeline((*first, *read_detection(self.reading, detection, rule), *self._filter_stages(rule)))

    def _read_correlation(self, rule: YamlMapping) -> Pipeline:
        self._waiting.append(rule)
        stage = read_correlation(self.reading, rule, self._find)
        self._waiting.pop()
        for document, node in self._filters_as_maps():
            if _names_of(rule).intersection(texts_of(node.entries.get("rules"))):
                place = document.key_spans["filter"]
                self.reading.report("SIG032", "a filter is put on rules, and this one names a correlation", place)
        return Pipeline((stage,), generating=True)

    def _unread(self, document: YamlMapping, key: str) -> stages.Opaque:
        """What stands for a section of another shape than a map, which is reported."""
        span = document.key_spans[key]
        message = f"'{key}' is a map"
        self.reading.report("SIG003", message, span)
        return stages.Opaque(key, message, text=self.reading.source.slice(span), span=span)

    def _find(self, name: str, place: Span) -> Pipeline | None:
        """The pipeline of another rule of the text; None, with a finding, where there is none, or it leads back."""
        rules = [rule for rule in self._rules if name in _names_of(rule)]
        shown = name[:80]
        if not rules:
            near = nearest_name(name, [known for rule in self._rules for known in _names_of(rule)])
            message = f"the rule '{shown}' is in none of the files: the correlation can be shown, not run"
            hint = f"did you mean '{near}'?" if near else "give the correlation together with the rules that it names"
            self.reading.report("SIG031", message, place, hint=hint)
            return None
        if len(rules) > 1:
            self.reading.report("SIG030", f"{len(rules)} rules are called '{shown}'", place)
            return None
        if any(rules[0] is one for one in self._waiting):
            self.reading.report("SIG034", f"the correlation leads back to itself, by way of '{shown}'", place)
            return None
        self._count += 1
        if self._count > MAXIMUM_RULES:
            self.reading.report("SIG030", f"the correlation draws in more than {MAXIMUM_RULES} rules", place)
            return None
        return self._read_rule(rules[0])

    def _filters_as_maps(self) -> Iterator[tuple[YamlMapping, YamlMapping]]:
        """The documents that are filters, with the map in each."""
        for document in self._filters:
            node = document.entries["filter"]
            if isinstance(node, YamlMapping):
                yield document, node

    def _filter_stages(self, rule: YamlMapping) -> Iterator[stages.Stage]:
        """Filters that are for the rule: what they name is left out. One of which it can't be told for which rules it
        is could be for this one."""
        for document in self._filters:
            if not isinstance(document.entries["filter"], YamlMapping):
                yield self._unread(document, "filter")
        for document, node in self._filters_as_maps():
            if self._is_for(rule, document, node):
                yield from self._negated(node, document)

    def _is_for(self, rule: YamlMapping, document: YamlMapping, node: YamlMapping) -> bool:
        """Whether a filter is for the rule; what keeps it from being so is noted."""
        names = _names_of(rule)
        wanted = filter_targets(self.reading, document, node)
        if wanted is None:
            return False
        every = [name.lower() for name in wanted] == ["any"]
        # The text may hold no more of the rule than its detection: then its reader chose the filters.
        if names and not every and not names.intersection(wanted):
            place = node.key_spans.get("rules", document.key_spans["filter"])
            self.reading.report("SIG032", "the filter is for other rules", place, "info")
            return False
        if not _covers(document.entries.get("logsource"), rule.entries.get("logsource")):
            place = document.key_spans.get("logsource", document.key_spans["filter"])
            message = "the filter is for another log source, and is not put on the rule"
            self.reading.report("SIG032", message, place, "info" if every else "warning")
            return False
        return True

    def _negated(self, node: YamlMapping, document: YamlMapping) -> Iterator[stages.Stage]:
        """The stages of a filter: its condition tells what is suppressed.

        The specification's example names it (`selection`); where a condition says `not` of all that it names, as the
        filters of pySigma do, it tells what is kept, and is taken so: a filter's purpose is to suppress matches.
        """
        entries = {key: value for key, value in node.entries.items() if key != "rules"}
        inner = YamlMapping(node.start, node.end, entries, node.key_spans)
        for stage in read_detection(self.reading, inner, document):
            if isinstance(stage, stages.Where):
                if _is_negation(stage.predicate):
                    message = "the condition says 'not': what it names is suppressed, not what it leaves"
                    self.reading.report("SIG033", message, stage.span, "info")
                else:
                    stage = replace(stage, predicate=Not(stage.predicate, stage.predicate.span))
            yield stage

    def _read_filter_alone(self, document: YamlMapping) -> Pipeline:
        """A filter without a rule: what it leaves of its log source."""
        origin = read_origin(self.reading, document)
        node = document.entries["filter"]
        first = () if origin is None else (origin,)
        if not isinstance(node, YamlMapping):
            return Pipeline((*first, self._unread(document, "filter")))
        filter_targets(self.reading, document, node)
        return Pipeline((*first, *self._negated(node, document)))


def filter_targets(reading: SigmaReading, document: YamlMapping, node: YamlMapping) -> tuple[str, ...] | None:
    """The rules that a filter is for; None, with a finding, where it does not say it."""
    written = node.entries.get("rules")
    found = listed_texts(reading, written, "rules") if written is not None else None
    if written is None:
        near = next((key for key in node.entries if nearest_name(key, ("rules",))), None)
        place = node.key_spans[near] if near else document.key_spans["filter"]
        hint = "did you mean 'rules'?" if near else "'rules' names the rules that the filter is for, or says 'any'"
        reading.report("SIG003", "the filter does not say for which rules it is", place, hint=hint)
    return found


def _names_of(rule: YamlMapping) -> set[str]:
    """The name and the identifier of a rule, as far as it has them."""
    found = (text_of(rule.entries.get(key)) for key in ("name", "id"))
    return {name for name in found if name is not None}


def _covers(wider: YamlNode | None, given: YamlNode | None) -> bool:
    """Whether a log source is among those of another, which says as much of it or less."""
    if not isinstance(wider, YamlMapping) or not isinstance(given, YamlMapping):
        return True
    keys = ("product", "category", "service")
    return all(text_of(wider.entries.get(key)) in (None, text_of(given.entries.get(key))) for key in keys)


def _is_negation(predicate: Predicate) -> bool:
    if isinstance(predicate, And | Or):
        return all(_is_negation(operand) for operand in predicate.operands)
    return isinstance(predicate, Not)


__all__ = ["parse_sigma"]
