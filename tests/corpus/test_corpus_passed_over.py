"""What of files is passed over is counted as one thing each, under a name of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from corpus_samples import DETECTION, SAVED, Write

from rulescope.corpus import read_corpus

SIGMA = "title: A\nlogsource: {product: windows}\ndetection: {s: {Image: x}, condition: s}\n"
LOOSE_FILTER = "title: F\nlogsource: {product: windows}\nfilter: {rules: [other], s: {Image: x}, condition: s}\n"


def passed(repository: Path, account: str) -> list[tuple[str, str, int | None]]:
    """Path in the repository, code and line of everything that counts so."""
    return [
        (one.path.removeprefix("own_rules/"), one.code, one.line)
        for one in read_corpus([repository]).passed_over
        if one.account == account
    ]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        # A document that is broken, beside one that is read, is no rule of the file's name.
        ("a.yml", f"{SIGMA}---\ntitle: {{\n", [("a.yml#line 6", "RUL003", 6)]),
        ("a.yml", f"{SIGMA}---\n{LOOSE_FILTER}", [("a.yml#line 7", "RUL024", 7)]),
        ("a.yml", f"{SIGMA}---\n- x\n", [("a.yml#line 5", "RUL023", 5)]),
        # A file of which nothing is read is one thing.
        ("a.yml", "title: {\n", [("a.yml", "RUL003", 2)]),
        ("a.spl", "", [("a.spl", "RUL004", None)]),
        ("a.toml", '[rule]\nname = "x\n', [("a.toml", "RUL003", None)]),
        ("a.jsonl", "", []),
        ("saved_searches.jsonl", "", [("saved_searches.jsonl", "RUL003", None)]),
        # The rules of Kibana's exports are not read yet; what sums these up is no rule.
        (
            "export.ndjson",
            '{"rule_id": "1", "type": "query", "name": "A"}\n{"exported_count": 1}\n',
            [("export.ndjson#A", "RUL009", None)],
        ),
        # Of one with several broken records, each is.
        (
            "saved_searches.jsonl",
            "{bad\n{worse\n",
            [("saved_searches.jsonl#line 1", "RUL003", 1), ("saved_searches.jsonl#line 2", "RUL003", 2)],
        ),
        # A rule may be called as a broken record would be.
        (
            "saved_searches.jsonl",
            '{"name": "line 2", "search": "x=1"}\n{bad\n{"name": "n"}\n',
            [("saved_searches.jsonl#line 2~2", "RUL003", 2), ("saved_searches.jsonl#line 3", "RUL004", 3)],
        ),
        ("savedsearches.conf", SAVED, [("savedsearches.conf#No search", "RUL004", None)]),
        ("a.md", "# text\n", []),
    ],
)
def test_each_unreadable_thing_has_a_name_of_its_own(
    repository: Path, write: Write, name: str, text: str, expected: list[tuple[str, str, int | None]]
) -> None:
    write(name, text)
    assert passed(repository, "unreadable") == expected
    rules = [rule.info.path.removeprefix("own_rules/") for rule in read_corpus([repository]).rules]
    assert not {path for path, _, _ in expected}.intersection(rules)


def test_links_and_pipes_are_not_opened(repository: Path, write: Write) -> None:
    write("a.spl", "x=1")
    (repository / "in.spl").symlink_to(repository / "a.spl")
    (repository / "out.spl").symlink_to("/etc/passwd")
    (repository / "out.txt").symlink_to("/etc/passwd")
    os.mkfifo(repository / "pipe")
    os.mkfifo(repository / "pipe.yml")
    # Those that are named as rules are may be rules.
    assert passed(repository, "unreadable") == [("out.spl", "RUL005", None), ("pipe.yml", "RUL016", None)]
    # What a link within the tree leads to is read where it is.
    expected = [("in.spl", "RUL013", None), ("out.txt", "RUL005", None), ("pipe", "RUL016", None)]
    assert passed(repository, "not opened") == expected


def test_what_is_said_of_files_that_are_read_is_noted(repository: Path, write: Write) -> None:
    write("a.yml", DETECTION.replace("version: 2", "version: 2\nversion: 3"))
    write("savedsearches.conf", "[one]\nsearch = x=1\n[two\nsearch = x=2\n")
    assert passed(repository, "noted") == [("a.yml", "RUL008", 4), ("savedsearches.conf", "RUL011", 3)]
    assert passed(repository, "unreadable") == []
