"""A field that no event has is said wherever a search reads it, in every language, with the name that was meant."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.sysmon_events import sysmon

from rulescope.corpus.macro_libraries import pack_macros
from rulescope.engines.sql.context import LookupTable
from rulescope.hunt.bound_rule import bind_rule, read_query
from rulescope.hunt.knowledge import Knowledge, Logs, knowledge_for, logs_of
from rulescope.hunt.search import SearchResult, run_search
from rulescope.hunt.settings import Settings
from rulescope.languages.spl import MacroLibrary
from rulescope.logs import EventStore, load_logs
from rulescope.text import Diagnostic, Source

WORDS = {"Image": "C:\\Windows\\System32\\cmd.exe", "CommandLine": "cmd /c whoami", "User": "CORP\\ann"}
SIGMA = """title: t
logsource: {product: windows, category: process_creation}
detection:
"""
CORRELATION = """title: many
correlation:
  type: value_count
  rules: [one]
  group-by: [User]
  timespan: 1h
  condition: {field: Image, gte: 1}
---
title: one
name: one
logsource: {product: windows, category: process_creation}
detection:
  a: {CommandLine|contains: whoami}
  condition: a
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EventStore]:
    """Two Sysmon events of one kind and one of another, a logon, and an event of a product that is not known."""
    path = tmp_path_factory.mktemp("absent") / "events.jsonl"
    logon = {
        "EventID": 4624,
        "Channel": "Security",
        "SourceName": "Microsoft-Windows-Security-Auditing",
        "Hostname": "dc1",
        "EventTime": "2024-05-01 11:30:00",
        "TargetUserName": "ann",
        "IpAddress": "10.0.0.9",
        "LogonType": "3",
    }
    acme = {"_time": 1714561200, "_raw": "x", "sourcetype": "acme:edr", "exe_path": "/bin/sh", "verdict": "bad"}
    events = [
        sysmon(1, 1, ParentImage="C:\\Windows\\wmiprvse.exe", ProcessGuid="{1}", **WORDS),
        sysmon(1, 2, ParentImage="C:\\Windows\\explorer.exe", ProcessGuid="{2}", **WORDS),
        sysmon(3, 3, DestinationIp="10.0.0.1", DestinationPort="443", ProcessGuid="{1}", Image=WORDS["Image"]),
        logon,
        acme,
    ]
    path.write_text("\n".join(map(json.dumps, events)))
    with load_logs([path]) as loaded:
        yield loaded


@pytest.fixture(scope="module")
def logs(store: EventStore) -> tuple[Logs, Knowledge]:
    found = logs_of(store)
    return found, replace(knowledge_for(Settings(), found), lookups=_Users())


class _Users:
    """A source of lookups that has one."""

    def table(self, name: str) -> LookupTable | None:
        return LookupTable("users", ("who", "dept"), (("CORP\\ann", "it"),)) if name == "users" else None


def ask(text: str, logs: tuple[Logs, Knowledge], language: str = "spl") -> SearchResult:
    parsed = read_query(Source(text), language, MacroLibrary(pack_macros()))
    rule = bind_rule(parsed, language)
    return run_search(rule.pipeline, logs[0], knowledge=logs[1], vocabulary=rule.vocabulary)


def told(result: SearchResult) -> list[Diagnostic]:
    return [one for one in result.diagnostics if one.code in ("RUN130", "RUN131", "RUN133")]


