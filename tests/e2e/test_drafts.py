"""No word is lost: accidents in mid-typing, by the dozen in `make e2e`, 200 of them by `make drafts`.

Each trial types into the composer, a reply or a revision, has its accident, goes on typing as people do, loses the page, and opens it
again: what was typed until a second before is there, and what is then published is all of it.
"""

from __future__ import annotations

import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from playwright.sync_api import Error as BrowserError

from app.core.db import driver_address
from tests.e2e.browsing import context_options, sign_in
from tests.e2e.serving import Served, serve

TRIALS = int(os.environ.get("ALLIAGE_DRAFT_TRIALS", "12"))
ACCIDENTS = ("server killed", "connection cut", "sign-in expired", "tab closed")
FORMS = ("contribution", "reply", "revision")
WRITERS = ("hector", "gilda")
GRACE = 1.0
"""Seconds of typing that may be lost."""
WORDS = "nous voyons ici que le délai manque aux petites structures et que deux mois de plus les sauvent".split()  # noqa: SIM905


WHERE_THEY_SPEAK = """
SELECT s.id, min(c.id::text) FROM spaces s
JOIN space_members m ON m.space_id = s.id
JOIN mandates g ON g.organisation_id = m.organisation_id
JOIN persons p ON p.id = g.person_id AND p.email = 'hector@alliage.example'
JOIN statements c ON c.space_id = s.id AND c.type = 'contribution' AND c.state = 'published'
GROUP BY s.id LIMIT 1"""


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
    pages: dict[str, str]
    """Where each form is."""

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
    """Where the writers may all speak."""
    with ExitStack() as again:
        place = Place(served, folder, again, served, {})
        [(space, contribution)] = place.sql(WHERE_THEY_SPEAK)
        place.pages["contribution"] = f"/espaces/{space}/contributions/nouvelle"
        place.pages["reply"] = f"/contributions/{contribution}"
        yield place


@pytest.fixture(scope="module")
def writers(place: Place, browser: Browser) -> Iterator[dict[str, BrowserContext]]:
    """A window for each."""
    windows = {}
    for who in WRITERS:
        windows[who] = browser.new_context(**context_options(place.first.base))
        page = windows[who].new_page()
        sign_in(page, who, place.first.password)
        page.goto(place.pages["contribution"])
        page.evaluate(CHOOSE)
        page.locator("#markdown").fill("Des mots à revoir.")
        page.locator("form[data-minded] button.main").click()
        page.wait_for_url("**/contributions/*?dit=contribution-published")
        place.pages[f"revision of {who}"] = f"{page.url.partition('?')[0]}/modifier"
        page.close()
    yield windows
    for window in windows.values():
        window.close()


@dataclass(slots=True)
class Trial:
    """One accident of somebody who types."""

    place: Place
    window: BrowserContext
    who: str
    form: str
    accident: str
    dice: random.Random
    crashed: bool = False
    """The tab is not closed: it dies, so that it can do nothing more."""
    stood: str = ""
    """What the form shows to somebody who wrote nothing."""

    def run(self) -> None:
        """Fails where words are lost."""
        page = self._open()
        mark = f"essai-{uuid4().hex[:10]}"
        text = self._text(page)
        text.click()
        self.stood = text.input_value()
        page.keyboard.press("Control+A")
        typing = Typing(page, self.dice, mark)
        page.keyboard.type(mark)
        typing.write(self.dice.uniform(0.3, 2.5))
        self._have_accident()
        typing.write(self.dice.uniform(0.1, 1.5))
        if self.accident != "tab closed" and self.dice.random() < 0.5:
            self._try_to_publish(page)
        due = typing.due()
        self._lose(page)
        self._recover()
        self._find_again(due, typing.said)

    def _open(self) -> Page:
        page = self.window.new_page()
        revised = f"revision of {self.who}"
        address = self.place.pages[revised if self.form == "revision" else self.form]
        page.goto(address)
        if not page.locator("button.me").count():  # as somebody whose login is over
            sign_in(page, self.who, self.place.first.password)
            page.goto(address)
        expect(page.locator("form[data-minded]")).to_have_count(1)
        return page

    def _text(self, page: Page) -> Locator:
        return page.locator("#reponse-markdown" if self.form == "reply" else "#markdown")

    def _have_accident(self) -> None:
        if self.accident == "server killed":
            self.place.kill()
        elif self.accident == "connection cut":
            self.window.set_offline(True)
        elif self.accident == "sign-in expired":
            self.place.sql(
                f"UPDATE logins SET ended_at = now(), ended_because = 'signed_out' FROM persons p WHERE p.id = person_id AND ended_at IS NULL AND p.email = '{self.who}@alliage.example'"
            )

    def _recover(self) -> None:
        if self.accident == "server killed":
            self.place.start()
        elif self.accident == "connection cut":
            self.window.set_offline(False)

    def _try_to_publish(self, page: Page) -> None:
        """In the middle of it all; what comes of it is seen, and not read."""
        self._complete(page)
        page.evaluate("() => document.querySelector('form[data-minded] button.main, #repondre > p > .btn').click()")
        page.wait_for_timeout(self.dice.choice((50, 400)))

    def _complete(self, page: Page) -> None:
        if self.form == "contribution":
            page.evaluate(CHOOSE)

    def _lose(self, page: Page) -> None:
        if self.crashed:
            with suppress(BrowserError):
                self.window.new_cdp_session(page).send("Page.crash", timeout=300)  # it does not live to answer
        page.close()

    def tidy(self) -> None:
        """After a failure, so that it is not the next one's."""
        with suppress(BrowserError):
            self.window.set_offline(False)
            for page in self.window.pages:
                page.close()
        if self.place.running.process.poll() is not None:
            self.place.start()
        page = self._open()
        page.evaluate("() => localStorage.clear()")
        self.place.sql("DELETE FROM drafts")
        page.close()

    def _find_again(self, due: str, said: str) -> None:
        page = self._open()
        found = self._text(page).input_value()
        assert found.startswith(due), f"lost: {due.removeprefix(found)!r}"
        assert said.startswith(found) or found == self.stood, "words that nobody typed"
        page.wait_for_timeout(100)
        assert page.locator("[data-apart]:visible").count() == 0, "a conflict with nobody"
        self._complete(page)
        self._text(page).press("End")
        page.locator("form[data-minded]").get_by_role("button", name=re.compile("^Publier")).first.click()
        published = page.locator("#replies li" if self.form == "reply" else "#texte").filter(has_text=found.split()[0])
        expect(published).to_have_count(1)
        assert " ".join(published.locator("p").all_inner_texts()).find(found.strip()) >= 0, (
            "published, but not all of it"
        )
        expect(self._text(page)).to_have_value("") if self.form == "reply" else None
        page.close()
        again = self._open()
        left = found.strip() if self.form == "revision" else ""
        assert self._text(again).input_value().strip() == left, "published, and still held for unsaid"
        assert again.locator("[data-found]:visible, button[form=jeter]").count() == 0, "published, and still offered"
        again.close()


