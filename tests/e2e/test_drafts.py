"""No word is lost: accidents in mid-typing, by the dozen in `make e2e`, 200 of them by `make drafts`.

Each trial types into the composer or a reply, has its accident, goes on typing as people do, loses the page, and opens it
again: what was typed until a second before is there, and what is then published is all of it.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from app.core.db import driver_address
from tests.e2e.browsing import context_options, sign_in
from tests.e2e.serving import Served, serve

TRIALS = int(os.environ.get("ALLIAGE_DRAFT_TRIALS", "12"))
ACCIDENTS = ("server killed", "connection cut", "sign-in expired", "tab closed")
FORMS = ("contribution", "reply")
WRITERS = ("hector", "gilda", "sacha")
GRACE = 1.0
"""Seconds of typing that may be lost."""
WORDS = "nous voyons ici que le délai manque aux petites structures et que deux mois de plus les sauvent".split()  # noqa: SIM905


@dataclass(slots=True)
class Typing:
    """What is typed into `page`, and when."""

    page: Page
    dice: random.Random
    said: str
    moments: list[tuple[float, int]] = field(default_factory=list)

    def write(self, seconds: float) -> None:
        """Without a pause longer than between two words, for about `seconds`."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            word = f" {self.dice.choice(WORDS)}"
            self.page.keyboard.type(word, delay=self.dice.randint(5, 25))
            self.said += word
            self.moments.append((time.monotonic(), len(self.said)))

    def due(self) -> str:
        """What must be found again, if the page is lost now."""
        latest = time.monotonic() - GRACE
        return self.said[: max((length for at, length in self.moments if at <= latest), default=0)]


@dataclass(slots=True)
class Place:
    """The server, which may be killed, and the people at it."""

    first: Served
    folder: Path
    again: ExitStack
    running: Served
    contributions: str
    replies: str

    def kill(self) -> None:
        self.running.kill()

    def start(self) -> None:
        """Again, at the same address."""
        port = int(self.first.base.rpartition(":")[2])
        started = serve(self.first.urls, self.folder, self.first.password, port=port, log=self.first.log)
        self.running = self.again.enter_context(started)

    def sql(self, statement: str) -> list[tuple[str, ...]]:
        with psycopg.connect(driver_address(self.first.urls.owner)) as connection:
            done = connection.execute(statement.encode())
            return list(done.fetchall()) if done.description else []


@pytest.fixture(scope="module")
def place(served: Served, folder: Path) -> Iterator[Place]:
    """Where hector, gilda and sacha may all speak."""
    with ExitStack() as again:
        place = Place(served, folder, again, served, "", "")
        [(space, contribution)] = place.sql(WHERE_THEY_SPEAK)
        place.contributions = f"/espaces/{space}/contributions/nouvelle"
        place.replies = f"/contributions/{contribution}"
        yield place


WHERE_THEY_SPEAK = ""


@pytest.fixture(scope="module")
def writers(place: Place, browser: Browser) -> Iterator[dict[str, BrowserContext]]:
    """A window for each."""
    windows = {}
    for who in WRITERS:
        windows[who] = browser.new_context(**context_options(place.first.base))
        page = windows[who].new_page()
        sign_in(page, who, place.first.password)
        page.close()
    yield windows
    for window in windows.values():
        window.close()
