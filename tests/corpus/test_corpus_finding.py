"""Which files are found, in which order, and which repository each belongs to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from corpus_samples import Write

from rulescope.corpus import find_rule_files, read_corpus
from rulescope.corpus.licenses import identify_license
from rulescope.errors import NotFoundError


def _paths(*given: Path) -> list[str]:
    return [found.catalog_path for found in find_rule_files(given)]


def test_files_are_named_by_repository_wherever_the_start_is(repository: Path, write: Write) -> None:
    path = write("x/y/a.spl", "index=a")
    write(".git/config", "")
    write(".github/workflows/ci.yml", "")
    expected = ["own_rules/x/y/a.spl"]
    assert _paths(repository) == ["own_rules/LICENSE", *expected]
    assert _paths(repository / "x") == expected
    assert _paths(path) == expected
    assert _paths(repository / "x", path, repository / "x" / "y") == expected, "each file once"


def test_a_folder_of_repositories(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "detections").mkdir(parents=True)
        (tmp_path / name / "detections" / "a.spl").write_text("index=a")
    (tmp_path / "one" / "LICENSE").write_text("Apache License\n   Version 2.0, January 2004\n")
    found = list(find_rule_files([tmp_path]))
    rules = [(file.repository, file.relative, file.license) for file in found if file.path.suffix == ".spl"]
    assert rules == [("one", "detections/a.spl", "Apache-2.0"), ("two", "detections/a.spl", None)]


def test_a_plain_folder_is_its_own_repository(tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "deep"
    folder.mkdir(parents=True)
    (folder / "a.spl").write_text("index=a")
    assert _paths(tmp_path / "mine") == ["mine/deep/a.spl"]


def test_two_repositories_of_one_name_stay_apart(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "rules").mkdir(parents=True)
        (tmp_path / name / "rules" / "x.spl").write_text("index=a")
    assert _paths(tmp_path / "a" / "rules", tmp_path / "b" / "rules") == ["rules/x.spl", "rules~2/x.spl"]


def test_links_are_not_followed(repository: Path, write: Write, tmp_path: Path) -> None:
    secret = tmp_path / "secret.spl"
    secret.write_text("index=secret")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.spl").write_text("index=secret")
    inside = write("rules/a.spl", "index=a")
    folder, nowhere = tmp_path / "elsewhere", Path("/no/such")
    links = {"out.spl": secret, "folder": folder, "loop": repository, "in.spl": inside, "dead": nowhere}
    for name, target in links.items():
        (repository / name).symlink_to(target)
    corpus = read_corpus([repository])
    assert [rule.info.path for rule in corpus.rules] == ["own_rules/rules/a.spl"]
    assert {problem.path.removeprefix("own_rules/"): problem.diagnostic.code for problem in corpus.problems} == {
        "out.spl": "RUL005", "folder": "RUL005", "dead": "RUL005", "loop": "RUL013", "in.spl": "RUL013",
    }  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_not_opened(repository: Path) -> None:
    os.mkfifo(repository / "a.yml")
    corpus = read_corpus([repository])
    assert [problem.diagnostic.code for problem in corpus.problems] == ["RUL016"]


def test_a_file_name_that_is_not_utf8(repository: Path) -> None:
    (repository / os.fsdecode(b"\xff.spl")).write_text("index=a")
    (rule,) = read_corpus([repository]).rules
    assert rule.info.path == "own_rules/\ufffd.spl"
    assert rule.info.title.encode()


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such file or folder"):
        _paths(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        (
            "   GNU GENERAL PUBLIC LICENSE\n  Version 3, 29 June 2007\n ... GNU Lesser General Public License",
            "GPL-3.0-only",
        ),
        ("Apache License\n Version 2.0, January 2004", "Apache-2.0"),
        (
            "BSD 3-Clause License\nRedistribution and use in source and binary forms\n3. Neither the name of",
            "BSD-3-Clause",
        ),
        ("Redistribution and use in source and binary forms, with or without", "BSD-2-Clause"),
        ("The rules are released under the [Detection Rule License (DRL) 1.1](https://x)", "DRL-1.1"),
        ("All rights reserved.", None),
    ],
)
def test_licences(text: str, identifier: str | None) -> None:
    assert identify_license(text) == identifier
