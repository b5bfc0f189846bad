"""Random detections of Sigma, and random events for them."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import strategies as st

VALUES = [
    "x", "X", "xy*", "*y", "a?b", "cmd.exe", "C:\\Windows\\", "a\\\\b", "1", 10, 2.5, "", None, "*", "\\*", "(x)",
    "\u0130", "ß", "SS", "ς", "Σ*", 'a"b', "2.0", 2, 12345678901234567, "12345678901234568",
    9007199254740993, True, "c:\\\\*",
]  # fmt: skip
FIELDS = ["a", "b", "c", "m", "p", "ip", "w"]
MODIFIERS = [
    "",
    "",
    "|contains",
    "|startswith",
    "|endswith",
    "|cased",
    "|contains|all",
    "|contains|cased",
    "|startswith|cased",
    "|endswith|all",
    "|windash|contains",
]


def conditions(leaf: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Conditions of up to five parts."""
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(inner, inner).map(lambda pair: f"({pair[0]} and {pair[1]})"),
            st.tuples(inner, inner).map(lambda pair: f"({pair[0]} or {pair[1]})"),
            inner.map("not ({})".format),
        ),
        max_leaves=5,
    )


@st.composite
def item(draw: st.DrawFn) -> tuple[str, Any]:
    field = draw(st.sampled_from(FIELDS))
    form = draw(st.integers(0, 8))
    if form == 6:
        return "ip|cidr", draw(st.sampled_from(["10.0.0.0/8", "192.168.0.0/16", "fe80::/10", "::1/128", "8.8.8.8/32"]))
    if form == 7:
        return f"{field}|fieldref", draw(st.sampled_from(FIELDS))
    if form == 8:
        order = draw(st.sampled_from(["lt", "lte", "gt", "gte"]))
        return f"w|{order}", draw(st.sampled_from([9007199254740992, 9007199254740993, 5]))
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
