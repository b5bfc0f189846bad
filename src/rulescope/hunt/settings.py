"""What a user may set for searches and runs, and how it becomes what the engine takes."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rulescope.engines.options import Order
from rulescope.errors import Refusal, UsageError, missing_path

if TYPE_CHECKING:
    from rulescope.engines.sql.context import Options
    from rulescope.hunt.address_places import PlaceFile
    from rulescope.knowledge import FieldRule


@dataclass(frozen=True, slots=True)
class Settings:
    """How searches are to be read and bounded, and what the user knows beside what is shipped.

    now, earliest, latest  as in a search: epoch seconds, `-24h@h`, a date; `now` None is the clock's. With `now` alone,
                  the time ranges that rules' files give to their runs hold, as of then.
    time_zone     IANA name for times that are printed, parsed or cut to days.
    order         the order in which SPL takes events: newest first, or as the logs have them.
    macros        files of macros, the first file first.
    lookups       folders (or files) of CSV tables.
    fields        a TOML file of fields and how they are computed.
    geo_database  a database in MaxMind's format for `iplocation`.
    rows          how many result rows a search may give (0: no bound).
    seconds       how long one search or rule may take (0: no bound).
    cache         a folder that keeps large loads for the next time.
    apart         rules run in processes of their own however few they are: one that brings its process down costs only
                  itself.
    """

    now: str | None = None
    earliest: str | None = None
    latest: str | None = None
    time_zone: str = "UTC"
    order: Order = "newest"
    macros: tuple[Path, ...] = ()
    lookups: tuple[Path, ...] = ()
    fields: Path | None = None
    geo_database: Path | None = None
    rows: int = 100_000
    seconds: float = 60.0
    cache: Path | None = None
    apart: bool = False


def check_settings(settings: Settings) -> None:
    """Raises `InputError` for settings that can't be used: no times, files that are not there or not what they should
    be. For use before logs are read, which can take a while."""
    options_of(settings)
    user_fields(settings)
    check_lookups(settings.lookups)
    place_file(settings)


def check_lookups(folders: Iterable[Path]) -> None:
    """Raises `NotFoundError` for a folder of lookup tables that isn't there."""
    for folder in folders:
        if not folder.exists():
            raise missing_path(folder, what="lookup folder")


def options_of(settings: Settings) -> Options:
    """The settings as the compiler takes them. Raises `InputError` for what is no time or time zone."""
    from rulescope.engines.sql.context import Options
    from rulescope.engines.sql.times import zone

    zone(settings.time_zone)
    clock = Options(now=time.time(), time_zone=settings.time_zone)
    now = _time(settings.now, clock) if settings.now is not None else None
    base = Options(now=clock.now if now is None else now, time_zone=settings.time_zone)
    return Options(
        now=base.now,
        time_zone=base.time_zone,
        earliest=_time(settings.earliest, base) if settings.earliest is not None else None,
        latest=_time(settings.latest, base) if settings.latest is not None else None,
        scheduled=settings.now is not None and settings.earliest is None and settings.latest is None,
        order=settings.order,
    )


def _time(text: str, options: Options) -> float | None:
    from rulescope.engines.sql.times import instant_of
    from rulescope.languages.spl.times import written_time

    try:
        return instant_of(written_time(text), options)
    except Refusal as error:
        raise UsageError(
            error.message, hint="times are epoch seconds, -24h@h, now, 2024-05-01 or 2024-05-01T12:00:00"
        ) from error


def place_file(settings: Settings) -> PlaceFile | None:
    """Where addresses are, as the user's file says; None where there is no file."""
    if settings.geo_database is None:
        return None
    from rulescope.hunt.address_places import PlaceFile

    return PlaceFile(settings.geo_database)


def user_fields(settings: Settings) -> tuple[FieldRule, ...]:
    """The fields of the user's file; none where there is no file."""
    if settings.fields is None:
        return ()
    from rulescope.hunt.user_fields import load_fields

    return load_fields(settings.fields)
