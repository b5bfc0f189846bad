"""Sigma rules run as they are, beside the SPL that pySigma writes for them: which events do both find?

`python tests/hunt/sigma_as_spl.py LOGS… [--rules FOLDER…] [--every N] [-o FILE]` prints every rule whose two sides
differ, with the kinds of the events that only one of them finds. What is known of the differences, and why they are
no faults, stands in `sigma_as_spl.toml`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sigma.processing.pipeline import ProcessingPipeline

from rulescope.corpus import LookupDefinition, read_corpus
from rulescope.corpus.macro_libraries import MacroLibraries
from rulescope.hunt.rule_run import HuntRule
from rulescope.hunt.run import plan_run, run_rules
from rulescope.hunt.settings import Settings
from rulescope.logs import EventStore, load_logs

MOST_EVENTS = 100_000
"""Events kept of each rule; none finds more, and what is found up to this is copied into memory."""

SOURCETYPES: dict[tuple[str, str | None], tuple[str, ...]] = {
    ("aws", "cloudtrail"): ("aws:cloudtrail",),
    ("azure", "activitylogs"): ("mscs:azure:audit", "azure:monitor:activity"),
    ("azure", "auditlogs"): ("azure:monitor:aad",),
    ("azure", "signinlogs"): ("azure:monitor:aad",),
    ("m365", None): ("o365:management:activity",),
    ("linux", "auditd"): ("linux:audit",),
    ("zeek", None): ("bro*",),
}
"""Source types of the logs at hand, as Splunk's add-ons name them, by Sigma's product and service."""

Place = tuple[str, int]


@dataclass(slots=True)
class Sides:
    """What became of one rule: `sigma` and `spl` are the events that each side finds."""

    path: str
    identifier: str
    searches: tuple[str, ...] = ()
    not_written: str | None = None
    refused: dict[str, str] = field(default_factory=dict)
    sigma: frozenset[Place] = frozenset()
    spl: frozenset[Place] = frozenset()


def as_splunk_runs_it(spl: str) -> str:
    """The backend's text, changed where it would not be what a user runs on XML logs.

    Its pipeline names the sources of the classic text inputs (`WinEventLog:Security`); XML ones are called
    `XmlWinEventLog:…`. Where every condition is put off to later stages, the text begins with a pipe and `rex`, which
    Splunk does not take as a first command; the backend's own word for such searches is `*` (`deferred_only_query`).
    """
    spl = spl.strip().replace('"WinEventLog:', '"XmlWinEventLog:')
    return f"*\n{spl}" if spl.startswith("|") else spl


def searches_of(text: str) -> tuple[str, ...]:
    """The searches that pySigma's Splunk backend writes for a rule, over every log that its pipelines know.

    Generic log sources become Sysmon's events (`sysmon_pipeline`) and those of Windows' own auditing
    (`windows_audit_pipeline`); a search that names no source after that is left out, for it would look at everything.
    Raises pySigma's `SigmaError` for what can't be written.
    """
    from sigma.backends.splunk import SplunkBackend
    from sigma.collection import SigmaCollection
    from sigma.exceptions import SigmaError
    from sigma.pipelines.splunk import splunk_windows_pipeline
    from sigma.pipelines.sysmon import sysmon_pipeline
    from sigma.pipelines.windows import windows_audit_pipeline, windows_logsource_pipeline

    found: dict[str, None] = {}
    errors: list[SigmaError] = []
    for generic in (sysmon_pipeline(), windows_audit_pipeline()):
        pipelines = generic + windows_logsource_pipeline() + splunk_windows_pipeline() + _user_pipeline()
        try:
            written = SplunkBackend(processing_pipeline=pipelines).convert(SigmaCollection.from_yaml(text))
        except SigmaError as error:
            errors.append(error)
        else:
            found.update((as_splunk_runs_it(one), None) for one in written if "source=" in one or "source IN" in one)
    if not found and errors:
        raise errors[0]
    return tuple(found)


def _user_pipeline() -> ProcessingPipeline:
    """What a user of Splunk adds: the name of the provider's field, and the source types of logs beside Windows'."""
    from sigma.processing.conditions import LogsourceCondition
    from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
    from sigma.processing.transformations import AddConditionTransformation, FieldMappingTransformation

    items = [ProcessingItem(FieldMappingTransformation({"Provider_Name": "Name"}))]
    for (product, service), sourcetypes in SOURCETYPES.items():
        condition = AddConditionTransformation({"source": "*", "sourcetype": list(sourcetypes)})
        items.append(ProcessingItem(condition, rule_conditions=[LogsourceCondition(product=product, service=service)]))
    return ProcessingPipeline(name="what a user adds", priority=30, items=items)


def compare(store: EventStore, rules: Iterable[tuple[str, str, str]], jobs: int = 1) -> list[Sides]:
    """Both sides of each rule, given as path, identifier and text. What pySigma can't write is not run."""
    from sigma.exceptions import SigmaError

    sides: list[Sides] = []
    hunted: list[HuntRule] = []
    owners: list[tuple[int, str]] = []
    for path, identifier, text in rules:
        one = Sides(path, identifier)
        try:
            one.searches = searches_of(text)
        except (SigmaError, NotImplementedError) as error:
            one.not_written = f"{type(error).__name__}: {error}"
        else:
            if not one.searches:
                one.not_written = "no pipeline names its source"
        sides.append(one)
        if one.not_written is not None:
            continue
        for language, written in (("sigma", text), *(("spl", search) for search in one.searches)):
            hunted.append(HuntRule(len(hunted), language, "sigma", written))
            owners.append((len(sides) - 1, language))
    no_lookups: Sequence[LookupDefinition] = ()
    plan = plan_run(hunted, MacroLibraries((), set(), ()), no_lookups, Settings(seconds=600), MOST_EVENTS)
    for outcome in run_rules(plan, store, jobs=jobs):
        owner, language = owners[outcome.number]
        one = sides[owner]
        if outcome.status != "run":
            one.refused[language] = f"{outcome.code}: {outcome.message}"
            continue
        assert not outcome.more, one.path
        places = frozenset((event.file, event.record) for event in outcome.events)
        if language == "sigma":
            one.sigma |= places
        else:
            one.spl |= places
    return sides


