"""What the field names of a family of rule languages stand for in raw logs, as data: one row a log, events and name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from rulescope.knowledge.derivation import Form
from rulescope.knowledge.derivation_notation import parse_form
from rulescope.knowledge.field_rule import FieldRule, expand_ids
from rulescope.knowledge.log_directory import EVERY_LOG, Log, every_log, logs

_REST = "*"


class LanguageFields:
    """The rules of one family's names, for whole names and for names with a prefix.

    A row is (log, event ids, name, form, source), and, where there is one, a sixth cell: `instead` where the rule
    goes before a raw field of the very name. `log` may be `*`: every one; `event ids` is as in `field_rules.csv`. A
    name that ends in `.*` stands for every name with that prefix, and `*` in its form for the rest of the name:
    `winlog.event_data.Image` is `Image`.
    """

    __slots__ = ("_by_name", "_families", "_prefixed")

    def __init__(self, rows: Iterable[list[str]]) -> None:
        self._by_name: dict[str, list[FieldRule]] = {}
        self._prefixed: list[tuple[str, Log, frozenset[str], str, str]] = []
        directory = logs().logs
        self._families = {EVERY_LOG, *(log.family for log in directory if log.family)}
        for key, ids, name, form, source, *more in rows:
            held = [every_log()] if key == EVERY_LOG else [log for log in directory if key in (log.key, log.like)]
            for log in held:
                event_ids = frozenset(expand_ids(ids))
                if name.endswith(".*"):
                    self._prefixed.append((name.removesuffix(_REST), log, event_ids, form, source))
                else:
                    rule = FieldRule(log, event_ids, name, parse_form(form), source, more == ["instead"])
                    self._by_name.setdefault(name, []).append(rule)
        for rules in self._by_name.values():
            rules.sort(key=self._order)

    def _order(self, rule: FieldRule) -> tuple[bool, bool]:
        # As in `FieldRules.of_target`: what is said of fewer events goes first.
        return (rule.log.key in self._families, not rule.event_ids)

    def of_name(self, name: str) -> tuple[FieldRule, ...]:
        """The rules of a field in the order in which they are to be tried; empty where the name is not known."""
        found = list(self._by_name.get(name, ()))
        for prefix, log, event_ids, form, source in self._prefixed:
            rest = name.removeprefix(prefix)
            if rest and rest != name and '"' not in rest:
                found.append(FieldRule(log, event_ids, name, _with_rest(form, rest), source))
        return tuple(sorted(found, key=self._order))

    def of_names(self, names: Iterable[str]) -> tuple[FieldRule, ...]:
        """The rules of all of these names."""
        return tuple(rule for name in sorted(set(names)) for rule in self.of_name(name))

    def has(self, name: str) -> bool:
        """Whether the name has rules of its own."""
        return name in self._by_name

    def spelt(self, name: str, raw: Iterable[str]) -> Iterator[str]:
        """The names that begin as this one does, with one of the prefixes, and end in one of those raw fields; those of
        every prefix that a pattern (`winlog.*`) may take in."""
        fields = list(raw)
        start, star, _ = name.partition("*")
        for prefix, _, _, form, _ in self._prefixed:
            if start.startswith(prefix) or (star and prefix.startswith(start)):
                before = form.strip('"').removesuffix(_REST)
                yield from (prefix + one.removeprefix(before) for one in fields if one.startswith(before))

    @property
    def names(self) -> tuple[str, ...]:
        """The names that have rules of their own; those with a prefix are not among them."""
        return tuple(self._by_name)


@lru_cache(maxsize=10_000)
def _with_rest(form: str, rest: str) -> Form:
    return parse_form(form.replace(_REST, rest))
