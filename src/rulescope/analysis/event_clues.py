"""What in a rule's terms and comparisons speaks for kinds of events, and by what words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from rulescope.analysis.findings import Finding
from rulescope.knowledge.event_catalogue import EventKind, events
from rulescope.knowledge.log_directory import Log, logs
from rulescope.text import NO_SPAN, Span

# Fields that hold an event's number, by the names that Windows, Splunk's add-ons, Sigma, ECS and the Armory give it.
NUMBER_FIELDS = frozenset(
    {"EventCode", "EventID", "EventId", "Event_ID", "event_id", "event_code", "signature_id", "event.code", "eventid"}
)
# Of those the ones that only Windows' events have.
_WINDOWS_FIELDS = frozenset({"EventCode"})
# Fields that hold the name of what was done, and the log that they belong to where the rule names none.
NAME_FIELDS: Mapping[str, tuple[str, ...]] = {
    "eventName": ("cloudtrail",),
    "event_simpleName": ("crowdstrike",),
    "Operation": ("m365",),
    "operationName": ("azure_ad", "azure_activity"),
}
_XML_NUMBER = re.compile(r"EventID(?:\s+Qualifiers=['\"]?\d*['\"]?)?>\s*(\d{1,5})(?:<(?:/EventID>?)?)?", re.IGNORECASE)
_XML_TERM = re.compile(r"<?" + _XML_NUMBER.pattern, re.IGNORECASE)
# As the classic text of a Windows event has it; `EventID=` stands in command lines that query the log.
EVENT_PAIR = re.compile(r"(EventCode)\s*[=:]\s*\"?(\d{1,5})\"?", re.IGNORECASE)
_NUMBER = re.compile(r"\d{3,5}")
_NAME = re.compile(r"[A-Za-z]\w{7,}")


@dataclass(frozen=True, slots=True)
class Identifier:
    """An event's number or name; `logs` are those that it belongs to. `unsure`: it may be any number or word.
    `windows`: it stands in a field that only Windows' events have."""

    text: str
    logs: tuple[Log, ...] = ()
    unsure: bool = False
    windows: bool = False


@dataclass(slots=True)
class Clues:
    """What speaks for logs, for numbers or names of events, and for whole kinds of events; each with its evidence."""

    logs: dict[Log, dict[str, None]] = field(default_factory=dict)
    identifiers: dict[Identifier, dict[str, None]] = field(default_factory=dict)
    kinds: dict[tuple[str, str | None, str | None], dict[str, None]] = field(default_factory=dict)
    derived: set[str] = field(default_factory=set)

    def add_log(self, log: Log, evidence: str) -> None:
        """Something names a log."""
        self.logs.setdefault(log, {})[evidence] = None

    def add_identifier(self, identifier: Identifier, evidence: str) -> None:
        """Something gives an event's number or name."""
        self.identifiers.setdefault(identifier, {})[evidence] = None

    def add_kind(self, kind: EventKind, evidence: Iterable[str]) -> None:
        """Several things together say which kind of event is meant."""
        key = (kind.provider, kind.event_id, kind.title)
        self.kinds.setdefault(key, {}).update(dict.fromkeys(evidence))


def read_findings(
    findings: Iterable[Finding],
    macro_logs: Mapping[str, tuple[Log, ...]],
    macro_at: Callable[[Span], str | None],
    clues: Clues,
) -> tuple[dict[str, str], dict[str, str]]:
    """Takes what terms and comparisons say; gives the sources and the sourcetypes that are named, each with what named
    it."""
    sources: dict[str, str] = {}
    sourcetypes: dict[str, str] = {}
    term_spans = set()
    for finding in findings:
        if finding.negative or finding.span in term_spans:
            continue
        if finding.category == "term":
            if finding.span != NO_SPAN and macro_at(finding.span) is None:
                # What a TERM spells out is the same evidence again.
                term_spans.add(finding.span)
            _read_term(finding, clues)
        elif finding.category == "scope":
            macro = macro_at(finding.span)
            if macro is not None and macro_logs.get(macro):
                continue
            if finding.origin in ("source", "sourcetype") and finding.kind in ("eq", "starts_with", "ends_with"):
                given = sources if finding.origin == "source" else sourcetypes
                given[finding.value.rstrip("/:")] = f"`{macro}`" if macro else f"{finding.origin}={finding.value}"
        elif finding.kind == "eq":
            _read_comparison(finding, clues)
        elif finding.kind == "match" and (finding.origin in NUMBER_FIELDS or finding.origin in NAME_FIELDS):
            _read_alternatives(finding, clues)
    return sources, sourcetypes


def _read_comparison(finding: Finding, clues: Clues) -> None:
    if finding.origin in NUMBER_FIELDS or finding.field in NUMBER_FIELDS:
        windows = finding.origin in _WINDOWS_FIELDS and finding.value.isdecimal()
        clues.add_identifier(Identifier(finding.value, windows=windows), f"{finding.field}={finding.value}")
        return
    if finding.origin in NAME_FIELDS:
        identifier = Identifier(finding.value, _logs_of_names(finding.origin))
        clues.add_identifier(identifier, f"{finding.field}={finding.value}")


def _logs_of_names(field_name: str) -> tuple[Log, ...]:
    return tuple(logs().by_key(key) for key in NAME_FIELDS.get(field_name, ()))


def _read_alternatives(finding: Finding, clues: Clues) -> None:
    """Reads a regular expression that only lists events: `^(4624|4625)$`, `4688`."""
    body = finding.value.removeprefix("(?i)").removeprefix("^").removesuffix("$")
    if body.startswith("(") and body.endswith(")"):
        body = body[1:-1].removeprefix("?:").removeprefix("?i:")
    words = body.split("|")
    if all(word.isalnum() for word in words):
        for word in words:
            identifier = Identifier(word, _logs_of_names(finding.origin))
            clues.add_identifier(identifier, f"match({finding.field}, {finding.value})")


def is_event_text(text: str) -> bool:
    """Whether a search term is but the number of an event: `EventCode=1`, `<EventID>1<`."""
    return bool(EVENT_PAIR.fullmatch(text) or _XML_TERM.fullmatch(text))


def _read_term(finding: Finding, clues: Clues) -> None:
    text = finding.value
    shown = f"{finding.directive}({text})" if finding.directive else f'"{text}"' if finding.quoted else text
    number = _XML_NUMBER.search(text) or EVENT_PAIR.fullmatch(text)
    if number is not None:
        clues.add_identifier(Identifier(number[number.lastindex or 0], windows=True), shown)
    elif finding.directive == "TERM" and _NUMBER.fullmatch(text):
        # A bare number is an event's only if the rule's log has such an event; `_put_together` sees to it.
        clues.add_identifier(Identifier(text, unsure=True), shown)
    elif _NAME.fullmatch(text):
        named = _named_events().get(text)
        if named is not None:
            clues.add_identifier(Identifier(text, (named,), unsure=True), shown)


_NAMED: dict[str, Log] = {}


def _named_events() -> dict[str, Log]:
    """Events that are told by name rather than number, to the log that has them."""
    if not _NAMED:
        for source in events().data_sources:
            if source.event_id is not None and source.log.family not in ("windows", "linux"):
                _NAMED.setdefault(source.event_id, source.log)
    return _NAMED
