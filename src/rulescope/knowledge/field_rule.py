"""From which raw fields of which log and event a field's value comes: the field rules, one a log, events and field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from rulescope.knowledge.derivation import Form
from rulescope.knowledge.derivation_notation import parse_form
from rulescope.knowledge.derivation_value import Value, evaluate
from rulescope.knowledge.log_directory import Log, LogDirectory, logs
from rulescope.knowledge.tables import load_rows


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How `target` is computed for events of `log`. `event_ids` empty: for all its events. `source` names the
    fact's origin.

    The raw field that tells the event ids of a log is `log.id_field`. `instead`: for these events it goes before a raw
    field named as `target`, which means something else there (`ProcessId` of Security 4688 is the parent's).
    """

    log: Log
    event_ids: frozenset[str]
    target: str
    form: Form
    source: str
    instead: bool = False

    def applies_to(self, event_id: str | None) -> bool:
        """Whether it holds for events of that id; a rule for all events holds for an unknown id too."""
        return not self.event_ids or event_id in self.event_ids


class FieldRules:
    """All field rules, parsed when first asked for."""

    __slots__ = ("_by_target", "_directory", "_parsed", "_titles")

    def __init__(self, directory: LogDirectory, rows: Iterable[list[str]]) -> None:
        self._directory = directory
        self._by_target: dict[str, list[list[str]]] = {}
        for row in rows:
            self._by_target.setdefault(row[2], []).append(row)
        self._parsed: dict[str, tuple[FieldRule, ...]] = {}
        self._titles: dict[str, str] = {}

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of all fields that some rule computes."""
        return tuple(self._by_target)

    def of_target(self, target: str) -> tuple[FieldRule, ...]:
        """Every rule for that field (a name as Splunk's add-ons give it, without a data model's node); empty if none.

        They stand in the order in which they are to be tried for an event: rules for its id before those for the whole
        log, and those of the log before those of its family. The first that gives a value gives the field's value.
        """
        known = self._parsed.get(target)
        if known is None:
            rules = [rule for row in self._by_target.get(target, ()) for rule in self._read(row)]
            families = {log.family for log in self._directory.logs if log.family}
            rules.sort(key=lambda rule: (rule.log.key in families, not rule.event_ids))
            known = self._parsed[target] = tuple(rules)
        return known

    def for_event(self, target: str, log_name: str | None = None, event_id: str | None = None) -> tuple[FieldRule, ...]:
        """The rules of that field that hold for a log (key or any name of it; None: every log) and an event
        (None: every one)."""
        rules = self.of_target(target)
        if log_name is not None:
            log = self._log(log_name)
            keys = {log.key, log.family} if log else set()
            rules = tuple(rule for rule in rules if rule.log.key in keys)
        return tuple(rule for rule in rules if event_id is None or rule.applies_to(event_id))

    def value(self, target: str, log_name: str, event: Mapping[str, str]) -> Value:
        """The field's value for one event of a log, its raw fields given as text: what an engine must come to
        as well."""
        log = self._log(log_name)
        event_id = event.get(log.id_field) if log and log.id_field else None
        for rule in self.for_event(target, log_name):
            if rule.applies_to(event_id) and (found := evaluate(rule.form, event)) is not None:
                return found
        return None

    def _log(self, name: str) -> Log | None:
        try:
            return self._directory.by_key(name)
        except KeyError:
            return self._directory.find(name)

    def _read(self, row: list[str]) -> Iterable[FieldRule]:
        key, ids, target, text, source = row
        form = parse_form(text.replace("event_title()", self._title_form(key)) if "event_title()" in text else text)
        event_ids = frozenset(expand_ids(ids))
        for log in self._directory.logs:
            if log.key == key or log.like == key:
                yield FieldRule(log, event_ids, target, form, source)

    def _title_form(self, key: str) -> str:
        known = self._titles.get(key)
        if known is None:
            pairs = (
                f", '{event_id}', '{title.replace(chr(39), chr(39) * 2)}'"
                for log, event_id, title in load_rows("event_titles.csv")
                if log == key
            )
            known = self._titles[key] = f"case({self._directory.by_key(key).id_field}{''.join(pairs)})"
        return known


def expand_ids(text: str) -> tuple[str, ...]:
    """The event ids that a cell lists, parted by blanks; `5-8` stands for 5, 6, 7 and 8."""
    ids: list[str] = []
    for part in text.split():
        first, dash, last = part.partition("-")
        ids.extend(map(str, range(int(first), int(last) + 1)) if dash else (part,))
    return tuple(ids)


@cache
def field_rules() -> FieldRules:
    """The field rules as shipped."""
    return FieldRules(logs(), load_rows("field_rules.csv"))
