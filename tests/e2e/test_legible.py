"""Every screen is one for everybody: French and English, light and dark, wide and narrow, full, empty and refused.

A page is loaded once in each language; its theme and its width are then changed under it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.browsing import HEIGHTS, NARROW, Watch, context_options, sign_in
from tests.e2e.legible import (
    axe_violations,
    duplicate_ids,
    heading_faults,
    html_errors_of,
    overflowing,
)
from tests.e2e.places import Ids, Screen
from tests.e2e.screens import SCREENS
from tests.e2e.serving import Served

Visit = Callable[[Screen, str], tuple[Page, Watch]]
LANGUAGES = {"fr": "fr-FR", "en": "en-GB"}
REFUSED = ("sign-in", "forgotten", "composer", "contribution", "revise", "session-new", "team")
"""Screens whose first form is sent empty: what comes back says what is wrong."""
NARROWEST = 320
COLOURS = ("color-contrast", "link-in-text-block")
PLACES = ("target-size", "scrollable-region-focusable", "aria-hidden-focus", "label", "button-name", "link-name")
"""What may depend on the width: names that are hidden there, what overlaps."""


@pytest.fixture(scope="module")
def ids(served: Served) -> Iterator[Ids]:
    """What the screens are about."""
    found = Ids.of(served.urls)
    yield found
    found.connection.close()


@pytest.fixture(scope="module")
def sent() -> dict[str, str]:
    """The pages as they came, by screen and language."""
    return {}


@pytest.fixture(scope="module")
def visit(browser: Browser, served: Served) -> Iterator[Visit]:
    """A page of somebody, in a language: people sign in once."""
    windows: dict[tuple[str, str], tuple[BrowserContext, Watch]] = {}

    def visited(screen: Screen, language: str) -> tuple[Page, Watch]:
        who = screen.who
        if screen.alone or (who, language) not in windows:
            context = browser.new_context(**context_options(served.base, language=LANGUAGES[language]))
            watch = Watch(served.base)
            watch.follow(context, scripts=True)
            windows[who, language] = context, watch
            if who:
                page = context.new_page()
                sign_in(page, who, served.password)
                page.close()
        context, watch = windows[who, language]
        return context.new_page(), watch

    yield visited
    for context, _ in windows.values():
        context.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_everybody_can_read_it(visit: Visit, ids: Ids, screen: Screen, language: str, sent: dict[str, str]) -> None:
    page, watch = visit(screen, language)
    sent[f"{screen.name}.{language}"] = screen.reach(page, ids)
    assert page.locator("html").get_attribute("lang") == language
    _assert_for_everybody(page)
    page.close()
    _assert_silent(watch)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("screen", [one for one in SCREENS if one.name in REFUSED], ids=lambda screen: screen.name)
def test_what_is_refused_is_said_to_everybody(visit: Visit, ids: Ids, screen: Screen, language: str) -> None:
    page, watch = visit(screen, language)
    page.goto(screen.address(ids))
    with page.expect_navigation():
        page.evaluate(SEND_EMPTY)
    _assert_for_everybody(page)
    page.close()
    _assert_silent(watch)


def test_they_were_sent_as_valid_html(sent: dict[str, str]) -> None:
    """All at once: the validator takes longer to start than to read."""
    assert html_errors_of(sent) == {}


SEND_EMPTY = """() => {
  const form = [...document.querySelectorAll("main form[method=post]")].find((one) => one.querySelector("[required]"));
  for (const field of form.querySelectorAll("input:not([type=hidden]), textarea")) {
    if (["radio", "checkbox"].includes(field.type)) field.checked = false; else field.value = "";
  }
  form.submit();
}"""


def _assert_for_everybody(page: Page) -> None:
    """Everything at 1280 px in light; then what depends on colours and widths, in dark and narrow."""
    found = {
        "wide": axe_violations(page),
        "ids": duplicate_ids(page),
        "headings": heading_faults(page),
        "overflow": overflowing(page),
    }
    page.emulate_media(color_scheme="dark")
    found["wide, dark"] = axe_violations(page, COLOURS)
    page.set_viewport_size({"width": NARROW, "height": HEIGHTS[NARROW]})
    found["narrow, dark"] = axe_violations(page, COLOURS + PLACES)
    found["narrow overflow"] = overflowing(page)
    page.emulate_media(color_scheme="light")
    found["narrow"] = axe_violations(page, COLOURS)
    page.set_viewport_size({"width": NARROWEST, "height": HEIGHTS[NARROW]})
    found["narrowest overflow"] = overflowing(page)
    assert {name: faults for name, faults in found.items() if faults} == {}, page.url


def _assert_silent(watch: Watch) -> None:
    try:
        watch.assert_clean()
    finally:
        for list_ in (watch.policy, watch.elsewhere, watch.failures):
            list_.clear()
