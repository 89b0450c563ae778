"""The browser's side: what each reading screen weighs, how soon its largest part is painted, what moves under the reader.

Largest contentful paint and layout shift are read from the browser's own observers, on a cold cache; the slowed figures
with the processor held back four times, as a phone's.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console

from app.core.db import Database, driver_address
from app.core.migrations import upgrade
from app.core.postgres.cluster import Cluster, Urls
from app.core.postgres.roles import APP, OWNER
from app.features.demonstration.accounts import demonstration_password
from app.features.demonstration.consultation import consult
from app.features.demonstration.consultation.pilot import EMAIL
from app.settings import Settings
from tests.e2e.browsing import browser_of, bytes_of, sign_in
from tests.e2e.serving import Served, serve

GOALS = {"kb": 60.0, "requests": 12.0, "third_party": 0.0, "lcp_ms": 400.0, "lcp_slow_ms": 1200.0, "shift": 0.02}
TIMES, SLOWER = 5, 4
WATCH = """
window.__lcp = 0; window.__shift = 0;
new PerformanceObserver((list) => { for (const e of list.getEntries()) window.__lcp = e.startTime; })
  .observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.__shift += e.value; })
  .observe({ type: "layout-shift", buffered: true });
"""


def measure(cluster: Cluster, data: Path, folder: Path, out: Console) -> list[dict[str, Any]]:
    """A row for each reading screen of the imported consultation."""
    name = "bench_consultation"
    urls = Urls(owner=cluster.url(OWNER, name), app=cluster.url(APP, name))
    cluster.drop_database(name)
    cluster.create_database(name)
    upgrade(urls.owner, urls.app)
    home = (folder / "consultation").resolve()
    home.mkdir(parents=True, exist_ok=True)
    settings = Settings(_env_file=None, DATABASE_URL=urls.app, DATABASE_OWNER_URL=urls.owner, folder=home)

    async def bring_in() -> None:
        database = Database(urls.app, pool_size=4)
        await consult(database, settings, data, home / "edition", lambda _what: None)
        await database.close()

    with out.status("Importing the consultation…"), ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, bring_in()).result()
    password = demonstration_password(settings)[0]
    with (
        serve(urls, home, password, log=folder / "pages-server.log") as served,
        sync_playwright() as playwright,
        browser_of(playwright) as browser,
    ):
        return [_row(browser, served, *each) for each in screens(urls)]


def screens(urls: Urls) -> list[tuple[str, str]]:
    """Name and address of each reading screen."""
    with psycopg.connect(driver_address(urls.owner)) as db:

        def one(question: str) -> str:
            row = db.execute(question).fetchone()
            return str(row[0]) if row else ""

        initiative = one("SELECT id FROM initiatives ORDER BY created_at DESC LIMIT 1")
        space = one("SELECT space_id FROM statements GROUP BY space_id ORDER BY count(*) DESC LIMIT 1")
        contribution = one(
            "SELECT id FROM statements WHERE type = 'contribution' AND state = 'published' "
            "ORDER BY replies_for + replies_against + replies_other DESC LIMIT 1"
        )
        organisation = one("SELECT id FROM organisations ORDER BY name LIMIT 1")
        edition = one("SELECT id FROM editions ORDER BY n DESC LIMIT 1")
    return [
        ("home", "/"),
        ("initiative", f"/demarches/{initiative}"),
        ("space", f"/espaces/{space}"),
        ("contribution", f"/contributions/{contribution}"),
        ("organisation", f"/organisations/{organisation}"),
        ("edition", f"/editions/{edition}"),
        ("shelf", "/lire"),
        ("search", "/recherche?q=donn%C3%A9es"),
    ]


def _row(browser: Browser, served: Served, name: str, path: str) -> dict[str, Any]:
    quick = [_look(browser, served, path, 1) for _ in range(TIMES)]
    slow = [_look(browser, served, path, SLOWER) for _ in range(TIMES)]
    return {
        "page": name,
        "kb": max(look["kb"] for look in quick),
        "requests": max(look["requests"] for look in quick),
        "third_party": max(look["elsewhere"] for look in quick),
        "lcp_ms": median(look["lcp"] for look in quick),
        "lcp_slow_ms": median(look["lcp"] for look in slow),
        "shift": max(look["shift"] for look in quick + slow),
    }


def _look(browser: Browser, served: Served, path: str, slower: int) -> dict[str, Any]:
    """One cold visit of somebody who is signed in."""
    options: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "locale": "fr-FR", "base_url": served.base}
    context = browser.new_context(**options)
    sign_in(context.new_page(), EMAIL.partition("@")[0], served.password)
    cookies: Any = context.cookies()
    context.close()
    context = browser.new_context(**options)
    context.add_cookies(cookies)
    page = context.new_page()
    page.add_init_script(WATCH)
    session = context.new_cdp_session(page)
    sizes = bytes_of(session)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    if slower > 1:
        session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.goto(served.base + path, wait_until="networkidle")
    found = _painted(page)
    context.close()
    ours = [url for url in asked if url.startswith(served.base)]
    others = [url for url in asked if not url.startswith((served.base, "data:", "blob:"))]
    return {"kb": sum(sizes) / 1024, "requests": len(ours), "elsewhere": len(others), **found}


def _painted(page: Page) -> dict[str, float]:
    page.wait_for_timeout(300)
    lcp, shift = page.evaluate("[window.__lcp, window.__shift]")
    return {"lcp": float(lcp), "shift": float(shift)}