# Language, the search, the wrong name in it, and the name that its events have.
TYPOS = [
    ("spl", "Imagee=*cmd.exe", "Imagee", "Image"),
    ("spl", "EventCode=1 Image=* NOT Usr=x", "Usr", "User"),
    ("spl", "EventCode=1 | search ParentImge=*wmiprvse.exe", "ParentImge", "ParentImage"),
    ("spl", 'EventCode=1 | where Imagee="x"', "Imagee", "Image"),
    ("spl", 'EventCode=1 | where match(Comandline, "whoami")', "Comandline", "CommandLine"),
    ("spl", 'EventCode=1 | where like(lower(Imagee), "%cmd.exe")', "Imagee", "Image"),
    ("spl", 'EventCode=1 | where isnull(Imagee) OR Image="x"', "Imagee", "Image"),
    ("spl", 'EventCode=1 (commandline=x OR Image="*cmd.exe")', "commandline", "CommandLine"),
    ("spl", 'EventCode=1 | regex Imagee="cmd"', "Imagee", "Image"),
    ("spl", "EventCode=1 | stats count by Imaeg", "Imaeg", "Image"),
    ("spl", "EventCode=1 | stats count, values(Imaeg) as i by User", "Imaeg", "Image"),
    ("spl", "EventCode=1 | stats dc(Imaeg) as i by User", "Imaeg", "Image"),
    ("spl", 'EventCode=1 | stats count(eval(Imaeg="x")) as i by User', "Imaeg", "Image"),
    ("spl", "EventCode=1 | eventstats count by Imaeg", "Imaeg", "Image"),
    ("spl", "EventCode=1 | streamstats count by Imaeg", "Imaeg", "Image"),
    ("spl", "EventCode=1 | chart count over Imaeg", "Imaeg", "Image"),
    ("spl", "EventCode=1 | timechart count by Imaeg", "Imaeg", "Image"),
    ("spl", "EventCode=1 | top Imaeg", "Imaeg", "Image"),
    ("spl", "EventCode=1 | dedup Imaeg", "Imaeg", "Image"),
    ("spl", "EventCode=1 | sort - Imaeg", "Imaeg", "Image"),
    ("spl", "EventCode=1 | table _time Imaeg", "Imaeg", "Image"),
    ("spl", "EventCode=1 | eval i=lower(Imaeg)", "Imaeg", "Image"),
    ("spl", "EventCode=1 | rename Imaeg as i", "Imaeg", "Image"),
    ("spl", 'EventCode=1 | rex field=Imaeg "(?<base>[^/]+)$"', "Imaeg", "Image"),
    ("spl", "EventCode=1 | transaction Imaeg", "Imaeg", "Image"),
    ("spl", "EventCode=1 | fillnull value=none Imaeg", "Imaeg", "Image"),
    ("spl", "EventCode=1 | fields - Imaeg", "Imaeg", "Image"),
    ("spl", "EventCode=1 | lookup users who as Usr OUTPUT dept", "Usr", "User"),
    ("spl", "EventCode=1 | mvexpand Imaeg", "Imaeg", "Image"),
    ("spl", "EventCode=1 | bin Imaeg span=10", "Imaeg", "Image"),
    ("spl", "EventCode=1 | join ProcesGuid [search EventCode=3 | fields ProcessGuid]", "ProcesGuid", "ProcessGuid"),
    ("spl", "EventCode=1 | append [search EventCode=3 DestinationIpp=*]", "DestinationIpp", "DestinationIp"),
    ("spl", "EventCode=1 [search EventCode=3 | where DestinationIpp=1 | fields ProcessGuid]", "DestinationIpp",
     "DestinationIp"),
    ("spl", "EventCode=1 proces_name=cmd.exe", "proces_name", "process_name"),
    ("spl", "sourcetype=acme:edr verdct=bad", "verdct", "verdict"),
    ("spl", "| tstats count from datamodel=Endpoint.Processes by Processes.proces_name", "Processes.proces_name",
     "Processes.process_name"),
    ("spl", "| tstats count where Imaeg=* by host", "Imaeg", "Image"),
    ("spl", "EventCode=1 | stats count as hits by Image | where hist > 0", "hist", "hits"),
    ("sigma", SIGMA + "  a: {ParentImge|endswith: wmiprvse.exe}\n  condition: a", "ParentImge", "ParentImage"),
    ("sigma", SIGMA + "  a: {Image|endswith: cmd.exe}\n  f: {ParentImge|endswith: x}\n  condition: a and not f",
     "ParentImge", "ParentImage"),
    ("sigma", SIGMA + "  a: [{Image: x}, {Imagee|endswith: cmd.exe}]\n  condition: a", "Imagee", "Image"),
    ("sigma", CORRELATION.replace("[User]", "[Usr]"), "Usr", "User"),
    ("sigma", CORRELATION.replace("field: Image", "field: Imaeg"), "Imaeg", "Image"),
    ("eql", 'process where process.nam == "cmd.exe"', "process.nam", "process.name"),
    ("eql", 'process where not process.nam == "x"', "process.nam", "process.name"),
    ("eql", 'process where process.nam : "cmd*" or process.name == "x"', "process.nam", "process.name"),
    ("eql", 'any where winlog.event_data.Imagee : "*cmd.exe"', "winlog.event_data.Imagee", "winlog.event_data.Image"),
    ("eql", "sequence by process.entty_id [process where true] [network where true]", "process.entty_id",
     "process.entity_id"),
    ("eql", "process where true | unique process.nam", "process.nam", "process.name"),
    ("kuery", "process.nam: cmd.exe", "process.nam", "process.name"),
    ("kuery", "not process.nam: x", "process.nam", "process.name"),
    ("lucene", "process.nam:cmd.exe", "process.nam", "process.name"),
    ("lucene", "_exists_:process.nam", "process.nam", "process.name"),
    ("esql", 'FROM logs-* | WHERE process.nam == "cmd.exe"', "process.nam", "process.name"),
    ("esql", "FROM logs-* | WHERE process.name IS NOT NULL | STATS c = COUNT(*) BY process.nam", "process.nam",
     "process.name"),
    ("esql", "FROM logs-* | EVAL p = TO_LOWER(process.nam) | KEEP p", "process.nam", "process.name"),
    ("esql", "FROM logs-* | STATS hits = COUNT(*) BY process.name | WHERE hist > 1", "hist", "hits"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "wrong", "right"), TYPOS)
