"""Tabs that nobody looks at: they hold no connection, they keep nobody signed in, and they miss nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Page, Request, expect
from psycopg.rows import dict_row

from app.core.db import driver_address
from tests.e2e.conftest import NewPage
from tests.e2e.places import Ids
from tests.e2e.serving import Served

TABS = 8
"""A browser gives one address six connections over HTTP/1.1."""
SEEN = """(seen) => {
  for (const [name, value] of [["visibilityState", seen ? "visible" : "hidden"], ["hidden", !seen]])
    Object.defineProperty(document, name, { configurable: true, get: () => value });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
"""A window without a screen shows all of its tabs: it is told otherwise."""


@pytest.fixture(scope="module")
def ids(served: Served) -> Iterator[Ids]:
    """Of the demonstration."""
    with psycopg.connect(driver_address(served.urls.owner), row_factory=dict_row, autocommit=True) as connection:
        yield Ids(connection)


def _notes(ids: Ids) -> str:
    held = ids.one("SELECT id FROM sessions WHERE state = 'held' LIMIT 1")
    return f"/seances/{held}?vue=notes"


def _note(page: Page, words: str) -> None:
    page.locator("#note-markdown").fill(words)
    page.get_by_role("button", name="Noter", exact=True).click()
    expect(page.locator("#notes").get_by_text(words)).to_be_visible()


def test_a_ninth_tab_still_loads(new_page: NewPage, ids: Ids) -> None:
    """What happened meanwhile is on each when it is looked at again."""
    address = _notes(ids)
    first = new_page(who="agathe")
    tabs = [first, *(first.context.new_page() for _ in range(TABS - 1))]
    for n in range(0, TABS, 4):  # nobody opens eight tabs in three seconds
        for tab in tabs[n : n + 4]:
            tab.goto(address)
            expect(tab.locator("[data-hears]")).to_be_attached()
            tab.evaluate(SEEN, False)
        for tab in tabs[n : n + 4]:
            expect(tab.locator("[data-live]:not([data-hears])")).to_be_attached()
    ninth = first.context.new_page()
    began = time.monotonic()
    ninth.goto(address)
    expect(ninth.locator("[data-hears]")).to_be_attached()
    assert time.monotonic() - began < 8
    _note(ninth, "Dit pendant que les autres onglets dormaient.")
    for tab in (tabs[0], tabs[-1]):
        expect(tab.get_by_text("Dit pendant que")).to_have_count(0)
        tab.evaluate(SEEN, True)
        expect(tab.locator("#notes").get_by_text("Dit pendant que")).to_be_visible()
        expect(tab.locator("[data-hears]")).to_be_attached()


def test_what_an_open_page_reads_again_says_so(new_page: NewPage, ids: Ids) -> None:
    """So that it does not keep its reader signed in; what they ask themselves does."""
    address = _notes(ids)
    reader, writer = new_page(who="agathe"), new_page(who="xavier")
    for page in (reader, writer):
        page.goto(address)
        expect(page.locator("[data-hears]")).to_be_attached()
    asked: list[Request] = []
    reader.on("request", lambda one: asked.append(one))  # noqa: PLW0108 - a method of a list takes no mark
    _note(writer, "Un mot de plus.")
    expect(reader.locator("#notes").get_by_text("Un mot de plus.")).to_be_visible()
    assert asked
    assert all("alliage-by-itself" in one.headers or "/direct" in one.url for one in asked), [one.url for one in asked]
    asked.clear()
    _note(reader, "Et un autre.")
    assert any(one.method == "POST" and "alliage-by-itself" not in one.headers for one in asked)
