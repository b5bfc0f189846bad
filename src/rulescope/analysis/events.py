"""Which kinds of events a rule looks at, and what in the rule says so.

The parts of an answer stand apart in most rules: a macro or a sourcetype names the log, a comparison or a piece of raw
text the event's number. They are gathered separately and put together here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rulescope import ir
from rulescope.analysis.event_clues import Clues, Identifier, read_findings
from rulescope.analysis.facts import EventCoverage
from rulescope.analysis.findings import Finding
from rulescope.knowledge.event_catalogue import EventKind, events
from rulescope.knowledge.log_directory import WINDOWS, Log, logs, without_windows_prefix
from rulescope.knowledge.sigma_sources import sigma_sources
from rulescope.text import Span

# Canonical fields whose values say which kind of event is meant, or where it comes from, and nothing of what happened.
KIND_FIELDS = frozenset(
    {
        "event_id", "event_type", "event_category", "event_action", "event_outcome", "event_platform", "channel",
        "provider",
    }
)  # fmt: skip
_PROVIDER_FIELDS = frozenset({"Provider_Name", "ProviderName"})
_NO_LOG = "Log not named"
_GENERAL = frozenset({"windows", "linux"})
_MOST_LOGS = 3
# Logs whose numbers of four digits and more nobody takes for those of another log (4688, 4104).
_KNOWN_BY_NUMBER = frozenset({"security", "powershell"})


def event_coverage(
    info: ir.RuleInfo,
    findings: Iterable[Finding],
    macro_logs: Mapping[str, tuple[Log, ...]],
    macro_at: Callable[[Span], str | None],
    data_models: Iterable[str],
    model_kinds: Mapping[str, tuple[EventKind, ...]],
    log_sources: Sequence[ir.LogSource],
    among: Iterable[Candidate],
    allowed: Callable[[Log, str], bool],
) -> tuple[EventCoverage, ...]:
    """The kinds of events that a rule looks at, those with a number or name first.

    `macro_logs` are the logs that the rule's macros choose, `macro_at` names the macro whose call stands at a place;
    `model_kinds` are the kinds of events behind a data model's data set. Those are given, marked as derived, only where
    nothing else in the rule says what it looks at. Also marked are logs that are one of several which a macro may mean.
    `among` are the logs that the rule's indexes hold: a number is one's of these where nothing nearer names its log,
    and where the rule's conditions leave that event (`allowed`).
    """
    findings = tuple(findings)
    clues = Clues()
    sources, sourcetypes = read_findings(findings, macro_logs, macro_at, clues)
    unlisted = _read_sources(sources, sourcetypes, clues)
    for one, named_by in _chosen_by_macros(macro_logs).items():
        clues.logs.setdefault(one, {}).update(dict.fromkeys(named_by))
    by_name = _read_data_sources(info.log_source.names, clues)
    by_category = {log: category for category in info.data_categories if (log := logs().find(category)) is not None}
    if not clues.logs and not clues.kinds:
        for log, category in by_category.items():
            clues.add_log(log, f"data category {category}")
    _read_providers(findings, clues)
    generic = _read_log_sources(log_sources, clues)
    others = _Others((*_sigma_logs(log_sources), *among), allowed)
    _put_together(clues, frozenset(by_name.union(by_category)), others)
    rows = _rows(clues)
    told = {(row.provider, row.event_id) for row in rows}
    rows += tuple(row for row in generic if (row.provider, row.event_id) not in told)
    if not rows:
        # A sourcetype that no list has is still the author's word for where the events come from.
        rows = tuple(EventCoverage(name, None, None, (sourcetypes[name],)) for name in unlisted)
    if rows:
        return rows
    return _of_models(data_models, model_kinds)


def _read_data_sources(names: Iterable[str], clues: Clues) -> set[Log]:
    """Takes what a rule's data sources say; gives the logs that they name as a whole."""
    by_name: set[Log] = set()
    for name in names:
        for kind in events().from_data_source(name):
            whole = logs().find(kind.provider) if kind.event_id is None else None
            if whole is not None:
                clues.add_log(whole, f"data source {name}")
                by_name.add(whole)
            else:
                clues.add_kind(kind, (f"data source {name}",))
    return by_name


def _of_models(
    data_models: Iterable[str], model_kinds: Mapping[str, tuple[EventKind, ...]]
) -> tuple[EventCoverage, ...]:
    """The kinds of events behind data models, as derived."""
    derived = Clues()
    for model in data_models:
        for kind in model_kinds.get(model, ()):
            derived.add_kind(kind, (f"data model {model}",))
    return tuple(
        EventCoverage(provider, event_id, title, tuple(evidence), True)
        for (provider, event_id, title), evidence in derived.kinds.items()
    )


