"""Windows events in XML and Zeek's logs, whole and damaged: however they stand in lines, each event is read or said."""

from __future__ import annotations

import time

import pytest

from rulescope.logs import EventStore, LoadLimits

from .conftest import rows_of

TWO = " (in 2 records, of which this is the first)"


def said(store: EventStore) -> list[tuple[str, int | None, str]]:
    return [(problem.code, problem.record, problem.message) for problem in store.problems]


def xml_event(number: int, value: str = "b") -> str:
    return (
        f"<Event xmlns='x'><System><EventID>{number}</EventID></System>"
        f"<EventData><Data Name='a'>{value}</Data></EventData></Event>"
    )


def spread(number: int) -> str:
    return xml_event(number).replace("><", ">\n<")


ONE, TWO_EVENTS = xml_event(1), xml_event(1) + xml_event(2)
OUTER = {"Events": "Events", "Events xmlns='y'": "Events", "ArrayOfEvent": "ArrayOfEvent"}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (TWO_EVENTS, [1, 1]),
        (f"{ONE} {xml_event(2)}\n\n{xml_event(3)}\n", [1, 1, 3]),
        (f"{spread(1)}\n{spread(2)}\n", [1, 9]),
        (f"{ONE}\n{spread(2)}{xml_event(3)}{spread(4)}\n{xml_event(5)}", [1, 2, 9, 9, 17]),
        (f"{ONE}{spread(2)}\n{xml_event(3)}", [1, 1, 9]),
        (f"{xml_event(1, 'two' + chr(10) + 'lines')}\n{xml_event(2)}", [1, 3]),
        *((f"<{start}>{TWO_EVENTS}</{end}>", [1, 1]) for start, end in OUTER.items()),
        *((f"<{start}>\n{spread(1)}\n{spread(2)}\n</{end}>\n", [2, 10]) for start, end in OUTER.items()),
        (f"<?xml version='1.0'?>\n<!-- exported -->\n<Events>\n{ONE}\n{xml_event(2)}\n</Events>\n", [4, 5]),
        (f"<?xml version='1.0'?><Events>{TWO_EVENTS}</Events>\n" * 2, [1, 1, 2, 2]),
    ],
)
def test_events_of_xml_however_they_stand_in_lines(load, text: str, lines: list[int]):
    store = load("e.xml", text)
    rows = rows_of(store, hidden=True)
    assert [row["_record"] for row in rows] == lines
    numbers = [number % 2 + 1 for number in range(4)] if len(lines) == 4 else range(1, len(lines) + 1)
    assert [row["EventID"] for row in rows] == [str(number) for number in numbers]
    assert all(row["_raw"].startswith("<Event ") and row["_raw"].endswith("</Event>") for row in rows)
    assert {row["a"] for row in rows} <= {"b", "two\nlines"}
    assert said(store) == []


def test_xml_with_other_things_between_its_events(load):
    """An event without its end ends where the next begins; text is an event of its own; an element that an event holds
    is a part of it."""
    inner = "<Event xmlns='x'><System><EventID>2</EventID></System><UserData><Event>x</Event></UserData></Event>"
    store = load("e.xml", f"{ONE.removesuffix('</Event>')}{inner}note{xml_event(3)}\nlast\n")
    assert [(row.get("EventID"), row["_raw"][-16:]) for row in rows_of(store)] == [
        ("1", "</Data></EventData>"[-16:]),
        ("2", "</UserData></Event>"[-16:]),
        (None, "note"),
        ("3", "</EventData></Event>"[-16:]),
        (None, "last"),
    ]
    assert [(code, record) for code, record, _ in said(store)] == [("LOG049", 1)]


def test_markup_without_an_event_is_text(load):
    store = load("e.xml", "<?xml version='1.0'?>\n<Log>\n<entry a='1'/>\nx\n</Log>\n")
    rows = [row["_raw"] for row in rows_of(store)]
    assert rows == ["<?xml version='1.0'?>", "<Log>", "<entry a='1'/>", "x", "</Log>"]


def test_many_comments_take_no_time(load):
    start = time.perf_counter()
    store = load("e.xml", "<!-- a -->" * 2_000 + "x\n")
    assert (store.count, time.perf_counter() - start < 5) == (1, True)


def test_a_document_on_one_line_beyond_the_bound_of_a_line(load):
    events = "".join(xml_event(number, "v" * 1_000) for number in range(3_000))
    store = load("e.xml", f"<Events>{events}</Events>", LoadLimits(line_bytes=1 << 20))
    assert (store.count, store.bad, said(store)) == (3_000, 0, [])
    assert [row["EventID"] for row in rows_of(store)] == [str(number) for number in range(3_000)]


ZEEK = (
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#open\t2024-05-01\n"
    "#fields\tts\tuid\tquery\n#types\ttime\tstring\tstring\n"
)
ROWS = "1588205198.5\tC1\tx\n1588205199.5\tC2\t-\n"
NO_NAMES = "the header of a Zeek log has no names of fields: its rows are read as plain text" + TWO


@pytest.mark.parametrize(
    ("text", "uids", "told"),
    [
        (ZEEK + ROWS + "#close\t2024-05-02\n", ["C1", "C2"], []),
        (ZEEK.replace("#fields\tts\tuid\tquery\n", "") + ROWS, [None, None], [("LOG050", 8, NO_NAMES)]),
        (ZEEK.replace("#fields\tts\tuid\tquery", "#fields") + ROWS, [None, None], [("LOG050", 9, NO_NAMES)]),
        (ZEEK.replace("\t", " ") + ROWS, [None, None], None),
        (
            ZEEK.replace("time\tstring\tstring", "time\tstring") + ROWS,
            ["C1", "C2"],
            [("LOG050", 8, "the header of a Zeek log has 3 names and 2 types: one of these lines is damaged")],
        ),
        (
            ZEEK.replace("\\x09", "x09x") + ROWS,
            ["C1", "C2"],
            [("LOG050", 1, "the header of a Zeek log has a separator that can't be read: a tab is taken")],
        ),
        (
            ZEEK.replace("\\x09", "\\x2c") + ROWS,
            ["C1", "C2"],
            [
                (
                    "LOG050",
                    2,
                    "the header of a Zeek log has another separator than stands between its names: a tab is taken",
                )
            ],
        ),
        ((ZEEK + ROWS).replace("\t", "|").replace("\\x09", "\\x7c"), ["C1", "C2"], []),
        (ZEEK.split("\n", 1)[1] + ROWS, ["C1", "C2"], []),
        (
            ZEEK + ROWS.replace("\n", "\n# a remark\n"),
            ["C1", "C2"],
            [("LOG050", 10, "a line with '#' that is no part of a Zeek header is not read" + TWO)],
        ),
    ],
)
def test_a_damaged_header_of_zeek_costs_no_event(load, text: str, uids: list[str | None], told: list[object] | None):
    store = load("dns.log", text)
    assert [row.get("uid") for row in rows_of(store)] == uids
    assert store.bad == 0
    assert said(store) == told if told is not None else {code for code, _, _ in said(store)} == {"LOG050"}


def test_what_zeek_writes_for_no_value_is_told_by_its_header(load):
    text = ZEEK.replace("#unset_field\t-", "#unset_field\tNIL").replace("uid", "query")
    store = load("dns.log", text + "1588205198.5\ta\tNIL\n1588205198.5\t-\tb\n")
    assert [row["query"] for row in rows_of(store)] == [["a"], ["-", "b"]]
    assert [code for code, _, _ in said(store)] == ["LOG032"]
