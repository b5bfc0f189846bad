"""What analysis asks the knowledge packs: names of fields, data sets of data models, logs behind macros."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from rulescope.analysis.facts import EventCoverage
from rulescope.knowledge.data_model import data_models
from rulescope.knowledge.event_catalogue import EventKind, events
from rulescope.knowledge.field_vocabulary import fields
from rulescope.knowledge.log_directory import Log, logs
from rulescope.knowledge.macro_pack import find_macro


def canonical_field(name: str, data_model: str | None = None, scopes: Sequence[Sequence[str]] = ()) -> str:
    """The shared vocabulary's name for a field; its own where it has none.

    `scopes` are groups of tables and logs that the field stands in, the nearest first. What they mean by the name goes
    before what the data model means; a group whose members mean different things by it says nothing.
    """
    for group in scopes:
        meanings = {found for scope in group if (found := fields().scoped(name, scope)) is not None}
        if len(meanings) == 1:
            return meanings.pop()
    return fields().canonical(name, data_model)


def log_scopes(coverage: Iterable[EventCoverage]) -> tuple[tuple[str, ...], ...]:
    """What the vocabulary calls the one event, and the one log, that a rule looks at; nothing where there are more."""
    rows = {(row.provider, row.event_id) for row in coverage}
    log = logs().find(next(iter(rows))[0]) if rows and len({provider for provider, _ in rows}) == 1 else None
    if log is None:
        return ()
    event_id = next(iter(rows))[1] if len(rows) == 1 else None
    return ((log.key,),) if event_id is None else ((f"{log.key}:{event_id}",), (log.key,))


@cache
def is_data_set(name: str) -> bool:
    """Whether some data model has a data set of that name."""
    return data_models().split_field(f"{name}.field")[0] is not None


@cache
def macro_logs(name: str) -> tuple[Log, ...]:
    """The logs that a macro (`name` or `name(2)`) chooses; empty where it chooses none that we know of."""
    bare, _, arguments = name.removesuffix(")").partition("(")
    macro = find_macro(bare, int(arguments) if arguments.isdecimal() else 0)
    return tuple(logs().by_key(key) for key in macro.logs) if macro is not None else ()


def macro_fields(name: str, arguments: int) -> tuple[str, ...]:
    """The fields that a macro makes, as far as the macro packs know."""
    macro = find_macro(name, arguments)
    return macro.adds if macro is not None else ()


def macro_description(name: str, arguments: int) -> str | None:
    """A sentence on what a macro does, where the macro packs have one."""
    macro = find_macro(name, arguments)
    return macro.description or None if macro is not None else None


@cache
def model_kinds(name: str) -> tuple[EventKind, ...]:
    """The kinds of events that feed a data set (`Endpoint.Processes`), by what Splunk's add-ons put there."""
    found = data_models().find(name)
    if found is None:
        return ()
    model, node = found
    kinds: dict[EventKind, None] = {}
    for member in model.members(node):
        if not member.event_ids:
            kinds[events().whole_log(member.log)] = None
        for event_id in member.event_ids:
            kinds[events().describe(member.log.name, event_id)] = None
    return tuple(kinds)