def _read_providers(findings: Iterable[Finding], clues: Clues) -> None:
    """Notes the events whose provider the rule names beside their numbers: the same number means others elsewhere."""
    for finding in findings:
        if finding.negative or finding.kind != "eq" or finding.origin not in _PROVIDER_FIELDS:
            continue
        for identifier, evidence in clues.identifiers.items():
            kind = events().describe(finding.value, identifier.text)
            clues.add_kind(kind, (*evidence, f"{finding.field}={finding.value}"))


def _read_log_sources(log_sources: Iterable[ir.LogSource], clues: Clues) -> tuple[EventCoverage, ...]:
    """Notes the logs of services; gives back the kinds of events that carry a category, which names none itself."""
    generic: dict[EventCoverage, None] = {}
    for given in log_sources:
        shown = " ".join(part for part in (given.product, given.category, given.service) if part)
        for member in sigma_sources().members(given.product, given.category, given.service):
            log = member.log
            if log is None:
                generic[EventCoverage(member.provider or "", None, None, (f"log source {shown}",), True)] = None
                continue
            if not member.event_ids:
                clues.add_log(log, f"log source {shown}")
            for event_id in member.event_ids:
                kind = events().describe(log.channel or log.name, event_id)
                evidence = (f"log source {shown}",)
                generic[EventCoverage(kind.provider, kind.event_id, kind.title, evidence, True)] = None
    return tuple(generic)


def _read_sources(sources: Mapping[str, str], sourcetypes: Mapping[str, str], clues: Clues) -> list[str]:
    """Notes the logs that sources and sourcetypes (to what says so) stand for; gives back sourcetypes without any."""
    directory = logs()
    told = False
    unlisted: list[str] = []
    for source, evidence in sources.items():
        named = directory.find(without_windows_prefix(source)) or directory.from_sourcetype(source, None)
        if named is not None:
            told = True
            clues.add_log(named, evidence)
    for sourcetype, evidence in sourcetypes.items():
        named = directory.from_sourcetype(None, sourcetype)
        # A source names the channel, a sourcetype often only the format.
        if named is not None and not (told and named.key == "windows"):
            clues.add_log(named, evidence)
        elif named is None:
            unlisted.append(sourcetype)
    return unlisted


def _chosen_by_macros(macro_logs: Mapping[str, tuple[Log, ...]]) -> dict[Log, list[str]]:
    """The logs that a rule's macros leave together, and the macros that say so.

    Macros of one search narrow one another: `get_endpoint_data` and then `get_endpoint_data_sysmon` leave Sysmon. Those
    that have no log in common stand in different searches of the rule, and each keeps its own.
    """
    chosen: dict[Log, list[str]] = {}
    for macro, given in macro_logs.items():
        if not given:
            continue
        shown = f"`{macro}`"
        narrowed = {log: [*chosen[log], shown] for log in chosen if log in given or log.family in _keys(given)}
        narrowed |= {log: [shown] for log in given if log not in narrowed and log.family in _keys(chosen)}
        chosen = narrowed or chosen | {log: [shown] for log in given}
    return chosen


def _keys(found: Iterable[Log]) -> set[str]:
    return {log.key for log in found}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A log that a rule's events may be of, or a product that has none here (`provider`)."""

    log: Log | None
    provider: str


@dataclass(frozen=True, slots=True)
class _Others:
    """The logs of a rule's indexes or log source, and which of their events its conditions leave."""

    candidates: tuple[Candidate, ...]
    allowed: Callable[[Log, str], bool]

    def find(self, identifier: str) -> list[EventKind]:
        """The events of that number: those that the logs are known to have, or else that of the only product."""
        found = _fitting([one.log for one in self.candidates if one.log is not None], identifier)
        kinds = [kind for log, kind in found if self.allowed(log, identifier)] or [kind for _, kind in found]
        if kinds:
            return list(dict.fromkeys(kinds))
        providers = dict.fromkeys(one.provider for one in self.candidates)
        return [events().describe(next(iter(providers)), identifier)] if len(providers) == 1 else []


def _sigma_logs(log_sources: Iterable[ir.LogSource]) -> Iterator[Candidate]:
    for given in log_sources:
        for member in sigma_sources().members(given.product, given.category, given.service):
            yield Candidate(member.log, member.log.name if member.log is not None else member.provider or "")


