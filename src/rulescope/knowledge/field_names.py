"""The names of fields that detections and this program read, and those that logs which are known have."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from rulescope.knowledge.derivation import raw_fields
from rulescope.knowledge.derivation_notation import parse_form
from rulescope.knowledge.field_rule import field_rules
from rulescope.knowledge.tables import load_rows, split_cell

_FORMS = (("elastic_fields.csv", 2, 3), ("sigma_fields.csv", 2, 3), ("log_table_columns.csv", 2, 6))
"""Data files of languages' names: in which cell the name stands, and in which what it is made of."""


@cache
def names_read() -> frozenset[str]:
    """Every field that a rule of the vocabularies gives or reads, and those of the data models."""
    return frozenset(_read())


@cache
def names_known() -> frozenset[str]:
    """Every field that an event or vocabulary in our data files has."""
    names = {row[2] for row in load_rows("field_names.csv")}
    for row in load_rows("windows_events.csv"):
        names.update(split_cell(row[4]))
    return frozenset(names)


def _read() -> Iterator[str]:
    rules = field_rules()
    for target in rules.targets:
        yield target
        for rule in rules.of_target(target):
            yield from raw_fields(rule.form)
    for file, name, form in _FORMS:
        for row in load_rows(file):
            yield row[name]
            if row[form]:
                yield from raw_fields(parse_form(row[form]))
    for row in load_rows("data_models.csv"):
        yield from split_cell(row[4])
