"""`make screens`: a picture of each screen, wide and narrow, light and dark, on demonstration data only.

A new screen is a line of `SCREENS`. The pictures go to `docs/screens/`; look at them with care before you keep them.
`make screens ONLY=home` makes those whose name begins so.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import psycopg
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from psycopg.rows import dict_row
from rich.console import Console
from rich.progress import track

from app.core.db import driver_address
from app.core.postgres.cluster import Cluster, Urls
from app.core.postgres.roles import APP, OWNER
from tests.e2e.browsing import HEIGHTS, NARROW, WIDE, browser_of, context_options, sign_in
from tests.e2e.demonstration import loaded
from tests.e2e.serving import Served, serve

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "screens"
MOST_BYTES = 8_000_000
"""All pictures together."""
TALLEST = {WIDE: 1300, NARROW: 1650}
COLOURS = 64
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

Finder = Callable[["Ids"], str]


@dataclass(frozen=True, slots=True)
class Ids:
    """Finds what a screen is about: `one("SELECT …")` is the first column of the first row of the demonstration."""

    connection: psycopg.Connection[Any]

    def one(self, statement: str) -> str:
        """As text, for an address; LookupError where there is none."""
        row = self.connection.execute(statement.encode()).fetchone()
        if row is None:
            raise LookupError(statement)
        return str(next(iter(row.values())))


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen: its name is the file's, `address` finds it, `who` looks at it (a visitor where empty)."""

    name: str
    address: Finder
    who: str = ""


SPACE = """SELECT s.id FROM spaces s JOIN space_members m ON m.space_id = s.id JOIN mandates g USING (organisation_id)
JOIN persons p ON p.id = g.person_id WHERE p.email = 'hector@alliage.example' ORDER BY s.number LIMIT 1"""
TALKED_OVER = """SELECT r.root_id FROM statements r JOIN spaces s ON s.id = r.space_id WHERE r.type = 'reply'
AND s.visibility = '{}' GROUP BY r.root_id ORDER BY count(*) DESC, r.root_id LIMIT 1"""
HECTORS = """SELECT s.id FROM statements s JOIN persons p ON p.id = s.person_id WHERE p.email = 'hector@alliage.example'
AND s.type = 'contribution' AND s.state = 'published' ORDER BY s.id LIMIT 1"""
REVISED = """SELECT s.id FROM statements s JOIN revisions r ON r.id = s.head_id WHERE s.type = 'contribution'
AND s.state = 'published' AND r.n > 1 ORDER BY s.id LIMIT 1"""
ORGANISATION = "SELECT organisation_id FROM mandates g JOIN persons p ON p.id = g.person_id WHERE p.email = 'gilda@alliage.example'"
DELIVERABLE = "SELECT id FROM deliverables ORDER BY id LIMIT 1"
PASSAGE = "SELECT id FROM passages WHERE kind = 'paragraph' AND head_id IS NOT NULL AND removed_at IS NULL ORDER BY id LIMIT 1"
EDITION = "SELECT id FROM editions ORDER BY n DESC LIMIT 1"
INITIATIVE = "SELECT id FROM initiatives ORDER BY id LIMIT 1"


def _session(state: str) -> str:
    return f"SELECT id FROM sessions WHERE state = '{state}' ORDER BY starts_at LIMIT 1"


def _at(pattern: str, statement: str) -> Finder:
    return lambda ids: pattern.format(ids.one(statement))


