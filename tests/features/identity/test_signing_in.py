"""Signing in: the same answer for whoever cannot, tokens that serve once, and ends that stay ends."""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text, update

from app.core.clock import now, stopped_at
from app.core.db import Database
from app.core.events import Event
from app.features.identity.actions.signing_in import RefreshTokenReused
from app.features.identity.models import Login, Person, RefreshToken
from app.settings import Settings
from tests.features.identity.doors import (
    PASSWORD,
    events_of,
    get_me,
    give_password,
    refresh,
    sign_in,
    visitor,
    without_id,
)
from tests.world import World


async def test_a_password_opens_a_login(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    answer = await sign_in(app, email.upper(), **{"User-Agent": "Essai 1.0"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    tokens = answer.json()
    assert tokens["expires_in"] == 600
    assert tokens["token_type"] == "Bearer"
    me = await get_me(app, tokens["access_token"])
    assert me.status_code == 200
    assert me.json()["id"] == str(world.persons["participant"].id)
    assert [login["current"] for login in me.json()["logins"] if login["id"] == tokens["login_id"]] == [True]
    assert await events_of(world.database, UUID(tokens["login_id"])) == ["login.opened"]


async def test_nothing_tells_why_a_sign_in_was_refused(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    disabled = await give_password(world, "colleague")
    async with world.database.sessions() as db:
        await db.execute(update(Person).where(Person.email == disabled).values(state="disabled"))
        await db.commit()
    without_password = world.persons["outsider"].email
    assert without_password is not None
    answers = [
        await sign_in(app, email, "un autre mot de passe"),
        await sign_in(app, f"{uuid4().hex}@alliage.example"),
        await sign_in(app, disabled),
        await sign_in(app, without_password, "x"),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({str(without_id(answer)) for answer in answers}) == 1
    assert len({str(sorted(set(answer.headers) - {"x-request-id"})) for answer in answers}) == 1


async def test_a_refused_sign_in_is_remembered_without_the_address(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    assert (await sign_in(app, email, "un autre mot de passe")).status_code == 401
    async with world.database.reading() as connection:
        question = select(Event.__table__).where(
            Event.verb == "login.failed", Event.data["person"].astext == str(world.persons["participant"].id)
        )
        (event,) = (await connection.execute(question)).all()
    assert event.audience == "administrator"
    assert email not in str(event)


async def test_a_known_and_an_unknown_account_take_the_same_time(app: FastAPI, world: World) -> None:
    people = [await give_password(world, who) for who in ("participant", "colleague", "lead", "observer")]
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    for turn in range(24):
        for kind, email in (("known", people[turn % 4]), ("unknown", f"{uuid4().hex}@alliage.example")):
            started = time.perf_counter()
            assert (await sign_in(app, email, "un autre mot de passe")).status_code == 401
            took[kind].append(time.perf_counter() - started)
    known, unknown = (statistics.median(took[kind]) for kind in ("known", "unknown"))
    assert 0.6 < known / unknown < 1.6, f"{known * 1000:.1f} ms and {unknown * 1000:.1f} ms"
    assert unknown > 0.008, "an unknown account did not cost the work of a password"


async def test_no_connection_waits_while_passwords_are_checked(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    pool = world.database.writer.pool
    attempts = [asyncio.create_task(sign_in(app, email, "un autre mot de passe")) for _ in range(10)]
    held: list[int] = []
    while not all(task.done() for task in attempts):
        held.append(pool.checkedout())  # type: ignore[attr-defined]
        await asyncio.sleep(0.002)
    assert [task.result().status_code for task in attempts] == [401] * 10
    assert statistics.median(held) <= 2, held


async def test_a_refresh_token_serves_once(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    first = (await sign_in(app, email)).json()
    second = (await refresh(app, first["refresh_token"])).json()
    assert second["login_id"] == first["login_id"]
    assert second["refresh_token"] != first["refresh_token"]
    assert (await get_me(app, second["access_token"])).status_code == 200

    reused = await refresh(app, first["refresh_token"])
    assert reused.status_code == 401
    assert reused.json()["type"] == "/problems/refresh-token-reused"
    # The end was committed: the newest tokens of the family are dead too, and stay so.
    for _ in range(2):
        newest = await refresh(app, second["refresh_token"])
        assert newest.status_code == 401
        assert newest.json()["type"] == "/problems/refresh-refused"
        assert (await get_me(app, second["access_token"])).status_code == 401
        assert (await get_me(app, first["access_token"])).status_code == 401
    assert await events_of(world.database, UUID(first["login_id"])) == ["login.opened", "login.ended"]


async def test_control_a_refusal_that_is_not_durable_forgets_the_theft(
    app: FastAPI, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above: rolled back, the refusal would leave the thief's token alive."""
    monkeypatch.setattr(RefreshTokenReused, "durable", False)
    email = await give_password(world, "participant")
    first = (await sign_in(app, email)).json()
    second = (await refresh(app, first["refresh_token"])).json()
    assert (await refresh(app, first["refresh_token"])).status_code == 401
    assert (await refresh(app, second["refresh_token"])).status_code == 200


async def test_two_uses_at_once_are_a_use_and_a_reuse(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    first = (await sign_in(app, email)).json()
    answers = await asyncio.gather(*(refresh(app, first["refresh_token"]) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    (winner,) = (answer.json() for answer in answers if answer.status_code == 200)
    assert (await refresh(app, winner["refresh_token"])).status_code == 401


@pytest.mark.parametrize("junk", ["x", "alg_ref_" + "A" * 49, "alg_pat_" + "A" * 49, "é" * 50])
async def test_junk_is_no_refresh_token(app: FastAPI, junk: str) -> None:
    assert (await refresh(app, junk)).status_code == 401


async def test_an_expired_login_is_not_refreshed(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    tokens = (await sign_in(app, email)).json()
    async with world.database.sessions() as db:
        await db.execute(update(Login).where(Login.id == UUID(tokens["login_id"])).values(expires_at=now()))
        await db.commit()
    assert (await refresh(app, tokens["refresh_token"])).status_code == 401
    assert (await get_me(app, tokens["access_token"])).status_code == 401


async def test_a_login_that_is_used_every_week_ends_all_the_same(
    app: FastAPI, world: World, settings: Settings
) -> None:
    email = await give_password(world, "participant")
    tokens = (await sign_in(app, email)).json()
    opened = now()
    ends = []
    for week in range(1, 13):
        with stopped_at(opened + timedelta(weeks=week)):
            tokens = (await refresh(app, tokens["refresh_token"])).json()
        ends.append(datetime.fromisoformat(tokens["refresh_expires_at"]))
    assert ends[0] > opened + timedelta(days=7 + settings.login_days - 1)
    assert ends[-1] <= opened + timedelta(days=settings.login_days_most)
    with stopped_at(opened + timedelta(days=settings.login_days_most)):
        refused = await refresh(app, tokens["refresh_token"])
    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/refresh-refused")


async def test_a_login_that_was_promised_longer_is_not_refreshed(
    app: FastAPI, world: World, settings: Settings
) -> None:
    """Opened before the limit was set, or before it was lowered."""
    email = await give_password(world, "participant")
    tokens = (await sign_in(app, email)).json()
    long_ago = now() - timedelta(days=settings.login_days_most)
    async with world.database.sessions() as db:
        await db.execute(update(Login).where(Login.id == UUID(tokens["login_id"])).values(created_at=long_ago))
        await db.commit()
    assert (await refresh(app, tokens["refresh_token"])).status_code == 401


async def test_secrets_are_stored_as_fingerprints(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    tokens = (await sign_in(app, email)).json()
    async with world.database.reading() as connection:
        question = select(RefreshToken.__table__).where(RefreshToken.login_id == UUID(tokens["login_id"]))
        stored = str((await connection.execute(question)).all())
    assert tokens["refresh_token"].removeprefix("alg_ref_") not in stored


async def test_signing_out_is_felt_at_once(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    here, there = (await sign_in(app, email)).json(), (await sign_in(app, email)).json()
    async with visitor(app, token=here["access_token"]) as client:
        assert (await client.post("/api/v1/auth/sign-out")).status_code == 204
        assert (await client.post("/api/v1/auth/sign-out")).status_code == 401
    assert (await get_me(app, here["access_token"])).status_code == 401
    assert (await refresh(app, here["refresh_token"])).status_code == 401
    assert (await get_me(app, there["access_token"])).status_code == 200
    async with visitor(app, token=there["access_token"]) as client:
        listed = (await client.get("/api/v1/me/logins")).json()["items"]
        assert here["login_id"] not in {login["id"] for login in listed}
        ended = await client.post("/api/v1/auth/sign-out-everywhere")
    assert ended.json()["logins"] == len(listed)
    assert (await get_me(app, there["access_token"])).status_code == 401


async def test_one_login_of_mine_can_be_ended_and_nobody_elses(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    here, lost = (await sign_in(app, email)).json(), (await sign_in(app, email)).json()
    other = await world.client("colleague")
    hidden = await other.delete(f"/api/v1/me/logins/{lost['login_id']}")
    unknown = await other.delete(f"/api/v1/me/logins/{uuid4()}")
    assert hidden.status_code == unknown.status_code == 404
    assert without_id(hidden) == without_id(unknown)
    async with visitor(app, token=here["access_token"]) as client:
        assert (await client.delete(f"/api/v1/me/logins/{lost['login_id']}")).status_code == 204
    assert (await get_me(app, lost["access_token"])).status_code == 401
    assert (await get_me(app, here["access_token"])).status_code == 200


async def test_a_new_password_ends_the_other_logins(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    here, there = (await sign_in(app, email)).json(), (await sign_in(app, email)).json()
    new = "deux mésanges sur la haie"
    async with visitor(app, token=here["access_token"]) as client:
        for body, pointer in (
            ({"current_password": "autre chose", "new_password": new}, "/current_password"),
            ({"current_password": PASSWORD, "new_password": "court"}, "/new_password"),
        ):
            refused = await client.post("/api/v1/auth/password", json=body)
            assert refused.status_code == 422
            assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
        assert (await get_me(app, there["access_token"])).status_code == 200
        body = {"current_password": PASSWORD, "new_password": new}
        changed = await client.post("/api/v1/auth/password", json=body)
    assert changed.status_code == 200, changed.text
    assert changed.json()["logins"] >= 1
    assert (await get_me(app, there["access_token"])).status_code == 401
    assert (await get_me(app, here["access_token"])).status_code == 200
    assert (await sign_in(app, email)).status_code == 401
    assert (await sign_in(app, email, new)).status_code == 200


async def test_a_sign_in_that_overlaps_a_change_of_password_opens_nothing(app: FastAPI, world: World) -> None:
    """The password is checked outside the transaction; it must still be the one when the login opens."""
    email = await give_password(world, "participant")
    database: Database = world.database
    async with database.sessions() as db:
        await db.execute(
            text("UPDATE persons SET password = password || '' WHERE lower(email) = :email"), {"email": email}
        )
        waiting = asyncio.create_task(sign_in(app, email))
        await asyncio.sleep(0.3)  # it has checked the old password and waits for the person's row
        assert not waiting.done()
        await db.execute(text("UPDATE persons SET password = 'changed' WHERE lower(email) = :email"), {"email": email})
        await db.commit()
    assert (await waiting).status_code == 401