def test_a_misspelt_field_is_said_at_its_place(
    logs: tuple[Logs, Knowledge], language: str, text: str, wrong: str, right: str
) -> None:
    found = {one.message.split("'")[1]: one for one in told(ask(text, logs, language))}
    assert found.keys() == {wrong}
    one = found[wrong]
    assert one.severity == "warning"
    assert one.hint == f"did you mean '{right}'?"
    place = re.search(rf"{re.escape(wrong)}(?![\w.])", text)
    assert place is not None
    assert one.span.start <= place.start() < one.span.end or language == "kuery" or "correlation" in text
    # Whoever does as the hint says is told no more.
    corrected = f"{text[: place.start()]}{right}{text[place.end() :]}"
    assert told(ask(corrected, logs, language)) == []


# What the search itself makes, or what nothing can be said of.
MADE = [
    ("spl", 'EventCode=1 | eval i=lower(Image) | where i="x"'),
    ("spl", 'EventCode=1 | rex field=Image "(?<base>[^/]+)$" | where base="x" | stats count by base'),
    ("spl", 'EventCode=1 | rex field=Image offset_field=at "(?<base>cmd)" | where at="x"'),
    ("spl", 'EventCode=1 | rename Image as i | where i="x"'),
    ("spl", 'EventCode=1 | rename *Image as *i | where Parenti="x"'),
    ("spl", "EventCode=1 | stats count as n, values(Image) as images by User | where n > 9 | search images=x"),
    ("spl", "EventCode=1 | stats values(*) as * by User | where ParentImage=1"),
    ("spl", "EventCode=1 | eventstats dc(Image) as n by User | where n > 9"),
    ("spl", "EventCode=1 | top Image | where percent > 101"),
    ("spl", "EventCode=1 | spath | where anything=1"),
    ("spl", "EventCode=1 | spath output=x path=a.b | where x=1"),
    ("spl", "EventCode=1 | extract | where anything=1"),
    ("spl", "EventCode=1 | foreach *Image [eval <<FIELD>>_low=lower('<<FIELD>>')] | where ParentImage_low=1"),
    ("spl", "EventCode=1 | fillnull value=none missing | where missing=1"),
    ("spl", "EventCode=1 | bin _time span=1h as hour | where hour < 0"),
    ("spl", "EventCode=1 | append [search EventCode=3 | eval b=1] | where b=2"),
    ("spl", "EventCode=1 | join ProcessGuid [search EventCode=3 | stats count as n by ProcessGuid] | where n > 9"),
    ("spl", "EventCode=1 | lookup users who as User OUTPUT dept | where dept=1"),
    ("spl", "EventCode=1 | lookup users who as User | where anything=1"),
    ("spl", "EventCode=1 | appendpipe [stats count as total] | where total > 99"),
    ("spl", "EventCode=1 | transaction User | where eventcount > 99 AND duration > 9"),
    ("spl", "EventCode=1 | table Im* | where Image=1"),
    ("spl", "EventCode=1 | makemv delim=\",\" User | mvexpand User | where User=1"),
    ("spl", "| makeresults | eval a=1 | where a=2"),
    ("spl", "EventCode=1 | where coalesce(process_hash, Image)=1"),
    ("spl", 'EventCode=1 | eval x=if(isnull(nothing), 1, 2), y=case(nothing="a", 1, true(), 2) | where x=y'),
    ("spl", "EventCode=1 (Image=x OR process_hash=y)"),
    ("spl", "EventCode=1 *mag*=x"),
    ("spl", "EventCode=9999 Foo=x"),
    ("spl", "index=main source=* sourcetype=* host=* _time>0 | where Image=1"),
    ("spl", "| tstats count from datamodel=Endpoint.Processes by Processes.dest, Processes.original_file_name"),
    ("spl", "EventCode=1 | eval a=1 | stats sum(a) as b by Image | rename b as c | where c > 99 | table Image c"),
    ("sigma", SIGMA + "  a: {Image: x}\n  b: {Description: y}\n  condition: a or b"),
    ("sigma", SIGMA + "  a: {Image: x}\n  f: {OriginalFileName: null}\n  condition: a and not f"),
    ("sigma", CORRELATION),
    ("eql", 'process where ?process.nothing.at_all == "x"'),
    ("eql", "process where process.nothing == null"),
    ("esql", "FROM logs-* | EVAL x = TO_LOWER(process.name) | WHERE x == \"q\""),
    ("esql", "FROM logs-* METADATA _id | DISSECT process.name \"%{a}.%{b}\" | WHERE a == \"q\""),
    ("esql", "FROM logs-* | STATS c = COUNT(*) BY process.name | RENAME c AS d | WHERE d > 99"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), MADE)
