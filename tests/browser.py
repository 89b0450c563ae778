"""A browser without a screen: it keeps cookies, says where its requests come from, and sends forms as they were shown."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from typing import Any

import httpx
from fastapi import FastAPI

from tests.features.identity.doors import PASSWORD, give_password
from tests.world import World

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
FROM_OUR_PAGES = {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}


class Fields(HTMLParser):
    """The forms of a page: action -> the names and values that a browser would send without touching anything."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: dict[str, list[tuple[str, str]]] = {}
        self.open = ""
        self.area = ""
        self.select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what has a name and a value."""
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = said.get("action", "")
            self.forms.setdefault(self.open, [])
        if not self.open or (not said.get("name") and tag != "option"):
            return
        chosen = said.get("type") not in ("checkbox", "radio") or "checked" in said
        if tag == "input" and chosen and said.get("type") not in ("submit", "button", "file"):
            self.forms[self.open].append((said["name"], said.get("value", "on" if "checked" in said else "")))
        elif tag == "textarea":
            self.area = said["name"]
            self.forms[self.open].append((self.area, ""))
        elif tag == "select":
            self.select = said["name"]
        elif tag == "option" and self.select and "selected" in said:
            self.forms[self.open].append((self.select, said.get("value", "")))

    def handle_data(self, data: str) -> None:
        """What stands in a text area."""
        if self.open and self.area:
            name, before = self.forms[self.open].pop()
            # Browsers drop the line end after the tag, and so does this one.
            self.forms[self.open].append((name, before + (data if before else data.removeprefix("\n"))))

    def handle_endtag(self, tag: str) -> None:
        """Close what was open."""
        if tag == "form":
            self.open = ""
        elif tag == "textarea":
            self.area = ""
        elif tag == "select":
            self.select = ""


class Browser:
    """One browser; `page` is the last answer."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page: httpx.Response = httpx.Response(204)

    async def open(self, path: str, **headers: str) -> httpx.Response:
        """Go to an address, and where it leads."""
        self.page = await self.client.get(path, headers=headers, follow_redirects=True)
        return self.page

    async def post(self, path: str, fields: dict[str, Any], **headers: str) -> httpx.Response:
        """Send a form as our page would; redirects are followed."""
        sent = await self.client.post(path, data=fields, headers=FROM_OUR_PAGES | headers)
        self.page = await self._followed(sent)
        return self.page

    async def submit(self, action: str, **changed: Any) -> httpx.Response:
        """Send the form of the page whose action is `action`, with some of its fields `changed`."""
        shown = Fields(self.page.text).forms
        assert action in shown, f"no form for {action} among {sorted(shown)}"
        fields: dict[str, Any] = {}
        for name, value in shown[action]:
            fields[name] = [*fields[name], value] if isinstance(fields.get(name), list) else value
        return await self.post(action, fields | changed)

    async def _followed(self, answer: httpx.Response) -> httpx.Response:
        if answer.status_code == 303:
            return await self.client.get(answer.headers["location"], follow_redirects=True)
        return answer

    @property
    def csrf(self) -> str:
        """The token of the last page."""
        found = re.search(r'name="csrf" content="([^"]*)"', self.page.text)
        return found[1] if found else ""


@asynccontextmanager
async def browser(app: FastAPI) -> AsyncIterator[Browser]:
    """A browser that nobody uses yet."""
    transport = httpx.ASGITransport(app=app, client=("203.0.113.9", 1))
    headers = {"Accept": ACCEPT, "Accept-Language": "fr"}
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
        yield Browser(client)


@asynccontextmanager
async def signed_in(app: FastAPI, world: World, who: str) -> AsyncIterator[Browser]:
    """A browser where `who` signed in by password."""
    email = await give_password(world, who)
    async with browser(app) as made:
        await made.open("/connexion")
        answer = await made.client.post(
            "/connexion", data={"email": email, "password": PASSWORD, "vers": "/"}, headers=FROM_OUR_PAGES
        )
        assert answer.status_code == 303, answer.text
        yield made
