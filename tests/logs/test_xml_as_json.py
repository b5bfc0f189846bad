"""Events in JSON that converters of XML made: data by name, however attributes and texts are called."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import rows_of


@pytest.mark.parametrize(
    ("name", "text"),
    [("@Name", "#text"), ("Name", "text"), ("-Name", "$"), ("Name", "Value"), ("_Name", "content"), ("@Name", "$")],
)
def test_data_by_the_spellings_of_name_and_text(load, name: str, text: str) -> None:
    time = {name.replace("Name", "SystemTime"): "1970-01-01T00:00:09Z"}
    system = {"Provider": {name: "P"}, "EventID": {text: "1"}, "Channel": "C", "TimeCreated": time}
    data = [{name: "Image", text: "a.exe"}, {name: "Empty"}, {name: "Two words", text: 5}]
    (row,) = rows_of(load("e.jsonl", [{"Event": {"System": system, "EventData": {"Data": data}}}]), hidden=True)
    assert (row["Image"], row["Two_words"], row["_event_id"], row["_provider"]) == ("a.exe", "5", "1", "P")
    assert row["_time"] == 9.0
    assert "<Data Name='Image'>a.exe</Data><Data Name='Empty'></Data>" in row["_raw"]


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({"@Name": "Image", "#text": "a.exe"}, {"Image": "a.exe"}),
        ([{"#attributes": {"Name": "Image"}, "#text": "a.exe"}], {"Image": "a.exe"}),
        ({"#text": ["a", "b"]}, {"Data": "a"}),
        (["a", None, 7], {"Data": "a"}),
        ("a", {"Data": "a"}),
    ],
)
def test_other_forms_of_data(load, data: Any, fields: dict[str, str]) -> None:
    event = {"System": {"EventID": 1, "Channel": "C"}, "EventData": {"Data": data}}
    (row,) = rows_of(load("e.jsonl", [{"Event": event}]))
    assert fields.items() <= row.items()


def test_data_that_no_converter_writes_costs_nothing_else(load) -> None:
    data = [[["a"]], {"@Name": ["x"], "#text": {"y": 1}}, {"z": 1}]
    event = {"System": {"EventID": 1, "Channel": "C"}, "EventData": {"Data": data}}
    store = load("e.jsonl", [{"Event": event}, {"Event": event}])
    assert (store.count, store.bad) == (2, 0)
