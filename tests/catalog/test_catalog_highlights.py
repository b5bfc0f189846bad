"""Comments and texts of each language, as pages show them."""

import time

import pytest

from rulescope.catalog.highlights import highlight_query
from rulescope.ir import Pipeline


def shown(language: str, text: str) -> list[tuple[str, str]]:
    found = highlight_query(text, language, Pipeline(()), ())
    return [(one.kind, text[one.start : one.end]) for one in found if one.kind in ("comment", "string")]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("spl", 'a ```b and "c"``` "d"', [("comment", '```b and "c"```'), ("string", '"d"')]),
        ("sigma", "a: 'it''s' # and or\nb: it's#1", [("string", "'it''s'"), ("comment", "# and or")]),
        (
            "eql",
            'a : "x//y" // or\n/* and\n*/ b',
            [("string", '"x//y"'), ("comment", "// or"), ("comment", "/* and\n*/")],
        ),
        ("kusto", 'T // and "x\n| where a == @"c:\\"', [("comment", '// and "x'), ("string", '@"c:\\"')]),
        ("snowflake", "select 'it''s' -- or 'x\n", [("string", "'it''s'"), ("comment", "-- or 'x")]),
        ("esql", 'from x | where a == """b "c" d"""', [("string", '"""b "c" d"""')]),
        ("kuery", "a: http://x and b: c", []),
    ],
)
def test_comments_and_texts(language: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert shown(language, text) == expected


@pytest.mark.parametrize("language", ["spl", "sigma", "eql", "esql", "kusto", "snowflake"])
@pytest.mark.parametrize("piece", ["/*", "'", '"', '"""', "```", " #", "- '", "\\"])
def test_no_text_takes_long(language: str, piece: str) -> None:
    started = time.process_time()
    highlight_query(piece * 20_000, language, Pipeline(()), ())
    assert time.process_time() - started < 3
