"""Windows events as Splunk indexes them: EVTX, XML text, and JSON of shippers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from rulescope.logs import load_logs
from rulescope.logs.windows_xml import read_event_xml

from .conftest import rows_of

LIBRARY_XML = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>'
    '<Provider Name="Service Control Manager" Guid="555908D1-A6D7-4695-8E1E-26931D2012F4"></Provider>'
    '<EventID Qualifiers="16384">7045</EventID><Keywords>0x8080000000000000</Keywords>'
    '<TimeCreated SystemTime="2024-03-04T10:11:25.483986Z"></TimeCreated><EventRecordID>5</EventRecordID>'
    "<Correlation></Correlation><Channel>System</Channel><Computer>pc&apos;s</Computer><Security></Security></System>"
    '<EventData><Data Name="Image Path">a "b" &amp; 2&gt;&amp;1 it\'s</Data><Data Name="Empty"></Data>'
    '<Data Name="Id">365ABB72-B0F3-5CC8-0000-0010C43A1D00</Data><Data>one</Data><Data>two</Data></EventData></Event>'
)


def test_library_spelling_becomes_splunks():
    event = read_event_xml(LIBRARY_XML, 5)
    assert event.fields["_raw"] == (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        "<Provider Name='Service Control Manager' Guid='{555908D1-A6D7-4695-8E1E-26931D2012F4}'/>"
        "<EventID Qualifiers='16384'>7045</EventID><Keywords>0x8080000000000000</Keywords>"
        "<TimeCreated SystemTime='2024-03-04T10:11:25.483986000Z'/><EventRecordID>5</EventRecordID>"
        "<Correlation/><Channel>System</Channel><Computer>pc&apos;s</Computer><Security/></System>"
        "<EventData><Data Name='Image Path'>a \"b\" &amp; 2&gt;&amp;1 it's</Data><Data Name='Empty'></Data>"
        "<Data Name='Id'>{365ABB72-B0F3-5CC8-0000-0010C43A1D00}</Data><Data>one</Data><Data>two</Data></EventData>"
        "</Event>"
    )
    fields = event.fields
    assert fields["Image_Path"] == 'a "b" & 2>&1 it\'s'
    assert "Empty" not in fields, "an empty value is no field in Splunk"
    assert fields["Data"] == ["one", "two"]
    assert (fields["EventCode"], fields["EventID"], fields["Qualifiers"]) == ("7045", "7045", "16384")
    assert (fields["host"], fields["source"], fields["sourcetype"]) == (
        "pc's",
        "XmlWinEventLog:System",
        "XmlWinEventLog",
    )
    assert fields["RecordNumber"] == fields["EventRecordID"] == "5"
    assert event.time == pytest.approx(1709547085.483986, abs=1e-6)
    assert (event.provider, event.channel, event.event_id) == ("Service Control Manager", "System", "7045")


@pytest.mark.corpus
def test_real_splunk_events_print_as_they_were_indexed(shared: Path):
    """Splunk's own raw events, read and printed again; the three others are broken XML or classic text inside."""
    different = []
    total = 0
    for line in (shared / "events/labelled/splunk_data_source_examples.jsonl").read_text("utf-8").splitlines():
        example = json.loads(line)
        raw = example["raw"]
        if not raw.startswith("<Event"):
            continue
        total += 1
        printed = read_event_xml(raw, 1)
        if printed.fields["_raw"] != raw:
            different.append(example["name"])
        known = set(example["fields"])
        names = {re.sub(r"\W", "_", name) for name in re.findall(r"<Data Name='([^']+)'>[^<]", raw)} & known
        assert names <= printed.fields.keys(), example["name"]
    assert total == 69
    # 5141 has `<Le>0</Level>` in the example itself; the Linux ones end in blanks or have another namespace.
    assert set(different) <= {
        "Windows Event Log Security 5141",
        "Sysmon for Linux EventID 1",
        "Sysmon for Linux EventID 11",
    }


@pytest.mark.corpus
def test_impacket(shared: Path):
    store = load_logs([shared / "events/impacket"])
    rows = rows_of(store, hidden=True)
    assert len(rows) == 16
    whoami = [row for row in rows if row.get("EventCode") == "1" and "/Q /c whoami" in row["CommandLine"]]
    assert whoami
    for row in whoami:
        assert "2&gt;&amp;1<" in row["_raw"]
        assert row["CommandLine"].endswith("2>&1")
        assert "<EventID>1<" in row["_raw"]
        assert "\n" not in row["_raw"]
        assert row["host"] == "IEWIN7"
        assert row["source"] == "XmlWinEventLog:Microsoft-Windows-Sysmon/Operational"


@pytest.mark.corpus
@pytest.mark.slow
def test_every_record_of_the_evtx_files_is_read(shared: Path):
    """Records are counted apart from the library: each starts with two stars and two zero bytes, inside its chunk."""
    folder = shared / "events/evtx_to_attack"
    expected = 0
    for path in sorted(folder.rglob("*.evtx")):
        data = path.read_bytes()
        for start in range(4096, len(data) - 65535, 65536):
            if data[start : start + 8] == b"ElfChnk\0":
                end = int.from_bytes(data[start + 48 : start + 52], "little")
                place = 512
                while place + 24 <= end and data[start + place : start + place + 4] == b"**\0\0":
                    expected += 1
                    place += int.from_bytes(data[start + place + 4 : start + place + 8], "little") or 65536
    store = load_logs([folder])
    assert store.bad == 0
    assert store.count == expected
    assert sum(1 for file in store.files if file.skipped) == 1, "the licence or read-me text"


