from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulescope.catalog.slugs import LONGEST, slug, unique_slugs
from rulescope.catalog.write import rule_slugs

SAFE = re.compile(r"[a-z0-9][a-z0-9_.-]*")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Image Load", "image-load"),
        ("impacket_lateral-splunk-sysmon", "impacket_lateral-splunk-sysmon"),
        ("../../etc/passwd", "etc-passwd"),
        ("Über Größe", "uber-groe"),
        ("CON", "x-con"),
        ("nul.txt", "x-nul.txt"),
        ("index", "x-index"),
        ("T1021.002", "t1021.002"),
        ('<script>alert("1")</script>', "script-alert-1-script"),
    ],
)
def test_slug_keeps_what_is_safe(name: str, expected: str) -> None:
    assert slug(name) == expected


@given(st.text())
def test_slugs_are_safe_file_names(name: str) -> None:
    made = slug(name)
    assert SAFE.fullmatch(made)
    assert ".." not in made or "/" not in made
    assert len(made) <= LONGEST + 2


@given(st.lists(st.text(), unique=True))
def test_different_names_get_different_slugs_whatever_their_order(names: list[str]) -> None:
    made = unique_slugs((name, name) for name in names)
    assert len(set(made.values())) == len(names)
    assert made == unique_slugs((name, name) for name in reversed(names))


def test_rules_that_share_a_file_name_both_get_a_suffix() -> None:
    first, second, third, app, document = rule_slugs(
        ["a/x/rule.yml", "b/x/rule.yml", "b/other.yml", "b/default/savedsearches.conf#My Search", "b/many.yml#2"]
    )
    assert first.startswith("rule-")
    assert second.startswith("rule-")
    assert first != second
    assert third == "other"
    assert app == "my-search"
    assert document == "many-2"


def test_who_is_called_by_a_slug_to_the_letter_has_it() -> None:
    made = unique_slugs([("Process_Name", "Process_Name"), ("process_name", "process_name"), ("x", "process.name")])
    assert made["process_name"] == "process_name"
    assert made["Process_Name"].startswith("process_name-")
    twice = unique_slugs([("a/rule.yml", "rule"), ("b/rule.yml", "rule")])
    assert all(one.startswith("rule-") for one in twice.values())
