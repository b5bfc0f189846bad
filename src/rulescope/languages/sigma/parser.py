"""From the text of a Sigma rule to the tree.

The text is YAML: one rule, or a collection whose first rule is meant. Other documents then serve it: templates
(`action: global`), the rules that a correlation names, and filters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rulescope.ir import And, Not, Or, ParsedQuery, ParseStatus, Pipeline, Predicate
from rulescope.ir import stages as st
from rulescope.languages.sigma.correlation import read_correlation
from rulescope.languages.sigma.detection import read_detection, read_origin
from rulescope.languages.sigma.nodes import Placeholders, Reading, text_of, texts_of
from rulescope.text import Diagnostic, Source, Span
from rulescope.text.yaml_document import YamlMapping, YamlNode, load_yaml

MAXIMUM_RULES = 50
"""How many rules a correlation may draw in, those of correlations that it names included."""

_YAML_CODES = {"RUL008": "SIG004"}


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
    problems = [_of_yaml(problem) for problem in loaded.problems]
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


def _of_yaml(problem: Diagnostic) -> Diagnostic:
    return replace(problem, code=_YAML_CODES.get(problem.code, "SIG001"))


def _status(pipeline: Pipeline, diagnostics: tuple[Diagnostic, ...]) -> ParseStatus:
    """Failed where nothing was read that keeps events; partial where a part was left out."""
    if not any(isinstance(stage, st.Where | st.Correlation | st.Block) for stage in pipeline.stages):
        return "failed"
    return "partial" if any(found.severity == "error" for found in diagnostics) else "full"


class _Collection:
    """The documents of one text, and the reading of the first rule among them."""

    def __init__(self, source: Source, documents: list[YamlNode], macros: Placeholders | None) -> None:
        self.reading = Reading(source, self._values if macros is not None else (lambda _: None))
        self._macros = macros
        found = [document for document in documents if isinstance(document, YamlMapping)]
        self._filters = [document for document in found if "filter" in document.entries]
        self._rules = list(merged_documents(found))
        self._repeats = _repeats(found)
        self._waiting: set[str] = set()
        self._count = 0

    def read(self) -> Pipeline:
        """The pipeline of the first rule; without stages where there is none."""
        rule = self._rules[min(self._repeats, len(self._rules) - 1)] if self._rules else None
        if rule is None and self._filters:
            rule = self._filters[0]
            return self._read_filter_alone(rule)
        if rule is None:
            self.reading.report("SIG002", "there is no rule: 'detection' and 'correlation' are missing", Span(0, 1))
            return Pipeline(())
        return self._read_rule(rule)

    def _values(self, name: str) -> tuple[str, ...] | None:
        found = self._macros.find(name, 0) if self._macros is not None else None
        if found is None:
            return None
        values = (value.strip().strip("\"'") for value in found.body.split(","))
        return tuple(value for value in values if value) or None

    def _read_rule(self, rule: YamlMapping) -> Pipeline:
        if "correlation" in rule.entries:
            stage = read_correlation(self.reading, rule, self._find)
            stages: tuple[st.Stage, ...] = () if stage is None else (stage,)
            return Pipeline(stages, generating=True)
        origin = read_origin(self.reading, rule)
        detection = rule.entries["detection"]
        if not isinstance(detection, YamlMapping):
            self.reading.report("SIG003", "'detection' is a map", rule.key_spans["detection"])
            return Pipeline(() if origin is None else (origin,))
        stages = (*(() if origin is None else (origin,)), *read_detection(self.reading, detection))
        return Pipeline((*stages, *self._filter_stages(rule)))

    def _find(self, name: str) -> Pipeline | None:
        """The pipeline of another rule of the text; None where there is none, or it leads back to itself."""
        if name in self._waiting or self._count >= MAXIMUM_RULES:
            return None
        for rule in self._rules:
            if name in (text_of(rule.entries.get("name")), text_of(rule.entries.get("id"))):
                self._waiting.add(name)
                self._count += 1
                pipeline = self._read_rule(rule)
                self._waiting.discard(name)
                return pipeline if pipeline.stages else None
        return None

    def _filter_stages(self, rule: YamlMapping) -> Iterator[st.Stage]:
        """Filters that are for the rule: what they name is left out."""
        own = {text_of(rule.entries.get("name")), text_of(rule.entries.get("id"))} - {None}
        for document in self._filters:
            node = document.entries["filter"]
            if not isinstance(node, YamlMapping):
                self.reading.report("SIG003", "'filter' is a map", document.key_spans["filter"])
                continue
            wanted = tuple("any" if name.lower() == "any" else name for name in texts_of(node.entries.get("rules")))
            # The text may hold no more of the rule than its detection: then its reader chose the filters.
            if own and wanted != ("any",) and not own.intersection(wanted):
                place = node.key_spans.get("rules", document.key_spans["filter"])
                self.reading.report("SIG032", "the filter is for other rules", place, "info")
                continue
            if not _covers(document.entries.get("logsource"), rule.entries.get("logsource")):
                place = document.key_spans.get("logsource", document.key_spans["filter"])
                self.reading.report("SIG032", "the filter is for another log source", place, "info")
                continue
            yield from self._negated(node)

    def _negated(self, node: YamlMapping) -> Iterator[st.Stage]:
        """The stages of a filter: its condition tells what is suppressed.

        The specification's example names it (`selection`); where a condition says `not` of all that it names, as the
        filters of pySigma do, it tells what is kept, and is taken so: a filter's purpose is to suppress matches.
        """
        entries = {key: value for key, value in node.entries.items() if key != "rules"}
        inner = YamlMapping(node.start, node.end, entries, node.key_spans)
        for stage in read_detection(self.reading, inner):
            if isinstance(stage, st.Where):
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
        if not isinstance(node, YamlMapping):
            self.reading.report("SIG003", "'filter' is a map", document.key_spans["filter"])
            return Pipeline(())
        return Pipeline((*(() if origin is None else (origin,)), *self._negated(node)))


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


def merged_documents(documents: list[YamlMapping]) -> Iterator[YamlMapping]:
    """The rules among the documents of a collection, with what templates give them.

    `action: global` documents go before each rule that follows, `reset` ends them, `repeat` changes the rule before
    (specification 1.x, "Rule Collections"; since 2.0 a matter of tools).
    """
    template: YamlMapping | None = None
    before: YamlMapping | None = None
    for document in documents:
        action = text_of(document.entries.get("action"))
        if action == "global":
            template = document if template is None else _merged(template, document)
            continue
        if action == "reset":
            template = None
            continue
        base = before if action == "repeat" else template
        rule = document if base is None else _merged(base, document)
        if "detection" in rule.entries or "correlation" in rule.entries:
            before = rule
            yield rule


def _repeats(documents: list[YamlMapping]) -> int:
    """How many `action: repeat` documents stand right after the first rule: the text is that of the last of them."""
    actions = [text_of(document.entries.get("action")) for document in documents]
    rules = (place for place, action in enumerate(actions) if action not in ("global", "reset"))
    following = actions[next(rules, len(actions)) + 1 :]
    return next((place for place, action in enumerate(following) if action != "repeat"), len(following))


def _merged(base: YamlMapping, change: YamlMapping) -> YamlMapping:
    """Two maps as one: maps within are merged too, anything else is replaced."""
    entries = dict(base.entries)
    spans = dict(base.key_spans)
    for key, value in change.entries.items():
        old = entries.get(key)
        if isinstance(old, YamlMapping) and isinstance(value, YamlMapping):
            entries[key] = _merged(old, value)
        else:
            entries[key] = value
        spans[key] = change.key_spans[key]
    entries.pop("action", None)
    return YamlMapping(change.start, change.end, entries, spans)


__all__ = ["merged_documents", "parse_sigma"]
