"""Where each page lies in the site, and what other pages call it.

All addresses are relative, so that the site works from any folder of any server and from a disk.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rulescope.api.models import JOB_LANGUAGE

_TECHNIQUE = re.compile(r"T\d{4}(?:\.\d{3})?")


@dataclass(frozen=True, slots=True)
class Site:
    """Which pages there are, by slug: links lead only to these. `version` is Rulescope's.

    Rules in `unread_languages` are listed, and shown as not yet read rather than as failed.
    """

    version: str
    rules: frozenset[str] = frozenset()
    repositories: frozenset[str] = frozenset()
    techniques: frozenset[str] = frozenset()
    tactics: tuple[tuple[str, str], ...] = ()
    events: frozenset[str] = frozenset()
    providers: frozenset[str] = frozenset()
    macros: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    unread_languages: frozenset[str] = frozenset()

    def status(self, language: str, parse: str) -> str:
        """How far a rule was understood: `full`, `partial`, `failed`, `unread`, or `job` where it names but one."""
        if language == JOB_LANGUAGE:
            return "job"
        return "unread" if parse == "failed" and language in self.unread_languages else parse

    def tactic_slug(self, tactic: str) -> str | None:
        """The slug of the page of a tactic of that name, if there is one."""
        return next((slug for name, slug in self.tactics if name == tactic), None)


def has_technique_page(technique_id: str) -> bool:
    """Whether the identifier has ATT&CK's form; anything else a rule may say is no safe file name."""
    return _TECHNIQUE.fullmatch(technique_id) is not None


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses of pages as seen from a page that lies `root` (empty, or `../`) below the site's start."""

    site: Site
    root: str

    def rule(self, slug: str) -> str | None:
        """A rule's page."""
        return self._page("rules", slug, slug in self.site.rules)

    def repository(self, slug: str) -> str | None:
        """A repository's page."""
        return self._page("repositories", slug, slug in self.site.repositories)

    def technique(self, technique_id: str | None) -> str | None:
        """A technique's page."""
        return self._page("techniques", technique_id or "", technique_id in self.site.techniques)

    def tactic(self, tactic: str) -> str | None:
        """The page of the tactic of that name."""
        slug = self.site.tactic_slug(tactic)
        return self._page("tactics", slug or "", slug is not None)

    def event(self, slug: str) -> str | None:
        """The page of a kind of event."""
        return self._page("events", slug, slug in self.site.events)

    def provider(self, slug: str) -> str | None:
        """The page of a source of events."""
        return self._page("providers", slug, slug in self.site.providers)

    def macro(self, slug: str) -> str | None:
        """A macro's page."""
        return self._page("macros", slug, slug in self.site.macros)

    def field(self, slug: str, anchor: str = "") -> str | None:
        """A field's page, at the value of that anchor if one is given."""
        page = self._page("fields", slug, slug in self.site.fields)
        return f"{page}#{anchor}" if page and anchor else page

    def _page(self, folder: str, name: str, is_there: bool) -> str | None:
        return f"{self.root}{folder}/{name}.html" if is_there else None
