"""Which kinds of events a rule looks at, by the tables it reads and the names of events that it chooses there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rulescope import ir
from rulescope.analysis.event_conditions import EventConditions
from rulescope.analysis.facts import EventCoverage
from rulescope.analysis.findings import Finding
from rulescope.analysis.patterns import underscored
from rulescope.ir import stages
from rulescope.knowledge.event_catalogue import events
from rulescope.knowledge.log_tables import log_tables
from rulescope.knowledge.table_events import TableEvents, table_directory


def table_coverage(
    rule: ir.Rule,
    sources: Sequence[stages.Origin | stages.SequenceStep],
    findings: list[Finding],
    conditions: EventConditions,
) -> tuple[EventCoverage, ...]:
    """The kinds of events in the rule's tables, without repeats; `sources` are what its pipelines begin with.

    Those of other logs that tell the same as the table's rows (a table of processes: Sysmon 1) are `alike`, as far as
    the rule's `conditions` leave them.
    """
    language = rule.info.language
    rows: dict[tuple[str, str | None], EventCoverage] = {}
    names = dict.fromkeys(name for node in sources if isinstance(node, stages.Origin) for name in node.names)
    if not names and rule.status == "failed":
        # What could not be read may still say in its file's name what it is about.
        names = dict.fromkeys(rule.info.log_source.names)
    for name in names:
        table = table_directory().find(language, name)
        if table is None:
            continue
        for row in (*_own(name, table, findings), *_alike(language, name, table, conditions)):
            rows.setdefault((row.provider, row.event_id), row)
    return tuple(sorted(rows.values(), key=lambda row: (row.derived, row.event_id is None)))


def _own(name: str, table: TableEvents, findings: list[Finding]) -> Iterator[EventCoverage]:
    evidence = f"table {name}"
    provider = (table.log.channel or table.log.name) if table.log is not None else table.provider
    chosen = {text: f"{one.field}={text}" for one in findings for text in _names(one, name, table)}
    for event_id in (*table.event_ids, *chosen):
        kind = events().describe(provider, event_id)
        shown = (evidence, chosen[event_id]) if event_id in chosen else (evidence,)
        yield EventCoverage(kind.provider, kind.event_id, kind.title, shown)
    if not table.event_ids and not chosen:
        yield EventCoverage(table.provider, None, None, (evidence,))


def _names(finding: Finding, name: str, table: TableEvents) -> Iterator[str]:
    """The names of events that a comparison chooses."""
    if finding.negative or not table.name_column or finding.origin != table.name_column:
        return
    if not finding.tables or name in finding.tables:
        kind, text = underscored(finding.kind, finding.value) or (finding.kind, finding.value)
        if kind == "eq":
            yield text


def _alike(language: str, name: str, table: TableEvents, conditions: EventConditions) -> Iterator[EventCoverage]:
    known = log_tables().find(language, name)
    if known is None:
        return
    for member in known.members:
        if member.log == table.log:
            continue
        for event_id in member.event_ids:
            if not conditions.allow(member.log, event_id, known.rules_of, name):
                continue
            kind = events().describe(member.log.channel or member.log.name, event_id)
            yield EventCoverage(kind.provider, kind.event_id, kind.title, (f"table {name}",), True, True)
