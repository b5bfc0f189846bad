"""What a user's words name: a file, a rule of a catalogue, or a query; and which language a query is probably in."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulescope.api.likely_language import likely_language
from rulescope.api.named_query import check_logs, check_rules, find_query, looks_like_path
from rulescope.api.query import text_query
from rulescope.catalog.build import build_catalog
from rulescope.errors import CatalogError, InputError, NotFoundError, UsageError
from rulescope.languages.registry import LANGUAGES

RULE = """\
title: {title}
logsource: {{product: windows}}
detection: {{s: {{Image: '*{title}.exe'}}, condition: s}}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("rules").mkdir()
    Path("rules/one.yml").write_text(RULE.format(title="One"))
    Path("rules/two.yml").write_text(f"{RULE.format(title='First')}---\n{RULE.format(title='Second')}")
    Path("rules/plain.spl").write_text("a=1")
    Path("log.jsonl").write_text("{}\n")
    Path("notes.docx").write_text("a=1")
    build_catalog([Path("rules")], Path("c"), processes=1)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "name", "language"),
    [
        ("rules/one.yml", "rules/one.yml", "sigma"),
        ("rules/plain.spl", "rules/plain.spl", "spl"),
        ("rules/two.yml#2", "rules/two.yml#2", "sigma"),
        ("rules/two.yml#Second", "rules/two.yml#2", "sigma"),
    ],
)
def test_a_file_is_read_as_the_rule_in_it(here: Path, words: str, name: str, language: str) -> None:
    query = find_query(words)
    assert (query.name, query.language) == (name, language)
    assert query.info is not None


@pytest.mark.parametrize("words", ["One", "one", "rules/one.yml"])
def test_a_rule_of_a_catalogue_is_found_by_its_names(here: Path, words: str) -> None:
    Path("rules/one.yml").unlink()
    query = find_query(words, catalog=Path("c"))
    assert (query.name, query.language) == ("rules/one.yml", "sigma")


@pytest.mark.parametrize(
    "words", ["One | head", "Image=*one.exe", "a=1 rules/one.yml", "'one.yml'", "x" * 2000, "a\nb", "search user#1"]
)
def test_other_words_are_a_query(here: Path, words: str) -> None:
    query = find_query(words, catalog=Path("c"))
    assert (query.source.text, query.language, query.info) == (words, "spl", None)


def test_only_paths_are_looked_up_where_names_are_not_asked_for(here: Path) -> None:
    assert find_query("One", catalog=Path("c"), names=False).source.text == "One"


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        ("nosuch.yml", "RSC140", "to look for this text in events, put double quotes around it"),
        ("rules/on.yml", "RSC140", "did you mean 'rules/one.yml'?"),
        ("rules/one", "RSC140", "did you mean 'rules/one.yml'?"),
        ("rules", "RSC102", "name one file of it"),
        ("log.jsonl", "RSC188", "logs stand after a query"),
        ("rules/two.yml", "RSC102", "'rules/two.yml#1'"),
        ("rules/two.yml#Secnd", "RSC140", "did you mean 'rules/two.yml#Second'?"),
    ],
)
def test_what_leads_nowhere_is_an_error_with_a_way_out(here: Path, words: str, code: str, hint: str) -> None:
    with pytest.raises(InputError) as error:
        find_query(words)
    assert error.value.code == code
    assert hint in (error.value.hint or "")


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        ("plain", "RSC186", "rules are known by name once"),
        ("notes.docx", "RSC187", "- < notes.docx"),
    ],
)
def test_words_that_may_be_a_name_are_doubted(here: Path, words: str, code: str, hint: str) -> None:
    (note,) = find_query(words, catalog=Path("none")).notes
    assert note.code == code
    assert hint in (note.hint or "")


def test_a_catalogue_names_what_is_near(here: Path) -> None:
    (note,) = find_query("Secnd", catalog=Path("c")).notes
    assert note.hint == "did you mean 'Second'?"
    (note,) = find_query("whoami", catalog=Path("c")).notes
    assert "rulescope stats" in (note.hint or "")
    Path("rules/one.yml").unlink()
    with pytest.raises(NotFoundError) as error:
        find_query("repo/one.yml", catalog=Path("c"))
    assert "did you mean 'rules/one.yml'?" in (error.value.hint or "")


def test_a_damaged_catalogue_keeps_nobody_from_a_query(here: Path) -> None:
    data = Path("c").read_bytes()
    Path("c").write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    assert find_query("whoami", catalog=Path("c")).source.text == "whoami"
    with pytest.raises(CatalogError):
        find_query("repo/one.yml", catalog=Path("c"))


