"""How much one organisation may attach, however many send at once; and what a slow client holds: nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import httpx
from fastapi import FastAPI

from app.main import create_app
from app.settings import Settings
from tests.factories import make_contribution
from tests.features.attachments.files import send_file
from tests.features.attachments.test_uploads import attach, rows_of
from tests.world import World

BOUNDARY = "limite"
HEAD = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'.encode()
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()


def with_quota(app: FastAPI, settings: Settings, **values: int) -> None:
    """Other limits for the application under test."""
    app.state.settings = settings.model_copy(update=values)


async def test_five_at_once_never_take_the_same_room(world: World, app: FastAPI, settings: Settings) -> None:
    """Beside five contributions, so that nothing but the count of the organisation makes them wait for each other."""
    statements, content = [await make_contribution(world) for _ in range(5)], b"a" * 100_000
    with_quota(app, settings, attachment_quota_bytes=250_000)
    client = await world.client("participant")
    try:
        answers = await asyncio.gather(
            *(
                send_file(world, "participant", f"/contributions/{statement.id}/attachments", content=content)
                for statement in statements
            )
        )
        # Counted one by one, the first two are kept and the others refused; counted at once, all five find room, then none.
        assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409]
        refused = [answer.json()["type"] for answer in answers if answer.status_code == 409]
        assert set(refused) == {"/problems/quota-exceeded"}
        path = f"/contributions/{statements[0].id}/attachments"
        for _ in range(3):
            last = await send_file(world, "participant", path, content=content)
        assert last.status_code == 409
        rows = [row for statement in statements for row in await rows_of(world, statement)]
        assert [row.state for row in rows] == ["stored", "stored"]
        await client.delete(f"/api/v1/attachments/{rows[0].id}", headers={"If-Match": "*"})
        assert (await send_file(world, "participant", path, content=content)).status_code == 201
    finally:
        app.state.settings = settings


async def test_the_room_is_the_organisations_own(world: World, app: FastAPI, settings: Settings) -> None:
    ours = await make_contribution(world, space=world.shared)
    theirs = await make_contribution(world, space=world.shared, who="outsider")
    with_quota(app, settings, attachment_quota_bytes=1000)
    try:
        await attach(world, ours, content=b"a" * 500)
        answer = await send_file(world, "outsider", f"/contributions/{theirs.id}/attachments", content=b"a" * 500)
        assert answer.status_code == 201, answer.text
        full = await send_file(world, "participant", f"/contributions/{ours.id}/attachments", content=b"a" * 600)
        assert full.status_code == 409
    finally:
        app.state.settings = settings


async def test_a_slow_client_holds_no_connection(world: World, settings: Settings) -> None:
    """A pool of two, six uploads that stand still: others are answered, and nothing is checked out."""
    statement = await make_contribution(world)
    small = create_app(settings.model_copy(update={"pool_size": 2}))
    transport = httpx.ASGITransport(app=small, raise_app_exceptions=False)
    go_on, standing = asyncio.Event(), asyncio.Semaphore(0)

    async def slowly() -> AsyncIterator[bytes]:
        yield HEAD + b"a" * 1000
        standing.release()
        await go_on.wait()
        yield b"b" * 1000 + TAIL

    headers = {"Authorization": f"Bearer {world.token('participant')}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:

        async def upload() -> httpx.Response:
            kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Idempotency-Key": str(uuid4())}
            return await client.post(
                f"/api/v1/contributions/{statement.id}/attachments", content=slowly(), headers=kind
            )

        running = [asyncio.create_task(upload()) for _ in range(6)]
        for _ in running:
            await asyncio.wait_for(standing.acquire(), 10)
        await asyncio.sleep(0.2)
        assert small.state.database.writer.pool.checkedout() == 0
        for _ in range(5):
            answer = await asyncio.wait_for(client.get(f"/api/v1/contributions/{statement.id}"), 2)
            assert answer.status_code == 200
        go_on.set()
        assert {answer.status_code for answer in await asyncio.gather(*running)} == {201}
    await small.state.database.close()
    assert {(row.state, row.size) for row in await rows_of(world, statement)} == {("stored", 2000)}


async def test_a_client_that_leaves_leaves_nothing(world: World, app: FastAPI, settings: Settings) -> None:
    statement = await make_contribution(world)
    sent: Iterator[dict[str, object]] = iter(
        [{"type": "http.request", "body": HEAD + b"a" * 400_000, "more_body": True}, {"type": "http.disconnect"}]
    )
    said = {"authorization": f"Bearer {world.token('participant')}", "idempotency-key": str(uuid4()),
            "content-type": f"multipart/form-data; boundary={BOUNDARY}", "content-length": "900000"}  # fmt: skip
    path = f"/api/v1/contributions/{statement.id}/attachments"
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
             "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "server": ("test", 80),
             "client": ("127.0.0.1", 1), "headers": [(k.encode(), v.encode()) for k, v in said.items()]}  # fmt: skip

    async def receive() -> dict[str, object]:
        return next(sent)

    async def send(_message: object) -> None:
        raise AssertionError("there is nobody to answer")

    await app(scope, receive, send)
    assert await rows_of(world, statement) == []
    assert list((settings.folder / "incoming").iterdir()) == []
