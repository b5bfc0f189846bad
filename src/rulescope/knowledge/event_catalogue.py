"""The kinds of events that rules look for: provider, event id, title and fields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from rulescope.knowledge.log_directory import Log, LogDirectory, channel_log, logs, short_name, without_windows_prefix
from rulescope.knowledge.tables import load_rows, split_cell

_AND = re.compile(r"\s+AND\s+")
_WINDOWS = re.compile(r"^Windows Event Log (?!Security|System|Application)")
_IDS = re.compile(r"\s*,\s*")


@dataclass(frozen=True, slots=True)
class EventKind:
    """A kind of event. `provider` is the display name of its log ("Sysmon", "Windows Security", "AWS CloudTrail").

    `publisher` is the provider as Windows writes it, and `channel` its log; None outside Windows. `event_id` is a
    number as text or a name (`ConsoleLogin`), None for a log that is not told apart further. `fields` are raw field
    names in the order of the event's schema, empty where unknown. `source` says where the facts are from (names in
    `data/sources.toml`, joined by "+").
    """

    provider: str
    event_id: str | None
    title: str | None
    channel: str | None
    publisher: str | None
    fields: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class CataloguedDataSource:
    """A data source as Splunk's security content names it; `note` tells of something odd in its definition."""

    name: str
    log: Log
    event_id: str | None
    fields: tuple[str, ...]
    note: str | None


_Row = list[str]  # publisher, channel, event id, title, fields, source, how often seen in recorded logs