CHOOSE = """() => {
  const form = document.querySelector("form[data-minded]");
  const title = form.querySelector("[name=title]");
  if (!title.value) title.value = "Deux mois de plus";
  for (const name of ["kind", "organisation_id"]) {
    const choices = [...form.querySelectorAll(`[name=${name}]`)];
    if (!choices.some((one) => one.checked)) choices[0].click();
  }
  title.dispatchEvent(new Event("input", { bubbles: true }));
}"""


@pytest.mark.timeout(60 * TRIALS + 300)
def test_no_draft_is_lost(place: Place, writers: dict[str, BrowserContext], capsys: pytest.CaptureFixture[str]) -> None:
    """Every kind of accident in turn, on every form; the dice are the same in every run of one number of trials."""
    seed = int(os.environ.get("ALLIAGE_DRAFT_SEED", "2020"))
    dice = random.Random(seed)
    tried: Counter[str] = Counter()
    lost: list[str] = []
    for n in range(TRIALS):
        accident, form = ACCIDENTS[n % len(ACCIDENTS)], FORMS[n // len(ACCIDENTS) % len(FORMS)]
        who = WRITERS[n // (len(ACCIDENTS) * len(FORMS)) % len(WRITERS)]
        trial = Trial(place, writers[who], who, form, accident, dice, crashed=dice.random() < 0.4)
        try:
            trial.run()
        except (AssertionError, BrowserError) as failure:
            lost.append(f"{n}: {accident}, {form}{', crashed' if trial.crashed else ''}: {failure}")
            trial.tidy()
        tried[accident] += 1
    with capsys.disabled():
        counts = ", ".join(f"{accident} {count}" for accident, count in sorted(tried.items()))
        sys.stdout.write(f"\n{TRIALS} trials in mid-typing ({counts}), {len(lost)} drafts lost\n")
    assert not lost, "\n".join(lost)


@pytest.mark.parametrize("form", FORMS)
def test_what_is_typed_is_found_in_another_browser(
    place: Place, writers: dict[str, BrowserContext], browser: Browser, form: str
) -> None:
    """On the device within a second and on the server within three, with the hour; elsewhere, and beside other words."""
    trial = Trial(place, writers["hector"], "hector", form, "", random.Random(1))
    here = trial._open()
    text = trial._text(here)
    stood = text.input_value()
    text.fill("Les mots d’ici.")
    typed = time.monotonic()
    expect(here.locator("[data-state=kept]")).to_be_visible(timeout=1_000)
    expect(here.locator("[data-state=saved]")).to_be_visible(timeout=3_000 - (time.monotonic() - typed) * 1_000)
    expect(here.locator("[data-state=saved] [data-hour]")).to_have_text(re.compile(r"^\d+\sh\s\d\d$"))
    with browser.new_context(**context_options(place.first.base)) as other:
        there = Trial(place, other, "hector", form, "", random.Random(1))._open()
        expect(trial._text(there)).to_have_value("Les mots d’ici.")
        trial._text(there).fill("Les mots d’ailleurs.")
        expect(there.locator("[data-state=saved]")).to_be_visible()
        text.fill("Les mots d’ici, plus longs.")
        expect(here.locator("[data-apart]")).to_be_visible()
        expect(here.locator("[data-mine]")).to_contain_text("Les mots d’ici, plus longs.")
        expect(here.locator("[data-theirs]")).to_contain_text("Les mots d’ailleurs.")
        here.locator("[data-keep-both]").click()
        expect(here.locator("[data-state=saved]")).to_be_visible()
        there.reload()
        expect(trial._text(there)).to_have_value("Les mots d’ailleurs.\n\nLes mots d’ici, plus longs.")
        there.get_by_role("button", name=re.compile("^Repartir de")).locator("visible=true").click()
        expect(there.locator("form[data-minded]")).to_have_count(1)
        expect(trial._text(there)).to_have_value(stood)
    trial.tidy()
