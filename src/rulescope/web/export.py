"""Writes the site of a catalogue: every page as HTML and as JSON, and what the search in the browser needs."""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from rulescope import __version__
from rulescope.api import pages
from rulescope.api.json_form import encode_json
from rulescope.api.rules import rule_page
from rulescope.api.sharing import sharing
from rulescope.api.techniques import tactic_pages, technique_matrix, technique_pages
from rulescope.api.view import CatalogView, open_view
from rulescope.web.documents import rule_document
from rulescope.web.links import Site, has_technique_page
from rulescope.web.output import (
    SiteFolder,
    is_whole,
    open_folder,
    remove_files,
    write_manifest,
)
from rulescope.web.render import Renderer
from rulescope.web.search_index import search_files

Progress = Callable[[int, int], None]
"""Told how many pages are done, out of how many."""

Files = dict[str, int]
"""Files written, with their sizes."""

STATIC = Path(__file__).parent / "static"

CHUNK = 40
"""Rules that a worker renders at a time."""

MOST_PROCESSES = 8


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export did: files of the site, and whether anything had to be made anew."""

    changed: bool
    files: int


def export_site(
    catalog: Path, out: Path, progress: Progress | None = None, processes: int | None = None
) -> ExportReport:
    """Writes the site of the catalogue at `catalog` into the folder `out`.

    Files that would not change are left as they are, and so is the whole site where neither the catalogue nor
    Rulescope has changed. Files in the folder that are not of the site stay; those of the site that it no longer has
    are removed. Raises `NotFoundError`, `CatalogError`, and `InputError` where `out` is a folder of something else.
    """
    tell = progress or (lambda done, total: None)
    made_from = _fingerprint(catalog)
    with open_view(catalog) as view:
        folder, before = open_folder(out)
        if is_whole(folder, before, made_from):
            return ExportReport(False, len(before.files))
        write_manifest(folder, "", before.files)
        slugs = [link.slug for link in view.all_links()]
        site = site_of(view)
    total = len(slugs)
    workers = processes or _available()
    tasks: list[_Task] = ["search", "lists"]
    tasks.extend(slugs[start : start + CHUNK] for start in range(0, total, CHUNK))
    files: Files = {}
    done = 0
    tell(0, total)
    for task, written in _spread(tasks, workers if total > CHUNK else 1, catalog, folder, site):
        files.update(written)
        if not isinstance(task, str):
            done += len(task)
            tell(done, total)
    files.update(_write_static(folder))
    remove_files(folder, before.files.keys() - files.keys())
    write_manifest(folder, made_from, files)
    return ExportReport(True, len(files))


def site_of(view: CatalogView) -> Site:
    """Which pages a catalogue's site has."""
    events = pages.providers(view)
    return Site(
        version=__version__,
        rules=frozenset(link.slug for link in view.all_links()),
        repositories=frozenset(row.slug for row in pages.repositories(view)),
        techniques=frozenset(
            page.technique_id for page in technique_pages(view) if has_technique_page(page.technique_id)
        ),
        tactics=tuple((page.tactic, page.slug) for page in tactic_pages(view)),
        events=frozenset(event.slug for page in events for event in page.events),
        providers=frozenset(page.slug for page in events),
        macros=frozenset(row.slug for row in pages.macros(view)),
        fields=frozenset(row.slug for row in pages.fields(view)),
        unread_languages=frozenset(pages.overview(view).unread_languages),
    )


_Task = str | Sequence[str]


