"""A property over damaged logs: whatever is cut, flipped, deleted or doubled, no event goes missing without a word.

What can't be known is left out: lines that were deleted whole leave no trace in a file of lines, nor does an array or a
table that is whole without them.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from rulescope.logs import LoadLimits
from rulescope.logs.collect import Collector
from rulescope.logs.discover import find_inputs
from rulescope.logs.read import read_input

from .evtx_writer import event, write_evtx

EVENTS = 45


@dataclass(frozen=True)
class Reading:
    """What came of a file: events, and all that was said of it."""

    events: int
    bad: int
    said: tuple[str, ...]


def read(path: Path) -> Reading:
    limits = LoadLimits()
    found = find_inputs([path], limits)
    collector = Collector(limits)
    tallies = [read_input(unit, item, collector, limits) for unit, item in enumerate(found.inputs)]
    said = [problem.message for tally in tallies for problem in tally.problems]
    said += [note.message for tally in tallies for note in tally.notes]
    said += [problem.message for problem in found.problems]
    said += [report.skipped or "" for report in found.skipped]
    return Reading(sum(tally.good for tally in tallies), sum(tally.bad for tally in tallies), tuple(said))


def records() -> list[dict[str, object]]:
    return [
        {
            "EventID": number % 4,
            "Channel": "Security",
            "SourceName": "P",
            "EventTime": f"2024-05-01 10:00:{number:02d}",
            "CommandLine": f'cmd.exe /c "type C:\\temp\\{number}.txt" | find [x] {{y}}, ü',
            "list": [{"a": number}, {"a": "b"}],
        }
        for number in range(EVENTS)
    ]


def json_lines() -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records()).encode()


def json_array() -> bytes:
    return json.dumps(records()).encode()


def pretty_array() -> bytes:
    return json.dumps(records(), indent=2, ensure_ascii=False).encode()


def envelope() -> bytes:
    return json.dumps({"Records": records()}).encode()


def csv_rows() -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(["_time", "user", "note"])
    for number in range(EVENTS):
        writer.writerow([str(1700000000 + number), f"user{number}", f'said "x, {number}"'])
    return text.getvalue().encode()


def xml_lines() -> bytes:
    line = (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='P'/>"
        "<EventID>{0}</EventID><TimeCreated SystemTime='2024-05-01T10:00:00.000000000Z'/><Channel>Security</Channel>"
        "<Computer>pc</Computer></System><EventData><Data Name='CommandLine'>a {0} b</Data></EventData></Event>\n"
    )
    return "".join(line.format(number) for number in range(EVENTS)).encode()


def text_lines() -> bytes:
    return "".join(f"May  1 10:00:{n:02d} host sshd[{n}]: user=ann{n} failed\n" for n in range(EVENTS)).encode()


def utf16_lines() -> bytes:
    return b"\xff\xfe" + json_lines().decode().encode("utf-16-le")


def gzipped() -> bytes:
    return gzip.compress(json_lines(), mtime=0)


def zipped() -> bytes:
    packed = io.BytesIO()
    lines = json_lines().splitlines(keepends=True)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            kind = zipfile.ZIP_STORED if number == 1 else zipfile.ZIP_DEFLATED
            part = b"".join(lines[number * 15 : number * 15 + 15])
            archive.writestr(zipfile.ZipInfo(f"{number}.jsonl"), part, kind)
    return packed.getvalue()


def evtx() -> bytes:
    data = {"Image": "C:\\Windows\\System32\\cmd.exe", "CommandLine": "cmd /c whoami"}
    return write_evtx([event(number, "Security", data) for number in range(1, EVENTS + 1)])


def parquet() -> bytes:
    import pyarrow as arrow
    import pyarrow.parquet

    table = arrow.Table.from_pylist([{**record, "list": ["a", "b"]} for record in records()])
    packed = io.BytesIO()
    pyarrow.parquet.write_table(table, packed, row_group_size=15)
    return packed.getvalue()


Make = Callable[[], bytes]
Damage = Callable[[bytes, random.Random], bytes]


def cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(1, len(data))]


def flip(data: bytes, rng: random.Random) -> bytes:
    damaged = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20))):
        damaged[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def delete(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.choice((1, 1, 8, 200, 5000)) :]


def double(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    part = data[start : start + rng.choice((1, 8, 200))]
    place = rng.randrange(len(data))
    return data[:place] + part + data[place:]


def overwrite(data: bytes, rng: random.Random) -> bytes:
    """Zeros, as a crash leaves them, or noise."""
    start = rng.randrange(len(data))
    size = min(rng.choice((1, 16, 512)), len(data) - start)
    filler = bytes(size) if rng.random() < 0.5 else rng.randbytes(size)
    return data[:start] + filler + data[start + size :]


DAMAGES: tuple[Damage, ...] = (cut, flip, delete, double, overwrite)


def never_fewer(damaged: bytes, whole: bytes, reading: Reading) -> bool:
    """Nothing is missing, or something is said."""
    return reading.events >= EVENTS or bool(reading.said)


def of_lines(damaged: bytes, whole: bytes, reading: Reading) -> bool:
    """Each line that is left is an event or is told of: two halves may have become one good line."""
    left = [line for line in damaged.split(b"\n") if line.strip()]
    return reading.events + reading.bad >= len(left) or (not reading.events and bool(reading.said))


def of_utf16_lines(damaged: bytes, whole: bytes, reading: Reading) -> bool:
    return of_lines(damaged.decode("utf-16", "replace").encode("utf-8", "replace"), whole, reading) or bool(
        reading.said
    )


def of_rows(damaged: bytes, whole: bytes, reading: Reading) -> bool:
    """As above, under a line of names; a row without its quote may take others with it, and that is said."""
    left = [line for line in damaged.split(b"\n") if line.strip()]
    return reading.events + reading.bad >= min(len(left) - 1, EVENTS) or bool(reading.said)


def of_text(damaged: bytes, whole: bytes, reading: Reading) -> bool:
    """Each line that begins as an event does is one; others may belong to the event before."""
    left = re.findall(rb"(?m)^(?:May  1 \d\d:\d\d:\d\d |<Event )", damaged)
    return reading.events + reading.bad >= len(left) or bool(reading.said)


def of_array(damaged: bytes, whole: bytes, reading: Reading) -> bool:
    """As above, but for an array that is whole without what was deleted."""
    try:
        left = json.loads(damaged)
    except ValueError:
        return never_fewer(damaged, whole, reading)
    left = left["Records"] if isinstance(left, dict) and len(left) == 1 and "Records" in left else left
    count = len(left) if isinstance(left, list) else 1
    return reading.events + reading.bad >= count or bool(reading.said)


FORMATS: dict[str, tuple[str, Make, Callable[[bytes, bytes, Reading], bool]]] = {
    "JSON lines": ("x.jsonl", json_lines, of_lines),
    "UTF-16": ("x.jsonl", utf16_lines, of_utf16_lines),
    "array": ("x.json", json_array, of_array),
    "pretty array": ("x.json", pretty_array, of_array),
    "envelope": ("x.json", envelope, of_array),
    "CSV": ("x.csv", csv_rows, of_rows),
    "XML": ("x.xml", xml_lines, of_text),
    "text": ("x.log", text_lines, of_text),
    "gzip": ("x.jsonl.gz", gzipped, never_fewer),
    "zip": ("x.zip", zipped, never_fewer),
    "EVTX": ("x.evtx", evtx, never_fewer),
    "Parquet": ("x.parquet", parquet, never_fewer),
}


def check(name: str, folder: Path, times: int, seed: int) -> None:
    file, make, holds = FORMATS[name]
    whole = make()
    path = folder / file
    for number in range(times):
        rng = random.Random(f"{seed} {number}")
        damage = DAMAGES[number % len(DAMAGES)]
        damaged = damage(whole, rng)
        path.write_bytes(damaged)
        reading = read(path)
        assert not any("a fault in Rulescope" in text for text in reading.said), (number, reading)
        assert holds(damaged, whole, reading), (damage.__name__, number, reading)


@pytest.mark.parametrize("name", FORMATS)
def test_the_whole_file_is_read_without_a_word(name: str, tmp_path: Path) -> None:
    file, make, _ = FORMATS[name]
    (tmp_path / file).write_bytes(make())
    assert read(tmp_path / file) == Reading(EVENTS, 0, ())


@pytest.mark.parametrize("name", FORMATS)
def test_never_fewer_events_without_a_word(name: str, tmp_path: Path) -> None:
    check(name, tmp_path, 100, 9)


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_never_fewer_events_without_a_word_in_many_ways(name: str, tmp_path: Path) -> None:
    check(name, tmp_path, 1500, 19)
