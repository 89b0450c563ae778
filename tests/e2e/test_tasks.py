"""The eight main tasks, each by mouse, by keyboard alone, on a phone, and without JavaScript: how many clicks each takes.

They are counted from home; « cite » from the desk, where its people work. Letters that one types count for nothing.
By keyboard the same things are reached by Tab, and nothing is clicked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect
from psycopg.rows import dict_row

from app.core.db import driver_address
from tests.e2e.browsing import NARROW, WIDE, Hands
from tests.e2e.conftest import NewPage
from tests.e2e.places import DELIVERABLE, Ids
from tests.e2e.serving import Served

WAYS = {
    "mouse": {"width": WIDE},
    "phone": {"width": NARROW},
    "keyboard": {"width": WIDE},
    "no scripts": {"width": WIDE, "scripts": False},
}
MOST_TABS = 250


@dataclass(slots=True)
class Person:
    """Somebody at a page, who does everything by mouse, or everything by keyboard."""

    page: Page
    by_keyboard: bool = False
    hands: Hands = field(init=False)
    steps: int = 0
    """Clicks, or what stands for one by keyboard."""

    def __post_init__(self) -> None:
        self.hands = Hands(self.page)

    def act(self, target: Locator) -> None:
        """Follow a link, press a button."""
        self.steps += 1
        if not self.by_keyboard:
            return self.hands.click(target)
        self.hands.tab_to(target, MOST_TABS)
        return self.hands.press("Enter")

    def choose(self, target: Locator) -> None:
        """One of several."""
        self.steps += 1
        if not self.by_keyboard:
            return self.hands.click(target.locator("xpath=ancestor::label"))
        self._to_radio(target)
        return self.hands.press("Space")

    def type_into(self, target: Locator, text: str) -> None:
        """Where the page put one, or wherever it is."""
        if self.by_keyboard:
            self.hands.tab_to(target, MOST_TABS)
        else:
            target.focus()
        self.hands.write(text)

    def _to_radio(self, target: Locator) -> None:
        """Tab reaches the group, arrows its choices: `target` is the first of them."""
        expect(target).to_be_attached()
        for _ in range(MOST_TABS):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.hands.press("Tab")
        raise AssertionError("the choice is not reached by Tab")


Comes = Callable[[str], Person]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    """How it is done."""
    return str(request.param)


@pytest.fixture
def comes(new_page: NewPage, way: str) -> Comes:
    """Somebody opens home."""

    def came(who: str) -> Person:
        page = new_page(who=who, **WAYS[way])
        page.goto("/")
        return Person(page, by_keyboard=way == "keyboard")

    return came


@pytest.fixture(scope="module")
def deliverable(served: Served) -> str:
    """Its address."""
    with psycopg.connect(driver_address(served.urls.owner), row_factory=dict_row) as connection:
        return f"/livrables/{Ids(connection).one(DELIVERABLE)}"


def assert_clicks(person: Person, clicks: int) -> None:
    """No more, and no fewer: where one is spared, say so here."""
    assert person.steps == clicks
    assert person.hands.clicks == (0 if person.by_keyboard else clicks)


def test_see_what_changed(comes: Comes) -> None:
    person = comes("gilda")
    page = person.page
    expect(page.get_by_role("heading", level=1, name="Depuis votre dernière visite")).to_be_visible()
    expect(page.get_by_role("heading", name="On attend votre organisation")).to_be_visible()
    expect(page.get_by_role("heading", name="Ce qui a changé")).to_be_visible()
    assert_clicks(person, 0)


def test_answer_what_is_awaited(comes: Comes, way: str) -> None:
    person = comes("agathe")  # of whom more is awaited than there are ways
    page = person.page
    person.act(page.get_by_role("main").get_by_role("link", name="Répondre", exact=True).first)
    words = f"Chez nous, ce sont les communes sans gare ({way})."
    person.type_into(page.locator("#reponse-markdown"), words)
    person.act(page.get_by_role("button", name="Publier la réponse"))
    expect(page.locator("#replies li").filter(has_text=words)).to_be_visible()
    assert_clicks(person, 2)


def test_contribute(comes: Comes, way: str) -> None:
    person = comes("hector")
    page = person.page
    person.act(page.get_by_role("main").get_by_role("link", name="Contribuer").first)
    person.choose(page.locator('[name="kind"]').first)
    person.type_into(page.locator("#title"), f"Un numéro unique par bassin ({way})")
    person.type_into(page.locator("#markdown"), "Une personne qui répond, et pas un formulaire.")
    person.act(page.get_by_role("button", name="Publier au nom de"))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Un numéro unique par bassin ({way})")
    expect(page.locator("#texte")).to_contain_text("et pas un formulaire")
    assert_clicks(person, 3)


def test_confirm_attendance(comes: Comes, served: Served) -> None:
    with psycopg.connect(driver_address(served.urls.owner)) as connection:  # as on the first day
        connection.execute("DELETE FROM session_answers")
    person = comes("gilda")
    page = person.page
    person.act(page.get_by_role("button", name="Nous venons", exact=True).first)
    expect(page.locator(".note.good")).to_contain_text("votre organisation vient")
    assert_clicks(person, 1)


def test_find(comes: Comes, way: str) -> None:
    person = comes("hector")
    page = person.page
    field = page.locator("#q")
    if way == "keyboard":
        person.steps += 1
        person.hands.press("Control+k")
        expect(field).to_be_focused()
    else:
        person.act(field if way != "phone" else page.get_by_role("button", name="Lancer la recherche"))
    if way == "phone":  # there is no room for the field
        expect(page.locator("#mots")).to_be_focused()
    person.hands.write("territoire")
    person.hands.press("Enter")
    expect(page.locator("mark").first).to_be_visible()
    assert_clicks(person, 1)


def test_download_with_sources(comes: Comes) -> None:
    person = comes("hector")
    page = person.page
    person.act(page.get_by_role("main").get_by_role("link", name=re.compile(r"édition \d+$")).first)
    if person.by_keyboard:  # a jump, which spares hundreds of Tabs
        person.hands.tab_to(page.get_by_role("link", name="Télécharger", exact=True))
        person.hands.press("Enter")
    with page.expect_download() as download:
        person.act(page.locator("#telecharger").locator("xpath=ancestor::section").get_by_role("link").first)
    assert download.value.path().stat().st_size > 1000
    assert_clicks(person, 2)


def test_cite_in_a_synthesis(comes: Comes, deliverable: str) -> None:
    person = comes("agathe")
    page = person.page
    page.goto(f"{deliverable}/redaction")
    before = page.locator("#panel article").count()
    assert before > 0
    person.act(page.locator("#panel article h3 a").first)
    person.act(page.get_by_role("button", name="Citer ici"))
    expect(page.locator(".note.good, [data-announce]").first).to_be_visible()
    assert_clicks(person, 2)


def test_publish(comes: Comes, deliverable: str, way: str, served: Served) -> None:
    with psycopg.connect(driver_address(served.urls.owner)) as connection:
        number = len(connection.execute("SELECT FROM editions").fetchall()) + 1
    person = comes("agathe")
    page = person.page
    person.act(page.get_by_role("main").locator(f'a[href="{deliverable}"]'))
    person.act(page.get_by_role("link", name="Publier l’édition"))
    person.type_into(page.get_by_role("dialog").locator('[name="label"]'), f"Mise à jour du jour ({way})")
    person.act(page.get_by_role("button", name="Confirmer et publier"))
    expect(page.get_by_text(f"Mise à jour du jour ({way})").first).to_be_visible()
    assert_clicks(person, 3)
    with psycopg.connect(driver_address(served.urls.owner)) as connection:
        assert len(connection.execute("SELECT FROM editions").fetchall()) == number