def rules_of(folders: Sequence[Path], every: int = 1) -> list[tuple[str, str, str]]:
    """Every nth rule below the folders that one document makes up, by path."""
    found = {}
    for rule in read_corpus(folders).rules:
        if rule.info.language == "sigma" and rule.info.kind is None:
            # Some rules' texts are their whole document, most the log source and the detection alone.
            whole = rule.query_text.startswith("title:")
            head = "" if whole else f"title: {rule.info.title}\nid: {rule.info.identifier}\n"
            text = f"{head}{rule.query_text}\n"
            found[rule.info.path] = (rule.info.path, rule.info.identifier or "", text)
    return [found[path] for path in sorted(found)][::every]


def kinds_of(store: EventStore, places: Iterable[Place]) -> dict[str, int]:
    """How many of these events are of each kind, as `channel event-id` or the sourcetype."""
    wanted = list(places)
    if not wanted:
        return {}
    connection = store.connection
    connection.execute("CREATE OR REPLACE TEMP TABLE _wanted (f VARCHAR, r BIGINT)")
    connection.executemany("INSERT INTO _wanted VALUES (?, ?)", wanted[:2000])
    rows = connection.execute(
        "SELECT coalesce(_channel, sourcetype), _event_id FROM "
        f"({store.relation(['sourcetype'])}) JOIN _wanted ON _file = f AND _record = r"
    ).fetchall()
    return dict(Counter(" ".join(part for part in row if part) for row in rows).most_common())


def differing(sides: Iterable[Sides]) -> list[Sides]:
    """The rules that ran on both sides, and found other events."""
    return [one for one in sides if not one.not_written and not one.refused and one.sigma != one.spl]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logs", nargs="+", type=Path)
    parser.add_argument("--rules", nargs="+", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    with load_logs(given.logs, cache=given.cache) as store:
        sides = compare(store, rules_of(given.rules, given.every), given.jobs)
        report = {
            "events": store.count,
            "rules": len(sides),
            "not_written": {one.path: one.not_written for one in sides if one.not_written},
            "refused": {one.path: one.refused for one in sides if one.refused},
            "same": sum(1 for one in sides if not one.not_written and not one.refused and one.sigma == one.spl),
            "same_with_events": sum(1 for one in sides if one.sigma and one.sigma == one.spl),
            "different": [
                {
                    "rule": one.path,
                    "id": one.identifier,
                    "both": len(one.sigma & one.spl),
                    "only_sigma": kinds_of(store, one.sigma - one.spl),
                    "only_spl": kinds_of(store, one.spl - one.sigma),
                    "spl": one.searches,
                }
                for one in differing(sides)
            ],
        }
    text = json.dumps(report, indent=1)
    if given.output:
        given.output.write_text(text, encoding="utf-8")
    sys.stdout.write(
        f"{report['rules']} rules on {report['events']:,} events: {report['same']} alike"
        f" ({report['same_with_events']} with events), {len(report['different'])} not, "
        f"{len(report['not_written'])} not written, {len(report['refused'])} refused\n"
    )


if __name__ == "__main__":
    main()
