"""R2: a repeated POST makes one row and is answered the same bytes, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import os
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import Range

from app.core.clock import now
from app.core.idempotency import IdempotentAnswer
from app.core.postgres.cluster import Urls
from app.features.identity.models import Mandate
from app.features.spaces.models import Space
from app.web.idempotency import Key
from app.web.routing import api_routes
from tests.chaos.deliveries import deliver
from tests.chaos.stage import Server, set_scene
from tests.world import World, mandate

KEYS = int(os.environ.get("ALLIAGE_KEYS", "40"))
PATH = "/api/v1/contributions"


def draft(world: World, title: str = "") -> dict[str, str]:
    return {
        "space_id": str(world.shared.id),
        "kind": "need",
        "title": title or f"Répété {uuid4()}",
        "markdown": "Il manque deux mois de trésorerie.",
    }


async def send(world: World, body: Any, key: str | None, who: str = "participant", path: str = PATH) -> httpx.Response:
    client = await world.client(who)
    return await client.post(path, json=body, headers={"Idempotency-Key": key} if key else {})


async def rows(world: World, title: str) -> int:
    async with world.database.reading() as connection:
        found = await connection.execute(text("SELECT count(*) FROM revisions WHERE title = :title"), {"title": title})
        return int(found.scalar_one())


@pytest.mark.timeout(240)
async def test_five_deliveries_at_once_to_two_servers_make_one_row(empty_database: Urls, tmp_path: Path) -> None:
    scene = await set_scene(empty_database.app)
    with ExitStack() as stack:
        servers = [Server(empty_database.app, tmp_path) for _ in range(2)]
        for server in servers:
            stack.callback(server.stop)
        await asyncio.gather(*(asyncio.to_thread(server.start) for server in servers))
        outcome = await deliver(empty_database.app, [server.base_url for server in servers], scene, KEYS)
    assert outcome.clean, outcome.figures()
    assert outcome.delivered == 5 * KEYS
    assert outcome.passing[409] > 0, "no two deliveries met: nothing was tried"


async def test_control_without_keys_each_delivery_makes_a_row(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def forgets(*_args: object) -> None:
        return

    monkeypatch.setattr(Key, "claim", forgets)
    body, key = draft(world), str(uuid4())
    answers = [await send(world, body, key) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 5
    assert await rows(world, body["title"]) == 5


async def test_while_the_first_delivery_runs_the_second_is_told_so(world: World) -> None:
    body, key = draft(world), str(uuid4())
    async with world.database.sessions() as db:
        await db.execute(select(Space).where(Space.id == world.shared.id).with_for_update())
        first = asyncio.create_task(send(world, body, key))  # waits for the space
        await _until_somebody_waits(world)
        second = await send(world, body, key)
        assert (second.status_code, second.json()["type"]) == (409, "/problems/still-running")
        assert second.headers["retry-after"]
        other = asyncio.create_task(send(world, body, str(uuid4()), "outsider"))
        assert not first.done()
    answer, third = await first, await send(world, body, key)
    assert (await other).status_code == 201, "another caller's key is another request"
    assert answer.status_code == third.status_code == 201
    assert answer.content == third.content
    assert await rows(world, body["title"]) == 2


async def _until_somebody_waits(world: World) -> None:
    question = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for _ in range(200):
        async with world.database.reading() as connection:
            if (await connection.execute(question)).scalar_one():
                return
        await asyncio.sleep(0.02)
    raise AssertionError("the first request does not wait for the space")


async def test_a_key_serves_one_request_of_one_caller(world: World) -> None:
    body, key = draft(world), str(uuid4())
    first = await send(world, body, key)
    assert first.status_code == 201
    for changed in ({**body, "markdown": "Autre chose."}, {**body, "kind": "question"}):
        refused = await send(world, changed, key)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/idempotency-key-reused")
    elsewhere = await send(world, body, key, path=f"{PATH}/{first.json()['id']}/replies")
    assert elsewhere.status_code == 422
    of_another = await send(world, body, key, "outsider")
    assert of_another.status_code == 201
    assert of_another.json()["id"] != first.json()["id"]
    assert await rows(world, body["title"]) == 2


async def test_a_creating_post_without_a_key_is_refused(world: World) -> None:
    body = draft(world)
    for key in (None, "not-a-uuid"):
        answer = await send(world, body, key)
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/idempotency-key-missing")
    assert await rows(world, body["title"]) == 0


async def test_a_refusal_is_not_kept(world: World) -> None:
    """The same request may succeed later: only what was done is remembered."""
    key, body = str(uuid4()), draft(world) | {"space_id": str(world.restricted.id)}
    assert (await send(world, body, key, "observer")).status_code == 403
    async with world.database.sessions() as db:
        db.add(mandate(world.persons["observer"].id, world.organisation.id, ["contributes"]))
        await db.commit()
    assert (await send(world, body, key, "observer")).status_code == 201


async def test_rights_are_checked_again_before_a_replay(world: World) -> None:
    body, key = draft(world), str(uuid4())
    first = await send(world, body, key)
    assert (await send(world, body, key)).content == first.content
    async with world.database.sessions() as db:
        ended = Range(now() - timedelta(hours=1), now())
        await db.execute(update(Mandate).where(Mandate.id == world.mandates["participant"].id).values(during=ended))
        await db.commit()
    refused = await send(world, body, key)
    assert refused.status_code in (403, 404), refused.text
    assert first.json()["id"] not in refused.text
    assert await rows(world, body["title"]) == 1


def test_the_routes_that_issue_a_secret_say_so(app: FastAPI) -> None:
    """Whatever answers a secret is marked: its answer is never kept."""
    secret = {route.path for route in api_routes(app) if issues_secret(route)}
    assert secret >= {"/api/v1/auth/sign-in", "/api/v1/auth/refresh", "/api/v1/auth/tokens"}
    for route in api_routes(app):
        names = _fields(route)
        if names & {"access_token", "refresh_token", "secret"}:
            assert issues_secret(route), f"{route.path} answers a secret"


def issues_secret(route: APIRoute) -> bool:
    return bool((route.openapi_extra or {}).get("x-issues-secret"))


def _fields(route: APIRoute) -> set[str]:
    return set(getattr(route.response_model, "model_fields", {}))


async def test_a_secret_is_shown_once_and_stored_nowhere(world: World) -> None:
    key, end = str(uuid4()), (now() + timedelta(days=1)).isoformat()
    body = {"name": "Témoin", "scope": "write", "expires_at": end}
    made = await send(world, body, key, path="/api/v1/auth/tokens")
    assert made.status_code == 201, made.text
    [secret] = [value for value in made.json().values() if isinstance(value, str) and value.startswith("alg_pat_")]
    again = await send(world, body, key, path="/api/v1/auth/tokens")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/secret-shown-once")
    table = IdempotentAnswer.__table__
    async with world.database.reading() as connection:
        [kept] = (await connection.execute(select(table).where(table.c.key == key))).all()
        whole = await connection.execute(
            text("SELECT count(*) FROM idempotency i WHERE position(:secret IN i::text) > 0 "
                 "OR position(convert_to(:secret, 'UTF8') IN coalesce(i.body, '')) > 0"),
            {"secret": secret},
        )  # fmt: skip
        assert whole.scalar_one() == 0
        # The control of that question: it finds what is kept of an ordinary answer.
        found = await connection.execute(
            text("SELECT count(*) FROM idempotency i WHERE position(:key IN i::text) > 0"), {"key": key}
        )
        assert found.scalar_one() == 1
    assert kept.body is None
