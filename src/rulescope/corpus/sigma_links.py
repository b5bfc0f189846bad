"""Sigma rules that other files add to: correlations of rules in other files, and filters over them.

A file is read by itself; here the rules of all files meet. What a rule takes from other files stands after its own
text, so that its text says all, wherever it is read. Source: Sigma correlation rules specification 2.1 ("Correlation
rules", "Generate") and Sigma filters specification ("rules": names, identifiers, or `any`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rulescope.corpus.frame import with_problems
from rulescope.corpus.model import FileProblem, RuleFile, SigmaFilter, SigmaLinks
from rulescope.corpus.rule_paths import file_of_rule
from rulescope.ir import LogSource
from rulescope.text import Diagnostic, Source, nearest_name

SEPARATOR = "\n---\n"
MOST_TEXT = 256 * 1024
_MOST_NAMED = 5
_MOST_DRAWN = 64 * 1024 * 1024
"""So many characters of other files all rules together take: thousands that name one another would fill the memory."""
TOO_LONG = Diagnostic("RUL021", f"with the documents that it needs, the rule is longer than {MOST_TEXT:,} characters")


def link_rules(rules: Sequence[RuleFile], filters: Sequence[SigmaFilter]) -> tuple[list[RuleFile], list[FileProblem]]:
    """The rules with what they need of other files, and the filters that name what is in none."""
    linked = [rule for rule in rules if rule.links is not None]
    if not filters and not any(rule.links is not None and rule.links.references for rule in linked):
        return list(rules), []
    links = _Links(linked, filters)
    return [links.linked(rule) if rule.links is not None else rule for rule in rules], list(links.problems())


class _Links:
    """All Sigma rules and filters by the names that others call them by."""

    def __init__(self, rules: Sequence[RuleFile], filters: Sequence[SigmaFilter]) -> None:
        self.filters = filters
        self._plain = rules
        self._drawn_text = 0
        self.by_name: dict[str, list[RuleFile]] = {}
        for rule in rules:
            for name in _links(rule).names:
                self.by_name.setdefault(name, []).append(rule)
        self._named: dict[str, list[SigmaFilter]] = {}
        self._general = [one for one in filters if one.rules is None]
        for one in filters:
            for name, _ in one.rules or ():
                self._named.setdefault(name, []).append(one)
        self._built = {rule.info.path: self._parts(rule) for rule in rules if _links(rule).references}
        endless = _endless(self._built)
        self._parts_alone = {
            path
            for rule in rules
            if not _links(rule).generates
            for path in self._built.get(rule.info.path, ())
            if path not in endless
        }
        self._rules = {rule.info.path: rule for rule in rules}

    def linked(self, rule: RuleFile) -> RuleFile:
        """The rule with the text that it needs of other files."""
        own = file_of_rule(rule.info.path)
        drawn = self._drawn(rule)
        others = [one for one in drawn if file_of_rule(one.info.path) != own]
        added = [_text_of(one) for one in others]
        added += [one.text for one in self._filters_of((rule, *drawn)) if one.path != own]
        alone = rule.info.path not in self._parts_alone
        found = [one for other in others for one in (other.frame.problems if other.frame is not None else ())]
        source = rule.source
        if added:
            texts = list(dict.fromkeys(added))
            self._drawn_text += sum(map(len, texts))
            source, whole = _with_texts(source, texts if self._drawn_text <= _MOST_DRAWN else [])
            whole = whole and self._drawn_text <= _MOST_DRAWN
            found += () if whole else (TOO_LONG,)
        problems = (*(rule.frame.problems if rule.frame is not None else ()), *found)
        return replace(rule, source=source, alone=alone, frame=with_problems(rule.frame, problems))

    def problems(self) -> Iterator[FileProblem]:
        """The filters that are for no rule, or name one that no file has."""
        for one in self.filters:
            lost = [(name, span) for name, span in one.rules or () if name not in self.by_name]
            for name, span in lost[:_MOST_NAMED]:
                near = nearest_name(name, self.by_name)
                hint = f"did you mean '{near}'?" if near else "give the filter together with the rules that it names"
                more = f", nor are {len(lost) - 1:,} others that it names" if len(lost) > _MOST_NAMED else ""
                message = f"the filter names the rule '{name[:80]}', which is in none of the files{more}"
                yield FileProblem(one.path, Diagnostic("RUL024", message, span, hint=hint), one.source)
            if one.rules is None and not any(_covers(one.log_source, rule.info.log_source) for rule in self._plain):
                message = "the filter is for no rule that was given: none has its log source"
                yield FileProblem(one.path, Diagnostic("RUL024", message, severity="warning"), one.source)

    def _found(self, rule: RuleFile, name: str) -> list[RuleFile]:
        """The rules of a name, as a rule means them: those of its file, else of its repository, else of any."""
        every = self.by_name.get(name, ())
        own = file_of_rule(rule.info.path)
        near = [one for one in every if file_of_rule(one.info.path) == own]
        near = near or [one for one in every if one.info.repository == rule.info.repository]
        return near or list(every)

    def _parts(self, rule: RuleFile) -> tuple[str, ...]:
        found = (one.info.path for name in _links(rule).references for one in self._found(rule, name))
        return tuple(dict.fromkeys(found))

    def _drawn(self, rule: RuleFile) -> list[RuleFile]:
        """The rules that a correlation is built of, and those that these are built of, each once."""
        seen = {rule.info.path: rule}
        waiting = [rule.info.path]
        while waiting:
            for path in self._built.get(waiting.pop(), ()):
                if path not in seen:
                    seen[path] = self._rules[path]
                    waiting.append(path)
        return list(seen.values())[1:]

    def _filters_of(self, rules: Iterable[RuleFile]) -> Iterator[SigmaFilter]:
        """The filters that name one of the rules, or are for any and may be for one of them."""
        seen: set[int] = set()
        for rule in rules:
            named = (one for name in _links(rule).names for one in self._named.get(name, ()))
            general = (one for one in self._general if _covers(one.log_source, rule.info.log_source))
            for one in (*named, *general):
                if id(one) not in seen:
                    seen.add(id(one))
                    yield one


def _links(rule: RuleFile) -> SigmaLinks:
    assert rule.links is not None
    return rule.links


def _covers(wider: LogSource, given: LogSource) -> bool:
    pairs = ((getattr(wider, key), getattr(given, key)) for key in ("product", "category", "service"))
    return any((given.product, given.category, given.service)) and all(one in (None, other) for one, other in pairs)


def _text_of(rule: RuleFile) -> str:
    """The rule's documents as they stand in its file; templates of it end with them."""
    links, text = _links(rule), rule.source.file_text
    parts = [text[start:end] for start, end in links.extents]
    return SEPARATOR.join([*parts, "action: reset"] if links.templates else parts)


