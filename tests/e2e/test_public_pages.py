"""What a visitor reads: at every width, in both themes, by mouse, by keyboard, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import NARROW, WIDE, Hands, Watch
from tests.e2e.conftest import NewPage
from tests.e2e.legible import assert_legible, axe_violations, duplicate_ids, heading_faults, html_errors, overflowing

ADDRESSES = ("/", "/lire", "/connexion", "/nulle-part")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("width", [WIDE, NARROW, 320])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_read_it(new_page: NewPage, address: str, width: int, theme: Literal["light", "dark"]) -> None:
    page = new_page(width=width, theme=theme)
    answer = page.goto(address)
    assert answer is not None
    assert_legible(page, answer.text() if (width, theme) == (WIDE, "light") else "")


def test_the_editions_are_one_click_from_the_front_page(new_page: NewPage) -> None:
    hands = Hands(new_page(width=NARROW))
    hands.page.goto("/")
    hands.click(hands.page.get_by_role("main").get_by_role("link", name="Éditions publiées"))
    expect(hands.page.get_by_role("heading", level=1)).to_have_text("Éditions publiées")
    assert hands.clicks == 1


def test_they_are_reached_by_keyboard_alone(new_page: NewPage) -> None:
    hands = Hands(new_page())
    hands.page.goto("/")
    hands.tab_to(hands.page.get_by_role("main").get_by_role("link", name="Éditions publiées"))
    hands.press("Enter")
    hands.page.wait_for_url("**/lire")
    assert hands.clicks == 0


def test_they_are_reached_without_javascript(new_page: NewPage) -> None:
    page = new_page(scripts=False)
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Éditions publiées").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Éditions publiées")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_people_sign_in(new_page: NewPage, scripts: bool) -> None:
    page = new_page(who="hector", scripts=scripts)
    assert "/connexion" not in page.url


def test_faults_are_seen(new_page: NewPage, watch_of: Callable[[Page], Watch]) -> None:
    """The negative control of everything above."""
    page = new_page(width=NARROW)
    page.goto("/")
    page.evaluate(
        """() => document.querySelector("main").insertAdjacentHTML("beforeend", `<h6 id="a">x</h6><p id="a">
          <img src="https://elsewhere.example/a.png"><input><span style="color:red">x</span>
          <pre class="x">${"x".repeat(2000)}</pre>`)"""
    )
    page.locator("pre.x").evaluate("element => { element.parentElement.append(element); }")
    assert any(fault.startswith("image-alt") for fault in axe_violations(page))
    assert any(fault.startswith("label") for fault in axe_violations(page))
    assert duplicate_ids(page) == ["a"]
    assert any("h6" in fault for fault in heading_faults(page))
    assert html_errors("<!doctype html><html lang=fr><title>x</title><p><div></div></p>")
    page.evaluate("() => { document.querySelector('main').style.width = '2000px'; }")
    assert overflowing(page)
    watch = watch_of(page)
    assert any("style-src" in said for said in watch.policy)
    assert any("img-src" in said for said in watch.policy)
    with pytest.raises(AssertionError):
        watch.assert_clean()
    watch.policy.clear()
    watch.elsewhere.clear()