def test_a_language_is_one_that_is_read_and_the_rule_s_own(here: Path) -> None:
    assert find_query("process where true", "eql").language == "eql"
    for words, language in (("a=1", "splk"), ("rules/one.yml", "spl"), ("rules/one.yml", "splk")):
        with pytest.raises(UsageError):
            find_query(words, language)
    with pytest.raises(UsageError) as error:
        find_query("One", "spl", catalog=Path("c"))
    assert error.value.code == "RSC189"


def test_a_query_that_is_too_long_is_not_read() -> None:
    with pytest.raises(InputError) as error:
        text_query("a" * (LANGUAGES["spl"].longest + 1))
    assert error.value.code == "RSC910"


@pytest.mark.parametrize("text", ["a.yml", "rules/x.spl", "C:\\rules\\a.yml", "../a.toml", "x.jsonl.gz", "a.yml#2"])
def test_paths_are_told_by_how_they_end(text: str) -> None:
    assert looks_like_path(text)


@pytest.mark.parametrize("text", ["a.exe", "Image=*a.yml", '"a.yml"', "a b.yml", "x|y.spl", "http://host/a.yml", ""])
def test_queries_are_no_paths(text: str) -> None:
    assert not looks_like_path(text)


@pytest.mark.parametrize(
    ("query", "logs", "code"),
    [
        ("a=1", [], "RSC191"),
        ("log.jsonl", [], "RSC191"),
        ("log.jsonl", ["a=1"], "RSC192"),
        ("a=1", ["b=2", "log.jsonl"], "RSC192"),
        ("rules/one.yml", ["rules/plain.spl"], "RSC192"),
    ],
)
def test_logs_stand_behind_one_query(here: Path, query: str, logs: list[str], code: str) -> None:
    with pytest.raises(UsageError) as error:
        check_logs(query, [Path(one) for one in logs])
    assert error.value.code == code


def test_what_may_be_logs_is_left_to_their_reader(here: Path) -> None:
    check_logs("a=1", [Path("log.jsonl"), Path("nosuch.jsonl"), Path("rules/plain.spl")])
    check_logs("rules/one.yml", [Path("log.jsonl"), Path("rules")])


def test_queries_are_no_files_of_rules(here: Path) -> None:
    check_rules([Path("rules"), Path("nosuch.yml"), Path("rulse")], "rulescope search {} LOGS...")
    with pytest.raises(UsageError) as error:
        check_rules([Path("rules"), Path("a=1 b=2")], "rulescope search {} LOGS...")
    assert error.value.hint == "for one query: rulescope search 'a=1 b=2' LOGS..."
    with pytest.raises(NotFoundError):
        check_rules([Path("Whoami")], "rulescope search {} LOGS...")


TEXTS = {
    "spl": 'index=main Image="*\\cmd.exe" | stats count by User',
    "sigma": RULE.format(title="One"),
    "eql": 'process where process.name == "cmd.exe"',
    "kuery": 'process.name : "cmd.exe" and not user.name : root',
    "esql": 'FROM logs-* | WHERE process.name == "cmd.exe" | STATS n = COUNT(*) BY user.name',
    "kusto": 'DeviceProcessEvents | where FileName =~ "cmd.exe"',
    "snowflake": "SELECT user FROM logs WHERE name = 'cmd.exe'",
}
"""A query of each language that begins as only its own do."""


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("taken", TEXTS)
def test_a_query_taken_for_another_language_s_is_doubted(language: str, taken: str) -> None:
    found = likely_language(TEXTS[language], taken)
    if language == taken:
        assert found is None
    else:
        assert found is not None
        assert (found.code, found.severity) == ("RSC190", "warning")
        assert f"give --language {language}" in (found.hint or "")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("whoami", "spl"),
        ("from=bob to=ann | stats count", "spl"),
        ('index=main | where match(x, "process where")', "spl"),
        ('"select a from b"', "spl"),
        ("`sysmon` EventCode=1", "spl"),
        ("any where true", "eql"),
        ("T | take 5", "kusto"),
        ("user:ann and host:web", "lucene"),
    ],
)
def test_a_sound_query_is_left_alone(text: str, language: str) -> None:
    assert likely_language(text, language) is None


def test_broken_text_of_no_language_is_not_given_to_another() -> None:
    assert likely_language("index=main | stats count by (", "eql") is None
    assert likely_language("process where (", "spl") is None


@pytest.mark.parametrize("text", ["./foo", "../foo", "rules/nothing", "rules/deeper/nothing"])
def test_what_leads_from_a_folder_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "rules").mkdir()
    monkeypatch.chdir(tmp_path)
    assert looks_like_path(text)
    with pytest.raises(NotFoundError):
        find_query(text)


@pytest.mark.parametrize("text", ["/api/v1/users", "and/or", "TCP/IP", "a=./x | head 1", "http://rules/x"])
def test_words_with_a_slash_are_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "rules").mkdir()
    monkeypatch.chdir(tmp_path)
    assert not looks_like_path(text)
