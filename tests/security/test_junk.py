"""Junk is a refusal, never a failure: 0 answers of 5xx on every route, as four callers (R8).

`ALLIAGE_FUZZ=200` tries that many spoiled requests on each route and for each caller.
"""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote_from_bytes
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.core.db import Database
from app.web.api import query_names
from app.wiring import ROUTERS
from tests.policy.asks import API, BODIES, QUERIES, ask, parameters
from tests.policy.ladder import send
from tests.policy.rows import Ids
from tests.policy.things import THINGS
from tests.policy.things_of_people import PASSWORD
from tests.security.junk import spoiled_bodies, spoiled_queries
from tests.world import World, make_world

MOST = int(os.environ.get("ALLIAGE_FUZZ", "4"))
IN_ADDRESSES = ("%00", "%ED%A0%80", "..%2f..%2fetc", "1" * 400, "%F0%9F%92%A9", "-1", "2147483648")
CALLERS = ("visitor", "participant", "copilot", "admin")
ROUTES = [
    (method, route)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and route.path.startswith(API)
    for method in sorted((route.methods or set()) - {"HEAD"})
]
SOMEBODY_ELSE = {"/api/v1/auth/sign-out", "/api/v1/auth/sign-out-everywhere"}
"""They take nothing, and would end the logins that the others use."""


@pytest.fixture(scope="module")
async def place(app: FastAPI, database: Database) -> AsyncIterator[tuple[World, Ids]]:
    """A world with one of each thing, worn down by everybody's junk."""
    async with make_world(app, database) as world:
        ids: Ids = {}
        for phrase in (
            "l’organisation",
            "mandat d’une personne de l’organisation",
            "invitation de l’organisation",
            "étiquette, phase, jalon de la démarche",
            "adresse d’un compte et son mot de passe",
            "accès ouvert par l’administrateur",
            "espace restreint",
            "compte d’une autre personne",
            "amendement proposé",
        ):
            ids |= await THINGS[phrase].make(world, "admin")
        unknown = {"edition_id": uuid4(), "since": uuid4(), "name": "edition.html", "token_id": uuid4()}
        unknown |= {"login_id": uuid4(), "password": PASSWORD, "address_token": "alg_adr_x"}
        yield world, unknown | ids


def _query_string(pairs: list[tuple[str, str]]) -> str:
    return "&".join(f"{name}={quote_from_bytes(value.encode('utf-8', 'surrogatepass'))}" for name, value in pairs)


async def _raw(world: World, who: str, method: str, path: str, body: bytes | None = None) -> httpx.Response:
    client = await world.client(who)
    headers = {"Idempotency-Key": str(uuid4()), "If-Match": "*"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    return await client.request(method, path, content=body, headers=headers)


def _requests(method: str, route: APIRoute, ids: Ids, chance: random.Random) -> Iterator[tuple[str, bytes | None]]:
    sent = ask(method, route.path, ids)
    if route.body_field is not None:
        for body in spoiled_bodies(sent.body, chance, MOST):
            yield sent.path, body
    if method == "GET":
        for pairs in spoiled_queries(sent, list(query_names(route.dependant)), chance, MOST):
            yield f"{sent.path}?{_query_string(pairs)}", None
    for name in parameters(route.path):
        if len(str(ids.get(name))) == 36 and method == "GET":
            wide = "%EF%BC%90" + str(ids[name])[1:]  # a full-width zero: Python's UUID takes it
            yield route.path.format(**(ids | ask_values(sent.path, route.path) | {name: wide})) + "?limit=1", None
        for junk in chance.sample(IN_ADDRESSES, min(MOST // 2, len(IN_ADDRESSES))):
            yield route.path.format(**(ids | ask_values(sent.path, route.path) | {name: junk})), None


def ask_values(path: str, template: str) -> dict[str, Any]:
    """The values that an address gives to its parameters."""
    parts = zip(template.split("/"), path.split("/"), strict=True)
    return {name[1:-1]: value for name, value in parts if name.startswith("{")}


@pytest.mark.parametrize("who", CALLERS)
@pytest.mark.parametrize(("method", "route"), ROUTES, ids=[f"{method} {route.path}" for method, route in ROUTES])
async def test_junk_is_never_a_failure(place: tuple[World, Ids], who: str, method: str, route: APIRoute) -> None:
    if route.path in SOMEBODY_ELSE:
        return
    world, ids = place
    chance = random.Random(f"{who} {method} {route.path}")
    for path, body in _requests(method, route, ids, chance):
        answer = await _raw(world, who, method, path, body)
        assert answer.status_code < 500, (who, method, path[:300], (body or b"")[:300], answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", (method, path[:300])
            assert answer.json()["type"].startswith("/problems/")


async def test_an_address_of_full_width_digits_is_nothing(place: tuple[World, Ids]) -> None:
    """The page has a next one, whose address would stand in a header."""
    world, _ids = place
    for part in ("", "/participations?limit=1"):
        path = f"{API}/initiatives/%EF%BC%90{str(world.initiative.id)[1:]}{part}"
        assert (await _raw(world, "copilot", "GET", path)).status_code == 404, path


@pytest.mark.parametrize(("method", "path"), [("POST", "/auth/sign-in/"), ("GET", "/spaces/"), ("GET", "/me/")])
async def test_a_slash_too_many_leads_nowhere(place: tuple[World, Ids], method: str, path: str) -> None:
    client = await place[0].client("visitor")
    answer = await client.request(method, f"{API}{path}", headers={"Host": "ailleurs.example"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "location" not in answer.headers
    assert "ailleurs.example" not in answer.text


@pytest.mark.parametrize("half", ["WyJ2IiwgIlx1ZDgwMCIsICIwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMCJd"])
async def test_a_cursor_of_half_a_surrogate_pair_is_not_ours(place: tuple[World, Ids], half: str) -> None:
    for path in ("/organisations", "/persons"):
        answer = await _raw(place[0], "admin", "GET", f"{API}{path}?cursor={half}")
        assert answer.status_code == 400, (path, answer.text)


def test_every_route_that_takes_something_is_given_something() -> None:
    for method, route in ROUTES:
        key = f"{method} {route.path.removeprefix(API)}"
        assert route.body_field is None or key in BODIES, f"tests/policy/asks.py has no valid body for {key}"
        for parameter in route.dependant.query_params:
            assert not parameter.field_info.is_required() or key in QUERIES, key


async def test_those_who_tried_are_still_signed_in(place: tuple[World, Ids]) -> None:
    """The control: junk sent by somebody who was signed out on the way would prove little."""
    for who in CALLERS[1:]:
        assert (await _raw(place[0], who, "GET", f"{API}/me")).status_code == 200, who


async def test_what_people_may_not_decide_is_refused(world: World) -> None:
    """Mass assignment: fields that belong to the service are unknown fields (422), and nothing is written."""
    ids = await THINGS["espace restreint"].make(world, "participant")
    for name in ("person_id", "author_id", "state", "version", "initiative_id", "recorded_at", "id", "origin"):
        for route in ("/contributions", "/contributions/{contribution_id}/replies"):
            sent = ask("POST", f"{API}{route}", ids)
            sent.body[name] = str(ids["outside_person_id"])
            answer = await send(world, "participant", sent)
            assert answer.status_code == 422, (route, name, answer.text)
            assert answer.json()["errors"][0]["pointer"] == f"/{name}"
