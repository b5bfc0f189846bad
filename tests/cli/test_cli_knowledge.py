"""What users know themselves (`--macros`, `--fields`, `--lookups`, `--geo-database`), for search and for run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from rulescope.cli.app import run as run_program

Captured = pytest.CaptureFixture[str]

EVENTS = [
    {"_time": 0, "sourcetype": "acme:edr", "exe": "C:\\bin\\CMD.exe", "ip": "81.2.69.142", "code": "1"},
    {"_time": 1, "sourcetype": "acme:edr", "exe": "C:\\bin\\notepad.exe", "ip": "10.0.0.1", "code": "2"},
    {"_time": 2, "sourcetype": "other", "exe": "C:\\bin\\cmd.exe", "code": "1"},
]
FIELDS = """\
[[field]]
name = "tool"
value = "basename(exe)"
sourcetype = "acme:edr"

[[field]]
name = "stage"
value = "case(code, '1', 'start', '2', 'end')"
"""
MACROS = '[acme]\ndefinition = sourcetype="acme:edr"\n\n[of(1)]\nargs = name\ndefinition = search exe="*$name$"\n'
PACK = 'source = "ours"\n\n[[macro]]\nname = "acme"\ndefinition = "code=2"\n'
YAML = "name: acme\ndefinition: code=1\ndescription: ours\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "logs.jsonl").write_text("\n".join(map(json.dumps, EVENTS)))
    (tmp_path / "fields.toml").write_text(FIELDS)
    (tmp_path / "macros.conf").write_text(MACROS)
    (tmp_path / "pack.toml").write_text(PACK)
    (tmp_path / "macros").mkdir()
    (tmp_path / "macros" / "acme.yml").write_text(YAML)
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "tools.csv").write_text("tool,purpose\ncmd.exe,shell\nCMD.exe,SHELL\n")
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True)
    writer.insert_network(IPSet(["81.2.69.0/24"]), {"city": {"names": {"en": "London"}}})
    writer.to_db_file(str(tmp_path / "places.mmdb"))
    return tmp_path


def search(folder: Path, capsys: Captured, text: str, *options: str) -> list[dict[str, Any]]:
    assert run_program(["search", "--json", text, str(folder / "logs.jsonl"), *options]) == 0
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["rows"]
    return rows


def hits(folder: Path, capsys: Captured, text: str, *options: str) -> int:
    rule = folder / "rule.spl"
    rule.write_text(text)
    assert run_program(["run", str(rule), "--logs", str(folder / "logs.jsonl"), "--json", *options]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["rules"] == {"run": 1, "refused": 0, "failed": 0, "unreadable": 0, "no_log": 0}, document
    return sum(hit["count"] for hit in document["hits"])


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        (["macros.conf"], ["2", "1"]),
        (["pack.toml"], ["2"]),
        (["macros"], ["1", "1"]),
        (["pack.toml", "macros.conf"], ["2"]),
        (["macros.conf", "pack.toml"], ["2", "1"]),
    ],
)
def test_macros_come_from_files_of_all_kinds_the_first_first(
    folder: Path, capsys: Captured, given: list[str], codes: list[str]
) -> None:
    options = [part for name in given for part in ("--macros", str(folder / name))]
    rows = search(folder, capsys, "`acme` | table code", *options)
    assert [row["code"] for row in rows] == codes
    assert hits(folder, capsys, "`acme` | table code", *options) == len(codes)


def test_a_macro_with_an_argument_can_be_a_stage(folder: Path, capsys: Captured) -> None:
    options = ("--macros", str(folder / "macros.conf"))
    assert search(folder, capsys, "`acme` | `of(cmd.exe)` | table code", *options) == [{"code": "1"}]
    assert hits(folder, capsys, "`acme` | `of(cmd.exe)` | table code", *options) == 1


def test_fields_are_computed_for_the_logs_they_name(folder: Path, capsys: Captured) -> None:
    options = ("--fields", str(folder / "fields.toml"))
    rows = search(folder, capsys, "exe=* | table tool, stage", *options)
    assert rows == [{"stage": "start"}, {"tool": "notepad.exe", "stage": "end"}, {"tool": "CMD.exe", "stage": "start"}]
    assert hits(folder, capsys, "tool=cmd.exe", *options) == 1
    assert hits(folder, capsys, "stage=start", *options) == 2


def test_lookups_go_by_the_name_of_their_file(folder: Path, capsys: Captured) -> None:
    options = ("--fields", str(folder / "fields.toml"), "--lookups", str(folder / "tables"))
    for name in ("tools", "tools.csv"):
        text = f"tool=* | lookup {name} tool OUTPUT purpose | where isnotnull(purpose) | table purpose"
        assert search(folder, capsys, text, *options) == [{"purpose": "SHELL"}]
        assert hits(folder, capsys, text, *options) == 1
    assert len(search(folder, capsys, "| inputlookup tools", *options)) == 2


def test_places_come_from_a_file(folder: Path, capsys: Captured) -> None:
    options = ("--geo-database", str(folder / "places.mmdb"))
    text = "ip=* | iplocation ip | where isnotnull(City) | table ip, City"
    assert search(folder, capsys, text, *options) == [{"ip": "81.2.69.142", "City": "London"}]
    assert hits(folder, capsys, text, *options) == 1


@pytest.mark.parametrize(
    ("option", "name", "content"),
    [
        ("--macros", "absent.conf", None),
        ("--macros", "broken.toml", "no toml [["),
        ("--macros", "empty.conf", ""),
        ("--fields", "absent.toml", None),
        ("--fields", "broken.toml", "no toml [["),
        ("--fields", "wrong.toml", '[[field]]\nname = "a"\nvalue = "nonsense(b"\n'),
        ("--fields", "unknown.toml", '[[field]]\nname = "a"\nvalue = "b"\nsourcetyp = "c"\n'),
        ("--lookups", "absent", None),
        ("--geo-database", "absent.mmdb", None),
        ("--geo-database", "broken.mmdb", "no database"),
        ("--timezone", "Mars/Olympus", None),
        ("--now", "yesterdayish", None),
        ("--earliest", "soon", None),
        ("--latest", "-3 fortnights", None),
    ],
)
def test_what_cannot_be_used_is_said_before_logs_are_read(
    folder: Path, capsys: Captured, option: str, name: str, content: str | None
) -> None:
    given = name
    is_word = option in ("--timezone", "--now", "--earliest", "--latest")
    if not is_word:
        path = folder / name
        if content is not None:
            path.write_text(content)
        given = str(path)
    (folder / "rule.spl").write_text("exe=*")
    logs = str(folder / "no such logs")
    for arguments in (
        ["search", "exe=*", logs, f"{option}={given}"],
        ["run", str(folder / "rule.spl"), "--logs", logs, f"{option}={given}"],
    ):
        assert run_program(arguments) == (2 if is_word else 1)
        said = capsys.readouterr().err
        assert said.startswith("error[RSC"), said
        assert name in said, said


def test_a_misspelt_key_of_a_field_has_a_hint(folder: Path, capsys: Captured) -> None:
    path = folder / "unknown.toml"
    path.write_text('[[field]]\nname = "a"\nvalue = "b"\nsourcetyp = "c"\n')
    assert run_program(["search", "exe=*", str(folder / "logs.jsonl"), "--fields", str(path)]) == 1
    assert "hint: did you mean 'sourcetype'?" in capsys.readouterr().err
