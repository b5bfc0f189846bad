"""How fast many rules run on one load, and how fast one scan a rule would be: `python bench/run.py RULES LOGS [EVERY]`.

EVERY (default 20): each so-manieth rule is also run as tools do that hold no more than a table of events: every rule
is a search over all of them. Both ways are compared on these rules, by processor time, in one process.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from rulescope.corpus import assemble, find_rule_files, read_file
from rulescope.corpus.macro_libraries import MacroLibraries, filter_macros
from rulescope.engines.duckdb import Limits
from rulescope.engines.sql.context import Options
from rulescope.errors import RulescopeError
from rulescope.hunt.bound_rule import bind_rule, read_query
from rulescope.hunt.knowledge import Knowledge, Logs, knowledge_for, logs_of
from rulescope.hunt.rule_run import HuntRule
from rulescope.hunt.run import plan_run, run_rules
from rulescope.hunt.search import run_search
from rulescope.hunt.settings import Settings
from rulescope.logs import EventStore, load_logs
from rulescope.text import Source


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


def _compare(rules: list[HuntRule], macros: MacroLibraries, store: EventStore) -> None:
    start = time.process_time()
    plan = plan_run(rules, macros, (), Settings(), 10_000)
    found = run_rules(plan, store, jobs=1)
    ours = time.process_time() - start
    logs = logs_of(store)
    knowledge = knowledge_for(Settings(), logs)
    start = time.process_time()
    other = [_scan(rule, macros, logs, knowledge, plan.options) for rule in rules]
    theirs = time.process_time() - start
    both = [(one.count, two) for one, two in zip(found, other, strict=True) if two is not None]
    print(f"{len(rules)} rules, processor time in one process: {ours:.1f} s; one scan a rule: {theirs:.1f} s,")
    print(
        f"{theirs / ours:.1f} times as much; of {len(both)} that both ran, {sum(a == b for a, b in both)} count alike"
    )


def _scan(rule: HuntRule, macros: MacroLibraries, logs: Logs, knowledge: Knowledge, options: Options) -> int | None:
    """How many rows the rule gives as a search over all events; None where it can't be run."""
    source = Source(rule.text)
    try:
        bound = bind_rule(read_query(source, rule.language, macros.of(rule.repository), rule.frame), rule.language)
        found = run_search(
            bound.pipeline,
            logs,
            options=options,
            knowledge=replace(knowledge, printed={}),
            limits=Limits(60, 0),
            vocabulary=bound.vocabulary,
        )
    except RulescopeError:
        return None
    return len(found.rows)


if __name__ == "__main__":
    main()
