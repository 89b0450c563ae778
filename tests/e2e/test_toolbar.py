"""The toolbar of a text, on the desk as in a contribution: what its buttons write, the keyboard takes back."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import expect
from psycopg.rows import dict_row

from app.core.db import driver_address
from tests.e2e.conftest import NewPage
from tests.e2e.places import DELIVERABLE, SPACE, Ids
from tests.e2e.serving import Served

PASSAGE = """SELECT p.id FROM passages p WHERE p.removed_at IS NULL AND p.head_id IS NOT NULL AND p.kind = 'paragraph'
AND p.deliverable_id = (SELECT d.id FROM (%s) d) LIMIT 1"""


@pytest.fixture(scope="module")
def ids(served: Served) -> Iterator[Ids]:
    """Of the demonstration."""
    with psycopg.connect(driver_address(served.urls.owner), row_factory=dict_row, autocommit=True) as connection:
        yield Ids(connection)


@pytest.mark.parametrize("where", ["desk", "contribution"])
def test_what_a_button_writes_is_taken_back_by_the_keyboard(new_page: NewPage, ids: Ids, where: str) -> None:
    page = new_page(who="agathe" if where == "desk" else "hector")
    desk = f"/livrables/{ids.one(DELIVERABLE)}/redaction?passage={ids.one(PASSAGE % DELIVERABLE)}"
    page.goto(desk if where == "desk" else f"/espaces/{ids.one(SPACE)}/contributions/nouvelle")
    text = page.locator("form[data-composer] textarea[name=markdown]")
    text.fill("une avance")
    text.press("ControlOrMeta+a")
    bar = page.locator("form[data-composer] [role=toolbar]")
    bar.get_by_role("button", name="Gras").click()
    expect(text).to_have_value("**une avance**")
    text.press("ControlOrMeta+z")
    expect(text).to_have_value("une avance")
    bar.get_by_role("button", name="Liste").click()
    expect(text).to_have_value("- une avance")
    text.press("ControlOrMeta+z")
    expect(text).to_have_value("une avance")
