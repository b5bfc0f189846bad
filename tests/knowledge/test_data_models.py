"""Data models: nodes, fields and which events belong to them, as Splunk's add-ons say."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from rulescope.knowledge import data_models


def members(path: str) -> dict[str, tuple[str, ...]]:
    found = data_models().find(path)
    assert found is not None
    model, node = found
    return {member.log.key: member.event_ids for member in model.members(node)}


def test_processes_are_events_of_sysmon_and_security() -> None:
    of_processes = members("Endpoint.Processes")
    assert {"1", "5", "7", "10"} <= set(of_processes["sysmon"])
    assert "3" not in of_processes["sysmon"]
    assert "4688" in of_processes["security"]
    assert of_processes["powershell"] == ("4104",)
    assert members("Endpoint.Registry")["sysmon"] == ("12", "13", "14")
    assert members("Network_Resolution.DNS")["sysmon"] == ("22",)
    assert members("Network_Traffic")["sysmon"] == ("3",)


def test_a_parent_has_the_events_of_its_children() -> None:
    assert {"19", "20", "21"} <= set(members("Change.All_Changes")["sysmon"])
    assert members("Change.Endpoint_Changes").keys() == {"sysmon"}


def test_a_child_that_no_add_on_names_has_its_parents_events() -> None:
    assert members("Authentication.Failed_Authentication") == members("Authentication")


def test_fields_are_inherited() -> None:
    found = data_models().find("change.account_management")
    assert found is not None
    model, node = found
    names = model.fields(node)
    assert "src_user" in names
    assert "object_category" in names
    assert [above.name for above in model.lineage(node)] == ["All_Changes", "Account_Management"]


def test_unknown_models_and_nodes() -> None:
    assert data_models().find("NoSuchModel") is None
    assert data_models().find("Endpoint.NoSuchNode") is None
    assert data_models().find("") is None


def test_a_prefix_tells_the_model() -> None:
    assert data_models().split_field("Processes.user") == ("Endpoint", "user")
    assert data_models().split_field("All_Changes.Account_Management.src_user") == ("Change", "src_user")
    assert data_models().split_field("process.name") == (None, "process.name")
    assert data_models().split_field("Processes.") == (None, "Processes.")


@pytest.mark.corpus
def test_every_node_of_the_shared_list_is_there(shared: Path) -> None:
    with (shared / "knowledge/cim_datamodels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            path = f"{row['model'] or 'Interprocess_Messaging'}.{row['dataset'].replace(' ', '_')}"
            found = data_models().find(path)
            assert found is not None, path
            assert set(filter(None, row["fields"].split(";"))) <= set(found[1].fields)
