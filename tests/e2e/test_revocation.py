"""R11: what the lead of an organisation ends in one browser is felt in the other within two seconds, and keeps the words."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import psycopg
import pytest
from playwright.sync_api import Page, expect
from psycopg.rows import dict_row

from app.core.db import driver_address
from tests.e2e.browsing import Watch
from tests.e2e.conftest import NewPage
from tests.e2e.places import ORGANISATION, SPACE, Ids
from tests.e2e.serving import Served

WITHIN = 2.0
"""Seconds."""
WORDS = "Ce que je notais quand mon mandat a pris fin."


def test_an_ended_mandate_is_felt_in_the_other_browser(
    new_page: NewPage, served: Served, watch_of: Callable[[Page], Watch], capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(driver_address(served.urls.owner), row_factory=dict_row) as connection:
        ids = Ids(connection)
        space, organisation = ids.one(SPACE), ids.one(ORGANISATION)
        session = ids.one(f"SELECT id FROM sessions WHERE space_id = '{space}' AND state <> 'locked' LIMIT 1")
    lead, listens, reads = new_page(who="gilda"), new_page(who="hector"), new_page(who="hector")
    listens.goto(f"/seances/{session}?vue=notes")
    listens.locator("#note-markdown").fill(WORDS)
    expect(listens.locator("[data-hears]")).to_be_attached()
    reads.goto(f"/espaces/{space}/contributions/nouvelle")
    expect(reads.get_by_role("heading", name="Nouvelle contribution")).to_be_visible()

    lead.goto(f"/organisations/{organisation}/equipe")
    mandate = lead.locator("#mandats").locator("xpath=ancestor::section").locator("li").filter(has_text="Hector")
    mandate.locator("summary").first.click()
    began = time.monotonic()
    mandate.get_by_role("button", name="Terminer ce mandat maintenant").click()

    expect(listens.locator("#closed")).to_be_visible()
    stream = time.monotonic() - began
    answer = reads.goto(f"/espaces/{space}/contributions/nouvelle")
    page = time.monotonic() - began
    assert answer is not None
    assert answer.status in {403, 404}
    expect(listens.locator("#closed")).to_contain_text("a pris fin")
    expect(listens.locator("#note-markdown")).to_have_value(WORDS)
    with capsys.disabled():
        sys.stdout.write(
            f"\nan ended mandate is felt on the live stream after {stream:.2f} s, on pages after {page:.2f} s\n"
        )
    assert stream <= WITHIN
    listens.wait_for_timeout(1500)
    expect(listens.locator("#closed")).to_be_visible()
    assert [one for one in watch_of(listens).requests if one.startswith("GET /direct")][1:] == []
