"""No change overwrites another unseen: 428 without `If-Match`, 412 with a stale one, on every route (R6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.core.db import Database
from app.web.api import ApiRoute
from app.web.deps import get_expected
from app.web.routing import api_routes
from app.wiring import ROUTERS
from tests.policy import things_of_people  # noqa: F401 - registers its things
from tests.policy.asks import ask
from tests.policy.ladder import Line, read_table, send
from tests.policy.things import THINGS
from tests.world import LADDER, make_world

ROOT = Path(__file__).resolve().parents[2]

STALE = '"v999999-0a0b0c0d"'

CLOSES = "it only takes access away: closing a door must not fail"
ENDS = "it ends a period that nothing else changes; repeated, it is refused as ended already"
PASSES = "it says for 45 seconds that somebody writes there; repeated, it only lasts longer, and it locks nothing"
SECRET = "its answer is a secret, kept nowhere"
WITHOUT = {
    ("DELETE", "/api/v1/auth/tokens/{token_id}"): CLOSES,
    ("DELETE", "/api/v1/me/logins/{login_id}"): CLOSES,
    ("DELETE", "/api/v1/me/calendar"): CLOSES,
    ("POST", "/api/v1/auth/sign-out"): CLOSES,
    ("POST", "/api/v1/auth/sign-out-everywhere"): CLOSES,
    ("POST", "/api/v1/auth/sign-in"): f"{SECRET}; a second login is another one, and ends by itself",
    ("POST", "/api/v1/auth/refresh"): f"{SECRET}; a second exchange is what tells a thief",
    (
        "POST",
        "/api/v1/auth/password",
    ): "the password in force is its precondition; no hash of a body with passwords is kept",
    ("POST", "/api/v1/auth/forgotten-password"): "it mails a code, and asking is limited by account and by address",
    ("POST", "/api/v1/auth/reset-password"): "its code serves once; no hash of a body with passwords is kept",
    (
        "POST",
        "/api/v1/auth/address",
    ): "the password in force is its precondition; the last asked is the one that counts",
    ("POST", "/api/v1/auth/address/confirm"): "its code serves once",
    ("POST", "/api/v1/invitations/inspect"): "it reads: a POST, so that the code stays out of addresses",
    ("POST", "/api/v1/search/similar"): "it reads: a POST, since a draft is longer than an address",
    ("POST", "/api/v1/initiatives/{reference}/visit"): "it says that one is here; said twice, it is true twice",
    ("POST", "/api/v1/spaces/{space_id}/seen"): "it adds to what one has seen: a union, whatever the order",
    ("POST", "/api/v1/participations/{participation_id}/end"): ENDS,
    ("POST", "/api/v1/access-grants/{grant_id}/end"): ENDS,
    ("POST", "/api/v1/spaces/{space_id}/members/{organisation_id}/end"): ENDS,
    ("POST", "/api/v1/spaces/{space_id}/facilitators/{person_id}/end"): ENDS,
    ("PUT", "/api/v1/passages/{passage_id}/presence"): PASSES,
    ("DELETE", "/api/v1/passages/{passage_id}/presence"): PASSES,
    ("PUT", "/api/v1/sections/{section_id}/presence"): PASSES,
    ("DELETE", "/api/v1/sections/{section_id}/presence"): PASSES,
    ("PUT", "/api/v1/sessions/{session_id}/notes/presence"): PASSES,
    ("DELETE", "/api/v1/sessions/{session_id}/notes/presence"): PASSES,
    ("PUT", "/api/v1/sessions/{session_id}/minutes/presence"): PASSES,
    ("DELETE", "/api/v1/sessions/{session_id}/minutes/presence"): PASSES,
}
"""Changes that ask for no version and demand no key, and why a second one does no harm."""


NET = "the private net under what is typed goes once its words are said elsewhere, or by its owner's own gesture"
PAGES_ON_ANY_VERSION = {
    "app/features/drafts/pages.py": NET,
}
"""Pages that change what they did not show, and why nobody's words are lost by it."""


def _asks_for_a_version(route: APIRoute) -> bool:
    waiting = list(route.dependant.dependencies)
    while waiting:
        dependency = waiting.pop()
        if dependency.call is get_expected:
            return True
        waiting += dependency.dependencies
    return False


VERSIONED = {
    (method, route.path)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and _asks_for_a_version(route)
    for method in route.methods or ()
}


def _lines() -> Iterator[Line]:
    """For each route that asks for a version, the first line on which somebody succeeds."""
    done: set[tuple[str, str]] = set()
    for line in read_table():
        if line.route in VERSIONED - done and "oui" in line.cells.values():
            done.add(line.route)
            yield line


LINES = list(_lines())


def test_every_route_that_asks_for_a_version_is_tried() -> None:
    assert {line.route for line in LINES} == VERSIONED
    assert len(VERSIONED) > 50


def test_every_change_asks_for_the_version_it_was_written_on(app: FastAPI) -> None:
    """Or, where something new comes of it, demands the key by which a second delivery is known."""
    changing = {
        (method, route.path): _asks_for_a_version(route) or (isinstance(route, ApiRoute) and route.creates)
        for route in api_routes(app)
        if route.path.startswith("/api/")
        for method in (route.methods or set()) & {"PATCH", "PUT", "DELETE", "POST"}
    }
    assert len(changing) > 100
    assert {route for route, asks in changing.items() if not asks} == set(WITHOUT)
    assert all(WITHOUT.values())


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
async def test_missing_is_428_and_stale_is_412(app: FastAPI, database: Database, line: Line) -> None:
    who = next(who for who in reversed(LADDER) if line.cells[who] == "oui")
    async with make_world(app, database) as world:
        thing = await THINGS[line.on].make(world, who)
        sent = ask(line.method, line.path, thing)
        missing = await send(world, who, sent, **{"If-Match": ""})
        assert missing.status_code == 428, missing.text
        stale = await send(world, who, sent, **{"If-Match": STALE})
        assert stale.status_code == 412, stale.text
        garbled = await send(world, who, sent, **{"If-Match": "version 3"})
        assert garbled.status_code == 400, garbled.text
        done = await send(world, who, sent)
        assert done.status_code < 300, done.text


def test_no_page_writes_on_a_version_that_its_form_did_not_carry() -> None:
    """Actions demand the version that was read; a form carries it in a hidden field. What says "any" is listed with its reason."""
    pages = [path for path in (ROOT / "app" / "features").rglob("*.py") if "pages" in path.relative_to(ROOT).as_posix()]
    said = {
        path.relative_to(ROOT).as_posix() for path in pages if re.search(r"ANY_VERSION|any_version", path.read_text())
    }
    assert len(pages) > 5
    assert said == set(PAGES_ON_ANY_VERSION)
