"""A real browser over sites that a small server and the disk hold."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from site_samples import build_hostile_site, build_site

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@dataclass
class Watched:
    """A page, with everything that it said to the console and asked of the network."""

    page: Any
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A browser found on this machine, or at RULESCOPE_CHROMIUM."""
    found = os.environ.get("RULESCOPE_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is on the PATH, and RULESCOPE_CHROMIUM is not set")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Path:
    """A folder with the sites `samples/site` and `hostile/site`."""
    folder = tmp_path_factory.mktemp("sites")
    for name in ("samples", "hostile"):
        (folder / name).mkdir()
    build_site(folder / "samples", [project / "samples" / "rules"])
    build_hostile_site(folder / "hostile")
    return folder


@pytest.fixture(scope="session")
def server(sites: Path) -> Iterator[str]:
    """The address of a server of that folder: sites lie below its root, as they may anywhere."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(sites))) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@pytest.fixture
def open_page(browser: Any, server: str) -> Iterator[Any]:
    """Opens a page of the site; with other options, in a context of its own. Requests to elsewhere are refused."""
    contexts: list[Any] = []
    opened: list[Watched] = []

    def start(address: str = "", **options: Any) -> Watched:
        context = browser.new_context(**options)
        contexts.append(context)
        watched = Watched(context.new_page())
        opened.append(watched)

        def route(route: Any) -> None:
            watched.requests.append(route.request.url)
            if route.request.url.startswith((server, "file:")):
                route.continue_()
            else:
                route.abort()

        context.route("**/*", route)
        watched.page.on("console", lambda said: watched.errors.append(said.text) if said.type == "error" else None)
        watched.page.on("pageerror", lambda error: watched.errors.append(str(error)))
        watched.page.on("dialog", lambda dialog: (watched.errors.append(dialog.message), dialog.dismiss()))
        watched.page.goto(address if ":" in address else f"{server}/{address}")
        return watched

    yield start
    for context in contexts:
        context.close()
    for watched in opened:
        assert watched.errors == []
        assert [url for url in watched.requests if not url.startswith((server, "file:"))] == []