SCREENS: tuple[Screen, ...] = (
    Screen("front", lambda _ids: "/"),
    Screen("editions", lambda _ids: "/lire"),
    Screen("sign-in", lambda _ids: "/connexion"),
    Screen("forgotten", lambda _ids: "/mot-de-passe"),
    Screen("not-found", lambda _ids: "/nulle-part"),
    Screen("forbidden", _at("/espaces/{}/contributions/nouvelle", SPACE), "norbert"),
    Screen("home", lambda _ids: "/", "hector"),
    Screen("home-lead", lambda _ids: "/", "gilda"),
    Screen("home-pilot", lambda _ids: "/", "agathe"),
    Screen("home-quiet", lambda _ids: "/?depuis=date&date=2026-01-01", "norbert"),
    Screen("home-nowhere", lambda _ids: "/", "romain"),
    Screen("initiatives", lambda _ids: "/demarches", "hector"),
    Screen("initiative", _at("/demarches/{}", INITIATIVE), "hector"),
    Screen("space", _at("/espaces/{}", SPACE), "hector"),
    Screen("space-nothing", _at("/espaces/{}?nature=example&profil=research", SPACE), "hector"),
    Screen("space-sessions", _at("/espaces/{}?vue=seances", SPACE), "hector"),
    Screen("space-organisations", _at("/espaces/{}?vue=organisations", SPACE), "hector"),
    Screen("composer", _at("/espaces/{}/contributions/nouvelle", SPACE), "hector"),
    Screen("contribution", _at("/contributions/{}", TALKED_OVER.format("initiative")), "agathe"),
    Screen("contribution-visitor", _at("/contributions/{}", TALKED_OVER.format("public"))),
    Screen("revise", _at("/contributions/{}/modifier", HECTORS), "hector"),
    Screen("versions", _at("/contributions/{}/versions", REVISED), "agathe"),
    Screen("session-planned", _at("/seances/{}?vue=preparer", _session("planned")), "agathe"),
    Screen("session-notes", _at("/seances/{}?vue=notes", _session("held")), "agathe"),
    Screen("session-minutes", _at("/seances/{}?vue=compte-rendu", _session("minutes_open")), "agathe"),
    Screen("session-locked", _at("/seances/{}", _session("locked")), "agathe"),
    Screen("session-new", _at("/espaces/{}/seances/nouvelle", SPACE), "agathe"),
    Screen("agenda", lambda _ids: "/agenda", "hector"),
    Screen("organisation", _at("/organisations/{}", ORGANISATION), "hector"),
    Screen("organisation-lead", _at("/organisations/{}", ORGANISATION), "gilda"),
    Screen("team", _at("/organisations/{}/equipe", ORGANISATION), "gilda"),
    Screen("deliverable", _at("/livrables/{}", DELIVERABLE), "agathe"),
    Screen("publishing", _at("/livrables/{}?publier=1", DELIVERABLE), "agathe"),
    Screen("desk", _at("/livrables/{}/redaction", DELIVERABLE), "agathe"),
    Screen("desk-search", _at("/livrables/{}/redaction?q=territoire&citees=non", DELIVERABLE), "agathe"),
    Screen(
        "desk-writing", lambda ids: f"/livrables/{ids.one(DELIVERABLE)}/redaction?passage={ids.one(PASSAGE)}", "agathe"
    ),
    Screen("edition", _at("/editions/{}", EDITION)),
    Screen("edition-changes", _at("/editions/{}/changements", EDITION)),
    Screen("edition-contributions", _at("/editions/{}/contributions", EDITION)),
    Screen("search", lambda _ids: "/recherche?q=territoire", "hector"),
    Screen("search-nothing", lambda _ids: "/recherche?q=zzyzx", "hector"),
    Screen("style", lambda _ids: "/style"),
)


def main(only: str = "") -> None:
    """Make the pictures; exit 1 where they weigh too much together."""
    out = Console(stderr=True)
    chosen = [screen for screen in SCREENS if screen.name.startswith(only)]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        served, ids = stack.enter_context(_demonstration())
        browser = stack.enter_context(browser_of(stack.enter_context(sync_playwright())))
        windows = Windows(browser, served)
        for screen in track(chosen, "Images…", console=out):
            for width in (WIDE, NARROW):
                for theme, picture in windows.look(screen.address(ids), screen.who, width):
                    (FOLDER / f"{screen.name}-{width}-{theme}.png").write_bytes(_light(picture))
    weight = sum(path.stat().st_size for path in FOLDER.glob("*.png"))
    out.print(f"{len(chosen)} écrans dans {FOLDER.relative_to(ROOT)}, {weight / 1e6:.1f} Mo en tout.")
    if weight > MOST_BYTES:
        sys.exit("Les images pèsent trop : moins de couleurs (COLOURS) ou moins d’écrans.")


@contextmanager
def _demonstration() -> Iterator[tuple[Served, Ids]]:
    with tempfile.TemporaryDirectory(prefix="alliage-screens-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        with Cluster(folder / "postgres") as cluster, loaded(cluster, "screens", folder) as password:
            urls = Urls(owner=cluster.url(OWNER, "screens"), app=cluster.url(APP, "screens"))
            with (
                serve(urls, folder, password, log=folder / "server.log") as served,
                psycopg.connect(driver_address(urls.owner), row_factory=dict_row) as connection,
            ):
                yield served, Ids(connection)


@dataclass(slots=True)
class Windows:
    """One for each person and width, opened once: signing in is slow on purpose."""

    browser: Browser
    served: Served
    opened: dict[tuple[str, int], BrowserContext] = field(default_factory=dict)

    def look(self, address: str, who: str, width: int) -> Iterator[tuple[str, bytes]]:
        """What `who` sees in each theme: the whole page, as long as it is not endless."""
        page = self._of(who, width).new_page()
        page.goto(address)
        page.wait_for_load_state("networkidle")
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            height = min(TALLEST[width], int(page.evaluate("() => document.documentElement.scrollHeight")))
            page.set_viewport_size({"width": width, "height": max(height, HEIGHTS[width])})
            yield theme, page.screenshot()
        page.close()

    def _of(self, who: str, width: int) -> BrowserContext:
        if (who, width) not in self.opened:
            context = self.browser.new_context(**context_options(self.served.base, width=width))
            self.opened[who, width] = context
            if who:
                page = context.new_page()
                sign_in(page, who, self.served.password)
                page.close()
        return self.opened[who, width]


def _light(picture: bytes) -> bytes:
    """The same in few colours: pages have few, and a tenth of the bytes says as much."""
    kept = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS).save(kept, "PNG", optimize=True)
    return kept.getvalue()


if __name__ == "__main__":
    main(*sys.argv[1:])
