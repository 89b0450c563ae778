"""Pages that are watched: what they report, whom they ask, and what a person does on them, counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Locator,
    Page,
    Playwright,
    Request,
    expect,
)

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
WIDE, NARROW = 1280, 390
HEIGHTS = {WIDE: 800, NARROW: 844}
REFUSALS = (
    "Failed to load resource",
    "Response Status Error Code",
    "htmx:sendError",
    "htmx:timeout",
    "htmx:afterRequest",
)
"""What the browser and htmx say of a server that refuses, or does not answer: the page must deal with it."""
VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  reportViolation(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


@dataclass  # without slots: playwright leaves marks on whose methods it calls
class Watch:
    """What went wrong on the pages of one browser window, where nothing should."""

    base: str
    policy: list[str] = field(default_factory=list)
    """What the content security policy refused."""
    elsewhere: list[str] = field(default_factory=list)
    """Requests to anybody but our server."""
    failures: list[str] = field(default_factory=list)
    """Exceptions and errors of the browser code."""
    requests: list[str] = field(default_factory=list)
    """Every request to our server, in order: method and address."""

    def follow(self, context: BrowserContext, *, scripts: bool) -> None:
        """Watch every page of `context`, from its next navigation on."""
        context.on("request", self._asked)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.failures.append(str(error.error)))
        if scripts:
            context.expose_function("reportViolation", self._refused)
            context.add_init_script(VIOLATIONS)

    def assert_clean(self) -> None:
        """Nothing refused by the policy, nobody else asked, no exception."""
        assert (self.policy, self.elsewhere, self.failures) == ([], [], [])

    def _asked(self, request: Request) -> None:
        if request.url.startswith(f"{self.base}/"):
            self.requests.append(f"{request.method} {request.url.removeprefix(self.base)}")
        elif not request.url.startswith(("data:", "blob:", "about:")):
            self.elsewhere.append(request.url)

    def _refused(self, report: str) -> None:
        self.policy.append(report)

    def _said(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.policy.append(message.text)
        elif message.type == "error" and not message.text.startswith(REFUSALS):
            self.failures.append(message.text)


@dataclass(slots=True)
class Hands:
    """What a person does on a page: clicks and keys are counted, letters typed into a field are not."""

    page: Page
    clicks: int = 0
    keys: int = 0

    def click(self, target: Locator) -> None:
        """By mouse, or by finger."""
        self.clicks += 1
        target.click()

    def press(self, key: str) -> None:
        """One key, or a chord such as Control+K."""
        self.keys += 1
        self.page.keyboard.press(key)

    def tab_to(self, target: Locator, most: int = 80) -> None:
        """Press Tab until `target` has the focus, which must be seen; fails where it cannot be reached."""
        expect(target).to_be_visible()
        for _ in range(most):
            if target.evaluate("element => element === document.activeElement"):
                ring = target.evaluate(
                    "element => { const ring = (s) => s.outlineStyle !== 'none' || s.boxShadow !== 'none';"
                    " return ring(getComputedStyle(element)) || ring(getComputedStyle(element.closest('.edit, .pick') ?? element)); }"
                )
                assert ring, "the focus is there, and nothing shows it"
                return
            self.press("Tab")
        raise AssertionError(f"{target} is not reached by {most} times Tab")

    def write(self, text: str) -> None:
        """Type into what has the focus."""
        self.page.keyboard.type(text)


@contextmanager
def browser_of(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium, without window and without anything of its own that asks the network."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
    yield browser
    browser.close()


def context_options(
    base: str,
    *,
    width: int = WIDE,
    scripts: bool = True,
    theme: Literal["light", "dark"] = "light",
    language: str = "fr-FR",
) -> dict[str, Any]:
    """How a browser window is opened; at 390 px it is a phone's, with a finger."""
    return {
        "base_url": base,
        "viewport": {"width": width, "height": HEIGHTS.get(width, 800)},
        "java_script_enabled": scripts,
        "color_scheme": theme,
        "reduced_motion": "reduce",
        "locale": language,
        "timezone_id": "Europe/Paris",
        "has_touch": width == NARROW,
    }


def bytes_of(session: CDPSession) -> list[float]:
    """Bytes on the wire, as they come."""
    sizes: list[float] = []
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    return sizes


def sign_in(page: Page, who: str, password: str) -> None:
    """Sign in as `who` of the demonstration (`hector`, `agathe`… of `demonstration.accounts.ROLES`), by the form."""
    page.goto("/connexion")
    page.locator('details:has(input[name="password"]) > summary').click()
    fill_in(page, who, password)
    page.wait_for_url(lambda address: "/connexion" not in address)


def fill_in(page: Page, who: str, password: str) -> None:
    """The form that asks for a password: a page's, or the one that opens over what somebody was doing."""
    form = page.locator('form:has(input[name="password"])')
    form.locator('input[name="email"]').fill(f"{who}@alliage.example")
    form.locator('input[name="password"]').fill(password)
    form.get_by_role("button").first.click()