class EventCatalogue:
    """Look-ups over kinds of events."""

    __slots__ = ("_data_sources", "_logs", "_rows_by_id", "_titles")

    def __init__(
        self, directory: LogDirectory, rows: list[_Row], titles: dict[tuple[str, str], str], data_sources: list[_Row]
    ) -> None:
        self._logs = directory
        self._titles = titles
        self._rows_by_id: dict[str, list[_Row]] = {}
        for row in rows:
            self._rows_by_id.setdefault(row[2], []).append(row)
        self._data_sources = {
            name.casefold(): CataloguedDataSource(
                name, directory.by_key(log), event_id or None, split_cell(fields), note or None
            )
            for name, log, event_id, fields, note in data_sources
        }

    @property
    def data_sources(self) -> tuple[CataloguedDataSource, ...]:
        """The data sources of Splunk's security content, by name."""
        return tuple(self._data_sources.values())

    def find(self, provider_or_channel: str, event_id: str | int) -> EventKind | None:
        """The kind of event of that id in a log named by display name, publisher, channel, source or alias; or None."""
        wanted = str(event_id).strip()
        log = self._logs.find(provider_or_channel)
        if log is not None:
            return self._in_log(log, wanted)
        name = without_windows_prefix(provider_or_channel.strip()).casefold()
        candidates = [
            row
            for row in self._rows_by_id.get(wanted, ())
            if name in (row[0].casefold(), row[1].casefold(), short_name(row[0]).casefold())
        ]
        return self._kind(max(candidates, key=_seen)) if candidates else None

    def describe(self, provider_or_channel: str, event_id: str | int) -> EventKind:
        """As `find`, but an event that we don't know gives one without title, under the display name of its log."""
        known = self.find(provider_or_channel, event_id)
        if known is not None:
            return known
        log = self._logs.from_sourcetype(provider_or_channel, None) or self._logs.find(provider_or_channel)
        return self._unlisted(log or channel_log(provider_or_channel), str(event_id).strip())

    def by_id(self, event_id: str | int) -> tuple[EventKind, ...]:
        """Every kind of event with that id: those of well-known logs first, then those most often seen in records."""
        wanted = str(event_id).strip()
        order = {log.key: place for place, log in enumerate(self._logs.logs)}

        def rank(row: _Row) -> tuple[int, int, str]:
            log = self._logs.of_event(row[0], row[1])
            return (order[log.key] if log else len(order), -_seen(row), row[0])

        kinds = [self._kind(row) for row in sorted(self._rows_by_id.get(wanted, ()), key=rank)]
        kinds += [self._of_data_source(one) for one in self._data_sources.values() if self._is_named(one, wanted)]
        return tuple(kinds)

    def of_log(self, name: str) -> tuple[EventKind, ...]:
        """Every kind of event of the log of that name, by id; none if the log is unknown."""
        log = self._logs.find(name)
        if log is None:
            return ()
        rows = [row for same_id in self._rows_by_id.values() for row in same_id if self._belongs(row, log)]
        kinds = [self._kind(row) for row in sorted(rows, key=lambda row: int(row[2]))]
        known = {kind.event_id for kind in kinds}
        kinds += [
            self._of_data_source(one)
            for one in self._data_sources.values()
            if one.log.key == log.key and one.event_id and one.event_id not in known
        ]
        return tuple(kinds)

    def from_data_source(self, name: str) -> tuple[EventKind, ...]:
        """What a data source of Splunk's security content stands for: a kind of event or several ("A AND B"), or none.

        A name that its list does not have is read as a log's name and event ids ("Windows Event Log Security 4728").
        """
        found: list[EventKind] = []
        for part in _AND.split(name.strip()):
            known = self._data_sources.get(part.casefold())
            if known is not None:
                found.append(self._of_data_source(known))
                continue
            log = self._logs.find(part)
            if log is not None:
                found.append(self.whole_log(log))
                continue
            found.extend(self._read_name(part))
        return tuple(dict.fromkeys(found))

    def from_sourcetype(self, source: str | None, sourcetype: str | None) -> Log | None:
        """The log that a Splunk source and sourcetype stand for; see `LogDirectory.from_sourcetype`."""
        return self._logs.from_sourcetype(source, sourcetype)

    def whole_log(self, log: Log) -> EventKind:
        """A kind of event that stands for everything in the log."""
        publisher = log.publisher if log.publisher != "*" else None
        return EventKind(log.name, None, None, log.channel, publisher, (), "rulescope")

    def _read_name(self, text: str) -> list[EventKind]:
        words = _WINDOWS.sub("", text).split(" ")
        for cut in range(len(words) - 1, 0, -1):
            head, tail = " ".join(words[:cut]), " ".join(words[cut:])
            log = self._logs.find(head) or self._logs.find(head.removesuffix(" EventID"))
            if log is not None:
                return [
                    self._in_log(log, event_id) or self._unlisted(log, event_id)
                    for event_id in (_IDS.split(tail) if log.family == "windows" else (tail,))
                ]
        return []

    def _is_named(self, source: CataloguedDataSource, event_id: str) -> bool:
        windows = source.log.family == "windows"
        return not windows and source.event_id is not None and source.event_id.casefold() == event_id.casefold()

    def _belongs(self, row: _Row, log: Log) -> bool:
        if log.publisher is None:
            return row[1] == log.channel and log.channel is not None
        return self._logs.of_event(row[0], row[1]) is log

    def _in_log(self, log: Log, event_id: str) -> EventKind | None:
        if log.like is not None:
            twin = self._in_log(self._logs.by_key(log.like), event_id)
            return twin and EventKind(
                log.name, event_id, twin.title, log.channel, log.publisher, twin.fields, twin.source
            )
        candidates = [row for row in self._rows_by_id.get(event_id, ()) if self._belongs(row, log)]
        if candidates:
            return self._kind(max(candidates, key=_seen))
        for one in self._data_sources.values():
            if one.log.key == log.key and one.event_id and one.event_id.casefold() == event_id.casefold():
                return self._of_data_source(one)
        title = self._titles.get((log.key, event_id))
        return self._unlisted(log, event_id) if title else None

    def _unlisted(self, log: Log, event_id: str) -> EventKind:
        publisher = log.publisher if log.publisher != "*" else None
        title = self._titles.get((log.key, event_id))
        return EventKind(log.name, event_id, title, log.channel, publisher, (), "rulescope")

    def _of_data_source(self, one: CataloguedDataSource) -> EventKind:
        if one.event_id is None:
            whole = self.whole_log(one.log)
            return EventKind(whole.provider, None, None, whole.channel, whole.publisher, one.fields, "security_content")
        if one.log.family == "windows" or one.log.like is not None:
            listed = [row for row in self._rows_by_id.get(one.event_id, ()) if self._belongs(row, one.log)]
            if listed:
                return self._kind(max(listed, key=_seen))
            if one.log.like is not None and (kind := self._in_log(one.log, one.event_id)) is not None:
                return kind
        publisher = one.log.publisher if one.log.publisher != "*" else None
        title = self._titles.get((one.log.key, one.event_id))
        return EventKind(one.log.name, one.event_id, title, one.log.channel, publisher, one.fields, "security_content")

    def _kind(self, row: _Row) -> EventKind:
        publisher, channel, event_id, title, fields, source, _ = row
        log = self._logs.of_event(publisher, channel)
        curated = self._titles.get((log.key, event_id)) if log else None
        return EventKind(
            provider=log.name if log else short_name(publisher),
            event_id=event_id,
            title=curated or title or None,
            channel=channel or (log.channel if log else None),
            publisher=publisher,
            fields=split_cell(fields),
            source=source,
        )


def _seen(row: _Row) -> int:
    return int(row[6])


@cache
def events() -> EventCatalogue:
    """The catalogue as shipped."""
    titles = {(log, event_id): title for log, event_id, title in load_rows("event_titles.csv")}
    return EventCatalogue(logs(), list(load_rows("windows_events.csv")), titles, list(load_rows("data_sources.csv")))
