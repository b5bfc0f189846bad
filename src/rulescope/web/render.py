"""Pages: a model in, HTML out. Nothing here reads or writes files other than the templates."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from rulescope.api.models import (
    EventPage,
    FieldPage,
    FieldRow,
    MacroPage,
    MacroRow,
    Overview,
    ProviderPage,
    RepositoryPage,
    RuleLink,
    RulePage,
    Sharing,
    TacticPage,
    TechniqueMatrix,
    TechniquePage,
)
from rulescope.web.fragments import RuleRows, code
from rulescope.web.groups import by_folder, heat
from rulescope.web.links import Links, Site
from rulescope.web.rule_view import rule_view
from rulescope.web.text import MOST_ROWS, visible, web_address

TEMPLATES = Path(__file__).parent / "templates"


def _output(value: object) -> object:
    """What a template prints for a value: nothing for None, texts without anything invisible (and escaped after)."""
    if value is None:
        return ""
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value)
    return value


def _number(value: int) -> str:
    return f"{value:,}"


def _counted(value: int, one: str, several: str) -> str:
    """A number with what it counts: `1 | counted("rule", "rules")`."""
    return f"{value:,} {one if value == 1 else several}"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_output,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["code"] = code
    environment.filters["counted"] = _counted
    environment.filters["number"] = _number
    environment.filters["web_address"] = web_address
    environment.globals.update(heat=heat, most_rows=MOST_ROWS)
    return environment


class Renderer:
    """Renders the pages of one site. Pages lie in folders below the site's start, but for those with a plain name."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._environment = _environment()
        self._templates: dict[str, Template] = {}
        self._top = Links(site, "")
        self._below = Links(site, "../")

    @cached_property
    def _rows(self) -> RuleRows:
        return RuleRows(self._below)

    @cached_property
    def _top_rows(self) -> RuleRows:
        return RuleRows(self._top)

    def _page(self, template: str, path: str, title: str, **values: object) -> str:
        made = self._templates.get(template)
        if made is None:
            made = self._templates[template] = self._environment.get_template(template)
        is_top = "/" not in path
        folder = "" if is_top else path.partition("/")[0]
        return made.render(
            path=path,
            section=folder,
            title=title,
            root="" if is_top else "../",
            json_name=path.rpartition("/")[2].removesuffix(".html") + ".json",
            links=self._top if is_top else self._below,
            rule_rows=self._top_rows if is_top else self._rows,
            site=self.site,
            **values,
        )

    def start(self, overview: Overview) -> str:
        """The start page."""
        return self._page("start.html", "index.html", "Rulescope", overview=overview)

    def search(self) -> str:
        """The page that searches, once its scripts run."""
        return self._page("search.html", "search.html", "Search")

    def problems(self, overview: Overview, rules: tuple[RuleLink, ...]) -> str:
        """The rules that were not understood wholly, and what of the files was passed over."""
        return self._page(
            "problems.html", "problems.html", "Rules not understood wholly", overview=overview, rules=rules
        )

    def rule(self, page: RulePage) -> str:
        """A rule."""
        return self._page("rule.html", f"rules/{page.slug}.html", page.info.title, page=page, view=rule_view(page))

    def sharing(self, found: Sharing) -> str:
        """What rules in different languages have in common."""
        return self._page("sharing.html", "sharing.html", "Across languages", sharing=found)

    def repositories(self, overview: Overview) -> str:
        """The list of repositories."""
        return self._page("repositories.html", "repositories/index.html", "Repositories", overview=overview)

    def repository(self, page: RepositoryPage) -> str:
        """A repository's rules by folder."""
        path = f"repositories/{page.repository.slug}.html"
        return self._page("repository.html", path, page.repository.name, page=page, folders=by_folder(page))

    def matrix(self, matrix: TechniqueMatrix) -> str:
        """ATT&CK with counts."""
        return self._page("matrix.html", "techniques/index.html", "ATT&CK coverage", matrix=matrix)

    def tactic(self, page: TacticPage) -> str:
        """A tactic."""
        return self._page("tactic.html", f"tactics/{page.slug}.html", page.tactic, page=page)

    def technique(self, page: TechniquePage) -> str:
        """A technique."""
        title = f"{page.technique_id} {page.technique or ''}".strip()
        return self._page("technique.html", f"techniques/{page.technique_id}.html", title, page=page)

    def events(self, providers: tuple[ProviderPage, ...]) -> str:
        """The list of kinds of events by provider."""
        return self._page("events.html", "events/index.html", "Events", providers=providers)

    def provider(self, page: ProviderPage) -> str:
        """A provider."""
        return self._page("provider.html", f"providers/{page.slug}.html", page.provider, page=page)

    def event(self, page: EventPage) -> str:
        """A kind of event."""
        event = page.event
        title = " ".join(part for part in (event.provider, event.event_id) if part)
        return self._page("event.html", f"events/{event.slug}.html", title, page=page, heading=title)

    def macros(self, rows: tuple[MacroRow, ...]) -> str:
        """The list of macros."""
        ordered = sorted(rows, key=lambda row: (-row.rules, row.name))
        missing = [row for row in ordered if not row.known]
        known = [row for row in ordered if row.known]
        return self._page("macros.html", "macros/index.html", "Macros", missing=missing, known=known)

    def macro(self, page: MacroPage) -> str:
        """A macro."""
        return self._page("macro.html", f"macros/{page.macro.slug}.html", page.macro.name, page=page)

    def fields(self, rows: tuple[FieldRow, ...]) -> str:
        """The list of fields."""
        ordered = sorted(rows, key=lambda row: (-row.rules, row.name))
        return self._page("fields.html", "fields/index.html", "Fields", rows=ordered)

    def field(self, page: FieldPage) -> str:
        """A field and the values looked for in it."""
        return self._page("field.html", f"fields/{page.field.slug}.html", page.field.name, page=page)
