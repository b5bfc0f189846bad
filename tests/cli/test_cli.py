from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from rulescope.api.run import ENGINES
from rulescope.cli.app import VERBS, run
from rulescope.cli.terminal import one_line, printable
from sample_rules import FILES, WHOAMI, write_repository

Captured = pytest.CaptureFixture[str]


def test_help_teaches(capsys: Captured) -> None:
    assert run(["--help"]) == 0
    text = capsys.readouterr().out
    for verb in VERBS:
        assert f"\n  {verb} " in text
        assert run([verb, "--help"]) == 0
        assert "Examples:" in capsys.readouterr().out
    assert "Exit status" in text
    for verb in ("serve", "lint", "coverage"):
        assert (verb in VERBS) == (f"\n  {verb} " in text)


def test_engines_are_offered_once_there_is_a_choice(capsys: Captured) -> None:
    assert run(["run", "--help"]) == 0
    text = capsys.readouterr().out
    assert ("--engine" in text) == (len(ENGINES) > 1)
    assert "spark" not in text.lower() or "spark" in ENGINES


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys\nfrom rulescope.cli.app import run\nrun(['--help'])\n"
        "heavy = {'rich', 'duckdb', 'pyarrow', 'sqlglot', 'jinja2', 'pygments', 'msgspec', 'yaml', 'sqlite3'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or None)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["stats", "--nonsense"], ["show"], ["explain"], ["build"], ["--nonsense"]]
)
def test_wrong_usage_is_2(arguments: list[str], capsys: Captured) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.err


def test_build_prints_counts_and_writes_the_catalogue(tmp_path: Path, capsys: Captured) -> None:
    folder = write_repository(tmp_path / "shop", FILES)
    catalog = tmp_path / "c"
    assert run(["build", str(folder), "--catalog", str(catalog)]) == 0
    captured = capsys.readouterr()
    assert "shop" in captured.out
    assert "get_data" in captured.out
    assert "5 of 5 files read" in captured.err
    assert "\x1b" not in captured.out + captured.err
    assert " \n" not in captured.out
    assert catalog.is_file()
    assert run(["build", str(folder), "--catalog", str(catalog), "--strict"]) == 1
    assert "nothing changed" in capsys.readouterr().err
    assert run(["build", str(folder), "--catalog", str(catalog), "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["rules"] == 5
    assert captured.err == ""


def test_build_writes_a_site_and_leaves_it_alone_when_nothing_changed(tmp_path: Path, capsys: Captured) -> None:
    folder = write_repository(tmp_path / "shop", FILES)
    arguments = ["build", str(folder), "--catalog", str(tmp_path / "c"), "-o", str(tmp_path / "site")]
    assert run(arguments) == 0
    assert (tmp_path / "site/index.html").is_file()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "site").rglob("*")}
    assert len([path for path in before if path.suffix == ".html"]) > 5
    capsys.readouterr()
    assert run(arguments) == 0
    assert "as they were" in capsys.readouterr().err
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "site").rglob("*")}


