"""Every rule that was given is accounted for, no rule chosen is an error, and `--strict` says what it fails for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rulescope.cli.app import run as run_program

Captured = pytest.CaptureFixture[str]

SOUND = """\
title: Shell
logsource: {product: windows, category: process_creation}
detection:
  selection:
    Image|endswith: '\\cmd.exe'
  condition: selection
level: high
tags: [attack.t1059.003]
"""
MUTUAL = """\
title: A
name: a
correlation: {type: temporal, rules: [b], group-by: [u], timespan: 1d}
---
title: B
name: b
correlation: {type: temporal, rules: [a], group-by: [u], timespan: 1d}
"""
OF_ITSELF = """\
title: C
name: c
correlation: {type: event_count, rules: [c], group-by: [u], timespan: 1d, condition: {gte: 1}}
"""
BASE_AND_CORRELATION = """\
title: Base
name: base
logsource: {product: windows, category: process_creation}
detection: {selection: {Image|endswith: '\\cmd.exe'}, condition: selection}
---
title: Many
name: many
correlation: {type: event_count, rules: [base], group-by: [User], timespan: 1d, condition: {gte: 1}}
"""
ALIASES = "title: x\ndetection:\n  a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"  {chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 10)}]\n" for n in range(6)
)


def folder_of(tmp_path: Path, rules: dict[str, str]) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    for name, text in rules.items():
        (folder / name).write_text(text)
    event = {"_time": 1700000000, "Image": "C:\\Windows\\cmd.exe", "User": "ann", "EventID": 1}
    (tmp_path / "log.jsonl").write_text(json.dumps(event) + "\n")
    return folder


def document(tmp_path: Path, capsys: Captured, *options: str, status: int = 0) -> dict[str, Any]:
    arguments = ["run", str(tmp_path / "rules"), "--logs", str(tmp_path / "log.jsonl"), "--json", *options]
    assert run_program(arguments) == status
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize(
    ("name", "text", "run", "refused", "unreadable"),
    [
        ("sound.yml", SOUND, 1, 0, []),
        # Correlations that name each other, or themselves, are parts of nothing: each is a rule that can't be run.
        ("mutual.yml", MUTUAL, 0, 2, []),
        ("self.yml", OF_ITSELF, 0, 1, []),
        # The rule that a correlation is built of is no rule of its own.
        ("parts.yml", BASE_AND_CORRELATION, 1, 0, []),
        ("broken.yml", "title: {", 0, 0, ["RUL003"]),
        ("aliases.yml", ALIASES, 0, 0, ["RUL007"]),
        # What could not be read may have been a filter for the rule before it.
        ("half.yml", SOUND + "---\ntitle: {\n", 0, 1, ["RUL003"]),
        # With a title and a log source it is a rule of Sigma's, which is refused for what it lacks.
        ("misspelt.yml", SOUND.replace("detection:", "detecion:"), 0, 1, []),
        ("untitled.yml", SOUND.replace("detection:", "detecion:").replace("title: Shell", ""), 0, 0, ["RUL019"]),
        # What the second document lacks stands in the first.
        ("global.yml", "action: global\n" + SOUND + "---\nlogsource: {product: windows}\n", 1, 0, []),
        # A document that is not read beside one that is, and rules that stand in a list.
        ("second.yml", SOUND + "---\n" + SOUND.replace("detection:", "detecion:"), 1, 1, []),
        ("list.yml", "- " + SOUND.replace("\n", "\n  ").strip() + "\n", 0, 0, ["RUL019"]),
        ("no_query.yml", "name: x\ntype: TTP\nsearch: ''\n", 0, 0, ["RUL004"]),
        ("broken.toml", '[rule]\nname = "x\n', 0, 0, ["RUL003"]),
        ("empty.spl", "", 0, 0, ["RUL004"]),
    ],
)
def test_each_rule_is_in_one_of_the_counts(
    tmp_path: Path, capsys: Captured, name: str, text: str, run: int, refused: int, unreadable: list[str]
) -> None:
    folder_of(tmp_path, {name: text})
    found = document(tmp_path, capsys)
    counts = {"run": run, "refused": refused, "failed": 0, "unreadable": len(unreadable), "no_log": 0}
    assert found["rules"] == counts, found
    assert [one["code"] for one in found["unreadable"]] == unreadable
    assert all(one["rule"].partition("#")[0] == f"rules/{name}" and one["message"] for one in found["unreadable"])
    # Whatever is told of a file is told under a name of its own.
    names = [one["rule"] for one in (*found["hits"], *found["refused"], *found["unreadable"])]
    assert len(set(names)) == len(names)


def test_a_misspelt_key_is_shown_where_it_stands(tmp_path: Path, capsys: Captured) -> None:
    folder_of(tmp_path, {"a.yml": SOUND.replace("detection:", "detecion:").replace("title: Shell\n", "")})
    (reason,) = document(tmp_path, capsys)["unreadable"]
    assert (reason["line"], reason["column"]) == (2, 1)
    assert reason["hint"] == "did you mean 'detection' instead of 'detecion'?"


def test_files_without_rules_are_counted(tmp_path: Path, capsys: Captured) -> None:
    folder = folder_of(tmp_path, {"a.yml": SOUND, "README.md": "# rules\n", "settings.yml": "colour: blue\n"})
    found = document(tmp_path, capsys)
    assert found["rules"]["run"] == 1
    assert found["other_files"] == {".md": 1, ".yml": 1}
    # A file that is named is meant to be a rule.
    named = [str(folder / "a.yml"), str(folder / "settings.yml")]
    assert run_program(["run", *named, "--logs", str(tmp_path / "log.jsonl"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["rule"], one["code"]) for one in found["unreadable"]] == [("rules/settings.yml", "RUL020")]


@pytest.mark.parametrize(
    ("options", "code", "said", "hint"),
    [
        (["--severity", "hihg"], "RSC150", "there is no severity 'hihg'", "did you mean 'high'"),
        (["--severity", "low"], "RSC150", "has the severity 'low'", "high (1)"),
        (["--technique", "1059"], "RSC150", "'1059' is no technique", "did you mean 'T1059'?"),
        (["--technique", "T1003"], "RSC150", "'T1003'", "T1059.003 (1)"),
        (["--include", "shel"], None, "", ""),
        (["--include", "Shall"], "RSC150", "of 1 none has 'Shall'", "did you mean 'Shell'?"),
    ],
)
def test_no_rule_chosen_is_wrong_usage(
    tmp_path: Path, capsys: Captured, options: list[str], code: str | None, said: str, hint: str
) -> None:
    folder_of(tmp_path, {"a.yml": SOUND})
    arguments = ["run", str(tmp_path / "rules"), "--logs", str(tmp_path / "log.jsonl"), *options]
    assert run_program(arguments) == (2 if code else 0)
    errors = capsys.readouterr().err
    assert (f"error[{code}]" in errors) == (code is not None)
    assert said in errors
    assert hint in errors


def test_where_there_is_no_rule_the_error_says_what_there_is(tmp_path: Path, capsys: Captured) -> None:
    folder_of(tmp_path, {})
    log = str(tmp_path / "log.jsonl")
    assert run_program(["run", str(tmp_path / "rules"), "--logs", log]) == 2
    assert "error[RSC151]: no rule was found in" in capsys.readouterr().err
    assert run_program(["run", log, "--logs", log]) == 2
    assert "if this is a log, give it with --logs" in capsys.readouterr().err
    (tmp_path / "rules" / "macros.conf").write_text("[m]\ndefinition = x=1\n")
    assert run_program(["run", str(tmp_path / "rules"), "--logs", log]) == 2
    assert "given with --macros and --lookups" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rule", "log", "strict", "everything"),
    [
        (SOUND, '{"Image": "cmd.exe", "_time": 1}\n', None, None),
        (
            "title: {",
            '{"Image": "cmd.exe", "_time": 1}\n',
            "unreadable rules and rule files: 1",
            "unreadable rules and rule files: 1",
        ),
        (SOUND, '{"Image": "cmd.exe", "_time": 1}\n{"Image"\n', "bad records: 1", "bad records: 1"),
        # `typer` can't be run here.
        ("x=* | typer", '{"x": "1", "_time": 1}\n', None, "refused rules: 1"),
    ],
)
def test_strict_fails_for_what_was_not_looked_at(
    tmp_path: Path, capsys: Captured, rule: str, log: str, strict: str | None, everything: str | None
) -> None:
    folder_of(tmp_path, {"a.spl" if rule.startswith("x=") else "a.yml": rule})
    (tmp_path / "log.jsonl").write_text(log)
    arguments = ["run", str(tmp_path / "rules"), "--logs", str(tmp_path / "log.jsonl"), "--json"]
    assert run_program(arguments) == 0
    capsys.readouterr()
    for option, failure in (("--strict", strict), ("--strict=all", everything)):
        assert run_program([*arguments, option]) == (1 if failure else 0)
        captured = capsys.readouterr()
        assert json.loads(captured.out)["events"] == 1
        assert ("strict: " in captured.err) == (failure is not None)
        assert failure is None or failure in captured.err


def test_strict_stands_anywhere_among_the_arguments(tmp_path: Path, capsys: Captured) -> None:
    folder_of(tmp_path, {"a.yml": "title: {"})
    log = str(tmp_path / "log.jsonl")
    assert run_program(["run", "--strict", str(tmp_path / "rules"), "--logs", log]) == 1
    assert run_program(["run", "--logs", log, "--strict", "--json", str(tmp_path / "rules")]) == 1
    assert run_program(["run", str(tmp_path / "rules"), "--logs", log, "--strict=most"]) == 2


def test_files_of_logs_that_are_passed_over_are_in_the_report(tmp_path: Path, capsys: Captured) -> None:
    folder_of(tmp_path, {"a.yml": SOUND})
    logs = tmp_path / "logs"
    logs.mkdir()
    (tmp_path / "log.jsonl").rename(logs / "log.jsonl")
    (logs / "notes.docx").write_bytes(b"x")
    arguments = ["run", str(tmp_path / "rules"), "--logs", str(logs)]
    assert run_program([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["logs"]
    assert [one["file"] for one in found["files"]] == [str(logs / "log.jsonl")]
    assert [one["file"] for one in found["skipped"]] == [str(logs / "notes.docx")]
    assert all(one["reason"] for one in found["skipped"])
    assert run_program(arguments) == 0
    captured = capsys.readouterr()
    assert "notes.docx: not read:" in captured.err
    assert "1 file not read" in captured.out
    assert run_program([*arguments, "--strict"]) == 1
    # Where nothing at all could be read, an answer would be an all-clear over nothing.
    (logs / "log.jsonl").unlink()
    assert run_program(arguments) == 1
    assert "error[LOG003]: there is no log file here" in capsys.readouterr().err


def test_a_hit_names_author_and_licence_and_warnings_their_rules(tmp_path: Path, capsys: Captured) -> None:
    late = "Image=* earliest=-24h | table Image"
    folder_of(tmp_path, {"a.yml": SOUND + "author: Ann\nlicense: MIT\n", "b.spl": late, "c.spl": late})
    found = document(tmp_path, capsys)
    (hit,) = found["hits"]
    assert (hit["author"], hit["license"]) == ("Ann", "MIT")
    (warning,) = [one for one in found["warnings"] if one["code"] == "RUN110"]
    assert warning["rules"] == ["rules/b.spl", "rules/c.spl"]


@pytest.mark.parametrize(
    ("name", "text", "ends"),
    [
        ("mutual.yml", MUTUAL, "2 refused"),
        ("broken.yml", "title: {", "1 unreadable"),
        ("half.yml", SOUND + "---\ntitle: {\n", "1 refused, 1 unreadable"),
    ],
)
def test_a_run_in_which_nothing_was_run_is_no_all_clear(
    tmp_path: Path, capsys: Captured, name: str, text: str, ends: str
) -> None:
    folder_of(tmp_path, {name: text})
    message = f"no rule was run to its end ({ends}): that none fired says nothing about these logs"
    arguments = ["run", str(tmp_path / "rules"), "--logs", str(tmp_path / "log.jsonl")]
    assert run_program(arguments) == 0
    text = capsys.readouterr().out
    assert f"\n{message}\n" in text
    assert "rules fired" not in text
    # Where the results are for programs, people are told beside them.
    for form in ("json", "csv"):
        assert run_program([*arguments, "--format", form]) == 0
        assert capsys.readouterr().err.endswith(f"{message}\n")
    assert run_program([*arguments, "--strict"]) == 1


def test_a_rule_that_ran_says_something(tmp_path: Path, capsys: Captured) -> None:
    folder_of(tmp_path, {"a.yml": SOUND, "b.yml": "title: {"})
    arguments = ["run", str(tmp_path / "rules"), "--logs", str(tmp_path / "log.jsonl")]
    for form in ([], ["--json"]):
        assert run_program([*arguments, *form]) == 0
        captured = capsys.readouterr()
        assert "no rule was run" not in captured.out + captured.err
