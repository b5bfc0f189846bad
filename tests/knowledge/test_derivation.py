"""The notation of field rules, and what each form means for one event."""

from __future__ import annotations

import pytest

from rulescope.errors import KnowledgeError
from rulescope.knowledge import evaluate, parse_form, raw_fields
from rulescope.knowledge.derivation import Basename, CaseOnValue, Constant, RawField

EVENT = {
    "Image": r"C:\Windows\System32\cmd.exe",
    "exe": "/usr/bin/bash",
    "User": r"CORP\alice",
    "Hashes": "MD5=0A1B,SHA256=FF00",
    "Dash": "-",
    "Empty": "",
    "Results": "type:  5 a.example;10.0.0.1;",
    "Threat Name": "Eicar",
    "Same": "-",
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Image", r"C:\Windows\System32\cmd.exe"),
        ("Missing", None),
        ("Empty", None),
        ('"Threat Name"', "Eicar"),
        ("'it''s'", "it's"),
        ("basename(Image)", "cmd.exe"),
        ("basename(exe)", "bash"),
        ("basename(Dash)", "-"),
        ("dirname(Image)", r"C:\Windows\System32"),
        ("dirname(Dash)", None),
        ("extract(Hashes, 'SHA256=([0-9A-F]+)')", "FF00"),
        ("extract(Hashes, 'IMPHASH=([0-9A-F]+)')", None),
        (r"extract(User, '([^\\]+)$')", "alice"),
        ("null_if(Dash, '-', '?')", None),
        ("null_if(Image, '-')", r"C:\Windows\System32\cmd.exe"),
        ("coalesce(Missing, null_if(Dash, '-'), exe)", "/usr/bin/bash"),
        ("coalesce(Missing)", None),
        ("case(Dash, '-', 'dash', 'other')", "dash"),
        ("case(Missing, '-', 'dash', 'other')", "other"),
        ("case(exe, '-', 'dash')", None),
        ("when(exe, '^/usr', 'unix', 'else')", "unix"),
        ("when(Missing, '.', 'there', 'absent')", "absent"),
        ("same(Dash, Same, 'yes', 'no')", "yes"),
        ("same(Missing, Missing, 'yes', 'no')", "no"),
        ("concat(Dash, '/', exe)", "-//usr/bin/bash"),
        ("concat(Dash, Missing)", None),
        ("length(Dash)", "1"),
        ("length(Missing)", None),
        ("lower(User)", r"corp\alice"),
        ("replace(Dash, '-', '\\1')", "\\1"),
        ("split(replace(Results, 'type: *[0-9]+ +', ''), ';')", ("a.example", "10.0.0.1")),
        ("list(Missing, Dash, exe)", ("-", "/usr/bin/bash")),
        ("list(Missing)", None),
    ],
)
def test_meaning(text: str, value: str | tuple[str, ...] | None) -> None:
    assert evaluate(parse_form(text), EVENT) == value


def test_parsing_gives_the_tree() -> None:
    assert parse_form("basename(Image)") == Basename(RawField("Image"))
    assert parse_form("case(a, 'x', b, 'y')") == CaseOnValue(RawField("a"), (("x", RawField("b")),), Constant("y"))
    assert raw_fields(parse_form("coalesce(a, when(b, 'x', c, basename(d)))")) == {"a", "b", "c", "d"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "basename(",
        "basename()",
        "basename(a, b)",
        "a b",
        "nosuch(a)",
        "extract(a, b)",
        "extract(a, '(')",
        "(a)",
        "f(a,)",
    ]
    + ["case()", "when(a, 'x')", "split(a)", "'open", ")"],
)
def test_what_is_not_well_formed_is_refused(text: str) -> None:
    with pytest.raises(KnowledgeError):
        parse_form(text)
