"""Texts from strangers: what is hidden shows, what is no web address is no link."""

from __future__ import annotations

import pytest

from rulescope.web.fragments import code
from rulescope.web.text import LONG_VALUE, visible, web_address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("a\r\nb", "a\nb"),
        ("bell\a", "bell␇"),
        ("a\x00b\x7f", "a␀b␡"),
        ("\u202egnp.exe", "⟦U+202E⟧gnp.exe"),
        ("zero\u200bwidth\ufeff", "zero⟦U+200B⟧width⟦U+FEFF⟧"),
        ("half \ud800", "half ⟦U+D800⟧"),
        ("Grüße, 世界 🙂", "Grüße, 世界 🙂"),
    ],
)
def test_hidden_characters_are_shown(text: str, expected: str) -> None:
    assert visible(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " \x01javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//host/path",
        "https://",
        "https:///path",
        "https://host/<script>",
        'https://host/"x',
        "https://host/a b",
        "https://user:word@host/",
        "https://host/\u202e",
        "http://[::1",
        "https://host/" + "a" * 3000,
    ],
)
def test_only_plain_web_addresses_are_links(text: str) -> None:
    # A double quote is printable, but would end an attribute that someone copies the address into.
    assert web_address(text) is None


def test_web_addresses_are_links() -> None:
    assert web_address(" https://attack.mitre.org/techniques/T1021/002/?a=1&b=%20#x ") is not None
    assert web_address("HTTP://example.org") == "HTTP://example.org"


def test_long_values_are_folded() -> None:
    assert "<details" not in code("a" * LONG_VALUE)
    folded = code("a" * (LONG_VALUE + 1))
    assert "<details" in folded
    assert "a" * (LONG_VALUE + 1) in folded
    assert code("<b>") == '<code class="value">&lt;b&gt;</code>'
