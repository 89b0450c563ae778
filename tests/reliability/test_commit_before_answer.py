"""R1: no 2xx before the commit, and none at all when the commit fails.

The rows are looked for, through a connection of their own, at the very moment when the answer begins to
leave. The same question asked of a route with FastAPI's default scope is the negative control.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from fastapi import Depends, FastAPI, Request, Response
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.clock import now
from app.core.db import Database, driver_address
from app.core.idempotency import IdempotentAnswer
from app.core.postgres.cluster import Urls
from app.web import problems
from app.web.deps import get_db
from app.web.routing import api_routes
from tests.chaos.failpoints import HEADER, POINTS
from tests.chaos.stage import FAILPOINTS, Scene, Server, set_scene
from tests.world import World


class Look:
    """What the database held for everybody when the answer's status left."""

    def __init__(self, app: ASGIApp, database: Database, question: str) -> None:
        self.app, self.database, self.question = app, database, question
        self.status = 0
        self.rows = -1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def looking(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status, self.rows = message["status"], await count(self.database, self.question)
            await send(message)

        await self.app(scope, receive, looking)

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """One POST through this look."""
        transport = httpx.ASGITransport(app=self, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
            return await client.post(path, json=body, headers={"Idempotency-Key": str(uuid4())})


async def count(database: Database, question: str) -> int:
    """What a connection of its own sees, which is what is committed."""
    async with database.reading() as connection:
        return int((await connection.execute(text(question))).scalar_one())


def draft(world: World, title: str) -> dict[str, str]:
    return {"space_id": str(world.shared.id), "kind": "need", "title": title, "markdown": "Il manque deux mois."}


def rows_of(title: str) -> str:
    return f"SELECT count(*) FROM revisions WHERE title = '{title}'"


@contextmanager
def before_commit(act: Any) -> Iterator[None]:
    """Do something at the moment of every commit."""
    event.listen(Session, "before_commit", act)
    try:
        yield
    finally:
        event.remove(Session, "before_commit", act)


def break_a_deferred_key(session: Any) -> None:
    """A revision of a statement that does not exist: PostgreSQL looks at the commit only."""
    session.flush()
    session.execute(
        text(
            "INSERT INTO revisions (id, statement_id, initiative_id, space_id, n, title, markdown, plain, plain_sha256, "
            "plain_length, plain_version, html, consent, language, created_at) VALUES (gen_random_uuid(), "
            "gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1, '', 'x', 'x', sha256('x'), 1, 1, 'x', "
            "'internal', 'fr', now())"
        )
    )


async def test_the_rows_are_there_when_the_answer_begins_to_leave(world: World) -> None:
    title = f"Visible {uuid4()}"
    look = Look(world.app, world.database, rows_of(title))
    answer = await look.post(
        "/api/v1/contributions", draft(world, title), Authorization=f"Bearer {world.token('participant')}"
    )
    assert answer.status_code == 201, answer.text
    assert (look.status, look.rows) == (201, 1)


async def test_a_commit_that_fails_is_no_success_and_leaves_nothing(world: World) -> None:
    title = f"Refusé {uuid4()}"
    look = Look(world.app, world.database, rows_of(title))
    with before_commit(break_a_deferred_key):
        answer = await look.post(
            "/api/v1/contributions", draft(world, title), Authorization=f"Bearer {world.token('participant')}"
        )
    assert answer.status_code == 409, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert (look.status, look.rows) == (409, 0)
    assert await count(world.database, rows_of(title)) == 0


async def test_a_connection_lost_at_the_commit_is_no_success(world: World) -> None:
    title = f"Coupé {uuid4()}"
    plain = driver_address(world.database.url)

    def lose(session: Any) -> None:
        session.flush()
        pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with psycopg.connect(plain, autocommit=True) as other:
            ended.append(other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid]).fetchone())

    ended: list[Any] = []
    look = Look(world.app, world.database, rows_of(title))
    with before_commit(lose):
        answer = await look.post(
            "/api/v1/contributions", draft(world, title), Authorization=f"Bearer {world.token('participant')}"
        )
    assert ended == [(True,)]
    assert answer.status_code == 503, answer.text
    assert answer.headers["retry-after"]
    assert await count(world.database, rows_of(title)) == 0


