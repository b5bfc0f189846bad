"""Kusto's functions that are Python over one row: what would fill memory or never end is given up, and said."""

import base64
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from rulescope.engines.duckdb.functions.kusto import dumped, of_punycode, punycode, replace_strings, unpacked
from rulescope.engines.duckdb.functions.registry import GivenUp
from rulescope.engines.duckdb.functions.series import fill_linear, with_key

DEEP = "[" * 100_000 + "]" * 100_000
PACKED = base64.b64encode(zlib.compress(b"a" * 17 * 1024 * 1024)).decode()


@pytest.mark.parametrize(
    "make",
    [
        lambda: with_key(DEEP, "a", "1"),
        lambda: unpacked(PACKED),
        lambda: replace_strings("a" * 10_000, '["a"]', json.dumps(["b" * 10_000])),
        lambda: punycode("ü" * 100_000),
        lambda: of_punycode("a" * 100_000),
    ],
)
def test_what_is_too_large_is_given_up(make: Callable[[], Any]) -> None:
    with pytest.raises(GivenUp) as told:
        make()
    assert told.value.instead is None


def test_what_is_within_the_bounds_is_made() -> None:
    assert unpacked(base64.b64encode(zlib.compress(b"abc")).decode()) == "abc"
    assert replace_strings("aba", '["a"]', '["bb"]') == "bbbbb"
    assert of_punycode(punycode("bücher")) == "bücher"
    assert dumped({"a": [1, None]}) == '{"a":[1,null]}'


def test_a_series_is_filled_between_its_numbers_alone() -> None:
    # The text is no number: nothing leads from it.
    assert fill_linear('["a", null, 3, null, 5]', "null", True, "0") == "[3,3,3,4,5]"
    assert fill_linear('["a", null]', "null", True, "0") == "[0,0]"
