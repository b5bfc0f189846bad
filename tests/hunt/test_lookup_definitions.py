"""A lookup's definition says how its table matches, wherever it lies; where none is at hand, that is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rulescope.api.query import text_query
from rulescope.api.run import run
from rulescope.api.search import SearchAnswer, search
from rulescope.api.sql import sql_of
from rulescope.hunt.settings import Settings

SEARCH = "* | lookup zones net AS ip OUTPUT zone | where isnotnull(zone) | table ip"
TABLE = "net,zone\n10.0.0.0/8,inside\n"
YAML = "name: zones\nfilename: zones.csv\nmatch_type:\n- CIDR(net)\n"
CONF = "[zones]\nfilename = zones.csv\nmatch_type = CIDR(net)\n"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "lookups").mkdir()
    (tmp_path / "lookups" / "zones.csv").write_text(TABLE)
    (tmp_path / "events.jsonl").write_text("\n".join(map(json.dumps, [{"ip": "10.1.2.3"}, {"ip": "9.9.9.9"}])))
    return tmp_path


def found(app: Path, *lookups: str, text: str = SEARCH) -> SearchAnswer:
    given = tuple(app / name for name in lookups)
    return search(text, [app / "events.jsonl"], Settings(now="0", lookups=given))


def codes(answer: SearchAnswer) -> list[str]:
    return [note.code for note in answer.notes]


def test_a_table_alone_is_matched_exactly_and_said_so(app: Path) -> None:
    answer = found(app, "lookups")
    assert answer.rows == ()
    assert codes(answer) == ["RUN121"]


def test_a_table_called_by_its_file_has_no_definition(app: Path) -> None:
    answer = found(app, "lookups", text=SEARCH.replace("zones", "zones.csv"))
    assert codes(answer) == []


def test_a_refused_lookup_is_found_as_the_hints_say(app: Path) -> None:
    refused = found(app)
    assert codes(refused) == ["RUN018"]
    assert "--lookups" in (refused.notes[0].hint or "")
    followed = found(app, "lookups")
    assert "its definition beside the table" in (followed.notes[0].hint or "")
    (app / "lookups" / "zones.yml").write_text(YAML)
    right = found(app, "lookups")
    assert [row["ip"] for row in right.rows] == ["10.1.2.3"]
    assert codes(right) == []


@pytest.mark.parametrize("place", ["lookups/transforms.conf", "default/transforms.conf", "local/transforms.conf"])
def test_definitions_of_an_app_are_applied(app: Path, place: str) -> None:
    (app / place).parent.mkdir(exist_ok=True)
    (app / place).write_text(CONF)
    for given in ("lookups", "lookups/zones.csv"):
        answer = found(app, given)
        assert [row["ip"] for row in answer.rows] == ["10.1.2.3"]
        assert codes(answer) == []


def test_a_definition_beside_the_rules_is_applied_to_the_given_table(app: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "rule.spl").write_text(SEARCH)
    # The table's name is another than the one that the definition gives, as after an update.
    (rules / "zones.yml").write_text(YAML.replace("zones.csv", "zones20240101.csv"))
    report = run([rules], [app / "events.jsonl"], Settings(now="0", lookups=(app / "lookups",)), jobs=1)
    (rule,) = report.rules
    assert (rule.outcome.count, rule.outcome.warnings) == (1, ())


def test_the_given_table_goes_before_the_one_beside_the_rules(app: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    (rules / "lookups").mkdir(parents=True)
    (rules / "rule.spl").write_text(SEARCH)
    (rules / "lookups" / "zones.yml").write_text(YAML)
    (rules / "lookups" / "zones.csv").write_text("net,zone\n9.0.0.0/8,outside\n")
    logs = [app / "events.jsonl"]
    alone = run([rules], logs, Settings(now="0"), jobs=1).rules[0].outcome
    assert [event.record for event in alone.events] == [2]
    given = run([rules], logs, Settings(now="0", lookups=(app / "lookups",)), jobs=1).rules[0].outcome
    assert [event.record for event in given.events] == [1]


def test_what_is_left_out_of_a_table_is_said(app: Path) -> None:
    (app / "lookups" / "zones.yml").write_text(YAML)
    (app / "lookups" / "zones.csv").write_text("net,zone,zone\n10.0.0.0/8,inside,other,more\n")
    answer = found(app, "lookups")
    assert [row["ip"] for row in answer.rows] == ["10.1.2.3"]
    messages = [note.message for note in answer.notes if note.code == "RUN122"]
    assert len(messages) == 2
    assert "1 row with more cells than columns" in messages[0]
    assert "'zone' more than once" in messages[1]


def test_sql_takes_lookups_as_its_hint_says(app: Path) -> None:
    refused = sql_of(text_query(SEARCH), "duckdb")
    assert refused.sql is None
    assert "--lookups" in (refused.notes[-1].hint or "")
    assert sql_of(text_query(SEARCH), "duckdb", settings=Settings(lookups=(app / "lookups",))).sql is not None


DOUBTFUL = {
    "an unknown match type": "[zones]\nfilename = zones.csv\nmatch_type = CDIR(net)\n",
    "a match type without its bracket": "[zones]\nfilename = zones.csv\nmatch_type = CIDR(net\n",
    "a truth that is none": "[zones]\nfilename = zones.csv\ncase_sensitive_match = flase\n",
    "a number that is none": "[zones]\nfilename = zones.csv\nmax_matches = one\n",
    "a damaged header": "[other]\nfilename = other.csv\nzones]\nfilename = zones.csv\nmatch_type = CIDR(net)\n",
    "a damaged header after it": "[zones]\nother]\nfilename = zones.csv\nmatch_type = CIDR(net)\n",
    "settings after a damaged header": "zones]\n[zones]\nfilename = zones.csv\nmatch_type = CIDR(net) \\ \nx = 1\n",
}


@pytest.mark.parametrize("definition", DOUBTFUL.values(), ids=DOUBTFUL)
def test_a_doubtful_definition_refuses_the_lookup(app: Path, definition: str) -> None:
    (app / "lookups" / "transforms.conf").write_text(definition)
    assert codes(found(app, "lookups")) == ["RUN121"]
    assert found(app, "lookups").failed


def test_an_unknown_match_type_is_named_with_the_nearest(app: Path) -> None:
    (app / "lookups" / "zones.yml").write_text(YAML.replace("CIDR", "CDIR"))
    (note,) = found(app, "lookups").notes
    assert note.message == (
        "how the lookup 'zones' matches is not certain: there is no match type 'CDIR'; did you mean 'CIDR'?"
    )


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ('net,zone\n10.0.0.0/8,"inside\n9.9.9.9,out\n', 2),
        ('net,zone\n10.0.0.0/8,x\n1.1.1.1,"a\n9.9.9.9,out\n8.8.8.8,"b"\n', 3),
        ('net,zone\n10.0.0.0/8,"in ""side""\nand more"\n9.9.9.9,out\n', None),
    ],
)
def test_rows_that_an_odd_quote_swallows_are_told(app: Path, table: str, line: int | None) -> None:
    (app / "lookups" / "zones.yml").write_text(YAML)
    (app / "lookups" / "zones.csv").write_text(table)
    told = [note.message for note in found(app, "lookups").notes if note.code == "RUN122"]
    assert [message.partition("zones.csv, ")[2] for message in told] == (
        [f"line {line}); rows may be lost in it"] if line else []
    )


@pytest.mark.parametrize(
    ("subsearch", "near"),
    [
        ("fields iip", "did you mean 'ip'?"),
        ("rename iip AS ip | fields ip", "did you mean 'ip'?"),
        ("table nothing_like_it", "it has ip, zone"),
        ("fields ip", None),
        ("rename zone AS ip | fields ip", None),
        ("eval x=1 | fields x", None),
        ("fields - iip", None),
    ],
)
def test_a_column_that_a_table_lacks_is_told(app: Path, subsearch: str, near: str | None) -> None:
    (app / "lookups" / "good.csv").write_text("ip,zone\n10.1.2.3,x\n")
    answer = found(app, "lookups", text=f"* NOT [| inputlookup good.csv | {subsearch}]")
    assert [note.hint for note in answer.notes if note.code == "RUN125"] == ([near] if near else [])