class _Worker:
    """One process's share of an export."""

    def __init__(self, catalog: Path, folder: SiteFolder, site: Site) -> None:
        self.view = open_view(catalog)
        self._folder = folder
        self._site = site
        self._renderer = Renderer(site)
        self._files: Files = {}

    def run(self, task: _Task) -> tuple[_Task, Files]:
        """Does a task, and says what it wrote."""
        self._files = {}
        if task == "search":
            for name, content in search_files(pages.search_documents(self.view), self._site.unread_languages):
                self._files[name] = self._folder.write(name, content)
            self._html("search", self._renderer.search())
        elif task == "lists":
            self._lists()
        else:
            for slug in task:
                page = rule_page(self.view, slug)
                self._html(f"rules/{slug}", self._renderer.rule(page))
                self._json(f"rules/{slug}", rule_document(page))
        return task, self._files

    def close(self) -> None:
        self.view.close()

    def _html(self, name: str, text: str) -> None:
        self._files[f"{name}.html"] = self._folder.write(f"{name}.html", text.encode("utf-8", "replace"))

    def _json(self, name: str, value: object) -> None:
        self._files[f"{name}.json"] = self._folder.write(f"{name}.json", encode_json(value) + b"\n")

    def _both(self, name: str, html: str, value: object) -> None:
        self._html(name, html)
        self._json(name, value)

    def _lists(self) -> None:
        view, render = self.view, self._renderer
        overview = pages.overview(view)
        self._both("index", render.start(overview), overview)
        unfinished = tuple(link for link in view.all_links() if link.parse != "full")
        problems = {"rules": unfinished, "passed_over": overview.passed_over}
        self._both("problems", render.problems(overview, unfinished), problems)
        found = sharing(view)
        self._both("sharing", render.sharing(found), found)
        self._both("repositories/index", render.repositories(overview), overview.repositories)
        for row in overview.repositories:
            repository = pages.repository_page(view, row.slug)
            self._both(f"repositories/{row.slug}", render.repository(repository), repository)
        matrix = technique_matrix(view)
        self._both("techniques/index", render.matrix(matrix), matrix)
        for tactic in tactic_pages(view):
            self._both(f"tactics/{tactic.slug}", render.tactic(tactic), tactic)
        for technique in technique_pages(view):
            if has_technique_page(technique.technique_id):
                self._both(f"techniques/{technique.technique_id}", render.technique(technique), technique)
        self._events()
        macros = pages.macros(view)
        self._both("macros/index", render.macros(macros), macros)
        for macro in macros:
            page = pages.macro_page(view, macro.slug)
            self._both(f"macros/{macro.slug}", render.macro(page), page)
        fields = pages.fields(view)
        self._both("fields/index", render.fields(fields), fields)
        for field in pages.field_pages(view):
            self._both(f"fields/{field.field.slug}", render.field(field), field)

    def _events(self) -> None:
        view, render = self.view, self._renderer
        providers = pages.providers(view)
        self._both("events/index", render.events(providers), pages.events(view))
        for provider in providers:
            self._both(f"providers/{provider.slug}", render.provider(provider), provider)
        for event in pages.event_pages(view):
            self._both(f"events/{event.event.slug}", render.event(event), event)


_worker: _Worker | None = None


def _begin(catalog: Path, folder: SiteFolder, site: Site) -> None:
    """Keeps what a worker process needs for all its tasks: a process pool has no other way to hand it over once."""
    global _worker
    # A worker lives for some seconds and makes texts and trees without cycles: collecting would only walk them.
    gc.disable()
    _worker = _Worker(catalog, folder, site)


def _run(task: _Task) -> tuple[_Task, Files]:
    assert _worker is not None
    return _worker.run(task)


def _spread(
    tasks: Sequence[_Task], processes: int, catalog: Path, folder: SiteFolder, site: Site
) -> Iterator[tuple[_Task, Files]]:
    if processes < 2:
        with closing(_Worker(catalog, folder, site)) as worker:
            yield from map(worker.run, tasks)
        return
    # A fork has all modules at hand at once, but a fork of a process with threads may hang: there, and where there is
    # no fork, workers start afresh.
    can_fork = "fork" in multiprocessing.get_all_start_methods() and threading.active_count() == 1
    context = multiprocessing.get_context("fork" if can_fork else "spawn")
    with context.Pool(processes, _begin, (catalog, folder, site)) as pool:
        yield from pool.imap_unordered(_run, tasks)


def _write_static(folder: SiteFolder) -> Files:
    return {
        f"static/{path.relative_to(STATIC).as_posix()}": folder.write(
            f"static/{path.relative_to(STATIC).as_posix()}", path.read_bytes()
        )
        for path in sorted(STATIC.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def _fingerprint(catalog: Path) -> str:
    """A hash over the catalogue and all code that makes pages of it: an export of the same has nothing to do."""
    total = blake2b(__version__.encode(), digest_size=16)
    here = Path(__file__).parent
    own = (path for room in (here, here.parent / "api") for path in room.rglob("*"))
    for path in sorted(path for path in own if path.is_file() and path.suffix != ".pyc"):
        total.update(path.relative_to(here.parent).as_posix().encode() + b"\0" + path.read_bytes())
    try:
        with catalog.open("rb") as stream:
            while block := stream.read(1 << 20):
                total.update(block)
    except OSError:
        return ""
    return total.hexdigest()


def _available() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, MOST_PROCESSES))
