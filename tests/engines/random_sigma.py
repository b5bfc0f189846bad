"""Random detections of Sigma, and random events for them."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import strategies as st
from random_conditions import conditions

VALUES = ["x", "X", "xy*", "*y", "a?b", "cmd.exe", "C:\\Windows\\", "a\\\\b", "1", 10, 2.5, "", None, "*", "\\*", "(x)"]
FIELDS = ["a", "b", "c", "m"]
HELD = ["x", "X", "xy", "axb", "cmd.exe", "CMD.EXE /c", "C:\\Windows\\", "a\\b", "1", "10", "2.5", "", "*", "(x)"]

MODIFIERS = ["", "", "|contains", "|startswith", "|endswith", "|cased", "|contains|all", "|contains|cased"]

events = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "a": st.sampled_from(HELD),
            "b": st.sampled_from(HELD),
            "c": st.sampled_from(["1", "2", "10", "30", "x"]),
            "m": st.lists(st.sampled_from([one for one in HELD if one]), min_size=1, max_size=3),
        },
    ),
    max_size=6,
)


@st.composite
def item(draw: st.DrawFn) -> tuple[str, Any]:
    field = draw(st.sampled_from(FIELDS))
    form = draw(st.integers(0, 5))
    if form == 0:
        return f"c|{draw(st.sampled_from(['lt', 'lte', 'gt', 'gte']))}", draw(st.integers(0, 30))
    if form == 1:
        return f"{field}|exists", draw(st.booleans())
    if form == 2:
        return f"{field}|re", draw(st.sampled_from(["x", "^x", "e$", "[0-9]+", "(?i)X", "a.b"]))
    if form == 3:
        return field, draw(st.sampled_from(VALUES))
    modifier = draw(st.sampled_from(MODIFIERS))
    values = draw(st.lists(st.sampled_from([one for one in VALUES if one not in (None, "")]), min_size=1, max_size=3))
    several = len(values) > 1 or "all" in modifier
    if "all" in modifier and len(values) < 2:
        values = [*values, "x"]
    return f"{field}{modifier}", values if several else values[0]


block = st.one_of(
    st.lists(item(), min_size=1, max_size=3).map(dict),
    st.lists(st.lists(item(), min_size=1, max_size=2).map(dict), min_size=1, max_size=2),
)


@st.composite
def detection(draw: st.DrawFn) -> str:
    blocks = {name: draw(block) for name in ("one", "two", "three")}
    leaf = st.sampled_from(["one", "two", "three", "1 of them", "all of t*"])
    section = {**blocks, "condition": draw(conditions(leaf))}
    return yaml.safe_dump({"logsource": {"category": "test"}, "detection": section}, allow_unicode=True)


rules = detection()
