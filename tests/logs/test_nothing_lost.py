"""What is damaged, misspelt or doubled in a log costs as little as it may, and it is said."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
import zlib
from pathlib import Path

import pytest

from rulescope.logs import EventStore, Limits, load_logs

from .conftest import rows_of
from .evtx_writer import CHUNK, HEADER, event, write_evtx

NOT_ITS_ENCODING = "bytes that are not of the file's encoding: U+FFFD stands in their place"
TWO = " (in 2 records, of which this is the first)"
CUT = "the compressed data ends before its end mark: it was cut off"
WRONG_CHECKSUM = "the compressed data does not fit its checksum: some of what was read may be damaged"


def said(store: EventStore) -> list[tuple[str, int | None, str]]:
    return [(problem.code, problem.record, problem.message) for problem in store.problems]


def lines(count: int) -> bytes:
    return b"".join(b'{"_time": %d, "n": "%d"}\n' % (number, number * 7919 % 1000) for number in range(count))


# Characters


def test_a_json_line_with_a_bad_byte_keeps_its_event(load):
    store = load("e.jsonl", b'{"_time": 1, "x": "a\xffb"}\n{"_time": 2}\n{"_time": 3, "\xfe": "\xff"}\n')
    assert [(row["_time"], row.get("x"), row.get("�")) for row in rows_of(store)] == [
        (1.0, "a�b", None),
        (2.0, None, None),
        (3.0, None, "�"),
    ]
    assert rows_of(store)[0]["_raw"] == '{"_time": 1, "x": "a�b"}'
    assert (store.bad, said(store)) == (
        0,
        [("LOG030", 1, NOT_ITS_ENCODING + TWO)],
    )


def test_half_a_character_in_an_escape(load):
    text = '{"_time": 1, "x": "\\ud83d and \\\\ud83d and \\ud83d\\ude00 and \\udc00"}\n'
    store = load("e.jsonl", text)
    assert rows_of(store)[0]["x"] == "� and \\ud83d and 😀 and �"
    assert rows_of(store)[0]["_raw"] == text.strip()
    assert [(code, record) for code, record, _ in said(store)] == [("LOG030", 1)]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b'{"_time": 1, "x": "a\tb"}', "a\tb"),
        (b'{"_time": 1, "x": NaN}', "NaN"),
        (b'\0\0\0{"_time": 1, "x": "after zeros"}', "after zeros"),
        (b'{"_time": 1, "x": "c"}\0\0', "c"),
    ],
)
def test_json_that_breaks_the_standard_as_loggers_do(load, line: bytes, value: str):
    store = load("e.jsonl", line + b'\n{"_time": 2}\n')
    assert (store.count, store.bad) == (2, 0)
    assert rows_of(store)[0]["x"] == value
    assert [(code, record) for code, record, _ in said(store)] == [("LOG048", 1)]


@pytest.mark.parametrize(
    ("name", "content", "field"),
    [
        ("e.json", b'[{"_time": 1, "x": "a\xffb"}, {"_time": 2, "x": "c"}]', "x"),
        ("e.csv", b"_time,x\n1,a\xffb\n2,c\n", "x"),
        ("e.log", b"a\xffb\nc\n", "_raw"),
    ],
)
def test_bad_bytes_in_other_formats(load, name: str, content: bytes, field: str):
    store = load(name, content)
    assert [row[field] for row in rows_of(store)] == ["a�b", "c"]
    assert [(code, message) for code, _, message in said(store)] == [("LOG030", NOT_ITS_ENCODING)]
    assert store.bad == 0


def test_bad_bytes_in_xml(load):
    data = b"<EventData><Data Name='a'>b\xff</Data></EventData>"
    xml = b"<Event xmlns='x'><System><EventID>1</EventID></System>" + data + b"</Event>"
    store = load("e.xml", xml + b"\n")
    assert rows_of(store)[0]["a"] == "b�"
    assert [code for code, _, _ in said(store)] == ["LOG030"]


def test_bad_bytes_in_parquet(tmp_path: Path):
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    offsets = arrow.py_buffer(bytes((0, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0)))
    texts = arrow.Array.from_buffers(arrow.string(), 2, [None, offsets, arrow.py_buffer(b"a\xffbc")])
    parquet.write_table(arrow.table({"x": texts, "n": [1, 2]}), tmp_path / "t.parquet")
    store = load_logs([tmp_path / "t.parquet"])
    assert [(row["x"], row["n"]) for row in rows_of(store)] == [("a�b", "1"), ("c", "2")]
    assert [code for code, _, _ in said(store)] == ["LOG030"]


def test_times_of_parquet_that_python_has_not(tmp_path: Path):
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    times = arrow.array([1_700_000_000_123_456_789, 0], arrow.timestamp("ns"))
    parquet.write_table(arrow.table({"time": times}), tmp_path / "t.parquet")
    rows = rows_of(load_logs([tmp_path / "t.parquet"]))
    assert [row["time"] for row in rows] == ["2023-11-14T22:13:20.123456789", "1970-01-01T00:00:00.000000000"]
    assert rows[0]["_time"] == pytest.approx(1_700_000_000.123456789, abs=1e-6)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("e.jsonl", '{"_time": 1, "x": "ä"}\r\n{"_time": 2, "x": "b"}\r\n'),
        ("e.json", '[{"_time": 1, "x": "ä"},\r\n {"_time": 2, "x": "b"}]'),
        ("e.csv", "_time,x\r\n1,ä\r\n2,b\r\n"),
        ("e.log", "1970-01-01 00:00:01 x=ä\r\n1970-01-01 00:00:02 x=b\r\n"),
    ],
)
def test_text_of_other_encodings(load, encoding: str, name: str, text: str):
    """`utf-16` writes a byte order mark, `utf-16-le` none: then the zeros tell it."""
    store = load(name, text.encode(encoding))
    assert [(row["_time"], row["x"]) for row in rows_of(store)] == [(1.0, "ä"), (2.0, "b")]
    assert (store.bad, store.problems) == (0, ())


def test_half_a_character_in_utf16(load):
    whole = '{"_time": 1, "x": "ab"}\n'.encode("utf-16")
    store = load("e.jsonl", whole.replace("a".encode("utf-16-le"), b"\x00\xd8"))
    assert rows_of(store)[0]["x"] == "�b"
    assert [(code, message) for code, _, message in said(store)] == [("LOG030", NOT_ITS_ENCODING)]


# Compressed files


def test_what_comes_before_the_cut_of_a_gzip_file(tmp_path: Path):
    whole = gzip.compress(lines(20_000))
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])
    store = load_logs([path])
    assert 9_000 < store.count < 11_000
    assert [row["_time"] for row in rows_of(store)] == [float(number) for number in range(store.count)]
    assert said(store)[0] == ("LOG031", None, CUT)


def test_a_gzip_file_with_a_wrong_checksum(tmp_path: Path):
    whole = gzip.compress(lines(10))
    (tmp_path / "a.jsonl.gz").write_bytes(whole[:-8] + b"\0\0\0\0" + whole[-4:])
    store = load_logs([tmp_path])
    assert (store.count, store.bad, said(store)) == (10, 1, [("LOG031", None, WRONG_CHECKSUM)])


def test_gzip_files_of_several_streams(tmp_path: Path):
    part = gzip.compress(lines(3))
    (tmp_path / "a.jsonl.gz").write_bytes(part + part + bytes(100))
    store = load_logs([tmp_path])
    assert (store.count, store.bad, store.problems) == (6, 0, ())
    (tmp_path / "a.jsonl.gz").write_bytes(part + b"junk")
    store = load_logs([tmp_path])
    message = "after the end of the compressed data come bytes that are no gzip: they are not read"
    assert (store.count, said(store)) == (3, [("LOG031", None, message)])


def test_damage_inside_a_gzip_file_costs_what_comes_after_it(tmp_path: Path):
    packer = zlib.compressobj(wbits=31)
    whole = packer.compress(lines(5000)) + packer.flush(zlib.Z_FULL_FLUSH)
    place = len(whole)
    whole += packer.compress(lines(5000)) + packer.flush()
    # A block of the kind that there is none of (RFC 1951, 3.2.3: BTYPE 11).
    (tmp_path / "a.jsonl.gz").write_bytes(whole[:place] + b"\x07" + whole[place + 1 :])
    store = load_logs([tmp_path])
    assert store.count == 5000
    assert said(store) == [
        ("LOG031", None, "the compressed data is damaged (invalid block type): what comes after that place is not read")
    ]


def archive(members: list[tuple[str, bytes]], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", kind) as made:
        for name, content in members:
            made.writestr(zipfile.ZipInfo(name), content, kind)
    return packed.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_of_one_name_are_read_each(tmp_path: Path):
    members = [
        ("d.json", b'{"_time": 1, "n": "first"}'),
        ("d.json", b'{"_time": 2, "n": "second"}'),
        ("d.json#2", b"{}"),
    ]
    (tmp_path / "dup.zip").write_bytes(archive(members))
    for limits in (Limits(), Limits(in_process_bytes=0)):
        with load_logs([tmp_path], limits=limits) as store:
            found = store.connection.execute("SELECT _file, n FROM events WHERE n IS NOT NULL ORDER BY _row").fetchall()
            assert found == [(f"{tmp_path}/dup.zip!d.json", "first"), (f"{tmp_path}/dup.zip!d.json#2", "second")]
            assert len({file.path for file in store.files}) == 3


@pytest.mark.parametrize("kind", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_way_that_zip_files_are_packed(tmp_path: Path, kind: int):
    (tmp_path / "a.zip").write_bytes(archive([("a.jsonl", lines(500)), ("b.json.gz", gzip.compress(lines(3)))], kind))
    store = load_logs([tmp_path])
    assert (store.count, store.bad, store.problems) == (503, 0, ())


@pytest.mark.parametrize("kind", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_comes_before_the_cut_of_a_zip_file(tmp_path: Path, kind: int):
    whole = archive([("a.jsonl", lines(500)), ("b.jsonl", lines(20_000))], kind)
    (tmp_path / "a.zip").write_bytes(whole[: len(whole) // 2])
    store = load_logs([tmp_path])
    files = {Path(file.path).name: file.good for file in store.files}
    assert files["a.zip!a.jsonl"] == 500
    assert 8_000 < files["a.zip!b.jsonl"] < 12_000
    codes = [(code, message) for code, _, message in said(store)]
    assert codes[0] == (
        "LOG046",
        "the directory at the end of the zip file is missing or damaged: the file may have been cut off; "
        "2 members found one after the other",
    )
    assert ("LOG031", CUT) in codes


@pytest.mark.parametrize("kind", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_with_a_wrong_checksum(tmp_path: Path, kind: int):
    whole = bytearray(archive([("a.jsonl", lines(10)), ("b.jsonl", lines(3))], kind))
    # The checksum of the directory's first entry.
    whole[whole.index(b"PK\1\2") + 16] ^= 1
    (tmp_path / "a.zip").write_bytes(bytes(whole))
    store = load_logs([tmp_path])
    assert (store.count, store.bad, said(store)) == (13, 1, [("LOG031", None, WRONG_CHECKSUM)])


@pytest.mark.parametrize(
    ("kind", "least", "reason"),
    [
        (zipfile.ZIP_STORED, 19_990, WRONG_CHECKSUM),
        (zipfile.ZIP_DEFLATED, 8_000, None),
        (zipfile.ZIP_BZIP2, 0, "the compressed data is damaged (Invalid data stream)"),
        (zipfile.ZIP_LZMA, 8_000, None),
    ],
)
def test_a_flipped_byte_in_a_member(tmp_path: Path, kind: int, least: int, reason: str | None):
    """However many records it costs, that the member is damaged is said first; what stands before it is read. bzip2
    packs in blocks of 900 KB, of which a damaged one gives nothing."""
    whole = bytearray(archive([("a.jsonl", lines(20_000)), ("b.jsonl", lines(3))], kind))
    with zipfile.ZipFile(io.BytesIO(bytes(whole))) as made:
        packed = made.infolist()[0].compress_size
    whole[30 + len("a.jsonl") + packed * 2 // 3] ^= 0x41
    (tmp_path / "a.zip").write_bytes(bytes(whole))
    store = load_logs([tmp_path])
    good = {Path(file.path).name: file.good for file in store.files}
    assert good["a.zip!b.jsonl"] == 3
    assert least <= good["a.zip!a.jsonl"] <= 20_000
    if not least:
        (told,) = [file.skipped for file in store.files if file.skipped]
    else:
        first = store.problems[0]
        assert (Path(first.path).name, first.code, first.record) == ("a.zip!a.jsonl", "LOG031", None)
        told = first.message
    assert "damaged" in told
    assert reason is None or told.startswith(reason)


def test_a_zip_file_written_as_a_stream_and_cut(tmp_path: Path):
    """Its headers hold no sizes: they come after each member, and in the directory."""

    class Stream(io.BytesIO):
        def seekable(self) -> bool:
            return False

    packed = Stream()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name in ("a.jsonl", "b.jsonl"):
            made.writestr(name, lines(200))
    whole = packed.getvalue()
    (tmp_path / "a.zip").write_bytes(whole[: whole.index(b"PK\1\2")])
    store = load_logs([tmp_path])
    assert [(Path(file.path).name, file.good) for file in store.files] == [
        ("a.zip!a.jsonl", 200),
        ("a.zip!b.jsonl", 200),
    ]
    assert [code for code, _, _ in said(store)] == ["LOG046"]


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
@pytest.mark.parametrize("limits", [Limits(), Limits(in_process_bytes=0)])
def test_odd_shapes_are_events(tmp_path: Path, record: dict[str, object], limits: Limits):
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
    store = load("e.csv", "_time,a\n" + '1,"x\n' * 1001 + "2,last\n", Limits(problems=2000))
    assert store.count + store.bad == 1002
    assert any("quotes that are not in pairs" in problem.message for problem in store.problems)


def test_zeros_in_a_table(load):
    store = load("e.csv", "_time,a\n1,x\0y\n2,z\n")
    assert [row["a"] for row in rows_of(store)] == ["x\0y", "z"]


# Text


def test_an_event_of_too_many_lines_is_read_as_several(load):
    text = "2023-01-01 00:00:00 first\n" + "  more\n" * 25 + "2023-01-01 00:00:01 second\n"
    store = load("e.log", text, Limits(event_lines=10))
    raws = [row["_raw"] for row in rows_of(store)]
    assert "\n".join(raws) == text.strip()
    assert len(raws) == 4
    assert [(code, record) for code, record, _ in said(store)] == [("LOG036", 1)]


def test_an_event_of_too_many_characters_is_read_as_several(load):
    text = "2023-01-01 00:00:00 first\n" + "  " + "x" * 50 + "\n  " + "y" * 50 + "\n2023-01-01 00:00:01 second\n"
    store = load("e.log", text, Limits(line_bytes=100))
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


def test_rows_of_zeek_with_another_number_of_cells(load):
    text = "#separator \\x09\n#fields\tts\tuid\tquery\n1588205198.5\tC1\tx\n1588205199.5\tC2\n1588205200.5\tC3\ty\tz\n"
    store = load("dns.log", text)
    assert [row["uid"] for row in rows_of(store)] == ["C1", "C2", "C3"]
    assert [(code, record) for code, record, _ in said(store)] == [("LOG033", 4)]


def test_problems_beyond_those_that_are_listed_are_counted(load):
    store = load("e.jsonl", "{broken\n" * 250 + '{"_time": 1}\n', Limits(problems=100))
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
