"""Files that want to do harm, or are broken: each gives a diagnostic, and the rest is read."""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import pytest
from corpus_samples import DETECTION, Write

from rulescope.corpus import CODES, Corpus, limits, read_corpus
from rulescope.corpus import read as reading


def _read(repository: Path) -> tuple[Corpus, list[str]]:
    start = time.process_time()
    corpus = read_corpus([repository])
    assert time.process_time() - start < 5
    assert all(problem.diagnostic.code in CODES for problem in corpus.problems)
    return corpus, [problem.diagnostic.code for problem in corpus.problems]


def test_one_bad_file_does_not_stop_the_rest(repository: Path, write: Write) -> None:
    write("detections/bad.yml", "name: x\n  search: [\n")
    write("detections/good.yml", DETECTION)
    corpus, codes = _read(repository)
    assert len(corpus.rules) == 1
    assert codes == ["RUL003"]
    (problem,) = corpus.problems
    assert problem.source.position(problem.diagnostic.span.start).line == 2
    assert corpus.counts.by_outcome == {"failed": 1, "no rule": 1, "rules": 1}


def test_a_rule_without_a_query(repository: Path, write: Write) -> None:
    write("detections/a.yml", DETECTION.replace("search: '|", "other: '|"))
    write("detections/b.yml", "id: '1'\ntitle: T\nlogic_format: Splunk\nlogic:\n- a\n")
    corpus, codes = _read(repository)
    assert corpus.rules == []
    assert codes == ["RUL004", "RUL004"]


def test_a_rule_of_20_megabytes(repository: Path, write: Write) -> None:
    write("detections/big.yml", b"name: x\nsearch: '" + b"a" * (20 * 1024 * 1024) + b"'\n")
    _, codes = _read(repository)
    assert codes == ["RUL002"]


@pytest.mark.parametrize(
    "text",
    [
        "search: " + "[" * 10_000 + "]" * 10_000 + "\n",
        "search: " + "{a: " * 10_000 + "}" * 10_000 + "\n",
        "[" * 10_000,
        "".join(" " * depth + "a:\n" for depth in range(2_000)),
        "- " * 10_000 + "x\n",
        "? " * 10_000 + "x\n",
    ],
)
def test_deep_nesting(repository: Path, write: Write, text: str) -> None:
    write("detections/deep.yml", text)
    _, codes = _read(repository)
    assert len(codes) == 1
    assert codes[0] in ("RUL003", "RUL007")


def test_billion_laughs(repository: Path, write: Write) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    write("detections/bomb.yml", "\n".join([*lines, DETECTION]))
    _, codes = _read(repository)
    assert codes == ["RUL007"]


def test_an_anchor_that_holds_itself(repository: Path, write: Write) -> None:
    write("detections/loop.yml", "name: x\nsearch: &a [*a]\n")
    write("detections/none.yml", "name: x\nsearch: *nothing\n")
    _, codes = _read(repository)
    assert codes == ["RUL007", "RUL007"]


def test_anchors_that_do_no_harm_are_read(repository: Path, write: Write) -> None:
    write("detections/a.yml", DETECTION.replace("search: '|", "x: &q '|") + "search: *q\n")
    corpus, codes = _read(repository)
    assert codes == []
    (rule,) = corpus.rules
    assert rule.source.position(0).line == 11, "the place is where the text is written"