def application(database: Database, dependency: Any) -> FastAPI:
    """One route that writes a row, with the real `get_db` as `dependency` asks for it."""
    app = FastAPI()
    app.state.database = database
    problems.install(app)

    async def write(request: Request, db: AsyncSession, body: dict[str, str]) -> Response:
        db.add(
            IdempotentAnswer(
                caller="control", key=body["key"], method="POST", path="/", request_sha256=b"", status=201,
                headers={}, body=b"", at=now(),
            )
        )  # fmt: skip
        await db.flush()
        return Response(json.dumps({"stored": True}), status_code=201, media_type="application/json")

    write.__annotations__ |= {"request": Request, "db": Annotated[AsyncSession, dependency], "body": dict[str, str]}
    app.post("/")(write)
    return app


async def answered(database: Database, dependency: Any) -> Look:
    """What was visible when that application answered."""
    key = str(uuid4())
    question = f"SELECT count(*) FROM idempotency WHERE caller = 'control' AND key = '{key}'"
    look = Look(application(database, dependency), database, question)
    await look.post("/", {"key": key})
    return look


async def test_control_the_default_scope_answers_before_it_commits(database: Database) -> None:
    """The same look at the same row: with the scope that everybody gets by default, the damage shows."""
    kept = await answered(database, Depends(get_db, scope="function"))
    assert (kept.status, kept.rows) == (201, 1)
    damaged = await answered(database, Depends(get_db))
    assert (damaged.status, damaged.rows) == (201, 0)


async def test_control_the_default_scope_says_201_of_a_commit_that_fails(database: Database) -> None:
    with before_commit(break_a_deferred_key):
        kept = await answered(database, Depends(get_db, scope="function"))
        damaged = await answered(database, Depends(get_db))
    assert (kept.status, kept.rows) == (409, 0)
    assert (damaged.status, damaged.rows) == (201, 0)


def test_every_route_commits_before_it_answers(app: FastAPI) -> None:
    """No route may ask for its transaction by another way."""
    writing = 0
    for route in api_routes(app):
        waiting = list(route.dependant.dependencies)
        while waiting:
            dependency = waiting.pop()
            waiting += dependency.dependencies
            if dependency.call is get_db:
                writing += 1
                assert dependency.scope == "function", route.path
    assert writing > 50


@pytest.fixture
async def scene(empty_database: Urls) -> Scene:
    return await set_scene(empty_database.app)


@pytest.fixture
async def mortal(empty_database: Urls, scene: Scene, tmp_path: Path) -> Any:
    """A server that kills itself where a request asks it to."""
    server = Server(empty_database.app, tmp_path, FAILPOINTS)
    try:
        await asyncio.to_thread(server.start)
        yield server
    finally:
        await asyncio.to_thread(server.stop)


async def test_killed_around_the_commit_the_same_request_finds_its_way(
    mortal: Server, scene: Scene, empty_database: Urls
) -> None:
    """Before the commit nothing is there; after it everything is, and the same key brings back the first answer."""
    database = Database(empty_database.app, pool_size=2)
    address = f"{mortal.base_url}/api/v1/contributions"
    try:
        for point, stored in zip(POINTS, (0, 1, 1), strict=True):
            headers = {"Authorization": f"Bearer {scene.token}", "Idempotency-Key": str(uuid4())}
            title = f"Tué {uuid4()}"
            body = {"space_id": str(scene.space_id), "kind": "need", "title": title, "markdown": "Il manque deux mois."}
            async with httpx.AsyncClient(headers=headers, timeout=30) as client:
                first = await post_and_die(client, address, body, point)
                assert (first is not None) == (point == "after-answer")
                assert await asyncio.to_thread(mortal.wait_until_dead) == -9, point
                assert await count(database, rows_of(title)) == stored, point
                await asyncio.to_thread(mortal.start)
                again = await client.post(address, json=body)
                assert again.status_code == 201, (point, again.text)
                once_more = await client.post(address, json=body)
            assert once_more.content == again.content
            assert first is None or first.content == again.content
            assert await count(database, rows_of(title)) == 1, point
            found = "SELECT count(*) FROM statements WHERE id = '{}'".format(again.json()["id"])
            assert await count(database, found) == 1, point
    finally:
        await database.close()


async def post_and_die(client: httpx.AsyncClient, address: str, body: Any, point: str) -> httpx.Response | None:
    """The answer that came through before the server died, or None."""
    try:
        return await client.post(address, json=body, headers={HEADER: point})
    except httpx.TransportError:
        return None