def _with_texts(source: Source, texts: Sequence[str]) -> tuple[Source, bool]:
    """The text with others after it, as far as there is room, and whether there was; they stand at its start."""
    parts, included = [source.text], list[int]()
    length = len(source.text)
    for text in texts:
        if length + len(SEPARATOR) + len(text) > MOST_TEXT:
            return _included(source, parts, included), False
        length += len(SEPARATOR)
        included.append(length)
        parts.append(text)
        length += len(text)
    return _included(source, parts, included), True


def _included(source: Source, parts: Sequence[str], included: Sequence[int]) -> Source:
    outer = source.file_text
    offsets = source.offsets or ((0, 0),)
    end = included[0] - len(SEPARATOR) if included else None
    return Source(SEPARATOR.join(parts), source.name, outer, offsets, source.first_line, own_end=end)


def _endless(built: dict[str, tuple[str, ...]]) -> set[str]:
    """The rules that lead back to themselves, or to such a rule: they are parts of nothing that could be run."""
    users: dict[str, list[str]] = {}
    left = {path: len(parts) for path, parts in built.items()}
    for path, parts in built.items():
        for part in parts:
            users.setdefault(part, []).append(path)
    done = [path for path in {*users, *built} if not left.get(path)]
    while done:
        for user in users.get(done.pop(), ()):
            left[user] -= 1
            if not left[user]:
                done.append(user)
    return {path for path, number in left.items() if number}
