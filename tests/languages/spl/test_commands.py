"""Every command of names.py: its examples parse to it, without a diagnostic, and come back from print the same."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from rulescope.ir.stages import stage_kind
from rulescope.languages.spl.commands import find_command
from rulescope.languages.spl.commands.names import ALIASES, COMMANDS
from rulescope.languages.spl.printer import render_pipeline
from rulescope.languages.spl.query import parse_search

EXAMPLES: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "commands.toml").read_text("utf-8"))["examples"]
CASES = [(command, example) for command, examples in EXAMPLES.items() for example in examples]
KINDS = {"bin": "bucket", "rare": "top"}
"""Commands whose stage goes by the shared word for what it does."""


def whole(example: str) -> str:
    return example if example.startswith("|") else f"index=main | {example}"


def test_table_names_every_command() -> None:
    assert set(EXAMPLES) == COMMANDS


@pytest.mark.parametrize(("command", "example"), CASES, ids=[example for _, example in CASES])
def test_example_parses_to_its_command(command: str, example: str) -> None:
    parsed = parse_search(whole(example))
    assert [f"{found.code} {found.message}" for found in parsed.diagnostics] == []
    stage = parsed.pipeline.stages[0 if example.startswith("|") else 1]
    assert stage_kind(stage) == KINDS.get(command, command)
    assert parsed.status == "full"


@pytest.mark.parametrize(("command", "example"), CASES, ids=[example for _, example in CASES])
def test_example_is_printed_and_read_back(command: str, example: str) -> None:
    pipeline = parse_search(whole(example)).pipeline
    printed = render_pipeline(pipeline)
    assert parse_search(printed).pipeline == pipeline, printed


@pytest.mark.parametrize("name", sorted(COMMANDS | set(ALIASES)))
def test_command_describes_itself(name: str) -> None:
    command = find_command(name)
    assert command is not None
    assert command.name == ALIASES.get(name, name)
    assert command.summary.endswith(".")
    assert command.syntax.lower().startswith(command.name)


def test_option_of_mstats_where_is_no_condition() -> None:
    (stage,) = parse_search("| mstats avg(x) AS a WHERE index=m host=b span=30s BY host").pipeline.stages
    printed = render_pipeline(parse_search("| mstats avg(x) AS a WHERE index=m host=b span=30s BY host").pipeline)
    assert printed == '| mstats avg(x) AS a WHERE index="m" host="b" span=30s BY host'
    assert stage_kind(stage) == "mstats"
