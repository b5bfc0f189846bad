"""The logs that rules name: channels, sources and sourcetypes, and what detection engineers call them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from rulescope.knowledge.tables import load_rows, split_cell

WINDOWS = "windows"
"""The key of the log that stands for all Windows event logs."""

EVERY_LOG = "*"
"""The key of the log that stands for all events, in rules of users."""

WINDOWS_PREFIXES = ("xmlwineventlog:", "wineventlog:")


@dataclass(frozen=True, slots=True)
class Log:
    """A log. `name` is what people call it ("Sysmon", "Windows Security"); `key` names it in our data files.

    `publisher` and `channel` are those of a Windows event log ("*" publisher: whoever writes to the channel; None: does
    not apply). `family` is the key of the log that stands for its like (`windows`). `sources` and `sourcetypes` are
    Splunk's, in lower case; those of a Windows log follow from its channel (`xmlwineventlog:security`), and are
    included. `like` is the key of the log whose events and fields it shares. `id_field` is the raw field that tells
    its kinds of events apart.
    """

    key: str
    name: str
    publisher: str | None
    channel: str | None
    family: str | None
    like: str | None
    id_field: str | None
    sources: tuple[str, ...]
    sourcetypes: tuple[str, ...]

    def holds(self, publisher: str | None, channel: str | None, sourcetype: str | None) -> bool:
        """Whether an event of that Windows publisher and channel, or of that sourcetype, is one of this log."""
        if self.key == EVERY_LOG:
            return True
        if self.publisher and self.publisher != "*":
            return publisher == self.publisher
        if self.channel:
            return channel == self.channel
        if self.key == WINDOWS:
            return channel is not None
        return sourcetype is not None and sourcetype.casefold() in self.sourcetypes


class LogDirectory:
    """Finds logs by any of their names; case does not matter."""

    __slots__ = ("_by_key", "_by_name", "_by_owned_channel", "_by_publisher", "_by_source", "_by_sourcetype")

    def __init__(self, logs: tuple[Log, ...], aliases: dict[str, tuple[str, ...]]) -> None:
        self._by_key = {log.key: log for log in logs}
        self._by_name: dict[str, Log] = {}
        self._by_source: dict[str, Log] = {}
        self._by_sourcetype: dict[str, Log] = {}
        self._by_owned_channel = {log.channel: log for log in logs if log.publisher == "*"}
        self._by_publisher = {log.publisher: log for log in logs if log.publisher}
        for log in logs:
            named = (log.name, log.publisher or "", *aliases[log.key])
            for name in (*named, log.channel if log.publisher or log.key in ("system", "application") else None):
                if name and name != "*":
                    self._by_name.setdefault(name.casefold(), log)
            for source in log.sources:
                self._by_source.setdefault(source, log)
            for sourcetype in log.sourcetypes:
                self._by_sourcetype.setdefault(sourcetype, log)

    @property
    def logs(self) -> tuple[Log, ...]:
        """All logs, those most written about first."""
        return tuple(self._by_key.values())

    def by_key(self, key: str) -> Log:
        """The log of that key in our data files; raises KeyError for another."""
        return self._by_key[key]

    def find(self, name: str) -> Log | None:
        """The log by name, channel, publisher, source, sourcetype or alias (`XmlWinEventLog:` may precede); or None."""
        folded = name.strip().casefold()
        found = self._by_source.get(folded) or self._by_name.get(folded) or self._by_sourcetype.get(folded)
        if found is not None:
            return found
        bare = without_windows_prefix(folded)
        return self._by_name.get(bare) if bare != folded else None

    def from_sourcetype(self, source: str | None, sourcetype: str | None) -> Log | None:
        """The log that a Splunk source and sourcetype stand for, the source being the more telling; None if unknown.

        A Windows channel that is not listed gives a log of its own, named after the channel.
        """
        for text in (source, sourcetype):
            if text and (found := self._by_source.get(text.strip().casefold())) is not None:
                return found
        for text in (source, sourcetype):
            if not text:
                continue
            channel = text.strip()
            bare = without_windows_prefix(channel)
            if bare != channel and bare:
                return self._by_name.get(bare.casefold()) or channel_log(bare)
        if sourcetype:
            return self._by_sourcetype.get(sourcetype.strip().casefold())
        return None

    def of_event(self, publisher: str, channel: str) -> Log | None:
        """The listed log that an event of that Windows publisher and channel belongs to; None if there is none."""
        return self._by_owned_channel.get(channel) or self._by_publisher.get(publisher)


@lru_cache(maxsize=4096)
def publisher_of(channel: str) -> str | None:
    """The publisher that alone writes to a channel which is named after it (`Microsoft-Windows-Sysmon/Operational`), as
    far as the logs that are listed have it; None for others."""
    name = channel.partition("/")[0]
    found = logs().of_event(name, channel)
    return name if found is not None and found.publisher == name else None


@lru_cache(maxsize=4096)
def channel_written_by(publisher: str) -> str | None:
    """The channel of a listed log that holds what a publisher writes for operators; None for others, among them those
    that write to several (`Microsoft-Windows-Eventlog`)."""
    if publisher in _ONE_CHANNEL:
        return _ONE_CHANNEL[publisher]
    operational = f"{publisher}/Operational"
    found = logs().of_event(publisher, operational)
    return operational if found is not None and found.channel == operational else None


def without_windows_prefix(text: str) -> str:
    """The channel of a source such as `XmlWinEventLog:Security`; other text unchanged."""
    for prefix in WINDOWS_PREFIXES:
        if text[: len(prefix)].casefold() == prefix:
            return text[len(prefix) :]
    return text


def short_name(publisher_or_channel: str) -> str:
    """A publisher or channel as people say it: without `Microsoft-Windows-` and `/Operational`."""
    return publisher_or_channel.removeprefix("Microsoft-Windows-").removesuffix("/Operational")


def channel_log(channel: str) -> Log:
    """A log for a Windows channel that is not in our list."""
    return Log(
        key=f"channel:{channel}",
        name=short_name(channel),
        publisher=None,
        channel=channel,
        family="windows",
        like=None,
        id_field="EventID",
        sources=tuple(prefix + channel.casefold() for prefix in WINDOWS_PREFIXES),
        sourcetypes=(),
    )


@cache
def every_log() -> Log:
    """The log that stands for all events."""
    return Log(EVERY_LOG, "every log", None, None, None, None, None, (), ())


@cache
def logs() -> LogDirectory:
    """The directory of logs as shipped."""
    found: list[Log] = []
    aliases: dict[str, tuple[str, ...]] = {}
    for row in load_rows("logs.csv"):
        key, name, publisher, channel, family, like, id_field, sources, sourcetypes, other_names = row
        implied = (
            tuple(prefix + channel.casefold() for prefix in WINDOWS_PREFIXES) if channel and family == "windows" else ()
        )
        owns_channel = publisher or key in ("system", "application")
        found.append(
            Log(
                key=key,
                name=name,
                publisher=publisher or None,
                channel=channel or None,
                family=family or None,
                like=like or None,
                id_field=id_field or None,
                sources=(*(implied if owns_channel and key not in _GUESTS else ()), *split_cell(sources.casefold())),
                sourcetypes=(
                    *(implied if owns_channel and key not in _GUESTS else ()),
                    *split_cell(sourcetypes.casefold()),
                ),
            )
        )
        aliases[key] = split_cell(other_names)
    return LogDirectory(tuple(found), aliases)


GENERAL_SOURCETYPES = ("_json", "csv", "json", "json_no_timestamp", "text", "txt")
"""Sourcetypes that tell a format only."""


@cache
def known_sourcetypes() -> tuple[str, ...]:
    """The sourcetypes of all logs as shipped, in lower case."""
    return tuple(sorted({sourcetype for log in logs().logs for sourcetype in log.sourcetypes}))


def is_known_sourcetype(sourcetype: str | None) -> bool:
    """Whether a sourcetype is that of a log as shipped, or of a Windows channel."""
    if sourcetype is None:
        return False
    folded = sourcetype.casefold()
    return folded in _known_sourcetypes() or without_windows_prefix(folded) != folded


def is_labelled(provider: str | None, channel: str | None, sourcetype: str | None) -> bool:
    """Whether an event with these tells which log it is from."""
    return provider is not None or channel is not None or (sourcetype or "").lower() in _known_sourcetypes()


@cache
def _known_sourcetypes() -> frozenset[str]:
    return frozenset(known_sourcetypes())


_ONE_CHANNEL = {"Microsoft-Windows-Security-Auditing": "Security", "PowerShell": "Windows PowerShell"}
"""Publishers whose only channel bears another name (`wevtutil gp`)."""

_GUESTS = frozenset({"service_control_manager", "windows_eventlog", "msi_installer"})
"""Publishers that write to a channel which is not theirs alone: its source does not point to them."""
