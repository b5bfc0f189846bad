"""`--timeout` holds wherever the time goes: in reading, planning, the database and Python functions, here and in
processes of a run; a rule that takes too long is named, and the others run."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from running_program import ENDLESS, MOST, left_in, start, write_log

SECONDS = 2

MACROS = "".join(f"[m{n}]\ndefinition = `m{n + 1}` OR `m{n + 1}` OR `m{n + 1}`\n" for n in range(14))

HOSTILE = {
    # The database.
    "product.spl": (ENDLESS, {"RUN020"}),
    # Functions in Python, of whose calls each is short, or one is long.
    "functions.spl": (
        "a=* | eval b=mvrange(0, 100000) " + "| eval b=mvmap(b, sha512(sha512(b))) " * 8 + "| mvexpand b limit=0 "
        '| eval d=mvjoin(mvsort(split(mvjoin(b, ","), ",")), "") | stats dc(d)',
        {"RUN020"},
    ),
    # Planning: many expressions, conditions, searches in searches.
    "expressions.spl": (
        "a=* " + "".join(f"| eval f{n}=" + "+".join(f"if(a={m},{m},len(a))" for m in range(240)) for n in range(100)),
        {"RUN020"},
    ),
    "conditions.spl": (" OR ".join(f'(a="*{n}*" b="x{n}*" c="*{n}y")' for n in range(12000)), {"RUN020", "RUN015"}),
    "map.spl": (
        'a=* | map maxsearches=1000 search="search a=* | map maxsearches=1000 search=\\"search a=* | stats count\\""',
        {"RUN020"},
    ),
    # What is refused before it takes long.
    "macros.spl": ("`m0`", {"SPL032"}),
    "stages.spl": ("a=*" + " | where a=1" * 5000, {"RUN124"}),
    "operators.spl": ("a=* | eval b=" + "+".join("a" * 5000), {"SPL005"}),
    # A pattern that tries every way to part a text is given up by itself, and the rule runs.
    "pattern.spl": (
        'a=* | eval t=replace(mvjoin(mvrange(0, 3000), ""), ".", "a") | rex field=t "(?<x>(?=a)(a+)+(a|aa)+[^a])" '
        "| where isnull(x)",
        set(),
    ),
}


def rules(tmp_path: Path, sound: int) -> Path:
    """The hostile rules, and so many sound ones."""
    folder = tmp_path / "rules"
    folder.mkdir()
    for name, (text, _) in HOSTILE.items():
        (folder / name).write_text(text)
    for number in range(sound):
        (folder / f"sound{number}.spl").write_text(f"a={number} | stats count")
    macros = tmp_path / "macros.conf"
    macros.write_text(MACROS + "[m14]\ndefinition = a=1\n")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(("sound", "options"), [(5, []), (70, ["--jobs", "2"])], ids=["here", "in processes"])
def test_rules_that_take_too_long_are_named_and_others_run(tmp_path: Path, sound: int, options: list[str]) -> None:
    folder = rules(tmp_path, sound)
    log = write_log(tmp_path / "log.jsonl")
    named = ["run", str(folder), "--logs", str(log), "--macros", str(tmp_path / "macros.conf")]
    begun = time.monotonic()
    program = start(tmp_path, *named, "--timeout", str(SECONDS), "--json", *options)
    output, errors = program.communicate(timeout=10 * MOST)
    took = time.monotonic() - begun
    assert program.returncode == 0
    assert "Traceback" not in errors
    found = json.loads(output)
    ended = {Path(one["rule"]).name: one["code"] for one in (*found["failed"], *found["refused"])}
    assert {name for name, (_, codes) in HOSTILE.items() if codes} == ended.keys()
    assert {name: code for name, code in ended.items() if code not in HOSTILE[name][1]} == {}
    # The product of rows may come upon the bound of memory first.
    over = {Path(one["rule"]).name for one in found["failed"] if one["message"] != "the search took more than 2 s"}
    assert over <= {"product.spl"}
    assert found["rules"]["run"] == sound + len(HOSTILE) - len(ended)
    assert [one["rules"] for one in found["warnings"] if one["code"] == "RUN109"] == [["rules/pattern.spl"]]
    assert left_in(tmp_path) == []
    # Each may take some seconds more than it has; a machine that is busy is given far more.
    assert took < len(HOSTILE) * (SECONDS + 10) + MOST


@pytest.mark.parametrize("name", ["functions.spl", "expressions.spl"])
def test_a_search_that_takes_too_long_says_so(tmp_path: Path, name: str) -> None:
    log = write_log(tmp_path / "log.jsonl")
    rule = tmp_path / name
    rule.write_text(HOSTILE[name][0])
    program = start(tmp_path, "search", "--json", str(rule), str(log), "--timeout", "1")
    output, errors = program.communicate(timeout=MOST)
    assert program.returncode == 1
    found = [one for one in json.loads(output)["diagnostics"] if one["severity"] == "error"]
    assert [(one["code"], one["message"]) for one in found] == [("RUN020", "the search took more than 1 s")]
    assert "Traceback" not in errors
    assert left_in(tmp_path) == []
