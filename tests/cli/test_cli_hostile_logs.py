"""Hostile logs through the whole program: each trouble is said, the rest is searched, and memory stays bounded."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from rulescope.cli.app import run as run_program

NAMES = ['a"; DROP TABLE events; --', "select", "_row", "x' OR '1'='1", "from", "CommandLine ", "_rs_part"]


def good(number: int) -> str:
    return json.dumps({"_time": number, "kind": "good", "n": str(number)}) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five good events, each beside something that means harm."""
    logs = tmp_path / "logs"
    logs.mkdir()
    deep = '{"_time": 9, "kind": "good", "x": ' + "[" * 100_000 + "]" * 100_000 + "}\n"
    (logs / "deep.jsonl").write_text(deep + good(1))
    (logs / "names.jsonl").write_text(json.dumps({"_time": 2, "kind": "good", **dict.fromkeys(NAMES, "v")}) + "\n")
    with zipfile.ZipFile(logs / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.json", b" " * 100_000_000)
        archive.writestr("good.json", good(3))
    (logs / "bomb.jsonl.gz").write_bytes(gzip.compress(good(4).encode() + b'{"x": "' + b"a" * 100_000_000 + b'"}\n'))
    (logs / "cut.evtx").write_bytes(b"ElfFile\0" + b"\0" * 5000)
    (logs / "last.jsonl").write_text('{"_time": \n' + good(5))
    return logs


def test_all_that_is_good_is_searched_and_all_that_is_bad_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_program(["search", "--json", "kind=good | table n", str(folder)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert sorted(row.get("n", "names") for row in document["rows"]) == ["1", "3", "4", "5", "names"]
    said = [found["message"] for found in document["diagnostics"]]
    for part in ("deep.jsonl", "bomb.zip!bomb.json", "bomb.jsonl.gz", "cut.evtx", "last.jsonl#1"):
        assert any(part in message for message in said), (part, said)


@pytest.mark.parametrize("name", NAMES)
def test_fields_named_like_sql_are_fields(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    quoted = name.replace('"', '\\"')
    # A quote that is not closed is an error of the search, also between apostrophes: it is not run.
    searches = [f"kind=good | where '{name}'=\"v\" | stats count"] if not {"'", '"'} & set(name) else []
    searches.append(f'kind=good | table "{quoted}" | stats count("{quoted}") AS count')
    for text in searches:
        assert run_program(["search", "--json", text, str(folder / "names.jsonl")]) == 0
        assert json.loads(capsys.readouterr().out)["rows"] == [{"count": 1}], text


RULES = {
    "sigma.yml": (
        "title: t\nid: 11111111-1111-1111-1111-111111111111\n"
        "logsource: {product: windows, category: process_creation}\n"
        "detection:\n  selection:\n    Image|endswith: '\\cmd.exe'\n    OurOwn: x\n  condition: selection\n"
    ),
    "raw.spl": "index=* EventCode=1 Image=*cmd.exe OurOwn=x | table CommandLine",
    "model.spl": (
        "| tstats count from datamodel=Endpoint.Processes where Processes.process_name=cmd.exe by Processes.process"
    ),
    "defender.kql": 'DeviceProcessEvents | where FileName =~ "cmd.exe"',
    "term.spl": "index=* whoami",
}


@pytest.mark.parametrize("odd", [False, True])
def test_one_event_with_thousands_of_names_blinds_no_rule(
    tmp_path: Path, odd: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """The event comes first, and leaves the rules their fields: their hits are those without it."""
    rules = tmp_path / "rules"
    rules.mkdir()
    for name, text in RULES.items():
        (rules / name).write_text(text)
    wide: dict[str, object] = {"_time": 1, **{f"invented_{number}": "v" for number in range(4400)}}
    if odd:
        wide |= {"": "a", " ": "b", 'q"': "c", "n\n\t\0": "d", "x" * 9000: "e", "a.b": "f", "image": "g", "IMAGE": "h"}
    sysmon = {
        "EventID": 1,
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "SourceName": "Microsoft-Windows-Sysmon",
        "EventTime": "2024-05-01 10:00:00",
        "Hostname": "pc",
        "Image": "C:\\Windows\\System32\\cmd.exe",
        "CommandLine": "cmd.exe /c whoami",
        "OurOwn": "x",
    }
    hits = []
    for records in ([sysmon], [wide, sysmon]):
        log = tmp_path / f"{len(records)}.jsonl"
        log.write_text("".join(json.dumps(record) + "\n" for record in records))
        assert run_program(["run", str(rules), "--logs", str(log), "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert (document["failed"], document["refused"]) == ([], [])
        hits.append({Path(hit["rule"]).name: hit["count"] for hit in document["hits"]})
    assert hits == [dict.fromkeys(RULES, 1)] * 2


@pytest.mark.slow
def test_memory_does_not_grow_with_the_input(tmp_path: Path) -> None:
    """300 MB of events, with a line of 100 MB among them: no process takes more than the line costs it.

    The peak is read as VmHWM: `ru_maxrss` of a new process begins with that of the one that started it.
    """
    path = tmp_path / "large.jsonl"
    filler = "abcdef /-" * 60
    with path.open("w") as file:
        for number in range(500_000):
            file.write(json.dumps({"_time": number, "kind": number % 7, "text": filler, "n": str(number)}) + "\n")
            if number == 250_000:
                file.write(json.dumps({"_time": number, "kind": "long", "text": "x" * 100_000_000}) + "\n")
    script = (
        "import pathlib, re, resource, sys\nfrom rulescope.cli.app import run\n"
        f"status = run(['search', '--json', '--timeout', '0', 'kind=3 | stats count dc(n)', {str(path)!r}])\n"
        "own = int(re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1])\n"
        "peak = max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
        "sys.stderr.write(f'\\npeak {peak // 1024}\\n')\nsys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    # 500,000 = 7 * 71,428 + 4: the remainders 0 to 3 occur once more.
    assert document["rows"] == [{"count": 71_429, "dc(n)": 71_429}]
    assert any("#250002" in found["message"] for found in document["diagnostics"])
    assert int(done.stderr.split("peak ")[1]) < 500
