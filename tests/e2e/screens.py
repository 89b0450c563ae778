"""`make screens`: a picture of each screen, wide and narrow, light and dark, on demonstration data only.

A new screen is a line of `SCREENS`. The pictures go to `docs/screens/`; look at them with care before you keep them.
`make screens ONLY=home` makes those whose name begins so.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from rich.console import Console
from rich.progress import track

from app.core.postgres.cluster import Cluster, Urls
from app.core.postgres.roles import APP, OWNER
from tests.e2e.browsing import HEIGHTS, NARROW, WIDE, browser_of, context_options, sign_in
from tests.e2e.demonstration import loaded
from tests.e2e.places import (
    DELIVERABLE,
    EDITION,
    HECTORS,
    INITIATIVE,
    ORGANISATION,
    PASSAGE,
    REVISED,
    SPACE,
    TALKED_OVER,
    Ids,
    Screen,
    at,
    session_in,
)
from tests.e2e.serving import Served, serve
from tests.e2e.states import STATES

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "screens"
MOST_BYTES = 8_000_000
"""All pictures together."""
TALLEST = {WIDE: 1300, NARROW: 1650}
COLOURS = 64
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")

SCREENS: tuple[Screen, ...] = (
    Screen("front", lambda _ids: "/"),
    Screen("editions", lambda _ids: "/lire"),
    Screen("sign-in", lambda _ids: "/connexion"),
    Screen("forgotten", lambda _ids: "/mot-de-passe"),
    Screen("not-found", lambda _ids: "/nulle-part"),
    Screen("forbidden", at("/espaces/{}/contributions/nouvelle", SPACE), "norbert"),
    Screen("home", lambda _ids: "/", "hector"),
    Screen("home-lead", lambda _ids: "/", "gilda"),
    Screen("home-pilot", lambda _ids: "/", "agathe"),
    Screen("home-quiet", lambda _ids: "/?depuis=date&date=2026-01-01", "norbert"),
    Screen("home-nowhere", lambda _ids: "/", "romain"),
    Screen("initiatives", lambda _ids: "/demarches", "hector"),
    Screen("initiative", at("/demarches/{}", INITIATIVE), "hector"),
    Screen("space", at("/espaces/{}", SPACE), "hector"),
    Screen("space-nothing", at("/espaces/{}?nature=example&profil=research", SPACE), "hector"),
    Screen("space-sessions", at("/espaces/{}?vue=seances", SPACE), "hector"),
    Screen("space-organisations", at("/espaces/{}?vue=organisations", SPACE), "hector"),
    Screen("composer", at("/espaces/{}/contributions/nouvelle", SPACE), "hector"),
    Screen("contribution", at("/contributions/{}", TALKED_OVER.format("initiative")), "agathe"),
    Screen("contribution-visitor", at("/contributions/{}", TALKED_OVER.format("public"))),
    Screen("revise", at("/contributions/{}/modifier", HECTORS), "hector"),
    Screen("versions", at("/contributions/{}/versions", REVISED), "agathe"),
    Screen("session-planned", at("/seances/{}?vue=preparer", session_in("planned")), "agathe"),
    Screen("session-notes", at("/seances/{}?vue=notes", session_in("held")), "agathe"),
    Screen("session-minutes", at("/seances/{}?vue=compte-rendu", session_in("minutes_open")), "agathe"),
    Screen("session-locked", at("/seances/{}", session_in("locked")), "agathe"),
    Screen("session-new", at("/espaces/{}/seances/nouvelle", SPACE), "agathe"),
    Screen("agenda", lambda _ids: "/agenda", "hector"),
    Screen("organisation", at("/organisations/{}", ORGANISATION), "hector"),
    Screen("organisation-lead", at("/organisations/{}", ORGANISATION), "gilda"),
    Screen("team", at("/organisations/{}/equipe", ORGANISATION), "gilda"),
    Screen("deliverable", at("/livrables/{}", DELIVERABLE), "agathe"),
    Screen("publishing", at("/livrables/{}?publier=1", DELIVERABLE), "agathe"),
    Screen("desk", at("/livrables/{}/redaction", DELIVERABLE), "agathe"),
    Screen("desk-search", at("/livrables/{}/redaction?q=territoire&citees=non", DELIVERABLE), "agathe"),
    Screen(
        "desk-writing", lambda ids: f"/livrables/{ids.one(DELIVERABLE)}/redaction?passage={ids.one(PASSAGE)}", "agathe"
    ),
    Screen("edition", at("/editions/{}", EDITION)),
    Screen("edition-changes", at("/editions/{}/changements", EDITION)),
    Screen("edition-contributions", at("/editions/{}/contributions", EDITION)),
    Screen("search", lambda _ids: "/recherche?q=territoire", "hector"),
    Screen("search-published", lambda _ids: "/recherche?q=besoins&type=passage"),
    Screen("search-nothing", lambda _ids: "/recherche?q=zzyzx", "hector"),
    Screen("style", lambda _ids: "/style"),
    *STATES,
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
                for theme, picture in windows.look(screen, ids, width):
                    (FOLDER / f"{screen.name}-{width}-{theme}.webp").write_bytes(_light(picture))
    if not only:
        _forget(
            {
                f"{screen.name}-{width}-{theme}.webp"
                for screen in SCREENS
                for width in TALLEST
                for theme in themes(screen, width)
            }
        )
    weight = sum(path.stat().st_size for path in FOLDER.iterdir())
    out.print(f"{len(chosen)} écrans dans {FOLDER.relative_to(ROOT)}, {weight / 1e6:.1f} Mo en tout.")
    if weight > MOST_BYTES:
        sys.exit("Les images pèsent trop : moins de couleurs (COLOURS) ou moins d’écrans.")


def themes(screen: Screen, width: int) -> tuple[Theme, ...]:
    """Both; of a state, made of the same parts, one is enough: light where it is wide, dark where it is narrow."""
    return (THEMES if width == WIDE else THEMES[::-1])[: 1 if screen in STATES else 2]


def _forget(kept: set[str]) -> None:
    """Pictures of screens that are no more."""
    for path in FOLDER.iterdir():
        if path.name not in kept:
            path.unlink()


@contextmanager
def _demonstration() -> Iterator[tuple[Served, Ids]]:
    with tempfile.TemporaryDirectory(prefix="alliage-screens-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        with Cluster(folder / "postgres") as cluster, loaded(cluster, "screens", folder) as password:
            urls = Urls(owner=cluster.url(OWNER, "screens"), app=cluster.url(APP, "screens"))
            with serve(urls, folder, password, log=folder / "server.log") as served:
                ids = Ids.of(urls)
                yield served, ids
                ids.connection.close()


@dataclass(slots=True)
class Windows:
    """One for each person and width, opened once: signing in is slow on purpose."""

    browser: Browser
    served: Served
    opened: dict[tuple[str, int], BrowserContext] = field(default_factory=dict)

    def look(self, screen: Screen, ids: Ids, width: int) -> Iterator[tuple[str, bytes]]:
        """What is seen in each theme: the whole page, as long as it is not endless."""
        page = (self._new(screen.who, width) if screen.alone else self._of(screen.who, width)).new_page()
        screen.reach(page, ids)
        page.wait_for_load_state("networkidle")
        for theme in themes(screen, width):
            page.emulate_media(color_scheme=theme)
            height = min(TALLEST[width], int(page.evaluate("() => document.documentElement.scrollHeight")))
            page.set_viewport_size({"width": width, "height": max(height, HEIGHTS[width])})
            yield theme, page.screenshot()
        page.close()

    def _of(self, who: str, width: int) -> BrowserContext:
        if (who, width) not in self.opened:
            self.opened[who, width] = self._new(who, width)
        return self.opened[who, width]

    def _new(self, who: str, width: int) -> BrowserContext:
        context = self.browser.new_context(**context_options(self.served.base, width=width))
        if who:
            page = context.new_page()
            sign_in(page, who, self.served.password)
            page.close()
        return context


def _light(picture: bytes) -> bytes:
    """The same in few colours, which pages have anyway, and without loss: a third less than as PNG, a tenth of what it was."""
    kept = io.BytesIO()
    few = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS).convert("RGB")
    few.save(kept, "WEBP", lossless=True, method=4)
    return kept.getvalue()


if __name__ == "__main__":
    main(*sys.argv[1:])