def test_xml_text_as_splunk_exports_it(load):
    raw = read_event_xml(LIBRARY_XML, 1).fields["_raw"]
    store = load("export.log", f"{raw}\n{raw}\n")
    rows = rows_of(store)
    assert [row["_raw"] for row in rows] == [raw, raw]
    assert rows[0]["EventCode"] == "7045"


NXLOG = {
    "EventTime": "2019-12-04 20:49:31",
    "@timestamp": "2019-12-05T01:49:34.041Z",
    "UtcTime": "2019-12-05 01:49:28.817",
    "Hostname": "HFDC01.shire.com",
    "Keywords": -9223372036854775808,
    "EventType": "INFO",
    "EventID": 3,
    "SourceName": "Microsoft-Windows-Sysmon",
    "ProviderGuid": "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}",
    "Version": 5,
    "Task": 3,
    "OpcodeValue": 0,
    "Opcode": "Info",
    "RecordNumber": 94834,
    "ProcessID": 2644,
    "ThreadID": 3616,
    "Channel": "Microsoft-Windows-Sysmon/Operational",
    "UserID": "S-1-5-18",
    "Image": "C:\\a & b.exe",
    "SourcePort": "138",
}


def test_nxlog(load):
    row = rows_of(load("e.json", [NXLOG]), hidden=True)[0]
    assert row["_raw"] == (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        "<Provider Name='Microsoft-Windows-Sysmon' Guid='{5770385F-C22A-43E0-BF4C-06F5698FFBD9}'/><EventID>3</EventID>"
        "<Version>5</Version><Level>4</Level><Task>3</Task><Opcode>0</Opcode><Keywords>0x8000000000000000</Keywords>"
        "<TimeCreated SystemTime='2019-12-05T01:49:28.817000000Z'/><EventRecordID>94834</EventRecordID><Correlation/>"
        "<Execution ProcessID='2644' ThreadID='3616'/><Channel>Microsoft-Windows-Sysmon/Operational</Channel>"
        "<Computer>HFDC01.shire.com</Computer><Security UserID='S-1-5-18'/></System><EventData>"
        "<Data Name='UtcTime'>2019-12-05 01:49:28.817</Data><Data Name='Image'>C:\\a &amp; b.exe</Data>"
        "<Data Name='SourcePort'>138</Data></EventData></Event>"
    )
    assert row["_rebuilt"] is True
    assert row["_time"] == pytest.approx(1575510568.817)
    assert (row["EventCode"], row["Opcode"], row["Keywords"]) == ("3", "0", "0x8000000000000000")
    assert (row["host"], row["Hostname"], row["Name"]) == ("HFDC01.shire.com",) * 2 + ("Microsoft-Windows-Sysmon",)


def test_nxlog_time_without_zone_is_put_right_by_the_arrival(load):
    record = {key: value for key, value in NXLOG.items() if key != "UtcTime"}
    assert rows_of(load("e.json", [record]))[0]["_time"] == 1575510571.0


def test_nxlog_powershell_keeps_its_text_in_raw(load):
    record = {
        "EventID": 600,
        "Channel": "Windows PowerShell",
        "SourceName": "PowerShell",
        "Message": "Provider started\n\tHostApplication=powershell.exe -enc AAAA",
    }
    row = rows_of(load("e.json", [record]))[0]
    assert "HostApplication=powershell.exe -enc AAAA" in row["_raw"]
    assert row["Data"] == record["Message"]


def test_winlogbeat(load):
    record = {
        "@timestamp": "2021-01-01T00:00:00.123Z",
        "log": {"level": "information"},
        "winlog": {
            "channel": "Security",
            "provider_name": "Microsoft-Windows-Security-Auditing",
            "event_id": 4688,
            "record_id": 7,
            "computer_name": "pc",
            "process": {"pid": 4, "thread": {"id": 9}},
            "event_data": {"NewProcessName": "C:\\x.exe", "CommandLine": "x <y>"},
        },
    }
    row = rows_of(load("e.json", [record]))[0]
    assert "<EventID>4688</EventID>" in row["_raw"]
    assert "<Data Name='CommandLine'>x &lt;y&gt;</Data>" in row["_raw"]
    assert "<Execution ProcessID='4' ThreadID='9'/>" in row["_raw"]
    assert (row["NewProcessName"], row["winlog.event_data.NewProcessName"]) == ("C:\\x.exe", "C:\\x.exe")
    assert row["EventCode"] == "4688"
    assert row["Level"] == "4"


def test_evtx_dump_json(load):
    record = {
        "Event": {
            "#attributes": {"xmlns": "x"},
            "System": {
                "Provider": {"#attributes": {"Name": "P", "Guid": "5770385F-C22A-43E0-BF4C-06F5698FFBD9"}},
                "EventID": {"#attributes": {"Qualifiers": 0}, "#text": 12},
                "TimeCreated": {"#attributes": {"SystemTime": "2021-01-01T00:00:00.000001Z"}},
                "Channel": "System",
                "Computer": "pc",
                "Correlation": None,
            },
            "EventData": {"param1": "v"},
        }
    }
    row = rows_of(load("e.jsonl", [record]))[0]
    assert "<EventID Qualifiers='0'>12</EventID>" in row["_raw"]
    assert "<Data Name='param1'>v</Data>" in row["_raw"]
    assert row["param1"] == "v"
