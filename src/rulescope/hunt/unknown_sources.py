"""Index patterns and log sources that name no log which is known here: all that a rule then reads are events that tell
no log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rulescope import ir
from rulescope.hunt.known_fields import KnownFields
from rulescope.ir import stages
from rulescope.ir.walk import walk
from rulescope.knowledge.elastic_datasets import elastic_datasets
from rulescope.knowledge.sigma_sources import sigma_sources
from rulescope.text import Diagnostic, misspelt_name

_CODE = "RUN134"
_EMPTY = "RUN132"
_LISTED = 5


def unknown_sources(pipeline: ir.Pipeline) -> list[Diagnostic]:
    """A warning for each log source whose name is that of a known one misspelt, and for index patterns none of which
    holds a known log: the search is not kept to them, as events that tell no log are taken for theirs."""
    found: dict[Diagnostic, None] = {}
    for stage in walk(pipeline):
        if isinstance(stage, stages.Origin) and stage.names:
            if "=" in stage.names[0]:
                found |= dict.fromkeys(_log_source(stage))
            elif isinstance(stage.predicate, ir.Or):
                found |= dict.fromkeys(_indexes(stage))
    return list(found)


def empty_sources(pipeline: ir.Pipeline, known: KnownFields, there: Iterable[str]) -> list[Diagnostic]:
    """A warning for each index pattern, log source and table of which no event is among those that are `known`; `there`
    are the logs that they are of."""
    found: dict[Diagnostic, None] = {}
    listed = list(there)
    more = ", …" if len(listed) > _LISTED else ""
    hint = f"there are events of: {', '.join(listed[:_LISTED])}{more}" if listed else None
    for node in walk(pipeline):
        if isinstance(node, stages.TableRows):
            what = f"a row of the table '{node.name}'"
        elif isinstance(node, stages.Origin) and isinstance(node.predicate, ir.Or):
            parts = (name.partition("=") for name in node.names)
            names = [f"{part} '{name}'" if name else f"'{part}'" for part, _, name in parts]
            what = f"of the {'log source' if '=' in node.names[0] else 'index'} {', '.join(names)}"
        else:
            continue
        if not known.possible(node.predicate):
            found[Diagnostic(_EMPTY, f"no event here is {what}", node.span, "warning", hint)] = None
    return list(found)


def _log_source(stage: stages.Origin) -> Iterator[Diagnostic]:
    known = sigma_sources()
    parts = dict(name.split("=", 1) for name in stage.names)
    if known.members(parts.get("product"), parts.get("category"), parts.get("service")):
        return
    for part, name in parts.items():
        meant = _misspelt(name.lower(), known.names(part))
        if meant is not None:
            message = f"no log source is known here by the {part} '{name}'"
            yield Diagnostic(_CODE, message, stage.span, "warning", f"did you mean '{meant}'?")


def _indexes(stage: stages.Origin) -> Iterator[Diagnostic]:
    known = elastic_datasets()
    if any(known.is_broad(name) or known.in_index(name) for name in stage.names):
        return
    meant = next((found for name in stage.names if (found := _index(name))), None)
    listed = ", ".join(f"'{name}'" for name in stage.names)
    hint = f"did you mean '{meant}'?" if meant else "events that tell no log are taken for those of the index"
    yield Diagnostic(_CODE, f"no log is known here by the index {listed}", stage.span, "warning", hint)


def _index(pattern: str) -> str | None:
    """The pattern with the nearest name of a data set, or of the package that it is from, in the place of its own."""
    bare = pattern.rpartition(":")[2].removeprefix("logs-")
    plain = bare.rstrip("*").rstrip(".-")
    names = elastic_datasets().names
    meant = _misspelt(plain, {*names, *(name.partition(".")[0] for name in names)})
    return None if meant is None else pattern.replace(plain, meant, 1)


def _misspelt(name: str, known: Iterable[str]) -> str | None:
    return None if name in known else misspelt_name(name, known)


__all__ = ["unknown_sources"]
