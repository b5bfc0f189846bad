"""The support page says what the engine does, and every command that runs has cases."""

from __future__ import annotations

from support_page import PAGE, count_uses, render_page, state_of

from rulescope.engines.sql.dialect import dialect_of
from rulescope.engines.sql.stages.commands import PASSED_ON, REFUSED
from rulescope.languages.spl.commands.apps import APP_COMMANDS
from rulescope.languages.spl.commands.names import COMMANDS as NAMES


def test_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(), "run: python tests/conformance/support_page.py"


def test_every_command_is_decided() -> None:
    undecided = [name for name in {*NAMES, *APP_COMMANDS} if state_of(name)[1] == "is not supported"]
    assert not undecided


def test_no_command_both_runs_and_is_refused() -> None:
    assert not set(REFUSED) & set(PASSED_ON)
    assert {name for name, compiler in dialect_of("spl").commands.items() if compiler.__name__ == "_refuse"} == set(
        REFUSED
    )


def test_every_command_that_runs_has_a_case() -> None:
    commands, _, _ = count_uses()
    bare = [name for name in NAMES if state_of(name)[0] == "runs" and not commands[name]]
    assert not bare
