"""Records of single rules, also of those that nobody would write in good faith."""

from __future__ import annotations

import msgspec
import pytest

from rulescope.api.json_form import encode_json, rule_json
from rulescope.api.rules import page_of_record
from rulescope.catalog import rule_records
from rulescope.catalog.records import RuleRecord
from rulescope.catalog.rule_records import LONGEST_QUERY, read_rule
from rulescope.corpus import RuleFile
from rulescope.ir import RuleInfo
from rulescope.languages.spl.macros import MacroLibrary
from rulescope.text import Source

DEEP = 10_000


def record_of(query: str) -> RuleRecord:
    info = RuleInfo("shop/a.spl", "shop", "spl", "title")
    return read_rule(RuleFile(info, Source(query, "shop/a.spl")), MacroLibrary())


@pytest.mark.parametrize(
    "query",
    [
        "(" * DEEP + "a=1" + ")" * DEEP,
        "NOT " * DEEP + "a=1",
        "| where " + "NOT " * DEEP + "a=1",
        "".join(f"(a={number} OR (b={number} " for number in range(55)) + ")" * 110,
        "a=1 " + "[ search b=2 " * 200,
        "| eval x=" + "lower(" * DEEP + "x" + ")" * DEEP,
        "search a=1" + "| head 5" * 500,
        "\x00\x1b[2J | \ud800 `` | | |",
        "",
    ],
    ids=["brackets", "nots", "where", "alternating", "subsearches", "calls", "stages", "garbage", "nothing"],
)
def test_whatever_the_query_there_is_a_record_that_can_be_kept_and_shown(query: str) -> None:
    record = record_of(query.encode("utf-8", "replace").decode())
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=RuleRecord)
    assert kept == record
    assert encode_json(rule_json(page_of_record(kept)))
    assert encode_json(page_of_record(kept))
    assert record.status == "full" or record.diagnostics


def test_a_query_that_is_too_long_is_not_read() -> None:
    record = record_of("a=1 OR " * (LONGEST_QUERY // 7 + 1))
    assert record.status == "failed"
    assert [found.code for found in record.diagnostics] == ["RSC910"]
    assert len(record.body.query) == LONGEST_QUERY


def test_a_fault_of_ours_costs_one_rule_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(rule: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(rule_records, "facts", fail)
    record = record_of("index=main")
    assert record.status == "failed"
    assert [found.code for found in record.diagnostics] == ["RSC900"]
    assert "ZeroDivisionError" in record.diagnostics[0].message


def test_highlights_say_what_each_part_is() -> None:
    query = 'index=main TERM(x) process="*a*" ```why``` | where match(p, "b+") AND n > 5 | stats count BY host'
    kinds = {query[one.start : one.end]: one.kind for one in record_of(query).body.highlights}
    assert kinds["index"] == "field"
    assert kinds["TERM(x)"] == "term"
    assert kinds["```why```"] == "comment"
    assert kinds["where"] == kinds["stats"] == "command"
    assert kinds["AND"] == kinds["BY"] == "keyword"
    assert kinds["host"] == "field"
    assert kinds["count"] == "function"


def test_highlights_of_the_file_are_of_the_same_text() -> None:
    outer = 'title: t\nlogic: "index=main\n  x=1"\n'
    # A double-quoted YAML scalar folds the line break and the blanks after it into one blank.
    query = "index=main x=1"
    source = Source(query, "a.yml", outer, ((0, 17), (11, 30)))
    record = read_rule(RuleFile(RuleInfo("shop/a.yml", "shop", "spl", "t"), source), MacroLibrary())
    shown = {outer[one.start : one.end] for one in record.body.file_highlights}
    assert {"index", "main", "x", "1"} <= shown
