"""Random events for random rules: each field missing at times, values that are easily taken for one another."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from rulescope.knowledge.log_tables import LogColumn, LogTable

WORDS = [
    "x", "X", "xy", "cmd.exe", "a b", "1", "10", "2.5", "-3", "2.0", "2", "CMD.EXE /c", "a\\b", 'a"b', "a:b", "axb",
    "%", "*", "",
    "İx", "ı", "ß", "ẞ", "ss", "ς", "ΣΑΣ", "é", "12345678901234567", "12345678901234568", "1e3", "0x1f", " x ",
]  # fmt: skip
WIDE = [9007199254740992, 9007199254740993, 12345678901234567, 12345678901234568, 5, -9223372036854775808]
PATHS = ["C:\\Windows\\System32\\cmd.exe", "C:\\x", "c:\\windows\\", "\\\\host\\share\\a b.exe", "/bin/sh", 'C:\\"x"']
ADDRESSES = ["10.0.0.5", "192.168.1.7", "8.8.8.8", "::1", "fe80::1", "10.0.0.0/8", "x", "010.1.1.1", "::ffff:10.0.0.5"]
TIMES = [
    "2024-04-29T08:00:00Z", "2024-05-01T00:00:00Z", "2024-05-01T10:30:00Z", "2024-05-01T12:00:00Z",
    "2024-04-30T23:59:59.999Z", "2024-05-01T01:30:00+02:00", "2024-02-29T23:59:59Z", "2023-12-31T23:59:59.5Z",
]  # fmt: skip
JSON = [
    '{"k": "x", "n": 5, "a": ["y", 2]}',
    '{"k": null}',
    "{}",
    '{"k": true, "n": 12345678901234567}',
    '{"n": 2.0, "a": []}',
]

SIGMA_WORDS = [
    "x",
    "X",
    "xy",
    "axb",
    "cmd.exe",
    "CMD.EXE /c",
    "C:\\Windows\\",
    "a\\b",
    "1",
    "10",
    "2.5",
    "",
    "*",
    "(x)",
    *WORDS,
]
NUMBERS = [0, 1, 2, 3, 5, 10, 30, -3]
Events = list[dict[str, Any]]

KINDS = {
    "p": {
        "id": "string", "ts": "datetime", "host": "string", "name": "string", "pid": "long", "score": "real",
        "ok": "bool", "big": "long", "path": "string", "ip": "string", "doc": "dynamic",
    },
    "n": {"id": "string", "host": "string", "port": "long", "pid": "long"},
}  # fmt: skip
_VALUES: dict[str, dict[str, Sequence[Any]]] = {
    "elastic": {
        "a": WORDS, "b": WORDS, "c": NUMBERS, "u": ["ann", "bob"], "w": WIDE, "p": PATHS, "ip": ADDRESSES,
    },
    "spl": {
        "a": WORDS, "b": WORDS, "c": ["1", "2", "3", "30", "2.0"], "w": WIDE, "p": PATHS, "ip": ADDRESSES, "j": JSON,
        "_raw": ["cmd.exe /c x", "cmdline x=1", "a\\b (XY)", "EventCode=1 EventCode=10", ""],
    },
    "sigma": {
        "a": SIGMA_WORDS, "b": SIGMA_WORDS, "c": ["1", "2", "10", "30", "x", "2.0"], "w": WIDE,
        "ip": ADDRESSES, "p": PATHS,
    },
    "p": {
        "name": WORDS, "ts": TIMES, "pid": [0, 1, 5, 10, -3], "score": [0.5, 1.5, 2.0, -0.25], "ok": [True, False],
        "big": WIDE, "path": PATHS, "ip": ADDRESSES, "doc": JSON,
    },
    "n": {"port": [53, 443], "pid": [0, 1, 5, 10, -3]},
}  # fmt: skip
"""What the fields of events of each family may hold, beside those that each event has."""

# A column that no event has is said to be recorded by no log, and rows can't be chosen by it.
_EVERY_COLUMN = dict.fromkeys([*KINDS["p"], *KINDS["n"]], "0") | {"Type": "elsewhere"}


def events_of(language: str, random: Random) -> Events:
    """Some events for rules of a language."""
    if language in ("kusto", "snowflake"):
        return [*_typed("p", random, 6), *_typed("n", random, 4), dict(_EVERY_COLUMN)]
    family = language if language in _VALUES else "elastic"
    return [_event(family, place, random) for place in range(random.randint(0, 7))]


def _typed(letter: str, random: Random, most: int) -> Events:
    return [
        {"Type": letter, "id": f"{letter}{place}", "host": random.choice("abc"), **_some(letter, random)}
        for place in range(random.randint(0, most))
    ]


def _event(family: str, place: int, random: Random) -> dict[str, Any]:
    found = _some(family, random)
    if random.random() < 0.6:
        words = [word for word in (SIGMA_WORDS if family == "sigma" else WORDS) if word]
        found["m"] = [random.choice(words) for _ in range(random.randint(1, 3))]
    if family == "spl":
        return {"_time": 1_700_000_000 + random.randint(0, 50), **found}
    if family == "sigma":
        return found
    kinds = {"event.category": random.choice(["process", "file", "network"]), "host": random.choice(["h1", "h2"])}
    return {"_time": place * 2 + 1, "id": f"e{place}", **kinds, **found}


def _some(family: str, random: Random) -> dict[str, Any]:
    return {name: random.choice(values) for name, values in _VALUES[family].items() if random.random() < 0.6}


def table_of(language: str, name: str) -> LogTable | None:
    """One of the two tables."""
    kinds = {"dynamic": "string"} if language == "snowflake" else {}
    columns = tuple(LogColumn(column, kinds.get(kind, kind), ()) for column, kind in KINDS.get(name, {}).items())
    return LogTable(language, name, (), columns) if columns else None
