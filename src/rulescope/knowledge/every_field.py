"""Every field name that some vocabulary or log is known to use: what is among them is hardly misspelt."""

from __future__ import annotations

from functools import cache

from rulescope.knowledge.data_model import data_models
from rulescope.knowledge.elastic_datasets import elastic_fields
from rulescope.knowledge.event_catalogue import events
from rulescope.knowledge.field_rule import field_rules
from rulescope.knowledge.field_vocabulary import fields
from rulescope.knowledge.sigma_sources import sigma_fields
from rulescope.knowledge.tables import load_rows, split_cell

_SPLUNK = frozenset(
    {
        "eventtype", "tag", "punct", "linecount", "splunk_server", "splunk_server_group", "timestartpos", "timeendpos",
        "date_hour", "date_mday", "date_minute", "date_month", "date_second", "date_wday", "date_year", "date_zone",
    }
)  # fmt: skip
"""Fields that Splunk adds to events of its own (Knowledge Manager Manual, "Use default fields")."""


@cache
def splunk_fields() -> frozenset[str]:
    """The names of Splunk's own fields and of its add-ons and data models."""
    of_models = (name for model in data_models().models for node in model.nodes.values() for name in node.fields)
    return frozenset((*_SPLUNK, *field_rules().targets, *of_models))


@cache
def every_field() -> frozenset[str]:
    """The names, in their own letters."""
    found = {name for row in load_rows("windows_events.csv") for name in split_cell(row[4])}
    found.update(name for one in events().data_sources for name in one.fields)
    found.update(entry.name for canonical in fields().canonical_names for entry in fields().names(canonical))
    found.update(fields().canonical_names, elastic_fields().names, sigma_fields().names)
    return frozenset(found) | splunk_fields()
