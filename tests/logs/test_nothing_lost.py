"""Characters that are none, and compressed files that are damaged, cost as little as they may, and it is said."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from pathlib import Path

import pytest

from rulescope.logs import LoadLimits, load_logs

from .conftest import lines, rows_of, said

NOT_ITS_ENCODING = "bytes that are not of the file's encoding: U+FFFD stands in their place"
TWO = " (in 2 records, of which this is the first)"
CUT = "the compressed data ends before its end mark: it was cut off"
WRONG_CHECKSUM = "the compressed data does not fit its checksum: some of what was read may be damaged"


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
    for limits in (LoadLimits(), LoadLimits(in_process_bytes=0)):
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
