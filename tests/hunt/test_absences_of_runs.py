"""Rules among many say what they ask for in vain, alike rules alike, and few say anything that is not so."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest
from tests.sysmon_events import sysmon

from rulescope.api.rule_files import query_of_file
from rulescope.api.run import RunReport, run
from rulescope.api.search import search
from rulescope.hunt.settings import Settings

NOW = Settings(now="2024-05-01T12:00:00")
SIGMA = """title: {title}
logsource: {{product: windows, category: process_creation}}
detection: {{a: {{{field}|endswith: x.exe}}, condition: a}}
"""


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    path = tmp_path / "logs.jsonl"
    path.write_text(json.dumps(sysmon(1, 1, Image="C:\\x.exe", ParentImage="C:\\y.exe", CommandLine="x")))
    return path


def told(report: RunReport) -> dict[tuple[str, str, str | None], list[str]]:
    """The rules' names by warning."""
    found = defaultdict(list)
    for one in report.rules:
        assert one.outcome.status == "run", one.outcome.message
        for warning in one.outcome.warnings:
            found[warning.code, warning.message, warning.hint].append(Path(one.path).name)
    return dict(found)


def written(folder: Path, rules: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in rules.items():
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("jobs", [1, 2])
def test_rules_that_are_alike_say_the_same(logs: Path, tmp_path: Path, jobs: int) -> None:
    rules = written(
        tmp_path / "rules",
        {
            "a.yml": SIGMA.format(title="a", field="ParentImge"),
            "b.yml": SIGMA.format(title="b", field="ParentImge"),
            "c.spl": "EventCode=1 ParentImge=x | stats count by host",
            "d.spl": "index=nowhere Imagee=x",
            "e.spl": "EventCode=1 Image=* | table Foo",
            "f.spl": "EventCode=1 Image=* | table Imagee",
            "g.yml": SIGMA.format(title="g", field="Image"),
        },
    )
    assert told(run([rules], [logs], NOW, jobs=jobs)) == {
        ("RUN130", "no event here has the field 'ParentImge'", "did you mean 'ParentImage'?"): [
            "a.yml",
            "b.yml",
            "c.spl",
        ],
        # Where no event can be read, its fields are not judged.
        ("RUN132", "no event has index 'nowhere'", "there are: main"): ["d.spl"],
        # What is only shown is said of a misspelt name.
        ("RUN130", "no event here has the field 'Imagee'", "did you mean 'Image'?"): ["f.spl"],
    }


def test_rules_of_other_logs_are_silent(logs: Path, tmp_path: Path) -> None:
    """Their log is not here, which is another matter than a field that it lacks."""
    rules = written(
        tmp_path / "rules",
        {
            "file.yml": "title: t\nlogsource: {product: windows, category: file_event}\n"
            "detection: {a: {TargetFilename: x}, condition: a}",
            "web.yml": "title: t\nlogsource: {category: webserver}\n"
            "detection: {a: {cs-uri-query|contains: x}, condition: a}",
            "cloud.yml": "title: t\nlogsource: {product: aws, service: cloudtrail}\n"
            "detection: {a: {eventName: x, requestParameters.y: z}, condition: a}",
            "dns.spl": "EventCode=22 QueryName=x",
            "fw.spl": "`get_endpoint_data_unix` foo=1",
        },
    )
    assert told(run([rules], [logs], NOW, jobs=1)) == {}


EQL = (
    'from = "now-9m"\n[rule]\nname = "t"\ntype = "eql"\nlanguage = "eql"\nindex = ["logs-*"]\nquery = \'\'\'{}\'\'\'\n'
)


def test_of_categories_a_run_says_those_that_no_log_can_have(logs: Path, tmp_path: Path) -> None:
    rules = written(
        tmp_path / "rules",
        {
            "never.toml": EQL.format('any where event.category == "registri"'),
            "again.toml": EQL.format('any where event.category == "registri" and process.name == "x.exe"'),
            "slip.toml": EQL.format('process where event.dataset == "windows.sysmon_operationl"'),
            "elsewhere.toml": EQL.format("registry where true"),
            "other.toml": EQL.format('any where event.dataset == "aws.cloudtrail"'),
            "unknown.toml": EQL.format('any where event.dataset == "acme.product"'),
        },
    )
    assert told(run([rules], [logs], NOW, jobs=1)) == {
        ("RUN132", "no event has event.category 'registri'", "there are: process"): ["again.toml", "never.toml"],
        (
            "RUN132",
            "no event has event.dataset 'windows.sysmon_operationl'",
            "there are: windows.sysmon_operational",
        ): ["slip.toml"],
    }


def test_the_field_that_a_rule_reads_its_categories_from_is_said(tmp_path: Path) -> None:
    logs = tmp_path / "own.jsonl"
    logs.write_text('{"my": {"kind": "process"}}')
    rule = tmp_path / "own.toml"
    rule.write_text(EQL.format("registry where true") + 'event_category_override = "my.kind"\n')
    (note,) = [one for one in search(query_of_file(rule), [logs], NOW).notes if one.code.startswith("RUN13")]
    assert (note.message, note.hint) == ("no event has my.kind 'registry'", "there are: process")


def test_events_that_tell_no_log_are_not_what_every_rule_is_about(tmp_path: Path) -> None:
    logs = tmp_path / "flat.jsonl"
    logs.write_text('{"Image": "C:\\\\x.exe", "CommandLine": "x"}')
    rules = written(
        tmp_path / "rules",
        {
            "typo.yml": SIGMA.format(title="a", field="Imagee"),
            "half.yml": "title: t\nlogsource: {product: windows, category: process_creation}\n"
            "detection: {a: {Image: x, ParentImage: y}, condition: a}",
            "other.yml": "title: t\nlogsource: {product: windows, category: registry_set}\n"
            "detection: {a: {TargetObject: x, Details: y}, condition: a}",
        },
    )
    assert told(run([rules], [logs], NOW, jobs=1)) == {
        ("RUN130", "no event here has the field 'Imagee'", "did you mean 'Image'?"): ["typo.yml"],
        ("RUN130", "no event here has the field 'ParentImage'", None): ["half.yml"],
    }
    # A search is meant for the logs that it is given.
    alone = search((rules / "other.yml").read_text(), [logs], NOW, language="sigma")
    assert {note.message.split("'")[1] for note in alone.notes if note.code == "RUN130"} == {"TargetObject", "Details"}


def test_of_the_sample_rules_one_is_of_a_log_that_is_not_among_the_samples(project: Path) -> None:
    samples = project / "samples"
    report = run([samples / "rules"], [samples / "logs"], Settings(now="2026-11-24T12:00:00"), jobs=1)
    found = [
        (one.path, warning.message)
        for one in report.rules
        for warning in one.outcome.warnings
        if warning.code.startswith("RUN13")
    ]
    assert found == [("rules/tour/extracting.spl", "no event has sourcetype 'sample:text'")]


# What the public Sigma rules ask of these events in vain, read one by one: each is so. Sysmon's network connections
# (3) have no command line and no parent.
IMPACKET = {
    "no event of the kinds that are read has the field 'CommandLine', so it excludes nothing",
    "no event of the kinds that are read has the field 'ParentImage', so it excludes nothing",
    "no event of the kinds that are read has the field 'ParentImage'",
}
# GuardDuty's parameter is `enable`, and so it stands in the documentation; but these events have another spelling, as
# have those of ECS and Lambda for a nested list and for layers.
CLOUDTRAIL = {
    "no event here has the field 'requestParameters.enable'",
    "no event here has the field 'requestParameters.containerDefinitions.command'",
    "no event here has the field 'requestParameters.layers'",
}


@pytest.mark.parametrize(("events", "rules", "expected"), [
    ("impacket", "sigma/rules/windows/network_connection", IMPACKET - {"no event of the kinds that are read has the "
     "field 'ParentImage'"}),
    ("cloudtrail", "sigma/rules/cloud/aws", CLOUDTRAIL),
])  # fmt: skip
def test_public_rules_on_recorded_events_say_what_is_so(
    shared: Path, events: str, rules: str, expected: set[str]
) -> None:
    report = run([shared / "rules" / rules], [shared / "events" / events], Settings(now="2024-05-01"), jobs=1)
    found = {
        warning.message for one in report.rules for warning in one.outcome.warnings if warning.code.startswith("RUN13")
    }
    assert found == expected
