"""The notation of field rules, and what each form means for one event."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from rulescope.errors import KnowledgeError
from rulescope.knowledge import evaluate, parse_form, raw_fields
from rulescope.knowledge.derivation import Basename, CaseOnValue, ConstantText, RawField

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENT = tomllib.loads((PROJECT / "conformance" / "derivations.toml").read_text("utf-8"))


@pytest.mark.parametrize("case", [pytest.param(case, id=case["form"]) for case in DOCUMENT["case"]])
def test_meaning(case: dict[str, Any]) -> None:
    assert case["why"]
    found = evaluate(parse_form(case["form"]), DOCUMENT["event"])
    assert (list(found) if isinstance(found, tuple) else found) == case.get("value")


def test_parsing_gives_the_tree() -> None:
    assert parse_form("basename(Image)") == Basename(RawField("Image"))
    assert parse_form("case(a, 'x', b, 'y')") == CaseOnValue(RawField("a"), (("x", RawField("b")),), ConstantText("y"))
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