def _put_together(clues: Clues, hinted: frozenset[Log], others: _Others) -> None:
    catalogue = events()
    named: set[Log] = set()
    for identifier, evidence in clues.identifiers.items():
        stated = [key for key in clues.kinds if key[1] is not None and key[1].casefold() == identifier.text.casefold()]
        if stated:
            for key in stated:
                clues.kinds[key].update(evidence)
            providers = {key[0] for key in stated}
            named.update(log for log in clues.logs if log.name in providers)
            continue
        own = [log for log in clues.logs if log in identifier.logs]
        candidates = own or ([] if identifier.unsure and identifier.logs else list(clues.logs))
        fitting = _fitting(candidates, identifier.text)
        for log, kind in fitting:
            clues.add_kind(kind, (*clues.logs[log], *evidence))
            named.add(log)
        if fitting:
            continue
        if candidates and not identifier.unsure:
            log = next((log for log in candidates if log.key in _GENERAL), candidates[0])
            # An EDR that passes Windows' events on does not make 4688 an event of its own.
            foreign = _best_windows(identifier.text) if log.family != "windows" else None
            kind = foreign or catalogue.describe(log.name, identifier.text)
            clues.add_kind(kind, (*clues.logs[log], *evidence))
            named.add(log)
        elif identifier.logs and not clues.logs:
            clues.add_kind(catalogue.describe(identifier.logs[0].name, identifier.text), evidence)
        elif not identifier.unsure:
            for kind in others.find(identifier.text) or [_without_log(identifier)]:
                clues.add_kind(kind, evidence)
    # A log says something by itself only where no event of it, of a log within it, or of another log that the same
    # macro chooses was named.
    spoken_for = [*clues.logs, *named, *(known for key in clues.kinds if (known := logs().find(key[0])) is not None)]
    families = {log.family for log in spoken_for if log.family != log.key}
    spent = {text for log in named for text in clues.logs[log]}
    left = {
        log: evidence
        for log, evidence in clues.logs.items()
        if log not in named and log.key not in families and not spent.issuperset(evidence)
    }
    # What the author files the rule under tells which of a macro's many logs is meant.
    left = {log: evidence for log, evidence in left.items() if log in hinted} or left
    for log, evidence in left.items():
        whole = log
        if len([other for other in left if other.family == log.family]) > _MOST_LOGS and log.family in _GENERAL:
            # So many logs of one system are that system's logs at large.
            whole = logs().by_key(log.family)
        clues.add_kind(catalogue.whole_log(whole), evidence)
        if len(left) > 1 and whole is log:
            clues.derived.add(log.name)


def _fitting(candidates: list[Log], identifier: str) -> list[tuple[Log, EventKind]]:
    """The logs that are known to have such an event, and the event."""
    found = []
    for log in candidates:
        kind = _best_windows(identifier) if log.key == "windows" else events().find(log.name, identifier)
        if kind is not None:
            found.append((log, kind))
    # Where several logs have the number, those in which it has a title are the ones that people look at.
    return [(log, kind) for log, kind in found if kind.title is not None] or found


def _family(provider: str) -> str | None:
    log = logs().find(provider)
    return log.family if log else None


def _best_windows(event_id: str) -> EventKind | None:
    """The event that a number means in "the Windows event log" at large: of the best-known log that is not Sysmon's."""
    for kind in events().by_id(event_id):
        if kind.provider != "Sysmon" and kind.channel is not None and _family(kind.provider) == "windows":
            return kind
    return None


def _without_log(identifier: Identifier) -> EventKind:
    """The event of that number where only one well-known log has it, or one whose numbers are known by themselves; else
    one of Windows at large, where only its events have such a field."""
    event_id = identifier.text
    well_known: dict[str, EventKind] = {}
    for kind in events().by_id(event_id):
        log = logs().find(kind.provider)
        if log is not None and log.key in _KNOWN_BY_NUMBER and len(event_id) > 3:
            return kind
        if log is not None and log.family:
            well_known.setdefault(kind.provider, kind)
    if len(well_known) == 1:
        return next(iter(well_known.values()))
    provider = logs().by_key(WINDOWS).name if identifier.windows else _NO_LOG
    return EventKind(provider, event_id, None, None, None, (), "rulescope")


def _rows(clues: Clues) -> tuple[EventCoverage, ...]:
    # A whole log says nothing beside single events of the same log.
    told = {provider for provider, event_id, _ in clues.kinds if event_id is not None}
    rows = [
        EventCoverage(provider, event_id, title, tuple(evidence), event_id is None and provider in clues.derived)
        for (provider, event_id, title), evidence in clues.kinds.items()
        if event_id is not None or provider not in told
    ]
    return tuple(sorted(rows, key=lambda row: row.event_id is None))
