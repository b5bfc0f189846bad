"""Conditions that tell the events of a log: by channel (Windows), else by sourcetype, and by event id."""

from __future__ import annotations

from collections.abc import Iterable

from rulescope import ir
from rulescope.knowledge.log_directory import GENERAL_SOURCETYPES, WINDOWS, Log, known_sourcetypes


def of_log(log: Log, event_ids: Iterable[str] = ()) -> ir.Predicate:
    """Events of a log, of these ids where any are given."""
    if log.key == WINDOWS:
        found: ir.Predicate = ir.Compare("_channel", "exists")
    elif log.channel is not None:
        found = one_of("_channel", (log.channel,))
    else:
        found = one_of("sourcetype", log.sourcetypes)
    ids = tuple(event_ids)
    return ir.And((found, one_of("_event_id", ids))) if ids else found


def unlabelled(event_ids: Iterable[str] = (), *, of_any_source: bool = False) -> ir.Predicate:
    """Events that tell nothing of their log; where one has an event id, it must be one of these, if any are given.

    `of_any_source`: also those whose sourcetype is that of no log that we know.
    """
    told: list[ir.Predicate] = [ir.Compare("_channel", "missing"), ir.Compare("_provider", "missing")]
    if of_any_source:
        told.append(ir.Not(one_of("sourcetype", known_sourcetypes())))
    else:
        told.append(ir.Or((ir.Compare("sourcetype", "missing"), one_of("sourcetype", GENERAL_SOURCETYPES))))
    ids = tuple(event_ids)
    if ids:
        told.append(ir.Or((ir.Compare("_event_id", "missing"), one_of("_event_id", ids))))
    return ir.And(tuple(told))


def one_of(field: str, values: Iterable[str]) -> ir.Predicate:
    """The field has one of the values; letters of channels, providers and sourcetypes are not told apart by case."""
    given = tuple(values)
    fold = field != "_event_id"
    if len(given) == 1:
        return ir.Compare(field, "eq", given, ignore_case=fold)
    return ir.Compare(field, "in", given, ignore_case=fold)
