"""Browsers on the real server: each module has a server of its own, on its own copy of the demonstration.

`new_page(width=…, scripts=…, theme=…, who=…)` opens a window; when the test ends, its watch must be clean. A test of
what goes wrong on purpose takes it off its list: `watch_of(page).policy.clear()`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from app.core.postgres.cluster import Cluster
from app.features.demonstration.accounts import demonstration_password
from app.settings import Settings
from tests.e2e.browsing import Watch, browser_of, context_options, sign_in
from tests.e2e.demonstration import loaded, new_database
from tests.e2e.serving import Served, serve

NewPage = Callable[..., Page]
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The servers' folder: the demonstration's password, mails."""
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="session")
def demonstration(cluster: Cluster, folder: Path) -> Iterator[str]:
    """A database that holds the demonstration, to be copied: loading it takes seconds, a copy none."""
    name = f"e2e_template_{WORKER}"
    with loaded(cluster, name, folder):
        yield name


@pytest.fixture(scope="module")
def served(
    cluster: Cluster,
    demonstration: str,
    folder: Path,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """The module's server."""
    name = f"e2e_{request.module.__name__.rpartition('.')[2]}_{WORKER}"[:60]
    urls = new_database(cluster, name, demonstration)
    password, _ = demonstration_password(Settings(_env_file=None, folder=folder))
    with serve(urls, folder, password, log=tmp_path_factory.mktemp("log") / "server.log") as server:
        yield server
    cluster.drop_database(name)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run."""
    with sync_playwright() as playwright, browser_of(playwright) as browser:
        yield browser


@pytest.fixture
def watches() -> dict[Page, Watch]:
    """Of each page that the test opened."""
    return {}


@pytest.fixture
def watch_of(watches: dict[Page, Watch]) -> Callable[[Page], Watch]:
    """The watch of a page of `new_page`."""
    return lambda page: watches[page]


@pytest.fixture
def new_page(browser: Browser, served: Served, watches: dict[Page, Watch]) -> Iterator[NewPage]:
    """Open a window of its own, `who` signed in (a visitor's without); options as in `context_options`."""
    contexts = []

    def opened(*, who: str = "", **options: Any) -> Page:
        context = browser.new_context(**context_options(served.base, **options))
        contexts.append(context)
        watch = Watch(served.base)
        watch.follow(context, scripts=options.get("scripts", True))
        page = context.new_page()
        watches[page] = watch
        if who:
            sign_in(page, who, served.password)
        return page

    yield opened
    for context in contexts:
        context.close()
    for watch in watches.values():
        watch.assert_clean()