def test_tags_construct_nothing(repository: Path, write: Write, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    tag = f'!!python/object/apply:os.system ["touch {victim}"]'
    write("detections/a.yml", DETECTION.replace("version: 2", f"version: {tag}"))
    corpus, codes = _read(repository)
    assert not victim.exists()
    assert codes == ["RUL014"]
    assert len(corpus.rules) == 1


def test_a_key_twice(repository: Path, write: Write) -> None:
    write("detections/a.yml", DETECTION + "status: experimental\n")
    corpus, codes = _read(repository)
    assert codes == ["RUL008"]
    assert corpus.rules[0].info.status == "experimental"


def test_values_stay_text(repository: Path, write: Write) -> None:
    text = DETECTION.replace("'2024-09-30'", "2024-09-30").replace(
        "id: 11111111-2222-3333-4444-555555555555", "id: 33319.58970"
    )
    write("detections/a.yml", text)
    (rule,) = read_corpus([repository]).rules
    assert (rule.info.modified, rule.info.identifier) == ("2024-09-30", "33319.58970")


def test_bytes_that_are_not_utf8(repository: Path, write: Write) -> None:
    write("detections/a.yml", DETECTION.encode().replace(b"Rare", b"R\xffre"))
    # UTF-16 without its byte order mark is no text.
    write("detections/b.yml", DETECTION.replace("1111", "3333").encode("utf-16-le"))
    corpus, codes = _read(repository)
    assert [rule.info.title for rule in corpus.rules] == ["R\ufffdre Service"]
    assert codes == ["RUL001", "RUL003"]
    first = corpus.problems[0]
    position = first.source.position(first.diagnostic.span.start)
    assert (first.path, position) == ("own_rules/detections/a.yml", (1, 8))


def test_a_byte_order_mark_and_windows_line_ends(repository: Path, write: Write) -> None:
    write("detections/a.yml", b"\xef\xbb\xbf" + DETECTION.replace("\n", "\r\n").encode())
    corpus, codes = _read(repository)
    assert codes == []
    assert corpus.rules[0].source.position(0) == (11, 10)


def test_control_characters(repository: Path, write: Write) -> None:
    write("detections/a.yml", DETECTION.replace("Rare", "Ra\0re"))
    _, codes = _read(repository)
    assert codes == ["RUL003"]


def test_markup_in_every_field_is_text(repository: Path, write: Write) -> None:
    script = "<script>alert(1)</script>"
    write("detections/a.yml", DETECTION.replace("Rare Service", script).replace("A. Author", f"'{script}'"))
    (rule,) = read_corpus([repository]).rules
    assert (rule.info.title, rule.info.author) == (script, script)


def test_gzip_bombs_and_broken_gzip(repository: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAXIMUM_ARCHIVE_FILE", 1024 * 1024)
    write("saved_searches.jsonl.gz", gzip.compress(b" " * 2 * 1024 * 1024))
    write("macros.jsonl.gz", b"\x1f\x8b\x08 no gzip")
    write("other.jsonl.gz", b"")
    _, codes = _read(repository)
    assert codes == ["RUL003", "RUL002"]


def test_json_lines_that_are_broken_or_deep(repository: Path, write: Write) -> None:
    lines = [
        "{",
        "[1]",
        '{"a" 1}',
        '{"search": "\\ud800", "name": "lone"}',
        '{"name": 1, "search": "x"}',
        "null",
        '{"a": 1} x',
    ]
    lines += ['{"a": ' + "[" * 100_000, '{"search": "index=a", "name": "good"}']
    write("saved_searches.jsonl", "\n".join(lines))
    corpus, codes = _read(repository)
    assert [rule.info.title for rule in corpus.rules] == ["good", "line 5", "lone"]
    assert corpus.rules[2].query_text == "\ufffd"
    assert codes == ["RUL003"] * 6


def test_many_broken_lines_are_told_once(repository: Path, write: Write) -> None:
    write("saved_searches.jsonl", "{\n" * 50_000)
    _, codes = _read(repository)
    assert len(codes) <= 101


def test_conf_files_that_are_broken(repository: Path, write: Write) -> None:
    text = "[open\nsearch = a\nno setting\n[x]\nsearch = b\nsearch = c \\"
    write("app/default/savedsearches.conf", text)
    corpus, codes = _read(repository)
    assert [(rule.info.title, rule.query_text) for rule in corpus.rules] == [("open", "a"), ("x", "c \\")]
    assert codes == ["RUL011", "RUL011", "RUL008"]


def test_a_folder_and_a_file_that_may_not_be_opened(repository: Path, write: Write) -> None:
    path = write("detections/a.yml", DETECTION)
    path.chmod(0)
    try:
        with path.open("rb"):
            pytest.skip("this user may open everything")
    except PermissionError:
        _, codes = _read(repository)
        assert codes == ["RUL010"]


def test_the_bound_on_rules_leaves_room_for_real_ones() -> None:
    assert limits.MAXIMUM_RULE_FILE >= 1024 * 1024


def test_long_runs_take_no_long_time(repository: Path, write: Write) -> None:
    """Places where a careless pattern or copy would take quadratic time: each sample is some megabytes."""
    size = 2 * 1024 * 1024
    blanks = " " * size
    write("detections/single.yml", DETECTION.replace("'| tstats", f"'a{blanks}b | tstats"))
    write("detections/double.yml", f'name: x\ntags: {{}}\nsearch: "a{blanks}b"\n')
    write("detections/plain.yml", f"name: x\ntags: {{}}\nsearch: a{blanks}b\n")
    write("detections/folds.yml", "name: x\ntags: {}\nsearch: >\n" + "  a\n\n" * (size // 8))
    write("lookups/match.yml", f"name: x\nfilename: x.csv\nmatch_type: {'a' * size}\n")
    write("macros.conf", f"[{'a ' * (size // 2)}]\ndefinition = x\n")
    corpus, _ = _read(repository)
    assert len(corpus.rules) == 4


def test_many_stanzas_with_many_common_settings(repository: Path, write: Write) -> None:
    common = "".join(f"k{number} = v\n" for number in range(50_000))
    stanzas = "".join(f"[s{number}]\nsearch = index=a\n" for number in range(20_000))
    write("app/default/savedsearches.conf", common + stanzas)
    corpus, _ = _read(repository)
    assert len(corpus.rules) == 20_000
