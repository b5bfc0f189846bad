"""Patterns as the plain comparisons that they are."""

from __future__ import annotations

import time

import pytest

from rulescope.analysis.comparing import comparison_key
from rulescope.analysis.patterns import plain_pattern, underscored


@pytest.mark.parametrize(
    ("pattern", "ignore_case", "expected"),
    [
        ("certutil", False, ("contains", "certutil", False)),
        ("(?i)certutil", False, ("contains", "certutil", True)),
        (r"^.*(certutil).*\z", True, ("contains", "certutil", True)),
        (r"\.exe$", False, ("ends_with", ".exe", False)),
        (r"^cmd\.exe", False, ("starts_with", "cmd.exe", False)),
        (r"^cmd\.exe$", False, ("eq", "cmd.exe", False)),
        (r"^cmd\.exe$\z", False, ("eq", "cmd.exe", False)),
        (r"\x5c\-a", False, ("contains", r"\-a", False)),
        (r"\(x\)", False, ("contains", "(x)", False)),
        (r"^.*(a|b).*\z", True, ("match", "a|b", True)),
        (r"(?i)(?:a|b)", False, ("match", "a|b", True)),
        # Each alternative has its own ends.
        (r"^(?:.*a|b.*)\z", True, ("match", "^(?:.*a|b.*)$", True)),
        (r".*a|b", False, ("match", ".*a|b", False)),
        # The dot is escaped: no open end.
        (r"a\.*", False, ("match", r"a\.*", False)),
        (r"Net\s+User", True, ("match", r"net\s+user", True)),
        (r"\S[^\W]", True, ("match", r"\S[^\W]", True)),
        (r"\Qa.B\E", True, ("match", r"\Qa.B\E", True)),
        ("(a)(b)", False, ("match", "(a)(b)", False)),
        ("", False, ("match", "", False)),
    ],
)
def test_plain_pattern(pattern: str, ignore_case: bool, expected: tuple[str, str, bool]) -> None:
    assert plain_pattern(pattern, ignore_case) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("user?name", ("eq", "user_name")),
        ("x.send?a?b", ("eq", "x.send_a_b")),
        ("*user?name*", ("contains", "user_name")),
        ("user?name*", ("starts_with", "user_name")),
        ("*user?name", ("ends_with", "user_name")),
        # A wildcard of its own, not within a word.
        ("?.exe", None),
        ("a??b", None),
        ("user?name*x", None),
        ("*x*y", None),
    ],
)
def test_underscored(value: str, expected: tuple[str, str] | None) -> None:
    assert underscored("wildcard", value) == expected


def test_languages_meet() -> None:
    spl = comparison_key("process_command_line", "match", "(?i)certutil", False)
    sigma = comparison_key("process_command_line", "contains", "CertUtil", True)
    snowflake = comparison_key("process_command_line", "match", r"^.*certutil.*\z", True)
    assert spl == sigma == snowflake
    assert comparison_key("event_type", "wildcard", "a.b?c", True) == comparison_key("event_type", "eq", "A.B_C", True)
    assert comparison_key("x", "match", "certutil", False) != comparison_key("x", "match", "CertUtil", False)


@pytest.mark.parametrize(
    "pattern", ["(" * 4000, "(" * 2000 + ")" * 2000, "[" * 4000, "\\" * 4000, ".*" * 2000, "|" * 4000]
)
def test_hostile_patterns(pattern: str) -> None:
    start = time.process_time()
    plain_pattern(pattern, True)
    assert time.process_time() - start < 1