def test_stats_tells_what_languages_share_when_asked(
    sample_catalog: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """The samples' readable rules are all SPL: nothing is shared with another language."""
    assert run(["stats", "--catalog", str(sample_catalog), "--shared", "--json"]) == 0
    shared = json.loads(capfdbinary.readouterr().out)["shared"]
    assert (shared["sharing"], shared["telling"], shared["most_shared"]) == (0, 0, [])
    assert [row["language"] for row in shared["languages"]] == ["spl"]
    assert run(["stats", "--catalog", str(sample_catalog), "--shared"]) == 0
    assert b"0 of 2 rules" in capfdbinary.readouterr().out


def test_stats_json_is_one_document(sample_catalog: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["stats", "--catalog", str(sample_catalog), "--json"]) == 0
    captured = capfdbinary.readouterr()
    assert captured.out.count(b"\n") == 1
    assert json.loads(captured.out)["by_language"]["spl"] == {"full": 2, "partial": 1, "failed": 0}
    assert captured.err == b""


def test_show_prints_what_the_rule_looks_for(sample_catalog: Path, capsys: Captured) -> None:
    assert run(["show", "100.1", "--catalog", str(sample_catalog)]) == 0
    text = capsys.readouterr().out
    for part in (
        "Account discovery by whoami",
        "understood wholly",
        "NOT",
        "Indicators",
        "Exclusions",
        "Thresholds",
        "T1033",
    ):
        assert part in text
    assert run(["show", "100.1", "--catalog", str(sample_catalog), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rule"]["id"] == "100.1"


def test_show_takes_a_title_in_any_case(sample_catalog: Path, capsys: Captured) -> None:
    assert run(["show", "account discovery by WHOAMI (sysmon)", "--catalog", str(sample_catalog), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rule"]["id"] == "100.1"


def test_errors_go_to_stderr_with_code_and_hint(sample_catalog: Path, tmp_path: Path, capsys: Captured) -> None:
    assert run(["show", "nowhere", "--catalog", str(sample_catalog), "--json"]) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["error"]["code"] == "RSC140"
    assert captured.err.startswith("error[RSC140]: no rule is called 'nowhere'")
    assert "hint:" in captured.err
    assert run(["stats", "--catalog", str(tmp_path / "none")]) == 1
    assert "there is no catalogue" in capsys.readouterr().err
    assert run(["build", str(tmp_path / "none"), "--catalog", str(tmp_path / "c")]) == 1
    assert "no such file or folder" in capsys.readouterr().err


def test_explain_shows_the_pipeline_and_diagnostics_with_carets(capsys: Captured) -> None:
    assert run(["explain", "index=main (a=1 OR b=2) | stat count"]) == 0
    text = capsys.readouterr().out
    assert "OR" in text
    assert "^^^^" in text
    assert "did you mean 'stats'" in text
    assert run(["explain", "index=main | stat count", "--strict"]) == 1


def test_explain_of_what_cannot_be_read_at_all_is_1(capsys: Captured) -> None:
    assert run(["explain", "  "]) == 1
    assert run(["explain", "index=main", "--language", "sqll"]) == 2
    assert "can't be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    "data", [b"\xef\xbb\xbfindex=main \xff | head 5", "index=main é | head 5".encode("utf-16")], ids=["utf-8", "utf-16"]
)
def test_explain_reads_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: Captured, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert run(["explain", "-", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [stage["kind"] for stage in document["stages"]] == ["search", "head"]


def test_nothing_in_a_rule_steers_the_terminal(tmp_path: Path, capsys: Captured) -> None:
    evil = "\\e]0;owned\\a\\e[2J\\u202Egpj.exe\\r[bold red]"
    text = WHOAMI.replace("Account discovery by whoami", f'"Evil {evil}"').replace("whoami*", "who\\u001B[31m*")
    text = text.replace("description: Somebody asks who they are.", f'description: "{evil}"')
    folder = write_repository(tmp_path / "shop\x1b[5m", {"detections/evil-splunk-sysmon.yml": text})
    catalog = str(tmp_path / "c")
    assert run(["build", str(folder), "--catalog", catalog]) == 0
    assert run(["show", "100.1", "--catalog", catalog]) == 0
    assert run(["explain", "a=\x1b[2J | \x1b]0;x\x07"]) in (0, 1)
    captured = capsys.readouterr()
    for sign in ("\x1b", "\x07", "\u202e", "\r"):
        assert sign not in captured.out + captured.err
    assert "[bold red]" in captured.out


def test_printable_keeps_text_and_takes_control_characters_away() -> None:
    assert printable("plain ünï 漢\ttab\nline") == "plain ünï 漢\ttab\nline"
    assert printable("a\x1b[0m\x9b\u2066b") == "a\ufffd[0m\ufffd\ufffdb"
    assert one_line(" a \n\t b ") == "a b"


def test_colours_only_on_terminals_and_not_with_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    from rulescope.cli.terminal import output

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def printed(stream: io.StringIO) -> str:
        monkeypatch.setattr(sys, "stdout", stream)
        output().print("text", style="bold red")
        return stream.getvalue()

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[1;31m" in printed(Terminal())
    assert "\x1b" not in printed(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert "31m" not in printed(Terminal())
