"""What is damaged or odd in the records of a log of any format costs as little as it may, and it is said."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import pytest

from rulescope.logs import LoadLimits, load_logs

from .conftest import lines, rows_of, said
from .evtx_writer import CHUNK, HEADER, event, write_evtx

TWO = " (in 2 records, of which this is the first)"


# JSON documents


def test_what_comes_before_the_cut_of_an_array(load):
    text = json.dumps([{"_time": number, "x": "},{["} for number in range(10)], indent=2)
    store = load("e.json", text[: text.index('"_time": 7')])
    assert [row["_time"] for row in rows_of(store)] == [float(number) for number in range(7)]
    (problem,) = store.problems
    assert (problem.code, problem.record) == ("LOG038", 8)
    assert "the JSON breaks off here" in problem.message
    assert text[problem.offset :].strip().startswith("{")


def test_a_damaged_element_of_an_array_costs_itself_only(load):
    store = load("e.json", '[{"_time": 1}, {"_time": 2, "x" 5}, {"_time": 3}, 4, {"_time": 5}]')
    assert [(row["_time"]) for row in rows_of(store)] == [1.0, 3.0, 5.0]
    assert [(problem.record, problem.offset) for problem in store.problems] == [(2, 15), (4, 50)]


@pytest.mark.parametrize("name", ["e.json", "e.jsonl"])
def test_what_comes_before_the_cut_of_cloudtrails_envelope(load, name: str):
    record = {"eventSource": "s3", "eventName": "GetObject", "awsRegion": "eu", "eventTime": "2023-07-10T11:42:36Z"}
    text = json.dumps({"Records": [record] * 5})
    store = load(name, text[:-60])
    assert [row["sourcetype"] for row in rows_of(store)] == ["aws:cloudtrail"] * 4
    assert [code for code, _, _ in said(store)] == ["LOG038"]


def test_a_damaged_record_in_cloudtrails_envelope(load):
    text = '{"Records": [{"a": 1}, {"a" 2}, {"a": 3}]}'
    store = load("e.json", text)
    assert [row["a"] for row in rows_of(store)] == ["1", "3"]
    assert store.bad == 1


def test_objects_on_one_line_are_each_an_event(load):
    store = load("e.jsonl", '{"_time": 1}{"_time": 2} {"_time": 3}\n{"_time": 4}\n')
    assert [row["_time"] for row in rows_of(store)] == [1.0, 2.0, 3.0, 4.0]
    assert (store.bad, store.problems) == (0, ())


def test_two_fields_of_one_flattened_name_are_both_kept(load):
    store = load("e.jsonl", '{"a": {"b": 1}, "a.b": 2}\n{"a.b": 3, "a": {"b": 4}}\n')
    assert [row["a.b"] for row in rows_of(store)] == [["1", "2"], ["3", "4"]]


def test_a_shape_that_no_shipper_writes_costs_one_record(load, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object, **__: object) -> None:
        raise AttributeError("a fault made for this test")

    monkeypatch.setattr("rulescope.logs.shapes.objects.read_windows", fail)
    store = load("e.jsonl", '{"_time": 1}\n{"EventID": 1, "Channel": "Security"}\n{"_time": 2}\n')
    assert (store.count, store.bad) == (2, 1)
    assert store.problems[0].record == 2
    assert "a fault in Rulescope" in store.problems[0].message


def test_a_fault_of_ours_costs_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "b.jsonl").write_bytes(lines(2))

    def fail(*_: object) -> None:
        raise KeyError("a fault made for this test")

    monkeypatch.setattr("rulescope.logs.readers.csv_file.read_csv", fail)
    store = load_logs([tmp_path])
    assert store.count == 2
    assert [code for code, _, _ in said(store)] == ["LOG044"]


@pytest.mark.parametrize(
    "record",
    [
        {"_raw": ["a", "b"], "x": "1"},
        {"_raw": {"a": 1}},
        {"_time": [1, 2]},
        {"EventID": 1, "Channel": {"x": 1}},
        {"winlog": {"event_id": {"a": 1}, "channel": {"b": 1}, "process": [1]}, "event": [1]},
        {"Event": {"System": {"Provider_attributes": "q", "Provider": 3}}},
        {"_time": 1, "sourcetype": ["x", "y"]},
        {"a\0b": "c\0d", "": "e", " ": "f", "g" * 100_000: "h"},
    ],
)
@pytest.mark.parametrize("limits", [LoadLimits(), LoadLimits(in_process_bytes=0)])
def test_odd_shapes_are_events(tmp_path: Path, record: dict[str, object], limits: LoadLimits):
    (tmp_path / "e.jsonl").write_text(json.dumps(record) + '\n{"_time": 2, "n": "1"}\n')
    with load_logs([tmp_path], limits=limits) as store:
        assert (store.count, store.bad) == (2, 0)
        rows = rows_of(store)
        assert rows[1]["n"] == "1"
        if record.get("_raw") == ["a", "b"]:
            assert rows[0]["_raw"] == "a\nb"


# CSV


def test_a_name_twice_in_a_header_is_a_multivalue_field(load):
    store = load("e.csv", "_time,user,user,n\n1,ann,bob,x\n2,,carl,y\n3,,,z\n")
    assert [row.get("user") for row in rows_of(store)] == [["ann", "bob"], ["carl"], None]
    assert said(store) == [
        (
            "LOG032",
            None,
            "the header has names more than once (user): such a field has the values of all its columns",
        )
    ]


@pytest.mark.parametrize(
    "first",
    [
        "1700000000,ann,a",
        "2024-05-01T10:00:00Z,ann,a",
        "01/05/2024 10:00,ann,a",
        "ann,10.0.0.1,a",
        "ann,C:\\Windows\\cmd.exe,a",
        "{2A3F0C52-0000-4000-8000-000000000001},ann,a",
    ],
)
def test_a_table_without_a_header(load, first: str):
    store = load("e.csv", f"{first}\nx,bob,b\n")
    assert [row["_raw"] for row in rows_of(store)] == ["x,bob,b"]
    ((code, record, message),) = said(store)
    assert (code, record) == ("LOG054", None)
    assert message.endswith("the first row is taken for the names of columns")


@pytest.mark.parametrize("header", ["_time,user,4xx_count", "date,ip,path", "Year 2024,a.b.c,v1.2"])
def test_names_of_columns_are_not_taken_for_values(load, header: str):
    assert said(load("e.csv", f"{header}\n1,2,3\n")) == []


def test_a_header_that_stands_in_the_table_again(load):
    store = load("e.csv", '_time,a\n1,x\n_time,a\n2,y\n"_time",a\n3,z\n')
    assert [row["a"] for row in rows_of(store)] == ["x", "y", "z"]
    assert said(store) == [("LOG055", 2, "the header line once more: it is no event" + TWO)]
    assert store.bad == 0


def test_columns_without_a_name(load):
    store = load("e.csv", "_time,a,\n1,x,\n2,y,z\n")
    assert [row["a"] for row in rows_of(store)] == ["x", "y"]
    assert rows_of(store)[1]["_raw"] == "2,y,z"
    assert [(code, record) for code, record, _ in said(store)] == [("LOG035", 2)]


def test_rows_with_fewer_and_with_more_cells(load):
    store = load("e.csv", "_time,a,b\n1,x\n2,y,z\n3,v\n4,1,2,3\n")
    assert [row["a"] for row in rows_of(store)] == ["x", "y", "v"]
    assert store.bad == 1
    assert said(store) == [
        ("LOG001", 4, "4 cells under 3 names"),
        ("LOG033", 1, "a row with fewer cells than names: the last are taken for empty" + TWO),
    ]


def test_a_quote_that_is_not_closed_costs_its_row_only(load):
    store = load("e.csv", '_time,a\n1,x\n2,"open\n3,y\n4,"two\nlines"\n5,z\n')
    assert [(row["_time"], row["a"]) for row in rows_of(store)] == [
        (1.0, "x"),
        (3.0, "y"),
        (4.0, "two\nlines"),
        (5.0, "z"),
    ]
    assert store.bad == 1
    assert (store.problems[0].code, store.problems[0].record) == ("LOG034", 2)


def test_quotes_where_they_may_not_stand_are_said(load):
    store = load("e.csv", '_time,a\n1,x"y\n2,"y"z\n3,z\n4,"cut')
    assert [(row["_time"], row["a"]) for row in rows_of(store)] == [(1.0, 'x"y'), (2.0, "yz"), (3.0, "z"), (4.0, "cut")]
    told = "quotes that are not in pairs: the row is read as it stands" + TWO
    assert (store.bad, said(store)) == (0, [("LOG034", 2, told)])


def test_a_quote_too_few_in_a_header_is_said(load):
    store = load("e.csv", '_time,"a\n1,x\n')
    assert [(row["_time"], row["a"]) for row in rows_of(store)] == [(1.0, "x")]
    assert said(store) == [
        ("LOG034", None, "the quotes of the header are not in pairs: its names are read as they stand")
    ]


def test_a_quote_too_few_in_a_table_of_one_column(load):
    store = load("e.csv", '"a"\n"x\n"y"\n"z"\n')
    assert [row["a"] for row in rows_of(store)] == ["y", "z"]
    assert store.bad == 1


def test_quotes_that_never_pair_are_read_again_within_bounds(load, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("rulescope.logs.readers.csv_file._READ_AGAIN", 1000)
    store = load("e.csv", "_time,a\n" + '1,"x\n' * 1001 + "2,last\n", LoadLimits(problems=2000))
    assert store.count + store.bad == 1002
    assert any("quotes that are not in pairs" in problem.message for problem in store.problems)


def test_zeros_in_a_table(load):
    store = load("e.csv", "_time,a\n1,x\0y\n2,z\n")
    assert [row["a"] for row in rows_of(store)] == ["x\0y", "z"]


# Text


def test_an_event_of_too_many_lines_is_read_as_several(load):
    text = "2023-01-01 00:00:00 first\n" + "  more\n" * 25 + "2023-01-01 00:00:01 second\n"
    store = load("e.log", text, LoadLimits(event_lines=10))
    raws = [row["_raw"] for row in rows_of(store)]
    assert "\n".join(raws) == text.strip()
    assert len(raws) == 4
    assert [(code, record) for code, record, _ in said(store)] == [("LOG036", 1)]


def test_an_event_of_too_many_characters_is_read_as_several(load):
    text = "2023-01-01 00:00:00 first\n" + "  " + "x" * 50 + "\n  " + "y" * 50 + "\n2023-01-01 00:00:01 second\n"
    store = load("e.log", text, LoadLimits(line_bytes=100))
    raws = [row["_raw"] for row in rows_of(store)]
    assert "\n".join(raws) == text.strip()
    assert [(code, record) for code, record, _ in said(store)] == [("LOG036", 1)]


def test_xml_whose_tags_do_not_pair(load):
    good = (
        "<Event xmlns='x'><System><EventID>1</EventID></System><EventData><Data Name='a'>b</Data></EventData></Event>"
    )
    store = load("e.xml", good + "\n" + good.replace("<Data", "=Data") + "\n" + good[:-20] + "\n")
    assert [row.get("a") for row in rows_of(store)] == ["b", None, "b"]
    assert (store.bad, [(code, record) for code, record, _ in said(store)]) == (0, [("LOG049", 2)])
    assert "in 2 records" in store.problems[0].message


def test_character_data_and_comments_of_xml(load):
    event = "<Event xmlns='x'><System><EventID>{}</EventID></System><EventData>{}</EventData></Event>"
    data = "<Data Name='a'>C:\\<!-- no text -->b</Data><Data Name='c'><![CDATA[x & <y> </Event>]]></Data>"
    commented = event.format(9, "")
    lines = [
        "<Events>",
        event.format(1, data),
        "<!--",
        commented,
        "-->",
        f"<!-- {commented} --> " + event.format(2, ""),
    ]
    store = load("e.xml", "\n".join([*lines, "</Events>"]))
    assert [(row["EventID"], row.get("a"), row.get("c")) for row in rows_of(store)] == [
        ("1", "C:\\b", "x & <y> </Event>"),
        ("2", None, None),
    ]
    assert [(code, record) for code, record, _ in said(store)] == [("LOG052", 4)]
    store = load("f.xml", "\n".join([*lines[:4], *lines[5:]]))
    assert [row["EventID"] for row in rows_of(store)] == ["1", "2"]
    # What is no tag of the document's is text, also before a comment.
    store = load("h.xml", "\n".join([*lines[:2], "<Other/> <!-- x -->", "</Events>"]))
    assert [row["_raw"] for row in rows_of(store)][1:] == ["<Other/> <!-- x -->"]
    store = load("g.xml", "\n".join(lines[:4]))
    assert [(code, record) for code, record, _ in said(store)] == [("LOG052", 4), ("LOG053", 3)]


def test_rows_of_zeek_with_another_number_of_cells(load):
    text = "#separator \\x09\n#fields\tts\tuid\tquery\n1588205198.5\tC1\tx\n1588205199.5\tC2\n1588205200.5\tC3\ty\tz\n"
    store = load("dns.log", text)
    assert [row["uid"] for row in rows_of(store)] == ["C1", "C2", "C3"]
    assert [(code, record) for code, record, _ in said(store)] == [("LOG033", 4)]


def test_problems_beyond_those_that_are_listed_are_counted(load):
    store = load("e.jsonl", "{broken\n" * 250 + '{"_time": 1}\n', LoadLimits(problems=100))
    assert (store.count, store.bad, len(store.problems)) == (1, 250, 101)
    assert store.problems[-1].message == "150 more problems in this file"


# EVTX


DATA = {"Image": "C:\\Windows\\System32\\cmd.exe"}


def evtx(count: int) -> bytes:
    return write_evtx([event(number, "Security", DATA) for number in range(1, count + 1)], a_chunk=20)


def test_an_evtx_file(load):
    store = load("e.evtx", evtx(45))
    assert (store.count, store.bad, store.problems) == (45, 0, ())
    assert rows_of(store)[44]["Image"] == DATA["Image"]


@pytest.mark.parametrize(
    ("start", "end", "kept", "message"),
    [
        (HEADER + CHUNK, HEADER + CHUNK + 8, 25, "1 of the file's chunks of 64 KB are damaged"),
        # The library tells of the two records that it fails on.
        (HEADER + 600, HEADER + 4000, 25, "the file states that it holds 45 records; 18 of them are not to be found"),
    ],
)
def test_a_damaged_chunk_is_said(load, start: int, end: int, kept: int, message: str):
    whole = evtx(45)
    store = load("e.evtx", whole[:start] + b"\x55" * (end - start) + whole[end:])
    assert store.count == kept
    assert store.bad > 0
    assert any(message in problem.message for problem in store.problems), store.problems


def test_an_evtx_file_that_is_cut_off_between_chunks(load):
    store = load("e.evtx", evtx(45)[: HEADER + 2 * CHUNK])
    assert (store.count, store.bad) == (40, 1)
    assert said(store) == [
        ("LOG039", None, "the file's header tells of 1 more chunks of 64 KB than there are: it was cut off")
    ]


def test_an_evtx_file_that_is_cut_off_inside_a_chunk(load):
    whole = evtx(45)
    store = load("e.evtx", whole[: HEADER + CHUNK + 4000])
    assert 20 < store.count < 40
    assert store.count + store.bad >= 40
    assert "it was cut off" in store.problems[0].message


def test_what_comes_before_the_cut_of_an_evtx_file_inside_gzip(tmp_path: Path):
    packer = zlib.compressobj(0, wbits=31)
    whole = packer.compress(evtx(45)) + packer.flush()
    (tmp_path / "e.evtx.gz").write_bytes(whole[: HEADER + CHUNK + CHUNK // 2])
    store = load_logs([tmp_path])
    assert 20 <= store.count < 45
    assert {code for code, _, _ in said(store)} >= {"LOG031", "LOG039"}


# Parquet


def test_a_damaged_row_group_costs_its_rows(tmp_path: Path):
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    path = tmp_path / "t.parquet"
    table = arrow.table({"n": [f"{number:04d}" for number in range(300)]})
    parquet.write_table(table, path, row_group_size=100, use_dictionary=False, compression="gzip")
    data = bytearray(path.read_bytes())
    place = parquet.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    data[place + 40 : place + 80] = b"\x55" * 40
    path.write_bytes(bytes(data))
    store = load_logs([path])
    assert [row["n"] for row in rows_of(store)] == [f"{n:04d}" for n in (*range(100), *range(200, 300))]
    assert store.bad == 100
    assert (store.problems[0].code, store.problems[0].record) == ("LOG012", 101)


def test_a_parquet_file_that_is_cut_off(tmp_path: Path):
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    parquet.write_table(arrow.table({"n": ["1", "2"]}), tmp_path / "t.parquet")
    (tmp_path / "t.parquet").write_bytes((tmp_path / "t.parquet").read_bytes()[:-20])
    store = load_logs([tmp_path])
    assert (store.count, store.bad) == (0, 1)
    assert [code for code, _, _ in said(store)] == ["LOG012"]
