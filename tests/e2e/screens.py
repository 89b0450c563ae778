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
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psycopg
from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from psycopg.rows import dict_row
from rich.console import Console
from rich.progress import track

from app.core.db import driver_address
from app.core.postgres.cluster import Cluster, Urls
from app.core.postgres.roles import APP, OWNER
from tests.e2e.browsing import NARROW, WIDE, browser_of, context_options, sign_in
from tests.e2e.demonstration import loaded
from tests.e2e.serving import Served, serve

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "screens"
MOST_BYTES = 8_000_000
"""All pictures together."""
TALLEST = 3200
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


SCREENS: tuple[Screen, ...] = (
    Screen("front", lambda _ids: "/"),
    Screen("editions", lambda _ids: "/lire"),
    Screen("sign-in", lambda _ids: "/connexion"),
    Screen("not-found", lambda _ids: "/nulle-part"),
)


def main(only: str = "") -> None:
    """Make the pictures; exit 1 where they weigh too much together."""
    out = Console(stderr=True)
    chosen = [screen for screen in SCREENS if screen.name.startswith(only)]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        served, ids = stack.enter_context(_demonstration())
        browser = stack.enter_context(browser_of(stack.enter_context(sync_playwright())))
        for screen in track(chosen, "Images…", console=out):
            for width in (WIDE, NARROW):
                for theme in THEMES:
                    picture = _look(browser, served, screen.address(ids), screen.who, width, theme)
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


def _look(
    browser: Browser, served: Served, address: str, who: str, width: int, theme: Literal["light", "dark"]
) -> bytes:
    """What `who` sees: the whole page, as long as it is not endless."""
    context = browser.new_context(**context_options(served.base, width=width, theme=theme))
    page = context.new_page()
    if who:
        sign_in(page, who, served.password)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    height = min(TALLEST, int(page.evaluate("() => document.documentElement.scrollHeight")))
    page.set_viewport_size({"width": width, "height": height})
    picture = page.screenshot()
    context.close()
    return picture


def _light(picture: bytes) -> bytes:
    """The same in few colours: pages have few, and a tenth of the bytes says as much."""
    kept = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS).save(kept, "PNG", optimize=True)
    return kept.getvalue()


if __name__ == "__main__":
    main(*sys.argv[1:])