def test_what_a_search_makes_itself_or_foresees_is_silent(
    logs: tuple[Logs, Knowledge], language: str, text: str
) -> None:
    assert told(ask(text, logs, language)) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        # Sysmon's schema has these; none of these events does.
        ("spl", "EventCode=1 OriginalFileName=x"),
        ("spl", "EventCode=1 | stats count by Hashes"),
        ("spl", "EventCode=1 original_file_name=x"),
        ("sigma", SIGMA + "  a: {OriginalFileName: x}\n  condition: a"),
        ("sigma", SIGMA + "  a: {Imphash: x, sha256: y}\n  condition: a".replace("Imphash", "imphash")),
        ("eql", 'process where process.pe.original_file_name == "x"'),
        ("kuery", "process.hash.sha256: x"),
        ("esql", 'FROM logs-* | WHERE process.parent.command_line == "x"'),
    ],
)
def test_what_the_schema_of_the_log_has_is_silent(logs: tuple[Logs, Knowledge], language: str, text: str) -> None:
    assert told(ask(text, logs, language)) == []


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("EventCode=1 DestinationIp=x", "no event of the kinds that are read has the field 'DestinationIp'", None),
        ("EventCode=1 (Image=x AND (Foo=1 OR Bar=2))", "no event here has the field 'Foo'", None),
        (
            "EventCode=1 NOT Imagee=x | stats count",
            "no event here has the field 'Imagee', so it excludes nothing",
            "did you mean 'Image'?",
        ),
        (
            'EventCode=1 | where NOT (Image="x" OR verdict="y") | head 1',
            "no event of the kinds that are read has the field 'verdict'",
            None,
        ),
        (
            "EventCode=1 | stats count by Image | where CommandLine=1",
            "no row has the field 'CommandLine' after 'stats'",
            "these are left: Image, count",
        ),
        (
            "EventCode=1 | fields - User | stats count by User",
            "no row has the field 'User' after 'fields'",
            None,
        ),
        (
            "EventCode=1 | rename User as u | dedup User",
            "no row has the field 'User' after 'rename'",
            "from there on it is called 'u'",
        ),
    ],
)
def test_the_message_says_of_which_rows_it_is_so(
    logs: tuple[Logs, Knowledge], text: str, message: str, hint: str | None
) -> None:
    assert (message, hint) == next((one.message, one.hint) for one in told(ask(text, logs)))


