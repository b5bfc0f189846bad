"""How fast many rules run on one load, and how fast one scan a rule would be: `python bench/run.py RULES LOGS [EVERY]`.

EVERY (default 20): each so-manieth rule is also run as tools do that hold no more than a table of events: every rule
scans all of them. Both ways are compared on these rules, by processor time, in one process.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

from rulescope.corpus import assemble, find_rule_files, read_file
from rulescope.engines.duckdb import Limits
from rulescope.hunt.kinds import Kinds
from rulescope.hunt.lookups import LookupTables
from rulescope.hunt.macro_libraries import MacroLibraries, filter_macros
from rulescope.hunt.models import KnowledgeModels
from rulescope.hunt.rule_run import HuntRule, RuleRunner
from rulescope.hunt.run import plan_run, run_rules
from rulescope.hunt.search import Knowledge, knowledge_of, logs_of
from rulescope.hunt.settings import Settings, options_of
from rulescope.hunt.slices import EventSlice, Slices
from rulescope.logs import EventStore, load_logs


def main() -> None:
    rules, logs = Path(sys.argv[1]), Path(sys.argv[2])
    every = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    contents = [read_file(found) for found in find_rule_files([rules])]
    corpus = assemble(contents)
    macros = MacroLibraries(corpus.macros, filter_macros(contents), ())
    hunted = [
        HuntRule(number, rule.info.language, rule.info.repository, rule.source.text, rule.frame)
        for number, rule in enumerate(corpus.rules)
    ]
    start = time.perf_counter()
    with load_logs([logs]) as store:
        seconds = time.perf_counter() - start
        characters = store.connection.execute("SELECT sum(strlen(_raw)) FROM events").fetchone()
        size = characters[0] / 1e6 if characters and characters[0] else 0
        print(f"load: {store.count:,} events in {seconds:.1f} s")
        print(f"{store.count / seconds:,.0f} events/s, {size / seconds:,.0f} MB/s of raw text")
        before = _busy()
        start = time.perf_counter()
        outcomes = run_rules(plan_run(hunted, macros, corpus.lookups, Settings(), 10_000), store)
        seconds = time.perf_counter() - start
        counts = Counter(outcome.status for outcome in outcomes)
        print(
            f"run: {len(hunted):,} rules in {seconds:.1f} s, {_busy() - before:.1f} s of processor time: {dict(counts)}"
        )
        each = sorted(outcome.seconds for outcome in outcomes)
        print(f"one rule: median {statistics.median(each):.3f} s, nine of ten under {each[len(each) * 9 // 10]:.3f} s")
        _compare(hunted[::every], macros, store)
    own, children = (
        resource.getrusage(who).ru_maxrss / 1e3 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(f"peak memory: {own:,.0f} MB here, {children:,.0f} MB in the largest other process")


def _busy() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


class _AllEvents(Slices):
    """Gives every rule all events, where they lie."""

    def of(self, kinds: int, *, terms: bool = True) -> EventSlice:
        self._uses.clear()
        return super().of(self._kinds.everything, terms=terms)


def _compare(rules: list[HuntRule], macros: MacroLibraries, store: EventStore) -> None:
    start = time.process_time()
    found = run_rules(plan_run(rules, macros, (), Settings(), 10_000), store, jobs=1)
    ours = time.process_time() - start
    start = time.process_time()
    kinds = Kinds(store, knowledge_of(logs_of(store)).fields)
    knowledge = Knowledge(None, LookupTables((), ()), KnowledgeModels(), None)
    runner = RuleRunner(
        _AllEvents(store, kinds, copied=0), kinds, knowledge, options_of(Settings()), Limits(60, 0), 10_000
    )
    other = [runner.run(rule, macros.of(rule.repository)) for rule in rules]
    theirs = time.process_time() - start
    same = sum(one.count == two.count for one, two in zip(found, other, strict=True))
    print(f"{len(rules)} rules, processor time in one process: {ours:.1f} s; one scan a rule: {theirs:.1f} s,")
    print(f"{theirs / ours:.1f} times as much; {same} of them find the same")


if __name__ == "__main__":
    main()
