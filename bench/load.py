"""How fast logs load, and how fast typical questions are answered: `python bench/load.py LOGS…`."""

from __future__ import annotations

import os
import resource
import sys
import time

from rulescope.logs import load_logs

QUERIES = (
    ("count", "SELECT count(*) FROM events"),
    (
        "one event id and a word in a field",
        'SELECT _row, _time, _raw, "Image", "CommandLine" FROM events WHERE _event_id = \'1\''
        " AND \"CommandLine\" ILIKE '%powershell%'",
    ),
    ("a word in a field", 'SELECT _row, "Image" FROM events WHERE "Image" ILIKE \'%\\\\wmiprvse.exe\''),
    ("a regular expression", "SELECT _row FROM events WHERE regexp_matches(\"CommandLine\", '(?i)-enc\\w*\\s')"),
    ("a word in _raw of all events", "SELECT count(*) FROM events WHERE _raw ILIKE '%mimikatz%'"),
)


def main() -> None:
    start = time.perf_counter()
    store = load_logs(sys.argv[1:])
    seconds = time.perf_counter() - start
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    raw_bytes = store.connection.execute("SELECT sum(strlen(_raw)) FROM events").fetchone()
    print(f"{store.count:,} events in {seconds:.2f} s: {store.count / seconds:,.0f} events/s")
    own = resource.getrusage(resource.RUSAGE_SELF)
    busy = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    print(f"{busy:.1f} s of processor time: what the wall time would be, times the processors, on an idle machine")
    print(f"{store.bad:,} bad records, {len(store.columns):,} fields, {len(store.files):,} files")
    if raw_bytes and raw_bytes[0]:
        print(f"{raw_bytes[0] / 1e6:,.0f} MB of _raw: {raw_bytes[0] / 1e6 / seconds:,.0f} MB/s")
    for name, query in QUERIES:
        times = []
        rows = 0
        for _ in range(3):
            start = time.perf_counter()
            rows = len(store.connection.execute(query).fetchall())
            times.append(time.perf_counter() - start)
        print(f"{min(times):8.3f} s (first {times[0]:.3f})  {rows:>8,} rows  {name}")
    own = resource.getrusage(resource.RUSAGE_SELF)
    print(
        f"peak memory: {own.ru_maxrss / 1e3:,.0f} MB here, {children.ru_maxrss / 1e3:,.0f} MB in the largest reader;"
        f" {os.cpu_count()} processors"
    )
    store.close()


if __name__ == "__main__":
    main()
