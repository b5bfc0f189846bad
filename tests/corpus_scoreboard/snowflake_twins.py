"""Compares the Armory's Snowflake rules with their Splunk twins, indicator by indicator.

Each value that one of the two looks for, or excludes, gets a cause: `same`, or why the other has it not. The causes
are found by rule, from the facts and the text of the twins; none is typed in by hand.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rulescope.analysis.comparing import IndicatorKey, comparison
from rulescope.analysis.extract import facts
from rulescope.analysis.facts import Facts, Indicator
from rulescope.catalog.rule_records import parse_rule
from rulescope.corpus import RuleFile, read_corpus
from rulescope.languages.spl import MacroLibrary

# Which Splunk variant reads the same log as a Snowflake one.
SAME_LOG = {
    "crowdstrikefdr_process": ("edr",),
    "awscloudtrail": ("awscloudtrail",),
    "okta": ("okta",),
    "gcpaudit": ("gcpaudit",),
    "gsuite": ("gsuite", "google", "gcpaudit"),
    "cloudflare_waf": ("waf",),
    "awswaf": ("waf",),
}
_CLASS = re.compile(r"\\[dDsSwWbB]|\{\d+(?:,\d*)?\}")
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(slots=True)
class Twins:
    """A detection in both languages: the cause of each value, by the language that it stands in."""

    name: str
    status: str
    causes: dict[str, list[tuple[str, IndicatorKey]]] = field(default_factory=lambda: defaultdict(list))


def compare_twins(rules: Path) -> list[Twins]:
    """Every Snowflake rule that has a Splunk twin, compared with all of them and, the other way round, with the ones
    of the same log."""
    groups: dict[str | None, list[RuleFile]] = defaultdict(list)
    for rule in read_corpus([rules]).rules:
        groups[rule.info.variant_group].append(rule)
    found: list[Twins] = []
    library = MacroLibrary([])
    for group in groups.values():
        splunk = [rule for rule in group if rule.info.language == "spl"]
        for rule in group:
            if rule.info.language == "snowflake" and splunk:
                found.append(_compare(rule, splunk, library))
    return found


def _compare(rule: RuleFile, splunk: list[RuleFile], library: MacroLibrary) -> Twins:
    parsed = parse_rule(rule.info, rule.source, library, rule.frame)
    twins = Twins(rule.info.path.rpartition("/")[2].removesuffix(".yml").partition("-snowflake-")[0], parsed.status)
    if parsed.status != "full":
        return twins
    own = facts(parsed)
    others = [(one, facts(parse_rule(one.info, one.source, library, one.frame))) for one in splunk]
    for indicator in _values([own]):
        twins.causes["snowflake"].append(_cause(indicator, [found for _, found in others], [one for one, _ in others]))
    log = rule.info.log_source.names[0] if rule.info.log_source.names else ""
    for one, found in others:
        if one.info.log_source.names and one.info.log_source.names[0] in SAME_LOG.get(log, ()):
            twins.causes["spl"] += [_cause(indicator, [own], [rule]) for indicator in _values([found])]
    return twins


def _values(known: Iterable[Facts]) -> list[Indicator]:
    """What rules look for and exclude, each value once."""
    listed = {comparison(one).key: one for found in known for one in (*found.indicators, *found.exclusions)}
    return list(listed.values())


def _cause(indicator: Indicator, known: list[Facts], rules: list[RuleFile]) -> tuple[str, IndicatorKey]:
    key = comparison(indicator).key
    others = [comparison(one).key for one in _values(known)]
    words = _words(key)
    terms = " ".join(term.text for found in known for term in found.search_terms).casefold()
    text = " ".join(rule.source.text for rule in rules).casefold().replace("\\", "")
    if key in others:
        return "same", key
    if _folded(key) in {_folded(other) for other in others}:
        return "case", key
    if words and all(word in terms for word in words):
        return "raw text", key
    if any(_folded(key)[1:] == _folded(other)[1:] for other in others):
        return "field", key
    if any(key[0] == other[0] and words and words == _words(other) for other in others):
        return "pattern", key
    if words and all(word in text for word in words):
        return "elsewhere", key
    return ("part" if any(word in text for word in words) else "absent"), key


def _folded(key: IndicatorKey) -> IndicatorKey:
    return key[0], key[1], key[2].casefold()


def _words(key: IndicatorKey) -> set[str]:
    """The words in a value; short ones only where there are no others."""
    value = _CLASS.sub(" ", key[2]) if key[1] == "match" else key[2]
    found = set(_WORD.findall(value.casefold()))
    return {word for word in found if len(word) > 2} or found
