"""Oneself, personal tokens, and accounts that administrators close."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text, update

from app.core.clock import now
from app.core.db import Database
from app.core.errors import Conflict, Invalid
from app.core.events import Event
from app.core.versions import ANY_VERSION
from app.features.identity.actions.accounts import create_admin, disable
from app.features.identity.models import ApiToken, Person
from app.features.spaces.models import Space
from tests.features.identity.doors import (
    PASSWORD,
    events_of,
    get_me,
    give_password,
    new_key,
    refresh,
    sign_in,
    visitor,
    without_id,
)
from tests.world import LADDER, World, login, make_world, mandate, person

TOKENS = "/api/v1/auth/tokens"


def _token(scope: str = "write", **more: Any) -> dict[str, Any]:
    return {"name": "Export", "scope": scope, "expires_at": (now() + timedelta(days=30)).isoformat()} | more


async def _make(world: World, who: str, scope: str = "write") -> dict[str, Any]:
    answer = await world.post(who, TOKENS, _token(scope))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.mark.parametrize("who", LADDER)
async def test_everybody_reads_oneself(world: World, who: str) -> None:
    client = await world.client(who)
    answer = await client.get("/api/v1/me")
    if who == "visitor":
        assert answer.status_code == 401
        return
    me = answer.json()
    assert me["id"] == str(world.persons[who].id)
    assert me["email"] == world.persons[who].email
    actor = await world.actor(who)
    assert {UUID(space["id"]) for space in me["spaces"] if space["inside"]} == actor.inner_spaces
    assert {UUID(space["id"]) for space in me["spaces"]} == actor.inner_spaces | actor.outer_spaces
    assert {UUID(p["initiative"]["id"]) for p in me["participations"]} == {seat for seat, _ in actor.seats}
    assert me["is_admin"] == (who == "admin")


async def test_oneself_is_one_statement(world: World, statements: list[str]) -> None:
    client = await world.client("participant")
    await client.get("/api/v1/me")
    statements.clear()
    await client.get("/api/v1/me")
    assert len(statements) <= 2, statements


async def test_oneself_changes_name_and_language(world: World) -> None:
    client = await world.client("participant")
    before = await client.get("/api/v1/me")
    headers = {"If-Match": before.headers["etag"]}
    assert (await client.patch("/api/v1/me", json={"locale": "en"})).status_code == 428
    changed = await client.patch("/api/v1/me", json={"locale": "en", "name": "Autre Nom"}, headers=headers)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["locale"], changed.json()["name"]) == ("en", "Autre Nom")
    assert (await client.patch("/api/v1/me", json={"locale": "fr"}, headers=headers)).status_code == 412
    for body in ({"locale": "de"}, {"name": None}, {"email": "x@alliage.example"}, {"is_admin": True}):
        assert (await client.patch("/api/v1/me", json=body, headers={"If-Match": "*"})).status_code == 422
    same = await client.get("/api/v1/me", headers={"If-None-Match": changed.headers["etag"]})
    assert same.status_code == 304
    visitor_ = await world.client("visitor")
    assert (await visitor_.patch("/api/v1/me", json={"locale": "en"})).status_code == 401


async def test_a_token_is_shown_once_and_stored_as_a_fingerprint(world: World, app: FastAPI) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    body = _token("read")
    made = await world.post("participant", TOKENS, body, **key)
    assert made.status_code == 201, made.text
    secret = made.json()["token"]
    assert secret.startswith("alg_pat_")
    assert (await get_me(app, secret)).json()["id"] == str(world.persons["participant"].id)
    again = await world.post("participant", TOKENS, body, **key)
    assert again.status_code == 409
    assert again.json()["type"] == "/problems/secret-shown-once"
    listed = (await (await world.client("participant")).get(TOKENS)).json()["items"]
    assert [(item["id"], item["scope"]) for item in listed] == [(made.json()["id"], "read")]
    body_of_secret = secret.removeprefix("alg_pat_")
    assert body_of_secret not in str(listed)
    async with world.database.reading() as connection:
        for table in ("api_tokens", "idempotency", "events"):
            found = text(f"SELECT count(*) FROM {table} t WHERE t::text LIKE :secret")
            rows = await connection.execute(found, {"secret": f"%{body_of_secret}%"})
            assert rows.scalar_one() == 0, table
    assert (await (await world.client("colleague")).get(TOKENS)).json()["items"] == []


async def test_a_reading_token_reads_and_no_more(world: World, app: FastAPI) -> None:
    made = await _make(world, "lead", "read")
    async with visitor(app, token=made["token"]) as client:
        assert (await client.get("/api/v1/me")).status_code == 200
        organisation = f"/api/v1/organisations/{world.organisation.id}"
        writes = [
            await client.patch(organisation, json={"acronym": "x"}, headers={"If-Match": "*"}),
            await client.patch("/api/v1/me", json={"locale": "en"}, headers={"If-Match": "*"}),
            await client.post("/api/v1/auth/sign-out-everywhere"),
            await client.delete(f"{TOKENS}/{made['id']}"),
            await client.post(f"/api/v1/mandates/{world.mandates['colleague'].id}/end", headers={"If-Match": "*"}),
            await client.post(
                "/api/v1/invitations",
                json={
                    "email": "a@alliage.example",
                    "organisation_id": str(world.organisation.id),
                    "powers": ["observes"],
                },
                headers=new_key(),
            ),
        ]
    assert [answer.status_code for answer in writes] == [403] * 6
    assert {answer.json()["type"] for answer in writes} == {"/problems/read-only-token"}


async def test_a_writing_token_opens_no_other_door(world: World, app: FastAPI) -> None:
    email = await give_password(world, "lead")
    made = await _make(world, "lead")
    async with visitor(app, token=made["token"]) as client:
        organisation = f"/api/v1/organisations/{world.organisation.id}"
        fine = await client.patch(organisation, json={"acronym": "x"}, headers={"If-Match": "*"})
        assert fine.status_code == 200, fine.text
        body = {"current_password": PASSWORD, "new_password": "deux mésanges sur la haie"}
        closed = [
            await client.post(TOKENS, json=_token(), headers=new_key()),
            await client.post("/api/v1/auth/password", json=body),
            await client.post("/api/v1/auth/sign-out"),
        ]
    assert [answer.json()["type"] for answer in closed] == ["/problems/sign-in-needed"] * 3
    assert (await sign_in(app, email)).status_code == 200


async def test_a_token_ends_when_it_is_revoked_or_expires(world: World, app: FastAPI) -> None:
    revoked, expired = await _make(world, "participant"), await _make(world, "participant")
    other = await world.client("colleague")
    hidden, unknown = await other.delete(f"{TOKENS}/{revoked['id']}"), await other.delete(f"{TOKENS}/{uuid4()}")
    assert hidden.status_code == 404
    assert without_id(hidden) == without_id(unknown)
    mine = await world.client("participant")
    assert (await mine.delete(f"{TOKENS}/{revoked['id']}")).status_code == 204
    assert (await mine.delete(f"{TOKENS}/{revoked['id']}")).status_code == 404
    async with world.database.sessions() as db:
        await db.execute(update(ApiToken).where(ApiToken.id == UUID(expired["id"])).values(expires_at=now()))
        await db.commit()
    for dead in (revoked, expired):
        assert (await get_me(app, dead["token"])).status_code == 401
    assert await events_of(world.database, UUID(revoked["id"])) == ["token.created", "token.revoked"]


@pytest.mark.parametrize("days", [-1, 367, 4000])
async def test_a_token_lives_a_year_at_most(world: World, days: int) -> None:
    body = _token(expires_at=(now() + timedelta(days=days)).isoformat())
    answer = await world.post("participant", TOKENS, body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/expires_at"


async def test_signing_out_everywhere_ends_tokens_too(world: World, app: FastAPI) -> None:
    made = await _make(world, "participant")
    answer = await world.post("participant", "/api/v1/auth/sign-out-everywhere")
    assert answer.json() == {"logins": 1, "tokens": 1}
    assert (await get_me(app, made["token"])).status_code == 401
    assert (await (await world.client("participant")).get("/api/v1/me")).status_code == 401


async def test_a_disabled_account_is_out_at_once(world: World, app: FastAPI) -> None:
    email = await give_password(world, "participant")
    tokens = (await sign_in(app, email)).json()
    made = await _make(world, "participant")
    path = f"/api/v1/persons/{world.persons['participant'].id}"
    admin = await world.client("admin")
    version = (await admin.get(path)).headers["etag"]
    closed = await admin.post(f"{path}/disable", headers={"If-Match": version})
    assert closed.status_code == 200, closed.text
    assert closed.json()["state"] == "disabled"
    for dead in (tokens["access_token"], made["token"], world.token("participant")):
        assert (await get_me(app, dead)).status_code == 401
    assert (await refresh(app, tokens["refresh_token"])).status_code == 401
    assert (await sign_in(app, email)).status_code == 401
    assert (await admin.post(f"{path}/disable", headers={"If-Match": "*"})).status_code == 409
    assert (await admin.post(f"{path}/disable", headers={"If-Match": version})).status_code == 412
    opened = await admin.post(f"{path}/enable", headers={"If-Match": closed.headers["etag"]})
    assert opened.json()["state"] == "active"
    assert (await get_me(app, made["token"])).status_code == 401, "what was ended stays ended"
    assert (await sign_in(app, email)).status_code == 200
    assert "account.disabled" in await events_of(world.database, world.persons["participant"].id)


@pytest.mark.parametrize("who", LADDER)
async def test_accounts_are_for_administrators(world: World, who: str) -> None:
    client = await world.client(who)
    known, unknown = f"/api/v1/persons/{world.persons['colleague'].id}", f"/api/v1/persons/{uuid4()}"
    status = 200 if who == "admin" else 404
    listed = (await client.get("/api/v1/persons", params={"q": world.persons["colleague"].email})).json()["items"]
    assert len(listed) == (1 if who == "admin" else 0)
    assert (await client.get(known)).status_code == status
    for verb in ("disable", "enable"):
        answer = await client.post(f"{known}/{verb}", headers={"If-Match": "*"})
        assert answer.status_code == status, answer.text
        absent = await client.post(f"{unknown}/{verb}", headers={"If-Match": "*"})
        assert absent.status_code == 404
        if status == 404:
            assert without_id(answer) == without_id(absent)
    if status == 404:
        assert without_id(await client.get(known)) == without_id(await client.get(unknown))


async def test_accounts_are_listed_page_by_page(world: World) -> None:
    mark = uuid4().hex[:8]
    async with world.database.sessions() as db:
        db.add_all(
            Person(name=f"{mark} {name}", email=f"{uuid4().hex}@alliage.example") for name in ("Élise", "emma", "Yves")
        )
        await db.commit()
    admin = await world.client("admin")
    first = (await admin.get("/api/v1/persons", params={"q": mark, "limit": 2})).json()
    rest = (await admin.get("/api/v1/persons", params={"q": mark, "cursor": first["next_cursor"]})).json()
    names = [item["name"] for item in first["items"] + rest["items"]]
    assert names == [f"{mark} {name}" for name in ("Élise", "emma", "Yves")]


async def test_the_last_administrator_stays(empty_app: FastAPI) -> None:
    database: Database = empty_app.state.database
    async with make_world(empty_app, database) as world:
        path = f"/api/v1/persons/{world.persons['admin'].id}/disable"
        refused = await world.post("admin", path, **{"If-Match": "*"})
        assert refused.status_code == 409
        assert refused.json()["type"] == "/problems/last-administrator"
        async with database.sessions() as db:
            second = person("second", is_admin=True)
            db.add(second)
            await db.flush()
            world.persons["second"], world.logins["second"] = second, login(second.id)
            db.add(world.logins["second"])
            await db.commit()
        async with database.sessions() as db:
            await disable(db, await world.actor("admin"), second.id, ANY_VERSION)
            answer = asyncio.create_task(world.post("second", path, **{"If-Match": "*"}))
            await asyncio.sleep(0.3)
            assert not answer.done()
            await db.commit()
        assert (await answer).status_code == 404, "whoever was disabled meanwhile disables nobody"
        assert (await world.actor("admin")).is_admin


async def test_the_command_line_makes_an_administrator(database: Database, app: FastAPI) -> None:
    email = f"{uuid4().hex[:12]}@alliage.example"
    async with database.sessions() as db:
        made = await create_admin(db, email, "Personne d’administration", PASSWORD)
        await db.commit()
    tokens = (await sign_in(app, email)).json()
    assert (await get_me(app, tokens["access_token"])).json()["is_admin"]
    async with database.sessions() as db:
        with pytest.raises(Conflict):
            await create_admin(db, email.upper(), "Une autre", PASSWORD)
        with pytest.raises(Invalid):
            await create_admin(db, f"{uuid4().hex}@alliage.example", "Une autre", "motdepasse123")
    async with database.reading() as connection:
        event = (await connection.execute(select(Event.__table__).where(Event.object_id == made.id))).one()
    assert event.verb == "account.created"
    assert email not in str(event)


async def test_several_mandates_or_none(world: World) -> None:
    async with world.database.sessions() as db:
        db.add(mandate(world.persons["participant"].id, world.other.id, ["observes"]))
        await db.commit()
    me = (await (await world.client("participant")).get("/api/v1/me")).json()
    assert {item["organisation"]["id"] for item in me["mandates"]} == {str(world.organisation.id), str(world.other.id)}
    admin = (await (await world.client("admin")).get("/api/v1/me")).json()
    assert admin["mandates"] == admin["participations"] == []


async def test_oneself_says_where_the_rest_is_listed(world: World) -> None:
    client = await world.client("participant")
    me = (await client.get("/api/v1/me")).json()
    assert (me["more_spaces"], me["more_logins"]) == (None, None)
    async with world.database.sessions() as db:
        place = {"initiative_id": world.initiative.id, "question": "Comment ?", "visibility": "initiative"}
        db.add_all(Space(number=n, title=f"Espace {n}", **place) for n in range(3, 203))
        db.add_all(login(world.persons["participant"].id) for _ in range(200))
        await db.commit()
    me = (await client.get("/api/v1/me")).json()
    assert (len(me["spaces"]), me["more_spaces"]) == (200, "/api/v1/spaces")
    assert (len(me["logins"]), me["more_logins"]) == (200, "/api/v1/me/logins")
