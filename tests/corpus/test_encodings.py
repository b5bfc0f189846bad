"""Rule files in the encodings that a byte order mark tells: read as in UTF-8, and said so."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path

import pytest
from corpus_samples import ARMORY, DETECTION, SAVED, Write

from rulescope.corpus import read_corpus
from rulescope.text import decode_text

SIGMA = "title: Ümlaut\nlogsource: {product: windows}\ndetection: {s: {Image: é}, condition: s}\n"
ELASTIC = '[rule]\nname = "n"\nrule_id = "1"\nlanguage = "eql"\ntype = "eql"\nquery = \'process where x == "é"\'\n'
RECORDS = '{"app": "a", "name": "n", "search": "index=main x=é"}\n'
FILES = {
    "detections/a.yml": DETECTION,
    "b.yml": ARMORY,
    "c.yml": SIGMA,
    "d.toml": ELASTIC,
    "e.spl": "index=main x=é",
    "f.kql": 'DeviceEvents | where A == "é"',
    "g.md": "# T\n\n```kql\nDeviceEvents | where A == 'é'\n```\n",
    "h/savedsearches.conf": SAVED,
    "saved_searches.jsonl": RECORDS,
    "saved_searches.jsonl.gz": RECORDS,
}
ENCODINGS = {
    "UTF-16": ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")),
    "UTF-32": ((codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be")),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_file_is_read_by_its_byte_order_mark(repository: Path, write: Write, name: str, encoding: str) -> None:
    def packed(data: bytes) -> bytes:
        return gzip.compress(data) if name.endswith(".gz") else data

    write(name, packed(FILES[name].encode()))
    expected = read_corpus([repository])
    assert expected.rules
    for mark, codec in ENCODINGS[encoding]:
        write(name, packed(mark + FILES[name].encode(codec)))
        found = read_corpus([repository])
        assert [(one.info, one.query_text) for one in found.rules] == [
            (one.info, one.query_text) for one in expected.rules
        ]
        (said,) = [one.diagnostic for one in found.problems if one.diagnostic.code == "RUL025"]
        assert said.severity == "info"
        assert said.message == f"the file is in {encoding}, as its byte order mark says"


def test_macros_and_the_heads_of_tables_are_read_so_too(repository: Path, write: Write) -> None:
    write("app/default/macros.conf", "[m]\ndefinition = x=é\n".encode("utf-16"))
    write("app/default/transforms.conf", "[t]\nfilename = t.csv\n".encode("utf-16"))
    write("app/lookups/t.csv", "é,b\n1,2\n".encode("utf-16"))
    corpus = read_corpus([repository])
    assert [(one.name, one.definition) for one in corpus.macros] == [("m", "x=é")]
    assert [one.fields for one in corpus.lookups] == [("é", "b")]


def test_bytes_that_are_not_of_the_marked_encoding_are_told(repository: Path, write: Write) -> None:
    # A lone half of a surrogate pair (U+D800) after `x=`.
    write("a.spl", codecs.BOM_UTF16_LE + "x=".encode("utf-16-le") + b"\x00\xd8" + " y=1".encode("utf-16-le"))
    corpus = read_corpus([repository])
    assert [rule.query_text for rule in corpus.rules] == ["x=\ufffd y=1"]
    (lost,) = [one for one in corpus.problems if one.diagnostic.code == "RUL001"]
    assert (lost.diagnostic.severity, lost.source.position(lost.diagnostic.span.start)) == ("warning", (1, 3))
    assert lost.diagnostic.message == "not valid UTF-16: bytes that can't be read stand as U+FFFD"


@pytest.mark.parametrize(
    ("data", "text", "encoding", "lost"),
    [
        (b"", "", "UTF-8", None),
        (b"a\xc3\xa9", "aé", "UTF-8", None),
        (b"\xef\xbb\xbfa", "a", "UTF-8", None),
        (b"a\xffb", "a\ufffdb", "UTF-8", 1),
        (b"\xff\xfea\x00", "a", "UTF-16", None),
        (b"\xfe\xff\x00a", "a", "UTF-16", None),
        (b"\xff\xfea\x00b", "a\ufffd", "UTF-16", 1),
        (b"\xff\xfe\x00\x00a\x00\x00\x00", "a", "UTF-32", None),
        (b"\x00\x00\xfe\xff\x00\x00\x00a", "a", "UTF-32", None),
    ],
)
def test_decoding(data: bytes, text: str, encoding: str, lost: int | None) -> None:
    found = decode_text(data)
    assert (found.text, found.encoding, found.lost) == (text, encoding, lost)
