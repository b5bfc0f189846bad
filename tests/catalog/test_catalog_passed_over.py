"""What of the files was passed over is in the catalogue, in a first build as in each that follows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rulescope.api.models import PassedOverPage
from rulescope.api.pages import overview
from rulescope.api.strict import Strict
from rulescope.api.view import open_view
from rulescope.catalog.build import build_catalog
from sample_rules import write_repository

SOUND = "title: A\nlogsource: {product: windows}\ndetection: {s: {Image: x}, condition: s}\n"
FILES = {
    "a.yml": f"{SOUND}---\ntitle: {{\n",
    "b.yml": SOUND,
    "broken.yml": "title: {\n",
    "sumo.yml": "title: T\nlogic_format: Sumo\nlogic: x\n",
    "savedsearches.conf": "[one]\nsearch = x=1\nsearch = x=2\n[two\nsearch = x=2\n[three]\ndisabled = 1\n[four\n",
    "macros.conf": "[m]\nargs = x\n",
    "README.md": "# text\n",
    "settings.yml": "colour: blue\n",
    "notes.txt": "text\n",
}


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A repository with something of each kind."""
    folder = write_repository(tmp_path / "rules", FILES)
    (folder / "in.yml").symlink_to(folder / "b.yml")
    (folder / "out.yml").symlink_to("/etc/passwd")
    (folder / "out.txt").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")
    return folder


def passed(catalog: Path) -> PassedOverPage:
    with open_view(catalog) as view:
        return overview(view).passed_over


def test_everything_is_counted_once_with_its_reason(given: Path, tmp_path: Path) -> None:
    build_catalog([given], tmp_path / "c", processes=1)
    found = passed(tmp_path / "c")
    assert [(one.fact.path, one.fact.code, one.fact.line) for one in found.unreadable] == [
        ("rules/a.yml#line 6", "RUL003", 6),
        ("rules/broken.yml", "RUL003", 2),
        ("rules/out.yml", "RUL005", None),
        ("rules/savedsearches.conf#four", "RUL004", None),
        ("rules/savedsearches.conf#three", "RUL004", None),
        ("rules/sumo.yml", "RUL009", None),
    ]
    assert [(one.fact.path, one.fact.code, one.fact.severity) for one in found.not_opened] == [
        ("rules/in.yml", "RUL013", "info"),
        ("rules/out.txt", "RUL005", "warning"),
        ("rules/pipe", "RUL016", "warning"),
    ]
    assert [
        (one.example.code, one.example.severity, one.count, one.example.path, one.example.line) for one in found.notes
    ] == [
        ("RUL011", "warning", 2, "rules/savedsearches.conf", 4),
        ("RUL008", "warning", 1, "rules/savedsearches.conf", 3),
        ("RUL012", "warning", 1, "rules/macros.conf#m", None),
    ]
    assert found.other_files == {".md": 1, ".txt": 1, ".yml": 1, "LICENSE": 1}


def test_what_has_a_page_is_linked_to_it(given: Path, tmp_path: Path) -> None:
    build_catalog([given], tmp_path / "c", processes=1)
    with open_view(tmp_path / "c") as view:
        pages = {link.slug: link.path for link in view.all_links() if link.parse == "failed"}
        linked = {one.rule: one.fact.path for one in overview(view).passed_over.unreadable if one.rule}
    assert linked == pages
    assert sorted(pages.values()) == ["rules/a.yml#line 6", "rules/broken.yml", "rules/sumo.yml"]


def test_a_later_build_tells_the_same(given: Path, tmp_path: Path) -> None:
    catalog, cold = tmp_path / "c", tmp_path / "cold"
    build_catalog([given], catalog, processes=1)
    first = passed(catalog)
    assert not build_catalog([given], catalog, processes=1).changed
    assert passed(catalog) == first
    # A file that changes leaves what is known of the others as it is.
    (given / "b.yml").write_text(SOUND + "# changed\n")
    assert build_catalog([given], catalog, processes=1).changed
    assert passed(catalog) == first
    build_catalog([given], cold, processes=1)
    assert catalog.read_bytes() == cold.read_bytes()


def test_a_file_without_a_rule_that_comes_is_counted(given: Path, tmp_path: Path) -> None:
    build_catalog([given], tmp_path / "c", processes=1)
    (given / "more.txt").write_text("")
    report = build_catalog([given], tmp_path / "c", processes=1)
    assert report.changed
    assert report.rules_read == 2  # those of savedsearches.conf, whose layers are put together anew each time
    assert passed(tmp_path / "c").other_files[".txt"] == 2


def test_strict_fails_for_what_is_told(given: Path, tmp_path: Path) -> None:
    build_catalog([given], tmp_path / "c", processes=1)
    with open_view(tmp_path / "c") as view:
        found = overview(view)
    # Each failed rule here is unreadable: `failed rules` would count it twice. A document that could not be read may
    # have been meant for the rule before it, which has that error, too; the link within the tree loses nothing.
    errors = "unreadable rules and rule files: 6, rules with an error: 4"
    assert found.strict_failure(None) is None
    assert found.strict_failure(Strict.errors) == errors
    assert found.strict_failure(Strict.all) == (
        f"{errors}, rules understood in part: 1, rules with a warning: 1, links and other things not opened: 2, "
        "warnings of files: 4"
    )


def test_a_file_that_is_given_alone_has_nothing_beside_it(given: Path, tmp_path: Path) -> None:
    build_catalog([given / "b.yml"], tmp_path / "c", processes=1)
    assert passed(tmp_path / "c") == PassedOverPage()
