"""Places of addresses from a file in MaxMind's format that the test writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from rulescope.api.search import search
from rulescope.errors import KnowledgeError, NotFoundError
from rulescope.hunt.address_places import PlaceFile
from rulescope.hunt.settings import Settings

# The shape of GeoLite2 City: names by language, subdivisions from the largest down.
BERLIN = {
    "city": {"names": {"en": "Berlin", "ja": "ベルリン"}},
    "continent": {"code": "EU", "names": {"en": "Europe"}},
    "country": {"iso_code": "DE", "names": {"en": "Germany", "de": "Deutschland"}},
    "location": {"latitude": 52.5, "longitude": 13.25, "time_zone": "Europe/Berlin"},
    "subdivisions": [{"names": {"en": "Land Berlin"}}, {"names": {"en": "Mitte"}}],
}


def write_places(path: Path, places: dict[str, Any]) -> Path:
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Test-City", languages=["en"])
    for network, place in places.items():
        writer.insert_network(IPSet([network]), place)
    writer.to_db_file(str(path))
    return path


@pytest.fixture
def database(tmp_path: Path) -> Path:
    places = {
        "81.2.69.0/24": BERLIN,
        "2001:db8:1::/48": {"country": {"names": {"en": "Testland"}}},
        "203.0.113.0/24": {"city": "Berlin", "country": {"names": ["Germany"]}, "subdivisions": {}, "location": 5},
    }
    return write_places(tmp_path / "places.mmdb", places)


def test_what_a_file_says_of_an_address(database: Path) -> None:
    places = PlaceFile(database)
    assert places.place("81.2.69.142", None) == {
        "City": "Berlin",
        "Country": "Germany",
        "Region": "Land Berlin",
        "Continent": "Europe",
        "lat": "52.5",
        "lon": "13.25",
        "Timezone": "Europe/Berlin",
    }
    assert places.place("81.2.69.0/24", "de")["Country"] == "Deutschland"
    assert places.place("81.2.69.1", "ja")["City"] == "ベルリン"
    assert places.place("2001:db8:1::7", "de") == {"Country": "Testland"}


@pytest.mark.parametrize("address", ["10.0.0.1", "::1", "localhost", "", "81.2.69", "81.2.69.1.1", "\x00"])
def test_addresses_without_a_place(database: Path, address: str) -> None:
    assert PlaceFile(database).place(address, None) == {}


def test_records_of_another_shape_say_nothing(database: Path) -> None:
    assert PlaceFile(database).place("203.0.113.9", None) == {}


@pytest.mark.parametrize("content", [b"", b"no file of places", b"\xab\xcd\xefMaxMind.com"])
def test_what_is_no_file_of_places_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.mmdb"
    path.write_bytes(content)
    with pytest.raises(KnowledgeError) as caught:
        PlaceFile(path)
    assert str(path) in caught.value.message


def test_a_file_that_is_not_there_is_named_with_what_was_meant(database: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        PlaceFile(database.with_name(database.name[1:]))
    assert caught.value.hint == f"did you mean '{database}'?"


def test_a_damaged_file_harms_no_search(database: Path, tmp_path: Path) -> None:
    data = bytearray(database.read_bytes())
    for place in range(0, len(data) - 200, 7):
        data[place] ^= 0xFF
    damaged = tmp_path / "damaged.mmdb"
    damaged.write_bytes(data)
    try:
        places = PlaceFile(damaged)
    except KnowledgeError:
        return
    for address in ("81.2.69.142", "2001:db8:1::7", "203.0.113.9", "1.1.1.1"):
        assert isinstance(places.place(address, None), dict)


def test_iplocation_reads_the_file(database: Path, tmp_path: Path) -> None:
    logs = tmp_path / "logs.jsonl"
    lines = [{"_time": 0, "ip": "81.2.69.142"}, {"_time": 1, "ip": "10.0.0.1"}, {"_time": 2, "ip": "2001:db8:1::7"}]
    logs.write_text("\n".join(map(json.dumps, lines)))
    text = "ip=* | iplocation ip | table ip, City, Country, lat"
    answer = search(text, [logs], Settings(geo_database=database))
    assert answer.rows == (
        {"ip": "2001:db8:1::7", "Country": "Testland"},
        {"ip": "10.0.0.1"},
        {"ip": "81.2.69.142", "City": "Berlin", "Country": "Germany", "lat": "52.5"},
    )
    assert [note.code for note in answer.notes] == []
    without = search(text, [logs], Settings())
    assert [note.code for note in without.notes] == ["RUN105"]
    assert without.rows == ({"ip": "2001:db8:1::7"}, {"ip": "10.0.0.1"}, {"ip": "81.2.69.142"})
