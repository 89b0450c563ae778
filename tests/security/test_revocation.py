"""A right that ends is felt at the next request, with tokens that were issued before (R11)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, text, update
from sqlalchemy.dialects.postgresql import Range

from app.core.clock import now
from app.core.security.secrets import fingerprint
from app.features.identity.models import ApiToken, Login, Mandate, Person
from app.features.initiatives.models import AccessGrant, Participation
from app.features.spaces.models import Facilitator, SpaceMember
from tests.factories import make_contribution
from tests.features.identity.doors import PASSWORD, api_token, give_password, sign_in, visitor
from tests.world import World, from_now, mandate

ENDED = func.tstzrange(func.lower(text("during")), func.now())


async def status(world: World, who: str, path: str | None = None) -> int:
    """What `who` is answered about the restricted space, with the token they had from the start."""
    client = await world.client(who)
    return (await client.get(path or f"/api/v1/spaces/{world.restricted.id}")).status_code


async def change(world: World, statement: Any) -> None:
    """One change, committed."""
    async with world.database.sessions() as db:
        done: Any = await db.execute(statement)
        assert done.rowcount >= 1
        await db.commit()


def _end(model: Any, *conditions: Any) -> Any:
    return update(model).where(*conditions).values(during=ENDED)


async def _mandate(world: World) -> None:
    await change(world, _end(Mandate, Mandate.id == world.mandates["participant"].id))


async def _membership(world: World) -> None:
    held = SpaceMember.organisation_id == world.organisation.id
    await change(world, _end(SpaceMember, SpaceMember.space_id == world.restricted.id, held))


async def _participation(world: World) -> None:
    await change(world, _end(Participation, Participation.organisation_id == world.organisation.id))


@pytest.mark.parametrize("end", [_mandate, _membership, _participation])
async def test_what_ends_closes_the_space_at_the_next_request(
    world: World, end: Callable[[World], Awaitable[None]]
) -> None:
    assert await status(world, "participant") == 200
    await end(world)
    assert await status(world, "participant") == 404
    assert await status(world, "participant", "/api/v1/me") == 200


async def test_a_mandate_ended_by_the_api_is_felt_in_writing_too(world: World) -> None:
    space = str(world.restricted.id)
    body = {"space_id": space, "kind": "need", "title": "Trésorerie", "markdown": "Il manque deux mois."}
    made = await world.post("participant", "/api/v1/contributions", body)
    assert made.status_code == 201
    path = f"/api/v1/mandates/{world.mandates['participant'].id}/end"
    assert (await world.post("lead", path, **{"If-Match": "*"})).status_code == 200
    assert (await world.post("participant", "/api/v1/contributions", body)).status_code == 404
    client = await world.client("participant")
    assert (await client.get(made.headers["location"])).status_code == 404, "their own words stay inside the space"


async def test_a_replayed_key_is_worth_no_more_than_the_right(world: World) -> None:
    body = {"space_id": str(world.restricted.id), "kind": "need", "title": "T", "markdown": "Il manque deux mois."}
    key = {"Idempotency-Key": str(uuid4())}
    client = await world.client("participant")
    first = await client.post("/api/v1/contributions", json=body, headers=key)
    again = await client.post("/api/v1/contributions", json=body, headers=key)
    assert first.content == again.content
    await _mandate(world)
    assert (await client.post("/api/v1/contributions", json=body, headers=key)).status_code == 404


@pytest.mark.parametrize("route", ["extracts", "themes"])
async def test_a_replayed_key_gives_no_words_of_a_space_that_was_left(world: World, route: str) -> None:
    """What a body names is unknown once it is hidden: a refusal in 422, which must not give way to the stored answer."""
    said = await make_contribution(world)
    theme = {"initiative_id": str(world.initiative.id), "space_id": str(world.restricted.id), "title": "Le fonds gelé"}
    extract = {"revision_id": str(said.head_id), "quote": "Il manque deux mois de trésorerie"}
    body = extract if route == "extracts" else theme
    key = {"Idempotency-Key": str(uuid4())}
    client = await world.client("facilitator")
    first, again = [await client.post(f"/api/v1/{route}", json=body, headers=key) for _ in range(2)]
    assert (first.status_code, first.content) == (201, again.content)
    await change(world, _end(Facilitator, Facilitator.person_id == world.persons["facilitator"].id))
    await _membership(world)
    after = await client.post(f"/api/v1/{route}", json=body, headers=key)
    assert (after.status_code, after.json()["type"]) == (422, "/problems/unknown-reference")
    never = body | ({"revision_id": str(uuid4())} if route == "extracts" else {"space_id": str(uuid4())})
    nothing = await client.post(f"/api/v1/{route}", json=never, headers={"Idempotency-Key": str(uuid4())})
    assert {**after.json(), "request_id": ""} == {**nothing.json(), "request_id": ""}


async def test_powers_that_change_are_felt_at_once(world: World) -> None:
    body = {"space_id": str(world.restricted.id), "kind": "need", "title": "T", "markdown": "Il manque deux mois."}
    assert (await world.post("participant", "/api/v1/contributions", body)).status_code == 201
    path = f"/api/v1/mandates/{world.mandates['participant'].id}/change"
    changed = await world.post("lead", path, {"powers": ["observes"]}, **{"If-Match": "*"})
    assert changed.status_code == 200
    assert (await world.post("participant", "/api/v1/contributions", body)).status_code == 403
    assert await status(world, "participant") == 200


async def test_a_copilot_whose_organisation_pilots_no_more(world: World) -> None:
    assert await status(world, "copilot") == 200
    held = Participation.organisation_id == world.piloting.id
    await change(world, _end(Participation, held))
    async with world.database.sessions() as db:
        since = Range(now() + timedelta(seconds=1), None)
        at = {"initiative_id": world.initiative.id, "organisation_id": world.piloting.id}
        db.add(Participation(role="participant", during=since, **at))
        await db.commit()
    assert await status(world, "copilot") == 404


async def test_a_facilitator_who_was_relieved(world: World) -> None:
    client = await world.client("facilitator")
    path = f"/api/v1/spaces/{world.restricted.id}"
    every = {"If-Match": "*"}
    assert (await client.patch(path, json={"title": "Un"}, headers=every)).status_code == 200
    await change(world, _end(Facilitator, Facilitator.person_id == world.persons["facilitator"].id))
    assert (await client.patch(path, json={"title": "Deux"}, headers=every)).status_code == 403


async def test_an_administrators_access_ends_with_its_hour(world: World) -> None:
    async with world.database.sessions() as db:
        who = {"initiative_id": world.initiative.id, "person_id": world.persons["admin"].id}
        db.add(AccessGrant(reason="Signalement reçu d’un membre.", during=from_now(), **who))
        await db.commit()
    assert await status(world, "admin") == 200
    await change(world, _end(AccessGrant, AccessGrant.initiative_id == world.initiative.id))
    assert await status(world, "admin") == 404


async def test_a_login_that_was_ended(world: World) -> None:
    await change(world, update(Login).where(Login.id == world.logins["participant"].id).values(ended_at=now()))
    assert await status(world, "participant", "/api/v1/me") == 401


async def test_a_person_who_was_disabled(world: World) -> None:
    path = f"/api/v1/persons/{world.persons['participant'].id}/disable"
    assert (await world.post("admin", path, **{"If-Match": "*"})).status_code == 200
    assert await status(world, "participant", "/api/v1/me") == 401


async def test_an_administrator_who_is_one_no_more(world: World) -> None:
    path = f"/api/v1/persons/{world.persons['stranger'].id}"
    assert await status(world, "admin", path) == 200
    await change(world, update(Person).where(Person.id == world.persons["admin"].id).values(is_admin=False))
    assert await status(world, "admin", path) == 404


async def test_a_changed_password_ends_the_other_devices(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    stolen = (await sign_in(app, email)).json()
    mine = (await sign_in(app, email)).json()["access_token"]
    body = {"current_password": PASSWORD, "new_password": "un merle au mois de mars 88"}
    async with visitor(app, token=mine) as client:
        assert (await client.post("/api/v1/auth/password", json=body)).status_code == 200
        assert (await client.get("/api/v1/me")).status_code == 200
    async with visitor(app, token=stolen["access_token"]) as client:
        assert (await client.get("/api/v1/me")).status_code == 401
        refreshed = await client.post("/api/v1/auth/refresh", json={"refresh_token": stolen["refresh_token"]})
        assert refreshed.status_code == 401


@pytest.mark.parametrize("change_of", ["revoked_at", "expires_at"])
async def test_a_personal_token_that_was_revoked_or_is_over(app: FastAPI, world: World, change_of: str) -> None:
    secret = await api_token(world, "participant")
    async with visitor(app, token=secret) as client:
        assert (await client.get("/api/v1/me")).status_code == 200
        theirs = ApiToken.fingerprint == fingerprint(secret)
        await change(world, update(ApiToken).where(theirs).values({change_of: now() - timedelta(seconds=1)}))
        assert (await client.get("/api/v1/me")).status_code == 401


async def test_a_personal_token_is_worth_no_more_than_its_person(app: FastAPI, world: World) -> None:
    secret = await api_token(world, "participant")
    path = f"/api/v1/spaces/{world.restricted.id}"
    async with visitor(app, token=secret) as client:
        assert (await client.get(path)).status_code == 200
        await _mandate(world)
        assert (await client.get(path)).status_code == 404


async def test_a_token_for_reading_writes_nothing_and_administers_nothing(app: FastAPI, world: World) -> None:
    body = {"space_id": str(world.restricted.id), "kind": "need", "title": "T", "markdown": "Il manque deux mois."}
    async with visitor(app, token=await api_token(world, "participant", "read")) as client:
        answer: httpx.Response = await client.post(
            "/api/v1/contributions", json=body, headers={"Idempotency-Key": str(uuid4())}
        )
        assert answer.status_code == 403
    async with visitor(app, token=await api_token(world, "admin", "read")) as client:
        assert (await client.get(f"/api/v1/persons/{world.persons['stranger'].id}")).status_code == 404


async def test_a_mandate_that_has_not_begun_opens_nothing(world: World) -> None:
    later = mandate(world.persons["stranger"].id, world.organisation.id, ["contributes"])
    later.during = Range(now() + timedelta(hours=1), None)
    async with world.database.sessions() as db:
        db.add(later)
        await db.commit()
    assert await status(world, "stranger") == 404
    await change(world, update(Mandate).where(Mandate.id == later.id).values(during=from_now()))
    assert await status(world, "stranger") == 200