def test_what_an_absent_field_is_made_into_is_absent(logs: tuple[Logs, Knowledge]) -> None:
    for text in (
        "EventCode=1 | rename Foo as f | eval g=lower(f) | where g=1",
        'EventCode=1 | rex field=Foo "(?<g>x)" | stats count by g',
        "EventCode=1 | eval g=Foo.Image | table g | dedup g",
    ):
        (one,) = told(ask(text, logs))
        assert one.message == "no event here has the field 'Foo'"


def test_a_field_that_was_left_out_of_the_columns_is_said(
    logs: tuple[Logs, Knowledge], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EventStore, "dropped", frozenset({"Hashes"}), raising=False)
    (one,) = told(ask("EventCode=1 Hashes=x", logs))
    assert one.code == "RUN133"
    assert "the field 'Hashes' was left out" in one.message
    (derived,) = told(ask(SIGMA + "  a: {sha256: y}\n  condition: a", logs, "sigma"))
    assert "'Hashes', of which 'sha256' is made," in derived.message
    assert told(ask("EventCode=1 Image=x", logs)) == []


DROPPED = frozenset({"Hashes", "HashKind"})


@pytest.mark.parametrize(
    ("text", "language", "pattern"),
    [
        ("EventCode=1 | fields Hash*", "spl", "Hash*"),
        ("EventCode=1 | table Image Hash*", "spl", "Hash*"),
        ("EventCode=1 | stats values(Hash*) AS h*", "spl", "Hash*"),
        ("EventCode=1 | rename Hash* AS h*", "spl", "Hash*"),
        ("EventCode=1 | foreach Hash* [eval n=1]", "spl", "Hash*"),
        ("EventCode=1 | fields Image H* | table Hash*", "spl", "H*"),
        ("FROM * | KEEP Hash*", "esql", "Hash*"),
    ],
)
def test_a_pattern_that_misses_what_was_left_out_says_so(
    logs: tuple[Logs, Knowledge], monkeypatch: pytest.MonkeyPatch, text: str, language: str, pattern: str
) -> None:
    monkeypatch.setattr(EventStore, "dropped", DROPPED, raising=False)
    found = told(ask(text, logs, language))
    assert (found[0].code, found[0].message) == (
        "RUN133",
        f"'{pattern}' misses 2 fields, 'HashKind' among them, that were left out: "
        "the events have more fields than can be kept",
    )


@pytest.mark.parametrize(
    "text",
    [
        "EventCode=1 | stats count BY Image | table Hash*",
        "EventCode=1 | fields Image | table Hash*",
        "EventCode=1 | fields - Hash*",
        "EventCode=1 | table Im*",
        "| makeresults | table Hash*",
    ],
)
def test_a_pattern_that_misses_nothing_is_silent(
    logs: tuple[Logs, Knowledge], monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(EventStore, "dropped", DROPPED, raising=False)
    assert [one for one in told(ask(text, logs)) if one.code == "RUN133"] == []


def test_deep_conditions_are_read_within_bounds(logs: tuple[Logs, Knowledge]) -> None:
    deep = "EventCode=1 " + "(" * 60 + "Imagee=x" + ")" * 60 + " OR Image=y" * 500
    assert [one.message for one in told(ask(deep, logs))] == ["no event here has the field 'Imagee'"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("DeviceProcessEvents | where ProcessCommandLine has 'x'", "kusto"),
        ("DeviceProcessEvents | project FileName, ProcessCommandLine", "kusto"),
        ("SELECT event_time FROM crowdstrikefdr_process WHERE process LIKE '%x%'", "snowflake"),
    ],
)
def test_a_column_of_what_was_left_out_is_said(
    logs: tuple[Logs, Knowledge], monkeypatch: pytest.MonkeyPatch, text: str, language: str
) -> None:
    assert [one for one in told(ask(text, logs, language)) if one.code == "RUN133"] == []
    monkeypatch.setattr(EventStore, "dropped", frozenset({"CommandLine"}), raising=False)
    (one,) = [one for one in told(ask(text, logs, language)) if one.code == "RUN133"]
    assert "the field 'CommandLine', of which" in one.message
