"""Rules of the Armory on recordings of the attacks that they are for.

Which events must match was worked out by reading each rule and each event of the file; the comments say what decides.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from rulescope.api.run import run
from rulescope.api.search import search
from rulescope.api.selection import Selection
from rulescope.text.yaml_document import YamlMapping, YamlScalar, load_yaml

pytestmark = pytest.mark.corpus

RULES = Path("rules/armory/detections/endpoint")
ATTACKS = Path("events/evtx_to_attack")

# (folder of the rule, log source, file of events, EventRecordIDs of the evidence)
CASES = [
    # 4688 of certutil with -urlcache and an address.
    ("certutil_file_download", "winevent", "ID4688-Certutil download.evtx", {706650}),
    # The second event, dllhost.exe, names neither bitsadmin nor BITS.
    ("bitsadmin_execution", "winevent", "ID4688-BITS transfer initiated.evtx", {8528057}),
    # powershell.exe, whose command line holds the whole of rundll32's, and rundll32.exe itself.
    ("comsvcs_lsass_memory_dump", "sysmon", "ID1-LSASS dump with LSASSY (SYSMON).evtx", {71668, 71671}),
    # The same attack as Windows audits it; the conhost.exe between them (67748) names no DLL.
    ("comsvcs_lsass_memory_dump", "winevent", "ID4688-4663-4656-LSASS dump with LSASSY (process).evtx", {67747, 67790}),
    # `ac i ntds … create full`, and the same in full words; other processes of the file are Windows' own.
    ("suspicious_ntds_commands", "winevent", "ID4688-IFM created.evtx", {155496214, 155497352}),
    # cmd.exe in the place of sethc.exe, started by winlogon.exe; 11789 is a pipe event.
    ("unusual_winlogon_child_process", "sysmon", "ID1-CMD executed via sticky key call.evtx", {11788}),
    # Event 1 needs the word "add", event 13 does not; event 12 (57279) is neither.
    ("wdigest_forced_credential_caching", "sysmon", "ID1-12-13-Wdigest authentication activation.evtx", {57278, 57280}),
    # The one command line that writes to Temp\<8 letters>.tmp with `2>&1`, which the raw XML holds as 2&gt;&amp;1.
    (
        "impacket_atexecpy_execution",
        "winevent",
        "ID4688,4698,4699,5145,4624-ATexec remote trask creation (GLOBAL).evtx",
        {2004853},
    ),
    # Task \bouWFQYO: eight letters. Its deletion (4699) is another event.
    (
        "impacket_atexecpy_scheduled_task_creation",
        "winevent",
        "ID4688,4698,4699,5145,4624-ATexec remote trask creation (GLOBAL).evtx",
        {2004852},
    ),
    # Six services, three of them drivers; the piece `>7045</EventID>` is there whatever Qualifiers say.
    (
        "kernel_service_installed-windows",
        "winevent",
        "ID7045-New service for Mimikatz +npcap.evtx",
        {426757, 453867, 453879},
    ),
    # Both events set the start type of the network inspection driver.
    (
        "windows_defender_disabled_detection",
        "sysmon",
        "ID13-Defender service configuration disabled.evtx",
        {1601463, 1601464},
    ),
]


def rule_file(shared: Path, folder: str, source: str) -> Path:
    return shared / RULES / folder / f"{folder}-splunk-{source}.yml"


@pytest.mark.parametrize(("folder", "source", "file", "records"), CASES, ids=[f"{one[0]}-{one[1]}" for one in CASES])
def test_rules_find_the_recorded_attack(shared: Path, folder: str, source: str, file: str, records: set[int]) -> None:
    (logs,) = (shared / ATTACKS).rglob(file)
    (one,) = run([rule_file(shared, folder, source)], [logs], jobs=1).rules
    assert one.outcome.status == "run", one.outcome.message
    assert one.outcome.count > 0
    assert {event.record for event in one.outcome.events} == records


def test_impacket_rule_finds_the_three_commands_of_wmiexec_and_none_of_dcomexec(shared: Path) -> None:
    rule = rule_file(shared, "impacket_lateral_movement_activity", "sysmon")
    (one,) = run([rule], [shared / "events" / "impacket"], jobs=1).rules
    # `stats values(*) as * by _time, host` after `bin span=1s` puts the three, all within a second, into one row.
    assert one.outcome.count == 1
    assert {(Path(event.file).name, event.record) for event in one.outcome.events} == {
        ("LM_wmiexec_impacket_sysmon_whoami.evtx", 9826),
        ("LM_wmiexec_impacket_sysmon_whoami.evtx", 9827),
        ("LM_wmiexec_impacket_sysmon_whoami.evtx", 9828),
    }


def test_impacket_rule_finds_the_audited_commands_that_have_a_parent(shared: Path) -> None:
    rule = rule_file(shared, "impacket_lateral_movement_activity", "winevent")
    (one,) = run([rule], [shared / ATTACKS], jobs=1).rules
    # Three more 4688 events run cmd.exe /Q /c: 436755 and 436767, and 937780, are of a version without parent names.
    assert {event.record for event in one.outcome.events} == {463010, 463048, 237294548}


@pytest.mark.parametrize("record", [9833, 9838, 9839])
def test_the_trace_shows_which_part_of_the_rule_drops_dcomexec(shared: Path, record: int) -> None:
    rule = rule_file(shared, "impacket_lateral_movement_activity", "sysmon")
    (document,) = load_yaml(rule.read_text(encoding="utf-8")).documents
    assert isinstance(document, YamlMapping)
    logic = document.entries["logic"]
    assert isinstance(logic, YamlScalar)
    file = "LM_impacket_docmexec_mmc_sysmon_01.evtx"
    answer = search(logic.value, [shared / "events" / "impacket"], event=f"{file}#{record}")
    found = answer.event
    assert found is not None
    assert found.condition is not None
    assert (found.outcome, found.number, found.kind) == ("dropped", 2, "where")
    wmi, task = found.condition.parts
    assert (found.condition.kind, found.condition.truth) == ("or", False)
    # The parent is mmc.exe, as the rule wants; but a quote follows `.exe`, where it wants a blank.
    parent, command = wmi.parts
    assert (parent.truth, parent.values) == (True, (("parent_process_name", "mmc.exe"),))
    assert (command.truth, command.text) == (False, r'match(process, "(?i)cmd\.exe\s\/Q\s\/c\s")')
    assert (command.values[0][1] or "").startswith(r'"C:\Windows\System32\cmd.exe" /Q /c ')
    assert [part.truth for part in task.parts] == [False, False]


SOURCES = ("cloudtrail", "evtx_to_attack", "impacket", "labelled", "sigma_regression", "otrf")
STEP = int(os.environ.get("RULESCOPE_ARMORY_STEP", "12"))
"""Each so-manieth rule of the Armory is run over many events; 1 for all, which takes an hour of processor time."""


@pytest.mark.slow
def test_rules_of_the_armory_run_over_many_events_without_an_engine_error(shared: Path) -> None:
    rules = sorted((shared / "rules" / "armory").rglob("*-splunk-*.yml"))[::STEP]
    report = run(rules, [shared / "events" / name for name in SOURCES])
    assert report.events > 500_000
    assert len(report.rules) == len(rules) > 100
    assert [(one.path, one.outcome.message) for one in report.rules if one.outcome.status == "failed"] == []
    assert report.hits


@pytest.mark.slow
def test_every_rule_of_the_armory_runs_or_is_refused_for_a_known_reason(shared: Path) -> None:
    report = run([shared / "rules/armory"], [shared / ATTACKS], selection=Selection(include=("-splunk-",)))
    assert len(report.rules) == 1466
    assert [(one.path, one.outcome.message) for one in report.rules if one.outcome.status == "failed"] == []
    refused = Counter(one.outcome.code for one in report.rules if one.outcome.status == "refused")
    # 62 have an error of their own, as tests/corpus_scoreboard/spl.toml lists (some have two: the first is told).
    assert sum(one.outcome.broken for one in report.rules) == 62
    refused -= Counter(one.outcome.code for one in report.rules if one.outcome.broken)
    # 3 call an app's avlbase64, 3 macros and 1 a lookup that the Armory does not ship; 1 calls a function that SPL
    # does not have, and the regular expression of 1 does not balance.
    assert refused <= Counter(RUN010=3, RUN014=3, RUN018=1, RUN011=1, RUN033=1)


@pytest.mark.slow
def test_security_content_runs(shared: Path) -> None:
    report = run([shared / "rules" / "security_content"], [shared / "events" / "impacket"])
    counts = report.counts()
    assert counts["failed"] == 0
    # What an event type or tag stands for is told by apps, which are not here: 28 rules can't be decided.
    undefined = [one for one in report.with_status("refused") if one.outcome.code == "RUN120"]
    assert len(undefined) <= 28
    assert (counts["run"] + len(undefined)) / len(report.rules) >= 0.97
    assert all(one.outcome.message for one in report.with_status("refused"))
