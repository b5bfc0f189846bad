"""A key that a JSON object has twice is said."""

from __future__ import annotations

import pytest

from .conftest import said

MESSAGE = "a key stands more than once in an object: its last value counts"


@pytest.mark.parametrize(
    "line",
    [
        r'{"_time": 1, "Image": "cmd.exe", "Image": "good.exe"}',
        r'{"_time": 1, "a": [{"b": {"c": 1, "c": 2}}]}',
        r'{"_time": 1, "a" : 1, "a" : 2}',
        '{"_time": 1, "a": 1, "a"\t: 2}',
        '{"_time": 1, "a": 1, "a"  :2}',
        '{"_time": 1, "a": 1, "\\u0061": 2}',
        r'{"_time": 1, "a": "x\u003ay", "a": 2}',
        r'{"_time": 1, "a": 1, "a": 2, "t": "x\u003A"}',
        r'{"_time": 1, "x\\": 1, "x\\": 2}',
        r'{"_time": 1, "s": "{\"a\": 1}", "a":1,"a":2}',
    ],
)
def test_a_key_twice_is_said(load, line: str) -> None:
    assert said(load("e.jsonl", f'{{"_time": 0}}\n{line}\n')) == [("LOG051", 2, MESSAGE)]
    assert said(load("e.json", f"[\n{line}\n]")) == [("LOG051", None, MESSAGE)]


@pytest.mark.parametrize(
    "line",
    [
        r'{"_time": 1, "s": "{\"a\": 1, \"a\": 2}"}',
        r'{"_time": 1, "a" : 1, "b" : {"a" : 2}}',
        r'{"_time": 1, "a": [{"a": 1}, {"a": 2}, [{"a": 3}]]}',
    ],
)
def test_what_only_looks_so_is_not(load, line: str) -> None:
    assert said(load("e.jsonl", line)) == []
