"""What the field names of a family of rule languages stand for in raw logs, as data: one row a log, events and name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rulescope.knowledge.derivation import RawField, parse_form
from rulescope.knowledge.field_rule import FieldRule, expand_ids
from rulescope.knowledge.log_directory import Log, logs

_REST = "*"


class LanguageFields:
    """The rules of one family's names, for whole names and for names with a prefix.

    A row is (log, event ids, name, form, source), and, where there is one, a sixth cell: `instead` where the rule
    goes before a raw field of the very name. `event ids` is as in `field_rules.csv`. A name that ends in `.*` stands
    for every name with that prefix, and the form `*` for the raw field that the rest of it names:
    `winlog.event_data.Image` is `Image`.
    """

    __slots__ = ("_by_name", "_prefixed")

    def __init__(self, rows: Iterable[list[str]]) -> None:
        self._by_name: dict[str, list[FieldRule]] = {}
        self._prefixed: list[tuple[str, FieldRule]] = []
        directory = logs().logs
        for key, ids, name, form, source, *more in rows:
            for log in directory:
                if key in (log.key, log.like):
                    self._add(log, frozenset(expand_ids(ids)), name, form, source, more == ["instead"])
        families = {log.family for log in directory if log.family}
        for rules in self._by_name.values():
            # As in `FieldRules.of_target`: what is said of fewer events goes first.
            rules.sort(key=lambda rule: (rule.log.key in families, not rule.event_ids))

    def _add(self, log: Log, ids: frozenset[str], name: str, form: str, source: str, instead: bool) -> None:
        rule = FieldRule(log, ids, name, parse_form(form), source, instead)
        if name.endswith(".*"):
            self._prefixed.append((name.removesuffix(_REST), rule))
        else:
            self._by_name.setdefault(name, []).append(rule)

    def of_name(self, name: str) -> tuple[FieldRule, ...]:
        """The rules of a field in the order in which they are to be tried; empty where the name is not known."""
        found = self._by_name.get(name, [])
        prefixed = [
            replace(rule, target=name, form=RawField(name[len(prefix) :]))
            for prefix, rule in self._prefixed
            if name.startswith(prefix) and len(name) > len(prefix)
        ]
        return (*found, *prefixed)

    def of_names(self, names: Iterable[str]) -> tuple[FieldRule, ...]:
        """The rules of all of these names."""
        return tuple(rule for name in sorted(set(names)) for rule in self.of_name(name))

    @property
    def names(self) -> tuple[str, ...]:
        """The names that have rules of their own; those with a prefix are not among them."""
        return tuple(self._by_name)
