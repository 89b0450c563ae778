"""A passage is dragged to its place: what the menu does, by the same form, and refused like it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect
from psycopg.rows import dict_row

from app.core.db import driver_address
from tests.e2e.browsing import Watch
from tests.e2e.conftest import NewPage
from tests.e2e.places import DELIVERABLE, Ids
from tests.e2e.serving import Served

FULL = """SELECT s.id FROM sections s JOIN passages p ON p.section_id = s.id AND p.removed_at IS NULL AND p.head_id IS NOT NULL
WHERE s.removed_at IS NULL AND s.deliverable_id = (SELECT d.id FROM (%s) d) GROUP BY s.id HAVING count(*) > 2 LIMIT 1"""


@pytest.fixture(scope="module")
def ids(served: Served) -> Iterator[Ids]:
    """Of the demonstration."""
    with psycopg.connect(driver_address(served.urls.owner), row_factory=dict_row, autocommit=True) as connection:
        yield Ids(connection)


def _desk(page: Page, ids: Ids) -> Locator:
    page.set_viewport_size({"width": 1280, "height": 3000})  # nothing scrolls while it is dragged
    page.goto(f"/livrables/{ids.one(DELIVERABLE)}/redaction?partie={ids.one(FULL % DELIVERABLE)}")
    expect(page.locator("[data-drags]")).to_be_attached()
    return page.locator("#texte > .psg:has([data-grip])")


def _order(passages: Locator) -> list[str]:
    return [str(one.get_attribute("id")) for one in passages.all()]


def _expect_order(passages: Locator, wanted: list[str]) -> None:
    for n, name in enumerate(wanted):
        expect(passages.nth(n)).to_have_id(name)


def _drag(page: Page, grip: Locator, target: Locator, *, low: bool = False) -> None:
    """By hand: a browser asks where things may be dropped while the pointer moves."""
    grip.hover()
    page.mouse.down()
    box = target.bounding_box()
    assert box
    for nearer in (12, 6):
        page.mouse.move(box["x"] + 40, box["y"] + (box["height"] - nearer if low else nearer), steps=3)
    page.mouse.up()


def test_a_passage_is_dragged_up_down_and_elsewhere(new_page: NewPage, ids: Ids) -> None:
    page = new_page(who="agathe")
    passages = _desk(page, ids)
    was, grips = _order(passages), passages.locator("[data-grip]")
    _drag(page, grips.nth(0), passages.nth(2), low=True)
    expect(page.get_by_text("Le passage est déplacé.")).to_be_visible()
    _expect_order(passages, [was[1], was[2], was[0], *was[3:]])
    page.goto(page.url.partition("&dit=")[0].partition("#")[0])
    _drag(page, grips.nth(2), passages.nth(0))
    expect(page.get_by_text("Le passage est déplacé.")).to_be_visible()
    _expect_order(passages, was)
    part = page.locator("#parties a[data-part-id]:not([aria-current])").last
    there = part.get_attribute("data-part-id")
    _drag(page, grips.nth(0), part)
    page.wait_for_url(f"**partie={there}**")
    expect(passages.last).to_have_id(was[0])


def test_on_a_version_that_is_past_it_is_refused(
    new_page: NewPage, ids: Ids, watch_of: Callable[[Page], Watch]
) -> None:
    page = new_page(who="agathe")
    passages = _desk(page, ids)
    was, grips = _order(passages), passages.locator("[data-grip]")
    ids.connection.execute("UPDATE passages SET version = version + 1 WHERE id = %s", [was[0].removeprefix("p-")])
    with page.expect_response(lambda answer: answer.url.endswith("/deplacer")) as answered:
        _drag(page, grips.nth(0), passages.nth(1), low=True)
    assert answered.value.status == 412
    expect(page.locator(f"#{was[0]} form[data-write]")).to_be_visible()  # as by the menu: it is opened, with the reason
    _expect_order(page.locator("#texte > .psg[id^=p-]"), was)
    watch_of(page).policy.clear()
