"""Reading screens are light, and bring only what they use (the figures of the imported consultation: `make bench-pages`)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import bytes_of
from tests.e2e.conftest import NewPage
from tests.e2e.places import Ids
from tests.e2e.serving import Served

HEAVIEST, MOST = 60_000, 12
EDITION = "SELECT id FROM editions ORDER BY n DESC LIMIT 1"
CONTRIBUTION = (
    "SELECT s.id FROM statements s JOIN spaces p ON p.id = s.space_id WHERE s.type = 'contribution' "
    "AND s.state = 'published' ORDER BY s.replies_for + s.replies_against + s.replies_other DESC LIMIT 1"
)
READ = {
    "home": "/",
    "shelf": "/lire",
    "edition": f"/editions/{{{EDITION}}}",
    "contribution": f"/contributions/{{{CONTRIBUTION}}}",
    "search": "/recherche?q=association",
}


def one(served: Served, question: str) -> str:
    """The first column of the first row."""
    ids = Ids.of(served.urls)
    with ids.connection:
        return ids.one(question)


def visit(page: Page, address: str) -> tuple[int, list[str]]:
    """Bytes on the wire and addresses of a first visit, nothing in the cache."""
    session = page.context.new_cdp_session(page)
    sizes = bytes_of(session)
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address, wait_until="networkidle")
    return round(sum(sizes)), asked


@pytest.mark.parametrize("name", READ)
def test_a_reading_screen_is_light(new_page: NewPage, served: Served, name: str) -> None:
    address = READ[name]
    if "{" in address:
        path, _, question = address.partition("{")
        address = path + one(served, question.removesuffix("}"))
    weight, asked = visit(new_page(who="agathe"), address)
    assert weight <= HEAVIEST, (name, weight, asked)
    assert len(asked) <= MOST


def test_htmx_comes_when_a_form_that_uses_it_is_approached(new_page: NewPage, served: Served) -> None:
    page = new_page(who="agathe")
    _, asked = visit(page, f"/contributions/{one(served, CONTRIBUTION)}")
    scripts = [url for url in asked if url.endswith(".js")]
    assert page.evaluate("document.querySelector('meta[name=htmx-config]')") is None, scripts
    with page.expect_request(lambda request: request.url.endswith(".js")):
        page.locator("#repondre textarea").first.focus()
    expect(page.locator("meta[name=htmx-config]")).to_be_attached()
